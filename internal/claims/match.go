package claims

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// The weights of the places in which a word of the claim may stand, nearest
// first, and the least score at which a figure is taken to be meant.
const (
	inMeasure  = 1.0
	inClause   = 0.85
	inBefore   = 0.5
	takeFrom   = 0.38
	restWeight = 0.25 // what agreeing words outside the best wording may add
	massScale  = 10.0 // how much rare wording makes a match certain
)

// matcher holds the figures cut into terms, with the rarity of each, and
// whether the document names their place anywhere.
type matcher struct {
	absent   []bool
	places   []string   // every place that a claim may name, folded
	short    []string   // of the full names, without 市 and 省, folded
	own      [][]string // the places of each figure, folded
	subjects [][]string // names of the subjects, folded
	figures  []Figure
	terms    [][]term
	idf      map[string]float64
	byID     map[string]int
}

// rarity weighs a token that n of all figures have: from 1.6 when all do to 4.8
// when one does. A register of a few figures is weighed as one of a hundred:
// that half of five figures speak of awards makes the word no particle.
func rarity(n, all int) float64 {
	all = max(all, 100)
	return 1.6 * (1 + 2*math.Log(float64(all+1)/float64(n))/math.Log(float64(all+1)))
}

// mentions reports whether a folded text has one of the names; no names are
// always mentioned.
func mentions(text string, names []string) bool {
	for _, n := range names {
		if key := fold.Name(n); len(key) > 1 && strings.Contains(text, key) {
			return true
		}
	}
	return len(names) == 0
}

func foldedNames(names []string) []string {
	var out []string
	for _, n := range names {
		if key := fold.Name(n); len(key) > 1 {
			out = append(out, key)
		}
	}
	return out
}

// kindOfFigure reads the kind from unit and title when the record gives none.
func kindOfFigure(f Figure) Kind {
	switch d := f.Unit.Dimension(); {
	case f.Kind != "":
		return f.Kind
	case d == quantity.DimRank || d == quantity.DimRankShare:
		return Rank
	case (d == quantity.DimRatio || d == quantity.DimPoint) && hasAny(f.Title.ZH+strings.ToLower(f.Title.EN), "增长", "增速", "growth"):
		return Growth
	}
	return ""
}

// term is one wording of a figure.
type term struct {
	tokens []string
	weight float64
}

func newMatcher(figures []Figure, places []string, text string) *matcher {
	text = fold.Name(text)
	m := &matcher{figures: slices.Clone(figures), idf: map[string]float64{}, byID: map[string]int{}, places: foldedNames(places), short: shortNames(places)}
	count := map[string]int{}
	for i, f := range figures {
		m.byID[f.ID] = i
		m.figures[i].Kind = kindOfFigure(f)
		m.absent = append(m.absent, !mentions(text, f.Places))
		m.subjects = append(m.subjects, foldedNames(f.SubjectNames))
		m.own = append(m.own, foldedNames(f.Places))
		m.places = append(m.places, m.own[i]...)
		seen := map[string]bool{}
		var terms []term
		for _, w := range append([]string{f.Title.ZH, f.Title.EN}, f.Terms...) {
			if tokens := cut(w); len(tokens) > 0 {
				terms = append(terms, term{tokens: tokens})
				for _, t := range tokens {
					seen[t] = true
				}
			}
		}
		for t := range seen {
			count[t]++
		}
		m.terms = append(m.terms, terms)
	}
	for t, n := range count {
		m.idf[t] = rarity(n, len(figures))
	}
	for _, terms := range m.terms {
		for k := range terms {
			for _, t := range terms[k].tokens {
				terms[k].weight += m.idf[t]
			}
		}
	}
	return m
}

// cut makes the distinct tokens of a wording: words, and pairs of Chinese
// characters. Single characters and English particles say too little.
func cut(s string) []string {
	var out []string
	for _, t := range fold.Tokens(s) {
		if han := t[0] >= 0x80; han && len([]rune(t)) < 2 || !han && (len(t) < 2 || particles[t]) {
			continue
		}
		out = append(out, stem(t))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var particles = map[string]bool{"of": true, "the": true, "in": true, "and": true, "to": true, "for": true, "by": true, "on": true, "at": true,
	"an": true, "is": true, "are": true, "has": true, "have": true, "with": true, "its": true, "from": true, "was": true}

// stem takes the plural off an English word.
func stem(t string) string {
	if t[0] < 0x80 && len(t) > 3 && strings.HasSuffix(t, "s") && !strings.HasSuffix(t, "ss") {
		return strings.TrimSuffix(t, "s")
	}
	return t
}

// Candidate is a figure that a claim may speak of.
type Candidate struct {
	FigureID string    `json:"figure_id"`
	Title    i18n.Text `json:"title"`
	Score    float64   `json:"score"`

	index int
}

// wording gives each token of the claim the weight of its nearest place.
func wording(c Claim) map[string]float64 {
	out := map[string]float64{}
	put := func(s string, w float64) {
		for _, t := range cut(s) {
			out[t] = math.Max(out[t], w)
		}
	}
	put(c.before, inBefore)
	if c.Share != nil {
		put(c.Share.Numerator, inBefore)
		put(c.Share.Denominator, inMeasure)
	}
	put(c.clause, inClause)
	put(c.Subject.Text, inClause)
	put(c.Measure, inMeasure)
	return out
}

// candidates ranks the figures that could answer the claim, best first; with
// any true the unit is not asked for.
func (m *matcher) candidates(c Claim, any bool) []Candidate {
	words, h := wording(c), hear(c)
	named, loss := m.named(c, h)
	var out []Candidate
	for i, f := range m.figures {
		if m.absent[i] || !any && !(answers(f, c) && covers(f, c)) {
			continue
		}
		s := m.text(i, words) + m.whom(i, c, h) - m.elsewhere(i, named, loss)
		if s >= takeFrom/2 {
			out = append(out, Candidate{f.ID, f.Title, math.Round(s*1000) / 1000, i})
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.FigureID, b.FigureID))
	})
	return out
}

// text is how well the best wording of the figure is covered by the claim,
// less when the wording is short and common, and a little for what the other
// wordings add.
func (m *matcher) text(i int, words map[string]float64) float64 {
	best, bestMass, all := 0.0, 0.0, 0.0
	seen := map[string]bool{}
	for _, t := range m.terms[i] {
		mass := 0.0
		for _, tok := range t.tokens {
			mass += m.idf[tok] * words[tok]
			if !seen[tok] {
				seen[tok] = true
				all += m.idf[tok] * words[tok]
			}
		}
		if s := mass / t.weight * certain(mass); t.weight > 0 && s > best {
			best, bestMass = s, mass
		}
	}
	return best + restWeight*certain(all-bestMass)
}

// certain grows from 0 to 1 with the mass of the wording that agrees.
func certain(mass float64) float64 { return 1 - math.Exp(-math.Max(mass, 0)/massScale) }

// heard is the claim's wording as the subjects of figures are looked for in it.
type heard struct{ near, far string }

func hear(c Claim) heard {
	return heard{near: fold.Name(c.Subject.Text + " " + c.clause), far: fold.Name(c.before)}
}

// whom compares the subjects: the same organisation speaks for a figure, a
// different one against it.
func (m *matcher) whom(i int, c Claim, h heard) float64 {
	f := m.figures[i]
	if len(f.SubjectOrgIDs) == 0 && len(m.subjects[i]) == 0 {
		return 0
	}
	if c.Subject.OrgID != "" && slices.Contains(f.SubjectOrgIDs, c.Subject.OrgID) {
		return 0.25
	}
	best := -0.05
	for _, key := range m.subjects[i] {
		switch {
		case strings.Contains(h.near, key):
			return 0.2
		case strings.Contains(h.far, key):
			best = 0.1
		}
	}
	if best < 0 && c.Subject.OrgID != "" && len(f.SubjectOrgIDs) > 0 {
		return -0.3
	}
	return best
}

// divisionTails are what a full name of a province or city has behind its short
// one, longer ones first.
var divisionTails = []string{"维吾尔自治区", "特别行政区", "壮族自治区", "回族自治区", "自治区", "市", "省"}

func shortNames(full []string) []string {
	var out []string
	for _, name := range full {
		for _, tail := range divisionTails {
			if short, ok := strings.CutSuffix(name, tail); ok {
				out = append(out, short)
				break
			}
		}
	}
	return foldedNames(out)
}

// bodies are words of organisations that have a place's name before them:
// 中山大学 is not about 中山市.
var bodies = []string{"大学", "学院", "医院", "公司", "集团", "研究院", "研究所", "实验室", "银行", "学校", "中心"}

// named lists the places that the claim itself names: full names anywhere in
// its clause, a short one where it opens the subject (杭州科研城市排名). The loss
// is what another place's figure loses: all, when the subject itself says the
// place.
func (m *matcher) named(c Claim, h heard) (out []string, loss float64) {
	loss = 0.6
	for _, p := range m.places {
		if strings.Contains(h.near, p) {
			out = append(out, p)
		}
	}
	subject := fold.Name(c.Subject.Text)
	if hasAny(subject, bodies...) {
		return out, loss
	}
	resolved := fold.Name(c.Subject.Name)
	for _, p := range m.short {
		// A body that has the place in its own name is itself; one that was found
		// by the rest of the words is another place's.
		if strings.HasPrefix(subject, p) && !strings.HasPrefix(resolved, p) {
			out, loss = append(out, p), 2
		}
	}
	return out, loss
}

// elsewhere is what a figure loses when the claim names places and none of them
// is the figure's: Shenzhen's spending is no reading of Guangzhou's.
func (m *matcher) elsewhere(i int, named []string, loss float64) float64 {
	if len(named) == 0 || len(m.own[i]) == 0 {
		return 0
	}
	for _, p := range named {
		for _, own := range m.own[i] {
			if strings.Contains(p, own) || strings.Contains(own, p) {
				return 0
			}
		}
	}
	return loss
}

// covers compares the scopes of ranks and superlatives: a place in the world is
// none in the province; but what is the first of the world is the first of the
// country.
func covers(f Figure, c Claim) bool {
	if c.Extreme == nil || c.Extreme.Level == "" {
		return true
	}
	level := levelOf(f.Scope)
	return level == "" || level == c.Extreme.Level || c.Kind == Superlative && level == World
}

// levelOf is the level of a scope word in either language.
func levelOf(scope string) Level {
	low := strings.ToLower(scope)
	for _, list := range [][]scopeWord{scopesZH, scopesEN} {
		for _, s := range list {
			if s.word == low {
				return s.level
			}
		}
	}
	return ""
}

// answers reports whether the figure measures what the claim states.
func answers(f Figure, c Claim) bool {
	switch {
	case c.Kind == Superlative:
		return f.Kind == Superlative && f.Extreme == c.Extreme.Kind
	case f.Kind == Superlative, c.Quantity == nil:
		return false
	case c.Kind == Growth:
		if f.Kind == Growth {
			return agree(f.Unit, c.Quantity.Unit)
		}
		return f.Kind == "" && c.Quantity.Unit.Dimension() == quantity.DimRatio && f.Unit.Dimension() != quantity.DimRatio && f.Unit.Dimension() != quantity.DimRank
	case f.Kind != "" && f.Kind != c.Kind && !(f.Kind == Share && c.Kind == Amount || f.Kind == Amount && c.Kind == Share):
		return false
	}
	return agree(f.Unit, c.Quantity.Unit)
}

func agree(a, b quantity.Unit) bool {
	_, ok := a.Convert(b)
	if !ok && (b == quantity.None || a == quantity.None) {
		return a.Dimension() == quantity.DimCount || b.Dimension() == quantity.DimCount
	}
	return ok
}
