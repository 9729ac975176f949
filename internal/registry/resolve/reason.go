package resolve

import (
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Reason says in a code and arguments why something matched or did not; In
// renders it. Codes are stable and may be stored.
type Reason struct {
	Code string // one of the constants below
	Name string // the registered name it is about, "" for none
	City string // city that agrees, "" for none
	// Country is the ISO code that agrees (of a match) or disagrees (of none).
	Country string
	Count   int // organisations that share the name, for Ambiguous
}

// Why a text matched.
const (
	Exact     = "exact"     // the name stands in the text
	Reordered = "reordered" // its words stand there in another order
	Near      = "near"      // one letter of a rare word differs
	ByAcronym = "acronym"   // its acronym stands there and the place agrees
	Company   = "company"   // the company name agrees without seat and legal form
	Whole     = "whole"     // a part of it is named that has no record of its own
)

// Why a text did not match.
const (
	Empty       = "empty"        // nothing to read
	NoName      = "no_name"      // no registered name stands in the text
	Generic     = "generic"      // only a name that many bodies could have
	Ambiguous   = "ambiguous"    // several organisations have the name and the place does not decide
	Elsewhere   = "elsewhere"    // the name is that of a body in another country
	LongerName  = "longer_name"  // the name is part of a longer one that is not registered
	WeakAcronym = "weak_acronym" // an acronym without a place that agrees
)

// In renders the reason as one sentence.
func (r Reason) In(l i18n.Lang) string {
	key := "resolve." + r.Code
	args := errs.A{"name": r.Name, "city": r.City, "country": r.Country, "count": r.Count}
	text := i18n.T(l, key, args)
	switch r.Code {
	case Exact, Reordered, Near, ByAcronym, Company, Whole:
		return text + i18n.T(l, placeKey(r), args)
	}
	return text
}

func placeKey(r Reason) string {
	switch {
	case r.City != "" && r.Country != "":
		return "resolve.place_both"
	case r.City != "":
		return "resolve.place_city"
	case r.Country != "":
		return "resolve.place_country"
	}
	return "resolve.place_none"
}
