package capital

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
)

var commonColumns = []string{"id", "key", "org_id", "company", "company_key", "folded", "day", "unit", "bound", "amount", "high", "fen",
	"level", "level_rank", "source_id", "batch_id", "version", "created_by", "created_at", "updated_by", "updated_at", "body"}

func (r *Register[T]) all() []string { return slices.Concat(commonColumns, r.columns) }
func (r *Register[T]) table() string { return "capital_" + r.word }
func (r *Register[T]) from() string  { return r.table() + " t JOIN source x ON x.id = t.source_id" }

// read reads whole records. rest follows the tables: conditions, order, limit.
func (r *Register[T]) read(ctx context.Context, q db.Querier, rest string, args []any) ([]T, error) {
	return db.Collect(ctx, q, func(s db.Scan) (T, error) {
		var row T
		var c Common
		var body string
		if err := s(&body, &c.BatchID, &c.Version, &c.CreatedBy, &c.CreatedAt, &c.UpdatedBy, &c.UpdatedAt, &c.Simulated); err != nil {
			return row, err
		}
		if err := json.Unmarshal([]byte(body), &row); err != nil {
			return row, err
		}
		to := of(&row).common()
		to.BatchID, to.Version, to.Simulated = c.BatchID, c.Version, c.Simulated
		to.CreatedBy, to.CreatedAt, to.UpdatedBy, to.UpdatedAt = c.CreatedBy, c.CreatedAt, c.UpdatedBy, c.UpdatedAt
		return row, nil
	}, "SELECT t.body, t.batch_id, t.version, t.created_by, t.created_at, t.updated_by, t.updated_at, x.simulated FROM "+r.from()+rest, args...)
}

func removeSides(ctx context.Context, tx *db.Tx, word string, ids []string) error {
	for part := range slices.Chunk(ids, putStep) {
		var w where
		w.add("kind = ?", word)
		w.in("record_id", part)
		if _, err := tx.Exec(ctx, "DELETE FROM capital_party"+w.String(), w.args...); err != nil {
			return err
		}
	}
	return nil
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

// guard adds the one condition under which a viewer sees a record t with its
// source x; every read of this room goes through it.
func guard(w *where, v level.Viewer) {
	open := "t.level_rank <= ?"
	if v.Rank() < level.Internal.Rank() {
		open += " AND x.licence_tag <> 'R'"
	}
	if v.User == "" {
		w.add("("+open+")", v.Rank())
		return
	}
	w.add("(("+open+") OR t.created_by = ?)", v.Rank(), v.User)
}

// where collects the conditions of a query, written with ? for each value; they
// come from this package, never from a reader.
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
	switch {
	case value == "":
	case storable(value):
		w.add(column+" = ?", value)
	default:
		w.add("1 = 0")
	}
}

// in adds a condition that a column has one of the values; none selects nothing.
func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		w.add("1 = 0")
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	w.add(column+" IN ("+strings.TrimSuffix(strings.Repeat("?,", len(values)), ",")+")", args...)
}

// query adds a condition on folded text; a query without a letter or digit
// selects nothing.
func (w *where) query(column, text string) {
	if text == "" {
		return
	}
	name := fold.Name(text)
	if name == "" || !storable(name) {
		w.add("1 = 0")
		return
	}
	w.add(column+` LIKE ? ESCAPE '\'`, "%"+likeEscapes.Replace(name)+"%")
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func (w *where) String() string { return " WHERE " + strings.Join(w.parts, " AND ") }

// null is the column value of a reference that may be absent.
func null(id string) any {
	if id == "" {
		return nil
	}
	return id
}

// assignments writes "a = excluded.a, b = excluded.b" for all columns but id.
func assignments(columns []string) string {
	var out []string
	for _, c := range columns {
		if c != "id" {
			out = append(out, c+" = excluded."+c)
		}
	}
	return strings.Join(out, ", ")
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
