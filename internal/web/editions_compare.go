package web

import (
	"net/http"
	"strconv"

	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// ComparisonPage sets two editions of a ranking side by side.
type ComparisonPage struct {
	Page
	Tone    string
	Icon    string
	Verdict string
	Reasons []string
	Changes []MethodChange
	Form    FilterBar
	A, B    string
	Rows    []MoveRow
	Sources []SourceNote
}

// MoveRow is what became of one unit.
type MoveRow struct {
	Name   string
	Lang   string
	Home   bool
	A, B   string
	Move   string // "上升 2 位", "不可比"
	Way    string // up, down, same; "" where it means nothing
	Values []string
	Note   string
}

func (s *Site) comparison(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	key, q := r.PathValue("ranking"), r.URL.Query()
	all, err := s.editionsOf(v, key)
	if err != nil {
		return err
	}
	c, err := s.svc.Editions.Compare(v.ctx, edition.ID(key, q.Get("a")), edition.ID(key, q.Get("b")))
	if err != nil {
		return err
	}
	if s.hidden(v, &c.A) || s.hidden(v, &c.B) {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": key})
	}
	home, err := s.homeUnits(v.ctx)
	if err != nil {
		return err
	}
	p := ComparisonPage{Page: s.Page(r, v.say("web.edition.compare_title", errs.A{"title": c.B.Title.In(v.l), "a": c.A.Edition, "b": c.B.Edition})), A: c.A.Edition, B: c.B.Edition, Form: compareForm(v, key, all)}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}, {c.B.Title.In(v.l), "/rankings/published/" + key}}
	for i, now := range []string{c.A.Edition, c.B.Edition} {
		for j := range p.Form.Fields[i].Options {
			p.Form.Fields[i].Options[j].Selected = p.Form.Fields[i].Options[j].Value == now
		}
	}
	p.Tone, p.Icon = map[edition.Verdict]string{edition.Yes: "ok", edition.No: "apart", edition.Unknown: "care"}[c.Comparable], map[edition.Verdict]string{edition.Yes: "check", edition.No: "differ", edition.Unknown: "question"}[c.Comparable]
	p.Verdict = v.say("web.edition.comparable." + string(c.Comparable))
	for _, why := range c.Why {
		p.Reasons = append(p.Reasons, v.say("web.edition.why."+string(why)))
	}
	for i := range c.Changes {
		label := c.Changes[i].Edition
		for j := range all {
			if all[j].ID == label {
				label = all[j].Edition
			}
		}
		p.Changes = append(p.Changes, methodChange(v, label, &c.Changes[i].Difference))
	}
	for i := range c.Moves {
		p.Rows = append(p.Rows, moveRow(v, &c, &c.Moves[i], home))
	}
	v.mark(c.A.SourceID)
	v.mark(c.B.SourceID)
	p.Sources = v.notes
	return s.Render(w, r, "comparison", p)
}

func moveRow(v *reading, c *edition.Comparison, m *edition.Move, home map[string]bool) MoveRow {
	line := m.B
	if line == nil {
		line = m.A
	}
	row := MoveRow{Name: line.Name.In(v.l), Lang: otherLang(v.l, line.Name), Home: home[line.Unit], A: rankText(v, m.RankA, m.A), B: rankText(v, m.RankB, m.B)}
	switch {
	case m.Places == nil:
	case m.Comparable == edition.No:
		row.Move = v.say("web.edition.not_comparable")
	case *m.Places > 0:
		row.Way, row.Move = "up", v.say("web.figure.places_up", errs.A{"n": *m.Places})
	case *m.Places < 0:
		row.Way, row.Move = "down", v.say("web.figure.places_down", errs.A{"n": -*m.Places})
	default:
		row.Way, row.Move = "same", v.say("web.figure.level")
	}
	if m.Comparable == edition.Unknown && row.Way != "" {
		row.Note = v.say("web.edition.perhaps")
	}
	if m.FromPrevious {
		row.Note = v.say("web.edition.from_previous", errs.A{"edition": c.B.Edition})
	}
	if m.Disagrees > 0 {
		row.Note = v.say("web.edition.disagrees", errs.A{"edition": c.B.Edition, "rank": m.Disagrees})
	}
	for i := range m.Values {
		row.Values = append(row.Values, valueMove(v, c, &m.Values[i]))
	}
	return row
}

func rankText(v *reading, rank int64, e *edition.Entry) string {
	switch {
	case rank > 0:
		return strconv.FormatInt(rank, 10)
	case e != nil && e.Rank.Bound != "":
		return plain(rankValue(v.l, e.Rank))
	}
	return ""
}

func valueMove(v *reading, c *edition.Comparison, m *edition.ValueMove) string {
	metric := c.B.Metric(m.Metric)
	if metric == nil {
		return ""
	}
	number := func(q quantity.Quantity) string {
		return plain(Value{Before: boundOnly(v.l, q), Number: metricNumber(q, metric)})
	}
	text := metric.Title.In(v.l) + " " + number(m.A) + " → " + number(m.B)
	if m.Growth != nil {
		text += " (" + signed(m.Growth.Value, 1) + "%)"
	}
	return text
}
