package indicator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/stats"
)

func TestRewrite(t *testing.T) {
	const sql = "SELECT CAST(a AS DOUBLE) /* DOUBLE */, 'a DOUBLE''s', CAST(b AS varchar) -- VARCHAR\nFROM double_counted WHERE c = \"VARCHAR\""
	tests := map[Dialect]string{
		DuckDB:     sql,
		Trino:      sql,
		PostgreSQL: "SELECT CAST(a AS DOUBLE PRECISION) /* DOUBLE */, 'a DOUBLE''s', CAST(b AS varchar) -- VARCHAR\nFROM double_counted WHERE c = \"VARCHAR\"",
		Spark:      "SELECT CAST(a AS DOUBLE) /* DOUBLE */, 'a DOUBLE''s', CAST(b AS STRING) -- VARCHAR\nFROM double_counted WHERE c = \"VARCHAR\"",
	}
	for d, want := range tests {
		if diff := cmp.Diff(want, d.Rewrite(sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d, diff)
		}
	}
}

func TestRewriteLeavesWhatIsTheEngines(t *testing.T) {
	for d, sql := range map[Dialect]string{
		PostgreSQL: "CAST(a AS double\n precision)",
		Spark:      "CAST(a AS VARCHAR(10))",
		Trino:      "CAST(a AS 机构DOUBLE)",
	} {
		if got := d.Rewrite(sql); got != sql {
			t.Errorf("%s: %s became %s", d, sql, got)
		}
	}
}

func TestStore(t *testing.T) {
	tests := map[Dialect]string{
		DuckDB:     "CREATE TABLE cell AS\nSELECT CAST(1 AS DOUBLE) AS n",
		PostgreSQL: "CREATE TABLE cell AS\nSELECT CAST(1 AS DOUBLE PRECISION) AS n",
		Trino:      "CREATE TABLE cell WITH (format = 'PARQUET') AS\nSELECT CAST(1 AS DOUBLE) AS n",
		Spark:      "CREATE TABLE cell USING parquet AS\nSELECT CAST(1 AS DOUBLE) AS n",
	}
	for d, want := range tests {
		if got := d.Store("cell", "SELECT CAST(1 AS DOUBLE) AS n"); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	if got := Spark.Type(stats.Text); got != "STRING" {
		t.Errorf("text on Spark is %s", got)
	}
}

func TestParseDialect(t *testing.T) {
	for _, d := range Dialects {
		if got, err := ParseDialect(string(d)); err != nil || got != d {
			t.Errorf("ParseDialect(%q) = %q, %v", d, got, err)
		}
	}
	if _, err := ParseDialect("oracle"); err == nil {
		t.Error("oracle is a dialect")
	}
}

// FuzzRewrite holds that nothing is lost: what is rewritten twice is what is
// rewritten once, and without the words that differ nothing changes.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{"CAST(a AS DOUBLE)", "'open", "-- DOUBLE", "/* x", "\"", "VARCHAR", "DOUBLE PRECISION", "排名VARCHAR", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		upper := strings.ToUpper(sql)
		for _, d := range Dialects {
			once := d.Rewrite(sql)
			if twice := d.Rewrite(once); twice != once {
				t.Errorf("%s: %q, then %q", d, once, twice)
			}
			if !strings.Contains(upper, "DOUBLE") && !strings.Contains(upper, "VARCHAR") && once != sql {
				t.Errorf("%s: %q became %q", d, sql, once)
			}
		}
	})
}
