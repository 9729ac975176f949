package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

func (s *Site) triageCase(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	return m.showCase(w, r, http.StatusOK, nil, nil)
}

// showCase renders a disclosure; who has its submitter in clear after a reveal,
// faults what was wrong with a decision.
func (m *fair) showCase(w http.ResponseWriter, r *http.Request, status int, who *transfer.Submitter, faults errs.List) error {
	d, err := m.s.svc.Transfer.Disclosure(m.ctx, m.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	b, err := stallOf(d.Side)
	if err != nil {
		return err
	}
	p := TriageCase{Page: m.s.Page(r, d.Title.In(m.l)), Number: d.Number, State: m.term("disclosure", string(d.Status)), Tone: disclosureTone[d.Status], At: "/triage/" + d.ID, Version: d.Version}
	p.Path = p.At
	p.Crumbs = []Link{{m.say("market.triage"), "/triage"}}
	p.Flash = m.marketDone(r.URL.Query())
	days, _ := m.daysTo(cityDay(d.CreatedAt.Time))
	p.Facts = []Fact{m.fact("market.number", d.Number, nil), m.fact("market.side", m.recordWord(d.Side), nil), m.fact("market.received", i18n.Instant(d.CreatedAt.Time), nil), m.fact("market.age", m.age(-days), nil)}
	x := &submission{fair: m, b: b, of: &d}
	ask := x.questions()
	p.Answers = m.submittedAnswers(ask, d)
	if p.Alike, err = m.duplicates(b, d.Title, d.RecordID); err != nil {
		return err
	}
	p.Versions = m.versions(d)
	p.Contact, p.Revealed = m.submitterFacts(d.Submitter), who != nil
	if who != nil {
		p.Contact = m.submitterFacts(*who)
	}
	if d.RecordID != "" {
		p.Record = Link{m.say("market.record_of"), b.path() + "/" + d.RecordID}
	}
	m.decisions(&p, r.PostForm, d)
	fields := []Field{p.Reveal, p.Return, p.Decline}
	p.Faults = faulty(m.l, fields, faults)
	p.Reveal, p.Return, p.Decline = fields[0], fields[1], fields[2]
	private(w)
	return m.s.RenderStatus(w, r, status, "triage_case", p)
}

// decisions offers what the desk can do, filled with what was written.
func (m *fair) decisions(p *TriageCase, written url.Values, d transfer.Disclosure) {
	p.Open = d.Status == transfer.Received || d.Status == transfer.Returned
	p.Accept = Link{m.say("market.accept"), p.At + "/accept"}
	p.Reveal = Field{Name: "reveal_reason", Label: m.say("market.reveal_reason"), Kind: "text", Value: written.Get("reveal_reason"), Hint: m.say("market.hint.reveal")}
	if d.Status == transfer.Received {
		p.Back = m.reasons("back", returnReasons, written["return_why"])
		p.Return = Field{Name: "return_reason", Label: m.say("market.return_reason"), Kind: "area", Rows: 4, Value: written.Get("return_reason"), Hint: m.say("market.hint.return"), Either: true}
	}
	p.Refuse = m.reasons("refuse", declineReasons, written["decline_why"])
	p.Decline = Field{Name: "decline_reason", Label: m.say("market.decline_reason"), Kind: "area", Rows: 3, Value: written.Get("decline_reason"), Either: true}
}

// returnReasons and declineReasons are the sentences that the desk sends most.
var (
	returnReasons  = []string{"problem", "advantage", "maturity", "rights", "figures", "owner", "contact"}
	declineReasons = []string{"twice", "outside", "no_content", "not_owner"}
)

func (m *fair) reasons(group string, names, chosen []string) []Option {
	var out []Option
	for _, n := range names {
		o := Option{Value: n, Label: m.say("market." + group + "." + n)}
		for _, c := range chosen {
			o.Selected = o.Selected || c == n
		}
		out = append(out, o)
	}
	return out
}

// versions are the steps of a disclosure with what each submission changed.
func (m *fair) versions(d transfer.Disclosure) []VersionLine {
	var out []VersionLine
	var before json.RawMessage
	for i, e := range m.disclosureEvents(d) {
		line := VersionLine{Event: e}
		if b, of := disclosedRecord(d.Side, d.Steps[i].Result, d.Steps[i].Need); of != nil {
			raw, err := json.Marshal(of)
			if err == nil && before != nil {
				line.Rows = m.changed(b, before, raw)
			}
			before = raw
		}
		out = append(out, line)
	}
	return out
}

// reveal shows who submitted, once, after a reason that is logged.
func (s *Site) reveal(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	who, err := s.svc.Transfer.Reveal(m.ctx, m.viewer, m.user.Author(""), r.PathValue("id"), r.PostForm.Get("reveal_reason"))
	if k := errs.KindOf(err); k == errs.Invalid || k == errs.TooLarge {
		return m.showCase(w, r, http.StatusUnprocessableEntity, nil, at(m.faultsOf(err), "reveal_reason"))
	}
	if err != nil {
		return err
	}
	return m.showCase(w, r, http.StatusOK, &who, nil)
}

// at puts errors at one field of a page that has several of the same kind.
func at(list errs.List, field string) errs.List {
	out := make(errs.List, len(list))
	for i, e := range list {
		one := *e
		out[i] = one.At("/" + field)
	}
	return out
}

func (s *Site) giveBack(w http.ResponseWriter, r *http.Request) error {
	return s.decideCase(w, r, "back", "return", returnReasons, (*transfer.Service).Return)
}

func (s *Site) decline(w http.ResponseWriter, r *http.Request) error {
	return s.decideCase(w, r, "refuse", "decline", declineReasons, (*transfer.Service).Decline)
}

// decision gives a disclosure back or declines it.
type decision func(s *transfer.Service, ctx context.Context, v level.Viewer, by change.Author, id string, version int64, reason string) error

// decideCase sends a reason: the sentences that were chosen, and words of one's
// own.
func (s *Site) decideCase(w http.ResponseWriter, r *http.Request, group, act string, names []string, do decision) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	var reasons []string
	for _, n := range names {
		for _, c := range r.PostForm[act+"_why"] {
			if c == n {
				reasons = append(reasons, m.say("market."+group+"."+n))
			}
		}
	}
	if own := trim(r.PostForm, act+"_reason"); own != "" {
		reasons = append(reasons, own)
	}
	err = do(s.svc.Transfer, m.ctx, m.viewer, m.user.Author(""), r.PathValue("id"), number64(r.PostForm.Get("version")), strings.Join(reasons, "\n"))
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/triage/"+r.PathValue("id")+"?done="+act, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.TooLarge:
		return m.showCase(w, r, http.StatusUnprocessableEntity, nil, at(m.faultsOf(err), act+"_reason"))
	case errs.Conflict, errs.Precondition: // somebody else has decided meanwhile
		return m.showCase(w, r, http.StatusConflict, nil, at(m.faultsOf(err), ""))
	}
	return err
}

// acceptForm is the form of the record that a disclosure becomes, filled with
// what was submitted.
func (s *Site) acceptForm(w http.ResponseWriter, r *http.Request) error {
	f, _, err := s.acceptance(r)
	if err != nil {
		return err
	}
	f.values.Set("status", string(transfer.Listed))
	return f.show(w, http.StatusOK)
}

func (s *Site) acceptance(r *http.Request) (*listingForm, transfer.Disclosure, error) {
	m, err := s.fair(r)
	if err != nil {
		return nil, transfer.Disclosure{}, err
	}
	d, err := s.svc.Transfer.Disclosure(m.ctx, m.viewer, r.PathValue("id"))
	if err != nil {
		return nil, d, err
	}
	if d.Status != transfer.Received && d.Status != transfer.Returned {
		return nil, d, errs.New(errs.Conflict, "transfer.triaged", errs.A{"number": d.Number, "status": string(d.Status)})
	}
	b, of := disclosedRecord(d.Side, d.Result, d.Need)
	if of == nil {
		return nil, d, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": d.Number})
	}
	values := m.valuesOf(b, of)
	values.Set("version", i64(d.Version))
	f := m.newForm(r, b, of, values)
	f.desk, f.fresh = d.ID, true
	return f, d, nil
}

// accept makes the record.
func (s *Site) accept(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f, d, err := s.acceptance(r)
	if err != nil {
		return err
	}
	f.values = r.PostForm
	switch {
	case f.values.Has("check"):
		f.p.Checked = true
		if err := f.alike(); err != nil {
			return err
		}
		return f.show(w, http.StatusOK)
	case f.values.Has("more"), f.values.Has("find_owner"):
		return f.show(w, http.StatusOK)
	}
	of, a, err := f.record()
	if err != nil {
		return err
	}
	if asked := commonOf(f.base).Level; commonOf(of).Level.Rank() < asked.Rank() {
		a.fault("level", "market.wider", errs.A{"asked": f.term("level", string(asked))})
	}
	if f.faults = a.faults; len(f.faults) > 0 {
		return f.show(w, http.StatusUnprocessableEntity)
	}
	in := transfer.Acceptance{Status: transfer.Status(a.text("status"))}
	switch of := of.(type) {
	case *transfer.Result:
		in.Result = of
	case *transfer.Need:
		in.Need = of
	}
	id, err := s.svc.Transfer.Accept(f.ctx, f.viewer, f.author(), d.ID, number64(f.values.Get("version")), in)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, f.b.path()+"/"+id+"?done=accepted", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.TooLarge, errs.Conflict, errs.Precondition:
		f.faults = f.faultsOf(err)
		return f.show(w, http.StatusUnprocessableEntity)
	}
	return err
}
