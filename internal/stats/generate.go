package stats

import (
	"fmt"

	"github.com/duckdb/duckdb-go/v2"
)

// Register gives SQL a table function of ours: rows that Go makes as they are
// read, without a table in between. The name stays taken until [Engine.Close].
func (e *Engine) Register(name string, f duckdb.ChunkTableFunction) error {
	if err := duckdb.RegisterTableUDF(e.conn, name, f); err != nil {
		return fmt.Errorf("register %s: %w", name, err)
	}
	return nil
}
