package indicator

import (
	"context"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/stats"
)

// The types of a small world, as a person would write it down. The tables of a
// corpus are made from it, and the oracle reads it directly.
type (
	world struct {
		works        []paper
		institutions []place
		links        []link
		sources      []source
		citations    []citation
	}
	paper struct {
		id, year        int64
		kind, language  string
		source          int64
		field, subfield int64 // 0: not known
		authors         []author
		more            int64 // authors beyond a cut list
		refs            int64
		cited, window   int64 // window -1: not known
		retracted       bool
	}
	author      struct{ affiliations []affiliation }
	affiliation struct {
		institutions []int64
		country      string // where no institution was found
	}
	place struct {
		id                            int64
		org, kind, country, city, dis string
		lat, lon                      float64
		located                       bool
	}
	link struct {
		child, parent int64
		kind          string
		weight        float64 // 0: not given
	}
	source struct {
		id   int64
		kind string
	}
	citation struct {
		citing, year, cited int64
		self                bool
	}
)

// engine returns an engine that shows the tables of a corpus, and a folder that
// it may write.
func engine(t testing.TB, w *world) (*stats.Engine, string) {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	for _, table := range corpus.Tables {
		text := "CREATE TABLE " + table.Name + " ("
		for i, c := range table.Columns {
			if i > 0 {
				text += ", "
			}
			text += c.Name + " " + string(c.Type)
		}
		run1(t, e, text+")")
	}
	w.fill(t, e)
	return e, dir
}

func run1(t testing.TB, e *stats.Engine, sql string, args ...any) {
	t.Helper()
	if _, err := e.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func null[T comparable](x T) any {
	var zero T
	if x == zero {
		return nil
	}
	return x
}

// fill appends the rows of a world to the tables of a corpus.
func (w *world) fill(t testing.TB, e *stats.Engine) {
	t.Helper()
	rows := map[string][][]any{}
	add := func(table string, row ...any) { rows[table] = append(rows[table], row) }
	for _, p := range w.works {
		var window any = p.window
		if p.window < 0 {
			window = nil
		}
		add("work", p.id, fmt.Sprint("work ", p.id), nil, p.year, nil, p.kind, null(p.language), null(p.source), null(p.field), null(p.subfield), nil,
			int64(len(p.authors))+p.more, p.refs, p.cited, window, p.retracted, nil, nil)
		authorship(&p, func(row ...any) { add("authorship", row...) })
	}
	for _, i := range w.institutions {
		var lat, lon any
		if i.located {
			lat, lon = i.lat, i.lon
		}
		add("institution", i.id, null(i.org), nil, nil, fmt.Sprint("institution ", i.id), nil, null(i.kind), null(i.country), null(i.city), null(i.city), nil, null(i.dis), lat, lon)
	}
	for _, l := range w.links {
		add("institution_link", l.child, l.parent, l.kind, null(l.weight))
	}
	for _, s := range w.sources {
		add("source", s.id, nil, nil, s.kind)
	}
	for _, c := range w.citations {
		add("citation", c.citing, c.year, c.cited, c.self)
	}
	for table, list := range rows {
		fillTable(t, e, table, list)
	}
}

func fillTable(t testing.TB, e *stats.Engine, table string, rows [][]any) {
	t.Helper()
	err := e.Append(context.Background(), table, func(a *stats.Appender) error {
		for _, row := range rows {
			values := make([]driver.Value, len(row))
			for i, x := range row {
				values[i] = x
			}
			if err := a.AppendRow(values...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// authorship gives the rows of a work as a corpus has them.
func authorship(p *paper, add func(...any)) {
	n := float64(int64(len(p.authors)) + p.more)
	for i, a := range p.authors {
		seq := int64(i)
		if len(a.affiliations) == 0 {
			add(p.id, p.year, seq, nil, nil, nil, nil, 1/n)
		}
		for j, f := range a.affiliations {
			part := 1 / n / float64(len(a.affiliations))
			if len(f.institutions) == 0 {
				add(p.id, p.year, seq, nil, int64(j), nil, null(f.country), part)
			}
			for _, inst := range f.institutions {
				add(p.id, p.year, seq, nil, int64(j), inst, nil, part/float64(len(f.institutions)))
			}
		}
	}
	if p.more > 0 {
		add(p.id, p.year, nil, nil, nil, nil, nil, float64(p.more)/n)
	}
}

// randomWorld makes a small world with everything that is awkward: ties, cells
// that nobody cites, unknown fields and citations, authors without affiliation,
// cut lists, joint and associated organisations, institutions without a place.
func randomWorld(seed uint64, works int) *world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &world{}
	countries := []string{"CN", "HK", "MO", "US", "FR", ""}
	kinds := []string{"education", "company", "healthcare", ""}
	for i := range int64(14) {
		city := fmt.Sprint("city", r.IntN(6))
		if r.IntN(5) == 0 {
			city = ""
		}
		w.institutions = append(w.institutions, place{id: i + 1, org: fmt.Sprint("org_", i+1), kind: kinds[r.IntN(4)], country: countries[r.IntN(6)], city: city, dis: []string{"", "d1", "d2"}[r.IntN(3)],
			lat: r.Float64()*170 - 85, lon: r.Float64()*360 - 180, located: r.IntN(6) > 0})
		if i%3 == 1 { // some stand close together
			last := &w.institutions[i-1]
			w.institutions[i].lat, w.institutions[i].lon, w.institutions[i].located = last.lat+0.1, last.lon, last.located
		}
	}
	w.links = []link{
		{2, 1, "component", 0}, {3, 2, "component", 1}, {4, 1, "joint", 0.3}, {4, 5, "joint", 0.5}, {6, 1, "joint", 0}, {6, 7, "joint", 0},
		{8, 1, "associated", 0}, {8, 5, "associated", 0}, {9, 7, "associated", 0}, {10, 2, "associated", 0}, {5, 1, "associated", 0}, {3, 1, "associated", 0},
	}
	for i := range int64(works) {
		w.works = append(w.works, randomPaper(r, i+1))
	}
	return w
}

func randomPaper(r *rand.Rand, id int64) paper {
	p := paper{id: id, year: 2019 + r.Int64N(3), kind: []string{"article", "article", "review", "letter"}[r.IntN(4)], language: "en", source: 1 + r.Int64N(4), refs: r.Int64N(4)}
	p.subfield = 1100 + 100*r.Int64N(3) + r.Int64N(2)
	p.field = p.subfield / 100
	if r.IntN(12) == 0 {
		p.field, p.subfield = 0, 0
	}
	p.window = max(0, int64(r.ExpFloat64()*4)-1)
	if p.subfield == 1300 {
		p.window = 0 // nobody cites this one
	}
	p.cited = p.window + r.Int64N(5)
	if r.IntN(15) == 0 {
		p.window = -1
	}
	p.retracted = r.IntN(20) == 0
	if r.IntN(10) == 0 {
		p.more = 1 + r.Int64N(50)
	}
	for range r.IntN(5) {
		var a author
		for range r.IntN(3) {
			var f affiliation
			for range r.IntN(3) {
				f.institutions = append(f.institutions, 1+r.Int64N(15)) // 15 is in no table
			}
			if len(f.institutions) == 0 {
				f.country = []string{"", "CN", "US", "HK", "DE"}[r.IntN(5)]
			}
			f.institutions = unique(f.institutions)
			a.affiliations = append(a.affiliations, f)
		}
		p.authors = append(p.authors, a)
	}
	return p
}

func unique(list []int64) []int64 {
	var out []int64
	seen := map[int64]bool{}
	for _, x := range list {
		if !seen[x] {
			seen[x], out = true, append(out, x)
		}
	}
	return out
}
