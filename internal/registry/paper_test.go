package registry_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

func putPapers(t *testing.T, d *db.DB, s *registry.Service, rows ...registry.Paper) []registry.Outcome {
	t.Helper()
	var out []registry.Outcome
	inTx(t, d, func(tx *db.Tx) (err error) {
		out, err = s.PutPapers(t.Context(), tx, loader, rows)
		return err
	})
	return out
}

func paper(key, title string, year, month int, affiliations ...string) registry.Paper {
	p := registry.Paper{Key: key, Title: title, Lang: "zh", Year: year, Month: month, SourceID: "ror"}
	for _, a := range affiliations {
		p.Affiliations = append(p.Affiliations, registry.Affiliation{Raw: a, City: "广州"})
	}
	return p
}

func TestAffiliationsAreResolved(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		sysu := sunYatSen()
		putOrgs(t, d, s, sysu)
		rows := []registry.Paper{
			paper("p1", "海南岛土壤", 2016, 5, "中山大学化学学院", "某未知研究所"),
			paper("p2", "潮汐", 2017, 0, "中山大学"),
			paper("p3", "无署名", 0, 0),
		}
		if out := putPapers(t, d, s, rows...); results(out) != "3/0/0/0" {
			t.Fatalf("%+v", out)
		}
		index, err := s.Resolver(t.Context())
		must(t, err)
		var n int64
		resolve := func() int64 {
			inTx(t, d, func(tx *db.Tx) (err error) {
				n, err = s.ResolvePapers(t.Context(), tx, loader, index)
				return err
			})
			return n
		}
		if n := resolve(); n != 2 {
			t.Errorf("resolved %d papers, want 2", n)
		}
		if n := resolve(); n != 0 {
			t.Errorf("resolving again changed %d papers", n)
		}
		id := db.DerivedID("paper", "p1")
		p, err := s.Paper(t.Context(), id)
		must(t, err)
		first, second := p.Affiliations[0], p.Affiliations[1]
		if len(first.Orgs) != 1 || first.Orgs[0].Org == nil || first.Orgs[0].Org.Name.ZH != "中山大学" || first.Method != registry.ByResolver || first.Orgs[0].Score <= 0 || first.Orgs[0].Reason.Code == "" {
			t.Errorf("first: %+v", first)
		}
		if len(second.Orgs) != 0 || second.None == nil || second.None.Code == "" || second.Method != registry.ByResolver {
			t.Errorf("second: %+v", second)
		}
		// The import does not know of the resolution and must not undo it.
		if out := putPapers(t, d, s, rows...); results(out) != "0/0/3/0" {
			t.Errorf("imported again: %+v", out)
		}
		// The index follows the organisations.
		putOrgs(t, d, s, plain("org-new", "某未知研究所"))
		index, err = s.Resolver(t.Context())
		must(t, err)
		if n := resolve(); n != 1 {
			t.Errorf("a new organisation resolved %d papers, want 1", n)
		}
		again, err := s.Resolver(t.Context())
		if err != nil || again != index {
			t.Errorf("the index was built anew though no organisation changed: %v", err)
		}
	})
}

func TestPaperLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "大学"), plain("org-2", "医院"), plain("org-3", "旧名"))
		putLinks(t, d, s, link("org-2", registry.Parent, "org-1", "", ""))
		var rows []registry.Paper
		for i, org := range []string{"org-1", "org-2", "org-2", "org-3"} {
			p := paper(fmt.Sprint("p", i), fmt.Sprint("论文", i), 2016+i/2, 1+i)
			p.Affiliations = []registry.Affiliation{
				{Raw: "a", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: org, Score: 1}}},
				{Raw: "b", City: "广州", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: org, Score: 1}}},
			}
			rows = append(rows, p)
		}
		rows = append(rows, paper("p4", "未归一", 0, 0, "x"))
		putPapers(t, d, s, rows...)
		_, err := s.Merge(t.Context(), editor, "org-3", "org-1", 1, 1)
		must(t, err)
		for _, c := range []struct {
			filter registry.PaperFilter
			want   string
		}{
			{registry.PaperFilter{}, "[论文3 论文2 论文1 论文0 未归一]"},
			{registry.PaperFilter{OrgID: "org-1"}, "[论文3 论文0]"},
			{registry.PaperFilter{OrgID: "org-1", IncludeChildren: true}, "[论文3 论文2 论文1 论文0]"},
			{registry.PaperFilter{OrgID: "org-1", IncludeChildren: true, Year: 2016}, "[论文1 论文0]"},
			{registry.PaperFilter{Query: "归一"}, "[未归一]"},
			{registry.PaperFilter{Unresolved: true, Source: "ror"}, "[未归一]"},
			{registry.PaperFilter{City: "佛山"}, "[]"},
			{registry.PaperFilter{City: "广州", Sort: registry.SortName, Page: registry.Page{Limit: 2}}, "[论文0 论文1]"},
		} {
			l, err := s.Papers(t.Context(), c.filter)
			must(t, err)
			var got []string
			for _, p := range l.Items {
				got = append(got, p.Title)
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%+v: %v, want %s", c.filter, got, c.want)
			}
		}
		years, err := s.PaperYears(t.Context(), registry.PaperFilter{OrgID: "org-1", IncludeChildren: true})
		if diff := cmp.Diff([]registry.YearCount{{Year: 2016, Count: 2}, {Year: 2017, Count: 2}}, years); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if _, err := s.Papers(t.Context(), registry.PaperFilter{OrgID: "none", IncludeChildren: true}); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such organisation: %v", err)
		}
		bad := paper("p9", "", 24, 13)
		bad.DOI = "not a doi"
		other := paper("p0", "另一篇", 2020, 1)
		other.ID = "paper-other"
		lost := paper("p8", "丢失", 2020, 1)
		lost.Affiliations = []registry.Affiliation{{Raw: "a", Orgs: []registry.AffiliationOrg{{OrgID: "org-none"}}}}
		if out := putPapers(t, d, s, bad, other, lost); results(out) != "0/0/0/3" {
			t.Errorf("%+v", out)
		}
		p, err := s.SavePaper(t.Context(), editor, paper("p7", "手工录入", 2021, 2))
		if err != nil || p.Version != 1 {
			t.Errorf("%+v, %v", p, err)
		}
		p.CLC = "TP391"
		if p, err = s.SavePaper(t.Context(), editor, p); err != nil || p.Version != 2 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}
