package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// writer puts chunks into the rooms within the transaction of the run.
type writer struct {
	j       *job
	tx      *db.Tx
	changed bool // something was created or updated
}

// write puts the records of a chunk, kind by kind, then the relations that its
// rows state besides, and counts.
func (w *writer) write(ctx context.Context, chunk []*item) error {
	results := make(map[*item]registry.Outcome, len(chunk))
	good := chunk[:0:0]
	for _, it := range chunk {
		switch {
		case it.fault != nil:
			results[it] = registry.Outcome{Result: registry.Rejected, Err: it.fault}
		case it.same:
			results[it] = registry.Outcome{Result: registry.Unchanged}
		default:
			good = append(good, it)
		}
	}
	// In the order of their ids, organisations touch fewer pages of the indexes.
	slices.SortStableFunc(good, func(a, b *item) int { return strings.Compare(a.id, b.id) })
	if err := w.put(ctx, good, results); err != nil {
		return err
	}
	moved, err := w.putAlso(ctx, good, results)
	if err != nil {
		return err
	}
	if err := w.putKeys(ctx, good, results); err != nil {
		return err
	}
	for _, it := range chunk {
		if err := w.count(it, results[it], moved[it]); err != nil {
			return err
		}
	}
	return nil
}

// put writes the records of the items, those of one kind together.
func (w *writer) put(ctx context.Context, items []*item, results map[*item]registry.Outcome) error {
	reg, room, rounds := w.j.s.reg, transfer.New(w.j.s.d), capital.New(w.j.s.d)
	for _, put := range []func() error{
		func() error { return putKind(ctx, w, items, results, registry.KindDivision, reg.PutDivisions) },
		func() error { return putKind(ctx, w, items, results, registry.KindOrg, reg.PutOrgs) },
		func() error { return putKind(ctx, w, items, results, registry.KindPerson, reg.PutPeople) },
		func() error { return putKind(ctx, w, items, results, registry.KindPlatform, reg.PutPlatforms) },
		func() error { return putKind(ctx, w, items, results, registry.KindPark, reg.PutParks) },
		func() error { return putKind(ctx, w, items, results, registry.KindRelation, reg.PutRelations) },
		func() error { return putKind(ctx, w, items, results, registry.KindPaper, reg.PutPapers) },
		func() error { return putKind(ctx, w, items, results, source.Kind, putSources) },
		func() error {
			return putKind(ctx, w, items, results, observatory.KindFigure, oneByOne(observatory.PutFigures))
		},
		func() error {
			return putKind(ctx, w, items, results, observatory.KindReported, oneByOne(observatory.PutReported))
		},
		func() error {
			return putKind(ctx, w, items, results, observatory.KindSuperlative, oneByOne(observatory.PutSuperlatives))
		},
		func() error { return putKind(ctx, w, items, results, edition.KindEdition, ledger(edition.Put)) },
		func() error { return putKind(ctx, w, items, results, edition.KindEntry, ledger(edition.PutEntries)) },
		func() error { return putKind(ctx, w, items, results, termbase.Kind, putTerms) },
		func() error { return putKind(ctx, w, items, results, transfer.KindResult, room.PutResults) },
		func() error { return putKind(ctx, w, items, results, transfer.KindNeed, room.PutNeeds) },
		func() error { return putKind(ctx, w, items, results, transfer.KindService, room.PutServices) },
		func() error { return putKind(ctx, w, items, results, capital.KindRound, rounds.Rounds.Put) },
		func() error { return putKind(ctx, w, items, results, capital.KindListing, rounds.Listings.Put) },
		func() error { return putKind(ctx, w, items, results, capital.KindContest, rounds.Contests.Put) },
		func() error { return putKind(ctx, w, items, results, capital.KindGuarantee, rounds.Guarantees.Put) },
		func() error { return putKind(ctx, w, items, results, capital.KindPremium, rounds.Premiums.Put) },
	} {
		if err := put(); err != nil {
			return err
		}
	}
	return nil
}

type putter[T any] func(ctx context.Context, tx *db.Tx, by change.Author, rows []T) ([]registry.Outcome, error)

func putKind[T any](ctx context.Context, w *writer, items []*item, results map[*item]registry.Outcome, kind string, put putter[T]) error {
	var of []*item
	var rows []T
	for _, it := range items {
		if r, ok := it.record.(T); ok {
			of, rows = append(of, it), append(rows, r)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	out, err := put(ctx, w.tx, w.j.by, rows)
	if err != nil {
		return err
	}
	if len(out) != len(rows) {
		return fmt.Errorf("put %s: %d outcomes for %d rows", kind, len(out), len(rows))
	}
	for i, o := range out {
		results[of[i]] = o
		w.tally(kind, o.Result)
	}
	return nil
}

func (w *writer) tally(kind string, r registry.Result) {
	c := w.j.report.Kinds[kind]
	add(&c, r)
	w.j.report.Kinds[kind] = c
	w.changed = w.changed || r == registry.Created || r == registry.Updated
}

func add(c *source.Counts, r registry.Result) {
	c.Read++
	switch r {
	case registry.Created:
		c.Created++
	case registry.Updated:
		c.Updated++
	case registry.Unchanged:
		c.Unchanged++
	case registry.Rejected:
		c.Rejected++
	}
}

// putAlso writes the relations that rows state besides their record, and
// tells which rows moved one. One that is refused rejects nothing: the record
// stands without it.
func (w *writer) putAlso(ctx context.Context, items []*item, results map[*item]registry.Outcome) (map[*item]bool, error) {
	var of []*item
	var rows []registry.Relation
	for _, it := range items {
		if results[it].Result == registry.Rejected {
			continue
		}
		for _, r := range it.also {
			of, rows = append(of, it), append(rows, r)
		}
	}
	moved := map[*item]bool{}
	if len(rows) == 0 {
		return moved, nil
	}
	out, err := w.j.s.reg.PutRelations(ctx, w.tx, w.j.by, rows)
	if err != nil {
		return nil, err
	}
	for i, o := range out {
		w.tally(registry.KindRelation, o.Result)
		if o.Result == registry.Created || o.Result == registry.Updated {
			moved[of[i]] = true
		}
	}
	return moved, nil
}

// putKeys notes which record a row's own key stands for.
func (w *writer) putKeys(ctx context.Context, items []*item, results map[*item]registry.Outcome) error {
	var rows [][]any
	for _, it := range items {
		if o := results[it]; it.key != "" && o.Result != registry.Rejected && o.ID != "" {
			rows = append(rows, []any{Namespace, it.key, o.ID, w.j.by.BatchID})
		}
	}
	return insertKeys(ctx, w.tx, rows)
}

// count adds one row to the report.
func (w *writer) count(it *item, o registry.Outcome, moved bool) error {
	if o.Result == registry.Unchanged && moved {
		o.Result = registry.Updated
	}
	r := &w.j.report
	add(&r.Counts, o.Result)
	if o.Result != registry.Rejected {
		return nil
	}
	for _, e := range faultsOf(o.Err) {
		if len(r.Rejected) < maxShown {
			r.Rejected = append(r.Rejected, rejectedOf(it.number, e))
		}
	}
	return w.j.rejects.add(it, o.Err)
}

// maxShown is how many rejections a report holds; the file has them all.
const maxShown = 100

func faultsOf(err error) []*errs.Error {
	if list := (errs.List)(nil); errors.As(err, &list) {
		return list
	}
	return []*errs.Error{errs.Of(err)}
}

func rejectedOf(number int64, e *errs.Error) Rejected {
	r := Rejected{Row: number, Column: e.Field, Error: e}
	r.Text.ZH, r.Text.EN = i18n.Error(i18n.ZH, e), i18n.Error(i18n.EN, e)
	return r
}

// putSources writes sources as the other rooms write their rows.
func putSources(ctx context.Context, tx *db.Tx, by change.Author, rows []source.Source) ([]registry.Outcome, error) {
	out := make([]registry.Outcome, len(rows))
	for i, s := range rows {
		out[i] = registry.Outcome{ID: s.ID, Result: registry.Unchanged}
		if err := s.Validate(); err != nil {
			out[i].Result, out[i].Err = registry.Rejected, err
			continue
		}
		_, found, err := source.Find(ctx, tx, s.ID)
		if err != nil {
			return nil, err
		}
		changed, err := source.Put(ctx, tx, by, s)
		switch {
		case err != nil:
			return nil, err
		case changed && found:
			out[i].Result = registry.Updated
		case changed:
			out[i].Result = registry.Created
		}
	}
	return out, nil
}

// oneByOne fits the observatory's bulk writers, which refuse a whole list for
// one bad row: behind a savepoint the list is tried at once, and row by row if
// that fails.
func oneByOne[T any](put func(context.Context, *db.Tx, change.Author, []T) ([]observatory.Outcome, error)) putter[T] {
	return func(ctx context.Context, tx *db.Tx, by change.Author, rows []T) ([]registry.Outcome, error) {
		out, err := attempt(ctx, tx, by, rows, put)
		if err == nil || errs.KindOf(err) == errs.Internal {
			return out, err
		}
		out = out[:0]
		for i := range rows {
			one, err := attempt(ctx, tx, by, rows[i:i+1], put)
			switch {
			case errs.KindOf(err) == errs.Internal:
				return nil, err
			case err != nil:
				one = []registry.Outcome{{Result: registry.Rejected, Err: err}}
			}
			out = append(out, one...)
		}
		return out, nil
	}
}

func attempt[T any](ctx context.Context, tx *db.Tx, by change.Author, rows []T, put func(context.Context, *db.Tx, change.Author, []T) ([]observatory.Outcome, error)) ([]registry.Outcome, error) {
	if _, err := tx.Exec(ctx, "SAVEPOINT import_rows"); err != nil {
		return nil, err
	}
	done, failed := put(ctx, tx, by, rows)
	if failed != nil {
		if _, err := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT import_rows"); err != nil {
			return nil, err
		}
	}
	if _, err := tx.Exec(ctx, "RELEASE SAVEPOINT import_rows"); err != nil {
		return nil, err
	}
	out := make([]registry.Outcome, len(done))
	for i, o := range done {
		out[i] = registry.Outcome{ID: o.ID, Result: registry.Result(o.Action)}
	}
	return out, failed
}
