package resolve

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// rorOrgs reads the register of ROR in both of its schemas.
func rorOrgs(t testing.TB) []Org {
	t.Helper()
	var out []Org
	for name, parse := range map[string]func([]byte) (Org, error){"ror/ror_records_v2schema.jsonl.gz": parseV2, "ror/ror_records_v1schema.jsonl.gz": parseV1} {
		orgs, err := readLines(shareddata.Path(t, name), parse)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, orgs...)
	}
	slices.SortFunc(out, func(a, b Org) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func readLines[T any](path string, parse func([]byte) (T, error)) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var out []T
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		v, err := parse(lines.Bytes())
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, lines.Err()
}

func parseV2(line []byte) (Org, error) {
	var d struct {
		ID, Status string
		Types      []string
		Names      []struct {
			Lang  string
			Types []string
			Value string
		}
		Locations []struct {
			Details struct {
				Country string `json:"country_code"`
				Name    string
			} `json:"geonames_details"`
		}
		Relationships []struct{ Type, ID string }
	}
	if err := json.Unmarshal(line, &d); err != nil {
		return Org{}, err
	}
	o := Org{ID: d.ID, ROR: d.ID, Status: d.Status, Types: d.Types}
	for _, n := range d.Names {
		kind := Alias
		switch {
		case slices.Contains(n.Types, "ror_display"), slices.Contains(n.Types, "label"):
			kind = Label
		case slices.Contains(n.Types, "acronym"):
			kind = Acronym
		}
		name := Name{Text: n.Value, Lang: n.Lang, Kind: kind}
		if slices.Contains(n.Types, "ror_display") {
			o.Names = slices.Insert(o.Names, 0, name)
		} else {
			o.Names = append(o.Names, name)
		}
	}
	if len(d.Locations) > 0 {
		o.Country, o.City = d.Locations[0].Details.Country, d.Locations[0].Details.Name
	}
	for _, r := range d.Relationships {
		o.relate(r.Type, r.ID)
	}
	return o, nil
}

func (o *Org) relate(kind, id string) {
	switch strings.ToLower(kind) {
	case "parent":
		o.Parents = append(o.Parents, id)
	case "successor":
		o.Successors = append(o.Successors, id)
	}
}

func parseV1(line []byte) (Org, error) {
	var d struct {
		ID, Status, Name  string
		Types             []string
		Aliases, Acronyms []string
		Labels            []struct{ Label, Iso639 string }
		Addresses         []struct{ City string }
		Country           struct {
			Code string `json:"country_code"`
		}
		Relationships []struct{ Type, ID string }
	}
	if err := json.Unmarshal(line, &d); err != nil {
		return Org{}, err
	}
	o := Org{ID: d.ID, ROR: d.ID, Status: strings.ToLower(d.Status), Country: d.Country.Code, Names: []Name{{Text: d.Name, Kind: Label}}}
	for _, t := range d.Types {
		o.Types = append(o.Types, strings.ToLower(t))
	}
	for _, l := range d.Labels {
		o.Names = append(o.Names, Name{Text: l.Label, Lang: l.Iso639, Kind: Label})
	}
	for _, a := range d.Aliases {
		o.Names = append(o.Names, Name{Text: a, Kind: Alias})
	}
	for _, a := range d.Acronyms {
		o.Names = append(o.Names, Name{Text: a, Kind: Acronym})
	}
	if len(d.Addresses) > 0 {
		o.City = d.Addresses[0].City
	}
	for _, r := range d.Relationships {
		o.relate(r.Type, r.ID)
	}
	return o, nil
}

func buildROR(t testing.TB) *Index {
	t.Helper()
	return Build(seq(rorOrgs(t)))
}

func seq(orgs []Org) iter.Seq[Org] { return slices.Values(orgs) }

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
