package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/registry"
)

func orgIDs(list []registry.Org) string {
	var ids []string
	for _, o := range list {
		ids = append(ids, o.ID)
	}
	return strings.Join(ids, " ")
}

func TestOrganisationsAreRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var page Page[registry.Org]
		for path, want := range map[string]string{
			"/api/v1/organisations":                                   scut + " " + sysu,
			"/api/v1/organisations?q=sun+yat":                         sysu,
			"/api/v1/organisations?kind=bank,university&sort=name_en": scut + " " + sysu,
			"/api/v1/organisations?kind=enterprise":                   "",
			"/api/v1/organisations?division=440105":                   sysu,
			"/api/v1/organisations?identifier=ror":                    sysu,
			"/api/v1/organisations?source=made-up&status=active":      scut,
		} {
			w.get(path).want(200).in(&page)
			if got := orgIDs(page.Items); len(strings.Fields(got)) != len(strings.Fields(want)) || want != "" && !strings.Contains(got+" ", strings.Fields(want)[0]+" ") {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		w.get("/api/v1/organisations?source=made-up").in(&page)
		if a := page.Sources["made-up"]; !a.Simulated || page.Total == nil || *page.Total != 1 {
			t.Errorf("a page says where its items come from: %+v", page)
		}
		var o registry.Org
		w.get("/api/v1/organisations/" + sysu).want(200).in(&o)
		if o.Title().ZH != "中山大学" || o.SourceID != "ror" {
			t.Errorf("got %+v", o)
		}
		found := w.get("/api/v1/organisations/find?scheme=ror&value=https://ror.org/0064kty71").want(200)
		if found.in(&o); o.ID != sysu || found.header.Get("Content-Location") != "/api/v1/organisations/"+sysu {
			t.Errorf("found %s", o.ID)
		}
		w.get("/api/v1/organisations/org-none").problem(404, "errs.not_found")
		w.get("/api/v1/organisations/find?scheme=ror").problem(422, "api.required_parameter")
		var facets registry.OrgFacets
		w.get("/api/v1/organisations/facets?kind=university").want(200).in(&facets)
		if len(facets.Kind) != 2 || len(facets.Source) != 2 {
			t.Errorf("facets %+v", facets)
		}
	})
}

func TestOrganisationHasLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var rel Page[RelationOf]
		w.get("/api/v1/organisations/" + sysu + "/relations").want(200).in(&rel)
		if len(rel.Items) != 1 || rel.Items[0].Other.Name.ZH != "广州国家实验室" {
			t.Errorf("the relation from a private source is left out: %+v", rel.Items)
		}
		w.ask(account.Editor, "GET", "/api/v1/relations?of="+gznl, nil).want(200).in(&rel)
		if len(rel.Items) == 0 {
			t.Error("a platform has relations too")
		}
		var papers Page[registry.Paper]
		w.get("/api/v1/organisations/" + sysu + "/papers?include_children=true&year=2024").want(200).in(&papers)
		if len(papers.Items) != 1 || papers.Items[0].ID != "paper-1" {
			t.Errorf("papers %+v", papers.Items)
		}
		var changes Page[Change]
		w.get("/api/v1/organisations/" + sysu + "/changes").want(200).in(&changes)
		if len(changes.Items) != 1 || changes.Items[0].Actor+changes.Items[0].Reason != "" || changes.Items[0].After == nil {
			t.Errorf("the public is not told who: %+v", changes.Items)
		}
		w.ask(account.Editor, "GET", "/api/v1/organisations/"+sysu+"/changes", nil).want(200).in(&changes)
		if changes.Items[0].Actor != "import" {
			t.Errorf("editors are told who: %+v", changes.Items)
		}
		for _, list := range []string{"relations", "papers", "changes"} {
			w.get("/api/v1/organisations/org-none/"+list).problem(404, "errs.not_found")
		}
	})
}

func TestOrganisationIsWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := map[string]any{"kind": "institute", "names": []any{map[string]any{"text": "木棉研究院", "lang": "zh"}}, "source_id": "made-up", "reason": "from the gazette"}
		r := w.ask(account.Editor, "POST", "/api/v1/organisations", in).want(201)
		var o registry.Org
		r.in(&o)
		if r.header.Get("Location") != "/api/v1/organisations/"+o.ID || o.Version != 1 || o.Names[0].Kind != registry.Official {
			t.Errorf("created %+v, Location %s", o, r.header.Get("Location"))
		}
		path, tag := r.header.Get("Location"), w.get(r.header.Get("Location")).header.Get("ETag")
		r = w.ask(account.Editor, "PATCH", path, map[string]any{"website": "https://kapok.example/"}, "If-Match", tag).want(200)
		if r.in(&o); o.Version != 2 || o.Website != "https://kapok.example/" || o.Kind != registry.Institute {
			t.Errorf("changed %+v", o)
		}
		w.ask(account.Editor, "PATCH", path, map[string]any{"website": ""}, "If-Match", tag).problem(412, "errs.stale")
		w.ask(account.Editor, "PATCH", path, map[string]any{"website": ""}).problem(428, "api.if_match_missing")
		w.ask(account.Editor, "PATCH", path, map[string]any{"website": ""}, "If-Match", "*").problem(428, "api.if_match_missing")
		w.ask(account.Editor, "PATCH", path, map[string]any{"website": ""}, "If-Match", `W/"v2-x"`).problem(412, "api.if_match_other")
		merged := w.ask(account.Editor, "POST", path+"/merge", MergeIn{Into: scut, IntoVersion: 1}, "If-Match", r.header.Get("ETag")).want(200)
		var m registry.MergeRecord
		if merged.in(&m); m.Into != scut || m.Actor != w.users[account.Editor].ID {
			t.Errorf("merged %+v", m)
		}
		w.get(path).want(200).in(&o)
		if o.MergedInto != scut || o.Status != registry.Merged {
			t.Errorf("after the merge %+v", o)
		}
		var merges Page[registry.MergeRecord]
		w.ask(account.Editor, "GET", path+"/merges", nil).want(200).in(&merges)
		if len(merges.Items) != 1 {
			t.Errorf("merges %+v", merges)
		}
		back := w.ask(account.Editor, "POST", path+"/unmerge", nil, "If-Match", w.get(path).header.Get("ETag")).want(200)
		var own registry.Org
		if back.in(&own); own.MergedInto != "" || own.ID != o.ID {
			t.Errorf("after taking it back %+v", own)
		}
	})
}

func TestRelationIsWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.ask(account.Editor, "POST", "/api/v1/relations", RelationIn{From: sysu, Kind: "parent", To: scut, SourceID: "made-up"}).want(201)
		var rel registry.Relation
		r.in(&rel)
		w.ask(account.Editor, "DELETE", "/api/v1/relations/"+rel.ID, nil).problem(428, "api.if_match_missing")
		w.ask(account.Editor, "DELETE", "/api/v1/relations/"+rel.ID, nil, "If-Match", `"v7"`).problem(412, "errs.stale")
		w.ask(account.Editor, "DELETE", "/api/v1/relations/"+rel.ID, nil, "If-Match", r.header.Get("ETag")).want(204)
		w.ask(account.Editor, "DELETE", "/api/v1/relations/"+rel.ID, nil, "If-Match", r.header.Get("ETag")).problem(404, "errs.not_found")
		w.ask(account.Editor, "POST", "/api/v1/relations", RelationIn{From: sysu, Kind: "parent", To: sysu, SourceID: "made-up"}).problem(422, "registry.relation_self")
	})
}

func TestFaultsAreAllNamed(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	p := w.ask(account.Editor, "POST", "/api/v1/organisations", `{"kind":"440106199001011234","names":[{"text":"x"},{"text":"","long":1}],"colour":1}`, "Accept-Language", "en").problem(422, "api.several")
	var got []string
	for _, f := range p.Errors {
		got = append(got, f.Pointer+" "+f.Code)
	}
	want := []string{"/ api.required_property", "/colour api.unexpected_property", "/kind api.one_of", "/names/1/long api.unexpected_property", "/names/1/text api.too_short"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Detail != "5 things need mending; see errors." || p.Errors[0].Detail != "“source_id” is needed." {
		t.Errorf("detail %q, %q", p.Detail, p.Errors[0].Detail)
	}
	p = w.ask(account.Editor, "POST", "/api/v1/organisations", `{"kind":"bank","names":[{"text":"440106199001011234银行"}],"established":"440106199001011234"[0:9],"source_id":"x"}`).problem(400, "api.bad_json")
	if len(p.Errors) > 0 {
		t.Errorf("errors %v", p.Errors)
	}
	w.ask(account.Editor, "POST", "/api/v1/organisations", "").problem(400, "api.no_body")
	w.ask(account.Editor, "POST", "/api/v1/organisations", "a=b", "Content-Type", "application/x-www-form-urlencoded").problem(415, "api.body_type")
	w.ask(account.Editor, "POST", "/api/v1/organisations", `{"x":"`+strings.Repeat("x", defaultBody)+`"}`).problem(413, "errs.too_large")
	w.get("/api/v1/organisations?colour=1").problem(422, "api.unknown_parameter")
	w.get("/api/v1/organisations?limit=0").problem(422, "api.at_least")
	w.get("/api/v1/organisations?limit=x").problem(422, "api.want_integer")
	w.get("/api/v1/organisations?format=pdf").problem(422, "api.one_of")
	w.get("/api/v1/organisations?sort=-x").problem(422, "api.one_of")
	w.get("/api/v1/organisations?cursor=x").want(422)
	w.get("/api/v1/nothing").problem(404, "api.no_path")
	if r := w.ask("", "PUT", "/api/v1/organisations", nil); r.problem(405, "api.no_method").Status != 405 || !strings.Contains(r.header.Get("Allow"), "POST") {
		t.Errorf("Allow %q", r.header.Get("Allow"))
	}
}

// TestNothingSentIsRepeated sends values that must not come back, whichever
// layer refuses them.
func TestNothingSentIsRepeated(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	const id = "440106199001011234"
	org := func(field string, value any) map[string]any {
		m := map[string]any{"kind": "bank", "names": []any{map[string]any{"text": "x"}}, "source_id": "ror"}
		m[field] = value
		return m
	}
	for _, lang := range []string{"zh", "en"} {
		for i, r := range []reply{
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("kind", id), "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("established", id[:10]), "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("source_id", id), "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("website", "ftp://"+id), "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("identifiers", []any{map[string]any{"scheme": "uscc", "value": id}}), "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("established", 4401061990010112), "Accept-Language", lang),
			w.get("/api/v1/organisations?limit="+id, "Accept-Language", lang),
			w.get("/api/v1/organisations?country="+id, "Accept-Language", lang),
			w.get("/api/v1/organisations?cursor="+id, "Accept-Language", lang),
			w.get("/api/v1/organisations/find?scheme=uscc&value="+id, "Accept-Language", lang),
			w.ask("", "POST", "/api/v1/sessions", map[string]any{"name": id, "password": id}, "Accept-Language", lang),
			w.ask(account.Editor, "POST", "/api/v1/organisations", org("reason", 1), "Idempotency-Key", id+" "+id, "Accept-Language", lang),
		} {
			if r.status < 400 || strings.Contains(string(r.body), id[:10]) {
				t.Errorf("%d (%s): %d %s", i, lang, r.status, r.body)
			}
			if lang == "en" && strings.ContainsAny(string(r.body), "请须") {
				t.Errorf("%d: not in English: %s", i, r.body)
			}
		}
	}
}
