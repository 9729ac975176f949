package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/stats"
)

// What one query may take. The engine runs in a process of its own, which ends
// with the query.
const (
	queryTime   = 10 * time.Second
	queryMemory = 384 // MB
	queryRows   = 10_000
	queryBytes  = 16 << 20 // of cells
)

// factsSet is the name of the facts among the sets of data; no corpus may bear
// it in a query.
const factsSet = "facts"

// QueryIn is one SELECT.
type QueryIn struct {
	SQL   string `json:"sql" minLength:"1" maxLength:"60000" doc:"One SELECT in the dialect of DuckDB. Over facts, $city, $province and $as_of stand for what the figures were computed for"`
	Set   string `json:"set,omitempty" maxLength:"63" doc:"What it is about: facts, which is also meant when absent, or the name of a corpus"`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"10000" default:"1000" doc:"Rows at most"`
}

// QueryOut is what came of a query.
type QueryOut struct {
	Set       string               `json:"set"`
	Simulated bool                 `json:"simulated" doc:"The data are made up"`
	ChangeSeq int64                `json:"change_seq,omitempty" doc:"The facts show the records up to this change"`
	Columns   []stats.AnswerColumn `json:"columns" nullable:"false"`
	Rows      [][]any              `json:"rows" nullable:"false" doc:"Cells are null, boolean, number or text. Whole numbers are told in full, whatever their length"`
	More      bool                 `json:"more" doc:"There are more rows than are told"`
}

// QueryTablesIn asks what can be asked.
type QueryTablesIn struct {
	Set string `query:"set" maxLength:"63" doc:"facts, or the name of a corpus; all when absent"`
	Paging
}

// QueryTable is one table that a query may name.
type QueryTable struct {
	Set       string         `json:"set"`
	SetTitle  i18n.Text      `json:"set_title"`
	Simulated bool           `json:"simulated"`
	Name      string         `json:"name"`
	Rows      int64          `json:"rows"`
	Columns   []stats.Column `json:"columns" nullable:"false"`
}

func (s *server) queries() {
	const tag = "query"
	addList(s, route{id: "query_tables", path: "/query/tables", tag: tag, needs: account.Query}, queryTableTable(), s.queryTables)
	add(s, route{id: "query_facts", method: http.MethodPost, path: "/query", tag: tag, needs: account.Query}, s.query)
}

// dataSet is what one query can be about.
type dataSet struct {
	name      string
	title     i18n.Text
	simulated bool
	seq       int64
	tables    []QueryTable
	views     []stats.View
	params    [][2]string // name with its dollar sign, value
}

// dataSet returns the facts or a corpus as they are now.
func (s *server) dataSet(ctx context.Context, name string) (dataSet, error) {
	if name == "" || name == factsSet {
		return s.factSet(ctx)
	}
	if s.Corpora == "" {
		return dataSet{}, errs.New(errs.Unavailable, "api.not_offered")
	}
	m, err := s.corpus(ctx, name)
	if err != nil {
		return dataSet{}, err
	}
	dir, err := filepath.Abs(filepath.Join(s.Corpora, m.Name)) // the engine runs elsewhere
	if err != nil {
		return dataSet{}, err
	}
	d := dataSet{name: m.Name, title: m.Title, simulated: m.Simulated, views: m.Views(dir)}
	for _, t := range corpus.Tables {
		d.add(t.Name, m.Rows(t.Name), t.Columns)
	}
	return d, nil
}

func (d *dataSet) add(name string, rows int64, columns []stats.Column) {
	d.tables = append(d.tables, QueryTable{d.name, d.title, d.simulated, name, rows, append([]stats.Column{}, columns...)})
}

// factSet is for those who may see private data: facts hold what sources tagged
// R say among the rest, and what a SELECT makes of it bears no source.
func (s *server) factSet(ctx context.Context) (dataSet, error) {
	if err := account.Require(callOf(ctx).user, account.ReadPrivate); err != nil {
		return dataSet{}, err
	}
	store := s.Observatory.Store()
	m, err := store.Manifest()
	if err != nil {
		return dataSet{}, err
	}
	if len(m.Facts) == 0 {
		return dataSet{}, errs.New(errs.Unavailable, "stats.no_facts")
	}
	d := dataSet{name: factsSet, title: both("api.query.facts"), seq: m.ChangeSeq}
	if d.params, err = s.factParams(ctx); err != nil {
		return d, err
	}
	for _, f := range m.Facts {
		d.views = append(d.views, stats.View{Name: f.Name, Files: []string{filepath.Join(store.Dir(), f.Path)}})
		d.add(f.Name, f.Rows, f.Columns)
	}
	return d, nil
}

// factParams are what the names with a dollar sign in the SQL of figures stand
// for.
func (s *server) factParams(ctx context.Context) ([][2]string, error) {
	run, err := s.Observatory.LastRun(ctx)
	city, province := s.Observatory.City(), ""
	if len(city) == 6 {
		province = city[:2] + "0000" // GB/T 2260
	}
	return [][2]string{{"$city", city}, {"$province", province}, {"$as_of", run.Day}}, err
}

func both(key string) i18n.Text { return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)} }

func (s *server) query(ctx context.Context, in *struct{ Body QueryIn }) (*answer[QueryOut], error) {
	set, err := s.dataSet(ctx, in.Body.Set)
	if err != nil {
		return nil, err
	}
	a, err := s.ask(ctx, &set, &in.Body)
	if err != nil {
		return nil, err
	}
	out := QueryOut{Set: set.name, Simulated: set.simulated, ChangeSeq: set.seq, Columns: append([]stats.AnswerColumn{}, a.Columns...), More: a.More}
	out.Rows, err = within(a.Rows, queryBytes)
	out.More = out.More || len(out.Rows) < len(a.Rows)
	return of(out), err
}

// ask answers a query and writes who asked what into the log, whatever came of
// it.
func (s *server) ask(ctx context.Context, set *dataSet, in *QueryIn) (a stats.Answer, err error) {
	began, c := time.Now(), callOf(ctx)
	defer func() {
		sum := sha256.Sum256([]byte(in.SQL))
		outcome := "answered"
		if err != nil {
			outcome = err.Error()
		}
		s.Log.InfoContext(ctx, "query", "request_id", c.id, "user", c.user.ID, "ip", s.clientIP(c.r), "set", set.name, "sql", shortened(in.SQL, 4000),
			"sql_sha256", hex.EncodeToString(sum[:]), "rows", len(a.Rows), "took_ms", time.Since(began).Milliseconds(), "outcome", shortened(outcome, 400))
	}()
	q := stats.Question{Views: set.views, SQL: strings.TrimSpace(in.SQL), Limit: min(in.Limit, queryRows), MemoryMB: queryMemory, Time: queryTime}
	for _, p := range set.params {
		if strings.Contains(q.SQL, p[0]) {
			q.Args = append(q.Args, p[1])
			q.SQL = strings.ReplaceAll(q.SQL, p[0], "$"+strconv.Itoa(len(q.Args)))
		}
	}
	return stats.Ask(ctx, q)
}

func shortened(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// within keeps the rows that fit into so many bytes.
func within(rows [][]any, limit int) ([][]any, error) {
	out := [][]any{}
	for _, r := range rows {
		raw, err := json.Marshal(r)
		if err != nil {
			return out, err
		}
		if limit -= len(raw); limit < 0 {
			break
		}
		out = append(out, r)
	}
	return out, nil
}

func (s *server) queryTables(ctx context.Context, in *QueryTablesIn) (part[QueryTable], error) {
	names := []string{in.Set}
	if in.Set == "" {
		names = []string{factsSet}
		if s.Rankings != nil && s.Corpora != "" {
			list, err := s.Rankings.Corpora(ctx)
			if err != nil {
				return part[QueryTable]{}, err
			}
			for i := range list {
				names = append(names, list[i].Name)
			}
		}
	}
	var all []QueryTable
	for _, name := range names {
		set, err := s.dataSet(ctx, name)
		if in.Set == "" && (errs.KindOf(err) == errs.Unavailable || errs.KindOf(err) == errs.NotFound) {
			continue
		}
		if err != nil {
			return part[QueryTable]{}, err
		}
		all = append(all, set.tables...)
	}
	return cutPage(all, &in.Paging, func(t *QueryTable) string { return t.Set + " " + t.Name })
}

func queryTableTable() table[QueryTable] {
	type v = QueryTable
	return table[v]{name: "tables", columns: []column[v]{
		{"set", func(x *v) any { return x.Set }}, {"simulated", func(x *v) any { return x.Simulated }}, {"name", func(x *v) any { return x.Name }}, {"rows", func(x *v) any { return x.Rows }},
		{"columns", func(x *v) any {
			parts := make([]string, len(x.Columns))
			for i, c := range x.Columns {
				parts[i] = c.Name + " " + string(c.Type)
			}
			return strings.Join(parts, ", ")
		}},
	}}
}
