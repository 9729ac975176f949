package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
)

// capitalRecord is the page of one record.
func (s *Site) capitalRecord(w http.ResponseWriter, r *http.Request, h shelf) error {
	v, err := s.capitalReading(r)
	if err != nil {
		return err
	}
	x, err := h.one(v, r.PathValue("id"))
	if err != nil {
		return err
	}
	c := x.common
	company := v.party(&c.Company)
	p := RecordPage{Page: s.Page(r, company.Text+" · "+h.title(v, x))}
	p.Crumbs = []Link{{v.say("capital.title"), "/capital"}, {v.say("capital." + h.key()), h.path()}}
	p.Also = []string{v.say("capital.kind." + h.kind()), v.say("capital.level_is", errs.A{"level": v.say("market.level." + string(c.Level))})}
	p.Flash = v.done(p.query)
	if key := "capital.done." + p.query.Get("done"); p.query.Has("done") && i18n.Has(key) {
		p.Flash = v.say(key)
	}
	if c.Simulated {
		p.Unverified = v.say("market.simulated")
	}
	mark := v.mark(c.SourceID)
	p.Facts = append([]Fact{v.companyFact(c, mark), v.fact("capital.day."+h.kind(), i18n.Day(v.l, c.On), mark)}, h.facts(v, x)...)
	if f, ok := v.evidence(c.Evidence); ok {
		p.Facts = append(p.Facts, f)
	}
	if c.Note != "" {
		p.Facts = append(p.Facts, v.fact("capital.note_of", c.Note, nil))
	}
	p.Facts = append(p.Facts, Fact{Label: v.say("reg.source"), Values: []FactValue{{Text: v.sourceName(c.SourceID), Href: "/sources/" + c.SourceID, Mark: mark}}})
	v.capitalEvents(&p, h, x)
	v.capitalTables(&p, x)
	if err := v.capitalActs(&p, h, x); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "record", p)
}

func (v *reading) sourceName(id string) string {
	if x, ok := v.sources[id]; ok {
		return x.Title.In(v.l)
	}
	return id
}

// companyFact leads to the company and to all that is known of its money.
func (v *capitalReading) companyFact(c *capital.Common, mark *SourceMark) Fact {
	f := v.partyFact("capital.company", &c.Company, mark)
	switch {
	case c.Company.Org != nil && c.Company.Org.Kind != "":
		f.Values = append(f.Values, FactValue{Text: v.say("capital.its_money"), Href: "/organisations/" + c.Company.Org.ID + "/money"})
	case c.Company.Key != "":
		f.Values = append(f.Values, FactValue{Text: v.say("capital.not_registered"), Note: c.Company.Key})
	default:
		f.Values = append(f.Values, FactValue{Text: v.say("capital.not_registered")})
	}
	return f
}

// capitalEvents is the timeline beside the facts: the way of a listing, and for
// other records their days.
func (v *capitalReading) capitalEvents(p *RecordPage, h shelf, x capitalItem) {
	switch row := x.row.(type) {
	case *capital.Listing:
		course := row.Course()
		for i, st := range course {
			e := Event{Day: st.On, Title: v.capitalWord("state", string(st.State)), Text: st.Evidence, State: "done"}
			if i == len(course)-1 {
				e.State = "now"
			}
			switch st.State {
			case capital.Withdrawn, capital.Terminated, capital.Rejected, capital.Delisted:
				e.State = "failed"
			}
			p.Events = append(p.Events, e)
		}
		if gaps := capital.Unknown(course); len(gaps) > 0 {
			p.Note = v.say("capital.step_unknown", errs.A{"states": v.join(gaps)})
		}
		return
	case *capital.Guarantee:
		p.event(row.On, v.say("capital.event.from"))
		p.event(row.Until, v.say("capital.event.until"))
	default:
		p.event(x.common.On, h.title(v, x))
	}
}

func (v *capitalReading) join(states []capital.ListingState) string {
	out := ""
	for i, st := range states {
		if i > 0 {
			out += v.say("cases.comma")
		}
		out += v.capitalWord("state", string(st))
	}
	return out
}

// capitalTables are the investors of a round with their parts, and the steps of
// a listing as they were recorded.
func (v *capitalReading) capitalTables(p *RecordPage, x capitalItem) {
	table := func(id, title string, columns ...string) RecordTable {
		t := RecordTable{ID: id, Title: v.say(title)}
		t.Head = TableHead{Caption: t.Title, Hidden: true}
		for _, key := range columns {
			t.Head.Columns = append(t.Head.Columns, Column{Label: v.say(key), Numeric: key == "capital.its_part"})
		}
		return t
	}
	add := func(t *RecordTable, row RegisterRow) {
		for i := range row.Cells {
			row.Cells[i].Label, row.Cells[i].Numeric = t.Head.Columns[i+1].Label, t.Head.Columns[i+1].Numeric
		}
		t.Rows = append(t.Rows, row)
	}
	switch row := x.row.(type) {
	case *capital.Round:
		if len(row.Investors) == 0 {
			return
		}
		t := table("investors", "capital.investors", "capital.investor", "capital.lead", "capital.its_part", "capital.its_other")
		for i := range row.Investors {
			n := &row.Investors[i]
			l := v.party(&n.Party)
			lead := v.say("capital.lead_no")
			if n.Lead {
				lead = v.say("capital.lead_yes")
			}
			others := Cell{Text: v.say("capital.by_name"), Href: "/rounds?" + url.Values{"party": {l.Text}}.Encode()}
			if n.Org != nil && n.Org.ID != "" {
				others = Cell{Text: v.say("capital.by_org"), Href: "/rounds?" + url.Values{"with": {n.Org.ID}}.Encode()}
			}
			add(&t, RegisterRow{Href: cmpOr(l.Href, others.Href), Name: l.Text, Cells: []Cell{{Text: lead}, {Text: v.fullAmount(n.Amount)}, others}})
		}
		p.Tables = append(p.Tables, t)
	case *capital.Listing:
		t := table("steps", "capital.steps", "capital.position", "capital.step", "capital.day_of", "reg.evidence_note", "reg.source", "capital.correction", "capital.act")
		standing := map[int]bool{}
		for _, st := range row.Course() {
			standing[st.Position] = true
		}
		for i := range row.Steps {
			add(&t, v.stepRow(row, &row.Steps[i], standing))
		}
		p.Tables = append(p.Tables, t)
	}
}

// stepRow is one step as it was recorded. Those that no longer hold stay.
func (v *capitalReading) stepRow(l *capital.Listing, st *capital.Step, standing map[int]bool) RegisterRow {
	at := "/listings/" + url.PathEscape(l.ID) + "/step?corrects=" + strconv.Itoa(st.Position)
	name := "—"
	if st.State != "" {
		name = v.capitalWord("state", string(st.State))
	}
	correction := "—"
	if st.Corrects > 0 {
		key := "capital.corrects_n"
		if st.State == "" {
			key = "capital.takes_back_n"
		}
		correction = v.say(key, errs.A{"n": st.Corrects, "reason": st.Reason})
	}
	act := Cell{Text: "—"}
	if st.Corrects == 0 && standing[st.Position] && v.can(account.Edit) {
		act = Cell{Text: v.say("capital.correct"), Href: at}
	}
	from := cmpOr(st.SourceID, l.SourceID)
	return RegisterRow{Href: "/sources/" + from, Name: strconv.Itoa(st.Position),
		Cells: []Cell{{Text: name}, {Text: st.On}, {Text: cmpOr(st.Evidence, "—")}, {Text: v.sourceName(from), Href: "/sources/" + from}, {Text: correction}, act}}
}

// capitalActs are what an editor may do, and what has been done. Older states of
// a record may say more than its readers may know now: the staff alone sees them.
func (v *capitalReading) capitalActs(p *RecordPage, h shelf, x capitalItem) error {
	if !v.can(account.Edit) {
		return nil
	}
	at := h.path() + "/" + url.PathEscape(x.common.ID)
	p.Acts = []Link{{v.say("reg.edit"), at + "/edit"}}
	if h.kind() == capital.KindListing {
		p.Acts = append([]Link{{v.say("capital.add_step"), at + "/step"}}, p.Acts...)
	}
	var err error
	p.History, p.Older, err = v.history(p.Page, h.kind(), x.common.ID)
	return err
}

// capitalRows are the changed fields of an entry of the change log, by the
// questions of the record's form.
func (v *reading) capitalRows(h shelf, e change.Entry) []DiffRow {
	c := &capitalReading{reading: v, viewer: account.ViewerOf(v.user)}
	was, before := h.decode(e.Before)
	now, after := h.decode(e.After)
	if !before && !after {
		return diffRows(v.l, e.Before, e.After)
	}
	a, b := url.Values{}, url.Values{}
	if before {
		a = c.valuesOf(h, was)
	}
	if after {
		b = c.valuesOf(h, now)
	}
	comma := v.say("market.comma")
	var out []DiffRow
	for _, ch := range c.chapters(h, h.blank()) {
		for i := range ch.questions {
			q := &ch.questions[i]
			d := DiffRow{Field: q.label, Before: q.text(a, comma), After: q.text(b, comma), Kind: "changed"}
			switch {
			case d.Before == d.After || q.name == "reason":
				continue
			case d.Before == "":
				d.Kind = "added"
			case d.After == "":
				d.Kind = "removed"
			}
			out = append(out, d)
		}
	}
	return out
}

// openCapital leaves out of the change log the records of the registers that the
// reader may not see.
func (v *reading) openCapital(got []change.Entry) ([]change.Entry, error) {
	if v.s.svc.Capital == nil {
		return got, nil
	}
	c, err := v.capital(url.Values{})
	if err != nil {
		return nil, err
	}
	seen := map[string]map[string]bool{}
	for _, h := range shelves {
		var ids []string
		for _, e := range got {
			if e.Kind == h.kind() {
				ids = append(ids, e.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if seen[h.kind()], err = h.visible(c, ids); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(got), func(e change.Entry) bool { return shelfFor(e.Kind) != nil && !seen[e.Kind][e.ID] }), nil
}
