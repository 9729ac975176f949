package match

import (
	"unicode"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search"
)

// tongue says in which languages a text is written.
type tongue uint8

// The tongues. A text of both is in either.
const (
	chinese tongue = 1 << iota
	english
	both = chinese | english
)

// tongues lists them.
var tongues = []tongue{chinese, english, both}

// A character of Chinese says about as much as three letters. A Chinese text
// holds foreign names and abbreviations and stays Chinese; an English one that
// quotes a Chinese name stays English.
const (
	lettersPerHan = 3
	mostlyHan     = 0.7
	hardlyHan     = 0.2
)

// tongueOf tells the languages of a text by its letters. A text without any is
// in both: nothing speaks against it.
func tongueOf(texts ...string) tongue {
	han, letters := 0, 0
	for _, s := range texts {
		for _, r := range s {
			switch {
			case fold.IsHan(r):
				han += lettersPerHan
			case unicode.IsLetter(r):
				letters++
			}
		}
	}
	switch share := float64(han) / float64(max(1, han+letters)); {
	case han+letters == 0:
		return both
	case share > mostlyHan:
		return chinese
	case share < hardlyHan:
		return english
	}
	return both
}

// tongueIn is tongueOf a document.
func tongueIn(d search.Doc) tongue { return tongueOf(d.Title.ZH, d.Title.EN, d.Body) }

// shares reports whether two texts have a language in common.
func (t tongue) shares(o tongue) bool { return t&o != 0 }
