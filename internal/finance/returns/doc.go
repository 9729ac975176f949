// Package returns computes what a series of payments has returned: the
// multiples of a fund and its internal rate of return.
//
// # A tour
//
//   - A Flow is a day and an amount, from where the investor stands: negative
//     when he pays, positive when he receives.
//   - XIRR finds every rate at which the flows balance, and says with a Status
//     whether there is one to be shown. It never picks one of several.
//   - A Record is what is known of one holding of a fund: committed, called,
//     paid, distributed, and a net asset value with its day. Measure turns it
//     into PIC, DPI, RVPI, TVPI, what is unfunded, and the rate.
//
// # What a caller may rely on
//
// Amounts are whole fen and multiples exact fractions; only rates are floats.
// What is not known stays nil: without a net asset value there is no RVPI, no
// TVPI and no rate, rather than those of a fund that is worth nothing. The same
// flows in another order, cut into parts of the same day, multiplied by a
// positive number or shifted by any number of days have the same rates.
//
// # What it does not do
//
// It reads and writes nothing, knows no fund by name, and has no tables.
package returns
