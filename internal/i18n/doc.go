// Package i18n holds what Kapok says to people, in Chinese and English.
//
// Messages stand in catalog/<area>.json, one file an area, each key with both
// languages and the same {placeholders}; a test holds that. T fills a message;
// Text is a bilingual value that belongs to data rather than to the program;
// Number, Percent, Day and Instant write values the way each language does.
//
// It does not choose the reader's language (packages web, api and cli do) and
// does not know quantities with units (package quantity). It has no tables.
package i18n
