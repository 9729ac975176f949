package release_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

// What a source for private use says is refused, or left out as if it had never
// been imported: no identifier, name or place of it stays behind.
func TestRestricted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newCity(t, d)
		ctx := t.Context()
		c.build("without")
		c.source("secret", source.Red)
		hidden := org("org-hidden", registry.Institute, "440106", "secret")
		hidden.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: "0064kty71"}}
		c.orgs(hidden)
		c.tx(func(tx *db.Tx) error {
			_, err := observatory.PutReported(ctx, tx, editor, []observatory.Reported{
				{FigureID: "awards.guangdong.all", Quantity: quantity.Of(98765.25, quantity.Count), Period: quantity.YearOf(2021), SourceID: "secret"}})
			return err
		})
		// The hidden record answers through a merge for one that is open, and stands on an open paper.
		y, err := c.reg.Org(ctx, "org-y")
		if err != nil {
			t.Fatal(err)
		}
		h, err := c.reg.Org(ctx, "org-hidden")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.reg.Merge(ctx, editor, "org-hidden", "org-y", h.Version, y.Version); err != nil {
			t.Fatal(err)
		}
		secret := paper("p-secret", 2018, aff("", "org-x"))
		secret.SourceID = "secret"
		c.papers(secret)

		_, err = c.rel.Build(ctx, ann, c.options("r"))
		if errs.KindOf(err) != errs.Forbidden || !strings.Contains(i18n.Error(i18n.EN, err), "来源secret (secret)") || !strings.Contains(i18n.Error(i18n.ZH, err), "3 条") {
			t.Fatalf("refusal: %s (%v)", i18n.Error(i18n.ZH, err), err)
		}
		o := c.options("r")
		o.WithoutRestricted = true
		r, err := c.rel.Build(ctx, ann, o)
		if err != nil || r.LeftOut != 3 {
			t.Fatalf("%+v, %v", r, err)
		}
		_, s, err := c.rel.Snapshot(ctx, "r")
		if err != nil {
			t.Fatal(err)
		}
		want := &release.Restricted{Sources: 1, Rows: map[string]int{"org": 1, "paper": 1}, Reported: 1, Figures: s.Manifest.Restricted.Figures}
		if diff := cmp.Diff(want, s.Manifest.Restricted); diff != "" {
			t.Error(diff)
		}
		for _, figure := range []string{"papers.all", "awards.guangdong.growth"} {
			if !slices.Contains(want.Figures, figure) {
				t.Errorf("%s is not told to differ: %v", figure, want.Figures)
			}
		}
		if report := check(t, c.rel.Dir("r")); !report.OK {
			t.Errorf("faults %v", faults(report))
		}
		for _, word := range []string{"secret", "org-hidden", "0064kty71", "98765.25"} {
			if path := holds(t, c.rel.Dir("r"), word); path != "" {
				t.Errorf("%s holds %s", path, word)
			}
		}
		diff, err := c.rel.Diff(ctx, "without", "r")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range diff.Figures {
			for _, v := range f.Values {
				if v.Kind == release.Changed || v.Kind == release.Added {
					t.Errorf("%s %s %s differs from the release before the secret came: %+v", f.Figure, v.Item, v.Slot, v)
				}
			}
		}
	})
}

// holds returns a file of the folder that has the word: in Parquet as DuckDB
// writes it, text is plain up to its compression, so facts are opened.
func holds(t *testing.T, dir, word string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(path, "manifest") || strings.HasSuffix(path, "SHA256SUMS") {
			return err
		}
		raw, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".parquet") {
			raw = []byte(release.TextOf(t, path))
		}
		if strings.Contains(string(raw), word) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Every kind of record that facts are made from is known by its table, or what
// is private could slip through a new one.
func TestEveryKindHasItsTable(t *testing.T) {
	for _, f := range observatory.Facts() {
		for _, k := range f.Kinds {
			if !release.KnowsTable(k) {
				t.Errorf("fact %s is made from %q, whose private rows nothing finds", f.Name, k)
			}
		}
	}
}
