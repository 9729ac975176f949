package change

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Action says what happened to a record.
type Action string

// The actions. Merge and Split name a record that took over, or gave back,
// another one's place; Undo is the reversal of a batch.
const (
	Create Action = "create"
	Update Action = "update"
	Delete Action = "delete"
	Merge  Action = "merge"
	Split  Action = "split"
	Undo   Action = "undo"
)

// Author says who makes a change, for whom, why, and in which import batch.
type Author struct {
	Actor   string // user id, or the name of the program part: "import", "demo"
	Behalf  string // on whose behalf, "" when the actor's own
	Reason  string
	BatchID string // "" outside an import
}

// Entry is one change of one record.
type Entry struct {
	Seq    int64           `json:"seq"`
	At     db.Time         `json:"at"`
	Actor  string          `json:"actor"`
	Behalf string          `json:"behalf,omitempty"`
	Kind   string          `json:"kind"` // "org", "paper", …: the room's word
	ID     string          `json:"id"`
	Action Action          `json:"action"`
	Before json.RawMessage `json:"before,omitempty"` // the record before, empty for Create
	After  json.RawMessage `json:"after,omitempty"`  // the record after, empty for Delete
	Reason string          `json:"reason,omitempty"`
	Batch  string          `json:"batch,omitempty"`
	Hash   string          `json:"hash"`
}

// New returns an entry for Append. before and after are marshalled as JSON; a
// nil one stays empty.
func New(by Author, kind, id string, action Action, before, after any) (Entry, error) {
	e := Entry{Actor: by.Actor, Behalf: by.Behalf, Reason: by.Reason, Batch: by.BatchID, Kind: kind, ID: id, Action: action}
	var err error
	if e.Before, err = marshal(before); err != nil {
		return Entry{}, fmt.Errorf("change of %s %s: %w", kind, id, err)
	}
	if e.After, err = marshal(after); err != nil {
		return Entry{}, fmt.Errorf("change of %s %s: %w", kind, id, err)
	}
	return e, nil
}

func marshal(v any) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// Append writes entries to the log in the transaction of the change itself. It
// numbers them, dates them with the transaction's instant and chains them.
func Append(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	head, err := takeHead(ctx, tx, len(entries))
	if err != nil {
		return err
	}
	rows := make([][]any, len(entries))
	for i := range entries {
		e := &entries[i]
		e.Seq, e.At = head.seq+int64(i)+1, db.At(tx.Now())
		e.Hash = hash(head.hash, e)
		head.hash = e.Hash
		rows[i] = []any{e.Seq, e.At, e.Actor, e.Behalf, e.Kind, e.ID, string(e.Action), string(e.Before), string(e.After), e.Reason, e.Batch, e.Hash}
	}
	if err := db.InsertMany(ctx, tx, "change(seq, at, actor, behalf, kind, entity_id, action, before, after, reason, batch_id, hash)", "", rows); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE change_head SET hash = $1 WHERE id = 1", head.hash)
	return err
}

type headRow struct {
	seq  int64 // the last number before the entries to come
	hash string
}

// takeHead reserves n numbers and locks the head until the transaction ends.
func takeHead(ctx context.Context, tx *db.Tx, n int) (headRow, error) {
	head, ok, err := db.One(ctx, tx, func(s db.Scan) (headRow, error) {
		var h headRow
		err := s(&h.seq, &h.hash)
		return h, err
	}, "UPDATE change_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash", n)
	if err == nil && !ok {
		err = fmt.Errorf("change_head is empty: the schema is damaged")
	}
	head.seq -= int64(n)
	return head, err
}

// hash chains an entry to the one before it. Each field is preceded by its
// length, so that no two entries share a text.
func hash(before string, e *Entry) string {
	h := sha256.New()
	at, _ := e.At.Value() // Time.Value has no error
	var buf []byte
	for _, f := range []string{before, strconv.FormatInt(e.Seq, 10), fmt.Sprint(at), e.Actor, e.Behalf, e.Kind, e.ID, string(e.Action), string(e.Before), string(e.After), e.Reason, e.Batch} {
		buf = strconv.AppendInt(buf[:0], int64(len(f)), 10)
		buf = append(buf, ':')
		buf = append(buf, f...)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil))
}

const columns = "seq, at, actor, behalf, kind, entity_id, action, before, after, reason, batch_id, hash"

func scanEntry(s db.Scan) (Entry, error) {
	var e Entry
	var before, after string
	err := s(&e.Seq, &e.At, &e.Actor, &e.Behalf, &e.Kind, &e.ID, &e.Action, &before, &after, &e.Reason, &e.Batch, &e.Hash)
	e.Before, e.After = raw(before), raw(after)
	return e, err
}

func raw(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return json.RawMessage(s)
}

// After returns up to limit entries that follow number seq, oldest first.
func After(ctx context.Context, q db.Querier, seq int64, limit int) ([]Entry, error) {
	return db.Collect(ctx, q, scanEntry, "SELECT "+columns+" FROM change WHERE seq > $1 ORDER BY seq LIMIT $2", seq, limit)
}

// Of returns the history of one record, newest first: up to limit entries
// before number seq, or the newest ones when seq is 0.
func Of(ctx context.Context, q db.Querier, kind, id string, before int64, limit int) ([]Entry, error) {
	if before == 0 {
		before = 1 << 62
	}
	return db.Collect(ctx, q, scanEntry,
		"SELECT "+columns+" FROM change WHERE kind = $1 AND entity_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4", kind, id, before, limit)
}

// OfBatch returns up to limit entries of an import batch that precede number
// before (0 for the newest), newest first: the order in which to undo them.
func OfBatch(ctx context.Context, q db.Querier, batchID string, before int64, limit int) ([]Entry, error) {
	if before == 0 {
		before = 1 << 62
	}
	return db.Collect(ctx, q, scanEntry,
		"SELECT "+columns+" FROM change WHERE batch_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3", batchID, before, limit)
}

// Head returns the number of the newest entry, 0 for an empty log.
func Head(ctx context.Context, q db.Querier) (int64, error) {
	seq, _, err := db.Value[int64](ctx, q, "SELECT seq FROM change_head WHERE id = 1")
	return seq, err
}

// verifyStep is how many entries Verify reads at a time.
const verifyStep = 2000

// Verify recomputes the chain of the whole log and returns how many entries it
// has. An altered, missing or surplus entry is errs.Conflict, naming the first
// number at fault.
func Verify(ctx context.Context, q db.Querier) (int64, error) {
	last, n := "", int64(0)
	for {
		part, err := After(ctx, q, n, verifyStep)
		if err != nil {
			return n, err
		}
		for i := range part {
			e := &part[i]
			if e.Seq != n+1 || e.Hash != hash(last, e) {
				return n, errs.New(errs.Conflict, "change.broken_chain", errs.A{"seq": n + 1})
			}
			last, n = e.Hash, e.Seq
		}
		if len(part) == 0 {
			return n, checkHead(ctx, q, n, last)
		}
	}
}

func checkHead(ctx context.Context, q db.Querier, n int64, last string) error {
	_, ok, err := db.Value[int64](ctx, q, "SELECT seq FROM change_head WHERE id = 1 AND seq = $1 AND hash = $2", n, last)
	if err == nil && !ok {
		err = errs.New(errs.Conflict, "change.broken_chain", errs.A{"seq": n + 1})
	}
	return err
}
