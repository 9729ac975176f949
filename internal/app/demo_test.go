package app_test

import (
	"log/slog"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/app"
)

// city builds the demo city in a folder of its own.
func city(t *testing.T) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := a.LoadCity(t.Context(), data.Guangzhou, func(app.Step) {}); err != nil {
		t.Fatal(err)
	}
	if err := a.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestDemoCityLoadsWithoutARejectedRow(t *testing.T) {
	a := city(t)
	again := 0
	err := a.LoadCity(t.Context(), data.Guangzhou, func(s app.Step) {
		again++
		c := s.Report.Counts
		if c.Rejected > 0 {
			t.Errorf("%s: %d rows rejected, the first: %+v", s.File, c.Rejected, s.Report.Rejected[0].Text)
		}
		if c.Created+c.Updated > 0 {
			t.Errorf("%s: a second load created %d and updated %d rows", s.File, c.Created, c.Updated)
		}
	})
	if err != nil || again != 12 {
		t.Errorf("%d files, %v", again, err)
	}
}
