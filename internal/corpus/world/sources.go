package world

import (
	"fmt"
	"math"
)

// The kinds of sources.
const (
	journal = iota
	conference
	series
	repository
)

var sourceKinds = [...]string{"journal", "conference", "book series", "repository"}

// src is a source of works.
type src struct {
	kind     int
	field    int
	national int16 // the country to which it is of use, -1 when international
	size     float64
	quality  float64 // factor on citations
}

func (s *src) name(index int, w *World) string {
	scope := "International"
	if s.national >= 0 {
		scope = w.countries[s.national] + " National"
	}
	title := [...]string{"Journal", "Conference", "Book Series", "Repository"}[s.kind]
	return fmt.Sprintf("Simulated %s %s of %s %05d", scope, title, w.fieldName(s.field), index+1)
}

// makeSources makes one source of each kind for each field, then journals of
// which a quarter is national.
func (w *World) makeSources() {
	n := min(max(int(3*math.Sqrt(float64(w.opt.Works))), 120), 8000)
	nations := make([]float64, len(w.countries))
	for _, p := range w.places {
		nations[w.countryOf[p.country]] += p.research * homeShare(p.country)
	}
	nation, field := newAlias(nations), newAlias(fieldShares())
	for i := range n {
		s := newStream(w.opt.Seed, ofSource, int64(i))
		out := src{kind: journal, field: field.draw(&s), national: -1, size: s.lognormal(1, 1), quality: s.lognormal(1, 0.4)}
		if i < 4*fields {
			out.kind, out.field = i/fields, i%fields
		} else if s.chance(0.3) {
			out.national, out.quality = int16(nation.draw(&s)), out.quality*0.4
		}
		w.sources = append(w.sources, out)
	}
	w.pickSources()
}

func (w *World) pickSources() {
	var world [len(sourceKinds)][fields]picker
	home := make([]picker, len(w.countries)*(fields+1))
	for i := range w.sources {
		s := &w.sources[i]
		if s.national < 0 {
			world[s.kind][s.field].add(i, s.size)
			continue
		}
		at := int(s.national) * (fields + 1)
		home[at+s.field].add(i, s.size)
		home[at+fields].add(i, s.size)
	}
	for k := range world {
		for f := range world[k] {
			w.worldSources[k][f] = world[k][f].seal()
		}
	}
	w.homeSources = seal(home)
}

// source returns the source of a work: a national journal where the lead
// country has one of the field, or has any, an international one otherwise.
func (w *World) source(s *stream, kind, field int, country int16) int {
	if kind == journal && s.chance(homeShare(w.countries[country])) {
		at := int(country) * (fields + 1)
		for _, p := range []*pick{&w.homeSources[at+field], &w.homeSources[at+fields]} {
			if !p.empty() {
				return p.draw(s)
			}
		}
	}
	return w.worldSources[kind][field].draw(s)
}

// nation is the country to which the source of a work is of use, -1 where that
// is the world or the work has none.
func (w *World) nation(k *work) int16 {
	if k.source < 0 {
		return -1
	}
	return w.sources[k.source].national
}

// homeShare is the share of a country's works that appears at home.
func homeShare(country string) float64 {
	switch country {
	case "ID", "RU", "UA":
		return 0.35
	case "CN", "BR", "IR", "KZ", "UZ", "TR":
		return 0.22
	case "JP", "KR", "IN", "PL", "ES", "MX", "CO", "CU", "FR":
		return 0.12
	case "US", "GB", "NL", "CH", "HK", "SG":
		return 0.02
	}
	return 0.06
}

// tongues are the languages of national sources, English where not named.
var tongues = map[string]string{
	"CN": "zh", "MO": "zh", "JP": "ja", "KR": "ko", "BR": "pt", "PT": "pt", "ES": "es", "MX": "es", "AR": "es", "CL": "es",
	"CO": "es", "PE": "es", "EC": "es", "UY": "es", "CU": "es", "VE": "es", "FR": "fr", "DE": "de", "AT": "de", "RU": "ru",
	"UA": "uk", "ID": "id", "TR": "tr", "PL": "pl", "IR": "fa", "IT": "it", "KZ": "ru", "UZ": "ru", "DZ": "fr", "MA": "fr",
}

// tongue returns the language of a work.
func (w *World) tongue(s *stream, source int, country int16) string {
	own := tongues[w.countries[country]]
	p := 0.02
	if source >= 0 && w.sources[source].national >= 0 {
		p = 0.65
	}
	if own != "" && s.chance(p) {
		return own
	}
	return "en"
}

func fieldShares() []float64 {
	out := make([]float64, fields)
	for f := range habits {
		out[f] = habits[f].share
	}
	return out
}
