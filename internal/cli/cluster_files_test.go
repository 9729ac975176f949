package cli

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/cluster"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

// parquetOf writes the rows of a query to a file.
func parquetOf(t *testing.T, query string) string {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	file := filepath.Join(dir, "it's points.parquet")
	if _, err := e.Copy(ctx, query, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestReadParquetPoints: numbers may stand as text, a column may have any of
// its names, and what is no point is counted with its row.
func TestReadParquetPoints(t *testing.T) {
	t.Parallel()
	file := parquetOf(t, `SELECT * FROM (VALUES
		('113.26', 23.13, 1.5, 'patent', 7, 'x'), ('north', 1, 1, 'paper', 8, 'x'), (NULL, 1, 1, 'paper', 8, 'x'), ('1', NULL, 1, 'paper', 8, 'x'),
		('1', 91, 1, 'paper', 8, 'x'), ('1', 1, -1, 'paper', 8, 'x'), ('1', 1, NULL, 'paper', 8, 'x'), ('1', 1, 1, NULL, 8, 'x'),
		('1', 1, 1, 'paper', 7, 'x'), ('2', 3, 4, '论文', NULL, NULL)) AS v(longitude, "Lat", weight, kind, document, "we""ird")`)
	in, err := readParquetPoints(context.Background(), file, "")
	if err != nil {
		t.Fatal(err)
	}
	want := cluster.Input{
		Points:   cluster.Points{Lon: []float64{113.26, 2}, Lat: []float64{23.13, 3}, Weight: []float64{1.5, 4}, Kind: []cluster.Kind{cluster.Patent, cluster.Paper}},
		Row:      []int64{1, 10},
		Document: []int32{0, 1},
		Report: cluster.Report{Rows: 10, Points: 2, Rejected: 8,
			Faults: map[cluster.Fault]int{cluster.FaultNumber: 1, cluster.FaultMissing: 4, cluster.FaultPlace: 1, cluster.FaultWeight: 1, cluster.FaultMixed: 1},
			Samples: []cluster.Rejected{{Row: 2, Fault: "number", Value: "north"}, {Row: 3, Fault: "missing", Value: "lon"}, {Row: 4, Fault: "missing", Value: "lat"},
				{Row: 5, Fault: "place", Value: "1, 91"}, {Row: 6, Fault: "weight", Value: "-1"}, {Row: 7, Fault: "missing", Value: "weight"},
				{Row: 8, Fault: "missing", Value: "type"}, {Row: 9, Fault: "document", Value: "7"}}},
	}
	if diff := cmp.Diff(want, *in); diff != "" {
		t.Error(diff)
	}
}

func TestReadParquetPointsWithoutWeights(t *testing.T) {
	t.Parallel()
	in, err := readParquetPoints(context.Background(), parquetOf(t, `SELECT 1 AS lon, 2 AS lat`), "deal")
	if err != nil || in.Points.Len() != 1 || in.Points.Weight[0] != 1 || in.Points.Kind[0] != cluster.Deal {
		t.Errorf("%+v, %v", in, err)
	}
	in, err = readParquetPoints(context.Background(), parquetOf(t, `SELECT {'a': 1} AS lon, 2 AS lat`), "deal")
	if err != nil || in.Report.Faults[cluster.FaultNumber] != 1 {
		t.Errorf("a structure for a number: %+v, %v", in, err)
	}
	_, err = readParquetPoints(context.Background(), parquetOf(t, `SELECT 1 AS lon, 'paper' AS type`), "")
	if errs.KindOf(err) != errs.Invalid || errs.Of(err).Key != "cluster.no_column" {
		t.Errorf("without latitudes: %v", err)
	}
}
