package stats

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == AnswerCommand {
		os.Exit(AnswerOne(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func TestAsk(t *testing.T) {
	path := parquet(t)
	views := []View{{Name: "point", Files: []string{path}}}
	a, err := Ask(t.Context(), Question{Views: views, Limit: 2, Args: []string{"甲"},
		SQL: "SELECT id, weight, $1 AS t, NULL AS n, id > 1 AS b, 1.50::DECIMAL(4,2) AS d, 170141183460469231731687303715884105727::HUGEINT AS h, DATE '2024-04-22' AS day, [1, 2] AS l, 'nan'::DOUBLE AS x FROM point ORDER BY id DESC -- end"})
	if err != nil {
		t.Fatal(err)
	}
	n := func(s string) any { return json.Number(s) }
	want := [][]any{
		{n("2"), n("1"), "甲", nil, true, n("1.5"), n("170141183460469231731687303715884105727"), "2024-04-22", "[1 2]", "NaN"},
		{n("1"), n("0.5"), "甲", nil, false, n("1.5"), n("170141183460469231731687303715884105727"), "2024-04-22", "[1 2]", "NaN"}}
	if diff := cmp.Diff(want, a.Rows); diff != "" || !a.More {
		t.Errorf("more %v, rows (-want +got):\n%s", a.More, diff)
	}
	var kinds []string
	for _, c := range a.Columns {
		kinds = append(kinds, fmt.Sprint(c.Name, " ", c.Numeric))
	}
	if got := strings.Join(kinds, ", "); got != "id true, weight true, t false, n true, b false, d true, h true, day false, l false, x true" {
		t.Errorf("columns %s", got)
	}
}

func TestAskRefuses(t *testing.T) {
	path := parquet(t)
	out := filepath.Join(t.TempDir(), "x")
	for query, want := range map[string]errs.Kind{
		"SELEC 1": errs.Invalid, "SELECT nothing FROM point": errs.Invalid, "SELECT 1; SELECT 2": errs.Invalid,
		"DROP VIEW point": errs.Forbidden, "SET threads = 8": errs.Forbidden, "COPY (SELECT 1) TO '" + out + "'": errs.Invalid,
		"SELECT * FROM read_text('/etc/passwd')":                             errs.Invalid,
		"SELECT 1) AS q; ATTACH '" + out + "' AS y; SELECT * FROM (SELECT 1": errs.Invalid,
		"SELECT 1) AS q, (SELECT 2":                                          errs.Invalid,
		"SELECT getenv('HOME')":                                              errs.Invalid,
		"INSTALL httpfs":                                                     errs.Forbidden,
	} {
		if a, err := Ask(t.Context(), Question{Views: []View{{Name: "point", Files: []string{path}}}, Limit: 5, SQL: query}); errs.KindOf(err) != want {
			t.Errorf("%s: %v, %v; want %s", query, a.Rows, err, want)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a question has written a file")
	}
}

// TestAskIsBounded asks for what the engine itself would not stop: a join
// without an end, and single values of gigabytes. Which bound ends a question
// depends on how busy the machine is and, under the race detector, on the memory
// that the detector takes; that one of them does, in time, does not.
func TestAskIsBounded(t *testing.T) {
	for _, query := range []string{
		"SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range = 7",
		"SELECT length(repeat('x', 2000000000) || repeat('y', 2000000000)) AS v",
		"SELECT len(range(400000000)) AS v",
	} {
		began := time.Now()
		_, err := Ask(t.Context(), Question{SQL: query, Limit: 5, Time: 2 * time.Second})
		took := time.Since(began)
		if kind := errs.KindOf(err); kind != errs.TooLarge && kind != errs.Unavailable || took > 5*time.Second {
			t.Errorf("%s: %v after %v; want it ended by a bound", query, err, took)
		}
	}
}

func TestAskEndsWithItsReader(t *testing.T) {
	spill := t.TempDir()
	t.Setenv("TMPDIR", spill)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Ask(ctx, Question{SQL: "SELECT count(*) FROM range(100000000000)", Limit: 1}); err == nil || errs.KindOf(err) != errs.Internal {
		t.Errorf("a reader who went away: %v", err)
	}
	if left, err := os.ReadDir(spill); err != nil || len(left) > 0 {
		t.Errorf("a process that was ended has left %v, %v", left, err)
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add(`{"columns":[{"name":"a"}]}` + "\n" + `{"row":[1,null,"x"]}` + "\n" + `{"end":true}`)
	f.Add(`{"fault":{"kind":"invalid","key":"stats.refused","what":"x"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := readAnswer(strings.NewReader(text), 3); err == nil && len(a.Rows) > 3 {
			t.Errorf("%d rows over the limit", len(a.Rows))
		}
	})
}
