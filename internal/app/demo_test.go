package app_test

import (
	"log/slog"
	"os"
	"sync"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/corpus"
)

var shared struct {
	sync.Mutex
	app    *app.App
	folder string
}

// TestMain closes the city that the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	if shared.app != nil {
		_ = shared.app.Close()
		_ = os.RemoveAll(shared.folder)
	}
	os.Exit(code)
}

// city is the demo city, built once for all tests of the package, which only
// read it.
func city(t *testing.T) *app.App {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.app != nil {
		return shared.app
	}
	folder, err := os.MkdirTemp("", "kapok-app")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Config{Data: folder}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.LoadCity(t.Context(), data.Guangzhou, func(app.Step) {}); err != nil {
		t.Fatal(err)
	}
	if err := a.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.LoadCorpora(t.Context(), data.Guangzhou, func(corpus.Manifest) {}); err != nil {
		t.Fatal(err)
	}
	shared.app, shared.folder = a, folder
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
	if err != nil || again != 18 {
		t.Errorf("%d files, %v", again, err)
	}
}
