package ranking_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ranking"
)

// shared is a folder with a simulated world of 1,500 works, for tests that
// leave it alone.
var shared = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "kapok-ranking-")
	if err == nil {
		err = simulate(context.Background(), root, 1500, 7)
	}
	return root, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if root, err := shared(); err == nil {
		_ = os.RemoveAll(root) // a leftover is the system's to sweep
	}
	os.Exit(code)
}

func simulate(ctx context.Context, root string, works int, seed uint64) error {
	_, err := world.Make(ctx, filepath.Join(root, "corpora", "world"),
		world.Options{Works: works, Seed: seed, From: 2019, To: 2021, CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, nil)
	return err
}

// simulated returns rankings over the shared world.
func simulated(t *testing.T) *ranking.Service {
	t.Helper()
	root, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return over(root)
}

func over(root string) *ranking.Service {
	return ranking.New(ranking.Config{Corpora: filepath.Join(root, "corpora"), Prepared: filepath.Join(root, "prepared"), City: "440100"})
}

func TestTableOpensToItsWorks(t *testing.T) {
	s := simulated(t)
	ctx := t.Context()
	for _, unit := range ranking.Units {
		for _, counting := range ranking.Countings {
			q := ranking.Query{Corpus: "world", Unit: unit, Counting: counting, Indicator: "share", Limit: 2}
			table, err := s.Table(ctx, q)
			if err != nil {
				t.Fatalf("%s: %v", unit, err)
			}
			if len(table.Rows) == 0 || !table.Corpus.Simulated || len(table.Caveats) == 0 {
				t.Fatalf("%s: %d rows, simulated %v, caveats %v", unit, len(table.Rows), table.Corpus.Simulated, table.Caveats)
			}
			for _, row := range table.Rows {
				if row.Name.IsZero() {
					t.Errorf("%s %s has no name", unit, row.Unit)
				}
				for _, x := range []string{"share", "mncs", "pp_int_collab"} {
					q.Indicator = x
					value, known := row.Values[x]
					if !known {
						continue
					}
					page, err := s.Records(ctx, ranking.RecordsQuery{Query: q, Of: row.Unit})
					if err != nil {
						t.Fatalf("%s %s %s: %v", unit, row.Unit, x, err)
					}
					if math.Abs(page.Value-value) > 1e-9*math.Max(1, value) {
						t.Errorf("%s %s, %s counting: %s is %v in the table, its works give %v", unit, row.Unit, counting, x, value, page.Value)
					}
				}
			}
		}
	}
}

func TestRecordsPages(t *testing.T) {
	s := simulated(t)
	q := ranking.RecordsQuery{Query: ranking.Query{Corpus: "world", Unit: "city", Indicator: "share", Limit: 7}, Of: "440100"}
	seen, sum := map[int64]bool{}, 0.0
	for {
		page, err := s.Records(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			if seen[r.Work] {
				t.Fatalf("work %d stands on two pages", r.Work)
			}
			seen[r.Work], sum = true, sum+r.Weight
		}
		if q.After = page.Next; q.After == "" {
			if int64(len(seen)) != page.Total || math.Abs(sum-page.Value) > 1e-9 {
				t.Errorf("%d works of weight %v on all pages; want %d and %v", len(seen), sum, page.Total, page.Value)
			}
			return
		}
	}
}

func TestTableOrder(t *testing.T) {
	s := simulated(t)
	table, err := s.Table(t.Context(), ranking.Query{Corpus: "world", Unit: "organisation", Indicator: "pp_top10", Minimum: 20, Country: "CN"})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range table.Rows {
		if row.Country != "CN" || row.Values["p"] < 20 {
			t.Errorf("%s of %s with %v works is listed", row.Unit, row.Country, row.Values["p"])
		}
		in := row.Interval["pp_top10"]
		if v := row.Values["pp_top10"]; in[0] > v || in[1] < v || in[1] == 0 {
			t.Errorf("%s: %v outside its interval %v", row.Unit, v, in)
		}
		if i > 0 && (row.Values["pp_top10"] > table.Rows[i-1].Values["pp_top10"] || row.Rank < table.Rows[i-1].Rank) {
			t.Errorf("row %d is out of order", i)
		}
	}
}

func TestPreparedFollowsTheCorpus(t *testing.T) {
	root := t.TempDir()
	if err := simulate(t.Context(), root, 600, 7); err != nil {
		t.Fatal(err)
	}
	s := over(root)
	q := ranking.Query{Corpus: "world", Unit: "year"}
	before, err := s.Table(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := simulate(t.Context(), root, 300, 8); err != nil {
		t.Fatal(err)
	}
	after, err := s.Table(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if before.Method.Data == after.Method.Data || before.World.Values["p"] <= after.World.Values["p"] {
		t.Errorf("the table still shows the corpus before: %v, %v", before.World.Values, after.World.Values)
	}
	old, err := filepath.Glob(filepath.Join(root, "prepared", "world", "*"))
	if err != nil || len(old) != 1 {
		t.Errorf("%d folders are prepared, %v; want the one of the present corpus", len(old), err)
	}
}

func TestClusters(t *testing.T) {
	s := simulated(t)
	q := ranking.ClusterQuery{Corpus: "world", Density: 10}
	table, err := s.Clusters(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var patents, papers float64
	for i, c := range table.Clusters {
		if math.Abs(c.Score-c.PatentShare-c.PaperShare) > 1e-9 || i > 0 && c.Score > table.Clusters[i-1].Score {
			t.Errorf("cluster %d: score %v of shares %v and %v", c.ID, c.Score, c.PatentShare, c.PaperShare)
		}
		got, places, err := s.ClusterPoints(t.Context(), q, c.ID)
		if err != nil || got.ID != c.ID {
			t.Fatal(err)
		}
		var inPlaces float64
		for _, p := range places {
			inPlaces += p.Patents + p.Papers
		}
		if math.Abs(inPlaces-c.Patents-c.Papers) > 1e-6 {
			t.Errorf("cluster %d holds %v, its places %v", c.ID, c.Patents+c.Papers, inPlaces)
		}
		patents, papers = patents+c.Patents, papers+c.Papers
	}
	if len(table.Clusters) < 3 || patents > table.Patents || papers > table.Papers {
		t.Errorf("%d clusters hold %v of %v patents, %v of %v papers", len(table.Clusters), patents, table.Patents, papers, table.Papers)
	}
}

func TestRefusals(t *testing.T) {
	s := simulated(t)
	for name, q := range map[string]ranking.Query{
		"no corpus":       {Corpus: "none"},
		"a path":          {Corpus: "../world"},
		"unit":            {Corpus: "world", Unit: "galaxy"},
		"indicator":       {Corpus: "world", Indicator: "h"},
		"years backwards": {Corpus: "world", From: 2021, To: 2019},
	} {
		if _, err := s.Table(t.Context(), q); errs.KindOf(err) != errs.NotFound && errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := s.Records(t.Context(), ranking.RecordsQuery{Query: ranking.Query{Corpus: "world", Unit: "city"}, Of: "440100", After: "garbage"})
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("a cursor that is none: %v", err)
	}
	if _, err := s.Clusters(t.Context(), ranking.ClusterQuery{Corpus: "world", RadiusKM: 1e9}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a radius beyond the Earth: %v", err)
	}
	if list, err := s.Corpora(t.Context()); err != nil || len(list) != 1 || list[0].Kind != corpus.Simulated {
		t.Errorf("corpora: %v, %v", list, err)
	}
}
