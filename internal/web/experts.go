package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
)

// AddExperts adds the page that finds people and organisations for a problem
// by the records behind which they stand.
func (s *Site) AddExperts(v Services) {
	s.svc = v
	s.Route("GET /experts", s.experts)
}

// ExpertsPage lists the people, or the organisations, for whom records vote.
type ExpertsPage struct {
	Page
	Lead    string
	Query   string
	Asked   *Asked // the need that is asked for
	Error   string
	Tabs    []Tab
	Verdict BenchVerdict
	Notes   []string
	Rows    []ExpertRow
	Nearest bool // the rows are not recommended
	Queue   []QueueItem
	Bench   string // the same on the workbench, for staff
}

// ExpertRow is one candidate with its votes.
type ExpertRow struct {
	N     int
	ID    string
	Title string
	Lang  string
	Href  string
	Of    []Cell // organisations to which a person belongs
	Score string
	Votes []VoteRow
}

// expertsShown is how many candidates the page lists.
const expertsShown = 20

// expertWays are the kinds that records can vote for.
var expertWays = []string{match.KindPerson, match.KindOrg}

func (s *Site) experts(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	p := ExpertsPage{Page: s.Page(r, b.say("experts.title")), Lead: b.say("experts.lead"), Query: strings.TrimSpace(b.q.Get("q"))}
	way := b.q.Get("for")
	if !slices.Contains(expertWays, way) {
		way = match.KindPerson
	}
	status, err := b.elect(&p, way)
	if err != nil {
		return err
	}
	return s.RenderStatus(w, r, status, "experts", p)
}

// elect asks for a need or a text and fills the page; without either it offers
// needs to ask for.
func (b *bench) elect(p *ExpertsPage, way string) (status int, err error) {
	var a match.Answer
	o := match.Options{Kinds: []string{way}, Limit: expertsShown}
	onward := url.Values{"for": {way}}
	switch id := b.q.Get("need"); {
	case id != "":
		key := match.Key{Kind: match.KindNeed, ID: id}
		if a, err = b.s.svc.Match.For(b.ctx, b.viewer, key, o); err != nil {
			return 0, err
		}
		if p.Asked, err = b.asked(key); err != nil {
			return 0, err
		}
		p.Title = b.say("experts.for", errs.A{"title": p.Asked.Title})
		onward["kind"], onward["id"] = []string{match.KindNeed}, []string{id}
	case p.Query != "":
		a, err = b.s.svc.Match.ForText(b.ctx, b.viewer, match.Ask{Text: p.Query}, o)
		if k := errs.KindOf(err); k == errs.Invalid || k == errs.TooLarge {
			p.Error = i18n.Error(b.l, err)
			return statusOf[k], nil
		}
		if err != nil {
			return 0, err
		}
		onward["q"] = []string{p.Query}
	default:
		p.Queue, err = b.queue()
		for i := range p.Queue {
			p.Queue[i].Href = strings.Replace(p.Queue[i].Href, "/match?kind=need&id=", "/experts?need=", 1)
		}
		return http.StatusOK, err
	}
	for _, k := range expertWays {
		p.Tabs = append(p.Tabs, Tab{Label: b.say("experts.way." + k), Href: p.With("for", k), Current: k == way})
	}
	p.Verdict = b.verdict(&a)
	if a.Meaning.Behind > 0 {
		p.Notes = append(p.Notes, b.say("match.vectors_behind", errs.A{"count": a.Meaning.Behind}))
	}
	if b.can(account.Edit) {
		p.Bench = "/match?" + onward.Encode()
	}
	list := a.Matches
	if p.Nearest = a.Abstained; p.Nearest {
		list = a.Nearest
	}
	p.Rows, err = b.expertRows(list)
	return http.StatusOK, err
}

func (b *bench) expertRows(list []match.Match) ([]ExpertRow, error) {
	var out []ExpertRow
	for i := range list {
		m := &list[i]
		row := ExpertRow{N: i + 1, ID: m.ID, Title: m.Title.In(b.l), Lang: otherLang(b.l, m.Title), Href: refPath(m.Kind, m.ID), Score: points(m.Score), Votes: b.voteRows(m)}
		if m.Kind == match.KindPerson {
			var err error
			if row.Of, err = b.belongs(m.ID); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// voteRows words the votes of a match, with the kind of each record.
func (b *bench) voteRows(m *match.Match) []VoteRow {
	var out []VoteRow
	for _, v := range m.Votes {
		out = append(out, VoteRow{Title: v.Title.In(b.l), Lang: otherLang(b.l, v.Title), Href: refPath(v.Kind, v.ID), Part: points(v.Part)})
	}
	return out
}

// belongs lists the organisations to which a person is related today.
func (b *bench) belongs(id string) ([]Cell, error) {
	groups, err := b.s.svc.Registry.Relations(b.ctx, id)
	if err != nil {
		return nil, err
	}
	var out []Cell
	for _, g := range groups {
		for _, l := range g.Links {
			if l.Other.Kind == registry.KindOrg && l.ValidTo == "" && !b.closed(l.SourceID) {
				out = append(out, b.ref(l.Other))
			}
		}
	}
	return out, nil
}

// viewerOf is what the reader of a page of records may see.
func viewerOf(v *reading) level.Viewer { return account.ViewerOf(v.user) }
