package db

import "strings"

// manyArgs is from how many arguments on a statement for SQLite is rewritten.
const manyArgs = 24

// positional rewrites a statement for SQLite from $1, $2, … to ? with the
// arguments in the order of appearance. To SQLite $1 is a name, and it searches
// the list of all names for each one: a statement of 10,000 arguments spends
// seconds there and a few milliseconds with ?. Statements with few arguments,
// and what it does not understand, stay as they are.
func positional(query string, args []any) (string, []any) {
	if len(args) < manyArgs {
		return query, args
	}
	var b strings.Builder
	b.Grow(len(query))
	out := make([]any, 0, len(args))
	quote := byte(0)
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?' || c == '-' && strings.HasPrefix(query[i:], "--"):
			return query, args
		case c == '$':
			n, end := 0, i+1
			for end < len(query) && query[end] >= '0' && query[end] <= '9' && n <= len(args) {
				n, end = n*10+int(query[end]-'0'), end+1
			}
			if n < 1 || n > len(args) {
				return query, args
			}
			out = append(out, args[n-1])
			b.WriteByte('?')
			i = end - 1
			continue
		}
		b.WriteByte(c)
	}
	if len(out) > maxParams {
		return query, args
	}
	return b.String(), out
}

// forEngine gives a statement the form in which its engine is quick.
func forEngine(e Engine, query string, args []any) (string, []any) {
	if e == SQLite {
		return positional(query, args)
	}
	return query, args
}
