package pool

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// The room's words in the change log.
const (
	KindPool   = "pool"
	KindMember = "pool_member"
	KindLoan   = "pool_loan"
	KindClaim  = "pool_claim"
)

// ClaimKind is the kind of case that a claim is.
const ClaimKind = "pool.claim"

//go:embed kinds/claim.yaml
var claimKind embed.FS

//go:embed kinds/loan.yaml
var loanKind []byte

// Service reads and writes the room. It is safe for concurrent use.
type Service struct {
	d     *db.DB
	books *ledger.Ledger
	cases *casework.Service
	life  *casework.Kind // of a loan
}

// New returns the room kept in d. It adds the kind of claims, with its guards
// and effects, to the registry.
func New(d *db.DB, books *ledger.Ledger, reg *casework.Registry) (*Service, error) {
	life, err := casework.ParseKind(loanKind)
	if err != nil {
		return nil, err
	}
	s := &Service{d: d, books: books, cases: casework.New(d, reg), life: life}
	s.register(reg)
	s.ask(reg)
	return s, reg.AddFS(claimKind, "kinds/claim.yaml")
}

// LoanLife is the table of the life of a loan, for diagrams.
func (s *Service) LoanLife() *casework.Kind { return s.life }

// Pool is a pool. Governing is the operator's decision on which day the regime
// of a loan is taken from, where a regime is silent.
type Pool struct {
	ID        string      `json:"id"`
	Key       string      `json:"key"`
	Name      i18n.Text   `json:"name"`
	Place     string      `json:"place"` // GB/T 2260
	Governing rules.Event `json:"governing"`
	SourceID  string      `json:"source_id"`
	CreatedAt db.Time     `json:"created_at"`
	Simulated bool        `json:"simulated,omitempty"` // follows from the source
}

// Member is a bank or a guarantor of a pool.
type Member struct {
	ID       string      `json:"id"`
	PoolID   string      `json:"pool_id"`
	Party    rules.Party `json:"party"`
	Key      string      `json:"key"`
	OrgID    string      `json:"org_id,omitempty"`
	Name     i18n.Text   `json:"name"`
	JoinedOn string      `json:"joined_on,omitempty"`
	LeftOn   string      `json:"left_on,omitempty"`
	SourceID string      `json:"source_id"`

	Simulated bool `json:"simulated,omitempty"` // follows from the source
}

// Create makes a pool. Its id follows from its key.
func (s *Service) Create(ctx context.Context, tx *db.Tx, by change.Author, p Pool) (Pool, error) {
	p.ID, p.CreatedAt = db.DerivedID("pool", p.Key), db.At(tx.Now())
	switch {
	case p.Key == "":
		return p, missing("key")
	case p.Name.IsZero():
		return p, missing("name")
	case p.Governing != rules.Registration && p.Governing != rules.Claiming:
		return p, errs.New(errs.Invalid, "pool.field_word", errs.A{"field": "governing", "value": string(p.Governing)}).At("/governing")
	}
	_, err := tx.Exec(ctx, "INSERT INTO pool (id, key, name_zh, name_en, place, governing, source_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		p.ID, p.Key, p.Name.ZH, p.Name.EN, p.Place, p.Governing, p.SourceID, p.CreatedAt)
	if err != nil {
		return p, err
	}
	return p, log(ctx, tx, by, KindPool, p.ID, nil, p)
}

func missing(field string) error {
	return errs.New(errs.Invalid, "pool.field_missing", errs.A{"field": field}).At("/" + field)
}

// log appends one entry to the change log; before nil is a new record.
func log(ctx context.Context, tx *db.Tx, by change.Author, kind, id string, before, after any) error {
	action := change.Update
	if before == nil {
		action = change.Create
	}
	e, err := change.New(by, kind, id, action, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

const poolColumns = "id, key, name_zh, name_en, place, governing, source_id, created_at, (SELECT x.simulated FROM source x WHERE x.id = pool.source_id)"

func scanPool(sc db.Scan) (Pool, error) {
	var p Pool
	err := sc(&p.ID, &p.Key, &p.Name.ZH, &p.Name.EN, &p.Place, &p.Governing, &p.SourceID, &p.CreatedAt, &p.Simulated)
	return p, err
}

// Get returns a pool, or errs.NotFound.
func (s *Service) Get(ctx context.Context, q db.Querier, id string) (Pool, error) {
	p, ok, err := db.One(ctx, q, scanPool, "SELECT "+poolColumns+" FROM pool WHERE id = $1", id)
	return found(p, ok, err, id)
}

// Pools lists the pools in the order of their keys.
func (s *Service) Pools(ctx context.Context, q db.Querier) ([]Pool, error) {
	return db.Collect(ctx, q, scanPool, "SELECT "+poolColumns+" FROM pool ORDER BY key")
}

func found[T any](v T, ok bool, err error, id string) (T, error) {
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return v, err
}

// PutMembers writes members that are not there yet and passes over those that
// are. Ids follow from pool, party and key.
func (s *Service) PutMembers(ctx context.Context, tx *db.Tx, by change.Author, members ...Member) ([]Member, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	var rows [][]any
	var entries []change.Entry
	out := make([]Member, len(members))
	for i, m := range members {
		m.ID = db.DerivedID("member", m.PoolID, string(m.Party), m.Key)
		out[i] = m
		switch {
		case m.Party != rules.Bank && m.Party != rules.Guarantor:
			return nil, errs.New(errs.Invalid, "pool.field_word", errs.A{"field": "party", "value": string(m.Party)}).At("/party")
		case m.Key == "" || m.Name.IsZero():
			return nil, missing("name")
		}
		if _, there, err := db.Value[string](ctx, tx, "SELECT id FROM pool_member WHERE id = $1", m.ID); err != nil || there {
			if err != nil {
				return nil, err
			}
			continue
		}
		rows = append(rows, []any{m.ID, m.PoolID, m.Party, m.Key, null(m.OrgID), m.Name.ZH, m.Name.EN, nameKey(m.Name), m.JoinedOn, m.LeftOn, m.SourceID, db.At(tx.Now())})
		e, err := change.New(by, KindMember, m.ID, change.Create, nil, m)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	err := db.InsertMany(ctx, tx, "pool_member(id, pool_id, party, key, org_id, name_zh, name_en, name_key, joined_on, left_on, source_id, created_at)", "", rows)
	if err != nil || len(entries) == 0 {
		return out, err
	}
	return out, change.Append(ctx, tx, entries...)
}

func nameKey(n i18n.Text) string {
	if n.ZH != "" {
		return twice.Name(n.ZH)
	}
	return twice.Name(n.EN)
}

// null is text as a column that is NULL when there is none.
func null(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// Members lists the members of a pool by party and key.
func (s *Service) Members(ctx context.Context, q db.Querier, poolID string) ([]Member, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Member, error) {
		var m Member
		var org *string
		err := sc(&m.ID, &m.PoolID, &m.Party, &m.Key, &org, &m.Name.ZH, &m.Name.EN, &m.JoinedOn, &m.LeftOn, &m.SourceID, &m.Simulated)
		m.OrgID = deref(org)
		return m, err
	}, "SELECT id, pool_id, party, key, org_id, name_zh, name_en, joined_on, left_on, source_id, (SELECT x.simulated FROM source x WHERE x.id = pool_member.source_id) FROM pool_member WHERE pool_id = $1 ORDER BY party, key", poolID)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// SetQuota gives a member the most that may be registered in a year. Without
// one there is no bound that is known.
func (s *Service) SetQuota(ctx context.Context, tx *db.Tx, by change.Author, memberID, year string, amount money.Fen, sourceID string) error {
	if _, err := time.Parse("2006", year); err != nil || amount < 0 {
		return errs.New(errs.Invalid, "pool.field_word", errs.A{"field": "year", "value": year}).At("/year")
	}
	_, err := tx.Exec(ctx, `INSERT INTO pool_quota (member_id, year, amount, source_id, recorded_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (member_id, year) DO UPDATE SET amount = excluded.amount, source_id = excluded.source_id, recorded_at = excluded.recorded_at`,
		memberID, year, amount, sourceID, db.At(tx.Now()))
	if err != nil {
		return err
	}
	return log(ctx, tx, by, KindMember, memberID, errs.A{}, errs.A{"quota": amount, "year": year})
}

// SetRegimes puts regimes in force for a pool, with the operator's readings by
// regime id. A regime that says what it said already is passed over.
func (s *Service) SetRegimes(ctx context.Context, tx *db.Tx, by change.Author, poolID, sourceID string, regimes []rules.Regime, readings map[string][]rules.Reading) error {
	if err := change.Hold(ctx, tx); err != nil {
		return err
	}
	for _, r := range regimes {
		if faults := r.Validate(); len(faults) > 0 {
			return faults
		}
		read, err := r.With(readings[r.ID]...)
		if err != nil {
			return err
		}
		if err := setRegime(ctx, tx, by, poolID, sourceID, r, read); err != nil {
			return err
		}
	}
	return nil
}

func setRegime(ctx context.Context, tx *db.Tx, by change.Author, poolID, sourceID string, bare, read rules.Regime) error {
	type last struct {
		version int64
		hash    string
	}
	l, _, err := db.One(ctx, tx, func(sc db.Scan) (last, error) {
		var l last
		err := sc(&l.version, &l.hash)
		return l, err
	}, "SELECT version, hash FROM pool_regime WHERE pool_id = $1 AND regime_id = $2 ORDER BY version DESC LIMIT 1", poolID, bare.ID)
	if err != nil || l.hash == read.Hash() {
		return err
	}
	bare.Readings = nil
	body, err := json.Marshal(bare)
	if err != nil {
		return err
	}
	readings, err := json.Marshal(read.Readings)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO pool_regime (pool_id, regime_id, version, hash, body, readings, actor, source_id, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		poolID, bare.ID, l.version+1, read.Hash(), string(body), string(readings), by.Actor, sourceID, db.At(tx.Now()))
	if err != nil {
		return err
	}
	return log(ctx, tx, by, KindPool, poolID, errs.A{"regime": bare.ID, "hash": l.hash}, errs.A{"regime": bare.ID, "hash": read.Hash()})
}

func scanRegime(sc db.Scan) (rules.Regime, error) {
	var r rules.Regime
	var body, readings string
	if err := sc(&body, &readings); err != nil {
		return r, err
	}
	if err := json.Unmarshal([]byte(body), &r); err != nil {
		return r, err
	}
	var list []rules.Reading
	if err := json.Unmarshal([]byte(readings), &list); err != nil {
		return r, err
	}
	return r.With(list...)
}

// Regimes returns the regimes of a pool as they are read now.
func (s *Service) Regimes(ctx context.Context, q db.Querier, poolID string) ([]rules.Regime, error) {
	return db.Collect(ctx, q, scanRegime, `SELECT body, readings FROM pool_regime r WHERE pool_id = $1
		AND version = (SELECT MAX(version) FROM pool_regime l WHERE l.pool_id = r.pool_id AND l.regime_id = r.regime_id) ORDER BY regime_id`, poolID)
}

// RegimeByHash returns a regime as it was read when something was computed.
func (s *Service) RegimeByHash(ctx context.Context, q db.Querier, poolID, hash string) (rules.Regime, error) {
	r, ok, err := db.One(ctx, q, scanRegime, "SELECT body, readings FROM pool_regime WHERE pool_id = $1 AND hash = $2 ORDER BY version LIMIT 1", poolID, hash)
	return found(r, ok, err, hash)
}

// regimeOf returns the regime that governs a loan.
func (s *Service) regimeOf(ctx context.Context, q db.Querier, p Pool, registered, claimed string) (rules.Regime, error) {
	list, err := s.Regimes(ctx, q, p.ID)
	if err != nil {
		return rules.Regime{}, err
	}
	return rules.Governing(list, p.Governing, registered, claimed)
}

// cityTime is the time of the city, whose days are meant.
var cityTime = time.FixedZone("UTC+8", 8*3600)

func today(now time.Time) string { return now.In(cityTime).Format(time.DateOnly) }
