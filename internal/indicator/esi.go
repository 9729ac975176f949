package indicator

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
)

// ESI-like lists: units of one field ranked by all citations of their works in a
// window of ten years, counted in full. The method is that of Clarivate's
// Essential Science Indicators as its help pages tell it; fields, works and units
// are those of the corpus, so it is never to be called ESI.

// Rounding says what a class does with the fraction of a place.
type Rounding int

// The roundings. Chinese notices do not say which they use, and it decides at
// the edge: of a list of 2,390 the class 1/10000 has 23 places by floor, 24 by ceil.
const (
	Floor Rounding = iota
	Ceil
)

// Class says how far up in the world a rank is.
type Class string

// The classes, the best first. TopPercent is the printed list itself.
const (
	TopTenThousandth Class = "1/10000"
	TopThousandth    Class = "1/1000"
	TopPercent       Class = "1/100"
	NoClass          Class = ""
)

// ClassOf returns the class of a rank on a list of length L, which is the top 1 %
// of all units: the top 1/1000 are L/10 places, the top 1/10000 L/100.
func ClassOf(rank, length int, r Rounding) Class {
	places := func(of int) int {
		if r == Ceil {
			return (length + of - 1) / of
		}
		return length / of
	}
	switch {
	case rank < 1 || rank > length:
		return NoClass
	case rank <= places(100):
		return TopTenThousandth
	case rank <= places(10):
		return TopThousandth
	}
	return TopPercent
}

// Listed is one unit of an ESI-like list.
type Listed struct {
	Value     Value
	Rank      int     // units with as many citations share a rank
	Potential float64 // citations over the threshold: on the list from 1 on
	Class     Class
}

// ESIList is the ESI-like list of one field.
type ESIList struct {
	Field     int64
	Units     int     // with works in the field
	Length    int     // on the list
	Threshold float64 // citations of the unit at position ceil(1 %), ties in
	Rows      []Listed
}

// ESILike returns the lists of all fields, by field, each with all units, the
// most cited first. spec is completed to what ESI counts: full counting, all
// citations, by field, and ten years of publication up to spec.To when From is 0;
// tables must be prepared with Citations "all".
func ESILike(ctx context.Context, q db.Querier, spec Spec, r Rounding) ([]ESIList, error) {
	values, err := Values(ctx, q, spec.esi())
	if err != nil {
		return nil, err
	}
	fields := map[int64][]Value{}
	for _, v := range values {
		if v.Field != 0 && !math.IsNaN(v.TCS) {
			fields[v.Field] = append(fields[v.Field], v)
		}
	}
	var out []ESIList
	for field, list := range fields {
		out = append(out, esiList(field, list, r))
	}
	slices.SortFunc(out, func(a, b ESIList) int { return cmp.Compare(a.Field, b.Field) })
	return out, nil
}

func (s Spec) esi() Spec {
	if s.From == 0 {
		s.From = s.To - 9
	}
	s.Counting, s.Citations, s.By = Full, "all", []Dimension{ByField}
	return s
}

func esiList(field int64, values []Value, r Rounding) ESIList {
	slices.SortStableFunc(values, func(a, b Value) int { return cmp.Compare(b.TCS, a.TCS) })
	list := ESIList{Field: field, Units: len(values), Threshold: values[(len(values)+99)/100-1].TCS}
	for i, v := range values {
		row := Listed{Value: v, Rank: i + 1, Potential: over(v.TCS, list.Threshold)}
		if i > 0 && v.TCS == values[i-1].TCS {
			row.Rank = list.Rows[i-1].Rank
		}
		if v.TCS >= list.Threshold {
			list.Length++
		}
		list.Rows = append(list.Rows, row)
	}
	for i := range list.Rows {
		list.Rows[i].Class = ClassOf(list.Rows[i].Rank, list.Length, r)
	}
	return list
}

// Highly says from how many citations on a work of a field and year is highly
// cited, and how many are: none when the threshold is 2 or less.
type Highly struct {
	Field, Year, Size, Threshold, Works int64
}

// HighlyCited returns the thresholds of all fields and years.
func HighlyCited(ctx context.Context, q db.Querier, spec Spec) ([]Highly, error) {
	spec, err := spec.esi().complete()
	if err != nil {
		return nil, err
	}
	out, err := db.Collect(ctx, q, func(s db.Scan) (h Highly, err error) {
		return h, s(&h.Field, &h.Year, &h.Size, &h.Threshold, &h.Works)
	}, DuckDB.Rewrite(step(&spec, "highly", "highly").SQL)+"\nORDER BY 1, 2")
	if err != nil {
		return nil, fmt.Errorf("highly cited works: %w", err)
	}
	return out, nil
}

// HighlyCitedWorks returns how many highly cited works units have, by unit and
// field, counted in full; who has none is not in the map.
func HighlyCitedWorks(ctx context.Context, q db.Querier, spec Spec) (map[string]map[int64]int64, error) {
	spec, err := spec.esi().complete()
	if err != nil {
		return nil, err
	}
	out := map[string]map[int64]int64{}
	s := step(&spec, "highly_units", "highly_units", "{unit}", string(spec.Unit), "{highly}", step(&spec, "highly", "highly").SQL)
	err = db.Each(ctx, q, func(s db.Scan) error {
		var unit string
		var field, works int64
		if err := s(&unit, &field, &works); err != nil {
			return err
		}
		if out[unit] == nil {
			out[unit] = map[int64]int64{}
		}
		out[unit][field] = works
		return nil
	}, DuckDB.Rewrite(s.SQL))
	if err != nil {
		return nil, fmt.Errorf("highly cited works of %s: %w", spec.Unit, err)
	}
	return out, nil
}
