package claims

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/quantity"
)

// place fills what every claim has: sentence, subject, period, and the words
// that matching uses.
func (x *passage) place(c *Claim, start, end int) {
	a, b := x.sentence(start)
	c.Sentence = string(x.raw[a:b])
	ca, cb := x.clause(start)
	c.clause, c.before = x.sub(ca, max(cb, end)), x.sub(a, ca)
	for _, z := range x.zones { // a quoted label speaks for itself: “全球…第一股”
		if start >= z.start && end <= z.end && z.end-z.start <= quoteLabel {
			c.clause, c.before = x.sub(z.start, z.end), x.sub(a, ca)
		}
	}
	c.Subject.Text = x.subject(a, start)
	c.Period = x.period(start)
	if y := editionYear(c.clause); y > 0 && c.Kind == Rank {
		c.Period = quantity.YearOf(y)
	}
}

// edition is a year that belongs to a ranking's name: 全球创新指数2025, "Nature
// Index 2025". A year with 年 is a date and read as one.
var edition = regexp.MustCompile(`(?:^|[^0-9比较自继从])(20[0-9]{2})(?:[^0-9年]|$)`)

// editionYear is the edition that a clause names, 0 when it names none or more
// than one year.
func editionYear(clause string) int {
	found := edition.FindAllStringSubmatch(clause, 2)
	if len(found) != 1 || strings.Contains(clause, "年") {
		return 0
	}
	y, _ := strconv.Atoi(found[0][1]) // four digits
	return y
}

// verbs end a subject. Longer ones first where one begins another.
var verbs = []string{"成功", "已将", "实现", "获批", "获评", "获得", "荣获", "获", "拥有", "位列", "位居", "排名", "跃升", "稳居", "居", "达到", "达", "研发", "研制",
	"推出", "打造", "设立", "成为", "累计", "完成", "取得", "落地", "投资", "引导", "构建", "形成", "培养", "突破", "超过", "超", "突破", "增长", "下降", "为", "是", "有", "将",
	"已", "诞生", "打破", "涵盖", "强化", "出台", "印发", "撬动", "带动", "引导", "研发", "首", "第", "最", "唯一", "发挥", "备受", "先后", "正式", "入选", "填补", "创造", "建成", "进入", "迈入", "增至", "发布", "实施", "联合", "自主", "作为", "聚焦", "新增", "凭借", "近", "约", "占", "则", "等"}

// adverbials open a clause without being its subject.
var adverbials = []string{"其中", "目前", "截至目前", "同时", "此外", "另外", "去年", "今年", "全年", "年末", "并", "也", "还", "而", "如今", "初步核算", "会上获悉"}

// subject is the nearest noun phrase that opens a clause of the sentence before
// rune i. It is the text's own words; [Check] may resolve it to a registered
// organisation.
func (x *passage) subject(from, i int) string {
	if !x.han {
		return x.subjectEN(from, i)
	}
	best := ""
	for a := from; a < i; {
		_, b := x.clause(a)
		if head := x.clauseHead(a, min(max(b, a+1), i)); head != "" {
			best = head
		}
		for a = max(b, a+1); a < i && (unicode.IsSpace(x.r[a]) || x.parts(a)); a++ {
		}
	}
	return best
}

func (x *passage) clauseHead(a, b int) string {
	for _, n := range x.numbers(a, b) { // a date that opens the clause is no subject
		if n.Kind == quantity.Date && n.start <= a+2 {
			a = n.end
		}
	}
	head := strings.TrimLeft(x.sub(a, b), "，, “\"：:、")
	for _, w := range adverbials {
		head = strings.TrimPrefix(head, w)
	}
	cut := len(head)
	for _, v := range verbs {
		if k := strings.Index(head, v); k >= 0 && k < cut {
			cut = k
		}
	}
	if k := strings.IndexFunc(head[:cut], unicode.IsDigit); k >= 0 && !strings.Contains(head[:k], "-") {
		cut = k
	}
	head = strings.TrimLeft(strings.TrimRight(head[:cut], "，,、“（(《 也还已则并比较"), "，,、”） ")
	for _, s := range scopesZH {
		head = strings.TrimSuffix(head, s.word)
	}
	head = strings.TrimRight(head, "，,、“（(《 ")
	if strings.Count(head, "”") > strings.Count(head, "“") {
		head = strings.Replace(head, "”", "", 1)
	}
	if n := runes(head); n < 2 || n > 40 || strings.HasPrefix(head, "这") || endsAny(head, "方面", "领域", "下", "上", "之后", "中") {
		return ""
	}
	return head
}

func (x *passage) subjectEN(from, i int) string {
	words := strings.Fields(x.sub(from, i))
	var out []string
	for _, w := range words {
		l := strings.ToLower(strings.Trim(w, ",.;:\"()“”"))
		if subjectEnd[l] || strings.HasSuffix(l, "ed") && len(l) > 4 {
			break
		}
		out = append(out, w)
		if len(out) == 8 {
			break
		}
	}
	return strings.Trim(strings.Join(out, " "), ",.;:\"“”")
}

var subjectEnd = map[string]bool{"is": true, "are": true, "was": true, "were": true, "has": true, "have": true, "had": true, "spent": true, "won": true,
	"ships": true, "runs": true, "counts": true, "plans": true, "rose": true, "grew": true, "fell": true, "set": true, "can": true, "will": true, "reached": true}

// measureLimit is how many runes of noun are kept on each side of a number.
const measureLimit = 24

// measure is what the number counts: the noun behind a count, else the noun
// before it.
func (x *passage) measure(n numeral) string {
	before := x.measureBefore(n.start)
	if n.Quantity.Unit.Dimension() != quantity.DimCount && n.Quantity.Unit != quantity.Inch {
		return before
	}
	if !x.han {
		_, end := x.clause(n.end)
		words := strings.Fields(x.sub(n.end, end))
		return strings.Trim(strings.Join(words[:min(len(words), 4)], " "), ",.;:")
	}
	after := x.nounAfter(n.end)
	if after == "" || strings.HasPrefix(after, "的") {
		return before
	}
	return after
}

func (x *passage) nounAfter(i int) string {
	j := i
	for j < len(x.r) && j-i < measureLimit && !x.parts(j) && !strings.ContainsRune("、（(“”《", x.r[j]) {
		j++
	}
	noun := x.sub(i, j)
	cut := len(noun)
	for _, v := range []string{"精准", "成功", "放款", "参与", "实现", "获批", "科研", "，", "完成", "联合", "已", "将", "在", "和", "及", "作为", "上市"} {
		if k := strings.Index(noun, v); k > 0 && k < cut {
			cut = k
		}
	}
	return strings.TrimSpace(noun[:cut])
}

// measureBefore is the noun phrase that ends before rune i: 子基金实缴规模 in
// 子基金实缴规模超260亿元.
func (x *passage) measureBefore(i int) string {
	from, _ := x.clause(i)
	if !x.han {
		words := strings.Fields(x.sub(from, i))
		return strings.Trim(strings.Join(words[max(len(words)-4, 0):], " "), ",.;:")
	}
	head := strings.TrimRight(x.sub(max(from, i-measureLimit), i), " ")
	for again := true; again; {
		again = false
		for _, v := range []string{"达到", "达", "为", "已", "至", "了", "共", "是", "约", "超过", "由", "从", "的", "较上年", "增至", "有", "居", "位列", "位居", "排名", "跃升"} {
			if t := strings.TrimSuffix(head, v); t != head && t != "" {
				head, again = t, true
			}
		}
	}
	for _, v := range []string{"、", "其中", "，", "拥有", "实现", "累计", "成功", "获得"} {
		if k := strings.LastIndex(head, v); k >= 0 && k+len(v) < len(head) {
			head = head[k+len(v):]
		}
	}
	return strings.Trim(head, "，, “”")
}

// object is what a superlative is said of: the noun phrase between the scope
// and the mark (全球…公司第一股) and the one after it.
func (x *passage) object(m mark) string {
	if m.kind == Gap {
		return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(x.sub(m.start, m.end), "填补"), "了"), "空白")
	}
	between := ""
	if from, _ := x.clause(m.start); m.scope.word != "" && x.han && !strings.HasPrefix(x.sub(m.start, m.end), m.scope.word) {
		if _, pos, ok := x.scopeBefore(max(from, m.start-24), m.start); ok {
			between = x.sub(pos+runes(m.scope.word), m.start)
		}
	}
	i := m.end
	if x.at(i) == '、' { // 首个、世界最大的…: the noun comes after both
		for i < len(x.r) && x.at(i) != '的' && !x.parts(i) {
			i++
		}
	}
	for x.at(i) == '的' || x.at(i) == ' ' {
		i++
	}
	return strings.TrimSpace(between + x.phrase(i))
}

// phrase is the noun phrase from rune i on, up to a mark or a verb.
func (x *passage) phrase(i int) string {
	j := i
	for j < len(x.r) && j-i < 40 && !x.parts(j) && !strings.ContainsRune("“”（(", x.r[j]) {
		j++
	}
	text := x.sub(i, j)
	cut := len(text)
	for _, v := range []string{"正式", "获批", "上市", "建成", "投产", "投建", "在", "等多"} {
		if k := strings.Index(text, v); k > 0 && k < cut {
			cut = k
		}
	}
	return text[:cut]
}

// period is the date that rules rune i: the last one before it in the sentence,
// bases of comparison left out, else the last one of the sentences before in
// the paragraph.
func (x *passage) period(i int) quantity.Period {
	a, _ := x.sentence(i)
	from, _ := x.clause(i)
	p := quantity.Period{Kind: quantity.NoPeriod}
	for k := sort.Search(len(x.nums), func(k int) bool { return x.nums[k].start >= i }) - 1; k >= 0; k-- {
		if n := x.nums[k]; n.Kind == quantity.Date && n.Period.Known() && !x.isBase(n) && !x.title(n.start) {
			p = n.Period
			break
		}
	}
	if y := x.relativeYear(a, i); y > 0 {
		p = quantity.YearOf(y)
	}
	sentence := x.sub(a, i)
	switch {
	case hasAny(x.sub(from, i), "累计", "cumulative"):
		p = quantity.Period{Kind: quantity.Cumulative, End: p.End, Flow: quantity.FlowOf}
	case hasAny(sentence, "截至目前", "目前", "so far", "to date") && p.Kind != quantity.AsOf:
		p = quantity.Period{Kind: quantity.AsOf, End: "", Flow: quantity.Stock}
	}
	return p
}

// isBase: the date after 比, 较, 从 or 自 is where a comparison starts.
func (x *passage) isBase(n numeral) bool {
	if x.at(n.start-1) == '是' && x.at(n.end) == '的' { // 是1991年的6.2倍
		return true
	}
	return n.start > 0 && strings.ContainsRune("比较自继从", x.at(n.start-1)) || endsAny(strings.ToLower(x.sub(n.start-6, n.start)), "since ", " on ")
}

func (x *passage) relativeYear(a, i int) int {
	if x.opts.Year == 0 {
		return 0
	}
	pos, word := x.lastIndex(a, i, "去年", "上年", "今年", "前年", "last year", "this year")
	if pos < 0 || strings.ContainsRune("比较", x.at(pos-1)) && pos > 0 {
		return 0
	}
	return map[string]int{"去年": x.opts.Year - 1, "上年": x.opts.Year - 1, "last year": x.opts.Year - 1, "前年": x.opts.Year - 2}[word] +
		map[string]int{"今年": x.opts.Year, "this year": x.opts.Year}[word]
}
