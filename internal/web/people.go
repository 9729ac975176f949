package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/sheet"
)

func personFilter(q url.Values) registry.PersonFilter {
	return registry.PersonFilter{Query: q.Get("q"), ORCID: q.Get("orcid"), OrgID: q.Get("org"), Sort: registry.Sort(q.Get("sort"))}
}

func (s *Site) people(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "people")
	if err != nil {
		return err
	}
	f := personFilter(x.q)
	f.Sort = sortFor(x.l, f.Sort)
	_, f.After = cursorOf(x.q)
	f.Limit = pageSize
	got, err := s.svc.Registry.People(x.ctx, f)
	if err != nil {
		return err
	}
	x.text("q", "reg.name")
	x.text("orcid", "reg.scheme.orcid")
	if err := x.orgChip(f.OrgID); err != nil {
		return err
	}
	x.nameColumn("reg.name")
	x.column("reg.scheme.orcid", false, "", "", false)
	x.column("reg.updated", false, registry.SortNewest, "descending", false)
	for _, p := range got.Items {
		row := x.named("/people/"+p.ID, p.Title())
		orcid := Cell{Text: p.ORCID}
		if p.ORCID != "" {
			orcid.Href = identifier.URL(identifier.ORCID, p.ORCID)
		}
		row.Cells = []Cell{orcid, {Text: day(p.UpdatedAt.Time)}}
		x.row(p.SourceID, row)
	}
	return s.Render(w, r, "register", x.finish(got.Total, len(got.Items), got.Next))
}

func (s *Site) personExport(v *reading, q url.Values) (export, error) {
	f := personFilter(q)
	f.Sort, f.Limit = sortFor(v.l, f.Sort), exportStep
	e := export{name: "people", head: []string{"id", "name_zh", "name_en", "other_names", "orcid", "source_id", "batch_id", "evidence"}}
	e.rows = follow(v, f.Page, func(ctx context.Context, p registry.Page) (registry.List[registry.Person], error) {
		f.Page = p
		return s.svc.Registry.People(ctx, f)
	}, func(p registry.Person) (string, sheet.Row) {
		t := p.Title()
		return p.SourceID, sheet.Row{p.ID, t.ZH, t.EN, otherNames(p.Names, t), p.ORCID, p.SourceID, p.BatchID, p.Evidence}
	})
	return e, nil
}
