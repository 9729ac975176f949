package capital

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// pair is a record before and after a change; before is nil for a new one.
type pair[T any] struct{ before, after *T }

// was is the record before, or nil.
func (p pair[T]) was() record {
	if p.before == nil {
		return nil
	}
	return of(p.before)
}

// commit writes pairs and their entries of the change log. It gives versions,
// instants and authors.
func (r *Register[T]) commit(ctx context.Context, tx *db.Tx, by change.Author, pairs []pair[T]) error {
	if len(pairs) == 0 {
		return nil
	}
	var created, updated []*T
	entries := make([]change.Entry, len(pairs))
	for i, p := range pairs {
		p.stamp(by, db.At(tx.Now()))
		action, before := change.Create, any(nil)
		if p.before != nil {
			action, before = change.Update, p.before
			updated = append(updated, p.after)
		} else {
			created = append(created, p.after)
		}
		var err error
		if entries[i], err = change.New(by, r.word, of(p.after).common().ID, action, before, p.after); err != nil {
			return err
		}
	}
	if err := r.write(ctx, tx, created, ""); err != nil {
		return err
	}
	if err := r.write(ctx, tx, updated, "ON CONFLICT (id) DO UPDATE SET "+assignments(r.all())); err != nil {
		return err
	}
	return change.Append(ctx, tx, entries...)
}

func (p pair[T]) stamp(by change.Author, now db.Time) {
	c := of(p.after).common()
	c.BatchID, c.UpdatedAt, c.UpdatedBy, c.Simulated = by.BatchID, now, by.Actor, false
	c.CreatedAt, c.CreatedBy, c.Version = now, by.Actor, 1
	if p.before != nil {
		old := of(p.before).common()
		c.CreatedAt, c.CreatedBy, c.Version = old.CreatedAt, old.CreatedBy, old.Version+1
	}
}

// write stores records with what is derived from them. New ones come without a
// conflict clause: one that stands already is a failure.
func (r *Register[T]) write(ctx context.Context, tx *db.Tx, rows []*T, conflict string) error {
	if len(rows) == 0 {
		return nil
	}
	var values, sides, steps [][]any
	var ids []string
	for _, row := range rows {
		rec := of(row)
		v, err := r.values(rec)
		if err != nil {
			return err
		}
		values = append(values, v)
		ids = append(ids, rec.common().ID)
		for i, s := range rec.sides() {
			sides = append(sides, append([]any{r.word, rec.common().ID, i + 1, s.role, null(s.party.OrgID), s.party.Name, folded(s.party)}, moneyValues(s.amount)...))
		}
		if l, ok := rec.(*Listing); ok {
			steps = append(steps, stepValues(l)...)
		}
	}
	if err := db.InsertMany(ctx, tx, r.table()+"("+strings.Join(r.all(), ", ")+")", conflict, values); err != nil {
		return err
	}
	if conflict != "" {
		if err := removeSides(ctx, tx, r.word, ids); err != nil {
			return err
		}
	}
	if err := db.InsertMany(ctx, tx, "capital_party(kind, record_id, position, role, org_id, name, folded, unit, bound, amount, high, fen)", "", sides); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "capital_step(listing_id, position, state, day, evidence, source_id, corrects, reason, actor, at)", "ON CONFLICT DO NOTHING", steps)
}

func (r *Register[T]) values(rec record) ([]any, error) {
	body, err := bodyOf(rec)
	if err != nil {
		return nil, err
	}
	c := rec.common()
	out := []any{c.ID, c.Key, null(c.Company.OrgID), c.Company.Name, c.Company.Key, folded(&c.Company), c.On}
	out = append(out, moneyValues(rec.amount())...)
	out = append(out, string(c.Level), c.Level.Rank(), c.SourceID, c.BatchID, c.Version, c.CreatedBy, c.CreatedAt, c.UpdatedBy, c.UpdatedAt, body)
	return append(out, rec.own()...), nil
}

// bodyOf is a record as JSON, without what stands in columns of its own.
func bodyOf(rec record) (string, error) {
	c := rec.common()
	kept := *c
	c.bare()
	body, err := json.Marshal(rec)
	*c = kept
	return string(body), err
}

// moneyValues are the columns unit, bound, amount, high, fen.
func moneyValues(a *Amount) []any {
	if a == nil {
		return []any{"", "", nil, nil, nil}
	}
	out := []any{string(a.Unit), string(a.Bound), a.Value, nil, nil}
	if a.High != 0 {
		out[3] = a.High
	}
	if a.Fen != nil {
		out[4] = int64(*a.Fen)
	}
	return out
}

func stepValues(l *Listing) [][]any {
	var out [][]any
	for _, s := range l.Steps {
		source := s.SourceID
		if source == "" {
			source = l.SourceID
		}
		out = append(out, []any{l.ID, s.Position, string(s.State), s.On, s.Evidence, source, s.Corrects, s.Reason, s.Actor, s.At})
	}
	return out
}
