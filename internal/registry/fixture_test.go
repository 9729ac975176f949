package registry_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

var (
	editor = change.Author{Actor: "editor", Reason: "test"}
	loader = change.Author{Actor: "import", BatchID: "batch-1"}
)

// eachEngine runs a test on both engines with a registry and two sources.
func eachEngine(t *testing.T, fn func(t *testing.T, d *db.DB, s *registry.Service)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		addSources(t, d)
		fn(t, d, registry.New(d))
	})
}

func addSources(t testing.TB, d *db.DB) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		for _, id := range []string{"ror", "gazette"} {
			if _, err := source.Put(t.Context(), tx, editor, source.Source{ID: id, Title: i18n.Text{EN: id}, LicenceTag: source.Green}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// inTx runs fn in a transaction that must succeed.
func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func putOrgs(t testing.TB, d *db.DB, s *registry.Service, rows ...registry.Org) []registry.Outcome {
	t.Helper()
	var out []registry.Outcome
	inTx(t, d, func(tx *db.Tx) (err error) {
		out, err = s.PutOrgs(t.Context(), tx, loader, rows)
		return err
	})
	return out
}

// results counts outcomes as created/updated/unchanged/rejected.
func results(out []registry.Outcome) string {
	n := map[registry.Result]int{}
	for _, o := range out {
		n[o.Result]++
	}
	return fmt.Sprintf("%d/%d/%d/%d", n[registry.Created], n[registry.Updated], n[registry.Unchanged], n[registry.Rejected])
}

// plain returns an organisation with one name.
func plain(id, name string) registry.Org {
	return registry.Org{ID: id, Kind: registry.University, Names: []registry.Name{{Text: name, Kind: registry.Official}}, SourceID: "ror"}
}

// likeROR makes n organisations of the size of ROR records, and relations
// between them, one each on average.
func likeROR(n int) ([]registry.Org, []registry.Relation) {
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"University", "Institute", "of", "Technology", "National", "Research", "Centre", "Guangdong", "Hospital", "Applied", "Physics", "Sciences", "Laboratory"}
	orgs := make([]registry.Org, n)
	for i := range orgs {
		lat, lon := r.Float64()*180-90, r.Float64()*360-180
		name := fmt.Sprintf("%s %s of %s %d", words[r.IntN(len(words))], words[r.IntN(len(words))], words[r.IntN(len(words))], i)
		ror := identifierOf(i)
		orgs[i] = registry.Org{
			ID: db.DerivedID("org", "ror", ror), Kind: registry.OrgKinds[r.IntN(len(registry.OrgKinds))], Status: registry.Active, SourceID: "ror",
			Names: []registry.Name{
				{Text: name, Lang: "en", Kind: registry.Official},
				{Text: fmt.Sprintf("第%d应用科学研究院", i), Lang: "zh", Kind: registry.Label},
				{Text: fmt.Sprintf("IAS%d", i), Kind: registry.Acronym},
			},
			Identifiers: []registry.Identifier{
				{Scheme: identifier.ROR, Value: ror},
				{Scheme: identifier.GRID, Value: fmt.Sprintf("grid.%d.%x", 100000+i%900000, i%256)},
				{Scheme: identifier.Wikidata, Value: fmt.Sprintf("Q%d", 1000000+i)},
			},
			Established: fmt.Sprint(1850 + i%170), Website: fmt.Sprintf("https://www.ias%d.example.org/", i),
			Place: registry.Place{Country: string([]byte{byte('A' + i%26), byte('A' + i/26%26)}), City: "Guangzhou", Lat: &lat, Lon: &lon},
		}
	}
	links := make([]registry.Relation, n)
	for i := range links {
		links[i] = registry.Relation{From: orgs[i].ID, Kind: registry.Parent, To: orgs[(i+1+r.IntN(n-1))%n].ID, SourceID: "ror"}
	}
	return orgs, links
}

// identifierOf returns a valid ROR id.
func identifierOf(i int) string {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	n := 1_000_000 + i
	b := [7]byte{'0'}
	v := n
	for k := 6; k > 0; k-- {
		b[k] = alphabet[v%32]
		v /= 32
	}
	return fmt.Sprintf("%s%02d", b[:], 98-(n*100)%97)
}
