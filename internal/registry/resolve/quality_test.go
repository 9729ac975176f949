package resolve

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// rorOrgs reads the flattened register of ROR.
func rorOrgs(t testing.TB) []Org {
	t.Helper()
	path := shareddata.Path(t, "ror/ror_orgs.csv.gz")
	orgs, err := readROR(path)
	if err != nil {
		t.Fatal(err)
	}
	return orgs
}

func readROR(path string) ([]Org, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(z)
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	col := map[string]int{}
	for i, h := range head {
		col[h] = i
	}
	var out []Org
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rorOrg(row, col))
	}
}

func rorOrg(row []string, col map[string]int) Org {
	get := func(name string) string { return row[col[name]] }
	o := Org{
		ID: get("ror_id"), Country: get("country_code"), City: get("city"), Status: get("status"),
		Types: list(get("types")), Names: []Name{{Text: get("name"), Kind: Label}},
	}
	for _, p := range list(get("parents")) {
		if !strings.HasPrefix(p, "https://") {
			p = "https://ror.org/" + p
		}
		o.Parents = append(o.Parents, p)
	}
	for _, a := range list(get("aliases_and_labels")) {
		o.Names = append(o.Names, Name{Text: a, Kind: Alias})
	}
	for _, a := range list(get("acronyms")) {
		o.Names = append(o.Names, Name{Text: a, Kind: Acronym})
	}
	return o
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func buildROR(t testing.TB) *Index {
	t.Helper()
	orgs := rorOrgs(t)
	return Build(func(yield func(Org) bool) {
		for _, o := range orgs {
			if !yield(o) {
				return
			}
		}
	})
}

func readGold(t testing.TB, name string) []Labelled {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, "affiliation_matching/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	gold, err := ReadGold(f)
	if err != nil {
		t.Fatal(err)
	}
	return gold
}

// half returns every second labelled text: rules are tuned on half 0 and
// checked on half 1.
func half(gold []Labelled, which int) []Labelled {
	var out []Labelled
	for i, g := range gold {
		if i%2 == which {
			out = append(out, g)
		}
	}
	return out
}

func TestSpringer(t *testing.T) {
	x := buildROR(t)
	gold := readGold(t, "dataset_affiliations_springer_2023_10_31.json")
	for _, part := range []struct {
		name string
		rows []Labelled
	}{{"tuned half", half(gold, 0)}, {"other half", half(gold, 1)}, {"all", gold}} {
		e := Evaluate(part.rows, x)
		t.Logf("%s: %d of %d rows covered, %d empty: precision %.4f recall %.4f F1 %.4f (right %d wrong %d missed %d)",
			part.name, e.Covered, e.Rows, e.Empty, e.Precision(), e.Recall(), e.F1(), e.Right, e.Wrong, e.Missed)
		if e.Precision() < 0.97 || e.Recall() < 0.80 {
			t.Errorf("%s: under the floors of 0.97 and 0.80", part.name)
		}
	}
}
