package web

import (
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
)

// AddCapital adds the registers of what companies raised, won and were covered
// for, and one company's money on one page. What a reader sees of them is a
// matter of the levels of the records; editors write.
func (s *Site) AddCapital(v Services) {
	s.svc = v
	s.Route("GET /capital", s.capitalHome)
	s.Route("GET /organisations/{id}/money", s.moneyPage)
	s.moneyFiles()
	for _, h := range shelves {
		s.Route("GET "+h.path(), func(w http.ResponseWriter, r *http.Request) error { return s.capitalList(w, r, h) })
		s.Route("GET "+h.path()+"/{id}", func(w http.ResponseWriter, r *http.Request) error { return s.capitalRecord(w, r, h) })
		s.exports(h.path(), func(v *reading, q url.Values) (export, error) { return s.capitalFile(v, q, h) })
		s.guarded("GET "+h.path()+"/new", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.newCapital(w, r, h) })
		s.guarded("POST "+h.path(), account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.saveCapital(w, r, h) })
		s.guarded("GET "+h.path()+"/{id}/edit", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.editCapital(w, r, h) })
		s.guarded("POST "+h.path()+"/{id}/edit", account.Edit, func(w http.ResponseWriter, r *http.Request) error { return s.saveCapital(w, r, h) })
	}
	s.guarded("GET /listings/{id}/step", account.Edit, s.askStep)
	s.guarded("POST /listings/{id}/step", account.Edit, s.addStep)
}

// capitalReading is one request for a page of the registers.
type capitalReading struct {
	*reading
	q      url.Values
	rooms  *capital.Service
	viewer level.Viewer
	unit   moneyUnit
}

func (s *Site) capitalReading(r *http.Request) (*capitalReading, error) {
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	return v.capital(r.URL.Query())
}

func (v *reading) capital(q url.Values) (*capitalReading, error) {
	if v.s.svc.Capital == nil {
		return nil, errs.New(errs.Unavailable, "capital.off")
	}
	return &capitalReading{reading: v, q: q, rooms: v.s.svc.Capital, viewer: account.ViewerOf(v.user), unit: unitNamed(v.l, q.Get("unit"))}, nil
}

// capitalWord is the reader's word for a value of the registers, or the value
// itself.
func (v *reading) capitalWord(group, value string) string {
	if value == "" {
		return v.say("web.unknown")
	}
	if key := "capital." + group + "." + strings.ReplaceAll(strings.ToLower(value), "-", "_"); group != "" && i18n.Has(key) {
		return v.say(key)
	}
	return value
}

// party is who stands in a record: as its source writes it, and linked to the
// organisation of the registry where it is known to be that one.
func (v *reading) party(p *capital.Party) Link {
	out := Link{Text: p.Name}
	if p.Org != nil && p.Org.Kind != "" {
		out.Href = refPath(p.Org.Kind, p.Org.ID)
		if out.Text == "" {
			out.Text = p.Org.Name.In(v.l)
		}
	}
	if out.Text == "" {
		out.Text = p.OrgID
	}
	return out
}

// named fills in what the registry calls the parties of entries that come from
// other rooms.
func (v *reading) nameParties(list []*capital.Party) error {
	var ids []string
	for _, p := range list {
		if p.Org == nil && p.OrgID != "" {
			ids = append(ids, p.OrgID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	refs, err := v.s.svc.Registry.Refs(v.ctx, ids)
	if err != nil {
		return err
	}
	for _, p := range list {
		if ref, ok := refs[p.OrgID]; ok && p.Org == nil {
			p.Org = &ref
		}
	}
	return nil
}

// fullAmount sets an amount with the scale that suits it, in its currency.
func (v *reading) fullAmount(a *capital.Amount) string {
	if a == nil {
		return ""
	}
	x := moneyValue(v.l, a.Quantity)
	gap := ""
	if x.Gap {
		gap = " "
	}
	return strings.TrimSpace(x.Before + " " + x.Number + gap + x.After)
}

// moneyValue sets money with the scale that suits it. A currency without a word
// in the reader's language stands by its code.
func moneyValue(l i18n.Lang, q quantity.Quantity) Value {
	out := ValueOf(l, q)
	if out.After == string(q.Unit) && q.Unit != quantity.CNY {
		like := q
		like.Unit = quantity.CNY
		out = ValueOf(l, like)
		out.Before = strings.Replace(out.Before, "CNY", string(q.Unit), 1)
		out.After = strings.TrimSpace(strings.TrimSuffix(out.After, "元") + " " + string(q.Unit))
		if l == i18n.EN {
			out.After = strings.TrimSpace(strings.TrimSuffix(out.After, string(q.Unit)))
		}
	}
	out.Exact = exactAmount(q)
	return out
}

// exactAmount is an amount with all its digits and the code of its currency.
func exactAmount(q quantity.Quantity) string {
	out := i18n.Decimal(q.Value, 2)
	if q.Bound == quantity.Between {
		out += "–" + i18n.Decimal(q.High, 2)
	}
	return strings.TrimSpace(boundSign[q.Bound]+out) + " " + string(q.Unit)
}

// scaledMoney sets an amount in the unit of a table, with the code of its
// currency unless the head of the table names it.
func (v *capitalReading) scaledMoney(q quantity.Quantity, currency quantity.Unit) Value {
	out := Value{Before: strings.TrimSpace(boundSign[q.Bound]), Number: v.decimals(q.Value), Exact: exactAmount(q)}
	if q.Bound == quantity.Between {
		out.Number += "–" + v.decimals(q.High)
	}
	if currency == "" {
		out.Before = strings.TrimSpace(out.Before + " " + string(q.Unit))
	}
	return out
}

// decimals writes an amount in the unit of a table with two decimals.
func (v *capitalReading) decimals(x float64) string {
	const most = 9e16 // int64 holds it in hundredths
	if math.Abs(x) > most {
		return i18n.Decimal(x*100/float64(v.unit.scale), 2)
	}
	out := scaled(money.Fen(math.Round(x*100)), v.unit.scale)
	for digits := 3; x != 0 && strings.Trim(out, "0.") == "" && digits <= 10; digits++ { // small is not nothing
		out = i18n.Decimal(x*100/float64(v.unit.scale), digits)
	}
	return out
}

// currencies collects what the amounts of a page are in, and the largest.
type currencies struct {
	units map[quantity.Unit]bool
	most  float64
}

func (c *currencies) see(q quantity.Quantity) {
	if c.units == nil {
		c.units = map[quantity.Unit]bool{}
	}
	c.units[q.Unit] = true
	c.most = max(c.most, q.Value, q.High)
}

// one is the currency of all amounts, "" where there are several or none.
func (c *currencies) one() quantity.Unit {
	for u := range c.units {
		if len(c.units) == 1 {
			return u
		}
	}
	return ""
}

// scale takes the unit in which the largest amount is short, unless the reader
// has chosen one, and returns what the head of a table calls it.
func (v *capitalReading) scale(c *currencies) (currency quantity.Unit, head string) {
	if v.unit.scale == 0 {
		name := "yuan"
		switch {
		case c.most >= 1e10:
			name = "yi"
		case c.most >= 1e7:
			name = "wan"
		}
		v.unit = unitNamed(v.l, name)
	}
	currency = c.one()
	if currency == quantity.CNY {
		return currency, v.say("books.unit." + v.unit.name)
	}
	return currency, strings.TrimSpace(v.say("capital.scale."+v.unit.name, errs.A{"currency": string(currency)}))
}

// scales are the units to choose from.
func (v *capitalReading) scales(p Page, currency quantity.Unit) []Tab {
	var out []Tab
	for _, u := range []string{"yuan", "wan", "yi"} {
		label := v.say("books.unit." + u)
		if currency != quantity.CNY {
			label = v.say("capital.scale_of." + u)
		}
		out = append(out, Tab{Label: label, Href: p.build(func(q url.Values) { q.Set("unit", u) }), Current: v.unit.name == u})
	}
	return out
}

// CapitalPage is the way into the registers.
type CapitalPage struct {
	Page
	Doors    []CapitalDoor
	Pipeline []PipelineColumn
	Exits    []PipelineColumn
}

// CapitalDoor leads to one register and says what is in it.
type CapitalDoor struct {
	Name, Href, Lead string
	Count            string
	Money            string // what the sums are of
	Sums             []Value
	Unknown          string
}

func (s *Site) capitalHome(w http.ResponseWriter, r *http.Request) error {
	v, err := s.capitalReading(r)
	if err != nil {
		return err
	}
	p := CapitalPage{Page: s.Page(r, v.say("capital.title"))}
	for _, h := range shelves {
		totals, err := h.totals(v, capital.Filter{}, "")
		if err != nil {
			return err
		}
		d := CapitalDoor{Name: v.say("capital." + h.key()), Href: h.path(), Lead: v.say("capital." + h.key() + ".lead"), Count: v.say("capital."+h.key()+".count", errs.A{"n": 0}), Money: v.say("capital.money." + h.kind())}
		for _, t := range totals[""] {
			d.Count = v.say("capital."+h.key()+".count", errs.A{"n": t.Entries})
			for _, sum := range t.Sums {
				d.Sums = append(d.Sums, moneyValue(v.l, sum.Quantity))
			}
			if t.Unknown > 0 {
				d.Unknown = v.say("capital.unknown_n", errs.A{"n": t.Unknown})
			}
		}
		p.Doors = append(p.Doors, d)
	}
	if p.Pipeline, p.Exits, err = v.pipeline(capital.Filter{}, p.Page, 0); err != nil {
		return err
	}
	return s.Render(w, r, "capital", p)
}

// orgOf is the organisation that answers for an id.
func (v *capitalReading) orgOf(id string) (registry.Org, error) {
	o, err := v.s.svc.Registry.Org(v.ctx, id)
	if err == nil && o.MergedInto != "" {
		return v.s.svc.Registry.Org(v.ctx, o.MergedInto)
	}
	return o, err
}
