package registry_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

func link(from string, kind registry.RelationKind, to, validFrom, validTo string) registry.Relation {
	return registry.Relation{From: from, Kind: kind, To: to, ValidFrom: validFrom, ValidTo: validTo, SourceID: "ror"}
}

func putLinks(t *testing.T, d *db.DB, s *registry.Service, links ...registry.Relation) {
	t.Helper()
	inTx(t, d, func(tx *db.Tx) error {
		out, err := s.PutRelations(t.Context(), tx, loader, links)
		for _, o := range out {
			if o.Err != nil {
				return o.Err
			}
		}
		return err
	})
}

func TestRollUpFollowsTheDates(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "院"), plain("org-2", "所"), plain("org-3", "室"), plain("org-4", "厂"))
		putLinks(t, d, s,
			link("org-2", registry.Parent, "org-1", "2010", ""),
			link("org-3", registry.Parent, "org-2", "", "2020-07"),
			link("org-3", registry.Parent, "org-4", "2020-07", ""),
			link("org-4", registry.Associated, "org-1", "", ""),
			link("org-1", registry.Parent, "org-none", "", ""))
		for _, c := range []struct{ id, at, want string }{
			{"org-1", "2009-12-31", "[org-1]"},
			{"org-1", "2010-01-01", "[org-1 org-2 org-3]"},
			{"org-1", "2020-06-30", "[org-1 org-2 org-3]"},
			{"org-1", "2020-07-01", "[org-1 org-2]"},
			{"org-4", "", "[org-4 org-3]"},
		} {
			got, err := s.RollUp(t.Context(), c.id, c.at)
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("%s on %q: %v, %v, want %s", c.id, c.at, got, err, c.want)
			}
		}
		if up, err := s.Ancestors(t.Context(), "org-3", "2015-01-01"); err != nil || fmt.Sprint(up) != "[org-3 org-1 org-2]" {
			t.Errorf("ancestors: %v, %v", up, err)
		}
		if _, err := s.RollUp(t.Context(), "org-none", ""); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such organisation: %v", err)
		}
	})
}

// TestRollUpEndsInCycles compares random graphs, cycles and unknown parents
// included, with a walk in Go.
func TestRollUpEndsInCycles(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		r := rand.New(rand.NewPCG(3, 5))
		const n = 12
		var orgs []registry.Org
		for i := range n {
			orgs = append(orgs, plain(fmt.Sprintf("org-%02d", i), fmt.Sprint("机构", i)))
		}
		putOrgs(t, d, s, orgs...)
		children := map[string][]string{}
		for range 20 {
			from, to := fmt.Sprintf("org-%02d", r.IntN(n)), fmt.Sprintf("org-%02d", r.IntN(n+2))
			if from != to {
				putLinks(t, d, s, link(from, registry.Parent, to, "", ""))
				children[to] = append(children[to], from)
			}
		}
		for _, o := range orgs {
			got, err := s.RollUp(t.Context(), o.ID, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(below(children, o.ID), slices.Sorted(slices.Values(got))); diff != "" || got[0] != o.ID {
				t.Errorf("%s first of %v: %s", o.ID, got, diff)
			}
		}
	})
}

func below(children map[string][]string, id string) []string {
	seen, todo := map[string]bool{id: true}, []string{id}
	for len(todo) > 0 {
		for _, c := range children[todo[0]] {
			if !seen[c] {
				seen[c] = true
				todo = append(todo, c)
			}
		}
		todo = todo[1:]
	}
	var out []string
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func TestRelations(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "院"), plain("org-2", "所"))
		share := 0.51
		joint := link("org-1", registry.Joint, "org-2", "2020", "")
		joint.Share = &share
		r, err := s.SaveRelation(t.Context(), editor, joint)
		must(t, err)
		_, err = s.SaveRelation(t.Context(), editor, link("org-2", registry.Related, "org-1", "", ""))
		must(t, err)
		_, err = s.SaveRelation(t.Context(), editor, link("per-1", registry.Member, "org-1", "", ""))
		must(t, err)
		got, err := s.Relations(t.Context(), "org-1")
		must(t, err)
		var lines []string
		for _, g := range got {
			for _, l := range g.Links {
				lines = append(lines, fmt.Sprint(g.Kind, " ", g.Outward, " ", l.Other.ID, " ", l.Other.Kind, " ", l.Other.Name.ZH))
			}
		}
		if diff := cmp.Diff([]string{"member false per-1  ", "joint true org-2 org 所", "related true org-2 org 所"}, lines); diff != "" {
			t.Error(diff)
		}
		for name, bad := range map[string]registry.Relation{
			"itself": link("org-1", registry.Parent, "org-1", "", ""), "kind": link("org-1", "owner", "org-2", "", ""),
			"dates": link("org-1", registry.Parent, "org-2", "2020", "2019-12-31"), "no end": link("org-1", registry.Parent, "", "", ""),
		} {
			if _, err := s.SaveRelation(t.Context(), editor, bad); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		much := joint
		much.Share = new(float64)
		*much.Share = 1.5
		if _, err := s.SaveRelation(t.Context(), editor, much); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a share of 1.5: %v", err)
		}
		r.ValidTo = "2024"
		r, err = s.SaveRelation(t.Context(), editor, r)
		if err != nil || r.Version != 2 {
			t.Fatalf("%+v, %v", r, err)
		}
		if err := s.RemoveRelation(t.Context(), editor, r.ID, 1); errs.KindOf(err) != errs.Precondition {
			t.Errorf("stale: %v", err)
		}
		must(t, s.RemoveRelation(t.Context(), editor, r.ID, 2))
		if err := s.RemoveRelation(t.Context(), editor, r.ID, 2); errs.KindOf(err) != errs.NotFound {
			t.Errorf("removed twice: %v", err)
		}
	})
}
