package web

import (
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// HistoryEntry is one change of a record as readers see it.
type HistoryEntry struct {
	Seq    int64
	When   string // day and minute, UTC
	What   string // what was done: 登记, 修改 …
	Who    string
	Record Link // the record, where entries of several stand together
	Kind   string
	Reason string
	Batch  Link
	Rows   []DiffRow
	Open   bool // the rows are shown at once: few of them, and not a first version
}

// historySize is how many changes a record's page shows.
const historySize = 10

// history reads the changes of a record; next is the address of older ones.
func (v *reading) history(p Page, kind, id string) (entries []HistoryEntry, next string, err error) {
	before, _ := strconv.ParseInt(p.query.Get("history"), 10, 64) // none: the newest
	got, err := v.s.svc.Registry.History(v.ctx, kind, id, max(before, 0), historySize+1)
	if err != nil {
		return nil, "", err
	}
	if len(got) > historySize {
		got = got[:historySize]
		next = p.With("history", strconv.FormatInt(got[historySize-1].Seq, 10)) + "#history"
	}
	for _, e := range got {
		entries = append(entries, v.entry(e))
	}
	return entries, next, nil
}

func (v *reading) entry(e change.Entry) HistoryEntry {
	h := HistoryEntry{Seq: e.Seq, When: i18n.Instant(e.At.Time), What: v.word("action", string(e.Action)), Kind: v.word("record", e.Kind),
		Who: v.actor(e.Actor), Reason: e.Reason, Rows: v.entryRows(e)}
	if e.Batch != "" {
		h.Batch = Link{v.say("reg.batch"), "/batches/" + e.Batch}
	}
	h.Open = e.Action != change.Create && len(h.Rows) <= 8
	return h
}

// actor names who made a change. Readers who have not signed in learn only
// that it was a person of the house.
func (v *reading) actor(id string) string {
	if !strings.HasPrefix(id, "user") {
		return v.word("actor", id)
	}
	if v.user == nil {
		return v.say("reg.actor.somebody")
	}
	if name, ok := v.actors[id]; ok {
		return name
	}
	name := id
	if u, err := v.s.svc.Accounts.Get(v.ctx, id); err == nil {
		name = u.Name
	}
	v.actors[id] = name
	return name
}

// MergeLine is one merge in which an organisation took part.
type MergeLine struct {
	Other  Cell
	When   string
	Who    string
	Reason string
	Undone string // "2026-01-02 由陈明撤销", "" while it stands
	Undo   string // address of the page that takes it back, for editors
}

func (v *reading) merges(o registry.Org) ([]MergeLine, error) {
	recs, err := v.s.svc.Registry.Merges(v.ctx, o.ID)
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	var out []MergeLine
	for _, m := range recs {
		other := m.From
		if other == o.ID {
			other = m.Into
		}
		name := other
		if x, err := v.s.svc.Registry.Org(v.ctx, other); err == nil {
			name = x.Name(v.l)
		}
		line := MergeLine{Other: Cell{Text: name}, When: day(m.At.Time), Who: v.actor(m.Actor), Reason: m.Reason}
		if !m.UndoneAt.IsZero() {
			line.Other.Href = "/organisations/" + other
			line.Undone = v.say("reg.undone_by", map[string]any{"day": day(m.UndoneAt.Time), "who": v.actor(m.UndoneBy)})
		} else if m.Into == o.ID && v.can("merge") {
			line.Undo = "/organisations/" + m.From + "/unmerge"
		}
		out = append(out, line)
	}
	return out, nil
}
