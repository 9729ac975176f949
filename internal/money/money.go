// Package money holds amounts of money as whole fen (1/100 yuan) and computes
// with them without ever losing one: sums and products that would overflow are
// an error, and a split hands out exactly what there was.
//
// It knows one currency, the renminbi; amounts in other currencies are
// quantities (package quantity). It has no tables.
package money

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Fen is an amount in 1/100 yuan.
type Fen int64

// Yuan and the units of tables, in fen.
const (
	Yuan   Fen = 100
	Wan    Fen = 10_000 * Yuan      // 万元
	Yi     Fen = 100_000_000 * Yuan // 亿元
	maxFen Fen = 1<<63 - 1
)

func overflow() error { return errs.New(errs.Invalid, "money.overflow") }

// Add returns a + b, or an error when the sum does not fit.
func Add(a, b Fen) (Fen, error) {
	if s := a + b; (s > a) == (b > 0) {
		return s, nil
	}
	return 0, overflow()
}

// Part returns amount × ppm / 1,000,000, rounded half to even; rates are kept
// in parts per million. amount and ppm must not be negative.
func Part(amount Fen, ppm int64) (Fen, error) {
	if amount < 0 || ppm < 0 {
		return 0, errs.New(errs.Invalid, "money.negative")
	}
	const million = 1_000_000
	hi, lo := bits.Mul64(uint64(amount), uint64(ppm))
	if hi >= million {
		return 0, overflow()
	}
	q, r := bits.Div64(hi, lo, million)
	if r > million/2 || (r == million/2 && q%2 == 1) {
		q++
	}
	if q > uint64(maxFen) {
		return 0, overflow()
	}
	return Fen(q), nil
}

// Split divides amount by weights and hands out all of it: each part is
// rounded down, and the fen left over go one each to the parts with the
// largest remainders, the earlier part first. Weights must not be negative nor
// all zero; amount must not be negative.
func Split(amount Fen, weights []int64) ([]Fen, error) {
	total := uint64(0)
	for _, w := range weights {
		sum, carry := bits.Add64(total, uint64(max(w, 0)), 0)
		if w < 0 || carry != 0 {
			return nil, errs.New(errs.Invalid, "money.negative")
		}
		total = sum
	}
	if amount < 0 || total == 0 {
		return nil, errs.New(errs.Invalid, "money.negative")
	}
	parts, rest, left := make([]Fen, len(weights)), make([]uint64, len(weights)), amount
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(amount), uint64(w))
		q, r := bits.Div64(hi, lo, total)
		parts[i], rest[i] = Fen(q), r
		left -= Fen(q)
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i] > rest[best] {
				best = i
			}
		}
		parts[best]++
		rest[best] = 0
	}
	return parts, nil
}

// Parse reads an amount in yuan with at most two decimals: "1234.5", "-0.01".
// Thousands separators are refused: in a file they hide a wrong column.
func Parse(s string) (Fen, error) {
	bad := func() (Fen, error) { return 0, errs.New(errs.Invalid, "money.bad_amount", errs.A{"text": s}) }
	digits, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	whole, frac, point := strings.Cut(digits, ".")
	if whole == "" || len(frac) > 2 || (point && frac == "") || strings.ContainsAny(whole+frac, "+-_ ") {
		return bad()
	}
	n, err := strconv.ParseInt(whole+(frac + "00")[:2], 10, 64)
	if err != nil {
		return bad()
	}
	if negative {
		n = -n
	}
	return Fen(n), nil
}

// String writes the amount in yuan with two decimals: "-1234.50".
func (f Fen) String() string {
	sign, u := "", uint64(f)
	if f < 0 {
		sign, u = "-", -u
	}
	cents := strconv.FormatUint(u%100, 10)
	if len(cents) < 2 {
		cents = "0" + cents
	}
	return sign + strconv.FormatUint(u/100, 10) + "." + cents
}
