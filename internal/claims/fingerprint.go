package claims

import (
	"hash/fnv"
	"math"
	"math/bits"
	"slices"
	"unicode"

	"github.com/kapok-city/kapok/internal/fold"
)

// The fingerprint is a bottom-k sketch (Broder 1997, "On the resemblance and
// containment of documents"): the k least hashes of all runs of shingleLen
// letters. Equal texts give equal sketches, and the share of common members
// estimates how much of the texts is the same. The text cannot be rebuilt.
const (
	shingleLen = 8
	sketchSize = 128
)

// Alike is the containment from which a text counts as taken from a source: a
// copy, a part of it, and a copy with as much again added to it pass; another
// article on the subject does not.
const Alike = 0.5

// minShared is how many hashes must be comparable before anything is said: a
// sentence or two cannot be told from chance.
const minShared = 3

// Fingerprint sketches a text. Blanks, marks, case, width and the traditional
// forms of characters do not matter. A text under shingleLen letters has none.
func Fingerprint(text string) []uint64 {
	letters := make([]rune, 0, len(text)/2)
	for _, r := range fold.Name(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		}
	}
	hashes := make([]uint64, 0, len(letters))
	for i := 0; i+shingleLen <= len(letters); i++ {
		hashes = append(hashes, shingleHash(letters[i:i+shingleLen]))
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return slices.Clip(hashes[:min(len(hashes), sketchSize)])
}

func shingleHash(letters []rune) uint64 {
	h := fnv.New64a()
	var b [4]byte
	for _, r := range letters {
		b[0], b[1], b[2], b[3] = byte(r), byte(r>>8), byte(r>>16), 0
		h.Write(b[:])
	}
	// FNV leaves the high bits of short inputs uneven; mix before taking the least.
	x := h.Sum64()
	x ^= bits.RotateLeft64(x, 25) ^ bits.RotateLeft64(x, 47)
	return x * 0x9e3779b97f4a7c15
}

// Contained estimates which part of a text stands in a source, from 0 to 1, from
// their fingerprints (Broder 1997, containment). Below the largest hash of a
// full sketch every hash of its document is known, so there the two can be
// compared. Without enough of that it is 0.
func Contained(text, source []uint64) float64 {
	reach := min(known(text), known(source))
	n, common := 0, 0
	for _, h := range text {
		if h > reach {
			break
		}
		n++
		if _, found := slices.BinarySearch(source, h); found {
			common++
		}
	}
	if n < minShared {
		return 0
	}
	return float64(common) / float64(n)
}

// known is the hash up to which a sketch holds all hashes of its document.
func known(sketch []uint64) uint64 {
	switch {
	case len(sketch) == 0:
		return 0
	case len(sketch) < sketchSize:
		return math.MaxUint64
	}
	return sketch[len(sketch)-1]
}
