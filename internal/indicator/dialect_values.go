package indicator

import (
	"database/sql"
	"fmt"
)

// ValuesStatement is the question that [Values] asks of the tables that the
// statements of a spec have made, in the words of a dialect.
func ValuesStatement(spec Spec, d Dialect) (Statement, error) {
	spec, err := spec.complete()
	if err != nil {
		return Statement{}, err
	}
	s := valuesStatement(&spec)
	s.SQL = d.Rewrite(s.SQL)
	return s, nil
}

// ValueOf reads one row of the answer to [ValuesStatement] that came through
// another client than database/sql: strings, int64 and float64, nil for NULL.
func ValueOf(row []any) (Value, error) {
	return scanValue(func(dest ...any) error {
		if len(dest) != len(row) {
			return fmt.Errorf("%d columns, want %d", len(row), len(dest))
		}
		for i, d := range dest {
			if err := assign(d, row[i]); err != nil {
				return fmt.Errorf("column %d: %w", i+1, err)
			}
		}
		return nil
	})
}

// assign converts as database/sql does.
func assign(dest, v any) error {
	switch d := dest.(type) {
	case sql.Scanner:
		return d.Scan(v)
	case *string:
		return into(d, v)
	case *int:
		return into(d, v)
	case *int64:
		return into(d, v)
	case *float64:
		return into(d, v)
	}
	return fmt.Errorf("a %T cannot be read", dest)
}

func into[T any](dest *T, v any) error {
	var n sql.Null[T]
	if err := n.Scan(v); err != nil {
		return err
	}
	if !n.Valid {
		return fmt.Errorf("NULL where a %T must be", *dest)
	}
	*dest = n.V
	return nil
}

// Names are the names of all indicators, in the order of a wide table.
func Names() []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.name
	}
	return out
}
