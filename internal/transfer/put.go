package transfer

import (
	"context"
	"reflect"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

// record is a kind of row. prepare brings it into its stored form, without
// touching what it shares with the caller, and returns every fault; settle
// completes it with what is stored (nil for a new one) and returns the faults
// that only then show.
type record[T any] interface {
	*T
	common() *Common
	prepare() errs.List
	settle(old *T, today string) errs.List
	ends() []string
	name(map[string]registry.Ref)
}

// putStep is how many rows share their statements.
const putStep = 1000

// put writes rows in the caller's transaction: new ones, changed ones, and
// nothing for those that stand so already. A row that is at fault is rejected
// and does not keep the others from being written.
func put[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *shelf[T], in []T) ([]Outcome, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	out := make([]Outcome, 0, len(in))
	seen := map[string]T{}
	for part := range slices.Chunk(in, putStep) {
		p := &putting[T, P]{t: t, rows: slices.Clone(part), out: make([]Outcome, len(part)), seen: seen}
		if err := p.run(ctx, tx, by); err != nil {
			return nil, err
		}
		out = append(out, p.out...)
	}
	return out, nil
}

// putting is one part of a bulk write.
type putting[T any, P record[T]] struct {
	t    *shelf[T]
	rows []T
	out  []Outcome
	seen map[string]T // rows of the whole write, as prepared
	old  map[string]T
}

func (p *putting[T, P]) run(ctx context.Context, tx *db.Tx, by change.Author) error {
	for i := range p.rows {
		p.prepare(i)
	}
	var err error
	if p.old, err = p.t.load(ctx, tx, p.ids()); err != nil {
		return err
	}
	for i := range p.rows {
		p.compare(i, by, today(tx.Now()))
	}
	if err := p.vet(ctx, tx); err != nil {
		return err
	}
	return commit[T, P](ctx, tx, by, p.t, "", p.pairs())
}

func (p *putting[T, P]) reject(i int, err error) {
	p.out[i].Result, p.out[i].Err = registry.Rejected, err
}

// prepare checks row i. Of two rows for one record the first is kept: a later
// one that says the same is unchanged, another is a fault of the input.
func (p *putting[T, P]) prepare(i int) {
	list := prepare[T, P](&p.rows[i])
	c := P(&p.rows[i]).common()
	p.out[i].ID = c.ID
	if c.Key == "" {
		list = append(list, required("key"))
	}
	if len(list) > 0 {
		p.reject(i, list)
		return
	}
	first, twice := p.seen[c.ID]
	switch {
	case !twice:
		p.seen[c.ID] = p.rows[i]
	case same[T, P](first, p.rows[i]):
		p.out[i].Result = registry.Unchanged
	default:
		p.reject(i, errs.New(errs.Conflict, "transfer.twice", errs.A{"id": c.ID}))
	}
}

// prepare brings a record into its stored form and returns every fault.
func prepare[T any, P record[T]](row *T) errs.List {
	if e := legible(reflect.ValueOf(row).Elem(), ""); e != nil {
		return errs.List{e} // the other checks want text of a bearable size
	}
	return P(row).prepare()
}

func (p *putting[T, P]) ids() []string {
	var ids []string
	for i := range p.out {
		if p.out[i].Result == "" {
			ids = append(ids, p.out[i].ID)
		}
	}
	return ids
}

func (p *putting[T, P]) compare(i int, by change.Author, day string) {
	if p.out[i].Result != "" {
		return
	}
	old, found := p.old[p.out[i].ID]
	c := P(&p.rows[i]).common()
	var before *T
	if found {
		before = &old
		if c.Readers == nil {
			c.Readers = P(&old).common().Readers
		}
	}
	list := P(&p.rows[i]).settle(before, day)
	switch {
	case len(list) > 0:
		p.reject(i, list)
	case !found:
		p.out[i].Result = registry.Created
	case same[T, P](old, p.rows[i]):
		p.out[i].Result = registry.Unchanged
	default:
		p.out[i].Result = registry.Updated
	}
	c.BatchID, c.Version, c.CreatedAt = by.BatchID, 0, db.Time{}
}

// vet rejects rows that name what is not there, or a key that another has.
func (p *putting[T, P]) vet(ctx context.Context, q db.Querier) error {
	var at []int
	var rows []T
	for i := range p.rows {
		if p.out[i].Result == registry.Created || p.out[i].Result == registry.Updated {
			at, rows = append(at, i), append(rows, p.rows[i])
		}
	}
	bad, err := vet[T, P](ctx, q, p.t, rows)
	for i, fault := range bad {
		p.reject(at[i], fault)
	}
	return err
}

func (p *putting[T, P]) pairs() []pair[T] {
	var out []pair[T]
	for i := range p.rows {
		switch p.out[i].Result {
		case registry.Created:
			out = append(out, pair[T]{after: &p.rows[i]})
		case registry.Updated:
			old := p.old[p.out[i].ID]
			out = append(out, pair[T]{before: &old, after: &p.rows[i]})
		}
	}
	return out
}
