package termbase

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Sort is the order of a list.
type Sort string

// The orders; each has the id as its last key.
const (
	SortZH     Sort = "zh" // by pinyin
	SortEN     Sort = "en"
	SortNewest Sort = "newest" // last changed first
)

// Filter selects terms. Empty fields select nothing away.
type Filter struct {
	Query  string // part of any form, in either language, folded
	Area   string
	State  State
	Origin Origin
	Sort   Sort   // "" is SortZH
	After  string // the cursor Next of the page before, "" for the first
	Limit  int    // 1 to 500; 0 is 50
}

// List is one page: its items, the cursor of the next page ("" when this is the
// last), and how many items all pages have.
type List struct {
	Items []Term `json:"items"`
	Next  string `json:"next,omitempty"`
	Total int64  `json:"total"`
}

const (
	defaultLimit = 50
	maxLimit     = 500
)

// orders gives the column of each order, and whether it runs down.
var orders = map[Sort]struct {
	column string
	down   bool
}{"": {"order_zh", false}, SortZH: {"order_zh", false}, SortEN: {"order_en", false}, SortNewest: {"updated_at", true}}

type cursor struct {
	Sort Sort   `json:"s"`
	Key  string `json:"k"`
	ID   string `json:"i"`
}

// List returns a page of terms.
func (s *Service) List(ctx context.Context, f Filter) (List, error) {
	var out List
	o, ok := orders[f.Sort]
	if !ok {
		return out, errs.New(errs.Invalid, "termbase.sort", errs.A{"sort": clip(string(f.Sort))})
	}
	where, args := f.where()
	var err error
	if out.Total, _, err = db.Value[int64](ctx, s.d, "SELECT COUNT(*) FROM term"+join(where), args...); err != nil {
		return out, err
	}
	direction, beyond := " ASC", ">"
	if o.down {
		direction, beyond = " DESC", "<"
	}
	if f.After != "" {
		c, err := decode(f.After, f.Sort)
		if err != nil {
			return out, err
		}
		n := len(args)
		where = append(where, fmt.Sprintf("(%s, id) %s ($%d, $%d)", o.column, beyond, n+1, n+2))
		args = append(args, c.Key, c.ID)
	}
	limit := f.limit()
	args = append(args, limit+1)
	keys := make([]string, 0, limit+1)
	err = db.Each(ctx, s.d, func(sc db.Scan) error {
		var key string
		t, err := scan(func(dest ...any) error { return sc(append(dest, &key)...) })
		out.Items, keys = append(out.Items, t), append(keys, key)
		return err
	}, "SELECT "+selected+", "+o.column+" AS sort_key FROM term"+join(where)+" ORDER BY "+o.column+direction+", id"+direction+" LIMIT $"+strconv.Itoa(len(args)), args...)
	if len(out.Items) > limit {
		out.Items = out.Items[:limit]
		out.Next = cursor{f.Sort, keys[limit-1], out.Items[limit-1].ID}.encode()
	}
	return out, err
}

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return defaultLimit
	}
	return min(f.Limit, maxLimit)
}

func (f *Filter) where() (parts []string, args []any) {
	add := func(condition string, value any) {
		args = append(args, value)
		parts = append(parts, condition+"$"+strconv.Itoa(len(args)))
	}
	if f.Query != "" {
		folded := fold.Name(f.Query)
		if folded == "" {
			return []string{"1 = 0"}, nil
		}
		add("folded LIKE ", "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(folded)+"%")
		parts[0] += ` ESCAPE '\'`
	}
	for _, c := range []struct{ column, value string }{{"area", f.Area}, {"state", string(f.State)}, {"origin", string(f.Origin)}} {
		if c.value != "" {
			add(c.column+" = ", strings.ToValidUTF8(strings.ReplaceAll(c.value, "\x00", ""), "�"))
		}
	}
	return parts, args
}

func join(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(parts, " AND ")
}

func (c cursor) encode() string {
	raw, _ := json.Marshal(c) // strings always marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decode reads a cursor that was made for the same order.
func decode(s string, sort Sort) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil && (c.Sort != sort || !utf8.ValidString(c.Key+c.ID) || strings.ContainsRune(c.Key+c.ID, 0)) {
		err = fmt.Errorf("a cursor of the order %q, used with %q", c.Sort, sort)
	}
	if err != nil {
		return c, errs.Wrap(err, errs.Invalid, "termbase.cursor")
	}
	return c, nil
}

// Counts are how many terms have each area, state and origin.
type Counts map[string]map[string]int64

// Counts counts the terms that a filter selects; its order and page mean
// nothing.
func (s *Service) Counts(ctx context.Context, f Filter) (Counts, error) {
	out := Counts{}
	where, args := f.where()
	for _, column := range []string{"area", "state", "origin"} {
		out[column] = map[string]int64{}
		err := db.Each(ctx, s.d, func(sc db.Scan) error {
			var value string
			var n int64
			err := sc(&value, &n)
			out[column][value] = n
			return err
		}, "SELECT "+column+", COUNT(*) FROM term"+join(where)+" GROUP BY "+column, args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
