package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// RankingsPage sets the ranks that bodies have given, edition by edition.
type RankingsPage struct {
	Page
	Lead      string
	Own       []Link         // rankings of Kapok's own
	Published []PublishedRow // the ledger, by body
	Series    []Ranking      // with two editions or more
	Single    []Ranking      // one edition: a table
	Sources   []SourceNote
	Empty     State
}

// Ranking is one ranking of one subject.
type Ranking struct {
	ID       string
	Title    string
	Href     string
	Body     string
	Unit     string // what is ranked
	Subject  Link
	Chart    ChartFigure
	HasChart bool
	Editions []EditionRow
}

// EditionRow is a rank in one edition.
type EditionRow struct {
	Edition string
	Year    string // of the data
	Window  string // of the data where it is not one year
	Rank    Value
	Note    string
	NewNote bool // the note differs from that of the edition before: the method moved
	Mark    *SourceMark
}

func (s *Site) rankings(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := RankingsPage{Page: s.Page(r, v.say("web.room.rankings")), Lead: v.say("web.rankings.lead")}
	if p.Published, err = s.publishedRows(v); err != nil {
		return err
	}
	p.Own = s.ownRankings(v)
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return err
	}
	sheets := book.sheets(func(f *observatory.Figure) bool {
		return f.Unit.Base() == quantity.Rank || f.Unit.Base() == quantity.RankShare
	})
	slices.SortStableFunc(sheets, func(a, b figureSheet) int { // as they stand on the page, so that sources count up
		return cmp.Compare(min(len(b.Reported), 2), min(len(a.Reported), 2))
	})
	for i := range sheets {
		x, err := s.ranking(v, &sheets[i])
		if err != nil {
			return err
		}
		if len(x.Editions) > 1 {
			p.Series = append(p.Series, x)
		} else {
			p.Single = append(p.Single, x)
		}
	}
	n := 0
	for i := range p.Series {
		if p.Series[i].HasChart {
			n++
			p.Series[i].Chart.Number = n
		}
	}
	if len(sheets) == 0 && len(p.Published) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.rankings.none"), Text: v.say("web.rankings.none_text")}
	}
	p.Sources = v.notes
	return s.Render(w, r, "rankings", p)
}

// ownRankings leads to what Kapok ranks itself.
func (s *Site) ownRankings(v *reading) []Link {
	if s.svc.Ranking == nil {
		return nil
	}
	var out []Link
	for _, k := range styleKinds {
		out = append(out, Link{v.say("web.style.title." + k.path), "/rankings/style/" + k.path})
	}
	return append(out, Link{v.say("web.clusters.title"), "/clusters"})
}

func (s *Site) ranking(v *reading, f *figureSheet) (Ranking, error) {
	sheet, err := s.svc.Observatory.Figure(v.ctx, f.ID)
	if err != nil {
		return Ranking{}, err
	}
	moved := map[string]bool{}
	for _, b := range sheet.Breaks {
		moved[b.After] = true
	}
	x := Ranking{ID: chartID(f.ID), Title: f.Title.In(v.l), Href: "/figures/" + f.ID, Body: f.Body, Unit: f.Scope.In(v.l)}
	x.Subject.Text, x.Subject.Href = s.subject(v, f.Subject)
	for i := range f.Reported {
		x.Editions = append(x.Editions, f.edition(v, i, moved))
	}
	x.Chart, x.HasChart = f.reportedChart(v)
	x.Chart.Spec.Title = x.Title
	return x, nil
}

// edition is one row. moved are the values before which the method changed.
func (f *figureSheet) edition(v *reading, i int, moved map[string]bool) EditionRow {
	r := &f.Reported[i]
	row := EditionRow{Edition: r.Edition, Rank: figureValue(v.l, &f.Figure, r.Quantity), Note: r.Note.In(v.l), Mark: v.mark(r.SourceID)}
	if row.Edition == "" {
		row.Edition = periodText(v.l, r.Period)
	}
	switch {
	case r.DataYear != 0:
		row.Year = strconv.Itoa(r.DataYear)
	case r.Period.Kind == quantity.Cumulative && r.Period.Start != "":
		row.Window = strings.TrimSpace(i18n.Day(v.l, r.Period.Start[:4]) + "–" + i18n.Day(v.l, r.Period.End[:4]))
	}
	row.NewNote = moved[r.ID]
	return row
}
