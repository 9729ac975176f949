package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// StallPage is a list of results, needs or services.
type StallPage struct {
	Page
	Lead     string
	Acts     []Link
	Tabs     []Tab
	Filter   FilterBar
	Listings []Listing
	Facets   []FacetGroup
	Map      ChartFigure
	HasMap   bool
	MapNote  string
	Pager    Pager
	Empty    State
	Save     *SaveSearch
}

// Listing is one record as a list shows it: what somebody who looks for it
// asks first.
type Listing struct {
	Href     string
	Title    string
	Lang     string
	Also     string // the title in the other language
	AlsoLang string
	Kind     string // 工艺, 技术需求
	Badges   []Badge
	Summary  string
	SumLang  string
	Terms    []Term
	Short    []Term // those of a short list
	Prize    string // of an open challenge
	Left     string // how long it is open, or listed, when that is not long
	Near     bool   // it ends within two weeks
	Foot     []string
}

// Badge is a short mark of a record: its level, its status, that it is
// simulated.
type Badge struct {
	Text string
	Tone string // "", ok, care, apart
	Icon string // "" for none
}

// Term is one thing said of a record, with what belongs to it in small print.
type Term struct {
	Label string
	Text  string // "" is unknown
	Note  string
	Href  string
	Lang  string
}

// stallView is a list while its page is made.
type stallView struct {
	*fair
	b      stall
	p      StallPage
	q      url.Values
	counts map[string]registry.Facets // under the filter without one parameter; "" for the whole filter
}

func (s *Site) stallList(w http.ResponseWriter, r *http.Request, b stall) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	x := &stallView{fair: m, b: b, q: r.URL.Query(), counts: map[string]registry.Facets{}}
	x.p.Page = s.Page(r, m.say("market."+b.key()))
	x.p.Lead, x.p.Tabs = m.say("market."+b.key()+".lead"), m.marketTabs(b.path())
	before, cursor := cursorOf(x.q)
	got, err := b.list(m, x.q, registry.Page{After: cursor, Limit: pageSize})
	if err != nil {
		return err
	}
	if err := x.count(); err != nil {
		return err
	}
	x.filters()
	for _, of := range got.Items {
		x.p.Listings = append(x.p.Listings, b.card(m, of))
	}
	x.finish(got.Total, before, int64(len(got.Items)), got.Next)
	return s.Render(w, r, "market_list", x.p)
}

// marketTabs lead from list to list.
func (m *fair) marketTabs(here string) []Tab {
	tabs := []Tab{{Label: m.say("market.overview"), Href: "/market", Current: here == "/market"}}
	for _, b := range stalls {
		tabs = append(tabs, Tab{Label: m.say("market." + b.key()), Href: b.path(), Current: here == b.path()})
	}
	return tabs
}

// narrowing are the parameters of a list that narrow it.
var narrowing = []string{"q", "ipc", "industry", "district", "owner", "status", "level", "source", "batch", "author", "type", "kind", "stage", "form", "right",
	"scale", "trl_min", "price_max", "budget_min", "platform", "region"}

// count counts the values of each field: under the whole filter, and for a
// field that is narrowed itself without its own part, so that a reader can
// change the choice.
func (x *stallView) count() error {
	var err error
	if x.counts[""], err = x.tally(x.b, x.q); err != nil {
		return err
	}
	for _, name := range narrowing {
		if x.q.Get(name) == "" || name == "q" {
			continue
		}
		q := url.Values{}
		for k, v := range x.q {
			if k != name {
				q[k] = v
			}
		}
		if x.counts[name], err = x.tally(x.b, q); err != nil {
			return err
		}
	}
	return nil
}

// facet returns the counts of a field, for the parameter that narrows it.
func (x *stallView) facet(param, field string) []registry.Facet {
	if c, ok := x.counts[param]; ok {
		return c[field]
	}
	return x.counts[""][field]
}

// filters sets the form, the chips and the counts beside the list.
func (x *stallView) filters() {
	path := x.b.path()
	x.p.Filter = FilterBar{Action: path, Reset: path}
	x.p.Filter.Fields = append(x.p.Filter.Fields, Field{Name: "q", Label: x.say("market.find"), Kind: "search", Value: x.q.Get("q")})
	x.chip("q", x.say("market.find"), x.q.Get("q"))
	x.choose("ipc", "market.ipc", append(slices.Clone(x.facet("ipc", "section")), x.subclasses()...), x.ipc, true)
	x.choose("industry", "market.industry", x.facet("industry", "sector"), x.industry, false)
	x.b.choices(x)
	x.choose("district", "market.district", withBelow(x.facet("district", "division")), x.placeName, true)
	x.choose("owner", "market.owner", x.facet("owner", "owner"), x.orgName, false)
	x.statusField()
	if x.viewer.Rank() > level.Public.Rank() {
		x.choose("level", "market.level", x.facet("level", "level"), func(v string) string { return x.term("level", v) }, false)
	}
	if x.staff() {
		x.choose("source", "reg.source", x.facet("source", "source"), x.sourceTitle, false)
	}
	x.chip("batch", x.say("reg.batch"), x.q.Get("batch"))
	x.sortField()
	x.keep()
}

// subclasses are the classes of the IPC within the section that was chosen.
func (x *stallView) subclasses() []registry.Facet {
	now := x.q.Get("ipc")
	if now == "" {
		return nil
	}
	var out []registry.Facet
	for _, c := range x.facet("ipc", "ipc") {
		if len(c.Value) > 1 && c.Value[0] == now[0] {
			out = append(out, c)
		}
	}
	return out[:min(len(out), facetSize)]
}

// choose adds a field with the counted values of a facet beside the list, and
// in the form when inBar says so.
func (x *stallView) choose(name, key string, counts []registry.Facet, label func(string) string, inBar bool) {
	now := x.q.Get(name)
	f := Field{Name: name, Label: x.say(key), Kind: "select", Options: []Option{{Label: x.say("reg.all")}}}
	g := FacetGroup{ID: "facet-" + name, Label: x.say(key)}
	seen := now == ""
	for _, c := range counts {
		if c.Value == "" {
			continue
		}
		on, n := c.Value == now, i18n.Integer(c.Count)
		seen = seen || on
		f.Options = append(f.Options, Option{Value: c.Value, Label: label(c.Value) + " (" + n + ")", Selected: on})
		if on || len(g.Items) < facetSize {
			to := c.Value
			if on {
				to = ""
			}
			g.Items = append(g.Items, FacetItem{label(c.Value), n, x.p.With(name, to), on})
		}
	}
	if !seen {
		f.Options = append(f.Options, Option{Value: now, Label: label(now) + " (0)", Selected: true})
	}
	if inBar {
		x.p.Filter.Fields = append(x.p.Filter.Fields, f)
	}
	if len(g.Items) > 0 {
		x.p.Facets = append(x.p.Facets, g)
	}
	if now != "" {
		x.chip(name, x.say(key), label(now))
	}
}

func (x *stallView) chip(name, label, shown string) {
	if x.q.Get(name) != "" {
		x.p.Filter.Chips = append(x.p.Filter.Chips, Chip{label, shown, x.p.With(name, "")})
	}
}

// statusField asks for a status; who may not see drafts and withdrawn records
// finds none.
func (x *stallView) statusField() {
	now := x.q.Get("status")
	f := Field{Name: "status", Label: x.say("market.status_is"), Kind: "select", Options: []Option{{Label: x.term("status", "live"), Selected: now == ""}, {Value: allStatuses, Label: x.say("reg.all"), Selected: now == allStatuses}}}
	for _, st := range transfer.Statuses {
		if v := string(st); x.staff() || st == transfer.Listed || st == transfer.Expired || st == transfer.Closed {
			f.Options = append(f.Options, Option{Value: v, Label: x.term("status", v), Selected: v == now})
		}
	}
	x.p.Filter.Fields = append(x.p.Filter.Fields, f)
	shown := x.say("reg.all")
	if now != allStatuses {
		shown = x.term("status", now)
	}
	x.chip("status", x.say("market.status_is"), shown)
}

func (x *stallView) sortField() {
	now := registry.Sort(x.q.Get("sort"))
	f := Field{Name: "sort", Label: x.say("market.sort"), Kind: "select"}
	for _, o := range []registry.Sort{"", transfer.SortExpires, registry.SortNewest, x.nameSort()} {
		word := string(o)
		if o == "" {
			word = "listed"
		}
		f.Options = append(f.Options, Option{Value: string(o), Label: x.say("market.sort." + word), Selected: o == now})
	}
	x.p.Filter.Fields = append(x.p.Filter.Fields, f)
}

func (m *fair) nameSort() registry.Sort {
	if m.l == i18n.EN {
		return registry.SortNameEN
	}
	return registry.SortName
}

// keep carries along what the form does not ask for.
func (x *stallView) keep() {
	for _, name := range narrowing {
		asked := slices.ContainsFunc(x.p.Filter.Fields, func(f Field) bool { return f.Name == name })
		if v := x.q.Get(name); v != "" && !asked {
			x.p.Filter.Keep = append(x.p.Filter.Keep, Hidden{name, v})
		}
	}
}

// ipc names a code of the IPC by its section; what is below keeps its code.
func (x *stallView) ipc(code string) string {
	name := x.term("ipc_section", code[:min(1, len(code))])
	if len(code) <= 1 {
		return code + " " + name
	}
	return code
}

// industry names a code of GB/T 4754 by its section.
func (m *fair) industry(code string) string {
	if len(code) == 1 {
		return code + " " + m.term("sector", code)
	}
	return code
}

func (m *fair) sourceTitle(id string) string {
	if src, ok := m.sources[id]; ok {
		return src.Title.In(m.l)
	}
	return id
}

// orgName is the name of an organisation, or its id.
func (m *fair) orgName(id string) string {
	refs, err := m.s.svc.Registry.Refs(m.ctx, []string{id})
	if r, ok := refs[id]; err == nil && ok && r.Name.In(m.l) != "" {
		return r.Name.In(m.l)
	}
	return id
}

// finish sets count, pages, files, map and what an empty list says.
func (x *stallView) finish(total, before, got int64, next string) {
	path, key := x.b.path(), x.b.key()
	x.p.Filter.Count = x.say("market."+key+".count", errs.A{"n": total})
	x.p.Pager = pager(x.p.Page, before, got, total, next)
	if total > 0 {
		for _, f := range []string{"csv", "xlsx", "json"} {
			x.p.Filter.Exports = append(x.p.Filter.Exports, Link{strings.ToUpper(f), exportPath(path, f, x.p.With())})
		}
	}
	if x.staff() {
		x.p.Acts = []Link{{x.say("market." + key + ".new"), path + "/new"}}
	} else if key != "services" {
		x.p.Acts = []Link{{x.say("market." + key + ".submit"), "/submit/" + x.b.kind()}}
	}
	x.p.Map, x.p.HasMap = x.districts(path, x.facet("district", "division"))
	if x.p.HasMap {
		x.p.MapNote = x.s.svc.TileMap.Note.In(x.l)
	}
	x.p.Empty = x.empty()
	x.p.Save = x.saveForm()
}

// empty says what an empty list is for, and the one way on.
func (x *stallView) empty() State {
	key := "market." + x.b.key()
	if len(x.p.Filter.Chips) > 0 {
		return State{Kind: "empty", Heading: x.say("reg.no_match"), Text: x.say("market.no_match"), Action: Link{x.say("reg.no_match_act"), x.b.path()}}
	}
	st := State{Kind: "empty", Heading: x.say(key + ".none"), Text: x.say(key + ".none_text")}
	if len(x.p.Acts) > 0 {
		st.Action = x.p.Acts[0]
	}
	return st
}

// badges mark what sets a record apart from what everybody sees.
func (m *fair) badges(c *transfer.Common) []Badge {
	var out []Badge
	if c.Open != "" && c.Open != level.Public || c.Level != level.Public {
		out = append(out, Badge{m.term("level", string(c.Level)), "apart", "lock"})
	} else if m.staff() {
		out = append(out, Badge{m.term("level", string(c.Level)), "", ""})
	}
	switch {
	case c.Status != transfer.Listed:
		out = append(out, Badge{m.term("status", string(c.Status)), "care", "clock"})
	case !m.live(c):
		out = append(out, Badge{m.term("status", string(transfer.Expired)), "care", "clock"})
	}
	if m.sources[c.SourceID].Simulated {
		out = append(out, Badge{m.say("web.simulated_short"), "care", "warning"})
	}
	return out
}

// shortSummary is how many characters of a summary a list shows.
const shortSummary = 140

// listing begins a card with what all kinds have.
func (m *fair) listing(b stall, c *transfer.Common) Listing {
	out := Listing{Href: b.path() + "/" + c.ID, Title: c.Title.In(m.l), Lang: otherLang(m.l, c.Title), Badges: m.badges(c),
		Summary: shorten(c.Summary.In(m.l), shortSummary), SumLang: otherLang(m.l, c.Summary)}
	if other := (i18n.Text{ZH: c.Title.EN, EN: c.Title.ZH}).In(m.l); other != out.Title {
		out.Also, out.AlsoLang = other, "en"
		if m.l == i18n.EN {
			out.AlsoLang = "zh-CN"
		}
	}
	if c.ListedOn != "" {
		out.Foot = append(out.Foot, m.say("market.listed_on", errs.A{"day": c.ListedOn}))
	}
	if c.ExpiresOn != "" && m.live(c) {
		out.Foot = append(out.Foot, m.say("market.until", errs.A{"day": c.ExpiresOn}))
		if n, _ := m.daysTo(c.ExpiresOn); n <= ahead {
			out.Left, out.Near = m.leftTo(c.ExpiresOn), n <= soon
		}
	}
	return out
}

// ahead is how many days before its end a list says how many are left; soon how
// many before it the record is marked.
const (
	ahead = 60
	soon  = 14
)

// ownerTerm and districtTerm are said of every record.
func (m *fair) ownerTerm(key string, c *transfer.Common) Term {
	o := m.owner(c)
	return Term{Label: m.say(key), Text: o.Text, Href: o.Href, Lang: o.Lang}
}

func (m *fair) districtTerm(c *transfer.Common) Term {
	return Term{Label: m.say("market.district"), Text: m.placeName(c.Division)}
}

// placeName is the name of a division, by the register or by the map of the
// city.
func (m *fair) placeName(code string) string {
	name := m.division(code)
	if t := m.s.svc.TileMap; t != nil && name == code && t.Tiles[code].In(m.l) != "" {
		return t.Tiles[code].In(m.l)
	}
	return name
}

// shorten cuts a text at a number of characters, with a mark that it goes on.
func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimRight(string(r[:most-1]), " ，。、；,.;") + "…"
	}
	return s
}
