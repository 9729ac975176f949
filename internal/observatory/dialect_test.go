package observatory

import (
	"bytes"
	"io/fs"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// The SQL of the bundled figures is the family that DuckDB and PostgreSQL
// share: over the same facts, as Parquet and as views, both give the same
// values and the same tallies.
func TestBundledSQLRunsOnPostgres(t *testing.T) {
	d := dbtest.Postgres(t)
	populate(t, d)
	for _, f := range Facts() {
		if _, err := d.Exec(t.Context(), "CREATE VIEW "+f.Name+" ("+columnNames(f)+") AS "+f.Query); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	store, err := stats.New(t.TempDir(), Facts(), stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.CatchUp(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	session, err := store.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	p := params{city: "440100", asOf: "2026-01-02"}
	duck, postgres := engine{q: session, p: p}, engine{q: d, p: p}
	compared := 0
	for _, f := range definitions(t) {
		if f.Operation() != BySQL {
			continue
		}
		want, err := duck.values(t.Context(), &f)
		if err != nil {
			t.Fatalf("%s on DuckDB: %v", f.ID, err)
		}
		got, err := postgres.values(t.Context(), &f)
		if err != nil {
			t.Errorf("%s on PostgreSQL: %v", f.ID, err)
			continue
		}
		byKey := cmpopts.SortSlices(func(a, b stored) bool { return a.key() < b.key() })
		if diff := cmp.Diff(want, got, byKey, cmpopts.EquateApprox(0, 1e-12), cmpopts.IgnoreFields(Computed{}, "RecordsHash"), cmp.AllowUnexported(stored{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-DuckDB +PostgreSQL):\n%s", f.ID, diff)
		}
		compared += len(want)
	}
	if compared < 20 {
		t.Errorf("only %d values compared", compared)
	}
}

func columnNames(f stats.Fact) string {
	text := ""
	for i, c := range f.Columns {
		if i > 0 {
			text += ", "
		}
		text += c.Name
	}
	return text
}

func definitions(t testing.TB) []Figure {
	t.Helper()
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Figures))
	if err != nil {
		t.Fatal(err)
	}
	figures, err := ParseFigures(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

// populate writes a city of 40 organisations, 12 platforms and 60 papers.
func populate(t testing.TB, d *db.DB) {
	t.Helper()
	by := change.Author{Actor: "test"}
	reg := registry.New(d)
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := source.Put(t.Context(), tx, by, source.Source{ID: "s", Title: i18n.Text{EN: "s"}, LicenceTag: source.Green}); err != nil {
			return err
		}
		codes := []string{"440100", "440106", "440112", "110105", ""}
		var divisions []registry.Division
		for i, c := range codes[:4] {
			divisions = append(divisions, registry.Division{Code: c, Name: i18n.Text{ZH: []string{"广州市", "天河区", "黄埔区", "朝阳区"}[i]},
				Level: []registry.Level{registry.City, registry.District, registry.District, registry.District}[i], SourceID: "s"})
		}
		if _, err := reg.PutDivisions(t.Context(), tx, by, divisions); err != nil {
			return err
		}
		var orgs []registry.Org
		for i := range 40 {
			orgs = append(orgs, registry.Org{ID: db.DerivedID("org", number(float64(i))), Kind: registry.OrgKinds[i%5], Status: registry.Active, SourceID: "s",
				Names: []registry.Name{{Text: "org " + number(float64(i)), Kind: registry.Official}}, Place: registry.Place{Division: codes[i%5]}})
		}
		if _, err := reg.PutOrgs(t.Context(), tx, by, orgs); err != nil {
			return err
		}
		var platforms []registry.Platform
		for i := range 12 {
			platforms = append(platforms, registry.Platform{ID: db.DerivedID("plat", number(float64(i))), Key: number(float64(i)), Class: []string{"provincial_lab", "major_facility"}[i%2],
				Group: []string{"2a", "2b", "N", ""}[i%4], Division: codes[i%5], SourceID: "s", Names: []registry.Name{{Text: "p", Kind: registry.Official}}})
		}
		if _, err := reg.PutPlatforms(t.Context(), tx, by, platforms); err != nil {
			return err
		}
		var papers []registry.Paper
		for i := range 60 {
			p := registry.Paper{ID: db.DerivedID("paper", number(float64(i))), Key: number(float64(i)), Title: "t", Year: 2016 + i%4, SourceID: "s"}
			for j := range i % 4 {
				a := registry.Affiliation{Raw: "raw", Method: registry.ByHand, City: []string{"", "广州", "北京"}[(i+j)%3]}
				for k := range (i + j) % 3 {
					o := orgs[(7*i+11*j+13*k)%40]
					a.Orgs = append(a.Orgs, registry.AffiliationOrg{OrgID: o.ID, Name: "org", Score: 1, Reason: registry.Reason{Code: "exact"}})
				}
				p.Affiliations = append(p.Affiliations, a)
			}
			papers = append(papers, p)
		}
		_, err := reg.PutPapers(t.Context(), tx, by, papers)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever the papers look like, each gives away exactly 1: to organisations,
// or to nobody.
func TestFractionsAddUpToPapers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		store, err := stats.New(t.TempDir(), Facts(), stats.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.CatchUp(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		session, err := store.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		one := func(query string) float64 {
			v, _, err := db.Value[float64](t.Context(), session, query)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		papers := one("SELECT CAST(COUNT(*) AS DOUBLE) FROM fact_paper WHERE affiliations > 0")
		assigned := one("SELECT SUM(weight) FROM fact_paper_org WHERE org_id IS NOT NULL")
		nobody := one("SELECT SUM(weight) FROM fact_paper_org WHERE org_id IS NULL")
		if papers != 45 || assigned <= 0 || nobody <= 0 || math.Abs(assigned+nobody-papers) > 1e-9 {
			t.Errorf("%v assigned + %v to nobody, %v papers", assigned, nobody, papers)
		}
		if off := one("SELECT MAX(ABS(s - 1)) FROM (SELECT SUM(weight) AS s FROM fact_paper_org GROUP BY paper_id)"); off > 1e-12 {
			t.Errorf("a paper gives away %v too much or too little", off)
		}
		if off := one("SELECT MAX(ABS(s - 1)) FROM (SELECT SUM(weight) AS s FROM fact_affiliation GROUP BY paper_id)"); off > 1e-12 {
			t.Errorf("affiliations: %v", off)
		}
	})
}
