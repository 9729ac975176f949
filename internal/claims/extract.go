package claims

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/quantity"
)

// Extract reads a text into paragraphs, duplicates and claims. It accepts any
// bytes, never fails, and gives the same answer for the same text.
func Extract(text string, opts Options) Document {
	src := newSource(text)
	doc := Document{original: text, Paragraphs: src.paragraphs(), Duplicates: []Duplicate{}, Claims: []Claim{}}
	doc.Duplicates = append(doc.Duplicates, src.markTwins(doc.Paragraphs)...)
	if y := dateline(doc.Paragraphs); y > 0 {
		opts.Year = y
	}
	lines := make([]string, len(doc.Paragraphs))
	for i, p := range doc.Paragraphs {
		lines[i] = p.Text
		if p.TwinOf >= 0 || p.Kind == Byline {
			continue
		}
		doc.Claims = append(doc.Claims, readParagraph(src, i, p, opts)...)
	}
	doc.Text = strings.Join(lines, "\n")
	for i := range doc.Claims {
		doc.Claims[i].ID = "c" + strconv.Itoa(i+1)
	}
	return doc
}

// datelineReach is how many paragraphs from the top a dateline may stand in.
const datelineReach = 5

// dateline is the year of the first full date in a byline or short paragraph at
// the top of the text, 0 when there is none.
func dateline(ps []Paragraph) int {
	for _, p := range ps[:min(len(ps), datelineReach)] {
		if p.Kind == Body && len(p.runes) > 60 {
			continue
		}
		for _, f := range quantity.Find(p.Text) {
			if f.Kind == quantity.Date && f.Period.Kind == quantity.AsOf && len(f.Period.End) == len("2006-01-02") && !strings.ContainsAny(p.Text[f.Start:f.End], "底末初") {
				return f.Period.Year()
			}
		}
	}
	return 0
}

func readParagraph(src *source, index int, p Paragraph, opts Options) []Claim {
	x := newPassage(p, opts)
	var out []Claim
	add := func(start, end int, c Claim) {
		c.paragraph = index
		c.Span = src.span(p.at[start], p.at[end-1]+1)
		c.Text = string(x.raw[start:end])
		out = append(out, c)
	}
	for _, m := range x.superlatives() {
		add(m.start, m.end, x.claimOf(m))
	}
	for k, n := range x.nums {
		switch n.Kind {
		case quantity.Ordinal:
			if m, ok := x.rank(n); ok && !x.title(n.start) {
				add(m.start, m.end, x.claimOf(m))
			}
		case quantity.Measure, quantity.Bare:
			if x.counts(n) {
				add(n.start, n.end, x.quantityClaim(k))
			}
		}
	}
	slices.SortFunc(out, func(a, b Claim) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	return slices.CompactFunc(out, func(a, b Claim) bool { return a.Span == b.Span && a.Kind == b.Kind })
}

func (x *passage) title(i int) bool {
	for _, z := range x.zones {
		if z.title && i >= z.start && i < z.end {
			return true
		}
	}
	return false
}

// counts reports whether a numeral is a quantity that the text claims.
func (x *passage) counts(n numeral) bool {
	q := n.Quantity
	switch {
	case x.named(n), x.pointed(n), x.sequence(n), x.titleCase(n):
		return false
	case n.Kind == quantity.Bare:
		return x.bareCounts(n)
	case n.Han && q.Value == 1 && q.Bound == quantity.Exact && q.Unit.Dimension() == quantity.DimCount:
		return false // 一个, 一批: an article
	case n.Counter == "大" && q.Value >= 10:
		return false // 十大…: the name of a list
	case q.Unit.Dimension() == quantity.DimMonths || q.Unit == quantity.Day || q.Unit == "week":
		return x.duration(n)
	}
	return true
}

// bareCounts: a number without a unit is claimed only under a bound word or
// with a scale; 2.0, room 24 and 555-0142 are not.
func (x *passage) bareCounts(n numeral) bool {
	q := n.Quantity
	if x.labelled(n) || n.Kind == quantity.Bare && endsAny(strings.ToLower(x.sub(n.start-10, n.start)), "of which ", "of whom ", "of them ") {
		return true
	}
	if q.Bound == quantity.Between {
		return n.Scaled
	}
	if !x.han && q.Bound != quantity.Exact {
		return !unicode.IsLetter(x.at(n.end))
	}
	if !x.han && q.Value >= 1000 && strings.Contains(x.sub(n.start, n.end), ",") {
		return !unicode.IsLetter(x.at(n.end)) // 1,046: a number in full is a count of something said before
	}
	if x.han && endsAny(x.sub(n.start-5, n.start), "指数", "指数为", "指数达", "得分", "得分为", "评分", "系数为") && strings.Contains(x.sub(n.start, n.end), ".") {
		return true // an index has no unit
	}
	return n.Scaled && (q.Value >= 1e4) || q.Bound != quantity.Exact && (q.Value >= 10 || !n.Han)
}

// labelled: "New spin-outs: 37;" a label, a colon, a number and an end.
func (x *passage) labelled(n numeral) bool {
	i := n.start
	for x.at(i-1) == ' ' {
		i--
	}
	if r := x.at(i - 1); r != ':' && r != '：' || n.Quantity.Value >= 1e7 || n.Quantity.Bound != quantity.Exact {
		return false
	}
	point := x.at(n.end) == '.' && x.at(n.end+1) == 0
	if !x.stops(n.end) && !point || !unicode.IsLetter(x.at(i-2)) {
		return false
	}
	label := strings.ToLower(x.sub(i-12, i-1))
	return !endsAny(label, "tel", "phone", "fax", "page", "pages", "room", "电话", "热线", "邮编", "传真", "编号", "版", "号", "no", "id", "qq")
}

// pointed: 这三项, 每两周, 该4家, "each", "per", "these three".
func (x *passage) pointed(n numeral) bool {
	i := n.start
	for x.at(i-1) == ' ' {
		i--
	}
	if strings.ContainsRune("这那每各某任", x.at(i-1)) && x.at(i-1) != 0 {
		return true
	}
	if endsAny(x.sub(i-2, i), "上述", "前述", "以下", "如下") {
		return true
	}
	head := strings.ToLower(x.sub(i-6, i))
	for _, w := range []string{"every", "each", "per", "these", "those", "section", "chapter", "page", "room", "flight", "highway"} {
		if strings.HasSuffix(head, w) && !unicode.IsLetter(x.at(i-len(w)-1)) {
			return true
		}
	}
	return false
}

// sequence: 2.9∶37.6∶59.5 are parts of a proportion.
func (x *passage) sequence(n numeral) bool {
	return strings.ContainsRune("∶:：", x.at(n.start-1)) && unicode.IsDigit(x.at(n.start-2)) && x.at(n.start-1) != 0 ||
		strings.ContainsRune("∶:", x.at(n.end)) && x.at(n.end) != 0 && unicode.IsDigit(x.at(n.end+1))
}

// titleCase: English "Section 12 …", "Agenda 2030": a capitalised word in
// front, inside a sentence, makes the number part of a name.
func (x *passage) titleCase(n numeral) bool {
	if n.Quantity.Unit.Dimension() != quantity.DimCount || n.Quantity.Bound != quantity.Exact || n.Scaled || x.at(n.start-1) != ' ' || !unicode.IsDigit(x.at(n.start)) {
		return false
	}
	j := n.start - 1
	for j > 0 && x.at(j-1) < 0x250 && unicode.IsLetter(x.at(j-1)) {
		j--
	}
	return j < n.start-1 && unicode.IsUpper(x.at(j)) && j > 1
}

// durationLeads say that a span of years or months is itself claimed: 连续六年,
// 寿命达20年, 工期缩短3个月. Without one of them, or a bound, it only places a
// statement in time (近三年, 五年来, 三年行动, within five years).
var durationLeads = []string{"连续", "达", "为", "历时", "满", "寿命", "有效期", "缩短", "缩短至", "缩短到", "延长", "提前", "仅用", "只需", "周期", "长达", "仅需", "期限", "年龄", "耗时"}

func (x *passage) duration(n numeral) bool {
	before, after := x.sub(n.start-3, n.start), x.sub(n.end, n.end+3)
	if endsAny(before, "近", "过去", "未来", "今后", "最近", "前", "后", "此", "头", "每", "当", "下", "上", "第", "隔", "时隔") ||
		hasPrefixAny(after, "来", "内", "行动", "计划", "规划", "前", "后", "间", "期", "之", "多来", "攻坚", "以来", "时间里") {
		return false
	}
	if x.han {
		q := n.Quantity
		short := q.Unit == quantity.Day || q.Unit == "week"
		return short || q.Bound != quantity.Exact || endsAny(x.sub(n.start-4, n.start), durationLeads...)
	}
	head := strings.ToLower(x.sub(n.start-12, n.start))
	tail := strings.ToLower(x.sub(n.end, n.end+6))
	for _, w := range []string{"in ", "over ", "within ", "past ", "last ", "next ", "the ", "for ", "after ", "previous ", "first "} {
		if strings.HasSuffix(head, w) {
			return false
		}
	}
	if hasAny(strings.ToLower(x.sub(n.start, n.end)), "-year", "-month", "-week", "-day") {
		return false // a five-year strategy
	}
	return !hasPrefixAny(tail, " ago", " later", " befor", " earl", " old", "-old")
}

func (x *passage) claimOf(m mark) Claim {
	c := Claim{Kind: Superlative, Quantity: m.quantity}
	c.Extreme = &ExtremeOf{Kind: m.kind, Scope: m.scope.word, Level: m.scope.level, One: m.one, Of: x.object(m)}
	if m.kind == Place {
		c.Kind = Rank
	}
	x.place(&c, m.start, m.end)
	c.Measure = c.Extreme.Of
	if m.kind == Place {
		c.Measure, c.Extreme.Of = x.measureBefore(m.start), ""
	}
	return c
}

func (x *passage) quantityClaim(k int) Claim {
	n := x.nums[k]
	q := n.Quantity
	c := Claim{Kind: Amount, Quantity: &q, Counter: n.Counter, Class: n.Class}
	x.impliedUnit(&c, n)
	x.place(&c, n.start, n.end)
	if c.Measure = x.measure(n); c.Measure == "" { // 2000多亿元规模的创投基金
		c.Measure = strings.TrimPrefix(strings.TrimPrefix(x.phrase(n.end), "规模"), "的")
	}
	if g := x.growth(n); g != nil {
		c.Kind, c.Growth = Growth, g
	} else if isRatio(q.Unit) {
		if s := x.share(n); s != nil {
			c.Kind, c.Share = Share, s
		}
	}
	return c
}

func isRatio(u quantity.Unit) bool {
	return u == quantity.Percent || u == quantity.Permille || u == quantity.Permyriad
}

// impliedUnit: 营收超500亿 leaves the unit to the reader, and so do "1.5 points"
// after a percentage.
func (x *passage) impliedUnit(c *Claim, n numeral) {
	if a, _ := x.sentence(n.start); n.Counter == "points" && hasAny(x.sub(a, n.start), "%", "percent", "per cent") {
		c.Quantity.Unit = quantity.Point
	}
	if c.Quantity.Unit != quantity.None || n.Kind != quantity.Bare {
		return
	}
	from, _ := x.clause(n.start)
	if n.Scaled && hasAny(x.sub(from, n.start), "营收", "产值", "投资", "金额", "规模", "收入", "资金", "融资", "市值", "贷款", "成交额", "利润", "估值", "增加值") &&
		!hasAny(x.sub(from, n.start), "人", "用户") {
		c.Quantity.Unit = quantity.CNY
	} else if n.Scaled || !x.han || x.labelled(n) {
		c.Quantity.Unit = quantity.Count
	}
}
