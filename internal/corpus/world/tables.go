package world

import (
	"fmt"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/stats"
)

// task is one file: the rows of a table, of one year where it is kept by year.
type task struct {
	table string
	year  int
	works int64 // how far it brings the progress
	rows  func() stats.Producer
}

// tasks are all files of the world, the long ones first so that no worker is
// left alone at the end.
func (w *World) tasks() []task {
	var out []task
	for i := len(w.years) - 1; i >= 0; i-- {
		plan := &w.years[i]
		if plan.n == 0 {
			continue
		}
		out = append(out, task{"authorship", plan.year, plan.n, func() stats.Producer { return w.authorshipRows(plan) }})
	}
	for i := len(w.years) - 1; i >= 0; i-- {
		plan := &w.years[i]
		if plan.n == 0 {
			continue
		}
		if w.links != nil {
			out = append(out, task{"citation", plan.year, 0, func() stats.Producer { return w.citationRows(plan) }})
		}
		out = append(out,
			task{"work", plan.year, plan.n, func() stats.Producer { return w.workRows(plan) }},
			task{"point", 0, 0, func() stats.Producer { return w.paperPoints(plan) }})
	}
	for i := range w.patents {
		plan := &w.patents[i]
		if plan.n == 0 {
			continue
		}
		out = append(out,
			task{"inventor", plan.year, 0, func() stats.Producer { return w.inventorRows(plan) }},
			task{"patent", plan.year, 0, func() stats.Producer { return w.patentRows(plan) }},
			task{"point", 0, 0, func() stats.Producer { return w.patentPoints(plan) }})
	}
	return append(out,
		task{"institution", 0, 0, w.institutionRows}, task{"institution_link", 0, 0, w.linkRows},
		task{"source", 0, 0, w.sourceRows}, task{"field", 0, 0, w.fieldRows})
}

// each gives a stats.Producer of one row per number below n.
func each(n int, row func(*stats.Cells, int)) stats.Producer {
	i := 0
	return func(c *stats.Cells) bool {
		if i >= n {
			return false
		}
		row(c, i)
		i++
		return true
	}
}

// several gives a stats.Producer of the rows of groups: refill returns those of the
// next group, and false after the last.
func several[T any](refill func() ([]T, bool), row func(*stats.Cells, *T)) stats.Producer {
	var rows []T
	return func(c *stats.Cells) bool {
		for len(rows) == 0 {
			var more bool
			if rows, more = refill(); !more {
				return false
			}
		}
		row(c, &rows[0])
		rows = rows[1:]
		return true
	}
}

func (w *World) workRows(plan *yearPlan) stats.Producer {
	var c counts
	begin := time.Date(plan.year, 1, 1, 0, 0, 0, 0, time.UTC)
	return each(int(plan.n), func(out *stats.Cells, i int) {
		k := w.work(plan.first+int64(i), plan)
		w.cite(&k, &c)
		out.Whole(k.id())
		out.Text(k.title())
		out.Text(k.doiText(w.opt.Seed))
		out.Whole(int64(plan.year))
		out.Date(begin.AddDate(0, 0, k.day()))
		out.Text(k.kind.name)
		out.Text(k.language)
		out.Number(sourceID(k.source), k.source >= 0)
		out.Whole(int64(k.field() + firstField))
		out.Whole(k.topic.subfield)
		out.Whole(k.topic.id)
		out.Whole(int64(k.authors))
		out.Whole(int64(k.references))
		out.Whole(int64(c.all))
		out.Whole(int64(c.within))
		out.Yes(k.retracted)
		if fwci, known := w.fwci(&k, &c); known {
			out.Real(fwci)
		} else {
			out.Null()
		}
		out.Null()
	})
}

func (w *World) authorshipRows(plan *yearPlan) stats.Producer {
	var t team
	var k work
	n := plan.first
	return several(func() ([]authorship, bool) {
		if n >= plan.first+plan.n {
			return nil, false
		}
		k = w.work(n, plan)
		n++
		return t.authorships(w, &k), true
	}, func(c *stats.Cells, a *authorship) {
		c.Whole(k.id())
		c.Whole(int64(plan.year))
		c.Number(int64(a.seq), a.seq > 0)
		c.Number(base+a.author, a.seq > 0)
		c.Number(int64(a.affiliation), a.affiliation > 0)
		c.Number(institutionID(int(a.institution)), a.institution >= 0)
		if a.country >= 0 {
			c.Text(w.countries[a.country])
		} else {
			c.Null()
		}
		c.Real(a.weight)
	})
}

// spot is an address of a document.
type spot struct{ lon, lat, weight float64 }

// paperPoints are the addresses of the articles of a year.
func (w *World) paperPoints(plan *yearPlan) stats.Producer {
	var t team
	var spots []spot
	n, document := plan.first, ""
	return several(func() ([]spot, bool) {
		if n >= plan.first+plan.n {
			return nil, false
		}
		k := w.work(n, plan)
		n++
		if spots = spots[:0]; k.kind.name != "article" {
			return spots, true
		}
		for _, a := range t.authorships(w, &k) {
			if a.institution >= 0 {
				in := &w.institutions[a.institution]
				spots = append(spots, spot{in.lon, in.lat, a.weight})
			}
		}
		document, spots = fmt.Sprintf("W%d", k.id()), gather(spots)
		return spots, true
	}, func(c *stats.Cells, s *spot) { point(c, "paper", document, plan.year, s) })
}

func point(c *stats.Cells, kind, document string, year int, s *spot) {
	c.Text(kind)
	c.Text(document)
	c.Whole(int64(year))
	c.Real(s.lon)
	c.Real(s.lat)
	c.Real(s.weight)
}

// gather adds up the weights of equal addresses and sorts them.
func gather(spots []spot) []spot {
	slices.SortStableFunc(spots, func(a, b spot) int {
		switch {
		case a.lon < b.lon, a.lon == b.lon && a.lat < b.lat:
			return -1
		case a.lon == b.lon && a.lat == b.lat:
			return 0
		}
		return 1
	})
	out := spots[:0]
	for _, s := range spots {
		if last := len(out) - 1; last >= 0 && out[last].lon == s.lon && out[last].lat == s.lat {
			out[last].weight += s.weight
		} else {
			out = append(out, s)
		}
	}
	return out
}

func (w *World) institutionRows() stats.Producer {
	return each(len(w.institutions), func(c *stats.Cells, i int) {
		in := &w.institutions[i]
		p := &w.places[in.place]
		en, zh := in.names(i)
		c.Whole(institutionID(i))
		c.Null() // org_id
		c.Null() // ror: none is invented
		c.Text(fmt.Sprintf("I%d", institutionID(i)))
		c.Text(en)
		c.Text(zh)
		c.Text(in.kind.name)
		c.Text(p.country)
		c.Text(p.city)
		c.Text(p.nameEN)
		c.Text(p.nameZH)
		c.Text(p.district)
		c.Real(in.lat)
		c.Real(in.lon)
	})
}

func (w *World) linkRows() stats.Producer {
	i := -1
	type row struct{ child, parent int }
	return several(func() ([]row, bool) {
		if i++; i >= len(w.institutions) {
			return nil, false
		}
		var rows []row
		for _, p := range w.institutions[i].parents {
			rows = append(rows, row{i, int(p)})
		}
		return rows, true
	}, func(c *stats.Cells, r *row) {
		in := &w.institutions[r.child]
		weight := 1.0
		if in.link == corpus.Joint {
			weight = 1 / float64(len(in.parents))
		}
		c.Whole(institutionID(r.child))
		c.Whole(institutionID(r.parent))
		c.Text(in.link)
		c.Real(weight)
	})
}

func (w *World) sourceRows() stats.Producer {
	return each(len(w.sources), func(c *stats.Cells, i int) {
		c.Whole(sourceID(i))
		c.Text(w.sources[i].name(i, w))
		c.Null() // issn_l: none is invented
		c.Text(sourceKinds[w.sources[i].kind])
	})
}

// fieldRows are the nodes by level and number.
func (w *World) fieldRows() stats.Producer {
	nodes := slices.Clone(w.nodes)
	slices.SortStableFunc(nodes, func(a, b node) int {
		if a.level != b.level {
			if a.level < b.level {
				return -1
			}
			return 1
		}
		return int(a.id - b.id)
	})
	return each(len(nodes), func(c *stats.Cells, i int) {
		n := &nodes[i]
		c.Whole(n.id)
		c.Text(n.level)
		c.Number(n.parent, n.parent != 0)
		c.Text(n.nameEN)
		c.Text(n.nameZH)
	})
}

func institutionID(i int) int64 { return base + 1 + int64(i) }
func sourceID(i int) int64      { return base + 1 + int64(i) }
