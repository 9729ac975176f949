package quantity

import (
	"math"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Format prints for a reader: "≥ 260 亿元", "近 1.2 万家", "> CNY 26 billion".
// The digits are those stated (Step), or at most two decimals of the scaled
// value; the exact one is [Quantity.Exact].
func (q Quantity) Format(lang i18n.Lang) string {
	if lang == i18n.EN {
		return q.formatEN()
	}
	return q.formatZH()
}

// Exact prints the value for files that programs read: all digits, no scale,
// no unit, a point for the decimals. A range is "low..high".
func (q Quantity) Exact() string {
	s := strconv.FormatFloat(q.Value, 'f', -1, 64)
	if q.Bound == Between {
		s += ".." + strconv.FormatFloat(q.High, 'f', -1, 64)
	}
	return s
}

var signsZH = map[Bound]string{Above: "> ", AtLeast: "≥ ", Below: "< ", AtMost: "≤ ", Nearly: "近 ", About: "约 "}
var signsEN = map[Bound]string{Above: "> ", AtLeast: "≥ ", Below: "< ", AtMost: "≤ ", Nearly: "nearly ", About: "about "}

func (q Quantity) formatZH() string {
	number, scale := q.number(scalesZH)
	switch q.Unit.Base() {
	case Rank:
		if q.Bound == AtMost {
			return "前 " + number + " 位"
		}
		return signsZH[q.Bound] + "第 " + number + " 位"
	case RankShare:
		return "前" + fractionZH(q.Value)
	case Percent, Permille, Permyriad:
		return signsZH[q.Bound] + number + scale + q.Unit.nameZH()
	}
	name := scale + q.Unit.nameZH()
	if name == "" {
		return signsZH[q.Bound] + number
	}
	return signsZH[q.Bound] + number + " " + name
}

func (q Quantity) formatEN() string {
	number, scale := q.number(scalesEN)
	sign := signsEN[q.Bound]
	if scale != "" {
		number += " " + scale
	}
	switch u := q.Unit.Base(); {
	case u == Rank && q.Bound == AtMost:
		return "top " + number
	case u == Rank:
		return sign + ordinalEN(number)
	case u == RankShare:
		return "top " + i18n.Decimal(q.Value*100, 4) + "%"
	case u == Percent || u == Permille || u == Permyriad:
		return sign + number + units[u].en
	case u.Dimension() == DimMoney:
		return sign + units[u].en + " " + number
	}
	return strings.TrimRight(sign+number+" "+q.Unit.nameEN(), " ")
}

func (u Unit) nameZH() string {
	if w := u.Counter(); w != "" && !isASCII(w) {
		return w
	}
	if info, ok := units[u.Base()]; ok {
		return info.zh
	}
	return string(u)
}

// nameEN leaves Chinese counter words out: English has none.
func (u Unit) nameEN() string {
	if w := u.Counter(); w != "" && isASCII(w) {
		return w
	}
	if info, ok := units[u.Base()]; ok {
		return info.en
	}
	return string(u)
}

type scale struct {
	exp  int
	name string
}

var scalesZH = []scale{{12, "万亿"}, {8, "亿"}, {4, "万"}}
var scalesEN = []scale{{12, "trillion"}, {9, "billion"}, {6, "million"}}

// number prints the value, or both ends of a range, over the largest scale
// that fits. Ratios, ranks and measures are not scaled.
func (q Quantity) number(scales []scale) (digits, name string) {
	exp := 0
	if d := q.Unit.Dimension(); d == DimMoney || d == DimCount || d == DimNone {
		for _, s := range scales {
			if math.Abs(q.Value) >= math.Pow10(s.exp) {
				exp, name = s.exp, s.name
				break
			}
		}
	}
	places := q.places(exp)
	digits = shifted(q.Value, exp, places)
	if q.Bound == Between {
		digits += "–" + shifted(q.High, exp, places)
	}
	return digits, name
}

// places is how many decimals the scaled value needs to show its step.
func (q Quantity) places(exp int) int {
	if q.Step > 0 {
		return min(max(exp-int(math.Floor(math.Log10(q.Step)+1e-9)), 0), 12)
	}
	if exp == 0 && q.Value == math.Trunc(q.Value) {
		return 0
	}
	return 2
}

func shifted(v float64, exp, places int) string { return i18n.Decimal(v/math.Pow10(exp), places) }

func fractionZH(share float64) string {
	for _, f := range []struct {
		share float64
		name  string
	}{{0.0001, "万分之一"}, {0.001, "千分之一"}} {
		if near(share, f.share) {
			return f.name
		}
	}
	return " " + i18n.Decimal(share*100, 4) + "%"
}

func ordinalEN(n string) string {
	suffix := "th"
	if !strings.HasSuffix(n, "11") && !strings.HasSuffix(n, "12") && !strings.HasSuffix(n, "13") {
		switch n[len(n)-1] {
		case '1':
			suffix = "st"
		case '2':
			suffix = "nd"
		case '3':
			suffix = "rd"
		}
	}
	return n + suffix
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
