package world

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/kapok-city/kapok/internal/stats"
)

// links are the citations between the works. Who cites whom is drawn again each
// time it is asked, so only what a draw needs is kept: about 40 bytes a work.
type links struct {
	pools    []pool   // by year, then field
	age      alias    // of the cited work
	byAuthor []uint32 // works in the order of their first author, then of their number
	place    []uint32 // of a work in byAuthor
	author   []int64  // first author of a work, -1: none
	nation   []int16  // of the source of a work, -1: international or none
	counts   []uint32 // citations by work and age
	from     []int64  // where the counts of a year's works begin
}

// pool draws the works of one year and field: the more a work is made to be
// cited, the more often.
type pool struct {
	alias
	works []uint32
}

// Of the references of a work, listedRefs lead to works of the world when their
// years allow; selfRefs of these go to earlier works of the first author.
const (
	listedRefs = 0.35
	selfRefs   = 0.09
)

// linkAll draws all links once and counts the citations of each work.
func (w *World) linkAll(ctx context.Context) error {
	l := &links{
		pools: make([]pool, len(w.years)*fields), age: newAlias(life),
		byAuthor: make([]uint32, w.opt.Works), place: make([]uint32, w.opt.Works), author: make([]int64, w.opt.Works), nation: make([]int16, w.opt.Works),
	}
	ages := int64(0)
	for i := range w.years {
		l.from = append(l.from, ages)
		ages += w.years[i].n * int64(w.now-w.years[i].year+1)
	}
	l.counts = make([]uint32, ages)
	if err := w.parallel(ctx, len(w.years), func(_ context.Context, i int) error { w.fillPools(l, i); return nil }); err != nil {
		return err
	}
	l.order()
	err := w.parallel(ctx, len(w.years), func(_ context.Context, i int) error { w.countLinks(l, i); return nil })
	w.links = l
	return err
}

// fillPools makes the pools of one year and notes the first authors.
func (w *World) fillPools(l *links, i int) {
	plan := &w.years[i]
	var works [fields][]uint32
	var weights [fields][]float64
	var t team
	for n := plan.first; n < plan.first+plan.n; n++ {
		k := w.work(n, plan)
		f := k.field()
		works[f], weights[f] = append(works[f], uint32(n)), append(weights[f], k.intensity)
		l.author[n], l.nation[n] = t.first(w, &k), w.nation(&k)
	}
	for f := range works {
		l.pools[i*fields+f] = pool{newAlias(weights[f]), works[f]}
	}
}

func (l *links) order() {
	for i := range l.byAuthor {
		l.byAuthor[i] = uint32(i)
	}
	slices.SortFunc(l.byAuthor, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(l.author[a], l.author[b]), cmp.Compare(a, b))
	})
	for i, n := range l.byAuthor {
		l.place[n] = uint32(i)
	}
}

func (w *World) countLinks(l *links, i int) {
	plan := &w.years[i]
	var cited []int64
	for n := plan.first; n < plan.first+plan.n; n++ {
		k := w.work(n, plan)
		cited = w.cites(l, &k, i, cited[:0])
		for _, to := range cited {
			year, at := w.yearIndex(to)
			atomic.AddUint32(&l.counts[l.at(w, year, at)+int64(plan.year-w.years[year].year)], 1)
		}
	}
}

// at is where the counts of the work at a place of a year begin.
func (l *links) at(w *World, year int, at int64) int64 {
	return l.from[year] + at*int64(w.now-w.years[year].year+1)
}

// yearIndex returns the year of a work and its place there.
func (w *World) yearIndex(n int64) (year int, at int64) {
	plan := w.planOf(n)
	return plan.year - w.opt.From, n - plan.first
}

// cites returns the numbers of the works that a work cites, in order: all of
// its year or earlier ones, and all before it.
func (w *World) cites(l *links, k *work, year int, out []int64) []int64 {
	s := newStream(w.opt.Seed, ofReferences, k.n)
	for range k.references {
		if !s.chance(listedRefs) {
			continue
		}
		var to int64
		if s.chance(selfRefs) {
			to = l.earlier(&s, k.n)
		} else {
			to = l.draw(&s, k, w, year)
		}
		if to >= 0 && to < k.n && !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	slices.Sort(out)
	return out
}

// earlier returns one of the last ten works of the first author before n, -1
// when there is none.
func (l *links) earlier(s *stream, n int64) int64 {
	back := 1 + s.below(10)
	at := int(l.place[n]) - back
	if at < 0 || l.author[n] < 0 || l.author[l.byAuthor[at]] != l.author[n] {
		return -1
	}
	return int64(l.byAuthor[at])
}

// draw returns a work of a likely age, most often of the same field. Half of
// what is older than the world is drawn from its years all the same, or the
// first years would cite nothing. National sources are seldom read abroad.
func (l *links) draw(s *stream, k *work, w *World, year int) int64 {
	of := year - l.age.draw(s)
	if of < 0 {
		if s.chance(0.5) {
			return -1
		}
		of = s.below(year + 1)
	}
	field := k.field()
	if !s.chance(0.85) {
		field = w.fieldOf.draw(s)
	}
	p := &l.pools[of*fields+field]
	if p.empty() {
		return -1
	}
	country := w.institutions[k.lead].country
	for range 3 {
		n := p.works[p.alias.draw(s)]
		if l.nation[n] < 0 || l.nation[n] == country || s.chance(0.06) {
			return int64(n)
		}
	}
	return -1
}

// count gives the citations of a work.
func (l *links) count(w *World, k *work, c *counts) {
	begin := l.at(w, k.plan.year-w.opt.From, k.n-k.plan.first)
	for age := range c.byAge {
		c.add(age, int(l.counts[begin+int64(age)]))
	}
}

// citing is one row of the table citation.
type citing struct {
	cited int64
	self  bool
}

func (w *World) citationRows(plan *yearPlan) stats.Producer {
	var own, other team
	var cited, authors []int64
	var rows []citing
	n, id := plan.first, int64(0)
	return several(func() ([]citing, bool) {
		if n >= plan.first+plan.n {
			return nil, false
		}
		k := w.work(n, plan)
		n, id, rows = n+1, k.id(), rows[:0]
		cited = w.cites(w.links, &k, plan.year-w.opt.From, cited[:0])
		if len(cited) > 0 {
			authors = own.names(w, &k, authors[:0])
		}
		for _, to := range cited {
			k := w.work(to, w.planOf(to))
			rows = append(rows, citing{k.id(), shares(authors, other.authorships(w, &k))})
		}
		return rows, true
	}, func(c *stats.Cells, r *citing) {
		c.Whole(id)
		c.Whole(int64(plan.year))
		c.Whole(r.cited)
		c.Yes(r.self)
	})
}

// names adds the numbers of the listed authors.
func (t *team) names(w *World, k *work, out []int64) []int64 {
	for _, a := range t.authorships(w, k) {
		if a.seq > 0 {
			out = append(out, a.author)
		}
	}
	return out
}

func shares(authors []int64, rows []authorship) bool {
	for i := range rows {
		if rows[i].seq > 0 && slices.Contains(authors, rows[i].author) {
			return true
		}
	}
	return false
}
