package indicator

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Value is what is known of one unit, in one field and year where the spec
// splits by them. A number that is not known is NaN; [Value.Numbers] leaves it
// out. Proportions are fractions: 0.1 is 10 %.
type Value struct {
	Unit          string // decimal number of an institution, code of a city or district, country, id of a platform
	Name          i18n.Text
	OrgID         string // record of the registry, "" when there is none
	Country, City string // "" where unknown
	Field         int64  // 0 when not split by field, or not known
	Year          int    // 0 when not split by year

	P, Share         float64 // works counted in full; sum of the parts of works
	Base             float64 // of P or Share, what has a normalised score
	TCS, TNCS        float64 // citations and normalised citations, by the counting of the spec
	MNCS, FWCI       float64 // means; FWCI leaves out cells that nobody cites, as OpenAlex does
	Top1, PPTop1     float64
	Top10, PPTop10   float64
	Top50, PPTop50   float64
	Collab, PPCollab float64 // collaboration is always counted in full
	IntCollab        float64
	PPIntCollab      float64
	Industry         float64
	PPIndustry       float64
	ShortDist        float64 // at most 100 km apart
	LongDist         float64 // 5,000 km apart or more

	Intervals map[string][2]float64 // by indicator; filled by Intervals
}

// Numbers are the indicators by name, without those that are not known. count
// is p under the name that the Nature Index gives it.
func (v *Value) Numbers() map[string]float64 {
	out := make(map[string]float64, len(names))
	for _, n := range names {
		if x := *n.of(v); !math.IsNaN(x) {
			out[n.name] = x
		}
	}
	return out
}

// Get returns an indicator by name, false when it is not known.
func (v *Value) Get(name string) (float64, bool) {
	for _, n := range names {
		if n.name == name {
			x := *n.of(v)
			return x, !math.IsNaN(x)
		}
	}
	return 0, false
}

// MarshalJSON writes the unit and its known numbers.
func (v Value) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Unit      string                `json:"unit"`
		Name      i18n.Text             `json:"name"`
		OrgID     string                `json:"org_id,omitempty"`
		Country   string                `json:"country,omitempty"`
		City      string                `json:"city,omitempty"`
		Field     int64                 `json:"field,omitempty"`
		Year      int                   `json:"year,omitempty"`
		Numbers   map[string]float64    `json:"numbers"`
		Intervals map[string][2]float64 `json:"intervals,omitempty"`
	}{v.Unit, v.Name, v.OrgID, v.Country, v.City, v.Field, v.Year, v.Numbers(), v.Intervals})
}

// names are the indicators in the order of a wide table.
var names = []struct {
	name string
	of   func(*Value) *float64
}{
	{"p", func(v *Value) *float64 { return &v.P }}, {"count", func(v *Value) *float64 { return &v.P }},
	{"share", func(v *Value) *float64 { return &v.Share }},
	{"tcs", func(v *Value) *float64 { return &v.TCS }}, {"tncs", func(v *Value) *float64 { return &v.TNCS }},
	{"mncs", func(v *Value) *float64 { return &v.MNCS }}, {"fwci", func(v *Value) *float64 { return &v.FWCI }},
	{"p_top1", func(v *Value) *float64 { return &v.Top1 }}, {"pp_top1", func(v *Value) *float64 { return &v.PPTop1 }},
	{"p_top10", func(v *Value) *float64 { return &v.Top10 }}, {"pp_top10", func(v *Value) *float64 { return &v.PPTop10 }},
	{"p_top50", func(v *Value) *float64 { return &v.Top50 }}, {"pp_top50", func(v *Value) *float64 { return &v.PPTop50 }},
	{"p_collab", func(v *Value) *float64 { return &v.Collab }}, {"pp_collab", func(v *Value) *float64 { return &v.PPCollab }},
	{"p_int_collab", func(v *Value) *float64 { return &v.IntCollab }}, {"pp_int_collab", func(v *Value) *float64 { return &v.PPIntCollab }},
	{"p_industry", func(v *Value) *float64 { return &v.Industry }}, {"pp_industry", func(v *Value) *float64 { return &v.PPIndustry }},
	{"p_short_dist", func(v *Value) *float64 { return &v.ShortDist }}, {"p_long_dist", func(v *Value) *float64 { return &v.LongDist }},
}

// Values answers a spec from prepared tables, in the order of units, fields and
// years. The years of the spec may be fewer than those prepared; all else must
// be as it was prepared ([Prepared.Fits]). The unit "world" needs no other.
func Values(ctx context.Context, q db.Querier, spec Spec) ([]Value, error) {
	spec, err := spec.complete()
	if err != nil {
		return nil, err
	}
	values, err := db.Collect(ctx, q, scanValue, DuckDB.Rewrite(valuesStatement(&spec).SQL))
	if err != nil {
		return nil, fmt.Errorf("values of %s: %w", spec.Unit, err)
	}
	return values, nil
}

// Unassigned returns, for the spec's unit, what no unit has: the parts of works
// whose affiliation leads nowhere, and works without authors. With the shares of
// all units it adds up to the number of works. Only P (NaN), Share, TCS and the
// sums are meant.
func Unassigned(ctx context.Context, q db.Querier, spec Spec) (Value, error) {
	spec.By, spec.Minimum, spec.Units, spec.Counting = nil, 0, nil, Fractional
	units, err := Values(ctx, q, spec)
	if err != nil {
		return Value{}, err
	}
	spec.Unit = World
	world, err := Values(ctx, q, spec)
	if err != nil || len(world) == 0 {
		return unknown(), err
	}
	out := world[0]
	out.Unit = ""
	for i := range units {
		u := &units[i]
		out.Share -= u.Share
		out.Base -= u.Base
		for _, f := range []func(*Value) *float64{
			func(v *Value) *float64 { return &v.TCS }, func(v *Value) *float64 { return &v.TNCS }, func(v *Value) *float64 { return &v.Top1 },
			func(v *Value) *float64 { return &v.Top10 }, func(v *Value) *float64 { return &v.Top50 },
		} {
			if x := *f(u); !math.IsNaN(x) {
				*f(&out) -= x
			}
		}
	}
	empty := unknown()
	empty.Share, empty.Base, empty.TCS, empty.TNCS, empty.Top1, empty.Top10, empty.Top50 = out.Share, out.Base, out.TCS, out.TNCS, out.Top1, out.Top10, out.Top50
	return empty, nil
}

func unknown() Value {
	var v Value
	for _, n := range names {
		*n.of(&v) = math.NaN()
	}
	return v
}

// valuesStatement is the statement that Values runs.
func valuesStatement(spec *Spec) Statement {
	field, year, groups, w := "CAST(0 AS BIGINT)", "CAST(0 AS BIGINT)", "", ""
	if spec.by(ByField) {
		field, groups = "s.field", ", s.field"
	}
	if spec.by(ByYear) {
		year, groups = "s.year", groups+", s.year"
	}
	if spec.Counting == Fractional {
		w = "_w"
	}
	all := "p"
	if spec.Counting == Fractional {
		all = "share"
	}
	return step(spec, "unit_values", "values", "{all}", all, "{field}", field, "{year}", year, "{groups}", groups, "{w}", w, "{unit}", string(spec.Unit),
		"{fields}", fieldsOf(spec, "s"), "{units}", unitsIn(spec, "u.id", "x.unit"),
		"{minimum}", strconv.FormatInt(int64(math.Ceil(min(max(spec.Minimum, 0), 1e15))), 10))
}

func fieldsOf(spec *Spec, alias string) string {
	if len(spec.Fields) == 0 {
		return ""
	}
	list := make([]string, len(spec.Fields))
	for i, f := range spec.Fields {
		list[i] = strconv.FormatInt(f, 10)
	}
	return " AND " + alias + ".field IN (" + strings.Join(list, ", ") + ")"
}

// unitsIn keeps the units of the spec. Numbers of organisations need no name.
func unitsIn(spec *Spec, id, number string) string {
	if len(spec.Units) == 0 {
		return ""
	}
	var list []string
	for _, u := range spec.Units {
		if spec.Unit == Organisation || spec.Unit == Institution {
			if _, err := strconv.ParseInt(u, 10, 64); err == nil {
				list = append(list, u)
			}
			continue
		}
		if plainID.MatchString(u) { // no unit has another id
			list = append(list, "'"+u+"'")
		}
	}
	if len(list) == 0 {
		return " AND 1 = 0"
	}
	if spec.Unit == Organisation || spec.Unit == Institution {
		id = number
	}
	return " AND " + id + " IN (" + strings.Join(list, ", ") + ")"
}

func scanValue(s db.Scan) (Value, error) {
	v := unknown()
	var base, tcs, ncs, top1, top10, top50, uncited, collab, abroad, industry, short, long sql.NullFloat64
	err := s(&v.Unit, &v.Name.ZH, &v.Name.EN, &v.OrgID, &v.Country, &v.City, &v.Field, &v.Year, &v.P, &v.Share,
		&base, &tcs, &ncs, &top1, &top10, &top50, &uncited, &collab, &abroad, &industry, &short, &long)
	if err != nil {
		return v, err
	}
	v.Base = base.Float64
	known := func(x sql.NullFloat64) float64 {
		if !x.Valid {
			return math.NaN()
		}
		return x.Float64
	}
	v.TCS, v.TNCS, v.Top1, v.Top10, v.Top50 = known(tcs), known(ncs), known(top1), known(top10), known(top50)
	v.MNCS, v.PPTop1, v.PPTop10, v.PPTop50 = over(v.TNCS, v.Base), over(v.Top1, v.Base), over(v.Top10, v.Base), over(v.Top50, v.Base)
	v.FWCI = over(v.TNCS-known(uncited), v.Base-known(uncited))
	v.Collab, v.IntCollab, v.Industry, v.ShortDist, v.LongDist = known(collab), known(abroad), known(industry), known(short), known(long)
	v.PPCollab, v.PPIntCollab, v.PPIndustry = over(v.Collab, v.P), over(v.IntCollab, v.P), over(v.Industry, v.P)
	return v, nil
}

// over divides; what rests on nothing is not known. A base that is a sum of
// fractions may miss 0 by a rounding error.
func over(x, base float64) float64 {
	if !(base > 1e-12) {
		return math.NaN()
	}
	return x / base
}
