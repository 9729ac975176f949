package quantity

import "math"

// Relation says how a stated quantity stands to a known one.
type Relation string

// The relations, from agreement to none.
const (
	Equal         Relation = "equal"          // the same value under the same bound
	RoundsTo      Relation = "rounds_to"      // the known value, at the stated digits, is the stated one
	Compatible    Relation = "compatible"     // the known value satisfies the stated bound
	Undecided     Relation = "undecided"      // the known quantity is itself a bound and leaves both open
	Incompatible  Relation = "incompatible"   // both cannot be true
	NotComparable Relation = "not_comparable" // they do not measure the same thing
)

// Agrees reports whether the relation bears the statement out.
func (r Relation) Agrees() bool { return r == Equal || r == RoundsTo || r == Compatible }

// Reason is a message key that says why [Compare] answered as it did.
type Reason string

// The reasons; each is a key of catalogue quantity.json.
const (
	ReasonSame    Reason = "quantity.reason.same"
	ReasonRounds  Reason = "quantity.reason.rounds"
	ReasonInside  Reason = "quantity.reason.inside"
	ReasonFar     Reason = "quantity.reason.far"     // inside, but beyond OverReach
	ReasonOutside Reason = "quantity.reason.outside" // the value is outside the bound
	ReasonDiffers Reason = "quantity.reason.differs" // two exact values differ
	ReasonOpen    Reason = "quantity.reason.open"    // the known bound is too loose
	ReasonUnits   Reason = "quantity.reason.units"
)

// Compare sets a stated quantity against a known one and says why. The known
// one is converted to the unit of the stated one.
//
// A stated exact value is a rounding: a known 262.3 bears out a stated 262.
// A stated bound holds when every value the known quantity allows satisfies
// it, fails when none does, and is undecided otherwise.
func Compare(stated, known Quantity) (Relation, Reason) {
	f, ok := known.Unit.Convert(stated.Unit)
	if !ok || stated.Validate() != nil || known.Validate() != nil {
		return NotComparable, ReasonUnits
	}
	known = known.Mul(f)
	if stated.Bound == known.Bound && near(stated.Value, known.Value) && near(stated.High, known.High) {
		return Equal, ReasonSame
	}
	have := known.Interval()
	if stated.Bound == Exact {
		return compareExact(stated, known, have)
	}
	want := stated.Interval()
	switch {
	case want.Encloses(have):
		if stated.Bound == Above && known.Bound == Exact && beyond(stated.Value, known.Value) {
			return Compatible, ReasonFar
		}
		return Compatible, ReasonInside
	case want.Meets(have):
		return Undecided, ReasonOpen
	}
	return Incompatible, ReasonOutside
}

func compareExact(stated, known Quantity, have Interval) (Relation, Reason) {
	half := stated.Step / 2
	rounding := Interval{Lo: stated.Value - half, Hi: stated.Value + half}.widen()
	switch {
	case known.Bound == Exact && rounding.Contains(known.Value):
		return RoundsTo, ReasonRounds
	case known.Bound == Exact:
		return Incompatible, ReasonDiffers
	case rounding.Encloses(have):
		return Compatible, ReasonInside
	case rounding.Meets(have):
		return Undecided, ReasonOpen
	}
	return Incompatible, ReasonOutside
}

func near(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}

func beyond(stated, known float64) bool {
	return math.Abs(known-stated) > OverReach*math.Abs(stated)
}
