package registry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

func TestPlatforms(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "广州实验室"), plain("org-2", "依托单位"), plain("org-3", "新依托单位"))
		rows := []registry.Platform{
			{Key: "gz-lab", Names: []registry.Name{{Text: "广州实验室", Lang: "zh", Kind: registry.Official}, {Text: "Guangzhou Laboratory", Lang: "en", Kind: registry.Official}},
				Class: "national_laboratory", Group: "2a", Level: "national", Field: i18n.Text{ZH: "生物医药", EN: "biomedicine"}, Division: "440112", OrgID: "org-1", Status: registry.Verified, SourceID: "ror"},
			{Key: "facility", Names: []registry.Name{{Text: "冷泉", Kind: registry.Official}}, Class: "major_facility", Group: "2b", Division: "440115", HostIDs: []string{"org-2", "org-1"}, SourceID: "gazette"},
			{Key: "lost", Names: []registry.Name{{Text: "无主", Kind: registry.Official}}, Class: "lab", HostIDs: []string{"org-none"}, SourceID: "ror"},
			{Key: "bad", SourceID: "ror"},
		}
		var out []registry.Outcome
		put := func(want string) {
			t.Helper()
			inTx(t, d, func(tx *db.Tx) (err error) {
				out, err = s.PutPlatforms(t.Context(), tx, loader, rows)
				return err
			})
			if results(out) != want {
				t.Errorf("%+v, want %s", out, want)
			}
		}
		put("2/0/0/2")
		put("0/0/2/2")
		if !errors.Is(out[2].Err, &errs.Error{Kind: errs.Invalid, Key: "registry.unknown_org"}) {
			t.Errorf("unknown host: %v", out[2].Err)
		}
		_, err := s.Merge(t.Context(), editor, "org-2", "org-3", 1, 1)
		must(t, err)
		p, err := s.Platform(t.Context(), out[1].ID)
		if err != nil || len(p.Hosts) != 2 || p.Hosts[0].ID != "org-3" || p.Hosts[0].Name.ZH != "新依托单位" || p.Status != registry.Unverified {
			t.Errorf("%+v, %v", p, err)
		}
		for _, c := range []struct {
			filter registry.PlatformFilter
			want   int64
		}{
			{registry.PlatformFilter{}, 2}, {registry.PlatformFilter{Group: "2a"}, 1}, {registry.PlatformFilter{Query: "guangzhou lab"}, 1},
			{registry.PlatformFilter{OrgID: "org-3"}, 1}, {registry.PlatformFilter{OrgID: "org-1"}, 2}, {registry.PlatformFilter{Division: "440100"}, 2},
			{registry.PlatformFilter{Class: "major_facility", Level: "national"}, 0}, {registry.PlatformFilter{Status: registry.Verified, Source: "ror"}, 1},
		} {
			if l, err := s.Platforms(t.Context(), c.filter); err != nil || l.Total != c.want || int64(len(l.Items)) != c.want {
				t.Errorf("%+v: %d, %v, want %d", c.filter, l.Total, err, c.want)
			}
		}
		facets, err := s.PlatformFacets(t.Context(), registry.PlatformFilter{})
		if diff := cmp.Diff([]registry.Facet{{Value: "440112", Count: 1}, {Value: "440115", Count: 1}}, facets["division"]); err != nil || diff != "" || len(facets) != 5 {
			t.Errorf("%v %s", err, diff)
		}
		p.Closed = "2025"
		if p, err = s.SavePlatform(t.Context(), editor, p); err != nil || p.Version != 2 {
			t.Errorf("%+v, %v", p, err)
		}
		taken := p
		taken.ID, taken.Version = "platform-x", 0
		if _, err := s.SavePlatform(t.Context(), editor, taken); !errors.Is(err, &errs.Error{Kind: errs.Conflict, Key: "registry.key_taken"}) {
			t.Errorf("a key twice: %v", err)
		}
	})
}

func TestParksAndPeople(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "运营单位"))
		park := registry.Park{Key: "base", Names: []registry.Name{{Text: "天河基地", Kind: registry.Official}}, Class: "transfer_base", Division: "440106", OrgID: "org-1", SourceID: "ror"}
		for i, want := range []string{"1/0/0/0", "0/0/1/0"} {
			inTx(t, d, func(tx *db.Tx) error {
				out, err := s.PutParks(t.Context(), tx, loader, []registry.Park{park})
				if results(out) != want {
					t.Errorf("run %d: %+v", i, out)
				}
				return err
			})
		}
		l, err := s.Parks(t.Context(), registry.ParkFilter{Query: "天河", Class: "transfer_base", OrgID: "org-1", Division: "440100"})
		if err != nil || l.Total != 1 || l.Items[0].Org.Name.ZH != "运营单位" {
			t.Fatalf("%+v, %v", l, err)
		}
		if facets, err := s.ParkFacets(t.Context(), registry.ParkFilter{}); err != nil || fmt.Sprint(facets["class"]) != "[{transfer_base 1}]" {
			t.Errorf("%v, %v", facets, err)
		}
		saved, err := s.SavePark(t.Context(), editor, registry.Park{Key: "wushan", Names: park.Names, Class: "area", SourceID: "ror"})
		must(t, err)
		if got, err := s.Park(t.Context(), saved.ID); err != nil || got.Key != "wushan" || got.Org != nil {
			t.Errorf("%+v, %v", got, err)
		}

		who, err := s.SavePerson(t.Context(), editor, registry.Person{Names: []registry.Name{{Text: "Josiah Carberry", Lang: "en", Kind: registry.Official}}, ORCID: "https://orcid.org/0000-0002-1825-0097", SourceID: "ror"})
		if err != nil || who.ORCID != "0000000218250097" && who.ORCID != "0000-0002-1825-0097" {
			t.Fatalf("%+v, %v", who, err)
		}
		_, err = s.SaveRelation(t.Context(), editor, link("org-1", registry.Member, who.ID, "2020", ""))
		must(t, err)
		people, err := s.People(t.Context(), registry.PersonFilter{Query: "carberry", OrgID: "org-1", ORCID: who.ORCID})
		if err != nil || people.Total != 1 || people.Items[0].ID != who.ID {
			t.Errorf("%+v, %v", people, err)
		}
		if got, err := s.Person(t.Context(), who.ID); err != nil || got.Title().EN != "Josiah Carberry" {
			t.Errorf("%+v, %v", got, err)
		}
		links, err := s.Relations(t.Context(), who.ID)
		if err != nil || len(links) != 1 || links[0].Outward || links[0].Links[0].Other.ID != "org-1" {
			t.Errorf("%+v, %v", links, err)
		}
		refs, err := s.Refs(t.Context(), []string{who.ID, saved.ID, "org-1", "none", ""})
		if err != nil || len(refs) != 3 || refs[who.ID].Kind != registry.KindPerson || refs[saved.ID].Kind != registry.KindPark {
			t.Errorf("%+v, %v", refs, err)
		}
		twin := who
		twin.ID, twin.Version = "person-twin", 0
		if _, err := s.SavePerson(t.Context(), editor, twin); !errors.Is(err, &errs.Error{Kind: errs.Conflict, Key: "registry.orcid_taken"}) {
			t.Errorf("an ORCID twice: %v", err)
		}
		if _, err := s.SavePerson(t.Context(), editor, registry.Person{Names: who.Names, ORCID: "0000-0002-1825-0098", SourceID: "ror"}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a wrong ORCID: %v", err)
		}
	})
}
