package api

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// compute has the figures computed.
func (w *world) compute() observatory.Run {
	w.t.Helper()
	var run observatory.Run
	w.ask(account.Editor, "POST", base+"/figures/compute", nil).want(200).in(&run)
	return run
}

func TestFigures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if run := w.compute(); run.Written != 1 || len(run.Failed) > 0 {
			t.Fatalf("run %+v", run)
		}
		var list Page[observatory.Card]
		w.get(base + "/figures").want(200).in(&list)
		if len(list.Items) != 1 || list.Items[0].Quantity.Value != 2 || list.Items[0].Quantity.Bound != quantity.Above {
			t.Errorf("the newest public value is the one of 2024: %+v", list.Items)
		}
		w.ask(account.Editor, "GET", base+"/figures?group=orgs", nil).want(200).in(&list)
		if len(list.Items) != 2 || list.Items[0].Quantity.Value != 777 {
			t.Errorf("editors see all: %+v", list.Items)
		}
		var o Overview
		w.get(base + "/overview").want(200).in(&o)
		if len(o.Cards) != 1 || o.Stale || o.ComputedAt.IsZero() || o.Cards[0].SourceID != "ror" {
			t.Errorf("overview %+v", o)
		}
		var sheet observatory.Sheet
		r := w.get(base + "/figures/" + exampleFigure).want(200).in(&sheet)
		if len(sheet.Reported) != 1 || len(sheet.Computed) != 1 || sheet.Computed[0].Quantity.Value != 3 || len(sheet.Differences) != 1 || sheet.Differences[0].Reported.SourceID != "ror" || bytes.Contains(r.body, []byte("777")) {
			t.Errorf("sheet %s", r.body)
		}
		w.get(base+"/figures/orgs.private").problem(404, "errs.not_found")
		w.get(base+"/figures/orgs.private/values").problem(404, "errs.not_found")
		w.get(base+"/figures/orgs.private/records").problem(404, "errs.not_found")
		w.get(base+"/figures/none").problem(404, "errs.not_found")
	})
}

func TestFigureValuesAsCSV(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.compute()
		rows := csvOf(t, w.ask(account.Admin, "GET", base+"/figures/"+exampleFigure+"/values?format=csv&basis=reported,computed", nil, "Accept-Language", "en"))
		if len(rows) != 2 {
			t.Fatalf("rows %v", rows)
		}
		got := map[string]string{}
		for _, name := range []string{"basis", "bound", "value", "high", "unit", "value_en", "period", "period_end", "locator", "source_id", "source_title"} {
			got[name] = rows[0][name]
		}
		want := map[string]string{"basis": "reported", "bound": "gt", "value": "2", "high": "", "unit": "count", "value_en": quantity.With(quantity.Above, 2, quantity.Count).Format("en"),
			"period": "as_of", "period_end": "2024-12-31", "locator": "¶1", "source_id": "ror", "source_title": "Research Organization Registry"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if c := rows[1]; c["basis"] != "computed" || c["value"] != "3" || c["records"] != "3" || c["records_hash"] == "" {
			t.Errorf("computed %v", c)
		}
		if r := w.ask(account.Admin, "GET", base+"/figures?format=csv", nil); strings.Contains(string(r.body), "777") || len(csvOf(t, r)) != 1 {
			t.Errorf("the newest value of a file is public: %s", r.body)
		}
	})
}

func TestFigureOpensToItsRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.compute()
		var page Page[FigureRecord]
		w.get(base + "/figures/" + exampleFigure + "/records").want(200).in(&page)
		if len(page.Items) != 2 || *page.Total != 3 || page.Items[0].SourceID == "" || page.Sources["ror"].Licence != "CC0-1.0" {
			t.Errorf("records %+v", page)
		}
		if ids := w.walk(account.Editor, base+"/figures/"+exampleFigure+"/records?limit=1"); len(ids) != 3 {
			t.Errorf("%v", ids)
		}
		if rows := csvOf(t, w.ask(account.Editor, "GET", base+"/figures/"+exampleFigure+"/records?format=csv", nil)); len(rows) != 2 {
			t.Errorf("%v", rows)
		}
		w.get(base+"/figures/"+exampleFigure+"/records?item=x").problem(404, "observatory.no_value")
		w.get(base+"/figures/"+exampleFigure+"/records?cursor=x").problem(422, "api.bad_cursor")
		// A value that moved keeps its earlier version.
		w.more(2)
		var o Overview
		if w.get(base + "/overview").in(&o); !o.Stale {
			t.Error("the figures do not know that records have changed")
		}
		w.compute()
		var values Page[FigureValue]
		w.get(base + "/figures/" + exampleFigure + "/values?basis=earlier").want(200).in(&values)
		if len(values.Items) != 1 || values.Items[0].Quantity.Value != 3 || values.Items[0].SupersededAt.IsZero() {
			t.Errorf("earlier %+v", values.Items)
		}
	})
}

func TestSuperlatives(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var page Page[observatory.Superlative]
		w.get(base + "/superlatives?subject=division:440100&status=reported").want(200).in(&page)
		if len(page.Items) != 1 || page.Items[0].ID != "s1" {
			t.Errorf("superlatives %+v", page.Items)
		}
		w.ask(account.Editor, "GET", base+"/superlatives?kind=only&scope=china", nil).want(200).in(&page)
		if len(page.Items) != 1 || page.Items[0].ID != "s2" {
			t.Errorf("superlatives %+v", page.Items)
		}
	})
}

// TestSourcesOfRecords covers the kinds of records that figures rest on.
func TestSourcesOfRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		reported, err := w.sv.Observatory.Figure(t.Context(), exampleFigure)
		w.must(err)
		records := []observatory.Record{{Kind: "org", ID: scut}, {Kind: "org", ID: "gone"}, {Kind: "paper", ID: "paper-1"}, {Kind: "affiliation", ID: "paper-1#1"}, {Kind: "platform", ID: gznl},
			{Kind: "park", ID: "park-1"}, {Kind: "person", ID: "person-1"}, {Kind: "reported", ID: reported.Reported[0].ID}, {Kind: "figure", ID: exampleFigure}, {Kind: "paper", ID: "gone"}, {Kind: "else", ID: "x"}}
		got, err := w.s.recordSources(t.Context(), records)
		w.must(err)
		want := []string{"made-up", "", "ror", "ror", "ror", "made-up", "made-up", "ror", "made-up", "", ""}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
