package policy

import "github.com/kapok-city/kapok/internal/errs"

// Truth is a truth value of three-valued logic (Kleene, Introduction to
// Metamathematics, § 64) with a fourth for facts that contradict each other. The
// zero value is Unknown.
type Truth uint8

// The truth values.
const (
	Unknown Truth = iota
	False
	True
	Error // facts contradict each other, or a leaf failed
)

// Is returns True or False.
func Is(b bool) Truth {
	if b {
		return True
	}
	return False
}

// rank orders the values for And: the least one wins.
var rank = [4]uint8{Unknown: 2, False: 0, True: 3, Error: 1}

// And is false when either is; else an error when either is, else unknown.
func (a Truth) And(b Truth) Truth {
	if rank[a] < rank[b] {
		return a
	}
	return b
}

// Or is true when either is; else an error when either is, else unknown.
func (a Truth) Or(b Truth) Truth { return a.Not().And(b.Not()).Not() }

// Not turns true and false round.
func (a Truth) Not() Truth {
	switch a {
	case True:
		return False
	case False:
		return True
	}
	return a
}

// atLeast is k of n values, of which so many are true and so many are not false:
// decided as soon as the others cannot change it.
func atLeast(k, yes, unknown, faulty int) Truth {
	switch {
	case yes >= k:
		return True
	case yes+unknown+faulty < k:
		return False
	case faulty > 0:
		return Error
	}
	return Unknown
}

var truthWords = [4]string{"unknown", "false", "true", "error"}

// String is the word for the value: "true", "false", "unknown" or "error".
func (a Truth) String() string { return truthWords[a&3] }

// MarshalText writes String.
func (a Truth) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Truth) UnmarshalText(b []byte) error {
	for i, w := range truthWords {
		if string(b) == w {
			*a = Truth(i)
			return nil
		}
	}
	return errs.New(errs.Invalid, "policy.truth", errs.A{"text": string(b)})
}
