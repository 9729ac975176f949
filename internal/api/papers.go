package api

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// PaperQuery are the filters of the papers.
type PaperQuery struct {
	Query      string `query:"q" maxLength:"200" doc:"Part of the title"`
	Org        string `query:"organisation" maxLength:"200" doc:"Named by an affiliation"`
	Children   bool   `query:"include_children" doc:"Also organisations below it"`
	Year       int    `query:"year" minimum:"1000" maximum:"9999"`
	City       string `query:"city" maxLength:"80" doc:"A city that an affiliation names, as printed"`
	Source     string `query:"source" maxLength:"200" doc:"Source id"`
	Unresolved bool   `query:"unresolved" doc:"Only papers with an affiliation that names no known organisation"`
}

func (q *PaperQuery) filter() registry.PaperFilter {
	return registry.PaperFilter{Query: q.Query, OrgID: q.Org, IncludeChildren: q.Children, Year: q.Year, City: q.City, Source: q.Source, Unresolved: q.Unresolved}
}

// PapersIn asks for a page of papers.
type PapersIn struct {
	PaperQuery
	Sort string `query:"sort" enum:"newest,name" default:"newest" doc:"newest: by year and month; name: by title"`
	Paging
}

// PaperYears are the numbers of papers by year; year 0 is unknown.
type PaperYears struct {
	Years []registry.YearCount `json:"years" nullable:"false"`
}

func (s *server) papers() {
	const tag = "papers"
	addList(s, route{id: "list_papers", path: "/papers", tag: tag, needs: account.Read}, paperTable(), s.listPapers)
	add(s, route{id: "years_of_papers", path: "/papers/years", tag: tag, needs: account.Read}, s.paperYears)
	add(s, route{id: "get_paper", path: "/papers/{id}", tag: tag, needs: account.Read}, s.getPaper)
}

func (s *server) listPapers(ctx context.Context, in *PapersIn) (part[registry.Paper], error) {
	f := in.filter()
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	return fromList(s.Registry.Papers(ctx, f))
}

func (s *server) paperYears(ctx context.Context, in *PaperQuery) (*answer[PaperYears], error) {
	years, err := s.Registry.PaperYears(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	return of(PaperYears{append([]registry.YearCount{}, years...)}), nil
}

func (s *server) getPaper(ctx context.Context, in *ID) (*answer[registry.Paper], error) {
	p, err := s.Registry.Paper(ctx, in.ID)
	if p, err = readableRow(ctx, s, p, err, func(p registry.Paper) string { return p.SourceID }, in.ID); err != nil {
		return nil, err
	}
	return row(p, p.Version), nil
}

func paperTable() table[registry.Paper] {
	type p = registry.Paper
	return table[p]{name: "papers", source: func(v *p) string { return v.SourceID }, columns: []column[p]{
		{"id", func(v *p) any { return v.ID }}, {"key", func(v *p) any { return v.Key }}, {"title", func(v *p) any { return v.Title }}, {"lang", func(v *p) any { return v.Lang }},
		{"year", func(v *p) any { return year(v.Year) }}, {"month", func(v *p) any { return year(v.Month) }},
		{"doi", func(v *p) any { return v.DOI }}, {"clc", func(v *p) any { return v.CLC }}, {"keywords", func(v *p) any { return strings.Join(v.Keywords, " | ") }},
		{"funding", func(v *p) any { return v.Funding }},
		{"affiliations", func(v *p) any { return affiliations(v, false) }}, {"organisation_ids", func(v *p) any { return affiliations(v, true) }},
		{"batch_id", func(v *p) any { return v.BatchID }}, {"version", func(v *p) any { return v.Version }},
	}}
}

// affiliations is a cell of affiliations as printed, or of the organisations
// that they resolve to.
func affiliations(p *registry.Paper, resolved bool) string {
	out := ""
	for _, a := range p.Affiliations {
		if !resolved {
			out = join(out, a.Raw)
			continue
		}
		for _, o := range a.Orgs {
			out = join(out, o.OrgID)
		}
	}
	return out
}
