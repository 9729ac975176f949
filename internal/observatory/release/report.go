package release

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
)

//go:embed report/page.html report/report.css
var reportFS embed.FS

var pageTemplate = template.Must(template.ParseFS(reportFS, "report/page.html"))

// drawn is one file made from a snapshot.
type drawn struct {
	path string
	role Role
	raw  []byte
}

// pagePath is the file of the report in a language; a folder opens in Chinese.
func pagePath(l i18n.Lang) string {
	if l == i18n.EN {
		return "en.html"
	}
	return "index.html"
}

// render draws all that follows from a snapshot: the same snapshot gives the
// same bytes. f gives the results of parts.
func render(f *folder, s *Snapshot, draw Draw) ([]drawn, error) {
	var out []drawn
	for _, t := range []struct {
		path string
		head []string
		rows []sheet.Row
	}{{valuesCSVPath, valuesHead, valueRows(s)}, {reportedCSVPath, reportedHead, reportedRows(s)}} {
		raw, err := table(t.head, t.rows)
		if err != nil {
			return nil, err
		}
		out = append(out, drawn{t.path, RoleReport, raw})
	}
	for _, l := range i18n.Langs {
		p, err := newPage(f, s, l, draw)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := pageTemplate.Execute(&b, p); err != nil {
			return nil, err
		}
		out = append(out, drawn{pagePath(l), RoleReport, b.Bytes()})
	}
	css, err := reportFS.ReadFile("report/report.css")
	if err != nil {
		return nil, err
	}
	entry, err := catalogue(s)
	if err != nil {
		return nil, err
	}
	return append(out, drawn{"report.css", RoleReport, css}, drawn{"README.txt", RoleReport, readme(s)}, drawn{cataloguePath, RoleCatalogue, entry}), nil
}

// page is the report in one language, ready to be set.
type page struct {
	l          i18n.Lang
	M          *Manifest
	Other      string
	Cards      []card
	Groups     []group
	Parts      []partView
	Sources    []sourceView
	Restricted string
	Failed     []string
}

// T is a message of the catalogue; args come in pairs of name and value.
func (p *page) T(key string, args ...any) string {
	a := errs.A{}
	for i := 0; i+1 < len(args); i += 2 {
		a[fmt.Sprint(args[i])] = args[i+1]
	}
	return i18n.T(p.l, "release.page."+key, a)
}

// Lang is the language as HTML names it.
func (p *page) Lang() string { return string(p.l) }

// In is a text in the page's language.
func (p *page) In(t i18n.Text) string { return t.In(p.l) }

// Day is the day that "as of" means.
func (p *page) Day() string { return i18n.Day(p.l, p.M.Day) }

// Fingerprint is the signing key in short.
func (p *page) Fingerprint() string { return Fingerprint(p.M.PublicKey) }

type card struct {
	Title, Value, When, Origin string
	ID                         string
	Marks                      []int
}

type group struct {
	ID, Title string
	Rows      []row
	Details   []detail
}

type row struct {
	ID, Title, Definition, Scope string
	Reported, Computed           *cell
	More                         bool // a detail follows
}

type cell struct {
	Item    string
	Value   string
	Exact   string
	When    string
	Edition string
	Note    string
	Mark    int // number of the source, 0 for none
	Locator string
	Records int64
	Known   bool
}

type detail struct {
	ID, Title, Definition, Note, Why string
	Method                           string
	Ratio                            string
	Reported, Computed               []cell
	Hidden                           int // values that the page leaves to the file
	Differences                      []string
	Charts                           []chartView
	SQL, Records                     string
	RecordsFile                      string
}

type chartView struct {
	Title string
	SVG   template.HTML
}

type sourceView struct {
	N int
	Source
	Day string
}

type partView struct {
	PartResult
	Tables []tableView
}

type tableView struct {
	Title, SQL, File string
	Head             []string
	Rows             [][]string
	Hidden           int
	Numeric          []bool
}

func newPage(f *folder, s *Snapshot, l i18n.Lang, draw Draw) (*page, error) {
	p := &page{l: l, M: &s.Manifest, Other: pagePath(other(l))}
	b := s.book()
	marks := map[string]int{}
	for i, o := range s.Sources {
		marks[o.ID] = i + 1
		p.Sources = append(p.Sources, sourceView{i + 1, o, i18n.Day(l, o.PublishedOn)})
	}
	if r := s.Manifest.Restricted; r != nil {
		p.Restricted = p.T("restricted", "rows", r.total(), "sources", r.Sources, "figures", strings.Join(r.Figures, ", "))
	}
	p.overview(&b, marks)
	at := map[string]int{}
	for i := range b.Figures {
		fig := &b.Figures[i]
		n, seen := at[fig.Group]
		if !seen {
			n = len(p.Groups)
			at[fig.Group] = n
			p.Groups = append(p.Groups, group{ID: fig.Group, Title: fig.GroupTitle.In(l)})
		}
		d, err := p.detail(&b, fig, marks, i, draw)
		if err != nil {
			return nil, err
		}
		g := &p.Groups[n]
		g.Rows = append(g.Rows, p.row(&b, fig, marks, d != nil))
		if d != nil {
			g.Details = append(g.Details, *d)
		}
	}
	return p, p.parts(f, s)
}

// overview are the cards of the figures that stand first, in their order.
func (p *page) overview(b *observatory.Book, marks map[string]int) {
	var first []*observatory.Figure
	for i := range b.Figures {
		if b.Figures[i].Overview {
			first = append(first, &b.Figures[i])
		}
	}
	slices.SortStableFunc(first, func(x, y *observatory.Figure) int { return cmp.Compare(x.Order, y.Order) })
	for _, f := range first {
		p.Cards = append(p.Cards, p.card(b, f, marks))
	}
}

func other(l i18n.Lang) i18n.Lang {
	if l == i18n.EN {
		return i18n.ZH
	}
	return i18n.EN
}

// value writes a quantity with what a count counts.
func (p *page) value(q quantity.Quantity, f *observatory.Figure) string {
	text := q.Format(p.l)
	if q.Unit.Base() == quantity.Count && q.Unit.Counter() == "" && f.Counter.In(p.l) != "" {
		text += " " + f.Counter.In(p.l)
	}
	return text
}

func (p *page) card(b *observatory.Book, f *observatory.Figure, marks map[string]int) card {
	c := b.Card(f)
	out := card{ID: f.ID, Title: f.Title.In(p.l), Value: p.T("unknown"), Origin: p.T("no_value")}
	if !c.Known {
		return out
	}
	out.Value, out.When = p.value(c.Quantity, f), c.Period.String(p.l)
	if c.Edition != "" {
		out.When = p.T("edition", "edition", c.Edition)
	}
	out.Origin = p.T("reported")
	if c.Basis == observatory.BasisComputed {
		out.Origin = p.T("computed_from", "n", c.Records)
	} else if n := marks[c.SourceID]; n > 0 {
		out.Marks = []int{n}
	}
	return out
}

func (p *page) row(b *observatory.Book, f *observatory.Figure, marks map[string]int, more bool) row {
	r := row{ID: f.ID, Title: f.Title.In(p.l), Definition: f.Definition.In(p.l), Scope: f.Scope.In(p.l), More: more}
	if values := b.Reported[f.ID]; len(values) > 0 {
		newest := &values[0]
		if card := b.Card(f); card.Basis == observatory.BasisReported && card.Known {
			for i := range values {
				if values[i].SourceID == card.SourceID && values[i].Quantity == card.Quantity && values[i].Period == card.Period {
					newest = &values[i]
				}
			}
		}
		c := p.reported(f, newest, marks)
		r.Reported = &c
	}
	var newest *observatory.Computed
	for i := range b.Computed[f.ID] {
		if v := &b.Computed[f.ID][i]; v.Item == "" && (newest == nil || v.Period.End >= newest.Period.End) {
			newest = v
		}
	}
	if newest != nil {
		c := p.computed(f, newest)
		r.Computed = &c
	}
	return r
}

func (p *page) reported(f *observatory.Figure, v *observatory.Reported, marks map[string]int) cell {
	c := cell{Value: p.value(v.Quantity, f), Exact: v.Quantity.Exact(), When: v.Period.String(p.l), Note: v.Note.In(p.l), Mark: marks[v.SourceID], Locator: v.Locator, Known: true}
	switch {
	case v.Edition != "" && v.DataYear != 0:
		c.Edition = p.T("edition_data", "edition", v.Edition, "year", strconv.Itoa(v.DataYear))
	case v.Edition != "":
		c.Edition = p.T("edition", "edition", v.Edition)
	}
	return c
}

func (p *page) computed(f *observatory.Figure, v *observatory.Computed) cell {
	c := cell{Value: p.T("unknown"), When: v.Period.String(p.l), Records: v.Records, Known: v.Known}
	if v.Item != "" || v.ItemTitle.In(p.l) != "" {
		c.Item = itemName(p.l, v)
	}
	if v.Known {
		c.Value, c.Exact = p.value(v.Quantity, f), v.Quantity.Exact()
	}
	return c
}

// shownValues is how many values of one figure a page prints; the files have
// all.
const shownValues = 40

// detail is all there is of a figure; nil where the row of the table says it
// all.
func (p *page) detail(b *observatory.Book, f *observatory.Figure, marks map[string]int, n int, draw Draw) (*detail, error) {
	reported, computed := b.Reported[f.ID], b.Computed[f.ID]
	why := b.Failed[f.ID].In(p.l)
	if len(reported)+len(computed) < 2 && !f.Computes() && why == "" {
		return nil, nil
	}
	d := &detail{ID: f.ID, Title: f.Title.In(p.l), Definition: f.Definition.In(p.l), Note: f.Note.In(p.l), Why: why, Method: f.Compute.Method.In(p.l), SQL: f.Compute.SQL, Records: f.Compute.Records}
	if f.Numerator != "" {
		d.Ratio = f.Numerator + " ÷ " + f.Denominator
	}
	if len(computed) > 0 {
		d.RecordsFile = recordsPath(f.ID)
	}
	for i := range reported {
		d.Reported = append(d.Reported, p.reported(f, &reported[i], marks))
	}
	sorted := slices.Clone(computed)
	slices.SortStableFunc(sorted, func(x, y observatory.Computed) int {
		return cmp.Or(strings.Compare(y.Period.End, x.Period.End), cmp.Compare(y.Quantity.Value, x.Quantity.Value), strings.Compare(x.Item, y.Item))
	})
	for i := range sorted {
		if len(d.Computed) == shownValues {
			d.Hidden = len(sorted) - shownValues
			break
		}
		d.Computed = append(d.Computed, p.computed(f, &sorted[i]))
	}
	for _, diff := range b.Differences(f.ID) {
		text := p.T("difference", "reported", diff.Reported.Quantity.Format(p.l), "computed", diff.Computed.Quantity.Format(p.l), "why", diff.Text(p.l))
		if !slices.Contains(d.Differences, text) && diff.Computed.Known {
			d.Differences = append(d.Differences, text)
		}
	}
	if draw == nil {
		return d, nil
	}
	for _, c := range charts(p.l, b, f, n) {
		svg, err := draw(c)
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", f.ID, err)
		}
		d.Charts = append(d.Charts, chartView{c.Title, template.HTML(svg)}) // our own drawing, which escapes what it writes
	}
	return d, nil
}

// shownRows is how many rows of a result the report prints when its statement
// does not say.
const shownRows = 20

func (p *page) parts(f *folder, s *Snapshot) error {
	for i := range s.Parts {
		part := partView{PartResult: s.Parts[i]}
		for _, st := range part.Statements {
			if len(st.Key) == 0 {
				continue
			}
			g, err := f.grid(part.Name, st.Name)
			if err != nil {
				return err
			}
			shown := min(cmp.Or(st.Shown, shownRows), len(g.rows))
			part.Tables = append(part.Tables, tableView{Title: cmp.Or(st.Title.In(p.l), st.Name), SQL: st.SQL, File: resultPath(part.Name, st.Name),
				Head: g.head, Rows: g.rows[:shown], Hidden: len(g.rows) - shown, Numeric: numeric(g)})
		}
		p.Parts = append(p.Parts, part)
	}
	return nil
}

// numeric says which columns hold numbers alone.
func numeric(g *grid) []bool {
	out := make([]bool, len(g.head))
	for i := range out {
		out[i] = len(g.rows) > 0
		for _, r := range g.rows {
			if _, err := strconv.ParseFloat(r[i], 64); err != nil && r[i] != "" {
				out[i] = false
				break
			}
		}
	}
	return out
}
