package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// RecordPage is the page of one record of a register: an organisation, a
// platform, a park, a person, a paper, a division. Parts that are empty are not
// shown.
type RecordPage struct {
	Page
	Lang         string   // of the title, where it is not the page's
	Other        string   // the name in the other language
	OtherLang    string   // and its lang attribute
	Also         []string // what stands under the title: kind, place, state
	Acts         []Link   // what an editor can do
	Unverified   string   // why the record is not yet borne out
	Note         string   // how the reader came here, what the record is not
	Facts        []Fact
	Events       []Event
	Affiliations []AffiliationLine
	Relations    []RelationSection
	Tables       []RecordTable
	Papers       *PapersPart
	Merges       []MergeLine
	History      []HistoryEntry
	Older        string // address of older changes
	Sources      []SourceNote
}

// RelationSection holds the relations of one role.
type RelationSection struct {
	Heading string
	Lines   []RelationLine
	Missing string // how many more are not in the register
}

// RelationLine is one related record.
type RelationLine struct {
	Other  Cell
	Kind   string // of the record: 机构, 平台
	Time   string // "2019 年至今"
	Mark   *SourceMark
	Note   string
	Remove string // address of the page that takes the relation away
}

// RecordTable is a small table on a record's page.
type RecordTable struct {
	ID    string
	Title string
	Head  TableHead
	Rows  []RegisterRow
	More  Link
}

// PapersPart is what the papers of an organisation show.
type PapersPart struct {
	Total  string
	Chart  *ChartFigure
	Table  RecordTable
	Switch []Tab // with and without subordinate bodies
	Count  string
}

// record begins a record's page. Its acts and history are added by finish.
func (s *Site) record(r *http.Request, v *reading, room string, title i18n.Text) RecordPage {
	name := title.In(v.l)
	p := RecordPage{Page: s.Page(r, name), Lang: otherLang(v.l, title)}
	p.Crumbs = []Link{{v.say("reg." + room), "/" + room}}
	other := i18n.Text{ZH: title.EN, EN: title.ZH}.In(v.l)
	if other != name {
		p.Other, p.OtherLang = other, "en"
		if v.l == i18n.EN {
			p.OtherLang = "zh-CN"
		}
	}
	return p
}

// finish adds history and sources, and orders the timeline.
func (v *reading) finish(p *RecordPage, kind, id string) error {
	var err error
	if p.History, p.Older, err = v.history(p.Page, kind, id); err != nil {
		return err
	}
	slices.SortStableFunc(p.Events, func(a, b Event) int { return strings.Compare(a.Day, b.Day) })
	p.Sources = v.notes
	return nil
}

// fact is a fact with one value, or why it has none.
func (v *reading) fact(key, text string, mark *SourceMark) Fact {
	f := Fact{Label: v.say(key), Why: v.say("reg.not_given")}
	if text != "" {
		f.Values = []FactValue{{Text: text, Mark: mark}}
	}
	return f
}

// names are the facts that tell a record's names, those shown in the title
// first.
func (v *reading) names(names []registry.Name, mark *SourceMark) Fact {
	f := Fact{Label: v.say("reg.names")}
	for _, n := range names {
		value := FactValue{Text: n.Text, Note: v.nameNote(n)}
		if n.Lang != "" && !strings.EqualFold(n.Lang, string(v.l)) {
			value.Lang = n.Lang
		}
		if n.Origin == "" {
			value.Mark, mark = mark, nil // once: they all come from the record's source
		}
		f.Values = append(f.Values, value)
	}
	return f
}

func (v *reading) nameNote(n registry.Name) string {
	parts := []string{v.word("name_kind", string(n.Kind))}
	if n.Lang != "" {
		parts = append(parts, v.word("lang", n.Lang))
	}
	if t := v.span(n.From, n.To); t != "" {
		parts = append(parts, t)
	}
	if n.Origin != "" {
		parts = append(parts, v.say("reg.from_merged"))
	}
	return strings.Join(parts, " · ")
}

// span words a time of which either end may be unknown.
func (v *reading) span(from, to string) string {
	switch {
	case from != "" && to != "":
		return i18n.Day(v.l, from) + "–" + i18n.Day(v.l, to)
	case from != "":
		return v.say("reg.since", map[string]any{"day": i18n.Day(v.l, from)})
	case to != "":
		return v.say("reg.until", map[string]any{"day": i18n.Day(v.l, to)})
	}
	return ""
}

// identifiers are one fact for each scheme, linked where the scheme's register
// answers to an address.
func (v *reading) identifiers(ids []registry.Identifier, mark *SourceMark) []Fact {
	var out []Fact
	at := map[identifier.Scheme]int{}
	for _, id := range ids {
		i, ok := at[id.Scheme]
		if !ok {
			i = len(out)
			at[id.Scheme] = i
			out = append(out, Fact{Label: v.word("scheme", string(id.Scheme))})
		}
		value := FactValue{Text: id.Value, Href: identifier.URL(id.Scheme, id.Value)}
		if id.Origin != "" {
			value.Note = v.say("reg.from_merged")
		} else {
			value.Mark = mark
		}
		out[i].Values = append(out[i].Values, value)
	}
	return out
}

// website is a fact that leads out.
func (v *reading) website(address string, mark *SourceMark) Fact {
	f := v.fact("reg.website", address, mark)
	if address != "" {
		f.Values[0].Href = address
	}
	return f
}

// evidence tells where in the source a record stands. An id of a source is
// linked; a word of doubt is translated.
func (v *reading) evidence(text string) (f Fact, ok bool) {
	if text == "" {
		return Fact{}, false
	}
	value := FactValue{Text: v.doubt(text)}
	if x, known := v.sources[text]; known {
		value = FactValue{Text: x.Title.In(v.l), Href: "/sources/" + text}
	}
	return Fact{Label: v.say("reg.evidence_note"), Values: []FactValue{value}}, true
}

func (v *reading) doubt(text string) string {
	if strings.EqualFold(text, "common knowledge, unverified") {
		return v.say("reg.common_knowledge")
	}
	return text
}

// unverified words a record whose evidence says so.
func (v *reading) unverified(evidence, status string) string {
	if status == registry.Unverified || strings.Contains(strings.ToLower(evidence), "unverified") {
		return v.say("reg.unverified_note")
	}
	return ""
}

// relations groups what a record is related to, by role.
func (v *reading) relations(id string) ([]RelationSection, []Event, error) {
	groups, err := v.s.svc.Registry.Relations(v.ctx, id)
	if err != nil {
		return nil, nil, err
	}
	var out []RelationSection
	var events []Event
	for _, g := range groups {
		way := "in"
		if g.Outward {
			way = "out"
		}
		sec := RelationSection{Heading: v.say("reg.relation." + string(g.Kind) + "." + way)}
		missing := 0
		for _, l := range g.Links {
			if v.closed(l.SourceID) {
				continue
			}
			if l.Other.Kind == "" {
				missing++
				continue
			}
			line := RelationLine{Other: v.ref(l.Other), Kind: v.word("record", l.Other.Kind), Time: v.span(l.ValidFrom, l.ValidTo), Mark: v.mark(l.SourceID)}
			if v.unverified(l.Evidence, "") != "" {
				line.Note = v.word("evidence", registry.Unverified)
			}
			if v.can(account.Edit) {
				line.Remove = "/relations/" + l.ID + "/remove?of=" + id
			}
			if l.ValidFrom != "" {
				events = append(events, Event{Day: l.ValidFrom, Title: sec.Heading, Text: line.Other.Text, State: "done"})
			}
			sec.Lines = append(sec.Lines, line)
		}
		if missing > 0 {
			sec.Missing = v.say("reg.missing_n", map[string]any{"n": missing})
		}
		if len(sec.Lines) > 0 || missing > 0 {
			out = append(out, sec)
		}
	}
	return out, events, nil
}

// event adds a step to the timeline when its day is known.
func (p *RecordPage) event(day, title string) {
	if day != "" {
		p.Events = append(p.Events, Event{Day: day, Title: title, State: "done"})
	}
}
