package corpus

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScanner holds the scanner to encoding/json: it accepts the same texts, and
// reads the same texts and numbers.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\n\u00e9\ud83d\ude00",null,true,{"b":{}}],"c":[]}`, `[1,]`, `{"a":1,}`, `{"a" 1}`, `"\ud800"`, `"\ud800\u0041"`, "\"a\x01\"", `01`, `-`, `1.`, `1e+`,
		`[[[]]]`, ` {"k":"long enough to fill a word or two","é":"ü"} `, `nul`, `"a\qb"`, `{"a":1 "b":2}`, "\"\xff\"", `123456789012345678901`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.Count(string(data), "[")+strings.Count(string(data), "{") > deepest {
			return // deeper than is read
		}
		var s scanner
		s.reset(data)
		err := errors.Join(s.skip(), s.end())
		if ok := json.Valid(data); ok != (err == nil) {
			t.Fatalf("%q: encoding/json says %v, the scanner %v", data, ok, err)
		}
		if err != nil {
			return
		}
		s.reset(data)
		got := s.any(t)
		var want any
		if err := json.Unmarshal(data, &want); err == nil && utf8.Valid(data) {
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(want)
			if string(a) != string(b) {
				t.Fatalf("%q: read as %s, want %s", data, a, b)
			}
		}
	})
}

// any reads a value as encoding/json does.
func (s *scanner) any(t *testing.T) any {
	switch s.space() {
	case '{':
		out := map[string]any{}
		if ok, err := s.object(func(name []byte) error { key := string(name); out[key] = s.any(t); return nil }); !ok || err != nil {
			t.Fatalf("object: %v %v", ok, err)
		}
		return out
	case '[':
		out := []any{}
		if ok, err := s.array(func() error { out = append(out, s.any(t)); return nil }); !ok || err != nil {
			t.Fatalf("array: %v %v", ok, err)
		}
		return out
	case '"':
		b, _, err := s.textValue()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	case 't', 'f':
		v, _, _ := s.boolValue()
		return v
	case 'n':
		_ = s.skip()
		return nil
	}
	at := s.i
	v, k, err := s.realValue()
	if err != nil {
		t.Fatal(err)
	}
	s.i = at
	if n, kind, _ := s.intValue(); kind == isThere && float64(n) != v {
		t.Fatalf("whole number %d, real %v", n, v)
	}
	if k != isThere || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// FuzzWork reads works out of anything: it never fails otherwise than by a
// fault, and what it keeps survives staging unchanged.
func FuzzWork(f *testing.F) {
	for _, seed := range []string{fullRecord, `{"id":"https://openalex.org/W1","publication_year":2020}`, `{"id":"W2","publication_year":"2020"}`, `{"authorships":[{"institutions":[{"id":"I-1"}]}],"id":"W3","publication_year":1999,"cited_by_count":-4}`, `[]`, `{`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r := newTestReader()
		fault, _ := r.read(line)
		if !json.Valid(line) && fault == "" {
			t.Fatalf("kept a broken line %q", line)
		}
		if fault != "" {
			return
		}
		if r.id <= 0 || r.year < firstYear || r.year > lastYear || r.cited < -1 {
			t.Fatalf("%+v", r.work)
		}
		sum := 0.0
		for _, a := range r.rows {
			sum += 1 / (float64(r.authors) * float64(a.parts) * float64(a.shared))
		}
		if rest := float64(r.authors-r.listed) / float64(max(1, r.authors)); len(r.rows) > 0 && math.Abs(sum+rest-1) > 1e-9 {
			t.Fatalf("weights sum to %v and %v: %q", sum, rest, line)
		}
		packed := appendWork(nil, &r.work)
		var back work
		if err := unpackWork(packed, &back); err != nil {
			t.Fatal(err)
		}
		if again := appendWork(nil, &back); string(again) != string(packed) {
			t.Fatalf("staging changes the work of %q", line)
		}
	})
}

func newTestReader() *workReader {
	return &workReader{notes: newNotes("test"), places: map[int64]*place{}, sources: map[int64]sourceEntry{}, topics: map[int64]topicEntry{}, partition: unknownDay, withRefs: true}
}

const fullRecord = `{"id":"https://openalex.org/W4400000001","doi":"https://doi.org/10.1000/x","title":"A \"title\" é","display_name":"other","publication_year":2021,"publication_date":"2021-03-04","language":"en",
"primary_location":{"is_oa":true,"source":{"id":"https://openalex.org/S7","display_name":"Journal","issn_l":"1234-5678","type":"journal"}},"type":"article",
"authorships":[{"author_position":"first","author":{"id":"https://openalex.org/A1","display_name":"X"},"institutions":[{"id":"https://openalex.org/I10","display_name":"Ten","ror":"https://ror.org/010","country_code":"CN","type":"education","lineage":["https://openalex.org/I10","https://openalex.org/I99"]},{"id":"https://openalex.org/I20","display_name":"Twenty","ror":null,"country_code":"US","type":"company","lineage":["https://openalex.org/I20"]}],"countries":["CN","US"],"raw_affiliation_strings":["Ten","Twenty and Ten"],"affiliations":[{"raw_affiliation_string":"Ten","institution_ids":["https://openalex.org/I10"]},{"raw_affiliation_string":"Twenty and Ten","institution_ids":["https://openalex.org/I20","https://openalex.org/I10"]}]},
{"author":{"id":"https://openalex.org/A2"},"institutions":[],"countries":["HK"],"raw_affiliation_strings":["Somewhere"],"affiliations":[{"raw_affiliation_string":"Somewhere","institution_ids":[]}]},
{"author":{"id":"https://openalex.org/A3"},"institutions":[{"id":"https://openalex.org/I-1"}],"countries":[],"raw_affiliation_strings":[],"affiliations":[]}],
"fwci":1.25,"cited_by_count":9,"counts_by_year":[{"year":2021,"cited_by_count":1},{"year":2024,"cited_by_count":3},{"year":2025,"cited_by_count":5}],"is_retracted":false,
"primary_topic":{"id":"https://openalex.org/T10001","display_name":"Topic","score":1,"subfield":{"id":"https://openalex.org/subfields/2713","display_name":"Epidemiology"},"field":{"id":"https://openalex.org/fields/27","display_name":"Medicine"},"domain":{"id":"https://openalex.org/domains/4","display_name":"Health Sciences"}},
"referenced_works_count":2,"referenced_works":["https://openalex.org/W1","https://openalex.org/W2"],"updated_date":"2026-05-06T01:02:03"}`

// TestWorkRecord reads a whole record.
func TestWorkRecord(t *testing.T) {
	r := newTestReader()
	if fault, detail := r.read([]byte(fullRecord)); fault != "" {
		t.Fatal(fault, detail)
	}
	if string(r.title) != `A "title" é` || string(r.doi) != "10.1000/x" || r.year != 2021 || r.source != 7 || r.field != 27 || r.subfield != 2713 || r.topic != 10001 ||
		r.authors != 3 || r.refs != 2 || r.cited != 9 || r.window != 4 || r.retracted != 0 || r.fwci != 1.25 || len(r.references) != 2 {
		t.Errorf("%+v", r.work)
	}
	type row struct{ seq, affiliation, institution, parts, shared int64 }
	want := []row{{1, 1, 10, 2, 1}, {1, 2, 20, 2, 2}, {1, 2, 10, 2, 2}, {2, 1, 0, 1, 1}, {3, 0, 0, 1, 1}}
	for i, a := range r.rows {
		if got := (row{a.seq, a.affiliation, a.institution, a.parts, a.shared}); got != want[i] {
			t.Errorf("row %d is %+v, want %+v", i, got, want[i])
		}
	}
	if len(r.rows) != len(want) || r.notes.Faults[faultSentinel].Count != 1 || len(r.notes.Unknown) != 0 {
		t.Errorf("%d rows, notes %+v %+v", len(r.rows), r.notes.Faults, r.notes.Unknown)
	}
}
