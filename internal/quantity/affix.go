package quantity

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words that make a bound. 以上, 以下 and 以内 include the number itself and
// 超过 and 不满 do not: Civil Code of the PRC, article 1259.

// before are the words in front of a number, longest first.
var before = sortedForms(map[Bound]string{
	Above:   "超 超过 超过了 超出 超额完成 逾 突破 突破了 高于 大于 多于 不止 远超 已超 过 > more than|over|above|exceeding|exceeds|exceeded|in excess of|greater than|upwards of|surpassing|surpassed|beyond",
	AtLeast: "不低于 不少于 不小于 不下 不下于 至少 最少 最低 起码 ≥ ≧ >= at least|no less than|not less than|no fewer than|not fewer than|a minimum of|minimum",
	Below:   "不足 不到 低于 少于 小于 未满 不满 未达 < less than|fewer than|under|below|short of",
	AtMost:  "不超过 不超 不高于 不多于 不大于 至多 最多 最高 最高可达 最高给予 最高可给予 最高可获 最高可获得 最高补助 最高奖励 最高资助 最高支持 最高不超过 上限 上限为 ≤ ≦ <= at most|up to|no more than|not more than|no greater than|not exceeding|a maximum of|as many as|as much as",
	Nearly:  "近 接近 将近 几近 逼近 直逼 近乎 nearly|almost|close to|just under|approaching|just short of",
	About:   "约 大约 大概 约为 大致 ≈ ~ about|around|approximately|roughly|circa|some|an estimated|estimated",
})

// after are the words behind number and unit.
var after = sortedForms(map[Bound]string{
	AtLeast: "以上 及以上 或以上 之上 有余 开外 起步 + or more|or above|or higher|plus|and above",
	AtMost:  "以下 及以下 以内 之内 之下 内 or less|or fewer|or below|or under",
	About:   "左右 上下 许 or so|or thereabouts",
})

// notBefore lists, for a short word that is often the tail of another one, the
// runes that make it so: 最近3年, 签约20个, 不超过.
var notBefore = map[string]string{
	"近": "最附临邻相靠新远亲就贴走拉晚", "约": "节预契合签特条公简制违邀履缔续婚集誓解赴失立", "过": "通经不超度错路越渡跨来去穿拿只难让吃看听说做走出改透闯飞",
	"超": "赶反高", "突破": "", "最高": "", "不满": "",
}

// notAfter lists runes that make a word behind a unit part of another one.
var notAfter = map[string]string{"内": "部外容地涵在生存需销", "上下": "游班", "许": "可多诺", "左右": "岸两为", "+": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}

type form struct {
	text  string
	bound Bound
	runes int
}

// byEdge groups forms by their last or first rune, the longest first.
func byEdge(forms []form, edge func(string) (rune, int)) map[rune][]form {
	index := map[rune][]form{}
	for _, f := range forms {
		r, _ := edge(f.text)
		index[r] = append(index[r], f)
	}
	return index
}

var (
	beforeByLast = byEdge(before, utf8.DecodeLastRuneInString)
	afterByFirst = byEdge(after, utf8.DecodeRuneInString)
)

func sortedForms(words map[Bound]string) []form {
	var out []form
	for b, list := range words {
		zh, en := splitForms(list)
		for _, w := range append(zh, en...) {
			out = append(out, form{w, b, utf8.RuneCountInString(w)})
		}
	}
	slices.SortFunc(out, func(a, b form) int {
		return cmp.Or(cmp.Compare(b.runes, a.runes), cmp.Compare(a.text, b.text))
	})
	return out
}

// splitForms separates the Chinese words and signs, between blanks, from the
// English phrases, between bars.
func splitForms(list string) (zh, en []string) {
	for i, part := range strings.Split(list, "|") {
		if i > 0 {
			en = append(en, part)
			continue
		}
		fields := strings.Fields(part)
		cut := slices.IndexFunc(fields, func(f string) bool { return f[0] >= 'a' && f[0] <= 'z' })
		if cut < 0 {
			cut = len(fields)
		}
		zh = fields[:cut]
		if cut < len(fields) {
			en = append(en, strings.Join(fields[cut:], " "))
		}
	}
	return zh, en
}

// prefix finds a bound word that ends before rune i and where it begins.
func (l *line) prefix(i int) (Bound, int, bool) {
	end := l.backSpace(i)
	for _, f := range beforeByLast[lower(l.at(end-1))] {
		start, ok := l.endsWith(end, f.text)
		if !ok || isLatin(l.at(start)) && isLatin(l.at(start-1)) {
			continue
		}
		if l.in(start-1, notBefore[f.text]) {
			return "", 0, false
		}
		if f.text == "some" && l.at(end) != ' ' {
			continue
		}
		return f.bound, start, true
	}
	return "", 0, false
}

// suffix finds a bound word at rune i and where it ends.
func (l *line) suffix(i int) (Bound, int, bool) {
	i = l.skipSpace(i)
	for _, f := range afterByFirst[lower(l.at(i))] {
		end, ok := l.has(i, f.text)
		if !ok || isLatin(l.at(end)) && isLatin(l.at(end-1)) || l.in(end, notAfter[f.text]) {
			continue
		}
		return f.bound, end, true
	}
	return "", 0, false
}

// settle joins what the three places say: the word in front wins over the
// numeral itself, and that over the word behind ("超过30人以上" is said, and
// means more than).
func settle(front, own, back Bound) Bound {
	for _, b := range []Bound{front, own, back} {
		if b != "" {
			return b
		}
	}
	return Exact
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
