package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// ListingPage is the page of one result, need or service. Parts that are empty
// are not shown.
type ListingPage struct {
	Page
	Lang      string // of the title, where it is not the page's
	Other     string // the title in the other language
	OtherLang string
	Kind      string
	Badges    []Badge
	Acts      []Link // the first one is what most readers come for
	Notices   []Notice
	Prize     string
	Left      string // how long answers are taken
	Near      bool
	Terms     []Term
	Summary   []Passage
	Text      []Passage
	Rights    []RightLine
	Wanted    []WantedLine
	Free      string // what a need leaves open
	Team      []TeamLine
	Facts     []Fact
	Events    []Event
	Intros    []IntroLine
	ShowIntro bool
	History   []HistoryEntry
	Older     string
	Sources   []SourceNote
}

// Notice is one sentence above a record that its reader must know.
type Notice struct {
	Text string
	Care bool
	Act  Link
}

// Passage is a text in one language, by paragraphs.
type Passage struct {
	Lang  string // where it is not the page's
	Lines []string
	Mark  *SourceMark
}

// RightLine is one piece of intellectual property.
type RightLine struct {
	Kind, Number, Status, Title string
	Granted                     bool
}

// WantedLine is one condition that an answer must meet.
type WantedLine struct{ Label, Text string }

// TeamLine is one of the people behind a result.
type TeamLine struct{ Name, Href, Role string }

// IntroLine is one introduction of the record to another one.
type IntroLine struct {
	Other  Cell
	Kind   string
	Day    string
	State  string
	Tone   string
	Reason string
	Who    string
}

func (s *Site) listing(w http.ResponseWriter, r *http.Request, b stall) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	of, err := b.load(m, r.PathValue("id"))
	if err != nil {
		return err
	}
	p, err := m.listingPage(r, b, of)
	if err != nil {
		return err
	}
	return s.Render(w, r, "market_record", p)
}

func (m *fair) listingPage(r *http.Request, b stall, of listed) (ListingPage, error) {
	c := commonOf(of)
	card := b.card(m, of)
	p := ListingPage{Page: m.s.Page(r, card.Title), Lang: card.Lang, Other: card.Also, OtherLang: card.AlsoLang, Kind: card.Kind, Badges: card.Badges, Prize: card.Prize}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}, {m.say("market." + b.key()), b.path()}}
	p.Flash = m.marketDone(p.query)
	p.Notices = m.notices(b, c)
	p.Acts = m.acts(b, c)
	p.Terms = card.Terms
	mark := m.mark(c.SourceID)
	p.Summary = m.passages(c.Summary, mark)
	p.Facts = m.commonFacts(b, c, mark)
	m.commonEvents(&p, c)
	b.details(m, &p, of)
	slices.SortStableFunc(p.Events, func(a, b Event) int { return strings.Compare(a.Day, b.Day) })
	if err := m.introductions(&p, b.kind(), c.ID); err != nil {
		return p, err
	}
	if m.staff() {
		var err error
		if p.History, p.Older, err = m.log(p.Page, b, c.ID); err != nil {
			return p, err
		}
	}
	p.Sources = m.notes
	return p, nil
}

// marketDone words what a reader has just done to a record.
func (m *fair) marketDone(q url.Values) string {
	if key := "market.done." + q.Get("done"); q.Has("done") && i18n.Has(key) {
		return m.say(key)
	}
	return ""
}

// notices tell what a reader must know before the rest.
func (m *fair) notices(b stall, c *transfer.Common) []Notice {
	var out []Notice
	if m.sources[c.SourceID].Simulated {
		out = append(out, Notice{Text: m.say("market.simulated"), Care: true})
	}
	renew := Link{}
	if m.staff() {
		renew = Link{m.say("market.act.renew"), b.path() + "/" + c.ID + "/renew"}
	}
	n, known := m.daysTo(c.ExpiresOn)
	switch {
	case c.Status == transfer.Expired || c.Status == transfer.Listed && known && n < 0:
		out = append(out, Notice{Text: m.say("market.expired_on", errs.A{"day": i18n.Day(m.l, c.ExpiresOn)}), Care: true, Act: renew})
	case c.Status == transfer.Listed && known && n <= soon:
		out = append(out, Notice{Text: m.say("market.ends_on", errs.A{"day": i18n.Day(m.l, c.ExpiresOn), "left": m.leftTo(c.ExpiresOn)}), Care: true, Act: renew})
	case c.Status != transfer.Listed:
		out = append(out, Notice{Text: m.say("market.is_" + string(c.Status))})
	}
	if c.Open != c.Level && c.Open != "" {
		out = append(out, Notice{Text: m.say("market.open_narrower", errs.A{"level": m.term("level", string(c.Level)), "open": m.term("level", string(c.Open))})})
	}
	return out
}

// acts are what a reader may do with a record: the staff may change it, others
// may answer it.
func (m *fair) acts(b stall, c *transfer.Common) []Link {
	at := b.path() + "/" + c.ID
	if !m.staff() {
		answer := map[string]string{transfer.KindResult: transfer.KindNeed, transfer.KindNeed: transfer.KindResult}[b.kind()]
		if answer == "" {
			return nil
		}
		return []Link{{m.say("market.answer." + b.kind()), "/submit/" + answer + "?about=" + url.QueryEscape(c.ID)}}
	}
	out := []Link{{m.say("market.act.match"), "/match?" + url.Values{"kind": {b.kind()}, "id": {c.ID}}.Encode()}, {m.say("market.act.edit"), at + "/edit"}}
	if slices.Contains(c.Status.Next(), transfer.Listed) || c.Status == transfer.Listed {
		out = append(out, Link{m.say("market.act.renew"), at + "/renew"})
	}
	for _, a := range statusActs {
		if slices.Contains(c.Status.Next(), a.to) && (a.to != transfer.Listed || c.ExpiresOn == "" || c.ExpiresOn >= m.today) {
			out = append(out, Link{m.say("market.act." + a.name), at + "/" + a.name})
		}
	}
	return append(out, Link{m.say("market.act.level"), at + "/level"})
}

// passages are a text in both languages, the reader's first.
func (m *fair) passages(t i18n.Text, mark *SourceMark) []Passage {
	var out []Passage
	for _, p := range []Passage{{Lang: "zh-CN", Lines: passageLines(t.ZH)}, {Lang: "en", Lines: passageLines(t.EN)}} {
		if len(p.Lines) == 0 {
			continue
		}
		if p.Lang == string(m.l) {
			p.Lang = ""
			out = append([]Passage{p}, out...)
		} else {
			out = append(out, p)
		}
	}
	if len(out) > 0 {
		out[0].Mark = mark
	}
	return out
}

func passageLines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// commonFacts are what is on record of every kind.
func (m *fair) commonFacts(b stall, c *transfer.Common, mark *SourceMark) []Fact {
	owner := m.owner(c)
	facts := []Fact{m.fact(ownerKey(b), owner.Text, mark)}
	if owner.Text != "" {
		facts[0].Values[0].Href, facts[0].Values[0].Lang = owner.Href, owner.Lang
		if c.Owner != nil && c.OwnerText != "" && c.OwnerText != owner.Text {
			facts[0].Values[0].Note = m.say("market.as_written", errs.A{"text": c.OwnerText})
		}
	}
	facts = append(facts, m.fact("market.district", m.placeName(c.Division), mark), m.codes("market.ipc", c.Fields.IPC, m.say("market.ipc_edition_is", errs.A{"edition": c.Fields.IPCEdition}), c.Fields.IPCEdition != ""),
		m.codes("market.industry", c.Fields.Industry, "GB/T 4754—2017", true), m.fact("market.keywords", strings.Join(c.Fields.Keywords, m.say("market.comma")), mark))
	if note := c.Note.In(m.l); note != "" {
		facts = append(facts, m.fact("market.note", note, mark))
	}
	if c.Evidence != "" {
		facts = append(facts, m.fact("reg.evidence_note", c.Evidence, mark))
	}
	facts = append(facts, Fact{Label: m.say("market.level"), Values: []FactValue{{Text: m.term("level", string(c.Level)), Note: m.say("market.level_means." + string(c.Level))}}})
	if m.staff() && len(c.Readers) > 0 {
		f := Fact{Label: m.say("market.readers")}
		for _, id := range c.Readers {
			f.Values = append(f.Values, FactValue{Text: m.actor(id)})
		}
		facts = append(facts, f)
	}
	return facts
}

func ownerKey(b stall) string {
	switch b.kind() {
	case transfer.KindNeed:
		return "market.need_owner"
	case transfer.KindService:
		return "market.offering_owner"
	}
	return "market.owner"
}

// codes is a fact of a classification's codes, each of which leads to the
// results under it.
func (m *fair) codes(key string, codes []string, note string, noted bool) Fact {
	f := m.fact(key, "", nil)
	group, param := "ipc_section", "ipc"
	if key == "market.industry" {
		group, param = "sector", "industry"
	}
	for _, c := range codes {
		v := FactValue{Text: c, Note: m.term(group, c[:1]), Href: "/results?" + url.Values{param: {c}}.Encode()}
		f.Values = append(f.Values, v)
	}
	if noted && len(f.Values) > 0 {
		f.Values[len(f.Values)-1].Note += " · " + note
	}
	return f
}

// commonEvents are the days of a record's life.
func (m *fair) commonEvents(p *ListingPage, c *transfer.Common) {
	add := func(day, key, state string) {
		if day != "" {
			p.Events = append(p.Events, Event{Day: day, Title: m.say(key), State: state})
		}
	}
	add(c.ListedOn, "market.event.listed", "done")
	add(c.RenewedOn, "market.event.renewed", "done")
	state := "next"
	if c.ExpiresOn < m.today {
		state = "done"
	}
	add(c.ExpiresOn, "market.event.expires", state)
}

// introductions lists to whom the record has been introduced, as far as the
// reader may see the other end.
func (m *fair) introductions(p *ListingPage, kind, id string) error {
	if m.user == nil {
		return nil
	}
	got, err := m.s.svc.Transfer.Introductions(m.ctx, m.viewer, transfer.IntroductionFilter{Kind: kind, ID: id, Page: registry.Page{Limit: 20}})
	if err != nil {
		return err
	}
	p.ShowIntro = m.staff() || len(got.Items) > 0
	for _, in := range got.Items {
		p.Intros = append(p.Intros, m.introLine(in, kind, id))
	}
	return nil
}

func (m *fair) introLine(in transfer.Introduction, kind, id string) IntroLine {
	end, endKind, endID := in.Offer, in.OfferKind, in.OfferID
	if in.OfferKind == kind && in.OfferID == id {
		end, endKind, endID = in.Need, in.NeedKind, in.NeedID
	}
	line := IntroLine{Kind: m.recordWord(endKind), Day: in.Day, State: m.term("intro", string(in.State)), Reason: in.Reason, Who: m.actor(in.Author), Other: Cell{Text: endID, Href: refPath(endKind, endID)}}
	if end != nil {
		line.Other.Text, line.Other.Lang = end.Title.In(m.l), otherLang(m.l, end.Title)
	}
	line.Tone = map[transfer.EventKind]string{transfer.Deal: "ok", transfer.EventDeclined: "care"}[in.State]
	if n := len(in.Events); n > 0 && in.State == transfer.EventDeclined {
		line.State += m.say("market.because", errs.A{"reason": m.term("decline", string(in.Events[n-1].Reason))})
	}
	return line
}

// recordWord is what a kind of record is called.
func (m *fair) recordWord(kind string) string {
	if _, err := stallOf(kind); err == nil {
		return m.term("record", kind)
	}
	return m.word("record", kind)
}

// statusActs are the buttons that move a record to another status.
var statusActs = []struct {
	name string
	to   transfer.Status
}{{"list", transfer.Listed}, {"pause", transfer.Paused}, {"close", transfer.Closed}, {"withdraw", transfer.Withdrawn}}
