package web

import (
	"iter"
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
)

// recordsPerPage is how many records stand under a figure at once.
const recordsPerPage = 25

// RecordList is one page of the records behind a computed value.
type RecordList struct {
	Title   string // which value: its period and item
	Head    TableHead
	Rows    []RecordRow
	Pager   Pager
	Total   string // "共 17 条记录，合计 17 个，与数字一致"
	Agrees  bool
	Moved   bool // the records have changed since the value was computed
	Exports []Link
	Shown   bool // there is a computed value to open
}

// RecordRow is one record and what it adds to the value.
type RecordRow struct {
	Kind   string
	ID     string
	Title  string
	Lang   string // where it is not the page's
	Href   string
	Weight string // what it adds to the value, or to the numerator
	Base   string // what it adds to the denominator
	Based  bool   // the value is a share or a mean
}

// recordsHref opens the records behind one computed value.
func recordsHref(id string, c *observatory.Computed) string {
	q := url.Values{}
	if c.Slot != "" {
		q.Set("slot", c.Slot)
	}
	if c.Item != "" {
		q.Set("item", c.Item)
	}
	return "/figures/" + id + "?" + q.Encode() + "#records"
}

// chosen is the computed value whose records the address asks for: where it
// names none, the present value of the figure or that of its largest item; nil
// where there is none to open.
func (f *figureSheet) chosen(q url.Values) *observatory.Computed {
	slot, item := q.Get("slot"), q.Get("item")
	if slot == "" && item == "" {
		if c := f.computed(); c != nil {
			return c
		}
		if all := f.byValue(); len(all) > 0 {
			return &all[0]
		}
		return nil
	}
	for i := range f.Computed {
		if f.Computed[i].Slot == slot && f.Computed[i].Item == item {
			return &f.Computed[i]
		}
	}
	return nil
}

// recordsOf reads one page of the records behind the value that the address
// asks for.
func (s *Site) recordsOf(b *figureBook, p Page, f *figureSheet, q url.Values) (RecordList, error) {
	v, c := b.v, f.chosen(q)
	if c == nil {
		return RecordList{}, nil
	}
	before, cursor := cursorOf(q)
	got, err := s.svc.Observatory.Records(v.ctx, observatory.RecordsQuery{FigureID: f.ID, Item: c.Item, Slot: c.Slot, After: cursor, Limit: recordsPerPage})
	if errs.KindOf(err) == errs.NotFound {
		return RecordList{}, nil
	}
	if err != nil {
		return RecordList{}, err
	}
	out := RecordList{Shown: true, Title: f.valueName(v.l, c), Head: recordsHead(v.l, &f.Figure, got.Base != nil), Moved: got.Moved}
	for i := range got.Items {
		row := v.recordRow(&got.Items[i], got.Base != nil)
		if id := b.figureOf(got.Items[i].Kind, row.ID); id != "" {
			row.Href = "/figures/" + id + "#reported"
		}
		out.Rows = append(out.Rows, row)
	}
	out.Total, out.Agrees = agreement(v.l, &f.Figure, c, &got)
	out.Pager = pager(p, before, int64(len(got.Items)), got.Total, got.Next)
	for _, format := range []string{"csv", "xlsx"} {
		out.Exports = append(out.Exports, Link{strings.ToUpper(format), recordsFile(f.ID, c, format)})
	}
	return out, nil
}

func recordsFile(id string, c *observatory.Computed, format string) string {
	return strings.Replace(strings.TrimSuffix(recordsHref(id, c), "#records"), id+"?", id+"/records."+format+"?", 1)
}

// valueName says which value: its item and period.
func (f *figureSheet) valueName(l i18n.Lang, c *observatory.Computed) string {
	item := f.itemName(l, c)
	if item == "" {
		return periodText(l, c.Period)
	}
	return item + i18n.T(l, "web.figure.comma") + periodText(l, c.Period)
}

func (v *reading) recordRow(r *observatory.Record, based bool) RecordRow {
	row := RecordRow{Kind: v.superKind(r.Kind), ID: r.ID, Title: r.Title.In(v.l), Lang: otherLang(v.l, r.Title), Href: recordPath(r.Kind, r.ID), Based: based}
	if row.Title == "" {
		row.Title = r.ID
	}
	if r.Simulated {
		row.Kind += " · " + v.say("web.simulated_short")
	}
	if r.Weight != nil {
		row.Weight = i18n.Decimal(*r.Weight, 4)
	}
	if r.Base != nil {
		row.Base = i18n.Decimal(*r.Base, 4)
	}
	return row
}

// superKind is the reader's word for a kind of record.
func (v *reading) superKind(kind string) string {
	if key := "web.record." + kind; i18n.Has(key) {
		return v.say(key)
	}
	return kind
}

// recordPath is the page of a record. An affiliation is part of its paper, a year
// of a pool the loans that it registered.
func recordPath(kind, id string) string {
	owner, part, _ := strings.Cut(id, "#")
	switch kind {
	case "affiliation":
		return refPath("paper", owner)
	case "pool_year": // what a pool registered in a year
		return "/pools/" + owner + "/loans?year=" + part
	case "pool_member":
		return "/pools"
	case "fund_holding":
		return refPath("fund_event", id)
	}
	return refPath(kind, id)
}

func recordsHead(l i18n.Lang, f *observatory.Figure, based bool) TableHead {
	h := TableHead{Caption: i18n.T(l, "web.figure.records"), Hidden: true, Columns: []Column{{Label: i18n.T(l, "web.figure.record")}, {Label: i18n.T(l, "web.figure.kind")}}}
	if based {
		return TableHead{h.Caption, true, append(h.Columns, Column{Label: i18n.T(l, "web.figure.numerator"), Numeric: true}, Column{Label: i18n.T(l, "web.figure.denominator"), Numeric: true})}
	}
	h.Columns = append(h.Columns, Column{Label: i18n.T(l, "web.figure.weight"), Unit: unitText(l, counted(l, f, quantity.Of(0, f.Unit)).Unit), Numeric: true})
	return h
}

// agreement says whether the records add up to the value.
func agreement(l i18n.Lang, f *observatory.Figure, c *observatory.Computed, got *observatory.RecordPage) (string, bool) {
	value := got.Weight
	if got.Base != nil && *got.Base != 0 {
		if value /= *got.Base; f.Unit.Dimension() == quantity.DimRatio {
			value *= 100
		}
	}
	q := counted(l, f, quantity.Of(value, f.Unit))
	args := errs.A{"n": got.Total, "sum": plain(ValueOf(l, q)), "value": plain(computedValue(l, f, c))}
	if !c.Known || math.Abs(value-c.Quantity.Value) > 1e-6*math.Max(1, math.Abs(value)) {
		return i18n.T(l, "web.figure.records_differ", args), false
	}
	return i18n.T(l, "web.figure.records_agree", args), true
}

// figureFile answers with the values of a figure, or the records behind one
// value, as a file.
func (s *Site) figureFile(w http.ResponseWriter, r *http.Request) error {
	name, format, _ := strings.Cut(r.PathValue("file"), ".")
	if format != string(sheet.CSV) && format != string(sheet.XLSX) || name != "values" && name != "records" {
		return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return err
	}
	f, err := book.sheet(r.PathValue("id"))
	if err != nil {
		return err
	}
	e := export{name: strings.ReplaceAll(f.ID, ".", "-") + "-" + name}
	if name == "values" {
		e.head, e.rows = valueHead, func(yield func(sheet.Row, error) bool) {
			for _, row := range f.valueRows(v) {
				if !yield(row, nil) {
					return
				}
			}
		}
		return writeExport(w, sheet.Format(format), e)
	}
	c := f.chosen(r.URL.Query())
	if c == nil {
		return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	e.head, e.rows = []string{"figure_id", "slot", "item", "kind", "id", "title_zh", "title_en", "weight", "base", "simulated"}, s.recordRows(v, f, c)
	return writeExport(w, sheet.Format(format), e)
}

// recordRows yields all records behind a value.
func (s *Site) recordRows(v *reading, f *figureSheet, c *observatory.Computed) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		q := observatory.RecordsQuery{FigureID: f.ID, Item: c.Item, Slot: c.Slot, Limit: exportStep}
		for {
			got, err := s.svc.Observatory.Records(v.ctx, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range got.Items {
				x := &got.Items[i]
				if !yield(sheet.Row{f.ID, c.Slot, c.Item, x.Kind, x.ID, x.Title.ZH, x.Title.EN, degree(x.Weight), degree(x.Base), x.Simulated}, nil) {
					return
				}
			}
			if q.After = got.Next; q.After == "" {
				return
			}
		}
	}
}
