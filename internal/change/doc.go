// Package change is the append-only log of every change to Kapok's records,
// and the cursors of whatever follows it.
//
// A room that writes a row calls Append in the same transaction. The log is in
// commit order without gaps, because each Append takes the one row of
// change_head and holds it until its transaction ends; so a follower that has
// seen number n has seen all up to n. Each entry carries the SHA-256 of itself
// and the entry before: Verify finds an altered or removed one.
//
// Search, statistics and matching catch up from the log with Follow and can be
// rebuilt from zero. The log knows no room: kind and id are words to it.
//
// Its tables are change_head, change and change_cursor.
package change
