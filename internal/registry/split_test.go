package registry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

func TestSplitMakesTwo(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		both := plain("org-1", "甲医院")
		both.Names = append(both.Names, registry.Name{Text: "乙医院", Kind: registry.Official})
		both.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: "0064kty71"}, {Scheme: identifier.Wikidata, Value: "Q1"}}
		putOrgs(t, d, s, both, plain("org-2", "大学"))
		r, err := s.SaveRelation(t.Context(), editor, link("org-1", registry.Parent, "org-2", "", ""))
		must(t, err)
		p := paper("p", "论文", 2020, 1)
		for range 2 {
			p.Affiliations = append(p.Affiliations, registry.Affiliation{Raw: "某医院", Method: registry.ByResolver, Orgs: []registry.AffiliationOrg{{OrgID: "org-1", Score: 1}}})
		}
		out := putPapers(t, d, s, p)
		part := registry.Part{Kind: registry.Hospital, Names: both.Names[1:], Identifiers: both.Identifiers[:1], Relations: []string{r.ID},
			Papers: []registry.PaperPart{{PaperID: out[0].ID, Affiliation: 1}}, Evidence: "两家医院"}

		for key, bad := range map[string]func(p *registry.Part){
			"registry.split_empty":   func(p *registry.Part) { p.Names = nil },
			"registry.split_all":     func(p *registry.Part) { p.Names = both.Names },
			"registry.split_unknown": func(p *registry.Part) { p.Relations = []string{"relation-none"} },
		} {
			wrong := part
			bad(&wrong)
			if _, err := s.Split(t.Context(), editor, "org-1", 1, wrong); !errors.Is(err, &errs.Error{Kind: errs.KindOf(err), Key: key}) {
				t.Errorf("%s: %v", key, err)
			}
		}
		far := part
		far.Papers = []registry.PaperPart{{PaperID: out[0].ID, Affiliation: 7}}
		if _, err := s.Split(t.Context(), editor, "org-1", 1, far); errs.KindOf(err) != errs.Conflict {
			t.Errorf("an affiliation that is not there: %v", err)
		}
		if _, err := s.Split(t.Context(), editor, "org-1", 9, part); errs.KindOf(err) != errs.Precondition {
			t.Errorf("a stale version: %v", err)
		}

		made, err := s.Split(t.Context(), editor, "org-1", 1, part)
		must(t, err)
		rest, err := s.Org(t.Context(), "org-1")
		must(t, err)
		if fmt.Sprint(shown([]registry.Org{made, rest})) != "[乙医院 甲医院]" || made.Kind != registry.Hospital || rest.Version != 2 {
			t.Errorf("made %+v, rest %+v", made, rest)
		}
		if got, err := s.ByIdentifier(t.Context(), identifier.ROR, "0064kty71"); err != nil || got.ID != made.ID {
			t.Errorf("the ROR id stays with %s, %v", got.ID, err)
		}
		if up, err := s.Ancestors(t.Context(), made.ID, ""); err != nil || len(up) != 2 {
			t.Errorf("ancestors of the new one: %v, %v", up, err)
		}
		for _, id := range []string{"org-1", made.ID} {
			if l, err := s.Papers(t.Context(), registry.PaperFilter{OrgID: id}); err != nil || l.Total != 1 {
				t.Errorf("%s has %d papers, %v", id, l.Total, err)
			}
		}
		// Merging is the way back: one organisation with all of it again.
		_, err = s.Merge(t.Context(), editor, made.ID, "org-1", 1, 2)
		must(t, err)
		again, err := s.Org(t.Context(), "org-1")
		if err != nil || len(again.Names) != 2 || len(again.Identifiers) != 2 {
			t.Errorf("%+v, %v", again, err)
		}
		if up, err := s.Ancestors(t.Context(), "org-1", ""); err != nil || len(up) != 2 {
			t.Errorf("ancestors: %v, %v", up, err)
		}
		if _, err := change.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}
