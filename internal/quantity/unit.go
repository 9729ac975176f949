package quantity

import "strings"

// Unit is the code of a unit of measure, stable in JSON and SQL. A count may
// carry its counter word after a colon ("count:家"): the word tells a reader
// what is counted but does not change the arithmetic.
type Unit string

// Units with a meaning of their own. The others are in the table below.
const (
	None      Unit = ""           // a bare number
	Count     Unit = "count"      // things, base 1
	CNY       Unit = "CNY"        // yuan
	Percent   Unit = "percent"    // parts of 100
	Point     Unit = "pp"         // percentage points: a difference of two percentages
	Permille  Unit = "permille"   // parts of 1,000
	Permyriad Unit = "permyriad"  // parts of 10,000
	Times     Unit = "times"      // a multiple
	Rank      Unit = "rank"       // a position, 1 is best
	RankShare Unit = "rank_share" // a class of positions as a fraction: 前万分之一 is 0.0001
	Year      Unit = "year"       // a duration, not a date
	Month     Unit = "month"
	Day       Unit = "day"
	Metre     Unit = "m"
	Inch      Unit = "inch"
	Tonne     Unit = "t"
	SquareM   Unit = "m2"
	SquareKM  Unit = "km2"
	KilowattH Unit = "kWh"
	Celsius   Unit = "degC"
)

// Dimension says which units measure the same thing.
type Dimension string

// The dimensions. Two amounts of money agree only in one currency: exchange
// rates are facts with a date, not constants.
const (
	DimNone      Dimension = ""
	DimMoney     Dimension = "money"
	DimCount     Dimension = "count"
	DimRatio     Dimension = "ratio"
	DimPoint     Dimension = "point"
	DimRank      Dimension = "rank"
	DimRankShare Dimension = "rank_share"
	DimMonths    Dimension = "months"
	DimSeconds   Dimension = "seconds"
	DimLength    Dimension = "length"
	DimMass      Dimension = "mass"
	DimArea      Dimension = "area"
	DimVolume    Dimension = "volume"
	DimEnergy    Dimension = "energy"
	DimPower     Dimension = "power"
	DimData      Dimension = "data"
	DimTemp      Dimension = "temperature"
)

type unitInfo struct {
	dim    Dimension
	factor float64 // to the base of the dimension; 0 = does not convert
	zh, en string
}

var units = map[Unit]unitInfo{
	None: {DimNone, 1, "", ""}, Count: {DimCount, 1, "", ""},
	CNY: {DimMoney, 0, "元", "CNY"}, "USD": {DimMoney, 0, "美元", "USD"},
	"HKD": {DimMoney, 0, "港元", "HKD"}, "MOP": {DimMoney, 0, "澳门元", "MOP"},
	"EUR": {DimMoney, 0, "欧元", "EUR"}, "GBP": {DimMoney, 0, "英镑", "GBP"},
	"JPY": {DimMoney, 0, "日元", "JPY"}, "KRW": {DimMoney, 0, "韩元", "KRW"},
	"SGD": {DimMoney, 0, "新加坡元", "SGD"}, "CHF": {DimMoney, 0, "瑞士法郎", "CHF"},
	Percent: {DimRatio, 0.01, "%", "%"}, Permille: {DimRatio, 0.001, "‰", "‰"},
	Permyriad: {DimRatio, 0.0001, "‱", "‱"}, Times: {DimRatio, 1, "倍", "times"},
	Point: {DimPoint, 1, "个百分点", "percentage points"},
	Rank:  {DimRank, 1, "", ""}, RankShare: {DimRankShare, 1, "", ""},
	Year: {DimMonths, 12, "年", "years"}, Month: {DimMonths, 1, "个月", "months"},
	Day: {DimSeconds, 86400, "天", "days"}, "week": {DimSeconds, 604800, "周", "weeks"},
	"hour": {DimSeconds, 3600, "小时", "hours"}, "minute": {DimSeconds, 60, "分钟", "minutes"},
	"second": {DimSeconds, 1, "秒", "seconds"}, "ms": {DimSeconds, 0.001, "毫秒", "ms"},
	Metre: {DimLength, 1, "米", "m"}, "km": {DimLength, 1000, "公里", "km"},
	"cm": {DimLength, 0.01, "厘米", "cm"}, "mm": {DimLength, 0.001, "毫米", "mm"},
	"um": {DimLength, 1e-6, "微米", "μm"}, "nm": {DimLength, 1e-9, "纳米", "nm"},
	Inch: {DimLength, 0.0254, "英寸", "inches"}, "ft": {DimLength, 0.3048, "英尺", "feet"},
	"mile": {DimLength, 1609.344, "英里", "miles"}, "nmi": {DimLength, 1852, "海里", "nautical miles"},
	Tonne: {DimMass, 1000, "吨", "tonnes"}, "kg": {DimMass, 1, "千克", "kg"},
	"g": {DimMass, 0.001, "克", "g"}, "mg": {DimMass, 1e-6, "毫克", "mg"},
	SquareM: {DimArea, 1, "平方米", "m²"}, SquareKM: {DimArea, 1e6, "平方公里", "km²"},
	"ha": {DimArea, 1e4, "公顷", "ha"}, "ft2": {DimArea, 0.09290304, "平方英尺", "sq ft"}, "acre": {DimArea, 4046.8564224, "英亩", "acres"}, "mu": {DimArea, 2000.0 / 3, "亩", "mu"},
	"m3": {DimVolume, 1, "立方米", "m³"}, "L": {DimVolume, 0.001, "升", "L"},
	KilowattH: {DimEnergy, 1, "千瓦时", "kWh"}, "MWh": {DimEnergy, 1e3, "兆瓦时", "MWh"},
	"GWh": {DimEnergy, 1e6, "吉瓦时", "GWh"},
	"kW":  {DimPower, 1, "千瓦", "kW"}, "MW": {DimPower, 1e3, "兆瓦", "MW"}, "GW": {DimPower, 1e6, "吉瓦", "GW"},
	"GB": {DimData, 1, "GB", "GB"}, "TB": {DimData, 1e3, "TB", "TB"}, "PB": {DimData, 1e6, "PB", "PB"},
	Celsius: {DimTemp, 1, "℃", "°C"},
}

// CountOf is a count with its counter word ("家", "papers"); an empty word
// gives [Count].
func CountOf(counter string) Unit {
	if counter == "" {
		return Count
	}
	return Count + Unit(":"+counter)
}

// Base drops the counter word.
func (u Unit) Base() Unit {
	if i := strings.IndexByte(string(u), ':'); i >= 0 {
		return u[:i]
	}
	return u
}

// Counter is the counter word of a count, or "".
func (u Unit) Counter() string {
	if _, word, ok := strings.Cut(string(u), ":"); ok {
		return word
	}
	return ""
}

// Dimension of the unit; an unknown code is a dimension of its own, so that it
// agrees with itself and with nothing else.
func (u Unit) Dimension() Dimension {
	if info, ok := units[u.Base()]; ok {
		return info.dim
	}
	return Dimension("?" + u)
}

// Known reports whether the code is in the table of units.
func (u Unit) Known() bool { _, ok := units[u.Base()]; return ok }

// persons are counters that count people; a count of people and a count of
// things do not agree, while 个, 项, 家 … are chosen by habit and do.
var persons = map[string]bool{"人": true, "名": true, "位": true, "人次": true, "人年": true, "people": true, "persons": true}

// Convert gives the factor that takes an amount in u to one in v, and whether
// the two agree at all.
func (u Unit) Convert(v Unit) (factor float64, ok bool) {
	a, b := u.Base(), v.Base()
	if a == b {
		ca, cb := u.Counter(), v.Counter()
		if ca != "" && cb != "" && persons[ca] != persons[cb] {
			return 0, false
		}
		return 1, true
	}
	ia, okA := units[a]
	ib, okB := units[b]
	if !okA || !okB || ia.dim != ib.dim || ia.factor == 0 || ib.factor == 0 {
		return 0, false
	}
	return ia.factor / ib.factor, true
}

// join is the unit of a sum: u, without its counter word when v has another.
func (u Unit) join(v Unit) Unit {
	if u.Base() == v.Base() && u.Counter() != v.Counter() {
		return u.Base()
	}
	return u
}
