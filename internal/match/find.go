package match

import (
	"cmp"
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
)

// How many candidates each stage looks at. Past the first hundred the order
// hardly changes any more; the rest is there so that conditions may strike most
// of them out.
const (
	byText    = 150 // best by words, and as many by gloss
	byMeaning = 100
	shortlist = 100 // whose coverage is computed
	nearMiss  = 10  // of those that fail a condition
	fewLeft   = 50  // fewer pass: the index is asked again with the conditions
)

// Match is one record that was found, with its reasons.
type Match struct {
	Key
	Title    i18n.Text   `json:"title"`
	Owner    string      `json:"owner,omitempty"`
	Score    float64     `json:"score"` // the sum of the contributions and the bias
	Bias     float64     `json:"bias,omitempty"`
	Weak     bool        `json:"weak,omitempty"` // far behind the best, and alone it would not have been recommended
	Features []Part      `json:"features,omitempty"`
	Terms    []Term      `json:"terms,omitempty"`
	Checks   []Check     `json:"checks,omitempty"`
	Fails    []Condition `json:"fails,omitempty"`
	Votes    []Vote      `json:"votes,omitempty"` // of a person or an organisation, in place of features
	Values   Values      `json:"-"`
}

// Term is what one term adds to a match: the terms of a stream add up to the
// contribution of that feature.
type Term struct {
	Text   string   `json:"text"`           // as the ask writes it
	Stream Feature  `json:"stream"`         // Words or Gloss
	Path   []string `json:"path,omitempty"` // from the ask's word to the record's
	Part   float64  `json:"part"`
}

// found is what the stages before diversity and abstention have found.
type found struct {
	passing, failing []pair // both by score
	weights          Weights
	meaning          MeaningState
	terms            bool // some record holds something of the ask
	records          int  // of the whole index

	account func(keys []Key) []search.Account // term by term
}

// pair is a candidate on its way through the stages.
type pair struct {
	card         *Card
	slot         int
	words, gloss float64 // BM25 of each stream
	native       bool    // it shares a language with the ask
	asked        float64 // idf of all that coverage is a share of
	checks       []Check
	fails        []Condition
	values       Values
	score        float64
}

// find runs an ask through candidates, conditions and features.
func (s *Service) find(ctx context.Context, a asking, kinds []string, w Weights) (found, error) {
	v, state, err := s.meaning.of(ctx, a)
	if err != nil {
		return found{}, err
	}
	pairs := s.candidates(a, a.query(kinds), v)
	pass, fail := s.check(a, pairs)
	if filters := a.card.Wants.filters(); len(pass) < fewLeft && len(fail) > 0 && len(filters) > 0 {
		q := a.query(kinds)
		q.Filters = append(q.Filters, filters...)
		pass, _ = s.check(a, s.candidates(a, q, v))
	}
	out := found{weights: w, meaning: state, records: s.cfg.Index.Len()}
	out.account = func(keys []Key) []search.Account { return s.cfg.Index.Explain(a.query(kinds), keys) }
	top := scale(append(slices.Clone(pass), fail...))
	out.passing = s.score(a, pass, shortlist, kinds, v, top, w)
	out.failing = s.score(a, fail, nearMiss, kinds, v, top, w)
	out.terms = len(out.passing)+len(out.failing) > 0
	return out, nil
}

// candidates unites the best by words, by gloss and by meaning.
func (s *Service) candidates(a asking, q search.Query, v []float32) []pair {
	var out []pair
	at := map[Key]int{}
	s.cards.each(a.viewer, s.cfg.Index.Candidates(q, byText), func(c search.Candidate, card *Card, slot int) {
		if card.listed() && card.Key != a.card.Key {
			at[card.Key] = len(out)
			out = append(out, pair{card: card, slot: slot, words: c.Words, gloss: c.Gloss})
		}
	})
	if v == nil {
		return out
	}
	allowed := func(slot int) *Card {
		c := s.cards.bySlot(a.viewer, slot)
		if c == nil || !c.listed() || !slices.Contains(q.Kinds, c.Kind) || c.Key == a.card.Key {
			return nil
		}
		return c
	}
	for _, h := range s.meaning.nearest(v, byMeaning, func(slot int) bool { return allowed(slot) != nil }) {
		if c := allowed(int(h.Key)); c != nil {
			if _, known := at[c.Key]; !known {
				out = append(out, pair{card: c, slot: int(h.Key)})
			}
		}
	}
	return out
}

// check parts candidates into those that pass the hard conditions and those
// that fail one.
func (s *Service) check(a asking, pairs []pair) (pass, fail []pair) {
	for _, p := range pairs {
		p.checks = checks(a.card, p.card, a.today)
		var open float64
		p.fails, open = verdict(p.checks)
		p.values[atOpen] = open
		p.values[atCodes] = codeOverlap(a.card.Codes, p.card.Codes)
		p.values[atFresh] = freshness(p.card.Since, a.today)
		if len(p.fails) > 0 {
			fail = append(fail, p)
		} else {
			pass = append(pass, p)
		}
	}
	return pass, fail
}

// most are the best raw scores of a list, by which each stream is brought into
// 0..1.
type most struct{ words, gloss float64 }

func scale(pairs []pair) most {
	var m most
	for _, p := range pairs {
		m.words, m.gloss = max(m.words, p.words), max(m.gloss, p.gloss)
	}
	return m
}

// score takes the best n by what is known without looking at coverage, weighs
// those whole, and returns them in the order of their scores.
func (s *Service) score(a asking, pairs []pair, n int, kinds []string, v []float32, top most, w Weights) []pair {
	s.meaning.measure(v, pairs)
	for i := range pairs {
		p := &pairs[i]
		p.text(a, top)
		p.values[atCoverage] = unknown
		p.score = w.exact(p.values)
	}
	pairs = slices.DeleteFunc(pairs, func(p pair) bool { return p.words == 0 && p.gloss == 0 && !(p.values[atMeaning] > 0) })
	slices.SortFunc(pairs, before)
	pairs = pairs[:min(n, len(pairs))]
	keys := make([]Key, len(pairs))
	at := map[Key]int{}
	for i, p := range pairs {
		keys[i], at[p.card.Key] = p.card.Key, i
	}
	for _, account := range s.cfg.Index.Weigh(a.query(kinds), keys) {
		p := &pairs[at[account.Key]]
		p.words, p.gloss, p.asked = account.Words, account.Gloss, account.Asked
		p.text(a, top)
		p.values[atCoverage] = account.Coverage
	}
	for i := range pairs {
		pairs[i].score = w.Score(pairs[i].values)
	}
	slices.SortFunc(pairs, before)
	return pairs
}

// text sets the features of both streams. A record in another language cannot
// hold the ask's words: its glosses stand in for them, or near records in the
// ask's own language would always go first.
func (p *pair) text(a asking, top most) {
	p.values[atGloss] = share(p.gloss, top.gloss)
	p.values[atWords] = p.values[atGloss]
	if p.native = p.card.tongue.shares(a.card.tongue) || top.gloss == 0; p.native {
		p.values[atWords] = share(p.words, top.words)
	}
}

// before orders by score; equal ones by coverage, then by kind and id.
func before(a, b pair) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.values[atCoverage], a.values[atCoverage]),
		cmp.Compare(a.card.Kind, b.card.Kind), cmp.Compare(a.card.ID, b.card.ID))
}

// answer is diversity, abstention and explanation.
func (f found) answer(limit int) Answer {
	out := Answer{Weights: f.weights.Version, Threshold: f.weights.Threshold, Meaning: f.meaning}
	kept, more := diverse(f.passing, func(p pair) string { return p.card.Owner }, limit)
	if len(more) > 0 {
		out.More = more
	}
	out.Excluded = f.explain(f.failing[:min(nearestShown, len(f.failing))], false)
	out.Best, out.Why = f.judge()
	if out.Abstained = out.Why != whyNone; out.Abstained {
		out.Nearest = f.explain(kept[:min(nearestShown, len(kept))], true)
		return out
	}
	out.Matches = f.explain(kept, true)
	return out
}

// judge decides whether there is a list at all.
func (f found) judge() (Best, Why) {
	switch {
	case !f.terms:
		return Best{}, WhyEmpty
	case len(f.passing) == 0:
		return Best{}, WhyExcluded
	}
	best := f.best(f.passing[:min(nearestShown, len(f.passing))]...)
	return best, f.weights.Threshold.judge(best)
}

// besideBest is the share of the best score from which a record is recommended
// along with the best one.
const besideBest = 2. / 3

// weak reports a record that is far behind the best and would not be
// recommended alone.
func (f found) weak(p pair) bool {
	return len(f.passing) > 0 && p.score < besideBest*f.passing[0].score && f.weights.Threshold.judge(f.best(p)) != whyNone
}

// best is the most that any of some pairs reaches.
func (f found) best(of ...pair) Best {
	var best Best
	for _, p := range of {
		best.Score = max(best.Score, p.score)
		best.Coverage = max(best.Coverage, p.values[atCoverage])
		best.Evidence = max(best.Evidence, evidence(p, f.records))
	}
	return best
}

// explain gives each pair its reasons; termwise, down to the single terms.
func (f found) explain(pairs []pair, termwise bool) []Match {
	accounts := map[Key]search.Account{}
	if termwise && len(pairs) > 0 {
		keys := make([]Key, len(pairs))
		for i, p := range pairs {
			keys[i] = p.card.Key
		}
		for _, a := range f.account(keys) {
			accounts[a.Key] = a
		}
	}
	out := make([]Match, len(pairs))
	for i, p := range pairs {
		account := accounts[p.card.Key]
		m := Match{
			Key: p.card.Key, Title: p.card.Title, Owner: p.card.Owner, Score: p.score, Bias: toPoints(f.weights.Bias).float(),
			Weak: f.weak(p), Features: f.weights.Explain(p.values), Checks: p.checks, Fails: p.fails, Values: p.values,
		}
		stream := search.StreamWords
		if !p.native {
			stream = search.StreamGloss
		}
		m.Terms = append(terms(account, stream, Words, m.Features[atWords]), terms(account, search.StreamGloss, Gloss, m.Features[atGloss])...)
		out[i] = m
	}
	return out
}

// terms hands a feature's contribution on to the terms of its stream. Those
// that round to nothing are left out: the others still add up.
func terms(a search.Account, stream string, name Feature, part Part) []Term {
	var of []search.TermPart
	var shares []float64
	for _, t := range a.Terms {
		if t.Stream == stream {
			of, shares = append(of, t), append(shares, t.Score)
		}
	}
	var out []Term
	for i, x := range divide(part.Contribution, shares) {
		if x != 0 {
			out = append(out, Term{Text: of[i].Text, Stream: name, Path: of[i].Path, Part: x})
		}
	}
	slices.SortStableFunc(out, func(a, b Term) int { return cmp.Compare(b.Part, a.Part) })
	return out
}
