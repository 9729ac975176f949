package web

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/stats"
)

// What one query of an analyst may take.
const (
	queryTime   = 10 * time.Second
	queryMemory = 384 // MB; beyond it the engine spills, up to the disk it may use
	queryShown  = 200
	queryRows   = 100_000 // of a file
	maxQuery    = 60_000  // characters
)

// factsSet is the name of the facts among the sets of data; corpora have their
// own names.
const factsSet = "facts"

// QueryPage lets an analyst ask the data with one SELECT.
type QueryPage struct {
	Page
	Sets   []Option
	Set    string
	SQL    string
	Fault  string
	Result *QueryResult
	Tables []QueryTable
	Marked bool // the chosen set is simulated
	State  string
	Params []Fact
	Tries  []QueryTry
	Limits string
}

// QueryResult is the answer as a table.
type QueryResult struct {
	Heads []stats.AnswerColumn
	Rows  [][]QueryCell
	Count string
	Cut   string // said where there are more rows than shown
}

// QueryCell is one value of an answer; Null is what is not known.
type QueryCell struct {
	Text    string
	Null    bool
	Numeric bool
}

// QueryTable is one table that can be asked.
type QueryTable struct {
	Name    string
	Rows    string
	Columns []QueryColumn
}

// QueryColumn is one of its columns.
type QueryColumn struct{ Name, Type string }

// QueryTry is an example, or the query of a figure.
type QueryTry struct {
	Title string
	SQL   string
	Href  string
}

// dataSet is what one query can be about.
type dataSet struct {
	name      string
	title     i18n.Text
	simulated bool
	state     i18n.Text // which state of the data this is
	tables    []QueryTable
	views     []stats.View
	params    [][2]string // name with its dollar sign, value
}

func (s *Site) queryForm(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p, _, err := s.queryPage(r, q.Get("set"), q.Get("sql"))
	if err != nil {
		return err
	}
	if id := q.Get("figure"); id != "" {
		if p.SQL, err = s.figureSQL(r.Context(), id, q.Get("part")); err != nil {
			return err
		}
	}
	return s.Render(w, r, "query", p)
}

// figureSQL is the text that computes a figure, or that lists its records.
func (s *Site) figureSQL(ctx context.Context, id, part string) (string, error) {
	f, err := s.svc.Observatory.Definition(ctx, id)
	if err != nil {
		return "", err
	}
	if part == "records" {
		return strings.TrimSpace(f.Compute.Records), nil
	}
	return strings.TrimSpace(f.Compute.SQL), nil
}

// queried runs the query of the form. A fault of the query is shown above it,
// with what was typed kept.
func (s *Site) queried(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	p, set, err := s.queryPage(r, r.PostForm.Get("set"), r.PostForm.Get("sql"))
	if err != nil {
		return err
	}
	if r.PostForm.Get("open") != "" { // from a page that shows how it was computed
		return s.Render(w, r, "query", p)
	}
	limit, file := queryShown, r.PostForm.Get("as") == string(sheet.CSV)
	if file {
		limit = queryRows
	}
	answer, err := s.runQuery(r, set, p.SQL, limit)
	switch kind := errs.KindOf(err); {
	case kind == errs.Invalid || kind == errs.Forbidden || kind == errs.TooLarge || kind == errs.Unavailable: // of the query, not of the page
		p.Fault = i18n.Error(p.Lang, err)
		return s.RenderStatus(w, r, http.StatusUnprocessableEntity, "query", p)
	case err != nil:
		return err
	case file:
		return writeExport(w, sheet.CSV, queryExport(answer))
	}
	p.Result = shownResult(p.Lang, answer, limit)
	return s.Render(w, r, "query", p)
}

func (s *Site) queryPage(r *http.Request, name, text string) (QueryPage, dataSet, error) {
	l := PrefsOf(r.Context()).Lang
	p := QueryPage{Page: s.Page(r, i18n.T(l, "web.query.title")), SQL: text}
	p.Crumbs = []Link{{i18n.T(l, "web.room.overview"), "/"}}
	p.Limits = i18n.T(l, "web.query.limits", errs.A{"seconds": int(queryTime.Seconds()), "memory": queryMemory, "shown": queryShown, "rows": queryRows})
	sets, err := s.dataSets(r.Context())
	if err != nil {
		return p, dataSet{}, err
	}
	if len(sets) == 0 {
		return p, dataSet{}, errs.New(errs.Unavailable, "stats.no_facts")
	}
	set := sets[0]
	for i := range sets {
		if sets[i].name == name {
			set = sets[i]
		}
	}
	for i := range sets {
		p.Sets = append(p.Sets, Option{Value: sets[i].name, Label: sets[i].label(l), Selected: sets[i].name == set.name})
	}
	p.Set, p.Tables, p.Marked, p.State = set.name, set.tables, set.simulated, set.state.In(l)
	for _, x := range set.params {
		p.Params = append(p.Params, Fact{Label: x[0], Values: []FactValue{{Text: x[1]}}})
	}
	for _, e := range queryTries[set.name == factsSet] {
		p.Tries = append(p.Tries, QueryTry{Title: i18n.T(l, e[0]), SQL: e[1], Href: "/query?" + url.Values{"set": {set.name}, "sql": {e[1]}}.Encode()})
	}
	return p, set, nil
}

func (d *dataSet) label(l i18n.Lang) string {
	if d.simulated {
		return i18n.T(l, "web.query.simulated_set", errs.A{"title": d.title.In(l)})
	}
	return d.title.In(l)
}

// queryTries are the examples: for the facts, and for corpora.
var queryTries = map[bool][][2]string{
	true: {
		{"web.query.try.kinds", "SELECT kind, count(*) AS n\nFROM fact_org\nGROUP BY kind\nORDER BY n DESC"},
		{"web.query.try.platforms", "SELECT district, level, count(*) AS n\nFROM fact_platform\nGROUP BY district, level\nORDER BY n DESC"},
		{"web.query.try.reported", "SELECT figure_id, max(period_end) AS latest, count(*) AS n\nFROM fact_reported\nGROUP BY figure_id\nORDER BY figure_id"},
	},
	false: {
		{"web.query.try.years", "SELECT year, count(*) AS works, avg(authors) AS authors, sum(cited) AS cited\nFROM work\nGROUP BY year\nORDER BY year"},
		{"web.query.try.share", "SELECT i.city, any_value(i.city_en) AS name, sum(a.weight) AS share, count(DISTINCT a.work_id) AS works\nFROM authorship a JOIN institution i USING (institution)\nWHERE i.city IS NOT NULL\nGROUP BY i.city\nORDER BY share DESC\nLIMIT 20"},
		{"web.query.try.open", "SELECT count(*) FILTER (WHERE institution IS NULL) AS nowhere, count(*) AS rows, sum(weight) AS works\nFROM authorship"},
	},
}

// dataSets are the facts and the corpora, as they are now.
func (s *Site) dataSets(ctx context.Context) ([]dataSet, error) {
	var out []dataSet
	if s.svc.Observatory != nil {
		facts, err := s.factSet(ctx)
		if err != nil {
			return nil, err
		}
		if len(facts.views) > 0 {
			out = append(out, facts)
		}
	}
	if s.svc.Corpora == "" {
		return out, nil
	}
	all, err := corpus.List(s.svc.Corpora)
	if err != nil {
		return nil, err
	}
	for i := range all {
		out = append(out, corpusSet(s.svc.Corpora, &all[i]))
	}
	return out, nil
}

func (s *Site) factSet(ctx context.Context) (dataSet, error) {
	store := s.svc.Observatory.Store()
	m, err := store.Manifest()
	if err != nil {
		return dataSet{}, err
	}
	run, err := s.svc.Observatory.LastRun(ctx)
	if err != nil {
		return dataSet{}, err
	}
	city := s.svc.Observatory.City()
	d := dataSet{name: factsSet, title: both("web.query.facts"), state: both("web.query.at_seq", errs.A{"seq": m.ChangeSeq}),
		params: [][2]string{{"$city", city}, {"$province", provinceOf(city)}, {"$as_of", run.Day}}}
	for _, f := range m.Facts {
		d.views = append(d.views, stats.View{Name: f.Name, Files: []string{filepath.Join(store.Dir(), f.Path)}})
		d.tables = append(d.tables, queryTable(f.Name, f.Rows, f.Columns))
	}
	return d, nil
}

// provinceOf is the code of the province in which a city lies, by GB/T 2260.
func provinceOf(city string) string {
	if len(city) != 6 {
		return ""
	}
	return city[:2] + "0000"
}

func corpusSet(root string, m *corpus.Manifest) dataSet {
	d := dataSet{name: m.Name, title: m.Title, simulated: m.Simulated, views: m.Views(filepath.Join(root, m.Name)),
		state: both("web.query.made_at", errs.A{"at": i18n.Instant(m.CreatedAt)})}
	for _, t := range corpus.Tables {
		d.tables = append(d.tables, queryTable(t.Name, m.Rows(t.Name), t.Columns))
	}
	return d
}

func both(key string, args ...errs.A) i18n.Text {
	return i18n.Text{ZH: i18n.T(i18n.ZH, key, args...), EN: i18n.T(i18n.EN, key, args...)}
}

func queryTable(name string, rows int64, columns []stats.Column) QueryTable {
	t := QueryTable{Name: name, Rows: i18n.Integer(rows)}
	for _, c := range columns {
		t.Columns = append(t.Columns, QueryColumn{c.Name, strings.ToLower(string(c.Type))})
	}
	return t
}

// mayQuery reports whether the reader may ask the data.
func mayQuery(r *http.Request) bool {
	return account.Require(userOf(r.Context()), account.Query) == nil
}
