package policy

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Type is what a fact is made of. All but words are kept as whole numbers, so
// that the edge of a band is exact.
type Type string

// The types, each with the unit in which its values are kept.
const (
	Money   Type = "money"   // fen
	Percent Type = "percent" // millionths of one: 5 % is 50,000
	Count   Type = "count"   // one
	Number  Type = "number"  // millionths
	Day     Type = "day"     // days since 1970-01-01
	YesNo   Type = "yes_no"  // 0 or 1
	Place   Type = "place"   // GB/T 2260 code of six digits
	Word    Type = "word"    // one of a list
)

// Types lists the types.
var Types = []Type{Money, Percent, Count, Number, Day, YesNo, Place, Word}

const million = 1_000_000

// Parse reads a value as a person writes it: 500万, 2亿, 5%, 2026-01-31, yes.
func (t Type) Parse(s string) (int64, error) {
	s = strings.TrimSpace(s)
	n, ok := int64(0), false
	switch t {
	case Money:
		n, ok = parseMoney(s)
	case Percent:
		if n, ok = scaled(strings.TrimRight(s, "%％ "), million); ok {
			n, ok = n/100, n%100 == 0
		}
	case Count:
		n, ok = scaled(s, 1)
	case Number:
		n, ok = scaled(s, million)
	case Day:
		n, ok = parseDay(s)
	case YesNo:
		n, ok = map[string]int64{"yes": 1, "true": 1, "是": 1, "1": 1}[strings.ToLower(s)], isNo[strings.ToLower(s)]
		ok = ok || n == 1
	case Place:
		v, err := strconv.ParseInt(s, 10, 64)
		n, ok = v, err == nil && v >= 110000 && v <= 999999
	}
	if !ok {
		return 0, errs.New(errs.Invalid, "policy.value", errs.A{"value": clip(s), "type": string(t)})
	}
	return n, nil
}

var isNo = map[string]bool{"no": true, "false": true, "否": true, "0": true}

var decimal = regexp.MustCompile(`^-?(\d{1,15})(\.\d{1,8})?$`)

// scaled reads a decimal number as a whole number of 1/scale, exactly or not at
// all.
func scaled(s string, scale int64) (int64, bool) {
	s = strings.ReplaceAll(s, ",", "")
	if !decimal.MatchString(s) {
		return 0, false
	}
	minus := strings.HasPrefix(s, "-")
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > math.MaxInt64/10/scale { // so that ten years add up
		return 0, false
	}
	n *= scale
	for _, digit := range part {
		if scale%10 != 0 {
			if digit != '0' {
				return 0, false
			}
			continue
		}
		scale /= 10
		n += int64(digit-'0') * scale
	}
	if minus {
		n = -n
	}
	return n, true
}

var moneyUnits = []struct {
	suffix string
	fen    int64
}{{"亿元", 1e10}, {"万元", 1e6}, {"亿", 1e10}, {"万", 1e6}, {"元", 100}, {"CNY", 100}, {"", 100}}

func parseMoney(s string) (int64, bool) {
	for _, u := range moneyUnits {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			return scaled(strings.TrimSpace(rest), u.fen)
		}
	}
	return 0, false
}

func parseDay(s string) (int64, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t.Unix() / 86400, err == nil
}

// Text writes a value as Parse reads it.
func (t Type) Text(n int64) string {
	switch t {
	case Money:
		return money.Fen(n).String()
	case Percent:
		return fraction(n*100) + "%"
	case Number:
		return fraction(n)
	case Day:
		return time.Unix(n*86400, 0).UTC().Format(time.DateOnly)
	case YesNo:
		if n == 1 {
			return "yes"
		}
		return "no"
	}
	return strconv.FormatInt(n, 10)
}

// fraction writes millionths without zeros at the end.
func fraction(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatInt(n/million, 10)
	if n%million != 0 {
		s += strings.TrimRight("."+strconv.FormatInt(million+n%million, 10)[1:], "0")
	}
	return s
}

const longest = 60

func clip(s string) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
