package world

import (
	"fmt"
	"math"

	"github.com/kapok-city/kapok/internal/corpus"
)

// base is added to every number to make an id: it lies beyond the ids of
// OpenAlex, so that a simulated row cannot be taken for a real one.
const base = 9_000_000_000

// institution is an invented one.
type institution struct {
	kind      *institutionKind
	place     int32
	country   int16 // index
	lat, lon  float64
	size      float64
	quality   float64 // factor on the citations of its works, about 1
	parents   []int32
	link      string // kind of the links to the parents
	firstAuth int64  // its authors are 26 × blocks numbers from here, one in 26 for each field
	blocks    int
}

type institutionKind struct {
	name, en, zh string
	share, size  float64
}

var institutionKinds = []institutionKind{
	{"education", "Simulated University", "模拟大学", 0.48, 1},
	{"healthcare", "Simulated Hospital", "模拟医院", 0.2, 0.3},
	{"facility", "Simulated Institute", "模拟研究所", 0.18, 0.35},
	{"company", "Simulated Company", "模拟企业", 0.09, 0.12},
	{"government", "Simulated Agency", "模拟机关", 0.05, 0.12},
}

func (i *institution) names(index int) (en, zh string) {
	return fmt.Sprintf("%s %05d", i.kind.en, index+1), fmt.Sprintf("%s %05d", i.kind.zh, index+1)
}

// healthFields are those in which hospitals publish.
var healthFields = [fields]bool{24 - firstField: true, 27 - firstField: true, 28 - firstField: true,
	29 - firstField: true, 30 - firstField: true, 35 - firstField: true, 36 - firstField: true}

// institutionsOf returns how many institutions a world of that many works has.
func institutionsOf(works int) int {
	return min(max(int(6*math.Sqrt(float64(works))), 120), 16000)
}

// makeInstitutions spreads the institutions over the places in proportion to
// their weights, then links them.
func (w *World) makeInstitutions() {
	n := institutionsOf(w.opt.Works)
	all := 0.0
	for _, p := range w.places {
		all += p.research
	}
	w.institutions = make([]institution, n)
	at, reached := 0, w.places[0].research
	for i := range w.institutions {
		for reached < (float64(i)+0.5)*all/float64(n) {
			at++
			reached += w.places[at].research
		}
		w.institutions[i] = w.makeInstitution(i, at)
	}
	w.scale()
	w.link()
	w.shareAuthors()
	w.pickInstitutions()
}

func (w *World) makeInstitution(i, at int) institution {
	s := newStream(w.opt.Seed, ofInstitution, int64(i))
	p := &w.places[at]
	kind, u := &institutionKinds[0], s.float()
	for k := range institutionKinds {
		if kind = &institutionKinds[k]; u < kind.share {
			break
		}
		u -= kind.share
	}
	out := institution{kind: kind, place: int32(at), country: w.countryOf[p.country]}
	out.lat, out.lon = p.near(&s, 4)
	out.size = s.lognormal(kind.size, 1.1)
	out.quality = s.lognormal(wealth(p.country), 0.3)
	return out
}

// wealth is a factor on citations.
func wealth(country string) float64 {
	switch country {
	case "US", "GB", "CH", "NL", "SG", "HK", "DK":
		return 1.25
	case "CN", "DE", "CA", "AU", "SE", "FR", "IT", "IL", "BE", "AT", "MO", "NO", "FI", "IE":
		return 1.05
	case "JP", "KR", "ES", "NZ", "PT", "SA", "QA", "AE":
		return 0.95
	}
	return 0.7
}

// scale makes the sizes of a city's institutions add up to its weight, so that
// cities stand in a familiar order whatever the seed.
func (w *World) scale() {
	have, want := make([]float64, len(w.places)), make([]float64, len(w.places))
	for i := range w.institutions {
		have[w.cityOf[w.institutions[i].place]] += w.institutions[i].size
	}
	for i := range w.places {
		want[w.cityOf[i]] += w.places[i].research
	}
	for i := range w.institutions {
		in := &w.institutions[i]
		city := w.cityOf[in.place]
		in.size *= want[city] / have[city]
	}
}

// link makes hospitals associated with a university of their city, and
// institutes its components, or joint ventures of two.
func (w *World) link() {
	universities := map[string]*picker{}
	for i := range w.institutions {
		if in := &w.institutions[i]; in.kind.name == "education" {
			city := w.places[in.place].city
			if universities[city] == nil {
				universities[city] = &picker{}
			}
			universities[city].add(i, in.size)
		}
	}
	sealed := map[string]pick{}
	for city, u := range universities {
		sealed[city] = u.seal()
	}
	for i := range w.institutions {
		in := &w.institutions[i]
		near, any := sealed[w.places[in.place].city]
		if !any {
			continue
		}
		s := newStream(w.opt.Seed, ofInstitution, int64(i)+base)
		first, second := int32(near.draw(&s)), int32(near.draw(&s))
		switch u := s.float(); {
		case in.kind.name == "healthcare" && u < 0.6:
			in.parents, in.link = []int32{first}, corpus.Associated
		case in.kind.name == "facility" && u < 0.4:
			in.parents, in.link = []int32{first}, corpus.Component
		case in.kind.name == "facility" && u < 0.6 && first != second:
			in.parents, in.link = []int32{min(first, second), max(first, second)}, corpus.Joint
		}
	}
}

// shareAuthors gives each institution numbers for its authors, 0.55 of them per
// work in all.
func (w *World) shareAuthors() {
	all := 0.0
	for i := range w.institutions {
		all += w.institutions[i].size
	}
	next := int64(0)
	for i := range w.institutions {
		in := &w.institutions[i]
		in.firstAuth = next
		in.blocks = 1 + int(in.size/all*0.55*float64(w.opt.Works)/fields)
		next += int64(in.blocks) * fields
	}
	w.authors = next
}

// pickInstitutions prepares the draws of institutions by field, city and
// country.
func (w *World) pickInstitutions() {
	var byField [fields]picker
	byCity, byCountry := make([]picker, len(w.places)), make([]picker, len(w.countries))
	for i := range w.institutions {
		in := &w.institutions[i]
		s := newStream(w.opt.Seed, ofInstitution, int64(i)+2*base)
		for f := range byField {
			weight := in.size * s.lognormal(1, 0.7)
			if in.kind.name == "healthcare" && !healthFields[f] {
				weight *= 0.03
			}
			byField[f].add(i, weight)
		}
		byCity[w.cityOf[in.place]].add(i, in.size)
		byCountry[in.country].add(i, in.size)
	}
	for f := range byField {
		w.byField[f] = byField[f].seal()
	}
	w.byCity, w.byCountry = seal(byCity), seal(byCountry)
}

func seal(ps []picker) []pick {
	out := make([]pick, len(ps))
	for i := range ps {
		out[i] = ps[i].seal()
	}
	return out
}
