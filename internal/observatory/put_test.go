package observatory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

var batch = change.Author{Actor: "import", BatchID: "batch-1"}

func actions(out []observatory.Outcome) string {
	var words []string
	for _, o := range out {
		words = append(words, string(o.Action))
	}
	return strings.Join(words, " ")
}

func TestPutIsIdempotent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSource(t, d, "s", "")
		all := bundled(t)
		putFigures(t, d, all...)
		head, _ := change.Head(t.Context(), d)
		for _, o := range putFigures(t, d, bundled(t)...) {
			if o.Action != observatory.Unchanged {
				t.Fatalf("%s %s on the second run", o.ID, o.Action)
			}
		}
		if after, _ := change.Head(t.Context(), d); after != head {
			t.Errorf("%d change entries for nothing", after-head)
		}
		got, err := newService(t, d).Definition(t.Context(), "papers.year")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range all {
			if want.ID == got.ID {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("definition (-put +read):\n%s", diff)
				}
			}
		}
		row := said("awards.guangzhou.all", 2023, quantity.Of(26, quantity.Count), "s")
		if got := actions(putReported(t, d, row)) + " " + actions(putReported(t, d, row)); got != "created unchanged" {
			t.Error(got)
		}
		row.Quantity.Value = 27
		if got := actions(putReported(t, d, row)); got != "updated" {
			t.Error(got)
		}
		sheet, err := newService(t, d).Figure(t.Context(), "awards.guangzhou.all")
		if err != nil || len(sheet.Reported) != 1 || sheet.Reported[0].Version != 2 || sheet.Reported[0].Quantity.Value != 27 || sheet.Sources["s"].ID != "s" {
			t.Errorf("%+v, %v", sheet.Reported, err)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	d := dbtest.SQLite(t)
	addSource(t, d, "s", "")
	putFigures(t, d, counted("a"))
	ok := said("a", 2023, quantity.Of(1, quantity.Count), "s")
	change := func(fn func(*observatory.Reported)) observatory.Reported { r := ok; fn(&r); return r }
	for name, c := range map[string]struct {
		rows []observatory.Reported
		kind errs.Kind
	}{
		"no such figure": {[]observatory.Reported{change(func(r *observatory.Reported) { r.FigureID = "none" })}, errs.Conflict},
		"no such source": {[]observatory.Reported{change(func(r *observatory.Reported) { r.SourceID = "none" })}, errs.Conflict},
		"twice":          {[]observatory.Reported{ok, ok}, errs.Invalid},
		"bound":          {[]observatory.Reported{change(func(r *observatory.Reported) { r.Quantity.Bound = "about" })}, errs.Invalid},
		"day":            {[]observatory.Reported{change(func(r *observatory.Reported) { r.Period.End = "2023-02-30" })}, errs.Invalid},
		"upside down":    {[]observatory.Reported{change(func(r *observatory.Reported) { r.Period.Start = "2024-01-01" })}, errs.Invalid},
		"unit":           {[]observatory.Reported{change(func(r *observatory.Reported) { r.Quantity.Unit = "furlong" })}, errs.Invalid},
	} {
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := observatory.PutReported(t.Context(), tx, editor, c.rows)
			return err
		})
		if got := errs.KindOf(err); got != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
		if text := i18n.Error(i18n.ZH, err); strings.Contains(text, "observatory.") || strings.Contains(text, "{") {
			t.Errorf("%s: the reader sees %q", name, text)
		}
	}
}

func TestUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSource(t, d, "s", "")
		putFigures(t, d, counted("old"))
		changed := counted("old")
		changed.Title.ZH = "新名"
		inTx(t, d, func(tx *db.Tx) error {
			if _, err := observatory.PutFigures(t.Context(), tx, batch, []observatory.Figure{changed, counted("new")}); err != nil {
				return err
			}
			if _, err := observatory.PutReported(t.Context(), tx, batch, []observatory.Reported{said("new", 2024, quantity.Of(1, quantity.Count), "s")}); err != nil {
				return err
			}
			changed.Title.ZH = "又一名" // the same row twice in one batch
			if _, err := observatory.PutFigures(t.Context(), tx, batch, []observatory.Figure{changed}); err != nil {
				return err
			}
			_, err := observatory.PutSuperlatives(t.Context(), tx, batch, []observatory.Superlative{{ID: "s1", Subject: "org:x", Kind: "first", Scope: "world",
				Object: i18n.Text{ZH: "工厂"}, Status: observatory.StatusReported, SourceID: "s"}})
			return err
		})
		s := newService(t, d)
		if got, err := s.Superlatives(t.Context(), "org:x"); err != nil || len(got) != 1 || got[0].BatchID != "batch-1" {
			t.Errorf("superlatives %+v, %v", got, err)
		}
		undo := func() error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				entries, err := change.OfBatch(t.Context(), tx, "batch-1", 0, 100)
				if err != nil {
					return err
				}
				for _, e := range entries {
					if err := observatory.Undo(t.Context(), tx, change.Author{Actor: "editor", Reason: "undo"}, e); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		figures, err := s.Figures(t.Context(), observatory.Filter{})
		if err != nil || len(figures) != 1 || figures[0].Title.ZH != "old" || figures[0].BatchID != "" {
			t.Errorf("after undo: %+v, %v", figures, err)
		}
		if got, _ := s.Superlatives(t.Context(), ""); len(got) != 0 {
			t.Errorf("superlatives left: %+v", got)
		}
		if err := undo(); errs.KindOf(err) != errs.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		if _, err := change.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			return observatory.Undo(t.Context(), tx, editor, change.Entry{Kind: "org"})
		})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("another room's entry: %v", err)
		}
	})
}

func TestUndoRefusesWhatHasChangedSince(t *testing.T) {
	d := dbtest.SQLite(t)
	inTx(t, d, func(tx *db.Tx) error {
		_, err := observatory.PutFigures(t.Context(), tx, batch, []observatory.Figure{counted("a")})
		return err
	})
	later := counted("a")
	later.Note.ZH = "后来改的"
	putFigures(t, d, later)
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		entries, err := change.OfBatch(t.Context(), tx, "batch-1", 0, 10)
		if err != nil {
			return err
		}
		return observatory.Undo(t.Context(), tx, editor, entries[0])
	})
	if errs.KindOf(err) != errs.Conflict {
		t.Errorf("err = %v", err)
	}
}

func TestFilter(t *testing.T) {
	d := dbtest.SQLite(t)
	putFigures(t, d, bundled(t)...)
	s := newService(t, d)
	for name, c := range map[string]struct {
		f    observatory.Filter
		good func(observatory.Figure) bool
	}{
		"group":    {observatory.Filter{Group: "pool"}, func(f observatory.Figure) bool { return f.Group == "pool" }},
		"overview": {observatory.Filter{Overview: true}, func(f observatory.Figure) bool { return f.Overview }},
		"basis":    {observatory.Filter{Basis: observatory.BasisComputed}, func(f observatory.Figure) bool { return f.Basis == observatory.BasisComputed }},
		"ids":      {observatory.Filter{IDs: []string{"papers.year"}}, func(f observatory.Figure) bool { return f.ID == "papers.year" }},
		"subject":  {observatory.Filter{Subject: "ror:0530pts50"}, func(f observatory.Figure) bool { return f.Subject == "ror:0530pts50" }},
	} {
		got, err := s.Figures(t.Context(), c.f)
		if err != nil || len(got) == 0 || len(got) > 60 {
			t.Errorf("%s: %d figures, %v", name, len(got), err)
		}
		for _, f := range got {
			if !c.good(f) {
				t.Errorf("%s: %s", name, f.ID)
			}
		}
	}
	if _, err := s.Definition(t.Context(), "none"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("err = %v", err)
	}
}
