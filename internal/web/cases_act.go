package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// CaseActionPage asks for what an action needs, shows it to be checked, and
// only then does it.
type CaseActionPage struct {
	Page
	Lead    string
	Action  string
	Faults  []FieldError
	Answers []Answer
	Warning string
	Hidden  []Hidden
	Fields  []Field // asked; empty when the answers are to be checked
	Button  string
	Back    Link
	Check   bool // the second step
}

// maxCaseReason is how long a reason may be, in characters.
const maxCaseReason = 1000

// deed is one request for an action of a case.
type deed struct {
	*caseReading
	c      casework.Case
	k      *casework.Kind
	t      *casework.Transition // nil for a recusal
	action string
	values url.Values
	asks   []casework.Question
	known  bool // the room says what the action asks; otherwise its body is asked for
}

func (s *Site) deed(r *http.Request) (*deed, error) {
	v, err := s.caseReading(r)
	if err != nil {
		return nil, err
	}
	d := &deed{caseReading: v, action: r.PathValue("action")}
	if d.c, d.k, err = v.loadCase(r.PathValue("id")); err != nil {
		return nil, err
	}
	d.t = d.k.Transition(d.c.State, d.action)
	if d.t == nil && d.action != casework.ActionRecuse && !d.everKnown() {
		return nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	if d.t != nil {
		d.asks, d.known, err = v.cases.Registry().Questions(v.ctx, s.svc.DB, d.c, d.action)
	}
	return d, err
}

// everKnown reports whether the kind has the action at all: a case that has
// moved on answers otherwise than an address that never was.
func (d *deed) everKnown() bool {
	for _, t := range d.k.Transitions {
		if t.Action == d.action {
			return true
		}
	}
	return false
}

func (d *deed) name() string {
	if d.action == casework.ActionRecuse {
		return d.say("cases.recuse")
	}
	return d.k.ActionName(d.c.State, d.action).In(d.l)
}

func (s *Site) askCase(w http.ResponseWriter, r *http.Request) error {
	d, err := s.deed(r)
	if err != nil {
		return err
	}
	d.values = url.Values{"version": {i64(d.c.Version)}, "key": {db.NewID("do")}}
	if d.t == nil && d.action != casework.ActionRecuse {
		return d.moved(w, r)
	}
	return d.show(w, r, http.StatusOK, false, nil)
}

// moved answers that the case does not stand any more where the action is done.
func (d *deed) moved(w http.ResponseWriter, r *http.Request) error {
	return d.show(w, r, statusOf[errs.Precondition], false, errs.List{errs.New(errs.Precondition, "cases.moved", errs.A{"state": d.stateName(d.k, d.c.State)})})
}

// show renders the form, or with check its answers to be checked.
func (d *deed) show(w http.ResponseWriter, r *http.Request, status int, check bool, faults errs.List) error {
	at := casePath(d.c.ID)
	p := CaseActionPage{Page: d.s.Page(r, d.name()), Lead: d.caseTitle(&d.c), Action: at + "/actions/" + url.PathEscape(d.action), Check: check, Back: Link{d.say("reg.cancel"), at}}
	p.Path, p.Crumbs = p.Action, []Link{{d.say("cases.title"), "/cases"}, {d.caseTitle(&d.c), at}}
	p.Answers = []Answer{{Label: d.say("cases.state_now"), Value: d.stateName(d.k, d.c.State)}}
	if d.t != nil {
		to := d.t.To
		if to == casework.Stay {
			to = d.c.State
		}
		p.Answers = append(p.Answers, Answer{Label: d.say("cases.state_after"), Value: d.stateName(d.k, to)}, Answer{Label: d.say("cases.roles"), Value: d.rolesOf(d.k, d.c.State, d.action)})
		var effects []string
		for _, e := range d.t.Effects {
			effects = append(effects, d.ruleWord("effect", e))
		}
		if len(effects) > 0 {
			p.Answers = append(p.Answers, Answer{Label: d.say("cases.effects"), Value: strings.Join(effects, d.say("cases.comma"))})
		}
		if st, ok := d.k.State(to); ok && st.Final {
			p.Warning = d.say("cases.final_warning", errs.A{"state": st.Name.In(d.l)})
		}
	} else if d.action == casework.ActionRecuse {
		p.Warning = d.say("cases.recuse_warning")
	}
	p.Hidden = []Hidden{{"version", d.values.Get("version")}, {"key", d.values.Get("key")}}
	p.Fields = d.questions()
	p.Button = d.say("cases.check")
	if check {
		for _, f := range p.Fields {
			if f.Value != "" {
				p.Answers = append(p.Answers, Answer{Label: f.Label, Value: d.shown(f)})
			}
			p.Hidden = append(p.Hidden, Hidden{f.Name, f.Value})
		}
		p.Fields, p.Button = nil, d.say("cases.confirm", errs.A{"action": d.name()})
	}
	p.Faults = faulty(d.l, p.Fields, faults)
	return d.s.RenderStatus(w, r, status, "case_action", p)
}

// questions are what the action asks for: a reason, and what its room asks; where
// that says nothing and guards or effects may read one, a body.
func (d *deed) questions() []Field {
	needed := d.action == casework.ActionRecuse || d.t != nil && d.t.Reason
	out := make([]Field, 0, len(d.asks)+1)
	for i := range d.asks {
		out = append(out, d.field(&d.asks[i]))
	}
	if d.t != nil && !d.known && len(d.t.Guards)+len(d.t.Effects) > 0 {
		out = append(out, Field{Name: "body", Label: d.say("cases.body"), Kind: "area", Rows: 3, Value: d.values.Get("body"), Optional: true, Hint: d.say("cases.body_hint")})
	}
	return append(out, Field{Name: "reason", Label: d.say("cases.reason"), Kind: "area", Rows: 3, Value: d.values.Get("reason"), Optional: !needed, Hint: d.say("cases.reason_hint")})
}

// field is a question of a room as a field of the form.
func (d *deed) field(q *casework.Question) Field {
	f := Field{Name: q.Name, Label: q.Label.In(d.l), Hint: q.Hint.In(d.l), Kind: "text", Value: q.Default, Optional: q.Optional}
	if d.values.Has(q.Name) {
		f.Value = d.values.Get(q.Name)
	}
	switch q.Answer {
	case casework.InLines:
		f.Kind, f.Rows = "area", 3
	case casework.OnDay:
		f.Kind = "date"
	case casework.InChoice:
		f.Kind, f.Options = "select", []Option{{Label: d.say("reg.choose")}}
		for _, c := range q.Choices {
			f.Options = append(f.Options, Option{Value: c.ID, Label: c.Name.In(d.l), Selected: c.ID == f.Value})
		}
	}
	return f
}

// shown is an answer as it is checked: an amount to the fen, a choice in words.
func (d *deed) shown(f Field) string {
	for i := range d.asks {
		if d.asks[i].Name != f.Name || d.asks[i].Answer != casework.InMoney {
			continue
		}
		if fen, err := money.Parse(f.Value); err == nil {
			return d.exact(fen)
		}
	}
	for _, o := range f.Options {
		if o.Selected {
			return o.Label
		}
	}
	return f.Value
}

// body is what guards and effects are told.
func (d *deed) body() (json.RawMessage, error) {
	if d.known {
		return casework.Body(d.asks, d.values.Get)
	}
	if b := d.values.Get("body"); b != "" {
		return json.RawMessage(b), nil
	}
	return nil, nil
}

// faults are what can be said of the answers before anything is done.
func (d *deed) faults() errs.List {
	var out errs.List
	reason := d.values.Get("reason")
	if reason == "" && (d.action == casework.ActionRecuse || d.t != nil && d.t.Reason) {
		out = append(out, errs.New(errs.Invalid, "errs.required", errs.A{"field": d.say("cases.reason")}).At("/reason"))
	}
	if utf8.RuneCountInString(reason) > maxCaseReason {
		out = append(out, errs.New(errs.Invalid, "cases.reason_long", errs.A{"limit": maxCaseReason}).At("/reason"))
	}
	if b := d.values.Get("body"); b != "" && !json.Valid([]byte(b)) {
		out = append(out, errs.New(errs.Invalid, "cases.body_invalid").At("/body"))
	}
	if d.known {
		if _, err := d.body(); err != nil {
			out = append(out, listOf(err)...)
		}
	}
	return out
}

// doCase takes one step of the form: check the answers, change them, do it.
func (s *Site) doCase(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	d, err := s.deed(r)
	if err != nil {
		return err
	}
	d.values = url.Values{"reason": {trim(r.PostForm, "reason")}, "body": {trim(r.PostForm, "body")}, "version": {r.PostForm.Get("version")}, "key": {r.PostForm.Get("key")}}
	for i := range d.asks {
		d.values.Set(d.asks[i].Name, trim(r.PostForm, d.asks[i].Name))
	}
	step := r.PostForm.Get("step")
	if step == "edit" {
		return d.show(w, r, http.StatusOK, false, nil)
	}
	if faults := d.faults(); len(faults) > 0 {
		return d.show(w, r, statusOf[errs.Invalid], false, faults)
	}
	if step != "do" {
		if d.t == nil && d.action != casework.ActionRecuse {
			return d.moved(w, r)
		}
		return d.show(w, r, http.StatusOK, true, nil)
	}
	err = d.do()
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, casePath(d.c.ID)+"?done="+url.QueryEscape(d.action), http.StatusSeeOther)
		return nil
	case errs.Precondition: // nothing was done; what is shown now is what there is
		d.values.Set("version", i64(d.c.Version))
		d.values.Set("key", db.NewID("do"))
		stale := errs.New(errs.Precondition, "cases.stale", errs.A{"state": d.stateName(d.k, d.c.State)})
		return d.show(w, r, statusOf[errs.Precondition], false, errs.List{stale})
	case errs.Invalid, errs.Conflict, errs.Forbidden:
		return d.show(w, r, statusOf[errs.KindOf(err)], false, d.named(listOf(err)))
	}
	return err
}

func (d *deed) do() error {
	reason := d.values.Get("reason")
	if d.action == casework.ActionRecuse {
		_, err := d.cases.Recuse(d.ctx, d.actor, d.c.ID, d.actor.User, reason)
		return err
	}
	body, err := d.body()
	if err != nil {
		return err
	}
	in := casework.Input{Key: d.values.Get("key"), Reason: reason, Body: body}
	_, err = d.cases.Do(d.ctx, d.actor, d.c.ID, number64(d.values.Get("version")), d.action, in)
	return err
}

// named words the arguments of refusals as the page of the case does.
func (d *deed) named(list errs.List) errs.List {
	out := make(errs.List, len(list))
	for i, e := range list {
		c := *e
		c.Args = d.said(e.Args)
		out[i] = &c
	}
	return out
}
