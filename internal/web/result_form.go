package web

import (
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/transfer"
)

func (resultStall) ask(m *fair) []chapter {
	return []chapter{
		{"form-what", m.say("market.form.what"), append(m.titleQuestions(), question{name: "type", label: m.say("market.type_is"), kind: "select", options: options(m, "type", transfer.ResultTypes, "reg.choose")})},
		{"form-owner", m.say("market.form.who"), append(m.ownerQuestions("market.owner"), m.teamQuestion())},
		{"form-maturity", m.say("market.form.maturity"), []question{
			{name: "stage", label: m.say("market.stage_is"), kind: "select", optional: true, options: options(m, "stage", transfer.Stages, "web.unknown")}, m.maturityQuestion()}},
		{"form-rights", m.say("market.rights"), []question{m.rightsQuestion()}},
		{"form-terms", m.say("market.form.terms"), append([]question{m.formsQuestion("market.form_is")}, m.priceQuestions()...)},
		{"form-field", m.say("market.form.field"), m.fieldQuestions()},
	}
}

// options are the words for values, after one that chooses none of them.
func options[S ~string](m *fair, group string, values []S, none string) []Option {
	var out []Option
	if none != "" {
		out = append(out, Option{Label: m.say(none)})
	}
	for _, v := range values {
		out = append(out, Option{Value: string(v), Label: m.term(group, string(v))})
	}
	return out
}

func (m *fair) teamQuestion() question {
	return question{name: "team", label: m.say("market.team"), kind: "rows", hint: m.say("market.hint.team"), columns: []question{
		{name: "name", label: m.say("market.member"), kind: "text"}, {name: "role", label: m.say("market.role"), kind: "text"}}}
}

func (m *fair) maturityQuestion() question {
	levels := []Option{{Label: m.say("web.unknown")}}
	for n := 1; n <= 9; n++ {
		levels = append(levels, Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n)})
	}
	return question{name: "maturity", label: m.say("market.maturity"), kind: "rows", hint: m.say("market.hint.maturity"), faults: []string{"on", "trl_scale"}, columns: []question{
		{name: "evidence", label: m.say("market.trl_evidence"), kind: "text"},
		{name: "level", label: m.say("market.trl_level"), kind: "select", options: levels},
		{name: "scale", label: m.say("market.scale_is"), kind: "select", options: options(m, "scale", transfer.Scales, "reg.choose")},
		{name: "edition", label: m.say("market.trl_edition"), kind: "text"},
		{name: "on", label: m.say("market.trl_on"), kind: "text"},
		{name: "assessor", label: m.say("market.assessor"), kind: "text"},
		{name: "planned", label: m.say("market.reached"), kind: "select", options: []Option{{Label: m.say("market.reached.yes")}, {Value: "planned", Label: m.say("market.reached.planned")}}}}}
}

func (m *fair) rightsQuestion() question {
	return question{name: "rights", label: m.say("market.rights"), kind: "rows", hint: m.say("market.hint.rights"), faults: []string{"right_kind", "right_status"}, columns: []question{
		{name: "title", label: m.say("market.right_title"), kind: "text"},
		{name: "kind", label: m.say("market.right_kind"), kind: "select", options: options(m, "right", transfer.RightKinds, "reg.choose")},
		{name: "number", label: m.say("market.right_number"), kind: "text"},
		{name: "status", label: m.say("market.right_status"), kind: "select", options: options(m, "right_status", transfer.RightStatuses, "web.unknown")}}}
}

func (m *fair) formsQuestion(key string) question {
	return question{name: "forms", label: m.say(key), kind: "check", optional: true, options: options(m, "form", transfer.Forms, "")}
}

func (m *fair) priceQuestions() []question {
	return []question{
		{name: "price_min", label: m.say("market.price_min_wan"), kind: "text", optional: true, hint: m.say("market.hint.wan")},
		{name: "price_max", label: m.say("market.price_max_wan"), kind: "text", optional: true},
		{name: "negotiable", label: m.say("market.negotiation"), kind: "check", optional: true, options: []Option{{Value: "yes", Label: m.say("market.negotiable")}}}}
}

func (resultStall) values(of listed, v formValues) {
	r := of.(*transfer.Result)
	v.set("type", string(r.Type))
	v.set("stage", string(r.Stage))
	for i, t := range r.Maturity {
		v.row("maturity", i, "level", strconv.Itoa(t.Level))
		v.row("maturity", i, "scale", string(t.Scale))
		v.row("maturity", i, "edition", t.Edition)
		v.row("maturity", i, "on", t.On)
		v.row("maturity", i, "assessor", t.Assessor)
		v.row("maturity", i, "evidence", t.Evidence)
		if t.Planned {
			v.row("maturity", i, "planned", "planned")
		}
	}
	for i, t := range r.Rights {
		v.row("rights", i, "kind", string(t.Kind))
		v.row("rights", i, "number", t.Number)
		v.row("rights", i, "status", string(t.Status))
		v.row("rights", i, "title", t.Title)
	}
	for i, t := range r.Team {
		v.row("team", i, "name", t.Name)
		v.row("team", i, "role", t.Role)
	}
	setAll(v, "forms", r.Forms)
	v.set("price_min", wanText(r.Price.Min))
	v.set("price_max", wanText(r.Price.Max))
	if r.Price.Negotiable {
		v.set("negotiable", "yes")
	}
}

func (resultStall) answer(a *answers, of listed) listed {
	r := *of.(*transfer.Result)
	a.common(&r.Common)
	r.Type, r.Stage = transfer.ResultType(a.text("type")), transfer.Stage(a.text("stage"))
	r.Forms = picked[transfer.Form](a, "forms")
	r.Price = transfer.Price{Min: a.wan("price_min"), Max: a.wan("price_max"), Negotiable: a.text("negotiable") != ""}
	r.Maturity, r.Rights, r.Team = a.maturity(), a.rights(), a.team(r.Team)
	return &r
}

func (a *answers) maturity() []transfer.TRL {
	var out []transfer.TRL
	for _, row := range a.rows("maturity", "level", "scale", "edition", "on", "assessor", "evidence", "planned") {
		level, _ := strconv.Atoi(row["level"]) // none is no level, which the room faults
		assessor := row["assessor"]
		if slices.Contains([]string{"自评", "本人", "持有人自评"}, assessor) {
			assessor = "self"
		}
		out = append(out, transfer.TRL{Level: level, Scale: transfer.Scale(row["scale"]), Edition: row["edition"], On: row["on"], Assessor: assessor, Evidence: row["evidence"], Planned: row["planned"] != ""})
	}
	return out
}

func (a *answers) rights() []transfer.Right {
	var out []transfer.Right
	for _, row := range a.rows("rights", "kind", "number", "status", "title") {
		out = append(out, transfer.Right{Kind: transfer.RightKind(row["kind"]), Number: row["number"], Status: transfer.RightStatus(row["status"]), Title: row["title"]})
	}
	return out
}

// team reads the members; one whose name was there before keeps its person.
func (a *answers) team(before []transfer.Member) []transfer.Member {
	var out []transfer.Member
	for _, row := range a.rows("team", "name", "role") {
		one := transfer.Member{Name: row["name"], Role: row["role"]}
		if i := slices.IndexFunc(before, func(o transfer.Member) bool { return o.Name == one.Name }); i >= 0 {
			one.PersonID = before[i].PersonID
		}
		out = append(out, one)
	}
	return out
}

func (resultStall) details(m *fair, p *ListingPage, of listed) {
	r := of.(*transfer.Result)
	p.Terms = append(p.Terms[:4:4], Term{Label: m.say("market.listed_until"), Text: r.ExpiresOn, Note: noteLeft(m, &r.Common)})
	mark := m.mark(r.SourceID)
	p.Facts = append([]Fact{m.fact("market.type_is", m.known("type", string(r.Type)), mark), m.fact("market.stage_is", m.known("stage", string(r.Stage)), mark),
		m.fact("market.form_is", terms(m, "form", r.Forms), mark), m.fact("market.price", m.price(r.Price), mark)}, p.Facts...)
	now := transfer.Current(r.Maturity)
	var undated Fact
	for i := range r.Maturity {
		t := &r.Maturity[i]
		if t.On == "" {
			undated.Label = m.say("market.maturity_undated")
			undated.Values = append(undated.Values, FactValue{Text: m.trl(t), Note: m.assessor(t.Assessor) + " · " + t.Evidence})
			continue
		}
		e := Event{Day: t.On, Title: m.trl(t), Text: m.say("market.evidence_is", errs.A{"text": t.Evidence}), Who: m.assessor(t.Assessor), State: "done"}
		switch {
		case t.Planned:
			e.State = "next"
		case t == now:
			e.State = "now"
		}
		p.Events = append(p.Events, e)
	}
	if len(undated.Values) > 0 {
		p.Facts = append(p.Facts, undated)
	}
	for _, x := range r.Rights {
		p.Rights = append(p.Rights, RightLine{Kind: m.term("right", string(x.Kind)), Number: x.Number, Status: m.known("right_status", string(x.Status)), Title: x.Title, Granted: x.Status == transfer.Granted})
	}
	for _, x := range r.Team {
		p.Team = append(p.Team, TeamLine{Name: x.Name, Href: refPath("person", x.PersonID), Role: x.Role})
	}
}

// known is the word for a value, "" for one that is not known.
func (m *fair) known(group, value string) string {
	if value == "" {
		return ""
	}
	return m.term(group, value)
}

func noteLeft(m *fair, c *transfer.Common) string {
	if !m.live(c) {
		return ""
	}
	return m.leftTo(c.ExpiresOn)
}
