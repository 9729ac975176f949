package transfer

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// shelf is what the one way of writing needs to know of a kind of record. Its
// word is also the name of its table.
type shelf[T any] struct {
	word    string
	columns string         // its own, beside those that all kinds have
	values  func(*T) []any // of these columns
	facets  func(*T) []facet
}

// facet is one value of a field that may have several.
type facet struct{ field, value string }

var results = &shelf[Result]{
	word:    KindResult,
	columns: "type, stage, trl, trl_scale, price_min, price_max",
	values: func(r *Result) []any {
		var trl any
		scale := ""
		if t := Current(r.Maturity); t != nil {
			trl, scale = t.Level, string(t.Scale)
		}
		return []any{string(r.Type), string(r.Stage), trl, scale, amount(r.Price.Min), amount(r.Price.Max)}
	},
	facets: func(r *Result) []facet {
		out := facetsOf("form", texts(r.Forms))
		for _, v := range r.Rights {
			out = append(out, facet{"right", string(v.Kind)})
		}
		return out
	},
}

var needs = &shelf[Need]{
	word:    KindNeed,
	columns: "kind, trl_min, trl_scale, budget_min, budget_max, prize, deadline",
	values: func(n *Need) []any {
		c := n.Constraints
		var trl any
		if c.TRLMin > 0 {
			trl = c.TRLMin
		}
		return []any{string(n.Kind), trl, string(c.TRLScale), amount(c.BudgetMin), amount(c.BudgetMax), amount(n.Prize), n.Deadline}
	},
	facets: func(n *Need) []facet {
		return slices.Concat(facetsOf("form", texts(n.Constraints.Forms)), facetsOf("region", n.Constraints.Regions))
	},
}

var services = &shelf[Offering]{
	word:    KindService,
	columns: "kind, platform_id",
	values:  func(o *Offering) []any { return []any{string(o.Kind), null(o.PlatformID)} },
	facets:  func(*Offering) []facet { return nil },
}

const commonColumns = "id, key, title_zh, title_en, folded, order_zh, order_en, owner_id, division, status, level, level_rank, listed_on, expires_on, source_id, batch_id, version, created_by, created_at, updated_by, updated_at, body"

// load reads whole records by id.
func (t *shelf[T]) load(ctx context.Context, q db.Querier, ids []string) (map[string]T, error) {
	out := make(map[string]T, min(len(ids), putStep))
	for part := range parts(ids) {
		err := db.Each(ctx, q, func(s db.Scan) error {
			row, id, err := t.scan(s)
			out[id] = row
			return err
		}, "SELECT id, batch_id, version, created_by, created_at, updated_by, updated_at, body FROM "+t.word+" WHERE id IN ("+db.In(1, len(part))+")", part...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *shelf[T]) scan(s db.Scan) (row T, id string, err error) {
	var c Common
	var body string
	if err := s(&c.ID, &c.BatchID, &c.Version, &c.CreatedBy, &c.CreatedAt, &c.UpdatedBy, &c.UpdatedAt, &body); err != nil {
		return row, "", err
	}
	if err := json.Unmarshal([]byte(body), &row); err != nil {
		return row, "", err
	}
	to := any(&row).(interface{ common() *Common }).common()
	to.BatchID, to.Version, to.CreatedBy, to.CreatedAt, to.UpdatedBy, to.UpdatedAt = c.BatchID, c.Version, c.CreatedBy, c.CreatedAt, c.UpdatedBy, c.UpdatedAt
	return row, c.ID, nil
}

// write stores records with all that is derived from them. Records that are
// new come without a conflict clause: one that stands already is a failure.
func write[T any, P record[T]](ctx context.Context, tx *db.Tx, t *shelf[T], rows []T, conflict string) error {
	if len(rows) == 0 {
		return nil
	}
	w := written{word: t.word}
	for i := range rows {
		row := rows[i]
		c := *P(&row).common()
		bare[T, P](&row)
		body, err := json.Marshal(row)
		if err != nil {
			return err
		}
		w.rows = append(w.rows, append(commonValues(&c, string(body)), t.values(&row)...))
		w.derive(c.ID, c.Title, c.Allowed(), slices.Concat(t.facets(&row), codeFacets(&c.Fields)))
	}
	if err := db.InsertMany(ctx, tx, t.word+"("+commonColumns+", "+t.columns+")", conflict, w.rows); err != nil {
		return err
	}
	return w.store(ctx, tx)
}

func commonValues(c *Common, body string) []any {
	return []any{c.ID, c.Key, c.Title.ZH, c.Title.EN, foldedTitle(c.Title), orderKey(c.Title.In(i18n.ZH)), orderKey(c.Title.In(i18n.EN)), null(c.OwnerID), c.Division,
		string(c.Status), string(c.Level), c.rank(), c.ListedOn, c.ExpiresOn, c.SourceID, c.BatchID, c.Version, c.CreatedBy, c.CreatedAt, c.UpdatedBy, c.UpdatedAt, body}
}

// written are the rows of a write: the records' own, and those derived of them.
type written struct {
	word                         string
	ids                          []string
	rows, readers, facets, bands [][]any
}

func (w *written) derive(id string, title i18n.Text, readers []string, facets []facet) {
	w.ids = append(w.ids, id)
	for _, user := range readers {
		w.readers = append(w.readers, []any{w.word, id, user})
	}
	for _, f := range facets {
		w.facets = append(w.facets, []any{w.word, id, f.field, f.value})
	}
	w.bands = append(w.bands, bandRows(w.word, id, title)...)
}

// store replaces what is derived.
func (w *written) store(ctx context.Context, tx *db.Tx) error {
	if err := removeDerived(ctx, tx, w.word, w.ids); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "record_reader(kind, record_id, user_id)", "", w.readers); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "record_facet(kind, record_id, field, value)", "ON CONFLICT DO NOTHING", w.facets); err != nil {
		return err
	}
	return db.InsertMany(ctx, tx, "record_band(kind, record_id, band, hash)", "", w.bands)
}

func remove[T any, P record[T]](ctx context.Context, tx *db.Tx, t *shelf[T], rows []T) error {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = P(&rows[i]).common().ID
	}
	if err := removeDerived(ctx, tx, t.word, ids); err != nil {
		return err
	}
	return execIn(ctx, tx, "DELETE FROM "+t.word+" WHERE id IN", ids)
}

func removeDerived(ctx context.Context, tx *db.Tx, word string, ids []string) error {
	for _, table := range []string{"record_reader", "record_facet", "record_band"} {
		if err := execIn(ctx, tx, "DELETE FROM "+table+" WHERE kind = '"+word+"' AND record_id IN", ids); err != nil {
			return err
		}
	}
	return nil
}

// codeFacets are the codes of a record's fields, whole for filters and cut
// short for counts: subclass and section of IPC, division (大类) and section of
// GB/T 4754.
func codeFacets(v *Fields) []facet {
	out := slices.Concat(facetsOf("ipc", v.IPC), facetsOf("industry", v.Industry))
	for _, code := range v.IPC {
		out = append(out, facet{"subclass", code[:min(len(code), 4)]}, facet{"section", code[:1]})
	}
	for _, code := range v.Industry {
		out = append(out, facet{"major", code[:min(len(code), 3)]}, facet{"sector", code[:1]})
	}
	return out
}

func facetsOf(field string, values []string) []facet {
	out := make([]facet, len(values))
	for i, v := range values {
		out[i] = facet{field, v}
	}
	return out
}

// foldedTitle is what titles are searched and compared by, both languages.
func foldedTitle(t i18n.Text) string {
	zh, en := fold.Name(t.ZH), fold.Name(t.EN)
	if zh == "" || en == "" || zh == en {
		return strings.TrimSpace(zh + en)
	}
	return zh + "\n" + en
}

// orderKey is fold.SortKey written with 0-9 and a-z only, in the same order: a
// PostgreSQL collation may skip blanks and symbols, but none reorders these.
func orderKey(s string) string {
	key := fold.SortKey(s)
	var b strings.Builder
	for i := 0; i < len(key) && b.Len() < 160; i++ {
		switch c := key[i]; c {
		case ' ':
			b.WriteString("00")
		case '0':
			b.WriteString("01")
		case 'z':
			b.WriteString("zy")
		case '~':
			b.WriteString("zz")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// amount is the column value of an amount that may be unknown.
func amount(v *money.Fen) any {
	if v == nil {
		return nil
	}
	return int64(*v)
}

// null is the column value of a reference that may be absent.
func null(id string) any {
	if id == "" {
		return nil
	}
	return id
}

// parts yields ids as arguments of one statement each.
func parts(ids []string) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for part := range slices.Chunk(ids, putStep) {
			if !yield(anys(part)) {
				return
			}
		}
	}
}

// execIn runs a statement with a list of ids, as many times as the engine's
// limit on parameters asks for. It ends where the list stands: "… IN".
func execIn(ctx context.Context, tx *db.Tx, query string, ids []string) error {
	for args := range parts(ids) {
		if _, err := tx.Exec(ctx, query+" ("+db.In(1, len(args))+")", args...); err != nil {
			return err
		}
	}
	return nil
}

// assignments writes "a = excluded.a, b = excluded.b" for all columns but id.
func assignments(columns string) string {
	var out []string
	for c := range strings.SplitSeq(columns, ", ") {
		if c != "id" {
			out = append(out, c+" = excluded."+c)
		}
	}
	return strings.Join(out, ", ")
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
