// Package fold is the one folding of names and text in Kapok. Whatever is
// compared, looked up or ordered by name goes through it, so that ＨＵＡＷＥＩ,
// Huawei and huawei, or 中山大學 and 中山大学, are one key everywhere.
//
// Name makes the identity and search key, SortKey the ordering key (both are
// computed here rather than in SQL, because engines differ in case and
// collation), Simplified writes traditional characters simplified, Tokens cuts
// text for indexes.
//
// The steps are Unicode's: compatibility decomposition (UAX #15), full case
// folding (Unicode 3.13), then diacritics off and letters without
// decomposition (ø, ł, đ …) spelt out; traditional characters become
// simplified by OpenCC's character table (tscharacters.txt, Apache-2.0), one
// character at a time: a key needs the same answer in every context, not the
// best spelling.
//
// It does not transliterate, stem, or know any name. It does no I/O and has no
// tables.
package fold
