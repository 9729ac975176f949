package resolve

import (
	"cmp"
	"slices"
	"strings"
)

// finding is one hit judged: the organisation it most likely means.
type finding struct {
	hit     hit
	org     int32
	score   float64
	name    span
	reason  Reason
	failed  string // why it is not accepted, "" when it is
	generic bool
}

// candidate is an organisation that bears the name of a hit.
type candidate struct {
	org      int32 // the organisation answered
	unit     int32 // the one that bears the name
	text     span
	kind     uint8
	ordered  bool // in the order of the name
	turned   bool // in that order, but started elsewhere: University of X, X University
	generic  bool
	city     bool
	country  bool
	province bool
	away     bool // the text states another city of the same country
	foreign  bool
}

// judgeAll decides every hit, longest first, and keeps those accepted that do
// not overlap a longer one.
func (r *run) judgeAll() {
	slices.SortStableFunc(r.hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.end-b.start, a.end-a.start), cmp.Compare(a.start, b.start))
	})
	for _, h := range r.hits {
		if r.overlaps(h) {
			continue
		}
		f := r.judge(h)
		if f.failed == "" {
			r.found = append(r.found, f)
			continue
		}
		if f.failed == Generic {
			r.weak = append(r.weak, f)
		}
		if r.telling(f) && (r.lost.failed == "" || f.score > r.lost.score) {
			r.lost = f
		}
	}
	r.takeParts()
	r.dropParts()
	if len(r.found) == 0 {
		r.judgeAcronyms()
	}
	slices.SortStableFunc(r.found, func(a, b finding) int { return cmp.Compare(r.offset(a), r.offset(b)) })
}

// telling reports whether a name that was not accepted is worth mention: not a
// single common word, nor a common name abroad.
func (r *run) telling(f finding) bool {
	return !f.generic || f.hit.han != nil || f.failed != Elsewhere && f.hit.end-f.hit.start > 1
}

// takeParts accepts generic names of parts of an organisation that is named as
// well: Institute of Botany, Chinese Academy of Sciences.
func (r *run) takeParts() {
	for _, f := range r.weak {
		if f.score < accept-lossGeneric || r.overlaps(f.hit) {
			continue
		}
		if slices.ContainsFunc(r.found, func(g finding) bool { return slices.Contains(r.x.orgs[f.org].parents, g.org) }) {
			f.failed = ""
			f.score = max(f.score, accept)
			r.found = append(r.found, f)
		}
	}
}

// dropParts takes out what counts for a whole that is also named: laboratories
// and centres of a university, key laboratories beside their host.
func (r *run) dropParts() {
	all := slices.Clone(r.found)
	r.found = slices.DeleteFunc(r.found, func(f finding) bool {
		return f.generic && f.hit.han == nil && r.isUnit(f) && !slices.ContainsFunc(all, func(g finding) bool {
			return slices.Contains(r.x.orgs[f.org].parents, g.org) || slices.Contains(r.x.orgs[g.org].parents, f.org)
		})
	})
	r.found = slices.DeleteFunc(r.found, func(f finding) bool {
		return slices.ContainsFunc(all, func(g finding) bool { return g.org != f.org && r.partOf(f, g) })
	})
}

func (r *run) partOf(f, g finding) bool {
	if r.keyLaboratory(f) {
		return !r.keyLaboratory(g)
	}
	part, whole := r.x.orgs[f.org], r.x.orgs[g.org]
	child := slices.Contains(part.parents, g.org)
	related := child || slices.Contains(whole.parents, f.org)
	if f.generic && !g.generic && !related {
		return true // Department of Public Health, Institute of Automation
	}
	if !whole.education || part.university {
		return false
	}
	if child {
		return !part.health
	}
	if !whole.university {
		return false
	}
	// A body named before a university without a recorded tie is, in most
	// labelled texts, a part of it without a record of its own.
	return f.hit.han == nil && g.hit.han == nil && f.hit.end <= g.hit.start && (!part.health || f.reason.Code == Reordered)
}

// isUnit reports a name such as Institute of Anatomy or Department of Health
// that is also that of a part of many organisations.
func (r *run) isUnit(f finding) bool {
	for i := f.hit.start; i < f.hit.end; i++ {
		switch r.word(i).text {
		case "university", "hospital", "academy", "national", "college", "ministry":
			return false
		}
	}
	return true
}

func (r *run) keyLaboratory(f finding) bool {
	text := r.x.text(f.name)
	return strings.Contains(text, "Key Lab") || strings.Contains(text, "重点实验室")
}

func (r *run) overlaps(h hit) bool {
	for _, f := range r.found {
		if (f.hit.han == nil) == (h.han == nil) && h.start < f.hit.end && f.hit.start < h.end {
			return true
		}
	}
	return false
}

func (r *run) offset(f finding) int {
	start, _ := r.bytes(f.hit)
	return start
}

// bytes returns where a hit stands in the text.
func (r *run) bytes(h hit) (start, end int) {
	if h.han != nil {
		return int(r.m.chars[h.start].start), int(r.m.chars[h.end-1].end)
	}
	return int(r.word(h.start).start), int(r.word(h.end - 1).end)
}

// judge picks the organisation of a hit and weighs it.
func (r *run) judge(h hit) finding {
	cands := r.candidates(h)
	best, rivals := pick(cands)
	best = r.campus(h, best)
	f := finding{hit: h, org: best.org, name: best.text, generic: best.generic}
	f.reason = r.reason(h, best)
	f.score = r.weigh(h, best)
	switch {
	case best.foreign:
		f.failed = Elsewhere
		f.reason.Country = r.statedCountry().code()
	case rivals > 1:
		f.failed = Ambiguous
		f.reason.Count = rivals
	case f.score < accept && best.generic:
		f.failed = Generic
	case f.score < accept:
		f.failed = LongerName
	}
	return f
}

// bearers are the organisations whose names a hit matches.
func (r *run) bearers(h hit) []int32 {
	var out []int32
	for _, n := range h.names {
		out = append(out, n.org)
	}
	for _, n := range h.han {
		out = append(out, n.org)
	}
	return out
}

// campus takes a university system to its campus in a stated city.
func (r *run) campus(h hit, c candidate) candidate {
	o := r.x.orgs[c.org]
	if len(o.campuses) == 0 {
		return c
	}
	var found []candidate
	for _, child := range o.campuses {
		sub := c
		sub.org, sub.unit = child, child
		sub.city = false
		if sub = r.placed(h, sub); sub.city {
			found = append(found, sub)
		}
	}
	if len(found) != 1 {
		return c
	}
	return found[0]
}

func (r *run) reason(h hit, c candidate) Reason {
	out := Reason{Code: Exact, Name: r.x.text(c.text)}
	if !c.ordered {
		out.Code = Reordered
	}
	if h.near {
		out.Code = Near
	}
	if h.han != nil && r.hanRest(h) != "" {
		out.Code = Whole
	}
	if h.company {
		out.Code = Company
	}
	if c.unit != c.org || !slices.Contains(r.bearers(h), c.org) {
		out.Code, out.Name = Whole, r.x.text(r.x.orgs[c.org].label)
	}
	o := r.x.orgs[c.unit]
	if c.city {
		out.City = r.x.places.cityText[o.city]
	}
	if c.country {
		out.Country = o.country.code()
	}
	return out
}

func (r *run) candidates(h hit) []candidate {
	var out []candidate
	add := func(c candidate) {
		for i := range out {
			if out[i].unit == c.unit {
				if better(c, out[i]) {
					out[i] = c
				}
				return
			}
		}
		out = append(out, c)
	}
	for _, n := range h.names {
		c := candidate{org: r.x.orgs[n.org].stands, unit: n.org, text: n.text, kind: n.kind, ordered: r.ordered(h, n), turned: r.turned(h, n), generic: !n.distinct}
		add(r.placed(h, c))
	}
	for _, n := range h.han {
		c := candidate{org: r.x.orgs[n.org].stands, unit: n.org, text: n.text, kind: n.kind, ordered: true, generic: !n.distinct}
		add(r.placed(h, c))
	}
	return out
}

func better(a, b candidate) bool {
	if a.ordered != b.ordered {
		return a.ordered
	}
	return a.kind < b.kind
}

func (r *run) ordered(h hit, n name) bool {
	for k, id := range r.x.tokens[n.tok : n.tok+uint32(n.n)] {
		if r.word(h.start+int32(k)).id != id {
			return false
		}
	}
	return true
}

// turned reports whether the words of the hit are those of the name, starting
// with another one.
func (r *run) turned(h hit, n name) bool {
	ids := r.x.tokens[n.tok : n.tok+uint32(n.n)]
	for shift := range ids {
		if r.rotated(h, ids, shift) {
			return true
		}
	}
	return false
}

func (r *run) rotated(h hit, ids []uint32, shift int) bool {
	for k := range ids {
		if r.word(h.start+int32(k)).id != ids[(k+shift)%len(ids)] {
			return false
		}
	}
	return true
}

// placed compares the seat of a candidate with the places stated outside the
// hit.
func (r *run) placed(h hit, c candidate) candidate {
	o := r.x.orgs[c.unit]
	countryStated := false
	fits := false
	check := func(s place, whole, inside bool) {
		if s.city != 0 && s.city == o.city {
			c.city = c.city || !inside
		} else if s.city != 0 && whole && !inside && r.x.places.inside[s.city][o.country] && s.country == 0 {
			c.away = true
		}
		if s.province != 0 && s.province == r.x.places.province[o.city] {
			c.province = c.province || !inside
		}
		if abroad := s.province != 0 && s.province < 70 && !inside; abroad && mainlandNot[o.country.code()] {
			c.away = true
		}
		if s.country != 0 && whole && !inside {
			countryStated = true
			if compatible(o.country, s.country) || s.country2 != 0 && compatible(o.country, s.country2) {
				fits = true
			}
		}
	}
	for _, s := range r.places {
		inside := s.han == (h.han != nil) && s.start < h.end && h.start < s.end
		check(s.place, s.whole, inside)
	}
	check(r.hint, true, false)
	c.country = countryStated && fits
	c.foreign = countryStated && !fits && o.country != 0
	if c.city {
		c.away = false
	}
	return c
}

// mainlandNot are seats that a province or city of the mainland excludes.
var mainlandNot = map[string]bool{"HK": true, "MO": true, "TW": true}

// statedCountry is the first country the text states.
func (r *run) statedCountry() country {
	for _, s := range r.places {
		if s.country != 0 && s.whole {
			return s.country
		}
	}
	return r.hint.country
}

// pick returns the best candidate and how many are as good.
func pick(cands []candidate) (candidate, int) {
	rank := func(c candidate) int {
		n := 0
		for _, good := range []bool{!c.foreign, c.city, c.ordered, c.unit == c.org, !c.away, c.kind == kindLabel, c.province} {
			n *= 2
			if good {
				n++
			}
		}
		return n
	}
	best, rivals := cands[0], 1
	for _, c := range cands[1:] {
		switch d := rank(c) - rank(best); {
		case d > 0:
			best, rivals = c, 1
		case d == 0 && c.org != best.org:
			rivals++
		}
	}
	return best, rivals
}
