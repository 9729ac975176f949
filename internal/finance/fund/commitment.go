package fund

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/money"
)

// Party is an investor: an organisation, a fund of Kapok, or a name alone.
type Party struct {
	OrgID  string `json:"org_id,omitempty"`
	FundID string `json:"fund_id,omitempty"`
	Name   string `json:"name,omitempty"`
}

// node is what the party is called where money is followed.
func (p Party) node() string {
	switch {
	case p.FundID != "":
		return p.FundID
	case p.OrgID != "":
		return p.OrgID
	}
	return "name:" + p.Name
}

// Commitment 认缴: an investor promises money to the fund. An investor may
// commit more than once; the commitments stand beside each other.
type Commitment struct {
	Head
	Investor Party              `json:"investor"`
	Nature   lookthrough.Nature `json:"nature,omitempty"` // whose money; "" when not known
	Amount   *money.Fen         `json:"amount"`           // nil when not known
}

func (c *Commitment) kind() string { return "commitment" }

func (c *Commitment) check() errs.List {
	list := positive("amount", c.Amount, true)
	named := 0
	for _, s := range []string{c.Investor.OrgID, c.Investor.FundID, c.Investor.Name} {
		if s != "" {
			named++
		}
		if !legible(s) {
			list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": "investor", "limit": maxName}).At("/investor"))
		}
	}
	if named != 1 {
		list = append(list, errs.New(errs.Invalid, "fund.party").At("/investor"))
	}
	if c.Investor.FundID != "" && c.Investor.FundID == c.FundID {
		list = append(list, errs.New(errs.Invalid, "fund.itself").At("/investor"))
	}
	if c.Nature != "" && c.Nature != lookthrough.Public && c.Nature != lookthrough.Social {
		list = append(list, errs.New(errs.Invalid, "fund.word", errs.A{"field": "nature", "value": string(c.Nature), "allowed": "public, social"}).At("/nature"))
	}
	return list
}

func (c *Commitment) apply(ctx context.Context, r *recording) error {
	_, err := r.tx.Exec(ctx, "INSERT INTO fund_commitment(id, fund_id, org_id, investor_fund, investor, nature, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		r.id, c.FundID, null(c.Investor.OrgID), null(c.Investor.FundID), c.Investor.Name, string(c.Nature), amountOf(c.Amount))
	if err != nil || c.Amount == nil {
		return err
	}
	return r.post(c.FundID, c.Day, nil, move{accUncalled, *c.Amount}, move{accCommitment, -*c.Amount})
}

// positive checks an amount: above zero and within what rates are computed for.
func positive(field string, v *money.Fen, optional bool) errs.List {
	switch {
	case v == nil && optional:
		return nil
	case v == nil:
		return errs.List{errs.New(errs.Invalid, "fund.required", errs.A{"field": field}).At("/" + field)}
	case *v <= 0 || *v > returns.MaxTurnover:
		return errs.List{errs.New(errs.Invalid, "fund.amount", errs.A{"field": field, "value": v.String(), "limit": returns.MaxTurnover.String()}).At("/" + field)}
	}
	return nil
}

// member is a commitment with what has come of it, on the day of a file.
type member struct {
	ID         string
	Day        string
	Investor   Party
	Nature     lookthrough.Nature
	Amount     *money.Fen
	Called     money.Fen // by calls, and by payments without one
	Paid       money.Fen
	Received   money.Fen
	Recallable money.Fen
}

// room is what can still be called from the member; false when that has no
// limit that is known.
func (m *member) room() (money.Fen, bool) {
	if m.Amount == nil {
		return 0, false
	}
	return *m.Amount - m.Called + m.Recallable, true
}

// name writes the member in a sentence.
func (m *member) name() string { return strings.TrimPrefix(m.Investor.node(), "name:") }

// since refuses a day before the commitment was made: nothing is called from,
// paid on or given back to one that is not there yet.
func (m *member) since(day string) error {
	if day < m.Day {
		return errs.New(errs.Conflict, "fund.too_early", errs.A{"investor": m.name(), "day": day, "from": m.Day}).At("/day")
	}
	return nil
}

const standing = " AND e.cancelled_by = '' AND e.day <= $2"

// members reads the commitments of a fund with their sums up to a day, in the
// order in which they were made.
func members(ctx context.Context, q db.Querier, fundID, on string) ([]member, error) {
	list, err := db.Collect(ctx, q, scanMember, `SELECT t.id, e.day, COALESCE(t.org_id, ''), COALESCE(t.investor_fund, ''), t.investor, t.nature, t.amount
		FROM fund_commitment t JOIN fund_event e ON e.id = t.id WHERE t.fund_id = $1`+standing+" ORDER BY e.day, t.id", fundID, on)
	if err != nil {
		return nil, err
	}
	at := map[string]*member{}
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	for _, part := range []struct {
		query string
		add   func(m *member, a, b money.Fen)
	}{
		{`SELECT t.commitment_id, CAST(SUM(t.amount) AS BIGINT), 0 FROM fund_due t JOIN fund_event e ON e.id = t.call_id WHERE e.fund_id = $1` + standing + " GROUP BY t.commitment_id",
			func(m *member, a, _ money.Fen) { m.Called += a }},
		{`SELECT t.commitment_id, CAST(SUM(t.amount) AS BIGINT), CAST(SUM(CASE WHEN t.call_id IS NULL THEN t.amount ELSE 0 END) AS BIGINT)
			FROM fund_payment t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1` + standing + " GROUP BY t.commitment_id",
			func(m *member, a, b money.Fen) { m.Paid += a; m.Called += b }},
		{`SELECT t.commitment_id, CAST(SUM(t.amount) AS BIGINT), CAST(SUM(t.recallable) AS BIGINT) FROM fund_received t JOIN fund_event e ON e.id = t.distribution_id
			WHERE e.fund_id = $1` + standing + " GROUP BY t.commitment_id",
			func(m *member, a, b money.Fen) { m.Received += a; m.Recallable += b }},
	} {
		err := db.Each(ctx, q, func(s db.Scan) error {
			var id string
			var a, b money.Fen
			err := s(&id, &a, &b)
			if m := at[id]; m != nil {
				part.add(m, a, b)
			}
			return err
		}, part.query, fundID, on)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

func scanMember(s db.Scan) (member, error) {
	var m member
	err := s(&m.ID, &m.Day, &m.Investor.OrgID, &m.Investor.FundID, &m.Investor.Name, &m.Nature, &m.Amount)
	return m, err
}

// always is a day after all others: what is asked for is everything.
const always = "9999-12-31"

// roll is the commitments of the recording's fund, all that are standing.
type roll struct {
	list []member
	byID map[string]*member
	day  string
}

func (r *recording) roll(ctx context.Context) (roll, error) {
	list, err := members(ctx, r.tx, r.fund.ID, always)
	byID := make(map[string]*member, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	return roll{list, byID, r.day}, err
}

// find returns a commitment that was made by the day of the event.
func (x *roll) find(id string) (*member, error) {
	m := x.byID[id]
	if m == nil {
		return nil, notFound(id)
	}
	return m, m.since(x.day)
}
