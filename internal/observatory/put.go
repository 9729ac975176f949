package observatory

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// The words of this room in the change log.
const (
	KindFigure      = "figure"
	KindReported    = "reported"
	KindSuperlative = "superlative"
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

// record is what the three kinds of row have in common.
type record interface {
	Validate() error
	row() []any
	stamp() *stamp
}

// stamp points at the fields that Put fills in.
type stamp struct {
	id, batch        *string
	version          *int64
	created, updated *db.Time
}

func (f *Figure) stamp() *stamp {
	return &stamp{&f.ID, &f.BatchID, &f.Version, &f.CreatedAt, &f.UpdatedAt}
}
func (r *Reported) stamp() *stamp {
	return &stamp{&r.ID, &r.BatchID, &r.Version, &r.CreatedAt, &r.UpdatedAt}
}
func (v *Superlative) stamp() *stamp {
	return &stamp{&v.ID, &v.BatchID, &v.Version, &v.CreatedAt, &v.UpdatedAt}
}

// kind binds a kind of row to its table.
type kind[T any] struct {
	name, table, columns string
	scan                 func(db.Scan) (T, error)
	of                   func(*T) record
}

var (
	figures      = kind[Figure]{KindFigure, "figure", figureColumns, scanFigure, func(v *Figure) record { return v }}
	reports      = kind[Reported]{KindReported, "reported_value", reportedColumns, scanReported, func(v *Reported) record { return v }}
	superlatives = kind[Superlative]{KindSuperlative, "superlative", superlativeColumns, scanSuperlative, func(v *Superlative) record { return v }}
)

// PutFigures writes definitions in the caller's transaction: new ones, and
// changed ones under the same id. The same input again changes nothing. The
// outcomes are in the order of the input. A faulty or repeated row is
// errs.Invalid and nothing should be kept of the transaction.
func PutFigures(ctx context.Context, tx *db.Tx, by change.Author, rows []Figure) ([]Outcome, error) {
	return figures.put(ctx, tx, by, rows)
}

// PutReported is PutFigures for reported values; an empty ID is filled with
// Key. A value of an unknown figure or source is errs.Conflict.
func PutReported(ctx context.Context, tx *db.Tx, by change.Author, rows []Reported) ([]Outcome, error) {
	for i := range rows {
		rows[i].ID = cmp.Or(rows[i].ID, rows[i].Key())
	}
	return reports.put(ctx, tx, by, rows)
}

// PutSuperlatives is PutFigures for superlatives.
func PutSuperlatives(ctx context.Context, tx *db.Tx, by change.Author, rows []Superlative) ([]Outcome, error) {
	return superlatives.put(ctx, tx, by, rows)
}

func (k *kind[T]) put(ctx context.Context, tx *db.Tx, by change.Author, rows []T) ([]Outcome, error) {
	ids, err := k.check(rows)
	if err != nil {
		return nil, err
	}
	old, err := byIDs(ctx, tx, k.table, k.columns, k.scan, func(v *T) string { return *k.of(v).stamp().id }, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(rows))
	var changed [][]any
	var entries []change.Entry
	for i := range rows {
		before, found := old[ids[i]]
		entry, action, err := k.merge(tx, by, &rows[i], &before, found)
		if err != nil {
			return nil, err
		}
		out[i] = Outcome{ids[i], action}
		if action != Unchanged {
			entries = append(entries, entry)
			changed = append(changed, k.of(&rows[i]).row())
		}
	}
	if err := db.InsertMany(ctx, tx, k.table+"("+k.columns+")", upsert(k.columns), changed); err != nil {
		return nil, err
	}
	return out, change.Append(ctx, tx, entries...)
}

// check validates rows and returns their ids.
func (k *kind[T]) check(rows []T) ([]string, error) {
	var faults errs.List
	ids, seen := make([]string, len(rows)), map[string]bool{}
	for i := range rows {
		v := k.of(&rows[i])
		ids[i] = *v.stamp().id
		if err := v.Validate(); err != nil {
			faults = append(faults, errs.ListOf(err)...)
		}
		if seen[ids[i]] {
			faults = append(faults, errs.New(errs.Invalid, "observatory.twice", errs.A{"figure": ids[i]}))
		}
		seen[ids[i]] = true
	}
	return ids, faults.Err()
}

// merge stamps row and says what is to be done with it.
func (k *kind[T]) merge(tx *db.Tx, by change.Author, row, before *T, found bool) (change.Entry, Action, error) {
	s := k.of(row).stamp()
	now := db.At(tx.Now())
	if !found {
		*s.batch, *s.version, *s.created, *s.updated = cmp.Or(*s.batch, by.BatchID), 1, now, now
		e, err := change.New(by, k.name, *s.id, change.Create, nil, row)
		return e, Created, err
	}
	b := k.of(before).stamp()
	*s.batch, *s.version, *s.created, *s.updated = *b.batch, *b.version, *b.created, *b.updated
	if jsonText(row) == jsonText(before) {
		return change.Entry{}, Unchanged, nil
	}
	*s.batch, *s.version, *s.updated = by.BatchID, *b.version+1, now
	e, err := change.New(by, k.name, *s.id, change.Update, before, row)
	return e, Updated, err
}

// Undo puts back what one entry of this room's kinds had changed: it removes a
// created row, restores an updated one. It fails with errs.Conflict when the
// row has changed since, and with errs.Invalid for a kind of another room.
// Entries of a batch are undone newest first (change.OfBatch).
func Undo(ctx context.Context, tx *db.Tx, by change.Author, entry change.Entry) error {
	switch entry.Kind {
	case KindFigure:
		return figures.undo(ctx, tx, by, entry)
	case KindReported:
		return reports.undo(ctx, tx, by, entry)
	case KindSuperlative:
		return superlatives.undo(ctx, tx, by, entry)
	}
	return errs.New(errs.Invalid, "observatory.not_undoable", errs.A{"kind": entry.Kind, "id": entry.ID})
}

func (k *kind[T]) undo(ctx context.Context, tx *db.Tx, by change.Author, entry change.Entry) error {
	now, err := byIDs(ctx, tx, k.table, k.columns, k.scan, func(v *T) string { return *k.of(v).stamp().id }, []string{entry.ID})
	if err != nil {
		return err
	}
	var after T
	if err := json.Unmarshal(entry.After, &after); err != nil {
		return err
	}
	row, found := now[entry.ID]
	if !found || k.content(row) != k.content(after) {
		return errs.New(errs.Conflict, "observatory.changed_since", errs.A{"id": entry.ID})
	}
	if entry.Before == nil {
		return k.remove(ctx, tx, by, entry.ID, row)
	}
	var before T
	if err := json.Unmarshal(entry.Before, &before); err != nil {
		return err
	}
	s := k.of(&before).stamp()
	*s.version, *s.updated = *k.of(&row).stamp().version+1, db.At(tx.Now())
	e, err := change.New(by, k.name, entry.ID, change.Undo, row, before)
	if err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, k.table+"("+k.columns+")", upsert(k.columns), [][]any{k.of(&before).row()}); err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

// content is a row without what Put stamps on it: an undone update leaves the
// same content under a higher version.
func (k *kind[T]) content(row T) string {
	s := k.of(&row).stamp()
	*s.batch, *s.version, *s.created, *s.updated = "", 0, db.Time{}, db.Time{}
	return jsonText(row)
}

func (k *kind[T]) remove(ctx context.Context, tx *db.Tx, by change.Author, id string, row T) error {
	if _, err := tx.Exec(ctx, "DELETE FROM "+k.table+" WHERE id = $1", id); err != nil {
		return err
	}
	if k.name == KindFigure {
		if _, err := tx.Exec(ctx, "DELETE FROM figure_value WHERE figure_id = $1", id); err != nil {
			return err
		}
	}
	e, err := change.New(by, k.name, id, change.Undo, row, nil)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}
