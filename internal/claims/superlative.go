package claims

import (
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/quantity"
)

// mark is a superlative or rank at rune positions.
type mark struct {
	start, end int
	kind       Extreme
	scope      scopeWord
	quantity   *quantity.Quantity
	one        bool
}

// firstCounters follow 首 or 第一 in a claim to be first. 首都, 首席, 首届, 首先
// and 第一线, 第一方阵, 第一时间 are not among them.
const firstCounters = "个家款台套座条颗艘架例批支只项张枚部所单笔创位艇辆片种株艇条股"

// scopeReach is how many runes before its mark a scope may stand.
const scopeReach = 12

// superlatives finds every superlative of the passage but the ranks.
func (x *passage) superlatives() []mark {
	var out []mark
	for i, r := range x.r {
		var m mark
		var ok bool
		switch r {
		case '首':
			m, ok = x.first(i)
		case '第':
			m, ok = x.firstOrdinal(i)
		case '唯':
			m, ok = x.only(i)
		case '最':
			m, ok = x.most(i)
		case '纪', '记':
			m, ok = x.record(i)
		case '填':
			m, ok = x.gap(i)
		case '之':
			m, ok = x.atTop(i)
		}
		if ok {
			x.takeScope(&m)
			out = append(out, m)
		}
	}
	if !x.han || x.latin() {
		out = append(out, x.superlativesEN()...)
	}
	return out
}

// takeScope widens the mark over a scope that touches it: 全球首家, 全国第三.
func (x *passage) takeScope(m *mark) {
	if w := m.scope.word; w != "" && strings.HasSuffix(x.sub(m.start-runes(w), m.start), w) {
		m.start -= runes(w)
	}
}

func (x *passage) latin() bool {
	n := 0
	for _, r := range x.r {
		if r < 0x80 && unicode.IsLetter(r) {
			n++
		}
	}
	return n*2 > len(x.r)
}

// scoped looks back for a scope within the clause and the reach.
func (x *passage) scoped(i, reach int) (scopeWord, bool) {
	from, _ := x.clause(i)
	s, pos, ok := x.scopeBefore(max(from, i-reach-4), i)
	if ok && i-pos-runes(s.word) > reach {
		return s, false
	}
	return s, ok
}

func (x *passage) first(i int) (mark, bool) {
	next := x.at(i + 1)
	end, reach := i+2, scopeReach
	switch {
	case next == '次':
		reach = 2
	case next == '位', next == 0:
		return x.headOf(i)
	case !strings.ContainsRune(firstCounters, next):
		return mark{}, false
	case next == '创' && strings.ContainsRune("建办业作编演", x.at(i+2)):
		return mark{}, false
	}
	if next == '台' && x.sub(i+2, i+5) == "(套)" || x.sub(i+2, i+5) == "（套）" {
		end = i + 5
	}
	s, ok := x.scoped(i, reach)
	return mark{start: i, end: end, kind: First, scope: s}, ok
}

// headOf reads 全省首位, 居全国首位: rank one.
func (x *passage) headOf(i int) (mark, bool) {
	if x.at(i+1) != '位' || unicode.Is(unicode.Han, x.at(i+2)) && !strings.ContainsRune("的和及与并且", x.at(i+2)) {
		return x.firstPerson(i)
	}
	s, ok := x.scoped(i, scopeReach)
	return x.rankOne(i, i+2, s), ok || x.placed(i)
}

func (x *passage) firstPerson(i int) (mark, bool) {
	if x.at(i+1) != '位' {
		return mark{}, false
	}
	s, ok := x.scoped(i, 4)
	return mark{start: i, end: i + 2, kind: First, scope: s}, ok
}

func (x *passage) rankOne(start, end int, s scopeWord) mark {
	q := quantity.Quantity{Bound: quantity.Exact, Value: 1, Unit: quantity.Rank, Step: 1}
	return mark{start: start, end: end, kind: Place, scope: s, quantity: &q}
}

// placed: the words before say that a place in an order follows.
func (x *passage) placed(i int) bool {
	return endsAny(x.sub(i-6, i), "居", "列", "排名", "排在", "位居", "位列", "名列", "稳居", "跃居", "升至", "名次", "排")
}

// firstOrdinal reads 国内第一条 and 全球…第一股; 第一 alone is read with the ranks.
func (x *passage) firstOrdinal(i int) (mark, bool) {
	if x.at(i+1) != '一' || !strings.ContainsRune(firstCounters, x.at(i+2)) || x.at(i+2) == '批' && x.at(i+3) == '次' || x.at(i+2) == '位' {
		return mark{}, false
	}
	reach := scopeReach
	if x.at(i+2) == '股' {
		reach = 2 * scopeReach
	}
	s, ok := x.scoped(i, reach)
	return mark{start: i, end: i + 3, kind: First, scope: s}, ok
}

func (x *passage) only(i int) (mark, bool) {
	if x.at(i+1) != '一' {
		return mark{}, false
	}
	s, ok := x.scoped(i, scopeReach)
	return mark{start: i, end: i + 2, kind: Only, scope: s}, ok
}

const extremes = "大小多少高低强弱快慢长短深浅早晚新老全轻重薄厚宽窄优好佳先完密精活远近难热冷"

func (x *passage) most(i int) (mark, bool) {
	if !strings.ContainsRune(extremes, x.at(i+1)) {
		return mark{}, false
	}
	end := i + 2
	for _, w := range []string{"先进", "完整", "完备", "完善", "密集", "活跃", "集中", "精密", "齐全", "优秀", "热门"} {
		if x.sub(i+1, i+3) == w {
			end = i + 3
		}
	}
	s, ok := x.scoped(i, 6)
	if ok && x.at(end) == '限' {
		return mark{}, false
	}
	stop := min(end+24, len(x.r))
	one := strings.Contains(strings.SplitN(x.sub(end, stop), "，", 2)[0], "之一")
	return mark{start: i, end: end, kind: Most, scope: s, one: one}, ok
}

func (x *passage) record(i int) (mark, bool) {
	if x.at(i+1) != '录' {
		return mark{}, false
	}
	s, ok := x.scoped(i, 4)
	if x.at(i) == '记' {
		from, _ := x.clause(i)
		ok = ok && hasAny(x.sub(from, i), "创", "刷新", "打破", "项")
	}
	return mark{start: i, end: i + 2, kind: Record, scope: s}, ok
}

// gap reads 填补了国内…空白; it needs no scope, filling a gap is the claim.
func (x *passage) gap(i int) (mark, bool) {
	if x.at(i+1) != '补' {
		return mark{}, false
	}
	_, end := x.sentence(i)
	text := x.sub(i, min(end, i+40))
	k := strings.Index(text, "空白")
	if k < 0 {
		return mark{}, false
	}
	stop := i + runes(text[:k]) + 2
	s, _, _ := x.scopeBefore(i, stop)
	return mark{start: i, end: stop, kind: Gap, scope: s}, true
}

// atTop reads 居全国之首 and 全省之冠.
func (x *passage) atTop(i int) (mark, bool) {
	if x.at(i+1) != '首' && x.at(i+1) != '冠' {
		return mark{}, false
	}
	s, ok := x.scoped(i, 2)
	return x.rankOne(i, i+2, s), ok
}

var mostEN = map[string]bool{
	"largest": true, "biggest": true, "longest": true, "fastest": true, "highest": true, "deepest": true, "tallest": true, "smallest": true,
	"strongest": true, "brightest": true, "thinnest": true, "lightest": true, "earliest": true, "oldest": true, "newest": true, "widest": true,
	"best": true, "greatest": true, "richest": true, "busiest": true, "heaviest": true,
}

// superlativesEN reads the world's first, the only … in the country, the
// largest … in Europe, a world record.
func (x *passage) superlativesEN() []mark {
	var out []mark
	words := x.words()
	for k, w := range words {
		m := mark{start: w.start, end: w.end}
		switch {
		case w.text == "first" && x.at(w.end) != '-':
			m.kind = First
		case w.text == "only" && k > 0 && (words[k-1].text == "the" || words[k-1].text == "s" || words[k-1].text == "country"):
			m.kind = Only
		case mostEN[w.text], w.text == "most" && k+1 < len(words) && k > 0 && (words[k-1].text == "the" || words[k-1].text == "s"):
			m.kind = Most
		case w.text == "record" && k > 0 && (words[k-1].text == "world" || words[k-1].text == "national"):
			m.kind, m.start = Record, words[k-1].start
		default:
			continue
		}
		if k > 0 && x.at(w.start-1) == '-' {
			continue // second-largest is a rank
		}
		if x.scopeOfEN(&m) {
			m.one = k > 1 && strings.HasSuffix(strings.ToLower(x.sub(m.start-12, m.start)), "one of the ")
			out = append(out, m)
		}
	}
	return out
}

// scopeOfEN looks for a possessive scope just before (the world's first), then
// for one behind, "in …", in the same clause.
func (x *passage) scopeOfEN(m *mark) bool {
	if m.kind == Record {
		s, ok := x.scopeEN(m.start, m.end)
		m.scope = s
		return ok
	}
	head := strings.TrimRight(x.sub(m.start-24, m.start), " ")
	if endsAny(head, "'s", "’s") {
		s, ok := x.scopeEN(m.start-24, m.start)
		m.scope = s
		return ok
	}
	_, end := x.clause(m.start)
	tail := strings.ToLower(x.sub(m.end, end))
	if s, ok := x.scopeEN(m.end, end); ok {
		word := strings.ToLower(s.word)
		if word == "country" && strings.Contains(tail, "nation") {
			word = "nation"
		}
		k := strings.Index(tail, word)
		lead := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(tail[:max(k, 0)]), "the"))
		if endsAny(lead, " in", " of", "in", " across") || strings.HasSuffix(s.word, "wide") || word == "globally" || s.word == "world" && strings.Contains(tail, "worldwide") {
			m.scope = s
			return true
		}
	}
	return m.kind == Most && strings.Contains(tail, "of its kind")
}

type wordAt struct {
	text       string
	start, end int
}

func (x *passage) words() []wordAt {
	var out []wordAt
	for i := 0; i < len(x.r); i++ {
		j := i
		for j < len(x.r) && x.r[j] < 0x250 && unicode.IsLetter(x.r[j]) {
			j++
		}
		if j > i {
			out = append(out, wordAt{strings.ToLower(string(x.r[i:j])), i, j})
			i = j
		}
	}
	return out
}

// rank decides whether an ordinal is a place in an order and gives its scope.
func (x *passage) rank(n numeral) (mark, bool) {
	q := n.Quantity
	m := mark{start: n.start, end: n.end, kind: Place, quantity: &q}
	if !x.hanOrdinal(n) {
		return x.rankEN(n, m)
	}
	ok := false
	switch {
	case q.Unit == quantity.RankShare, x.at(n.start) == '前':
		ok = !strings.ContainsRune("家个项类台条", x.at(n.end))
	case n.Counter == "位", n.Counter == "名":
		ok = x.placed(n.start) || x.stops(n.end) || x.context(n)
	case n.Counter != "" && n.Counter != "大":
		return m, false
	default:
		ok = x.bareRank(n)
	}
	if !ok {
		return m, false
	}
	from, _ := x.clause(n.start)
	m.scope, _, _ = x.scopeBefore(from, n.start)
	x.takeScope(&m)
	return m, true
}

func (x *passage) hanOrdinal(n numeral) bool { return x.at(n.start) == '第' || x.at(n.start) == '前' }

// stops: nothing but an end, a mark or 的 follows, so the ordinal names no thing.
func (x *passage) stops(i int) bool {
	r := x.at(i)
	return r == 0 || strings.ContainsRune("，,。；;、：:！!？?…)）】”’\n 的及和与并且", r)
}

func (x *passage) context(n numeral) bool {
	from, _ := x.clause(n.start)
	return hasAny(x.sub(max(from, n.start-14), n.start), "排名", "位列", "位居", "名列", "列", "居", "跃", "升", "排", "指数", "榜", "名次", "由", "至", "进")
}

// bareRank: 第三 with no counter is a rank after 居, 排名 or a scope, when no
// noun follows, and in 第二大, 第三高.
func (x *passage) bareRank(n numeral) bool {
	adj := strings.ContainsRune(extremes, x.at(n.end)) && x.at(n.end) != '新' && x.at(n.end) != '重' && x.at(n.end) != '先'
	if !x.stops(n.end) && !adj {
		return false
	}
	if x.inQuotes(n.start) && !x.scopeRight(n.start) {
		return false
	}
	return x.placed(n.start) || x.scopeRight(n.start)
}

func (x *passage) inQuotes(i int) bool {
	for _, z := range x.zones {
		if i >= z.start && i < z.end && z.end-z.start <= quoteLabel {
			return true
		}
	}
	return false
}

// scopeRight: a scope ends within two runes before i (世界第一, 全国人均第一).
func (x *passage) scopeRight(i int) bool {
	s, pos, ok := x.scopeBefore(i-10, i)
	return ok && i-pos-runes(s.word) <= 4
}

var rankLeads = []string{"ranked", "ranks", "rank", "placed", "came", "finished", "climbed to", "rose to", "fell to", "slipped to", "up from", "down from", "from", "in", "stood"}

func (x *passage) rankEN(n numeral, m mark) (mark, bool) {
	_, clauseEnd := x.clause(n.start)
	head := strings.ToLower(strings.TrimRight(x.sub(n.start-14, n.start), " "))
	tail := strings.ToLower(strings.TrimLeft(x.sub(n.end, min(n.end+24, len(x.r))), " "))
	text := strings.ToLower(x.sub(n.start, n.end))
	ok := false
	switch {
	case strings.HasPrefix(text, "top"): // "the top three cities" only names them
		ok = endsAny(strings.TrimSuffix(head, " the"), " in", " into", " entered", " enter", " reached", " joined", " within", " to", " its") && !hasAny(strings.ToLower(x.sub(n.start-28, n.start)), "no longer", "not ")
	case hasPrefixAny(text, "rank", "no", "number", "#"):
		ok = true
	case hasPrefixAny(tail, "place", "rank", "position", "in the world", "in the country", "worldwide", "globally", "nationally", "overall"),
		strings.HasPrefix(tail, "-") && hasPrefixAny(tail[1:], "largest", "biggest", "highest", "most", "ranked", "longest", "fastest", "best"),
		hasPrefixAny(tail, "largest", "biggest", "highest"), strings.HasPrefix(tail, "-") && mostEN[firstWord(tail[1:])]:
		ok = !strings.HasPrefix(tail, "place") || unicode.IsDigit(x.at(n.start)) || endsAny(head, append(rankLeads, "to", "took", "at", "its")...)
		if strings.HasPrefix(tail, "-") {
			_, m.end = x.wordEnd(n.end + 1)
		}
	case endsAny(head, rankLeads[:8]...):
		ok = true
	case endsAny(head, " from", " to"):
		ok = unicode.IsDigit(x.at(n.start)) && (endsAny(head, "up from", "down from", " to") || strings.HasPrefix(tail, "to "))
	}
	if !ok || endsAny(head, " not", "n't") {
		return m, false
	}
	if s, found := x.scopeEN(n.end, clauseEnd); found {
		m.scope = s
	} else if from, _ := x.clause(n.start); true {
		m.scope, _ = x.scopeEN(from, n.start)
	}
	return m, true
}

func firstWord(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		return s
	}
	return s[:end]
}

func (x *passage) wordEnd(i int) (string, int) {
	j := i
	for j < len(x.r) && unicode.IsLetter(x.r[j]) {
		j++
	}
	return x.sub(i, j), j
}

func hasPrefixAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
