package claims

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/quantity"
)

// passage is one paragraph being read: its runes, its numerals, and the zones
// in which numbers are parts of names. All positions are runes of the
// paragraph.
type passage struct {
	r     []rune // in simplified characters, one for each rune of raw
	raw   []rune
	nums  []numeral
	zones []zone
	han   bool
	opts  Options
}

// numeral is a finding of package quantity at rune positions.
type numeral struct {
	quantity.Found
	start, end int
}

// zone is a quoted or titled part.
type zone struct {
	start, end int // inside the marks
	title      bool
}

func newPassage(p Paragraph, opts Options) *passage {
	x := &passage{r: []rune(fold.Simplified(string(p.runes))), raw: p.runes, han: hanShare(p.runes), opts: opts}
	if len(x.r) != len(x.raw) {
		x.r = x.raw // never so while folding goes rune by rune
	}
	text := string(x.r)
	toRune := make([]int, len(text)+1)
	n := 0
	for i := range text {
		toRune[i] = n
		n++
	}
	toRune[len(text)] = n
	for _, f := range quantity.Find(text) {
		x.nums = append(x.nums, numeral{f, toRune[f.Start], toRune[f.End]})
	}
	x.markZones()
	return x
}

var quotePairs = map[rune]rune{'“': '”', '《': '》', '「': '」', '『': '』', '〈': '〉', '‘': '’'}

// markZones finds quotes and titles; an opening mark without its partner marks
// nothing.
func (x *passage) markZones() {
	for i := 0; i < len(x.r); i++ {
		closing, ok := quotePairs[x.r[i]]
		if x.r[i] == '"' {
			closing, ok = '"', true
		}
		if !ok {
			continue
		}
		for j := i + 1; j < len(x.r) && j-i < 400; j++ {
			if x.r[j] == closing {
				x.zones = append(x.zones, zone{i + 1, j, x.r[i] == '《' || x.r[i] == '〈'})
				if x.r[i] == '"' {
					i = j
				}
				break
			}
		}
	}
}

// quoteLabel is the longest quote, in runes, that is read as a name or label.
const quoteLabel = 24

// named reports whether a numeral is part of a title or a short quoted label.
// An amount of money or a percentage in figures stays a quantity even there.
func (x *passage) named(n numeral) bool {
	for _, z := range x.zones {
		if n.start < z.start || n.end > z.end {
			continue
		}
		if z.title {
			return true
		}
		inner := string(x.r[z.start:z.end])
		if z.end-z.start > quoteLabel || strings.ContainsAny(inner, "，。,.;；") {
			continue
		}
		d := n.Quantity.Unit.Dimension()
		if !n.Han && (d == quantity.DimMoney || d == quantity.DimRatio) && z.end-z.start > n.end-n.start+1 {
			continue
		}
		return true
	}
	return false
}

// numbers are the numerals that lie in [a, b).
func (x *passage) numbers(a, b int) []numeral {
	from := sort.Search(len(x.nums), func(k int) bool { return x.nums[k].start >= a })
	to := from
	for to < len(x.nums) && x.nums[to].end <= b {
		to++
	}
	return x.nums[from:to]
}

func (x *passage) at(i int) rune {
	if i < 0 || i >= len(x.r) {
		return 0
	}
	return x.r[i]
}

func (x *passage) sub(a, b int) string {
	a, b = max(a, 0), min(b, len(x.r))
	if a >= b {
		return ""
	}
	return string(x.r[a:b])
}

// digitComma: a comma or point inside a number separates nothing.
func (x *passage) digitComma(i int) bool {
	return unicode.IsDigit(x.at(i-1)) && unicode.IsDigit(x.at(i+1))
}

func (x *passage) ends(i int) bool {
	switch x.r[i] {
	case '。', '！', '？', '!', '?', '；', ';', '…', '\n':
		return true
	case '.':
		return !x.digitComma(i) && (x.at(i+1) == ' ' || x.at(i+1) == 0) && !x.abbreviation(i)
	}
	return false
}

func (x *passage) abbreviation(i int) bool {
	for _, w := range []string{"No", "Dr", "Mr", "Ms", "St", "vs", "approx", "Co", "Ltd", "Inc"} {
		if strings.HasSuffix(x.sub(i-7, i), w) && !unicode.IsLetter(x.at(i-len(w)-1)) {
			return true
		}
	}
	return false
}

func (x *passage) parts(i int) bool {
	switch x.r[i] {
	case '，', '：', '、', ':':
		return x.r[i] != '、' && !(x.r[i] == ':' && x.digitComma(i))
	case ',':
		return !x.digitComma(i)
	}
	return x.ends(i)
}

// sentenceReach is how far, in runes, a sentence is looked for on each side: a
// text without marks must not be read again whole for each of its numbers.
const sentenceReach = 300

// around walks from rune i to the nearest break on both sides.
func (x *passage) around(i int, breaks func(int) bool) (start, end int) {
	for start = min(i, len(x.r)); start > 0 && i-start < sentenceReach && !breaks(start-1); start-- {
	}
	for end = i; end < len(x.r) && end-i < sentenceReach && !breaks(end); end++ {
	}
	for start < end && unicode.IsSpace(x.r[start]) {
		start++
	}
	return start, end
}

func (x *passage) sentence(i int) (int, int) { return x.around(i, x.ends) }
func (x *passage) clause(i int) (int, int)   { return x.around(i, x.parts) }

// lastIndex is the rune position of the last of the words in [a, b), or -1.
func (x *passage) lastIndex(a, b int, words ...string) (pos int, word string) {
	pos = -1
	text := x.sub(a, b)
	for _, w := range words {
		if k := strings.LastIndex(text, w); k >= 0 {
			if p := max(a, 0) + utf8.RuneCountInString(text[:k]); p > pos || p == pos && len(w) > len(word) {
				pos, word = p, w
			}
		}
	}
	return pos, word
}

func hasAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func endsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}
