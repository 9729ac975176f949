package indicator

import (
	"context"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// coreWorks runs the filters over a world.
func coreWorks(t *testing.T, w *world, spec Spec) (map[int64]bool, *stats.Engine) {
	t.Helper()
	ctx := context.Background()
	e, _ := engine(t, w)
	if err := PrepareCore(ctx, e, DuckDB, spec); err != nil {
		t.Fatal(err)
	}
	ids, err := db.Collect(ctx, e, db.Column[int64], "SELECT work_id FROM core_work")
	if err != nil {
		t.Fatal(err)
	}
	out := map[int64]bool{}
	for _, id := range ids {
		if out[id] {
			t.Errorf("work %d is there twice", id)
		}
		out[id] = true
	}
	return out, e
}

// TestDistanceByHand: two countries with world weights 0.7 and 0.3. A source all
// in either is too national, one of 0.9 and 0.1 is not.
func TestDistanceByHand(t *testing.T) {
	w := &world{institutions: []place{{id: 1, country: "CN"}, {id: 2, country: "US"}}}
	for s, n := range [][2]int{{12, 0}, {0, 8}, {9, 1}} {
		w.sources = append(w.sources, source{int64(s + 1), "journal"})
		for country, works := range n {
			for range works {
				w.works = append(w.works, paper{id: int64(len(w.works) + 1), year: 2020, kind: "article", language: "en", source: int64(s + 1), refs: 1, authors: []author{at(int64(country + 1))}})
			}
		}
	}
	for i := range int64(8) { // citations of oneself say nothing of who reads a source
		w.citations = append(w.citations, citation{13 + i, 2020, 1 + i, true})
	}
	_, e := coreWorks(t, w, Spec{From: 2020, To: 2020})
	want := map[int64][2]float64{1: {0.3567, 0}, 2: {1.2040, 0}, 3: {0.1163, 1}}
	err := db.Each(context.Background(), e, func(s db.Scan) error {
		var id int64
		var distance, threshold, in float64
		err := s(&id, &distance, &threshold, &in)
		if x := want[id]; math.Abs(distance-x[0]) > 0.0001 || in != x[1] || math.Abs(threshold-math.Log(1/0.7)) > 1e-12 {
			t.Errorf("source %d: distance %v, threshold %v, international %v; want %v", id, distance, threshold, in, x)
		}
		return err
	}, "SELECT source_id, distance, threshold, international FROM core_distance")
	if err != nil {
		t.Fatal(err)
	}
}

// TestFortyPercentLoop: source 1 leans on 2, 2 on 3, 3 on nobody, so all three
// fall, one per round; 4 and 5 hold each other with exactly 40 %.
func TestFortyPercentLoop(t *testing.T) {
	w := &world{institutions: []place{{id: 1, country: "CN"}, {id: 2, country: "US"}}}
	first := map[int64]int64{}
	for s := int64(1); s <= 5; s++ {
		w.sources = append(w.sources, source{s, "journal"})
		first[s] = int64(len(w.works) + 1)
		for range 5 {
			w.works = append(w.works, paper{id: int64(len(w.works) + 1), year: 2020, kind: "article", language: "en", source: s, refs: 1, authors: []author{at(1, 2)}})
		}
	}
	cite := func(from, to int64, n int64, year int64, self bool) {
		for i := range n {
			w.citations = append(w.citations, citation{first[from] + i, year, first[to], self}, citation{first[from] + i, year, first[to] + 1, self})
		}
	}
	cite(1, 2, 2, 2020, false)
	cite(2, 3, 2, 2020, false)
	cite(3, 3, 5, 2020, true) // self-citations do not count
	cite(4, 5, 2, 2020, false)
	cite(5, 4, 2, 2020, false)
	got, _ := coreWorks(t, w, Spec{From: 2020, To: 2020})
	for _, p := range w.works {
		if got[p.id] != (p.source >= 4) {
			t.Errorf("work %d of source %d: core is %v", p.id, p.source, got[p.id])
		}
	}
	w.citations = w.citations[:len(w.citations)-2] // one work less of source 5
	if got, _ := coreWorks(t, w, Spec{From: 2020, To: 2020}); len(got) > 0 {
		t.Errorf("with 20 %% in source 5 nothing holds, but %v do", got)
	}
}

// coreWorld makes a world in which some sources are core and some are not.
func coreWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 9))
	w := randomWorld(seed, 160)
	for i := range int64(6) {
		w.sources = append(w.sources, source{i + 1, []string{"journal", "journal", "book series", "journal", "journal", "repository"}[i]})
	}
	for i := range w.works {
		p := &w.works[i]
		p.year = 2014 + r.Int64N(8)
		p.source = 1 + r.Int64N(6)
		p.kind = []string{"article", "review", "book-chapter", "letter"}[min(3, r.IntN(9)/2)]
		p.refs = r.Int64N(8)
		if r.IntN(8) == 0 {
			p.language = "zh"
		}
		if p.source == 2 { // a national one
			p.authors = []author{{affiliations: []affiliation{{country: "FR"}}}}
		}
	}
	for range 1500 {
		a, b := w.works[r.IntN(len(w.works))], w.works[r.IntN(len(w.works))]
		if a.year >= b.year && a.source != 4 {
			w.citations = append(w.citations, citation{a.id, a.year, b.id, r.IntN(4) == 0})
		}
	}
	return w
}

// core computes the core publications from their definition.
func (w *world) core(spec Spec) map[int64]bool {
	kinds := map[int64]string{}
	for _, s := range w.sources {
		kinds[s.id] = s.kind
	}
	candidates := map[int64]*paper{}
	for i := range w.works {
		p := &w.works[i]
		affiliated := slices.ContainsFunc(p.authors, func(a author) bool { return len(a.affiliations) > 0 })
		journal := kinds[p.source] == "journal" && (p.kind == "article" || p.kind == "review")
		series := kinds[p.source] == "book series" && (p.kind == "article" || p.kind == "review" || p.kind == "book-chapter")
		if (journal || series) && p.language == "en" && affiliated && p.refs > 0 && p.year >= int64(spec.From-5) && p.year <= int64(spec.To) {
			candidates[p.id] = p
		}
	}
	international := w.international(candidates)
	isCore := func(kept map[int64]bool, p *paper) bool { return p != nil && kept[p.source] }
	kept := maps.Clone(international)
	for {
		works, active := map[int64]float64{}, map[int64]map[int64]bool{}
		for _, p := range candidates {
			if kept[p.source] && p.year >= int64(spec.From) {
				works[p.source]++
			}
		}
		for _, c := range w.citations {
			a, b := candidates[c.citing], candidates[c.cited]
			if !c.self && isCore(kept, a) && isCore(kept, b) && a.year >= int64(spec.From) && a.year-b.year >= 0 && a.year-b.year <= 5 {
				if active[a.source] == nil {
					active[a.source] = map[int64]bool{}
				}
				active[a.source][a.id] = true
			}
		}
		next := map[int64]bool{}
		for s, n := range works {
			if 10*float64(len(active[s])) >= 4*n {
				next[s] = true
			}
		}
		if len(next) == len(kept) {
			break
		}
		kept = next
	}
	out := map[int64]bool{}
	for id, p := range candidates {
		if kept[p.source] && p.year >= int64(spec.From) {
			out[id] = true
		}
	}
	return out
}

// international returns the sources that pass step 6.
func (w *world) international(candidates map[int64]*paper) map[int64]bool {
	profile := map[int64]map[string]float64{}
	add := func(source int64, p *paper) {
		countries := map[string]bool{}
		institutions, stray := given(p)
		for i := range institutions {
			if pl, _ := w.place(i); pl.country != "" {
				countries[pl.country] = true
			}
		}
		for c := range stray {
			countries[c] = true
		}
		for c := range countries {
			if profile[source] == nil {
				profile[source] = map[string]float64{}
			}
			profile[source][c] += 1 / float64(len(countries))
		}
	}
	for _, p := range candidates {
		add(p.source, p)
	}
	for _, c := range w.citations {
		if a, b := candidates[c.citing], candidates[c.cited]; a != nil && b != nil && !c.self {
			add(b.source, a)
		}
	}
	all, total, largest := map[string]float64{}, 0.0, 0.0
	for _, p := range profile {
		for c, x := range p {
			all[c] += x
			total += x
			largest = max(largest, all[c])
		}
	}
	out := map[int64]bool{}
	for s, p := range profile {
		sum, kl := 0.0, 0.0
		for _, x := range p {
			sum += x
		}
		for c, x := range p {
			kl += x / sum * math.Log(x/sum/(all[c]/total))
		}
		if kl < math.Log(total/largest)-1e-12 {
			out[s] = true
		}
	}
	return out
}

// TestCoreOracle holds that SQL and definition find the same core publications,
// and the same values among them, with citations counted link by link.
func TestCoreOracle(t *testing.T) {
	sizes := map[bool]int{}
	for seed := range uint64(6) {
		w := coreWorld(seed)
		spec := Spec{From: 2017, To: 2021, Core: true}
		want := w.core(spec)
		got, _ := coreWorks(t, w, spec)
		if !maps.Equal(got, want) {
			t.Errorf("seed %d: %d core publications, the oracle has %d", seed, len(got), len(want))
		}
		sizes[len(want) > 0]++
		if seed > 1 || len(want) == 0 {
			continue
		}
		spec.Citations = "links"
		links := w.links3(func(id int64) bool { return want[id] })
		for i := range w.works {
			w.works[i].window = links[w.works[i].id]
		}
		compareIn(t, "core", w, prepared(t, w, spec), spec, func(p *paper) bool { return want[p.id] })
	}
	if sizes[true] < 3 {
		t.Errorf("only %d of the worlds have core publications: the test says too little", sizes[true])
	}
}

// links3 counts citations of the year of a work and the three after it.
func (w *world) links3(citing func(int64) bool) map[int64]int64 {
	years, out := map[int64]int64{}, map[int64]int64{}
	for _, p := range w.works {
		years[p.id] = p.year
	}
	for _, c := range w.citations {
		if d := c.year - years[c.cited]; !c.self && d >= 0 && d <= 3 && citing(c.citing) {
			out[c.cited]++
		}
	}
	return out
}
