package search

import "math"

// sense is a stem of the gloss space with its weight in oneSense-ths.
type sense struct {
	term   string
	weight int64
	of     uint8 // as WeightedTerm.Senses
}

// sensesOf cuts the terms of glosses into stems. A term of several words gives
// its weight to each of them.
func sensesOf(list []Gloss) []sense {
	var out []sense
	for _, g := range list {
		out = appendSenses(out, g)
	}
	return out
}

func appendSenses(out []sense, g Gloss) []sense {
	for _, to := range g.To {
		w := int64(math.Round(min(max(to.Weight, 0), 1) * oneSense))
		if w == 0 {
			continue
		}
		scan(to.Term, func(p piece) {
			if p.word != "" && !stopWords[p.word] {
				out = append(out, sense{stem(p.word), w, to.Senses})
			}
		})
	}
	return out
}
