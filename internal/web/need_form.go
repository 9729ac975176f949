package web

import (
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/transfer"
)

func (needStall) ask(m *fair) []chapter {
	return []chapter{
		{"form-what", m.say("market.form.what"), append(m.titleQuestions(),
			question{name: "kind", label: m.say("market.kind_is"), kind: "select", options: options(m, "need", transfer.NeedKinds, "reg.choose")},
			question{name: "text", label: m.say("market.need_text"), kind: "area", size: 10, hint: m.say("market.hint.need_text")})},
		{"form-owner", m.say("market.form.who"), m.ownerQuestions("market.need_owner")},
		{"form-challenge", m.say("market.form.challenge"), []question{
			{name: "prize", label: m.say("market.prize_wan"), kind: "text", optional: true, hint: m.say("market.hint.prize")},
			{name: "deadline", label: m.say("market.deadline"), kind: "date", optional: true}}},
		{"form-conditions", m.say("market.form.conditions"), m.conditionQuestions()},
		{"form-field", m.say("market.form.field"), m.fieldQuestions()},
	}
}

// conditionQuestions ask what an answer must meet.
func (m *fair) conditionQuestions() []question {
	levels := []Option{{Label: m.say("market.open_condition")}}
	for n := 1; n <= 9; n++ {
		levels = append(levels, Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return []question{
		{name: "budget_min", label: m.say("market.budget_min_wan"), kind: "text", optional: true, hint: m.say("market.hint.wan")},
		{name: "budget_max", label: m.say("market.budget_max_wan"), kind: "text", optional: true},
		{name: "trl_min", label: m.say("market.trl_min"), kind: "select", optional: true, options: levels},
		{name: "trl_scale", label: m.say("market.scale_is"), kind: "select", optional: true, options: options(m, "scale", transfer.Scales, "market.open_condition")},
		m.formsQuestion("market.form_wanted"),
		{name: "wanted_rights", label: m.say("market.rights_wanted"), kind: "check", optional: true, options: []Option{{Value: string(transfer.Granted), Label: m.say("market.must_be_granted")}}},
		{name: "regions", label: m.say("market.regions"), kind: "text", optional: true, hint: m.say("market.hint.regions")},
		{name: "wanted_ipc", label: m.say("market.wanted_ipc"), kind: "text", optional: true},
		{name: "wanted_industry", label: m.say("market.wanted_industry"), kind: "text", optional: true},
		{name: "deliver_by", label: m.say("market.deliver_by"), kind: "date", optional: true}}
}

func (needStall) values(of listed, v formValues) {
	n := of.(*transfer.Need)
	c := &n.Constraints
	v.set("kind", string(n.Kind))
	v.set("text", n.Text)
	v.set("prize", wanText(n.Prize))
	v.set("deadline", n.Deadline)
	v.set("budget_min", wanText(c.BudgetMin))
	v.set("budget_max", wanText(c.BudgetMax))
	if c.TRLMin > 0 {
		v.set("trl_min", strconv.Itoa(c.TRLMin))
	}
	v.set("trl_scale", string(c.TRLScale))
	setAll(v, "forms", c.Forms)
	v.set("wanted_rights", string(c.Rights))
	v.set("regions", strings.Join(c.Regions, ", "))
	v.set("wanted_ipc", strings.Join(c.IPC, ", "))
	v.set("wanted_industry", strings.Join(c.Industry, ", "))
	v.set("deliver_by", c.DeliverBy)
}

func (needStall) answer(a *answers, of listed) listed {
	n := *of.(*transfer.Need)
	a.common(&n.Common)
	n.Kind, n.Text, n.Prize, n.Deadline = transfer.NeedKind(a.text("kind")), a.text("text"), a.wan("prize"), a.text("deadline")
	n.Constraints = transfer.Constraints{BudgetMin: a.wan("budget_min"), BudgetMax: a.wan("budget_max"), TRLMin: a.number("trl_min"), TRLScale: transfer.Scale(a.text("trl_scale")),
		Forms: picked[transfer.Form](a, "forms"), Rights: transfer.RightStatus(a.text("wanted_rights")), Regions: a.several("regions"),
		IPC: a.several("wanted_ipc"), Industry: a.several("wanted_industry"), DeliverBy: a.text("deliver_by")}
	return &n
}

func (needStall) details(m *fair, p *ListingPage, of listed) {
	n := of.(*transfer.Need)
	c := &n.Constraints
	p.Terms = append(p.Terms[:4:4], Term{Label: m.say("market.listed_until"), Text: n.ExpiresOn, Note: noteLeft(m, &n.Common)})
	if lines := passageLines(n.Text); len(lines) > 0 {
		p.Text = []Passage{{Lines: lines, Mark: m.mark(n.SourceID)}}
	}
	if n.Prize != nil {
		p.Left = m.leftTo(n.Deadline)
		left, known := m.daysTo(n.Deadline)
		p.Near = known && left <= soon
	}
	m.wanted(p, c)
	p.Facts = append([]Fact{m.fact("market.kind_is", m.known("need", string(n.Kind)), m.mark(n.SourceID))}, p.Facts...)
	for _, e := range []struct{ day, key string }{{n.Deadline, "market.event.deadline"}, {c.DeliverBy, "market.event.deliver"}} {
		state := "next"
		if e.day < m.today {
			state = "done"
		}
		if e.day != "" && (e.day != n.ExpiresOn || e.key != "market.event.deadline") {
			p.Events = append(p.Events, Event{Day: e.day, Title: m.say(e.key), State: state})
		}
	}
	if n.Deadline != "" && n.Deadline == n.ExpiresOn {
		for i := range p.Events {
			if p.Events[i].Day == n.ExpiresOn {
				p.Events[i].Title = m.say("market.event.deadline")
			}
		}
	}
}

// wanted lists the conditions of a need, and names those that it leaves open.
func (m *fair) wanted(p *ListingPage, c *transfer.Constraints) {
	rights := ""
	if c.Rights == transfer.Granted {
		rights = m.say("market.must_be_granted")
	}
	regions := make([]string, len(c.Regions))
	for i, code := range c.Regions {
		regions[i] = m.placeName(code)
	}
	comma := m.say("market.comma")
	var free []string
	for _, w := range []WantedLine{{m.say("market.budget"), m.amounts(c.BudgetMin, c.BudgetMax)}, {m.say("market.maturity"), m.wantedTRL(c)}, {m.say("market.rights"), rights},
		{m.say("market.form_is"), terms(m, "form", c.Forms)}, {m.say("market.regions"), strings.Join(regions, comma)}, {m.say("market.ipc"), strings.Join(c.IPC, comma)},
		{m.say("market.industry"), strings.Join(c.Industry, comma)}, {m.say("market.deliver_by"), c.DeliverBy}} {
		if w.Text == "" {
			free = append(free, w.Label)
		} else {
			p.Wanted = append(p.Wanted, w)
		}
	}
	if len(free) > 0 {
		p.Free = m.say("market.left_open", errs.A{"what": strings.Join(free, comma)})
	}
}
