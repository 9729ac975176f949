package observatory

import (
	"cmp"
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Card is one figure of the overview: its newest value, where it comes from,
// and how it moved.
type Card struct {
	Figure    Figure            `json:"figure"`
	Known     bool              `json:"known"`
	Basis     Basis             `json:"basis"` // of the value shown
	Quantity  quantity.Quantity `json:"quantity,omitzero"`
	Period    quantity.Period   `json:"period"`
	Edition   string            `json:"edition,omitempty"`
	DataYear  int               `json:"data_year,omitempty"`
	SourceID  string            `json:"source_id,omitempty"` // of a reported value
	Source    i18n.Text         `json:"source,omitzero"`
	Locator   string            `json:"locator,omitempty"`
	Records   int64             `json:"records"`             // behind a computed value
	Simulated int64             `json:"simulated,omitempty"` // how many of them are made up
	Sources   int               `json:"sources"`             // how many sources report a value for this period
	Parts     int               `json:"parts,omitempty"`     // of a figure that is known by its parts alone, such as stages
	// Beside is the computed value of a figure that is reported too.
	Beside *Difference `json:"beside,omitempty"`
	Change *Change     `json:"change,omitempty"`
	Spark  []Point     `json:"spark"` // oldest first
}

// Change is the move from the period before.
type Change struct {
	Kind     string            `json:"kind"` // "percent", "points" of a percentage, "places" of a rank (above zero is better)
	Quantity quantity.Quantity `json:"quantity"`
	Base     quantity.Quantity `json:"base"`
	Period   quantity.Period   `json:"period"` // of the base
	Edition  string            `json:"edition,omitempty"`
	Break    i18n.Text         `json:"break,omitzero"` // the method changed in between: not a move of the city
}

// Point is one value of a series.
type Point struct {
	Period   quantity.Period   `json:"period"`
	Edition  string            `json:"edition,omitempty"`
	Quantity quantity.Quantity `json:"quantity"`
	Note     i18n.Text         `json:"note,omitzero"`

	reported *Reported
	computed *Computed
	sources  int
}

// Overview returns a card for each figure of the overview, in their order.
func (s *Service) Overview(ctx context.Context) ([]Card, error) {
	b, err := s.Book(ctx)
	if err != nil {
		return nil, err
	}
	var out []Card
	for i := range b.Figures {
		if b.Figures[i].Overview {
			out = append(out, b.Card(&b.Figures[i]))
		}
	}
	slices.SortStableFunc(out, func(a, c Card) int { return cmp.Compare(a.Figure.Order, c.Figure.Order) })
	return out, nil
}

// Card makes the card of any figure of the book.
func (b *Book) Card(f *Figure) Card {
	c := Card{Figure: *f, Basis: BasisReported}
	points := b.reportedSeries(f.ID)
	if len(points) == 0 {
		c.Basis, points = BasisComputed, b.computedSeries(f.ID)
	}
	if len(points) == 0 {
		c.Basis, c.Parts = f.Basis, len(b.Computed[f.ID])
		return c
	}
	c.Spark = points
	last := &points[len(points)-1]
	c.Known, c.Quantity, c.Period, c.Edition, c.Sources = true, last.Quantity, last.Period, last.Edition, last.sources
	if r := last.reported; r != nil {
		c.DataYear, c.SourceID, c.Source, c.Locator = r.DataYear, r.SourceID, b.Sources[r.SourceID].Title, r.Locator
		if d := differences([]Reported{*r}, b.Computed[f.ID]); len(d) > 0 {
			c.Beside = &d[0]
		}
	} else {
		c.Records, c.Simulated = last.computed.Records, last.computed.Simulated
	}
	if len(points) > 1 {
		c.Change = move(points[len(points)-2], *last)
	}
	return c
}

// reportedSeries is one point per period, oldest first. Of several sources for
// one period the one that says most is shown; all stand on the sheet. An
// undated value is placed by the day its source was published.
func (b *Book) reportedSeries(id string) []Point {
	d := newDeriver(b)
	best, counts := map[string]*Reported{}, map[string]int{}
	values := b.Reported[id]
	for i := range values {
		r := &values[i]
		key := when(r.Period, r.SourceID)
		counts[key]++
		if best[key] == nil || d.better(r, best[key]) {
			best[key] = r
		}
	}
	var out []Point
	for key, r := range best {
		out = append(out, Point{Period: r.Period, Edition: r.Edition, Quantity: r.Quantity, Note: r.Note, reported: r, sources: counts[key]})
	}
	slices.SortFunc(out, func(x, y Point) int {
		return cmp.Or(cmp.Compare(b.placed(x.reported), b.placed(y.reported)), cmp.Compare(x.reported.ID, y.reported.ID))
	})
	return out
}

func (b *Book) placed(r *Reported) string {
	return cmp.Or(r.Period.End, b.Sources[r.SourceID].PublishedOn)
}

func (b *Book) computedSeries(id string) []Point {
	var out []Point
	values := b.Computed[id]
	for i := range values {
		v := &values[i]
		if v.Item == "" && v.Known {
			out = append(out, Point{Period: v.Period, Quantity: v.Quantity, computed: v})
		}
	}
	slices.SortStableFunc(out, func(x, y Point) int { return cmp.Compare(x.Period.End, y.Period.End) })
	return out
}

// move is the change from one point to the next; nil where nothing can be
// said, as between bounds that point different ways.
func move(from, to Point) *Change {
	c := Change{Base: from.Quantity, Period: from.Period, Edition: from.Edition}
	var err error
	switch to.Quantity.Unit.Dimension() {
	case quantity.DimRank:
		c.Kind = "places"
		c.Quantity, err = from.Quantity.Sub(to.Quantity)
		c.Quantity.Unit = quantity.Count
	case quantity.DimRatio:
		c.Kind = "points"
		c.Quantity, err = to.Quantity.Sub(from.Quantity)
		c.Quantity.Unit = quantity.Point
	default:
		c.Kind = "percent"
		if c.Quantity, err = quantity.Ratio(to.Quantity, from.Quantity); err == nil {
			c.Quantity, err = c.Quantity.Sub(quantity.Of(100, quantity.Percent))
		}
	}
	if err != nil || from.Period.End == "" || to.Period.End == "" {
		return nil
	}
	if from.Note != to.Note && !to.Note.IsZero() && to.Edition != "" {
		c.Break = to.Note
	}
	return &c
}
