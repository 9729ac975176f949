package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
)

var by = change.Author{Actor: "test"}

func put(t *testing.T, d *db.DB, s source.Source) bool {
	t.Helper()
	var changed bool
	err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		changed, err = source.Put(t.Context(), tx, by, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func example() source.Source {
	return source.Source{ID: "ror", Kind: "dataset", Title: i18n.Text{EN: "Research Organization Registry"}, LicenceTag: source.Green, Fingerprint: []uint64{1, 1 << 63}}
}

func TestPutIsIdempotent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := example()
		if !put(t, d, s) || put(t, d, s) {
			t.Error("the first Put changes, the second does not")
		}
		s.Licence = "CC0"
		if !put(t, d, s) {
			t.Error("a changed licence is a change")
		}
		got, err := source.Get(t.Context(), d, "ror")
		if err != nil {
			t.Fatal(err)
		}
		want := s
		want.Version, want.CreatedAt = 2, db.At(dbtest.Epoch)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		log, err := change.Of(t.Context(), d, source.Kind, "ror", 0, 10)
		if err != nil || len(log) != 2 || log[0].Action != change.Update {
			t.Errorf("log = %v, %v", log, err)
		}
		list, err := source.List(t.Context(), d, "", 10)
		if n, _ := source.Count(t.Context(), d); err != nil || len(list) != 1 || n != 1 {
			t.Errorf("List = %v, %v; Count = %d", list, err, n)
		}
	})
}

func TestSourceFaultsAreAllNamed(t *testing.T) {
	err := (&source.Source{LicenceTag: "?"}).Validate()
	if list := errs.ListOf(err); len(list) != 3 {
		t.Errorf("err = %v, want three faults", err)
	}
}

func TestBatchLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, example())
		b := source.Batch{ID: "batch-1", SourceID: "ror", Importer: "ror", FileName: "a.gz", FileSHA256: "ab", State: source.Done, Counts: source.Counts{Read: 3, Created: 2, Rejected: 1},
			Actor: "lin", StartedAt: db.At(dbtest.Epoch), FinishedAt: db.At(dbtest.Epoch)}
		inTx := func(fn func(tx *db.Tx) error) error { return d.InTx(t.Context(), fn) }
		if err := inTx(func(tx *db.Tx) error { return source.PutBatch(t.Context(), tx, b) }); err != nil {
			t.Fatal(err)
		}
		got, err := source.GetBatch(t.Context(), d, "batch-1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b, got); diff != "" {
			t.Error(diff)
		}
		if list, err := source.Batches(t.Context(), d, "ror", 5); err != nil || len(list) != 1 {
			t.Errorf("Batches = %v, %v", list, err)
		}
		if _, ok, err := source.SameFile(t.Context(), d, "ror", "ab", ""); err != nil || !ok {
			t.Errorf("SameFile = %v, %v", ok, err)
		}
		undo := func(tx *db.Tx) error { return source.MarkUndone(t.Context(), tx, "batch-1", "lin") }
		if err := inTx(undo); err != nil {
			t.Fatal(err)
		}
		if err := inTx(undo); errs.KindOf(err) != errs.Conflict {
			t.Errorf("second undo = %v, want conflict", err)
		}
		if err := inTx(func(tx *db.Tx) error { return source.Remove(t.Context(), tx, "ror") }); errs.KindOf(err) != errs.Conflict {
			t.Errorf("removing a source in use = %v, want conflict", err)
		}
		if _, ok, err := source.SameFile(t.Context(), d, "ror", "ab", ""); err != nil || ok {
			t.Errorf("an undone batch is not in place: %v, %v", ok, err)
		}
	})
}
