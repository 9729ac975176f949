package edition

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Printed is a decimal number as a table prints it: Digits over ten to the
// Places. The places matter: "6.9" in a column of two decimals is 6.90.
type Printed struct {
	Digits int64
	Places int
}

// maxPlaces bounds the decimals of a printed number.
const maxPlaces = 9

// ParsePrinted reads a decimal such as "10.1" in a column of so many places;
// fewer digits than places are filled with zeros, more are errs.Invalid.
func ParsePrinted(text string, places int) (Printed, error) {
	bad := errs.New(errs.Invalid, "edition.bad_decimal", errs.A{"value": text, "places": places})
	whole, part, _ := strings.Cut(strings.TrimSpace(text), ".")
	if places < 0 || places > maxPlaces || len(part) > places || len(whole) > 12 || strings.Trim(part, "0123456789") != "" {
		return Printed{}, bad
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil {
		return Printed{}, bad
	}
	return Printed{n, places}, nil
}

// PrintedOf is the printed form of a quantity whose step is a power of ten.
func PrintedOf(q quantity.Quantity) (Printed, bool) {
	for places := range maxPlaces + 1 {
		step := 1 / pow10(places)
		if q.Bound == quantity.Exact && q.Step > step*0.999 && q.Step < step*1.001 {
			p, err := ParsePrinted(strconv.FormatFloat(q.Value, 'f', places, 64), places)
			return p, err == nil
		}
	}
	return Printed{}, false
}

func pow10(n int) float64 {
	v := 1.0
	for range n {
		v *= 10
	}
	return v
}

// rat is the printed value itself.
func (p Printed) rat() *big.Rat { return new(big.Rat).Mul(big.NewRat(p.Digits, 1), p.unit()) }

// half is half a unit of the last printed place.
func (p Printed) half() *big.Rat { return new(big.Rat).Mul(big.NewRat(1, 2), p.unit()) }

func (p Printed) unit() *big.Rat {
	return new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(p.Places)), nil))
}

// low and high enclose what may have been rounded to p. Both ends count as
// possible, since tables do not say how they round a half.
func (p Printed) low() *big.Rat  { return new(big.Rat).Sub(p.rat(), p.half()) }
func (p Printed) high() *big.Rat { return new(big.Rat).Add(p.rat(), p.half()) }

// String is the number as printed.
func (p Printed) String() string { return p.rat().FloatString(p.Places) }
