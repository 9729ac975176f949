package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// where collects the conditions of a query. Conditions are written with ? for
// each value; they come from this package, never from a reader.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(condition string, args ...any) {
	var b strings.Builder
	for _, a := range args {
		before, after, _ := strings.Cut(condition, "?")
		w.args = append(w.args, a)
		b.WriteString(before + "$" + strconv.Itoa(len(w.args)))
		condition = after
	}
	w.parts = append(w.parts, b.String()+condition)
}

// equal adds a condition unless the value is empty.
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

// in adds a condition that a column has one of the values; no value selects
// nothing.
func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		w.add("1 = 0")
		return
	}
	w.add(column+" IN ("+blanks(len(values))+")", anys(values)...)
}

// blanks writes n question marks for add.
func blanks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

// below adds a condition that a column holds the code of a division or of one
// that lies in it.
func (w *where) below(column, code string) {
	if code != "" {
		prefix := area(code)
		w.add("substr("+column+", 1, "+strconv.Itoa(len(prefix))+") = ?", prefix)
	}
}

// query adds a condition on folded text; a query without a letter or digit
// selects nothing.
func (w *where) query(column, text string, prefix bool) {
	if text == "" {
		return
	}
	if fold.Name(text) == "" {
		w.add("1 = 0")
		return
	}
	w.add(column+` LIKE ? ESCAPE '\'`, pattern(text, prefix))
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// order is what a list is ordered by, before the id.
type order struct {
	column string
	down   bool
}

// orders gives the column of each order a list has.
type orders map[Sort]order

var namedOrders = orders{
	"":         {column: "order_zh"},
	SortName:   {column: "order_zh"},
	SortNameEN: {column: "order_en"},
	SortNewest: {column: "updated_at", down: true},
}

// cursor is where a page ended. It is opaque to readers.
type cursor struct {
	Sort string `json:"s"`
	Key  string `json:"k"`
	ID   string `json:"i"`
}

func (c cursor) encode() string {
	raw, _ := json.Marshal(c) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor reads a cursor that was made for the same order.
func decodeCursor(s string, o order) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil && c.Sort != o.column {
		err = fmt.Errorf("cursor of order %q used with %q", c.Sort, o.column)
	}
	if err != nil {
		return c, errs.Wrap(err, errs.Invalid, "registry.cursor")
	}
	return c, nil
}

// listing is one list: a table, its conditions and orders, and how its items
// are read.
type listing[T any] struct {
	table  string
	where  where
	orders orders
	sort   Sort
	page   Page
	load   func(ctx context.Context, q db.Querier, ids []string) (map[string]T, error)
}

func (l *listing[T]) read(ctx context.Context, q db.Querier) (List[T], error) {
	var out List[T]
	o, ok := l.orders[l.sort]
	if !ok {
		return out, errs.New(errs.Invalid, "registry.sort", errs.A{"sort": string(l.sort)})
	}
	var err error
	if out.Total, _, err = db.Value[int64](ctx, q, "SELECT COUNT(*) FROM "+l.table+l.where.String(), l.where.args...); err != nil {
		return out, err
	}
	ids, next, err := l.keys(ctx, q, o)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	rows, err := l.load(ctx, q, ids)
	for _, id := range ids {
		if row, ok := rows[id]; ok { // one may have gone since
			out.Items = append(out.Items, row)
		}
	}
	out.Next = next
	return out, err
}

// keys returns the ids of the page and the cursor of the next one.
func (l *listing[T]) keys(ctx context.Context, q db.Querier, o order) (ids []string, next string, err error) {
	limit := l.page.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	w := where{parts: l.where.parts, args: l.where.args}
	direction, beyond := "", ">"
	if o.down {
		direction, beyond = " DESC", "<"
	}
	if l.page.After != "" {
		c, err := decodeCursor(l.page.After, o)
		if err != nil {
			return nil, "", err
		}
		w.add("("+o.column+", id) "+beyond+" (?, ?)", c.Key, c.ID)
	}
	rows, err := db.Collect(ctx, q, func(s db.Scan) (cursor, error) {
		c := cursor{Sort: o.column}
		err := s(&c.ID, &c.Key)
		return c, err
	}, "SELECT id, "+o.column+" FROM "+l.table+w.String()+" ORDER BY "+o.column+direction+", id"+direction+" LIMIT "+strconv.Itoa(limit+1), w.args...)
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].encode()
	}
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids, next, err
}

// count counts the values of a column, the most frequent first.
func count(ctx context.Context, q db.Querier, table, column string, w where) ([]Facet, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Facet, error) {
		var f Facet
		err := s(&f.Value, &f.Count)
		return f, err
	}, "SELECT "+column+", COUNT(*) FROM "+table+w.String()+" GROUP BY "+column+" ORDER BY COUNT(*) DESC, "+column, w.args...)
}
