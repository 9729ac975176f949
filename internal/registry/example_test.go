package registry_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

// Register two organisations from an import, relate them, and read what an
// organisation's page shows.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "kapok")
	check(err)
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	check(err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	check(err)

	s := registry.New(d)
	by := change.Author{Actor: "import", Reason: "first load", BatchID: "batch-1"}
	university := registry.Org{
		Kind:        registry.University,
		Names:       []registry.Name{{Text: "中山大学", Lang: "zh", Kind: registry.Official}, {Text: "Sun Yat-sen University", Lang: "en", Kind: registry.Official}},
		Identifiers: []registry.Identifier{{Scheme: identifier.ROR, Value: "https://ror.org/0064kty71"}},
		Place:       registry.Place{Country: "CN", Division: "440105"},
		SourceID:    "ror",
	}
	hospital := registry.Org{
		ID: "org-hospital", Kind: registry.Hospital, SourceID: "ror",
		Names: []registry.Name{{Text: "中山大学附属第三医院", Lang: "zh", Kind: registry.Official}},
	}
	err = d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := source.Put(ctx, tx, by, source.Source{ID: "ror", Title: i18n.Text{EN: "ROR"}, LicenceTag: source.Green}); err != nil {
			return err
		}
		out, err := s.PutOrgs(ctx, tx, by, []registry.Org{university, hospital})
		if err != nil {
			return err
		}
		_, err = s.PutRelations(ctx, tx, by, []registry.Relation{{From: out[1].ID, Kind: registry.Parent, To: out[0].ID, SourceID: "ror"}})
		return err
	})
	check(err)

	o, err := s.ByIdentifier(ctx, identifier.ROR, "0064kty71")
	check(err)
	fmt.Println(o.Name(i18n.ZH), "/", o.Name(i18n.EN))
	groups, err := s.Relations(ctx, o.ID)
	check(err)
	for _, g := range groups {
		for _, l := range g.Links {
			fmt.Println(g.Kind, "of", l.Other.Name.In(i18n.ZH))
		}
	}
	list, err := s.Orgs(ctx, registry.OrgFilter{Query: "中山大學"})
	check(err)
	fmt.Println(list.Total, "found")
	// Output:
	// 中山大学 / Sun Yat-sen University
	// parent of 中山大学附属第三医院
	// 2 found
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
