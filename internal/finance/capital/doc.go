// Package capital keeps what companies raised, won and were covered for:
// financing rounds, acquisitions, the way to a stock exchange, competitions,
// guarantees, premium subsidies; and tells it as one history of a company's
// money (创·投·贷·融·保).
//
// # Reading order
//
//	amount.go                         an amount, and sums that stay bounds
//	common.go check.go                what all records have, and what makes one valid
//	round.go acquisition.go           融资轮次, 并购
//	step.go listing.go                the way to 上市: the pure step machine, its record
//	contest.go guarantee.go premium.go  创新创业大赛, 担保, 保费补贴
//	service.go register.go list.go    the Service: a Register for each kind
//	put.go commit.go undo.go store.go  many records from an import, and back; SQL
//	total.go                          sums per company, year or other column
//	history.go                        one company's money, with the entries of other rooms
//	table.go                          records as rows of a table
//	crunchbase.go                     reader of the Crunchbase export of 2013
//
// # What a caller may rely on
//
//   - Every kind has a Register with One, List, Totals, Save and Put. Lists take
//     one Filter, and their cursors are opaque.
//   - A record is open at its level; one from a source tagged R, for private use
//     only, not below the staff. Who made it sees it in any case. What a viewer
//     may not see does not exist for him: not in lists, sums or histories.
//   - What is not known is nil or "". A sum over records of which some have no
//     known amount is a lower bound, and a sum over none that is known is no
//     amount at all; never zero.
//   - Amounts are kept in their own currency. Nothing is converted: an exchange
//     rate is a fact with a date, and this room has none.
//   - Steps of a listing are append-only. A step is corrected or taken back by
//     another with a reason; without one a listing never goes backwards.
//   - Put runs in the caller's transaction and is idempotent by key. Every write
//     appends to the change log in its transaction.
//   - Simulated follows from the source.
//
// # What it does not do
//
// It does not know who may write (package account and the edges do), nor funds
// and loans: their entries in a history come through Source, which the app
// fills. A round and the holding of a fund that took part in it are the same
// money; a history sums each kind by itself and never adds kinds together.
//
// Its tables are capital_round, capital_acquisition, capital_listing,
// capital_contest, capital_guarantee, capital_premium, capital_party and
// capital_step.
package capital
