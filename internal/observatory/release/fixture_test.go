package release_test

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
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

var (
	editor = change.Author{Actor: "editor", Reason: "test"}
	ann    = change.Author{Actor: "user-ann", Reason: "the year"}
	bob    = change.Author{Actor: "user-bob", Reason: "looked at it"}
)

// city is a small city with its releases.
type city struct {
	t   testing.TB
	d   *db.DB
	reg *registry.Service
	obs *observatory.Service
	rel *release.Service
	key release.Key
	dir string
}

// theKey signs for all cities, so that their content can be compared.
var theKey = sync.OnceValue(func() release.Key {
	key, err := release.NewKey()
	if err != nil {
		panic(err)
	}
	return key
})

// newCity has organisations, platforms, papers, figures of every operation and
// reported values in a database.
func newCity(t testing.TB, d *db.DB) *city {
	t.Helper()
	facts, err := stats.New(filepath.Join(t.TempDir(), "facts"), observatory.Facts(), stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := &city{t: t, d: d, reg: registry.New(d), key: theKey(), dir: filepath.Join(t.TempDir(), "releases")}
	c.obs = observatory.New(d, facts, observatory.Config{City: "440100"})
	c.rel = release.New(d, c.obs, c.dir)
	c.source("s", source.Green)
	c.tx(func(tx *db.Tx) error {
		division := func(code, zh string, level registry.Level, parent string) registry.Division {
			return registry.Division{Code: code, Name: i18n.Text{ZH: zh, EN: code}, Level: level, Parent: parent, SourceID: "s"}
		}
		if _, err := c.reg.PutDivisions(t.Context(), tx, editor, []registry.Division{
			division("440000", "广东省", registry.Province, ""), division("440100", "广州市", registry.City, "440000"),
			division("440106", "天河区", registry.District, "440100"), division("110000", "北京市", registry.Province, ""),
		}); err != nil {
			return err
		}
		if _, err := c.reg.PutPlatforms(t.Context(), tx, editor, []registry.Platform{
			{ID: "plat-a", Key: "a", Names: []registry.Name{{Text: "=HYPERLINK(a)", Kind: registry.Official}}, Class: "national_laboratory", Group: "2a", Division: "440106", SourceID: "s"},
			{ID: "plat-b", Key: "b", Names: []registry.Name{{Text: "<b>b & c</b>", Kind: registry.Official}}, Class: "provincial_lab", Group: "N", Division: "440106", SourceID: "s"},
		}); err != nil {
			return err
		}
		if _, err := observatory.PutFigures(t.Context(), tx, editor, figures(t)); err != nil {
			return err
		}
		_, err := observatory.PutReported(t.Context(), tx, editor, []observatory.Reported{
			reported("awards.guangzhou.natural_science.all", 2023, 5), reported("awards.guangzhou.invention.all", 2023, 2), reported("awards.guangzhou.progress.all", 2023, 19),
			reported("awards.guangdong.all", 2023, 53), reported("awards.guangzhou.all", 2023, 26), reported("awards.guangzhou.all", 2022, 20),
			{FigureID: "awards.guangdong.all", Quantity: quantity.With(quantity.Nearly, 50, quantity.Count), Period: quantity.YearOf(2022), SourceID: "s", Locator: "¶3"},
		})
		return err
	})
	c.orgs(org("org-x", registry.University, "440106", "s"), org("org-y", registry.Institute, "440100", "s"), org("org-z", registry.Institute, "110000", "s"))
	c.papers(paper("p1", 2017, aff("", "org-x"), aff("", "org-x", "org-y"), aff("")), paper("p2", 2018, aff("北京", "org-z"), aff("广州")), paper("p3", 2018, aff("", "org-x")))
	return c
}

// figures are some of the bundled city: every operation, every fact.
func figures(t testing.TB) []observatory.Figure {
	t.Helper()
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Figures))
	if err != nil {
		t.Fatal(err)
	}
	all, err := observatory.ParseFigures(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	some := []string{"platforms.all", "papers.all", "papers.resolved_share", "organisations.kind"}
	return slices.DeleteFunc(all, func(f observatory.Figure) bool { return f.Group != "awards" && !slices.Contains(some, f.ID) })
}

func (c *city) tx(fn func(tx *db.Tx) error) {
	c.t.Helper()
	if err := c.d.InTx(c.t.Context(), fn); err != nil {
		c.t.Fatal(err)
	}
}

func (c *city) source(id string, tag source.Tag) {
	c.t.Helper()
	c.tx(func(tx *db.Tx) error {
		_, err := source.Put(c.t.Context(), tx, editor, source.Source{ID: id, Title: i18n.Text{ZH: "来源" + id, EN: "Source " + id}, PublishedOn: "2024-01-31", Licence: "CC0", LicenceTag: tag})
		return err
	})
}

func (c *city) orgs(list ...registry.Org) {
	c.t.Helper()
	c.tx(func(tx *db.Tx) error {
		_, err := c.reg.PutOrgs(c.t.Context(), tx, editor, list)
		return err
	})
}

func (c *city) papers(list ...registry.Paper) {
	c.t.Helper()
	c.tx(func(tx *db.Tx) error {
		_, err := c.reg.PutPapers(c.t.Context(), tx, editor, list)
		return err
	})
}

func (c *city) options(name string) release.Options {
	return release.Options{Name: name, Title: i18n.Text{ZH: "年报", EN: "Annual"}, Key: c.key, Draw: plainDraw, Program: "test"}
}

// frozen is a release named r of the city, built once for the tests that copy
// or read its folder.
func frozen(t testing.TB) string {
	t.Helper()
	freezing.Do(func() {
		c := newCity(t, dbtest.SQLite(t))
		c.build("r")
		dir, err := os.MkdirTemp("", "kapok-release-test-")
		if err != nil {
			t.Fatal(err)
		}
		frozenDir = filepath.Join(dir, "r")
		if err := os.CopyFS(frozenDir, os.DirFS(c.rel.Dir("r"))); err != nil {
			t.Fatal(err)
		}
	})
	if frozenDir == "" {
		t.Fatal("the release could not be built")
	}
	return frozenDir
}

var (
	freezing  sync.Once
	frozenDir string
)

func TestMain(m *testing.M) {
	code := m.Run()
	if frozenDir != "" {
		_ = os.RemoveAll(filepath.Dir(frozenDir))
	}
	os.Exit(code)
}

// build builds a release as ann.
func (c *city) build(name string) release.Release {
	c.t.Helper()
	r, err := c.rel.Build(c.t.Context(), ann, c.options(name))
	if err != nil {
		c.t.Fatal(err)
	}
	return r
}

// plainDraw stands for the program's charts.
func plainDraw(c release.Chart) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart" viewBox="0 0 %d 10" role="img"><title>%s</title><desc>%s</desc>`, c.Width, html.EscapeString(c.Title), html.EscapeString(c.Desc))
	for i, p := range c.Points {
		fmt.Fprintf(&b, `<text class="t" y="%d">%s %s</text>`, i, html.EscapeString(p.Label), html.EscapeString(p.Text))
	}
	return b.String() + "</svg>", nil
}

func verify(t testing.TB, dir string, o release.VerifyOptions) release.Report {
	t.Helper()
	r, err := release.Verify(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// check verifies a folder in full as one of ours.
func check(t testing.TB, dir string) release.Report {
	t.Helper()
	return verify(t, dir, release.VerifyOptions{PublicKey: theKey().Public(), Draw: plainDraw})
}

// faults are the faults of a report as "kind file figure".
func faults(r release.Report) []string {
	var out []string
	for _, f := range r.Faults {
		out = append(out, strings.TrimSpace(string(f.Kind)+" "+f.File+" "+f.Figure))
	}
	return out
}

// copyOf copies a folder so that a test may spoil it.
func copyOf(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func reported(figure string, year int, n float64) observatory.Reported {
	return observatory.Reported{FigureID: figure, Quantity: quantity.Of(n, quantity.Count), Period: quantity.YearOf(year), SourceID: "s", Locator: "¶1"}
}

func org(id string, kind registry.OrgKind, division, source string) registry.Org {
	return registry.Org{ID: id, Kind: kind, Names: []registry.Name{{Text: id, Kind: registry.Official}}, Status: registry.Active,
		Place: registry.Place{Country: "CN", Division: division}, SourceID: source}
}

func paper(key string, year int, affiliations ...registry.Affiliation) registry.Paper {
	return registry.Paper{ID: "paper-" + key, Key: key, Title: "=1+" + key, Year: year, Affiliations: affiliations, SourceID: "s"}
}

func aff(city string, orgs ...string) registry.Affiliation {
	a := registry.Affiliation{Raw: "raw " + city, City: city, Method: registry.ByHand}
	for _, id := range orgs {
		a.Orgs = append(a.Orgs, registry.AffiliationOrg{OrgID: id, Name: id, Score: 1, Reason: registry.Reason{Code: "exact"}})
	}
	return a
}

func later(d *db.DB, by time.Duration) {
	at := d.Now().Add(by)
	d.SetClock(func() time.Time { return at })
}
