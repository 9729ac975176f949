package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const good = `<!DOCTYPE html><html lang="en"><title>t</title><link rel="icon" href="data:,"><main><h1>Title</h1><p>Text</p>
<form action="/"><label>Name <input name="n"></label> <button>Send</button></form></main>`

// bad has a picture without words, pale text, a box wider than the window, a
// heading out of order and a file that is missing.
const bad = `<!DOCTYPE html><html lang="en"><title>t</title><link rel="icon" href="data:,"><main><h1>Title</h1><h3>Skips</h3><img src="/none.png">
<p style="color:#ccc;background:#fff">pale</p><div class="box" style="width:900px">wide</div></main>`

func pages(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case r.URL.Path == "/bad":
			fmt.Fprint(w, bad)
		case r.URL.Path == "/" && r.URL.Query().Has("n"):
			fmt.Fprintf(w, "%s<p id=said>%s %s</p>", good, strings.ReplaceAll(r.URL.Query().Get("n"), "<", ""), r.Header.Get("Accept-Language"))
		case r.URL.Path == "/":
			fmt.Fprint(w, good)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestRigFindsNothingOnAGoodPage(t *testing.T) {
	tab := Browser(t).Open(t, pages(t), View{Width: 360})
	tab.Check()
}

func TestRigFindsEachFault(t *testing.T) {
	tab := Browser(t).Open(t, pages(t)+"/bad", View{Width: 360})
	var ids []string
	for _, v := range tab.Axe() {
		ids = append(ids, v.ID)
		if len(v.Nodes) == 0 {
			t.Errorf("%s names no element", v.ID)
		}
	}
	for _, want := range []string{"image-alt", "color-contrast"} {
		if !slices.Contains(ids, want) {
			t.Errorf("axe found %v, not %s", ids, want)
		}
	}
	if w := tab.Wide(); len(w) == 0 || !strings.Contains(strings.Join(w, " "), "div.box") {
		t.Errorf("too wide: %v", w)
	}
	if h := tab.Headings(); len(h) != 1 || !strings.Contains(h[0], "h3 after h1") {
		t.Errorf("headings: %v", h)
	}
	if c := tab.Console(); len(c) == 0 || !strings.Contains(c[0], "404") {
		t.Errorf("console: %v", c)
	}
}

func TestRigFillsAndFollows(t *testing.T) {
	tab := Browser(t).Open(t, pages(t), View{Accept: "en", Dark: true})
	tab.Fill("input", "木棉")
	tab.Click("button")
	if got := tab.Text("#said"); got != "木棉 en" {
		t.Errorf("the page says %q", got)
	}
	if !strings.HasSuffix(tab.Location(), "?n=%E6%9C%A8%E6%A3%89") {
		t.Errorf("the tab is at %s", tab.Location())
	}
	if !Eval[bool](tab, `matchMedia("(prefers-color-scheme: dark)").matches`) {
		t.Error("the view is not dark")
	}
	if !bytes.HasPrefix(tab.PDF("e2e"), []byte("%PDF")) {
		t.Error("no PDF")
	}
}
