package capital

import (
	"context"
	"reflect"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Register is the records of one kind: Round, Acquisition, Listing, Contest,
// Guarantee or Premium.
type Register[T any] struct {
	d       *db.DB
	reg     *registry.Service
	word    string   // in the change log; its table is capital_ and it
	columns []string // of its own, in the order of own()
}

// of is a row as a record. Every T of a Register is one.
func of[T any](row *T) record { return any(row).(record) }

// Columns lists the columns that Filter.Is and Totals take beside those of all
// kinds.
func (r *Register[T]) Columns() []string { return slices.Clone(r.columns) }

// One returns a record that the viewer sees, or errs.NotFound.
func (r *Register[T]) One(ctx context.Context, v level.Viewer, id string) (T, error) {
	var none T
	if !storable(id) {
		return none, notFound("?")
	}
	var w where
	guard(&w, v)
	w.add("t.id = ?", id)
	rows, err := r.read(ctx, r.d, w.String(), w.args)
	if err == nil && len(rows) == 0 {
		err = notFound(id)
	}
	if err != nil {
		return none, err
	}
	return rows[0], r.name(ctx, rows)
}

// name fills in what the registry calls the parties.
func (r *Register[T]) name(ctx context.Context, rows []T) error {
	var ids []string
	for i := range rows {
		for _, p := range of(&rows[i]).people() {
			if p.OrgID != "" {
				ids = append(ids, p.OrgID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	refs, err := r.reg.Refs(ctx, ids)
	if err != nil {
		return err
	}
	for i := range rows {
		for _, p := range of(&rows[i]).people() {
			if ref, ok := refs[p.OrgID]; ok {
				p.Org = &ref
			}
		}
	}
	return nil
}

// Save writes one record by hand: a new one (Version 0), or one that the viewer
// sees and that still has this Version. A key that is taken is errs.Conflict,
// another version errs.Precondition.
func (r *Register[T]) Save(ctx context.Context, v level.Viewer, by change.Author, row T) (T, error) {
	c := of(&row).common()
	if c.Key == "" && c.Version == 0 {
		c.Key = db.NewID(r.word)
	}
	list := prepared(of(&row))
	c.ID = db.DerivedID(r.word, c.Key)
	var none T
	if len(list) > 0 {
		return none, list
	}
	err := r.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		now := row // a repeated transaction starts from the same row
		return r.saveIn(ctx, tx, v, by, now)
	})
	if err != nil {
		return none, err
	}
	rows, err := r.read(ctx, r.d, " WHERE t.id = $1", []any{c.ID})
	if err == nil && len(rows) == 0 {
		err = notFound(c.ID)
	}
	if err != nil {
		return none, err
	}
	return rows[0], r.name(ctx, rows)
}

func (r *Register[T]) saveIn(ctx context.Context, tx *db.Tx, v level.Viewer, by change.Author, row T) error {
	c := of(&row).common()
	stored, err := r.read(ctx, tx, " WHERE t.id = $1", []any{c.ID})
	if err != nil {
		return err
	}
	p := pair[T]{after: &row}
	switch {
	case len(stored) == 0 && c.Version > 0:
		return notFound(c.Key)
	case len(stored) > 0 && c.Version == 0: // of a hidden one too: its key is taken
		return errs.New(errs.Conflict, "capital.taken", errs.A{"key": clip(c.Key)}).At("/key")
	case len(stored) > 0:
		if seen, err := r.sees(ctx, tx, v, c.ID); err != nil || !seen {
			return firstErr(err, notFound(c.Key))
		}
		if old := of(&stored[0]).common(); old.Version != c.Version {
			return errs.New(errs.Precondition, "errs.stale", errs.A{"version": old.Version})
		}
		p.before = &stored[0]
	}
	var f faults
	of(&row).settle(p.was(), by, db.At(tx.Now()), &f)
	if len(f.list) > 0 {
		return f.list
	}
	if p.before != nil && same(*p.before, row) {
		return nil
	}
	if bad, err := vet(ctx, tx, []record{of(&row)}); err != nil || bad[0] != nil {
		return firstErr(err, bad[0])
	}
	return r.commit(ctx, tx, by, []pair[T]{p})
}

func (r *Register[T]) sees(ctx context.Context, q db.Querier, v level.Viewer, id string) (bool, error) {
	var w where
	guard(&w, v)
	w.add("t.id = ?", id)
	_, ok, err := db.Value[string](ctx, q, "SELECT t.id FROM "+r.from()+w.String(), w.args...)
	return ok, err
}

// Visible reports which of the records a viewer sees: whoever shows entries of
// the change log asks here first.
func (r *Register[T]) Visible(ctx context.Context, v level.Viewer, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !storable(id) }), putStep) {
		var w where
		guard(&w, v)
		w.in("t.id", part)
		found, err := db.Collect(ctx, r.d, db.Column[string], "SELECT t.id FROM "+r.from()+w.String(), w.args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// same reports whether two records say the same, whoever wrote them when.
func same[T any](a, b T) bool {
	of(&a).common().bare()
	of(&b).common().bare()
	return reflect.DeepEqual(a, b)
}

func firstErr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func notFound(what string) error {
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clip(what)})
}

func folded(p *Party) string { return fold.Name(p.Name) }
