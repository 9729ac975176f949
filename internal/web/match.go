package web

import (
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
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// AddMatch adds the workbench on which needs and offers are brought together,
// the log of introductions, the notices of needs, and the versions of the
// weights.
func (s *Site) AddMatch(v Services) {
	s.svc = v
	s.guarded("GET /match", account.Edit, s.workbench)
	s.guarded("POST /match", account.Edit, s.introduce)
	s.guarded("GET /introductions", account.Edit, s.introductions)
	s.guarded("GET /introductions/{id}", account.Edit, s.introduction)
	s.guarded("POST /introductions/{id}", account.Edit, s.followUp)
	s.exports("/introductions", s.introductionExport)
	s.guarded("GET /notices", account.Read, s.notices)
	s.guarded("POST /notices", account.Read, s.noticesSeen)
	s.guarded("GET /match/weights", account.Edit, s.weights)
	s.guarded("POST /match/weights", account.Edit, s.changeWeights)
}

// MatchPage is the workbench: what is asked at the left, what was found at the
// right, each with its reasons.
type MatchPage struct {
	Page
	Asked    *Asked // nil before anything is asked
	Query    string // the free text that is asked
	Queue    []QueueItem
	Tabs     []Tab
	Verdict  BenchVerdict
	Notes    []string // of what the list does without
	Matches  []MatchRow
	Weak     []MatchRow // listed, but would not be recommended alone
	Nearest  []MatchRow // when nothing is recommended
	Excluded []MatchRow // near, but a hard condition fails
	Log      []LogRow
	Weights  string
	Reasons  []Option // why an offer is declined
	Error    string
}

// Asked is the record at the left.
type Asked struct {
	Kind, ID string
	Word     string // of its kind
	Title    string
	Lang     string
	Href     string
	Text     []string
	Facts    []Fact
}

// QueueItem is a need that waits for a match.
type QueueItem struct {
	Title, Lang, Href, Note string
}

// BenchVerdict says whether a list is recommended, and why not.
type BenchVerdict struct {
	Tone, Icon string
	Head, Text string
}

func (s *Site) workbench(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	p, err := b.page(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, "match", p)
}

// bench is one request for a page of the workbench.
type bench struct {
	*reading
	q      url.Values
	viewer level.Viewer
	owners map[string]registry.Ref
}

func (s *Site) bench(r *http.Request) (*bench, error) {
	if s.svc.Match == nil || s.svc.Transfer == nil {
		return nil, errs.New(errs.Unavailable, "match.off")
	}
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	return &bench{reading: v, q: r.URL.Query(), viewer: account.ViewerOf(v.user), owners: map[string]registry.Ref{}}, nil
}

// directions are the kinds that can be asked for, by what is asked.
var directions = map[string][]string{
	match.KindNeed: {"offers", match.KindPerson, match.KindOrg, match.KindPaper},
	"text":         {"offers", match.KindNeed, match.KindPerson, match.KindOrg, match.KindPaper},
	"offer":        {match.KindNeed, match.KindPerson, match.KindPaper},
}

func directionsOf(kind string) []string {
	switch kind {
	case match.KindNeed:
		return directions[match.KindNeed]
	case "":
		return directions["text"]
	}
	return directions["offer"]
}

func (b *bench) page(r *http.Request) (MatchPage, error) {
	p := MatchPage{Page: b.s.Page(r, b.say("bench.title")), Query: strings.TrimSpace(b.q.Get("q"))}
	key := match.Key{Kind: b.q.Get("kind"), ID: b.q.Get("id")}
	ways := directionsOf(key.Kind)
	way := b.q.Get("for")
	if !slices.Contains(ways, way) {
		way = ways[0]
	}
	o := match.Options{Limit: benchLimit}
	if way != "offers" {
		o.Kinds = []string{way}
	}
	var a match.Answer
	var err error
	switch {
	case key.ID != "":
		if a, err = b.s.svc.Match.For(b.ctx, b.viewer, key, o); err != nil {
			return p, err
		}
		if p.Asked, err = b.asked(key); err != nil {
			return p, err
		}
		p.Title = b.say("bench.for", errs.A{"title": p.Asked.Title})
		if p.Log, err = b.log(transfer.IntroductionFilter{Kind: key.Kind, ID: key.ID, Page: registry.Page{Limit: 50}}); err != nil {
			return p, err
		}
	case p.Query != "":
		a, err = b.s.svc.Match.ForText(b.ctx, b.viewer, match.Ask{Text: p.Query}, o)
		if errs.KindOf(err) == errs.Invalid || errs.KindOf(err) == errs.TooLarge {
			p.Error = i18n.Error(b.l, err)
			return p, nil
		}
		if err != nil {
			return p, err
		}
	default:
		p.Queue, err = b.queue()
		return p, err
	}
	for _, k := range ways {
		p.Tabs = append(p.Tabs, Tab{Label: b.say("bench.way." + k), Href: p.With("for", k), Current: k == way})
	}
	return p, b.fill(&p, key, &a)
}

// benchLimit is how many matches are laid on the workbench.
const benchLimit = 10

func (b *bench) fill(p *MatchPage, key match.Key, a *match.Answer) error {
	done, err := b.introduced(key)
	if err != nil {
		return err
	}
	if err := b.nameOwners(a.Matches, a.Nearest, a.Excluded); err != nil {
		return err
	}
	p.Verdict, p.Weights = b.verdict(a), a.Weights
	if a.Meaning.Behind > 0 {
		p.Notes = append(p.Notes, b.say("match.vectors_behind", errs.A{"count": a.Meaning.Behind}))
	}
	strong, weak := byStrength(a.Matches)
	for _, part := range []struct {
		from []match.Match
		to   *[]MatchRow
	}{{strong, &p.Matches}, {weak, &p.Weak}, {a.Nearest, &p.Nearest}, {a.Excluded, &p.Excluded}} {
		for i := range part.from {
			row := b.matchRow(len(p.Matches)+len(p.Weak)+len(p.Nearest)+len(p.Excluded)+1, i+1, &part.from[i])
			row.acts(key, &part.from[i], done)
			*part.to = append(*part.to, row)
		}
	}
	for _, why := range transfer.DeclineReasons {
		p.Reasons = append(p.Reasons, Option{Value: string(why), Label: b.say("bench.decline." + string(why))})
	}
	return nil
}

// byStrength parts the matches that would be recommended alone from the others.
func byStrength(list []match.Match) (strong, weak []match.Match) {
	for _, m := range list {
		if m.Weak {
			weak = append(weak, m)
		} else {
			strong = append(strong, m)
		}
	}
	return strong, weak
}

func (b *bench) verdict(a *match.Answer) BenchVerdict {
	if !a.Abstained {
		strong, _ := byStrength(a.Matches)
		return BenchVerdict{"ok", "check", b.say("bench.recommended", errs.A{"n": len(strong)}), b.say("bench.recommended_text", errs.A{"percent": i18n.Decimal(100*a.Best.Coverage, 0) + "%"})}
	}
	return BenchVerdict{"apart", "question", b.say("bench.abstained"), b.say("match.why."+string(a.Why), errs.A{
		"percent": i18n.Decimal(100*a.Best.Coverage, 0) + "%", "score": points(a.Best.Score),
		"least": b.least(a),
	})}
}

// least is what the best match was held against.
func (b *bench) least(a *match.Answer) string {
	if a.Why == match.WhyScore {
		return points(a.Threshold.Score)
	}
	return i18n.Decimal(100*a.Threshold.Coverage, 0) + "%"
}

// asked describes the record at the left.
func (b *bench) asked(key match.Key) (*Asked, error) {
	a := &Asked{Kind: key.Kind, ID: key.ID, Word: b.superKind(key.Kind), Href: refPath(key.Kind, key.ID)}
	t := b.s.svc.Transfer
	switch key.Kind {
	case transfer.KindNeed:
		n, err := t.Need(b.ctx, b.viewer, key.ID)
		if err != nil {
			return nil, err
		}
		a.common(b, &n.Common, n.Text)
		a.wants(b, &n)
	case transfer.KindResult:
		x, err := t.Result(b.ctx, b.viewer, key.ID)
		if err != nil {
			return nil, err
		}
		a.common(b, &x.Common)
	case transfer.KindService:
		x, err := t.Service(b.ctx, b.viewer, key.ID)
		if err != nil {
			return nil, err
		}
		a.common(b, &x.Common, x.Text)
	default:
		refs, err := b.s.svc.Registry.Refs(b.ctx, []string{key.ID})
		if err != nil {
			return nil, err
		}
		a.Title = refs[key.ID].Name.In(b.l)
		if a.Title == "" {
			a.Title = key.ID
		}
	}
	return a, nil
}

func (a *Asked) common(b *bench, c *transfer.Common, more ...string) {
	a.Title, a.Lang = c.Title.In(b.l), otherLang(b.l, c.Title)
	for _, t := range append([]string{c.Summary.In(b.l)}, more...) {
		if t = strings.TrimSpace(t); t != "" {
			a.Text = append(a.Text, strings.Split(t, "\n")...)
		}
	}
	owner := c.OwnerText
	if c.Owner != nil {
		owner = c.Owner.Name.In(b.l)
	}
	a.fact(b, "bench.owner", owner)
	a.fact(b, "bench.district", b.division(c.Division))
	a.fact(b, "bench.level", marketTerm(b.l, "level", string(c.Level)))
	a.fact(b, "bench.until", c.ExpiresOn)
	if b.sources[c.SourceID].Simulated {
		a.fact(b, "bench.origin", b.say("web.simulated_short"))
	}
}

func (a *Asked) wants(b *bench, n *transfer.Need) {
	c := n.Constraints
	if c.TRLMin > 0 {
		a.fact(b, "match.condition.trl", b.scaled("≥ "+strconv.Itoa(c.TRLMin)+" ("+string(c.TRLScale)+")"))
	}
	if c.BudgetMax != nil {
		a.fact(b, "match.condition.budget", quantity.With(quantity.AtMost, yuan(*c.BudgetMax), quantity.CNY).Format(b.l))
	}
	a.fact(b, "match.condition.region", b.regions(c.Regions))
	a.fact(b, "match.condition.ipc", strings.Join(c.IPC, ", "))
	a.fact(b, "match.condition.industry", strings.Join(c.Industry, ", "))
	if c.Rights != "" {
		a.fact(b, "match.condition.rights", marketTerm(b.l, "right_status", string(c.Rights)))
	}
	var forms []string
	for _, f := range c.Forms {
		forms = append(forms, marketTerm(b.l, "form", string(f)))
	}
	a.fact(b, "match.condition.form", strings.Join(forms, b.say("bench.comma")))
	a.fact(b, "bench.deadline", n.Deadline)
}

func (a *Asked) fact(b *bench, key, value string) {
	if value != "" {
		a.Facts = append(a.Facts, Fact{Label: b.say(key), Values: []FactValue{{Text: value}}})
	}
}

// queue lists the newest needs, for a workbench on which nothing lies.
func (b *bench) queue() ([]QueueItem, error) {
	got, err := b.s.svc.Transfer.Needs(b.ctx, b.viewer, transfer.NeedFilter{Filter: transfer.Filter{Live: true, Page: registry.Page{Limit: 20}}})
	if err != nil {
		return nil, err
	}
	var out []QueueItem
	for _, n := range got.Items {
		note := n.OwnerText
		if n.Owner != nil {
			note = n.Owner.Name.In(b.l)
		}
		if n.ListedOn != "" {
			note = strings.TrimPrefix(note+" · ", " · ") + b.say("bench.listed", errs.A{"day": n.ListedOn})
		}
		out = append(out, QueueItem{n.Title.In(b.l), otherLang(b.l, n.Title), "/match?kind=need&id=" + url.QueryEscape(n.ID), note})
	}
	return out, nil
}
