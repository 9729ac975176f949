// Package lookthrough sees through chains of funds to the companies behind
// them: who holds how much of what, how much of a fund's money can be followed,
// and what public money has drawn along.
//
// # A tour
//
//   - Build makes a Graph of the holdings in force on a day. Stakes gives what
//     one holder effectively holds of everything, x = a(I − W)^−1, with direct
//     and indirect parts and with cross holdings. A cycle in which nothing
//     leaves is refused, and named.
//   - Visible follows a fund's money, by the amounts of its holdings, as far as
//     they are known, and says where and why the rest is out of sight.
//   - Leverage is the leverage (撬动) of social capital over a set of funds, each
//     yuan of public money counted once; ProjectLeverage that of one investor
//     in the rounds in which he put money, with the evidence of each.
//   - LocalReinvestment is the test of local reinvestment (返投): routes, weights and the
//     multiple asked for are dated Rules, which may ask for nothing.
//   - PaysLast says whether a public investor may pay yet.
//
// # What a caller may rely on
//
// A part that is not known is never taken for zero: an effective stake behind
// an unknown share is said to be a lower bound, money that cannot be followed
// is listed with its reason, and a leverage with unknown investors is a range.
// Sums of money are exact; only stakes are floats.
//
// # What it does not do
//
// It reads and writes nothing and has no tables. It does not value holdings.
package lookthrough
