package ledger

import (
	"context"
	"math"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// At names two times: Effective is the last effective day that counts, ""
// for all of them; Recorded the last instant of recording that counts, the zero
// time for now. "What did we know on 1 March about the end of January" is
// At{"2025-01-31", 2025-03-01}.
type At struct {
	Effective string
	Recorded  time.Time
}

// Balance is what an account holds, on its normal side. Holds know the instant
// of recording only: Pending, Incoming and Available are as of At.Recorded
// whatever the effective day, and Available is what a posting of that instant
// could use.
type Balance struct {
	Posted    money.Fen `json:"posted"`
	Pending   money.Fen `json:"pending"`  // holds that will lower it
	Incoming  money.Fen `json:"incoming"` // holds that will raise it
	Available money.Fen `json:"available"`
	Entries   int64     `json:"entries"` // that Posted sums up
}

// Balance returns the balance of an account as of two times. It reads the
// snapshots' cells and the entries of one month and one block at most.
func (l *Ledger) Balance(ctx context.Context, q db.Querier, id string, at At) (Balance, error) {
	if at.Effective != "" {
		if _, err := time.Parse(time.DateOnly, at.Effective); err != nil {
			return Balance{}, errs.New(errs.Invalid, "ledger.bad_as_of", errs.A{"day": clip(at.Effective)}).At("/effective")
		}
	}
	var a *account
	if err := among(ctx, q, scanTallied, accountQuery, []string{id}, func(found *account) { a = found }); err != nil {
		return Balance{}, err
	}
	if a == nil {
		return Balance{}, unknownAccount(id)
	}
	known, out, err := sum{a.debits - a.credits, a.version}, Balance{}, error(nil)
	if !at.Recorded.IsZero() || at.Effective != "" {
		if known, err = a.asOf(ctx, q, at); err != nil {
			return out, err
		}
	}
	current, err := a.recordedBy(ctx, q, at)
	if err != nil {
		return out, err
	}
	debit, credit, err := pendingAt(ctx, q, id, at.Recorded)
	if err != nil {
		return out, err
	}
	a.pendingDebit, a.pendingCredit = debit, credit
	out = Balance{Posted: a.signed(known.net), Entries: known.entries, Pending: a.outgoing(), Incoming: a.incoming()}
	out.Available = a.signed(current) - out.Pending
	return out, nil
}

// latest is the newest version of an account that was recorded by an instant.
func (a *account) latest(ctx context.Context, q db.Querier, at time.Time) (int64, error) {
	if at.IsZero() {
		return a.version, nil
	}
	lo, hi := int64(0), a.version // versions are in the order of recording: halve
	for lo < hi {
		mid := (lo + hi + 1) / 2
		when, _, err := db.Value[db.Time](ctx, q, "SELECT recorded_at FROM ledger_entry WHERE account = $1 AND version = $2", a.ID, mid)
		if err != nil {
			return 0, err
		}
		if when.After(db.At(at).Time) {
			hi = mid - 1
		} else {
			lo = mid
		}
	}
	return lo, nil
}

// recordedBy is debits less credits of all that was recorded by an instant.
func (a *account) recordedBy(ctx context.Context, q db.Querier, at At) (money.Fen, error) {
	version, err := a.latest(ctx, q, at.Recorded)
	switch {
	case err != nil || version == 0:
		return 0, err
	case version == a.version:
		return a.debits - a.credits, nil
	}
	balance, _, err := db.Value[int64](ctx, q, "SELECT balance FROM ledger_entry WHERE account = $1 AND version = $2", a.ID, version)
	return a.signed(money.Fen(balance)), err
}

// asOf sums debits less credits: whole cells before the month and the block at
// hand, the entries of that block before that month, and the entries of that
// month.
func (a *account) asOf(ctx context.Context, q db.Querier, at At) (sum, error) {
	last, err := a.latest(ctx, q, at.Recorded)
	if err != nil {
		return sum{}, err
	}
	if at.Effective == "" {
		net, err := a.recordedBy(ctx, q, at)
		return sum{net, last}, err
	}
	// || '' and + 0 keep a planner from the index of the other range, which has
	// every earlier entry in it.
	month, block := at.Effective[:7], (last+1)/blockSize
	total := sum{}
	for _, part := range []struct {
		query string
		args  []any
	}{
		{"SELECT CAST(COALESCE(SUM(net), 0) AS BIGINT), CAST(COALESCE(SUM(entries), 0) AS BIGINT) FROM ledger_snapshot WHERE account = $1 AND month < $2 AND block < $3",
			[]any{a.ID, month, block}},
		{"SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) FROM ledger_entry WHERE account = $1 AND version >= $2 AND version <= $3 AND effective_on || '' < $4",
			[]any{a.ID, block * blockSize, last, month}},
		{"SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) FROM ledger_entry WHERE account = $1 AND effective_on >= $2 AND effective_on <= $3 AND version + 0 <= $4",
			[]any{a.ID, month, at.Effective, last}},
	} {
		got, _, err := db.One(ctx, q, scanSum, part.query, part.args...)
		if err != nil {
			return sum{}, err
		}
		total.net += got.net // the parts are disjoint: within reach
		total.entries += got.entries
	}
	return total, nil
}

func scanSum(s db.Scan) (sum, error) {
	var v sum
	err := s(&v.net, &v.entries)
	return v, err
}

// pendingAt sums the holds that stood at an instant, the zero time for now.
func pendingAt(ctx context.Context, q db.Querier, account string, at time.Time) (debit, credit money.Fen, err error) {
	when, stood := db.At(at), " AND reserved_at <= $2 AND (ended_at IS NULL OR ended_at > $2) AND (expires_at IS NULL OR expires_at > $2)"
	if at.IsZero() { // few are pending, many have ended
		when, stood = nowOf(q), " AND state = 'pending' AND (expires_at IS NULL OR expires_at > $2)"
	}
	for _, side := range []struct {
		column string
		total  *money.Fen
	}{{"debit_account", &debit}, {"credit_account", &credit}} {
		total, _, err := db.Value[int64](ctx, q, "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_hold WHERE "+side.column+" = $1"+stood, account, when)
		if err != nil {
			return 0, 0, err
		}
		*side.total = money.Fen(total)
	}
	return debit, credit, nil
}

// Statement returns up to limit entries of an account before version before (0
// for the newest), the newest first.
func (l *Ledger) Statement(ctx context.Context, q db.Querier, account string, before int64, limit int) ([]Entry, error) {
	if !storable(account) {
		return nil, nil
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return db.Collect(ctx, q, scanEntry, "SELECT "+entryColumns+" FROM ledger_entry WHERE account = $1 AND version < $2 ORDER BY version DESC LIMIT $3", account, before, limit)
}

// Acts returns up to limit acts of a book after number after, the oldest first,
// with their entries.
func (l *Ledger) Acts(ctx context.Context, q db.Querier, book string, after int64, limit int) ([]*Act, error) {
	if !storable(book) {
		return nil, nil
	}
	acts, err := db.Collect(ctx, q, scanAct, "SELECT "+actColumns+" FROM ledger_act WHERE book = $1 AND seq > $2 ORDER BY seq LIMIT $3", book, after, limit)
	if err != nil || len(acts) == 0 {
		return nil, err
	}
	_, err = fill(ctx, q, book, acts, acts[0].Seq, acts[len(acts)-1].Seq)
	return acts, err
}

// fill reads the entries of acts that follow each other, within a range of
// numbers. It returns the entries that belong to none of them.
func fill(ctx context.Context, q db.Querier, book string, acts []*Act, from, to int64) ([]Entry, error) {
	i, stray := 0, []Entry(nil)
	err := db.Each(ctx, q, func(s db.Scan) error {
		e, err := scanEntry(s)
		for i < len(acts) && acts[i].Seq < e.Seq {
			i++
		}
		if i < len(acts) && acts[i].Seq == e.Seq {
			acts[i].Entries = append(acts[i].Entries, e)
		} else {
			stray = append(stray, e)
		}
		return err
	}, "SELECT "+entryColumns+" FROM ledger_entry WHERE book = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq, line", book, from, to)
	return stray, err
}

// Act returns what a key has done, errs.NotFound for a key that is not there.
func (l *Ledger) Act(ctx context.Context, q db.Querier, key string) (*Act, error) {
	var a *Act
	if err := among(ctx, q, scanAct, "SELECT "+actColumns+" FROM ledger_act WHERE key IN (", []string{key}, func(found *Act) { a = found }); err != nil {
		return nil, err
	}
	if a == nil {
		return nil, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clip(key)})
	}
	_, err := fill(ctx, q, a.Book, []*Act{a}, a.Seq, a.Seq)
	return a, err
}

// ActsOf returns the acts of a record, the oldest first, up to limit.
func (l *Ledger) ActsOf(ctx context.Context, q db.Querier, ref string, limit int) ([]*Act, error) {
	if !storable(ref) {
		return nil, nil
	}
	acts, err := db.Collect(ctx, q, scanAct, "SELECT "+actColumns+" FROM ledger_act WHERE ref <> '' AND ref = $1 ORDER BY recorded_at, book, seq LIMIT $2", ref, limit)
	if err != nil {
		return nil, err
	}
	for _, a := range acts {
		if _, err := fill(ctx, q, a.Book, []*Act{a}, a.Seq, a.Seq); err != nil {
			return nil, err
		}
	}
	return acts, nil
}
