package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

func sunYatSen() registry.Org {
	lat, lon := 23.0964, 113.2988
	return registry.Org{
		Kind: registry.University,
		Names: []registry.Name{
			{Text: "中山大学", Lang: "zh", Kind: registry.Official},
			{Text: "Sun Yat-sen University", Lang: "en", Kind: registry.Official},
			{Text: "国立广东大学", Lang: "zh", Kind: registry.Former, From: "1924", To: "1926-08"},
			{Text: "SYSU", Kind: registry.Acronym},
		},
		Identifiers: []registry.Identifier{{Scheme: identifier.ROR, Value: "https://ror.org/0064kty71"}, {Scheme: identifier.Wikidata, Value: "q685672"}},
		Established: "1924-11-11", Website: "https://www.sysu.edu.cn/", SourceID: "ror", Evidence: "0064kty71",
		Place: registry.Place{Country: "CN", Division: "440105", City: "Guangzhou", Lat: &lat, Lon: &lon},
	}
}

func TestOrgIsKeptAsWritten(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		made, err := s.CreateOrg(t.Context(), editor, sunYatSen())
		if err != nil {
			t.Fatal(err)
		}
		if want := db.DerivedID("org", "ror", "0064kty71"); made.ID != want {
			t.Errorf("id = %s, want %s: a ROR record has one id everywhere", made.ID, want)
		}
		got, err := s.Org(t.Context(), made.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made, got); diff != "" {
			t.Error(diff)
		}
		if got.Version != 1 || got.Status != registry.Active || got.Identifiers[1].Value != "Q685672" {
			t.Errorf("got %+v", got)
		}
		if got.Name(i18n.ZH) != "中山大学" || got.Name(i18n.EN) != "Sun Yat-sen University" {
			t.Errorf("names shown: %s / %s", got.Name(i18n.ZH), got.Name(i18n.EN))
		}
		byID, err := s.ByIdentifier(t.Context(), identifier.ROR, "ror.org/0064kty71")
		if err != nil || byID.ID != made.ID {
			t.Errorf("ByIdentifier = %s, %v", byID.ID, err)
		}
		if _, err := s.ByIdentifier(t.Context(), identifier.ROR, "0530pts50"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("an unknown ROR id: %v", err)
		}
		if _, err := s.CreateOrg(t.Context(), editor, sunYatSen()); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a second one: %v", err)
		}
	})
}

func TestUpdateNeedsTheVersionSeen(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		o, err := s.CreateOrg(t.Context(), editor, sunYatSen())
		if err != nil {
			t.Fatal(err)
		}
		city := "珠海"
		place := o.Place
		place.City = city
		names := append(slices.Clone(o.Names), registry.Name{Text: "中大", Lang: "zh", Kind: registry.Short})
		got, err := s.UpdateOrg(t.Context(), editor, o.ID, 1, registry.OrgChange{Place: &place, Names: &names})
		if err != nil || got.Version != 2 || got.Place.City != city || len(got.Names) != 5 {
			t.Fatalf("got %+v, %v", got, err)
		}
		_, err = s.UpdateOrg(t.Context(), editor, o.ID, 1, registry.OrgChange{Website: new(string)})
		if errs.KindOf(err) != errs.Precondition || !strings.Contains(i18n.Error(i18n.EN, err), "version 2") {
			t.Errorf("a stale version: %v", err)
		}
		same, err := s.UpdateOrg(t.Context(), editor, o.ID, 2, registry.OrgChange{Place: &place})
		if err != nil || same.Version != 2 {
			t.Errorf("saying the same again: version %d, %v", same.Version, err)
		}
		log, err := s.History(t.Context(), registry.KindOrg, o.ID, 0, 10)
		if err != nil || len(log) != 2 || log[0].Action != change.Update || !strings.Contains(string(log[0].Before), "Guangzhou") || !strings.Contains(string(log[0].After), "珠海") {
			t.Errorf("history: %v, %v", log, err)
		}
		if _, err := s.UpdateOrg(t.Context(), editor, "org-none", 1, registry.OrgChange{}); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such organisation: %v", err)
		}
	})
}

// TestFaultsAreToldTogether holds that a form gets all its faults at once, each
// with its field and a sentence in both languages.
func TestFaultsAreToldTogether(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		lat := 91.0
		_, err := s.CreateOrg(t.Context(), editor, registry.Org{
			Kind: "company", Status: registry.Merged, Names: []registry.Name{{Text: "……", Kind: "nickname"}, {Text: "x", Kind: registry.Alias, Lang: "中文", From: "2020", To: "2019"}},
			Identifiers: []registry.Identifier{{Scheme: identifier.USCC, Value: "123"}}, Established: "2024-13", Closed: "1999",
			Place: registry.Place{Country: "China", Division: "广州", Lat: &lat}, Website: "javascript:alert(1)",
		})
		var list errs.List
		if !errors.As(err, &list) {
			t.Fatalf("err = %v", err)
		}
		var fields []string
		for _, e := range list {
			fields = append(fields, e.Field)
			for _, l := range i18n.Langs {
				if text := i18n.T(l, e.Key, e.Args); text == e.Key || strings.Contains(text, "{") {
					t.Errorf("%s in %s: %q", e.Key, l, text)
				}
			}
		}
		want := []string{"/identifiers", "/kind", "/status", "/names", "/lang", "/valid_to", "/established", "/closed", "/country", "/division", "/lat", "/website", "/source_id"}
		if diff := cmp.Diff(want, fields); diff != "" {
			t.Error(diff)
		}
		o := sunYatSen()
		o.SourceID = "nowhere"
		if _, err := s.CreateOrg(t.Context(), editor, o); !errors.Is(err, &errs.Error{Kind: errs.Invalid, Key: "registry.unknown_source"}) {
			t.Errorf("an unknown source: %v", err)
		}
	})
}

func TestIdentifierBelongsToOne(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		if _, err := s.CreateOrg(t.Context(), editor, sunYatSen()); err != nil {
			t.Fatal(err)
		}
		other := plain("org-other", "另一所大学")
		other.Identifiers = sunYatSen().Identifiers
		_, err := s.CreateOrg(t.Context(), editor, other)
		if !errors.Is(err, &errs.Error{Kind: errs.Conflict, Key: "registry.identifier_taken"}) || !strings.Contains(i18n.Error(i18n.ZH, err), "中山大学") {
			t.Errorf("a ROR id held by another: %v", err)
		}
		other.Identifiers = other.Identifiers[1:] // a Wikidata item may be shared
		if _, err := s.CreateOrg(t.Context(), editor, other); err != nil {
			t.Errorf("a shared Wikidata item: %v", err)
		}
		two := plain("org-two", "甲")
		two.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: "0530pts50"}}
		three := plain("org-three", "乙")
		three.Identifiers = two.Identifiers
		out := putOrgs(t, d, s, two, three)
		if results(out) != "1/0/0/1" || errs.KindOf(out[1].Err) != errs.Conflict {
			t.Errorf("two rows with one ROR id: %+v", out)
		}
	})
}

func TestPutOrgsIsIdempotent(t *testing.T) {
	orgs, links := likeROR(1500)
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		for i, want := range []string{"1500/0/0/0", "0/0/1500/0"} {
			if got := results(putOrgs(t, d, s, orgs...)); got != want {
				t.Errorf("run %d: organisations %s, want %s", i, got, want)
			}
			var out []registry.Outcome
			inTx(t, d, func(tx *db.Tx) (err error) {
				out, err = s.PutRelations(t.Context(), tx, loader, links)
				return err
			})
			if got := results(out); got != want {
				t.Errorf("run %d: relations %s, want %s", i, got, want)
			}
		}
		head, err := change.Head(t.Context(), d)
		if err != nil || head != 3002 {
			t.Errorf("%d entries in the log, want one each and two sources; %v", head, err)
		}
		changed := slices.Clone(orgs[:3])
		changed[1].Names = append(slices.Clone(changed[1].Names), registry.Name{Text: "New Name", Kind: registry.Alias})
		if got := results(putOrgs(t, d, s, changed...)); got != "0/1/2/0" {
			t.Errorf("one changed: %s", got)
		}
		got, err := s.Org(t.Context(), changed[1].ID)
		if err != nil || got.Version != 2 || got.BatchID != "batch-1" || len(got.Names) != 4 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestPutOrgsRejectsRowByRow(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		bad := plain("org-b", "")
		lost := plain("org-l", "无来源")
		lost.SourceID = "none"
		again := plain("org-a", "又名")
		out := putOrgs(t, d, s, plain("org-a", "甲"), bad, plain("", "没有编号"), lost, again, plain("org-a", " 甲 "))
		if results(out) != "1/0/1/4" {
			t.Fatalf("%+v", out)
		}
		for i, key := range map[int]string{1: "registry.name_empty", 2: "registry.required", 3: "registry.unknown_source", 4: "registry.twice"} {
			if !errors.Is(out[i].Err, &errs.Error{Kind: errs.KindOf(out[i].Err), Key: key}) {
				t.Errorf("row %d: %v, want %s", i, out[i].Err, key)
			}
		}
		if l, err := s.Orgs(t.Context(), registry.OrgFilter{}); err != nil || l.Total != 1 {
			t.Errorf("%d organisations, %v", l.Total, err)
		}
	})
}

// TestPagingMeetsEachOnce walks every order with small pages.
func TestPagingMeetsEachOnce(t *testing.T) {
	orgs, _ := likeROR(60)
	for i := range 10 { // some share their names
		orgs[i].Names = orgs[0].Names
	}
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, orgs...)
		for _, sort := range []registry.Sort{"", registry.SortName, registry.SortNameEN, registry.SortNewest} {
			f := registry.OrgFilter{Sort: sort, Page: registry.Page{Limit: 7}}
			seen := map[string]bool{}
			for pages := 0; ; pages++ {
				l, err := s.Orgs(t.Context(), f)
				if err != nil || l.Total != 60 || pages > 9 {
					t.Fatalf("%q: total %d, page %d, %v", sort, l.Total, pages, err)
				}
				for _, o := range l.Items {
					seen[o.ID] = true
				}
				if f.After = l.Next; f.After == "" {
					break
				}
			}
			if len(seen) != 60 {
				t.Errorf("%q: met %d of 60", sort, len(seen))
			}
		}
		l, err := s.Orgs(t.Context(), registry.OrgFilter{Page: registry.Page{Limit: 7}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []registry.OrgFilter{{Sort: registry.SortNewest, Page: registry.Page{After: l.Next}}, {Page: registry.Page{After: "x"}}, {Sort: "size"}} {
			if _, err := s.Orgs(t.Context(), f); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", f, err)
			}
		}
	})
}

func TestListOrdersNamesAlike(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		var rows []registry.Org
		for i, name := range []string{"中山大学", "Zebra", "暨南大学", "3M", "alpha beta", "Alpha", "alphabet", "华南理工大学"} {
			rows = append(rows, plain(fmt.Sprint("org-", i), name))
		}
		putOrgs(t, d, s, rows...)
		l, err := s.Orgs(t.Context(), registry.OrgFilter{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"3M", "Alpha", "alpha beta", "alphabet", "Zebra", "华南理工大学", "暨南大学", "中山大学"}
		if diff := cmp.Diff(want, shown(l.Items)); diff != "" {
			t.Error(diff)
		}
	})
}

func shown(orgs []registry.Org) []string {
	var out []string
	for i := range orgs {
		out = append(out, orgs[i].Name(i18n.ZH))
	}
	return out
}

func TestFilters(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		a := sunYatSen()
		b := plain("org-b", "100%_Real\\Labs")
		b.Kind, b.Place, b.SourceID, b.Status = registry.Enterprise, registry.Place{Country: "CN", Division: "440300"}, "gazette", registry.Inactive
		c := plain("org-c", "中山大學附屬醫院")
		c.Kind, c.Place = registry.Hospital, registry.Place{Country: "CN", Division: "440104"}
		e := plain("org-e", "Universität Heidelberg")
		e.Place.Country = "DE"
		putOrgs(t, d, s, a, b, c, e)
		const sysu, hospital, labs, heidelberg = "中山大学", "中山大學附屬醫院", "100%_Real\\Labs", "Universität Heidelberg"
		for _, c := range []struct {
			filter registry.OrgFilter
			want   []string
		}{
			{registry.OrgFilter{}, []string{labs, heidelberg, sysu, hospital}},
			{registry.OrgFilter{Query: "中山 大学"}, []string{sysu, hospital}},
			{registry.OrgFilter{Query: "SUN YAT"}, []string{sysu}},
			{registry.OrgFilter{Query: "国立广东", Prefix: true}, []string{sysu}},
			{registry.OrgFilter{Query: "山大学", Prefix: true}, nil},
			{registry.OrgFilter{Query: "UNIVERSITAT"}, []string{heidelberg}},
			{registry.OrgFilter{Query: "100 Real"}, []string{labs}},
			{registry.OrgFilter{Query: "%"}, nil},
			{registry.OrgFilter{Kinds: []registry.OrgKind{registry.Enterprise, registry.Bank}}, []string{labs}},
			{registry.OrgFilter{Division: "440105"}, []string{sysu}},
			{registry.OrgFilter{Division: "440100"}, []string{sysu, hospital}},
			{registry.OrgFilter{Division: "440000"}, []string{labs, sysu, hospital}},
			{registry.OrgFilter{Country: "DE"}, []string{heidelberg}},
			{registry.OrgFilter{Status: registry.Inactive}, []string{labs}},
			{registry.OrgFilter{Status: registry.Merged}, nil},
			{registry.OrgFilter{Source: "gazette"}, []string{labs}},
			{registry.OrgFilter{Batch: "batch-2"}, nil},
			{registry.OrgFilter{HasIdentifier: "ror"}, []string{sysu}},
			{registry.OrgFilter{Kinds: []registry.OrgKind{registry.Hospital}, Country: "CN", Query: "附属"}, []string{hospital}},
		} {
			l, err := s.Orgs(t.Context(), c.filter)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, shown(l.Items)); diff != "" || l.Total != int64(len(c.want)) {
				t.Errorf("%+v: total %d %s", c.filter, l.Total, diff)
			}
		}
	})
}

func TestFacetsCountWithoutTheirOwnFilter(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		rows := []registry.Org{plain("org-1", "a1"), plain("org-2", "a2"), plain("org-3", "a3"), plain("org-4", "b")}
		rows[1].Kind, rows[2].Kind = registry.Bank, registry.Bank
		rows[2].Place.Country, rows[1].SourceID = "CN", "gazette"
		putOrgs(t, d, s, rows...)
		got, err := s.OrgFacets(t.Context(), registry.OrgFilter{Query: "a", Kinds: []registry.OrgKind{registry.Bank}})
		if err != nil {
			t.Fatal(err)
		}
		want := registry.OrgFacets{
			Kind:     []registry.Facet{{Value: "bank", Count: 2}, {Value: "university", Count: 1}},
			Country:  []registry.Facet{{Value: "", Count: 1}, {Value: "CN", Count: 1}},
			Division: []registry.Facet{{Value: "", Count: 2}},
			Status:   []registry.Facet{{Value: "active", Count: 2}},
			Source:   []registry.Facet{{Value: "gazette", Count: 1}, {Value: "ror", Count: 1}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestIDsByName(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "廣州實驗室"), plain("org-2", "广州实验室"), plain("org-3", "Pazhou Lab"))
		got, err := registry.IDsByName(t.Context(), d, []string{"广州 实验室", "PAZHOU LAB", "没有"})
		want := map[string][]string{"广州实验室": {"org-1", "org-2"}, "pazhou lab": {"org-3"}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if got, err := registry.LoadOrgs(t.Context(), d, []string{"org-1", "org-1", "org-9"}); err != nil || len(got) != 1 || got["org-1"].Names[0].Text != "廣州實驗室" {
			t.Errorf("LoadOrgs = %v, %v", got, err)
		}
	})
}

// TestBrokenTextIsRefused holds that what one engine could not store is a fault
// of the row on both.
func TestBrokenTextIsRefused(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		nul, broken, long := plain("org-1", "甲\x00乙"), plain("org-2", "甲"), plain("org-3", "甲")
		broken.Evidence = "\xce\xd2"
		long.Place.City = strings.Repeat("x", 20_001)
		out := putOrgs(t, d, s, nul, broken, long, plain("org-4", "丁"))
		if results(out) != "1/0/0/3" {
			t.Errorf("%+v", out)
		}
		for i, key := range []string{"registry.text", "registry.text", "registry.text_long"} {
			if !errors.Is(out[i].Err, &errs.Error{Kind: errs.Invalid, Key: key}) {
				t.Errorf("row %d: %v", i, out[i].Err)
			}
		}
	})
}
