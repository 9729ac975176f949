package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
)

// CapitalListPage is one register: its records, and what they add up to.
type CapitalListPage struct {
	Page
	Lead     string
	Acts     []Link
	Pipeline []PipelineColumn // of listings
	Exits    []PipelineColumn
	Filter   FilterBar
	Sum      CapitalTotal // of all that the filter selects
	SumOf    string
	Units    []Tab
	Head     TableHead
	Rows     []CapitalRow
	Pager    Pager
	By       []Tab
	Totals   []CapitalTotal
	TotalsBy string
	TotalsIn string // unit that the heads name
	Rest     string // how many totals are not shown
	Empty    State
	Note     string
}

// CapitalRow is one record in a list.
type CapitalRow struct {
	Href, Name string
	Mark       string
	Cells      []CapitalCell
}

// CapitalCell is one field of a row: a text, parties, or an amount.
type CapitalCell struct {
	Label string
	Text  string
	Links []Link
	More  string // how many parties there are in all
	Value *Value
	Whole bool
}

// CapitalTotal is what records add up to. Currencies stand apart.
type CapitalTotal struct {
	Name, Href string
	Count      string
	Sums       []Value
	Unknown    string // how many amounts are not known, "" for none
}

// PipelineColumn is one state on the way to an exchange.
type PipelineColumn struct {
	Name, Href, Count string
	None              bool
	Current           bool
	Items             []PipelineItem
	More              string
}

// PipelineItem is one listing in its column.
type PipelineItem struct{ Name, Href, Note, Day string }

func (s *Site) capitalList(w http.ResponseWriter, r *http.Request, h shelf) error {
	v, err := s.capitalReading(r)
	if err != nil {
		return err
	}
	p := CapitalListPage{Page: s.Page(r, v.say("capital."+h.key())), Lead: v.say("capital." + h.key() + ".lead")}
	p.Crumbs = []Link{{v.say("capital.title"), "/capital"}}
	f := capitalFilter(h, v.q)
	before, after := cursorOf(v.q)
	f.Page = registry.Page{After: after, Limit: pageSize}
	got, err := h.list(v, f)
	if err != nil {
		return err
	}
	by := append([]string{""}, h.sums()...)
	for column := range h.own() {
		if !slices.Contains(by, column) && h.fixed(column) == nil {
			by = append(by, column)
		}
	}
	totals, err := h.totals(v, f, by...)
	if err != nil {
		return err
	}
	p.rows(v, h, got.Items)
	p.filters(v, h, f, totals, got.Total)
	if err := p.addUp(v, h, totals); err != nil {
		return err
	}
	if h.kind() == capital.KindListing {
		if p.Pipeline, p.Exits, err = v.pipeline(f, p.Page, pipelineItems); err != nil {
			return err
		}
	}
	p.Pager = pager(p.Page, before, int64(len(got.Items)), got.Total, got.Next)
	if v.can(account.Edit) {
		p.Acts = []Link{{v.say("capital." + h.key() + ".new"), h.path() + "/new"}}
	}
	p.Empty = State{Kind: "empty", Heading: v.say("capital." + h.key() + ".none"), Text: v.say("capital.none_text")}
	if len(p.Filter.Chips) > 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text"), Action: Link{v.say("reg.no_match_act"), h.path()}}
	} else if v.can(account.Edit) {
		p.Empty.Action = Link{v.say("capital." + h.key() + ".new"), h.path() + "/new"}
	}
	return s.Render(w, r, "capital_list", p)
}

// rows fills the table. Amounts share one unit, which the head names.
func (p *CapitalListPage) rows(v *capitalReading, h shelf, items []capitalItem) {
	var seen currencies
	for i := range items {
		if a := items[i].amount; a != nil {
			seen.see(a.Quantity)
		}
	}
	currency, unit := v.scale(&seen)
	p.Units = v.scales(p.Page, currency)
	p.Head = TableHead{Caption: p.Title, Hidden: true, Columns: []Column{{Label: v.say("capital.company")}, {Label: v.say("capital.day." + h.kind())}}}
	for _, key := range h.columns() {
		p.Head.Columns = append(p.Head.Columns, Column{Label: v.say(key)})
	}
	p.Head.Columns = append(p.Head.Columns, Column{Label: v.say("capital.money." + h.kind()), Unit: unit, Numeric: true})
	for i := range items {
		x := &items[i]
		row := CapitalRow{Href: h.path() + "/" + url.PathEscape(x.common.ID), Name: v.party(&x.common.Company).Text}
		if x.common.Simulated {
			row.Mark = v.say("web.simulated_short")
		}
		amount := Value{}
		if x.amount != nil {
			amount = v.scaledMoney(x.amount.Quantity, currency)
		}
		row.Cells = append([]CapitalCell{{Text: x.common.On, Whole: true}}, append(x.cells(v), CapitalCell{Value: &amount})...)
		for j := range row.Cells {
			row.Cells[j].Label = p.Head.Columns[j+1].Label
			row.Cells[j].Whole = row.Cells[j].Whole || utf8.RuneCountInString(row.Cells[j].Text) <= shortCell
		}
		p.Rows = append(p.Rows, row)
	}
}

// filters sets the form above the list and what of it is on.
func (p *CapitalListPage) filters(v *capitalReading, h shelf, f capital.Filter, totals map[string][]capital.Total, count int64) {
	b := &p.Filter
	*b = FilterBar{Action: h.path(), Reset: h.path(), Count: v.say("capital."+h.key()+".count", errs.A{"n": count})}
	chip := func(name, label, shown string) {
		if v.q.Get(name) != "" {
			b.Chips = append(b.Chips, Chip{label, shown, p.With(name, "")})
		}
	}
	text := func(name, key, kind string) {
		b.Fields = append(b.Fields, Field{Name: name, Label: v.say(key), Kind: kind, Value: v.q.Get(name)})
		chip(name, v.say(key), v.q.Get(name))
	}
	text("q", "capital.find_company", "search")
	if h.otherSide() != "" {
		text("party", h.otherSide(), "search")
	}
	for _, column := range slices.Sorted(maps.Keys(h.own())) {
		b.Fields = append(b.Fields, v.choices(h, column, totals[column]))
		chip(column, v.say("capital.by."+h.kind()+"."+column), v.capitalWord(h.own()[column], v.q.Get(column)))
	}
	text("from", "capital.from", "text")
	text("to", "capital.to", "text")
	b.Fields = append(b.Fields, v.sourceChoice(f.SourceID))
	chip("source", v.say("reg.source"), (&list{reading: v.reading}).sourceTitle(f.SourceID))
	chip("day", v.say("capital.day."+h.kind()), v.say("web.unknown"))
	chip("division", v.say("reg.division"), v.divisionWord(f.Division))
	for name, key := range map[string]string{"org": "capital.company", "with": cmpOr(h.otherSide(), "capital.company"), "company": "capital.company_key"} {
		shown := v.q.Get(name)
		if o, err := v.orgOf(shown); shown != "" && name != "company" && err == nil && !v.closed(o.SourceID) {
			shown = o.Name(v.l)
		}
		chip(name, v.say(key), shown)
	}
	slices.SortStableFunc(b.Chips, func(a, b Chip) int { return strings.Compare(a.Label, b.Label) })
	for _, name := range []string{"org", "with", "company", "division", "day", "unit", "by"} {
		if value := v.q.Get(name); value != "" {
			b.Keep = append(b.Keep, Hidden{name, value})
		}
	}
	if count > 0 {
		b.Exports = []Link{{"CSV", exportPath(h.path(), "csv", p.With("unit", "", "by", ""))}, {"XLSX", exportPath(h.path(), "xlsx", p.With("unit", "", "by", ""))}}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// mostChoices bounds the values of a column without fixed words.
const mostChoices = 60

// choices is a column to narrow by: its fixed words, or the values that the
// records have.
func (v *capitalReading) choices(h shelf, column string, totals []capital.Total) Field {
	now := v.q.Get(column)
	f := Field{Name: column, Label: v.say("capital.by." + h.kind() + "." + column), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	values := h.fixed(column)
	if values == nil {
		for _, t := range totals {
			if t.Value != "" && len(values) < mostChoices {
				values = append(values, t.Value)
			}
		}
	}
	if now != "" && !slices.Contains(values, now) {
		values = append(slices.Clone(values), now)
	}
	for _, value := range values {
		f.Options = append(f.Options, Option{Value: value, Label: v.capitalWord(h.own()[column], value), Selected: value == now})
	}
	return f
}

func (v *capitalReading) sourceChoice(now string) Field {
	f := v.sourceField(now)
	f.Name, f.Hint, f.Options[0].Label = "source", "", v.say("reg.all")
	f.Options = slices.DeleteFunc(f.Options, func(o Option) bool { return v.closed(o.Value) })
	return f
}

func (v *capitalReading) divisionWord(code string) string {
	if code == capital.NoDivision || code == "" {
		return v.say("web.unknown")
	}
	return v.division(code)
}

// mostTotals is how many lines of one breakdown are shown.
const mostTotals = 40

// addUp sets the sum of the whole filter and the breakdown that the reader has
// chosen. Each line leads to its records.
func (p *CapitalListPage) addUp(v *capitalReading, h shelf, totals map[string][]capital.Total) error {
	by := v.q.Get("by")
	if by == "" {
		by = h.sums()[0]
	}
	if !slices.Contains(h.sums(), by) {
		return errs.New(errs.Invalid, "capital.column", errs.A{"column": clipped(by), "allowed": strings.Join(h.sums(), ", ")}).At("/by")
	}
	for _, name := range h.sums() {
		p.By = append(p.By, Tab{Label: v.say("capital.by." + h.kind() + "." + name), Href: p.With("by", name) + "#totals", Current: name == by})
	}
	p.SumOf, p.TotalsBy = v.say("capital.money."+h.kind()), v.say("capital.by."+h.kind()+"."+by)
	for _, t := range totals[""] {
		p.Sum = CapitalTotal{Count: i18n.Integer(int64(t.Entries))}
		for _, s := range t.Sums {
			p.Sum.Sums = append(p.Sum.Sums, moneyValue(v.l, s.Quantity))
		}
		if t.Unknown > 0 {
			p.Sum.Unknown = v.say("capital.unknown_n", errs.A{"n": t.Unknown})
		}
	}
	lines := slices.Clone(totals[by])
	var seen currencies
	for _, t := range lines {
		for _, s := range t.Sums {
			seen.see(s.Quantity)
		}
	}
	chosen := v.unit
	v.unit = unitNamed(v.l, v.q.Get("unit"))
	currency, unit := v.scale(&seen)
	p.TotalsIn = unit
	v.arrange(h, by, lines)
	for i, t := range lines {
		if i == mostTotals {
			p.Rest = v.say("capital.more_totals", errs.A{"n": len(lines) - i})
			break
		}
		p.Totals = append(p.Totals, v.total(p.Page, h, by, t, currency))
	}
	v.unit = chosen
	return nil
}

// arrange puts the lines of a breakdown in order: years from the newest, what
// has an order of its own by that, the rest by how many records it has.
func (v *capitalReading) arrange(h shelf, by string, lines []capital.Total) {
	order := h.fixed(by)
	slices.SortStableFunc(lines, func(a, b capital.Total) int {
		switch {
		case a.Value == "" || b.Value == "":
			return strings.Compare(b.Value, a.Value) // what is not known comes last
		case by == capital.ByYear:
			return strings.Compare(b.Value, a.Value)
		case order != nil:
			return slices.Index(order, a.Value) - slices.Index(order, b.Value)
		}
		return b.Entries - a.Entries
	})
}

func (v *capitalReading) total(p Page, h shelf, by string, t capital.Total, currency quantity.Unit) CapitalTotal {
	out := CapitalTotal{Count: i18n.Integer(int64(t.Entries)), Name: v.capitalWord(h.own()[by], t.Value)}
	_, own := h.own()[by]
	switch {
	case own && t.Value != "":
		out.Href = p.With(by, t.Value, "by", "")
	case own:
	case by == capital.ByDivision:
		out.Name, out.Href = v.divisionWord(t.Value), p.With("division", cmpOr(t.Value, capital.NoDivision), "by", "")
	case t.Value == "":
		out.Href = p.With("day", "none", "from", "", "to", "")
	default:
		out.Href = p.With("from", t.Value, "to", t.Value, "day", "")
	}
	for _, s := range t.Sums {
		out.Sums = append(out.Sums, v.scaledMoney(s.Quantity, currency))
	}
	if t.Unknown > 0 {
		out.Unknown = i18n.Integer(int64(t.Unknown))
	}
	return out
}

// pipelineItems is how many listings stand in a column.
const pipelineItems = 5

// pipeline is the listings by their states: the ladder, and the exits from it.
// The state that a reader has chosen does not narrow it.
func (v *capitalReading) pipeline(f capital.Filter, p Page, items int) (ladder, exits []PipelineColumn, err error) {
	chosen := f.Is["state"]
	f.Is = maps.Clone(f.Is)
	delete(f.Is, "state")
	totals, err := listings.totals(v, f, "state")
	if err != nil {
		return nil, nil, err
	}
	counts := map[string]int{}
	for _, t := range totals["state"] {
		counts[t.Value] = t.Entries
	}
	for i, st := range capital.ListingStates {
		n := counts[string(st)]
		c := PipelineColumn{Name: v.capitalWord("state", string(st)), Href: "/listings?state=" + string(st), Count: i18n.Integer(int64(n)), None: n == 0, Current: chosen == string(st)}
		if p.Path == "/listings" {
			c.Href = p.With("state", string(st))
			if c.Current {
				c.Href = p.With("state", "")
			}
		}
		if n > 0 && items > 0 {
			of := f
			of.Is = map[string]string{"state": string(st)}
			maps.Copy(of.Is, f.Is)
			of.Page = registry.Page{Limit: items}
			got, err := listings.list(v, of)
			if err != nil {
				return nil, nil, err
			}
			for _, x := range got.Items {
				c.Items = append(c.Items, PipelineItem{v.party(&x.common.Company).Text, "/listings/" + url.PathEscape(x.common.ID), v.market(listings.of(x)), x.common.On})
			}
			if n > len(c.Items) {
				c.More = v.say("capital.all_n", errs.A{"n": n})
			}
		}
		if i < 5 {
			ladder = append(ladder, c)
		} else {
			exits = append(exits, c)
		}
	}
	return ladder, exits, nil
}

// capitalFile is the list as rows of a file.
func (s *Site) capitalFile(r *reading, q url.Values, h shelf) (export, error) {
	v, err := r.capital(q)
	if err != nil {
		return export{}, err
	}
	f := capitalFilter(h, q)
	return export{name: h.key(), head: h.head(), rows: follow(r, registry.Page{Limit: exportStep}, func(_ context.Context, p registry.Page) (registry.List[capitalItem], error) {
		f.Page = p
		return h.list(v, f)
	}, func(x capitalItem) (string, sheet.Row) { return x.common.SourceID, x.file() })}, nil
}
