package db

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositional(t *testing.T) {
	args := make([]any, manyArgs)
	for i := range args {
		args[i] = i + 1
	}
	for _, c := range []struct{ query, want, order string }{
		{"a IN ($1,$2) AND b = $24", "a IN (?,?) AND b = ?", "[1 2 24]"},
		{"a = $3 OR b = $3 AND c = $1", "a = ? OR b = ? AND c = ?", "[3 3 1]"},
		{"a = '$1''$2' AND \"$3\" = $4", "a = '$1''$2' AND \"$3\" = ?", "[4]"},
		{"a = $99", "a = $99", fmt.Sprint(args)},
		{"a = $1 AND b = ?", "a = $1 AND b = ?", fmt.Sprint(args)},
		{"a = $1 -- $2", "a = $1 -- $2", fmt.Sprint(args)},
	} {
		got, order := positional(c.query, args)
		if got != c.want || fmt.Sprint(order) != c.order {
			t.Errorf("%s: %s %v, want %s %s", c.query, got, order, c.want, c.order)
		}
	}
	if got, _ := positional("a = $1", args[:1]); got != "a = $1" {
		t.Errorf("a short statement was rewritten: %s", got)
	}
	text := insertText(Postgres, "t(a, b)", "", manyArgs/2, 2)
	got, order := positional(text, args)
	if strings.Contains(got, "$") || !cmp.Equal(order, args) {
		t.Errorf("%s %v", got, order)
	}
}
