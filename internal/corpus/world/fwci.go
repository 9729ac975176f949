package world

import "math"

// cell is what OpenAlex compares a work with: the works of its year, subfield
// and type.
type cell struct {
	year     int
	subfield int64
	kind     *kindOf
}

type total struct{ works, cited int64 }

// tally adds up the cells of one year.
func (w *World) tally(plan *yearPlan) map[cell]total {
	out := map[cell]total{}
	var c counts
	for n := plan.first; n < plan.first+plan.n; n++ {
		k := w.work(n, plan)
		if !k.kind.fwci {
			continue
		}
		w.cite(&k, &c)
		at := cell{plan.year, k.topic.subfield, k.kind}
		t := out[at]
		out[at] = total{t.works + 1, t.cited + int64(c.within)}
	}
	return out
}

// fwci is the field-weighted citation impact as OpenAlex publishes it: the
// citations in the window over their mean in the cell, to four decimals;
// unknown for other types and where the mean is 0.
func (w *World) fwci(k *work, c *counts) (float64, bool) {
	mean := w.means[cell{k.plan.year, k.topic.subfield, k.kind}]
	if mean == 0 {
		return 0, false
	}
	return math.Round(float64(c.within)/mean*1e4) / 1e4, true
}
