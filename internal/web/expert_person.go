package web

import (
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/search"
)

// standsShown is how many records the page of a person lists.
const standsShown = 50

// maxAsk bounds the text that the page of a person hands to the workbench, in
// characters: it travels in an address.
const maxAsk = 400

// stands adds to the page of a person the records behind which the person
// stands, as far as the reader sees them, with the way to the workbench.
func (s *Site) stands(p *RecordPage, v *reading, id string) {
	if s.svc.Search == nil {
		return
	}
	got := s.svc.Search.Search(search.Query{Kinds: []string{match.KindResult, match.KindService}, Viewer: viewerOf(v), Limit: standsShown,
		Filters: []search.Filter{{Field: match.FieldPerson, Any: []string{id}}}})
	if len(got.Hits) == 0 {
		return
	}
	bench := s.svc.Match != nil && v.can(account.Edit)
	t := RecordTable{ID: "stands", Title: v.say("experts.stands"), Head: TableHead{Caption: v.say("experts.stands"), Hidden: true, Columns: []Column{{Label: v.say("experts.record")}, {Label: v.say("experts.kind")}}}}
	if bench {
		t.Head.Columns = append(t.Head.Columns, Column{Label: v.say("experts.work")})
	}
	var titles []string
	for _, h := range got.Hits {
		row := RegisterRow{Href: refPath(h.Kind, h.ID), Name: h.Title.In(v.l), Lang: otherLang(v.l, h.Title), Cells: []Cell{{Label: t.Head.Columns[1].Label, Text: word(v.l, "record", h.Kind), Whole: true}}}
		if bench {
			row.Cells = append(row.Cells, Cell{Label: t.Head.Columns[2].Label, Text: v.say("experts.match_it"), Whole: true, Href: "/match?" + url.Values{"kind": {h.Kind}, "id": {h.ID}}.Encode()})
		}
		t.Rows = append(t.Rows, row)
		titles = append(titles, row.Name)
	}
	if bench {
		text := []rune(strings.Join(titles, "\n"))
		t.More = Link{v.say("experts.stands_all"), "/match?" + url.Values{"for": {match.KindNeed}, "q": {string(text[:min(len(text), maxAsk)])}}.Encode()}
	}
	if got.Total > len(got.Hits) {
		p.Note = v.say("reg.shown", errs.A{"from": 1, "to": len(got.Hits), "total": got.Total})
	}
	p.Tables = append(p.Tables, t)
}
