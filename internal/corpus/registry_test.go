package corpus_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

var loader = change.Author{Actor: "import", BatchID: "batch-1"}

// city fills a registry with a university, its laboratory that has no ROR id,
// and a laboratory of the city's own.
func city(t *testing.T, d *db.DB) *corpus.Organisations {
	t.Helper()
	s := registry.New(d)
	lat, lon := 23.1, 113.3
	org := func(id, name, zh string, ror string) registry.Org {
		o := registry.Org{ID: id, Kind: registry.University, SourceID: "gazette", Names: []registry.Name{{Text: name, Lang: "en", Kind: registry.Official}, {Text: zh, Lang: "zh", Kind: registry.Label}},
			Place: registry.Place{Country: "CN", Division: "440106", City: "Guangzhou", Lat: &lat, Lon: &lon}}
		if ror != "" {
			o.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: ror}}
		}
		return o
	}
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := source.Put(t.Context(), tx, loader, source.Source{ID: "gazette", Title: i18n.Text{EN: "Gazette"}, LicenceTag: source.Green}); err != nil {
			return err
		}
		if _, err := s.PutDivisions(t.Context(), tx, loader, []registry.Division{
			{Code: "440000", Name: i18n.Text{ZH: "广东省", EN: "Guangdong"}, Level: registry.Province, SourceID: "gazette"},
			{Code: "440100", Name: i18n.Text{ZH: "广州市", EN: "Guangzhou"}, Level: registry.City, Parent: "440000", SourceID: "gazette"}}); err != nil {
			return err
		}
		if _, err := s.PutOrgs(t.Context(), tx, loader, []registry.Org{
			org("org-sysu", "Sun Yat-sen University", "中山大学", "0064kty71"),
			org("org-lab", "State Key Laboratory of Ophthalmology", "眼科学国家重点实验室", ""),
			org("org-pazhou", "Pazhou Laboratory", "琶洲实验室", "")}); err != nil {
			return err
		}
		_, err := s.PutRelations(t.Context(), tx, loader, []registry.Relation{{From: "org-lab", Kind: registry.Parent, To: "org-sysu", SourceID: "gazette"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return &corpus.Organisations{Service: s, DB: d}
}

// TestOwnLaboratories holds the import to the reason for the registry: the
// city's own laboratories count, and a part that OpenAlex gives to its
// university alone counts as itself.
func TestOwnLaboratories(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		work := func(id int, institution, text string) string {
			return fmt.Sprintf(`{"id":"https://openalex.org/W%d","publication_year":2023,"type":"article","authorships":[{"author":{"id":"A1"},"institutions":[%s],"countries":["CN"],"affiliations":[{"raw_affiliation_string":%q,"institution_ids":[%s]}]}]}`+"\n",
				id, institution, text, map[bool]string{true: `"https://openalex.org/I157773358"`}[institution != ""])
		}
		sysu := `{"id":"https://openalex.org/I157773358","display_name":"Sun Yat-sen University","ror":"https://ror.org/0064kty71","country_code":"CN","type":"education","lineage":["https://openalex.org/I157773358"]}`
		file := filepath.Join(t.TempDir(), "works.jsonl")
		text := work(1, "", "Pazhou Laboratory, Guangzhou, China") + work(2, sysu, "State Key Laboratory of Ophthalmology, Sun Yat-sen University, Guangzhou, China") +
			work(3, sysu, "School of Chemistry, Sun Yat-sen University, Guangzhou, China") + work(4, "", "A garage, Springfield")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m, dir := importAll(t, corpus.Import{Paths: []string{file}, Organisations: city(t, d)})
		if r := m.Report; r.Kept != 4 || r.Resolved != 2 || r.Open != 1 {
			t.Errorf("%+v", r)
		}
		want := []string{"1 org-pazhou 440100 440106 琶洲实验室", "2 org-lab 440100 440106 眼科学国家重点实验室", "3 org-sysu 440100 440106 中山大学", "4"}
		got := list(t, dir, "SELECT concat_ws(' ', work_id, org_id, city, district, name_zh) FROM authorship LEFT JOIN institution USING (institution) ORDER BY work_id")
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"org-lab org-sysu component"}, list(t, dir, "SELECT concat_ws(' ', c.org_id, p.org_id, l.kind) FROM institution_link l JOIN institution c ON c.institution = child JOIN institution p ON p.institution = parent")); d != "" {
			t.Error(d)
		}
		if n := ask[int64](t, dir, "SELECT count(*) FROM point WHERE lon = 113.3 AND weight = 1"); n != 3 {
			t.Errorf("%d points, want 3", n)
		}
	})
}

// TestRegistryPapers makes a corpus of the registry's own papers.
func TestRegistryPapers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		reg := city(t, d)
		at := func(raw string, orgs ...string) registry.Affiliation {
			a := registry.Affiliation{Raw: raw, Method: registry.ByResolver}
			for _, o := range orgs {
				a.Orgs = append(a.Orgs, registry.AffiliationOrg{OrgID: o, Score: 1, Reason: registry.Reason{Code: "name"}})
			}
			return a
		}
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := reg.Service.PutPapers(t.Context(), tx, loader, []registry.Paper{
				{Key: "chinaxiv:1", Title: "一", Year: 2020, CLC: "TP391", SourceID: "gazette", Affiliations: []registry.Affiliation{at("中山大学", "org-sysu"), at("某处")}},
				{Key: "chinaxiv:2", Title: "二", Year: 2021, SourceID: "gazette", Affiliations: []registry.Affiliation{at("重点实验室，中山大学", "org-sysu", "org-lab")}},
				{Key: "chinaxiv:3", Title: "三", SourceID: "gazette"},
				{Key: "chinaxiv:4", Title: "四", Year: 2022, SourceID: "gazette"}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		im := corpus.Import{Root: root, Name: "papers", Organisations: reg, Now: noon}
		m, err := corpus.ImportRegistry(context.Background(), im)
		if err != nil {
			t.Fatal(err)
		}
		if r := m.Report; r.Read != 4 || r.Kept != 3 || r.Faults["no_year"].Count != 1 || r.Faults["no_authors"].Count != 1 || r.Resolved != 2 || r.Open != 1 {
			t.Errorf("%+v", r)
		}
		dir := filepath.Join(root, "papers")
		if d := cmp.Diff([]string{"一 2020 17 2", "二 2021 1", "四 2022 0"}, list(t, dir, "SELECT concat_ws(' ', title, year, field, authors) FROM work ORDER BY year")); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"2020 0.5 org-sysu", "2020 0.5", "2021 1.0 org-lab"}, list(t, dir, "SELECT concat_ws(' ', year, weight, org_id) FROM authorship LEFT JOIN institution USING (institution) ORDER BY year, author_seq")); d != "" {
			t.Error(d)
		}
		if n := ask[int64](t, dir, "SELECT count(*) FROM work WHERE work_id < 0 AND record LIKE 'paper%'"); n != 3 {
			t.Errorf("%d works with a record, want 3", n)
		}
	})
}

func list(t *testing.T, dir, query string) []string {
	t.Helper()
	s, err := corpus.Open(context.Background(), dir, stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := db.Collect(context.Background(), s, func(s db.Scan) (out string, err error) { return out, s(&out) }, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
