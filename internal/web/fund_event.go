package web

import (
	"encoding/json"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// FundEventPage is one event of a fund with the entries that it made.
type FundEventPage struct {
	Page
	Marked  string
	Gone    string // it was cancelled, by whom
	Acts    []Link
	Facts   []Fact
	Order   []string // that public money paid last, as the ledger has it
	Data    *Trace
	Entries []ActRow
	None    string // why there are no entries
	Unit    string
	Units   []Tab
	History []HistoryEntry
	Sources []SourceNote
}

func (s *Site) fundEvent(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	e, f, err := v.funds.Event(v.ctx, v.viewer, r.PathValue("event"))
	if err != nil {
		return err
	}
	p := FundEventPage{Page: s.Page(r, v.say("funds.event_of", errs.A{"event": v.say("funds.event." + e.Kind), "fund": f.Name.In(v.l)}))}
	p.Path = fundEventPath(e.ID)
	p.Crumbs = []Link{{v.say("funds.finance"), "/finance"}, {v.say("funds.title"), "/funds"}, {f.Name.In(v.l), fundPath(f.ID)}}
	if done := v.q.Get("done"); i18n.Has("funds.done." + done) {
		p.Flash = v.say("funds.done." + done)
	}
	if e.Simulated || f.Simulated {
		p.Marked = v.say("funds.simulated")
	}
	if e.CancelledBy != "" {
		p.Gone = v.say("funds.cancelled", errs.A{"who": v.actor(e.CancelledBy)})
	}
	if err := p.facts(v, &e, &f); err != nil {
		return err
	}
	if err := p.entries(v, &e); err != nil {
		return err
	}
	if err := p.log(v, &e); err != nil {
		return err
	}
	if e.Kind == "call" || e.Kind == "distribution" {
		if e.CancelledBy == "" {
			p.Acts = append(p.Acts, Link{v.say("funds.open_notice"), fundEventPath(e.ID) + "/notice"})
		}
	}
	if v.can(account.Edit) && e.CancelledBy == "" {
		p.Acts = append(p.Acts, Link{v.say("funds.cancel"), fundEventPath(e.ID) + "/cancel"})
	}
	p.Sources = v.notes
	return s.Render(w, r, "fund_event", p)
}

func (p *FundEventPage) facts(v *fundReading, e *fund.Recorded, f *fund.Fund) error {
	mark := v.mark(e.SourceID)
	p.Facts = []Fact{{Label: v.say("funds.col.fund"), Values: []FactValue{{Text: f.Name.In(v.l), Href: fundPath(f.ID)}}}, v.fact("funds.col.event", v.say("funds.event."+e.Kind), mark), v.fact("funds.col.day", i18n.Day(v.l, e.Day), mark)}
	if e.Of != nil {
		if err := v.name(*e.Of); err != nil {
			return err
		}
		l := v.party(*e.Of)
		p.Facts = append(p.Facts, Fact{Label: v.say("funds.col.of"), Values: []FactValue{{Text: l.Text, Href: l.Href, Mark: mark}}})
	}
	amount := ""
	if e.Amount != nil {
		amount = v.exact(*e.Amount)
	}
	p.Facts = append(p.Facts, v.fact("funds.amount", amount, mark))
	if e.Note != "" {
		p.Facts = append(p.Facts, v.fact("funds.col.note", e.Note, mark))
	}
	p.Facts = append(p.Facts, v.fact("funds.col.by", v.actor(e.Actor), nil), v.fact("funds.col.recorded", i18n.Instant(e.At.Time), nil), v.fact("funds.event_key", e.Key, nil))
	return nil
}

// entries are the acts of the ledger about the event, and about its cancelling.
func (p *FundEventPage) entries(v *fundReading, e *fund.Recorded) error {
	p.None = v.say("funds.no_entries")
	if v.s.svc.Ledger == nil {
		return nil
	}
	x := &ledgerReading{reading: v.reading, q: v.q, books: v.s.svc.Ledger, unit: v.unit}
	acts, err := x.books.ActsOf(v.ctx, v.s.svc.DB, "fund_event/"+e.ID, pageSize)
	if err != nil {
		return err
	}
	for _, a := range acts {
		p.order(v, a.Body)
	}
	back, err := x.books.ActsOf(v.ctx, v.s.svc.DB, "fund_event/"+e.ID+":cancel", pageSize)
	if err != nil {
		return err
	}
	if p.Entries, err = x.actRows(append(acts, back...)); err != nil {
		return err
	}
	p.Unit, p.Units = v.say("books.unit."+x.unit.name), x.unitTabs(p.Page)
	return nil
}

// order words the evidence that public money paid last.
func (p *FundEventPage) order(v *fundReading, body json.RawMessage) {
	var proof struct {
		PaysLast *lookthrough.Order `json:"pays_last"`
	}
	if json.Unmarshal(body, &proof) != nil || proof.PaysLast == nil {
		return // the ledger holds evidence of many shapes
	}
	o := proof.PaysLast
	p.Order = []string{v.say("funds.order", errs.A{"paid": v.exact(o.OwnPaid), "committed": v.exact(o.OwnCommitted), "ratio": partOf(o.OwnPaid, o.OwnCommitted)}),
		v.say("funds.order_others", errs.A{"paid": v.exact(o.OthersPaid), "committed": v.exact(o.OthersCommitted), "ratio": partOf(o.OthersPaid, o.OthersCommitted)})}
}

// log is what was asked for, as it was recorded.
func (p *FundEventPage) log(v *fundReading, e *fund.Recorded) error {
	log, err := v.s.svc.Registry.History(v.ctx, "fund_"+e.Kind, e.ID, 0, historySize)
	if err != nil {
		return err
	}
	for _, x := range log {
		if x.After != nil && p.Data == nil {
			p.Data = v.trace(x.After)
		}
		h := v.entry(x)
		h.Rows = nil // laid out above
		h.Kind = ""
		p.History = append(p.History, h)
	}
	return nil
}

// askCancel asks why an event is to be taken back, and says what will happen.
func (s *Site) askCancel(w http.ResponseWriter, r *http.Request) error {
	return s.cancelForm(w, r, http.StatusOK, "", nil)
}

func (s *Site) cancelForm(w http.ResponseWriter, r *http.Request, status int, reason string, faults errs.List) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	e, f, err := v.funds.Event(v.ctx, v.viewer, r.PathValue("event"))
	if err != nil {
		return err
	}
	at := fundEventPath(e.ID)
	event := v.say("funds.event." + e.Kind)
	p := FormPage{Page: s.Page(r, v.say("funds.cancel_of", errs.A{"event": event})), Lead: f.Name.In(v.l), Action: at + "/cancel", Warning: v.say("funds.cancel_warning"), Button: v.say("funds.cancel"), Back: Link{v.say("reg.cancel"), at},
		Fields: []Field{{Name: "reason", Label: v.say("reg.edit.reason"), Kind: "text", Value: reason, Hint: v.say("reg.reason_hint")}}}
	p.Path = p.Action
	p.Crumbs = []Link{{v.say("funds.title"), "/funds"}, {f.Name.In(v.l), fundPath(f.ID)}, {event, at}}
	p.Answers = []Answer{{Label: v.say("funds.col.event"), Value: event}, {Label: v.say("funds.col.day"), Value: e.Day}}
	if e.Of != nil {
		if err := v.name(*e.Of); err != nil {
			return err
		}
		p.Answers = append(p.Answers, Answer{Label: v.say("funds.col.of"), Value: v.party(*e.Of).Text})
	}
	if e.Amount != nil {
		p.Answers = append(p.Answers, Answer{Label: v.say("funds.amount"), Value: v.exact(*e.Amount)})
	}
	p.Faults = faulty(v.l, p.Fields, v.labelled(faults))
	return s.RenderStatus(w, r, status, "form", p)
}

func (s *Site) doCancel(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	reason, id := trim(r.PostForm, "reason"), r.PathValue("event")
	err = v.funds.Cancel(v.ctx, v.viewer, v.user.Author(reason), id)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, fundEventPath(id)+"?done=cancelled", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		return s.cancelForm(w, r, statusOf[errs.KindOf(err)], reason, listOf(err))
	}
	return err
}

// labelled puts the names that the form shows into refusals: of fields, of
// parties, and amounts as they are set on a page.
func (v *fundReading) labelled(list errs.List) errs.List {
	out := make(errs.List, len(list))
	for i, e := range list {
		c := *e
		c.Args = errs.A{}
		for k, x := range e.Args {
			c.Args[k] = v.argument(k, x)
		}
		out[i] = &c
	}
	return out
}

func (v *fundReading) argument(name string, x any) any {
	text, ok := x.(string)
	if !ok {
		return x
	}
	switch name {
	case "field":
		if i18n.Has("funds.f." + text) {
			return v.say("funds.f." + text)
		}
	case "investor":
		for _, names := range []map[string]Link{v.held, v.orgs} {
			if l, ok := names[text]; ok {
				return l.Text
			}
		}
	case "amount", "left", "most", "others_paid", "others_committed", "available":
		if f, err := money.Parse(text); err == nil {
			return scaled(f, money.Yuan)
		}
	}
	return x
}
