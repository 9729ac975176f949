package termbase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
)

const columns = `id, zh, zh_key, en, also_zh, also_en, area, note, anchor, state, origin, source_id, batch_id, folded, order_zh, order_en, version, created_at, updated_at`

const selected = `id, zh, en, also_zh, also_en, area, note, anchor, state, origin, source_id, batch_id, version, created_at, updated_at`

func scan(s db.Scan) (Term, error) {
	var t Term
	var zh, en string
	if err := s(&t.ID, &t.ZH, &t.EN, &zh, &en, &t.Area, &t.Note, &t.Anchor, &t.State, &t.Origin, &t.SourceID, &t.BatchID, &t.Version, &t.CreatedAt, &t.UpdatedAt); err != nil {
		return t, err
	}
	if err := errors.Join(json.Unmarshal([]byte(zh), &t.AlsoZH), json.Unmarshal([]byte(en), &t.AlsoEN)); err != nil {
		return t, fmt.Errorf("term %s: %w", t.ID, err)
	}
	return t, nil
}

func (t *Term) values() []any {
	return []any{t.ID, t.ZH, fold.Name(t.ZH), t.EN, listText(t.AlsoZH), listText(t.AlsoEN), t.Area, t.Note, t.Anchor, string(t.State), string(t.Origin),
		t.SourceID, t.BatchID, t.folded(), fold.SortKey(t.ZH), fold.SortKey(t.EN), t.Version, t.CreatedAt, t.UpdatedAt}
}

// listText is a list as JSON, null for none.
func listText(list []string) string {
	raw, _ := json.Marshal(list) // strings always marshal
	return string(raw)
}

// part is how many values one SELECT asks for.
const part = 500

// load returns the terms that have one of the values in a column.
func load(ctx context.Context, q db.Querier, column string, values []string) ([]Term, error) {
	var out []Term
	for len(values) > 0 {
		n := min(part, len(values))
		found, err := db.Collect(ctx, q, scan, "SELECT "+selected+" FROM term WHERE "+column+" IN ("+db.In(1, n)+")", anys(values[:n])...)
		if err != nil {
			return nil, err
		}
		out, values = append(out, found...), values[n:]
	}
	return out, nil
}

// holders returns which active term holds each of the folded forms.
func holders(ctx context.Context, q db.Querier, forms []string) (map[string]string, error) {
	out := map[string]string{}
	for len(forms) > 0 {
		n := min(part, len(forms))
		err := db.Each(ctx, q, func(s db.Scan) error {
			var form, id string
			err := s(&form, &id)
			out[form] = id
			return err
		}, "SELECT form, term_id FROM term_form WHERE form IN ("+db.In(1, n)+")", anys(forms[:n])...)
		if err != nil {
			return nil, err
		}
		forms = forms[n:]
	}
	return out, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

const upsert = `ON CONFLICT (id) DO UPDATE SET zh = excluded.zh, zh_key = excluded.zh_key, en = excluded.en, also_zh = excluded.also_zh, also_en = excluded.also_en,
	area = excluded.area, note = excluded.note, anchor = excluded.anchor, state = excluded.state, origin = excluded.origin, source_id = excluded.source_id,
	batch_id = excluded.batch_id, folded = excluded.folded, order_zh = excluded.order_zh, order_en = excluded.order_en, version = excluded.version, updated_at = excluded.updated_at`

// store writes terms as they are now, with the forms that active ones hold.
func store(ctx context.Context, tx *db.Tx, terms []Term) error {
	var rows, forms [][]any
	for i := range terms {
		rows = append(rows, terms[i].values())
		if terms[i].Version > 1 {
			if _, err := tx.Exec(ctx, "DELETE FROM term_form WHERE term_id = $1", terms[i].ID); err != nil {
				return err
			}
		}
		if terms[i].State == Active {
			for _, f := range terms[i].forms() {
				forms = append(forms, []any{f, terms[i].ID})
			}
		}
	}
	if err := db.InsertMany(ctx, tx, "term("+columns+")", upsert, rows); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "term_form(form, term_id)", "", forms); err != nil {
		return err
	}
	return count(ctx, tx)
}

// remove deletes a term with its forms.
func remove(ctx context.Context, tx *db.Tx, id string) error {
	if _, err := tx.Exec(ctx, "DELETE FROM term_form WHERE term_id = $1", id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM term WHERE id = $1", id); err != nil {
		return err
	}
	return count(ctx, tx)
}

// count notes that terms have changed.
func count(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, "INSERT INTO term_count(one, changes) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET changes = term_count.changes + 1")
	return err
}

func changes(ctx context.Context, q db.Querier) (string, error) {
	n, _, err := db.Value[int64](ctx, q, "SELECT changes FROM term_count WHERE one = 1")
	return strconv.FormatInt(n, 10), err
}
