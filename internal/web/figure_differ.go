package web

import (
	"math"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Difference sets the reported value against the computed one in words.
type Difference struct {
	Tone  string // ok, care, apart: the class of a tag
	Icon  string
	Word  string // "一致", "不一致", "不可比"
	Text  string
	Gap   string   // "少 13 个", "" where they are the same or nothing is known
	Notes []string // what must be known before the two are compared
}

// differs words how the observatory sets the two values against each other.
func (f *figureSheet) differs(l i18n.Lang) Difference {
	b := f.Card.Beside
	if b == nil {
		return Difference{}
	}
	d := Difference{Tone: "care", Icon: "cross", Word: i18n.T(l, "web.figure.disagrees"), Text: b.Text(l), Gap: f.gap(l, b.Delta)}
	switch {
	case b.Relation.Agrees():
		d.Tone, d.Icon, d.Word = "ok", "check", i18n.T(l, "web.figure.agrees")
	case b.Relation == quantity.NotComparable:
		d.Tone, d.Icon, d.Word = "apart", "differ", i18n.T(l, "web.figure.apart")
	case b.Relation == quantity.Undecided:
		d.Tone, d.Icon, d.Word = "apart", "question", i18n.T(l, "web.figure.open")
	}
	for _, key := range b.Caveats {
		d.Notes = append(d.Notes, i18n.T(l, key))
	}
	if n := b.Reported.Note.In(l); n != "" {
		d.Notes = append(d.Notes, i18n.T(l, "web.figure.caveat_note", errs.A{"note": strings.TrimRight(n, "。.")}))
	}
	return d
}

// gap is how far the computed value lies from the reported one.
func (f *figureSheet) gap(l i18n.Lang, delta *quantity.Quantity) string {
	if delta == nil || delta.Value == 0 && delta.Bound == quantity.Exact {
		return ""
	}
	q := *delta
	if q.Bound == quantity.Between && q.Value < 0 && q.High > 0 {
		return "" // it lies on both sides: nothing short can be said
	}
	key := "web.figure.more"
	if q.Value < 0 || q.Bound == quantity.Between && q.High <= 0 {
		key = "web.figure.less"
		q = q.Mul(-1)
	}
	if q.Unit.Dimension() == quantity.DimRatio {
		q.Unit = quantity.Point
	}
	if q.Unit == quantity.Point && q.Step == 0 {
		q.Value, q.High = math.Round(q.Value*10)/10, math.Round(q.High*10)/10
	}
	return i18n.T(l, key, errs.A{"gap": plain(figureValue(l, &f.Figure, q))})
}

// moved words the change from the period before.
func (f *figureSheet) moved(l i18n.Lang, c *observatory.Change) Change {
	if c == nil {
		return Change{}
	}
	base := periodText(l, c.Period)
	if c.Edition != "" {
		base = editionText(l, c.Edition)
	}
	out := Change{Way: "same", Text: i18n.T(l, "web.figure.level"), Base: i18n.T(l, "web.figure.against", errs.A{"base": base, "value": plain(figureValue(l, &f.Figure, c.Base))})}
	if !c.Break.IsZero() {
		out.Base += i18n.T(l, "web.figure.method_moved")
	}
	d := c.Quantity
	if d.Bound != quantity.Exact && d.Bound != quantity.About {
		return Change{} // between bounds there is a direction at most
	}
	if d.Value == 0 {
		return out
	}
	out.Way = "up"
	if d.Value < 0 {
		out.Way = "down"
	}
	switch c.Kind {
	case "places":
		out.Text = i18n.T(l, "web.figure.places_"+out.Way, errs.A{"n": int(math.Abs(d.Value))})
	case "points":
		out.Text = i18n.T(l, "web.figure.points", errs.A{"n": signed(d.Value, 1)})
	default:
		out.Text = signed(d.Value, 1) + "%"
	}
	return out
}
