package resolve

import (
	"runtime"
	"sync"

	"github.com/kapok-city/kapok/internal/fold"
)

var runs = sync.Pool{New: func() any { return new(run) }}

// Resolve finds the organisations that text names. It never fails: a text that
// says nothing gives an answer with the reason in None. The same index, text
// and hint always give the same answer.
func (x *Index) Resolve(text string, hint Hint) Answer {
	r := runs.Get().(*run)
	defer runs.Put(r)
	r.x = x
	r.hint = x.hinted(hint)
	r.look(text)
	r.judgeAll()
	return r.answer()
}

// ResolveAll resolves many texts with the given number of workers (as many as
// there are processors when it is under 1). Answers are in the order of texts.
func (x *Index) ResolveAll(texts []string, workers int) []Answer {
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make([]Answer, len(texts))
	const chunk = 256
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for from := range next {
				for i := from; i < min(from+chunk, len(texts)); i++ {
					out[i] = x.Resolve(texts[i], Hint{})
				}
			}
		})
	}
	for from := 0; from < len(texts); from += chunk {
		next <- from
	}
	close(next)
	wg.Wait()
	return out
}

func (x *Index) hinted(h Hint) place {
	p := place{country: countryOf(h.Country)}
	if h.City != "" {
		p.city = x.places.numbers[trimCity(fold.Name(h.City))]
	}
	return p
}

func trimCity(key string) string {
	const suffix = "市"
	if len(key) > len(suffix) && key[len(key)-len(suffix):] == suffix {
		return key[:len(key)-len(suffix)]
	}
	return key
}

func (r *run) answer() Answer {
	if len(r.found) == 0 {
		return Answer{None: r.none()}
	}
	var a Answer
	for _, f := range r.found {
		if a.has(r.x.orgs[f.org].id) {
			continue
		}
		start, end := r.bytes(f.hit)
		a.Matches = append(a.Matches, Match{
			OrgID: r.x.orgs[f.org].id, Score: min(f.score, 1), Name: r.x.text(f.name),
			Start: start, End: end, Reason: f.reason,
		})
	}
	return a
}

func (a Answer) has(id string) bool {
	for _, m := range a.Matches {
		if m.OrgID == id {
			return true
		}
	}
	return false
}

func (r *run) none() *Reason {
	if len(r.m.words) == 0 && len(r.m.chars) == 0 {
		return &Reason{Code: Empty}
	}
	if r.lost.failed == "" {
		return &Reason{Code: NoName}
	}
	out := r.lost.reason
	out.Code = r.lost.failed
	return &out
}
