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

// MarketPage is the way into the market: how much there is, what is open for
// answers, what is new, what ends soon, and in which fields.
type MarketPage struct {
	Page
	Lead       string
	Acts       []Link
	Tabs       []Tab
	Find       FilterBar
	Stock      []MarketCount
	Desk       []MarketCount // what waits for the staff
	Challenges []Listing
	All        Link // every open challenge
	Newest     []MarketColumn
	Ending     []Listing
	Fields     []FieldLine
	Map        ChartFigure
	HasMap     bool
	MapNote    string
	Empty      State
}

// MarketCount is one number with what it counts.
type MarketCount struct{ Label, Count, Href string }

// MarketColumn is a short list of one kind.
type MarketColumn struct {
	ID, Title string
	Listings  []Listing
	All       Link
	None      string
}

// FieldLine is a section of the IPC with what is offered and looked for in it.
type FieldLine struct {
	Label         string
	Results, Need Link
}

// newestSize is how many records of a kind the way in shows.
const newestSize = 6

// endsSoon is how many days ahead the way in looks for what ends.
const endsSoon = 30

func (s *Site) market(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if text := q.Get("q"); text != "" {
		b, err := stallOf(q.Get("kind"))
		if err != nil {
			b = resultStall{}
		}
		http.Redirect(w, r, b.path()+"?"+url.Values{"q": {text}}.Encode(), http.StatusSeeOther)
		return nil
	}
	p := MarketPage{Page: s.Page(r, m.say("market.title")), Lead: m.say("market.lead"), Tabs: m.marketTabs("/market"), Find: m.marketFind()}
	p.Acts = []Link{{m.say("market.submit"), "/submit"}}
	for _, fill := range []func(*MarketPage) error{m.stock, m.challenges, m.newest, m.ending, m.byField, m.desk} {
		if err := fill(&p); err != nil {
			return err
		}
	}
	return s.Render(w, r, "market", p)
}

func (m *fair) marketFind() FilterBar {
	kinds := Field{Name: "kind", Label: m.say("market.look_in"), Kind: "select"}
	for _, b := range stalls {
		kinds.Options = append(kinds.Options, Option{Value: b.kind(), Label: m.say("market." + b.key())})
	}
	return FilterBar{Action: "/market", Fields: []Field{{Name: "q", Label: m.say("market.find"), Kind: "search"}, kinds}}
}

// stock counts what is listed now.
func (m *fair) stock(p *MarketPage) error {
	total := int64(0)
	for _, b := range stalls {
		got, err := b.list(m, url.Values{}, registry.Page{Limit: 1})
		if err != nil {
			return err
		}
		total += got.Total
		p.Stock = append(p.Stock, MarketCount{m.say("market.stock." + b.key()), i18n.Integer(got.Total), b.path()})
	}
	if total == 0 {
		p.Empty = State{Kind: "empty", Heading: m.say("market.none"), Text: m.say("market.none_text"), Action: Link{m.say("market.submit"), "/submit"}}
	}
	return nil
}

// challenges are the open challenges, the first to close first.
func (m *fair) challenges(p *MarketPage) error {
	q := url.Values{"kind": {string(transfer.OpenChallenge)}, "sort": {string(transfer.SortExpires)}}
	got, err := needStall{}.list(m, q, registry.Page{Limit: newestSize})
	if err != nil {
		return err
	}
	for _, of := range got.Items {
		p.Challenges = append(p.Challenges, needStall{}.card(m, of))
	}
	p.Stock = slices.Insert(p.Stock, min(2, len(p.Stock)), MarketCount{m.say("market.stock.challenges"), i18n.Integer(got.Total), "/needs?kind=" + string(transfer.OpenChallenge)})
	if got.Total > int64(len(got.Items)) {
		p.All = Link{m.say("reg.all_n", errs.A{"n": got.Total}), "/needs?" + q.Encode()}
	}
	return nil
}

func (m *fair) newest(p *MarketPage) error {
	for _, b := range []stall{resultStall{}, needStall{}} {
		got, err := b.list(m, url.Values{}, registry.Page{Limit: newestSize})
		if err != nil {
			return err
		}
		col := MarketColumn{ID: "new-" + b.key(), Title: m.say("market.newest." + b.key()), All: Link{m.say("market.all." + b.key()), b.path()}, None: m.say("market." + b.key() + ".none")}
		for _, of := range got.Items {
			col.Listings = append(col.Listings, b.card(m, of))
		}
		p.Newest = append(p.Newest, col)
	}
	return nil
}

// ending is what ends within a month, of all kinds, the first first.
func (m *fair) ending(p *MarketPage) error {
	type one struct {
		day string
		l   Listing
	}
	var all []one
	for _, b := range stalls {
		got, err := b.list(m, url.Values{"sort": {string(transfer.SortExpires)}}, registry.Page{Limit: newestSize})
		if err != nil {
			return err
		}
		for _, of := range got.Items {
			c := commonOf(of)
			n, known := m.daysTo(c.ExpiresOn)
			if need, ok := of.(*transfer.Need); known && n <= endsSoon && (!ok || need.Prize == nil) { // challenges stand above
				all = append(all, one{c.ExpiresOn, b.card(m, of)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return strings.Compare(a.day, b.day) })
	for _, o := range all[:min(len(all), newestSize)] {
		p.Ending = append(p.Ending, o.l)
	}
	return nil
}

// byField sets offer and demand side by side in each section of the IPC, and
// draws where the results are.
func (m *fair) byField(p *MarketPage) error {
	results, err := m.tally(resultStall{}, url.Values{})
	if err != nil {
		return err
	}
	needs, err := m.tally(needStall{}, url.Values{})
	if err != nil {
		return err
	}
	for _, section := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		r, n := countOf(results["section"], section), countOf(needs["section"], section)
		if r+n == 0 {
			continue
		}
		p.Fields = append(p.Fields, FieldLine{Label: section + " " + m.term("ipc_section", section), Results: m.inField(results["section"], "/results", section), Need: m.inField(needs["section"], "/needs", section)})
	}
	if p.Map, p.HasMap = m.districts("/results", results["division"]); p.HasMap {
		p.MapNote = m.s.svc.TileMap.Note.In(m.l)
	}
	return nil
}

// inField links how many records are in a section. Where no record of a side
// says its section, how many there are is unknown.
func (m *fair) inField(counts []registry.Facet, path, section string) Link {
	if len(counts) == 0 {
		return Link{Text: m.say("web.unknown")}
	}
	return Link{i18n.Integer(countOf(counts, section)), path + "?ipc=" + section}
}

func countOf(counts []registry.Facet, value string) int64 {
	for _, c := range counts {
		if c.Value == value {
			return c.Count
		}
	}
	return 0
}

// desk is what waits for the staff: disclosures, drafts, what ends soon.
func (m *fair) desk(p *MarketPage) error {
	if !m.staff() {
		return nil
	}
	counts, err := m.s.svc.Transfer.DisclosureCounts(m.ctx, m.viewer)
	if err != nil {
		return err
	}
	drafts, err := m.s.svc.Transfer.Drafts(m.ctx, m.viewer, "")
	if err != nil {
		return err
	}
	due, err := m.s.svc.Transfer.Due(m.ctx, m.viewer, m.viewer.User, endsSoon, registry.Page{Limit: 1})
	if err != nil {
		return err
	}
	p.Desk = []MarketCount{{m.say("market.desk.triage"), i18n.Integer(countOf(counts, string(transfer.Received))), "/triage"},
		{m.say("market.desk.drafts"), i18n.Integer(int64(len(drafts))), "/drafts"},
		{m.say("market.desk.due"), i18n.Integer(due.Total), "/results?" + url.Values{"author": {m.viewer.User}, "status": {allStatuses}, "sort": {string(transfer.SortExpires)}}.Encode()},
		{m.say("market.desk.saved"), "", "/saved"}}
	return nil
}
