package termbase

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Result says what a bulk Put did with one row.
type Result string

// The results.
const (
	Created   Result = "created"
	Updated   Result = "updated"
	Unchanged Result = "unchanged"
	Rejected  Result = "rejected"
)

// Outcome is what a bulk Put did with the row of the same index.
type Outcome struct {
	ID     string
	Result Result
	Err    error // why it was rejected: an *errs.Error or an errs.List
}

// Put writes terms in the caller's transaction. A row is known by its Chinese
// term: new ones are made, changed ones replaced, the same again changes
// nothing. A faulty row is rejected and does not keep the others from being
// written. A bundled row never touches a term that is the city's; an imported
// one does not bring back what the city has withdrawn.
func Put(ctx context.Context, tx *db.Tx, by change.Author, rows []Term) ([]Outcome, error) {
	p := &putting{rows: slices.Clone(rows), out: make([]Outcome, len(rows)), mine: map[string]int{}}
	for i := range p.rows {
		p.rows[i].AlsoZH, p.rows[i].AlsoEN = slices.Clone(p.rows[i].AlsoZH), slices.Clone(p.rows[i].AlsoEN)
		p.rows[i].trim()
		if faults := p.rows[i].check(); len(faults) > 0 {
			p.reject(i, faults.Err())
		}
	}
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	var pairs []pair
	for i := range p.rows {
		if p.out[i].Result == "" {
			pairs = append(pairs, p.weigh(i, by)...)
		}
	}
	return p.out, commit(ctx, tx, by, "", pairs)
}

// putting is one bulk write.
type putting struct {
	rows    []Term
	out     []Outcome
	stored  map[string]Term   // by folded Chinese term
	ids     map[string]bool   // ids that are taken
	held    map[string]string // folded form to the id that holds it
	titles  map[string]string // id to Chinese term
	sources map[string]bool
	mine    map[string]int // folded form to the row of this write that claims it
}

func (p *putting) reject(i int, err error) { p.out[i].Result, p.out[i].Err = Rejected, err }

// look reads what the rows are held against.
func (p *putting) look(ctx context.Context, tx *db.Tx) error {
	var heads, forms, ids, sources []string
	for i := range p.rows {
		if p.out[i].Result == "" {
			head := fold.Name(p.rows[i].ZH)
			heads, forms, ids = append(heads, head), append(forms, p.rows[i].forms()...), append(ids, idOf(head))
			sources = append(sources, p.rows[i].SourceID)
		}
	}
	p.stored, p.ids, p.titles = map[string]Term{}, map[string]bool{}, map[string]string{}
	found, err := load(ctx, tx, "zh_key", heads)
	if err != nil {
		return err
	}
	for _, t := range found {
		p.stored[fold.Name(t.ZH)] = t
	}
	if found, err = load(ctx, tx, "id", ids); err != nil {
		return err
	}
	for _, t := range found {
		p.ids[t.ID] = true
	}
	if p.held, err = holders(ctx, tx, forms); err != nil {
		return err
	}
	var owners []string
	for _, id := range p.held {
		owners = append(owners, id)
	}
	if found, err = load(ctx, tx, "id", owners); err != nil {
		return err
	}
	for _, t := range found {
		p.titles[t.ID] = t.ZH
	}
	p.sources, err = known(ctx, tx, sources)
	return err
}

func known(ctx context.Context, q db.Querier, ids []string) (map[string]bool, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	out := map[string]bool{}
	for len(ids) > 0 {
		n := min(part, len(ids))
		found, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM source WHERE id IN ("+db.In(1, n)+")", anys(ids[:n])...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
		ids = ids[n:]
	}
	return out, nil
}

// weigh decides what becomes of a good row, and returns its change if any.
func (p *putting) weigh(i int, by change.Author) []pair {
	row, head := &p.rows[i], fold.Name(p.rows[i].ZH)
	old, exists := p.stored[head]
	row.ID, row.BatchID = old.ID, by.BatchID
	if !exists {
		if row.ID = idOf(head); p.ids[row.ID] {
			row.ID = db.NewID(Kind)
		}
	}
	p.out[i].ID = row.ID
	if at, twice := p.mine[head]; twice && p.rows[at].ID == row.ID {
		if p.rows[at].same(row) {
			p.out[i].Result = Unchanged
		} else {
			p.reject(i, errs.New(errs.Conflict, "termbase.twice", errs.A{"zh": row.ZH}).At("/zh"))
		}
		return nil
	}
	if exists && row.Origin == Bundled && old.Origin == City {
		p.out[i].Result = Unchanged // the city's word stands
		return nil
	}
	if err := p.refuse(row, old, exists); err != nil {
		p.reject(i, err)
		return nil
	}
	for _, f := range row.forms() {
		p.mine[f] = i
	}
	if !exists {
		p.out[i].Result = Created
		return []pair{{after: row}}
	}
	if row.same(&old) {
		p.out[i].Result = Unchanged
		return nil
	}
	p.out[i].Result = Updated
	return []pair{{before: &old, after: row}}
}

// refuse says why a row cannot be stored as things are.
func (p *putting) refuse(row *Term, old Term, exists bool) error {
	if !p.sources[row.SourceID] {
		return errs.New(errs.Invalid, "termbase.unknown_source", errs.A{"id": clip(row.SourceID)}).At("/source_id")
	}
	if exists && old.State == Withdrawn && row.State == Active {
		return errs.New(errs.Conflict, "termbase.withdrawn", errs.A{"zh": row.ZH}).At("/zh")
	}
	if row.State == Withdrawn {
		return nil
	}
	for n, form := range row.forms() {
		if at, claimed := p.mine[form]; claimed && p.rows[at].ID != row.ID {
			return taken(row, n, p.rows[at].ZH, slices.Contains(row.forms(), fold.Name(p.rows[at].ZH)))
		}
		if id := p.held[form]; id != "" && id != row.ID {
			return taken(row, n, p.titles[id], slices.Contains(row.forms(), fold.Name(p.titles[id])))
		}
	}
	return nil
}

// taken says that the form n of a row belongs to another term; when each of the
// two stands among the other's forms, they lead in a circle.
func taken(row *Term, n int, other string, mutual bool) error {
	form, field := row.ZH, "/zh"
	if n > 0 {
		form, field = row.AlsoZH[n-1], "/also_zh"
	}
	if n == 0 && mutual {
		return errs.New(errs.Conflict, "termbase.loop", errs.A{"zh": row.ZH, "other": other}).At("/also_zh")
	}
	return errs.New(errs.Conflict, "termbase.taken", errs.A{"value": form, "zh": other}).At(field)
}

// idOf is the id of a term that was made under this folded Chinese term.
func idOf(head string) string { return db.DerivedID(Kind, head) }

// same compares what a person writes, and where it comes from.
func (t *Term) same(o *Term) bool {
	return t.ZH == o.ZH && t.EN == o.EN && slices.Equal(t.AlsoZH, o.AlsoZH) && slices.Equal(t.AlsoEN, o.AlsoEN) && t.Area == o.Area && t.Note == o.Note &&
		t.Anchor == o.Anchor && t.State == o.State && t.Origin == o.Origin && t.SourceID == o.SourceID
}
