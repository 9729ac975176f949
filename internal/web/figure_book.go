package web

import (
	"context"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/observatory"
)

// figureBook is all that is on record of all figures, read once for a page.
type figureBook struct {
	observatory.Book
	v *reading
}

func (s *Site) figureBook(ctx context.Context, v *reading) (*figureBook, error) {
	b, err := s.svc.Observatory.Book(ctx)
	return &figureBook{b, v}, err
}

// sheets are the figures that keep wants, in the order of their groups.
func (b *figureBook) sheets(keep func(*observatory.Figure) bool) []figureSheet {
	var out []figureSheet
	for i := range b.Figures {
		if f := &b.Figures[i]; keep == nil || keep(f) {
			out = append(out, b.open(f))
		}
	}
	return out
}

// open gathers the values of a figure. What a source for private use says is
// left out for those who may not see it.
func (b *figureBook) open(f *observatory.Figure) figureSheet {
	x := figureSheet{Figure: *f, Computed: b.Computed[f.ID], Failed: b.Failed[f.ID].In(b.v.l)}
	var seen []observatory.Reported
	for _, r := range b.Reported[f.ID] {
		if !b.v.closed(r.SourceID) {
			seen = append(seen, r)
		}
	}
	if len(seen) != len(b.Reported[f.ID]) {
		b.Reported[f.ID] = seen
	}
	x.Reported, x.Card = newestFirst(seen), b.Card(f)
	return x
}

// figureOf is the figure of a reported value, "" for another kind of record.
func (b *figureBook) figureOf(kind, id string) string {
	if kind != observatory.KindReported {
		return ""
	}
	for figure, values := range b.Reported {
		for i := range values {
			if values[i].ID == id {
				return figure
			}
		}
	}
	return ""
}

// sheet is the figure with the given id, or errs.NotFound.
func (b *figureBook) sheet(id string) (*figureSheet, error) {
	for i := range b.Figures {
		if b.Figures[i].ID == id {
			f := b.open(&b.Figures[i])
			return &f, nil
		}
	}
	return nil, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
}
