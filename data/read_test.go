package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/data"
)

func read(t *testing.T, f data.File) []byte {
	t.Helper()
	b, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// table reads a CSV file into rows by column name; a ragged row fails.
func table(t *testing.T, f data.File) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(read(t, f))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	var rows []map[string]string
	for _, r := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = r[i]
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s is empty", f)
	}
	return rows
}

func unzip(t *testing.T, f data.File) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(read(t, f)))
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	return b
}

// lines calls f with each JSON line of a gzip file.
func lines[T any](t *testing.T, name data.File, f func(T)) int {
	t.Helper()
	n := 0
	for line := range bytes.Lines(unzip(t, name)) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s line %d: %v", name, n+1, err)
		}
		n++
		f(v)
	}
	return n
}

type text struct{ Zh, En string }

type sourceDoc struct {
	Simulated                    bool
	ID, Kind, Licence, Retrieved string
	Title                        text
	Tag                          string `yaml:"licence_tag"`
}

type figure struct {
	ID, Group, Unit, Subject, Flow, Period, Basis string
	Numerator, Denominator                        string
	Reading, Dimension, Body                      string
	Compute                                       any // the observatory reads it
	Title, Definition, Counter, Scope, Note       text
	Variants                                      []string
	Terms                                         struct{ Zh, En []string }
	Overview                                      bool
	Order                                         int
}

func decode(t *testing.T, f data.File, into any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(read(t, f)))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
}

func sources(t *testing.T) map[string]sourceDoc {
	t.Helper()
	var doc struct {
		Version int
		Sources []struct {
			sourceDoc `yaml:",inline"`
			Publisher text
			Author    string
			Date, URL string
			Seen      bool
			Note      text
			Print     []uint64 `yaml:"fingerprint"`
		}
	}
	decode(t, data.Sources, &doc)
	out := map[string]sourceDoc{}
	for _, s := range doc.Sources {
		if _, twice := out[s.ID]; twice || s.ID == "" {
			t.Errorf("source %q stands twice or has no id", s.ID)
		}
		out[s.ID] = s.sourceDoc
	}
	return out
}

func figures(t *testing.T) []figure {
	t.Helper()
	list, _ := figuresAndGroups(t)
	return list
}

func figuresAndGroups(t *testing.T) ([]figure, map[string]bool) {
	t.Helper()
	var doc struct {
		Version int
		Groups  []struct {
			ID    string
			Title text
		}
		Figures []figure
	}
	decode(t, data.Figures, &doc)
	groups := map[string]bool{}
	for _, g := range doc.Groups {
		if g.Title.Zh == "" || g.Title.En == "" || groups[g.ID] {
			t.Errorf("group %s stands twice or lacks a title", g.ID)
		}
		groups[g.ID] = true
	}
	return doc.Figures, groups
}
