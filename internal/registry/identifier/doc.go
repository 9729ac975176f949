// Package identifier knows the identifiers of organisations, people and
// documents that the registry stores: how each is written, which form is kept,
// and how its check characters are computed.
//
//	uscc       统一社会信用代码, GB 32100-2015, with the nested organisation code
//	orgcode    组织机构代码, GB 11714-1997
//	ror        Research Organization Registry id
//	orcid      ORCID iD (ISO/IEC 7064 MOD 11-2, block reserved within ISNI)
//	isni       ISO 27729 (MOD 11-2)
//	lei        ISO 17442 (MOD 97-10)
//	grid       GRID id, form only (the register closed in 2021)
//	wikidata   Wikidata item, form only
//	cn_patent  Chinese patent application number, ZC 0006-2003, and the form before 2003-10
//	doi        form only; case-insensitive (ISO 26324)
//	issn       ISO 3297
//
// A right form does not mean that the thing exists: nothing is looked up. It
// does no I/O and has no tables.
package identifier
