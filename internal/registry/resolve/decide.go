package resolve

import (
	"cmp"
	"slices"
	"strings"
)

// accept is the score from which a name counts as found. The weights were
// chosen on every second row of the Springer set; see docs in evaluate.go.
const accept = 0.7

// What a name loses, from a start of 0.9.
const (
	lossReordered = 0.10 // its words stand in another order
	lossAlias     = 0.22 // it is not an official name
	lossPart      = 0.10 // the segment has other words
	lossAway      = 0.20 // the text states another city of the country
	lossNear      = 0.12 // a word is misspelt
	lossGeneric   = 0.35 // no word of it is distinctive
	lossHouse     = 0.40 // another name of a hospital
	lossLonger    = 0.45 // it is part of a longer name
	lossApart     = 0.50 // its words stand there by chance
)

// What agreement adds.
const (
	gainCity    = 0.06
	gainCountry = 0.04
	gainWhole   = 0.05 // it fills its segment
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
		} else if r.lost.failed == "" || f.score > r.lost.score {
			r.lost = f
		}
	}
	r.dropParts()
	if len(r.found) == 0 {
		r.judgeAcronyms()
	}
	slices.SortStableFunc(r.found, func(a, b finding) int { return cmp.Compare(r.offset(a), r.offset(b)) })
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
			if out[i].org == c.org {
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
		case d == 0:
			rivals++
		}
	}
	return best, rivals
}

// weigh scores a candidate by how its name stands in the text and whether the
// place agrees.
func (r *run) weigh(h hit, c candidate) float64 {
	whole := r.wholeSegments(h)
	s := 0.9 + r.weighPlace(c)
	if !c.ordered {
		s -= lossReordered
	}
	if h.near {
		s -= lossNear
		if !c.city && !c.country || h.end-h.start < 2 {
			s -= 0.3
		}
	}
	switch {
	case h.company:
		return s - 0.05
	case h.han != nil:
		return s + r.weighHan(h, c, whole)
	}
	return s + r.weighSpaced(h, c, whole)
}

func (r *run) weighPlace(c candidate) float64 {
	d := 0.0
	if c.city {
		d += gainCity
	}
	if c.country {
		d += gainCountry
	}
	if c.away {
		d -= lossAway
	}
	return d
}

func (r *run) weighSpaced(h hit, c candidate, whole bool) float64 {
	n := h.end - h.start
	d := -lossPart
	if whole {
		d = gainWhole
	}
	if c.kind >= kindAlias {
		d -= lossAlias
		if r.x.orgs[c.org].health {
			// "X University Hospital" and the like name several houses;
			// labelled texts mean the university as often as the hospital.
			d -= lossHouse
		}
	}
	if c.kind == kindCore {
		d -= 0.05
		if !whole {
			d -= 0.3
		}
	}
	if n == 1 {
		d -= 0.25
		if !whole {
			d -= 0.25
		}
	}
	if c.away && n <= 2 {
		d -= 0.2
	}
	if c.generic {
		d -= r.genericLoss(h, c, n <= 2)
	}
	if r.continuedLeft(h) {
		d -= lossLonger
	}
	if r.continuedRight(h) {
		d -= lossLonger
	}
	return d - r.orderLoss(h, c, whole)
}

// genericLoss is what a name without a distinctive word loses: more when it is
// short, no official name, or the city speaks against it.
//
// A text that is nothing but the official name loses little.
func (r *run) genericLoss(h hit, c candidate, short bool) float64 {
	d := lossGeneric
	if all := h.start == 0 && int(h.end) == len(r.content); all && c.ordered && c.kind == kindLabel && (!short || r.says(h, "university")) {
		return 0.1
	}
	if short || !c.city && c.kind != kindLabel {
		d += 0.1
	}
	if c.away {
		d += 0.2
	}
	return d
}

// orderLoss tells University of X, X University from words that meet by
// chance.
func (r *run) orderLoss(h hit, c candidate, whole bool) float64 {
	crosses := r.word(h.start).seg != r.word(h.end-1).seg
	switch {
	case c.ordered:
		return 0
	case crosses, !whole && !c.turned:
		return lossApart
	case !c.city && (!c.turned || !whole), !whole && !r.says(h, "university"):
		return 0.3
	}
	return 0
}

// says reports a word among those of the hit.
func (r *run) says(h hit, text string) bool {
	for i := h.start; i < h.end; i++ {
		if r.word(i).text == text {
			return true
		}
	}
	return false
}

// wholeSegments reports whether the hit fills the segments that it touches.
func (r *run) wholeSegments(h hit) bool {
	if h.han != nil {
		chars := r.m.chars
		return (h.start == 0 || chars[h.start-1].seg != chars[h.start].seg) &&
			(int(h.end) == len(chars) || chars[h.end].seg != chars[h.end-1].seg)
	}
	return (h.start == 0 || r.word(h.start-1).seg != r.word(h.start).seg) &&
		(int(h.end) == len(r.content) || r.word(h.end).seg != r.word(h.end-1).seg)
}

// directions before a name make it another name (New York University is not
// York University).
var directions = map[string]bool{
	"new": true, "north": true, "south": true, "east": true, "west": true, "northern": true, "southern": true,
	"eastern": true, "western": true, "central": true, "upper": true, "lower": true, "greater": true, "san": true,
	"santa": true, "saint": true, "northeast": true, "northwest": true, "southeast": true, "southwest": true,
	"northeastern": true, "northwestern": true, "southeastern": true, "southwestern": true, "mid": true, "old": true,
}

// continuedLeft reports a word directly before the hit that belongs to the
// same, longer name.
func (r *run) continuedLeft(h hit) bool {
	at := r.content[h.start] - 1
	if at < 0 || r.m.words[at].seg != r.word(h.start).seg {
		return false
	}
	w := &r.m.words[at]
	if w.stop {
		return false
	}
	if w.upper && len(w.text) <= 6 && !directions[w.text] {
		return false // an acronym of the same body or of a larger one
	}
	if directions[w.text] || w.id == 0 || w.near {
		return true
	}
	if w.text == "hospital" || w.text == "clinic" {
		return r.word(h.start).text == "university"
	}
	if headWords[r.word(h.start).text] && r.x.before[w.id] >= 3 {
		return true
	}
	return r.x.spread[w.id] < commonSpread && !r.x.places.isPlace[w.id]
}

// continuedRight reports that the name goes on: "of …", or a distinctive word
// that is not the place.
func (r *run) continuedRight(h hit) bool {
	at := int(r.content[h.end-1]) + 1
	if at >= len(r.m.words) || r.m.words[at].seg != r.word(h.end-1).seg {
		return false
	}
	w := &r.m.words[at]
	if w.text == "hospital" && r.says(h, "university") {
		return true // a house of its own, whatever its name
	}
	if w.stop {
		next := at+1 < len(r.m.words) && r.m.words[at+1].seg == w.seg
		return next && (w.joins || (w.text == "in" || w.text == "at") && !r.placeAt(h.end))
	}
	if w.upper || r.placeAt(h.end) || r.unitFollows(at) {
		return false
	}
	if w.id == 0 || w.near {
		return true
	}
	return r.x.spread[w.id] < commonSpread
}

// unitFollows reports a school or hospital named later in the segment: what
// stands between belongs to that name (University of Miami Miller School of
// Medicine).
func (r *run) unitFollows(at int) bool {
	for i := at; i < len(r.m.words) && r.m.words[i].seg == r.m.words[at].seg; i++ {
		switch r.m.words[i].text {
		case "school", "college", "hospital", "faculty", "medicine", "department", "center", "institute", "campus":
			return true
		}
	}
	return false
}

// placeAt reports that a place name starts at the content word and ends the
// segment.
func (r *run) placeAt(at int32) bool {
	for _, s := range r.places {
		if !s.han && s.start == at && (int(s.end) == len(r.content) || r.word(s.end).seg != r.word(at).seg || s.country != 0) {
			return true
		}
	}
	return false
}

func (r *run) weighHan(h hit, c candidate, whole bool) float64 {
	d := 0.0
	if whole {
		d += gainWhole
	} else if h.end-h.start < 4 {
		d -= 0.4
	}
	if c.kind >= kindAlias {
		d -= 0.02
	}
	if c.generic {
		d -= lossGeneric
		if c.away {
			d -= 0.2
		}
	}
	if r.runsInto(h) {
		d -= lossLonger
	}
	rest := r.hanRest(h)
	if slices.ContainsFunc(notPartHan, func(p string) bool { return strings.HasPrefix(rest, p) }) {
		d -= lossLonger
	}
	return d
}

// runsInto reports that characters stand directly before the hit that are no
// place and no other name, while the name is not one that stands by itself.
func (r *run) runsInto(h hit) bool {
	if h.start == 0 || r.m.chars[h.start-1].seg != r.m.chars[h.start].seg || r.m.chars[h.start-1].latin {
		return false
	}
	for _, s := range r.places {
		if s.han && (s.end == h.start || s.start == h.start) {
			return false
		}
	}
	for _, o := range r.hits {
		if o.han != nil && o.end == h.start {
			return false
		}
	}
	key := h.han[0].key
	if strings.HasPrefix(key, "中国") || strings.HasPrefix(key, "国家") {
		return false
	}
	return !slices.ContainsFunc(fullHan, func(end string) bool { return strings.HasSuffix(key, end) })
}

// hanRest is what follows the hit in its segment, but for a place at its end.
func (r *run) hanRest(h hit) string {
	var b strings.Builder
	for i := h.end; int(i) < len(r.m.chars) && r.m.chars[i].seg == r.m.chars[h.end-1].seg; i++ {
		for _, s := range r.places {
			if s.han && s.start == i && s.whole {
				return b.String()
			}
		}
		b.WriteRune(r.m.chars[i].r)
	}
	return b.String()
}
