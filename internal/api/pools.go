package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// InPool asks for a list of a pool.
type InPool struct {
	ID
	Paging
}

// InYear asks for a list of a pool in a year.
type InYear struct {
	ID
	Year string `query:"year" pattern:"^[0-9]{4}$" doc:"Calendar year; absent is this one"`
	Paging
}

// RegimeOut is a version of the rules of a pool with what a person should know
// of it.
type RegimeOut struct {
	rules.Regime
	Hash     string   `json:"hash" doc:"SHA-256 of the regime with its readings, as traces name it"`
	Findings []string `json:"findings" nullable:"false" doc:"What is unwise to rely on, in sentences"`
}

// BudgetOut is a year's money in the ledger.
type BudgetOut struct {
	pool.BudgetUse
	Funded bool `json:"funded" doc:"The year has been given money; without it every amount is 0 and means nothing"`
}

// ConcentrationOut says how open balances are spread.
type ConcentrationOut struct {
	Borrowers pool.Concentration `json:"borrowers"`
	Banks     pool.Concentration `json:"banks"`
}

// TryIn is a loan that may not exist. What is absent is not known. Amounts are
// fen.
type TryIn struct {
	Regime     string            `json:"regime,omitempty" doc:"Id of a regime; absent is the one that governs by the days"`
	Mode       string            `json:"mode" enum:"bank,guarantee"`
	Principal  *money.Fen        `json:"principal,omitempty"`
	Loss       *money.Fen        `json:"loss,omitempty" doc:"Actual loss of principal (mode bank)"`
	Unpaid     *money.Fen        `json:"unpaid,omitempty" doc:"Principal still owed (mode guarantee)"`
	Guaranteed string            `json:"guarantor_paid,omitempty" enum:"yes,no,unknown"`
	OtherMode  string            `json:"other_mode,omitempty" enum:"yes,no,unknown"`
	Local      string            `json:"local,omitempty" enum:"yes,no,unknown"`
	Class      string            `json:"class,omitempty" enum:"small_micro,micro_owner,sole_trader,medium,large,sci_tech"`
	Marks      map[string]string `json:"marks,omitempty" doc:"high_tech, listed, key_support, ip_pledge, policy_tool, first_loan, pure_credit: yes, no or unknown"`
	Months     *int64            `json:"months,omitempty"`
	YearLoans  *money.Fen        `json:"year_loans,omitempty" doc:"All loans of the borrower registered in the year, this one too"`
	BadLoans   *money.Fen        `json:"bad_loans,omitempty"`
	PaidBefore *money.Fen        `json:"paid_before,omitempty"`
	Risk       string            `json:"risk,omitempty" enum:"normal,special,substandard,doubtful,loss"`
	Lawsuit    string            `json:"lawsuit,omitempty" enum:"yes,no,unknown"`
	Lent       string            `json:"lent,omitempty"`
	Registered string            `json:"registered,omitempty"`
	NPL        string            `json:"npl,omitempty"`
	Claimed    string            `json:"claimed,omitempty"`
}

// triOf reads a word; the schema has seen to it that it is one.
func triOf(word string) rules.Tri {
	var t rules.Tri
	_ = t.UnmarshalText([]byte(word))
	return t
}

func (b *TryIn) facts() (rules.Facts, error) {
	f := rules.Facts{Mode: rules.Mode(b.Mode), Principal: b.Principal, Loss: b.Loss, Unpaid: b.Unpaid, Guaranteed: triOf(b.Guaranteed), OtherMode: triOf(b.OtherMode),
		Local: triOf(b.Local), Class: rules.Class(b.Class), Months: b.Months, YearLoans: b.YearLoans, BadLoans: b.BadLoans, PaidBefore: b.PaidBefore,
		Risk: rules.Risk(b.Risk), Lawsuit: triOf(b.Lawsuit), Lent: b.Lent, Registered: b.Registered, NPL: b.NPL, Claimed: b.Claimed}
	for name, word := range b.Marks {
		var t rules.Tri
		if err := t.UnmarshalText([]byte(word)); err != nil {
			return f, errs.Of(err).At("/marks/" + name)
		}
		if f.Marks == nil {
			f.Marks = map[string]rules.Tri{}
		}
		f.Marks[name] = t
	}
	return f, nil
}

// TraceStep is one step of a computation in words.
type TraceStep struct {
	rules.Step
	Sentence string `json:"sentence"`
}

// TraceOut is how an amount came about. refused and asks say why there is none,
// or not yet one.
type TraceOut struct {
	rules.Trace
	Steps   []TraceStep    `json:"steps" nullable:"false"`
	Refused []TraceRefusal `json:"refused,omitempty"`
}

// TraceRefusal is a rule that a loan fails, in words.
type TraceRefusal struct {
	rules.Refusal
	Sentence string `json:"sentence"`
}

func traceOut(t rules.Trace, l i18n.Lang) TraceOut {
	out := TraceOut{Trace: t, Steps: []TraceStep{}}
	for _, st := range t.Steps {
		out.Steps = append(out.Steps, TraceStep{st, i18n.T(l, st.Key, st.Args)})
	}
	for _, r := range t.Refused {
		out.Refused = append(out.Refused, TraceRefusal{r, i18n.T(l, r.Key, r.Args)})
	}
	return out
}

// Tried is what a loan would be owed.
type Tried struct {
	Amount rules.Amount `json:"amount"`
	Trace  TraceOut     `json:"trace"`
}

func (s *server) pools() {
	const tag = "pools"
	staff := account.ReadPrivate
	addList(s, route{id: "list_pools", path: "/pools", tag: tag, needs: staff}, poolTable(), s.listPools)
	add(s, route{id: "get_pool", path: "/pools/{id}", tag: tag, needs: staff}, s.getPool)
	addList(s, route{id: "members_of_pool", path: "/pools/{id}/members", tag: tag, needs: staff}, memberTable(),
		poolList(s, (*pool.Service).Members, func(m *pool.Member) string { return m.ID }))
	addList(s, route{id: "regimes_of_pool", path: "/pools/{id}/regimes", tag: tag, needs: staff}, regimeTable(), s.poolRegimes)
	addList(s, route{id: "exposure_of_pool", path: "/pools/{id}/exposure", tag: tag, needs: staff}, exposureTable(),
		poolList(s, (*pool.Service).Exposures, func(e *pool.Exposure) string { return e.BankID + "/" + e.Year }))
	addList(s, route{id: "ageing_of_pool", path: "/pools/{id}/ageing", tag: tag, needs: staff}, ageTable(),
		poolList(s, (*pool.Service).Ageing, func(a *pool.Age) string { return a.Status + "/" + string(a.Risk) }))
	addList(s, route{id: "breakers_of_pool", path: "/pools/{id}/breakers", tag: tag, needs: staff}, breakerTable(), s.breakers)
	addList(s, route{id: "claims_by_member", path: "/pools/{id}/claims-by-member", tag: tag, needs: staff}, memberClaimsTable(),
		poolList(s, (*pool.Service).ClaimsByMember, func(m *pool.MemberClaims) string { return m.MemberID + "/" + m.Year }))
	addList(s, route{id: "doubles_of_pool", path: "/pools/{id}/doubles", tag: tag, needs: staff}, hitTable(),
		poolList(s, (*pool.Service).AllDoubles, func(h *twice.Hit) string { return h.A + "/" + h.Scheme + "/" + h.B }))
	add(s, route{id: "budget_of_pool", path: "/pools/{id}/budgets/{year}", tag: tag, needs: staff}, s.budget)
	add(s, route{id: "concentration_of_pool", path: "/pools/{id}/concentration", tag: tag, needs: staff}, s.concentration)
	add(s, route{id: "try_regime", method: http.MethodPost, path: "/pools/{id}/try", tag: tag, needs: staff, once: true}, s.tryRegime)
	s.loans()
	s.poolClaims()
}

func (s *server) poolRoom() (*pool.Service, error) {
	if s.Pools == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Pools, nil
}

// knownPool returns the room once the pool is known to be there.
func (s *server) knownPool(ctx context.Context, id string) (*pool.Service, error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	_, err = room.Get(ctx, s.DB, id)
	return room, err
}

// poolList pages a list of a pool that the room returns as a whole.
func poolList[T any](s *server, read func(*pool.Service, context.Context, db.Querier, string) ([]T, error), key func(*T) string) fetch[InPool, T] {
	return func(ctx context.Context, in *InPool) (part[T], error) {
		room, err := s.knownPool(ctx, in.ID.ID)
		if err != nil {
			return part[T]{}, err
		}
		all, err := read(room, ctx, s.DB, in.ID.ID)
		if err != nil {
			return part[T]{}, err
		}
		return cutPage(all, &in.Paging, key)
	}
}

func (s *server) listPools(ctx context.Context, in *ListIn) (part[pool.Pool], error) {
	room, err := s.poolRoom()
	if err != nil {
		return part[pool.Pool]{}, err
	}
	all, err := room.Pools(ctx, s.DB)
	if err != nil {
		return part[pool.Pool]{}, err
	}
	return cutPage(all, &in.Paging, func(p *pool.Pool) string { return p.ID })
}

func (s *server) getPool(ctx context.Context, in *ID) (*answer[pool.Pool], error) {
	room, err := s.poolRoom()
	if err != nil {
		return nil, err
	}
	p, err := room.Get(ctx, s.DB, in.ID)
	return of(p), err
}

func (s *server) poolRegimes(ctx context.Context, in *InPool) (part[RegimeOut], error) {
	room, err := s.knownPool(ctx, in.ID.ID)
	if err != nil {
		return part[RegimeOut]{}, err
	}
	list, err := room.Regimes(ctx, s.DB, in.ID.ID)
	if err != nil {
		return part[RegimeOut]{}, err
	}
	found := map[string][]string{}
	for _, f := range rules.Lint(list) {
		found[f.Regime] = append(found[f.Regime], i18n.T(callOf(ctx).lang, f.Key, f.Args))
	}
	var all []RegimeOut
	for _, r := range list {
		all = append(all, RegimeOut{r, r.Hash(), append([]string{}, found[r.ID]...)})
	}
	return cutPage(all, &in.Paging, func(r *RegimeOut) string { return r.ID })
}

func (s *server) breakers(ctx context.Context, in *InYear) (part[pool.BreakerState], error) {
	room, err := s.knownPool(ctx, in.ID.ID)
	if err != nil {
		return part[pool.BreakerState]{}, err
	}
	if in.Year == "" {
		in.Year = strconv.Itoa(s.DB.Now().In(cityZone).Year())
	}
	all, err := room.Breakers(ctx, s.DB, in.ID.ID, in.Year)
	if err != nil {
		return part[pool.BreakerState]{}, err
	}
	return cutPage(all, &in.Paging, func(b *pool.BreakerState) string { return b.Member.ID })
}

func (s *server) budget(ctx context.Context, in *struct {
	ID
	Year string `path:"year" pattern:"^[0-9]{4}$" doc:"Calendar year"`
}) (*answer[BudgetOut], error) {
	room, err := s.knownPool(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	u, funded, err := room.Budget(ctx, s.DB, in.ID.ID, in.Year)
	return of(BudgetOut{u, funded}), err
}

func (s *server) concentration(ctx context.Context, in *ID) (*answer[ConcentrationOut], error) {
	room, err := s.knownPool(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var out ConcentrationOut
	if out.Borrowers, err = room.Borrowers(ctx, s.DB, in.ID); err != nil {
		return nil, err
	}
	out.Banks, err = room.Banks(ctx, s.DB, in.ID)
	return of(out), err
}

// tryRegime computes and writes nothing.
func (s *server) tryRegime(ctx context.Context, in *struct {
	ID
	Body TryIn
}) (*answer[Tried], error) {
	room, err := s.knownPool(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	f, err := in.Body.facts()
	if err != nil {
		return nil, err
	}
	amount, t, err := room.Try(ctx, s.DB, in.ID.ID, in.Body.Regime, f)
	if err != nil {
		return nil, err
	}
	return of(Tried{amount, traceOut(t, callOf(ctx).lang)}), nil
}

func poolTable() table[pool.Pool] {
	type v = pool.Pool
	return table[v]{name: "pools", source: func(p *v) string { return p.SourceID }, columns: []column[v]{
		{"id", func(p *v) any { return p.ID }}, {"key", func(p *v) any { return p.Key }}, {"name_zh", func(p *v) any { return p.Name.ZH }}, {"name_en", func(p *v) any { return p.Name.EN }},
		{"place", func(p *v) any { return p.Place }}, {"governing", func(p *v) any { return string(p.Governing) }},
	}}
}

func memberTable() table[pool.Member] {
	type v = pool.Member
	return table[v]{name: "members", source: func(m *v) string { return m.SourceID }, columns: []column[v]{
		{"id", func(m *v) any { return m.ID }}, {"party", func(m *v) any { return string(m.Party) }}, {"key", func(m *v) any { return m.Key }}, {"org_id", func(m *v) any { return m.OrgID }},
		{"name_zh", func(m *v) any { return m.Name.ZH }}, {"name_en", func(m *v) any { return m.Name.EN }}, {"joined_on", func(m *v) any { return m.JoinedOn }}, {"left_on", func(m *v) any { return m.LeftOn }},
	}}
}

func regimeTable() table[RegimeOut] {
	type v = RegimeOut
	return table[v]{name: "regimes", columns: []column[v]{
		{"id", func(r *v) any { return r.ID }}, {"name_zh", func(r *v) any { return r.Name.ZH }}, {"name_en", func(r *v) any { return r.Name.EN }}, {"document", func(r *v) any { return r.Document }},
		{"from", func(r *v) any { return r.From }}, {"to", func(r *v) any { return r.To }}, {"status", func(r *v) any { return string(r.Status) }}, {"hash", func(r *v) any { return r.Hash }},
	}}
}

func exposureTable() table[pool.Exposure] {
	type v = pool.Exposure
	fens := func(of func(e *v) money.Fen) func(*v) any { return func(e *v) any { return int64(of(e)) } }
	return table[v]{name: "exposure", columns: []column[v]{
		{"bank_id", func(e *v) any { return e.BankID }}, {"year", func(e *v) any { return e.Year }}, {"loans", func(e *v) any { return e.Loans }},
		{"registered_fen", fens(func(e *v) money.Fen { return e.Registered })}, {"outstanding_fen", fens(func(e *v) money.Fen { return e.Outstanding })},
		{"overdue_fen", fens(func(e *v) money.Fen { return e.Overdue })}, {"bad_fen", fens(func(e *v) money.Fen { return e.Bad })}, {"unknown", func(e *v) any { return e.Unknown }},
	}}
}

func ageTable() table[pool.Age] {
	type v = pool.Age
	return table[v]{name: "ageing", columns: []column[v]{
		{"status", func(a *v) any { return a.Status }}, {"risk", func(a *v) any { return string(a.Risk) }}, {"loans", func(a *v) any { return a.Loans }},
		{"outstanding_fen", func(a *v) any { return int64(a.Outstanding) }}, {"unknown", func(a *v) any { return a.Unknown }},
	}}
}

func breakerTable() table[pool.BreakerState] {
	type v = pool.BreakerState
	return table[v]{name: "breakers", columns: []column[v]{
		{"member_id", func(b *v) any { return b.Member.ID }}, {"party", func(b *v) any { return string(b.Member.Party) }}, {"name_zh", func(b *v) any { return b.Member.Name.ZH }}, {"year", func(b *v) any { return b.Year }},
		{"lost_fen", func(b *v) any { return int64(b.Lost) }}, {"registered_fen", func(b *v) any { return int64(b.Registered) }}, {"over", func(b *v) any { return b.Over.String() }},
		{"limit_ppm", func(b *v) any {
			if b.Limit == nil {
				return nil
			}
			return *b.Limit
		}}, {"rule", func(b *v) any { return b.Rule }},
	}}
}

func memberClaimsTable() table[pool.MemberClaims] {
	type v = pool.MemberClaims
	return table[v]{name: "claims-by-member", columns: []column[v]{
		{"member_id", func(m *v) any { return m.MemberID }}, {"year", func(m *v) any { return m.Year }}, {"claims", func(m *v) any { return m.Claims }}, {"active", func(m *v) any { return m.Active }},
		{"loss_fen", func(m *v) any { return int64(m.Loss) }}, {"reserved_fen", func(m *v) any { return int64(m.Reserved) }}, {"paid_fen", func(m *v) any { return int64(m.Paid) }}, {"returned_fen", func(m *v) any { return int64(m.Returned) }},
	}}
}

func hitTable() table[twice.Hit] {
	type v = twice.Hit
	return table[v]{name: "doubles", columns: []column[v]{
		{"a", func(h *v) any { return h.A }}, {"scheme", func(h *v) any { return h.Scheme }}, {"b", func(h *v) any { return h.B }}, {"score", func(h *v) any { return h.Score }}, {"reasons", func(h *v) any { return joined(h.Reasons) }},
	}}
}
