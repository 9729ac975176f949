package web

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// export is a list as a file: fixed heads, the same in both languages, so that
// programs can read it and an import takes it back.
type export struct {
	name string
	head []string
	rows iter.Seq2[sheet.Row, error]
}

// exporter makes the file of a list that an address asks for.
type exporter func(v *reading, q url.Values) (export, error)

// exportStep is how many records are read at a time.
const exportStep = 500

// exports adds the routes of a list's files. What comes from a source for
// private use never leaves, whoever asks.
func (s *Site) exports(path string, make exporter) {
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.Route("GET "+path+"."+string(f), func(w http.ResponseWriter, r *http.Request) error {
			v, err := s.read(r)
			if err != nil {
				return err
			}
			e, err := make(v, r.URL.Query())
			if err != nil {
				return err
			}
			return writeExport(w, f, e)
		})
	}
}

// writeExport starts the answer only when the first row is there, so that a bad
// filter is an error page and not half a file.
func writeExport(w http.ResponseWriter, f sheet.Format, e export) error {
	next, stop := iter.Pull2(e.rows)
	defer stop()
	row, err, more := next()
	if more && err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", f.ContentType())
	h.Set("Content-Disposition", `attachment; filename="kapok-`+e.name+"."+string(f)+`"`)
	h.Set("Cache-Control", "private, no-cache")
	return sheet.Write(w, f, e.head, func(yield func(sheet.Row, error) bool) {
		for ; more; row, err, more = next() {
			if !yield(row, err) || err != nil {
				return
			}
		}
	})
}

// follow yields a whole list by its cursors. row gives the source of a record
// and its cells.
func follow[T any](v *reading, p registry.Page, list func(context.Context, registry.Page) (registry.List[T], error), row func(T) (string, sheet.Row)) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for {
			got, err := list(v.ctx, p)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range got.Items {
				from, cells := row(item)
				if v.sources[from].LicenceTag != source.Red && !yield(cells, nil) {
					return
				}
			}
			if p.After = got.Next; p.After == "" {
				return
			}
		}
	}
}

func otherNames(names []registry.Name, t i18n.Text) string {
	var out []string
	for _, n := range names {
		if n.Text != t.ZH && n.Text != t.EN {
			out = append(out, n.Text)
		}
	}
	return strings.Join(out, "|")
}

func identifiers(ids []registry.Identifier, scheme identifier.Scheme) string {
	var out []string
	for _, id := range ids {
		if id.Scheme == scheme {
			out = append(out, id.Value)
		}
	}
	return strings.Join(out, "|")
}

func degree(d *float64) any {
	if d == nil {
		return nil
	}
	return *d
}
