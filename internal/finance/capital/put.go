package capital

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

// putStep is how many rows share their statements.
const putStep = 1000

// Put writes rows from an import in the caller's transaction: new ones, changed
// ones, and nothing for those that stand so already. A row that is at fault is
// rejected and does not keep the others from being written. Rows are known by
// their keys; an ID or Version that they state does not count.
func (r *Register[T]) Put(ctx context.Context, tx *db.Tx, by change.Author, in []T) ([]registry.Outcome, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	out := make([]registry.Outcome, 0, len(in))
	seen := map[string]*T{}
	for part := range slices.Chunk(in, putStep) {
		p := &putting[T]{r: r, rows: slices.Clone(part), out: make([]registry.Outcome, len(part)), seen: seen}
		if err := p.run(ctx, tx, by); err != nil {
			return nil, err
		}
		out = append(out, p.out...)
	}
	return out, nil
}

// putting is one part of a bulk write.
type putting[T any] struct {
	r    *Register[T]
	rows []T
	out  []registry.Outcome
	seen map[string]*T // rows of the whole write, as prepared
	old  map[string]*T
}

func (p *putting[T]) run(ctx context.Context, tx *db.Tx, by change.Author) error {
	for i := range p.rows {
		p.prepare(i)
	}
	if err := p.load(ctx, tx); err != nil {
		return err
	}
	for i := range p.rows {
		p.compare(i, by, db.At(tx.Now()))
	}
	if err := p.vet(ctx, tx); err != nil {
		return err
	}
	return p.r.commit(ctx, tx, by, p.pairs())
}

func (p *putting[T]) reject(i int, err error) {
	p.out[i].Result, p.out[i].Err = registry.Rejected, err
}

// prepare checks row i. Of two rows with one key the first is kept: a later one
// that says the same is unchanged, another is a fault of the input.
func (p *putting[T]) prepare(i int) {
	row := of(&p.rows[i])
	list := prepared(row)
	c := row.common()
	if c.Key == "" {
		list = append(list, required("key"))
	}
	c.bare()
	c.ID = db.DerivedID(p.r.word, c.Key)
	p.out[i].ID = c.ID
	if len(list) > 0 {
		p.reject(i, list)
		return
	}
	first, twice := p.seen[c.ID]
	switch {
	case !twice:
		kept := p.rows[i]
		p.seen[c.ID] = &kept
	case same(*first, p.rows[i]):
		p.out[i].Result = registry.Unchanged
	default:
		p.reject(i, errs.New(errs.Conflict, "capital.twice", errs.A{"key": clip(c.Key)}).At("/key"))
	}
}

func (p *putting[T]) load(ctx context.Context, q db.Querier) error {
	p.old = map[string]*T{}
	var w where
	var ids []string
	for i := range p.out {
		if p.out[i].Result == "" {
			ids = append(ids, p.out[i].ID)
		}
	}
	w.in("t.id", ids)
	rows, err := p.r.read(ctx, q, w.String(), w.args)
	for i := range rows {
		p.old[of(&rows[i]).common().ID] = &rows[i]
	}
	return err
}

func (p *putting[T]) compare(i int, by change.Author, now db.Time) {
	if p.out[i].Result != "" {
		return
	}
	var f faults
	change := pair[T]{before: p.old[p.out[i].ID], after: &p.rows[i]}
	of(&p.rows[i]).settle(change.was(), by, now, &f)
	switch {
	case len(f.list) > 0:
		p.reject(i, f.list)
	case change.before == nil:
		p.out[i].Result = registry.Created
	case same(*change.before, p.rows[i]):
		p.out[i].Result = registry.Unchanged
	default:
		p.out[i].Result = registry.Updated
	}
}

// vet rejects rows that name what is not there.
func (p *putting[T]) vet(ctx context.Context, q db.Querier) error {
	var at []int
	var rows []record
	for i := range p.rows {
		if p.out[i].Result == registry.Created || p.out[i].Result == registry.Updated {
			at, rows = append(at, i), append(rows, of(&p.rows[i]))
		}
	}
	bad, err := vet(ctx, q, rows)
	for i, fault := range bad {
		p.reject(at[i], fault)
	}
	return err
}

func (p *putting[T]) pairs() []pair[T] {
	var out []pair[T]
	for i := range p.rows {
		if p.out[i].Result == registry.Created || p.out[i].Result == registry.Updated {
			out = append(out, pair[T]{before: p.old[p.out[i].ID], after: &p.rows[i]})
		}
	}
	return out
}

// vet returns, by index, the rows that name a source or an organisation that is
// not there, or in a part a source for private use only: on PostgreSQL a failed reference would end the transaction.
func vet(ctx context.Context, q db.Querier, rows []record) (map[int]error, error) {
	bad := map[int]error{}
	private, err := privateSources(ctx, q)
	if err != nil {
		return nil, err
	}
	refs := map[string][]ref{}
	for i, row := range rows {
		own := row.common().SourceID
		refs["source"] = append(refs["source"], ref{i, own})
		for _, id := range partSources(row) {
			refs["source"] = append(refs["source"], ref{i, id})
			if private[id] && !private[own] {
				bad[i] = errs.New(errs.Invalid, "capital.private_part", errs.A{"id": clip(id)}).At("/source_id")
			}
		}
		for _, p := range row.people() {
			refs["org"] = append(refs["org"], ref{i, p.OrgID})
		}
	}
	for table, list := range refs {
		known, err := present(ctx, q, table, list)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			if e.id != "" && !known[e.id] {
				bad[e.row] = errs.New(errs.Invalid, "capital.unknown_"+table, errs.A{"id": clip(e.id)}).At("/" + table + "_id")
			}
		}
	}
	return bad, nil
}

// partSources are the sources of what a record shows beside its own: a reader
// of the record reads them too, so that none may be closer than it.
func partSources(row record) []string {
	var out []string
	switch row := row.(type) {
	case *Listing:
		for _, s := range row.Steps {
			out = append(out, s.SourceID)
		}
	case *Round:
		for _, v := range []*Valuation{row.Pre, row.Post} {
			if v != nil {
				out = append(out, v.SourceID)
			}
		}
	}
	return out
}

// ref is an id that a row names.
type ref struct {
	row int
	id  string
}

func present(ctx context.Context, q db.Querier, table string, refs []ref) (map[string]bool, error) {
	known := map[string]bool{}
	for _, e := range refs {
		if e.id != "" {
			known[e.id] = false
		}
	}
	for part := range slices.Chunk(sorted(known), putStep) {
		var w where
		w.in("id", part)
		found, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM "+table+w.String(), w.args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			known[id] = true
		}
	}
	return known, nil
}
