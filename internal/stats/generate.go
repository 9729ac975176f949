package stats

import (
	"errors"
	"fmt"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Appender adds rows to a table of an [Engine].
type Appender = duckdb.Appender

// IsEngineError reports whether err is DuckDB's own word: of a file that it
// cannot read, or of SQL that it cannot run.
func IsEngineError(err error) bool {
	var failed *duckdb.Error
	return errors.As(err, &failed)
}

// Producer fills one row and returns true, or returns false when there are no
// more.
type Producer func(*Cells) bool

// Cells is the row being filled. Each row sets each column once, in the order
// of the columns.
type Cells struct {
	chunk duckdb.DataChunk
	row   int
	col   int
	err   error
}

func set[T any](c *Cells, v T) {
	if err := duckdb.SetChunkValue(c.chunk, c.col, c.row, v); err != nil && c.err == nil {
		c.err = err
	}
	c.col++
}

// Whole sets a whole number.
func (c *Cells) Whole(v int64) { set(c, v) }

// Real sets a real number.
func (c *Cells) Real(v float64) { set(c, v) }

// Yes sets a truth value.
func (c *Cells) Yes(v bool) { set(c, v) }

// Date sets a day.
func (c *Cells) Date(v time.Time) { set(c, v) }

// Null sets what is unknown.
func (c *Cells) Null() { set[any](c, nil) }

// Number sets a whole number, NULL when it is not known.
func (c *Cells) Number(v int64, known bool) {
	if known {
		c.Whole(v)
	} else {
		c.Null()
	}
}

// Text sets a text, NULL when empty.
func (c *Cells) Text(v string) {
	if v == "" {
		c.Null()
		return
	}
	set(c, v)
}

var columnTypes = map[Type]duckdb.Type{
	Text: duckdb.TYPE_VARCHAR, Int: duckdb.TYPE_BIGINT, Real: duckdb.TYPE_DOUBLE, Bool: duckdb.TYPE_BOOLEAN, Date: duckdb.TYPE_DATE,
}

// Generate gives SQL a table function without arguments: rows that Go makes as
// they are read, without a table in between. One thread reads it, so the rows
// keep their order. The name stays taken until [Engine.Close].
func (e *Engine) Generate(name string, columns []Column, next Producer) error {
	infos := make([]duckdb.ColumnInfo, len(columns))
	for i, c := range columns {
		info, err := duckdb.NewTypeInfo(columnTypes[c.Type])
		if err != nil {
			return err
		}
		infos[i] = duckdb.ColumnInfo{Name: c.Name, T: info}
	}
	function := duckdb.ChunkTableFunction{
		BindArguments: func(map[string]any, ...any) (duckdb.ChunkTableSource, error) {
			return &fed{infos: infos, next: next}, nil
		},
	}
	if err := duckdb.RegisterTableUDF(e.conn, name, function); err != nil {
		return fmt.Errorf("register %s: %w", name, err)
	}
	return nil
}

// fed is a producer being read.
type fed struct {
	infos []duckdb.ColumnInfo
	next  Producer
	ended bool
}

// ColumnInfos implements duckdb.ChunkTableSource.
func (f *fed) ColumnInfos() []duckdb.ColumnInfo { return f.infos }

// Cardinality implements duckdb.ChunkTableSource.
func (f *fed) Cardinality() *duckdb.CardinalityInfo { return nil }

// Init implements duckdb.ChunkTableSource.
func (f *fed) Init() {}

// FillChunk implements duckdb.ChunkTableSource.
func (f *fed) FillChunk(chunk duckdb.DataChunk) error {
	c := Cells{chunk: chunk}
	room := duckdb.GetDataChunkCapacity()
	for c.row = 0; !f.ended && c.row < room; c.row++ {
		if c.col = 0; !f.next(&c) {
			f.ended = true
			break
		}
		if c.err != nil || c.col != len(f.infos) {
			return errors.Join(errors.New("a generated row does not fit its columns"), c.err)
		}
	}
	return chunk.SetSize(c.row)
}
