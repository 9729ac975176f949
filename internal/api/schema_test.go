package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db/dbtest"
)

// TestAnswersFitTheDocument asks every reading operation and holds its answer
// against the schema that the document promises.
func TestAnswersFitTheDocument(t *testing.T) {
	w := furnished(t)
	bodies := map[string]any{"audit_text": AuditIn{Text: "2024年，广州新增科技企业120家，居全国第8位。\n木棉实验室是全球首个实验室。"},
		"match": MatchIn{Text: "高镍三元锂电池正极材料"}, "query_facts": QueryIn{SQL: "SELECT id, lat, 1.5 AS x, true AS yes FROM fact_org"}}
	n := 0
	for _, rt := range w.s.routes {
		body, harmless := bodies[rt.id]
		if rt.writes() && !harmless {
			continue
		}
		n++
		r := w.ask(account.Admin, rt.method, w.example(rt), body).want(rt.status)
		if strings.Contains(string(r.body), `"items":[]`) && rt.id != "merges_of_organisation" {
			t.Errorf("%s: an empty list proves little: %s", rt.id, r.body)
		}
		if shape := success(w.operation(rt)).Content["application/json"]; shape != nil {
			w.fits(rt.id, shape.Schema, r)
		}
	}
	if n < 25 {
		t.Errorf("only %d operations were asked", n)
	}
	w.fits("problem", w.s.huma.OpenAPI().Components.Schemas.Map()["Problem"], w.get(base+"/organisations?limit=x&kind=y").want(422))
}

// fits validates a reply, null in the place of a list included.
func (w *world) fits(name string, schema *huma.Schema, r reply) {
	w.t.Helper()
	var v any
	r.in(&v)
	res := &huma.ValidateResult{}
	huma.Validate(w.s.huma.OpenAPI().Components.Schemas, schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, res)
	for _, err := range res.Errors {
		w.t.Errorf("%s: %v", name, err)
	}
}

// TestASchemaIsTested shows that the test above can fail.
func TestASchemaIsTested(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for text, ok := range map[string]bool{`{"type":"a","title":"b","status":1,"detail":"c","code":"d","trace_id":"e"}`: true, `{"type":"a"}`: false,
		`{"type":"a","title":"b","status":"1","detail":"c","code":"d","trace_id":"e"}`: false, `{"type":"a","title":"b","status":1,"detail":"c","code":"d","trace_id":"e","more":1}`: false} {
		var v any
		w.must(json.Unmarshal([]byte(text), &v))
		res := &huma.ValidateResult{}
		schemas := w.s.huma.OpenAPI().Components.Schemas
		huma.Validate(schemas, schemas.Map()["Problem"], huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, res)
		if (len(res.Errors) == 0) != ok {
			t.Errorf("%s: %v", text, res.Errors)
		}
	}
}

func TestPage(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	zh, en := w.get("/api/").want(200), w.get("/api/?lang=en").want(200)
	for _, rt := range w.s.routes {
		if !strings.Contains(string(zh.body), rt.path) || !strings.Contains(string(en.body), rt.path) {
			t.Errorf("%s is not on the page", rt.path)
		}
	}
	for _, r := range []reply{zh, en} {
		page := string(r.body)
		if strings.Contains(page, "<script") || strings.Contains(page, "http://") || strings.Contains(page, "https://") || strings.Contains(page, "api.op.") || strings.Contains(page, "{role}") {
			t.Errorf("scripts, outside addresses or missing words on the page")
		}
		if csp := r.header.Get("Content-Security-Policy"); strings.Contains(csp, "script-src") || !strings.Contains(csp, "style-src 'self'") {
			t.Errorf("policy %s", csp)
		}
	}
	if !strings.Contains(string(zh.body), `lang="zh-CN"`) || !strings.Contains(string(en.body), "List organisations") || !strings.Contains(string(en.body), `id="precondition"`) {
		t.Error("wrong language, or problems are not explained")
	}
	w.get("/api/page.css").want(200)
	tag := w.get("/api/openapi.json").want(200).header.Get("ETag")
	w.get("/api/openapi.json", "If-None-Match", tag).want(304)
	var doc struct {
		OpenAPI string
		Paths   map[string]any
	}
	w.get("/api/openapi.json").in(&doc)
	if doc.OpenAPI != "3.1.0" || len(doc.Paths) < 30 {
		t.Errorf("document %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	if r := w.get("/api/openapi.yaml").want(200); r.header.Get("Content-Type") != "application/openapi+yaml" {
		t.Errorf("type %s", r.header.Get("Content-Type"))
	}
}

// served runs the world on a real connection, as docs_test needs it.
func (w *world) served() *httptest.Server {
	srv := httptest.NewServer(w.h)
	w.t.Cleanup(srv.Close)
	return srv
}

func fetchURL(t *testing.T, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

func TestLongAnswersKeepTheConnection(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	srv := w.served()
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+base+"/organisations", nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, body := fetchURL(t, req); res.StatusCode != 200 || !slices.Contains([]string{"application/json; charset=utf-8"}, res.Header.Get("Content-Type")) {
			t.Errorf("%d %s", res.StatusCode, body)
		}
	}
}
