package world

import (
	"cmp"
	"math"
	"slices"
)

// World is what all rows of a simulated world share. It is not changed once
// made, so any number of goroutines may draw rows from it.
type World struct {
	opt       Options
	now       int // the year until whose end citations are counted
	years     []yearPlan
	places    []place
	cityOf    []int32 // of a place: the first place of its city
	countries []string
	countryOf map[string]int16

	nodes    []node
	nodeOf   map[int64]int // of a domain, field or subfield; their numbers do not meet
	topics   []topic
	topicsOf [fields]pick
	fieldOf  alias
	typeOf   alias

	institutions []institution
	authors      int64
	byField      [fields]pick
	byCity       []pick
	byCountry    []pick

	sources      []src
	worldSources [len(sourceKinds)][fields]pick
	homeSources  []pick // by country, then field, then any field

	patents    []yearPlan
	inventors  alias  // by place
	neighbours []pick // places by country

	links *links
	means map[cell]float64 // of the citations in the window, for fwci
}

// yearPlan is a run of works: those numbered first to first+n-1.
type yearPlan struct {
	year     int
	first, n int64
}

// New makes the world of the options, except for its rows.
func New(o Options) (*World, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	w := &World{opt: o, now: o.To + 1, countryOf: map[string]int16{}}
	var err error
	if w.places, err = readPlaces(); err != nil {
		return nil, err
	}
	if w.nodes, err = readFields(); err != nil {
		return nil, err
	}
	w.numberPlaces()
	w.nodeOf = map[int64]int{}
	for i, n := range w.nodes {
		if n.level != "topic" {
			w.nodeOf[n.id] = i
		}
	}
	w.years = planYears(o.From, o.To, int64(o.Works))
	w.patents = planYears(o.From, o.To, int64(o.Patents))
	w.topics, w.topicsOf = topicsOf(w.nodes, o.Seed)
	w.fieldOf, w.typeOf = newAlias(fieldShares()), newAlias(typeShares())
	w.makeInstitutions()
	w.makeSources()
	return w, nil
}

func (w *World) numberPlaces() {
	w.countries = countries(w.places)
	for i, c := range w.countries {
		w.countryOf[c] = int16(i)
	}
	w.cityOf = make([]int32, len(w.places))
	weights, near := make([]float64, len(w.places)), make([]picker, len(w.countries))
	for i := range w.places {
		w.cityOf[i] = int32(i)
		if i > 0 && w.places[i-1].city == w.places[i].city {
			w.cityOf[i] = w.cityOf[i-1]
		}
		weights[i] = w.places[i].patents
		near[w.countryOf[w.places[i].country]].add(i, weights[i])
	}
	w.inventors, w.neighbours = newAlias(weights), seal(near)
}

// planYears gives each year 5 % more works than the one before.
func planYears(from, to int, works int64) []yearPlan {
	const growth = 1.05
	all := 0.0
	for y := range to - from + 1 {
		all += math.Pow(growth, float64(y))
	}
	var plans []yearPlan
	reached, first := 0.0, int64(0)
	for y := from; y <= to; y++ {
		reached += math.Pow(growth, float64(y-from))
		end := int64(math.Round(float64(works) * reached / all))
		plans = append(plans, yearPlan{year: y, first: first, n: end - first})
		first = end
	}
	return plans
}

// planOf returns the year of a work.
func (w *World) planOf(n int64) *yearPlan {
	i, found := slices.BinarySearchFunc(w.years, n, func(p yearPlan, n int64) int { return cmp.Compare(p.first, n) })
	if !found {
		return &w.years[i-1]
	}
	for w.years[i].n == 0 { // years without a work begin where the next one does
		i++
	}
	return &w.years[i]
}

func (w *World) fieldName(field int) string {
	for _, n := range w.nodes {
		if n.level == "field" && n.id == int64(field+firstField) {
			return n.nameEN
		}
	}
	return ""
}
