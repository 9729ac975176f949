package app_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
)

// office is an app with two organisations, one of a source for private use.
func office(t *testing.T, folder string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{Data: folder}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func fillOffice(t *testing.T, a *app.App, tag source.Tag) {
	t.Helper()
	by := change.Author{Actor: "test"}
	err := a.DB.InTx(t.Context(), func(tx *db.Tx) error {
		for _, s := range []source.Source{
			{ID: "open", Title: i18n.Text{ZH: "公开名录"}, LicenceTag: source.Green},
			{ID: "closed", Title: i18n.Text{ZH: "内部名录"}, LicenceTag: tag},
		} {
			if _, err := source.Put(t.Context(), tx, by, s); err != nil {
				return err
			}
		}
		rows := []registry.Org{}
		for name, from := range map[string]string{"木棉公开研究院": "open", "木棉内部研究院": "closed"} {
			rows = append(rows, registry.Org{ID: db.DerivedID(registry.KindOrg, name), Names: []registry.Name{{Text: name, Lang: "zh", Kind: registry.Label}}, Kind: registry.Institute, SourceID: from})
		}
		_, err := a.Registry.PutOrgs(t.Context(), tx, by, rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, a *app.App, v level.Viewer) int {
	t.Helper()
	r, err := a.Search(t.Context(), search.Query{Text: "木棉", Kinds: []string{registry.KindOrg}, Viewer: v, Limit: 10})
	if err != nil || len(r.Hits) != r.Total || r.Kinds[registry.KindOrg] != r.Total {
		t.Fatalf("%+v, %v", r, err)
	}
	return r.Total
}

func TestSourcesForPrivateUseAreFoundByTheStaffAlone(t *testing.T) {
	a := office(t, t.TempDir())
	defer a.Close()
	fillOffice(t, a, source.Red)
	if p, s := count(t, a, level.Viewer{}), count(t, a, level.Staff); p != 1 || s != 2 {
		t.Errorf("the public finds %d, the staff %d", p, s)
	}
	// A source that is opened opens what it holds.
	fillOffice(t, a, source.Green)
	if p := count(t, a, level.Viewer{}); p != 2 {
		t.Errorf("after the source was opened the public finds %d", p)
	}
}

func TestIndexIsKept(t *testing.T) {
	folder := t.TempDir()
	a := office(t, folder)
	fillOffice(t, a, source.Green)
	count(t, a, level.Viewer{})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a = office(t, folder)
	if a.Index.Len() == 0 {
		t.Error("the kept index was not used")
	}
	if r, err := app.VerifyIndex(t.Context(), a.Config, a.DB); err != nil || r.Documents != a.Index.Len() {
		t.Errorf("%+v, %v", r, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, filepath.Join(folder, "index"))
	a = office(t, folder)
	defer a.Close()
	if _, err := app.VerifyIndex(t.Context(), a.Config, a.DB); err == nil {
		t.Error("a damaged index was found whole")
	}
	if n := count(t, a, level.Viewer{}); n != 2 {
		t.Errorf("built anew, the index holds %d", n)
	}
}

// TestIndexOfAnotherDatabase puts an index beside a database that it was not
// built from.
func TestIndexOfAnotherDatabase(t *testing.T) {
	one, other := t.TempDir(), t.TempDir()
	a := office(t, one)
	fillOffice(t, a, source.Green)
	count(t, a, level.Viewer{})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(other, "index"), os.DirFS(filepath.Join(one, "index"))); err != nil {
		t.Fatal(err)
	}
	b := office(t, other)
	defer b.Close()
	if n := count(t, b, level.Viewer{}); n != 0 {
		t.Errorf("an empty database shows %d records of another", n)
	}
}

// damage flips a byte in the largest file of a folder.
func damage(t *testing.T, dir string) {
	t.Helper()
	var path string
	var most int64
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if i, err := f.Info(); err == nil && i.Size() > most {
			path, most = filepath.Join(dir, f.Name()), i.Size()
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}
