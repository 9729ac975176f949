package web

import (
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
)

// SearchPage is what was found, grouped by kind.
type SearchPage struct {
	Page
	Query  string
	Count  string
	Tabs   []Tab
	Groups []SearchGroup
	Empty  State
	Hints  []Link // where to go instead
}

// SearchGroup are the best hits of one kind.
type SearchGroup struct {
	ID      string
	Heading string
	Count   string
	Hits    []SearchHit
	More    string // address of all of this kind
}

// SearchHit is one record found.
type SearchHit struct {
	Href  string
	Title []Piece
	Lang  string
	Lines [][]Piece // where else the query stands
}

// Piece is a run of text; Hit where it is what was asked for.
type Piece struct {
	Text string
	Hit  bool
}

// searchKinds are the kinds that are shown, in the order of the page.
var searchKinds = []string{"figure", registry.KindOrg, registry.KindPlatform, registry.KindPark, registry.KindPerson, registry.KindPaper, source.Kind, registry.KindDivision}

const (
	hitsEach = 5  // of a kind, where all kinds are shown
	hitsOne  = 50 // where one kind is
)

func (s *Site) search(w http.ResponseWriter, r *http.Request) error {
	l := PrefsOf(r.Context()).Lang
	p := SearchPage{Page: s.Page(r, i18n.T(l, "web.search"))}
	p.Query = strings.TrimSpace(p.query.Get("q"))
	p.Page.Search = p.Query
	kind := p.query.Get("kind")
	if p.Query == "" || s.svc.Search == nil {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "reg.search.ask"), Text: i18n.T(l, "reg.search.ask_text")}
		p.hints(l)
		return s.Render(w, r, "search", p)
	}
	viewer := account.ViewerOf(userOf(r.Context()))
	all := s.svc.Search.Search(search.Query{Text: p.Query, Kinds: searchKinds, Limit: 1, Viewer: viewer})
	p.Title = i18n.T(l, "reg.search.for", errs.A{"query": p.Query})
	p.Count = i18n.T(l, "reg.search.count", errs.A{"n": all.Total})
	p.Tabs = []Tab{{Label: i18n.T(l, "reg.all"), Href: p.With("kind", ""), Count: i18n.Integer(int64(all.Total)), Current: kind == ""}}
	for _, k := range searchKinds {
		n := all.Kinds[k]
		if n == 0 {
			continue
		}
		p.Tabs = append(p.Tabs, Tab{Label: word(l, "record", k), Href: p.With("kind", k), Count: i18n.Integer(int64(n)), Current: kind == k})
		if kind == "" || kind == k {
			p.Groups = append(p.Groups, s.searchGroup(l, p, viewer, k, n, kind == k))
		}
	}
	if len(p.Groups) == 0 {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "reg.search.none", errs.A{"query": p.Query}), Text: i18n.T(l, "reg.search.none_text")}
		p.hints(l)
	}
	return s.Render(w, r, "search", p)
}

func (p *SearchPage) hints(l i18n.Lang) {
	for _, room := range []string{"organisations", "platforms", "papers", "sources"} {
		p.Hints = append(p.Hints, Link{i18n.T(l, "reg."+room), "/" + room})
	}
}

func (s *Site) searchGroup(l i18n.Lang, p SearchPage, viewer level.Viewer, kind string, n int, alone bool) SearchGroup {
	limit := hitsEach
	if alone {
		limit = hitsOne
	}
	g := SearchGroup{ID: "hits-" + kind, Heading: word(l, "record", kind), Count: i18n.Integer(int64(n))}
	for _, h := range s.svc.Search.Search(search.Query{Text: p.Query, Kinds: []string{kind}, Limit: limit, Viewer: viewer}).Hits {
		g.Hits = append(g.Hits, hitOf(l, h))
	}
	if !alone && n > len(g.Hits) {
		g.More = p.With("kind", kind)
	}
	return g
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
		out.Lines = append(out.Lines, pieces(m))
	}
	return out
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
