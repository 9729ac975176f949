package release_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Each sort of change is found, told apart and accounted for.
func TestDiff(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	ctx := t.Context()
	c.build("a")
	c.build("same")
	if d := compare(t, c, "a", "same"); !d.Same || len(d.Figures) != 0 {
		t.Errorf("the same state: %+v", d)
	}

	// New records: an institute. Corrected: a platform's class, a paper's affiliation. Gone: a paper's link.
	c.orgs(org("org-new", registry.Institute, "440106", "s"))
	c.papers(paper("p3", 2018, aff("", "org-z")), paper("p4", 2018, aff("", "org-x")))
	c.source("t", source.Yellow)
	c.tx(func(tx *db.Tx) error {
		// Reported: one corrected, one new from a new source.
		later := reported("awards.guangzhou.progress.all", 2023, 20)
		more := reported("awards.guangdong.all", 2021, 40)
		more.SourceID = "t"
		if _, err := observatory.PutReported(ctx, tx, editor, []observatory.Reported{later, more}); err != nil {
			return err
		}
		// Method: platforms.all counts one class only. Unit and words: a reported figure. One figure more.
		all := figures(t)
		for i := range all {
			switch all[i].ID {
			case "platforms.all":
				all[i].Compute.SQL = "SELECT COUNT(*) AS value FROM fact_platform WHERE class = 'provincial_lab'"
				all[i].Compute.Records = "SELECT 'platform' AS kind, id, name_zh AS title, 1 AS weight FROM fact_platform WHERE class = 'provincial_lab'"
			case "awards.national.invention":
				all[i].Unit, all[i].Scope = quantity.CNY, i18n.Text{ZH: "全国", EN: "All of it"}
			}
		}
		more2 := all[0]
		more2.ID, more2.Compute = "awards.more", observatory.Compute{}
		more2.Basis = observatory.BasisReported
		_, err := observatory.PutFigures(ctx, tx, editor, append(all, more2))
		return err
	})
	c.build("b")
	d := compare(t, c, "a", "b")
	if d.Same || d.A.Name != "a" || d.B.Name != "b" {
		t.Errorf("sides %+v %+v", d.A, d.B)
	}
	if f := changeOf(d, "awards.more"); f == nil || f.Kind != release.Added {
		t.Errorf("a new figure: %+v", f)
	}
	if f := changeOf(d, "awards.national.invention"); f == nil || names(f.Definition) != "unit scope" {
		t.Errorf("unit and scope: %+v", f)
	}
	f := changeOf(d, "platforms.all")
	if f == nil || names(f.Method) != "sql records" || len(f.Values) != 1 {
		t.Fatalf("method: %+v", f)
	}
	if v := f.Values[0]; !has(v, release.RemovedRecords, 1, -1) || !has(v, release.OtherMethod, 0, 0) || !v.Explained || v.After.Quantity.Value != 1 {
		t.Errorf("method: %+v", v)
	}
	// Every paper has weight 1: one more.
	for _, v := range changeOf(d, "papers.all").Values {
		if v.Slot == "now" || v.Slot == "2018" {
			if !v.Explained || len(v.Causes) == 0 {
				t.Errorf("papers.all %s: %+v", v.Slot, v)
			}
		}
	}
	institutes := 0
	for _, v := range changeOf(d, "organisations.kind").Values {
		if v.Item == "institute" && has(v, release.NewRecords, 1, 1) && v.Explained && v.After.Quantity.Value == v.Before.Quantity.Value+1 {
			institutes++
		}
	}
	if institutes != 1 {
		t.Errorf("institutes: %+v", changeOf(d, "organisations.kind").Values)
	}
	// The sum moved because an operand was corrected at its source.
	f = changeOf(d, "awards.guangzhou.all")
	if len(f.Values) != 1 || !has(f.Values[0], release.MovedOperands, 1, 1) || !f.Values[0].Explained || f.Values[0].After.Quantity.Value != 27 {
		t.Errorf("operand: %+v", f.Values)
	}
	f = changeOf(d, "awards.guangzhou.progress.all")
	if f == nil || len(f.Reported) != 1 || f.Reported[0].Kind != release.Changed || f.Reported[0].Before.Quantity.Value != 19 || f.Reported[0].After.Quantity.Value != 20 {
		t.Errorf("reported: %+v", f)
	}
	if f = changeOf(d, "awards.guangdong.all"); f == nil || len(f.Reported) != 1 || f.Reported[0].Kind != release.Added {
		t.Errorf("newly reported: %+v", f)
	}
	if len(d.Sources) != 1 || d.Sources[0].ID != "t" || d.Sources[0].Kind != release.Added {
		t.Errorf("sources: %+v", d.Sources)
	}
	for _, f := range d.Figures {
		for _, v := range f.Values {
			if !v.Explained {
				t.Errorf("%s %s %s is not explained: %+v", f.Figure, v.Item, v.Slot, v)
			}
			for i := range v.Causes {
				if text := v.Causes[i].Text(i18n.EN); text == "" || text[0] == 'r' && text[1] == 'e' && text[2] == 'l' {
					t.Errorf("a cause reads %q", text)
				}
			}
		}
	}
	// The other way round everything is gone that was new.
	back := compare(t, c, "b", "a")
	if f := changeOf(back, "awards.more"); f == nil || f.Kind != release.Removed {
		t.Errorf("back: %+v", f)
	}
	if len(back.Sources) != 1 || back.Sources[0].Kind != release.Removed {
		t.Errorf("back: %+v", back.Sources)
	}
}

// A record whose content was corrected is told, though the value stays.
func TestDiffOfContent(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	c.build("a")
	p2 := paper("p2", 2018, aff("北京", "org-z"), aff("广州"))
	p2.DOI = "10.1000/182"
	c.papers(p2)
	c.build("b")
	d := compare(t, c, "a", "b")
	found := false
	for _, f := range d.Figures {
		for _, v := range f.Values {
			if v.Kind != release.Rebuilt {
				t.Errorf("%s %s %s: %s", f.Figure, v.Item, v.Slot, v.Kind)
			}
			found = found || f.Figure == "papers.all" && has(v, release.CorrectedRecords, 1, 0)
		}
	}
	if !found {
		t.Errorf("the corrected paper is not told: %+v", d.Figures)
	}
}

func compare(t *testing.T, c *city, a, b string) release.Diff {
	t.Helper()
	d, err := c.rel.Diff(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func changeOf(d release.Diff, figure string) *release.FigureChange {
	i := slices.IndexFunc(d.Figures, func(f release.FigureChange) bool { return f.Figure == figure })
	if i < 0 {
		return &release.FigureChange{}
	}
	return &d.Figures[i]
}

func names(fields []release.FieldChange) string {
	out := ""
	for i, f := range fields {
		if i > 0 {
			out += " "
		}
		out += f.Field
	}
	return out
}

// has reports whether a value changed for a cause of so many records with an
// effect; an effect of 0 is not looked at.
func has(v release.ValueChange, kind release.CauseKind, count int, effect float64) bool {
	return slices.ContainsFunc(v.Causes, func(c release.Cause) bool {
		return c.Kind == kind && c.Count == count && (effect == 0 || c.Effect != nil && *c.Effect == effect)
	})
}

// A part is frozen with its tables and statements and computed again from them.
func TestPart(t *testing.T) {
	c := newCity(t, dbtest.SQLite(t))
	ctx := t.Context()
	parquet := func(rows string) string {
		dir := t.TempDir()
		e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		path := filepath.Join(dir, "work.parquet")
		if _, err := e.Copy(ctx, "SELECT * FROM (VALUES "+rows+") AS v(unit, weight) ORDER BY ALL", path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	with := func(path, sql string) release.Options {
		o := c.options("r")
		o.Parts = []release.Part{{
			Name: "ranking", Title: i18n.Text{ZH: "排名", EN: "Ranking"}, Method: "1", Simulated: true,
			Tables: []stats.View{{Name: "work", Files: []string{path}}},
			Statements: []release.Statement{
				{Name: "share", SQL: "SELECT unit, SUM(weight) AS share FROM work GROUP BY unit"},
				{Name: "table_of_shares", SQL: sql, Key: []string{"unit"}, Shown: 2},
			},
			Sources: []release.Source{{ID: "corpus", Title: i18n.Text{EN: "A corpus"}, LicenceTag: source.Green}},
		}}
		return o
	}
	const ranked = "SELECT unit, share, RANK() OVER (ORDER BY share DESC) AS place FROM share ORDER BY place, unit"
	if _, err := c.rel.Build(ctx, ann, with(parquet("('b', 0.5), ('a', 0.25), ('a', 0.5), ('=c', 0.25)"), ranked)); err != nil {
		t.Fatal(err)
	}
	r := check(t, c.rel.Dir("r"))
	if !r.OK || r.Results != 1 || !r.Manifest.Simulated || !slices.Equal(r.Manifest.Parts, []string{"ranking"}) {
		t.Errorf("%+v", r)
	}
	a := copyOf(t, c.rel.Dir("r"))

	dir := copyOf(t, a)
	edit(t, dir, "parts/ranking/table_of_shares.csv", "0.75", "0.85")
	if got := faults(check(t, dir)); !slices.Equal(got, []string{"altered parts/ranking/table_of_shares.csv"}) {
		t.Errorf("spoiled: %v", got)
	}
	release.Reseal(t, dir, theKey())
	if got := faults(check(t, dir)); !slices.Contains(got, "value parts/ranking/table_of_shares.csv table_of_shares") {
		t.Errorf("spoiled and signed: %v", got)
	}

	if _, err := c.rel.Build(ctx, ann, with(parquet("('b', 0.5), ('a', 1.5), ('d', 0.25)"), ranked+" -- again")); err != nil {
		t.Fatal(err)
	}
	d, err := release.Compare(ctx, a, c.rel.Dir("r"))
	if err != nil || len(d.Parts) != 1 {
		t.Fatalf("%+v, %v", d, err)
	}
	p := d.Parts[0]
	if names(p.Method) != "table_of_shares" || !slices.Equal(p.Tables, []string{"work"}) || len(p.Results) != 1 {
		t.Fatalf("%+v", p)
	}
	if res := p.Results[0]; res.Added != 1 || res.Removed != 1 || res.Changed != 1 || len(res.Sample) != 3 || names(res.Sample[0].Fields) != "share" {
		t.Errorf("%+v", res)
	}

	for name, o := range map[string]release.Options{
		"two rows of one key": with(parquet("('b', 0.5), ('a', 0.25)"), "SELECT 'x' AS unit FROM work"),
		"no such table":       with(parquet("('b', 0.5)"), "SELECT unit FROM elsewhere"),
		"not a select":        with(parquet("('b', 0.5)"), "DROP VIEW work"),
		"chance":              with(parquet("('b', 0.5)"), "SELECT unit, random() AS x FROM work"),
	} {
		if r, err := c.rel.Build(ctx, ann, o); err == nil {
			t.Errorf("%s: built %+v", name, r)
		}
	}
	red := with(parquet("('b', 0.5)"), ranked)
	red.Parts[0].Sources[0].LicenceTag = source.Red
	if _, err := c.rel.Build(ctx, ann, red); err == nil {
		t.Error("a part of a source for private use was released")
	}
}
