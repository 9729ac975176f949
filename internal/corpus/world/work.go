package world

import (
	"fmt"
	"math"
)

// kindOf is a document type with its habits.
type kindOf struct {
	name   string
	share  float64
	cited  float64 // factor on citations
	places []int   // kinds of source, in which it appears with equal chances; none: in no source
	fwci   bool    // whether OpenAlex gives it a field-weighted citation impact
}

var types = []kindOf{
	{"article", 0.74, 1, []int{journal, journal, journal, journal, journal, journal, journal, journal, journal, series}, true},
	{"review", 0.07, 2.2, []int{journal}, true},
	{"conference-paper", 0.06, 0.6, []int{conference}, true},
	{"book-chapter", 0.04, 0.4, []int{series}, true},
	{"preprint", 0.04, 0.4, []int{repository}, false},
	{"letter", 0.02, 0.5, []int{journal}, false},
	{"editorial", 0.015, 0.25, []int{journal}, false},
	{"dissertation", 0.005, 0.1, nil, false},
	{"dataset", 0.01, 0.15, []int{repository}, false},
}

func typeShares() []float64 {
	out := make([]float64, len(types))
	for i := range types {
		out[i] = types[i].share
	}
	return out
}

// work is one work without its authorships and citations.
type work struct {
	n          int64
	plan       *yearPlan
	topic      *topic
	kind       *kindOf
	language   string
	source     int // -1: none
	lead       int // institution
	authors    int // the true number
	references int // the true number
	retracted  bool
	doi        bool
	intensity  float64 // mean of the citations in its whole life
}

func (k *work) id() int64  { return base + 1 + k.n }
func (k *work) field() int { return k.topic.field }
func (k *work) day() int   { return int((k.n - k.plan.first) * 365 / k.plan.n) } // of the year, from 0
func (k *work) title() string {
	if k.language == "zh" {
		return fmt.Sprintf("模拟论文 %d", k.n+1)
	}
	return fmt.Sprintf("Simulated work %d", k.n+1)
}

func (k *work) doiText(seed uint64) string {
	if !k.doi {
		return ""
	}
	return fmt.Sprintf("10.5555/kapok.sim.%d.%d", seed, k.n+1) // 10.5555 is Crossref's prefix for tests
}

// work makes the work of a number; plan must be its year.
func (w *World) work(n int64, plan *yearPlan) work {
	s := newStream(w.opt.Seed, ofWork, n)
	k := work{n: n, plan: plan, source: -1}
	field := w.fieldOf.draw(&s)
	habit := &habits[field]
	k.topic = &w.topics[w.topicsOf[field].draw(&s)]
	k.kind = &types[w.typeOf.draw(&s)]
	k.lead = w.byField[field].draw(&s)
	lead := &w.institutions[k.lead]
	if places := k.kind.places; len(places) > 0 {
		k.source = w.source(&s, places[s.below(len(places))], field, lead.country)
	}
	k.language = w.tongue(&s, k.source, lead.country)
	k.authors = authorCount(&s, habit)
	k.references = s.poisson(s.lognormal(habit.references, 0.6))
	k.retracted = s.chance(0.0006)
	k.doi = s.chance(0.93)
	k.intensity = w.intensity(&s, &k, habit, lead)
	return k
}

// authorCount is skewed; a few works are those of large collaborations, and a
// few name no author.
func authorCount(s *stream, h *habit) int {
	switch u := s.float(); {
	case u < 0.006:
		return 0
	case u < 0.006+h.consortium:
		return int(100 * math.Exp(3.4*s.float()))
	}
	return 1 + s.poisson(s.lognormal(h.authors-1, 0.6))
}

func (w *World) intensity(s *stream, k *work, h *habit, lead *institution) float64 {
	mean := h.cited * k.kind.cited * lead.quality
	if k.source >= 0 {
		mean *= w.sources[k.source].quality
	}
	if k.language != "en" {
		mean *= 0.3
	}
	if s.chance(0.12) { // hardly ever read
		mean *= 0.03
	}
	return s.lognormal(mean, 1.15)
}

// life is the share of a work's citations that comes in each year of its age.
var life = []float64{0.03, 0.11, 0.155, 0.15, 0.13, 0.105, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.01}

// window is how many years after its own cited_window counts.
const window = 3

// counts are the citations of a work by the age at which they came.
type counts struct {
	byAge  []int
	all    int
	within int // in the window
}

func (c *counts) add(age, n int) {
	c.byAge[age] += n
	c.all += n
	if age <= window {
		c.within += n
	}
}

func (c *counts) reset(ages int) {
	if cap(c.byAge) < ages {
		c.byAge = make([]int, ages)
	}
	c.byAge = c.byAge[:ages]
	clear(c.byAge)
	c.all, c.within = 0, 0
}

// cite counts the citations of a work: drawn, or those of the links where the
// world has links.
func (w *World) cite(k *work, c *counts) {
	c.reset(w.now - k.plan.year + 1)
	if w.links != nil {
		w.links.count(w, k, c)
		return
	}
	s := newStream(w.opt.Seed, ofCitations, k.n)
	for age := range c.byAge {
		if age < len(life) {
			c.add(age, s.poisson(k.intensity*life[age]))
		}
	}
}
