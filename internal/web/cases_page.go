package web

import (
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// CasePage is one case: where it stands, what may be done now and by whom, and
// how it came here.
type CasePage struct {
	Page
	Row      CaseRow
	Facts    []Fact
	Actions  []CaseAction
	Recuse   string // address of the form by which the reader keeps out
	Events   []CaseEvent
	Diagram  template.HTML
	Rules    []RuleRow
	Recusals []Event
	Timers   []Event
	Data     *Trace
	Acts     []ActRow // of the ledger, about the same record
	Unit     string
	Units    []Tab
	Chain    BenchVerdict
}

// CaseAction is an action that leads out of the state, and whether the reader
// may do it.
type CaseAction struct {
	Name, To, Roles string
	Href            string // of its form, "" when it may not be done
	Tone, Icon      string
	Word            string
	Why             []string
	DueOn           string
	Late            bool
	Reason          bool
}

// CaseEvent is one line of the history.
type CaseEvent struct {
	Seq, When  string
	Title      string
	From, To   string
	Who, Role  string
	Reason     string
	Verdicts   []CaseVerdict
	Effects    []CaseEffect
	Input      *Trace
	Hash, Last string
	Now        bool
}

// CaseVerdict is what a guard found.
type CaseVerdict struct{ Tone, Icon, Guard, Text string }

// CaseEffect is what an effect did.
type CaseEffect struct {
	Name string
	Log  *Trace
}

// RuleRow is one transition of the kind in words.
type RuleRow struct{ From, Action, To, Roles, NotBy, Deadline, Guards string }

// eventsShown bounds the history on a page.
const eventsShown = 500

// loadCase is a case that the reader may see.
func (v *caseReading) loadCase(id string) (casework.Case, *casework.Kind, error) {
	c, err := casework.Get(v.ctx, v.s.svc.DB, id)
	if err != nil {
		return c, nil, err
	}
	if err := v.open(c.Source); err != nil {
		return c, nil, err
	}
	k, err := v.cases.Registry().Kind(c.Kind, c.KindVersion)
	return c, k, err
}

func (s *Site) casePage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.caseReading(r)
	if err != nil {
		return err
	}
	c, k, err := v.loadCase(r.PathValue("id"))
	if err != nil {
		return err
	}
	row, err := v.caseRow(&c)
	if err != nil {
		return err
	}
	p := CasePage{Page: s.Page(r, v.caseTitle(&c)), Row: row, Facts: v.caseFacts(&c, k), Data: v.trace(c.Data)}
	p.Path, p.Crumbs = casePath(c.ID), []Link{{v.say("cases.title"), "/cases"}}
	if v.q.Get("done") != "" {
		p.Flash = v.say("cases.done", errs.A{"action": k.ActionName("", v.q.Get("done")).In(v.l), "state": row.State})
		if v.q.Get("done") == casework.ActionRecuse {
			p.Flash = v.say("cases.recused")
		}
	}
	if err := p.actions(v, &c, k); err != nil {
		return err
	}
	if err := p.history(v, &c, k); err != nil {
		return err
	}
	if err := p.aside(v, &c, k); err != nil {
		return err
	}
	if err := p.acts(v, &c); err != nil {
		return err
	}
	return s.Render(w, r, "case", p)
}

// acts sets what the ledger recorded about the record of the case.
func (p *CasePage) acts(v *caseReading, c *casework.Case) error {
	if v.s.svc.Ledger == nil || c.Ref == "" {
		return nil
	}
	books := &ledgerReading{reading: v.reading, q: v.q, books: v.s.svc.Ledger, unit: unitNamed(v.l, v.q.Get("unit"))}
	list, err := books.books.ActsOf(v.ctx, v.s.svc.DB, c.Ref, pageSize)
	if err != nil || len(list) == 0 {
		return err
	}
	p.Acts, err = books.actRows(list)
	p.Unit, p.Units = v.say("books.unit."+books.unit.name), books.unitTabs(p.Page)
	return err
}

func (v *caseReading) caseTitle(c *casework.Case) string {
	if c.Ref == "" {
		return v.kindName(c.Kind)
	}
	return v.kindName(c.Kind) + v.say("books.colon") + v.recordLink(c.Ref).Text
}

func (v *caseReading) caseFacts(c *casework.Case, k *casework.Kind) []Fact {
	text := func(key, value, href string) Fact {
		return Fact{Label: v.say(key), Values: []FactValue{{Text: value, Href: href}}}
	}
	ref := v.recordLink(c.Ref)
	out := []Fact{text("cases.id", c.ID, "")}
	if c.Ref != "" {
		out = append(out, text("cases.ref", ref.Text, ref.Href))
	}
	out = append(out, text("cases.kind", v.say("cases.kind_version", errs.A{"kind": k.Name.In(v.l), "version": c.KindVersion}), ""),
		text("cases.opened", i18n.Instant(c.OpenedAt.Time)+" · "+v.reading.actor(c.OpenedBy), ""), text("cases.changed", i18n.Instant(c.ChangedAt.Time), ""))
	if c.Source != "" {
		out = append(out, text("reg.source", v.sources[c.Source].Title.In(v.l), "/sources/"+c.Source))
	}
	return out
}

// actions sets what leads out of the state.
func (p *CasePage) actions(v *caseReading, c *casework.Case, k *casework.Kind) error {
	list, err := v.cases.Actions(v.ctx, v.s.svc.DB, c.ID, v.actor)
	if err != nil {
		return err
	}
	for i := range list {
		a := &list[i]
		row := CaseAction{Name: a.Name.In(v.l), To: v.stateName(k, a.To), DueOn: a.DueOn, Late: a.DueOn != "" && a.DueOn < v.today, Reason: a.Reason, Roles: v.rolesOf(k, c.State, a.Action)}
		for _, why := range a.Why {
			row.Why = append(row.Why, v.caseText(why.Key, why.Args))
		}
		row.Tone, row.Icon, row.Word = outcomeLook(v.reading, a.Outcome)
		if a.Outcome != casework.Refused && v.can(account.Edit) {
			row.Href = casePath(c.ID) + "/actions/" + a.Action
		}
		p.Actions = append(p.Actions, row)
	}
	if !c.Final && v.can(account.Edit) {
		p.Recuse = casePath(c.ID) + "/actions/" + casework.ActionRecuse
	}
	return nil
}

func outcomeLook(v *reading, o casework.Outcome) (tone, icon, word string) {
	switch o {
	case casework.Allowed:
		return "ok", "check", v.say("cases.allowed")
	case casework.Unknown:
		return "apart", "question", v.say("cases.unknown")
	}
	return "care", "lock", v.say("cases.refused")
}

func (v *caseReading) stateName(k *casework.Kind, id string) string {
	if st, ok := k.State(id); ok {
		return st.Name.In(v.l)
	}
	return id
}

func (v *caseReading) rolesOf(k *casework.Kind, state, action string) string {
	t := k.Transition(state, action)
	if t == nil {
		return ""
	}
	var names []string
	for _, role := range t.Roles {
		if role == casework.Clock {
			names = append(names, v.say("cases.clock"))
		} else {
			names = append(names, k.RoleName(role).In(v.l))
		}
	}
	return strings.Join(names, v.say("cases.comma"))
}

// caseText fills a message of the engine or of a room. Users are named, and
// texts that have been through the log are in the reader's language again.
func (v *caseReading) caseText(key string, args errs.A) string {
	if key == "" {
		return ""
	}
	return i18n.T(v.l, key, v.said(args))
}

func (v *caseReading) said(args errs.A) errs.A {
	out := errs.A{}
	for name, x := range args {
		switch t := x.(type) {
		case map[string]any:
			zh, _ := t["zh"].(string) // absent: the other one is shown
			en, _ := t["en"].(string)
			x = i18n.Text{ZH: zh, EN: en}.In(v.l)
		case string:
			if name == "user" {
				x = v.reading.actor(t)
			}
		}
		out[name] = v.ownAction(x)
	}
	return out
}

// ownAction is the reader's word for an action of the engine, which no kind
// names; anything else is left as it is.
func (v *reading) ownAction(x any) any {
	name, ok := x.(string)
	if t, is := x.(i18n.Text); is {
		name, ok = t.ZH, t.ZH == t.EN || t.EN == ""
	}
	switch name {
	case casework.ActionOpen, casework.ActionMigrate, casework.ActionRecuse:
		if ok {
			return v.say("cases.event." + name)
		}
	}
	return x
}

// history sets the timeline.
func (p *CasePage) history(v *caseReading, c *casework.Case, k *casework.Kind) error {
	events, err := casework.Events(v.ctx, v.s.svc.DB, c.ID, max(0, c.Version-eventsShown), eventsShown)
	if err != nil {
		return err
	}
	var passed []string
	for i := range events {
		e := &events[i]
		of := k
		if other, err := v.cases.Registry().Kind(c.Kind, e.KindVersion); err == nil {
			of = other
		}
		passed = append(passed, e.From, e.To)
		row := CaseEvent{Seq: i18n.Integer(e.Seq), When: i18n.Instant(e.At.Time), Title: v.eventTitle(of, e), Who: v.reading.actor(e.Actor), Reason: e.Reason, Hash: e.Hash, Input: v.trace(e.Input), Now: i == len(events)-1}
		if e.From != e.To {
			row.From, row.To = v.stateName(of, e.From), v.stateName(of, e.To)
		}
		if e.Role == casework.Clock {
			row.Who = v.say("cases.clock")
		} else if e.Role != "" {
			row.Role = of.RoleName(e.Role).In(v.l)
		}
		if e.Behalf != "" {
			row.Who = v.say("cases.behalf", errs.A{"who": row.Who, "other": v.reading.actor(e.Behalf)})
		}
		row.Verdicts, row.Effects = v.verdicts(e.Verdicts), v.effects(e.Effects)
		p.Events = append(p.Events, row)
	}
	p.Diagram = template.HTML(casework.Diagram(k, casework.Look{Lang: v.l, Current: c.State, Passed: slices.DeleteFunc(passed, func(s string) bool { return s == "" || s == c.State })})) //nolint:gosec // casework escapes all text
	return nil
}

func (v *caseReading) eventTitle(k *casework.Kind, e *casework.Event) string {
	switch e.Action {
	case casework.ActionOpen, casework.ActionMigrate, casework.ActionRecuse:
		return v.say("cases.event." + e.Action)
	}
	return k.ActionName(e.From, e.Action).In(v.l)
}

// verdicts words what the guards of an event found.
func (v *caseReading) verdicts(raw json.RawMessage) []CaseVerdict {
	var list []casework.Verdict
	if len(raw) == 0 || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []CaseVerdict
	for _, x := range list {
		row := CaseVerdict{Guard: v.ruleWord("guard", x.Guard), Text: v.caseText(x.Key, x.Args)}
		row.Tone, row.Icon, _ = outcomeLook(v.reading, x.Outcome)
		if row.Text == "" {
			row.Text = v.say("cases.verdict." + string(x.Outcome))
		}
		out = append(out, row)
	}
	return out
}

func (v *caseReading) effects(raw json.RawMessage) []CaseEffect {
	var list []struct {
		Effect string          `json:"effect"`
		Log    json.RawMessage `json:"log"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var out []CaseEffect
	for _, x := range list {
		out = append(out, CaseEffect{v.ruleWord("effect", x.Effect), v.trace(x.Log)})
	}
	return out
}

// ruleWord is the reader's word for a guard or an effect, its name where the
// room gives none.
func (v *reading) ruleWord(group, name string) string {
	if key := "cases." + group + "." + name; i18n.Has(key) {
		return v.say(key)
	}
	return name
}

// aside sets rules, clocks, recusals and what the chain says.
func (p *CasePage) aside(v *caseReading, c *casework.Case, k *casework.Kind) error {
	for _, r := range k.Rows() {
		row := RuleRow{r.From.In(v.l), r.Action.In(v.l), r.To.In(v.l), r.Roles.In(v.l), r.NotBy.In(v.l), r.Deadline.In(v.l), ""}
		var guards []string
		for _, g := range r.Guards {
			guards = append(guards, v.ruleWord("guard", g))
		}
		row.Guards = strings.Join(guards, v.say("cases.comma"))
		p.Rules = append(p.Rules, row)
	}
	timers, err := casework.Timers(v.ctx, v.s.svc.DB, c.ID)
	if err != nil {
		return err
	}
	for _, t := range timers {
		e := Event{Day: t.DueOn, Title: k.ActionName(t.State, t.Action).In(v.l), Text: v.say("cases.timer." + t.Status), State: map[string]string{"open": "next", "fired": "done"}[t.Status]}
		if t.Status == "open" && t.DueOn < v.today {
			e.Text, e.State = v.say("cases.late"), "now"
		}
		if e.State == "" {
			e.State = "done"
		}
		p.Timers = append(p.Timers, e)
	}
	recusals, err := casework.Recusals(v.ctx, v.s.svc.DB, c.ID)
	if err != nil {
		return err
	}
	for _, x := range recusals {
		e := Event{Day: cityDay(x.At.Time), Title: v.reading.actor(x.User), Text: x.Reason, State: "done"}
		if x.By != x.User {
			e.Who = v.say("cases.recused_by", errs.A{"who": v.reading.actor(x.By)})
		}
		p.Recusals = append(p.Recusals, e)
	}
	err = casework.Verify(v.ctx, v.s.svc.DB, c.ID)
	switch errs.KindOf(err) {
	case "":
		p.Chain = BenchVerdict{"ok", "check", v.say("cases.chain_ok"), v.say("cases.chain_ok_text", errs.A{"n": c.Version})}
	case errs.Conflict:
		p.Chain = BenchVerdict{"care", "warning", v.say("cases.chain_bad"), i18n.Error(v.l, err)}
	default:
		return err
	}
	return nil
}
