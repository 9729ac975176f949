package quantity

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// unitWord is a way to write a unit. Latin letters that need a number in
// digits, and words that begin another word when certain runes follow.
type unitWord struct {
	unit  Unit
	times float64 // 1 unless the word is a multiple: 成 is ten percent
	not   string  // runes that may not follow
	digit bool    // only after arabic digits
}

// unitTable lists "word word" for each unit; a word may carry /xyz, the runes
// that may not follow it, and a leading ! when it needs arabic digits.
var unitTable = []struct {
	unit  Unit
	words string
}{
	{CNY, "元/素旦件宇 元人民币 人民币 块钱 yuan rmb cny renminbi"},
	{"USD", "美元 美金 usd dollars dollar"}, {"HKD", "港元 港币 hkd"}, {"MOP", "澳门元 澳元 mop patacas"},
	{"EUR", "欧元 eur euros euro"}, {"GBP", "英镑 gbp pounds"}, {"JPY", "日元 jpy yen"}, {"KRW", "韩元 krw won"},
	{"SGD", "新加坡元 新元 sgd"}, {"CHF", "瑞士法郎 瑞郎 chf"},
	{Percent, "% percent per_cent"}, {Permille, "‰ permille"}, {Permyriad, "‱"},
	{Point, "个百分点 百分点 percentage_points percentage_point pp"},
	{Times, "倍/增数 times -fold fold"},
	{Year, "岁/月末 周年 年/代级度龄轻报前后货会内 年多 years year -year-old"}, {Month, "个月 个多月 months month"},
	{Day, "天/然津空线地才下 个工作日 日内 days day"}, {"week", "个星期 个多星期 周/年边期报末一二三四五六日 weeks week"},
	{"hour", "个小时 个多小时 多小时 小时 hours hour"}, {"minute", "分钟 minutes minute"}, {"second", "!秒/杀 seconds"}, {"ms", "毫秒 !ms"},
	{Metre, "米/粒饭勒其 !m metres meters metre meter"}, {"km", "公里 千米 !km kilometres kilometers kilometre kilometer"},
	{"cm", "厘米 !cm"}, {"mm", "毫米 !mm"}, {"um", "微米 !μm !um"}, {"nm", "纳米/技材科 !nm nanometres nanometers"},
	{Inch, "英寸 inch inches -inch"}, {"ft", "英尺 feet"}, {"mile", "英里 miles mile"}, {"nmi", "海里"},
	{Tonne, "吨/位 tonnes tons tonne ton"}, {"kg", "千克 公斤 !kg kilograms kilogram"}, {"g", "!克/拉"}, {"mg", "毫克 !mg"},
	{SquareM, "平方米 平米 ㎡ !m² !m2 square_metres square_meters square_metre square_meter square-metre square-meter sq_m"}, {SquareKM, "平方公里 平方千米 !km² !km2 square_kilometres square_kilometers square-kilometre square-kilometer sq_km"},
	{"ft2", "平方英尺 square_feet square_foot square-foot sq_ft"}, {"acre", "英亩 acres acre"}, {"ha", "公顷 hectares hectare"}, {"mu", "亩/产"}, {"m3", "立方米 !m³ !m3"}, {"L", "!升/级至高温任值降 litres liters litre"},
	{KilowattH, "千瓦时 !kwh"}, {"MWh", "兆瓦时 !mwh"}, {"GWh", "吉瓦时 !gwh"},
	{"kW", "千瓦 !kw"}, {"MW", "兆瓦 !mw megawatts megawatt"}, {"GW", "吉瓦 !gw gigawatts gigawatt"},
	{"GB", "!gb"}, {"TB", "!tb"}, {"PB", "!pb"}, {Celsius, "摄氏度 ℃ °c"},
}

// counters are the Chinese counter words, with the runes that would make them
// the head of another word.
var counters = strings.Fields(`个/别体性 家/庭园乡具长属 只/有要能是需会 人/才民工均类口们物形机生心文 名/单录义称列额 位/数一于居列置次 项/目 颗 件 款/项式待 台/湾风账阶
	套/餐路 所/有以属谓 座/谈右落 条/件例款约 支/持付出援撑部柱 艘 架/构次设 辆 批/准复发评示 户/外口籍均 种/子植业养 类/别似型 门/户槛类店 篇 部/门委曲队分署级件
	本/科地身土次 份/额 场/所景地馆次 处/理于在置 栋 幢 片/区面 枚 股/权份票东 笔 宗/旨 例/如 起/来飞点源步伏 轮/值流 对/于外口接标应比 组/织合成建 单
	头/部 株 棵 粒/子 艘次 人次 人年 家次 架次 车次 班次 例次 台套 台次 种次 件套 标箱 万标箱 吨级 层/次面级 张 次/序要于元日方 大 户次 条次 处次 间/接距 组次 课时 学时 学分 分/钟之类别析支布成为享会公子局行院校部店段级期`)

// hanOnlyArabic are counters that Chinese numerals take only inside set phrases.
const arabicOnly = "分单层起对头间片本部次"

var unitIndex = buildUnits()

func buildUnits() map[rune][]entry[unitWord] {
	index := map[rune][]entry[unitWord]{}
	add := func(word string, w unitWord) {
		w.times = 1
		if rest, ok := strings.CutPrefix(word, "!"); ok {
			word, w.digit = rest, true
		}
		word, w.not, _ = strings.Cut(word, "/")
		word = strings.ReplaceAll(word, "_", " ")
		first, _ := utf8.DecodeRuneInString(word)
		index[first] = append(index[first], entry[unitWord]{word, w})
	}
	for _, u := range unitTable {
		for _, word := range strings.Fields(u.words) {
			add(word, unitWord{unit: u.unit})
		}
	}
	for _, word := range counters {
		name, _, _ := strings.Cut(word, "/")
		add(word, unitWord{unit: CountOf(name), digit: utf8.RuneCountInString(name) == 1 && strings.Contains(arabicOnly, name)})
	}
	for _, forms := range index {
		slices.SortFunc(forms, func(a, b entry[unitWord]) int {
			return cmp.Or(cmp.Compare(len(b.form), len(a.form)), cmp.Compare(a.form, b.form))
		})
	}
	return index
}

// unit reads a unit at rune i, after at most one blank; arabic says that the
// number was in digits.
func (l *line) unit(i int, arabic bool) (u unitWord, end int, ok bool) {
	j := l.skipSpace(i)
	if j == i && l.at(i) == '-' { // 12-inch
		if u, end, ok = l.unitAt(i, arabic); ok {
			return u, end, true
		}
		if !isLatin(l.at(i + 1)) {
			return unitWord{}, 0, false
		}
		u, end, ok = l.unitAt(i+1, arabic)
		return u, end, ok && u.unit.Dimension() != DimCount
	}
	return l.unitAt(j, arabic)
}

func (l *line) unitAt(i int, arabic bool) (unitWord, int, bool) {
	for _, e := range unitIndex[lower(l.at(i))] {
		end, has := l.has(i, e.form)
		if !has || isLatin(l.at(end-1)) && (isLatin(l.at(end)) || isDigit(l.at(end))) {
			continue
		}
		if len(e.form) == 1 && l.at(i) != rune(e.form[0]) { // 5 m is a length, 5M is not
			continue
		}
		if e.value.digit && !arabic || l.in(end, e.value.not) {
			continue
		}
		return e.value, end, true
	}
	return unitWord{}, 0, false
}

func lower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + 32
	}
	return r
}

// moneySigns stand before an amount.
var moneySigns = []struct {
	sign string
	unit Unit
}{
	{"us$", "USD"}, {"hk$", "HKD"}, {"s$", "SGD"}, {"$", "USD"}, {"¥", CNY}, {"€", "EUR"}, {"£", "GBP"},
	{"rmb", CNY}, {"cny", CNY}, {"usd", "USD"}, {"hkd", "HKD"}, {"eur", "EUR"}, {"gbp", "GBP"}, {"jpy", "JPY"}, {"人民币", CNY},
}

// moneyBefore finds a sign of money that ends before rune i.
func (l *line) moneyBefore(i int) (Unit, int, bool) {
	end := l.backSpace(i)
	if r := lower(l.at(end - 1)); !strings.ContainsRune("$¥€£bydrp币", r) {
		return "", 0, false
	}
	for _, m := range moneySigns {
		if start, ok := l.endsWith(end, m.sign); ok && !(isLatin(l.at(start)) && isLatin(l.at(start-1))) {
			return m.unit, start, true
		}
	}
	return "", 0, false
}
