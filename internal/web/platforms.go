package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
)

func platformFilter(q url.Values) registry.PlatformFilter {
	return registry.PlatformFilter{Query: q.Get("q"), Class: q.Get("class"), Group: q.Get("group"), Level: q.Get("level"), Division: q.Get("division"),
		Status: q.Get("status"), OrgID: q.Get("org"), Source: q.Get("source"), Sort: registry.Sort(q.Get("sort"))}
}

func (s *Site) platforms(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "platforms")
	if err != nil {
		return err
	}
	f := platformFilter(x.q)
	facets, err := s.platformFacets(x.ctx, f)
	if err != nil {
		return err
	}
	f.Sort = sortFor(x.l, f.Sort)
	_, f.After = cursorOf(x.q)
	f.Limit = pageSize
	got, err := s.svc.Registry.Platforms(x.ctx, f)
	if err != nil {
		return err
	}
	x.text("q", "reg.name")
	x.choice("class", "reg.class", facets["class"], func(v string) string { return x.word("class", v) })
	x.choice("group", "reg.group", facets["group"], func(v string) string { return x.word("group", v) })
	x.choice("level", "reg.level", facets["level"], func(v string) string { return x.word("level", v) })
	x.choice("division", "reg.division", withBelow(facets["division"]), x.division)
	x.choice("status", "reg.evidence", facets["status"], func(v string) string { return x.word("evidence", v) })
	if err := x.orgChip(f.OrgID); err != nil {
		return err
	}
	x.chip("source", x.say("reg.source"), x.sourceTitle(f.Source), f.Source)
	x.nameColumn("reg.name")
	x.column("reg.class", false, "", "", false)
	x.column("reg.level", false, "", "", false)
	x.column("reg.field", false, "", "", false)
	x.column("reg.host", false, "", "", false)
	x.column("reg.division", false, "", "", false)
	for _, p := range got.Items {
		x.row(p.SourceID, x.platformRow(p))
	}
	return s.Render(w, r, "register", x.finish(got.Total, len(got.Items), got.Next))
}

// platformFacets counts each field without the part of the filter that narrows
// it, so that a reader can change the choice.
func (s *Site) platformFacets(ctx context.Context, f registry.PlatformFilter) (registry.Facets, error) {
	out, err := s.svc.Registry.PlatformFacets(ctx, f)
	for name, field := range map[string]*string{"class": &f.Class, "group": &f.Group, "level": &f.Level, "division": &f.Division, "status": &f.Status} {
		if err != nil || *field == "" {
			continue
		}
		was := *field
		*field = ""
		var wide registry.Facets
		if wide, err = s.svc.Registry.PlatformFacets(ctx, f); err == nil {
			out[name] = wide[name]
		}
		*field = was
	}
	return out, err
}

func (x *list) platformRow(p registry.Platform) RegisterRow {
	row := x.named("/platforms/"+p.ID, p.Title())
	if p.Status == registry.Unverified {
		row.Mark = x.word("evidence", p.Status)
	}
	host := Cell{Text: p.HostText}
	if len(p.Hosts) > 0 {
		host = x.ref(p.Hosts[0])
	}
	row.Cells = []Cell{{Text: x.word("class", p.Class)}, {Text: x.word("level", p.Level)}, {Text: p.Field.In(x.l), Lang: otherLang(x.l, p.Field)}, host, {Text: x.division(p.Division)}}
	return row
}

// ref is a record that another one points to; its id when it has no name here.
func (v *reading) ref(r registry.Ref) Cell {
	name := r.Name.In(v.l)
	if name == "" {
		name = r.ID
	}
	return Cell{Text: name, Href: refPath(r.Kind, r.ID), Lang: otherLang(v.l, r.Name)}
}

// orgChip shows a filter by organisation, which comes from that one's page.
func (x *list) orgChip(id string) error {
	if id == "" {
		return nil
	}
	x.p.Filter.Keep = append(x.p.Filter.Keep, Hidden{"org", id})
	refs, err := x.s.svc.Registry.Refs(x.ctx, []string{id})
	if err != nil {
		return err
	}
	name := id
	if r, ok := refs[id]; ok {
		name = r.Name.In(x.l)
	}
	x.chip("org", x.say("reg.organisation"), name, id)
	return nil
}

func (s *Site) platformExport(v *reading, q url.Values) (export, error) {
	f := platformFilter(q)
	f.Sort, f.Limit = sortFor(v.l, f.Sort), exportStep
	e := export{name: "platforms", head: []string{"id", "key", "name_zh", "name_en", "other_names", "class", "group", "level", "field_zh", "field_en",
		"division", "host", "status", "established", "closed", "website", "note_zh", "note_en", "source_id", "batch_id", "evidence"}}
	e.rows = follow(v, f.Page, func(ctx context.Context, p registry.Page) (registry.List[registry.Platform], error) {
		f.Page = p
		return s.svc.Registry.Platforms(ctx, f)
	}, func(p registry.Platform) (string, sheet.Row) {
		t := p.Title()
		return p.SourceID, sheet.Row{p.ID, p.Key, t.ZH, t.EN, otherNames(p.Names, t), p.Class, p.Group, p.Level, p.Field.ZH, p.Field.EN, p.Division,
			hostNames(p), p.Status, p.Established, p.Closed, p.Website, p.Note.ZH, p.Note.EN, p.SourceID, p.BatchID, p.Evidence}
	})
	return e, nil
}

func hostNames(p registry.Platform) string {
	out := ""
	for i, h := range p.Hosts {
		if i > 0 {
			out += "|"
		}
		out += h.Name.In(i18n.ZH)
	}
	if out == "" {
		return p.HostText
	}
	return out
}
