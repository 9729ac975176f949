package stats_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// A fact follows the sources: it is written when one has changed, and read
// through a session that is closed at once.
func ExampleStore() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "facts")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	if err != nil {
		panic(err)
	}
	defer d.Close()
	if _, err := d.Migrate(ctx); err != nil {
		panic(err)
	}
	store, err := stats.New(filepath.Join(dir, "facts"), []stats.Fact{{
		Name: "fact_source", Kinds: []string{"source"},
		Columns: []stats.Column{{Name: "id", Type: stats.Text}, {Name: "published", Type: stats.Date}},
		Query:   "SELECT id, published_on FROM source",
	}}, stats.Config{})
	if err != nil {
		panic(err)
	}
	for range 2 {
		report, err := store.CatchUp(ctx, d)
		if err != nil {
			panic(err)
		}
		fmt.Println("written", report.Written, "kept", report.Kept)
	}
	session, err := store.Open(ctx)
	if err != nil {
		panic(err)
	}
	defer session.Close()
	n, _, err := db.Value[int64](ctx, session, "SELECT COUNT(*) FROM fact_source")
	fmt.Println(n, err)
	// Output:
	// written [fact_source] kept []
	// written [] kept [fact_source]
	// 0 <nil>
}
