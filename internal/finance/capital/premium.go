package capital

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Premium is the premium of a policy, and the part of it that was paid from
// public money (保费补贴); On is the day of the subsidy.
type Premium struct {
	Common
	Insurer Party   `json:"insurer"`
	Policy  string  `json:"policy"`           // 险种: "首台套", "专利保险", …
	Number  string  `json:"number,omitempty"` // of the policy
	Year    string  `json:"year,omitempty"`   // of the subsidy, YYYY
	Premium *Amount `json:"premium,omitempty"`
	Subsidy *Amount `json:"subsidy,omitempty"`
}

func (p *Premium) prepare(f *faults) {
	p.Policy, p.Number = strings.TrimSpace(p.Policy), strings.TrimSpace(p.Number)
	f.party("insurer", &p.Insurer)
	f.required("policy", p.Policy)
	if p.Year != "" && (len(p.Year) != 4 || !isPartDay(p.Year)) {
		f.add(errs.New(errs.Invalid, "capital.day", errs.A{"field": called("year"), "value": clip(p.Year)}).At("/year"))
	}
	p.Premium = f.amount("premium", p.Premium)
	p.Subsidy = f.amount("subsidy", p.Subsidy)
	a, b := p.Subsidy, p.Premium
	if len(f.list) == 0 && a != nil && b != nil && a.Unit == b.Unit && a.floor().Interval().Lo > b.Interval().Hi {
		f.add(errs.New(errs.Invalid, "capital.subsidy", errs.A{"subsidy": a.Value, "premium": b.Value}).At("/subsidy"))
	}
}

// amount is the subsidised part: the money that this room is asked for.
func (p *Premium) amount() *Amount  { return p.Subsidy }
func (p *Premium) own() []any       { return []any{p.Policy, p.Year} }
func (p *Premium) sides() []side    { return []side{{"insurer", &p.Insurer, p.Premium}} }
func (p *Premium) people() []*Party { return append(p.Common.people(), &p.Insurer) }

// entries are two: what the policy cost, and what of it was given back.
func (p *Premium) entries() []Entry {
	cost := p.entry(KindPremium, Covered, p.Policy, p.Premium)
	given := p.entry(KindSubsidy, Covered, p.Policy, p.Subsidy)
	for _, e := range []*Entry{&cost, &given} {
		if e.Day == "" {
			e.Day = p.Year
		}
		e.Parties = []Party{p.Insurer}
	}
	return []Entry{cost, given}
}
