package web

import (
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// claiming is one request to make a claim for a loan.
type claiming struct {
	*poolReading
	loan   pool.Loan
	values url.Values
	fields []Field
}

// PoolSubmitPage asks for a claim, shows what it would be owed, and only then
// makes it.
type PoolSubmitPage struct {
	CaseActionPage
	Trace *TraceView
	About string
}

func (s *Site) claiming(r *http.Request) (*claiming, error) {
	v, l, err := s.loanOf(r)
	if err != nil {
		return nil, err
	}
	v.unit = unitNamed(v.l, "yuan")
	return &claiming{poolReading: v, loan: l}, nil
}

func (s *Site) poolClaimForm(w http.ResponseWriter, r *http.Request) error {
	c, err := s.claiming(r)
	if err != nil {
		return err
	}
	c.values = url.Values{"day": {cityDay(s.svc.DB.Now())}}
	if c.loan.Outstanding != nil {
		c.values.Set("loss", c.loan.Outstanding.String())
	}
	return c.show(w, r, http.StatusOK, nil, nil)
}

// ask sets the fields.
func (c *claiming) ask() {
	loss := "loss"
	if c.loan.Mode == rules.ByGuarantor {
		loss = "unpaid"
	}
	limits := errs.A{"principal": c.exact(c.loan.Principal)}
	c.fields = []Field{{Name: "loss", Label: c.say("pools.form." + loss), Kind: "text", Value: c.values.Get("loss"), Hint: c.say("pools.form."+loss+"_hint", limits)}}
	if c.loan.Mode == rules.ByGuarantor {
		c.fields = append(c.fields, c.triField("guaranteed", c.values.Get("guaranteed")))
	}
	c.fields = append(c.fields, c.triField("lawsuit", c.values.Get("lawsuit")), Field{Name: "day", Label: c.say("pools.col.claimed_on"), Kind: "date", Value: c.values.Get("day")}, c.sourceField(c.values.Get("source_id")))
	c.fields[len(c.fields)-1].Hint = c.say("pools.form.source_hint")
}

// triField asks a question that may be left unanswered, which is not a no.
func (v *poolReading) triField(name, now string) Field {
	f := Field{Name: name, Label: v.say("pools.form." + name), Kind: "radio", Hint: v.say("pools.form.tri_hint")}
	if now == "" {
		now = "unknown"
	}
	for _, o := range []string{"yes", "no", "unknown"} {
		f.Options = append(f.Options, Option{Value: o, Label: v.poolWord("tri", o), Selected: o == now})
	}
	return f
}

// statement reads the form; what is wrong points to its field.
func (c *claiming) statement() (pool.Statement, errs.List) {
	member := c.loan.BankID
	if c.loan.Mode == rules.ByGuarantor {
		member = c.loan.GuarantorID
	}
	in := pool.Statement{LoanID: c.loan.ID, MemberID: member, Day: c.values.Get("day"), SourceID: c.values.Get("source_id")}
	var faults errs.List
	amount, err := money.Parse(c.values.Get("loss"))
	switch {
	case c.values.Get("loss") == "":
		faults = append(faults, errs.New(errs.Invalid, "pools.form.no_loss").At("/loss"))
	case err != nil || amount <= 0:
		faults = append(faults, errs.New(errs.Invalid, "pools.form.bad_loss", errs.A{"text": clipped(c.values.Get("loss"))}).At("/loss"))
	case c.loan.Mode == rules.ByGuarantor:
		in.Unpaid = &amount
	default:
		in.Loss = &amount
	}
	for name, to := range map[string]*rules.Tri{"lawsuit": &in.Lawsuit, "guaranteed": &in.Guaranteed} {
		if to.UnmarshalText([]byte(c.values.Get(name))) != nil {
			faults = append(faults, errs.New(errs.Invalid, "pools.form.bad_answer").At("/"+name))
		}
	}
	if !isDay(in.Day) {
		faults = append(faults, errs.New(errs.Invalid, "pools.form.bad_day", errs.A{"text": clipped(in.Day)}).At("/day"))
	}
	if _, known := c.sources[in.SourceID]; !known {
		faults = append(faults, errs.New(errs.Invalid, "reg.import.no_source").At("/source_id"))
	}
	return in, faults
}

// show renders the form, or with a claim its answers and what it would be owed.
func (c *claiming) show(w http.ResponseWriter, r *http.Request, status int, would *pool.Claim, faults errs.List) error {
	at := loanPath(c.loan.ID)
	p := PoolSubmitPage{CaseActionPage: CaseActionPage{Page: c.page(r, c.say("pools.make_claim")), Lead: c.say("pools.claim_lead", errs.A{"contract": c.loan.Contract, "borrower": c.loan.Borrower}), Action: at + "/claim", Back: Link{c.say("reg.cancel"), at}, Button: c.say("cases.check")}}
	p.Crumbs = append(p.Crumbs, Link{c.loan.Contract, at})
	p.Answers = []Answer{{Label: c.say("pools.col.principal"), Value: c.exact(c.loan.Principal)}, {Label: c.say("pools.col.status"), Value: c.statusName(c.loan.Status)}}
	c.ask()
	p.Fields = c.fields
	if would != nil {
		p.Check, p.Button, p.Warning = true, c.say("pools.submit"), c.say("pools.submit_warning")
		for _, f := range c.fields {
			p.Answers = append(p.Answers, Answer{Label: f.Label, Value: answerText(c.poolReading, f)})
			p.Hidden = append(p.Hidden, Hidden{f.Name, c.values.Get(f.Name)})
		}
		p.Fields = nil
		var err error
		if p.Trace, err = c.traceOf(would.Trace); err != nil {
			return err
		}
		p.About = c.say("pools.about.asked")
	}
	p.Faults = faulty(c.l, p.Fields, faults)
	return c.s.RenderStatus(w, r, status, "pool_submit", p)
}

func answerText(v *poolReading, f Field) string {
	for _, o := range f.Options {
		if o.Selected {
			return o.Label
		}
	}
	if fen, err := money.Parse(f.Value); err == nil && f.Kind == "text" {
		return v.exact(fen)
	}
	return f.Value
}

func (s *Site) poolSubmit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	c, err := s.claiming(r)
	if err != nil {
		return err
	}
	c.values = url.Values{}
	for _, name := range []string{"loss", "guaranteed", "lawsuit", "day", "source_id"} {
		c.values.Set(name, trim(r.PostForm, name))
	}
	if r.PostForm.Get("step") == "edit" {
		return c.show(w, r, http.StatusOK, nil, nil)
	}
	in, faults := c.statement()
	if len(faults) > 0 {
		return c.show(w, r, statusOf[errs.Invalid], nil, faults)
	}
	by := casework.Actor{User: c.user.ID}
	act := c.pools.Rehearse
	if r.PostForm.Get("step") == "do" {
		act = c.pools.Submit
	}
	claim, err := act(c.ctx, by, in)
	switch errs.KindOf(err) {
	case "":
	case errs.Invalid, errs.Conflict, errs.Precondition:
		return c.show(w, r, statusOf[errs.KindOf(err)], nil, c.worded(listOf(err)))
	default:
		return err
	}
	if r.PostForm.Get("step") == "do" {
		http.Redirect(w, r, poolClaimPath(claim.ID)+"?done=submitted", http.StatusSeeOther)
		return nil
	}
	return c.show(w, r, http.StatusOK, &claim, nil)
}

// worded words the values in refusals as the pages do.
func (v *poolReading) worded(list errs.List) errs.List {
	out := make(errs.List, len(list))
	for i, e := range list {
		c := *e
		c.Args = errs.A{}
		for name, x := range e.Args {
			text, ok := x.(string)
			switch {
			case !ok:
			case name == "status" || name == "from" || name == "to":
				x = v.statusName(text)
			case yuanText.MatchString(text):
				if f, err := money.Parse(text); err == nil {
					x = scaled(f, money.Yuan)
				}
			case name == "mode" || name == "class" || name == "risk":
				x = v.poolWord(name, text)
			}
			c.Args[name] = x
		}
		out[i] = &c
	}
	return out
}

func isDay(s string) bool { return i18n.Day(i18n.ZH, s) != s && len(s) == len("2006-01-02") }
