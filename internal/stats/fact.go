package stats

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a column.
type Type string

// The types, by the names that DuckDB and PostgreSQL share.
const (
	Text Type = "VARCHAR"
	Int  Type = "BIGINT"
	Real Type = "DOUBLE"
	Bool Type = "BOOLEAN"
	Date Type = "DATE" // read from ISO text; "" is NULL
)

// Column is one column of a fact.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Fact is a table of facts. Query is operational SQL in the portable subset
// that returns the columns in their order; its own order does not matter.
// Kinds are the words of the change log that touch it.
type Fact struct {
	Name    string
	Columns []Column
	Kinds   []string
	Query   string
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (f *Fact) check() error {
	if !plainName.MatchString(f.Name) || len(f.Columns) == 0 || f.Query == "" {
		return fmt.Errorf("fact %q: needs a plain name, columns and a query", f.Name)
	}
	seen := map[string]bool{}
	for _, c := range f.Columns {
		if !plainName.MatchString(c.Name) || seen[c.Name] {
			return fmt.Errorf("fact %s: column %q is no plain name or stands twice", f.Name, c.Name)
		}
		seen[c.Name] = true
		if _, known := holders[c.Type]; !known {
			return fmt.Errorf("fact %s: column %s has the unknown type %q", f.Name, c.Name, c.Type)
		}
	}
	return nil
}

// definition is a hash of what makes the rows: a fact whose definition has
// changed is written anew whatever the log says.
func (f *Fact) definition() string {
	sum := sha256.Sum256([]byte(fmt.Sprint(f.Name, f.Columns, f.Query)))
	return hex.EncodeToString(sum[:8])
}

// list writes the columns for SQL, with their types when typed.
func (f *Fact) list(typed bool) string {
	parts := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		parts[i] = `"` + c.Name + `"`
		if typed {
			parts[i] += " " + string(c.Type)
		}
	}
	return strings.Join(parts, ", ")
}

// holder receives one column of an operational row and gives it to DuckDB.
type holder interface {
	sql.Scanner
	value() (driver.Value, error)
}

var holders = map[Type]func() holder{
	Text: func() holder { return &textHolder{} },
	Int:  func() holder { return &intHolder{} },
	Real: func() holder { return &realHolder{} },
	Bool: func() holder { return &boolHolder{} },
	Date: func() holder { return &dateHolder{} },
}

type (
	textHolder struct{ sql.NullString }
	intHolder  struct{ sql.NullInt64 }
	realHolder struct{ sql.NullFloat64 }
	boolHolder struct{ sql.NullBool }
	dateHolder struct{ sql.NullString }
)

func (h *textHolder) value() (driver.Value, error) { return h.Value() }
func (h *intHolder) value() (driver.Value, error)  { return h.Value() }
func (h *realHolder) value() (driver.Value, error) { return h.Value() }
func (h *boolHolder) value() (driver.Value, error) { return h.Value() }

func (h *dateHolder) value() (driver.Value, error) {
	if h.String == "" {
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, h.String)
	if err != nil {
		return nil, fmt.Errorf("%s is no ISO day", strconv.Quote(h.String))
	}
	return day, nil
}
