package registry_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

func TestTowns(t *testing.T) {
	at := func(name, country, division, city string, lon, lat float64) registry.Org {
		return registry.Org{ID: "org-" + name, Names: []registry.Name{{Text: name, Lang: "en", Kind: registry.Official}}, Kind: registry.University, SourceID: "ror",
			Place: registry.Place{Country: country, Division: division, City: city, Lon: &lon, Lat: &lat}}
	}
	rows := []registry.Org{
		at("north", "CN", "440106", "Guangzhou", 113, 24), at("south", "CN", "440100", "Canton", 114, 22),
		at("capital", "CN", "110108", "Beijing", 116, 40), at("bridge", "GB", "", "Cambridge", 0, 52), at("charles", "US", "", "Cambridge", -71, 42),
		at("nowhere", "US", "", "", -70, 40),
	}
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		inTx(t, d, func(tx *db.Tx) error {
			if _, err := s.PutDivisions(t.Context(), tx, loader, bundledDivisions(t)); err != nil {
				return err
			}
			out, err := s.PutOrgs(t.Context(), tx, loader, rows)
			if results(out) != "6/0/0/0" {
				t.Errorf("%s: %v", results(out), out)
			}
			return err
		})
		got, err := s.Towns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		english := i18n.Text{ZH: "Cambridge", EN: "Cambridge"}
		want := []registry.Town{
			{Code: "110000", Country: "CN", Name: i18n.Text{ZH: "北京", EN: "Beijing"}, Lon: 116, Lat: 40, Orgs: 1},
			{Code: "440100", Country: "CN", Name: i18n.Text{ZH: "广州", EN: "Guangzhou"}, Lon: 113.5, Lat: 23, Orgs: 2},
			{Country: "GB", Name: english, Lat: 52, Orgs: 1}, {Country: "US", Name: english, Lon: -71, Lat: 42, Orgs: 1},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
