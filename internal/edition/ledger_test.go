package edition_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

var editor = change.Author{Actor: "editor", Reason: "test"}

func bundledEditions(t testing.TB) []edition.Edition {
	t.Helper()
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Editions))
	if err != nil {
		t.Fatal(err)
	}
	out, err := edition.ParseEditions(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err))
	}
	return out
}

func bundledEntries(t testing.TB) []edition.Entry {
	t.Helper()
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Entries))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []edition.Entry
	for _, r := range rows[1:] {
		e, err := edition.ParseEntry(func(column string) string {
			for i, h := range rows[0] {
				if h == column {
					return r[i]
				}
			}
			return ""
		})
		if err != nil {
			t.Fatalf("%v: %s", r, i18n.Error(i18n.EN, err))
		}
		out = append(out, e)
	}
	return out
}

func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(i18n.Error(i18n.EN, err), err)
	}
}

func addSources(t testing.TB, d *db.DB, ids ...string) {
	t.Helper()
	inTx(t, d, func(tx *db.Tx) error {
		for _, id := range ids {
			if _, err := source.Put(t.Context(), tx, editor, source.Source{ID: id, Title: i18n.Text{EN: id}, LicenceTag: source.Fact}); err != nil {
				return err
			}
		}
		return nil
	})
}

func put(t testing.TB, d *db.DB, by change.Author, editions []edition.Edition, entries []edition.Entry) string {
	t.Helper()
	n := map[edition.Action]int{}
	inTx(t, d, func(tx *db.Tx) error {
		out, err := edition.Put(t.Context(), tx, by, editions)
		if err != nil {
			return err
		}
		more, err := edition.PutEntries(t.Context(), tx, by, entries)
		for _, o := range append(out, more...) {
			n[o.Action]++
		}
		return err
	})
	switch {
	case n[edition.Created] > 0 && n[edition.Updated]+n[edition.Unchanged] == 0:
		return "created"
	case n[edition.Unchanged] > 0 && n[edition.Created]+n[edition.Updated] == 0:
		return "unchanged"
	}
	return "mixed"
}

// bundle puts the demo city's ledger into a fresh database.
func bundle(t testing.TB, d *db.DB) *edition.Service {
	t.Helper()
	editions, entries := bundledEditions(t), bundledEntries(t)
	var ids []string
	for _, e := range editions {
		ids = append(ids, e.SourceID)
	}
	for _, e := range entries {
		ids = append(ids, e.SourceID)
	}
	addSources(t, d, ids...)
	if got := put(t, d, editor, editions, entries); got != "created" {
		t.Fatal(got)
	}
	return edition.New(d)
}

func TestBundledLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := bundle(t, d)
		head, _ := change.Head(t.Context(), d)
		if got := put(t, d, editor, bundledEditions(t), bundledEntries(t)); got != "unchanged" {
			t.Errorf("the second run: %s", got)
		}
		if after, _ := change.Head(t.Context(), d); after != head {
			t.Errorf("%d change entries for nothing", after-head)
		}
		want := bundledEditions(t)
		for _, e := range want {
			got, err := s.Get(t.Context(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			e.Version, e.CreatedAt, e.UpdatedAt = got.Version, got.CreatedAt, got.UpdatedAt
			if diff := cmp.Diff(e, got); diff != "" {
				t.Errorf("%s (-put +read):\n%s", e.ID, diff)
			}
			if srcs, err := s.Sources(t.Context(), e.ID); err != nil || srcs[e.SourceID].ID == "" {
				t.Errorf("%s has no source: %v, %v", e.ID, srcs, err)
			}
		}
		list, err := s.List(t.Context(), edition.Filter{Ranking: "gii"})
		if err != nil || len(list) != 6 || list[0].Edition != "2025" || list[5].Edition != "2020" {
			t.Errorf("%d editions of the GII, %v", len(list), err)
		}
		if all, _ := s.List(t.Context(), edition.Filter{UnitRanked: edition.Institution, Basis: edition.Published}); len(all) != 6 {
			t.Errorf("%d editions of institutions", len(all))
		}
		if n, err := s.Counts(t.Context()); err != nil || n["gii.cluster@2023"] != 34 || n["esi.engineering@2020-01"] != 0 {
			t.Errorf("%v, %v", n, err)
		}
		if _, err := s.Get(t.Context(), "gii.cluster@1999"); errs.KindOf(err) != errs.NotFound {
			t.Error(err)
		}
	})
}

// What ships is 34 of 34, and its stated totals are those that the rows leave.
func TestBundledGII2023(t *testing.T) {
	s := bundle(t, dbtest.SQLite(t))
	lines, err := s.Entries(t.Context(), "gii.cluster@2023")
	if err != nil {
		t.Fatal(err)
	}
	rows, without := edition.Rows(lines, [2]string{"pct", "publications"}, [2]string{"pct_share", "publication_share"}, "total")
	if len(rows) != 34 || without != 0 || rows[0].Name != "Tokyo–Yokohama" || rows[33].Total.String() != "0.9" {
		t.Fatalf("%d rows, %d without; %+v", len(rows), without, rows)
	}
	got, err := edition.Totals(rows, edition.RoundedCounts)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := s.Get(t.Context(), "gii.cluster@2023")
	for i, span := range []edition.Interval{got.First, got.Second} {
		low, high := span.Floats()
		if e.Totals[i].Low != math.Ceil(low) || e.Totals[i].High != math.Floor(high) {
			t.Errorf("%s: stated [%.0f, %.0f], the rows give [%.1f, %.1f]", e.Totals[i].Metric, e.Totals[i].Low, e.Totals[i].High, low, high)
		}
	}
	if n, others := edition.Held(rows, edition.RoundedCounts, 1255500, 7460000); n != 34 {
		t.Errorf("%d of 34 hold, not %v", n, others)
	}
}

func TestCompare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := bundle(t, d)
		compare := func(a, b string) edition.Comparison {
			t.Helper()
			c, err := s.Compare(t.Context(), a, b)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		of := func(c edition.Comparison, id string) edition.Move {
			for _, m := range c.Moves {
				if m.Identity == id {
					return m
				}
			}
			t.Fatalf("no move of %s", id)
			return edition.Move{}
		}
		c := compare("gii.cluster@2023", "gii.cluster@2022") // the order does not matter
		if c.A.Edition != "2022" || c.Comparable != edition.Yes || len(c.Moves) != 34 || len(c.Changes) != 0 {
			t.Errorf("%s to %s: %s, %d moves", c.A.Edition, c.B.Edition, c.Comparable, len(c.Moves))
		}
		m := of(c, "cluster:qingdao")
		if m.A != nil || !m.FromPrevious || m.RankA != 29 || m.RankB != 23 || m.Places == nil || *m.Places != 6 {
			t.Errorf("Qingdao: %+v", m)
		}
		if m := of(c, "cluster:shenzhen-hongkong-guangzhou"); m.A == nil || m.FromPrevious || m.Disagrees != 0 || *m.Places != 0 {
			t.Errorf("the cluster: %+v", m)
		}
		c = compare("gii.cluster@2024", "gii.cluster@2025")
		if c.Comparable != edition.No || c.Why[0] != edition.MethodBroke || c.Changes[0].Parameter != "metrics" || c.Changes[0].Edition != "gii.cluster@2025" {
			t.Errorf("across the third metric: %s, %v, %+v", c.Comparable, c.Why, c.Changes)
		}
		if m := of(c, "cluster:shenzhen-hongkong-guangzhou"); *m.Places != 1 || m.Comparable != edition.No {
			t.Errorf("a place gained by method: %+v", m)
		}
		if m := of(c, "cluster:cairo"); m.B != nil || m.Places != nil || m.RankA != 95 {
			t.Errorf("Cairo: %+v", m)
		}
		c = compare("gii.cluster@2020", "gii.cluster@2025")
		if c.Comparable != edition.No || len(c.Absent) != 0 {
			t.Errorf("over five editions: %+v", c)
		}
		c = compare("gii.cluster@2023", "gii.cluster@2025")
		m = of(c, "cluster:shenzhen-hongkong-guangzhou")
		if len(m.Values) != 2 || m.Values[1].Metric != "publication_share" || math.Abs(m.Values[1].Change.Value-0.3) > 1e-9 || math.Abs(m.Values[1].Growth.Value-100*0.3/2.1) > 1e-6 {
			t.Errorf("values: %+v", m.Values)
		}
		if c := compare("nature_index.city@2022", "nature_index.city@2024"); c.Comparable != edition.No {
			t.Errorf("82 to 145 journals: %+v", c.Why)
		}
		if c := compare("nature_index.city@2023", "nature_index.city@2024"); c.Comparable != edition.Unknown || c.Why[0] != edition.MaybeBroke {
			t.Errorf("an unverified break: %s %v", c.Comparable, c.Why)
		}
		if c := compare("esi.engineering@2020-01", "esi.engineering@2026-01"); c.Comparable != edition.Unknown || c.Why[0] != edition.EditionAbsent {
			t.Errorf("a gap of six years: %s %v", c.Comparable, c.Why)
		}
		for _, other := range []string{"esi.engineering@2020-01", "gii.cluster@2023"} {
			if _, err := s.Compare(t.Context(), "gii.cluster@2023", other); errs.KindOf(err) != errs.Invalid {
				t.Errorf("with %s: %v", other, err)
			}
		}
	})
}

func TestHistory(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := bundle(t, d)
		points, err := s.History(t.Context(), "division:440100", "nature_index.city")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range points {
			got = append(got, p.Edition.Edition+" "+p.Entry.Rank.Format(i18n.EN)+" "+string(p.Comparable))
		}
		want := []string{"2022 10th ", "2023 8th no", "2024 8th unknown", "2025 6th yes"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		all, err := s.History(t.Context(), "division:440100", "")
		if err != nil || len(all) != 5 || all[0].Edition.Ranking != "capability.city" {
			t.Errorf("%d points, %v", len(all), err)
		}
		if none, err := s.History(t.Context(), "division:999999", ""); err != nil || len(none) != 0 {
			t.Errorf("%v, %v", none, err)
		}
	})
}

func sample() (edition.Edition, edition.Entry) {
	e := edition.Edition{ID: "x.city@2024", Ranking: "x.city", Edition: "2024", Previous: "2023", Body: i18n.Text{EN: "X"}, Title: i18n.Text{ZH: "甲", EN: "X"},
		PublishedOn: "2024", UnitRanked: edition.City, Metrics: []edition.Metric{{Key: "score", Title: i18n.Text{EN: "score"}, Places: 1}},
		LicenceTag: source.Fact, Basis: edition.Published, SourceID: "s"}
	return e, edition.Entry{EditionID: e.ID, Name: i18n.Text{EN: "A"}, Unit: "division:440100", SourceID: "s", Rank: quantity.With(quantity.AtMost, 23, quantity.Rank),
		Values: []edition.Value{{Metric: "score", Quantity: quantity.Of(7.5, quantity.None)}}}
}

func TestPutRefuses(t *testing.T) {
	d := dbtest.SQLite(t)
	addSources(t, d, "s")
	ok, line := sample()
	put(t, d, editor, []edition.Edition{ok}, []edition.Entry{line})
	broken := map[string]func(*edition.Edition, *edition.Entry) errs.Kind{
		"ranking":      func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.Ranking = "X!"; return errs.Invalid },
		"label":        func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.Edition = "a/b"; return errs.Invalid },
		"own previous": func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.Previous = "2024"; return errs.Invalid },
		"no metric":    func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.Metrics = nil; return errs.Invalid },
		"metric twice": func(e *edition.Edition, _ *edition.Entry) errs.Kind {
			e.Metrics = append(e.Metrics, e.Metrics[0])
			return errs.Invalid
		},
		"unknown source": func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.SourceID = "none"; return errs.Conflict },
		"basis":          func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.Basis = "heard"; return errs.Invalid },
		"day":            func(e *edition.Edition, _ *edition.Entry) errs.Kind { e.PublishedOn = "2024-13"; return errs.Invalid },
		"no difference": func(e *edition.Edition, _ *edition.Entry) errs.Kind {
			e.Changes = []edition.Difference{{Parameter: "p", Title: i18n.Text{EN: "p"}, Certainty: edition.Stated}}
			return errs.Invalid
		},
		"total": func(e *edition.Edition, _ *edition.Entry) errs.Kind {
			e.Totals = []edition.Total{{Metric: "score", Low: 2, High: 1}}
			return errs.Invalid
		},
		"absent edition": func(_ *edition.Edition, l *edition.Entry) errs.Kind {
			l.EditionID = "x.city@1999"
			return errs.Conflict
		},
		"absent metric": func(_ *edition.Edition, l *edition.Entry) errs.Kind {
			l.Values[0].Metric = "other"
			return errs.Invalid
		},
		"half a rank": func(_ *edition.Edition, l *edition.Entry) errs.Kind { l.Rank.Value = 2.5; return errs.Invalid },
		"unit":        func(_ *edition.Edition, l *edition.Entry) errs.Kind { l.Unit = "Guangzhou"; return errs.Invalid },
		"no name":     func(_ *edition.Edition, l *edition.Entry) errs.Kind { l.Name = i18n.Text{}; return errs.Invalid },
	}
	for name, spoil := range broken {
		e, l := sample()
		want := spoil(&e, &l)
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := edition.Put(t.Context(), tx, editor, []edition.Edition{e}); err != nil {
				return err
			}
			_, err := edition.PutEntries(t.Context(), tx, editor, []edition.Entry{l})
			return err
		})
		if got := errs.KindOf(err); got != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
		if text := i18n.Error(i18n.ZH, err); strings.Contains(text, "edition.") || strings.Contains(text, "{") {
			t.Errorf("%s: the reader sees %q", name, text)
		}
	}
}

func TestUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSources(t, d, "s")
		e, line := sample()
		put(t, d, editor, []edition.Edition{e}, nil)
		batch := change.Author{Actor: "import", BatchID: "batch-1"}
		e.Title.ZH = "乙"
		put(t, d, batch, []edition.Edition{e}, []edition.Entry{line})
		undo := func() error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				log, err := change.OfBatch(t.Context(), tx, "batch-1", 0, 100)
				if err != nil {
					return err
				}
				for _, l := range log {
					if err := edition.Undo(t.Context(), tx, editor, l); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		s := edition.New(d)
		if got, err := s.Get(t.Context(), e.ID); err != nil || got.Title.ZH != "甲" || got.Version != 3 {
			t.Errorf("%+v, %v", got, err)
		}
		if lines, err := s.Entries(t.Context(), e.ID); err != nil || len(lines) != 0 {
			t.Errorf("%+v, %v", lines, err)
		}
		if err := undo(); errs.KindOf(err) != errs.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		put(t, d, editor, nil, []edition.Entry{line})
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			log, err := change.Of(t.Context(), tx, edition.KindEdition, e.ID, 0, 10)
			if err != nil {
				return err
			}
			created := log[len(log)-1]
			return edition.Undo(t.Context(), tx, editor, created)
		})
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("an edition with lines is taken out: %v", err)
		}
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			return edition.Undo(t.Context(), tx, editor, change.Entry{Kind: "org"})
		})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("another room's entry: %v", err)
		}
	})
}

func TestBounds(t *testing.T) {
	_, line := sample()
	for text, want := range map[string]string{"8": "eq 8 0", "<=23": "le 23 0", "101-150": "range 101 150", "≥5": "ge 5 0", "1,200": "eq 1200 0", "<= 23": "le 23 0"} {
		e, err := edition.ParseEntry(func(c string) string {
			return map[string]string{"edition": line.EditionID, "name_en": "A", "source_id": "s", "rank": text, "values": "score=" + text + "|"}[c]
		})
		if err != nil {
			t.Errorf("%s: %s", text, i18n.Error(i18n.EN, err))
			continue
		}
		for _, q := range []quantity.Quantity{e.Rank, e.Values[0].Quantity} {
			if got := strings.TrimSpace(strings.Join([]string{string(q.Bound), i18n.Decimal(q.Value, 0), i18n.Decimal(q.High, 0)}, " ")); strings.ReplaceAll(got, ",", "") != want {
				t.Errorf("%s: %s, want %s", text, got, want)
			}
		}
	}
	for _, text := range []string{"first", "0", "-1", "1.5", "<=1-2", "9-3", "１", "1e9"} {
		if e, err := edition.ParseEntry(func(c string) string {
			return map[string]string{"edition": line.EditionID, "name_en": "A", "source_id": "s", "rank": text}[c]
		}); err == nil {
			t.Errorf("%q is the rank %+v", text, e.Rank)
		}
	}
	if name, ok := edition.Style("gii.cluster"); !ok || !strings.Contains(name.EN, "GII-style") {
		t.Errorf("style %v", name)
	}
	if _, ok := edition.Style("capability.city"); ok {
		t.Error("a style for a ranking without one")
	}
}

func FuzzParseEntry(f *testing.F) {
	f.Add("8", "pct=127418|total=11.7", "cluster:tokyo-yokohama", "3")
	f.Add("<=23", "a=>=1.5|b=1-2", "", "")
	f.Add("≥", "=|=|", ":", "-1")
	f.Fuzz(func(t *testing.T, rank, values, unit, previous string) {
		e, err := edition.ParseEntry(func(c string) string {
			return map[string]string{"edition": "x.city@2024", "name_en": "A", "source_id": "s", "rank": rank, "values": values, "unit": unit, "previous_rank": previous}[c]
		})
		if err == nil && e.Validate() != nil {
			t.Errorf("%+v passes and is not valid: %v", e, e.Validate())
		}
	})
}

func FuzzParseEditions(f *testing.F) {
	f.Add("version: 1\nrankings:\n- {ranking: a, editions: [{edition: '1'}]}\n")
	f.Add("version: 2")
	f.Add("rankings: 7")
	f.Add("version: 1\nrankings:\n- {ranking: a.b, body: {en: x}, title: {zh: x, en: x}, unit_ranked: city, licence_tag: G, metrics: [{key: m, title: {en: m}}],\n  editions: [{edition: '1', source_id: s, thresholds: {m: .nan}, totals: [{metric: m, low: 1, high: .inf}]}]}\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := edition.ParseEditions(strings.NewReader(text))
		for i := range list {
			if err != nil {
				continue
			}
			if _, failed := json.Marshal(list[i]); failed != nil || list[i].Validate() != nil {
				t.Errorf("%+v passes: %v", list[i], failed)
			}
		}
	})
}

// What is recalled compares with nothing; a bound is no rank; a rank before
// that contradicts the ledger is told.
func TestCompareDoubts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSources(t, d, "s")
		b, line := sample()
		a := b
		a.ID, a.Edition, a.Previous, a.PublishedOn, a.Basis = "x.city@2023", "2023", "", "2023", edition.Recalled
		entry := func(in, unit string, rank, previous int64) edition.Entry {
			e := line
			e.Values = nil
			e.EditionID, e.Unit, e.Rank, e.PreviousRank = in, unit, quantity.Of(float64(rank), quantity.Rank), previous
			return e
		}
		bounded := line
		bounded.EditionID, bounded.Values = a.ID, []edition.Value{{Metric: "score", Quantity: quantity.Of(0, quantity.None)}}
		now := line
		now.Rank, now.PreviousRank = quantity.Of(9, quantity.Rank), 12
		put(t, d, editor, []edition.Edition{a, b}, []edition.Entry{bounded, now, entry(a.ID, "city:b", 4, 0), entry(b.ID, "city:b", 2, 5), entry(b.ID, "city:c", 1, 0)})
		c, err := edition.New(d).Compare(t.Context(), a.ID, b.ID)
		if err != nil || c.Comparable != edition.Unknown || len(c.Why) != 1 || c.Why[0] != edition.NotSeen {
			t.Fatalf("%s %v, %v", c.Comparable, c.Why, err)
		}
		var got []string
		for _, m := range c.Moves {
			places := "unknown"
			if m.Places != nil {
				places = i18n.Integer(*m.Places)
			}
			got = append(got, strings.Join([]string{m.Identity, i18n.Integer(m.RankA), i18n.Integer(m.RankB), places, i18n.Integer(m.Disagrees)}, " "))
		}
		want := []string{"city:c 0 1 unknown 0", "city:b 4 2 2 5", "division:440100 0 9 unknown 0"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if v := c.Moves[2].Values; len(v) != 1 || v[0].Change.Value != 7.5 || v[0].Growth != nil {
			t.Errorf("growth from nothing: %+v", v)
		}
	})
}
