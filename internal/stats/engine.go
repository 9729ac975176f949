package stats

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// EngineConfig says what a writing DuckDB may touch. Folders are absolute.
type EngineConfig struct {
	Dir      string   // read and written; what does not fit in memory spills here
	Read     []string // folders or single files that may be read too
	MemoryMB int      // 512 when 0
	Threads  int      // 2 when 0
}

// Engine is an open DuckDB for our own SQL, of any kind: it makes Parquet
// files. It has no network and no extensions. Take a [Session] to let a reader
// ask. It is for one goroutine.
type Engine struct {
	db   *sql.DB
	conn *sql.Conn
}

// NewEngine opens an empty DuckDB in memory. Close it to release the memory.
func NewEngine(ctx context.Context, cfg EngineConfig) (*Engine, error) {
	e, err := openEngine(ctx, Config{MemoryMB: cfg.MemoryMB, Threads: cfg.Threads}.withDefaults())
	if err != nil {
		return nil, err
	}
	if err := e.confine(ctx, cfg.Dir, append([]string{cfg.Dir}, cfg.Read...)); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func openEngine(ctx context.Context, cfg Config) (*Engine, error) {
	connector, err := duckdb.NewConnector(fmt.Sprintf("?memory_limit=%dMB&threads=%d", cfg.MemoryMB, cfg.Threads), nil)
	if err != nil {
		return nil, fmt.Errorf("open duckdb: %w", err)
	}
	e := &Engine{db: sql.OpenDB(connector)}
	e.db.SetMaxOpenConns(1)
	if e.conn, err = e.db.Conn(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open duckdb: %w", err), e.db.Close())
	}
	return e, nil
}

// confine shuts the engine in: of the file system it sees the given folders
// and files alone.
func (e *Engine) confine(ctx context.Context, spill string, paths []string) error {
	list := make([]string, len(paths))
	for i, path := range paths {
		list[i] = "'" + quote(path) + "'"
	}
	allowed := "[" + strings.Join(list, ", ") + "]"
	for _, set := range []string{
		"autoinstall_known_extensions = false", "autoload_known_extensions = false", "allow_community_extensions = false",
		"temp_directory = '" + quote(spill) + "/" + tempPrefix + "spill'",
		"allowed_directories = " + allowed, "allowed_paths = " + allowed,
		"preserve_insertion_order = false",
		"enable_external_access = false", "lock_configuration = true",
	} {
		if _, err := e.conn.ExecContext(ctx, "SET "+set); err != nil {
			return fmt.Errorf("set %s: %w", set, err)
		}
	}
	return nil
}

// Exec runs one or more statements of ours.
func (e *Engine) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return e.conn.ExecContext(ctx, query, args...)
}

// Query runs one statement of ours.
func (e *Engine) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return e.conn.QueryContext(ctx, query, args...)
}

// Append lets fn add rows to a table; they are there when Append returns nil.
func (e *Engine) Append(ctx context.Context, table string, fn func(*duckdb.Appender) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.conn.Raw(func(dc any) error {
		appender, err := duckdb.NewAppenderFromConn(dc.(driver.Conn), "", table)
		if err != nil {
			return err
		}
		err = fn(appender)
		return errors.Join(err, appender.Close())
	})
}

// Copy writes the rows of a query to one Parquet file, in the order of the
// query, and returns how many there are.
func (e *Engine) Copy(ctx context.Context, query, path string) (int64, error) {
	res, err := e.Exec(ctx, "COPY ("+query+") TO '"+quote(path)+"' (FORMAT parquet, COMPRESSION zstd)")
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return res.RowsAffected()
}

// View shows Parquet files under a name.
func (e *Engine) View(ctx context.Context, v View) error {
	_, err := e.Exec(ctx, v.statement())
	return err
}

// Close releases the memory.
func (e *Engine) Close() error { return errors.Join(e.conn.Close(), e.db.Close()) }

// View is a name for the rows of Parquet files of one shape. Paths are
// absolute; without a file the view cannot be made.
type View struct {
	Name  string
	Files []string
}

func (v *View) statement() string {
	files := make([]string, len(v.Files))
	for i, path := range v.Files {
		files[i] = "'" + quote(path) + "'"
	}
	return `CREATE OR REPLACE VIEW "` + v.Name + `" AS SELECT * FROM read_parquet([` + strings.Join(files, ", ") + `], hive_partitioning = false)`
}
