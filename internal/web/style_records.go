package web

import (
	"iter"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/sheet"
)

// StyleRecordsPage lists the works behind one value of a ranking, with the
// weights that add up to it.
type StyleRecordsPage struct {
	Page
	Unit    string
	Value   Value
	Define  string
	Marked  bool
	Facts   []Fact
	Total   string
	Agrees  bool
	Head    TableHead
	Rows    []StyleRecordRow
	Based   bool // the value is a mean or a proportion
	Pager   Pager
	Exports []Link
	Method  *Method
}

// StyleRecordRow is one work.
type StyleRecordRow struct {
	Title  string
	Href   string
	DOI    string
	Year   string
	Weight string
	Base   string
}

func (s *Site) styleRecords(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	kind := r.PathValue("kind")
	q, err := recordsQuery(r.URL.Query(), kind)
	if err != nil {
		return err
	}
	got, err := s.svc.Ranking.Records(v.ctx, q)
	if err != nil {
		return err
	}
	m, err := s.svc.Ranking.Corpus(v.ctx, q.Corpus)
	if err != nil {
		return err
	}
	by, _ := ranking.IndicatorOf(q.Indicator)
	name := got.Unit.In(v.l)
	p := StyleRecordsPage{Page: s.Page(r, v.say("web.style.records_title", errs.A{"unit": name, "indicator": by.Title.In(v.l)})), Unit: name, Define: by.Definition.In(v.l), Marked: m.Simulated}
	list := queryValues(&q.Query)
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}, {v.say("web.style.title." + kind), "/rankings/style/" + kind + "?" + list.Encode()}}
	p.Value = Value{Number: numText(got.Value, by.Unit), After: unitWord(v, by.Unit), Gap: by.Unit != "percent", Exact: strconv.FormatFloat(got.Value, 'g', -1, 64)}
	p.Facts = append(corpusFacts(v, &m), queryFacts(v, &q.Query)...)
	p.Based = got.Base != 0
	p.Total, p.Agrees = styleAgreement(v, &got, &by)
	p.Head = styleRecordsHead(v, p.Based)
	for i := range got.Items {
		p.Rows = append(p.Rows, styleRecordRow(&got.Items[i]))
	}
	before, _ := cursorOf(r.URL.Query())
	p.Pager = pager(p.Page, before, int64(len(got.Items)), got.Total, got.Next)
	for _, f := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(f), exportPath(p.Path, f, p.With())})
	}
	p.Method = recordsMethod(v, &m, &got)
	return s.Render(w, r, "style_records", p)
}

func recordsQuery(q url.Values, kind string) (ranking.RecordsQuery, error) {
	unit, ok := styleUnit(kind)
	if !ok {
		return ranking.RecordsQuery{}, errs.New(errs.NotFound, "web.no_page", errs.A{"path": "/rankings/style/" + kind})
	}
	query, err := styleQuery(q, unit)
	query.Limit, query.Offset, query.Minimum = pageSize, 0, 0
	_, after := cursorOf(q)
	return ranking.RecordsQuery{Query: query, Of: q.Get("of"), After: after}, err
}

func styleRecordsHead(v *reading, based bool) TableHead {
	h := TableHead{Caption: v.say("web.style.works"), Hidden: true, Columns: []Column{{Label: v.say("web.style.work")}, {Label: v.say("web.style.year")}}}
	if based {
		h.Columns = append(h.Columns, Column{Label: v.say("web.figure.numerator"), Numeric: true}, Column{Label: v.say("web.figure.denominator"), Numeric: true})
	} else {
		h.Columns = append(h.Columns, Column{Label: v.say("web.style.weight"), Numeric: true})
	}
	return h
}

// styleRecordRow links a work to the registry's paper where it has one.
func styleRecordRow(x *ranking.Record) StyleRecordRow {
	row := StyleRecordRow{Title: x.Title, DOI: x.DOI, Year: strconv.Itoa(x.Year), Weight: i18n.Decimal(x.Weight, 6), Base: i18n.Decimal(x.Base, 6)}
	if x.Year == 0 {
		row.Year = ""
	}
	if row.Title == "" {
		row.Title = "W" + strconv.FormatInt(x.Work, 10)
	}
	if x.Paper != "" {
		row.Href = "/papers/" + x.Paper
	} else if strings.HasPrefix(x.DOI, "10.") {
		row.Href = "https://doi.org/" + (&url.URL{Path: x.DOI}).EscapedPath()
	}
	return row
}

// styleAgreement says whether the sums of all works give the value.
func styleAgreement(v *reading, got *ranking.RecordPage, by *ranking.Indicator) (string, bool) {
	value := got.Weight
	key := "web.style.sum_is"
	if got.Base != 0 {
		value /= got.Base
		if by.Unit == "percent" {
			value *= 100
		}
		key = "web.style.ratio_is"
	}
	agrees := math.Abs(value-got.Value) <= 1e-9*math.Max(1, math.Abs(value))
	text := v.say(key, errs.A{"n": got.Total, "weight": i18n.Decimal(got.Weight, 6), "base": i18n.Decimal(got.Base, 6), "value": i18n.Decimal(value, 6)})
	if agrees {
		return text + v.say("web.style.agrees"), true
	}
	return text + v.say("web.style.differs", errs.A{"value": i18n.Decimal(got.Value, 6)}), false
}

func recordsMethod(v *reading, m *corpus.Manifest, got *ranking.RecordPage) *Method {
	out := &Method{Words: v.say("web.style.records_method"), Statements: []Statement{{Title: v.say("web.figure.sql_records"), SQL: strings.TrimSpace(got.Statement.SQL)}}}
	out.Facts = []Fact{v.plainFact("web.style.corpus", m.Name)}
	return out
}

// styleRecordsFile is all works behind one value.
func (s *Site) styleRecordsFile(format sheet.Format) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := recordsQuery(r.URL.Query(), r.PathValue("kind"))
		if err != nil {
			return err
		}
		q.After, q.Limit = "", exportStep
		e := export{name: "works", head: []string{"corpus", "of", "indicator", "work", "title", "year", "doi", "paper_id", "weight", "base"}}
		e.rows = iter.Seq2[sheet.Row, error](func(yield func(sheet.Row, error) bool) {
			for {
				got, err := s.svc.Ranking.Records(r.Context(), q)
				if err != nil {
					yield(nil, err)
					return
				}
				for i := range got.Items {
					x := &got.Items[i]
					row := sheet.Row{q.Corpus, q.Of, q.Indicator, x.Work, x.Title, blank(x.Year), x.DOI, x.Paper, x.Weight, nil}
					if got.Base != 0 {
						row[9] = x.Base
					}
					if !yield(row, nil) {
						return
					}
				}
				if q.After = got.Next; q.After == "" {
					return
				}
			}
		})
		return writeExport(w, format, e)
	}
}
