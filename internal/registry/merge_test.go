package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
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
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// village makes n organisations with names, identifiers (some shared), random
// relations (cycles and unknown ends among them), platforms and papers.
func village(t *testing.T, d *db.DB, s *registry.Service, n int, r *rand.Rand) []string {
	t.Helper()
	var orgs []registry.Org
	var links []registry.Relation
	var platforms []registry.Platform
	var papers []registry.Paper
	ids := make([]string, n)
	for i := range n {
		ids[i] = fmt.Sprint("org-", i)
		o := plain(ids[i], fmt.Sprint("第", i, "研究院"))
		o.Names = append(o.Names, registry.Name{Text: "研究院", Kind: registry.Alias})
		o.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: identifierOf(i)}, {Scheme: identifier.Wikidata, Value: "Q42"}}
		orgs = append(orgs, o)
		platforms = append(platforms, registry.Platform{Key: ids[i], Class: "lab", Names: []registry.Name{{Text: "平台", Kind: registry.Official}},
			OrgID: ids[i], HostIDs: []string{fmt.Sprint("org-", r.IntN(n))}, SourceID: "ror"})
		papers = append(papers, registry.Paper{Key: fmt.Sprint("p", i), Title: fmt.Sprint("论文", i), Year: 2000 + i, SourceID: "ror",
			Affiliations: []registry.Affiliation{{Raw: "x", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: fmt.Sprint("org-", r.IntN(n)), Score: 1, Reason: registry.Reason{Code: resolve.Exact}}}}}})
	}
	for range 2 * n {
		from, to := fmt.Sprint("org-", r.IntN(n)), fmt.Sprint("org-", r.IntN(n+1))
		if from != to {
			links = append(links, registry.Relation{From: from, To: to, Kind: registry.RelationKinds[r.IntN(len(registry.RelationKinds))], SourceID: "ror"})
		}
	}
	putOrgs(t, d, s, orgs...)
	inTx(t, d, func(tx *db.Tx) error {
		_, err := s.PutRelations(t.Context(), tx, loader, links)
		return err
	})
	inTx(t, d, func(tx *db.Tx) error {
		_, err := s.PutPlatforms(t.Context(), tx, loader, platforms)
		return err
	})
	inTx(t, d, func(tx *db.Tx) error {
		_, err := s.PutPapers(t.Context(), tx, loader, papers)
		return err
	})
	return ids
}

// picture is all that a reader can see of organisations, without versions and
// instants: those only grow.
func picture(t *testing.T, d *db.DB, s *registry.Service, ids []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, id := range ids {
		o, err := s.Org(t.Context(), id)
		must(t, err)
		o.Version, o.UpdatedAt = 0, db.Time{}
		links, err := s.Relations(t.Context(), id)
		must(t, err)
		papers, err := s.Papers(t.Context(), registry.PaperFilter{OrgID: id})
		must(t, err)
		platforms, err := s.Platforms(t.Context(), registry.PlatformFilter{OrgID: id})
		must(t, err)
		below, err := s.RollUp(t.Context(), id, "")
		must(t, err)
		above, err := s.Ancestors(t.Context(), id, "")
		must(t, err)
		raw, err := json.MarshalIndent([]any{o, links, papers, platforms, below, above}, "", " ")
		must(t, err)
		out[id] = string(raw)
	}
	list, err := s.Orgs(t.Context(), registry.OrgFilter{Query: "研究院", Page: registry.Page{Limit: 500}})
	must(t, err)
	out["list"] = fmt.Sprint(list.Total, orgIDs(list.Items))
	named, err := registry.IDsByName(t.Context(), d, []string{"研究院"})
	must(t, err)
	out["named"] = fmt.Sprint(named)
	return out
}

func orgIDs(orgs []registry.Org) []string {
	var out []string
	for _, o := range orgs {
		out = append(out, o.ID)
	}
	slices.Sort(out)
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestMergesAreReversible merges and unmerges at random. A model of the same
// steps says which merges stand; whatever the way there, the same merges must
// give the same picture, and none must give the first one.
func TestMergesAreReversible(t *testing.T) {
	const orgs, steps = 8, 40
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		r := rand.New(rand.NewPCG(7, 11))
		ids := village(t, d, s, orgs, r)
		pictures := map[string]map[string]string{"map[]": picture(t, d, s, ids)}
		into := map[string]string{}
		for range steps {
			step(t, s, r, ids, into)
			key := fmt.Sprint(into)
			now := picture(t, d, s, ids)
			if before, seen := pictures[key]; seen {
				if diff := cmp.Diff(before, now); diff != "" {
					t.Fatalf("merges %s looked different before:\n%s", key, diff)
				}
			}
			pictures[key] = now
		}
		for len(into) > 0 {
			for from := range into {
				takeBack(t, s, into, from)
			}
		}
		if diff := cmp.Diff(pictures["map[]"], picture(t, d, s, ids)); diff != "" {
			t.Errorf("after all was taken back:\n%s", diff)
		}
		if _, err := change.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}

// step merges or unmerges one organisation and checks that what the rules
// refuse is refused.
func step(t *testing.T, s *registry.Service, r *rand.Rand, ids []string, into map[string]string) {
	t.Helper()
	a, b := ids[r.IntN(len(ids))], ids[r.IntN(len(ids))]
	if into[a] != "" {
		takeBack(t, s, into, a)
		return
	}
	_, err := s.Merge(t.Context(), editor, a, b, version(t, s, a), version(t, s, b))
	switch {
	case a == b:
		if errs.KindOf(err) != errs.Invalid {
			t.Fatalf("%s into itself: %v", a, err)
		}
	case into[b] != "":
		if !errors.Is(err, &errs.Error{Kind: errs.Conflict, Key: "registry.merged_already"}) {
			t.Fatalf("%s into %s, which is merged: %v", a, b, err)
		}
	default:
		must(t, err)
		into[a] = b
	}
}

func takeBack(t *testing.T, s *registry.Service, into map[string]string, id string) {
	t.Helper()
	_, err := s.Unmerge(t.Context(), editor, id, version(t, s, id))
	if into[into[id]] != "" {
		if !errors.Is(err, &errs.Error{Kind: errs.Conflict, Key: "registry.unmerge_order"}) {
			t.Fatalf("unmerge below a merge: %v", err)
		}
		return
	}
	must(t, err)
	delete(into, id)
}

func version(t *testing.T, s *registry.Service, id string) int64 {
	t.Helper()
	o, err := s.Org(t.Context(), id)
	must(t, err)
	return o.Version
}

func TestMergedRecordLeadsOn(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		a, b := plain("org-a", "甲院"), plain("org-b", "乙院")
		a.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: "0064kty71"}}
		putOrgs(t, d, s, a, b, plain("org-p", "上级"))
		_, err := s.SaveRelation(t.Context(), editor, registry.Relation{From: "org-a", Kind: registry.Parent, To: "org-p", SourceID: "ror"})
		must(t, err)
		merge, err := s.Merge(t.Context(), change.Author{Actor: "editor", Reason: "同一机构"}, "org-a", "org-b", 1, 1)
		must(t, err)
		old, err := s.Org(t.Context(), "org-a")
		if err != nil || old.Status != registry.Merged || old.MergedInto != "org-b" || len(old.Names) != 1 {
			t.Errorf("merged record: %+v, %v", old, err)
		}
		got, err := s.ByIdentifier(t.Context(), identifier.ROR, "0064kty71")
		if err != nil || got.ID != "org-b" || got.Name(i18n.ZH) != "乙院" || got.Names[1].Origin != "org-a" || got.Identifiers[0].Origin != "org-a" {
			t.Errorf("what answers now: %+v, %v", got, err)
		}
		links, err := s.Relations(t.Context(), "org-b")
		if err != nil || len(links) != 1 || !links[0].Outward || links[0].Links[0].Other.Name.ZH != "上级" {
			t.Errorf("relations moved: %+v, %v", links, err)
		}
		if _, err := s.UpdateOrg(t.Context(), editor, "org-a", 2, registry.OrgChange{}); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a merged record was changed: %v", err)
		}
		// An import goes on bringing the merged record; it stays merged.
		a.Website = "https://a.example.org/"
		if out := putOrgs(t, d, s, a); results(out) != "0/1/0/0" {
			t.Errorf("import of a merged record: %+v", out)
		}
		if list, err := s.Orgs(t.Context(), registry.OrgFilter{Status: registry.Merged, Query: "甲"}); err != nil || list.Total != 1 || list.Items[0].MergedInto != "org-b" {
			t.Errorf("list of merged: %+v, %v", list, err)
		}
		// Editing what inherited names keeps them where they are.
		names := append(slices.Clone(got.Names), registry.Name{Text: "乙", Kind: registry.Short})
		got, err = s.UpdateOrg(t.Context(), editor, "org-b", 2, registry.OrgChange{Names: &names})
		if err != nil || len(got.Names) != 3 {
			t.Errorf("got %+v, %v", got.Names, err)
		}
		back, err := s.Unmerge(t.Context(), editor, "org-a", version(t, s, "org-a"))
		if err != nil || back.MergedInto != "" || back.Status != registry.Active || back.Website != a.Website {
			t.Errorf("back: %+v, %v", back, err)
		}
		log, err := s.Merges(t.Context(), "org-b")
		if err != nil || len(log) != 1 || log[0].ID != merge.ID || log[0].Reason != "同一机构" || log[0].UndoneBy != "editor" || log[0].UndoneAt.IsZero() {
			t.Errorf("merges: %+v, %v", log, err)
		}
		history, err := s.History(t.Context(), registry.KindOrg, "org-b", 0, 10)
		must(t, err)
		var actions []string
		for _, e := range history {
			actions = append(actions, string(e.Action))
		}
		if got := strings.Join(actions, " "); got != "split update merge create" {
			t.Errorf("history of org-b: %s", got)
		}
		if _, err := s.Merge(t.Context(), editor, "org-a", "org-b", 1, 1); errs.KindOf(err) != errs.Precondition {
			t.Errorf("a stale merge: %v", err)
		}
		if _, err := s.Unmerge(t.Context(), editor, "org-a", version(t, s, "org-a")); errs.KindOf(err) != errs.Conflict {
			t.Errorf("unmerge of what is not merged: %v", err)
		}
	})
}
