package cli

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/cluster"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

func extension(file string) string { return strings.ToLower(filepath.Ext(file)) }

// labelsFormat refuses a name that says no format.
func labelsFormat(file string) error {
	switch extension(file) {
	case ".csv", ".parquet":
		return nil
	}
	if file == "" {
		return nil
	}
	return errs.New(errs.Invalid, "cluster.labels_format", errs.A{"file": file})
}

// inFolder opens a DuckDB over a folder of its own beside nothing else than the
// files named, runs fn, and takes the folder away.
func inFolder(ctx context.Context, parent string, read []string, fn func(e *stats.Engine, dir string) error) error {
	dir, err := os.MkdirTemp(parent, ".kapok-cluster-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover is the system's to sweep
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, Read: read})
	if err != nil {
		return err
	}
	return errors.Join(fn(e, dir), e.Close())
}

// readParquetPoints reads points from a Parquet file through DuckDB. Rows are
// numbered from 1 in the order of the file.
func readParquetPoints(ctx context.Context, file, byDefault string) (*cluster.Input, error) {
	path, err := filepath.Abs(file)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "cli.no_file", errs.A{"file": file})
	}
	var in *cluster.Input
	err = inFolder(ctx, "", []string{path}, func(e *stats.Engine, _ string) error {
		source := "read_parquet('" + strings.ReplaceAll(path, "'", "''") + "', file_row_number = true)"
		has, names, err := parquetColumns(ctx, e, source, byDefault)
		if err != nil {
			return refusedFile(err, file)
		}
		g, err := cluster.NewGatherer(has, byDefault)
		if err != nil {
			return err
		}
		in = g.Input()
		return refusedFile(gather(ctx, e, g, pointsSQL(source, has, names)), file)
	})
	return in, err
}

// refusedFile turns what DuckDB says of a file into the reader's words.
func refusedFile(err error, file string) error {
	if stats.IsEngineError(err) {
		return errs.Wrap(err, errs.Invalid, "cluster.bad_parquet", errs.A{"file": file})
	}
	return err
}

func parquetColumns(ctx context.Context, e *stats.Engine, source, byDefault string) (has []int, names []string, err error) {
	rows, err := e.Query(ctx, "SELECT * FROM "+source+" LIMIT 0")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if names, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	has, err = cluster.FindColumns(names, byDefault)
	return has, names, errors.Join(err, rows.Err())
}

// pointsSQL reads the columns that are there; for numbers also the text, which
// the report shows where they are none.
func pointsSQL(source string, has []int, names []string) string {
	column := func(c cluster.Column) string {
		if has[c] < 0 {
			return "NULL"
		}
		return `"` + strings.ReplaceAll(names[has[c]], `"`, `""`) + `"`
	}
	var parts []string
	for _, c := range []cluster.Column{cluster.ColumnLon, cluster.ColumnLat} {
		parts = append(parts, "TRY_CAST("+column(c)+" AS DOUBLE)")
	}
	if has[cluster.ColumnWeight] < 0 {
		parts = append(parts, "1.0")
	} else {
		parts = append(parts, "TRY_CAST("+column(cluster.ColumnWeight)+" AS DOUBLE)")
	}
	for _, c := range []cluster.Column{cluster.ColumnKind, cluster.ColumnDocument, cluster.ColumnPlace} {
		parts = append(parts, "coalesce(TRY_CAST("+column(c)+" AS VARCHAR), '')")
	}
	for _, c := range []cluster.Column{cluster.ColumnLon, cluster.ColumnLat, cluster.ColumnWeight} {
		n := column(c)
		parts = append(parts, "CASE WHEN TRY_CAST("+n+" AS DOUBLE) IS NULL THEN CAST("+n+" AS VARCHAR) END")
	}
	return "SELECT file_row_number + 1, " + strings.Join(parts, ", ") + " FROM " + source + " ORDER BY file_row_number"
}

func gather(ctx context.Context, e *stats.Engine, g *cluster.Gatherer, query string) error {
	rows, err := e.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	var row int64
	var numbers [3]sql.NullFloat64
	var words [3]string
	var raw [3]sql.NullString
	for rows.Next() {
		if err := rows.Scan(&row, &numbers[0], &numbers[1], &numbers[2], &words[0], &words[1], &words[2], &raw[0], &raw[1], &raw[2]); err != nil {
			return err
		}
		if bad := firstInvalid(g, numbers); bad < 0 {
			g.Add(row, numbers[0].Float64, numbers[1].Float64, numbers[2].Float64, words[0], words[1], words[2])
		} else if raw[bad].Valid {
			g.Reject(row, cluster.FaultNumber, raw[bad].String)
		} else {
			g.Reject(row, cluster.FaultMissing, cluster.Column(bad).String())
		}
	}
	return rows.Err()
}

// firstInvalid returns the first number that the row should have and has not,
// -1 for none.
func firstInvalid(g *cluster.Gatherer, numbers [3]sql.NullFloat64) int {
	for c := range numbers {
		if !numbers[c].Valid && g.Has(cluster.Column(c)) {
			return c
		}
	}
	return -1
}

// writeLabels writes one line for each point that was read: its row, place,
// cluster (empty for noise) and whether it is core.
func writeLabels(ctx context.Context, file string, in *cluster.Input, r cluster.Result) error {
	if extension(file) == ".parquet" {
		return writeParquetLabels(ctx, file, in, r)
	}
	return writeFile(file, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<20)
		if _, err := out.WriteString("row,lon,lat,type,cluster,core\r\n"); err != nil {
			return err
		}
		var line []byte
		for i, row := range in.Row {
			line = append(strconv.AppendInt(line[:0], row, 10), ',')
			line = append(strconv.AppendFloat(line, in.Points.Lon[i], 'f', -1, 64), ',')
			line = append(strconv.AppendFloat(line, in.Points.Lat[i], 'f', -1, 64), ',')
			line = append(append(line, cluster.KindName(in.Points.Kind[i])...), ',')
			if c := r.Labels[i]; c != cluster.Noise {
				line = strconv.AppendInt(line, int64(c), 10)
			}
			line = append(strconv.AppendBool(append(line, ','), r.Core[i]), '\r', '\n')
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

// writeFile writes a file beside its place and moves it there when it is whole.
func writeFile(file string, fn func(w io.Writer) error) error {
	out, err := os.CreateTemp(filepath.Dir(file), ".kapok-labels-")
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "cluster.cannot_write", errs.A{"file": file})
	}
	err = errors.Join(fn(out), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), file)
	}
	if err != nil {
		_ = os.Remove(out.Name()) // the first error says more
		return errs.Wrap(err, errs.Invalid, "cluster.cannot_write", errs.A{"file": file})
	}
	return nil
}

func writeParquetLabels(ctx context.Context, file string, in *cluster.Input, r cluster.Result) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	err = inFolder(ctx, filepath.Dir(path), nil, func(e *stats.Engine, dir string) error {
		if _, err := e.Exec(ctx, "CREATE TABLE label (row BIGINT, lon DOUBLE, lat DOUBLE, type VARCHAR, cluster BIGINT, core BOOLEAN)"); err != nil {
			return err
		}
		err := e.Append(ctx, "label", func(a *stats.Appender) error {
			for i, row := range in.Row {
				var c any
				if r.Labels[i] != cluster.Noise {
					c = int64(r.Labels[i])
				}
				if err := a.AppendRow(row, in.Points.Lon[i], in.Points.Lat[i], cluster.KindName(in.Points.Kind[i]), c, r.Core[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		made := filepath.Join(dir, "labels.parquet")
		if _, err := e.Copy(ctx, "SELECT * FROM label ORDER BY row", made); err != nil {
			return err
		}
		return os.Rename(made, path)
	})
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "cluster.cannot_write", errs.A{"file": file})
	}
	return nil
}
