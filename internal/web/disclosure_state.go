package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SubmittedPage is what a submitter's link opens: where the disclosure stands.
type SubmittedPage struct {
	Page
	Number  string
	State   string
	Tone    string
	Meaning string
	Link    string // the whole address, to be kept
	Fresh   bool   // it has just been sent
	Reason  string
	Edit    Link
	Record  Link // the record made of it, where everybody may see it
	Events  []Event
	Answers []AnswerGroup
	Masked  []Fact
}

func (s *Site) submitted(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	token := r.PathValue("token")
	d, err := s.svc.Transfer.ByToken(m.ctx, token)
	if err != nil {
		return err
	}
	b, err := stallOf(d.Side)
	if err != nil {
		return err
	}
	p := SubmittedPage{Page: s.Page(r, d.Title.In(m.l)), Number: d.Number, State: m.term("disclosure", string(d.Status)), Meaning: m.say("market.disclosure_means." + string(d.Status)),
		Link: siteAddress(r, "/submitted/"+token), Fresh: r.URL.Query().Get("done") == "sent" && len(d.Steps) == 1, Tone: disclosureTone[d.Status]}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}, {m.say("market.submit"), "/submit"}}
	p.query.Del("done")
	if len(d.Steps) > 1 && r.URL.Query().Get("done") == "sent" {
		p.Flash = m.say("market.done.resent")
	}
	if d.Status == transfer.Returned || d.Status == transfer.Declined {
		p.Reason = d.Reason
	}
	if d.Status == transfer.Returned {
		p.Edit = Link{m.say("market.resubmit_act"), "/submitted/" + token + "/edit"}
	}
	if d.RecordID != "" {
		if _, err := b.load(m, d.RecordID); err == nil {
			p.Record = Link{d.Title.In(m.l), b.path() + "/" + d.RecordID}
		}
	}
	p.Events = m.disclosureEvents(d)
	x := &submission{fair: m, b: b, of: &d}
	p.Answers = m.submittedAnswers(x.questions(), d)
	p.Masked = m.submitterFacts(d.Submitter)
	private(w)
	return s.Render(w, r, "disclosure_state", p)
}

var disclosureTone = map[transfer.DisclosureStatus]string{transfer.Received: "", transfer.Returned: "care", transfer.Accepted: "ok", transfer.Declined: "apart"}

// siteAddress is a path of this site as a whole address.
func siteAddress(r *http.Request, path string) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + path
}

// disclosureEvents are the steps of a disclosure. Readers who do not work at
// the desk are not told who does.
func (m *fair) disclosureEvents(d transfer.Disclosure) []Event {
	var out []Event
	for i, step := range d.Steps {
		e := Event{Day: cityDay(step.At.Time), Title: m.term("step", string(step.Action)), Text: step.Reason, State: "done"}
		if i == len(d.Steps)-1 {
			e.State = "now"
		}
		if step.Actor != "" {
			e.Who = m.actor(step.Actor)
		}
		out = append(out, e)
	}
	return out
}

// submittedAnswers is what was submitted last, by the questions of the form;
// the submitter is left out.
func (m *fair) submittedAnswers(ask []chapter, d transfer.Disclosure) []AnswerGroup {
	b, of := disclosedRecord(d.Side, d.Result, d.Need)
	if of == nil {
		return nil
	}
	return answersOf(ask[:len(ask)-1], m.valuesOf(b, of), m.say)
}

// disclosedRecord is what a disclosure or one step of it holds, nil for
// nothing.
func disclosedRecord(side string, r *transfer.Result, n *transfer.Need) (stall, listed) {
	switch {
	case side == transfer.KindResult && r != nil:
		return resultStall{}, r
	case side == transfer.KindNeed && n != nil:
		return needStall{}, n
	}
	return nil, nil
}

func (m *fair) submitterFacts(who transfer.Submitter) []Fact {
	return []Fact{m.fact("market.submitter_name", who.Name, nil), m.fact("market.email", who.Email, nil), m.fact("market.phone", who.Phone, nil)}
}

// returned begins a request about a disclosure that was given back.
func (s *Site) returned(r *http.Request) (*submission, error) {
	token := r.PathValue("token")
	d, err := s.svc.Transfer.ByToken(r.Context(), token)
	if err != nil {
		return nil, err
	}
	x, err := s.submission(r, d.Side)
	if err != nil {
		return nil, err
	}
	if d.Status != transfer.Returned {
		return nil, errs.New(errs.Conflict, "transfer.not_returned", errs.A{"number": d.Number})
	}
	x.token, x.of = token, &d
	if _, of := disclosedRecord(d.Side, d.Result, d.Need); of != nil {
		x.base = of
	}
	x.ask = x.questions()
	return x, nil
}

func (s *Site) resubmitForm(w http.ResponseWriter, r *http.Request) error {
	x, err := s.returned(r)
	if err != nil {
		return err
	}
	x.values = x.valuesOf(x.b, x.base)
	x.values.Set("version", i64(x.of.Version))
	return x.show(w, http.StatusOK)
}

func (s *Site) resubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	x, err := s.returned(r)
	if err != nil {
		return err
	}
	return x.take(w, func(in transfer.Submission) (string, error) {
		_, err := s.svc.Transfer.Resubmit(x.ctx, origin(r).IP, x.token, number64(x.values.Get("version")), in)
		return x.token, err
	})
}
