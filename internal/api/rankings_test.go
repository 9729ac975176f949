package api

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

func TestRankingOpensToItsWorks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, withRankings(t))
		const query = "corpus=world&unit=city&indicator=mncs&minimum=5"
		var page RankingOut
		r := w.get(base + "/rankings?" + query + "&limit=3&offset=1").want(200).in(&page)
		if len(page.Items) != 3 || *page.Total <= 4 || page.Next == "" || r.header.Get("Link") == "" || page.World.Values["mncs"] == 0 || len(page.Method.Statements) == 0 || len(page.Caveats) == 0 || page.Query.From != 2020 {
			t.Errorf("ranking %s", r.body)
		}
		if from := page.Sources[page.Items[0].SourceID]; !from.Simulated || !page.Corpus.Simulated || strings.Contains(string(r.body), os.TempDir()) {
			t.Errorf("sources %+v", page.Sources)
		}
		first := page.Items[0]
		if _, known := first.Interval["mncs"]; !known || first.Rank < 2 {
			t.Errorf("row %+v", first)
		}
		// The cursor goes on where the page ended, and the works give the value.
		var next RankingOut
		w.get(base + "/rankings?" + query + "&limit=3&cursor=" + page.Next).want(200).in(&next)
		if len(next.Items) == 0 || next.Items[0].Rank < page.Items[2].Rank || next.Items[0].Unit == page.Items[2].Unit {
			t.Errorf("after %+v comes %+v", page.Items[2], next.Items)
		}
		var weight, weighed float64
		address := base + "/rankings/works?" + query + "&limit=7&of=" + first.Unit
		for at := address; at != ""; {
			var works WorksOut
			w.get(at).want(200).in(&works)
			for _, x := range works.Items {
				weight, weighed = weight+x.Weight, weighed+x.Base
			}
			if at = ""; works.Next != "" {
				at = address + "&cursor=" + works.Next
			} else if math.Abs(works.Value-first.Values["mncs"]) > 1e-9 || works.Unit.IsZero() || works.Statement.SQL == "" {
				t.Errorf("%v in the table, works %+v", first.Values["mncs"], works)
			}
		}
		if math.Abs(weight/weighed-first.Values["mncs"]) > 1e-9 {
			t.Errorf("the works of all pages give %v, not %v", weight/weighed, first.Values["mncs"])
		}
	})
}

func TestRankingAsFile(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), withRankings(t))
	var page RankingOut
	w.get(base + "/rankings?corpus=world&unit=country&limit=1").want(200).in(&page)
	rows := csvOf(t, w.get(base+"/rankings?corpus=world&unit=country&limit=1&offset=5&format=csv", "Accept-Language", "en").want(200))
	if int64(len(rows)) != *page.Total || rows[0]["rank"] != "1" || rows[0]["share"] != fmt.Sprint(page.Items[0].Values["share"]) || rows[0]["simulated"] == "" || rows[0]["source_id"] != "simulated-world" || rows[0]["mncs_low"] == "" {
		t.Errorf("%d rows of %d, first %v", len(rows), *page.Total, rows[0])
	}
	works := csvOf(t, w.get(base+"/rankings/works?corpus=world&unit=country&of="+page.Items[0].Unit+"&format=csv").want(200))
	if len(works) < 10 || works[0]["weight"] == "" || works[0]["work"] == "" {
		t.Errorf("%d works", len(works))
	}
}

func TestRankingRefuses(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), withRankings(t))
	for path, want := range map[string]string{
		"/rankings": "422 api.required_parameter", "/rankings?corpus=none": "404 corpus.none", "/rankings?corpus=..": "422 corpus.bad_name", "/rankings?corpus=world&unit=planet": "422 api.one_of",
		"/rankings?corpus=world&from=2021&to=2020": "422 ranking.years", "/rankings?corpus=world&cursor=x": "422 api.bad_cursor", "/rankings?corpus=world&cursor=" + encodeCursor("-1"): "422 api.bad_cursor",
		"/rankings/works?corpus=world&of=none": "404 ranking.no_unit", "/rankings/works?corpus=world&of=US&unit=country&cursor=" + encodeCursor("x"): "422 api.bad_cursor",
		"/clusters?corpus=world&radius_km=500": "422 api.at_most", "/clusters/9999/places?corpus=world": "404 ranking.no_cluster", "/corpora/none": "404 corpus.none", "/corpora/none/fields": "404 corpus.none",
	} {
		var p Problem
		if r := w.get(base + path).in(&p); fmt.Sprint(r.status, " ", p.Code) != want {
			t.Errorf("%s: %s, want %s", path, r.body, want)
		}
	}
	none := newWorld(t, dbtest.SQLite(t))
	for _, path := range []string{"/corpora", "/corpora/world", "/rankings?corpus=world", "/clusters?corpus=world", "/editions", "/editions/x", "/releases", "/releases/x"} {
		none.get(base+path).problem(503, "api.not_offered")
	}
}

// TestIndicatorsAreListed holds the words of the parameter against those of the
// room.
func TestIndicatorsAreListed(t *testing.T) {
	field, _ := reflect.TypeFor[RankingQuery]().FieldByName("Indicator")
	if got := field.Tag.Get("enum"); got != strings.Join(ranking.IndicatorIDs(), ",") {
		t.Errorf("the parameter knows %s", got)
	}
	field, _ = reflect.TypeFor[RankingQuery]().FieldByName("Unit")
	if got := field.Tag.Get("enum"); got != strings.Join(ranking.Units, ",") {
		t.Errorf("the parameter knows %s", got)
	}
	w := newWorld(t, dbtest.SQLite(t))
	var page Page[ranking.Indicator]
	if w.get(base + "/rankings/indicators").want(200).in(&page); len(page.Items) != len(ranking.Indicators) || page.Items[0].Definition.EN == "" {
		t.Errorf("indicators %+v", page.Items)
	}
}

func TestClustersOpenToTheirPlaces(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), withRankings(t))
	const query = "corpus=world&density=5"
	var page ClustersOut
	r := w.get(base + "/clusters?" + query + "&limit=2").want(200).in(&page)
	if len(page.Items) != 2 || page.Items[0].Rank != 1 || page.Query.RadiusKM != 15 || page.Faint != nil || page.Core == 0 || !page.Sources[page.Items[0].SourceID].Simulated {
		t.Fatalf("clusters %s", r.body)
	}
	var faint ClustersOut
	if w.get(base + "/clusters?" + query + "&faint=true&limit=500").want(200).in(&faint); len(faint.Faint) != min(faint.Noise, 2000) || int64(len(faint.Items)) != *page.Total {
		t.Errorf("%d faint places of %d", len(faint.Faint), faint.Noise)
	}
	rows := csvOf(t, w.get(fmt.Sprintf("%s/clusters/%d/places?%s&format=csv", base, page.Items[0].ID, query)))
	var places Page[ClusterPlace]
	w.get(fmt.Sprintf("%s/clusters/%d/places?%s&limit=1", base, page.Items[0].ID, query)).want(200).in(&places)
	if len(rows) == 0 || int64(len(rows)) != *places.Total || rows[0]["lon"] != fmt.Sprint(places.Items[0].Lon) {
		t.Errorf("%d places of %+v", len(rows), places)
	}
}

// copied is a folder of corpora with a copy of the simulated world that mend has
// changed.
func copied(t *testing.T, name string, mend func(m *corpus.Manifest)) string {
	t.Helper()
	from, err := simulated()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	to := filepath.Join(root, name)
	if err := os.CopyFS(to, os.DirFS(filepath.Join(from, "corpora", "world"))); err != nil {
		t.Fatal(err)
	}
	m, err := corpus.ReadManifest(to)
	if err != nil {
		t.Fatal(err)
	}
	m.Name = name
	mend(&m)
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "corpus.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestCorpora(t *testing.T) {
	root := copied(t, "copy", func(m *corpus.Manifest) {
		m.Report.Faults = map[string]corpus.Fault{"broken_line": {Count: 3, Samples: []corpus.Sample{{File: "/srv/in/works.jsonl", Line: 7, Text: "张三"}}}}
		m.Report.Unknown = map[string]int64{"work.colour": 2}
	})
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) {
		sv.Corpora, sv.Rankings = root, ranking.New(ranking.Config{Corpora: root, Prepared: t.TempDir()})
	})
	var list Page[Corpus]
	r := w.get(base + "/corpora").want(200).in(&list)
	if len(list.Items) != 1 || !list.Items[0].Simulated || list.Items[0].Tables[0].Rows != 600 || list.Sources["simulated-world"].Title.EN == "" || strings.Contains(string(r.body), root) {
		t.Errorf("corpora %s", r.body)
	}
	var sheet CorpusSheet
	r = w.get(base + "/corpora/copy").want(200).in(&sheet)
	if f := sheet.Report.Faults["broken_line"]; f.Count != 3 || f.Samples != nil || sheet.Report.Unknown["work.colour"] != 2 || sheet.Source.Licence == "" || strings.Contains(string(r.body), "张三") {
		t.Errorf("readers see %s", r.body)
	}
	r = w.ask(account.Editor, "GET", base+"/corpora/copy", nil).want(200).in(&sheet)
	if f := sheet.Report.Faults["broken_line"].Samples; len(f) != 1 || f[0].File != "works.jsonl" || f[0].Text != "张三" || strings.Contains(string(r.body), "/srv") {
		t.Errorf("editors see %s", r.body)
	}
	if rows := csvOf(t, w.get(base+"/corpora?format=csv")); len(rows) != 1 || rows[0]["work_rows"] != "600" {
		t.Errorf("%v", rows)
	}
}

// TestPrivateCorpus tries every way to a corpus of a source tagged R.
func TestPrivateCorpus(t *testing.T) {
	root := copied(t, "inside", func(m *corpus.Manifest) { m.Source = source.Source{ID: "private"} })
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) {
		sv.Corpora, sv.Rankings = root, ranking.New(ranking.Config{Corpora: root, Prepared: t.TempDir()})
	})
	for _, path := range []string{"/corpora/inside", "/corpora/inside/fields", "/rankings?corpus=inside", "/rankings/works?corpus=inside&of=CN&unit=country", "/clusters?corpus=inside", "/clusters/0/places?corpus=inside"} {
		w.ask(account.Viewer, "GET", base+path, nil).problem(404, "corpus.none")
		if !strings.Contains(path, "corpora/inside") || strings.Contains(path, "fields") {
			w.ask(account.Admin, "GET", base+path, nil, "Accept", "text/csv").problem(404, "corpus.none")
		}
	}
	var list Page[Corpus]
	if w.get(base + "/corpora").want(200).in(&list); len(list.Items) != 0 {
		t.Errorf("readers see %+v", list.Items)
	}
	if w.ask(account.Editor, "GET", base+"/corpora", nil).want(200).in(&list); len(list.Items) != 1 {
		t.Errorf("editors see %+v", list.Items)
	}
	w.ask(account.Editor, "GET", base+"/clusters?corpus=inside", nil).want(200)
}

// TestCorpusOfTheRegistry holds that a paper and an organisation of a source
// tagged R stay out of rankings over the papers of the registry.
func TestCorpusOfTheRegistry(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) {
		root := t.TempDir()
		both := registry.Affiliation{Raw: "内部", City: "广州", Country: "CN", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: sysu, Score: 1}, {OrgID: secret, Score: 1}}}
		if err := sv.DB.InTx(t.Context(), func(tx *db.Tx) error {
			return outcome(sv.Registry.PutPapers(t.Context(), tx, tester, []registry.Paper{{ID: "paper-3", Key: "x:3", Title: "内部文章之二", Year: 2024, SourceID: "private", Affiliations: []registry.Affiliation{both}}}))
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := corpus.ImportRegistry(t.Context(), corpus.Import{Root: root, Name: "papers", Now: sv.DB.Now(), Organisations: &corpus.Organisations{Service: sv.Registry, DB: sv.DB}}); err != nil {
			t.Fatal(err)
		}
		sv.Corpora, sv.Rankings = root, ranking.New(ranking.Config{Corpora: root, Prepared: t.TempDir()})
	})
	var page WorksOut
	const all = "/rankings/works?corpus=papers&unit=country&of=CN&indicator=p"
	if r := w.get(base + all).want(200).in(&page); strings.Contains(string(r.body), "内部文章") || len(page.Items) == 0 || page.Sources["ror"].Licence == "" {
		t.Errorf("readers see %s", r.body)
	}
	seen := len(page.Items)
	if r := w.ask(account.Editor, "GET", base+all, nil).want(200).in(&page); len(page.Items) != seen+1 {
		t.Errorf("editors see %s", r.body)
	}
	if rows := csvOf(t, w.ask(account.Admin, "GET", base+all+"&format=csv", nil)); len(rows) != seen {
		t.Errorf("a file holds %v", rows)
	}
	var units RankingOut
	if r := w.get(base + "/rankings?corpus=papers").want(200).in(&units); strings.Contains(string(r.body), "不公开") || len(units.Items) != 1 || units.Items[0].SourceID != "ror" {
		t.Errorf("readers see %s", r.body)
	}
	if r := w.ask(account.Editor, "GET", base+"/rankings?corpus=papers", nil).want(200).in(&units); len(units.Items) != 2 {
		t.Errorf("editors see %s", r.body)
	}
}
