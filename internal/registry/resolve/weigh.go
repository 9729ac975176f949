package resolve

import (
	"slices"
	"strings"
)

// accept is the score from which a name counts as found. The weights were
// chosen on every second row of the Springer set (quality_test.go).
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
	if c.kind == kindAlias {
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
	if r.says(h, "university") && r.houseFollows(at) {
		return true
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

// houseFollows reports that the words at at make a university's name that of
// its hospital, a body of its own: Hospital, Medical Center, Cancer Center.
func (r *run) houseFollows(at int) bool {
	for i := at; i < min(at+3, len(r.m.words)) && r.m.words[i].seg == r.m.words[at].seg; i++ {
		switch r.m.words[i].text {
		case "medical", "comprehensive", "cancer", "health":
		case "hospital", "clinic":
			return true
		case "center", "system":
			return i > at
		default:
			return false
		}
	}
	return false
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

// universityTown is what a university's name becomes with 城 behind it, unless
// that opens the name of a faculty (城市, 城乡, 城建).
func universityTown(rest string) bool {
	after, ok := strings.CutPrefix(rest, "城")
	return ok && !slices.ContainsFunc([]string{"市", "乡", "建", "镇"}, func(p string) bool { return strings.HasPrefix(after, p) })
}

func (r *run) weighHan(h hit, c candidate, whole bool) float64 {
	d := 0.0
	if whole {
		d += gainWhole
	} else if h.end-h.start < 4 {
		d -= 0.4
	}
	switch {
	case c.kind == kindCore && !whole:
		d -= 0.3
	case c.kind >= kindAlias:
		d -= 0.02
	}
	switch {
	case c.generic && c.city:
		d -= lossGeneric - 0.1
	case c.generic:
		d -= lossGeneric
	}
	if r.runsInto(h) {
		d -= lossLonger
	}
	rest := r.hanRest(h)
	if universityTown(rest) || slices.ContainsFunc(notPartHan, func(p string) bool { return strings.HasPrefix(rest, p) }) {
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
		if o.han != nil && (o.end == h.start || o.start == h.start && o.end < h.end && standsAlone(o.han[0].key)) {
			return false
		}
	}
	if strings.ContainsRune("院局部会所厅司处", r.m.chars[h.start-1].r) {
		return false // the name of a whole body ends there
	}
	key := h.han[0].key
	if strings.HasPrefix(key, "中国") || strings.HasPrefix(key, "国家") {
		return false
	}
	return !standsAlone(key)
}

func standsAlone(key string) bool {
	return slices.ContainsFunc(fullHan, func(end string) bool { return strings.HasSuffix(key, end) })
}

// hanRest is what follows the hit in its segment, but for places at its end.
func (r *run) hanRest(h hit) string {
	end := h.end
	for int(end) < len(r.m.chars) && r.m.chars[end].seg == r.m.chars[h.end-1].seg {
		end++
	}
	for again := true; again; {
		again = false
		for _, s := range r.places {
			if s.han && s.end == end && s.start >= h.end {
				end, again = s.start, true
			}
		}
	}
	var b strings.Builder
	for _, c := range r.m.chars[h.end:end] {
		b.WriteRune(c.r)
	}
	return b.String()
}
