package transfer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Scale is a scale of technology readiness. Levels of two scales are never
// compared.
type Scale string

// The scales.
const (
	GBT22900 Scale = "gbt22900" // GB/T 22900, annex A
	GJB7688  Scale = "gjb7688"  // GJB 7688, not for processes
	ISO16290 Scale = "iso16290"
	NASA     Scale = "nasa" // NPR 7123.1, appendix E
	Horizon  Scale = "horizon"
	OtherTRL Scale = "other"
)

// Scales lists every scale.
var Scales = []Scale{GBT22900, GJB7688, ISO16290, NASA, Horizon, OtherTRL}

// editioned are the scales whose editions differ: one without its edition says
// too little.
var editioned = []Scale{GBT22900, GJB7688}

// TRL is a maturity as somebody stated it on a day.
type TRL struct {
	Level    int    `json:"level"` // 1 to 9
	Scale    Scale  `json:"scale"`
	Edition  string `json:"edition,omitempty"`  // of the scale, "2009"
	On       string `json:"on,omitempty"`       // ISO date, may be cut to a month or a year
	Assessor string `json:"assessor,omitempty"` // who says so; "self" for the owner
	Evidence string `json:"evidence,omitempty"` // what shows it
	Planned  bool   `json:"planned,omitempty"`  // aimed at for that day, not reached
}

// Current returns the newest maturity that was reached, nil when none is known.
func Current(list []TRL) *TRL {
	var best *TRL
	for i := range list {
		if t := &list[i]; !t.Planned && (best == nil || t.On >= best.On) {
			best = t
		}
	}
	return best
}

// tidyMaturity orders maturities by day and faults each.
func (f *faults) maturity(list []TRL) []TRL {
	f.most("maturity", len(list), maxParts)
	out := slices.Clone(list)
	for i := range out {
		t := &out[i]
		t.Assessor, t.Evidence, t.Edition = strings.TrimSpace(t.Assessor), strings.TrimSpace(t.Evidence), strings.TrimSpace(t.Edition)
		f.trl("maturity", t.Level, t.Scale)
		f.about("on", t.On)
		if t.Assessor == "" || t.Evidence == "" {
			f.add(errs.New(errs.Invalid, "transfer.trl_proof", errs.A{"level": t.Level}).At("/maturity"))
		}
		if t.Edition == "" && slices.Contains(editioned, t.Scale) {
			f.add(errs.New(errs.Invalid, "transfer.trl_edition", errs.A{"scale": string(t.Scale)}).At("/maturity"))
		}
	}
	slices.SortStableFunc(out, func(a, b TRL) int { return cmp.Compare(a.On, b.On) })
	if len(out) == 0 {
		return nil
	}
	return out
}

// trl faults a level outside the scale and one without a scale.
func (f *faults) trl(field string, level int, scale Scale) {
	if level < 1 || level > 9 {
		f.add(errs.New(errs.Invalid, "transfer.trl_level", errs.A{"value": level}).At("/" + field))
	}
	if scale == "" {
		f.add(errs.New(errs.Invalid, "transfer.trl_scale", errs.A{"value": level}).At("/trl_scale"))
		return
	}
	oneOf(f, "trl_scale", scale, Scales)
}
