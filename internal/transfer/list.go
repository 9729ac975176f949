package transfer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// order is what a list is ordered by, before the id.
type order struct {
	column string
	down   bool
}

var orders = map[registry.Sort]order{
	"":                  {"listed_on", true},
	SortListed:          {"listed_on", true},
	SortExpires:         {"expires_on", false},
	registry.SortNewest: {"updated_at", true},
	registry.SortName:   {"order_zh", false},
	registry.SortNameEN: {"order_en", false},
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
func decodeCursor(s, sort string) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err == nil && (c.Sort != sort || !storable(c.Key) || !storable(c.ID)) {
		err = fmt.Errorf("cursor of order %q used with %q", c.Sort, sort)
	}
	if err != nil {
		return c, errs.Wrap(err, errs.Invalid, "transfer.cursor")
	}
	return c, nil
}

// list reads one page of a kind. w holds the guard.
func list[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], v level.Viewer, w where, sort registry.Sort, page registry.Page) (registry.List[T], error) {
	var out registry.List[T]
	o, ok := orders[sort]
	if !ok {
		return out, errs.New(errs.Invalid, "transfer.sort", errs.A{"sort": clip(string(sort))})
	}
	var err error
	if out.Total, _, err = db.Value[int64](ctx, s.d, "SELECT COUNT(*) FROM "+t.word+" t"+w.String(), w.args...); err != nil {
		return out, err
	}
	ids, next, err := keys(ctx, s.d, t.word, w, o, page)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	rows, err := view[T, P](ctx, s, t, v, ids)
	for _, id := range ids {
		if row, ok := rows[id]; ok { // one may have gone since
			out.Items = append(out.Items, row)
		}
	}
	out.Next = next
	return out, err
}

// keys returns the ids of a page and the cursor of the next one.
func keys(ctx context.Context, q db.Querier, table string, w where, o order, page registry.Page) (ids []string, next string, err error) {
	limit := page.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	direction, beyond := "", ">"
	if o.down {
		direction, beyond = " DESC", "<"
	}
	if page.After != "" {
		c, err := decodeCursor(page.After, o.column)
		if err != nil {
			return nil, "", err
		}
		w.add("(t."+o.column+", t.id) "+beyond+" (?, ?)", c.Key, c.ID)
	}
	rows, err := db.Collect(ctx, q, func(s db.Scan) (cursor, error) {
		c := cursor{Sort: o.column}
		err := s(&c.ID, &c.Key)
		return c, err
	}, "SELECT t.id, t."+o.column+" FROM "+table+" t"+w.String()+" ORDER BY t."+o.column+direction+", t.id"+direction+" LIMIT "+strconv.Itoa(limit+1), w.args...)
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].encode()
	}
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids, next, err
}

// one reads a record that the viewer reads.
func one[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], v level.Viewer, id string) (T, error) {
	rows, err := view[T, P](ctx, s, t, v, []string{id})
	row, ok := rows[id]
	if err == nil && !ok {
		err = notFound(id)
	}
	return row, err
}

// view reads the records among ids that the viewer reads, as they are shown:
// with the owner's name, and the level at which each is really open.
func view[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], v level.Viewer, ids []string) (map[string]T, error) {
	open, err := s.Visible(ctx, v, t.word, ids)
	if err != nil {
		return nil, err
	}
	return shown[T, P](ctx, s, t, sorted(open))
}

// shown reads records with what is only shown, without asking who reads.
func shown[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], ids []string) (map[string]T, error) {
	rows, err := t.load(ctx, s.d, ids)
	if err != nil {
		return nil, err
	}
	private, err := privateSources(ctx, s.d)
	if err != nil {
		return nil, err
	}
	var ends []string
	for id := range rows {
		row := rows[id]
		ends = append(ends, P(&row).ends()...)
	}
	named, err := s.reg.Refs(ctx, ends)
	for id := range rows {
		row := rows[id]
		c := P(&row).common()
		rank := c.rank()
		if private[c.SourceID] {
			rank = max(rank, level.Internal.Rank())
		}
		c.Open = level.Levels[rank]
		P(&row).name(named)
		rows[id] = row
	}
	return rows, err
}

// privateSources are the sources tagged R.
func privateSources(ctx context.Context, q db.Querier) (map[string]bool, error) {
	ids, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM source WHERE licence_tag = 'R'")
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

func refTo(named map[string]registry.Ref, id string) *registry.Ref {
	if r, ok := named[id]; ok {
		return &r
	}
	return nil
}

// ends are the records of the registry that a row names.
func (c *Common) ends() []string { return []string{c.OwnerID} }

func (c *Common) name(named map[string]registry.Ref) { c.Owner = refTo(named, c.OwnerID) }

func (o *Offering) ends() []string { return []string{o.OwnerID, o.PlatformID} }

func (o *Offering) name(named map[string]registry.Ref) {
	o.Common.name(named)
	o.Platform = refTo(named, o.PlatformID)
}
