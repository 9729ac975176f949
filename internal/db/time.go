package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Time is an instant in a TEXT column: fixed-width UTC with microseconds, so
// that text order is time order on both engines. The zero Time is NULL.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000000Z"

// At returns t as a column value.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Microsecond)} }

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UTC().Format(timeLayout), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = Time{}
		return nil
	case string:
		p, err := time.Parse(timeLayout, v)
		*t = Time{p}
		return err
	case []byte:
		return t.Scan(string(v))
	}
	return fmt.Errorf("db.Time: cannot scan %T", src)
}
