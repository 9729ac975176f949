package rules

import "github.com/kapok-city/kapok/internal/errs"

// Tri is a truth value of three-valued logic (Kleene, Introduction to
// Metamathematics, § 64). The zero value is Unknown.
type Tri int8

// The truth values.
const (
	Unknown Tri = iota
	Yes
	No
)

// Is returns Yes or No.
func Is(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// And is no when either is no, yes when both are yes.
func (a Tri) And(b Tri) Tri {
	switch {
	case a == No || b == No:
		return No
	case a == Yes && b == Yes:
		return Yes
	}
	return Unknown
}

// Or is yes when either is yes, no when both are no.
func (a Tri) Or(b Tri) Tri { return a.Not().And(b.Not()).Not() }

// Not turns yes and no round.
func (a Tri) Not() Tri {
	switch a {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

// String is "yes", "no" or "unknown".
func (a Tri) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}

// MarshalText writes String.
func (a Tri) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Tri) UnmarshalText(b []byte) error {
	switch string(b) {
	case "yes":
		*a = Yes
	case "no":
		*a = No
	case "unknown", "":
		*a = Unknown
	default:
		return errs.New(errs.Invalid, "pool.tri", errs.A{"text": string(b)})
	}
	return nil
}
