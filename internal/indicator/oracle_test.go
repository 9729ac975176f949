package indicator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// The oracle computes the same figures from the definitions, with maps and
// loops, and without SQL.

// given returns the parts of a work that institutions have, and what only a
// country is known of.
func given(p *paper) (institutions map[int64]float64, countries map[string]float64) {
	institutions, countries = map[int64]float64{}, map[string]float64{}
	n := float64(int64(len(p.authors)) + p.more)
	for _, a := range p.authors {
		for _, f := range a.affiliations {
			for _, i := range f.institutions {
				institutions[i] += 1 / n / float64(len(a.affiliations)) / float64(len(f.institutions))
			}
			if len(f.institutions) == 0 && f.country != "" {
				countries[f.country] += 1 / n / float64(len(a.affiliations))
			}
		}
	}
	return institutions, countries
}

// up returns to which organisations an institution rolls up.
func (w *world) up(inst int64) map[int64]float64 {
	var own []link
	joint, total := 0.0, 0.0
	for _, l := range w.links {
		if l.child == inst && (l.kind == "component" || l.kind == "joint") {
			own = append(own, l)
			if l.kind == "joint" {
				joint++
			}
		}
	}
	for i := range own {
		if own[i].weight == 0 && own[i].kind == "component" {
			own[i].weight = 1
		} else if own[i].weight == 0 {
			own[i].weight = 1 / joint
		}
		total += own[i].weight
	}
	out := map[int64]float64{}
	for _, l := range own {
		for unit, weight := range w.up(l.parent) {
			out[unit] += weight * l.weight / max(total, 1)
		}
	}
	if rest := 1 - total; rest > 1e-12 {
		out[inst] += rest
	}
	return out
}

// loose returns the parents of an associated organisation that is nothing else.
func (w *world) loose(inst int64) []int64 {
	var parents []int64
	for _, l := range w.links {
		if l.child == inst && l.kind != "associated" || l.parent == inst {
			return nil
		}
		if l.child == inst {
			for unit := range w.up(l.parent) {
				parents = append(parents, unit)
			}
		}
	}
	return unique(parents)
}

// organisations returns the parts of a work by organisation.
func (w *world) organisations(p *paper) map[int64]float64 {
	institutions, _ := given(p)
	out := map[int64]float64{}
	for i, weight := range institutions {
		if len(w.loose(i)) > 0 {
			continue
		}
		for unit, part := range w.up(i) {
			out[unit] += weight * part
		}
	}
	direct := map[int64]bool{}
	for unit := range out {
		direct[unit] = true
	}
	for i, weight := range institutions {
		var near []int64
		parents := w.loose(i)
		for _, unit := range parents {
			if direct[unit] {
				near = append(near, unit)
			}
		}
		for _, unit := range near {
			out[unit] += weight / float64(len(near))
		}
		if len(parents) > 0 && len(near) == 0 {
			out[i] += weight
		}
	}
	return out
}

// parts returns the parts of a work by unit.
func (w *world) parts(p *paper, unit Unit) map[string]float64 {
	out := map[string]float64{}
	institutions, countries := given(p)
	add := func(id string, weight float64) {
		if id != "" {
			out[id] += weight
		}
	}
	if unit == Organisation {
		for i, weight := range w.organisations(p) {
			add(strconv.FormatInt(i, 10), weight)
		}
		return out
	}
	if unit == World {
		return map[string]float64{"world": 1}
	}
	for i, weight := range institutions {
		pl, _ := w.place(i)
		switch unit {
		case Institution:
			add(strconv.FormatInt(i, 10), weight)
		case City:
			add(pl.city, weight)
		case District:
			add(pl.dis, weight)
		case Country:
			add(pl.country, weight)
		case Platform:
			for _, m := range somePlatforms {
				if m.OrgID == pl.org {
					add(m.Platform, weight)
				}
			}
		}
	}
	if unit == Country {
		for c, weight := range countries {
			add(c, weight)
		}
	}
	return out
}

var somePlatforms = []Member{{"platform_a", "org_1"}, {"platform_a", "org_2"}, {"platform_b", "org_2"}, {"platform_b", "org_9"}}

func (w *world) place(id int64) (place, bool) {
	for _, p := range w.institutions {
		if p.id == id {
			return p, true
		}
	}
	return place{}, false
}

type traits struct{ collab, abroad, industry, short, long float64 }

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// traits says how a work was made.
func (w *world) traits(p *paper) traits {
	institutions, stray := given(p)
	home := map[string]bool{}
	see := func(c string) {
		if c == "HK" || c == "MO" {
			c = "CN"
		}
		if c != "" {
			home[c] = true
		}
	}
	var located []place
	industry, all := false, true
	for i := range institutions {
		pl, _ := w.place(i)
		see(pl.country)
		industry = industry || pl.kind == "company"
		if pl.located {
			located = append(located, pl)
		} else {
			all = false
		}
	}
	for c := range stray {
		see(c)
	}
	far := 0.0
	for _, a := range located {
		for _, b := range located {
			far = max(far, greatCircle(a, b))
		}
	}
	collab := len(w.organisations(p)) > 1 || len(home) > 1
	return traits{yes(collab), yes(len(home) > 1), yes(industry),
		yes(collab && len(located) > 0 && all && far <= 100), yes(collab && far >= 5000)}
}

func greatCircle(a, b place) float64 {
	rad := math.Pi / 180
	u, v := math.Sin((b.lat-a.lat)*rad/2), math.Sin((b.lon-a.lon)*rad/2)
	return 2 * 6371.01 * math.Asin(math.Sqrt(min(1, u*u+math.Cos(a.lat*rad)*math.Cos(b.lat*rad)*v*v)))
}

// cell returns the citations of all works of a work's cell.
func cell(works []*paper, p *paper, cites func(*paper) int64) []int64 {
	var out []int64
	for _, o := range works {
		if o.year == p.year && o.kind == p.kind && o.subfield == p.subfield && cites(o) >= 0 {
			out = append(out, cites(o))
		}
	}
	slices.Sort(out)
	return out
}

// top is the part of a work that is among the most cited, by the rule of the
// Leiden Ranking: t is the least number with a cumulative share of at least
// 1 - x/100; above it 1, at it (cum(t) - (1-x)) / share(t). Counts are whole.
func top(cell []int64, cites int64, x int64) float64 {
	n := int64(len(cell))
	var upTo, at int64
	for i, c := range cell {
		upTo = int64(i) + 1
		if int(upTo) < len(cell) && cell[upTo] == c {
			continue
		}
		if 100*upTo < n*(100-x) {
			continue
		}
		for _, d := range cell {
			if d == c {
				at++
			}
		}
		switch {
		case cites > c:
			return 1
		case cites < c:
			return 0
		}
		return float64(100*upTo-n*(100-x)) / 100 / float64(at)
	}
	return 0
}

// scores are what a work is worth in its cell; NaN where that is not known.
type scores struct{ ncs, top1, top10, top50, uncited float64 }

func scoresOf(works []*paper, p *paper, cites func(*paper) int64) scores {
	if p.subfield == 0 || cites(p) < 0 {
		nan := math.NaN()
		return scores{nan, nan, nan, nan, nan}
	}
	c := cell(works, p, cites)
	total := int64(0)
	for _, x := range c {
		total += x
	}
	s := scores{1, top(c, cites(p), 1), top(c, cites(p), 10), top(c, cites(p), 50), yes(total == 0)}
	if total > 0 {
		s.ncs = float64(cites(p)) / (float64(total) / float64(len(c)))
	}
	return s
}

// values computes what Values should answer, by unit, field and year.
func (w *world) values(spec Spec, in func(*paper) bool) map[string]*Value {
	cites := func(p *paper) int64 { return p.window }
	if spec.Citations == "all" {
		cites = func(p *paper) int64 { return p.cited }
	}
	var works []*paper
	for i := range w.works {
		p := &w.works[i]
		if !p.retracted && slices.Contains([]string{"article", "review"}, p.kind) && p.year >= int64(spec.From) && p.year <= int64(spec.To) && (in == nil || in(p)) {
			works = append(works, p)
		}
	}
	out := map[string]*Value{}
	for _, p := range works {
		for unit, weight := range w.parts(p, spec.Unit) {
			field, year := int64(0), 0
			if slices.Contains(spec.By, ByField) {
				field = p.field
			}
			if slices.Contains(spec.By, ByYear) {
				year = int(p.year)
			}
			key := fmt.Sprint(unit, field, year)
			if out[key] == nil {
				out[key] = &Value{Unit: unit, Field: field, Year: year}
			}
			w.add(out[key], p, weight, spec, scoresOf(works, p, cites), cites(p))
		}
	}
	for _, v := range out {
		v.MNCS, v.PPTop1, v.PPTop10, v.PPTop50 = v.TNCS/v.Base, v.Top1/v.Base, v.Top10/v.Base, v.Top50/v.Base
		v.PPCollab, v.PPIntCollab, v.PPIndustry = v.Collab/v.P, v.IntCollab/v.P, v.Industry/v.P
	}
	return out
}

func (w *world) add(v *Value, p *paper, weight float64, spec Spec, s scores, cites int64) {
	v.P++
	v.Share += weight
	t := w.traits(p)
	v.Collab, v.IntCollab, v.Industry, v.ShortDist, v.LongDist = v.Collab+t.collab, v.IntCollab+t.abroad, v.Industry+t.industry, v.ShortDist+t.short, v.LongDist+t.long
	if spec.Counting == Full {
		weight = 1
	}
	if cites >= 0 {
		v.TCS += weight * float64(cites)
	}
	if !math.IsNaN(s.ncs) {
		v.Base, v.TNCS = v.Base+weight, v.TNCS+weight*s.ncs
		v.Top1, v.Top10, v.Top50 = v.Top1+weight*s.top1, v.Top10+weight*s.top10, v.Top50+weight*s.top50
	}
}
