package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// tabled is an answer that is a body, or the rows of a paper as a file.
type tabled[B any] struct {
	body   B
	rows   fund.Table
	source string // that the rows come from
}

// addTabled registers an operation that answers with a body, or with rows as
// CSV or XLSX. They leave only where their source may.
func addTabled[I, B any](s *server, rt route, name string, format func(*I) string, handle func(ctx context.Context, in *I) (*tabled[B], error)) {
	op := s.operation(&rt)
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	success(op).Content = map[string]*huma.MediaType{
		"application/json":                  {Schema: s.schema(reflect.TypeFor[B](), rt.id)},
		mediaType(sheet.CSV.ContentType()):  binary,
		mediaType(sheet.XLSX.ContentType()): binary,
	}
	huma.Register(s.huma, *op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		t, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(c, err)
		}
		f, file := c.format(format(in))
		if !file {
			return stream(func() error { return of(t.body).write(c) }), nil
		}
		book, err := s.book(ctx)
		if err == nil && book[t.source].LicenceTag == source.Red {
			err = errs.New(errs.Forbidden, "finance.private_file")
		}
		if err != nil {
			return nil, s.problem(c, err)
		}
		return stream(func() error { return t.write(c, f, name) }), nil
	})
}

func (t *tabled[B]) write(c *call, f sheet.Format, name string) error {
	h := c.w.Header()
	h.Set("Content-Type", f.ContentType())
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="kapok-%s.%s"`, name, f))
	if c.r.Method == http.MethodHead {
		c.w.WriteHeader(http.StatusOK)
		return nil
	}
	return sheet.Write(c.w, f, t.rows.Head, func(yield func(sheet.Row, error) bool) {
		for _, cells := range t.rows.Rows {
			r := make(sheet.Row, len(cells))
			for i, text := range cells {
				r[i] = text
			}
			if !yield(r, nil) {
				return
			}
		}
	})
}
