package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// limit is how long one step of a test may take.
const limit = 30 * time.Second

// View says how a page is looked at. The zero View is 1280 px wide and light.
type View struct {
	Width  int
	Dark   bool
	Accept string // Accept-Language; "" means zh-CN
}

// Tab is one open page.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	mu    sync.Mutex
	notes []string
}

// Open opens url in a new tab with cookies of its own and waits until it is
// loaded. The tab closes with the test.
func (r *Rig) Open(t testing.TB, url string, v View) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(r.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	tab.do(chromedp.Func(func(context.Context, *chromedp.Target) error { return nil }))
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			tab.note(m)
		}
	}()
	tab.dress(v)
	tab.Go(url)
	return tab
}

func (p *Tab) note(m chromedp.ConsoleMessage) {
	if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.notes = append(p.notes, m.String()+" "+m.URL)
	}
}

func (p *Tab) dress(v View) {
	p.t.Helper()
	if v.Width == 0 {
		v.Width = 1280
	}
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	if v.Accept == "" {
		v.Accept = "zh-CN"
	}
	p.do(chromedp.EmulateViewport(int64(v.Width), 900), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
		if err != nil {
			return err
		}
		_, err = chromedp.Call(p.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": v.Accept}})
		return err
	}))
}

func (p *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	run(p, chromedp.Steps(steps...))
}

// run runs one action under the limit and ends the test if it fails.
func run[T any](p *Tab, a chromedp.Action[T]) T {
	p.t.Helper()
	var v T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		v, err = chromedp.Run(p.ctx, a)
	}()
	select {
	case <-done:
	case <-time.After(limit):
		p.t.Fatalf("e2e: a step took over %s", limit)
	}
	if err != nil {
		p.t.Fatalf("e2e: %v", err)
	}
	return v
}

// Go follows an address.
func (p *Tab) Go(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// Click clicks the first element of a CSS selector and waits for the page it
// leads to, if it leads to one.
func (p *Tab) Click(css string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(css)))
	p.settle()
}

// Fill types text into the field of a CSS selector, in place of what it holds.
func (p *Tab) Fill(css, text string) {
	p.t.Helper()
	Eval[bool](p, fmt.Sprintf(`document.querySelector(%q).value = "", true`, css))
	p.do(chromedp.SendKeys(chromedp.CSS(css), text))
}

// settle waits until a navigation that has begun is over.
func (p *Tab) settle() {
	p.t.Helper()
	until := time.Now().Add(limit)
	for time.Now().Before(until) {
		time.Sleep(60 * time.Millisecond)
		if s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.readyState`)); err == nil && s == "complete" {
			return
		}
	}
	p.t.Fatalf("e2e: the page did not settle in %s", limit)
}

// Eval returns the value of a JavaScript expression. It runs beside the page's
// policy, so that tests see pages as they are served.
func Eval[T any](p *Tab, js string) T {
	p.t.Helper()
	return run(p, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

// Text returns the text of the first element of a CSS selector, as rendered.
func (p *Tab) Text(css string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf(`(document.querySelector(%q)||{innerText:""}).innerText`, css))
}

// Location is the address of the page.
func (p *Tab) Location() string {
	p.t.Helper()
	return Eval[string](p, `location.href`)
}

// Console returns the errors and warnings the page has caused.
func (p *Tab) Console() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.notes...)
}

// Shot writes a picture of the whole page, where pictures are wanted.
func (p *Tab) Shot(name string) {
	p.t.Helper()
	if os.Getenv("KAPOK_ARTIFACTS") != "" {
		Eval[bool](p, `scrollTo(0, 0), true`)
		p.write(name+".png", run(p, chromedp.FullScreenshot(100)))
	}
}

// PDF writes the page as it prints on A4, where pictures are wanted, and
// returns it in any case.
func (p *Tab) PDF(name string) []byte {
	p.t.Helper()
	b := run(p, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPaper(chromedp.PaperA4)))
	p.write(name+".pdf", b)
	return b
}

func (p *Tab) write(name string, b []byte) {
	p.t.Helper()
	dir := os.Getenv("KAPOK_ARTIFACTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")), b, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
