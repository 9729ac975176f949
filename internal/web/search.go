package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SearchPage is what was found: the best of each kind, or one kind page by page.
type SearchPage struct {
	Page
	Query   string
	Count   string
	Tabs    []Tab
	Chips   []Chip
	Facets  []FacetGroup
	Groups  []SearchGroup
	Pager   Pager
	Onward  []Link // experts and the workbench for the same words
	Empty   State
	Perhaps []Link // names like the query, where nothing was found
	Hints   []Link // where to go instead
}

// SearchGroup are the best hits of one kind.
type SearchGroup struct {
	ID      string
	Heading string
	Count   string
	Lead    string
	Hits    []SearchHit
	More    string // address of all of this kind
}

// SearchHit is one record found.
type SearchHit struct {
	Href  string
	Kind  string // in words, where hits of several kinds stand together
	Title []Piece
	Lang  string
	Lines []SearchLine // where else the query stands
	Gloss string       // how the hit came from one language to the other
}

// SearchLine is a text of a record with the places where the query stands.
type SearchLine struct {
	Lang   string
	Pieces []Piece
}

// Piece is a run of text; Hit where it is what was asked for.
type Piece struct {
	Text string
	Hit  bool
}

// searchKinds are the kinds that are shown, in the order of the page.
var searchKinds = []string{"figure", transfer.KindResult, transfer.KindNeed, transfer.KindService, registry.KindOrg, registry.KindPlatform, registry.KindPark,
	registry.KindPerson, registry.KindPaper, source.Kind, registry.KindDivision}

const (
	hitsEach = 5  // of a kind, where all kinds are shown
	hitsOver = 40 // taken of all kinds at once; a kind that has too few among them is asked by itself

	// glossWeight is what a word that comes by its gloss is worth beside one that
	// stands in the text.
	glossWeight = .6
)

// seeking is one request for the page of search.
type seeking struct {
	*SearchPage
	s      *Site
	ctx    context.Context
	l      i18n.Lang
	viewer level.Viewer
	kind   string
	q      search.Query
}

func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	l := PrefsOf(r.Context()).Lang
	p := SearchPage{Page: s.Page(r, i18n.T(l, "web.search"))}
	p.Query = strings.TrimSpace(p.query.Get("q"))
	p.Page.Search = p.Query
	if p.Query == "" || s.svc.Search == nil {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "reg.search.ask"), Text: i18n.T(l, "search.ask_text")}
		p.hints(l)
		return s.Render(w, r, "search", p)
	}
	user := userOf(r.Context())
	x := &seeking{SearchPage: &p, s: s, ctx: r.Context(), l: l, viewer: account.ViewerOf(user), kind: p.query.Get("kind")}
	x.q = search.Query{Text: p.Query, Kinds: searchKinds, Viewer: x.viewer, Gloss: glossWeight, Filters: x.filters()}
	p.Title = i18n.T(l, "reg.search.for", errs.A{"query": p.Query})
	if err := x.find(); err != nil {
		return err
	}
	x.onward(user)
	return s.Render(w, r, "search", p)
}

// find fills the page: all kinds, or one of them.
func (x *seeking) find() error {
	terms, err := x.terms()
	if err != nil {
		return err
	}
	q := x.q
	q.Facets = searchFields()
	q.Limit = hitsOver
	if x.kind != "" {
		q.Kinds = []string{x.kind}
		before, _ := strconv.Atoi(x.query.Get("from"))
		q.Offset, q.Limit = max(before, 0), pageSize
	}
	if x.kind == termbase.Kind {
		q.Limit = 1 // for the counts of the other kinds
	}
	got := x.s.svc.Search.Search(q)
	x.facets(got.Facets)
	x.tabs(got.Kinds, terms.Total)
	switch x.kind {
	case "":
		x.allKinds(&got, terms)
	case termbase.Kind:
		x.termGroup(terms)
	default:
		x.oneKind(&got, q.Offset)
	}
	if len(x.Groups) == 0 {
		x.nothing()
	}
	return nil
}

// tabs lead from kind to kind.
func (x *seeking) tabs(kinds map[string]int, terms int64) {
	total := int(terms)
	var tabs []Tab
	add := func(kind string, n int) {
		if n > 0 || kind == x.kind {
			tabs = append(tabs, Tab{Label: word(x.l, "record", kind), Href: x.With("kind", kind, "from", ""), Count: i18n.Integer(int64(n)), Current: x.kind == kind})
		}
	}
	for _, k := range searchKinds {
		total += kinds[k]
		add(k, kinds[k])
	}
	add(termbase.Kind, int(terms))
	x.Count = i18n.T(x.l, "reg.search.count", errs.A{"n": total})
	x.Tabs = append([]Tab{{Label: i18n.T(x.l, "reg.all"), Href: x.With("kind", "", "from", ""), Count: i18n.Integer(int64(total)), Current: x.kind == ""}}, tabs...)
}

// allKinds shows the best few of each kind. Most of them are among the best of
// all, so that the index is asked once, and again only for the others.
func (x *seeking) allKinds(got *search.Result, terms termbase.List) {
	of := map[string][]search.Hit{}
	for _, h := range got.Hits {
		if len(of[h.Kind]) < hitsEach {
			of[h.Kind] = append(of[h.Kind], h)
		}
	}
	for _, k := range searchKinds {
		n := got.Kinds[k]
		if n == 0 {
			continue
		}
		if len(of[k]) < min(hitsEach, n) {
			q := x.q
			q.Kinds, q.Limit = []string{k}, hitsEach
			of[k] = x.s.svc.Search.Search(q).Hits
		}
		g := x.group(k, n, of[k])
		if n > len(of[k]) {
			g.More = x.With("kind", k)
		}
		x.Groups = append(x.Groups, g)
	}
	x.termGroup(terms)
}

func (x *seeking) oneKind(got *search.Result, before int) {
	if len(got.Hits) == 0 {
		return
	}
	x.Groups = []SearchGroup{x.group(x.kind, got.Total, got.Hits)}
	to := before + len(got.Hits)
	x.Pager = Pager{Shown: i18n.T(x.l, "reg.shown", errs.A{"from": before + 1, "to": to, "total": got.Total})}
	if before > 0 {
		x.Pager.First = x.With("from", "")
	}
	if to < got.Total {
		x.Pager.Next = x.With("from", strconv.Itoa(to))
	}
}

func (x *seeking) group(kind string, n int, hits []search.Hit) SearchGroup {
	return SearchGroup{ID: "hits-" + kind, Heading: word(x.l, "record", kind), Count: i18n.Integer(int64(n)), Hits: x.hits(hits)}
}

// hits words hits, with the glosses by which they came.
func (x *seeking) hits(hits []search.Hit) []SearchHit {
	keys := make([]search.Key, len(hits))
	for i, h := range hits {
		keys[i] = search.Key{Kind: h.Kind, ID: h.ID}
	}
	glosses := map[search.Key]string{}
	for _, a := range x.s.svc.Search.Explain(x.q, keys) {
		if path := crossing(a.Terms); path != "" {
			glosses[a.Key] = i18n.T(x.l, "search.gloss", errs.A{"path": path})
		}
	}
	out := make([]SearchHit, len(hits))
	for i, h := range hits {
		out[i] = hitOf(x.l, h)
		out[i].Gloss = glosses[keys[i]]
	}
	return out
}

// glossesShown bounds the paths of one hit.
const glossesShown = 3

// crossing lists the words of the query that a record holds in the other
// language only: "钙钛矿 → perovskite". A word that the record holds as it was
// asked for came by itself.
func crossing(terms []search.TermPart) string {
	held := map[string]bool{}
	for _, t := range terms {
		if t.Stream == search.StreamWords {
			held[t.Text] = true
		}
	}
	var out []string
	seen := map[string]bool{}
	for _, t := range terms {
		if t.Stream != search.StreamGloss || len(t.Path) < 2 || held[t.Text] || seen[t.Text] || len(out) == glossesShown {
			continue
		}
		from, to := t.Path[0], t.Path[len(t.Path)-1]
		if strings.EqualFold(from, to) {
			continue
		}
		seen[t.Text] = true
		out = append(out, from+" → "+to)
	}
	return strings.Join(out, "，")
}

// terms are those of the termbase that the query is part of.
func (x *seeking) terms() (termbase.List, error) {
	if x.s.svc.Terms == nil || len(x.q.Filters) > 0 {
		return termbase.List{}, nil
	}
	return x.s.svc.Terms.List(x.ctx, termbase.Filter{Query: x.Query, State: termbase.Active, Sort: termSort(x.l, ""), Limit: pageSize})
}

func (x *seeking) termGroup(terms termbase.List) {
	if len(terms.Items) == 0 {
		return
	}
	most := len(terms.Items)
	if x.kind == "" {
		most = min(most, hitsEach)
	}
	g := SearchGroup{ID: "hits-term", Heading: word(x.l, "record", termbase.Kind), Count: i18n.Integer(terms.Total)}
	for i := range terms.Items[:most] {
		t := &terms.Items[i]
		text := i18n.Text{ZH: t.ZH, EN: t.EN}
		hit := SearchHit{Href: "/terms/" + t.ID, Title: []Piece{{Text: text.In(x.l)}}, Lines: []SearchLine{{Lang: "en", Pieces: []Piece{{Text: t.EN}}}}}
		if x.l == i18n.EN {
			hit.Lines = []SearchLine{{Lang: "zh-CN", Pieces: []Piece{{Text: t.ZH}}}}
		}
		g.Hits = append(g.Hits, hit)
	}
	switch {
	case x.kind == "" && terms.Total > int64(most):
		g.More = x.With("kind", termbase.Kind)
	case terms.Total > int64(most):
		g.More = "/terms?" + url.Values{"q": {x.Query}}.Encode()
	}
	x.Groups = append(x.Groups, g)
}

// searchField is a field of the market by which a search is narrowed.
type searchField struct {
	param, field string
	shown        func(value string) bool // whether a value is offered
	label        func(l i18n.Lang, value string) string
}

func oneLetter(v string) bool { return len(v) == 1 }

func anyValue(string) bool { return true }

var searchNarrow = []searchField{
	{"section", match.FieldWithin + match.FieldIPC, oneLetter, func(l i18n.Lang, v string) string { return v + " " + marketTerm(l, "ipc_section", v) }},
	{"industry", match.FieldWithin + match.FieldIndustry, oneLetter, func(l i18n.Lang, v string) string { return v + " " + marketTerm(l, "sector", v) }},
	{"stage", "stage", anyValue, func(l i18n.Lang, v string) string { return marketTerm(l, "stage", v) }},
	{"district", match.FieldDistrict, anyValue, nil}, // named by the register
	{"status", match.FieldStatus, anyValue, func(l i18n.Lang, v string) string { return marketTerm(l, "status", v) }},
}

func searchFields() []string {
	var out []string
	for _, f := range searchNarrow {
		out = append(out, f.field)
	}
	return out
}

// filters reads the conditions of the address.
func (x *seeking) filters() []search.Filter {
	var out []search.Filter
	for _, f := range searchNarrow {
		v := x.query.Get(f.param)
		if v == "" {
			continue
		}
		out = append(out, search.Filter{Field: f.field, Any: []string{v}})
		x.Chips = append(x.Chips, Chip{i18n.T(x.l, "search."+f.param), x.value(&f, v), x.With(f.param, "", "from", "")})
	}
	return out
}

// facets sets the counts of the fields beside the hits.
func (x *seeking) facets(counts map[string][]search.Count) {
	for i := range searchNarrow {
		f := &searchNarrow[i]
		g := FacetGroup{ID: "facet-" + f.param, Label: i18n.T(x.l, "search."+f.param)}
		for _, c := range counts[f.field] {
			on := x.query.Get(f.param) == c.Value
			if !f.shown(c.Value) || len(g.Items) >= facetSize && !on {
				continue
			}
			to := c.Value
			if on {
				to = ""
			}
			g.Items = append(g.Items, FacetItem{x.value(f, c.Value), i18n.Integer(int64(c.N)), x.With(f.param, to, "from", ""), on})
		}
		if len(g.Items) > 0 {
			x.Facets = append(x.Facets, g)
		}
	}
}

func (x *seeking) value(f *searchField, v string) string {
	if f.label != nil {
		return f.label(x.l, v)
	}
	if d, err := x.s.svc.Registry.Division(x.ctx, v, ""); err == nil {
		return d.Name.In(x.l)
	}
	return v
}

// nothing says that nothing was found, and what there is instead: within fewer
// conditions, names like the query, records that hold a part of it.
func (x *seeking) nothing() {
	if len(x.Chips) > 0 || len(x.Tabs) > 2 {
		x.Empty = State{Kind: "empty", Heading: i18n.T(x.l, "search.no_match"), Text: i18n.T(x.l, "search.no_match_text"), Action: Link{i18n.T(x.l, "reg.no_match_act"), "/search?" + url.Values{"q": {x.Query}}.Encode()}}
		return
	}
	x.Tabs, x.Count, x.Facets = nil, "", nil
	x.Empty = State{Kind: "empty", Heading: i18n.T(x.l, "reg.search.none", errs.A{"query": x.Query}), Text: i18n.T(x.l, "reg.search.none_text")}
	x.perhaps()
	q := x.q
	q.Whole, q.Limit = true, hitsEach
	if near := x.s.svc.Search.Search(q); len(near.Hits) > 0 {
		g := SearchGroup{ID: "hits-near", Heading: i18n.T(x.l, "search.near"), Lead: i18n.T(x.l, "search.near_text"), Hits: x.hits(near.Hits)}
		for i, h := range near.Hits {
			g.Hits[i].Kind = word(x.l, "record", h.Kind)
		}
		x.Groups = []SearchGroup{g}
	}
	x.hints(x.l)
}

// perhaps looks for names that begin like the query, shortened step by step,
// and for titles like it.
func (x *seeking) perhaps() {
	runes := []rune(x.Query)
	for n := len(runes); n > 1 && len(x.Perhaps) == 0; n = n * 2 / 3 {
		for _, g := range x.s.svc.Search.Suggest(string(runes[:n]), x.viewer, 2*hitsEach) {
			x.suggest(g.Kind, g.ID, g.Title)
		}
	}
	for _, h := range x.s.svc.Search.Similar(x.Query, search.Query{Kinds: searchKinds, Viewer: x.viewer, Limit: hitsEach}) {
		x.suggest(h.Kind, h.ID, h.Title)
	}
}

func (x *seeking) suggest(kind, id string, title i18n.Text) {
	l := Link{title.In(x.l), refPath(kind, id)}
	if l.Href != "" && slices.Contains(searchKinds, kind) && !slices.Contains(x.Perhaps, l) && len(x.Perhaps) < hitsEach {
		x.Perhaps = append(x.Perhaps, l)
	}
}

// onward leads to what else can be done with the same words.
func (x *seeking) onward(user *account.User) {
	if x.s.svc.Match == nil || x.s.svc.Transfer == nil {
		return
	}
	q := "?" + url.Values{"q": {x.Query}}.Encode()
	x.Onward = []Link{{i18n.T(x.l, "search.experts"), "/experts" + q}}
	if account.Require(user, account.Edit) == nil {
		x.Onward = append(x.Onward, Link{i18n.T(x.l, "search.bench"), "/match" + q})
	}
}

func (p *SearchPage) hints(l i18n.Lang) {
	for _, room := range []string{"organisations", "platforms", "papers", "sources"} {
		p.Hints = append(p.Hints, Link{i18n.T(l, "reg."+room), "/" + room})
	}
}

// hitOf shows the title in the reader's language, and below it the texts in
// which the query stands but which the title does not show.
func hitOf(l i18n.Lang, h search.Hit) SearchHit {
	title := h.Title.In(l)
	out := SearchHit{Href: refPath(h.Kind, h.ID), Title: []Piece{{Text: title}}, Lang: otherLang(l, h.Title)}
	for _, m := range h.Marks {
		if m.Text == title {
			out.Title = pieces(m)
			continue
		}
		out.Lines = append(out.Lines, SearchLine{markLang(l, m.Field), pieces(m)})
	}
	return out
}

// markLang is the lang attribute of a marked text, "" where it is the page's
// or not known.
func markLang(l i18n.Lang, field string) string {
	switch {
	case field == "title_en" && l != i18n.EN:
		return "en"
	case field == "title_zh" && l != i18n.ZH:
		return "zh-CN"
	}
	return ""
}

// pieces cuts a text at the places where the query stands.
func pieces(m search.Mark) []Piece {
	var out []Piece
	at := 0
	for _, r := range m.Ranges {
		if r[0] > at {
			out = append(out, Piece{Text: m.Text[at:r[0]]})
		}
		out = append(out, Piece{Text: m.Text[r[0]:r[1]], Hit: true})
		at = r[1]
	}
	if at < len(m.Text) {
		out = append(out, Piece{Text: m.Text[at:]})
	}
	return out
}
