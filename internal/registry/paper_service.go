package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Paper returns a paper with the names of the organisations found in it.
func (s *Service) Paper(ctx context.Context, id string) (Paper, error) {
	return one(ctx, s.d, id, viewPapers)
}

var paperOrders = orders{
	"":         {column: "dated", down: true},
	SortNewest: {column: "dated", down: true},
	SortName:   {column: "order_zh"},
	SortNameEN: {column: "order_zh"}, // a title has one language
}

// Papers lists papers, the newest first.
func (s *Service) Papers(ctx context.Context, f PaperFilter) (List[Paper], error) {
	w, err := s.paperWhere(ctx, f)
	if err != nil {
		return List[Paper]{}, err
	}
	l := listing[Paper]{table: "paper", where: w, orders: paperOrders, sort: f.Sort, page: f.Page, load: viewPapers}
	return l.read(ctx, s.d)
}

// PaperYears counts the papers that a filter selects by year, the earliest
// first; year 0 is unknown. A paper counts once, however many of its
// affiliations name the organisation (whole counting).
func (s *Service) PaperYears(ctx context.Context, f PaperFilter) ([]YearCount, error) {
	w, err := s.paperWhere(ctx, f)
	if err != nil {
		return nil, err
	}
	return db.Collect(ctx, s.d, func(s db.Scan) (YearCount, error) {
		var y YearCount
		err := s(&y.Year, &y.Count)
		return y, err
	}, "SELECT year, COUNT(*) FROM paper"+w.String()+" GROUP BY year ORDER BY year", w.args...)
}

func (s *Service) paperWhere(ctx context.Context, f PaperFilter) (where, error) {
	var w where
	w.query("folded", f.Query, false)
	w.equal("source_id", f.Source)
	if f.Year != 0 {
		w.add("year = ?", f.Year)
	}
	if f.City != "" {
		w.add("id IN (SELECT paper_id FROM paper_affiliation WHERE city = ?)", f.City)
	}
	if f.Unresolved {
		w.add("id IN (SELECT a.paper_id FROM paper_affiliation a WHERE " + nowhere + ")")
	}
	if f.OrgID == "" {
		return w, nil
	}
	ids := []string{f.OrgID}
	if f.IncludeChildren {
		var err error
		if ids, err = s.RollUp(ctx, f.OrgID, f.At); err != nil {
			return w, err
		}
	}
	w.add("id IN (SELECT p.paper_id FROM org o JOIN paper_org p ON p.org_id = o.id WHERE o.root IN ("+blanks(len(ids))+"))", anys(ids)...)
	return w, nil
}

// nowhere is the condition that affiliation a names no known organisation.
const nowhere = "NOT EXISTS (SELECT 1 FROM paper_org o WHERE o.paper_id = a.paper_id AND o.position = a.position)"

func viewPapers(ctx context.Context, q db.Querier, ids []string) (map[string]Paper, error) {
	out, err := loadPapers(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var ends []string
	eachOrg(out, func(o *AffiliationOrg) { ends = append(ends, o.OrgID) })
	named, err := refs(ctx, q, ends)
	eachOrg(out, func(o *AffiliationOrg) { o.Org = refTo(named, o.OrgID) })
	return out, err
}

func eachOrg(papers map[string]Paper, fn func(*AffiliationOrg)) {
	for _, p := range papers {
		for i := range p.Affiliations {
			for n := range p.Affiliations[i].Orgs {
				fn(&p.Affiliations[i].Orgs[n])
			}
		}
	}
}

// PutPapers writes papers from an import. An affiliation that comes without a
// Method keeps the resolution stored for the same words.
func (s *Service) PutPapers(ctx context.Context, tx *db.Tx, by change.Author, rows []Paper) ([]Outcome, error) {
	return put(ctx, tx, by, papers, rows)
}

// SavePaper creates a paper (Version 0) or replaces the one that still has that
// Version.
func (s *Service) SavePaper(ctx context.Context, by change.Author, p Paper) (Paper, error) {
	return save(ctx, s.d, by, papers, p)
}
