package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// orgFigures lists what the observatory knows of an organisation: the figures
// whose subject it is, and what sources call it the first or the largest in.
func (v *reading) orgFigures(p *RecordPage, o registry.Org) error {
	if v.s.svc.Observatory == nil {
		return nil
	}
	figures, err := v.s.svc.Observatory.Figures(v.ctx, observatory.Filter{})
	if err != nil {
		return err
	}
	x := &list{reading: v}
	x.p.Page = p.Page
	x.column("reg.said", false, "", "", false)
	x.column("reg.said_scope", false, "", "", false)
	x.column("reg.status", false, "", "", false)
	for _, f := range figures {
		if v.about(f.Subject, o) {
			row := x.named("/figures/"+f.ID, f.Title)
			row.Cells = []Cell{{Text: f.Scope.In(v.l)}, {Text: v.word("record", "figure")}}
			x.row("", row)
		}
	}
	all, err := v.s.svc.Observatory.Superlatives(v.ctx, "")
	if err != nil {
		return err
	}
	for _, s := range all {
		if v.about(s.Subject, o) {
			row := x.named("/superlatives?q="+url.QueryEscape(s.Object.In(i18n.ZH)), s.Object)
			row.Cells = []Cell{{Text: s.ScopeText.In(v.l)}, {Text: v.say("web.superlatives.status." + string(s.Status))}}
			x.row(s.SourceID, row)
		}
	}
	if len(x.p.Rows) > 0 {
		t := RecordTable{ID: "figures", Title: v.say("reg.its_figures"), Head: x.p.Head, Rows: x.p.Rows}
		t.Head.Caption, t.Head.Hidden = t.Title, true
		p.Tables = append(p.Tables, t)
	}
	return nil
}

// about reports whether a subject of the observatory, such as "ror:0064kty71"
// or "org:gibh", names the organisation.
func (v *reading) about(subject string, o registry.Org) bool {
	kind, key, _ := strings.Cut(subject, ":")
	switch kind {
	case "ror":
		return slices.ContainsFunc(o.Identifiers, func(id registry.Identifier) bool { return id.Scheme == identifier.ROR && id.Value == key })
	case "org":
		id, err := ingest.KeyID(v.ctx, v.s.svc.DB, kind, key)
		return err == nil && id == o.ID
	}
	return false
}
