package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// organisation is the page of one organisation. A merged record leads on to the
// one that answers for it; the merge may be taken back, so the answer is not a
// permanent one.
func (s *Site) organisation(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o, err := s.svc.Registry.Org(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if o.MergedInto != "" {
		http.Redirect(w, r, "/organisations/"+o.MergedInto+"?from="+url.QueryEscape(o.ID), http.StatusSeeOther)
		return nil
	}
	if err := v.open(o.SourceID); err != nil {
		return err
	}
	p := s.record(r, v, "organisations", o.Title())
	if err := v.organisation(&p, o); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}

func (v *reading) organisation(p *RecordPage, o registry.Org) error {
	p.Flash = v.done(p.query)
	v.arrival(p, o)
	p.Also = []string{v.word("kind", string(o.Kind))}
	if where := v.place(o.Place); where != "" {
		p.Also = append(p.Also, where)
	}
	p.Also = append(p.Also, v.word("status", string(o.Status)))
	p.Unverified = v.unverified(o.Evidence, "")
	p.Facts = v.orgFacts(o)
	v.orgEvents(p, o)
	var err error
	var events []Event
	if p.Relations, events, err = v.relations(o.ID); err != nil {
		return err
	}
	p.Events = append(p.Events, events...)
	if err := v.orgTables(p, o); err != nil {
		return err
	}
	if err := v.orgFigures(p, o); err != nil {
		return err
	}
	if err := v.orgPapers(p, o); err != nil {
		return err
	}
	if p.Merges, err = v.merges(o); err != nil {
		return err
	}
	if v.s.svc.Capital != nil {
		p.Acts = []Link{{v.say("capital.money_link"), "/organisations/" + o.ID + "/money"}}
	}
	if v.can(account.Edit) {
		at := "/organisations/" + o.ID
		p.Acts = append(p.Acts, []Link{{v.say("reg.edit"), at + "/edit"}, {v.say("reg.add_relation"), at + "/relate"}, {v.say("reg.merge"), at + "/merge"}}...)
	}
	return v.finish(p, registry.KindOrg, o.ID)
}

// arrival tells a reader who asked for a merged record where they are now.
func (v *reading) arrival(p *RecordPage, o registry.Org) {
	from := p.query.Get("from")
	if from == "" {
		return
	}
	old, err := v.s.svc.Registry.Org(v.ctx, from)
	if err == nil && old.MergedInto == o.ID {
		p.Note = v.say("reg.merged_here", errs.A{"name": old.Name(v.l)})
	}
}

func (v *reading) orgFacts(o registry.Org) []Fact {
	mark := v.mark(o.SourceID)
	facts := []Fact{v.names(o.Names, mark)}
	facts = append(facts, v.identifiers(o.Identifiers, mark)...)
	if len(o.Identifiers) == 0 {
		facts = append(facts, v.fact("reg.identifiers", "", nil))
	}
	seat := v.fact("reg.seat", v.place(o.Place), mark)
	if o.Place.Division != "" {
		seat.Values[0].Href = "/divisions/" + o.Place.Division
	}
	facts = append(facts, seat, v.website(o.Website, mark), v.fact("reg.established", i18n.Day(v.l, o.Established), mark))
	if o.Closed != "" {
		facts = append(facts, v.fact("reg.closed", i18n.Day(v.l, o.Closed), mark))
	}
	if f, ok := v.evidence(o.Evidence); ok {
		facts = append(facts, f)
	}
	return facts
}

func (v *reading) orgEvents(p *RecordPage, o registry.Org) {
	p.event(o.Established, v.say("reg.event.established"))
	p.event(o.Closed, v.say("reg.event.closed"))
	for _, n := range o.Names {
		if n.From != "" && n.From != o.Established {
			p.Events = append(p.Events, Event{Day: n.From, Title: v.say("reg.event.named"), Text: n.Text, State: "done"})
		}
	}
	p.event(day(o.CreatedAt.Time), v.say("reg.event.recorded"))
	if o.Version > 1 {
		p.event(day(o.UpdatedAt.Time), v.say("reg.event.updated", errs.A{"version": o.Version}))
	}
}

// tableSize is how many rows a table on a record's page has.
const tableSize = 10

// orgTables lists the platforms and parks of an organisation.
func (v *reading) orgTables(p *RecordPage, o registry.Org) error {
	got, err := v.s.svc.Registry.Platforms(v.ctx, registry.PlatformFilter{OrgID: o.ID, Page: registry.Page{Limit: tableSize}})
	if err != nil {
		return err
	}
	if got.Total > 0 {
		x := &list{reading: v}
		x.p.Page = p.Page
		x.column("reg.name", false, "", "", false)
		x.column("reg.class", false, "", "", false)
		x.column("reg.level", false, "", "", false)
		x.column("reg.division", false, "", "", false)
		for _, q := range got.Items {
			row := x.platformRow(q)
			row.Cells = []Cell{row.Cells[0], row.Cells[1], row.Cells[4]}
			x.row(q.SourceID, row)
		}
		t := RecordTable{ID: "platforms", Title: v.say("reg.its_platforms"), Head: x.p.Head, Rows: x.p.Rows}
		t.Head.Caption, t.Head.Hidden = t.Title, true
		if got.Total > int64(len(got.Items)) {
			t.More = Link{v.say("reg.all_n", errs.A{"n": got.Total}), "/platforms?org=" + o.ID}
		}
		p.Tables = append(p.Tables, t)
	}
	return nil
}

// orgPapers shows the papers of an organisation, of all below it when the
// reader asks for them.
func (v *reading) orgPapers(p *RecordPage, o registry.Org) error {
	below := p.query.Get("below") != ""
	f := registry.PaperFilter{OrgID: o.ID, IncludeChildren: below, Page: registry.Page{Limit: tableSize}}
	got, err := v.s.svc.Registry.Papers(v.ctx, f)
	if err != nil {
		return err
	}
	tree, err := v.s.svc.Registry.RollUp(v.ctx, o.ID, "")
	if err != nil {
		return err
	}
	if got.Total == 0 && (below || len(tree) == 1) {
		return nil
	}
	part := &PapersPart{Count: v.say("reg.papers.count", errs.A{"n": got.Total})}
	if len(tree) > 1 {
		part.Switch = []Tab{
			{Label: v.say("reg.itself"), Href: p.With("below", "") + "#papers", Current: !below},
			{Label: v.say("reg.below_n", errs.A{"n": len(tree) - 1}), Href: p.With("below", "1") + "#papers", Current: below}}
	}
	x := &list{reading: v}
	x.p.Page = p.Page
	for _, c := range []string{"reg.paper_title", "reg.published", "reg.affiliations", "reg.resolved"} {
		x.column(c, c == "reg.affiliations" || c == "reg.resolved", "", "", false)
	}
	for _, q := range got.Items {
		x.row(q.SourceID, x.paperRow(q))
	}
	part.Table = RecordTable{ID: "papers-list", Head: x.p.Head, Rows: x.p.Rows}
	part.Table.Head.Caption, part.Table.Head.Hidden = v.say("reg.papers"), true
	at := url.Values{"org": {o.ID}}
	if below {
		at.Set("below", "1")
	}
	if got.Total > int64(len(got.Items)) {
		part.Table.More = Link{v.say("reg.all_n", errs.A{"n": got.Total}), "/papers?" + at.Encode()}
	}
	years, err := v.s.svc.Registry.PaperYears(v.ctx, f)
	if err != nil {
		return err
	}
	part.Chart = v.paperChart(years, at)
	p.Papers = part
	return nil
}

// paperChart draws papers by year. Years without a paper in the register have
// no bar: the register does not claim to be whole.
func (v *reading) paperChart(years []registry.YearCount, at url.Values) *ChartFigure {
	spec := chart.Spec{Kind: chart.Bar, ID: "papers-by-year", Title: v.say("reg.papers_by_year"), Unit: v.say("reg.unit_papers"), First: v.say("reg.year"),
		Unknown: v.say("web.unknown"), Series: []chart.Series{{}}}
	var first, last int
	for _, y := range years {
		label := strconv.Itoa(y.Year)
		if y.Year == 0 {
			label = v.say("web.unknown")
		} else if last = y.Year; first == 0 {
			first = y.Year
		}
		q := url.Values{"org": at["org"], "below": at["below"], "year": {strconv.Itoa(y.Year)}}
		pt := chart.Point{Label: label, X: float64(y.Year), Known: true, Value: float64(y.Count), Text: i18n.Integer(y.Count)}
		if y.Year > 0 {
			pt.Href = "/papers?" + q.Encode()
		}
		spec.Series[0].Points = append(spec.Series[0].Points, pt)
	}
	if len(spec.Series[0].Points) < 2 {
		return nil
	}
	spec.Desc = v.say("reg.papers_by_year_desc", errs.A{"from": strconv.Itoa(first), "to": strconv.Itoa(last)})
	return &ChartFigure{Spec: spec, CSV: "/papers.csv?" + at.Encode(), Source: v.say("reg.counted_here"), Period: strconv.Itoa(first) + "–" + strconv.Itoa(last), Simulated: v.s.opts.Simulated}
}

// done words what a reader has just done here.
func (v *reading) done(q url.Values) string {
	if key := "reg.done." + q.Get("done"); q.Has("done") && i18n.Has(key) {
		return v.say(key)
	}
	return ""
}
