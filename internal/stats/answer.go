package stats

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/errs"
)

// maxCell is how much of one value is told.
const maxCell = 32_000

// AnswerOne reads a question, answers it and returns the code with which the
// process ends. It is the whole work of a process that [Ask] has started: it
// takes limits upon itself that only ending lifts.
func AnswerOne(in io.Reader, out io.Writer) int {
	var q Question
	if err := json.NewDecoder(in).Decode(&q); err != nil {
		return 2
	}
	if err := confineProcess(q.MemoryMB); err != nil {
		return 2
	}
	w := bufio.NewWriterSize(out, 1<<16)
	e := json.NewEncoder(w)
	end := line{End: true}
	if err := answer(context.Background(), &q, e); err != nil {
		end = line{Fault: faultOf(err)}
	}
	if errors.Join(e.Encode(end), w.Flush()) != nil {
		return 1
	}
	return 0
}

func answer(ctx context.Context, q *Question, e *json.Encoder) error {
	s, err := OpenViews(ctx, Config{MemoryMB: q.MemoryMB}, q.Views)
	if err != nil {
		return err
	}
	defer s.Close()
	args := make([]any, len(q.Args))
	for i, a := range q.Args {
		args[i] = a
	}
	if err := s.onlySelect(q.SQL); err != nil {
		return err
	}
	// A sorted query keeps its order under a limit; the line end is for a text
	// that ends with a comment.
	rows, err := s.Query(ctx, "SELECT * FROM ("+strings.TrimRight(q.SQL, "; \n\t")+"\n) AS q LIMIT "+strconv.Itoa(q.Limit+1), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return tell(rows, e)
}

// tell writes the columns and rows of an answer.
func tell(rows *sql.Rows, e *json.Encoder) error {
	kinds, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	head := line{Columns: make([]AnswerColumn, len(kinds))}
	for i, k := range kinds {
		head.Columns[i] = AnswerColumn{Name: k.Name(), Type: k.DatabaseTypeName(), Numeric: numeric(k.DatabaseTypeName())}
	}
	if err := e.Encode(head); err != nil {
		return err
	}
	row, to := make([]any, len(kinds)), make([]any, len(kinds))
	for i := range row {
		to[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		cells := make([]any, len(row))
		for i, v := range row {
			cells[i] = cell(v)
		}
		if err := e.Encode(line{Row: cells}); err != nil {
			return err
		}
	}
	return rows.Err()
}

func numeric(kind string) bool {
	for _, n := range []string{"INT", "DOUBLE", "FLOAT", "DECIMAL"} {
		if strings.Contains(kind, n) && kind != "INTERVAL" && !strings.ContainsAny(kind, "[(") {
			return true
		}
	}
	return strings.HasPrefix(kind, "DECIMAL(") && !strings.Contains(kind, "[")
}

// cell is a value as JSON holds it without loss: whole numbers in full, days
// as days, what JSON has no word for as text.
func cell(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case int8, int16, int32, int64, int, uint8, uint16, uint32, uint64:
		return v
	case float32:
		return cell(float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64))
	case *big.Int:
		return json.Number(v.String())
	case duckdb.Decimal:
		return json.Number(v.String())
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339Nano)
	case []byte:
		return short(hex.EncodeToString(v[:min(len(v), maxCell)]))
	case string:
		return short(v)
	}
	return short(fmt.Sprint(v))
}

func short(s string) string {
	if len(s) <= maxCell {
		return s
	}
	return strings.ToValidUTF8(s[:maxCell], "") + "…"
}

// faultOf is what the asking process is told of an error.
func faultOf(err error) *fault {
	text := ""
	if e := errs.Of(err); e.Kind != errs.Internal {
		text, _ = e.Args["what"].(string)
		if e.Key != "stats.refused" {
			return &fault{e.Kind, e.Key, text}
		}
	} else {
		text = err.Error()
	}
	if strings.Contains(text, "Out of Memory") || strings.Contains(text, "bad_alloc") || strings.Contains(text, "max_temp_directory_size") {
		return &fault{errs.TooLarge, "stats.too_large", ""}
	}
	head, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return &fault{errs.Invalid, "stats.refused", strings.TrimRight(head, "!. ")}
}
