package web

import (
	"net/http/httptest"
	"os"
	"testing"

	"github.com/kapok-city/kapok/internal/e2e"
)

func TestFigurePagesInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	srv := httptest.NewServer(citySite(t, Options{Rooms: kitRooms}).Handler())
	t.Cleanup(srv.Close)
	pages := []struct{ name, path string }{
		{"overview", "/"}, {"figures", "/figures"}, {"figures-none", "/figures?q=zzz"}, {"figure-share", "/figures/awards.share.all"}, {"figure-platforms", "/figures/platforms.all"},
		{"figure-district", "/figures/platforms.district"}, {"figure-rank", "/figures/rankings.nature_index.city"}, {"system", "/platforms/system"},
		{"rankings", "/rankings"}, {"superlatives", "/superlatives"}, {"audit", "/audit?example=1"},
	}
	for _, p := range pages {
		for _, view := range []struct {
			name string
			view e2e.View
		}{{"zh-1280", e2e.View{}}, {"zh-360", e2e.View{Width: 360}}, {"en-1280-dark", e2e.View{Accept: "en", Dark: true}}, {"en-360", e2e.View{Width: 360, Accept: "en"}}} {
			t.Run(p.name+"-"+view.name, func(t *testing.T) {
				tab := browser.Open(t, srv.URL+p.path, view.view)
				tab.Shot(p.name + "-" + view.name)
				tab.Check()
				if view.name == "zh-1280" && os.Getenv("KAPOK_ARTIFACTS") != "" {
					tab.PDF(p.name)
				}
			})
		}
	}
}
