package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/stats"
)

// runQuery answers one SELECT under the limits and writes who asked what into
// the log, whatever came of it.
func (s *Site) runQuery(r *http.Request, set dataSet, text string, limit int) (a stats.Answer, err error) {
	began := time.Now()
	defer func() {
		sum := sha256.Sum256([]byte(text))
		outcome, user := "answered", ""
		if err != nil {
			outcome = err.Error()
		}
		if u := userOf(r.Context()); u != nil {
			user = u.ID
		}
		s.log.InfoContext(r.Context(), "query", "request_id", RequestID(r.Context()), "user", user, "ip", origin(r).IP, "set", set.name,
			"sql", cut(text, 4000), "sql_sha256", hex.EncodeToString(sum[:]), "rows", len(a.Rows), "took_ms", time.Since(began).Milliseconds(), "outcome", cut(outcome, 400))
	}()
	q := stats.Question{Views: set.views, SQL: strings.TrimSpace(text), Limit: limit, MemoryMB: queryMemory, Time: queryTime}
	switch {
	case q.SQL == "":
		return a, errs.New(errs.Invalid, "web.query.empty")
	case len(q.SQL) > maxQuery:
		return a, errs.New(errs.Invalid, "web.query.long", errs.A{"limit": maxQuery})
	}
	for _, p := range set.params {
		if strings.Contains(q.SQL, p[0]) {
			q.Args = append(q.Args, p[1])
			q.SQL = strings.ReplaceAll(q.SQL, p[0], "$"+strconv.Itoa(len(q.Args)))
		}
	}
	return stats.Ask(r.Context(), q)
}

func cut(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

func shownResult(l i18n.Lang, a stats.Answer, limit int) *QueryResult {
	out := &QueryResult{Heads: a.Columns, Count: i18n.T(l, "web.query.count", errs.A{"n": len(a.Rows)})}
	if a.More {
		out.Cut = i18n.T(l, "web.query.cut", errs.A{"n": limit})
	}
	for _, row := range a.Rows {
		cells := make([]QueryCell, len(row))
		for i, v := range row {
			cells[i] = QueryCell{Text: cut(cellText(v), 2000), Null: v == nil, Numeric: a.Columns[i].Numeric}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}

func cellText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func queryExport(a stats.Answer) export {
	e := export{name: "query"}
	for _, c := range a.Columns {
		e.head = append(e.head, c.Name)
	}
	e.rows = iter.Seq2[sheet.Row, error](func(yield func(sheet.Row, error) bool) {
		for _, row := range a.Rows {
			out := make(sheet.Row, len(row))
			for j, v := range row {
				switch v := v.(type) {
				case nil:
				case json.Number:
					out[j] = exact(v)
				default:
					out[j] = cellText(v)
				}
			}
			if !yield(out, nil) {
				return
			}
		}
	})
	return e
}

// exact is a number as a cell holds it without loss: a whole number, a real
// one, or text for one that is too long for either.
func exact(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	if f, err := n.Float64(); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == n.String() {
		return f
	}
	return n.String()
}
