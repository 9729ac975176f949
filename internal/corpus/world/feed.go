package world

import (
	"errors"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/stats"
)

// producer fills one row and returns true, or returns false when there are no
// more.
type producer func(*cells) bool

// cells is the row being filled. The columns are those of the table, in their
// order; each row sets each of them once.
type cells struct {
	chunk duckdb.DataChunk
	row   int
	col   int
	err   error
}

func set[T any](c *cells, v T) {
	if err := duckdb.SetChunkValue(c.chunk, c.col, c.row, v); err != nil && c.err == nil {
		c.err = err
	}
	c.col++
}

func (c *cells) whole(v int64)    { set(c, v) }
func (c *cells) real(v float64)   { set(c, v) }
func (c *cells) yes(v bool)       { set(c, v) }
func (c *cells) date(v time.Time) { set(c, v) }
func (c *cells) null()            { set[any](c, nil) }
func (c *cells) number(v int64, known bool) {
	if known {
		c.whole(v)
	} else {
		c.null()
	}
}

// text sets a text, NULL when empty.
func (c *cells) text(v string) {
	if v == "" {
		c.null()
		return
	}
	set(c, v)
}

// feed shows a producer to DuckDB as a table function without arguments. One
// thread reads it, so the rows keep their order.
type feed struct {
	table corpus.Table
	next  producer
}

var columnTypes = map[stats.Type]duckdb.Type{
	stats.Text: duckdb.TYPE_VARCHAR, stats.Int: duckdb.TYPE_BIGINT, stats.Real: duckdb.TYPE_DOUBLE,
	stats.Bool: duckdb.TYPE_BOOLEAN, stats.Date: duckdb.TYPE_DATE,
}

func (f *feed) function() (duckdb.ChunkTableFunction, error) {
	infos := make([]duckdb.ColumnInfo, len(f.table.Columns))
	for i, c := range f.table.Columns {
		info, err := duckdb.NewTypeInfo(columnTypes[c.Type])
		if err != nil {
			return duckdb.ChunkTableFunction{}, err
		}
		infos[i] = duckdb.ColumnInfo{Name: c.Name, T: info}
	}
	return duckdb.ChunkTableFunction{
		BindArguments: func(map[string]any, ...any) (duckdb.ChunkTableSource, error) {
			return &fed{infos: infos, next: f.next}, nil
		},
	}, nil
}

// fed is a feed being read.
type fed struct {
	infos []duckdb.ColumnInfo
	next  producer
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
	c := cells{chunk: chunk}
	room := duckdb.GetDataChunkCapacity()
	for c.row = 0; !f.ended && c.row < room; c.row++ {
		if c.col = 0; !f.next(&c) {
			f.ended = true
			break
		}
		if c.err != nil || c.col != len(f.infos) {
			return errors.Join(errors.New("a row of the simulated world does not fit its table"), c.err)
		}
	}
	return chunk.SetSize(c.row)
}
