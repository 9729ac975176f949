package web

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/kapok-city/kapok/internal/e2e"
)

func TestMarketInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newFair(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	link := x.disclose(t, submitResult...)
	d, err := x.Transfer.Disclosures(t.Context(), accountViewer(t, x, "editor"), filterAll)
	x.must(t, err)
	for _, tc := range []struct {
		as    string
		paths []string
	}{
		{"", []string{"/market", "/results", "/results?q=zzz", "/results/" + x.ids["sampler"], "/needs", "/needs/" + x.ids["challenge"], "/services", "/services/" + x.ids["scope"], "/submit", "/submit/result", "/submit/need", link}},
		{"editor", []string{"/market", "/results?status=all&form=licence", "/results/" + x.ids["sampler"], "/results/new", "/results/" + x.ids["sampler"] + "/edit", "/needs/" + x.ids["challenge"] + "/edit", "/services/new",
			"/results/" + x.ids["sampler"] + "/level", "/results/" + x.ids["soon"] + "/renew", "/triage", "/triage/" + d.Items[0].ID, "/triage/" + d.Items[0].ID + "/accept", "/saved", "/drafts"}},
	} {
		views := []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}, {Width: 360}, {Width: 1280, Accept: "en"}, {Width: 1280, Dark: true}}
		for k, v := range views {
			tab := browser.Open(t, srv.URL+"/sign-in?next=/account", v)
			if tc.as != "" {
				tab.Fill("#f-name", tc.as)
				tab.Fill("#f-password", testPassword)
				tab.Click("form.form button[type=submit]")
			}
			for i, path := range tc.paths {
				if !full() && i%len(views) != k {
					continue // each page in one view; in CI each in all
				}
				tab.Go(srv.URL + path)
				tab.Check()
				tab.Shot(fmt.Sprintf("market-%s%02d-%s-%d%v", tc.as, i, v.Accept, v.Width, v.Dark))
			}
		}
	}
}
