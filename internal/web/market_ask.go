package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// titleQuestions ask what a record is called and what it is good for.
func (m *fair) titleQuestions() []question {
	return []question{
		{name: "title_zh", label: m.say("market.title_zh"), kind: "text", hint: m.say("market.hint.title"), faults: []string{"title"}},
		{name: "title_en", label: m.say("market.title_en"), kind: "text", optional: true},
		{name: "summary_zh", label: m.say("market.summary_zh"), kind: "area", optional: true, hint: m.say("market.hint.summary"), faults: []string{"summary"}},
		{name: "summary_en", label: m.say("market.summary_en"), kind: "area", optional: true},
	}
}

// ownerQuestions ask whose it is: the name as written, which a button looks up
// in the register.
func (m *fair) ownerQuestions(key string) []question {
	return []question{
		{name: "owner_text", label: m.say(key), kind: "text", optional: true, hint: m.say("market.hint.owner"), find: "find_owner"},
		m.districtQuestion(),
	}
}

func (m *fair) districtQuestion() question {
	q := question{name: "division", label: m.say("market.district"), kind: "text", optional: true, hint: m.say("market.hint.division")}
	if t := m.s.svc.TileMap; t != nil {
		q.kind, q.hint, q.options = "select", "", []Option{{Label: m.say("web.unknown")}, {Value: t.Division, Label: m.division(t.Division)}}
		var codes []string
		for code := range t.Tiles {
			codes = append(codes, code)
		}
		slices.Sort(codes)
		for _, code := range codes {
			q.options = append(q.options, Option{Value: code, Label: t.Tiles[code].In(m.l)})
		}
	}
	return q
}

func (m *fair) fieldQuestions() []question {
	return []question{
		{name: "keywords", label: m.say("market.keywords"), kind: "text", optional: true, hint: m.say("market.hint.several")},
		{name: "ipc", label: m.say("market.ipc"), kind: "text", optional: true, hint: m.say("market.hint.ipc")},
		{name: "ipc_edition", label: m.say("market.ipc_edition"), kind: "text", optional: true, hint: m.say("market.hint.ipc_edition")},
		{name: "industry", label: m.say("market.industry"), kind: "text", optional: true, hint: m.say("market.hint.industry")},
	}
}

// openQuestions ask how far a record is published, until when, and where it
// comes from. fresh adds what is asked of a new record only.
func (m *fair) openQuestions(fresh, sourced bool) []question {
	levels := options(m, "level", level.Levels, "")
	for i := range levels {
		levels[i].Hint = m.say("market.level_means." + levels[i].Value)
	}
	out := []question{{name: "level", label: m.say("market.level"), kind: "radio", options: levels},
		{name: "readers", label: m.say("market.readers"), kind: "text", optional: true, hint: m.say("market.hint.readers")}}
	if fresh {
		out = append(out, question{name: "status", label: m.say("market.status_is"), kind: "radio", options: []Option{
			{Value: string(transfer.Listed), Label: m.term("status", string(transfer.Listed)), Hint: m.say("market.hint.list_now")},
			{Value: string(transfer.Draft), Label: m.term("status", string(transfer.Draft)), Hint: m.say("market.hint.keep_draft")}}})
	}
	out = append(out, question{name: "expires_on", label: m.say("market.listed_until"), kind: "date", optional: true, hint: m.say("market.hint.expires")})
	if sourced {
		out = append(out, question{name: "source_id", label: m.say("reg.source"), kind: "select", hint: m.say("reg.edit.source_hint"), options: m.sourceField("").Options})
	}
	return append(out, question{name: "evidence", label: m.say("reg.evidence_note"), kind: "text", optional: true, hint: m.say("reg.edit.evidence_hint")},
		question{name: "note_zh", label: m.say("market.note_zh"), kind: "area", size: 2, optional: true, faults: []string{"note"}},
		question{name: "note_en", label: m.say("market.note_en"), kind: "area", size: 2, optional: true},
		question{name: "reason", label: m.say("reg.edit.reason"), kind: "text", optional: true, hint: m.say("reg.reason_hint")})
}

// valuesOf is a record as what stands in its form.
func (m *fair) valuesOf(b stall, of listed) url.Values {
	out := url.Values{}
	v, c := formValues(out), commonOf(of)
	v.both("title", c.Title)
	v.both("summary", c.Summary)
	v.both("note", c.Note)
	v.set("owner_id", c.OwnerID)
	v.set("owner_text", c.OwnerText)
	v.set("division", c.Division)
	v.set("keywords", strings.Join(c.Fields.Keywords, "，"))
	v.set("ipc", strings.Join(c.Fields.IPC, ", "))
	v.set("ipc_edition", c.Fields.IPCEdition)
	v.set("industry", strings.Join(c.Fields.Industry, ", "))
	v.set("level", string(c.Level))
	v.set("readers", strings.Join(m.userNames(c.Readers), ", "))
	v.set("expires_on", c.ExpiresOn)
	v.set("source_id", c.SourceID)
	v.set("evidence", c.Evidence)
	b.values(of, v)
	return out
}

// common reads what all kinds have. Who may read a record is put in by its
// caller, who knows the users.
func (a *answers) common(c *transfer.Common) {
	c.Title, c.Summary, c.Note = a.both("title"), a.both("summary"), a.both("note")
	c.OwnerID, c.OwnerText, c.Division = a.text("owner_id"), a.text("owner_text"), a.text("division")
	c.Fields = transfer.Fields{IPC: a.several("ipc"), IPCEdition: a.text("ipc_edition"), Industry: a.several("industry"), Keywords: a.several("keywords")}
	c.Level, c.ExpiresOn, c.Evidence = level.Level(a.text("level")), a.text("expires_on"), a.text("evidence")
	if src := a.text("source_id"); src != "" {
		c.SourceID = src
	}
	if st := a.text("status"); st != "" {
		c.Status = transfer.Status(st)
	}
}

// userNames are the names of users; an id that nobody has stays as it is.
func (m *fair) userNames(ids []string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = id
		if u, err := m.s.svc.Accounts.Get(m.ctx, id); err == nil {
			out[i] = u.Name
		}
	}
	return out
}

// readers are the ids of the users that a form names.
func (m *fair) readers(a *answers) []string {
	var out []string
	for _, name := range a.several("readers") {
		u, err := m.s.svc.Accounts.ByName(m.ctx, name)
		if err != nil {
			a.fault("readers", "market.no_user", map[string]any{"name": shorten(name, 40)})
			continue
		}
		out = append(out, u.ID)
	}
	return out
}

// finding are the choices that a button of the form has looked up: an
// organisation, a platform. What is chosen already stays among them.
func (m *fair) finding(values url.Values, field, text string, pressed bool) (*question, error) {
	now := values.Get(field)
	q := question{name: field, label: m.say("market.choose." + field), kind: "radio"}
	if now != "" {
		q.options = append(q.options, Option{Value: now, Label: m.orgName(now)})
	}
	if pressed {
		choices, err := m.lookUp(field, values.Get(text))
		if err != nil {
			return nil, err
		}
		for _, c := range choices {
			if c.ID != now {
				q.options = append(q.options, Option{Value: c.ID, Label: c.Name, Hint: c.Note})
			}
		}
		if len(choices) == 0 {
			q.hint = m.say("market.found_none")
		}
	}
	if len(q.options) == 0 && !pressed {
		return nil, nil
	}
	q.options = append(q.options, Option{Label: m.say("market.choose_none")})
	return &q, nil
}

func (m *fair) lookUp(field, text string) ([]Choice, error) {
	if field == "owner_id" {
		return m.found(text, "", "")
	}
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	got, err := m.s.svc.Registry.Platforms(m.ctx, registry.PlatformFilter{Query: text, Page: registry.Page{Limit: 20}})
	var out []Choice
	for _, p := range got.Items {
		if !m.closed(p.SourceID) {
			out = append(out, Choice{ID: p.ID, Name: p.Title().In(m.l), Note: m.word("class", p.Class)})
		}
	}
	return out, err
}
