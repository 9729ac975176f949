package observatory_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
)

var close9 = cmpopts.EquateApprox(0, 1e-9)

func TestBundledComputations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		smallCity(t, d)
		putFigures(t, d, bundled(t)...)
		s := newService(t, d)
		compute(t, s)
		third := 1.0 / 3
		for figure, want := range map[string]map[string]float64{
			"organisations.all":                 {" now": 2}, // X and Y; M is X, Z is elsewhere, the old one is inactive
			"organisations.with_ror":            {" now": 1},
			"organisations.kind":                {"university now": 1, "institute now": 1},
			"papers.year":                       {" 2017": 1, " 2018": 1, " unknown": 1}, // p4 has no affiliation
			"papers.all":                        {" now": 3},
			"papers.fractional":                 {" 2017": 0.5 + third/2, " 2018": 0.5, " unknown": 0.5},
			"papers.organisation":               {"org-x now": 2, "org-y now": 1},
			"papers.organisation.fractional":    {"org-x now": third + third/2 + 0.5, "org-y now": third / 2},
			"papers.resolved_share":             {" now": 100.0 * 5 / 7},
			"platforms.all":                     {" now": 2}, // c is outside the 2+2+N system
			"platforms.class":                   {"national_laboratory now": 1, "provincial_lab now": 1, "supercomputer_centre now": 1},
			"platforms.district":                {"440112 now": 2, "unknown now": 1},
			"platforms.districts_with_platform": {" now": 1},
			"platforms.national_forces":         {" now": 1},
			"platforms.provincial_labs":         {" now": 1},
			"platforms.major_facilities":        {}, // none is registered: unknown, not zero
		} {
			got, _ := values(t, s, figure)
			if diff := cmp.Diff(want, got, close9); diff != "" {
				t.Errorf("%s (-want +got):\n%s", figure, diff)
			}
		}
		recordsMakeTheValues(t, s)
	})
}

// recordsMakeTheValues opens every computed value and adds up its records,
// page by page.
func recordsMakeTheValues(t *testing.T, s *observatory.Service) (values int) {
	t.Helper()
	book, err := s.Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range book.Figures {
		for i, v := range book.Computed[f.ID] {
			if i >= 5 {
				break // the larger breakdowns repeat themselves
			}
			values++
			sum, base, n, q := 0.0, 0.0, int64(0), observatory.RecordsQuery{FigureID: f.ID, Item: v.Item, Slot: v.Slot, Limit: 400}
			for {
				page, err := s.Records(t.Context(), q)
				if err != nil {
					t.Fatalf("%s: %v", f.ID, err)
				}
				if page.Moved || page.Total != v.Records {
					t.Errorf("%s %s: %d records behind, %d now, moved %v", f.ID, v.Slot, v.Records, page.Total, page.Moved)
				}
				for _, r := range page.Items {
					n++
					if r.ID == "" || r.Title.IsZero() {
						t.Errorf("%s: a record without id or title: %+v", f.ID, r)
					}
					if r.Weight != nil {
						sum += *r.Weight
					}
					if r.Base != nil {
						base += *r.Base
					}
				}
				if q.After = page.Next; page.Next == "" {
					break
				}
			}
			got := sum
			if base != 0 {
				got /= base
			}
			if f.Unit == quantity.Percent {
				got *= 100
			}
			if n != v.Records || v.Known && math.Abs(got-v.Quantity.Value) > 1e-9*math.Max(1, got) {
				t.Errorf("%s %s %s: %d records add up to %v, the value is %v of %d", f.ID, v.Item, v.Slot, n, got, v.Quantity.Value, v.Records)
			}
		}
	}
	return values
}

// The awards of the 2023 edition, worked by hand: led 11 of 14 = 78.6 %, all
// 26 of 53 = 49.1 %, growth 36 → 53 = +47.2 %.
func TestAwards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSource(t, d, "s", "2024-06-24")
		addSource(t, d, "paper", "2025-01-31")
		putFigures(t, d, bundled(t)...)
		n := func(v float64) quantity.Quantity { return quantity.Of(v, quantity.Count) }
		putReported(t, d,
			said("awards.guangzhou.all", 2023, n(26), "s"), said("awards.guangzhou.all", 2023, n(26), "paper"), said("awards.guangzhou.led", 2023, n(11), "s"),
			said("awards.guangdong.all", 2023, n(53), "s"), said("awards.guangdong.led", 2023, n(14), "s"),
			said("awards.guangdong.all", 2020, n(36), "s"), said("awards.guangdong.led", 2020, n(7), "s"),
			said("awards.guangzhou.natural_science.all", 2023, n(5), "s"), said("awards.guangzhou.invention.all", 2023, n(2), "s"), said("awards.guangzhou.progress.all", 2023, n(19), "s"),
			said("awards.share.all", 2023, quantity.With(quantity.Nearly, 80, quantity.Percent), "paper"))
		s := newService(t, d)
		compute(t, s)
		for figure, want := range map[string]float64{
			"awards.share.all": 2600.0 / 53, "awards.share.led": 1100.0 / 14, "awards.guangdong.growth": 100 * 17.0 / 36, "awards.guangzhou.all": 26,
		} {
			got, _ := values(t, s, figure)
			if diff := cmp.Diff(map[string]float64{" 2023": want}, got, close9); diff != "" {
				t.Errorf("%s: %s", figure, diff)
			}
		}
		sheet, err := s.Figure(t.Context(), "awards.share.all")
		if err != nil {
			t.Fatal(err)
		}
		if len(sheet.Differences) != 1 || sheet.Differences[0].Relation != quantity.Incompatible || sheet.Differences[0].Delta == nil {
			t.Errorf("nearly 80 %% beside 49.1 %%: %+v", sheet.Differences)
		}
		if sheet.Computed[0].Quantity.Bound != quantity.Exact || *sheet.Computed[0].Numerator != 26 || *sheet.Computed[0].Denominator != 53 {
			t.Errorf("%+v", sheet.Computed[0])
		}
		if n := recordsMakeTheValues(t, s); n < 4 {
			t.Errorf("%d values opened", n)
		}
		led, _ := s.Figure(t.Context(), "awards.share.led")
		if want := []string{"numerator", "denominator", "variant"}; len(led.Related) != len(want) {
			t.Errorf("related: %+v", led.Related)
		}
	})
}

func TestBoundsAreKept(t *testing.T) {
	d := dbtest.SQLite(t)
	addSource(t, d, "s", "2025-01-31")
	putFigures(t, d, bundled(t)...)
	undated := func(figure string, q quantity.Quantity, kind quantity.PeriodKind) observatory.Reported {
		return observatory.Reported{FigureID: figure, Quantity: q, Period: quantity.Period{Kind: kind}, SourceID: "s"}
	}
	count := func(b quantity.Bound, v float64) quantity.Quantity { return quantity.With(b, v, quantity.Count) }
	yuan := func(b quantity.Bound, v float64) quantity.Quantity { return quantity.With(b, v, quantity.CNY) }
	putReported(t, d,
		undated("funds.fof.paid_in", yuan(quantity.Above, 26e9), quantity.AsOf), undated("funds.fof.subfunds", count(quantity.Exact, 42), quantity.AsOf),
		undated("funds.fof.projects", count(quantity.Exact, 177), quantity.Cumulative),
		undated("pool.loans", yuan(quantity.Above, 150e9), quantity.Cumulative), undated("pool.firms", count(quantity.Nearly, 12000), quantity.Cumulative),
		undated("transformation.hkustgz.social", yuan(quantity.About, 110e6), quantity.Cumulative), undated("transformation.hkustgz.direct", yuan(quantity.Exact, 23e6), quantity.Cumulative),
		said("consortium.support", 2024, yuan(quantity.Exact, 29e6), "s"), said("consortium.projects", 2024, count(quantity.Exact, 20), "s"))
	s := newService(t, d)
	compute(t, s)
	for figure, want := range map[string]quantity.Quantity{
		"funds.fof.paid_in.average":       {Bound: quantity.Above, Value: 26e9 / 42, Unit: quantity.CNY},
		"funds.fof.paid_in.per_project":   {Bound: quantity.Above, Value: 26e9 / 177, Unit: quantity.CNY},
		"pool.average":                    {Bound: quantity.Above, Value: 12.5e6, Unit: quantity.CNY},
		"transformation.hkustgz.leverage": {Bound: quantity.About, Value: 110.0 / 23, Unit: quantity.Times},
		"consortium.average":              {Bound: quantity.Exact, Value: 1.45e6, Unit: quantity.CNY},
	} {
		sheet, err := s.Figure(t.Context(), figure)
		if err != nil || len(sheet.Computed) != 1 {
			t.Fatalf("%s: %v, %d values", figure, err, len(sheet.Computed))
		}
		if diff := cmp.Diff(want, sheet.Computed[0].Quantity, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: %s", figure, diff)
		}
	}
}

func TestNothingOnRecordIsUnknown(t *testing.T) {
	d := dbtest.SQLite(t)
	addSource(t, d, "s", "2025-01-31")
	putFigures(t, d, bundled(t)...)
	putReported(t, d, said("awards.guangzhou.all", 2023, quantity.Of(26, quantity.Count), "s"), said("awards.guangdong.all", 2023, quantity.Of(0, quantity.Count), "s"))
	s := newService(t, d)
	compute(t, s)
	for _, figure := range []string{"organisations.all", "papers.all", "papers.resolved_share", "platforms.all", "platforms.districts_with_platform", "awards.share.all"} {
		known, unknown := values(t, s, figure)
		if len(known) != 0 || len(unknown) != 1 {
			t.Errorf("%s: known %v, unknown %v", figure, known, unknown)
		}
	}
	nulls, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM figure_value WHERE value = 0 OR (value IS NULL AND high IS NOT NULL)")
	if err != nil || nulls != 0 {
		t.Errorf("%d unknown values are stored as numbers, %v", nulls, err)
	}
}

func TestVersions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		reg := smallCity(t, d)
		putFigures(t, d, bundled(t)...)
		s := newService(t, d)
		first := compute(t, s)
		if first.Written == 0 || len(first.Facts.Written) == 0 {
			t.Fatalf("first run: %+v", first)
		}
		if again := compute(t, s); again.Written != 0 || len(again.Facts.Written) != 0 || again.ChangeSeq != first.ChangeSeq {
			t.Errorf("second run: %+v", again)
		}
		if stale, err := s.Stale(t.Context()); err != nil || stale {
			t.Errorf("stale %v, %v", stale, err)
		}
		// An organisation leaves and another comes: the same count of other records.
		y, err := reg.Org(t.Context(), "org-y")
		if err != nil {
			t.Fatal(err)
		}
		inactive := registry.Inactive
		if _, err := reg.UpdateOrg(t.Context(), editor, "org-y", y.Version, registry.OrgChange{Status: &inactive}); err != nil {
			t.Fatal(err)
		}
		if _, err := reg.CreateOrg(t.Context(), editor, org("org-new", registry.Institute, guangzhou)); err != nil {
			t.Fatal(err)
		}
		if page, err := s.Records(t.Context(), observatory.RecordsQuery{FigureID: "organisations.all"}); err != nil || page.Total != 2 {
			t.Errorf("records of the old facts: %+v, %v", page, err)
		}
		compute(t, s)
		sheet, err := s.Figure(t.Context(), "organisations.all")
		if err != nil {
			t.Fatal(err)
		}
		now, before := sheet.Computed, sheet.Earlier
		if len(now) != 1 || len(before) != 1 || now[0].Version != 2 || before[0].Version != 1 || now[0].Quantity != before[0].Quantity ||
			now[0].RecordsHash == before[0].RecordsHash || before[0].SupersededAt.IsZero() || now[0].ChangeSeq <= before[0].ChangeSeq {
			t.Errorf("now %+v\nbefore %+v", now, before)
		}
		// The class loses its only platform: its value ends, and is no zero.
		p, err := reg.Platform(t.Context(), "plat-c")
		if err != nil {
			t.Fatal(err)
		}
		p.Closed = "2025-12-31"
		if _, err := reg.SavePlatform(t.Context(), editor, p); err != nil {
			t.Fatal(err)
		}
		compute(t, s)
		known, unknown := values(t, s, "platforms.class")
		if _, there := known["supercomputer_centre now"]; there || len(known) != 2 || len(unknown) != 0 {
			t.Errorf("known %v, unknown %v", known, unknown)
		}
	})
}

func TestOneFailureStopsNoOther(t *testing.T) {
	d := dbtest.SQLite(t)
	smallCity(t, d)
	with := func(id, value, records string) observatory.Figure {
		f := counted(id)
		f.Basis, f.Period, f.Compute = observatory.BasisComputed, quantity.AsOf, observatory.Compute{SQL: value, Records: records}
		return f
	}
	orgs := "SELECT 'org' AS kind, id, name_zh AS title, 1 AS weight FROM fact_org"
	putFigures(t, d,
		with("good", "SELECT COUNT(*) AS value FROM fact_org", orgs),
		with("bad.table", "SELECT COUNT(*) AS value FROM fact_nothing", orgs),
		with("bad.disagree", "SELECT COUNT(*) + 1 AS value FROM fact_org", orgs),
		with("bad.stray", "SELECT COUNT(*) AS value FROM fact_org", "SELECT kind AS item, 'org' AS kind, id, 1 AS weight FROM fact_org"),
		with("bad.twice", "SELECT 1 AS value UNION ALL SELECT 2 AS value", orgs),
		with("bad.record_twice", "SELECT 2 * COUNT(*) AS value FROM fact_org", orgs+" UNION ALL "+orgs),
		with("bad.many", "SELECT 1 AS value, a.range AS year FROM range(30000) a", orgs),
		with("bad.outside", "SELECT COUNT(*) AS value FROM read_text('/etc/hostname')", orgs))
	s := newService(t, d)
	run, err := s.Compute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"bad.table", "bad.disagree", "bad.stray", "bad.twice", "bad.record_twice", "bad.many", "bad.outside"} {
		if why := run.Failed[id]; why.ZH == "" || why.EN == "" {
			t.Errorf("%s did not fail", id)
		}
		if known, unknown := values(t, s, id); len(known)+len(unknown) != 0 {
			t.Errorf("%s has values: %v %v", id, known, unknown)
		}
	}
	if known, _ := values(t, s, "good"); known[" now"] != 4 {
		t.Errorf("good = %v", known)
	}
	if sheet, err := s.Figure(t.Context(), "bad.table"); err != nil || sheet.Failed.IsZero() {
		t.Errorf("the sheet does not say that it failed: %v", err)
	}
}

// A ratio of computed figures follows them and opens to them.
func TestRatioOfComputedFigures(t *testing.T) {
	d := dbtest.SQLite(t)
	smallCity(t, d)
	part := counted("ror_share")
	part.Basis, part.Unit, part.Period, part.Numerator, part.Denominator = observatory.BasisComputed, quantity.Percent, quantity.AsOf, "organisations.with_ror", "organisations.all"
	putFigures(t, d, append(bundled(t), part)...)
	s := newService(t, d)
	compute(t, s)
	sheet, err := s.Figure(t.Context(), "ror_share")
	if err != nil || len(sheet.Computed) != 1 || sheet.Computed[0].Quantity.Value != 50 || sheet.Computed[0].Slot != "now" {
		t.Fatalf("%+v, %v", sheet.Computed, err)
	}
	page, err := s.Records(t.Context(), observatory.RecordsQuery{FigureID: "ror_share", Slot: "now"})
	if err != nil || page.Moved || page.Total != 2 || page.Items[0].Kind != observatory.KindValue {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestRecordsOfNothing(t *testing.T) {
	d := dbtest.SQLite(t)
	addSource(t, d, "s", "")
	putFigures(t, d, counted("a"))
	s := newService(t, d)
	for _, q := range []observatory.RecordsQuery{{FigureID: "none"}, {FigureID: "a"}} {
		if _, err := s.Records(t.Context(), q); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%+v: %v", q, err)
		}
	}
}

func TestRankSeriesAndOverview(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSource(t, d, "s", "2025-11-16")
		rank := counted("rank")
		rank.Unit, rank.Overview, rank.Order = quantity.Rank, true, 2
		loans := counted("loans")
		loans.Unit, loans.Overview, loans.Order = quantity.CNY, true, 1
		putFigures(t, d, rank, loans)
		var rows []observatory.Reported
		for i, place := range []float64{10, 8, 8, 6} {
			r := said("rank", 2021+i, quantity.Of(place, quantity.Rank), "s")
			r.Edition, r.DataYear = []string{"2022", "2023", "2024", "2025"}[i], 2021+i
			r.Note = i18n.Text{ZH: "82种期刊"}
			if i == 3 {
				r.Note = i18n.Text{ZH: "145种期刊"}
			}
			rows = append(rows, r)
		}
		rows = append(rows, said("loans", 2023, quantity.Of(100, quantity.CNY), "s"), said("loans", 2024, quantity.With(quantity.Above, 150, quantity.CNY), "s"))
		putReported(t, d, rows...)
		s := newService(t, d)
		compute(t, s)
		cards, err := s.Overview(t.Context())
		if err != nil || len(cards) != 2 {
			t.Fatalf("%d cards, %v", len(cards), err)
		}
		money, place := cards[0], cards[1]
		if money.Quantity.Bound != quantity.Above || money.Change == nil || money.Change.Quantity != quantity.With(quantity.Above, 50, quantity.Percent) {
			t.Errorf("loans: %+v, change %+v", money.Quantity, money.Change)
		}
		if place.Quantity.Value != 6 || place.DataYear != 2024 || place.Edition != "2025" || place.Change.Kind != "places" || place.Change.Quantity.Value != 2 ||
			place.Change.Break.ZH != "145种期刊" || len(place.Spark) != 4 || place.Source.EN != "s" {
			t.Errorf("rank: %+v, change %+v", place, place.Change)
		}
		sheet, err := s.Figure(t.Context(), "rank")
		if err != nil || len(sheet.Breaks) != 1 || len(sheet.Reported) != 4 {
			t.Errorf("breaks %+v, %v", sheet.Breaks, err)
		}
	})
}
