package indicator

import "math"

// Adjusted Share, after the Nature Index: the number of articles in the world
// differs from year to year, so shares of an earlier year are brought to the
// volume of the newest before they are compared. There is one factor per pair of
// years, the same for all units.

// VolumeFactor returns the factor k that brings a share of an earlier year to
// the volume of a later one: works then over works before. NaN without works.
func VolumeFactor(before, later float64) float64 { return over(later, before) }

// AdjustedChange returns the change of a share between two years after the
// earlier one was brought to the volume of the later: later / (before × k) − 1.
// NaN where there was nothing before.
func AdjustedChange(before, later, k float64) float64 { return over(later, before*k) - 1 }

// AdjustedShares brings shares by year to the volume of the newest year that has
// works. Years without works are left out.
func AdjustedShares(shares, works map[int]float64) map[int]float64 {
	newest := math.MinInt
	for year, n := range works {
		if n > 0 {
			newest = max(newest, year)
		}
	}
	out := map[int]float64{}
	for year, share := range shares {
		if k := VolumeFactor(works[year], works[newest]); !math.IsNaN(k) {
			out[year] = share * k
		}
	}
	return out
}
