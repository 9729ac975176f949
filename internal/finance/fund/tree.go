package fund

import (
	"context"
	"math/big"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Tree is a fund with all that stands behind it, as far as the viewer sees it.
type Tree struct {
	On         string                 `json:"on"`
	Root       Branch                 `json:"root"`
	Stakes     []lookthrough.Stake    `json:"stakes"` // of the root in every fund and company
	Visibility lookthrough.Visibility `json:"visibility"`
	Excesses   []lookthrough.Excess   `json:"excesses,omitempty"`
	Simulated  bool                   `json:"simulated"` // any of the funds in it
}

// Branch is a fund or a company with how it is held by the one above.
type Branch struct {
	ID        string             `json:"id"` // of a fund or an organisation; "name:…" where there is a name alone
	Kind      lookthrough.Kind   `json:"kind"`
	Fund      *Fund              `json:"fund,omitempty"`
	SharePPM  *int64             `json:"share_ppm"` // nil when not known
	Amount    *money.Fen         `json:"amount"`    // put in by the one above
	Round     string             `json:"round,omitempty"`
	Evidence  string             `json:"evidence,omitempty"`
	Effective *lookthrough.Stake `json:"effective,omitempty"` // of the root
	Again     bool               `json:"again,omitempty"`     // it stands above: the branch is not drawn twice
	Branches  []Branch           `json:"branches,omitempty"`
}

// Tree looks through a fund as of a day ("" for today). A fund's share in
// another is its part of the commitments; where one of those is not known, the
// share is not. What the viewer does not see is not there.
func (s *Service) Tree(ctx context.Context, v level.Viewer, id, on string) (Tree, error) {
	on, err := s.day(on)
	if err != nil {
		return Tree{}, err
	}
	c, err := s.network(ctx, v, on)
	if err != nil {
		return Tree{}, err
	}
	if c.funds[id] == nil {
		return Tree{}, notFound(id)
	}
	g, err := lookthrough.Build(c.nodes, c.holdings, on)
	if err != nil {
		return Tree{}, err
	}
	t := Tree{On: on, Excesses: g.Excesses()}
	if t.Stakes, err = g.Stakes(id); err != nil {
		return t, err
	}
	if t.Visibility, err = g.Visible(id); err != nil {
		return t, err
	}
	at := map[string]*lookthrough.Stake{}
	for i := range t.Stakes {
		at[t.Stakes[i].ID] = &t.Stakes[i]
	}
	t.Root = c.branch(id, at, map[string]bool{})
	t.Excesses = slices.DeleteFunc(t.Excesses, func(x lookthrough.Excess) bool { return at[x.ID] == nil })
	for fundID, f := range c.funds {
		t.Simulated = t.Simulated || (fundID == id || at[fundID] != nil) && f.Simulated
	}
	return t, nil
}

// network is who holds whom among all funds that a viewer sees.
type network struct {
	funds    map[string]*Fund
	nodes    []lookthrough.Node
	holdings []lookthrough.Holding
	below    map[string][]Branch
	in       map[string]bool // ids of nodes
}

func (s *Service) network(ctx context.Context, v level.Viewer, on string) (*network, error) {
	c := &network{funds: map[string]*Fund{}, below: map[string][]Branch{}, in: map[string]bool{}}
	var w where
	guard(&w, v)
	list, err := db.Collect(ctx, s.d, scanFund, "SELECT "+fundColumns+fundFrom+w.String()+" ORDER BY t.id", w.args...)
	if err != nil {
		return nil, err
	}
	money, err := paidIn(ctx, s.d, on)
	if err != nil {
		return nil, err
	}
	for i := range list {
		f := &list[i]
		c.funds[f.ID], c.in[f.ID] = f, true
		c.nodes = append(c.nodes, lookthrough.Node{ID: f.ID, Kind: lookthrough.Fund, Money: money[f.ID]})
	}
	if err := c.commitments(ctx, s.d, on); err != nil {
		return nil, err
	}
	return c, c.companies(ctx, s.d, on)
}

// paidIn is what each fund was paid, of those that were paid anything.
func paidIn(ctx context.Context, q db.Querier, on string) (map[string]*money.Fen, error) {
	out := map[string]*money.Fen{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var id string
		var a money.Fen
		err := s(&id, &a)
		out[id] = &a
		return err
	}, "SELECT e.fund_id, CAST(SUM(t.amount) AS BIGINT) FROM fund_payment t JOIN fund_event e ON e.id = t.id WHERE e.cancelled_by = '' AND e.day <= $1 GROUP BY e.fund_id", on)
	return out, err
}

// commitments makes the holdings of funds in funds.
func (c *network) commitments(ctx context.Context, q db.Querier, on string) error {
	type row struct {
		id, fund, investor, day string
		amount                  *money.Fen
		paid                    money.Fen
	}
	rows, err := db.Collect(ctx, q, func(s db.Scan) (row, error) {
		var r row
		err := s(&r.id, &r.fund, &r.investor, &r.day, &r.amount, &r.paid)
		return r, err
	}, `SELECT t.id, t.fund_id, COALESCE(t.investor_fund, ''), e.day, t.amount,
		CAST(COALESCE((SELECT SUM(p.amount) FROM fund_payment p JOIN fund_event y ON y.id = p.id WHERE p.commitment_id = t.id AND y.cancelled_by = '' AND y.day <= $1), 0) AS BIGINT)
		FROM fund_commitment t JOIN fund_event e ON e.id = t.id WHERE e.cancelled_by = '' AND e.day <= $1 ORDER BY t.id`, on)
	if err != nil {
		return err
	}
	total, unknown := map[string]money.Fen{}, map[string]bool{}
	for _, r := range rows {
		if r.amount == nil {
			unknown[r.fund] = true
			continue
		}
		if total[r.fund], err = money.Add(total[r.fund], *r.amount); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if c.funds[r.fund] == nil || c.funds[r.investor] == nil {
			continue
		}
		paid := r.paid
		h := lookthrough.Holding{ID: r.id, From: r.investor, To: r.fund, FromDay: r.day, Amount: &paid}
		if r.amount != nil && !unknown[r.fund] {
			h.SharePPM = part(*r.amount, total[r.fund])
		}
		c.add(h, Branch{ID: r.fund, Kind: lookthrough.Fund, Fund: c.funds[r.fund], SharePPM: h.SharePPM, Amount: &paid})
	}
	return nil
}

// part is a share in ppm, rounded to the nearest; total is above zero.
func part(of, total money.Fen) *int64 {
	n := new(big.Int).Mul(big.NewInt(int64(of)), big.NewInt(2_000_000))
	n.Add(n, big.NewInt(int64(total))).Div(n, new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(2)))
	ppm := n.Int64() // of is at most total
	return &ppm
}

// companies makes the holdings of funds in companies.
func (c *network) companies(ctx context.Context, q db.Querier, on string) error {
	return db.Each(ctx, q, func(s db.Scan) error {
		var h lookthrough.Holding
		var org, name, round string
		if err := s(&h.ID, &h.From, &org, &name, &h.SharePPM, &h.Amount, &round, &h.Evidence, &h.FromDay, &h.Source); err != nil {
			return err
		}
		if c.funds[h.From] == nil {
			return nil
		}
		if h.To = org; org == "" {
			h.To = "name:" + name
		}
		if !c.in[h.To] {
			c.in[h.To] = true
			c.nodes = append(c.nodes, lookthrough.Node{ID: h.To, Kind: lookthrough.Company})
		}
		c.add(h, Branch{ID: h.To, Kind: lookthrough.Company, SharePPM: h.SharePPM, Amount: h.Amount, Round: round, Evidence: h.Evidence})
		return nil
	}, `SELECT t.id, t.fund_id, COALESCE(t.org_id, ''), t.company, t.share_ppm, t.amount, t.round, t.evidence, e.day, e.source_id
		FROM fund_holding t JOIN fund_event e ON e.id = t.id WHERE e.cancelled_by = '' AND e.day <= $1
		AND NOT EXISTS (SELECT 1 FROM fund_exit o JOIN fund_event y ON y.id = o.id WHERE o.holding_id = t.id AND y.cancelled_by = '' AND y.day <= $1) ORDER BY t.id`, on)
}

func (c *network) add(h lookthrough.Holding, b Branch) {
	c.holdings = append(c.holdings, h)
	c.below[h.From] = append(c.below[h.From], b)
}

// branch draws what stands below a node. One that stands above itself, or was
// drawn before, is not drawn again; what a node holds itself comes before what
// others hold for it.
func (c *network) branch(id string, at map[string]*lookthrough.Stake, drawn map[string]bool) Branch {
	b := Branch{ID: id, Kind: lookthrough.Fund, Fund: c.funds[id], Effective: at[id], Branches: slices.Clone(c.below[id])}
	drawn[id] = true
	for i := range b.Branches {
		child := &b.Branches[i]
		child.Effective = at[child.ID]
		if child.Kind == lookthrough.Fund {
			child.Again, drawn[child.ID] = drawn[child.ID], true
		}
	}
	for i := range b.Branches {
		if child := &b.Branches[i]; child.Kind == lookthrough.Fund && !child.Again {
			child.Branches = c.branch(child.ID, at, drawn).Branches
		}
	}
	return b
}

// Leverage is the leverage of social capital over a set of funds as of a day
// ("" for today), by what was paid in: each yuan of public money once. All
// funds of the set have to be seen by the viewer.
func (s *Service) Leverage(ctx context.Context, v level.Viewer, funds []string, on string) (lookthrough.Lever, error) {
	on, err := s.day(on)
	if err != nil {
		return lookthrough.Lever{}, err
	}
	if len(funds) == 0 {
		return lookthrough.Lever{}, errs.New(errs.Invalid, "fund.required", errs.A{"field": "funds"}).At("/funds")
	}
	for _, id := range funds {
		if _, err := one(ctx, s.d, v, id); err != nil {
			return lookthrough.Lever{}, err
		}
	}
	list, err := db.Collect(ctx, s.d, func(sc db.Scan) (lookthrough.Contribution, error) {
		var c lookthrough.Contribution
		var p Party
		err := sc(&c.Fund, &p.OrgID, &p.FundID, &p.Name, &c.Nature, &c.Amount)
		c.Investor = p.node()
		return c, err
	}, `SELECT c.fund_id, COALESCE(c.org_id, ''), COALESCE(c.investor_fund, ''), c.investor, c.nature, t.amount
		FROM fund_payment t JOIN fund_event e ON e.id = t.id JOIN fund_commitment c ON c.id = t.commitment_id WHERE e.cancelled_by = '' AND e.day <= $1`, on)
	if err != nil {
		return lookthrough.Lever{}, err
	}
	return lookthrough.Leverage(funds, list)
}
