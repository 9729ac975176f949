package match

import (
	"cmp"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Vote is what one record says for a person or an organisation behind it.
type Vote struct {
	Key
	Title i18n.Text `json:"title"`
	Score float64   `json:"score"` // of the record itself
	Age   float64   `json:"age"`   // factor by which its age damps it; 1 when it has no date
	Part  float64   `json:"part"`  // what it adds
}

const (
	votesCounted = 5 // of one candidate: a long list of weak records is no expertise
	voters       = 100
)

// vote finds people and organisations by the records behind which they stand:
// the sum of their best scores, damped by age. This is CombSUM over the top
// documents (Macdonald and Ounis 2006), cut to the best few of each candidate.
func (s *Service) vote(a asking, f found, kinds []string, limit int) Answer {
	out := Answer{Weights: f.weights.Version, Threshold: f.weights.Threshold, Meaning: f.meaning}
	out.Best, out.Why = f.judge()
	var all []Match
	for key, votes := range ballots(f.passing[:min(voters, len(f.passing))], kinds) {
		if card, _, ok := s.cards.get(a.viewer, key); ok && key != a.card.Key {
			all = append(all, elected(card, votes))
		}
	}
	slices.SortFunc(all, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	if len(all) == 0 && out.Why == whyNone {
		out.Why = WhyNobody
	}
	if out.Abstained = out.Why != whyNone; out.Abstained {
		out.Nearest = all[:min(nearestShown, len(all))]
		return out
	}
	out.Matches = all[:min(limit, len(all))]
	return out
}

// ballots gathers, for each candidate, the records that name it, best first.
func ballots(pairs []pair, kinds []string) map[Key][]pair {
	out := map[Key][]pair{}
	for _, p := range pairs {
		if slices.Contains(kinds, KindPerson) {
			for _, id := range p.card.People {
				key := Key{Kind: KindPerson, ID: id}
				out[key] = append(out[key], p)
			}
		}
		if slices.Contains(kinds, KindOrg) && p.card.Owner != "" {
			key := Key{Kind: KindOrg, ID: p.card.Owner}
			out[key] = append(out[key], p)
		}
	}
	return out
}

func elected(card *Card, votes []pair) Match {
	m := Match{Key: card.Key, Title: card.Title}
	for _, p := range votes {
		age := p.values[atFresh]
		if math.IsNaN(age) {
			age = 1
		}
		m.Votes = append(m.Votes, Vote{Key: p.card.Key, Title: p.card.Title, Score: p.score, Age: age, Part: toPoints(max(0, p.score) * age).float()})
	}
	slices.SortStableFunc(m.Votes, func(a, b Vote) int { return cmp.Compare(b.Part, a.Part) })
	m.Votes = m.Votes[:min(votesCounted, len(m.Votes))]
	sum := points(0)
	for _, v := range m.Votes {
		sum += toPoints(v.Part)
	}
	m.Score = sum.float()
	return m
}
