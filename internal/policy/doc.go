// Package policy answers whether a rule holds for a firm, what is lacking where it
// does not, what must be asked where that is not known, and what it is worth.
// It is pure: it reads no database, no clock and no file.
//
// # Reading order
//
//	truth.go            true, false, unknown, error
//	value.go rule.go    values as whole numbers; policies, conditions, atoms, scores, amounts
//	read.go read_tree.go  rules from YAML, with the line of every fault
//	compile.go expression.go  a book of rules made ready: facts found, cycles and overlaps refused
//	snapshot.go         what is known of one firm at a time
//	evaluate.go         the truth of every atom of every rule
//	explain.go answer.go worth.go  what is lacking, what to ask, what it is worth and why
//	lint.go             what a careful reader would ask about a rule
//
// # What a caller may rely on
//
//   - Every atom is answered, whether or not another decides already, and each
//     names the article it stands in and the facts it rests on.
//   - What is not known stays unknown: no fact is taken for false or zero. A
//     verdict that was reached is not taken back by learning more, unless facts
//     contradict each other; then it is an error that names both.
//   - Amounts and shares are whole numbers of fen and of millionths; the edges of
//     bands are exact, ratios are compared without rounding.
//   - Lacking is the fewest atoms of the rule that would have to be otherwise.
//   - The same set and snapshot, by their hashes, give the same answer.
//
// # What it does not do
//
// Whether money is left, whether a firm had its share already, and what two
// policies give together is decided after the verdict, over the ledger. Who may
// publish a rule is not its business either.
//
// Sources of the method: Kleene, Introduction to Metamathematics, § 64 (strong
// three-valued logic). It has no tables.
package policy
