package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// PoolClaimsIn asks for a page of claims for compensation.
type PoolClaimsIn struct {
	Pool   string `query:"pool" maxLength:"200" doc:"Pool id"`
	Member string `query:"member" maxLength:"200" doc:"Id of the claimant as a member"`
	State  string `query:"state" maxLength:"40" doc:"State of the claim, such as paid"`
	Year   string `query:"year" pattern:"^[0-9]{4}$" doc:"Year of the claim"`
	Paging
}

// ClaimIn is what a claimant says of the loss.
type ClaimIn struct {
	LoanID     string     `json:"loan_id"`
	MemberID   string     `json:"member_id" doc:"The claimant as a member: the bank, or the guarantor that has paid"`
	Loss       *money.Fen `json:"loss,omitempty" doc:"Fen, actual loss of principal (mode bank)"`
	Unpaid     *money.Fen `json:"unpaid,omitempty" doc:"Fen, principal still owed (mode guarantee)"`
	Guaranteed string     `json:"guarantor_paid,omitempty" enum:"yes,no,unknown" doc:"Absent is unknown"`
	Lawsuit    string     `json:"lawsuit,omitempty" enum:"yes,no,unknown" doc:"Absent is unknown"`
	Day        string     `json:"day,omitempty" doc:"ISO date of the claim; absent is today"`
	SourceID   string     `json:"source_id"`
}

// CompensationClaim is a claim with why its amount is what it is. amount is
// absent before approval.
type CompensationClaim struct {
	pool.Claim
	Trace TraceOut `json:"trace"`
}

// CompensationSheet is a claim with what came back of it and what it resembles.
type CompensationSheet struct {
	CompensationClaim
	Recoveries []pool.Came `json:"recoveries" nullable:"false"`
	Doubles    []twice.Hit `json:"doubles" nullable:"false" doc:"Claims, here or in other schemes, that it may repeat"`
}

// Replayed is a claim's amount computed anew from its trace and regime.
type Replayed struct {
	ClaimID string       `json:"claim_id"`
	Amount  rules.Amount `json:"amount"`
	Agrees  bool         `json:"agrees"`
}

func (s *server) poolClaims() {
	const tag = "compensation"
	staff := account.ReadPrivate
	addList(s, route{id: "list_compensation", path: "/compensation-claims", tag: tag, needs: staff}, claimTable(), s.listPoolClaims)
	add(s, route{id: "get_compensation", path: "/compensation-claims/{id}", tag: tag, needs: staff}, s.getPoolClaim)
	add(s, route{id: "replay_compensation", path: "/compensation-claims/{id}/replay", tag: tag, needs: staff}, s.replayClaim)
	add(s, route{id: "submit_compensation", method: http.MethodPost, path: "/compensation-claims", tag: tag, needs: account.Edit, once: true, status: http.StatusCreated}, s.submitClaim)
}

func (s *server) compensationOf(ctx context.Context, c pool.Claim) (CompensationClaim, error) {
	out := CompensationClaim{Claim: c}
	var t rules.Trace
	if len(c.Trace) > 0 {
		d := json.NewDecoder(bytes.NewReader(c.Trace))
		d.UseNumber() // a sentence says a number as it was recorded
		if err := d.Decode(&t); err != nil {
			return out, err
		}
	}
	out.Trace = traceOut(t, callOf(ctx).lang)
	return out, nil
}

func (s *server) listPoolClaims(ctx context.Context, in *PoolClaimsIn) (part[CompensationClaim], error) {
	out := part[CompensationClaim]{total: -1}
	room, err := s.poolRoom()
	if err != nil {
		return out, err
	}
	f := pool.ClaimFilter{PoolID: in.Pool, MemberID: in.Member, State: in.State, Year: in.Year, Limit: in.Limit + 1}
	if f.After, err = decodeCursor(in.Cursor); err != nil {
		return out, err
	}
	list, err := room.ListClaims(ctx, s.DB, f)
	if err != nil {
		return out, err
	}
	list, out.next = cutAt(list, in.Limit, func(c *pool.Claim) string { return c.ID })
	for _, c := range list {
		x, err := s.compensationOf(ctx, c)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, x)
	}
	return out, nil
}

func (s *server) getPoolClaim(ctx context.Context, in *ID) (*answer[CompensationSheet], error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	c, err := room.Claim(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	return s.claimSheet(ctx, room, c)
}

func (s *server) claimSheet(ctx context.Context, room *pool.Service, c pool.Claim) (*answer[CompensationSheet], error) {
	claim, err := s.compensationOf(ctx, c)
	if err != nil {
		return nil, err
	}
	came, err := room.Recoveries(ctx, s.DB, c.ID)
	if err != nil {
		return nil, err
	}
	hits, err := room.Doubles(ctx, s.DB, c)
	return of(CompensationSheet{claim, append([]pool.Came{}, came...), append([]twice.Hit{}, hits...)}), err
}

// replayClaim answers with the problem of the room where the amounts differ.
func (s *server) replayClaim(ctx context.Context, in *ID) (*answer[Replayed], error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	c, err := room.Claim(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	amount, err := room.Replay(ctx, s.DB, c)
	return of(Replayed{c.ID, amount, err == nil}), err
}

func (s *server) submitClaim(ctx context.Context, in *struct{ Body ClaimIn }) (*answer[CompensationSheet], error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	if _, err := s.caseRoom(); err != nil {
		return nil, err
	}
	by, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	c, err := room.Submit(ctx, by, pool.Statement{LoanID: b.LoanID, MemberID: b.MemberID, Loss: b.Loss, Unpaid: b.Unpaid,
		Guaranteed: triOf(b.Guaranteed), Lawsuit: triOf(b.Lawsuit), Day: b.Day, SourceID: b.SourceID})
	if err != nil {
		return nil, err
	}
	a, err := s.claimSheet(ctx, room, c)
	if err != nil {
		return nil, err
	}
	return a.with("Location", base+"/compensation-claims/"+c.ID), nil
}

func claimTable() table[CompensationClaim] {
	type v = CompensationClaim
	return table[v]{name: "claims", source: func(c *v) string { return c.SourceID }, columns: []column[v]{
		{"id", func(c *v) any { return c.ID }}, {"pool_id", func(c *v) any { return c.PoolID }}, {"loan_id", func(c *v) any { return c.LoanID }}, {"member_id", func(c *v) any { return c.MemberID }}, {"mode", func(c *v) any { return string(c.Mode) }},
		{"case_id", func(c *v) any { return c.CaseID }}, {"borrower", func(c *v) any { return c.Borrower }}, {"contract", func(c *v) any { return c.Contract }}, {"principal_fen", func(c *v) any { return int64(c.Principal) }},
		{"claimed_on", func(c *v) any { return c.ClaimedOn }}, {"state", func(c *v) any { return c.State }}, {"year", func(c *v) any { return c.Year }}, {"loss_fen", func(c *v) any { return int64(c.Loss) }}, {"amount_fen", func(c *v) any { return fen(c.Amount) }},
		{"paid_fen", func(c *v) any { return int64(c.Paid) }}, {"paid_on", func(c *v) any { return c.PaidOn }}, {"returned_fen", func(c *v) any { return int64(c.Returned) }}, {"regime_hash", func(c *v) any { return c.RegimeHash }},
	}}
}
