package lookthrough_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

const today = "2025-06-30"

func ppm(v int64) *int64          { return &v }
func fen(v money.Fen) *money.Fen  { return &v }
func near(a, b, eps float64) bool { return math.Abs(a-b) <= eps }

func hold(from, to string, share int64) lookthrough.Holding {
	return lookthrough.Holding{From: from, To: to, SharePPM: ppm(share), FromDay: "2020-01-01"}
}

func nodes(ids ...string) []lookthrough.Node {
	out := make([]lookthrough.Node, len(ids))
	for i, id := range ids {
		out[i] = lookthrough.Node{ID: id, Kind: lookthrough.Fund}
		if strings.HasPrefix(id, "c") {
			out[i].Kind = lookthrough.Company
		}
	}
	return out
}

func build(t testing.TB, n []lookthrough.Node, h []lookthrough.Holding, day string) *lookthrough.Graph {
	t.Helper()
	g, err := lookthrough.Build(n, h, day)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func stakes(t testing.TB, g *lookthrough.Graph, holder string) map[string]lookthrough.Stake {
	t.Helper()
	list, err := g.Stakes(holder)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]lookthrough.Stake{}
	for _, s := range list {
		out[s.ID] = s
	}
	return out
}

func TestStakes(t *testing.T) {
	h := []lookthrough.Holding{
		hold("mother", "a", 400_000), hold("mother", "b", 200_000), hold("a", "c1", 100_000), hold("b", "c1", 50_000), hold("mother", "c1", 20_000),
		{From: "a", To: "c2", Amount: fen(30), Total: fen(90), FromDay: "2020-01-01"},
	}
	got := stakes(t, build(t, nodes("mother", "a", "b", "c1", "c2"), h, today), "mother")
	if s := got["c1"]; !near(s.Direct, 0.02, 1e-15) || !near(s.Indirect, 0.05, 1e-15) || s.AtLeast {
		t.Errorf("c1: %+v", s)
	}
	if s := got["c2"]; !near(s.Effective(), 0.4/3, 1e-15) {
		t.Errorf("c2: %+v", s)
	}
}

func TestStakesByDay(t *testing.T) {
	h := []lookthrough.Holding{hold("a", "c1", 100_000), hold("a", "c1", 200_000)}
	h[0].FromDay, h[0].ToDay, h[1].FromDay = "2020-01-01", "2024-01-01", "2024-01-01"
	for day, want := range map[string]float64{"2019-12-31": 0, "2020-01-01": 0.1, "2023-12-31": 0.1, "2024-01-01": 0.2, "2030-01-01": 0.2} {
		if got := stakes(t, build(t, nodes("a", "c1"), h, day), "a")["c1"].Effective(); got != want {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
}

func TestUnknownShareIsALowerBound(t *testing.T) {
	h := []lookthrough.Holding{hold("m", "a", 500_000), {From: "m", To: "b", FromDay: "2020-01-01"}, hold("a", "c1", 100_000), hold("b", "c1", 100_000), hold("b", "c2", 100_000), hold("a", "c3", 10)}
	got := stakes(t, build(t, nodes("m", "a", "b", "c1", "c2", "c3"), h, today), "m")
	if s := got["c1"]; !s.AtLeast || !near(s.Effective(), 0.05, 1e-15) {
		t.Errorf("c1: %+v", s)
	}
	if s, ok := got["c2"]; !ok || !s.AtLeast || s.Effective() != 0 {
		t.Errorf("c2 is held, how much is not known: %+v", s)
	}
	if got["c3"].AtLeast || got["a"].AtLeast || !got["b"].AtLeast {
		t.Errorf("%+v", got)
	}
}

// naive solves x (I − W) = a by Gauss-Jordan with exchange of rows.
func naive(n int, w [][]float64, a []float64) []float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n+1)
		for j := range n {
			m[i][j] = -w[j][i]
		}
		m[i][i]++
		m[i][n] = a[i]
	}
	for k := range n {
		best := k
		for i := k; i < n; i++ {
			if math.Abs(m[i][k]) > math.Abs(m[best][k]) {
				best = i
			}
		}
		m[k], m[best] = m[best], m[k]
		for i := range n {
			if i == k {
				continue
			}
			f := m[i][k] / m[k][k]
			for j := k; j <= n; j++ {
				m[i][j] -= f * m[k][j]
			}
		}
	}
	x := make([]float64, n)
	for i := range x {
		x[i] = m[i][n] / m[i][i]
	}
	return x
}

// randomHoldings has cycles as a rule; nobody is held by more than the whole.
func randomHoldings(r *rand.Rand, ids []string, count int) []lookthrough.Holding {
	left := map[string]int64{}
	for _, id := range ids {
		left[id] = 950_000
	}
	var out []lookthrough.Holding
	for range count {
		from, to := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
		share := r.Int64N(left[to]/2 + 1)
		left[to] -= share
		out = append(out, hold(from, to, share))
	}
	return out
}

// TestStakesAgreeWithADenseSolution holds the sparse solution, part by part,
// against one that knows no sparsity.
func TestStakesAgreeWithADenseSolution(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		n := 2 + r.IntN(12)
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf("f%d", i)
		}
		h := randomHoldings(r, ids, r.IntN(4*n))
		w := make([][]float64, n)
		for i := range w {
			w[i] = make([]float64, n)
		}
		for _, l := range h {
			var i, j int
			fmt.Sscanf(l.From, "f%d", &i)
			fmt.Sscanf(l.To, "f%d", &j)
			w[i][j] += float64(*l.SharePPM) / 1e6
		}
		g := build(t, nodes(ids...), h, today)
		for root := range n {
			want, got := naive(n, w, w[root]), stakes(t, g, ids[root])
			for j := range n {
				if !near(got[ids[j]].Effective(), want[j], 1e-9) {
					t.Fatalf("%s of %s: %v, want %v in %v", ids[root], ids[j], got[ids[j]], want[j], h)
				}
			}
		}
	}
}

// TestLargePartAgreesWithTheSeries takes a part that is too large to be
// factored, and sums the series itself.
func TestLargePartAgreesWithTheSeries(t *testing.T) {
	const n = 400
	r := rand.New(rand.NewPCG(3, 4))
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("f%d", i)
	}
	var h []lookthrough.Holding
	w := make([]map[int]float64, n)
	for i := range n { // a ring, so that all is one part, and chords
		w[i] = map[int]float64{(i + 1) % n: 0.6, r.IntN(n): 0.01}
		for j, s := range w[i] {
			h = append(h, hold(ids[i], ids[j], int64(s*1e6)))
		}
	}
	x, term := make([]float64, n), make([]float64, n)
	for j, s := range w[0] {
		term[j] = s
	}
	for range 3000 {
		next := make([]float64, n)
		for i, v := range term {
			x[i] += v
			for j, s := range w[i] {
				next[j] += v * s
			}
		}
		term = next
	}
	got := stakes(t, build(t, nodes(ids...), h, today), "f0")
	for i, id := range ids {
		if !near(got[id].Effective(), x[i], 1e-9) {
			t.Fatalf("%s: %v, want %v", id, got[id], x[i])
		}
	}
}

func TestClosedCycleIsNamed(t *testing.T) {
	ring := []lookthrough.Holding{hold("m", "a", 1), hold("a", "b", 1_000_000), hold("b", "a", 1_000_000), hold("b", "c1", 500_000)}
	g := build(t, nodes("m", "a", "b", "c1", "x"), ring, today)
	_, err := g.Stakes("m")
	if errs.KindOf(err) != errs.Conflict {
		t.Fatalf("%v", err)
	}
	for _, lang := range i18n.Langs {
		if text := i18n.Error(lang, err); !strings.Contains(text, "a → b → a") && !strings.Contains(text, "b → a → b") {
			t.Errorf("the sentence does not name the cycle: %s", text)
		}
	}
	if _, err := g.Stakes("x"); err != nil {
		t.Errorf("who does not reach the cycle is not kept from an answer: %v", err)
	}
	ring[1].SharePPM = ppm(999_000)
	if _, err := build(t, nodes("m", "a", "b", "c1"), ring, today).Stakes("m"); err != nil {
		t.Errorf("a thousandth leaves, and that has a solution: %v", err)
	}
	var large []lookthrough.Holding
	var ids []string
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("f%d", i))
		large = append(large, hold(fmt.Sprintf("f%d", i), fmt.Sprintf("f%d", (i+1)%500), 1_000_000))
	}
	if _, err := build(t, nodes(ids...), large, today).Stakes("f0"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("a large ring: %v", err)
	}
	for i := range large {
		large[i].SharePPM = ppm(980_000)
	}
	if x := stakes(t, build(t, nodes(ids...), large, today), "f0")["f1"].Effective(); !near(x, 0.98/(1-math.Pow(0.98, 500)), 1e-9) {
		t.Errorf("a large ring of which a fiftieth leaves at each: %v", x)
	}
	own := build(t, nodes("m"), []lookthrough.Holding{hold("m", "m", 1_000_000)}, today)
	if _, err := own.Stakes("m"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("who holds all of himself: %v", err)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*lookthrough.Holding){
		"more than the whole":   func(h *lookthrough.Holding) { h.SharePPM = ppm(1_000_001) },
		"less than nothing":     func(h *lookthrough.Holding) { h.SharePPM = ppm(-1) },
		"amount over its total": func(h *lookthrough.Holding) { h.SharePPM, h.Amount, h.Total = nil, fen(2), fen(1) },
		"a total of nothing":    func(h *lookthrough.Holding) { h.SharePPM, h.Amount, h.Total = nil, fen(0), fen(0) },
		"no first day":          func(h *lookthrough.Holding) { h.FromDay = "" },
		"ends as it begins":     func(h *lookthrough.Holding) { h.ToDay = h.FromDay },
		"a node not there":      func(h *lookthrough.Holding) { h.To = "nobody" },
		"no end":                func(h *lookthrough.Holding) { h.From = "" },
	} {
		h := hold("a", "c1", 1)
		spoil(&h)
		if _, err := lookthrough.Build(nodes("a", "c1"), []lookthrough.Holding{h}, today); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := lookthrough.Build(nodes("a", "a"), nil, today); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a node twice: %v", err)
	}
	if _, err := build(t, nodes("a"), nil, today).Stakes("b"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("nobody: %v", err)
	}
	if x := build(t, nodes("a", "b", "c1"), []lookthrough.Holding{hold("a", "c1", 600_000), hold("b", "c1", 500_000)}, today).Excesses(); len(x) != 1 || x[0].ID != "c1" {
		t.Errorf("excess: %+v", x)
	}
}

func TestVisible(t *testing.T) {
	n := nodes("m", "a", "b", "d", "c1", "c2")
	n[0].Money, n[1].Money, n[2].Money = fen(1000), fen(500), fen(400) // d: not known
	put := func(from, to string, amount money.Fen) lookthrough.Holding {
		return lookthrough.Holding{From: from, To: to, Amount: fen(amount), FromDay: "2020-01-01"}
	}
	h := []lookthrough.Holding{put("m", "a", 400), put("m", "b", 200), put("m", "d", 100), put("m", "c1", 200), put("a", "c1", 250), put("b", "a", 400), put("d", "c2", 50)}
	got, err := build(t, n, h, today).Visible("m")
	if err != nil {
		t.Fatal(err)
	}
	// a gets 400 + 200 by b, and shows half; d says nothing; m keeps 100.
	if got.Visible != 200+300 || !near(*got.Share, 0.5, 1e-12) {
		t.Errorf("%+v", got)
	}
	want := []lookthrough.Gap{{ID: "a", Reason: lookthrough.Unplaced, Amount: 300}, {ID: "m", Reason: lookthrough.Unplaced, Amount: 100}, {ID: "d", Reason: lookthrough.NoTotal, Amount: 100}}
	if fmt.Sprint(got.Gaps) != fmt.Sprint(want) {
		t.Errorf("gaps %v, want %v", got.Gaps, want)
	}
	circle := nodes("m", "a", "b")
	circle[0].Money, circle[1].Money, circle[2].Money = fen(100), fen(100), fen(100)
	got, err = build(t, circle, []lookthrough.Holding{put("m", "a", 100), put("a", "b", 100), put("b", "a", 100)}, today).Visible("m")
	if err != nil || got.Visible != 0 || len(got.Gaps) != 1 || got.Gaps[0].Reason != lookthrough.Circling || got.Gaps[0].Amount != 100 {
		t.Errorf("circle: %+v, %v", got, err)
	}
	got, err = build(t, nodes("d"), nil, today).Visible("d")
	if err != nil || got.Share != nil || got.Money != nil {
		t.Errorf("a fund that says nothing: %+v, %v", got, err)
	}
}

// TestMoneyIsKept holds that what is seen and what is not add up to what there
// was, to a fen for each fund.
func TestMoneyIsKept(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var n []lookthrough.Node
		var ids []string
		for i := range 12 {
			id := fmt.Sprintf("f%d", i)
			node := lookthrough.Node{ID: id, Kind: lookthrough.Fund, Money: fen(money.Fen(1 + r.Int64N(1e9)))}
			if i > 6 {
				node = lookthrough.Node{ID: id, Kind: lookthrough.Company}
			} else if r.IntN(5) == 0 {
				node.Money = nil
			}
			n, ids = append(n, node), append(ids, id)
		}
		h := randomHoldings(r, ids, 30)
		for i := range h {
			h[i].Amount = fen(money.Fen(r.Int64N(3e8)))
		}
		v, err := build(t, n, h, today).Visible("f0")
		if err != nil {
			t.Fatal(err)
		}
		if v.Money == nil {
			continue
		}
		sum := v.Visible
		for _, g := range v.Gaps {
			sum += g.Amount
		}
		if d := sum - *v.Money; d > 13 || d < -13 {
			t.Fatalf("%d of %d: %+v", sum, *v.Money, v)
		}
	}
}

// city is a set of funds that hold companies and later funds, with pairs that
// hold one another.
func city(funds, holdings int) ([]lookthrough.Node, []lookthrough.Holding) {
	r := rand.New(rand.NewPCG(7, 8))
	var n []lookthrough.Node
	for i := range funds {
		n = append(n, lookthrough.Node{ID: fmt.Sprintf("fund-%d", i), Kind: lookthrough.Fund, Money: fen(money.Yi)})
	}
	for i := range funds * 4 {
		n = append(n, lookthrough.Node{ID: fmt.Sprintf("company-%d", i), Kind: lookthrough.Company})
	}
	var h []lookthrough.Holding
	for i := range holdings {
		from := r.IntN(funds)
		if i < 300 {
			from = 0
		}
		to := from + 1 + r.IntN(len(n)-from-1)
		if i%50 == 0 && from > 0 && from%2 == 1 {
			to = from - 1
		}
		l := hold(n[from].ID, n[to].ID, 1+r.Int64N(20_000))
		l.Amount = fen(money.Fen(r.Int64N(int64(money.Wan) * 100)))
		h = append(h, l)
	}
	return n, h
}

// BenchmarkCity is 10,000 funds with 100,000 holdings: the graph, and all that
// the first fund holds, and its visible money.
func BenchmarkCity(b *testing.B) {
	n, h := city(10_000, 100_000)
	b.Run("build_and_stakes", func(b *testing.B) {
		for b.Loop() {
			g := build(b, n, h, today)
			if list, err := g.Stakes("fund-0"); err != nil || len(list) < 1000 {
				b.Fatal(len(list), err)
			}
		}
	})
	g := build(b, n, h, today)
	b.Run("stakes", func(b *testing.B) {
		for b.Loop() {
			_, _ = g.Stakes("fund-0")
		}
	})
	b.Run("visible", func(b *testing.B) {
		for b.Loop() {
			_, _ = g.Visible("fund-0")
		}
	})
	for i := range h { // funds hold funds in all directions: one part of thousands
		h[i].From = n[i%10_000].ID
		h[i].To = n[(i*7919+i/10_000)%10_000].ID
		h[i].SharePPM = ppm(20_000)
	}
	b.Run("one_part", func(b *testing.B) {
		for b.Loop() {
			g := build(b, n, h, today)
			if _, err := g.Stakes("fund-0"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
