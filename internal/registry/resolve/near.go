package resolve

import (
	"cmp"
	"slices"
)

// nearShortest is the length from which a word may be misspelt by one letter:
// shorter words are too close to each other.
const nearShortest = 6

// nearIndex finds the words that differ from a given one by one letter, by
// symmetric deletion: two words one edit apart share a form with at most one
// letter deleted.
type nearIndex struct {
	forms []nearForm // sorted by hash
}

type nearForm struct{ hash, word uint32 }

func newNearIndex(x *Index) nearIndex {
	var out []nearForm
	for text, id := range x.vocab {
		if len(text) < nearShortest || !letters(text) || int(id) >= len(x.spread) || x.spread[id] >= commonSpread {
			continue
		}
		deletions(text, func(h uint32) { out = append(out, nearForm{h, id}) })
	}
	slices.SortFunc(out, func(a, b nearForm) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.word, b.word))
	})
	return nearIndex{forms: slices.Clip(slices.Compact(out))}
}

func letters(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// deletions visits the hash of s and of s less each letter (FNV-1a).
func deletions(s string, visit func(uint32)) {
	for skip := -1; skip < len(s); skip++ {
		h := uint32(2166136261)
		for i := range len(s) {
			if i != skip {
				h = (h ^ uint32(s[i])) * 16777619
			}
		}
		visit(h)
	}
}

// find returns the one word of which text is a misspelling, 0 when there is
// none or more than one. A shared hash may be chance or two edits; in the
// names found with it every other word must still agree.
func (n nearIndex) find(text string) uint32 {
	if len(text) < nearShortest || !letters(text) {
		return 0
	}
	found, several := uint32(0), false
	deletions(text, func(h uint32) {
		i, ok := slices.BinarySearchFunc(n.forms, h, func(f nearForm, h uint32) int { return cmp.Compare(f.hash, h) })
		for ; ok && i < len(n.forms) && n.forms[i].hash == h; i++ {
			several = several || found != 0 && found != n.forms[i].word
			found = n.forms[i].word
		}
	})
	if several {
		return 0
	}
	return found
}
