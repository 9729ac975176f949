// Package fund keeps funds of funds, sub-funds and direct parts: who committed
// how much, what was called, paid and distributed, where it was placed, and
// what it is worth.
//
// # A tour
//
//   - Fund 基金 is a row with a version (Save, Put). Everything that happens to
//     it is an Event: Commitment 认缴, Call 缴款通知, Payment 实缴,
//     Distribution 分配, Valuation 净值, Fee, Holding, Exit, Claim. Record writes one,
//     with its row, its postings in the ledger's book fund:<id> and its line of
//     the change log, in one transaction; RecordIn in the caller's, PutEvents many
//     from an import, with an outcome for each.
//   - An event has the caller's Key. The same again is answered with the first
//     receipt; anything else under the key is a conflict. Cancel takes one back
//     by postings in the other direction.
//   - Where a fund pays last (公方后出资), the payment of a public investor is
//     refused while the others have paid a smaller part of what they committed.
//     The comparison goes into the posting as evidence.
//   - Sheet is a fund on a day: multiples, rate with its status, members,
//     payments overdue. Tree looks through it. Leverage measures a set of funds,
//     LocalReinvestment 返投 tests one against the rules that it is given.
//     CallNotice, DistributionNotice and Report are what investors are sent,
//     with the fields of the ILPA templates, as data and as rows of a table.
//   - Funds and Events list; Holders says which funds hold a company; Visible
//     answers who shows entries of the change log.
//   - Reconcile compares the rows of a fund with its book.
//
// # The book of a fund
//
// In fund:<id>, all in fen: commitment (credit), of which uncalled (debit,
// never below zero: nothing is called beyond commitments and what may be called
// again), called, paid, cash, invested, fee, distributed, recallable, returned
// (what came back from funds and companies), gain, and nav_memo with its
// counter nav_contra. Calls on commitments of unknown size stand against
// unstated. A payment by a fund of Kapok stands in the books of both.
//
// # What a caller may rely on
//
//   - A fund is open at its level; one from a source tagged R, for private use
//     only, not below the staff. What a viewer may not see does not exist for
//     him, in lists, trees and leverage alike. Who the investors are, the staff
//     alone sees.
//   - Every event names its source. Simulated follows from that of the fund and
//     of its events.
//   - What is not known stays so: a commitment without amount, a fund without
//     valuation, a holding without share.
//
// # What it does not do
//
// It does not know who may write (package account and the edges do), draws no
// pages and computes no rates itself (package returns does, and lookthrough
// what stands behind a fund).
//
// Its tables are fund, fund_event, fund_commitment, fund_call, fund_due,
// fund_payment, fund_distribution, fund_received, fund_valuation, fund_fee,
// fund_holding, fund_exit and fund_claim.
package fund
