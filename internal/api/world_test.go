package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

const password = "correct horse battery"

var tester = change.Author{Actor: "test"}

// world is a small city behind an API.
type world struct {
	t      testing.TB
	d      *db.DB
	sv     Services
	s      *server
	h      http.Handler
	tokens map[account.Role]string
	users  map[account.Role]account.User
	index  *search.Index
	ids    map[string]string // a record of each area that has one only here
	money  moneyed           // what invest made
}

// newWorld fills d with a few records of every kind, one of them from a source
// tagged R, and a user of every role.
func newWorld(t testing.TB, d *db.DB, change ...func(*Services)) *world {
	t.Helper()
	w := &world{t: t, d: d, tokens: map[account.Role]string{}, users: map[account.Role]account.User{}, ids: map[string]string{}}
	facts, err := stats.New(filepath.Join(t.TempDir(), "facts"), observatory.Facts(), stats.Config{MemoryMB: 128, Threads: 1})
	w.must(err)
	w.sv = Services{DB: d, Observatory: observatory.New(d, facts, observatory.Config{City: "440100"}), Registry: registry.New(d), PublicRead: true,
		Accounts: account.New(d, account.Options{Cost: account.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})}
	w.must(d.InTx(t.Context(), func(tx *db.Tx) error { return w.fill(t.Context(), tx) }))
	w.searchable()
	for _, fn := range change {
		fn(&w.sv)
	}
	s, err := build(w.sv)
	w.must(err)
	w.s, w.h = s, s.framed()
	for _, r := range account.Roles {
		u, err := w.sv.Accounts.Create(t.Context(), tester, string(r), password, r)
		w.must(err)
		w.users[r] = u
		w.tokens[r], _, err = w.sv.Accounts.SignIn(t.Context(), string(r), password, account.Origin{IP: "192.0.2.1"})
		w.must(err)
	}
	return w
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(t, newWorld(t, d)) })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

const (
	sysu, scut, secret = "org-sysu", "org-scut", "org-secret"
	gznl               = "platform-gznl"
)

func (w *world) fill(ctx context.Context, tx *db.Tx) error {
	for _, v := range []source.Source{
		{ID: "ror", Kind: "dataset", Title: i18n.Text{ZH: "研究机构登记", EN: "Research Organization Registry"}, Publisher: "ROR", Licence: "CC0-1.0", LicenceTag: source.Green},
		{ID: "made-up", Kind: "dataset", Title: i18n.Text{ZH: "模拟数据", EN: "Made up"}, LicenceTag: source.Own, Simulated: true},
		{ID: "private", Kind: "dataset", Title: i18n.Text{ZH: "内部资料", EN: "Private paper"}, LicenceTag: source.Red},
	} {
		if _, err := source.Put(ctx, tx, tester, v); err != nil {
			return err
		}
	}
	b := source.Batch{ID: "batch-1", SourceID: "ror", Importer: "ror", FileName: "张三.csv", FileSHA256: "ab", State: source.Done, Counts: source.Counts{Read: 2, Created: 2},
		Actor: "user-x", StartedAt: db.At(tx.Now()), FinishedAt: db.At(tx.Now())}
	if err := source.PutBatch(ctx, tx, b); err != nil {
		return err
	}
	r := w.sv.Registry
	lat, lon := 23.096, 113.298
	orgs := []registry.Org{
		{ID: sysu, Kind: registry.University, SourceID: "ror", Status: registry.Active, Established: "1924", Website: "https://www.sysu.edu.cn/",
			Names:       []registry.Name{{Text: "中山大学", Lang: "zh", Kind: registry.Official}, {Text: "Sun Yat-sen University", Lang: "en", Kind: registry.Label}, {Text: "=cmd()", Kind: registry.Alias}},
			Identifiers: []registry.Identifier{{Scheme: "ror", Value: "0064kty71"}},
			Place:       registry.Place{Country: "CN", Division: "440105", City: "Guangzhou", Lat: &lat, Lon: &lon}},
		{ID: scut, Kind: registry.University, SourceID: "made-up", Status: registry.Active, Names: []registry.Name{{Text: "华南理工大学", Lang: "zh", Kind: registry.Official}}, Place: registry.Place{Country: "CN", Division: "440106"}},
		{ID: secret, Kind: registry.Enterprise, SourceID: "private", Status: registry.Active, Names: []registry.Name{{Text: "不公开公司", Lang: "zh", Kind: registry.Official}}, Place: registry.Place{Country: "CN"}},
	}
	out, err := r.PutOrgs(ctx, tx, change.Author{Actor: "import", BatchID: "batch-1", Reason: "张三's file"}, orgs)
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutDivisions(ctx, tx, tester, []registry.Division{
		{Code: "440000", Name: i18n.Text{ZH: "广东省", EN: "Guangdong"}, Level: registry.Province, SourceID: "made-up"},
		{Code: "440100", Name: i18n.Text{ZH: "广州市", EN: "Guangzhou"}, Level: registry.City, Parent: "440000", SourceID: "made-up"},
		{Code: "440105", Name: i18n.Text{ZH: "海珠区", EN: "Haizhu"}, Level: registry.District, Parent: "440100", SourceID: "made-up"},
	})
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutPlatforms(ctx, tx, tester, []registry.Platform{{ID: gznl, Key: "gznl", Names: []registry.Name{{Text: "广州国家实验室", Lang: "zh", Kind: registry.Official}},
		Class: "national_laboratory", Group: "2a", Level: "national", Division: "440105", HostIDs: []string{sysu}, Status: registry.Verified, SourceID: "ror"}})
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutParks(ctx, tx, tester, []registry.Park{{ID: "park-1", Key: "p1", Names: []registry.Name{{Text: "科学城", Lang: "zh", Kind: registry.Official}}, Class: "park", OrgID: sysu, Status: registry.Unverified, SourceID: "made-up"}})
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutPeople(ctx, tx, tester, []registry.Person{{ID: "person-1", Names: []registry.Name{{Text: "李明", Lang: "zh", Kind: registry.Official}}, SourceID: "made-up"}})
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutPapers(ctx, tx, tester, []registry.Paper{
		{ID: "paper-1", Key: "x:1", Title: "木棉的研究", Lang: "zh", Year: 2024, Month: 5, SourceID: "ror",
			Affiliations: []registry.Affiliation{{Raw: "中山大学生命科学学院", City: "广州", Country: "CN", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: sysu, Name: "中山大学", Score: 1, Reason: registry.Reason{Code: "exact"}}}}}},
		{ID: "paper-2", Key: "x:2", Title: "内部文章", Year: 2023, SourceID: "private"},
	})
	if err := outcome(out, err); err != nil {
		return err
	}
	out, err = r.PutRelations(ctx, tx, tester, []registry.Relation{{From: sysu, Kind: "host", To: gznl, SourceID: "ror"}, {From: sysu, Kind: "associated", To: secret, SourceID: "private"}})
	if err := outcome(out, err); err != nil {
		return err
	}
	return fillFigures(ctx, tx)
}

const exampleFigure = "orgs.count"

// fillFigures writes a figure that is computed and reported, twice by sources
// that differ in what they may be used for, and one that is reported in private
// only.
func fillFigures(ctx context.Context, tx *db.Tx) error {
	f := observatory.Figure{ID: exampleFigure, Group: "orgs", GroupTitle: i18n.Text{ZH: "机构", EN: "Organisations"}, Title: i18n.Text{ZH: "在册机构数", EN: "Organisations on record"},
		Definition: i18n.Text{ZH: "登记的机构。", EN: "Organisations registered."}, Unit: quantity.Count, Counter: i18n.Text{ZH: "个", EN: "organisations"}, Subject: "division:440100",
		Flow: quantity.Stock, Period: quantity.AsOf, Basis: observatory.BasisBoth, Overview: true, SourceID: "made-up",
		Compute: observatory.Compute{SQL: "SELECT COUNT(*) AS value FROM fact_org", Records: "SELECT 'org' AS kind, id, name_zh AS title, name_en AS title_en, 1 AS weight FROM fact_org", Method: i18n.Text{ZH: "计数。", EN: "Counted."}}}
	hidden := f
	hidden.ID, hidden.Basis, hidden.Compute, hidden.SourceID = "orgs.private", observatory.BasisReported, observatory.Compute{}, "private"
	if _, err := observatory.PutFigures(ctx, tx, tester, []observatory.Figure{f, hidden}); err != nil {
		return err
	}
	on := quantity.On("2025-12-31")
	if _, err := observatory.PutReported(ctx, tx, tester, []observatory.Reported{
		{FigureID: exampleFigure, Quantity: quantity.With(quantity.Above, 2, quantity.Count), Period: quantity.On("2024-12-31"), SourceID: "ror", Locator: "¶1"},
		{FigureID: exampleFigure, Quantity: quantity.With(quantity.Exact, 777, quantity.Count), Period: on, SourceID: "private", Locator: "p. 9"},
		{FigureID: "orgs.private", Quantity: quantity.Of(778, quantity.Count), Period: on, SourceID: "private"},
	}); err != nil {
		return err
	}
	_, err := observatory.PutSuperlatives(ctx, tx, tester, []observatory.Superlative{
		{ID: "s1", Subject: "division:440100", Kind: "first", Scope: "world", ScopeText: i18n.Text{ZH: "全球", EN: "world"}, Object: i18n.Text{ZH: "木棉", EN: "kapok"}, Status: observatory.StatusReported, SourceID: "ror"},
		{ID: "s2", Subject: "division:440100", Kind: "only", Scope: "china", Object: i18n.Text{ZH: "不公开"}, Status: observatory.StatusReported, SourceID: "private"},
	})
	return err
}

func outcome(out []registry.Outcome, err error) error {
	for _, o := range out {
		if o.Err != nil {
			return fmt.Errorf("%s: %w", o.ID, o.Err)
		}
	}
	return err
}

// searchable stands in for what the program wires: an index over the
// organisations, an auditor, and an undo that marks the batch.
func (w *world) searchable() {
	x := search.New()
	w.index = x
	list, err := w.sv.Registry.Orgs(w.t.Context(), registry.OrgFilter{})
	w.must(err)
	for _, o := range list.Items {
		d := search.Doc{Kind: "org", ID: o.ID, Title: o.Title()}
		if o.SourceID == "private" {
			d.Level = level.Internal
		}
		w.must(x.Put(d))
	}
	w.sv.Search = func(_ context.Context, q search.Query) (search.Result, error) { return x.Search(q), nil }
	w.furnishMarket()
	w.sv.Audit = func(ctx context.Context, text string, _ i18n.Lang) (claims.Report, error) {
		return claims.Check(ctx, claims.Extract(text, claims.Options{}), nothing{}, claims.CheckOptions{})
	}
	w.sv.UndoBatch = func(ctx context.Context, by change.Author, id string) error {
		return w.d.InTx(ctx, func(tx *db.Tx) error { return source.MarkUndone(ctx, tx, id, by.Actor) })
	}
}

// nothing is a city without figures.
type nothing struct{}

func (nothing) Figures(context.Context) ([]claims.Figure, error) { return nil, nil }

// reply is what came back.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

// ask sends a request; headers come in pairs. A body that is not a string is
// sent as JSON.
func (w *world) ask(role account.Role, method, path string, body any, headers ...string) reply {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		w.must(err)
		in = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, in)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return reply{w.t, rec.Code, rec.Header(), rec.Body.Bytes()}
}

func (w *world) get(path string, headers ...string) reply {
	w.t.Helper()
	return w.ask("", "GET", path, nil, headers...)
}

// want fails the test unless the status is right.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// in reads the body into v.
func (r reply) in(v any) reply {
	r.t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
	return r
}

// problem checks that the reply is a problem with a code.
func (r reply) problem(status int, code string) Problem {
	r.t.Helper()
	r.want(status)
	var p Problem
	r.in(&p)
	if r.header.Get("Content-Type") != problemType || p.Status != status || p.Code != code || p.TraceID == "" || p.TraceID != r.header.Get("X-Request-Id") || p.Title == "" || p.Detail == "" || p.Detail == p.Code {
		r.t.Errorf("want problem %s, got %s %s", code, r.header.Get("Content-Type"), r.body)
	}
	return p
}
