package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"unicode"
)

// What is kept of ROR, in this order until rorTarget is reached:
//
//  1. every organisation of mainland China, Hong Kong and Macao, whatever its status;
//  2. every organisation elsewhere with one of its names, of two words or more,
//     in the head of a ChinaXiv paper;
//  3. parents and children of all these;
//  4. the others by weight: relationships, names and external ids, the most first.
//
// A line is the record unchanged; the lines are sorted by ROR id.
const rorTarget = 8000

type rorRecord struct {
	id      string
	line    []byte
	country string
	names   []string
	related []string // parents and children
	weight  int
}

func trimROR(from, to string, heads []string) error {
	records, err := readROR(from)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, r := range records {
		if home[r.country] {
			keep[r.id] = true
		}
	}
	fmt.Println("ror: organisations at home:", len(keep))
	for id := range namedIn(heads, records) {
		keep[id] = true
	}
	fmt.Println("ror: with those named in heads:", len(keep))
	addRelated(records, keep)
	fmt.Println("ror: with parents and children:", len(keep))
	addHeaviest(records, keep)
	var lines [][]byte
	for _, r := range records {
		if keep[r.id] {
			lines = append(lines, r.line)
		}
	}
	return writeLines(to, lines)
}

var home = map[string]bool{"CN": true, "HK": true, "MO": true}

func readROR(from string) ([]rorRecord, error) {
	var out []rorRecord
	for _, name := range []string{"ror_records_v1schema.jsonl.gz", "ror_records_v2schema.jsonl.gz"} {
		err := eachLine(filepath.Join(from, "ror", name), func(line []byte) error {
			r, err := parseROR(bytes.Clone(line))
			out = append(out, r)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out, nil
}

// rorJSON is what both schemas need here: v1 has Country, Name, Aliases and
// Labels, v2 has Locations and Names.
type rorJSON struct {
	ID      string
	Country struct {
		Code string `json:"country_code"`
	}
	Name      string
	Aliases   []string
	Labels    []struct{ Label string }
	Locations []struct {
		Details struct {
			Code string `json:"country_code"`
		} `json:"geonames_details"`
	}
	Names []struct {
		Value string
		Types []string
	}
	Relationships []struct{ Type, ID string }
	ExternalIDs   json.RawMessage `json:"external_ids"`
}

func parseROR(line []byte) (rorRecord, error) {
	var j rorJSON
	if err := json.Unmarshal(line, &j); err != nil {
		return rorRecord{}, err
	}
	r := rorRecord{id: j.ID, line: line, country: j.Country.Code}
	if len(j.Locations) > 0 {
		r.country = j.Locations[0].Details.Code
	}
	if j.Name != "" {
		r.names = append(append(r.names, j.Name), j.Aliases...)
	}
	for _, l := range j.Labels {
		r.names = append(r.names, l.Label)
	}
	for _, n := range j.Names {
		if len(n.Types) != 1 || n.Types[0] != "acronym" {
			r.names = append(r.names, n.Value)
		}
	}
	for _, rel := range j.Relationships {
		if t := strings.ToLower(rel.Type); t == "parent" || t == "child" {
			r.related = append(r.related, rel.ID)
		}
	}
	r.weight = 2*len(j.Relationships) + len(r.names) + bytes.Count(j.ExternalIDs, []byte("preferred"))
	return r, nil
}

// words splits a text into lower-case words of letters and digits.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c)
	})
}

const longestName = 9 // words

// namedIn finds the records with a name of two to longestName words in a text.
func namedIn(texts []string, records []rorRecord) map[string]bool {
	byName := map[string][]string{}
	for _, r := range records {
		for _, n := range r.names {
			if w := words(n); len(w) >= 2 && len(w) <= longestName {
				key := strings.Join(w, " ")
				byName[key] = append(byName[key], r.id)
			}
		}
	}
	found := map[string]bool{}
	for _, t := range texts {
		w := words(t)
		for i := range w {
			for n := 2; n <= longestName && i+n <= len(w); n++ {
				for _, id := range byName[strings.Join(w[i:i+n], " ")] {
					found[id] = true
				}
			}
		}
	}
	return found
}

func addRelated(records []rorRecord, keep map[string]bool) {
	exists := map[string]bool{}
	for _, r := range records {
		exists[r.id] = true
	}
	add := map[string]bool{}
	for _, r := range records {
		for _, id := range r.related {
			if keep[r.id] && exists[id] {
				add[id] = true
			}
		}
	}
	for id := range add {
		keep[id] = true
	}
}

func addHeaviest(records []rorRecord, keep map[string]bool) {
	byWeight := append([]rorRecord(nil), records...)
	sort.SliceStable(byWeight, func(i, j int) bool { return byWeight[i].weight > byWeight[j].weight })
	for _, r := range byWeight {
		if len(keep) >= rorTarget {
			return
		}
		keep[r.id] = true
	}
}
