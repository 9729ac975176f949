package edition

import "github.com/kapok-city/kapok/internal/errs"

// Class is a class of positions that Chinese universities read off an ESI list.
type Class string

// The classes. A printed list is the top 1 % of a field, so a field has about
// a hundred times its length of institutions: one in a thousand is a tenth of
// the list, one in ten thousand a hundredth.
const (
	OnePercent       Class = "top1pct"
	OnePermille      Class = "top1permille"
	OneInTenThousand Class = "top1in10000"
	Unlisted         Class = ""
)

// Rounding decides what a list whose length does not divide gives to the edge:
// no rule is published.
type Rounding int

// The roundings.
const (
	Floor Rounding = iota
	Ceiling
)

// Cut is the last rank of a class on a list of the given length.
func Cut(class Class, list int64, r Rounding) int64 {
	part := map[Class]int64{OnePercent: 1, OnePermille: 10, OneInTenThousand: 100}[class]
	if part == 0 || list <= 0 {
		return 0
	}
	if r == Ceiling {
		return (list + part - 1) / part
	}
	return list / part
}

// ClassOf is the best class of a rank on a list of the given length; a rank
// behind the end of the list has none. Rank and length must be of the same
// update: the list grows, and a fixed rank gains classes by that alone.
func ClassOf(rank, list int64, r Rounding) (Class, error) {
	if rank < 1 || list < 1 {
		return Unlisted, errs.New(errs.Invalid, "edition.bad_rank", errs.A{"rank": rank, "list": list})
	}
	for _, c := range []Class{OneInTenThousand, OnePermille, OnePercent} {
		if rank <= Cut(c, list, r) {
			return c, nil
		}
	}
	return Unlisted, nil
}

// Potential is the citations of an institution over the fewest that are on the
// list; from 1 on it is listed. ok is false without a threshold.
func Potential(citations, threshold float64) (value float64, ok bool) {
	if !(threshold > 0) || !(citations >= 0) {
		return 0, false
	}
	return citations / threshold, true
}
