package claims

import (
	"strings"

	"github.com/kapok-city/kapok/internal/quantity"
)

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
