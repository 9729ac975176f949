// Package casework is the one case engine of Kapok: what has to be decided, in
// which order, by whom, by when, and what follows from it.
//
// # Reading order
//
//	kind.go parse.go        a kind: states and transitions as data, checked
//	registry.go             the kinds, and what the names of guards and effects mean
//	question.go             what an action asks of who does it, as data for a form
//	case.go                 Case, Actor, Input, Event, Verdict
//	service.go step.go      open a case; perform an action
//	recuse.go migrate.go    keep out of a case; put it under a newer version
//	calendar.go year.go     working days, from the notices of each year
//	timer.go notice.go      deadlines as rows, handled by workers; who is told
//	list.go                 lists, counts, tasks, ageing
//	verify.go               the chain of events, and the case as their replay
//	table.go layout.go diagram.go   a kind as a table and as SVG
//	store.go                SQL of a case
//
// # What a caller may rely on
//
//   - A case is a row and the log of its events. The row is what the events make:
//     Verify replays them. Events are only ever added, each with the hash of the
//     one before.
//   - A case changes by an action that the table of its kind has in its state, by
//     an actor who holds one of the roles, is not recused, and did none of the
//     actions that four eyes keep from the same hands. Guards are asked next; all
//     that stands against an action is told at once.
//   - Effects, event, clocks, notices and the entry of the change log are one
//     transaction, the caller's own with DoIn. Steps are serial: a guard sees every
//     step before its own.
//   - A case keeps the version of the rules that it was opened under, with their
//     hash. Rules that are altered under the same version are refused; a newer
//     version is taken by Migrate alone, one case at a time, with a reason.
//   - Days are those of the city, UTC+8. A deadline counts from the day after the
//     case came into the state, and its last day is in time to the end (Civil Code
//     of the PRC, Art. 201 to 203). A year without a notice is an error, so an action
//     that would start such a clock is refused until the year is put in.
//   - Each deadline is handled once, however many workers there are and whenever
//     they die.
//
// # A kind
//
// A kind is a file, YAML, that a domain room embeds; testdata/grant.yaml is a
// small one. Roles are words of the whole house and name their room:
// "pool.checker".
//
// # What it does not do
//
// It knows no domain: what a guard asks and an effect does is registered by name
// by the rooms above. It does not know who holds a role (package account), who
// may read a case (the room that opened it; a case is never public by itself), or
// how to send mail. It has no timers of its own: a worker calls Fire.
//
// Its tables are casework_kind, casework_case, casework_event, casework_recusal,
// casework_timer, casework_notice, casework_notice_read and casework_year.
package casework
