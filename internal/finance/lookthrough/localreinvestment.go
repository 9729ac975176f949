package lookthrough

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Base is what the multiple of local reinvestment is a multiple of.
type Base string

// The bases.
const (
	OnPaid      Base = "paid"      // 实缴
	OnCommitted Base = "committed" // 认缴
)

// Rule is what local reinvestment (返投) is asked for from one day on and before
// another, with where it is written. Cities change it, and may ask for nothing.
type Rule struct {
	ID       string
	FromDay  string
	ToDay    string
	Multiple *int64 // in ppm; 0 asks for nothing, nil is not known
	Base     Base
	Routes   map[string]int64 // weight in ppm by route; a route that is not there is not recognised
	Shared   bool             // one deal may count for several public funds

	Status    string // "verified" or "unverified"
	Authority string
	Document  string
	Article   string
}

// Claim is one deal that is claimed as local reinvestment of a public fund.
type Claim struct {
	Deal     string // names the deal itself: the same for whoever claims it
	Fund     string // the public fund whose return it is to be
	Company  string
	Route    string // register, relocation, new local entity, the manager's other funds, …
	Evidence string
	Day      string // of the deal
	Amount   money.Fen
}

// Reasons why a claim is not counted.
const (
	RouteUnknown = "route"    // the rule does not recognise the route
	NoEvidence   = "evidence" // nothing shows it
	Elsewhere    = "claimed"  // it counts for another public fund
	Twice        = "twice"    // it was claimed by this fund already
	NotYet       = "later"    // it was made after the day asked for
)

// Counted is a claim with what was made of it.
type Counted struct {
	Claim
	Weight     int64     // ppm
	Recognised money.Fen // amount × weight, rounded half to even
	Refused    string    // why not, "" when it counts
}

// Test is the result of a test of local reinvestment. Ratio is nil without a
// contribution; Passed is nil when it is not known: the multiple asked for is
// not, or the contribution is not.
type Test struct {
	Rule       string
	Status     string
	Fund       string
	On         string
	Base       Base
	Against    *money.Fen
	Required   *int64 // ppm
	Recognised money.Fen
	Ratio      *float64
	Passed     *bool
	Missing    *money.Fen // what has still to be recognised
	Claims     []Counted
}

// PublicShare is what a public fund put in.
type PublicShare struct {
	Fund            string
	Paid, Committed *money.Fen // nil when not known
}

// LocalReinvestment tests one public fund on a day, against the rule in force on that
// day. A deal that several public funds claim counts, unless the rule says that
// it may be shared, for the one that claims it first in the list. Without a
// rule in force the answer is errs.NotFound: it is not that nothing is asked.
func LocalReinvestment(rules []Rule, of PublicShare, claims []Claim, on string) (Test, error) {
	rule, err := inForce(rules, on)
	if err != nil {
		return Test{}, err
	}
	t := Test{Rule: rule.ID, Status: rule.Status, Fund: of.Fund, On: on, Base: rule.Base, Required: rule.Multiple, Against: of.Paid}
	switch rule.Base {
	case OnPaid:
	case OnCommitted:
		t.Against = of.Committed
	default:
		return t, errs.New(errs.Invalid, "lookthrough.base", errs.A{"rule": rule.ID, "value": string(rule.Base)})
	}
	taken := map[string]string{}
	for _, c := range claims {
		if c.Amount < 0 || !isDay(c.Day) {
			return t, errs.New(errs.Invalid, "lookthrough.claim", errs.A{"deal": c.Deal})
		}
		n, err := rule.count(c, taken, on)
		if err != nil {
			return t, err
		}
		if c.Fund != of.Fund {
			continue
		}
		if t.Recognised, err = money.Add(t.Recognised, n.Recognised); err != nil {
			return t, err
		}
		t.Claims = append(t.Claims, n)
	}
	t.judge()
	return t, nil
}

func inForce(rules []Rule, on string) (Rule, error) {
	list := slices.Clone(rules)
	slices.SortFunc(list, func(a, b Rule) int { return cmp.Compare(b.FromDay, a.FromDay) })
	for _, r := range list { // the newest that has begun
		if r.FromDay <= on && (r.ToDay == "" || on < r.ToDay) {
			return r, nil
		}
	}
	return Rule{}, errs.New(errs.NotFound, "lookthrough.no_rule", errs.A{"day": on})
}

// count says what a claim is worth and, when it counts, takes its deal.
func (r Rule) count(c Claim, taken map[string]string, on string) (Counted, error) {
	n := Counted{Claim: c}
	weight, known := r.Routes[c.Route]
	holder, held := taken[c.Deal]
	switch {
	case c.Day > on:
		n.Refused = NotYet
	case !known:
		n.Refused = RouteUnknown
	case c.Evidence == "":
		n.Refused = NoEvidence
	case held && holder == c.Fund:
		n.Refused = Twice
	case held && !r.Shared:
		n.Refused = Elsewhere
	}
	if n.Refused != "" {
		return n, nil
	}
	if r.Shared { // taken by each for itself
		if _, twice := taken[c.Fund+"\x00"+c.Deal]; twice {
			n.Refused = Twice
			return n, nil
		}
		taken[c.Fund+"\x00"+c.Deal] = c.Fund
	} else {
		taken[c.Deal] = c.Fund
	}
	var err error
	n.Weight = weight
	n.Recognised, err = money.Part(c.Amount, weight)
	return n, err
}

// judge compares recognised × 1,000,000 with required × contribution, exactly.
func (t *Test) judge() {
	if t.Against != nil {
		t.Ratio = over(t.Recognised, *t.Against)
	}
	if t.Required == nil {
		return
	}
	if *t.Required == 0 {
		yes, none := true, money.Fen(0)
		t.Passed, t.Missing = &yes, &none
		return
	}
	if t.Against == nil {
		return
	}
	need := new(big.Int).Mul(big.NewInt(*t.Required), big.NewInt(int64(*t.Against)))
	have := new(big.Int).Mul(big.NewInt(whole), big.NewInt(int64(t.Recognised)))
	passed := have.Cmp(need) >= 0
	t.Passed = &passed
	lack := new(big.Int).Sub(need, have)
	if lack.Sign() < 0 {
		lack.SetInt64(0)
	}
	lack.Add(lack, big.NewInt(whole-1)).Div(lack, big.NewInt(whole)) // whole fen, rounded up
	if lack.IsInt64() {
		missing := money.Fen(lack.Int64())
		t.Missing = &missing
	}
}
