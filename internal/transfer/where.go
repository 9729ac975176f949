package transfer

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
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
	switch {
	case value == "":
	case storable(value):
		w.add(column+" = ?", value)
	default:
		w.add("1 = 0")
	}
}

// storable reports whether both engines take a text as a value: PostgreSQL
// refuses broken UTF-8 and NUL with an error that is not the reader's.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// in adds a condition that a column has one of the values; none selects nothing.
func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		w.add("1 = 0")
		return
	}
	w.add(column+" IN ("+blanks(len(values))+")", anys(values)...)
}

// below adds a condition that a column holds the code of a division or of one
// that lies in it.
func (w *where) below(column, code string) {
	if code == "" {
		return
	}
	if !storable(code) {
		w.add("1 = 0")
		return
	}
	prefix := strings.TrimSuffix(strings.TrimSuffix(code, "00"), "00")
	w.add("substr("+column+", 1, "+strconv.Itoa(len(prefix))+") = ?", prefix)
}

// query adds a condition on folded text; a query without a letter or digit
// selects nothing.
func (w *where) query(column, text string) {
	if text == "" {
		return
	}
	folded := fold.Name(text)
	if folded == "" {
		w.add("1 = 0")
		return
	}
	w.add(column+` LIKE ? ESCAPE '\'`, "%"+likeEscapes.Replace(folded)+"%")
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// holds adds a condition on a field that may have several values.
func (w *where) holds(word, field, value string) {
	switch {
	case value == "":
	case storable(value):
		w.add("t.id IN (SELECT f.record_id FROM record_facet f WHERE f.kind = ? AND f.field = ? AND f.value = ?)", word, field, value)
	default:
		w.add("1 = 0")
	}
}

// code adds a condition that a field holds a code or one below it. What is no
// code selects nothing.
func (w *where) code(word, field, value string, parse func(string) (string, error)) {
	if value == "" {
		return
	}
	kept, err := parse(value)
	if err != nil {
		w.add("1 = 0")
		return
	}
	w.add("t.id IN (SELECT f.record_id FROM record_facet f WHERE f.kind = ? AND f.field = ? AND substr(f.value, 1, "+strconv.Itoa(len(kept))+") = ?)", word, field, kept)
}

func (w *where) and() string { return strings.Join(w.parts, " AND ") }

func (w *where) or() string { return "(" + strings.Join(w.parts, " OR ") + ")" }

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + w.and()
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
