// Package ledger keeps the books: double entry in whole fen, holds, two times,
// and a chain that shows whether anything was altered. It knows no fund, no
// pool and no case; they bring their accounts and keep their own records.
//
// # A tour
//
//   - Account 科目 belongs to a book 账簿, has a normal side, a unit ("CNY" in
//     fen, or a memo unit such as "quota" in pieces), an owner, and may have a
//     floor and a ceiling. Open opens; Limit, Rename and CloseAccount amend.
//   - Transaction 交易: two or more postings 分录 of one book that sum to zero in
//     each unit. Post takes a group 联动交易, all or nothing, in the *db.Tx of
//     the caller, so that a case, its postings and its change row are one.
//     The entries come back with the account's version and its balance before
//     and after.
//   - Key makes a call repeatable: again the same, and the first answer comes
//     back; anything else under the key is a conflict.
//   - Hold 冻结: Reserve sets an amount aside; Settle posts it or less and
//     releases the rest, Void releases it, and the clock of a transaction ends
//     it when it has run out. What is held counts: Available is Posted less
//     Pending, and a floor is held against Available.
//   - Two times: On is the effective day 生效日, recorded_at the instant of
//     recording 入账时间. Balance answers as of both. A day of a closed period
//     已结账期间 (ClosePeriod) takes a transaction only if it says that it is
//     Correcting, with a reason; a day to come takes none.
//   - Nothing is altered. A transaction is taken back by another one that
//     Reverses it, once.
//   - Poster gathers many callers into one database transaction: one fsync for
//     all of them, and nobody is answered before it.
//   - Verify recomputes all of it: hashes, versions, balances, holds, snapshots
//     and anchors 锚. Export writes a journal that hledger reads, with a
//     balance assertion behind each posting.
//
// # How it is decided
//
// state.go and apply.go are pure: a state, a command and an instant give the
// acts, or an error and the same state. load.go reads the part of the ledger
// that commands need, save.go writes what came of them. The property tests run
// millions of commands against the pure core beside a simple oracle, and
// thousands against both databases, down to the same hash of the last act.
//
// # What it holds, and what it does not
//
// Limits are held in the order of recording, on what was known then. A posting
// dated back can show an account below its floor on an earlier effective day:
// that day was reported wrongly, and the books say so. The debits, credits and
// holds of one account may reach 2⁶² fen together, so no sum of a part of its
// entries overflows. Writers take turns by the head of the change log.
//
// An account and a transaction have no source row of their own: they name a
// record (Owner, Ref) that has one, who acted, and the import batch.
//
// Its tables are ledger_book, ledger_account, ledger_balance, ledger_act,
// ledger_entry, ledger_snapshot, ledger_hold and ledger_anchor.
package ledger
