package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
)

func parkFilter(q url.Values) registry.ParkFilter {
	return registry.ParkFilter{Query: q.Get("q"), Class: q.Get("class"), Level: q.Get("level"), Division: q.Get("division"), Status: q.Get("status"),
		OrgID: q.Get("org"), Source: q.Get("source"), Sort: registry.Sort(q.Get("sort"))}
}

func (s *Site) parks(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "parks")
	if err != nil {
		return err
	}
	f := parkFilter(x.q)
	f.Sort = sortFor(x.l, f.Sort)
	_, f.After = cursorOf(x.q)
	f.Limit = pageSize
	got, err := s.svc.Registry.Parks(x.ctx, f)
	if err != nil {
		return err
	}
	facets, err := s.parkFacets(x.ctx, f)
	if err != nil {
		return err
	}
	x.text("q", "reg.name")
	x.choice("class", "reg.class", facets["class"], func(v string) string { return x.word("park_class", v) })
	x.choice("division", "reg.division", withBelow(facets["division"]), x.division)
	x.choice("status", "reg.evidence", facets["status"], func(v string) string { return x.word("evidence", v) })
	if err := x.orgChip(f.OrgID); err != nil {
		return err
	}
	x.chip("source", x.say("reg.source"), x.sourceTitle(f.Source), f.Source)
	x.nameColumn("reg.name")
	x.column("reg.class", false, "", "", false)
	x.column("reg.division", false, "", "", false)
	x.column("reg.operator", false, "", "", false)
	for _, p := range got.Items {
		row := x.named("/parks/"+p.ID, p.Title())
		if p.Status == registry.Unverified {
			row.Mark = x.word("evidence", p.Status)
		}
		operator := Cell{}
		if p.Org != nil {
			operator = x.ref(*p.Org)
		}
		row.Cells = []Cell{{Text: x.word("park_class", p.Class)}, {Text: x.division(p.Division)}, operator}
		x.row(p.SourceID, row)
	}
	return s.Render(w, r, "register", x.finish(got.Total, len(got.Items), got.Next))
}

func (s *Site) parkFacets(ctx context.Context, f registry.ParkFilter) (registry.Facets, error) {
	out, err := s.svc.Registry.ParkFacets(ctx, f)
	for name, field := range map[string]*string{"class": &f.Class, "division": &f.Division, "status": &f.Status} {
		if err != nil || *field == "" {
			continue
		}
		was := *field
		*field = ""
		var wide registry.Facets
		if wide, err = s.svc.Registry.ParkFacets(ctx, f); err == nil {
			out[name] = wide[name]
		}
		*field = was
	}
	return out, err
}

func (s *Site) parkExport(v *reading, q url.Values) (export, error) {
	f := parkFilter(q)
	f.Sort, f.Limit = sortFor(v.l, f.Sort), exportStep
	e := export{name: "parks", head: []string{"id", "key", "name_zh", "name_en", "other_names", "kind", "level", "division", "operator", "status",
		"established", "closed", "website", "note_zh", "note_en", "source_id", "batch_id", "evidence"}}
	e.rows = follow(v, f.Page, func(ctx context.Context, p registry.Page) (registry.List[registry.Park], error) {
		f.Page = p
		return s.svc.Registry.Parks(ctx, f)
	}, func(p registry.Park) (string, sheet.Row) {
		t := p.Title()
		operator := ""
		if p.Org != nil {
			operator = p.Org.Name.ZH
		}
		return p.SourceID, sheet.Row{p.ID, p.Key, t.ZH, t.EN, otherNames(p.Names, t), p.Class, p.Level, p.Division, operator, p.Status, p.Established,
			p.Closed, p.Website, p.Note.ZH, p.Note.EN, p.SourceID, p.BatchID, p.Evidence}
	})
	return e, nil
}
