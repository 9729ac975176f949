package rules_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	data "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

func bundled(t testing.TB) []rules.Regime {
	t.Helper()
	list, err := rules.Parse(data.Regimes)
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err))
	}
	return list
}

// read returns the regime of 2025 with the tier mode and edge decided.
func read(t testing.TB, mode rules.TierMode) rules.Regime {
	t.Helper()
	list := bundled(t)
	r, err := list[len(list)-1].With(
		reading("tier_mode", string(mode)), reading("edge", "inclusive"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func reading(parameter, value string) rules.Reading {
	return rules.Reading{Parameter: parameter, Value: value, By: "lin", On: "2026-01-05", Reason: "for the test"}
}

func fen(f money.Fen) *money.Fen { return &f }

// small is a loan of a small local firm that is wholly lost.
func small(principal money.Fen) rules.Facts {
	return rules.Facts{
		Mode: rules.ByBank, Principal: fen(principal), Loss: fen(principal), OtherMode: rules.No, Local: rules.Yes, Class: rules.SmallMicro,
		Marks: map[string]rules.Tri{rules.KeySupport: rules.No, rules.IPPledge: rules.No, rules.PolicyTool: rules.No},
	}
}

// TestWholeLoanTiersFall is the arithmetic that a reader of the rule should see:
// with tiers for whole loans a total loss of 5.01 million pays less than one of
// 5 million.
func TestWholeLoanTiersFall(t *testing.T) {
	whole, marginal := read(t, rules.Whole), read(t, rules.Marginal)
	for _, c := range []struct {
		wan             int64
		whole, marginal string
	}{
		{500, "2000000.00", "2000000.00"},
		{501, "1503000.00", "2003000.00"},
		{1500, "4500000.00", "5000000.00"},
		{1501, "3002000.00", "5002000.00"},
		{3000, "6000000.00", "8000000.00"},
	} {
		f := small(money.Fen(c.wan) * money.Wan)
		a, _, _ := rules.Compensate(whole, f)
		b, _, _ := rules.Compensate(marginal, f)
		if !a.Known || a.Low.String() != c.whole || !b.Known || b.Low.String() != c.marginal {
			t.Errorf("%d: whole %v, marginal %v, want %s and %s", c.wan, a, b, c.whole, c.marginal)
		}
	}
}

func TestMarginalIsMonotone(t *testing.T) {
	r, rng := read(t, rules.Marginal), rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		x := money.Fen(1 + rng.Int64N(int64(3000*money.Wan)))
		y := x + money.Fen(rng.Int64N(int64(3000*money.Wan-x)+1))
		a, _, _ := rules.Compensate(r, small(x))
		b, _, _ := rules.Compensate(r, small(y))
		if a.Low > b.Low {
			t.Fatalf("loss %v pays %v, loss %v only %v", x, a.Low, y, b.Low)
		}
	}
}

// TestEdges holds what happens one fen around 5 million yuan.
func TestEdges(t *testing.T) {
	list := bundled(t)
	open := list[len(list)-1]
	inclusive := read(t, rules.Whole)
	exclusive, err := open.With(reading("tier_mode", "whole"), reading("edge", "exclusive"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fen        money.Fen
		incl, excl money.Fen
	}{
		{499_999_999, 199_999_999, 199_999_999},
		{500_000_000, 200_000_000, 150_000_000},
		{500_000_001, 150_000_000, 150_000_000},
	} {
		a, _, _ := rules.Compensate(inclusive, small(c.fen))
		b, _, _ := rules.Compensate(exclusive, small(c.fen))
		if a.Low != c.incl || b.Low != c.excl {
			t.Errorf("%v: %v and %v, want %v and %v", c.fen, a.Low, b.Low, c.incl, c.excl)
		}
	}
}

// TestOpenRegime: what the regime does not say is asked only where it matters.
func TestOpenRegime(t *testing.T) {
	list := bundled(t)
	open := list[len(list)-1]
	a, tr, _ := rules.Compensate(open, small(300*money.Wan))
	if !a.Known || a.Low != 120*money.Wan || len(tr.Asks) > 0 {
		t.Errorf("a loan inside the first tier does not depend on the reading: %v, asks %v", a, tr.Asks)
	}
	a, tr, _ = rules.Compensate(open, small(501*money.Wan))
	if a.Known || a.Low != 150_300_000 || *a.High != 200_300_000 || !slices.Equal(tr.Asks, []string{"regime.tier_mode"}) {
		t.Errorf("got %v to %v, asks %v", a.Low, *a.High, tr.Asks)
	}
	_, tr, _ = rules.Compensate(open, small(500*money.Wan))
	if !slices.Equal(tr.Asks, []string{"regime.edge", "regime.tier_mode"}) {
		t.Errorf("at the edge, asks %v", tr.Asks)
	}
}

func TestUpliftsAndCap(t *testing.T) {
	r := read(t, rules.Whole)
	for _, c := range []struct {
		name string
		wan  int64
		mark []string
		want money.Fen
	}{
		{"points reach the cap at once", 500, []string{rules.KeySupport}, 250 * money.Wan},
		{"one of two marks is enough, and not twice", 1000, []string{rules.KeySupport, rules.IPPledge}, 450 * money.Wan},
		{"both uplifts", 1000, []string{rules.IPPledge, rules.PolicyTool}, 500 * money.Wan},
		{"policy tool alone", 2000, []string{rules.PolicyTool}, 500 * money.Wan},
	} {
		f := small(money.Fen(c.wan) * money.Wan)
		for _, m := range c.mark {
			f.Marks[m] = rules.Yes
		}
		if a, _, _ := rules.Compensate(r, f); a.Low != c.want || !a.Known {
			t.Errorf("%s: %v, want %v", c.name, a.Low, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	r := read(t, rules.Whole)
	base := small(100 * money.Wan)
	for name, c := range map[string]struct {
		change func(f *rules.Facts)
		rule   string
	}{
		"large firm": {func(f *rules.Facts) { f.Class = rules.Large }, "CR25-borrower"},
		"plain medium firm": {func(f *rules.Facts) {
			f.Class = rules.Medium
			f.Marks[rules.HighTech], f.Marks[rules.Listed] = rules.No, rules.No
		}, "CR25-borrower"},
		"elsewhere":        {func(f *rules.Facts) { f.Local = rules.No }, "CR25-borrower"},
		"other mode":       {func(f *rules.Facts) { f.OtherMode = rules.Yes }, "CR25-excl"},
		"over the top":     {func(f *rules.Facts) { f.Principal = fen(3000*money.Wan + 1) }, "CR25-tier"},
		"loss over loan":   {func(f *rules.Facts) { f.Loss = fen(100*money.Wan + 1) }, "CR25-tier"},
		"guarantor unpaid": {func(f *rules.Facts) { f.Mode, f.Unpaid, f.Guaranteed = rules.ByGuarantor, fen(1), rules.No }, "CR25-guarantee"},
		"unheard mode":     {func(f *rules.Facts) { f.Mode = "gift" }, "mode"},
	} {
		f := base
		f.Marks = map[string]rules.Tri{rules.KeySupport: rules.No, rules.IPPledge: rules.No, rules.PolicyTool: rules.No}
		c.change(&f)
		a, tr, refused := rules.Compensate(r, f)
		if !a.Known || a.Low != 0 || len(refused) != 1 || refused[0].Rule != c.rule || len(tr.Asks) > 0 {
			t.Errorf("%s: %v, refused %v, asks %v", name, a, refused, tr.Asks)
		}
		for _, x := range refused {
			if text := i18n.T(i18n.ZH, x.Key, x.Args); text == x.Key || strings.Contains(text, "{") {
				t.Errorf("%s: no sentence for %s: %s", name, x.Key, text)
			}
		}
	}
}

func TestGuaranteeMode(t *testing.T) {
	f := rules.Facts{Mode: rules.ByGuarantor, Principal: fen(100 * money.Wan), Unpaid: fen(333), Guaranteed: rules.Yes, OtherMode: rules.No}
	a, _, refused := rules.Compensate(read(t, rules.Whole), f)
	if !a.Known || a.Low != 66 || len(refused) > 0 {
		t.Errorf("20%% of 3.33 yuan, rounded down: %v %v", a, refused)
	}
}

// TestBorrowerCap is the rule of 2021, whose share of a loss is not known.
func TestBorrowerCap(t *testing.T) {
	r := bundled(t)[2]
	f := rules.Facts{Mode: rules.ByBank, Loss: fen(100 * money.Wan), BadLoans: fen(80 * money.Wan), PaidBefore: fen(30 * money.Wan)}
	a, tr, _ := rules.Compensate(r, f)
	if a.Known || a.Low != 0 || *a.High != 10*money.Wan || !slices.Equal(tr.Asks, []string{"regime.tiers"}) {
		t.Errorf("%v to %v, asks %v", a.Low, *a.High, tr.Asks)
	}
	f.PaidBefore = fen(40 * money.Wan)
	if a, _, _ = rules.Compensate(r, f); !a.Known || a.Low != 0 {
		t.Errorf("nothing is left, whatever the share: %v", a)
	}
}

// facts draws facts; some are not known.
func facts(rng *rand.Rand) rules.Facts {
	tri := func() rules.Tri { return rules.Tri(rng.IntN(3)) }
	amount := func() *money.Fen {
		if rng.IntN(5) == 0 {
			return nil
		}
		return fen(money.Fen(rng.Int64N(int64(3200 * money.Wan))))
	}
	f := rules.Facts{
		Mode: rules.Modes[rng.IntN(2)], Principal: amount(), Loss: amount(), Unpaid: amount(), Guaranteed: tri(), OtherMode: tri(), Local: tri(),
		Class: append(slices.Clone(rules.Classes), "")[rng.IntN(len(rules.Classes)+1)], Marks: map[string]rules.Tri{},
	}
	for _, m := range rules.Marks {
		f.Marks[m] = tri()
	}
	return f
}

// learn makes one unknown fact known.
func learn(rng *rand.Rand, f rules.Facts) rules.Facts {
	known := rules.Is(rng.IntN(2) == 0)
	amount := fen(money.Fen(rng.Int64N(int64(3200 * money.Wan))))
	g := f
	g.Marks = map[string]rules.Tri{}
	for m, v := range f.Marks {
		g.Marks[m] = v
	}
	switch m := rules.Marks[rng.IntN(len(rules.Marks))]; rng.IntN(7) {
	case 0, 1:
		if g.Marks[m] == rules.Unknown {
			g.Marks[m] = known
		}
	case 2:
		if g.Local == rules.Unknown {
			g.Local = known
		}
	case 3:
		if g.Loss == nil {
			g.Loss = amount
		}
	case 4:
		if g.Principal == nil {
			g.Principal = amount
		}
	case 5:
		if g.Guaranteed == rules.Unknown {
			g.Guaranteed = known
		}
	case 6:
		if g.Class == "" {
			g.Class = rules.Classes[rng.IntN(len(rules.Classes))]
		}
	}
	return g
}

// TestKnowingMoreNarrows: a fact more never widens the bounds, never takes back
// a refusal, and never changes a known amount (monotone under information).
func TestKnowingMoreNarrows(t *testing.T) {
	list := bundled(t)
	regimes := []rules.Regime{list[len(list)-1], read(t, rules.Whole), read(t, rules.Marginal)}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 20000 {
		r, f := regimes[i%3], facts(rng)
		g := learn(rng, f)
		a, ta, ra := rules.Compensate(r, f)
		b, _, rb := rules.Compensate(r, g)
		if len(ra) > 0 && len(rb) == 0 {
			t.Fatalf("refused, and then not: %+v then %+v", f, g)
		}
		if len(rb) == 0 && b.Low < a.Low || a.Known && b.Known && a.Low != b.Low && len(rb) == 0 {
			t.Fatalf("low fell from %v to %v: %+v then %+v", a.Low, b.Low, f, g)
		}
		if a.High != nil && (b.High == nil || *b.High > *a.High) {
			t.Fatalf("high rose: %+v then %+v", f, g)
		}
		if a.Known != (len(ta.Asks) == 0) && len(ra) == 0 && (a.High == nil || *a.High > 0) || b.Known && b.High == nil {
			t.Fatalf("known %v with asks %v: %+v", a.Known, ta.Asks, f)
		}
	}
}

// TestShareNeverOverCap and what a rule pays is never over half the loss.
func TestShareNeverOverCap(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	regimes := []rules.Regime{read(t, rules.Whole), read(t, rules.Marginal)}
	for i := range 20000 {
		f := facts(rng)
		a, _, _ := rules.Compensate(regimes[i%2], f)
		if a.High == nil {
			continue
		}
		if f.Mode == rules.ByBank && f.Loss != nil && *a.High > *f.Loss/2 {
			t.Fatalf("pays %v of a loss of %v", *a.High, *f.Loss)
		}
		if f.Mode == rules.ByGuarantor && f.Unpaid != nil && *a.High > *f.Unpaid/5 {
			t.Fatalf("pays %v of %v", *a.High, *f.Unpaid)
		}
	}
}

// TestReplay: a trace that went through JSON gives the same trace again.
func TestReplay(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	r := read(t, rules.Whole)
	for range 2000 {
		_, tr, _ := rules.Compensate(r, facts(rng))
		raw, err := json.Marshal(tr)
		if err != nil {
			t.Fatal(err)
		}
		var back rules.Trace
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		_, again, _ := rules.Compensate(r, back.Facts)
		second, _ := json.Marshal(again)
		if !bytes.Equal(raw, second) {
			t.Fatal(cmp.Diff(string(raw), string(second)))
		}
	}
}

func TestAllocate(t *testing.T) {
	r := read(t, rules.Whole)
	bank := func(of, over money.Fen) rules.Drawn {
		return rules.Drawn{Year: "2026", Bank: rules.Ratio{Of: &of, Over: &over}}
	}
	for name, c := range map[string]struct {
		mode   rules.Mode
		amount money.Fen
		drawn  rules.Drawn
		want   rules.Tri
	}{
		"exactly three per cent":   {rules.ByBank, 1, bank(3, 100), rules.Yes},
		"a fen over three":         {rules.ByBank, 1, bank(300_001, 10_000_000), rules.No},
		"loss over nothing":        {rules.ByBank, 1, bank(1, 0), rules.Unknown},
		"nothing over nothing":     {rules.ByBank, 1, bank(0, 0), rules.No.Not()},
		"ratio unknown":            {rules.ByBank, 1, rules.Drawn{Year: "2026"}, rules.Unknown},
		"huge amounts do not wrap": {rules.ByBank, 1, bank(1<<62, 1<<62), rules.No},
	} {
		if got, _, _ := rules.Allocate(r, c.mode, c.amount, c.drawn); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	full := bank(0, 100)
	full.Committed = 15*money.Yi - 10
	if got, _, _ := rules.Allocate(r, rules.ByBank, 10, full); got != rules.Yes {
		t.Error("the last fen of the budget is there to be paid")
	}
	if got, _, why := rules.Allocate(r, rules.ByBank, 11, full); got != rules.No || why[0].Rule != "CR25-budget" {
		t.Error("one fen over the budget is refused")
	}
	g := rules.Drawn{Year: "2026", Guarantee: 5000 * money.Wan, Guarantor: rules.Ratio{Of: fen(0), Over: fen(1)}}
	if got, _, _ := rules.Allocate(r, rules.ByGuarantor, 1, g); got != rules.No {
		t.Error("the part for guarantors is used up")
	}
}

func TestLadder(t *testing.T) {
	list := bundled(t)
	l := list[len(list)-1].Ladder
	for days, want := range map[int64]rules.Risk{
		-5: rules.Normal, 0: rules.Normal, 1: rules.Special, 90: rules.Special, 91: rules.Substandard, 270: rules.Substandard,
		271: rules.Doubtful, 360: rules.Doubtful, 361: rules.Lost,
	} {
		if got := l.Class(days); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
	if rules.Special.NonPerforming() || !rules.Substandard.NonPerforming() {
		t.Error("non-performing begins at substandard")
	}
}

func TestShareOfRecovery(t *testing.T) {
	list := bundled(t)
	open := list[len(list)-1]
	in := rules.Recovered{Gross: 1000, Loss: 10_000, Paid: 4_000}
	if _, err := open.Share(in); !errors.Is(err, &errs.Error{Kind: errs.Precondition, Key: "pool.unread"}) {
		t.Errorf("an open rule must be read first: %v", err)
	}
	for order, want := range map[string]money.Fen{"pro_rata": 400, "pool_first": 1000, "bank_first": 0} {
		r, err := open.With(reading("recovery", order))
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Share(in)
		if err != nil || got.Pool != want || got.Pool+got.Rest != got.Net {
			t.Errorf("%s: %+v %v", order, got, err)
		}
	}
	r, err := open.With(reading("recovery", "pro_rata"), reading("costs_first", "yes"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(9, 10))
	for range 2000 { // the pool never gets back more than it paid
		in := rules.Recovered{Loss: 10_000, Paid: 4_000}
		for range 20 {
			in.Gross = money.Fen(1 + rng.Int64N(3000))
			in.Costs = money.Fen(rng.Int64N(int64(in.Gross)))
			s, err := r.Share(in)
			if err != nil || s.Pool < 0 || s.Rest < 0 || s.Pool+s.Rest != in.Gross-in.Costs {
				t.Fatalf("%+v: %+v %v", in, s, err)
			}
			in.Returned, in.Kept = in.Returned+s.Pool, in.Kept+s.Rest
		}
		if in.Returned > in.Paid {
			t.Fatalf("returned %v of %v", in.Returned, in.Paid)
		}
	}
}

func TestGoverning(t *testing.T) {
	list := bundled(t)
	for _, c := range []struct {
		by                 rules.Event
		registered, claims string
		want               string
	}{
		{rules.Registration, "2024-05-01", "2026-01-01", "gz-2023"},
		{rules.Claiming, "2024-05-01", "2026-01-01", "gz-2025"},
		{rules.Registration, "2016-05-01", "", "gz-2015"},
		{rules.Registration, "2025-10-01", "", "gz-2025"},
		{rules.Registration, "2025-09-30", "", "gz-2023"},
	} {
		r, err := rules.Governing(list, c.by, c.registered, c.claims)
		if err != nil || r.ID != c.want {
			t.Errorf("%v: %s %v", c, r.ID, err)
		}
	}
	for day, key := range map[string]string{"2014-01-01": "pool.governing_none", "2021-05-01": "pool.governing_unsure", "": "pool.governing_day"} {
		if _, err := rules.Governing(list, rules.Registration, day, ""); !errors.Is(err, &errs.Error{Kind: errs.KindOf(err), Key: key}) {
			t.Errorf("%q: %v", day, err)
		}
	}
}

// TestLint holds that the bundled regimes are read with a warning wherever a
// number is only reported, and that the fall is written out.
func TestLint(t *testing.T) {
	found := rules.Lint(bundled(t))
	texts := map[string]bool{}
	for _, f := range found {
		text := i18n.T(i18n.ZH, f.Key, f.Args)
		if strings.Contains(text, "{") || text == f.Key {
			t.Errorf("no sentence: %s %s", f.Key, text)
		}
		texts[text] = true
	}
	for _, want := range []string{
		"按整笔贷款取档不单调：全损 5000000.00 元补 2000000.00 元，全损 5010000.00 元只补 1503000.00 元。",
		"CR25-tier 的文本没有核对过。", "CR25-tier 没有条款号。", "CR25-claims 没有来源。", "CR25-tier 没有说明 tier_mode。",
	} {
		if !texts[want] {
			t.Errorf("lint does not say: %s", want)
		}
	}
	a, b := bundled(t)[4], bundled(t)[4]
	a.To, b.ID, b.From = "2026-01-01", "next", "2026-01-03"
	if f := rules.Lint([]rules.Regime{a, b}); !slices.ContainsFunc(f, func(x rules.Finding) bool { return x.Key == "pool.lint.gap" }) {
		t.Error("a gap of a day is not seen")
	}
	b.From = "2026-01-01"
	if f := rules.Lint([]rules.Regime{a, b}); !slices.ContainsFunc(f, func(x rules.Finding) bool { return x.Key == "pool.lint.overlap" }) {
		t.Error("an overlap of a day is not seen")
	}
}

func TestParseFaults(t *testing.T) {
	good := string(data.Regimes)
	for name, c := range map[string]struct{ from, to, key string }{
		"unknown field": {"    tiers:\n", "    tears:\n", "pool.yaml"},
		"version":       {"version: 1", "version: 2", "pool.yaml_version"},
		"band order":    {"up_to: 15000000", "up_to: 4000000", "pool.bands"},
		"share":         {"share_ppm: 400000", "share_ppm: 1400000", "pool.share"},
		"rounding":      {"rounding: floor", "rounding: up", "pool.word"},
		"rule twice":    {"id: CR25-cap", "id: CR25-tier", "pool.rule_twice"},
		"regime twice":  {"id: gz-2019", "id: gz-2015", "pool.regime_twice"},
		"day":           {"to: 2028-09-30", "to: 2028-09-31", "pool.day"},
		"period":        {"to: 2028-09-30", "to: 2024-09-30", "pool.period"},
		"mark":          {"any: [policy_tool]", "any: [policy_tools]", "pool.word"},
		"budget":        {"year: 1500000000", "year: -1", "pool.positive"},
		"ladder":        {"doubtful: 270", "doubtful: 80", "pool.ladder"},
	} {
		if !strings.Contains(good, c.from) {
			t.Fatalf("%s: nothing to change", name)
		}
		_, err := rules.Parse([]byte(strings.Replace(good, c.from, c.to, 1)))
		if !slices.ContainsFunc(errs.ListOf(err), func(e *errs.Error) bool { return e.Key == c.key }) {
			t.Errorf("%s: %v", name, err)
		}
		if text := i18n.Error(i18n.EN, err); strings.Contains(text, "{") && c.key != "pool.yaml" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// FuzzParse: any bytes are a fault or regimes that Compensate and Lint bear.
func FuzzParse(f *testing.F) {
	f.Add(data.Regimes)
	f.Add([]byte("version: 1\nregimes: [{id: a}]"))
	f.Add([]byte("version: 1\nregimes:\n  - id: a\n    tiers: {bands: [{up_to: 9e99}]}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := rules.Parse(raw)
		if err != nil {
			return
		}
		rules.Lint(list)
		for _, r := range list {
			a, _, _ := rules.Compensate(r, small(100*money.Wan))
			if a.Low < 0 || a.High != nil && *a.High < a.Low {
				t.Errorf("bounds %v", a)
			}
		}
	})
}

func BenchmarkCompensate(b *testing.B) {
	r, f := read(b, rules.Whole), small(501*money.Wan)
	for b.Loop() {
		rules.Compensate(r, f)
	}
}
