package capital_test

import (
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

var (
	lin    = change.Author{Actor: "lin", Reason: "test"}
	loader = change.Author{Actor: "import", BatchID: "batch-1"}

	public  = level.Viewer{}
	partner = level.Viewer{User: "pan", Clearance: level.Partner}
	staff   = level.Viewer{User: "mei", Clearance: level.Internal}
)

// eachEngine runs a test on both engines with a room, sources and organisations.
func eachEngine(t *testing.T, fn func(t *testing.T, d *db.DB, s *capital.Service)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		inTx(t, d, func(tx *db.Tx) error {
			for _, v := range []source.Source{
				{ID: "register", LicenceTag: source.Own}, {ID: "closed", LicenceTag: source.Red},
				{ID: "made-up", LicenceTag: source.Own, Simulated: true}, {ID: "crunchbase", LicenceTag: source.Yellow},
			} {
				v.Title = i18n.Text{EN: v.ID}
				if _, err := source.Put(t.Context(), tx, lin, v); err != nil {
					return err
				}
			}
			_, err := registry.New(d).PutOrgs(t.Context(), tx, lin, []registry.Org{org("org-1", "示例智能"), org("org-2", "示例创投"), org("org-3", "示例智能科技")})
			return err
		})
		fn(t, d, capital.New(d))
	})
}

func org(id, name string) registry.Org {
	return registry.Org{ID: id, Kind: registry.Enterprise, Names: []registry.Name{{Text: name, Kind: registry.Official}}, SourceID: "register"}
}

func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// put writes rows in a transaction and counts outcomes as
// created/updated/unchanged/rejected.
func put[T any](t testing.TB, d *db.DB, r *capital.Register[T], rows []T) string {
	t.Helper()
	n := map[registry.Result]int{}
	inTx(t, d, func(tx *db.Tx) error {
		clear(n)
		out, err := r.Put(t.Context(), tx, loader, rows)
		for _, o := range out {
			n[o.Result]++
		}
		return err
	})
	return fmt.Sprintf("%d/%d/%d/%d", n[registry.Created], n[registry.Updated], n[registry.Unchanged], n[registry.Rejected])
}

func common(key, on string, l level.Level) capital.Common {
	return capital.Common{Key: key, Company: capital.Party{OrgID: "org-1", Name: "示例智能"}, On: on, Level: l, SourceID: "register"}
}

func round(key, on string, a *capital.Amount) capital.Round {
	return capital.Round{Common: common(key, on, level.Public), Stage: capital.RoundA, Amount: a}
}
