package identifier

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

const (
	digits = "0123456789"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	// usccAlphabet is GB 32100-2015 table 2: the index is the value. I, O, S,
	// V and Z are left out.
	usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	// crockford is the base 32 of ROR ids: no i, l, o, u.
	crockford = "0123456789abcdefghjkmnpqrstvwxyz"
)

func parseUSCC(s string) (string, error) {
	s = strings.ToUpper(s)
	if err := form(USCC, s, 18, usccAlphabet); err != nil {
		return "", err
	}
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(usccAlphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	if want := usccAlphabet[(31-sum%31)%31]; s[17] != want {
		return "", checkError(USCC, s, string(want), string(s[17]))
	}
	if want := orgCodeCheck(s[8:16]); s[16] != want {
		return "", errs.New(errs.Invalid, "identifier.nested_check",
			errs.A{"value": s, "code": s[8:17], "want": string(want), "got": string(s[16])})
	}
	return s, nil
}

func parseOrgCode(s string) (string, error) {
	s = strings.ToUpper(s)
	if err := form(OrgCode, s, 9, digits+upper); err != nil {
		return "", err
	}
	if want := orgCodeCheck(s[:8]); s[8] != want {
		return "", checkError(OrgCode, s, string(want), string(s[8]))
	}
	return s, nil
}

// orgCodeCheck is GB 11714-1997: letters count 10 to 35, unlike in the code
// around it.
func orgCodeCheck(body string) byte {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i := range 8 {
		sum += strings.IndexByte(digits+upper, body[i]) * weights[i]
	}
	switch c := 11 - sum%11; c {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return digits[c]
	}
}

func parseROR(s string) (string, error) {
	s = strings.ToLower(s)
	if err := form(ROR, s, 9, crockford); err != nil {
		return "", err
	}
	if s[0] != '0' {
		return "", characterError(ROR, s, 1, "0")
	}
	for i := 7; i < 9; i++ {
		if s[i] > '9' {
			return "", characterError(ROR, s, i+1, "0-9")
		}
	}
	n := 0
	for i := range 7 {
		n = n*32 + strings.IndexByte(crockford, s[i])
	}
	if want := pad2(98 - n*100%97); s[7:] != want {
		return "", checkError(ROR, s, want, s[7:])
	}
	return s, nil
}

func parseORCID(s string) (string, error) {
	s = strings.ToUpper(s)
	if err := mod11x2(ORCID, s); err != nil {
		return "", err
	}
	if !orcidBlock(s[:15]) {
		return "", errs.New(errs.Invalid, "identifier.orcid_block", errs.A{"value": s})
	}
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:], nil
}

// orcidBlock reports whether the first 15 digits lie in the blocks that ISNI
// reserved for ORCID: an organisation's ISNI has the same form and check.
func orcidBlock(body string) bool {
	return body >= "000000015000000" && body <= "000000035000000" ||
		body >= "000900000000000" && body <= "000900100000000"
}

func parseISNI(s string) (string, error) {
	s = strings.ToUpper(s)
	return s, mod11x2(ISNI, s)
}

// mod11x2 checks 15 digits and an ISO/IEC 7064 MOD 11-2 check character.
func mod11x2(scheme Scheme, s string) error {
	if err := form(scheme, s, 16, digits+"X"); err != nil {
		return err
	}
	m := 0
	for i := range 15 {
		if s[i] == 'X' {
			return characterError(scheme, s, i+1, "0-9")
		}
		m = (m + int(s[i]-'0')) * 2 % 11
	}
	if want := (digits + "X")[(12-m)%11]; s[15] != want {
		return checkError(scheme, s, string(want), string(s[15]))
	}
	return nil
}

func parseLEI(s string) (string, error) {
	s = strings.ToUpper(s)
	if err := form(LEI, s, 20, digits+upper); err != nil {
		return "", err
	}
	for i := 18; i < 20; i++ {
		if s[i] > '9' {
			return "", characterError(LEI, s, i+1, "0-9")
		}
	}
	if want := pad2(98 - mod97(s[:18]+"00")); s[18:] != want {
		return "", checkError(LEI, s, want, s[18:])
	}
	return s, nil
}

// mod97 reads letters as 10 to 35 (ISO/IEC 7064 MOD 97-10).
func mod97(s string) int {
	m := 0
	for i := range len(s) {
		v := strings.IndexByte(digits+upper, s[i])
		if v > 9 {
			m *= 10
		}
		m = (m*10 + v) % 97
	}
	return m
}

func parseISSN(s string) (string, error) {
	s = strings.ToUpper(s)
	if err := form(ISSN, s, 8, digits+"X"); err != nil {
		return "", err
	}
	sum := 0
	for i := range 7 {
		if s[i] == 'X' {
			return "", characterError(ISSN, s, i+1, "0-9")
		}
		sum += int(s[i]-'0') * (8 - i)
	}
	if want := (digits + "X")[(11-sum%11)%11]; s[7] != want {
		return "", checkError(ISSN, s, string(want), string(s[7]))
	}
	return s[:4] + "-" + s[4:], nil
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// form checks the length, then every character.
func form(scheme Scheme, s string, length int, alphabet string) error {
	if n := utf8.RuneCountInString(s); n != length {
		return errs.New(errs.Invalid, "identifier.length",
			errs.A{"scheme": label(scheme), "value": show(s), "want": length, "got": n})
	}
	at := 0
	for _, r := range s {
		at++
		if r >= utf8.RuneSelf || !strings.ContainsRune(alphabet, r) {
			return characterError(scheme, s, at, allowed(alphabet))
		}
	}
	return nil
}

// allowed names an alphabet the way a person would.
func allowed(alphabet string) string {
	switch alphabet {
	case usccAlphabet:
		return "0-9 A-Z (I O S V Z ✗)"
	case crockford:
		return "0-9 a-z (i l o u ✗)"
	case digits + "X":
		return "0-9 X"
	}
	return "0-9 A-Z"
}

func characterError(scheme Scheme, s string, position int, want string) error {
	char := []rune(s)[position-1]
	return errs.New(errs.Invalid, "identifier.character",
		errs.A{"scheme": label(scheme), "value": show(s), "char": string(char), "position": position, "want": want})
}

func checkError(scheme Scheme, s, want, got string) error {
	return errs.New(errs.Invalid, "identifier.check",
		errs.A{"scheme": label(scheme), "value": s, "want": want, "got": got})
}

// show cuts a value for a message.
func show(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
