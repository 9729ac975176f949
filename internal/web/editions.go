package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// PublishedRow is one published ranking in the list of all.
type PublishedRow struct {
	Title   string
	Href    string
	Body    string
	Unit    string
	Latest  string
	Count   string
	Rank    string // of the city's own unit in the latest edition that has one
	RankIn  string
	Style   Link
	Licence string
}

// PublishedPage is one published ranking: its editions, what changed between
// them, and the lines of one.
type PublishedPage struct {
	Page
	Body     string
	Unit     string
	Words    string // how its method is described
	Facts    []Fact
	Chart    ChartFigure
	HasChart bool
	Style    *StyleBeside
	Editions []PublishedEdition
	Changes  []MethodChange
	Chosen   string
	Note     string
	Metrics  []Column
	Entries  []PublishedEntry
	Held     string // how many lines of the whole table are held
	Pick     FilterBar
	Compare  FilterBar
	Sources  []SourceNote
	Recalled bool
}

// StyleBeside is Kapok's own figure beside a published ranking, under a name
// that is not the publisher's.
type StyleBeside struct {
	Name string
	Text string
	Href string
}

// PublishedEdition is one edition.
type PublishedEdition struct {
	Label   string
	Href    string
	Day     string
	Windows []string
	Length  string
	Held    string
	Licence string
	Basis   string // said where it is not published
	Mark    *SourceMark
	Current bool
}

// MethodChange is one change of method, with the edition that brought it.
type MethodChange struct {
	Edition   string
	Title     string
	Before    string
	After     string
	Note      string
	Breaks    bool
	Certainty string // said where no source was seen
}

// PublishedEntry is one line of a table.
type PublishedEntry struct {
	Rank     Value
	Name     string
	Lang     string
	Href     string
	Economy  string
	Values   []Cell
	Previous string
	Locator  string
	Note     string
	Home     bool
	Mark     *SourceMark
}

// homeUnits are the units that stand for this Kapok's city in published
// rankings: the city, and the subjects of the figures that are ranks.
func (s *Site) homeUnits(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{"division:" + s.svc.Observatory.City(): true}
	book, err := s.svc.Observatory.Book(ctx)
	if err != nil {
		return nil, err
	}
	for i := range book.Figures {
		f := &book.Figures[i]
		if f.Subject != "" && (f.Unit.Base() == quantity.Rank || f.Unit.Base() == quantity.RankShare) {
			out[f.Subject] = true
		}
	}
	return out, nil
}

// publishedRows lists the published rankings by body, each with where the city
// stands.
func (s *Site) publishedRows(v *reading) ([]PublishedRow, error) {
	if s.svc.Editions == nil {
		return nil, nil
	}
	all, err := s.svc.Editions.List(v.ctx, edition.Filter{})
	if err != nil {
		return nil, err
	}
	ours, err := s.homePoints(v)
	if err != nil {
		return nil, err
	}
	var out []PublishedRow
	for i := 0; i < len(all); {
		e, n := &all[i], 0
		for ; i < len(all) && all[i].Ranking == e.Ranking; i++ {
			n++
		}
		row := PublishedRow{Title: e.Title.In(v.l), Href: "/rankings/published/" + e.Ranking, Body: e.Body.In(v.l), Unit: v.say("web.edition.unit." + string(e.UnitRanked)), Latest: e.Edition, Count: v.say("web.edition.count", errs.A{"n": n}), Licence: e.Licence}
		if p := ours[e.Ranking]; p != nil {
			row.Rank, row.RankIn = plain(rankValue(v.l, p.Entry.Rank)), p.Edition.Edition
		}
		if b := s.styleBeside(v, e.Ranking, e.UnitRanked); b != nil {
			row.Style = Link{b.Name, b.Href}
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b PublishedRow) int { return strings.Compare(a.Body, b.Body) })
	return out, nil
}

// homePoints is the newest known rank of a unit of the city, by ranking.
func (s *Site) homePoints(v *reading) (map[string]*edition.Point, error) {
	units, err := s.homeUnits(v.ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]*edition.Point{}
	for unit := range units {
		points, err := s.svc.Editions.History(v.ctx, unit, "")
		if err != nil {
			return nil, err
		}
		for i := range points {
			old := out[points[i].Edition.Ranking]
			if points[i].Entry.Rank.Bound != "" && (old == nil || old.Edition.Edition <= points[i].Edition.Edition) {
				out[points[i].Edition.Ranking] = &points[i]
			}
		}
	}
	return out, nil
}

// styleBeside names Kapok's own figure and where it stands; nil where there is
// none.
func (s *Site) styleBeside(v *reading, key string, unit edition.Ranked) *StyleBeside {
	name, ok := edition.Style(key)
	if !ok || s.svc.Ranking == nil {
		return nil
	}
	body, _, _ := strings.Cut(key, ".")
	b := &StyleBeside{Name: name.In(v.l), Text: v.say("web.edition.style." + body)}
	switch {
	case unit == edition.Cluster:
		b.Href = "/clusters"
	case unit == edition.City:
		b.Href = "/rankings/style/cities?indicator=share"
	case body == "esi":
		b.Href = "/rankings/style/organisations?indicator=tcs&counting=full"
	case unit == edition.Economy:
		b.Href = "/rankings/style/countries?indicator=share"
	default:
		b.Href = "/rankings/style/organisations?indicator=share"
	}
	return b
}

// rankValue sets a rank, or a bound on it.
func rankValue(l i18n.Lang, q quantity.Quantity) Value {
	if q.Bound == "" {
		return UnknownValue(i18n.T(l, "web.edition.listed_only"))
	}
	n := strconv.FormatInt(int64(q.Value), 10)
	if q.Bound == quantity.Between {
		n += "–" + strconv.FormatInt(int64(q.High), 10)
	}
	return Value{Before: strings.TrimSpace(boundSign[q.Bound]), Number: n, Exact: q.Exact()}
}

func (s *Site) published(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	key := r.PathValue("ranking")
	all, err := s.editionsOf(v, key)
	if err != nil {
		return err
	}
	chosen := &all[0]
	for i := range all {
		if all[i].Edition == r.URL.Query().Get("edition") {
			chosen = &all[i]
		}
	}
	p := PublishedPage{Page: s.Page(r, chosen.Title.In(v.l)), Body: chosen.Body.In(v.l), Unit: v.say("web.edition.unit." + string(chosen.UnitRanked)), Words: chosen.Method.In(v.l), Chosen: chosen.Edition, Note: chosen.Note.In(v.l)}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}}
	p.Style, p.Recalled = s.styleBeside(v, key, chosen.UnitRanked), chosen.Basis == edition.Recalled
	counts, err := s.svc.Editions.Counts(v.ctx)
	if err != nil {
		return err
	}
	home, err := s.homeUnits(v.ctx)
	if err != nil {
		return err
	}
	for i := range all {
		p.Editions = append(p.Editions, s.publishedEdition(v, &p, &all[i], counts[all[i].ID], chosen))
		p.Changes = append(p.Changes, methodChanges(v, &all[i])...)
	}
	if err := s.fillEntries(v, &p, chosen, home); err != nil {
		return err
	}
	p.Facts = publishedFacts(v, chosen)
	p.Held = heldText(v, chosen, counts[chosen.ID])
	p.Compare = compareForm(v, key, all)
	if p.Chart, p.HasChart, err = s.bumpChart(v, all, home); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "published", p)
}

// editionsOf are the editions of a ranking that the reader may see, the newest
// first.
func (s *Site) editionsOf(v *reading, key string) ([]edition.Edition, error) {
	all, err := s.svc.Editions.List(v.ctx, edition.Filter{Ranking: key})
	all = slices.DeleteFunc(all, func(e edition.Edition) bool { return e.Ranking != key || s.hidden(v, &e) })
	if err == nil && len(all) == 0 {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(key, 80)})
	}
	return all, err
}

// hidden reports an edition whose table is for private use.
func (s *Site) hidden(v *reading, e *edition.Edition) bool {
	return v.closed(e.SourceID) || e.LicenceTag == source.Red && !v.can("read_private")
}

func publishedFacts(v *reading, e *edition.Edition) []Fact {
	facts := []Fact{v.plainFact("web.edition.body", e.Body.In(v.l)), v.plainFact("web.edition.ranked", v.say("web.edition.unit."+string(e.UnitRanked))),
		{Label: v.say("web.edition.licence"), Values: []FactValue{{Text: e.Licence}}},
		{Label: v.say("web.figure.source"), Values: []FactValue{{Text: v.short(e.SourceID), Href: "/sources/" + e.SourceID, Note: e.Locator, Mark: v.mark(e.SourceID)}}}}
	for _, t := range e.Totals {
		m := e.Metric(t.Metric)
		title := t.Metric
		if m != nil {
			title = m.Title.In(v.l)
		}
		facts = append(facts, Fact{Label: v.say("web.edition.total", errs.A{"metric": title}), Values: []FactValue{{Text: i18n.Decimal(t.Low, 0) + "–" + i18n.Decimal(t.High, 0), Note: t.How.In(v.l)}}})
	}
	return facts
}

func heldText(v *reading, e *edition.Edition, held int64) string {
	if e.Length == 0 {
		return v.say("web.edition.held_of_unknown", errs.A{"n": held})
	}
	return v.say("web.edition.held", errs.A{"n": held, "all": e.Length})
}

func (s *Site) publishedEdition(v *reading, p *PublishedPage, e *edition.Edition, held int64, chosen *edition.Edition) PublishedEdition {
	x := PublishedEdition{Label: e.Edition, Href: p.With("edition", e.Edition) + "#entries", Day: e.PublishedOn, Licence: e.Licence, Mark: v.mark(e.SourceID), Current: e.ID == chosen.ID, Held: i18n.Integer(held)}
	if e.Length > 0 {
		x.Length = i18n.Integer(e.Length)
	}
	if e.Basis == edition.Recalled {
		x.Basis = v.say("web.edition.recalled")
	}
	for i := range e.Metrics {
		m := &e.Metrics[i]
		if !m.Window.Known() || m.Ranks && len(x.Windows) > 0 { // the sum of shares spans those of its parts
			continue
		}
		if text := windowText(v.l, m.Window); !slices.Contains(x.Windows, text) {
			x.Windows = append(x.Windows, text)
		}
	}
	return x
}

// windowText is a period of whole years as years.
func windowText(l i18n.Lang, p quantity.Period) string {
	from, whole := strings.CutSuffix(p.Start, "-01-01")
	to, ends := strings.CutSuffix(p.End, "-12-31")
	switch {
	case !whole || !ends:
		return p.String(l)
	case from == to:
		return from
	}
	return from + "–" + to
}

func methodChanges(v *reading, e *edition.Edition) []MethodChange {
	var out []MethodChange
	for _, d := range e.Changes {
		out = append(out, methodChange(v, e.Edition, &d))
	}
	return out
}

func methodChange(v *reading, label string, d *edition.Difference) MethodChange {
	c := MethodChange{Edition: label, Title: d.Title.In(v.l), Before: d.Before.In(v.l), After: d.After.In(v.l), Note: d.Note.In(v.l), Breaks: d.Breaks}
	if c.Title == "" {
		c.Title = d.Parameter
	}
	if d.Certainty == edition.Unverified {
		c.Certainty = v.say("web.edition.unverified")
	}
	return c
}

// fillEntries sets the lines of one edition.
func (s *Site) fillEntries(v *reading, p *PublishedPage, e *edition.Edition, home map[string]bool) error {
	lines, err := s.svc.Editions.Entries(v.ctx, e.ID)
	if err != nil {
		return err
	}
	var metrics []edition.Metric
	for _, m := range e.Metrics {
		has := slices.ContainsFunc(lines, func(x edition.Entry) bool { _, found := x.Value(m.Key); return found })
		if has {
			metrics = append(metrics, m)
			p.Metrics = append(p.Metrics, Column{Label: m.Title.In(v.l), Unit: metricUnit(v.l, m.Unit), Numeric: true})
		}
	}
	for i := range lines {
		x := &lines[i]
		if v.closed(x.SourceID) {
			continue
		}
		row := PublishedEntry{Rank: rankValue(v.l, x.Rank), Name: x.Name.In(v.l), Lang: otherLang(v.l, x.Name), Economy: i18n.Country(v.l, x.Economy), Locator: x.Locator, Note: x.Note.In(v.l), Home: home[x.Unit], Mark: v.mark(x.SourceID)}
		if x.PreviousRank > 0 {
			row.Previous = strconv.FormatInt(x.PreviousRank, 10)
		}
		if x.Unit != "" {
			if text, href := s.subject(v, x.Unit); text != "" {
				row.Href = href
			}
		}
		for j, m := range metrics {
			c := Cell{Label: p.Metrics[j].Label, Numeric: true}
			if q, found := x.Value(m.Key); found {
				c.Text = plain(Value{Before: boundOnly(v.l, q), Number: metricNumber(q, &m)})
			}
			row.Values = append(row.Values, c)
		}
		p.Entries = append(p.Entries, row)
	}
	return nil
}

func metricUnit(l i18n.Lang, u quantity.Unit) string {
	if u == quantity.Count || u == quantity.None {
		return ""
	}
	return unitText(l, u)
}

// metricNumber prints a value with the digits of the published table.
func metricNumber(q quantity.Quantity, m *edition.Metric) string {
	text := strconv.FormatFloat(q.Value, 'f', m.Places, 64)
	whole, frac, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text
	}
	out := i18n.Integer(n)
	if frac != "" {
		out += "." + frac
	}
	return out
}

func boundOnly(l i18n.Lang, q quantity.Quantity) string {
	if q.Bound == quantity.Exact || q.Bound == "" {
		return ""
	}
	return ValueOf(l, q).Before
}

func compareForm(v *reading, key string, all []edition.Edition) FilterBar {
	if len(all) < 2 {
		return FilterBar{}
	}
	f := FilterBar{Action: "/rankings/published/" + key + "/compare", Reset: "/rankings/published/" + key}
	for i, name := range []string{"a", "b"} {
		x := Field{Name: name, Label: v.say("web.edition.compare." + name), Kind: "select"}
		for j := range all {
			x.Options = append(x.Options, Option{Value: all[j].Edition, Label: all[j].Edition, Selected: j == 1-i})
		}
		f.Fields = append(f.Fields, x)
	}
	return f
}
