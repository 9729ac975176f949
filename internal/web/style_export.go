package web

import (
	"iter"
	"net/http"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/sheet"
)

// styleExport is the whole ranking as a file, with every indicator.
func (s *Site) styleExport(w http.ResponseWriter, r *http.Request, path string, format sheet.Format) error {
	unit, known := styleUnit(path)
	if !known || format != sheet.CSV && format != sheet.XLSX {
		return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	q, err := styleQuery(r.URL.Query(), unit)
	if err != nil {
		return err
	}
	if q.Corpus == "" {
		all, err := s.workCorpora(r)
		if err != nil || len(all) == 0 {
			return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
		}
		q.Corpus = all[0].Name
	}
	q.Offset, q.Limit = 0, exportStep
	e := export{name: "ranking-" + path, head: []string{"corpus", "simulated", "unit_kind", "counting", "from", "to", "field", "rank", "unit", "name_zh", "name_en", "country", "city", "org_id"}}
	for _, x := range ranking.Indicators {
		e.head = append(e.head, x.ID)
		if x.Interval {
			e.head = append(e.head, x.ID+"_low", x.ID+"_high")
		}
	}
	e.rows = s.styleRows(r, q)
	return writeExport(w, format, e)
}

func (s *Site) styleRows(r *http.Request, q ranking.Query) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for {
			t, err := s.svc.Ranking.Table(r.Context(), q)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range t.Rows {
				if !yield(styleCells(&t, &t.Rows[i]), nil) {
					return
				}
			}
			if q.Offset += len(t.Rows); len(t.Rows) == 0 || q.Offset >= t.Total {
				return
			}
		}
	}
}

func styleCells(t *ranking.Table, row *ranking.Row) sheet.Row {
	out := sheet.Row{t.Corpus.Name, t.Corpus.Simulated, t.Query.Unit, t.Query.Counting, t.Query.From, t.Query.To, blank(int(t.Query.Field)), row.Rank, row.Unit, row.Name.ZH, row.Name.EN, row.Country, row.City, row.OrgID}
	for _, x := range ranking.Indicators {
		value, known := row.Values[x.ID]
		if known {
			out = append(out, value)
		} else {
			out = append(out, nil)
		}
		if !x.Interval {
			continue
		}
		if in, ok := row.Interval[x.ID]; ok && known {
			out = append(out, in[0], in[1])
		} else {
			out = append(out, nil, nil)
		}
	}
	return out
}
