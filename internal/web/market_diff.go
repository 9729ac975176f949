package web

import (
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

// changed compares two states of a record as they stand in the change log, by
// the questions of its form and in the reader's words.
func (m *fair) changed(b stall, before, after json.RawMessage) []DiffRow {
	was, now := m.stateOf(b, before), m.stateOf(b, after)
	comma := m.say("market.comma")
	var out []DiffRow
	for _, c := range append(b.ask(m), chapter{questions: m.logQuestions()}) {
		for i := range c.questions {
			q := &c.questions[i]
			d := DiffRow{Field: q.label, Before: q.text(was, comma), After: q.text(now, comma), Kind: "changed"}
			switch {
			case d.Before == d.After:
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

// logQuestions are what the log shows besides what a form asks.
func (m *fair) logQuestions() []question {
	text := func(name, key string) question { return question{name: name, label: m.say(key), kind: "text"} }
	return []question{{name: "level", label: m.say("market.level"), kind: "radio", options: options(m, "level", level.Levels, "")}, text("readers", "market.readers"),
		{name: "status", label: m.say("market.status_is"), kind: "radio", options: options(m, "status", transfer.Statuses, "")},
		text("listed_on", "market.event.listed"), text("expires_on", "market.listed_until"), text("renewed_on", "market.event.renewed"), text("owner_name", "market.owner_registered"),
		text("platform_name", "market.platform"), text("source_name", "reg.source"), text("evidence", "reg.evidence_note"), text("note_zh", "market.note_zh"), text("note_en", "market.note_en")}
}

// stateOf is a record of the log as what would stand in its form.
func (m *fair) stateOf(b stall, raw json.RawMessage) url.Values {
	of := b.blank()
	if len(raw) == 0 || json.Unmarshal(raw, of) != nil {
		return url.Values{}
	}
	out, c := m.valuesOf(b, of), commonOf(of)
	v := formValues(out)
	v.set("status", string(c.Status))
	v.set("listed_on", c.ListedOn)
	v.set("renewed_on", c.RenewedOn)
	v.set("source_name", m.sourceTitle(c.SourceID))
	if c.OwnerID != "" {
		v.set("owner_name", m.orgName(c.OwnerID))
	}
	if o, ok := of.(*transfer.Offering); ok && o.PlatformID != "" {
		v.set("platform_name", m.orgName(o.PlatformID))
	}
	return out
}

// log are the changes of a record, newest first; next is the address of older
// ones.
func (m *fair) log(p Page, b stall, id string) (entries []HistoryEntry, next string, err error) {
	before, _ := strconv.ParseInt(p.query.Get("history"), 10, 64) // none: the newest
	got, err := m.s.svc.Registry.History(m.ctx, b.kind(), id, max(before, 0), historySize+1)
	if err != nil {
		return nil, "", err
	}
	if len(got) > historySize {
		got = got[:historySize]
		next = p.With("history", i64(got[historySize-1].Seq), "done", "") + "#history"
	}
	for _, e := range got {
		h := m.entry(e)
		h.Open = len(e.Before) > 0 && len(h.Rows) <= 8
		entries = append(entries, h)
	}
	return entries, next, nil
}
