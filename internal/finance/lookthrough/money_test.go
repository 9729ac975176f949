package lookthrough_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/money"
)

func lever(t *testing.T, funds []string, list []lookthrough.Contribution) lookthrough.Lever {
	t.Helper()
	l, err := lookthrough.Leverage(funds, list)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestPublicMoneyCountsOnce takes two public funds of funds in one sub-fund:
// to neither is the other social capital.
func TestPublicMoneyCountsOnce(t *testing.T) {
	list := []lookthrough.Contribution{
		{Investor: "treasury", Fund: "mother", Amount: 100, Nature: lookthrough.Public},
		{Investor: "treasury", Fund: "angel", Amount: 50, Nature: lookthrough.Public},
		{Investor: "mother", Fund: "sub", Amount: 30},
		{Investor: "angel", Fund: "sub", Amount: 20},
		{Investor: "insurer", Fund: "sub", Amount: 150, Nature: lookthrough.Social},
	}
	if l := lever(t, []string{"sub"}, list); l.Public != 50 || l.Social != 150 || *l.Ratio != 3 {
		t.Errorf("the sub-fund: %+v", l)
	}
	if l := lever(t, []string{"mother", "sub", "sub"}, list); l.Public != 120 || l.Total != 270 { // 100 into the mother, 20 by the other
		t.Errorf("both: %+v", l)
	}
	mixed := append(list, lookthrough.Contribution{Investor: "bank", Fund: "mother", Amount: 50, Nature: lookthrough.Social})
	if l := lever(t, []string{"sub"}, mixed); l.Public != 40 || l.Social != 160 { // a third of the mother is social now
		t.Errorf("mixed: %+v", l)
	}
	unknown := append(list, lookthrough.Contribution{Investor: "someone", Fund: "sub", Amount: 50})
	if l := lever(t, []string{"sub"}, unknown); l.Ratio != nil || *l.Low != 1.5 || *l.High != 4 {
		t.Errorf("unknown: %+v", l)
	}
	circle := append(list, lookthrough.Contribution{Investor: "sub", Fund: "mother", Amount: 5})
	if l := lever(t, []string{"sub"}, circle); l.Unknown != 30 || l.Public != 20 {
		t.Errorf("a circle: %+v", l)
	}
	if l := lever(t, []string{"none"}, list); l.Ratio != nil || l.Low != nil || l.Total != 0 {
		t.Errorf("no money: %+v", l)
	}
	if _, err := lookthrough.Leverage([]string{"a"}, []lookthrough.Contribution{{Investor: "x", Fund: "a", Amount: -1}}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("negative: %v", err)
	}
	if _, err := lookthrough.Leverage([]string{"a"}, []lookthrough.Contribution{{Investor: "x", Fund: "a", Amount: math.MaxInt64, Nature: lookthrough.Public}, {Investor: "y", Fund: "a", Amount: 1, Nature: lookthrough.Social}}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("overflow: %v", err)
	}
}

// TestLeverageLosesNothing holds that the parts add up to what came in from
// outside, whatever stands behind whom, and that a chain as long as a city's
// funds doubles nothing.
func TestLeverageLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var list []lookthrough.Contribution
		var want money.Fen
		for range 20 {
			i, j := r.IntN(8), r.IntN(8)
			c := lookthrough.Contribution{Investor: fmt.Sprintf("f%d", i), Fund: fmt.Sprintf("f%d", j), Amount: money.Fen(r.Int64N(1e9)), Nature: []lookthrough.Nature{lookthrough.Public, lookthrough.Social, ""}[r.IntN(3)]}
			list = append(list, c)
			if j < 3 && i >= 3 {
				want += c.Amount
			}
		}
		if l := lever(t, []string{"f0", "f1", "f2"}, list); l.Total != want || l.Public+l.Social+l.Unknown != want {
			t.Fatalf("%+v, want %d", l, want)
		}
	}
	chain := []lookthrough.Contribution{{Investor: "treasury", Fund: "f0", Amount: 10, Nature: lookthrough.Public}}
	for i := range 5000 { // each twice: paths double, work must not
		for range 2 {
			chain = append(chain, lookthrough.Contribution{Investor: fmt.Sprintf("f%d", i), Fund: fmt.Sprintf("f%d", i+1), Amount: 5})
		}
	}
	if l := lever(t, []string{"f5000"}, chain); l.Public != 10 {
		t.Errorf("chain: %+v", l)
	}
}

// TestProjectLeverage is the case of the conversion fund: 0.23 yi of its own,
// 1.1 yi of others in the same rounds.
func TestProjectLeverage(t *testing.T) {
	own, a, b := 1300*money.Wan, 9000*money.Wan, 2000*money.Wan
	tickets := []lookthrough.Ticket{
		{Investor: "fund", Company: "x", Round: "angel", Amount: &own},
		{Investor: "vc", Company: "x", Round: "angel", Amount: &a, Evidence: "register 1"},
		{Investor: "fund", Company: "y", Round: "seed", Amount: fen(1000 * money.Wan)},
		{Investor: "angel", Company: "y", Round: "seed", Amount: &b, Evidence: "contract 2"},
		{Investor: "late", Company: "x", Round: "A", Amount: &a, Evidence: "register 3"},
		{Investor: "told", Company: "x", Round: "angel", Amount: &a},
		{Investor: "other", Company: "x", Round: "angel", Evidence: "register 4"},
		{Investor: "nobody", Company: "x", Amount: &a, Evidence: "news"},
	}
	got, err := lookthrough.ProjectLeverage("fund", tickets)
	if err != nil || got.Own != 2300*money.Wan || got.Others != 11_000*money.Wan || fmt.Sprintf("%.2f", *got.Ratio) != "4.78" {
		t.Errorf("%+v, %v", got, err)
	}
	if len(got.Rounds) != 2 || got.Rounds[0].Left != 2 || len(got.Rounds[0].Evidence) != 1 {
		t.Errorf("%+v", got.Rounds)
	}
	if none, err := lookthrough.ProjectLeverage("nobody at all", tickets); err != nil || none.Ratio != nil {
		t.Errorf("%+v, %v", none, err)
	}
}

func rules() []lookthrough.Rule {
	routes := map[string]int64{"direct": 1_000_000, "newcomer": 1_500_000}
	return []lookthrough.Rule{
		{ID: "2016", FromDay: "2016-01-01", ToDay: "2020-01-01", Multiple: ppm(2_000_000), Base: lookthrough.OnPaid, Routes: routes},
		{ID: "2020", FromDay: "2020-01-01", ToDay: "2025-01-01", Multiple: ppm(1_500_000), Base: lookthrough.OnPaid, Routes: routes, Status: "unverified"},
		{ID: "2025", FromDay: "2025-01-01", ToDay: "2026-01-01", Multiple: ppm(0), Base: lookthrough.OnCommitted, Routes: routes},
		{ID: "2026", FromDay: "2026-01-01", Base: lookthrough.OnPaid, Routes: routes},
	}
}

func TestLocalReinvestment(t *testing.T) {
	claim := func(deal, fund, route string, amount money.Fen) lookthrough.Claim {
		return lookthrough.Claim{Deal: deal, Fund: fund, Route: route, Amount: amount, Evidence: "register", Day: "2021-05-01"}
	}
	claims := []lookthrough.Claim{claim("1", "city", "direct", 60), claim("2", "district", "direct", 500), claim("2", "city", "direct", 500), claim("3", "city", "newcomer", 60), claim("3", "city", "direct", 60), claim("4", "city", "promise", 900), claim("5", "city", "direct", 900), claim("6", "city", "direct", 900)}
	claims[6].Evidence, claims[7].Day = "", "2024-12-31"
	share := lookthrough.PublicShare{Fund: "city", Paid: fen(100), Committed: fen(200)}
	got, err := lookthrough.LocalReinvestment(rules(), share, claims, "2022-01-01")
	if err != nil || got.Rule != "2020" || got.Recognised != 150 || !*got.Passed || *got.Missing != 0 || *got.Ratio != 1.5 {
		t.Errorf("%+v, %v", got, err)
	}
	var refused []string
	for _, c := range got.Claims {
		refused = append(refused, c.Refused)
	}
	if fmt.Sprint(refused) != fmt.Sprint([]string{"", lookthrough.Elsewhere, "", lookthrough.Twice, lookthrough.RouteUnknown, lookthrough.NoEvidence, lookthrough.NotYet}) {
		t.Errorf("%q", refused)
	}
	got, err = lookthrough.LocalReinvestment(rules(), lookthrough.PublicShare{Fund: "city", Paid: fen(101)}, claims, "2022-01-01")
	if err != nil || *got.Passed || *got.Missing != 2 { // 151.5 asked for
		t.Errorf("a fen and a half too little: %+v, %v", got, err)
	}
	got, err = lookthrough.LocalReinvestment(rules(), share, nil, "2025-03-01")
	if err != nil || !*got.Passed || got.Base != lookthrough.OnCommitted {
		t.Errorf("nothing is asked for: %+v, %v", got, err)
	}
	got, err = lookthrough.LocalReinvestment(rules(), share, claims, "2026-03-01")
	if err != nil || got.Passed != nil || got.Recognised == 0 {
		t.Errorf("what is asked for is not known: %+v, %v", got, err)
	}
	got, err = lookthrough.LocalReinvestment(rules(), lookthrough.PublicShare{Fund: "city"}, claims, "2022-01-01")
	if err != nil || got.Passed != nil || got.Ratio != nil {
		t.Errorf("the contribution is not known: %+v, %v", got, err)
	}
	if _, err = lookthrough.LocalReinvestment(rules(), share, claims, "2015-01-01"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("no rule: %v", err)
	}
	all := rules()
	all[1].Shared = true
	got, err = lookthrough.LocalReinvestment(all, share, claims, "2022-01-01")
	if err != nil || got.Recognised != 650 {
		t.Errorf("shared: %+v, %v", got, err)
	}
}

func TestPaysLast(t *testing.T) {
	payers := []lookthrough.Payer{{ID: "city", Public: true, Committed: 300, Paid: 60}, {ID: "district", Public: true, Committed: 100}, {ID: "a", Committed: 400, Paid: 200}, {ID: "b", Committed: 200}}
	for _, c := range []struct {
		who    string
		amount money.Fen
		want   bool
		most   money.Fen
	}{{"city", 40, true, 40}, {"city", 41, false, 40}, {"district", 33, true, 33}, {"district", 34, false, 33}, {"b", 200, true, 200}} {
		o, err := lookthrough.PaysLast(payers, c.who, c.amount)
		if err != nil || o.Allowed != c.want || o.Most != c.most {
			t.Errorf("%s pays %d: %+v, %v", c.who, c.amount, o, err)
		}
	}
	if o, err := lookthrough.PaysLast(payers[:2], "city", 240); err != nil || !o.Allowed {
		t.Errorf("nobody to wait for: %+v, %v", o, err)
	}
	if _, err := lookthrough.PaysLast(payers, "c", 1); errs.KindOf(err) != errs.NotFound {
		t.Errorf("nobody: %v", err)
	}
	if _, err := lookthrough.PaysLast(payers, "city", -1); errs.KindOf(err) != errs.Invalid {
		t.Errorf("negative: %v", err)
	}
}

// FuzzPaysLast holds that Most is the border: it may be paid, a fen more not.
func FuzzPaysLast(f *testing.F) {
	f.Add(int64(300), int64(60), int64(600), int64(200))
	f.Add(int64(math.MaxInt64), int64(0), int64(math.MaxInt64), int64(math.MaxInt64))
	f.Add(int64(0), int64(0), int64(7), int64(0))
	f.Fuzz(func(t *testing.T, committed, paid, others, othersPaid int64) {
		payers := []lookthrough.Payer{{ID: "own", Public: true, Committed: money.Fen(committed), Paid: money.Fen(paid)}, {ID: "x", Committed: money.Fen(others), Paid: money.Fen(othersPaid)}}
		o, err := lookthrough.PaysLast(payers, "own", 0)
		if err != nil {
			return
		}
		if o.Allowed && o.Most > 0 {
			if at, err := lookthrough.PaysLast(payers, "own", o.Most); err != nil || !at.Allowed {
				t.Errorf("%+v, %v", at, err)
			}
		}
		if over, err := lookthrough.PaysLast(payers, "own", o.Most+1); err == nil && over.Allowed && others > 0 && o.OwnCommitted > paid64(o)+1 {
			t.Errorf("a fen more than %d is allowed: %+v", o.Most, over)
		}
	})
}

func paid64(o lookthrough.Order) money.Fen { return o.OwnPaid + o.Most }
