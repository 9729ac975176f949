package identifier

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme    Scheme
		raw, want string
	}{
		{USCC, "91350100M000100Y43", "91350100M000100Y43"},
		{USCC, "９１４４０３００７０８４６１１３６Ｔ", "91440300708461136T"},
		{USCC, "统一社会信用代码：1210 0000 4554 1442 9r", "12100000455414429R"},
		{OrgCode, "M000100Y-4", "M000100Y4"},
		{ROR, "https://ror.org/0064kty71", "0064kty71"},
		{ROR, "0530PTS50", "0530pts50"},
		{ROR, "042nb2s44", "042nb2s44"},
		{ORCID, "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"},
		{ORCID, "0000 0002 1694 233x", "0000-0002-1694-233X"},
		{ISNI, "0000 0004 1758 6597", "0000000417586597"},
		{LEI, "529900T8BM49AURSDO55", "529900T8BM49AURSDO55"},
		{GRID, "grid.482286.2", "grid.482286.2"},
		{Wikidata, "https://www.wikidata.org/wiki/Q16572", "Q16572"},
		{CNPatent, "ZL 201710601862.3", "201710601862.3"},
		{CNPatent, "CN97101765.4", "97101765.4"},
		{CNPatent, "95115608.x", "95115608.X"},
		{CNPatent, "2017106018623", "201710601862.3"},
		{CNPatent, "201710601862", "201710601862.3"},
		{DOI, "https://doi.org/10.1038/S41586-018-07212-4", "10.1038/s41586-018-07212-4"},
		{ISSN, "ISSN 0378-5955", "0378-5955"},
		{ISSN, "2434-561x", "2434-561X"},
	} {
		got, err := Parse(c.scheme, c.raw)
		if err != nil || got != c.want {
			t.Errorf("Parse(%s, %q) = %q, %v; want %q", c.scheme, c.raw, got, err, c.want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme   Scheme
		raw, key string
		zh       string // part of the Chinese sentence
	}{
		{USCC, "91350100M000100Y4", "identifier.length", "应有 18 位，实有 17 位"},
		{USCC, "91350100M000100Y4Z", "identifier.character", "第 18 位不应是“Z”"},
		{USCC, "91350100M000100Y44", "identifier.check", "校验位应为“3”，实为“4”"},
		{USCC, "91310115MA1H8R7C6D", "identifier.check", "校验位应为"},
		{USCC, nestedBroken(), "identifier.nested_check", "组织机构代码"},
		{OrgCode, "M000100Y5", "identifier.check", "应为“4”"},
		{ROR, "0064kty72", "identifier.check", "应为“71”"},
		{ROR, "1064kty71", "identifier.character", "第 1 位"},
		{ROR, "0064ktu71", "identifier.character", "第 7 位不应是“u”"},
		{ORCID, "0000-0002-1825-0098", "identifier.check", "应为“7”"},
		{ORCID, "0000 0004 1758 6597", "identifier.orcid_block", "机构的 ISNI"},
		{ISNI, "00000X0417586597", "identifier.character", "第 6 位"},
		{LEI, "529900T8BM49AURSDO56", "identifier.check", "应为“55”"},
		{GRID, "grid.x.2", "identifier.form", "grid.482286.2"},
		{Wikidata, "P31", "identifier.form", "Q16572"},
		{DOI, "11.1000/182", "identifier.form", "10.1000/182"},
		{CNPatent, "201710601862.4", "identifier.check", "应为“3”"},
		{CNPatent, "20171060186.3", "identifier.patent_length", "位数不对"},
		{CNPatent, "199910601862.3", "identifier.patent_year", "1999"},
		{CNPatent, "201750601862.3", "identifier.patent_kind", "“5”"},
		{ISSN, "0378-5956", "identifier.check", "应为“5”"},
		{"iban", "x", "identifier.unknown_scheme", "iban"},
		{DOI, " ", "identifier.empty", "空"},
		{DOI, strings.Repeat("1", 600), "identifier.too_long", "512"},
	} {
		_, err := Parse(c.scheme, c.raw)
		var e *errs.Error
		if !errors.As(err, &e) || e.Key != c.key {
			t.Errorf("Parse(%s, %q): %v, want %s", c.scheme, c.raw, err, c.key)
			continue
		}
		zh, en := i18n.Error(i18n.ZH, err), i18n.Error(i18n.EN, err)
		if !strings.Contains(zh, c.zh) || strings.Contains(zh+en, "{") || en == c.key {
			t.Errorf("Parse(%s, %q) tells %q / %q, want %q in it", c.scheme, c.raw, zh, en, c.zh)
		}
	}
}

// nestedBroken makes a code whose outer check holds and whose inner one does
// not.
func nestedBroken() string {
	s := []byte("91350100M000100Y53")
	for _, c := range usccAlphabet {
		s[17] = byte(c)
		if _, err := parseUSCC(string(s)); err != nil && errs.Of(err).Key == "identifier.nested_check" {
			return string(s)
		}
	}
	return ""
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw  string
		want []Scheme
	}{
		{"91350100M000100Y43", []Scheme{USCC}},
		{"https://ror.org/0064kty71", []Scheme{ROR}},
		{"0064kty71", []Scheme{ROR}},
		{"0000-0002-1825-0097", []Scheme{ORCID, ISNI}},
		{"0000 0004 1758 6597", []Scheme{ISNI}},
		{"ZL97101765.4", []Scheme{CNPatent}},
		{"97101765", nil},
		{"10.1000/182", []Scheme{DOI}},
		{"中山大学", nil},
		{"", nil},
	} {
		if diff := cmp.Diff(c.want, Detect(c.raw)); diff != "" {
			t.Errorf("Detect(%q): %s", c.raw, diff)
		}
	}
}

// TestSubstitutions holds each check to what its standard promises: one wrong
// character is always found where the modulus is a prime above the alphabet
// (USCC 31, ROR 97) or by MOD 11-2; MOD 97-10 promises it among digits and
// among letters.
func TestSubstitutions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme   Scheme
		alphabet string
		value    func(*rand.Rand) string
	}{
		{USCC, usccAlphabet, randomUSCC},
		{ROR, crockford, randomROR},
		{ORCID, digits + "X", randomORCID},
		{LEI, digits, randomLEI},
		{LEI, upper, randomLEI},
		{ISSN, digits + "X", randomISSN},
		{CNPatent, digits, randomPatent},
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			v := c.value(rng)
			if got, err := Parse(c.scheme, v); err != nil {
				t.Fatalf("made %s %q, kept as %q: %v", c.scheme, v, got, err)
			}
			substitute(v, c.alphabet, func(at int, bad string) {
				if _, err := Parse(c.scheme, bad); err == nil {
					t.Errorf("%s %q passes with character %d changed: %q", c.scheme, v, at+1, bad)
				}
			})
		}
	}
}

// substitute tries every other character of the alphabet at each place that
// holds one of it.
func substitute(v, alphabet string, try func(at int, bad string)) {
	for i := range len(v) {
		if !strings.Contains(alphabet, v[i:i+1]) {
			continue
		}
		for _, a := range alphabet {
			if byte(a) != v[i] {
				try(i, v[:i]+string(a)+v[i+1:])
			}
		}
	}
}

func randomOf(rng *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return string(b)
}

// completed returns the one completion of body that the scheme accepts, a body
// of which makes it unacceptable is drawn again.
func completed(scheme Scheme, alphabet string, n int, body func() string) string {
	for {
		b := body()
		for _, tail := range tails(alphabet, n) {
			if _, err := Parse(scheme, b+tail); err == nil {
				return b + tail
			}
		}
	}
}

func tails(alphabet string, n int) []string {
	if n == 0 {
		return []string{""}
	}
	var out []string
	for _, a := range alphabet {
		for _, t := range tails(alphabet, n-1) {
			out = append(out, string(a)+t)
		}
	}
	return out
}

func randomUSCC(rng *rand.Rand) string {
	return completed(USCC, usccAlphabet, 1, func() string {
		org := randomOf(rng, usccAlphabet, 8)
		return "91440100" + org + string(orgCodeCheck(org))
	})
}

func randomROR(rng *rand.Rand) string {
	return completed(ROR, digits, 2, func() string { return "0" + randomOf(rng, crockford, 6) })
}

func randomORCID(rng *rand.Rand) string {
	return completed(ORCID, digits+"X", 1, func() string { return "00000002" + randomOf(rng, digits, 7) })
}

func randomLEI(rng *rand.Rand) string {
	return completed(LEI, digits, 2, func() string { return randomOf(rng, digits+upper, 18) })
}

func randomISSN(rng *rand.Rand) string {
	return completed(ISSN, digits+"X", 1, func() string { return randomOf(rng, digits, 7) })
}

func randomPatent(rng *rand.Rand) string {
	return completed(CNPatent, digits+"X", 1, func() string { return "2017" + "1" + randomOf(rng, digits, 7) + "." })
}

// The organisation code alone (mod 11 over 36 characters) cannot tell
// characters 11 or 22 apart, and says so here; all others it must find.
func TestOrgCodeSubstitutions(t *testing.T) {
	t.Parallel()
	all := digits + upper
	substitute("M000100Y4", all, func(at int, bad string) {
		_, err := Parse(OrgCode, bad)
		d := strings.IndexByte(all, bad[at]) - strings.IndexByte(all, "M000100Y4"[at])
		if found := err != nil; found != (at == 8 || d%11 != 0) {
			t.Errorf("%q: found %v, difference %d", bad, found, d)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"91350100M000100Y43", "https://ror.org/0064kty71", "0000-0002-1825-0097", "ZL97101765.4", "10.1000/İ", "\xff", "ISSN0378-5955", "529900T8BM49AURSDO55", "grid.1234.a", "Q1", "ſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, s := range Schemes() {
			got, err := Parse(s, raw)
			if err != nil {
				if errs.KindOf(err) == errs.Internal {
					t.Fatalf("Parse(%s, %q): internal error %v", s, raw, err)
				}
				continue
			}
			if again, err := Parse(s, got); err != nil || again != got {
				t.Fatalf("Parse(%s, %q) = %q, again %q, %v", s, raw, got, again, err)
			}
		}
		Detect(raw)
	})
}
