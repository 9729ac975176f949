package web

import (
	"net/url"
	"strconv"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// moneyUnit is what the amounts of a table are counted in.
type moneyUnit struct {
	name  string
	scale money.Fen
}

// unitNamed is a unit by its name in an address: yuan, and the two larger ones
// of the reader's language, 万元 and 亿元 or million and billion. Any other name
// is no unit.
func unitNamed(l i18n.Lang, name string) moneyUnit {
	switch {
	case name == "yuan":
		return moneyUnit{name, money.Yuan}
	case name == "wan" && l == i18n.EN:
		return moneyUnit{name, 100 * money.Wan}
	case name == "wan":
		return moneyUnit{name, money.Wan}
	case name == "yi" && l == i18n.EN:
		return moneyUnit{name, 10 * money.Yi}
	case name == "yi":
		return moneyUnit{name, money.Yi}
	}
	return moneyUnit{}
}

// choose takes the unit in which the largest amount is short, unless the reader
// has chosen one.
func (v *ledgerReading) choose(most money.Fen) {
	switch {
	case v.unit.scale != 0:
	case most >= 100*money.Yi || most < 0: // a sum of the lowest amount stays below zero
		v.unit = unitNamed(v.l, "yi")
	case most >= 1000*money.Wan:
		v.unit = unitNamed(v.l, "wan")
	default:
		v.unit = unitNamed(v.l, "yuan")
	}
}

func (v *ledgerReading) unitTabs(p Page) []Tab {
	var out []Tab
	for _, u := range []string{"yuan", "wan", "yi"} {
		out = append(out, Tab{Label: v.say("books.unit." + u), Href: p.build(func(q url.Values) { q.Set("unit", u) }), Current: v.unit.name == u})
	}
	return out
}

func (v *reading) unitName(unit string) string {
	if unit == ledger.CNY {
		return v.say("books.renminbi")
	}
	return unit
}

// amount sets an amount of a unit of account: money in the unit of the table,
// pieces as they are. The exact amount stands behind it.
func (v *ledgerReading) amount(unit string, f money.Fen) Value {
	if unit != ledger.CNY {
		n := i18n.Integer(int64(f))
		return Value{Number: n, Exact: n + " " + unit}
	}
	out := Value{Number: scaled(f, v.unit.scale), Exact: v.exact(f)}
	if f != 0 && scaled(f, v.unit.scale) == scaled(0, v.unit.scale) {
		out.Before = "≈" // small is not nothing
	}
	return out
}

// exact is an amount to the fen.
func (v *reading) exact(f money.Fen) string {
	return scaled(f, money.Yuan) + " " + v.say("books.unit.yuan")
}

// scaled writes an amount in scale with two decimals, rounded half away from
// zero: 1,234.57.
func scaled(f, scale money.Fen) string {
	sign, n, step := "", uint64(f), uint64(scale)/100 //nolint:gosec // the sign is taken off below
	if f < 0 {
		sign, n = "−", -n
	}
	n = (n + step/2) / step
	whole, part := n/100, n%100
	out := i18n.Integer(int64(whole)) + "." + strconv.Itoa(int(part/10)) + strconv.Itoa(int(part%10)) //nolint:gosec // at most 2⁶³/100
	if n == 0 {
		return out
	}
	return sign + out
}

// limit is a floor or ceiling in words.
func (v *ledgerReading) limit(unit string, f *money.Fen) string {
	switch {
	case f == nil:
		return v.say("books.no_limit")
	case unit == ledger.CNY:
		return v.exact(*f)
	}
	return i18n.Integer(int64(*f)) + " " + unit
}

// inUnit writes an amount for a file: yuan with two decimals, or pieces.
func inUnit(unit string, f money.Fen) string {
	if unit == ledger.CNY {
		return f.String()
	}
	return strconv.FormatInt(int64(f), 10)
}
