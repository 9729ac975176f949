// Package simulate makes up the finance of a city: a fund of funds with its
// sub-funds, a credit risk-compensation pool through its years, financing
// rounds, listings, contests, guarantees and premium subsidies.
//
// # A tour
//
//	simulate.go  Run, its Options and Report; the clock that is replayed
//	names.go     firms, investors and banks that cannot be taken for real ones
//	draw.go      the distributions that numbers are drawn from
//	parties.go   the source, and the organisations of the registry
//	vehicle.go   one fund: commitments, calls, payments in their order, fees
//	funds.go     the fund of funds, its sub-funds and direct part
//	invest.go    where the money of the funds goes, and what comes back
//	convert.go   the fund for conversion and the social capital beside it
//	loans.go     which firm borrows how much when, from which bank
//	filing.go    the pool, and its years: tables of loans and how they stand
//	claims.go    a year of claims, by cases with several hands
//	capital.go   rounds, listings, contests, guarantees, premiums
//	regime.yaml  the regime of the year of claims, see below
//
// Use:
//
//	report, err := simulate.Run(ctx, d, simulate.Options{Seed: 1, Scale: 0.01})
//
// Scale 1 is the city; its totals lie within the bounds of what is reported of
// Guangzhou: 42 sub-funds, more than 26,000 million yuan paid in, 177 projects
// in the city; close to 12,000 firms, more than 150,000 million yuan lent, 31
// banks; six listings in 2024. At another scale the numbers shrink with it, and
// only their proportions hold.
//
// # What a caller may rely on
//
//   - Everything goes through the rooms: the registry, fund.PutEvents, the
//     tables that banks file, cases with the roles of several people, and the
//     ledger below them. Nothing is written past a check.
//   - The same seed and scale give the same records and the same postings.
//     Ids that the rooms draw (of claims and batches) differ.
//   - Everything is of one source, SourceID, that is marked as simulated. Names
//     begin with 木棉模拟 or 模拟, credit codes have the division 000000, which
//     is never issued, and correct check characters.
//   - It is written as of the days on which it would have been: the clock of the
//     database is replayed from 2015 to the end of 2024, on a view of it.
//   - A city that stands already is left as it is.
//
// # What it does not do
//
// No figure of it says anything about a real firm, bank or fund. What shares the
// pool of Guangzhou bore before October 2025 was not found; the claims of 2024
// are therefore decided by a regime that is made up too (regime.yaml) and takes
// the reported parameters of 2025.
//
// Firms that a fund or a round touches are organisations of the registry; other
// borrowers are names and codes in the pool, as they are for a bank. Options.Firms
// puts all of them into the registry.
//
// Tables: none of its own.
package simulate
