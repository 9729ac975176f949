package registry_test

import (
	"slices"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/registry"
)

// rorSize is the number of records in the ROR release that the project is
// measured with.
const rorSize = 51_370

// BenchmarkPutOrgs loads a register of the size and shape of ROR into SQLite,
// in one transaction and in parts of 2,000: "first" into an empty database,
// "again" with the same input.
func BenchmarkPutOrgs(b *testing.B) {
	orgs, links := likeROR(rorSize)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := dbtest.SQLite(b)
			addSources(b, d)
			b.StartTimer()
			load(b, d, orgs, links)
		}
	})
	b.Run("again", func(b *testing.B) {
		d := dbtest.SQLite(b)
		addSources(b, d)
		load(b, d, orgs, links)
		for b.Loop() {
			load(b, d, orgs, links)
		}
	})
}

func load(b *testing.B, d *db.DB, orgs []registry.Org, links []registry.Relation) {
	b.Helper()
	s := registry.New(d)
	inTx(b, d, func(tx *db.Tx) error {
		for part := range slices.Chunk(orgs, 2000) {
			out, err := s.PutOrgs(b.Context(), tx, loader, part)
			if err != nil {
				return err
			}
			for _, o := range out {
				if o.Err != nil {
					return o.Err
				}
			}
		}
		for part := range slices.Chunk(links, 2000) {
			if _, err := s.PutRelations(b.Context(), tx, loader, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkLists reads what the list page of a register of the size of ROR
// shows: one page with its total, and the facets.
func BenchmarkLists(b *testing.B) {
	orgs, links := likeROR(rorSize)
	d := dbtest.SQLite(b)
	addSources(b, d)
	load(b, d, orgs, links)
	s := registry.New(d)
	for name, f := range map[string]registry.OrgFilter{
		"all":   {},
		"query": {Query: "应用科学"},
		"rare":  {Query: "ias4711"},
		"kind":  {Kinds: []registry.OrgKind{registry.Bank}, Country: "CN"},
	} {
		b.Run(name+"/page", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Orgs(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/facets", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.OrgFacets(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("resolver", func(b *testing.B) {
		for b.Loop() {
			if _, err := registry.ResolverOrgs(b.Context(), d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
