package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/e2e"
)

func serve(t *testing.T, a *app.App) string {
	t.Helper()
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

// rawKey is a message key that stands where its message should.
var rawKey = regexp.MustCompile(`>\s*(web|errs|app|claims|observatory|quantity|registry|resolve|account|ingest|source|change|api)\.[a-z_]+(\.[a-z_]+)*\s*<`)

// maxCrawled bounds the crawl: enough to see every kind of page many times, or,
// under the race detector, once or twice.
func maxCrawled() int {
	if testing.Short() {
		return 80
	}
	return 250
}

// readers is how many pages are opened at once: what pages share is seen by the
// race detector.
const readers = 4

// TestEveryLinkLeadsSomewhere walks the demo city's pages from the overview, in
// both languages, several at once: no page fails, none shows a message key.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	url := serve(t, city(t))
	for _, lang := range []string{"zh-CN", "en"} {
		t.Run(lang, func(t *testing.T) { crawl(t, url, lang) })
	}
}

func crawl(t *testing.T, url, lang string) {
	queue, seen, shapes := []string{"/"}, map[string]bool{"/": true}, map[string]int{}
	for n := 0; len(queue) > 0 && n < maxCrawled(); {
		wave := queue[:min(readers, len(queue))]
		queue = queue[len(wave):]
		n += len(wave)
		found := make([][]string, len(wave))
		var wg sync.WaitGroup
		for i, path := range wave {
			wg.Go(func() {
				body, links := get(t, url, path, lang)
				if key := rawKey.FindString(body); key != "" {
					t.Errorf("%s shows the message key %s", path, key)
				}
				found[i] = links
			})
		}
		wg.Wait()
		for _, l := range slices.Concat(found...) {
			if shape := shapeOf(l); !seen[l] && shapes[shape] < 8 {
				seen[l] = true
				shapes[shape]++
				queue = append(queue, l)
			}
		}
	}
	for _, kind := range []string{"/organisations/*", "/papers/*", "/figures/*", "/sources/*", "/platforms/*", "/rankings/*/cities", "/clusters/*?corpus"} {
		if shapes[kind] == 0 {
			t.Errorf("no page of the kind %s was reached", kind)
		}
	}
}

// shapeOf is the kind of page that an address leads to.
func shapeOf(path string) string {
	path, query, _ := strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if len(parts) > 2 {
		parts[2] = "*"
	}
	shape := strings.Join(parts, "/")
	if query != "" {
		name, _, _ := strings.Cut(query, "=")
		shape += "?" + name
	}
	return shape
}

func get(t *testing.T, url, path, lang string) (body string, links []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return "", nil
	}
	req.Header.Set("Accept-Language", lang)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return "", nil
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v", path, resp.Status, err)
		return "", nil
	}
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return "", nil
	}
	return string(raw), linksOf(string(raw))
}

func linksOf(page string) []string {
	var out []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken:
			if token := z.Token(); token.Data == "a" {
				for _, at := range token.Attr {
					if href, _, _ := strings.Cut(at.Val, "#"); at.Key == "href" && strings.HasPrefix(href, "/") {
						out = append(out, href)
					}
				}
			}
		}
	}
}

// TestPagesOfTheCityInABrowser opens the real city's pages in Chromium: axe
// finds nothing, nothing runs sideways, in both languages, on desk and phone.
func TestPagesOfTheCityInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	a := city(t)
	url := serve(t, a)
	pages := []string{
		"/", "/figures", "/figures/awards.share.all", "/platforms/system", "/organisations", "/organisations?q=%E4%B8%AD%E5%B1%B1%E5%A4%A7%E5%AD%A6",
		"/papers", "/rankings", "/superlatives", "/audit", "/sources", "/sources/ror-2026-06", "/batches", "/search?q=%E5%AE%9E%E9%AA%8C%E5%AE%A4", "/sign-in",
		"/rankings/style/cities?corpus=world&indicator=pp_top10&minimum=100", "/rankings/style/organisations?corpus=papers", "/rankings/style/years?corpus=world",
		"/rankings/style/districts/records?corpus=papers&of=440106&indicator=share", "/rankings/published/gii.cluster", "/clusters", "/clusters/0", "/releases",
	}
	pages = append(pages, someRecords(t, url)...)
	views := []e2e.View{{Width: 1280, Accept: "zh-CN"}, {Width: 360, Accept: "en"}, {Width: 360, Accept: "zh-CN"}, {Width: 1280, Accept: "en", Dark: true}}
	every := os.Getenv("KAPOK_CI") != "" || os.Getenv("KAPOK_ARTIFACTS") != ""
	for v, view := range views {
		for n, path := range pages {
			if !every && n%len(views) != v {
				continue // at a desk each page is opened in one of the views
			}
			name := fmt.Sprintf("%s %s %d", path, view.Accept, view.Width)
			t.Run(strings.ReplaceAll(name, "/", "_"), func(t *testing.T) {
				tab := browser.Open(t, url+path, view)
				tab.Check()
				if os.Getenv("KAPOK_ARTIFACTS") != "" {
					tab.Shot(strings.NewReplacer("/", "_", "?", "_", "=", "_", " ", "_", "%", "").Replace(name))
				}
			})
		}
	}
}

// TestAuditInABrowser pastes the example text, sends it, and looks at the
// report.
func TestAuditInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	url := serve(t, city(t))
	for _, view := range []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}} {
		tab := browser.Open(t, url+"/audit?example=1", view)
		tab.Click("main button[type=submit]")
		tab.Check()
		if n := e2e.Eval[int](tab, `document.querySelectorAll(".verdicts > li").length`); n == 0 {
			t.Error("the report lists no claim")
		}
		if os.Getenv("KAPOK_ARTIFACTS") != "" {
			tab.Shot(fmt.Sprintf("audit_report_%d", view.Width))
		}
	}
}

// someRecords is one page of each kind of record.
func someRecords(t *testing.T, url string) []string {
	var out []string
	for _, list := range []string{"/organisations", "/platforms", "/parks", "/papers", "/batches"} {
		_, links := get(t, url, list, "zh-CN")
		i := slices.IndexFunc(links, func(l string) bool {
			return strings.HasPrefix(l, list+"/") && !strings.Contains(l, "?") && !strings.HasSuffix(l, "/system") && !strings.HasSuffix(l, ".csv") && !strings.HasSuffix(l, ".xlsx")
		})
		if i < 0 {
			t.Errorf("%s links to no record", list)
			continue
		}
		out = append(out, links[i])
	}
	return out
}
