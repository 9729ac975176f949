package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
)

func paperFilter(q url.Values) registry.PaperFilter {
	year, _ := strconv.Atoi(q.Get("year")) // a year that is none asks for every year
	return registry.PaperFilter{Query: q.Get("q"), OrgID: q.Get("org"), IncludeChildren: q.Get("below") != "", Year: year, City: q.Get("city"),
		Source: q.Get("source"), Unresolved: q.Get("unresolved") != "", Sort: registry.Sort(q.Get("sort"))}
}

func (s *Site) papers(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "papers")
	if err != nil {
		return err
	}
	f := paperFilter(x.q)
	anyYear := f
	anyYear.Year = 0
	years, err := s.svc.Registry.PaperYears(x.ctx, anyYear)
	if err != nil {
		return err
	}
	if f.Sort == "" {
		f.Sort = registry.SortNewest
	}
	_, f.After = cursorOf(x.q)
	f.Limit = pageSize
	got, err := s.svc.Registry.Papers(x.ctx, f)
	if err != nil {
		return err
	}
	x.text("q", "reg.paper_title")
	x.choice("year", "reg.year", yearFacets(years), func(v string) string { return v })
	x.text("city", "reg.city_printed")
	x.unresolved(f.Unresolved)
	if err := x.orgChip(f.OrgID); err != nil {
		return err
	}
	x.flag("below", "reg.below", f.IncludeChildren)
	x.chip("source", x.say("reg.source"), x.sourceTitle(f.Source), f.Source)
	x.column("reg.paper_title", false, "", "", false)
	x.column("reg.published", false, registry.SortNewest, "descending", true)
	x.column("reg.affiliations", true, "", "", false)
	x.column("reg.resolved", true, "", "", false)
	for _, p := range got.Items {
		x.row(p.SourceID, x.paperRow(p))
	}
	return s.Render(w, r, "register", x.finish(got.Total, len(got.Items), got.Next))
}

// flag carries a switch that another page has put on, and lets it be put off.
func (x *list) flag(name, key string, on bool) {
	if on {
		x.p.Filter.Keep = append(x.p.Filter.Keep, Hidden{name, "1"})
		x.chip(name, x.say(key), x.say("reg.yes"), "1")
	}
}

func (x *list) unresolved(on bool) {
	x.p.Filter.Fields = append(x.p.Filter.Fields, Field{Name: "unresolved", Label: x.say("reg.resolution"), Kind: "select",
		Options: []Option{{Value: "", Label: x.say("reg.all")}, {Value: "1", Label: x.say("reg.unresolved"), Selected: on}}})
	if on {
		x.chip("unresolved", x.say("reg.resolution"), x.say("reg.unresolved"), "1")
	}
}

func yearFacets(years []registry.YearCount) []registry.Facet {
	var out []registry.Facet
	for i := len(years) - 1; i >= 0; i-- {
		if years[i].Year > 0 {
			out = append(out, registry.Facet{Value: strconv.Itoa(years[i].Year), Count: years[i].Count})
		}
	}
	return out
}

func (x *list) paperRow(p registry.Paper) RegisterRow {
	row := RegisterRow{Href: "/papers/" + p.ID, Name: p.Title, Lang: paperLang(x.reading, p)}
	known := 0
	for _, a := range p.Affiliations {
		if len(a.Orgs) > 0 {
			known++
		}
	}
	row.Cells = []Cell{{Text: yearMonth(p)}, {Text: strconv.Itoa(len(p.Affiliations))}, {Text: strconv.Itoa(known)}}
	return row
}

// paperLang is the language of a title where it is not the page's.
func paperLang(v *reading, p registry.Paper) string {
	if p.Lang != "" && !strings.HasPrefix(string(v.l), strings.ToLower(p.Lang[:min(2, len(p.Lang))])) {
		return p.Lang
	}
	return ""
}

func yearMonth(p registry.Paper) string {
	switch {
	case p.Year == 0:
		return ""
	case p.Month == 0:
		return strconv.Itoa(p.Year)
	}
	m := strconv.Itoa(p.Month)
	if p.Month < 10 {
		m = "0" + m
	}
	return strconv.Itoa(p.Year) + "-" + m
}

func (s *Site) paperExport(v *reading, q url.Values) (export, error) {
	f := paperFilter(q)
	f.Limit = exportStep
	if f.Sort == "" {
		f.Sort = registry.SortNewest
	}
	e := export{name: "papers", head: []string{"id", "key", "title", "lang", "year", "month", "doi", "clc", "keywords", "funding", "affiliations", "org_ids", "source_id", "batch_id"}}
	e.rows = follow(v, f.Page, func(ctx context.Context, p registry.Page) (registry.List[registry.Paper], error) {
		f.Page = p
		return s.svc.Registry.Papers(ctx, f)
	}, func(p registry.Paper) (string, sheet.Row) {
		var raw, orgs []string
		for _, a := range p.Affiliations {
			raw = append(raw, a.Raw)
			for _, o := range a.Orgs {
				orgs = append(orgs, o.OrgID)
			}
		}
		return p.SourceID, sheet.Row{p.ID, p.Key, p.Title, p.Lang, known(p.Year), known(p.Month), p.DOI, p.CLC, strings.Join(p.Keywords, "|"), p.Funding,
			strings.Join(raw, "|"), strings.Join(orgs, "|"), p.SourceID, p.BatchID}
	})
	return e, nil
}

// known is a number for a file, an empty cell when it is zero.
func known(n int) any {
	if n == 0 {
		return nil
	}
	return n
}
