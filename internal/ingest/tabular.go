package ingest

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/observatory"
)

// readTable reads a table through a mapping: that of the request, or the one
// that the headings give for the importer's target.
func readTable(ctx context.Context, j *job, f *feed) error {
	t, err := j.openTable()
	if err != nil {
		return err
	}
	defer t.close()
	m, err := j.mapTo(t.header())
	if err != nil {
		return err
	}
	target, err := findTarget(m.Target)
	if err != nil {
		return err
	}
	b := &builder{ctx: ctx, j: j, target: target, refs: map[string]string{}, divisions: map[string]string{}}
	at, err := columnsAt(m, t.header(), j.file.name)
	if err != nil {
		return err
	}
	for {
		in, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.emit(f, in, at, m.Fixed, t.header()); err != nil {
			return err
		}
	}
}

// mapTo returns the mapping of the run and notes what it leaves out.
func (j *job) mapTo(heads []string) (*Mapping, error) {
	if j.mapping != nil {
		used := map[string]bool{}
		for _, h := range j.mapping.Columns {
			used[h] = true
		}
		for _, h := range heads {
			if h != "" && !used[h] && !slices.Contains(rejectColumns, h) {
				j.report.Unmapped = append(j.report.Unmapped, h)
			}
		}
		return j.mapping, nil
	}
	p, err := Propose(j.imp.target, heads)
	if err != nil {
		return nil, err
	}
	if len(p.Missing) > 0 {
		return nil, errs.New(errs.Invalid, "ingest.missing_column", errs.A{"file": j.file.name, "field": p.Missing[0].Label, "name": p.Missing[0].Name})
	}
	j.report.Unmapped = p.Unmapped
	return &p.Mapping, nil
}

// columnsAt finds the columns of a mapping in a header. A heading that stands
// twice is refused when the mapping uses it: nobody can say which is meant.
func columnsAt(m *Mapping, heads []string, file string) (map[string]int, error) {
	at := map[string]int{}
	for _, name := range sortedKeys(m.Columns) {
		head := m.Columns[name]
		i := slices.Index(heads, head)
		switch {
		case head == "":
			continue
		case i < 0:
			return nil, errs.New(errs.Invalid, "ingest.no_column", errs.A{"file": file, "column": head}).At(name)
		case slices.Contains(heads[i+1:], head):
			return nil, errs.New(errs.Invalid, "ingest.column_twice", errs.A{"file": file, "column": head}).At(name)
		}
		at[name] = i
	}
	return at, nil
}

func (b *builder) emit(f *feed, in row, at map[string]int, fixed map[string]string, heads []string) error {
	it := &item{number: in.number, cells: in.cells}
	if in.fault != nil {
		it.fault = in.fault
		return f.emit(it, "")
	}
	r := &record{cells: in.cells, at: at, heads: heads, fixed: fixed}
	b.required(r)
	if len(r.faults) == 0 {
		b.target.build(b, r)
	}
	if b.failed != nil {
		return b.failed
	}
	if len(r.faults) > 0 {
		it.fault = r.faults
		return f.emit(it, "")
	}
	if r.blank {
		it.same = true
		return f.emit(it, "")
	}
	if many, ok := r.result.([]observatory.Reported); ok {
		return emitEach(f, it, many)
	}
	it.record, it.key, it.also = r.result, r.key, r.also
	return f.emit(it, r.id)
}

// emitEach hands on the several values that one row states.
func emitEach(f *feed, it *item, values []observatory.Reported) error {
	for _, v := range values {
		one := *it
		one.record = v
		if err := f.emit(&one, "reported:"+v.Key()); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) required(r *record) {
	for _, f := range b.target.Fields {
		if f.Required && r.get(f.Name) == "" && !r.checked[f.Name] {
			r.bad("ingest.empty_cell", f.Name)
		}
	}
	if one := b.target.oneOf; len(one) > 0 && !slices.ContainsFunc(one, func(n string) bool { return r.get(n) != "" }) {
		r.bad("ingest.empty_cell", one[0])
	}
}
