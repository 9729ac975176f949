package registry

import (
	"context"
	"reflect"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// meta points at what every record has.
type meta struct {
	id, source, batch *string
	version           *int64
	created, updated  *db.Time
}

// record is a kind of row. prepare brings it into the form in which it is
// stored (trimmed, canonical identifiers, derived id, nil for empty lists,
// output-only fields cleared) without touching what it shares with the caller,
// and returns every fault.
type record[T any] interface {
	*T
	meta() meta
	prepare() errs.List
}

// table is what the one way of writing needs to know of a kind of record.
type table[T any] struct {
	word   string // in the change log
	load   func(ctx context.Context, q db.Querier, ids []string) (map[string]T, error)
	insert func(ctx context.Context, tx *db.Tx, rows []T) error
	update func(ctx context.Context, tx *db.Tx, old, rows []T) error
	remove func(ctx context.Context, tx *db.Tx, old []T) error
	// vet returns, by index, the rows that do not agree with what is stored.
	vet func(ctx context.Context, q db.Querier, rows []T) (map[int]error, error)
	// inherit carries over what a writer never states; nil when there is nothing.
	inherit func(row *T, old T)
}

// putStep is how many rows share their statements.
const putStep = 1000

// put writes rows in the caller's transaction: new ones, changed ones, and
// nothing for those that stand so already. A row that is at fault is rejected
// and does not keep the others from being written. While the database works on
// one part, the next one is prepared.
func put[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *table[T], in []T) ([]Outcome, error) {
	out := make([]Outcome, 0, len(in))
	next := prepareFirst[T, P](t, in)
	for len(in) > 0 {
		p := <-next
		in = in[len(p.rows):]
		next = prepareFirst[T, P](t, in)
		if err := p.run(ctx, tx, by); err != nil {
			return nil, err
		}
		out = append(out, p.out...)
	}
	return out, nil
}

// prepareFirst prepares the first part of the rows, beside its caller.
func prepareFirst[T any, P record[T]](t *table[T], in []T) <-chan *putting[T, P] {
	return aside(func() *putting[T, P] {
		part := slices.Clone(in[:min(putStep, len(in))])
		p := &putting[T, P]{t: t, rows: part, out: make([]Outcome, len(part))}
		p.prepare()
		p.rejectTwice()
		return p
	})
}

// putting is one part of a bulk write.
type putting[T any, P record[T]] struct {
	t    *table[T]
	rows []T
	out  []Outcome
	old  map[string]T
}

func (p *putting[T, P]) run(ctx context.Context, tx *db.Tx, by change.Author) error {
	var err error
	if p.old, err = p.t.load(ctx, tx, p.ids()); err != nil {
		return err
	}
	p.compare(by)
	if err := p.vet(ctx, tx); err != nil {
		return err
	}
	return commit[T, P](ctx, tx, by, p.t, "", p.pairs())
}

func (p *putting[T, P]) prepare() {
	spread(len(p.rows), func(i int) {
		faults := prepare[T, P](&p.rows[i])
		p.out[i].ID = *P(&p.rows[i]).meta().id
		if p.out[i].ID == "" {
			faults = append(faults, required("id"))
		}
		if len(faults) > 0 {
			p.reject(i, faults.Err())
		}
	})
}

// prepare brings a record into its stored form and returns every fault.
func prepare[T any, P record[T]](row *T) errs.List {
	if e := legible(reflect.ValueOf(row), ""); e != nil {
		return errs.List{e} // the other checks want text
	}
	return P(row).prepare()
}

func (p *putting[T, P]) reject(i int, err error) {
	p.out[i].Result, p.out[i].Err = Rejected, err
}

// rejectTwice keeps the first of two rows for one record: a later one that says
// the same is unchanged, one that says something else is a fault of the input.
func (p *putting[T, P]) rejectTwice() {
	first := make(map[string]int, len(p.rows))
	for i := range p.rows {
		if p.out[i].Result != "" {
			continue
		}
		at, twice := first[p.out[i].ID]
		switch {
		case !twice:
			first[p.out[i].ID] = i
		case same[T, P](p.rows[at], p.rows[i]):
			p.out[i].Result = Unchanged
		default:
			p.reject(i, errs.New(errs.Conflict, "registry.twice", errs.A{"id": p.out[i].ID}))
		}
	}
}

func (p *putting[T, P]) ids() []string {
	ids := make([]string, 0, len(p.rows))
	for i := range p.out {
		if p.out[i].Result == "" {
			ids = append(ids, p.out[i].ID)
		}
	}
	return ids
}

func (p *putting[T, P]) compare(by change.Author) {
	spread(len(p.rows), func(i int) {
		if p.out[i].Result != "" {
			return
		}
		old, found := p.old[p.out[i].ID]
		if found && p.t.inherit != nil {
			p.t.inherit(&p.rows[i], old)
		}
		switch {
		case !found:
			p.out[i].Result = Created
		case same[T, P](old, p.rows[i]):
			p.out[i].Result = Unchanged
		default:
			p.out[i].Result = Updated
		}
		m := P(&p.rows[i]).meta()
		*m.batch, *m.version, *m.created = by.BatchID, 0, db.Time{}
	})
}

// vet rejects rows that cannot be stored as things are.
func (p *putting[T, P]) vet(ctx context.Context, q db.Querier) error {
	var at []int
	var rows []T
	for i := range p.rows {
		if p.out[i].Result == Created || p.out[i].Result == Updated {
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
		case Created:
			out = append(out, pair[T]{after: &p.rows[i]})
		case Updated:
			old := p.old[p.out[i].ID]
			out = append(out, pair[T]{before: &old, after: &p.rows[i]})
		}
	}
	return out
}
