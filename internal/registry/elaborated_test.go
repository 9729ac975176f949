package registry_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

func TestElaboratedOnlyWhereMoreIsSaid(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		named := func(name, ror, evidence string) registry.Org {
			o := registry.Org{Kind: registry.University, SourceID: "ror", Evidence: evidence, Status: registry.Active,
				Names: []registry.Name{{Text: name, Lang: "zh", Kind: registry.Official}}}
			if ror != "" {
				o.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: ror}}
			}
			return o
		}
		nameless := named("无编号", "", "site")
		nameless.ID = "org-nameless"
		out := putOrgs(t, d, s, named("中山大学", "0064kty71", ""), named("华南理工大学", "0530pts50", "site"), nameless)
		if got := results(out); got != "3/0/0/0" {
			t.Fatalf("put %s: %+v", got, out)
		}
		got, err := registry.Elaborated(t.Context(), d, identifier.ROR, []string{"ror"})
		if err != nil || len(got) != 1 || got[out[1].ID].Evidence != "site" {
			t.Errorf("beside its own source: %v, %v", got, err)
		}
		if got, err = registry.Elaborated(t.Context(), d, identifier.ROR, []string{"gazette"}); err != nil || len(got) != 2 {
			t.Errorf("beside another source: %d, %v", len(got), err)
		}
	})
}
