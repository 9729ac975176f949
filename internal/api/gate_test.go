package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/registry"
)

// contextOf keeps signatures of tests short.
type contextOf = context.Context

// operation returns what the document says of a route.
func (w *world) operation(rt *route) *huma.Operation {
	item := w.s.huma.OpenAPI().Paths[rt.path]
	return map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "PUT": item.Put, "DELETE": item.Delete}[rt.method]
}

// example is an address of a route that leads to a record.
func (w *world) example(rt *route) string {
	ids := map[string]string{"organisations": sysu, "relations": "relation-none", "platforms": gznl, "parks": "park-1", "people": "person-1", "papers": "paper-1", "sources": "ror", "figures": exampleFigure, "sessions": "session-none",
		"editions": "gii.cluster@2023", "rankings": "0", "results": openResult, "needs": openNeed, "services": openService, "terms": "term-none",
		"introductions": "introduction-none", "disclosures": "disclosure-none", "saved_searches": "saved-none"}
	for tag, id := range w.ids {
		ids[tag] = id
	}
	path := strings.ReplaceAll(rt.path, "{code}", "440105")
	id := cmp.Or(ids[rt.tag], "none")
	if strings.HasPrefix(rt.path, base+"/batches") {
		id = "batch-1"
	}
	path = strings.ReplaceAll(path, "{id}", id)
	path = strings.ReplaceAll(path, "{name}", map[string]string{"corpora": "world", "releases": "annual-1"}[rt.tag])
	path = strings.ReplaceAll(path, "{path}", "figures.json")
	path = w.moneyPath(rt.id, path)
	switch rt.id {
	case "find_organisation":
		path += "?scheme=ror&value=0064kty71"
	case "relations_of_record":
		path += "?of=" + sysu
	case "search":
		path += "?q=%E4%B8%AD%E5%B1%B1"
	case "get_ranking":
		path += "?corpus=world"
	case "ranking_works":
		path += "?corpus=world&unit=country&of=CN&indicator=mncs"
	case "get_clusters":
		path += "?corpus=world&density=5&faint=true"
	case "cluster_places":
		path += "?corpus=world&density=5"
	case "compare_editions":
		path += "?a=gii.cluster@2023&b=gii.cluster@2024"
	case "history_of_unit":
		path += "?unit=cluster:shg"
	case "diff_releases":
		path += "?from=annual-0"
	}
	return path
}

// TestRoles walks the table of routes with every role, reading public and not,
// and compares who is let in with a list that people read.
func TestRoles(t *testing.T) {
	const file = "testdata/roles.golden.txt"
	var b strings.Builder
	fmt.Fprintf(&b, "%-28s %-7s %-45s %-22s %s\n", "operation", "method", "path", "reading public", "reading after sign-in")
	worlds := []*world{newWorld(t, dbtest.SQLite(t)), newWorld(t, dbtest.SQLite(t), func(sv *Services) { sv.PublicRead = false })}
	for _, rt := range worlds[0].s.routes {
		var who [2][]string
		for i, w := range worlds {
			for _, role := range []account.Role{"", account.Viewer, account.Editor, account.Admin} {
				r := w.ask(role, rt.method, w.example(rt), nil)
				switch r.status {
				case http.StatusUnauthorized:
					if role != "" {
						t.Errorf("%s: %q is not known", rt.id, role)
					}
				case http.StatusForbidden:
					if role == "" {
						t.Errorf("%s: nobody is told to get another role instead of to sign in", rt.id)
					}
				default:
					who[i] = append(who[i], cmp.Or(string(role), "all"))
				}
				if rt.id == "sign_out" && role != "" {
					token, _, err := w.sv.Accounts.SignIn(t.Context(), string(role), password, account.Origin{})
					w.must(err)
					w.tokens[role] = token
				}
			}
		}
		fmt.Fprintf(&b, "%-28s %-7s %-45s %-22s %s\n", rt.id, rt.method, rt.path, first(who[0]), first(who[1]))
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("who may do what has changed; if that is meant, run with -update:\n%s", diff)
	}
}

// first names the weakest of the roles that are let in, which must be those
// above it as well.
func first(who []string) string {
	order := []string{"all", "viewer", "editor", "admin"}
	if len(who) == 0 {
		return "nobody"
	}
	if got := strings.Join(who, " "); got != strings.Join(order[len(order)-len(who):], " ") {
		return "NOT IN ORDER: " + got
	}
	return who[0]
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var in SignedIn
		r := w.ask("", "POST", base+"/sessions", SignInIn{Name: "editor", Password: password}).want(201).in(&in)
		if in.Token == "" || in.User.Role != account.Editor || r.header.Get("Cache-Control") != "no-store" || r.header.Get("Set-Cookie") != "" {
			t.Errorf("signed in %+v, %v", in, r.header)
		}
		bearer := func(method, path string) reply {
			return w.ask("", method, base+path, nil, "Authorization", "Bearer "+in.Token)
		}
		var me Me
		bearer("GET", "/me").want(200).in(&me)
		if me.User.Name != "editor" || len(me.Actions) != 6 {
			t.Errorf("me %+v", me)
		}
		var list Page[SessionOut]
		bearer("GET", "/sessions").want(200).in(&list)
		if len(list.Items) != 2 || list.Items[0].Current == list.Items[1].Current {
			t.Errorf("sessions %+v", list.Items)
		}
		other := list.Items[0].ID
		if list.Items[0].Current {
			other = list.Items[1].ID
		}
		bearer("DELETE", "/sessions/"+other).want(204)
		bearer("DELETE", "/sessions/"+other).problem(404, "errs.not_found")
		bearer("DELETE", "/sessions/current").want(204)
		if r := bearer("GET", "/me"); r.problem(401, "account.session_ended").Status != 401 || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("headers %v", r.header)
		}
		w.ask("", "GET", base+"/organisations", nil, "Authorization", "Bearer nonsense").problem(401, "errs.sign_in")
		w.ask("", "POST", base+"/sessions", SignInIn{Name: "editor", Password: "wrong"}).problem(401, "account.wrong_password")
		for range 6 {
			r = w.ask("", "POST", base+"/sessions", SignInIn{Name: "nobody", Password: "wrong"})
		}
		if r.problem(429, "account.wait"); r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	})
}

func TestCookieSession(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	r := w.ask("", "POST", base+"/sessions", SignInIn{Name: "editor", Password: password, Cookie: true}).want(201)
	set := r.header.Get("Set-Cookie")
	if strings.Contains(string(r.body), "token") || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
		t.Errorf("%s, %s", set, r.body)
	}
	cookie, _, _ := strings.Cut(set, ";")
	w.get(base+"/me", "Cookie", cookie).want(200)
	w.get(base+"/organisations", "Cookie", DefaultCookie+"=old").want(200)
	in := RelationIn{From: sysu, Kind: "parent", To: scut, SourceID: "made-up"}
	for _, h := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		w.ask("", "POST", base+"/relations", in, "Cookie", cookie, h[0], h[1]).problem(403, "api.cross_site")
	}
	w.ask("", "POST", base+"/relations", in, "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(201)
}

func TestRepeatedRequestIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := map[string]any{"kind": "bank", "names": []any{map[string]any{"text": "木棉银行"}}, "source_id": "made-up"}
		post := func(body any, key string) reply {
			return w.ask(account.Editor, "POST", base+"/organisations", body, "Idempotency-Key", key)
		}
		one, two := post(in, "k1").want(201), post(in, "k1").want(201)
		for _, name := range []string{"Location", "Etag", "Content-Type"} {
			if one.header.Get(name) == "" || one.header.Get(name) != two.header.Get(name) {
				t.Errorf("%s: %q and %q", name, one.header.Get(name), two.header.Get(name))
			}
		}
		if string(one.body) != string(two.body) || two.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s and %s", one.body, two.body)
		}
		in["kind"] = "park"
		if p := post(in, "k1").problem(422, "account.idempotency_other"); p.Errors[0].Header != "Idempotency-Key" {
			t.Errorf("errors %+v", p.Errors)
		}
		w.ask(account.Admin, "POST", base+"/organisations", in, "Idempotency-Key", "k1").want(201) // another user's key
		in["source_id"] = "none"
		if r := post(in, "k2"); r.status < 400 {
			t.Errorf("%d %s", r.status, r.body)
		}
		in["source_id"] = "made-up"
		post(in, "k2").want(201) // what failed leaves the key free
		post(in, "a b").problem(422, "account.bad_idempotency_key")
		w.ask("", "POST", base+"/organisations", in, "Idempotency-Key", "k1").problem(401, "errs.sign_in")
		var page Page[registry.Org]
		if w.get(base + "/organisations?q=木棉银行").in(&page); len(page.Items) != 3 {
			t.Errorf("%d organisations", len(page.Items))
		}
	})
}

// TestSameRequestAtOnce sends one request many times at the same moment.
func TestSameRequestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := map[string]any{"kind": "bank", "names": []any{map[string]any{"text": "木棉银行"}}, "source_id": "made-up"}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if r := w.ask(account.Editor, "POST", base+"/organisations", in, "Idempotency-Key", "same"); r.status != 201 && r.status != 409 {
					t.Errorf("%d %s", r.status, r.body)
				}
			})
		}
		wg.Wait()
		var page Page[registry.Org]
		if w.get(base + "/organisations?q=木棉银行").in(&page); len(page.Items) != 1 {
			t.Errorf("%d organisations", len(page.Items))
		}
	})
}

func TestTags(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/organisations/" + sysu, "/organisations", "/platforms/" + gznl, "/papers/years", "/sources"} {
			tag := w.get(base + path).want(200).header.Get("ETag")
			if r := w.get(base+path, "If-None-Match", `"x", W/`+tag).want(304); len(r.body) > 0 || r.header.Get("ETag") != tag {
				t.Errorf("%s: %s %s", path, r.header.Get("ETag"), r.body)
			}
			w.get(base+path, "If-None-Match", `"x"`).want(200)
		}
		// A platform shows the name of its host: when that changes, so does the tag,
		// while the version for If-Match stays.
		before := w.get(base + "/platforms/" + gznl).header.Get("ETag")
		w.ask(account.Editor, "PATCH", base+"/organisations/"+sysu, map[string]any{"names": []any{map[string]any{"text": "新名大学", "lang": "zh"}}}, "If-Match", `"v1"`).want(200)
		after := w.get(base+"/platforms/"+gznl, "If-None-Match", before).want(200).header.Get("ETag")
		v1, _ := versionOf(before)
		v2, _ := versionOf(after)
		if v1 != v2 || before == after {
			t.Errorf("%s and %s", before, after)
		}
	})
}

func TestFrame(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), func(sv *Services) {
		sv.Search, sv.Audit, sv.UndoBatch = nil, nil, nil
		sv.Wait = func(r *http.Request, op string) time.Duration {
			if r.Header.Get("X-Test") == op {
				return 1500 * time.Millisecond
			}
			return 0
		}
	})
	r := w.get(base + "/organisations").want(200)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache", "Content-Language": "zh-CN", "Content-Type": "application/json; charset=utf-8"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := r.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(string(r.body), "$schema") || strings.Contains(r.header.Get("Link"), "schema") {
		t.Errorf("%s, %s", csp, r.header)
	}
	if r := w.get(base+"/organisations", "X-Test", "list_organisations"); r.problem(429, "api.too_many").Code == "" || r.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %s", r.header.Get("Retry-After"))
	}
	w.get(base+"/search?q=x").problem(503, "api.not_offered")
	w.ask("", "POST", base+"/audit", AuditIn{Text: "x"}).problem(503, "api.not_offered")
	w.ask(account.Admin, "POST", base+"/batches/batch-1/undo", nil).problem(503, "api.not_offered")
	if r := w.ask("", "HEAD", base+"/organisations?format=csv", nil); r.want(200).header.Get("Content-Disposition") == "" || len(r.body) > 0 {
		t.Errorf("HEAD: %s", r.body)
	}
	for accept, want := range map[string]string{"en-GB,zh;q=0.5": "Not found", "fr, zh-TW;q=0.3, en;q=0.1": "没有找到", "": "没有找到", "en;q=x": "Not found"} {
		if p := w.get("/api/none", "Accept-Language", accept).problem(404, "api.no_path"); p.Title != want {
			t.Errorf("%s: %s", accept, p.Title)
		}
	}
	add(w.s, route{id: "panics", path: "/panics", tag: "sources"}, func(contextOf, *struct{}) (*answer[string], error) { panic("440106199001011234") })
	if r := w.get(base + "/panics"); strings.Contains(string(r.body), "4401") || r.problem(500, "errs.internal").Type != "/api/#internal" {
		t.Errorf("%s", r.body)
	}
}

func TestHealth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.get("/api/livez").want(200)
		w.get("/api/readyz").want(200)
		w.must(d.Close())
		w.get("/api/livez").want(200)
		if r := w.get("/api/readyz").want(503); strings.Contains(string(r.body), "closed") {
			t.Errorf("%s", r.body)
		}
	})
}

func TestClientIP(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	s := &server{}
	if got := s.clientIP(r); got != "192.0.2.1" {
		t.Errorf("got %s", got)
	}
	s.ClientIP = func(*http.Request) string { return "trusted" }
	if got := s.clientIP(r); got != "trusted" {
		t.Errorf("got %s", got)
	}
}
