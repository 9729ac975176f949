package api

import (
	"strings"

	"github.com/kapok-city/kapok/internal/finance/capital"
)

func cutColon(pair string) (column, value string, ok bool) { return strings.Cut(pair, ":") }

// InvestorIn is one of those who put money into a round.
type InvestorIn struct {
	PartyIn
	Lead   bool      `json:"lead,omitempty"`
	Amount *AmountIn `json:"amount,omitempty" doc:"Its own part; absent is not known"`
}

// RoundIn is a financing round as a person writes it.
type RoundIn struct {
	CapitalCommonIn
	Stage     string         `json:"stage" doc:"seed, angel, pre_a, a, b, c_plus, venture, strategic, private_equity, pre_ipo, post_ipo, crowdfunding or other"`
	StageText string         `json:"stage_text,omitempty" doc:"As the source writes it"`
	Amount    *AmountIn      `json:"amount,omitempty"`
	Pre       *ValuationOfIn `json:"pre,omitempty" doc:"Valuation before the round"`
	Post      *ValuationOfIn `json:"post,omitempty" doc:"Valuation after it"`
	Investors []InvestorIn   `json:"investors,omitempty" maxItems:"200"`
}

func (b *RoundIn) onto(r *capital.Round) string {
	r.Stage, r.StageText, r.Amount, r.Pre, r.Post, r.Investors = capital.Stage(b.Stage), b.StageText, b.Amount.stated(), b.Pre.stated(), b.Post.stated(), nil
	for _, i := range b.Investors {
		r.Investors = append(r.Investors, capital.Investor{Party: i.party(), Lead: i.Lead, Amount: i.Amount.stated()})
	}
	return b.fill(&r.Common)
}

// AcquisitionIn is an acquisition as a person writes it.
type AcquisitionIn struct {
	CapitalCommonIn
	Acquirer PartyIn   `json:"acquirer"`
	Price    *AmountIn `json:"price,omitempty"`
}

func (b *AcquisitionIn) onto(a *capital.Acquisition) string {
	a.Acquirer, a.Price = b.Acquirer.party(), b.Price.stated()
	return b.fill(&a.Common)
}

// ListingIn is an attempt to be listed. Its steps are recorded with the new one
// only; later ones are added each by itself.
type ListingIn struct {
	CapitalCommonIn
	Market string    `json:"market" doc:"SSE, SZSE, BSE, NEEQ, HKEX, NASDAQ, NYSE or other"`
	Board  string    `json:"board,omitempty" doc:"main, star, chinext, innovation, basic or gem"`
	Code   string    `json:"code,omitempty" doc:"Of the stock"`
	Raised *AmountIn `json:"raised,omitempty" doc:"When listed"`
	Steps  []StepIn  `json:"steps,omitempty" maxItems:"20" doc:"Of a new listing"`
}

func (b *ListingIn) onto(l *capital.Listing) string {
	l.Market, l.Board, l.Code, l.Raised = capital.Market(b.Market), capital.Board(b.Board), b.Code, b.Raised.stated()
	if l.ID == "" {
		for i := range b.Steps {
			l.Steps = append(l.Steps, b.Steps[i].step())
		}
	}
	return b.fill(&l.Common)
}

// ContestIn is what a company reached in a competition.
type ContestIn struct {
	CapitalCommonIn
	Contest string    `json:"contest" doc:"Name of the competition"`
	Edition string    `json:"edition,omitempty"`
	Track   string    `json:"track,omitempty"`
	Project string    `json:"project,omitempty"`
	Place   int       `json:"place,omitempty" minimum:"0" doc:"Absent is not known"`
	Award   string    `json:"award,omitempty"`
	Prize   *AmountIn `json:"prize,omitempty"`
}

func (b *ContestIn) onto(c *capital.Contest) string {
	c.Contest, c.Edition, c.Track, c.Project, c.Place, c.Award, c.Prize = b.Contest, b.Edition, b.Track, b.Project, b.Place, b.Award, b.Prize.stated()
	return b.fill(&c.Common)
}

// GuaranteeIn is a debt that a guarantor stands for.
type GuaranteeIn struct {
	CapitalCommonIn
	Guarantor PartyIn   `json:"guarantor"`
	Contract  string    `json:"contract,omitempty"`
	LoanID    string    `json:"loan_id,omitempty" doc:"Loan of a pool, where it is one"`
	Amount    *AmountIn `json:"amount,omitempty"`
	Until     string    `json:"until,omitempty"`
	Fee       *AmountIn `json:"fee,omitempty"`
	State     string    `json:"state,omitempty" doc:"active, ended or called; absent is not known"`
}

func (b *GuaranteeIn) onto(g *capital.Guarantee) string {
	g.Guarantor, g.Contract, g.LoanID, g.Amount, g.Until, g.Fee = b.Guarantor.party(), b.Contract, b.LoanID, b.Amount.stated(), b.Until, b.Fee.stated()
	g.State = capital.GuaranteeState(b.State)
	return b.fill(&g.Common)
}

// PremiumIn is the premium of a policy with its subsidy.
type PremiumIn struct {
	CapitalCommonIn
	Insurer PartyIn   `json:"insurer"`
	Policy  string    `json:"policy" doc:"Type of policy"`
	Number  string    `json:"number,omitempty" doc:"Of the policy"`
	Year    string    `json:"year,omitempty" doc:"Of the subsidy"`
	Premium *AmountIn `json:"premium,omitempty"`
	Subsidy *AmountIn `json:"subsidy,omitempty"`
}

func (b *PremiumIn) onto(p *capital.Premium) string {
	p.Insurer, p.Policy, p.Number, p.Year, p.Premium, p.Subsidy = b.Insurer.party(), b.Policy, b.Number, b.Year, b.Premium.stated(), b.Subsidy.stated()
	return b.fill(&p.Common)
}
