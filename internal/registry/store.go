package registry

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
)

// chunks yields the keys of ids as arguments of one statement each, in order.
func chunks[V any](ids map[string]V) iter.Seq[[]any] {
	return parts(slices.Sorted(maps.Keys(ids)))
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

// eachIn runs a query with a list of ids, as many times as the engine's limit
// on parameters asks for. The query ends where the list stands: "… IN".
func eachIn(ctx context.Context, q db.Querier, query, tail string, ids []string, fn func(db.Scan) error) error {
	for args := range parts(ids) {
		if err := db.Each(ctx, q, fn, query+" ("+db.In(1, len(args))+") "+tail, args...); err != nil {
			return err
		}
	}
	return nil
}

// execIn runs a statement with a list of ids, as eachIn does.
func execIn(ctx context.Context, tx *db.Tx, query string, ids []string) error {
	for args := range parts(ids) {
		if _, err := tx.Exec(ctx, query+" ("+db.In(1, len(args))+")", args...); err != nil {
			return err
		}
	}
	return nil
}

// deleteRows deletes rows by the values of several columns.
func deleteRows(ctx context.Context, tx *db.Tx, name, columns string, n int, values func(i int) []string) error {
	const step = 500
	for from := 0; from < n; from += step {
		var w where
		var args []any
		var marks []string
		for i := from; i < min(from+step, n); i++ {
			args = append(args, anys(values(i))...)
			marks = append(marks, "("+blanks(len(values(i)))+")")
		}
		w.add("("+columns+") IN (VALUES "+strings.Join(marks, ",")+")", args...)
		if _, err := tx.Exec(ctx, "DELETE FROM "+name+w.String(), w.args...); err != nil {
			return err
		}
	}
	return nil
}

// textRows makes the rows of InsertMany.
func textRows(n int, values func(i int) []string) [][]any {
	out := make([][]any, n)
	for i := range n {
		out[i] = anys(values(i))
	}
	return out
}

// idsOf returns the ids of records.
func idsOf[T any, P record[T]](rows []T) []string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = *P(&rows[i]).meta().id
	}
	return ids
}

// loadIn reads whole rows by id.
func loadIn[T any](ctx context.Context, q db.Querier, query string, ids []string, scan func(db.Scan) (string, T, error)) (map[string]T, error) {
	out := make(map[string]T, min(len(ids), putStep))
	err := eachIn(ctx, q, query, "", ids, func(s db.Scan) error {
		id, v, err := scan(s)
		out[id] = v
		return err
	})
	return out, err
}

// titled is what is derived from the names of a record for lists.
type titled struct{ zh, en, folded, orderZH, orderEN, json string }

func titledOf(names []Name) (titled, error) {
	t := display(names)
	raw, err := json.Marshal(names)
	keys := make([]string, len(names))
	for i, n := range names {
		keys[i] = fold.Name(n.Text)
	}
	return titled{t.ZH, t.EN, strings.Join(keys, "\n"), orderKey(t.In("zh-CN")), orderKey(t.In("en")), string(raw)}, err
}

// null is the column value of a reference that may be absent.
func null(id string) any {
	if id == "" {
		return nil
	}
	return id
}

// pattern is the LIKE pattern for a folded text, to be used with ESCAPE '\'.
// Folded texts have no case, so the engines agree.
func pattern(query string, prefix bool) string {
	p := likeText(fold.Name(query)) + "%"
	if !prefix {
		p = "%" + p
	}
	return p
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// likeText is a text that stands for itself in a LIKE pattern.
func likeText(s string) string { return likeEscapes.Replace(s) }

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

// upsert writes whole rows, new or changed.
func upsert(ctx context.Context, tx *db.Tx, name, columns string, rows [][]any) error {
	return db.InsertMany(ctx, tx, name+"("+columns+")", "ON CONFLICT (id) DO UPDATE SET "+assignments(columns), rows)
}
