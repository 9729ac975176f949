package claims

import "slices"

// segments cuts the original text at the edges of claims and twins.
func segments(doc Document) []Segment {
	cuts := []int{0, len(doc.original)}
	for _, c := range doc.Claims {
		cuts = append(cuts, c.Start, c.End)
	}
	for _, d := range doc.Duplicates {
		cuts = append(cuts, d.Start, d.End)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	out := []Segment{}
	next, twin := 0, 0 // what stands before them has ended
	for k := 0; k+1 < len(cuts); k++ {
		a, b := cuts[k], cuts[k+1]
		s := Segment{Text: doc.original[a:b]}
		for next < len(doc.Claims) && doc.Claims[next].End <= a {
			next++
		}
		for _, c := range doc.Claims[next:] {
			if c.Start >= b {
				break
			}
			if c.End > a {
				s.ClaimIDs = append(s.ClaimIDs, c.ID)
				if c.Start == a {
					s.Starts = append(s.Starts, c.ID)
				}
				if c.End == b {
					s.Ends = append(s.Ends, c.ID)
				}
			}
		}
		for twin < len(doc.Duplicates) && doc.Duplicates[twin].End <= a {
			twin++
		}
		s.Twin = twin < len(doc.Duplicates) && a >= doc.Duplicates[twin].Start
		out = append(out, s)
	}
	return out
}
