package web

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// OverviewPage is the year's figures of a city at one look.
type OverviewPage struct {
	Page
	City   string
	Stock  []StockLine
	Rows   [][]Theme
	AsOf   string // day the computed figures stand for, ISO
	Change *LastChange
	Empty  State
}

// StockLine is one thing the city has: how many, and where they are listed.
type StockLine struct {
	Label string
	Count int64
	Href  string
}

// LastChange is the newest entry of the change log.
type LastChange struct {
	Day string // ISO
	Seq int64
}

// Theme is one group of figures. Its cards stand side by side.
type Theme struct {
	Title string
	Href  string
	Cards []FigureCard
}

// themesPerRow is how many cards stand side by side on a wide screen.
const themesPerRow = 4

func (s *Site) overview(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := s.read(r)
	if err != nil {
		return err
	}
	l := v.l
	p := OverviewPage{Page: s.Page(r, i18n.T(l, "web.room.overview"))}
	p.City = s.cityName(ctx, l)
	if p.City != "" {
		p.Title = i18n.T(l, "web.overview.title", errs.A{"city": p.City})
	}
	if p.Stock, err = s.stock(ctx, l); err != nil {
		return err
	}
	book, err := s.figureBook(ctx, v)
	if err != nil {
		return err
	}
	sheets := book.sheets(func(f *observatory.Figure) bool { return f.Overview })
	p.Rows = inRows(themes(v, sheets), themesPerRow)
	p.AsOf = asOf(sheets)
	if p.Change, err = s.lastChange(ctx); err != nil {
		return err
	}
	if len(p.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "web.overview.none"), Text: i18n.T(l, "web.overview.none_text")}
	}
	return s.Render(w, r, "overview", p)
}

// cityName is the city that the figures speak of, "" when none is set.
func (s *Site) cityName(ctx context.Context, l i18n.Lang) string {
	if s.svc.TileMap == nil {
		return ""
	}
	d, err := s.svc.Registry.Division(ctx, s.svc.TileMap.Division, "")
	if err != nil {
		return ""
	}
	return d.Name.In(l)
}

// stock counts what the registers hold of the city.
func (s *Site) stock(ctx context.Context, l i18n.Lang) ([]StockLine, error) {
	city := ""
	if s.svc.TileMap != nil {
		city = s.svc.TileMap.Division
	}
	one := registry.Page{Limit: 1}
	orgs, err := s.svc.Registry.Orgs(ctx, registry.OrgFilter{Division: city, Page: one})
	if err != nil {
		return nil, err
	}
	all, err := s.svc.Registry.Orgs(ctx, registry.OrgFilter{Page: one})
	if err != nil {
		return nil, err
	}
	platforms, err := s.svc.Registry.Platforms(ctx, registry.PlatformFilter{Page: one})
	if err != nil {
		return nil, err
	}
	papers, err := s.svc.Registry.Papers(ctx, registry.PaperFilter{Page: one})
	if err != nil {
		return nil, err
	}
	sources, err := source.Count(ctx, s.svc.DB)
	if err != nil {
		return nil, err
	}
	here := "/organisations"
	if city != "" {
		here += "?division=" + city
	}
	return []StockLine{
		{i18n.T(l, "web.overview.orgs_here"), orgs.Total, here},
		{i18n.T(l, "web.overview.orgs"), all.Total, "/organisations"},
		{i18n.T(l, "web.overview.platforms"), platforms.Total, "/platforms"},
		{i18n.T(l, "web.overview.papers"), papers.Total, "/papers"},
		{i18n.T(l, "web.overview.sources"), sources, "/sources"},
	}, nil
}

func (s *Site) lastChange(ctx context.Context) (*LastChange, error) {
	head, err := change.Head(ctx, s.svc.DB)
	if err != nil || head == 0 {
		return nil, err
	}
	last, err := change.After(ctx, s.svc.DB, head-1, 1)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	return &LastChange{Day: last[0].At.UTC().Format("2006-01-02"), Seq: head}, nil
}

func asOf(sheets []figureSheet) string {
	day := ""
	for i := range sheets {
		for _, c := range sheets[i].Computed {
			day = max(day, c.AsOf)
		}
	}
	return day
}

// themes cuts the figures into their groups, in order.
func themes(v *reading, sheets []figureSheet) []Theme {
	var out []Theme
	last := ""
	for i := range sheets {
		f := &sheets[i]
		if f.Group != last {
			out = append(out, Theme{Title: f.GroupTitle.In(v.l), Href: "/figures?group=" + f.Group})
			last = f.Group
		}
		t := &out[len(out)-1]
		t.Cards = append(t.Cards, f.card(v))
	}
	return out
}

// inRows sets themes into rows of at most width cards, each theme where it
// first fits, so that the order is kept as far as it can be and the order of
// reading is the order seen.
func inRows(list []Theme, width int) [][]Theme {
	var rows [][]Theme
	var free []int
next:
	for _, t := range list {
		n := min(len(t.Cards), width)
		for i := range rows {
			if free[i] >= n {
				rows[i] = append(rows[i], t)
				free[i] -= n
				continue next
			}
		}
		rows = append(rows, []Theme{t})
		free = append(free, width-n)
	}
	return rows
}

// Span is how many cards of a row the theme takes.
func (t Theme) Span() int { return min(len(t.Cards), themesPerRow) }

// card words what the observatory shows of a figure.
func (f *figureSheet) card(v *reading) FigureCard {
	l, k := v.l, f.Card
	c := FigureCard{Href: "/figures/" + f.ID, Label: f.Title.In(l), Change: f.moved(l, k.Change), Spark: f.spark(l)}
	switch {
	case k.Beside != nil:
		c.Lines = []FigureLine{{i18n.T(l, "web.figure.reported"), figureValue(l, &f.Figure, k.Quantity)}, {i18n.T(l, "web.figure.computed"), computedValue(l, &f.Figure, &k.Beside.Computed)}}
		d := f.differs(l)
		if c.Difference = d.Word; d.Gap != "" {
			c.Difference += i18n.T(l, "web.figure.comma") + d.Gap
		}
	case k.Known:
		c.Value = figureValue(l, &f.Figure, k.Quantity)
	default:
		c.Value = UnknownValue(i18n.T(l, "web.figure.no_value"))
	}
	if f.reported() {
		c.Source, c.Period = v.short(k.SourceID), when(l, k.Edition, k.DataYear, k.Period)
		c.Simulated = v.sources[k.SourceID].Simulated
	} else if k.Known {
		c.Source, c.Period = i18n.T(l, "web.figure.from_records"), periodText(l, k.Period)
	}
	n := k.Records
	if k.Beside != nil {
		n = k.Beside.Computed.Records
	}
	if n > 0 {
		c.Records = recordCount(l, n)
	}
	c.Simulated = c.Simulated || f.madeUp()
	return c
}

// spark draws the history where it has three points or more.
func (f *figureSheet) spark(l i18n.Lang) *chart.Spec {
	ps := f.history(l, axis{scale: 1})
	if !f.reported() {
		ps = f.overTime(l, axis{scale: 1})
	}
	if len(ps) < 3 {
		return nil
	}
	return &chart.Spec{Kind: chart.Spark, ID: "spark-" + chartID(f.ID), Title: f.Title.In(l), Rank: f.ranked(), Series: []chart.Series{{Points: ps}}}
}
