// Package match brings results and needs together, in either direction and
// across Chinese and English, and says why.
//
// # A tour
//
//   - An ask is a need, a result or a free text with hard conditions. It runs
//     through stages: candidates from the text index (words, glosses) and from
//     vectors; hard conditions, each met, failed or unknown; a handful of
//     features; a linear score; at most two records of one owner; and either a
//     list or the sentence that nothing fits.
//   - The explanation is the score. Each feature adds weight × value, rounded to
//     a ten-thousandth; the score is the sum of what is shown, to the last
//     digit. Words and glosses hand their part on to single terms, which add up
//     again.
//   - Languages weigh alike. A record in another language than the ask's cannot
//     hold its words, so its glosses stand in for them; a cosine is read against
//     those that other records of the same language have with the ask.
//   - A list is given when the best records cover half of the ask, or share
//     enough that is telling (evidence, by the length of a long ask). Otherwise
//     nothing is recommended. In a list, what is far behind the best and would
//     not be recommended alone is marked as weak.
//   - A record that fails a hard condition is not in the list; it stands among
//     the excluded with the conditions that it fails on, so that a broker sees
//     near misses. One that does not say passes, is marked, and scores lower.
//   - Unknown is unknown: a feature of which nothing is known adds nothing.
//   - People are found by votes: the sum of the best scores of the records
//     behind which they stand, the older ones counting less.
//   - A need that is listed is asked again when a record comes or changes
//     (percolation): what enters its first ten above the threshold becomes a
//     notice.
//   - Answers to introductions propose new weights (Refit), measured on the
//     newest answers held out. A person adopts them; nothing changes by itself.
//
// Everything is asked as a level.Viewer: a record that the viewer does not see
// is not in a list, a count, an explanation or a notice.
//
// The pure parts (feature, score, constraint, tongue, diverse, abstain, refit,
// metric) do no I/O; eval measures the whole on a judged set, weights and
// threshold chosen on its development needs alone. The room does not index text
// (package search), keep results and needs or record introductions (package
// transfer), or check rules of policies and funds.
//
// Its tables are match_weights and match_notice.
package match
