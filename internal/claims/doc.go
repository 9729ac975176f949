// Package claims reads a text, Chinese or English, and finds what it claims:
// quantities, shares, growth, ranks and superlatives. It then sets each claim
// against the figures on record and says which the records bear out.
//
// The tour:
//
//   - text.go makes the text whole: lines broken inside a name are joined,
//     paragraphs printed twice are marked, and every rune keeps its place in
//     the original.
//   - passage.go is one paragraph being read. extract.go turns the numerals that
//     package quantity finds into claims and leaves out those that are names,
//     dates or ordinals; superlative.go finds 首个, 唯一, 最大, 纪录 and 填补空白,
//     rank.go 第8位 and 前万分之一, english.go "the world's first" and "ranked
//     8th", scope.go over what they hold.
//   - context.go reads subject, measure and period from the clause, relation.go
//     share and growth.
//   - match.go finds the figure a claim speaks of; check.go gives the verdict;
//     share.go recomputes shares under every reading on record; known.go is
//     what this package asks of its caller.
//   - fingerprint.go recognises a source document by its own text without
//     keeping the text, so that a newspaper is not borne out by itself.
//   - text and HTML output are in writetext.go and writehtml.go.
//
// Extraction is pure and deterministic: no model, no network, no clock. The
// package has no tables and never changes a record.
//
// # What counts as a claim
//
// A number with a unit or counter that says how many, how much, which part or
// how large. Not: dates and years (they are periods), numbers in names (TH-F120,
// “2+2+N”, 《…三年行动计划(2021—2023年)》, short quoted labels), editions and
// grades (第十三届, 一等奖, 十大…), 一 as an article (一个, 一批), 多个 and 若干 (no
// magnitude), enumerations that repeat what was just listed (这三项), the base of
// a rate (每两周), spans of time that only place a statement (近三年), section
// and telephone numbers, numbers with neither unit nor bound. 数十亿元 has a
// magnitude and is a bound: at least one of the place it names.
//
// A superlative needs a scope (全球, 国内, 全省, "in Europe"): a company's 首款
// product is not a claim about the world. 第一方阵, 一线城市 and 前列 name no
// place in an order and are not ranks.
package claims
