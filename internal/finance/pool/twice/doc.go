// Package twice finds claims that ask twice for one loss: the same borrower, the
// same contract or amount, near in time, in another scheme or in the same one. It
// is pure: claims are handed in, hits with reasons are handed back.
//
// # A tour
//
//	key.go   names without seat and legal form, contract numbers without ornament
//	block.go which pairs are compared at all: they share an organisation, a
//	         contract, or a name up to one character
//	twice.go the comparison of a pair: score, reasons, hits
//
// Comparing each with each would be 3.6 billion pairs for 60,000 claims beside
// 60,000. A name is therefore filed under itself and under each text that one
// character less leaves, so that two names which differ by one character left
// out, put in or changed share a key (the deletion neighbourhood of
// symmetric-delete spelling correction, W. Garbe 2012).
//
// A hit is a question to a person, not a verdict: a firm may well have two loans
// of the same amount. Two organisations that are known and differ are never the
// same borrower, however alike their names; their claims meet only on the same
// contract and amount.
//
// It does not know schemes, loans or regimes, and it does not decide. It has no
// tables.
package twice
