// Package rules computes what a credit risk-compensation pool (科技信贷风险补偿资金池)
// owes under a dated regime, and says why. It is pure: no clock, no files, no
// database.
//
// # Reading order
//
//	tri.go        yes, no and unknown (Kleene's strong logic)
//	regime.go     a regime as data: who issued it, what it says, what it leaves open
//	parse.go      the strict reader of regimes.yaml, every fault told
//	reading.go    what the operator decided where a regime is silent
//	facts.go      what is known of one loan
//	scope.go      whether the loan is in scope
//	tiers.go      the share of a loss: whole loan or slices, uplifts, total cap
//	compensate.go the answer: an amount or its bounds, the trace, the refusals
//	allocate.go   what an entitlement may draw now: yearly budget, breakers
//	ladder.go     the five classes of a loan by days overdue
//	recovery.go   who gets what of money that came back; claw-back
//	governing.go  the regime of a date
//	lint.go       faults of a regime that a person should read
//
// # What a caller may rely on
//
//   - Unknown is never zero. A fact that is not known, or a word that the regime
//     does not say, stays unknown: the amount is then a pair of bounds, and Asks
//     lists exactly the questions whose answer would move it. Two readings that
//     come to the same amount are no question.
//   - An answer is a function of the regime (with its readings) and the facts
//     alone: the same two give the same bytes, so a trace can be replayed.
//   - Adding a fact never widens the bounds nor turns a refusal into a payment.
//   - Entitlement and allocation are apart: Compensate does not know what others
//     have been paid, Allocate does not know how an amount arose.
//   - Amounts are whole fen; shares are exact fractions of parts per million,
//     rounded once, as the rule says (floor or half_even).
//
// # What it does not do
//
// It does not look for loans, claims or earlier payments: facts are handed in.
// It holds no regime: data/pool does. It has no tables.
package rules
