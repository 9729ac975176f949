package identifier

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

var (
	gridForm     = regexp.MustCompile(`^grid\.\d{4,6}\.[0-9a-f]{1,2}$`)
	wikidataForm = regexp.MustCompile(`^Q[1-9]\d{0,11}$`)
	doiForm      = regexp.MustCompile(`^10\.\d{4,9}(\.\d{1,9})*/\S+$`)
)

func parseGRID(s string) (string, error) {
	return matching(GRID, gridForm, strings.ToLower(s), "grid.482286.2")
}

func parseWikidata(s string) (string, error) {
	return matching(Wikidata, wikidataForm, strings.ToUpper(s), "Q16572")
}

// parseDOI keeps DOIs in lower case: they are equal regardless of it.
func parseDOI(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", formError(DOI, s, "10.1000/182")
	}
	return matching(DOI, doiForm, lowerASCII(s), "10.1000/182")
}

// lowerASCII folds only A to Z, as ISO 26324 does.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func matching(scheme Scheme, re *regexp.Regexp, s, example string) (string, error) {
	if !re.MatchString(s) {
		return "", formError(scheme, s, example)
	}
	return s, nil
}

func formError(scheme Scheme, s, example string) error {
	return errs.New(errs.Invalid, "identifier.form",
		errs.A{"scheme": label(scheme), "value": show(s), "example": example})
}
