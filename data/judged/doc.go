// Package judged carries the judged set: needs, records and grades on which a
// match can be measured. It embeds the files and reads them; it ranks nothing and
// computes no measure.
//
// Half of what a ranking must get right is to refuse: records that share the
// words of a need and fail a constraint of it, needs that only a record in the
// other language answers, needs that nothing answers. README.md, which is part of
// the set, states the rules of grading, how the pool was drawn, who graded and how
// far the two readings agree, and the licences.
//
// Weights are tuned on the needs of split Dev only; figures are published for
// Test.
//
// Tables: none.
package judged
