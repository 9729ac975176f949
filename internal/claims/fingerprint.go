package claims

import (
	"hash/fnv"
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

// Alike is the resemblance from which two texts count as one document: a copy
// with some paragraphs cut or added passes, another article on the subject
// does not.
const Alike = 0.5

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

// Similar estimates the resemblance of two texts from their fingerprints, from
// 0 to 1. Without a fingerprint it is 0.
func Similar(a, b []uint64) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	size := min(sketchSize, max(len(a), len(b)))
	union := make([]uint64, 0, len(a)+len(b))
	union = append(append(union, a...), b...)
	slices.Sort(union)
	union = slices.Compact(union)
	union = union[:min(len(union), size)]
	common := 0
	for _, h := range union {
		_, inA := slices.BinarySearch(a, h)
		_, inB := slices.BinarySearch(b, h)
		if inA && inB {
			common++
		}
	}
	return float64(common) / float64(len(union))
}
