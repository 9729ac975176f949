package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kapok-city/kapok/internal/e2e"
)

// TestMoneyInABrowser opens the pages of funds and of company money in Chromium
// as an editor does: axe finds nothing, nothing runs sideways.
func TestMoneyInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	funds, money := newFunds(t), newMoney(t)
	for _, town := range []struct {
		name  string
		h     http.Handler
		pages []string
	}{
		{"funds", funds.h, []string{
			"/finance", "/funds", "/funds/sub", "/funds/mother/tree?open=all", "/funds/ring-a/tree", "/funds/sub/report", "/funds/sub/book", "/fund-events/" + funds.call,
			"/fund-events/" + funds.call + "/notice", "/fund-events/" + funds.holding, "/funds/new",
		}},
		{"capital", money.h, []string{
			"/capital", "/rounds", "/acquisitions", "/listings", "/contests", "/guarantees", "/premiums", "/organisations/" + money.co.ID + "/money", "/rounds/new", "/listings/new",
		}},
	} {
		srv := httptest.NewServer(town.h)
		t.Cleanup(srv.Close)
		for i, v := range []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}} {
			t.Run(town.name+[]string{"-wide", "-narrow"}[i], func(t *testing.T) {
				tab := browser.Open(t, srv.URL+"/sign-in?next=/account", v)
				tab.Fill("#f-name", "editor")
				tab.Fill("#f-password", testPassword)
				tab.Click("form.form button[type=submit]")
				for k, path := range town.pages {
					if k%2 != i {
						continue // each page in one view: they share their parts
					}
					tab.Go(srv.URL + path)
					t.Log(path)
					tab.Check()
				}
			})
		}
	}
}
