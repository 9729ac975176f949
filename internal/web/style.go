package web

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// styleKinds are the rankings of Kapok's own: the word of the address and the
// unit that is ranked.
var styleKinds = []struct{ path, unit string }{
	{"cities", "city"}, {"organisations", "organisation"}, {"fields", "field"}, {"years", "year"}, {"districts", "district"}, {"countries", "country"},
}

// styleColumns stand beside the indicator that orders a table.
var styleColumns = []string{"share", "p", "mncs", "pp_top10", "pp_top1", "pp_collab", "pp_int_collab"}

// styleMinimum is how many works a unit needs to be listed by a mean or a
// proportion, where the reader does not say: one lucky paper is no city.
const styleMinimum = 20

const (
	styleDots = 20 // units drawn
	stylePage = 50 // units listed
)

// StylePage is a ranking computed from a corpus.
type StylePage struct {
	Page
	Lead      string
	Tabs      []Tab
	Filter    FilterBar
	Marked    bool // the corpus is simulated
	Caveats   []string
	Chart     ChartFigure
	HasChart  bool
	Head      TableHead
	Rows      []StyleRow
	World     *StyleRow
	Pager     Pager
	Empty     State
	Corpus    []Fact
	Method    *Method
	Indicator string // definition of the one that orders
}

// StyleRow is one unit with its values.
type StyleRow struct {
	Rank   string
	Name   string
	Lang   string
	Href   string // of the organisation in the registry
	Note   string // country, city
	Home   bool
	Values []StyleValue
}

// StyleValue is one value, which leads to the works behind it.
type StyleValue struct {
	Label    string
	Text     string
	Interval string // "1.24–1.40"
	Href     string
	First    bool // the indicator that orders the table
}

// styleQuery reads a ranking out of an address.
func styleQuery(q url.Values, unit string) (ranking.Query, error) {
	out := ranking.Query{Corpus: q.Get("corpus"), Unit: unit, Counting: q.Get("counting"), Indicator: q.Get("indicator"),
		Country: q.Get("country"), City: q.Get("city"), Core: q.Get("core") == "yes", Limit: stylePage}
	var faults errs.List
	number := func(name string, to *int) {
		text := strings.TrimSpace(q.Get(name))
		if text == "" {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			faults = append(faults, errs.New(errs.Invalid, "web.style.no_number", errs.A{"value": cut(text, 40)}).At("/"+name))
		}
		*to = n
	}
	if x, known := ranking.IndicatorOf(out.Indicator); known && !q.Has("minimum") && (x.Unit == "ratio" || x.Unit == "percent") && unit != "field" && unit != "year" {
		out.Minimum = styleMinimum
	}
	field := 0
	number("from", &out.From)
	number("to", &out.To)
	number("minimum", &out.Minimum)
	number("field", &field)
	number("offset", &out.Offset)
	out.Field = int64(field)
	return out, faults.Err()
}

// styleHome sends a reader to the first kind of ranking.
func (s *Site) styleHome(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/rankings/style/"+styleKinds[0].path, http.StatusSeeOther)
	return nil
}

func styleUnit(path string) (string, bool) {
	for _, k := range styleKinds {
		if k.path == path {
			return k.unit, true
		}
	}
	return "", false
}

func (s *Site) style(w http.ResponseWriter, r *http.Request) error {
	kind := r.PathValue("kind")
	if name, format, file := strings.Cut(kind, "."); file {
		return s.styleExport(w, r, name, sheet.Format(format))
	}
	unit, ok := styleUnit(kind)
	if !ok {
		return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := StylePage{Page: s.Page(r, v.say("web.style.title."+kind)), Lead: v.say("web.style.lead." + kind)}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}}
	corpora, err := s.workCorpora(r)
	if err != nil {
		return err
	}
	if len(corpora) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.style.no_corpus"), Text: v.say("web.style.no_corpus_text"), Action: Link{v.say("web.room.rankings"), "/rankings"}}
		return s.Render(w, r, "style", p)
	}
	p.Tabs = styleTabs(v, r, kind)
	q, err := styleQuery(r.URL.Query(), unit)
	if q.Corpus == "" {
		q.Corpus = corpora[0].Name
	}
	if err != nil {
		return err
	}
	t, err := s.svc.Ranking.Table(v.ctx, q)
	if k := errs.KindOf(err); k == errs.Unavailable || k == errs.NotFound {
		p.Empty = State{Kind: "waiting", Heading: v.say("web.style.not_ready"), Text: i18n.Error(v.l, err)}
		return s.Render(w, r, "style", p)
	}
	if err != nil {
		return err
	}
	if err := s.fillStyle(v, &p, kind, &t, corpora, mayQuery(r)); err != nil {
		return err
	}
	return s.Render(w, r, "style", p)
}

// workCorpora are the corpora that hold works.
func (s *Site) workCorpora(r *http.Request) ([]corpus.Manifest, error) {
	all, err := s.svc.Ranking.Corpora(r.Context())
	return slices.DeleteFunc(all, func(m corpus.Manifest) bool { return m.Rows("work") == 0 }), err
}

func styleTabs(v *reading, r *http.Request, now string) []Tab {
	var tabs []Tab
	keep := url.Values{}
	for _, name := range []string{"corpus", "counting", "from", "to"} {
		if x := r.URL.Query().Get(name); x != "" {
			keep.Set(name, x)
		}
	}
	for _, k := range styleKinds {
		href := "/rankings/style/" + k.path
		if len(keep) > 0 {
			href += "?" + keep.Encode()
		}
		tabs = append(tabs, Tab{Label: v.say("web.style.kind." + k.path), Href: href, Current: k.path == now})
	}
	return append(tabs, Tab{Label: v.say("web.room.clusters"), Href: "/clusters"})
}

func (s *Site) fillStyle(v *reading, p *StylePage, kind string, t *ranking.Table, corpora []corpus.Manifest, mayAsk bool) error {
	by, _ := ranking.IndicatorOf(t.Query.Indicator)
	p.Indicator, p.Marked = by.Definition.In(v.l), t.Corpus.Simulated
	for _, c := range t.Caveats {
		p.Caveats = append(p.Caveats, c.In(v.l))
	}
	fields, err := s.svc.Ranking.Fields(v.ctx, t.Corpus.Name)
	if err != nil {
		return err
	}
	p.Filter = s.styleFilter(v, p, kind, t, corpora, fields)
	p.Corpus = corpusFacts(v, &t.Corpus)
	p.Corpus = append(p.Corpus, v.plainFact("web.style.works_all", numText(t.World.Values["p"], "count")))
	if unit := t.Query.Unit; unit != "field" && unit != "year" && t.World.Values["share"] > 0 {
		p.Corpus = append(p.Corpus, v.plainFact("web.style.placed", v.say("web.style.placed_of", errs.A{"n": numText(t.Placed, "share"), "percent": i18n.Decimal(100*t.Placed/t.World.Values["share"], 1)})))
	}
	p.Method = styleMethod(v, t, mayAsk)
	if len(t.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.style.none"), Text: v.say("web.style.none_text"), Action: Link{v.say("web.reset"), "/rankings/style/" + kind}}
		return nil
	}
	columns := styleColumnsOf(by.ID)
	p.Head = styleHead(v, p.Title, kind, columns)
	for i := range t.Rows {
		p.Rows = append(p.Rows, styleRow(v, kind, t, &t.Rows[i], columns))
	}
	if kind != "years" {
		w := styleRow(v, "", t, &t.World, columns)
		w.Name, w.Rank, w.Note = v.say("web.style.world"), "", ""
		p.World = &w
	}
	p.Pager = offsetPager(v, p.Page, t.Query.Offset, len(t.Rows), t.Total)
	p.Chart, p.HasChart = styleChart(v, p, kind, t, &by), true
	return nil
}

// styleColumnsOf puts the indicator that orders first.
func styleColumnsOf(first string) []ranking.Indicator {
	ids := append([]string{first}, slices.DeleteFunc(slices.Clone(styleColumns), func(id string) bool { return id == first })...)
	var out []ranking.Indicator
	for _, id := range ids[:min(len(ids), 7)] {
		if x, ok := ranking.IndicatorOf(id); ok {
			out = append(out, x)
		}
	}
	return out
}

func styleHead(v *reading, caption, kind string, columns []ranking.Indicator) TableHead {
	h := TableHead{Caption: caption, Hidden: true, Columns: []Column{{Label: v.say("web.style.rank"), Numeric: true}, {Label: v.say("web.style.name." + kind)}}}
	if kind == "years" {
		h.Columns = h.Columns[1:] // years stand in their order
	}
	for _, x := range columns {
		h.Columns = append(h.Columns, Column{Label: x.Title.In(v.l), Unit: unitWord(v, x.Unit), Numeric: true})
	}
	return h
}

func unitWord(v *reading, unit string) string {
	switch unit {
	case "percent":
		return "%"
	case "count", "share":
		if v.l == i18n.ZH { // in English the titles say it: "Works"
			return v.say("web.style.pieces")
		}
	}
	return ""
}

func styleRow(v *reading, kind string, t *ranking.Table, row *ranking.Row, columns []ranking.Indicator) StyleRow {
	x := StyleRow{Rank: strconv.Itoa(row.Rank), Name: row.Name.In(v.l), Lang: otherLang(v.l, row.Name), Home: row.Home}
	if x.Name == "" {
		x.Name = row.Unit
	}
	if kind == "years" {
		x.Rank = ""
	}
	if row.OrgID != "" {
		x.Href = "/organisations/" + row.OrgID
	}
	if kind == "cities" || kind == "organisations" {
		x.Note = i18n.Country(v.l, row.Country)
	}
	for i, c := range columns {
		value, known := row.Values[c.ID]
		cell := StyleValue{Label: c.Title.In(v.l), First: i == 0}
		if known {
			cell.Text = numText(value, c.Unit)
			if kind != "" {
				cell.Href = styleRecordsHref(kind, t, row.Unit, c.ID)
			}
		}
		if in, ok := row.Interval[c.ID]; ok && known && i == 0 {
			cell.Interval = numText(in[0], c.Unit) + "–" + numText(in[1], c.Unit)
		}
		x.Values = append(x.Values, cell)
	}
	return x
}

// styleRecordsHref opens the works behind one value.
func styleRecordsHref(kind string, t *ranking.Table, unit, indicator string) string {
	q := queryValues(&t.Query)
	q.Set("indicator", indicator)
	q.Set("of", unit)
	return "/rankings/style/" + kind + "/records?" + q.Encode()
}

// queryValues is a query as an address holds it, defaults filled in, so that
// it means the same when the defaults move.
func queryValues(q *ranking.Query) url.Values {
	out := url.Values{"corpus": {q.Corpus}, "counting": {q.Counting}, "indicator": {q.Indicator}, "from": {strconv.Itoa(q.From)}, "to": {strconv.Itoa(q.To)}}
	for name, value := range map[string]string{"country": q.Country, "city": q.City} {
		if value != "" {
			out.Set(name, value)
		}
	}
	if q.Field != 0 {
		out.Set("field", strconv.FormatInt(q.Field, 10))
	}
	if q.Core {
		out.Set("core", "yes")
	}
	return out
}

// numText writes a value of an indicator with as many digits as mean something.
func numText(v float64, unit string) string {
	digits := 2
	switch {
	case unit == "percent":
		digits = 1
	case unit == "count" && math.Abs(v-math.Round(v)) < 1e-9:
		digits = 0
	case unit == "count" || math.Abs(v) >= 1000:
		digits = 1
	}
	return fixed(v, digits)
}

// fixed writes v with all its digits, so that the numbers of a column stand
// under one another.
func fixed(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	whole, frac, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return text
	}
	out := i18n.Integer(n)
	if frac != "" {
		out += "." + frac
	}
	if v < 0 && strings.Trim(out, "0.,") != "" {
		return "−" + out
	}
	return out
}

// years is a run of years: "2014–2023", "2020".
func years(from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	return strconv.Itoa(from) + "–" + strconv.Itoa(to)
}

// offsetPager leads through a list by the number of its first row.
func offsetPager(v *reading, p Page, from, shown, total int) Pager {
	out := Pager{Shown: v.say("reg.shown", errs.A{"from": from + 1, "to": from + shown, "total": total})}
	if from > 0 {
		out.First = p.With("offset", "")
	}
	if next := from + shown; next < total {
		out.Next = p.With("offset", strconv.Itoa(next))
	}
	return out
}

// styleChart draws the first units of the page with their intervals; years as
// a line.
func styleChart(v *reading, p *StylePage, kind string, t *ranking.Table, by *ranking.Indicator) ChartFigure {
	spec := chart.Spec{Kind: chart.Dots, ID: "style-" + kind, Title: v.say("web.style.chart", errs.A{"indicator": by.Title.In(v.l), "units": strings.ToLower(v.say("web.style.kind." + kind)), "years": years(t.Query.From, t.Query.To)}),
		Unit: unitWord(v, by.Unit), First: v.say("web.style.name." + kind), Unknown: v.say("web.unknown"), Format: func(x float64) string { return numText(x, by.Unit) }}
	if world, known := t.World.Values[by.ID]; known && (by.Unit == "ratio" || by.Unit == "percent") {
		spec.Reference = &chart.Reference{Value: world, Label: v.say("web.style.world_is", errs.A{"value": numText(world, by.Unit)})}
	}
	rows := t.Rows
	if kind == "years" {
		spec.Kind, spec.Reference = chart.Line, nil
	} else {
		rows = rows[:min(len(rows), styleDots)]
	}
	var points []chart.Point
	for i := range rows {
		points = append(points, stylePoint(v, kind, t, &rows[i], by))
	}
	if kind != "years" && slices.ContainsFunc(points, func(p chart.Point) bool { return p.Bound == chart.Interval }) {
		spec.Intervals = v.say("web.style.interval")
	}
	spec.Series = []chart.Series{{Name: by.Title.In(v.l), Points: points}}
	spec.Desc = v.say("web.style.chart_desc", errs.A{"n": len(points), "first": points[0].Label, "value": points[0].Text, "last": points[len(points)-1].Label, "least": points[len(points)-1].Text})
	return ChartFigure{Spec: spec, CSV: exportPath(p.Path, "csv", p.With()), Source: t.Corpus.Title.In(v.l), Period: years(t.Query.From, t.Query.To), Simulated: t.Corpus.Simulated}
}

func stylePoint(v *reading, kind string, t *ranking.Table, row *ranking.Row, by *ranking.Indicator) chart.Point {
	p := chart.Point{Label: row.Name.In(v.l), Mark: row.Home}
	if p.Label == "" {
		p.Label = row.Unit
	}
	if kind == "years" {
		p.X, _ = strconv.ParseFloat(row.Unit, 64)
	}
	value, known := row.Values[by.ID]
	if !known {
		return p
	}
	p.Known, p.Value, p.Text = true, value, numText(value, by.Unit)
	p.Href = styleRecordsHref(kind, t, row.Unit, by.ID)
	if in, ok := row.Interval[by.ID]; ok {
		p.Bound, p.Low, p.High = chart.Interval, in[0], in[1]
	}
	return p
}
