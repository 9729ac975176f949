package web

import (
	"encoding/json"
	"iter"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// stallExports adds a list's files. They hold what the same reader sees in the
// list, but nothing from a source for private use, whoever asks.
func (s *Site) stallExports(b stall) {
	s.exports(b.path(), func(v *reading, q url.Values) (export, error) {
		m := &fair{reading: v, viewer: account.ViewerOf(v.user), today: cityDay(s.svc.DB.Now())}
		return export{name: b.key(), head: b.head(), rows: func(yield func(sheet.Row, error) bool) {
			for of, err := range m.all(b, q) {
				if err != nil {
					yield(nil, err)
					return
				}
				if !yield(b.row(of), nil) {
					return
				}
			}
		}}, nil
	})
	s.Route("GET "+b.path()+".json", func(w http.ResponseWriter, r *http.Request) error {
		m, err := s.fair(r)
		if err != nil {
			return err
		}
		return m.writeJSON(w, b, r.URL.Query())
	})
}

// all yields a whole list by its cursors, without what may not leave.
func (m *fair) all(b stall, q url.Values) iter.Seq2[listed, error] {
	return func(yield func(listed, error) bool) {
		p := registry.Page{Limit: exportStep}
		for {
			got, err := b.list(m, q, p)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, of := range got.Items {
				if m.sources[commonOf(of).SourceID].LicenceTag != source.Red && !yield(of, nil) {
					return
				}
			}
			if p.After = got.Next; p.After == "" {
				return
			}
		}
	}
}

// writeJSON writes a list as one JSON array, record by record. Who reads and
// who wrote a record is the staff's business.
func (m *fair) writeJSON(w http.ResponseWriter, b stall, q url.Values) error {
	next, stop := iter.Pull2(m.all(b, q))
	defer stop()
	of, err, more := next()
	if err != nil {
		return err // before the answer has begun
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="kapok-`+b.key()+`.json"`)
	h.Set("Cache-Control", "private, no-cache")
	before := "[\n"
	for ; more; of, err, more = next() {
		if err != nil {
			return err
		}
		c := commonOf(of)
		if !m.staff() {
			c.Readers, c.CreatedBy, c.UpdatedBy = nil, "", ""
		}
		raw, err := json.Marshal(of)
		if err != nil {
			return err
		}
		if _, err := w.Write(append([]byte(before), raw...)); err != nil {
			return nil // the reader went away
		}
		before = ",\n"
	}
	if before == "[\n" {
		_, err = w.Write([]byte("[]\n"))
	} else {
		_, err = w.Write([]byte("\n]\n"))
	}
	_ = err // the reader went away
	return nil
}
