package twice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// forms end the names of firms, longest first; they tell no two firms apart
// that a bank would keep apart by them.
var forms = []string{
	"集团股份有限公司", "股份有限公司", "集团有限公司", "有限责任公司", "科技发展有限公司", "有限公司", "集团公司", "公司", "集团",
	" co ltd", " company limited", " limited", " ltd", " inc", " incorporated", " llc", " corporation", " corp", " company", " co",
}

// Name is a borrower's name as it is compared: folded, without what stands in
// brackets, without seat in front and legal form behind.
func Name(text string) string {
	plain := dropBrackets(text)
	key := squeeze(fold.Name(plain))
	for _, f := range forms {
		if s, ok := strings.CutSuffix(key, f); ok && utf8.RuneCountInString(s) >= 2 {
			key = s
			break
		}
	}
	return strings.ReplaceAll(withoutSeat(key), " ", "")
}

// provinces and cities stand at the front of names; a bank writes them or leaves
// them out.
var (
	provinces = []string{"广东省", "广东"}
	cities    = []string{"广州市", "广州", "深圳市", "深圳", "佛山市", "佛山", "东莞市", "东莞", "珠海市", "珠海"}
)

// withoutSeat takes a province and a city off the front, as long as three
// characters are left.
func withoutSeat(key string) string {
	for _, level := range [][]string{provinces, cities} {
		for _, s := range level {
			if rest, ok := strings.CutPrefix(key, s); ok && utf8.RuneCountInString(rest) >= 3 {
				key = rest
				break
			}
		}
	}
	return key
}

// dropBrackets leaves out what stands in brackets, such as the seat that a form
// may carry in the middle of a name.
func dropBrackets(text string) string {
	var b strings.Builder
	depth := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune("(（[【〔", r):
			depth++
		case strings.ContainsRune(")）]】〕", r):
			depth = max(depth-1, 0)
		case depth == 0:
			b.WriteRune(r)
		}
	}
	if strings.TrimSpace(b.String()) == "" {
		return text
	}
	return b.String()
}

// squeeze turns punctuation into single spaces.
func squeeze(key string) string {
	return strings.Join(strings.FieldsFunc(key, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// Contract is a contract number as it is compared: folded letters and digits,
// without the words 号, 第 and leading zeros of each run of digits.
func Contract(text string) string {
	var b strings.Builder
	lead := true
	for _, r := range fold.Name(text) {
		switch {
		case r == '号' || r == '第' || r == '字' || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			lead = true
		case r == '0' && lead:
		default:
			lead = !unicode.IsDigit(r)
			b.WriteRune(r)
		}
	}
	return b.String()
}
