package i18n

import (
	"strconv"
	"strings"
	"time"
)

// Integer writes n with thousands separators: 12,549.
func Integer(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Decimal writes v with at most digits decimals, no trailing zeros, and
// thousands separators.
func Decimal(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	whole, frac, _ := strings.Cut(s, ".")
	frac = strings.TrimRight(frac, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s // beyond int64: plain digits are still right
	}
	out := Integer(n)
	if n == 0 && strings.HasPrefix(whole, "-") && frac != "" {
		out = "−0"
	}
	if frac != "" {
		out += "." + frac
	}
	return out
}

// Day writes an ISO date (2024-04-22, or a part of one: 2024-04, 2024) as
// running text: 2024年4月22日, 22 April 2024. Anything else is returned as is.
func Day(l Lang, iso string) string {
	for _, f := range []struct{ in, zh, en string }{
		{"2006-01-02", "2006年1月2日", "2 January 2006"},
		{"2006-01", "2006年1月", "January 2006"},
		{"2006", "2006年", "2006"},
	} {
		if t, err := time.Parse(f.in, iso); err == nil {
			if l == EN {
				return t.Format(f.en)
			}
			return t.Format(f.zh)
		}
	}
	return iso
}

// Instant writes a moment for tables, in UTC: 2024-04-22 08:15 UTC.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
