package ledger

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// HoldState says how a hold stands.
type HoldState string

// The states of a hold. It ends once: posted, voided or expired.
const (
	Pending HoldState = "pending"
	Posted  HoldState = "posted"
	Voided  HoldState = "voided"
	Expired HoldState = "expired"
)

// Hold 冻结 sets an amount aside for a posting to come: Amount on the debit of
// one account and on the credit of the other. Until it ends, the account that
// would sink has less available, and the one that would rise has less room
// under its ceiling.
type Hold struct {
	Key      string          `json:"key"`
	Debit    string          `json:"debit"`  // account
	Credit   string          `json:"credit"` // account
	Amount   money.Fen       `json:"amount"` // above zero
	Expires  db.Time         `json:"expires"`
	Kind     string          `json:"kind,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Ref      string          `json:"ref,omitempty"`
	Evidence json.RawMessage `json:"evidence,omitempty"`

	Book    string    `json:"-"` // from here on: filled by the ledger
	State   HoldState `json:"-"`
	Settled money.Fen `json:"-"` // what was posted of it
	At      db.Time   `json:"-"` // when it was reserved
	Ended   db.Time   `json:"-"`
}

// Settlement posts a hold, all of it or less; the rest is released.
type Settlement struct {
	Key      string          `json:"key"`
	Hold     string          `json:"hold"` // key of the hold
	Amount   money.Fen       `json:"amount"`
	On       string          `json:"on,omitempty"`
	Kind     string          `json:"kind,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Ref      string          `json:"ref,omitempty"`
	Evidence json.RawMessage `json:"evidence,omitempty"`
}

// Release ends a hold without a posting.
type Release struct {
	Key    string `json:"key"`
	Hold   string `json:"hold"`
	Reason string `json:"reason,omitempty"`
}

func (h *Hold) check() error {
	if err := checkKey(h.Key); err != nil {
		return err
	}
	if err := checkWords(h.Key, h.Kind, h.Reason, h.Ref, h.Evidence); err != nil {
		return err
	}
	if h.Amount <= 0 {
		return errs.New(errs.Invalid, "ledger.bad_hold_amount", errs.A{"key": h.Key}).At("/amount")
	}
	if h.Debit == h.Credit {
		return errs.New(errs.Invalid, "ledger.hold_one_account", errs.A{"key": h.Key, "account": clip(h.Debit)}).At("/credit")
	}
	return nil
}

// due reports whether the hold has run out at an instant.
func (h *Hold) due(at db.Time) bool { return !h.Expires.IsZero() && !h.Expires.After(at.Time) }

const holdColumns = "key, book, debit_account, credit_account, amount, settled, state, reserved_at, expires_at, ended_at"

func scanHold(s db.Scan) (*Hold, error) {
	h := &Hold{}
	err := s(&h.Key, &h.Book, &h.Debit, &h.Credit, &h.Amount, &h.Settled, &h.State, &h.At, &h.Expires, &h.Ended)
	return h, err
}

// Hold returns a hold by its key, as it stands (what was said when it was made,
// such as its Ref, is told by Act of the same key); one that has run out without
// being swept yet is Expired when q has a clock (a db.DB or db.Tx).
func (l *Ledger) Hold(ctx context.Context, q db.Querier, key string) (Hold, error) {
	var h *Hold
	if err := among(ctx, q, scanHold, "SELECT "+holdColumns+" FROM ledger_hold WHERE key IN (", []string{key}, func(found *Hold) { h = found }); err != nil {
		return Hold{}, err
	}
	if h == nil {
		return Hold{}, unknownHold(key)
	}
	if h.State == Pending && h.due(nowOf(q)) {
		h.State, h.Ended = Expired, h.Expires
	}
	return *h, nil
}

// Holds returns up to limit pending holds of a book after the key after, in the
// order of their keys. Holds that have run out are left out.
func (l *Ledger) Holds(ctx context.Context, q db.Querier, book, after string, limit int) ([]Hold, error) {
	if !storable(book + after) {
		return nil, nil
	}
	found, err := db.Collect(ctx, q, scanHold,
		"SELECT "+holdColumns+" FROM ledger_hold WHERE book = $1 AND state = 'pending' AND key > $2 AND (expires_at IS NULL OR expires_at > $3) ORDER BY key LIMIT $4",
		book, after, nowOf(q), limit)
	out := make([]Hold, len(found))
	for i, h := range found {
		out[i] = *h
	}
	return out, err
}

func unknownHold(key string) error {
	return errs.New(errs.NotFound, "ledger.unknown_hold", errs.A{"hold": clip(key)})
}

// nowOf is the instant of a db.DB or db.Tx. Anything else has no clock, and to
// it nothing has run out.
func nowOf(q db.Querier) db.Time {
	if c, ok := q.(interface{ Now() time.Time }); ok {
		return db.At(c.Now())
	}
	return db.At(time.Unix(0, 0))
}
