package web

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

func init() {
	for name, page := range map[string]any{"terms": TermsPage{}, "term": TermPage{}, "experts": ExpertsPage{},
		"match": MatchPage{}, "introductions": IntroductionsPage{}, "introduction": IntroductionPage{}, "notices": NoticesPage{}, "weights": WeightsPage{}} {
		pageTypes[name] = page
	}
}

// benchTown is the town with its market, a termbase, and everything in an index
// that is matched.
type benchTown struct {
	*fairTown
	cells  string // need of the user "editor"
	robots string // need that nothing answers
	solar  string // English result that answers a Chinese search
	secret string // result for the staff
}

// bundledGlosses are read once: the dictionary is long.
var bundledGlosses = sync.OnceValues(gloss.Bundled)

func newBench(t testing.TB) *benchTown {
	t.Helper()
	x := &benchTown{fairTown: newFair(t)}
	ctx := context.Background()
	table, err := bundledGlosses()
	x.must(t, err)
	x.Terms = termbase.New(x.DB)
	x.Cover = func(_ context.Context, text string) (gloss.Coverage, error) { return table.Cover(text), nil }
	x.Search = search.New()
	x.Search.SetGlosser(table)
	x.Match = match.New(match.Config{DB: x.DB, Index: x.Search, Load: x.document, All: x.documents, Transfer: x.Transfer,
		Viewer: func(ctx context.Context, id string) (level.Viewer, error) {
			u, err := x.Accounts.Get(ctx, id)
			return account.ViewerOf(&u), err
		}})
	u, err := x.Accounts.ByName(ctx, "editor")
	x.must(t, err)
	by, v := u.Author("测试"), account.ViewerOf(&u)
	need := transfer.Need{Common: x.common("cells", "单细胞测序样本的高通量前处理", "", "", "440112", level.Public), Kind: transfer.Technical,
		Text:        "需要一次处理不少于 48 个样本的单细胞测序前处理装置，细胞损失低于 15%，能与常用测序平台衔接。",
		Constraints: transfer.Constraints{TRLMin: 5, TRLScale: transfer.GBT22900, Rights: transfer.Granted, Forms: []transfer.Form{transfer.Licence}, BudgetMax: wanYuan(200)}}
	need.Status = transfer.Listed
	made, err := x.Transfer.SaveNeed(ctx, v, by, need)
	x.must(t, err)
	x.cells = made.ID
	robots := need
	robots.Common = x.common("robots", "古籍虫蛀页面的自动修复", "", "", "440104", level.Public)
	robots.Status, robots.Text, robots.Constraints = transfer.Listed, "用纸浆自动补洞，颜色与原纸一致。", transfer.Constraints{}
	made, err = x.Transfer.SaveNeed(ctx, v, by, robots)
	x.must(t, err)
	x.robots = made.ID
	x.catchUp(t)
	x.solar = x.offer(t, "solar", i18n.Text{EN: "Large-area perovskite solar modules with stable encapsulation"}, "Modules of 0.8 square metres keep 95% of their efficiency.", level.Public)
	x.secret = x.offer(t, "secret", i18n.Text{ZH: "内部登记的单细胞测序样本前处理芯片"}, "单细胞测序样本前处理，一次 48 个样本。", level.Internal)
	x.catchUp(t)
	x.h = x.site(t)
	return x
}

func (x *benchTown) site(t testing.TB) http.Handler {
	rooms := append(marketRooms, Room{Key: "match", Path: "/match", Staff: true}, Room{Key: "introductions", Path: "/introductions", Staff: true}, Room{Key: "notices", Path: "/notices", Staff: true}, Room{Key: "terms", Path: "/terms"}, Room{Key: "experts", Path: "/experts"})
	s := kitSite(t, Options{Rooms: rooms, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddTransfer(x.Services)
	s.AddMatch(x.Services)
	s.AddTerms(x.Services)
	s.AddExperts(x.Services)
	return s.Handler()
}

// offer lists a result behind which the town's person stands.
func (x *benchTown) offer(t testing.TB, key string, title i18n.Text, summary string, l level.Level) string {
	t.Helper()
	u, err := x.Accounts.ByName(t.Context(), "admin")
	x.must(t, err)
	r := transfer.Result{Common: x.common(key, title.ZH, title.EN, summary, "440112", l), Type: transfer.Device, Stage: transfer.Middle, Team: []transfer.Member{{Name: "陈静", PersonID: x.person.ID}}}
	r.Status = transfer.Listed
	r.Fields.IPC = []string{"H01L 31/04"}
	made, err := x.Transfer.SaveResult(t.Context(), account.ViewerOf(&u), u.Author("测试"), r)
	x.must(t, err)
	return made.ID
}

func (x *benchTown) catchUp(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	if x.Search.Len() == 0 {
		x.must(t, x.Search.Rebuild(ctx, x.DB, x.documents(ctx)))
	}
	x.must(t, x.Search.CatchUp(ctx, x.DB, x.document))
	x.must(t, x.Match.CatchUp(ctx))
}

// document makes of a record what search and match know of it.
func (x *benchTown) document(ctx context.Context, kind, id string) (search.Doc, bool, error) {
	var d search.Doc
	var card match.Card
	var c *transfer.Common
	var err error
	switch kind {
	case transfer.KindResult:
		var r transfer.Result
		r, err = x.Transfer.Result(ctx, level.Program, id)
		card, c = match.OfResult(&r), &r.Common
		defer func() { setFacet(&d, "stage", string(r.Stage)) }()
	case transfer.KindNeed:
		var n transfer.Need
		n, err = x.Transfer.Need(ctx, level.Program, id)
		card, c, d.Body = match.OfNeed(&n), &n.Common, n.Text
	case transfer.KindService:
		var o transfer.Offering
		o, err = x.Transfer.Service(ctx, level.Program, id)
		card, c, d.Body = match.OfService(&o), &o.Common, o.Text
	case registry.KindPerson:
		p, err := x.Registry.Person(ctx, id)
		return search.Doc{Kind: kind, ID: id, Title: p.Title()}, err == nil, nil
	case registry.KindOrg:
		o, err := x.Registry.Org(ctx, id)
		return search.Doc{Kind: kind, ID: id, Title: o.Title()}, err == nil && o.SourceID != "red", nil
	default:
		return d, false, nil
	}
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			err = nil
		}
		return d, false, err
	}
	d.Kind, d.ID, d.Title = kind, id, c.Title
	d.Body += " " + c.Summary.ZH + " " + c.Summary.EN
	card.Describe(&d)
	return d, true, nil
}

func setFacet(d *search.Doc, field, value string) {
	if d.Facets != nil && value != "" {
		d.Facets[field] = []string{value}
	}
}

func (x *benchTown) documents(ctx context.Context) iter.Seq2[search.Doc, error] {
	return func(yield func(search.Doc, error) bool) {
		seen := map[match.Key]bool{}
		log, err := change.After(ctx, x.DB, 0, 10_000)
		if err != nil {
			yield(search.Doc{}, err)
			return
		}
		for _, e := range log {
			key := match.Key{Kind: e.Kind, ID: e.ID}
			if seen[key] {
				continue
			}
			seen[key] = true
			d, ok, err := x.document(ctx, e.Kind, e.ID)
			if (ok || err != nil) && !yield(d, err) {
				return
			}
		}
	}
}

var benchGap = regexp.MustCompile(`\b(bench|terms|experts|search|reg|market|match|transfer)\.[a-z_]+(\.[a-z_]+)*`)

// noGaps fails on a message key that stands on a page: no catalogue has it.
func noGaps(t testing.TB, where, page string) {
	t.Helper()
	for _, g := range benchGap.FindAllString(page, -1) {
		if !slices.Contains([]string{".js", ".csv", ".xlsx", ".json"}, path.Ext(g)) {
			t.Errorf("%s shows the key %s", where, g)
		}
	}
}

func TestMatchPages(t *testing.T) {
	x := newBench(t)
	at := "/match?kind=need&id=" + x.cells
	for _, tc := range []struct {
		as, path string
		status   int
		want     []string
		not      []string
	}{
		{"", "/match", 401, nil, nil},
		{"viewer", "/match", 403, nil, nil},
		{"editor", "/match", 200, []string{"单细胞测序样本的高通量前处理", "古籍"}, nil},
		{"editor", at, 200, []string{x.ids["sampler"], "GB/T 22900", "value=\"introduce\"", "/match/weights"}, []string{x.ids["hidden"]}},
		{"editor", "/match?kind=need&id=" + x.robots, 200, []string{"<ol class=\"matches\"></ol>"}, nil},
		{"editor", "/match?q=perovskite+module", 200, []string{x.solar}, []string{`name="act" value="introduce"`}},
		{"editor", "/match?q=%20%EF%BC%9F", 200, []string{`role="alert"`}, nil},
		{"editor", "/match?kind=result&id=" + x.ids["sampler"], 200, []string{x.cells}, nil},
		{"editor", "/match?kind=result&id=" + x.ids["sampler"] + "&for=nonsense", 200, []string{x.cells}, nil},
		{"editor", at + "&for=person", 200, []string{x.person.ID}, nil},
		{"editor", "/match?kind=need&id=none", 404, nil, nil},
		{"editor", "/match?kind=result&id=" + x.ids["hidden"], 404, nil, []string{"向量"}},
		{"", "/introductions", 401, nil, nil}, {"viewer", "/introductions", 403, nil, nil}, {"editor", "/introductions", 200, []string{"/match"}, nil},
		{"", "/introductions.csv", 401, nil, nil}, {"editor", "/introductions.csv", 200, nil, nil}, {"editor", "/introductions/none", 404, nil, nil},
		{"", "/notices", 401, nil, nil}, {"viewer", "/notices", 200, nil, []string{x.secret}}, {"editor", "/notices", 200, []string{x.secret, at[7:]}, nil},
		{"", "/match/weights", 401, nil, nil}, {"viewer", "/match/weights", 403, nil, nil}, {"editor", "/match/weights", 200, []string{"<td class=\"n\">"}, nil},
	} {
		for _, lang := range []string{"zh", "en"} {
			b := x.reader(t, tc.as)
			b.lang = lang
			status, page := b.get(tc.path)
			plain := strings.ReplaceAll(page, "&amp;", "&")
			if status != tc.status {
				t.Errorf("%q opens %s in %s: %d, want %d\n%s", tc.as, tc.path, lang, status, tc.status, page)
				continue
			}
			for _, w := range tc.want {
				if !strings.Contains(plain, w) {
					t.Errorf("%s in %s lacks %q:\n%s", tc.path, lang, w, page)
				}
			}
			for _, w := range tc.not {
				if strings.Contains(plain, w) {
					t.Errorf("%s in %s shows %q", tc.path, lang, w)
				}
			}
			noGaps(t, tc.path+" in "+lang, page)
		}
	}
}

func TestMatchTermRows(t *testing.T) {
	got := termRows([]match.Term{{Text: "处", Stream: match.Words, Part: .01}, {Text: "处理", Stream: match.Words, Part: .02}, {Text: "处理", Stream: match.Gloss, Path: []string{"处理", "handl", "处理"}, Part: .005},
		{Text: "锗", Stream: match.Gloss, Path: []string{"锗", "germanium"}, Part: .04}, {Text: "样", Stream: match.Words, Part: .001}})
	want := []TermRow{{"锗 → germanium", "0.0400"}, {"处理", "0.0350"}, {"样", "0.0010"}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestMatchShowsWhoMaySee holds the workbench to the levels of its reader.
func TestMatchShowsWhoMaySee(t *testing.T) {
	x := newBench(t)
	_, staff := x.reader(t, "editor").get("/match?kind=need&id=" + x.cells)
	if !strings.Contains(staff, x.secret) {
		t.Errorf("the staff does not see the internal result:\n%s", staff)
	}
	for _, as := range []string{"", "viewer"} {
		for _, path := range []string{"/experts?q=" + url.QueryEscape("单细胞测序样本前处理芯片"), "/experts?need=" + x.cells, "/search?q=" + url.QueryEscape("单细胞测序"), "/people/" + x.person.ID} {
			status, page := x.reader(t, as).get(path)
			if status != 200 || strings.Contains(page, x.secret) || strings.Contains(page, "内部登记的单细胞") {
				t.Errorf("%q sees the internal result on %s (%d)", as, path, status)
			}
			if !strings.Contains(page, x.ids["sampler"]) {
				t.Errorf("%q does not see the public result on %s:\n%s", as, path, page)
			}
		}
	}
}

func (x *benchTown) pair(more ...string) []string {
	return append([]string{"need_kind", "need", "need_id", x.cells, "offer_kind", "result", "offer_id", x.ids["sampler"], "from", "need", "act", "introduce", "reason", "指标相符"}, more...)
}

func (x *benchTown) logged(t testing.TB) []transfer.Introduction {
	t.Helper()
	got, err := x.Transfer.Introductions(t.Context(), level.Program, transfer.IntroductionFilter{Page: registry.Page{Limit: 50}})
	x.must(t, err)
	return got.Items
}

func TestMatchIntroduceAndFollowUp(t *testing.T) {
	x := newBench(t)
	b := x.reader(t, "editor")
	page := b.follow("/match", x.pair()...)
	log := x.logged(t)
	if len(log) != 1 || log[0].Score == nil || *log[0].Score == 0 || len(log[0].Features) == 0 || log[0].Reason != "指标相符" {
		t.Fatalf("log %+v", log)
	}
	if !strings.Contains(page, "/introductions/"+log[0].ID) {
		t.Errorf("the workbench does not show the introduction:\n%s", page)
	}
	at := "/introductions/" + log[0].ID
	_, list := b.get("/introductions")
	if !strings.Contains(list, at) {
		t.Errorf("the log lacks it:\n%s", list)
	}
	if after := b.follow(at, "seen", "1", "event", "contacted", "note", "约定下周看样机"); !strings.Contains(after, "约定下周看样机") {
		t.Errorf("what came is not shown:\n%s", after)
	}
	for _, tc := range []struct {
		name   string
		form   []string
		status int
	}{
		{"somebody recorded meanwhile", []string{"seen", "1", "event", "deal", "note", "成交 80 万元"}, 412},
		{"no position", []string{"event", "deal"}, 412},
		{"not a position", []string{"seen", "x", "event", "deal"}, 412},
		{"no such event", []string{"seen", "2", "event", "party"}, 409},
		{"declined for another reason without a word", []string{"seen", "2", "event", "declined", "why", "other"}, 422},
		{"no reason", []string{"seen", "2", "event", "declined", "why", "?"}, 422},
	} {
		r := b.post(at, tc.form...)
		page := body(t, r)
		if r.StatusCode != tc.status || !strings.Contains(page, `role="alert"`) {
			t.Errorf("%s: %d, want %d\n%s", tc.name, r.StatusCode, tc.status, page)
		}
		noGaps(t, tc.name, page)
	}
	if n := len(x.logged(t)[0].Events); n != 2 {
		t.Errorf("%d events after refusals, want 2", n)
	}
	b.follow(at, "seen", "2", "event", "declined", "why", "too_early")
	if in := x.logged(t)[0]; in.State != transfer.EventDeclined || in.Events[2].Reason != transfer.TooEarly {
		t.Errorf("state %s %+v", in.State, in.Events)
	}
	if status, csv := b.get("/introductions.csv"); status != 200 || !strings.Contains(csv, x.cells) {
		t.Errorf("csv %d %s", status, csv)
	}
}

func TestMatchDecline(t *testing.T) {
	x := newBench(t)
	b := x.reader(t, "editor")
	form := []string{"need_kind", "need", "need_id", x.cells, "offer_kind", "result", "offer_id", x.ids["sampler"], "from", "offer", "for", "need", "act", "decline"}
	for _, why := range []string{"other", "", "colour"} { // another reason needs a word; no reason; no such reason
		if r := b.post("/match", append(form, "why", why)...); r.StatusCode != 422 {
			t.Errorf("declined because %q: %d", why, r.StatusCode)
		}
	}
	if log := x.logged(t); len(log) != 0 {
		t.Errorf("a refused answer leaves %+v", log)
	}
	r := b.post("/match", append(form, "why", "wrong_field")...)
	if to := r.Header.Get("Location"); r.StatusCode != 303 || to != "/match?for=need&id="+x.ids["sampler"]+"&kind=result#log" {
		t.Errorf("%d to %q", r.StatusCode, to)
	}
	if log := x.logged(t); len(log) != 1 || log[0].State != transfer.EventDeclined || log[0].Events[1].Reason != transfer.WrongField {
		t.Errorf("log %+v", log)
	}
}

func TestMatchRefusesStrangers(t *testing.T) {
	x := newBench(t)
	for as, want := range map[string]int{"": 401, "viewer": 403} {
		for path, form := range map[string][]string{"/match": x.pair(), "/introductions/x": {"seen", "1"}, "/match/weights": {"reason", "x"}} {
			if r := x.reader(t, as).post(path, form...); r.StatusCode != want {
				t.Errorf("%q posts %s: %d, want %d", as, path, r.StatusCode, want)
			}
		}
	}
	b := x.reader(t, "editor")
	for _, path := range []string{"/match", "/introductions/x", "/notices", "/match/weights", "/terms", "/terms/cover"} {
		f := strings.NewReader(url.Values{"need_id": {x.cells}}.Encode())
		r := httptest.NewRequest("POST", path, f)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := b.do(r); got.StatusCode != http.StatusForbidden {
			t.Errorf("a form of another site to %s: %d", path, got.StatusCode)
		}
	}
	if r := b.post("/match", x.pair("offer_id", "ignored")[:6]...); r.StatusCode < 400 || r.StatusCode >= 500 {
		t.Errorf("a pair without an offer: %d", r.StatusCode)
	}
	form := x.pair()
	form[7] = x.ids["hidden"]
	if r := b.post("/match", form...); r.StatusCode != 404 && r.StatusCode != 422 {
		t.Errorf("an offer that the editor does not see: %d", r.StatusCode)
	}
	if n := len(x.logged(t)); n != 0 {
		t.Errorf("%d introductions", n)
	}
}

func TestMatchNotices(t *testing.T) {
	x := newBench(t)
	b := x.reader(t, "editor")
	_, page := b.get("/notices")
	ids := regexp.MustCompile(`name="id" value="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(ids) == 0 || !strings.Contains(page, x.secret) {
		t.Fatalf("no notice of the record that came:\n%s", page)
	}
	var form []string
	for _, id := range ids {
		form = append(form, "id", id[1])
	}
	x.reader(t, "viewer").follow("/notices", form...)
	if _, page := b.get("/notices"); !strings.Contains(page, x.secret) {
		t.Error("another reader has marked the notices as seen")
	}
	if page := b.follow("/notices", form...); strings.Contains(page, x.secret) {
		t.Errorf("seen and still new:\n%s", page)
	}
	if _, page := b.get("/notices?all=1"); !strings.Contains(page, x.secret) {
		t.Error("a notice that was seen is not among all")
	}
}

func TestMatchWeights(t *testing.T) {
	x := newBench(t)
	b := x.reader(t, "editor")
	r := b.post("/match/weights", "reason", "试一试")
	if page := body(t, r); r.StatusCode != 409 || !strings.Contains(page, `role="alert"`) {
		t.Errorf("a proposal without answers: %d\n%s", r.StatusCode, page)
	}
	if r := b.post("/match/weights", "adopt", "none"); r.StatusCode != 404 {
		t.Errorf("a version that is not there: %d", r.StatusCode)
	}
	w := match.Default()
	w.Of[0] += .125
	made, err := x.Match.Write(t.Context(), change.Author{Actor: "demo", Reason: "手工"}, w)
	x.must(t, err)
	page := b.follow("/match/weights", "adopt", made.ID, "reason", "会上同意")
	if x.Match.Weights().Version != made.ID || !strings.Contains(page, made.ID) {
		t.Errorf("not adopted:\n%s", page)
	}
	noGaps(t, "weights", page)
}

func TestMatchInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newBench(t)
	b := x.reader(t, "editor")
	b.follow("/match", x.pair()...)
	in := x.logged(t)[0].ID
	b.follow("/introductions/"+in, "seen", "1", "event", "contacted", "note", "约定下周看样机")
	w := match.Default()
	w.Of[0] += .125
	_, err := x.Match.Write(t.Context(), change.Author{Actor: "demo", Reason: "手工"}, w)
	x.must(t, err)
	u, err := x.Accounts.ByName(t.Context(), "editor")
	x.must(t, err)
	x.must(t, x.DB.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := termbase.LoadBundled(t.Context(), tx, change.Author{Actor: "bundle"})
		return err
	}))
	term, err := x.Terms.Save(t.Context(), u.Author("本市用语"), termbase.Term{ZH: "木棉试点", EN: "Kapok pilot", AlsoEN: []string{"pilot under Kapok"}, Area: "policy", Note: "本市的试点"})
	x.must(t, err)
	term.EN = "Kapok pilot scheme"
	term, err = x.Terms.Save(t.Context(), u.Author("补全"), term)
	x.must(t, err)
	at := "/match?kind=need&id=" + x.cells
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	for _, tc := range []struct {
		name, as, path string
	}{
		{"bench", "editor", "/match"}, {"bench-need", "editor", at}, {"bench-none", "editor", "/match?kind=need&id=" + x.robots}, {"bench-person", "editor", at + "&for=person"},
		{"introductions", "editor", "/introductions"}, {"introduction", "editor", "/introductions/" + in}, {"notices", "editor", "/notices"}, {"weights", "editor", "/match/weights"},
		{"terms", "", "/terms"}, {"terms-found", "", "/terms?q=learning&area=ai"}, {"term", "editor", "/terms/" + term.ID}, {"term-edit", "editor", "/terms/" + term.ID + "/edit"}, {"term-withdraw", "editor", "/terms/" + term.ID + "/withdraw"},
		{"search", "", "/search?q=" + url.QueryEscape("钙钛矿")}, {"search-all", "editor", "/search?q=" + url.QueryEscape("测序")}, {"search-none", "", "/search?q=" + url.QueryEscape("深海机器人焊接")}, {"search-en", "", "/search?q=sequencing&kind=result&section=G"},
		{"experts", "", "/experts"}, {"experts-need", "", "/experts?need=" + x.cells}, {"experts-text", "editor", "/experts?q=perovskite+modules"}, {"person", "editor", "/people/" + x.person.ID},
	} {
		views := []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}}
		for k, v := range views {
			if !full() && k != len(tc.name)%len(views) {
				continue // each page in one view; in CI each in all
			}
			t.Run(fmt.Sprintf("%s-%s%d", tc.name, v.Accept, v.Width), func(t *testing.T) {
				tab := browser.Open(t, srv.URL+"/sign-in?next=/account", v)
				if tc.as != "" {
					tab.Fill("#f-name", tc.as)
					tab.Fill("#f-password", testPassword)
					tab.Click("form.form button[type=submit]")
				}
				tab.Go(srv.URL + tc.path)
				tab.Check()
				tab.Shot(fmt.Sprintf("m-%s-%s%d", tc.name, v.Accept, v.Width))
			})
		}
	}
}
