package edition

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// The words of this room in the change log.
const (
	KindEdition = "edition"
	KindEntry   = "edition_entry"
)

// Action says what a bulk Put did with one row.
type Action string

// The actions.
const (
	Created   Action = "created"
	Updated   Action = "updated"
	Unchanged Action = "unchanged"
)

// Outcome is what a bulk Put did with the row of the same index.
type Outcome struct {
	ID     string `json:"id"`
	Action Action `json:"action"`
}

// stamp points at what Put fills in.
type stamp struct {
	id, batch        *string
	version          *int64
	created, updated *db.Time
}

// record is what the two kinds of row have in common.
type record interface {
	Validate() error
	row() []any
	stamp() stamp
}

func (e *Edition) stamp() stamp {
	return stamp{&e.ID, &e.BatchID, &e.Version, &e.CreatedAt, &e.UpdatedAt}
}
func (e *Entry) stamp() stamp {
	return stamp{&e.ID, &e.BatchID, &e.Version, &e.CreatedAt, &e.UpdatedAt}
}

// ledger binds a kind of row to its table.
type ledger[T any] struct {
	kind, table, columns string
	scan                 func(db.Scan) (T, error)
	of                   func(*T) record
}

var (
	editions = ledger[Edition]{KindEdition, "edition", editionColumns, scanEdition, func(e *Edition) record { return e }}
	entries  = ledger[Entry]{KindEntry, "edition_entry", entryColumns, scanEntry, func(e *Entry) record { return e }}
)

// Put writes editions in the caller's transaction: new ones, and changed ones
// under the same ranking and label; an empty ID is filled in. The same input
// again changes nothing. A faulty or repeated row is errs.Invalid, an unknown
// source errs.Conflict, and nothing should be kept of the transaction.
func Put(ctx context.Context, tx *db.Tx, by change.Author, rows []Edition) ([]Outcome, error) {
	for i := range rows {
		rows[i].ID = cmp.Or(rows[i].ID, ID(rows[i].Ranking, rows[i].Edition))
	}
	return editions.put(ctx, tx, by, rows)
}

// PutEntries is Put for the lines of tables. A value takes its unit and its
// step from the metric of the edition; one of a metric that the edition lacks
// is errs.Invalid, a line of an edition that is not in the ledger errs.Conflict.
func PutEntries(ctx context.Context, tx *db.Tx, by change.Author, rows []Entry) ([]Outcome, error) {
	var ids []string
	for i := range rows {
		rows[i].ID = cmp.Or(rows[i].ID, rows[i].Key())
		ids = append(ids, rows[i].EditionID)
	}
	known, err := byIDs(ctx, tx, "edition", editionColumns, scanEdition, unique(ids))
	if err != nil {
		return nil, err
	}
	of := map[string]*Edition{}
	for i := range known {
		of[known[i].ID] = &known[i]
	}
	var list errs.List
	for i := range rows {
		list = append(list, rows[i].measure(of[rows[i].EditionID])...)
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	return entries.put(ctx, tx, by, rows)
}

// measure gives the values of an entry the units of its edition.
func (e *Entry) measure(in *Edition) errs.List {
	if in == nil {
		return errs.List{errs.New(errs.Conflict, "edition.no_edition", errs.A{"edition": e.EditionID}).At("/edition")}
	}
	var list errs.List
	for i, v := range e.Values {
		m := in.Metric(v.Metric)
		if m == nil {
			list = append(list, errs.New(errs.Invalid, "edition.no_metric", errs.A{"value": v.Metric, "name": e.EditionID}).At("/values"))
			continue
		}
		e.Values[i].Quantity.Unit, e.Values[i].Quantity.Step = m.Unit, m.Step()
	}
	if e.Rank.Bound != "" {
		e.Rank.Unit = quantity.Rank
	}
	return list
}

func unique(ids []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}

func (l *ledger[T]) put(ctx context.Context, tx *db.Tx, by change.Author, rows []T) ([]Outcome, error) {
	ids, err := l.check(rows)
	if err != nil {
		return nil, err
	}
	old, err := l.read(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(rows))
	var changed [][]any
	var log []change.Entry
	for i := range rows {
		entry, action, err := l.merge(tx, by, &rows[i], old[ids[i]])
		if err != nil {
			return nil, err
		}
		if out[i] = (Outcome{ids[i], action}); action != Unchanged {
			log, changed = append(log, entry), append(changed, l.of(&rows[i]).row())
		}
	}
	if err := l.write(ctx, tx, changed); err != nil {
		return nil, err
	}
	return out, change.Append(ctx, tx, log...)
}

func (l *ledger[T]) write(ctx context.Context, tx *db.Tx, rows [][]any) error {
	return db.InsertMany(ctx, tx, l.table+"("+l.columns+")", upsert(l.columns), rows)
}

func (l *ledger[T]) read(ctx context.Context, q db.Querier, ids []string) (map[string]*T, error) {
	found, err := byIDs(ctx, q, l.table, l.columns, l.scan, ids)
	out := map[string]*T{}
	for i := range found {
		out[*l.of(&found[i]).stamp().id] = &found[i]
	}
	return out, err
}

// check validates rows and returns their ids.
func (l *ledger[T]) check(rows []T) ([]string, error) {
	var list errs.List
	ids, seen := make([]string, len(rows)), map[string]bool{}
	for i := range rows {
		r := l.of(&rows[i])
		ids[i] = *r.stamp().id
		if err := r.Validate(); err != nil {
			list = append(list, errs.ListOf(err)...)
		}
		if seen[ids[i]] {
			list = append(list, errs.New(errs.Invalid, "edition.twice", errs.A{"id": ids[i]}))
		}
		seen[ids[i]] = true
	}
	return ids, list.Err()
}

// merge stamps row and says what is to be done with it.
func (l *ledger[T]) merge(tx *db.Tx, by change.Author, row, before *T) (change.Entry, Action, error) {
	s, now := l.of(row).stamp(), db.At(tx.Now())
	if before == nil {
		*s.batch, *s.version, *s.created, *s.updated = by.BatchID, 1, now, now
		e, err := change.New(by, l.kind, *s.id, change.Create, nil, row)
		return e, Created, err
	}
	b := l.of(before).stamp()
	*s.batch, *s.version, *s.created, *s.updated = *b.batch, *b.version, *b.created, *b.updated
	if jsonText(row) == jsonText(before) {
		return change.Entry{}, Unchanged, nil
	}
	*s.batch, *s.version, *s.updated = by.BatchID, *b.version+1, now
	e, err := change.New(by, l.kind, *s.id, change.Update, before, row)
	return e, Updated, err
}

// Undo puts back what one change entry of this room had changed: it removes a
// created row, restores an updated one. It fails with errs.Conflict when the
// row has changed since or, for an edition, when lines of it remain, and with
// errs.Invalid for a kind of another room. Entries of a batch are undone newest
// first (change.OfBatch).
func Undo(ctx context.Context, tx *db.Tx, by change.Author, entry change.Entry) error {
	switch entry.Kind {
	case KindEdition:
		return editions.undo(ctx, tx, by, entry)
	case KindEntry:
		return entries.undo(ctx, tx, by, entry)
	}
	return errs.New(errs.Invalid, "edition.not_undoable", errs.A{"kind": entry.Kind, "id": entry.ID})
}

func (l *ledger[T]) undo(ctx context.Context, tx *db.Tx, by change.Author, entry change.Entry) error {
	found, err := l.read(ctx, tx, []string{entry.ID})
	if err != nil {
		return err
	}
	var after T
	if err := json.Unmarshal(entry.After, &after); err != nil {
		return err
	}
	now := found[entry.ID]
	if now == nil || l.content(*now) != l.content(after) {
		return errs.New(errs.Conflict, "edition.changed_since", errs.A{"id": entry.ID})
	}
	if entry.Before == nil {
		return l.remove(ctx, tx, by, entry.ID, now)
	}
	var before T
	if err := json.Unmarshal(entry.Before, &before); err != nil {
		return err
	}
	s := l.of(&before).stamp()
	*s.version, *s.updated = *l.of(now).stamp().version+1, db.At(tx.Now())
	e, err := change.New(by, l.kind, entry.ID, change.Undo, now, before)
	if err != nil {
		return err
	}
	if err := l.write(ctx, tx, [][]any{l.of(&before).row()}); err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

// content is a row without what Put stamps on it.
func (l *ledger[T]) content(row T) string {
	s := l.of(&row).stamp()
	*s.batch, *s.version, *s.created, *s.updated = "", 0, db.Time{}, db.Time{}
	return jsonText(row)
}

func (l *ledger[T]) remove(ctx context.Context, tx *db.Tx, by change.Author, id string, row *T) error {
	if _, err := tx.Exec(ctx, "DELETE FROM "+l.table+" WHERE id = $1", id); err != nil {
		return err
	}
	e, err := change.New(by, l.kind, id, change.Undo, row, nil)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}
