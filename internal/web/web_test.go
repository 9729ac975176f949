package web

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

func get(t *testing.T, h http.Handler, method, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestErrorsBecomePages(t *testing.T) {
	var log bytes.Buffer
	s := kitSite(t, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	s.Route("GET /invalid", func(http.ResponseWriter, *http.Request) error {
		return errs.List{errs.New(errs.Invalid, "errs.required", errs.A{"field": "名称"}), errs.New(errs.Invalid, "errs.required", errs.A{"field": "日期"})}
	})
	s.Route("GET /broken", func(http.ResponseWriter, *http.Request) error { return errors.New("password=hunter2 refused") })
	s.Route("GET /panic", func(http.ResponseWriter, *http.Request) error { panic("hunter3") })
	s.Route("GET /private", func(http.ResponseWriter, *http.Request) error {
		return errs.New(errs.Unauthenticated, "errs.sign_in")
	})
	h := s.Handler()
	for _, tc := range []struct {
		method, path, lang string
		status             int
		want               string
	}{
		{"GET", "/invalid", "zh", 422, "“日期”没有填写"},
		{"GET", "/invalid", "en", 422, "“日期” is empty"},
		{"GET", "/broken", "zh", 500, "系统内部出错"},
		{"GET", "/panic", "en", 500, "Something failed inside Kapok"},
		{"GET", "/denied", "en", 403, "your role (viewer)"},
		{"GET", "/private?a=1", "zh", 401, "/sign-in?next=%2fprivate%3fa%3d1"},
		{"GET", "/nowhere", "zh", 404, "地址“/nowhere”没有对应的页面"},
		{"DELETE", "/kit", "zh", 405, "GET, HEAD"},
		{"GET", "/static/kapok.css", "zh", 404, ""},
	} {
		r := get(t, h, tc.method, tc.path, "Accept-Language", tc.lang)
		b := body(t, r)
		if r.StatusCode != tc.status || !strings.Contains(strings.ToLower(b), strings.ToLower(tc.want)) {
			t.Errorf("%s %s in %s: %d, want %d and %q in:\n%s", tc.method, tc.path, tc.lang, r.StatusCode, tc.status, tc.want, b)
		}
		if strings.Contains(b, "hunter") {
			t.Errorf("%s shows the cause to its reader", tc.path)
		}
		if id := r.Header.Get("X-Request-Id"); r.StatusCode == 500 && (!strings.Contains(b, id) || !strings.Contains(log.String(), id)) {
			t.Errorf("%s: request id %s is not on the page and in the log", tc.path, id)
		}
	}
	if !strings.Contains(log.String(), "hunter2") {
		t.Error("the cause is not in the log")
	}
	if r := get(t, h, "DELETE", "/kit"); !strings.Contains(r.Header.Get("Allow"), "GET") {
		t.Errorf("405 without Allow: %v", r.Header)
	}
}

func TestHalfAnAnswerIsCutOff(t *testing.T) {
	s := kitSite(t, Options{})
	s.Route("GET /list.csv", func(w http.ResponseWriter, _ *http.Request) error {
		io.WriteString(w, strings.Repeat("a,b\n", 10_000))
		return errors.New("the database went away")
	})
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	r, err := http.Get(srv.URL + "/list.csv")
	if err != nil {
		return // cut before the head arrived
	}
	defer r.Body.Close()
	if b, err := io.ReadAll(r.Body); err == nil || strings.Contains(string(b), "<html") {
		t.Errorf("half a file looks whole: %d bytes, %v", len(b), err)
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := kitSite(t, Options{}).Handler()
	for _, path := range []string{"/kit", "/nowhere", "/denied"} {
		r := get(t, h, "GET", path)
		csp := r.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src-elem 'self'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy without %s", path, want)
			}
		}
		if strings.Contains(strings.ReplaceAll(csp, "style-src-attr 'unsafe-inline'", ""), "unsafe") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, r.Header)
		}
		if b := body(t, r); regexp.MustCompile(`<script|<style|\son[a-z]+=|style="|//[a-z]+\.[a-z.]+/[^"]*\.(js|css)`).MatchString(b) {
			t.Errorf("%s has inline script or style, or loads from elsewhere", path)
		}
	}
}

func TestCrossSiteFormsAreRefused(t *testing.T) {
	h := kitSite(t, Options{}).Handler()
	if r := get(t, h, "POST", "/preferences", "Sec-Fetch-Site", "cross-site"); r.StatusCode != 403 || !strings.Contains(body(t, r), "不是从本站页面提交") {
		t.Errorf("cross-site form: %d", r.StatusCode)
	}
	if r := get(t, h, "POST", "/preferences", "Sec-Fetch-Site", "same-origin"); r.StatusCode != 303 {
		t.Errorf("same-origin form: %d", r.StatusCode)
	}
}

func TestBodyLimit(t *testing.T) {
	h := kitSite(t, Options{MaxBody: 2048}).Handler()
	r := httptest.NewRequest("POST", "/preferences", strings.NewReader("theme="+strings.Repeat("x", 4096)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 413 || !strings.Contains(w.Body.String(), "2 KiB") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestPreferences(t *testing.T) {
	h := kitSite(t, Options{}).Handler()
	r := httptest.NewRequest("POST", "/preferences", strings.NewReader(url.Values{"theme": {"dark"}, "text": {"<b>"}, "back": {"//evil.example/x"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	if res.Header.Get("Location") != "/" {
		t.Errorf("sent to %q", res.Header.Get("Location"))
	}
	c := res.Cookies()
	if len(c) != 1 || c[0].Value != "lang=zh-CN&theme=dark" || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("cookie %v", c)
	}
	page := body(t, get(t, h, "GET", "/kit", "Cookie", c[0].String()))
	if !strings.Contains(page, `<html lang="zh-CN" data-theme="dark">`) {
		t.Errorf("the page does not know the theme: %.200s", page)
	}
}

func TestLanguage(t *testing.T) {
	h := kitSite(t, Options{}).Handler()
	for _, tc := range []struct{ path, accept, cookie, want string }{
		{"/kit", "", "", "zh-CN"},
		{"/kit", "fr", "", "zh-CN"},
		{"/kit", "en-GB,en;q=0.9", "", "en"},
		{"/kit", "en-US,en;q=0.9,zh;q=0.3", "", "zh-CN"},
		{"/kit", "en", "kapok_prefs=lang=zh-CN", "zh-CN"},
		{"/kit?lang=en", "zh", "kapok_prefs=lang=zh-CN", "en"},
		{"/kit?lang=%3Cscript%3E", "", "kapok_prefs=theme=%22%3E%3Cscript%3E", "zh-CN"},
	} {
		r := get(t, h, "GET", tc.path, "Accept-Language", tc.accept, "Cookie", tc.cookie)
		b := body(t, r)
		if !strings.Contains(b, `<html lang="`+tc.want+`">`) || r.Header.Get("Content-Language") != tc.want {
			t.Errorf("%+v: %.120s", tc, b)
		}
		if set := len(r.Cookies()) == 1; set != strings.Contains(tc.path, "lang=en") {
			t.Errorf("%+v: cookies %v", tc, r.Cookies())
		}
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{"/a?b=c": "/a?b=c", "": "/", "//x": "/", "https://x/": "/", "/\\x": "/", "javascript:x": "/", "/\r\nx": "/", "a": "/"} {
		if got := localPath(in); got != want {
			t.Errorf("localPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	f.Add("/a")
	f.Add("//x")
	f.Add("/%2f/x")
	f.Fuzz(func(t *testing.T, in string) {
		base, _ := url.Parse("http://kapok.example/preferences")
		u, err := base.Parse(localPath(in))
		if err != nil || u.Host != "kapok.example" {
			t.Errorf("%q leads to %v (%v)", in, u, err)
		}
	})
}

func TestAddresses(t *testing.T) {
	p := Page{Path: "/organisations", query: url.Values{"q": {"a b"}, "kind": {"lab", "firm"}, "cursor": {"x"}, "lang": {"en"}}}
	p.Lang = i18n.EN
	for name, tc := range map[string][2]string{
		"here":      {p.Here(), "/organisations?cursor=x&kind=lab&kind=firm&q=a+b"},
		"with":      {p.With("q", "", "sort", "-name"), "/organisations?kind=lab&kind=firm&sort=-name"},
		"cursor":    {p.With("cursor", "y"), "/organisations?cursor=y&kind=lab&kind=firm&q=a+b"},
		"without":   {p.Without("kind", "lab"), "/organisations?kind=firm&q=a+b"},
		"alternate": {p.Alternate(), "/organisations?cursor=x&kind=lab&kind=firm&lang=zh-CN&q=a+b"},
	} {
		if tc[0] != tc[1] {
			t.Errorf("%s: %s, want %s", name, tc[0], tc[1])
		}
	}
	p.sticky = true
	if got := p.With("q", "", "kind", ""); got != "/organisations?lang=en" {
		t.Errorf("without cookies the language is lost: %s", got)
	}
}

func TestAssets(t *testing.T) {
	s := kitSite(t, Options{})
	u, err := s.assetURL("kapok.css")
	if err != nil {
		t.Fatal(err)
	}
	r := get(t, s.Handler(), "GET", u, "Accept-Encoding", "br, gzip")
	if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/css") {
		t.Fatalf("%d %v", r.StatusCode, r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := fs.ReadFile(staticFS, "static/kapok.css")
	if !bytes.Equal(got, want) {
		t.Error("the style sheet is not what is in static/")
	}
	if _, err := s.assetURL("none.css"); err == nil {
		t.Error("an asset that is not there has an address")
	}
}

func TestCompression(t *testing.T) {
	h := kitSite(t, Options{}).Handler()
	plain := body(t, get(t, h, "GET", "/kit"))
	r := get(t, h, "GET", "/kit", "Accept-Encoding", "gzip")
	if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Content-Length") != "" {
		t.Fatalf("%v", r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || len(got) != len(plain) {
		t.Errorf("%d bytes, want %d (%v)", len(got), len(plain), err)
	}
	if r := get(t, h, "GET", "/kit", "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was sent to a reader who refuses it")
	}
	if r := get(t, h, "HEAD", "/kit"); r.StatusCode != 200 || r.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD: %d %v", r.StatusCode, r.Header)
	}
}

func TestValueOf(t *testing.T) {
	for _, tc := range []struct {
		lang i18n.Lang
		q    quantity.Quantity
		want Value
	}{
		{i18n.ZH, quantity.With(quantity.Above, 26e9, quantity.CNY), Value{Before: ">", Number: "260", After: "亿元", Gap: true, Exact: "26000000000"}},
		{i18n.EN, quantity.With(quantity.Above, 26e9, quantity.CNY), Value{Before: "> CNY", Number: "26", After: "billion", Gap: true, Exact: "26000000000"}},
		{i18n.ZH, quantity.Of(-0.018, quantity.None), Value{Number: "−0.02", Exact: "-0.018"}},
		{i18n.ZH, quantity.Of(8, quantity.Rank), Value{Before: "第", Number: "8", After: "位", Gap: true, Exact: "8"}},
		{i18n.EN, quantity.Of(8, quantity.Rank), Value{Number: "8", After: "th", Exact: "8"}},
		{i18n.ZH, quantity.Of(49.06, quantity.Percent), Value{Number: "49.06", After: "%", Exact: "49.06"}},
	} {
		if diff := cmp.Diff(tc.want, ValueOf(tc.lang, tc.q)); diff != "" {
			t.Errorf("%v in %s (-want +got):\n%s", tc.q, tc.lang, diff)
		}
	}
	if UnknownValue("why").Known() || !ValueOf(i18n.ZH, quantity.Of(0, quantity.Count)).Known() {
		t.Error("unknown and zero are mixed up")
	}
}

// TestMessagesExist reads every template and Go file for message keys.
func TestMessagesExist(t *testing.T) {
	key := regexp.MustCompile(`\bt "([a-z_.]+)"`)
	n := 0
	err := fs.WalkDir(templateFS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templateFS.ReadFile(path)
		for _, m := range key.FindAllStringSubmatch(string(raw), -1) {
			if n++; !i18n.Has(m[1]) {
				t.Errorf("%s: no message %s", path, m[1])
			}
		}
		return err
	})
	if err != nil || n < 40 {
		t.Errorf("%d keys found, %v", n, err)
	}
	for kind := range statusOf {
		if !i18n.Has("web.failed." + string(kind)) {
			t.Errorf("no heading for errors of kind %s", kind)
		}
	}
	for _, v := range []string{"borne_out", "compatible", "contradicted", "not_comparable", "unknown"} {
		if !i18n.Has("web.verdict." + v) {
			t.Errorf("no name for verdict %s", v)
		}
	}
}
