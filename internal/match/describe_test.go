package match

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/search"
)

var (
	someIPC      = []string{"H", "H01", "H01M", "H01M 10", "H01M 10/05", "H01M 10/0525", "H01M 4/13", "H04L 12/28", "A61K", "A6"}
	someIndustry = []string{"C", "C38", "C384", "C3841", "C39", "M73"}
	someDistrict = []string{"440000", "440100", "440106", "440300", "110000", "110108"}
	someForms    = []string{"transfer", "licence", "equity"}
	someScales   = []TRL{{4, "gbt22900", "2022"}, {6, "gbt22900", "2022"}, {7, "gbt22900", "2009"}, {5, "nasa", "2020"}}
)

func some(rng *rand.Rand, from []string) []string {
	var out []string
	for range rng.IntN(3) {
		if s := from[rng.IntN(len(from))]; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func randomCard(rng *rand.Rand) Card {
	c := Card{
		Key: Key{Kind: KindResult, ID: "r"}, Title: i18n.Text{ZH: "成果"}, Level: level.Levels[rng.IntN(4)],
		Codes: CodeSet{IPC: some(rng, someIPC), Industry: some(rng, someIndustry)}, Division: first(some(rng, someDistrict)),
		Rights: some(rng, []string{"granted", "applied"}), Forms: some(rng, someForms), Since: rng.IntN(20000), Expires: rng.IntN(20000),
		Owner: "org-1", Status: "listed", Author: "user-1", People: some(rng, []string{"p1", "p2"}),
	}
	if rng.IntN(2) == 0 {
		c.TRL = someScales[rng.IntN(len(someScales))]
	}
	if rng.IntN(2) == 0 {
		f := money.Fen(rng.Int64N(1e12))
		c.Price = Span{Min: &f, Negotiable: rng.IntN(2) == 0}
	}
	return c
}

func randomWants(rng *rand.Rand) Constraints {
	c := Constraints{IPC: some(rng, someIPC), Industry: some(rng, someIndustry), Regions: some(rng, someDistrict), Forms: some(rng, someForms)}
	if rng.IntN(2) == 0 {
		t := someScales[rng.IntN(len(someScales))]
		c.TRLMin, c.TRLScale, c.TRLEdition = t.Level, t.Scale, t.Edition
	}
	if rng.IntN(2) == 0 {
		c.Rights = "granted"
	}
	if rng.IntN(2) == 0 {
		f := money.Fen(rng.Int64N(1e12))
		c.Budget.Max = &f
	}
	return c
}

func TestCardsSurviveTheirDocument(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 2000 {
		c := randomCard(rng)
		c.Wants = randomWants(rng)
		d := search.Doc{Kind: c.Kind, ID: c.ID, Title: c.Title}
		c.Describe(&d)
		if diff := cmp.Diff(c, CardOf(d), cmpopts.IgnoreUnexported(Card{})); diff != "" {
			t.Fatal(diff)
		}
	}
}

// passes is what the index does with a filter on keywords or a range.
func passes(f search.Filter, d search.Doc) bool {
	if f.Min != nil {
		v, ok := d.Numbers[f.Field]
		return ok && v >= *f.Min || !ok && f.Unknown
	}
	values := d.Facets[f.Field]
	return len(values) == 0 && f.Unknown || slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Any, v) })
}

// TestFiltersLetThroughWhatChecksDo: what the index drops has failed for
// certain, or a record that does not say would vanish without a word.
func TestFiltersLetThroughWhatChecksDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	dropped := 0
	for range 20_000 {
		c, w := randomCard(rng), randomWants(rng)
		d := search.Doc{}
		c.Describe(&d)
		failed, _ := verdict(w.Check(&c))
		through := !slices.ContainsFunc(w.filters(), func(f search.Filter) bool { return !passes(f, d) })
		if !through {
			dropped++
		}
		if len(failed) == 0 && !through {
			t.Fatalf("the filters %+v drop %+v, which no check fails", w.filters(), d)
		}
	}
	if dropped < 5000 {
		t.Errorf("the filters dropped only %d of 20,000", dropped)
	}
}
