package identifier

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// parseCNPatent reads an application number of ZC 0006-2003 (year 4, kind 1,
// serial 7, check) or of the system before 2003-10-01 (year 2, kind 1,
// serial 5, check). The check digit is derived from the rest, so a number
// written without it is completed. Canonical: 201710601862.3, 97101765.4.
func parseCNPatent(s string) (string, error) {
	s = strings.ToUpper(s)
	body, check, dotted := strings.Cut(s, ".")
	if !dotted && (len(s) == 13 || len(s) == 9) {
		body, check = s[:len(s)-1], s[len(s)-1:]
	}
	if len(body) != 12 && len(body) != 8 || len(check) > 1 || dotted && check == "" {
		return "", errs.New(errs.Invalid, "identifier.patent_length", errs.A{"value": show(s)})
	}
	for i := range len(body) {
		if body[i] < '0' || body[i] > '9' {
			return "", formError(CNPatent, s, "201710601862.3")
		}
	}
	if err := patentHead(s, body); err != nil {
		return "", err
	}
	want := patentCheck(body)
	if check != "" && check != want {
		return "", checkError(CNPatent, s, want, check)
	}
	return body + "." + want, nil
}

// patentHead checks the year and the kind: 1 invention, 2 utility model, 3
// design, 8 and 9 the first two entering through the PCT.
func patentHead(s, body string) error {
	year, kind := body[:2], body[2]
	old := len(body) == 8
	if !old {
		year, kind = body[:4], body[4]
	}
	if old && year < "85" && year > "03" || !old && (year < "2003" || year > "2099") {
		return errs.New(errs.Invalid, "identifier.patent_year", errs.A{"value": s, "year": year})
	}
	if !strings.ContainsRune("12389", rune(kind)) {
		return errs.New(errs.Invalid, "identifier.patent_kind", errs.A{"value": s, "kind": string(kind)})
	}
	return nil
}

// patentCheck weighs the digits 2 to 9, then from 2 again, modulo 11.
func patentCheck(body string) string {
	sum := 0
	for i := range len(body) {
		sum += int(body[i]-'0') * (2 + i%8)
	}
	return string((digits + "X")[sum%11])
}

func hasPatentCheck(compact string) bool {
	return strings.Contains(compact, ".") || len(compact) == 13 || len(compact) == 9
}
