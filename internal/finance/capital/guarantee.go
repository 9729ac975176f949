package capital

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// GuaranteeState is where a guarantee stands; "" is not known.
type GuaranteeState string

// The states of a guarantee.
const (
	Active GuaranteeState = "active" // 在保
	Ended  GuaranteeState = "ended"  // 解除
	Called GuaranteeState = "called" // 代偿: the guarantor has paid out
)

// Guarantee is a debt of a company that a guarantor stands for (担保); On is its
// first day.
type Guarantee struct {
	Common
	Guarantor Party          `json:"guarantor"`
	Contract  string         `json:"contract,omitempty"` // number of the guaranteed contract
	LoanID    string         `json:"loan_id,omitempty"`  // loan of the pool, where it is one
	Amount    *Amount        `json:"amount,omitempty"`
	Until     string         `json:"until,omitempty"`
	Fee       *Amount        `json:"fee,omitempty"`
	State     GuaranteeState `json:"state,omitempty"`
}

func (g *Guarantee) prepare(f *faults) {
	g.Contract, g.LoanID = strings.TrimSpace(g.Contract), strings.TrimSpace(g.LoanID)
	f.party("guarantor", &g.Guarantor)
	f.about("until", g.Until)
	if before(g.Until, g.On) {
		f.add(errs.New(errs.Invalid, "capital.span", errs.A{"from": g.On, "to": g.Until}).At("/until"))
	}
	if g.State != "" && !slices.Contains([]GuaranteeState{Active, Ended, Called}, g.State) {
		oneOf(f, "state", g.State, []GuaranteeState{Active, Ended, Called})
	}
	g.Amount = f.amount("amount", g.Amount)
	g.Fee = f.amount("fee", g.Fee)
}

func (g *Guarantee) amount() *Amount  { return g.Amount }
func (g *Guarantee) own() []any       { return []any{string(g.State), g.Until} }
func (g *Guarantee) sides() []side    { return []side{{"guarantor", &g.Guarantor, g.Amount}} }
func (g *Guarantee) people() []*Party { return append(g.Common.people(), &g.Guarantor) }

func (g *Guarantee) entries() []Entry {
	e := g.entry(KindGuarantee, Covered, string(g.State), g.Amount)
	e.Parties = []Party{g.Guarantor}
	return []Entry{e}
}
