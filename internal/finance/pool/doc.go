// Package pool runs a credit risk-compensation pool (科技信贷风险补偿资金池): banks and
// guarantors with their quotas, loans filed in bulk, claims, what is paid and
// what comes back.
//
// # Reading order
//
//	pool.go               a pool, its members, quotas and regimes with readings
//	loan.go table.go cell.go  a loan; the table in which a bank files loans
//	file.go               filing: a verdict for each row, the dry run is the run
//	advance.go            the dated life of a loan: overdue, class, repaid
//	accounts.go           the accounts of a pool in the ledger
//	submit.go facts.go    a claim, and what is known of its loan
//	guards.go effects.go  what the case asks, and what follows from it
//	questions.go          what the actions of a claim ask of who does them
//	lapse.go              claims whose hold has ended without a payment
//	double.go             the check against asking twice
//	view.go standing.go   exposure, ageing, breakers, budget, claims by member
//	filter.go             lists of loans and claims, and their sums
//	concentration.go      how balances are spread over borrowers and banks
//	try.go                what a loan that is only imagined would be owed
//	store.go              SQL of loans and claims
//	kinds/*.yaml          the life of a loan and of a claim, as tables
//	rules, twice          the pure engines: what is owed and why; doubles
//
// # A payment
//
// Submit opens a case of kind pool.claim. A maker checks it (the loss is posted
// to the memo account that the breaker reads), another person approves it: in one
// transaction the regime is computed anew, the year's budget and the breaker are
// read from the ledger, and the amount is reserved there. A cashier pays: the
// hold is settled, with the rule trace as evidence of the posting. Recoveries are
// shared as the regime says, or as the operator has read it; they go back to the
// treasury and do not refill the year's budget, since no regime says that they do.
//
// # What a caller may rely on
//
//   - Nothing is paid that is not reserved, and nothing is reserved beyond the
//     year's budget: the floor of the account and the regime both hold it.
//   - A trace computed again from its regime (by hash) and facts gives the same
//     amount; Replay does it.
//   - What is not known is asked for, never assumed: a claim whose amount depends
//     on it is not approved.
//   - A loan has one mode, one place in the pool and at most one active claim. A
//     claim with the same borrower, contract and amount as another is refused;
//     lesser likeness needs a written reason of the one who checks.
//   - An approval has no last day, since no regime gives one: its hold stands
//     until it is paid or revoked. A hold that is ended in the ledger by other
//     hands takes the claim back to checked (Lapse), with a notice.
//   - Filing and reports run in one transaction: a bad row is rejected with its
//     reason and keeps nobody out.
//
// # What it does not do
//
// It does not know who holds a role (casework.Actor brings his), move money, send
// mail, or decide what a regime leaves open: that is a Reading of the operator.
// Loans are no public records: who may read them is the caller's business.
//
// Its tables are pool, pool_regime, pool_member, pool_quota, pool_loan,
// pool_loan_step, pool_claim, pool_foreign_claim and pool_recovery.
package pool
