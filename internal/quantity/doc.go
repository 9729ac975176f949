// Package quantity holds what a number in a text or a table means: a value or
// a bound, its unit, and the period it speaks of.
//
// The tour:
//
//   - [Quantity] (quantity.go) is a value with a [Bound]: "超260亿元" is
//     {gt, 26000000000, CNY}, "近八成" is {lt_near, 80, percent}. It is never
//     rounded into a plain value.
//   - [Unit] (unit.go) names a dimension: money by currency, counts with the
//     counter word kept as text, ratios, ranks, lengths, durations.
//   - [Interval] (interval.go) is what a bound says about the true value;
//     [Quantity.Add], [Quantity.Sub], [Quantity.Mul], [Quantity.Div] and
//     [Ratio] (arith.go) always enclose it, so a sum of bounds is a bound.
//   - [Compare] (compare.go) sets a stated quantity against a known one.
//   - [Period] (period.go) is a day, a year, a range, "as of" or cumulative.
//   - [Find] (find.go; number.go and numeral.go for numerals, unitwords.go,
//     affix.go for bound words, range.go, share.go, ordinal.go, date.go) finds
//     quantities in Chinese and English text and gives their byte offsets.
//   - [Quantity.Format] and [Quantity.Exact] (format.go) print for people and
//     for machines.
//
// It does no I/O, keeps no state, has no tables, and does not know what is
// being counted: that is the work of package claims.
//
// # How far the words of approximation reach
//
// 近, 约, 余 and their English kin have no legal definition; the reach used here
// is a stated convention, one constant each: [NearReach], [AboutReach] and
// [OverReach]. 以上, 以内 and 超过 have one, see affix.go.
package quantity
