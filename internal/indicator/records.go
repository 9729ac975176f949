package indicator

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Record is one work behind a value.
type Record struct {
	WorkID int64
	Title  string // "" where unknown
	DOI    string
	Paper  string // record of the registry, "" when there is none
	Year   int
	Weight float64 // what the work adds to the value, or to its numerator
	Base   float64 // what it adds to the denominator; 0 for a sum
}

// RecordSum sums up all records of a value.
type RecordSum struct {
	Works        int64
	Weight, Base float64
	Value        float64 // Weight, or Weight over Base; NaN when nothing is known
}

// Of names one value: the unit, and the field and year where they were asked
// for (0: all).
type Of struct {
	Unit      string // Value.Unit
	Field     int64
	Year      int
	Indicator string // "share", "mncs", "pp_top10", …
}

// Records lists the works behind one value, the heaviest first, at most limit
// of them (100 when 0). after is the last record of the page before, nil for the
// first page. Indicators that no value has are errs.Invalid.
func Records(ctx context.Context, q db.Querier, spec Spec, of Of, after *Record, limit int) ([]Record, error) {
	if limit <= 0 {
		limit = 100
	}
	text, _, err := recordsText(spec, of, after)
	if err != nil {
		return nil, err
	}
	records, err := db.Collect(ctx, q, func(s db.Scan) (r Record, err error) {
		return r, s(&r.WorkID, &r.Year, &r.Weight, &r.Base)
	}, text+"\nORDER BY weight DESC, work_id LIMIT "+strconv.Itoa(limit))
	if err != nil {
		return nil, fmt.Errorf("records of %s: %w", of.Indicator, err)
	}
	return records, name(ctx, q, records)
}

// SumRecords adds up all records of a value.
func SumRecords(ctx context.Context, q db.Querier, spec Spec, of Of) (RecordSum, error) {
	text, ratio, err := recordsText(spec, of, nil)
	if err != nil {
		return RecordSum{}, err
	}
	sum, _, err := db.One(ctx, q, func(s db.Scan) (r RecordSum, err error) {
		return r, s(&r.Works, &r.Weight, &r.Base)
	}, "SELECT COUNT(*), COALESCE(SUM(weight), 0), COALESCE(SUM(base), 0) FROM (\n"+text+"\n) r")
	if err != nil {
		return RecordSum{}, fmt.Errorf("records of %s: %w", of.Indicator, err)
	}
	sum.Value = sum.Weight
	if ratio {
		sum.Value = over(sum.Weight, sum.Base)
	}
	return sum, nil
}

// RecordStatement returns the statement that Records runs.
func RecordStatement(spec Spec, of Of) (Statement, error) {
	text, _, err := recordsText(spec, of, nil)
	return Statement{Name: "records", SQL: text}, err
}

// recordsText also reports whether the indicator is a ratio.
func recordsText(spec Spec, of Of, after *Record) (text string, ratio bool, err error) {
	if spec, err = spec.complete(); err != nil {
		return "", false, err
	}
	weight, base, known := expressions(spec.Counting, of.Indicator)
	if !known {
		return "", false, errs.New(errs.Invalid, "indicator.unknown_indicator", errs.A{"value": of.Indicator}).At("/indicator")
	}
	if of.Year != 0 {
		spec.From, spec.To = of.Year, of.Year
	}
	if of.Field != 0 {
		spec.Fields = []int64{of.Field}
	}
	page := ""
	if after != nil {
		w := "CAST('" + strconv.FormatFloat(after.Weight, 'g', -1, 64) + "' AS DOUBLE)"
		page = fmt.Sprintf("\nAND (r.weight < %s OR r.weight = %[1]s AND r.work_id > %d)", w, after.WorkID)
	}
	shown := base
	if base == "" {
		shown = "0"
	}
	s := step(&spec, "records", "records", "{weight}", weight, "{base}", shown, "{parts}", partsOf(&spec, of.Unit), "{fields}", fieldsOf(&spec, "s"), "{after}", page)
	return DuckDB.Rewrite(s.SQL), base != "", nil
}

// partsOf is what one unit has of works.
func partsOf(spec *Spec, unit string) string {
	spec.Units = []string{unit}
	if spec.Unit == Organisation || spec.Unit == Institution {
		return fmt.Sprintf("(SELECT o.work_id, o.weight FROM part_%s o WHERE 1 = 1%s)", spec.Unit, unitsIn(spec, "", "o.unit"))
	}
	return fmt.Sprintf("(SELECT o.work_id, o.weight FROM part_%s o JOIN unit_%[1]s u ON u.unit = o.unit WHERE 1 = 1%s)", spec.Unit, unitsIn(spec, "u.id", "u.unit"))
}

// expressions are what a work adds to an indicator and to its denominator.
func expressions(counting Counting, indicator string) (weight, base string, known bool) {
	part := "1"
	if counting == Fractional {
		part = "p.weight"
	}
	scored := "CASE WHEN s.ncs IS NULL THEN 0 ELSE " + part + " END"
	times := func(column string) string { return part + " * s." + column }
	switch indicator {
	case "p", "count":
		return "1", "", true
	case "share":
		return "p.weight", "", true
	case "tcs":
		return times("cites"), "", true
	case "tncs":
		return times("ncs"), "", true
	case "mncs":
		return times("ncs"), scored, true
	case "fwci":
		return part + " * (s.ncs - s.uncited)", part + " * (1 - s.uncited)", true
	case "p_top1", "p_top10", "p_top50":
		return times(strings.TrimPrefix(indicator, "p_")), "", true
	case "pp_top1", "pp_top10", "pp_top50":
		return times(strings.TrimPrefix(indicator, "pp_")), scored, true
	case "p_collab", "p_int_collab", "p_industry", "p_short_dist", "p_long_dist":
		return "s." + strings.TrimPrefix(indicator, "p_"), "", true
	case "pp_collab", "pp_int_collab", "pp_industry":
		return "s." + strings.TrimPrefix(indicator, "pp_"), "1", true
	}
	return "", "", false
}

// name fills in titles. Works are looked up by id and year, so that only the
// files and rows that hold them are read.
func name(ctx context.Context, q db.Querier, records []Record) error {
	if len(records) == 0 {
		return nil
	}
	at := map[int64]int{}
	first, last := math.MaxInt, 0
	ids := make([]string, len(records))
	for i, r := range records {
		at[r.WorkID], ids[i] = i, strconv.FormatInt(r.WorkID, 10)
		first, last = min(first, r.Year), max(last, r.Year)
	}
	slices.Sort(ids)
	return db.Each(ctx, q, func(s db.Scan) error {
		var id int64
		var r Record
		if err := s(&id, &r.Title, &r.DOI, &r.Paper); err != nil {
			return err
		}
		to := &records[at[id]]
		to.Title, to.DOI, to.Paper = r.Title, r.DOI, r.Paper
		return nil
	}, fmt.Sprintf("SELECT work_id, COALESCE(title, ''), COALESCE(doi, ''), COALESCE(record, '') FROM work WHERE year BETWEEN %d AND %d AND work_id IN (%s)", first, last, strings.Join(ids, ", ")))
}
