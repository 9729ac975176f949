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
