package identifier

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/errs"
)

// Scheme names a kind of identifier; the value is stored in rows and JSON.
type Scheme string

// The schemes.
const (
	USCC     Scheme = "uscc"
	OrgCode  Scheme = "orgcode"
	ROR      Scheme = "ror"
	ORCID    Scheme = "orcid"
	ISNI     Scheme = "isni"
	LEI      Scheme = "lei"
	GRID     Scheme = "grid"
	Wikidata Scheme = "wikidata"
	CNPatent Scheme = "cn_patent"
	DOI      Scheme = "doi"
	ISSN     Scheme = "issn"
)

// rule is what Parse needs to know of a scheme.
type rule struct {
	scheme   Scheme
	prefixes []string // lower-case forms that may stand before the value
	parse    func(compact string) (string, error)
	keepDash bool   // hyphens are part of the value
	url      string // what makes the canonical value a link, "" when there is none
}

// rules are in the order in which Detect answers: the form least likely to
// arise by chance first.
var rules = []rule{
	{scheme: ROR, prefixes: []string{"https://ror.org/", "http://ror.org/", "ror.org/", "ror:"}, parse: parseROR, url: "https://ror.org/"},
	{scheme: ORCID, prefixes: []string{"https://orcid.org/", "http://orcid.org/", "orcid.org/", "orcid:"}, parse: parseORCID, url: "https://orcid.org/"},
	{scheme: ISNI, prefixes: []string{"https://isni.org/isni/", "http://isni.org/isni/", "http://www.isni.org/", "isni:"}, parse: parseISNI, url: "https://isni.org/isni/"},
	{scheme: LEI, prefixes: []string{"lei:"}, parse: parseLEI},
	{scheme: USCC, prefixes: []string{"统一社会信用代码:", "uscc:"}, parse: parseUSCC},
	{scheme: GRID, prefixes: []string{"https://www.grid.ac/institutes/"}, parse: parseGRID},
	{scheme: Wikidata, prefixes: []string{"https://www.wikidata.org/wiki/", "http://www.wikidata.org/entity/", "wikidata:"}, parse: parseWikidata, url: "https://www.wikidata.org/wiki/"},
	{scheme: DOI, prefixes: []string{"https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi.org/", "doi:"}, parse: parseDOI, keepDash: true, url: "https://doi.org/"},
	{scheme: CNPatent, prefixes: []string{"zl", "cn"}, parse: parseCNPatent},
	{scheme: OrgCode, prefixes: []string{"组织机构代码:"}, parse: parseOrgCode},
	{scheme: ISSN, prefixes: []string{"eissn:", "issn:", "eissn", "issn"}, parse: parseISSN},
}

// maxRaw bounds what is read at all; the longest identifier, a DOI, has no
// limit of its own.
const maxRaw = 512

// Schemes lists every scheme, in the order of Detect.
func Schemes() []Scheme {
	out := make([]Scheme, len(rules))
	for i, r := range rules {
		out[i] = r.scheme
	}
	return out
}

// Parse returns the form in which an identifier is kept: no prefix, no blanks,
// the case of its standard. Full-width characters, blanks, hyphens and the
// usual prefixes (https://orcid.org/, doi:, ZL …) are accepted. The error is
// errs.Invalid and says what is wrong: the length, the character and its
// place, or the check character that the rest calls for.
func Parse(scheme Scheme, raw string) (string, error) {
	r, ok := find(scheme)
	if !ok {
		return "", errs.New(errs.Invalid, "identifier.unknown_scheme", errs.A{"scheme": string(scheme)})
	}
	if len(raw) > maxRaw {
		return "", errs.New(errs.TooLarge, "identifier.too_long", errs.A{"scheme": label(scheme), "limit": maxRaw})
	}
	compact, _ := r.strip(raw)
	if compact == "" {
		return "", errs.New(errs.Invalid, "identifier.empty", errs.A{"scheme": label(scheme)})
	}
	return r.parse(compact)
}

// Detect returns the schemes as which raw can be read, best first; none when
// it is no identifier. A prefix such as https://ror.org/ decides. A patent
// number is recognised only with its check digit or the prefix ZL or CN.
func Detect(raw string) []Scheme {
	if len(raw) > maxRaw {
		return nil
	}
	var out []Scheme
	for _, r := range rules {
		compact, prefixed := r.strip(raw)
		if _, err := r.parse(compact); compact == "" || err != nil {
			continue
		}
		if prefixed {
			return []Scheme{r.scheme}
		}
		if r.scheme == CNPatent && !hasPatentCheck(compact) {
			continue
		}
		out = append(out, r.scheme)
	}
	return out
}

// URL returns the address of a canonical value, "" for schemes whose register
// has no public address.
func URL(scheme Scheme, canonical string) string {
	r, ok := find(scheme)
	if !ok || r.url == "" {
		return ""
	}
	return r.url + canonical
}

func find(s Scheme) (rule, bool) {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.scheme == s })
	if i < 0 {
		return rule{}, false
	}
	return rules[i], true
}

// strip narrows full-width characters, removes blanks, hyphens and one known
// prefix, and reports whether there was a prefix.
func (r rule) strip(raw string) (string, bool) {
	s := strings.Map(func(c rune) rune { return r.narrow(c) }, raw)
	low := strings.ToLower(s)
	for _, p := range r.prefixes {
		if strings.HasPrefix(low, p) && len(low) == len(s) {
			s = s[len(p):]
			return s, true
		}
	}
	return s, false
}

func (r rule) narrow(c rune) rune {
	switch {
	case c >= '！' && c <= '～':
		c -= '！' - '!'
	case unicode.IsSpace(c):
		return -1
	case c >= '‐' && c <= '―', c == '−':
		c = '-'
	}
	if c == '-' && !r.keepDash {
		return -1
	}
	return c
}

// label is how a scheme is named to people; the same word serves both
// languages but for those the catalogue translates.
func label(s Scheme) string {
	switch s {
	case USCC:
		return "统一社会信用代码 (USCC)"
	case OrgCode:
		return "组织机构代码 (organisation code)"
	case CNPatent:
		return "中国专利申请号 (CN patent application no.)"
	case GRID, ROR, ORCID, ISNI, LEI, DOI, ISSN:
		return strings.ToUpper(string(s))
	}
	return string(s)
}
