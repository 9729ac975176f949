package observatory

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// params are what a computation may name.
type params struct {
	city string
	asOf string
}

// bind puts numbered placeholders for $city, $province and $as_of and returns
// the arguments in their order.
func (p params) bind(text string) (string, []any) {
	values := map[string]string{"$city": p.city, "$province": provinceOf(p.city), "$as_of": p.asOf}
	var args []any
	for _, name := range []string{"$city", "$province", "$as_of"} {
		if strings.Contains(text, name) {
			args = append(args, values[name])
			text = strings.ReplaceAll(text, name, "$"+strconv.Itoa(len(args)))
		}
	}
	return text, args
}

func provinceOf(city string) string {
	if len(city) != 6 {
		return ""
	}
	return city[:2] + "0000"
}

// engine runs the SQL of figures. Its querier is a stats.Session, or any
// database that has the facts as views.
type engine struct {
	q db.Querier
	p params
}

// wrap wraps a computation's text so that it returns the wanted columns in
// order, with types that both dialects scan alike; what it lacks is NULL.
func (e *engine) wrap(ctx context.Context, text string, want [][2]string) (string, []any, error) {
	text, args := e.p.bind(strings.TrimRight(text, "; \n\t"))
	rows, err := e.q.Query(ctx, "SELECT * FROM ("+text+") AS v LIMIT 0", args...)
	if err != nil {
		return "", nil, err
	}
	defer rows.Close()
	have, err := rows.Columns()
	if err != nil {
		return "", nil, err
	}
	if rows.Next() || rows.Err() != nil {
		return "", nil, fmt.Errorf("columns of a computation: %w", rows.Err())
	}
	list := make([]string, len(want))
	for i, w := range want {
		name := w[0]
		if !slices.Contains(have, name) {
			name = "NULL"
		}
		list[i] = "CAST(" + name + " AS " + w[1] + ") AS " + w[0]
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM (" + text + ") AS v", args, nil
}

var valueWanted = [][2]string{
	{"item", "VARCHAR"}, {"item_zh", "VARCHAR"}, {"item_en", "VARCHAR"}, {"year", "BIGINT"},
	{"value", "DOUBLE PRECISION"}, {"numerator", "DOUBLE PRECISION"}, {"denominator", "DOUBLE PRECISION"},
}

var recordWanted = [][2]string{
	{"item", "VARCHAR"}, {"year", "BIGINT"}, {"kind", "VARCHAR"}, {"id", "VARCHAR"},
	{"title", "VARCHAR"}, {"title_en", "VARCHAR"}, {"weight", "DOUBLE PRECISION"}, {"base", "DOUBLE PRECISION"}, {"simulated", "BOOLEAN"},
}

// values runs the value query of f and, over its record query, the tallies of
// each value; both must agree.
func (e *engine) values(ctx context.Context, f *Figure) ([]stored, error) {
	text, args, err := e.wrap(ctx, f.Compute.SQL, valueWanted)
	if err != nil {
		return nil, err
	}
	n := 0
	out, err := db.Collect(ctx, e.q, func(s db.Scan) (stored, error) {
		if n++; n > maxValues {
			return stored{}, tooMany(f)
		}
		return e.scan(s, f)
	}, text, args...)
	if err != nil {
		return nil, err
	}
	tallies, err := e.tallies(ctx, f)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i := range out {
		v := &out[i]
		key := v.Item + "\x00" + v.Slot
		if seen[key] {
			return nil, errs.New(errs.Invalid, "observatory.value_twice", errs.A{"figure": f.ID, "item": v.Item, "slot": v.Slot})
		}
		seen[key] = true
		t := tallies[key]
		if t == nil {
			t = newTally()
		}
		delete(tallies, key)
		v.Records, v.RecordsHash, v.Simulated = t.n, t.sum(), t.simulated
		if t.n == 0 {
			// Nothing is on record, which is not to say that there is nothing.
			v.Known, v.Quantity = false, quantity.Quantity{}
		}
		if !t.agrees(f, v) {
			return nil, errs.New(errs.Conflict, "observatory.disagree", errs.A{"figure": f.ID, "item": v.Item, "slot": v.Slot, "value": number(v.Quantity.Value), "records": number(t.value(f))})
		}
	}
	for key := range tallies {
		return nil, errs.New(errs.Conflict, "observatory.stray_records", errs.A{"figure": f.ID, "item": strings.ReplaceAll(key, "\x00", " ")})
	}
	return out, nil
}

// maxValues bounds the values of one figure.
const maxValues = 20_000

func tooMany(f *Figure) error {
	return errs.New(errs.TooLarge, "observatory.too_many", errs.A{"figure": f.ID, "limit": maxValues})
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func (e *engine) scan(s db.Scan, f *Figure) (stored, error) {
	var v stored
	var item, zh, en sql.NullString
	var year sql.NullInt64
	var value sql.NullFloat64
	if err := s(&item, &zh, &en, &year, &value, &v.Numerator, &v.Denominator); err != nil {
		return v, err
	}
	v.FigureID, v.Item, v.ItemTitle, v.Known = f.ID, item.String, i18n.Text{ZH: zh.String, EN: en.String}, value.Valid
	if math.IsNaN(value.Float64) || math.IsInf(value.Float64, 0) {
		v.Known = false // a share of nothing
	}
	if v.Known {
		v.Quantity = quantity.Of(value.Float64, f.Unit)
	}
	v.Period, v.Slot = e.period(f, year)
	return v, nil
}

// period is the year of a row, or, for a figure without years, the state of
// the records as of today.
func (e *engine) period(f *Figure, year sql.NullInt64) (quantity.Period, string) {
	switch {
	case year.Valid:
		p := quantity.YearOf(int(year.Int64))
		p.Flow = f.Flow
		return p, strconv.FormatInt(year.Int64, 10)
	case f.Period == quantity.AsOf || f.Period == quantity.Cumulative:
		return quantity.Period{Kind: f.Period, End: e.p.asOf, Flow: f.Flow}, slotNow
	}
	return quantity.Period{Kind: quantity.NoPeriod, Flow: f.Flow}, slotUnknown
}

// The slots of values without a year.
const (
	slotNow     = "now"
	slotUnknown = "unknown"
)

// tally is the sum over the records behind one value.
type tally struct {
	n, simulated int64
	weight, base float64
	based        bool
	hash         hash.Hash
	last         string
}

func newTally() *tally { return &tally{hash: sha256.New()} }

// add takes the next record in the order of kind and id. The hash is over one
// line per record: kind, id, weight and base parted by tabs, numbers to twelve
// digits, so that anyone can take it again and a sum taken in another order
// does not change it.
func (t *tally) add(r *Record) error {
	key := r.Kind + "\t" + r.ID
	if key == t.last {
		return errs.New(errs.Conflict, "observatory.record_twice", errs.A{"id": r.ID})
	}
	t.last = key
	t.n++
	if r.Simulated {
		t.simulated++
	}
	fmt.Fprintf(t.hash, "%s\t%s\t%s\n", key, floatText(r.Weight), floatText(r.Base))
	if r.Weight != nil {
		t.weight += *r.Weight
	}
	if r.Base != nil {
		t.base += *r.Base
		t.based = true
	}
	return nil
}

func floatText(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 12, 64)
}

func (t *tally) sum() string { return hex.EncodeToString(t.hash.Sum(nil)) }

// value is what the records add up to, NaN when they tell nothing.
func (t *tally) value(f *Figure) float64 {
	if !t.based {
		return t.weight
	}
	return t.weight / t.base * scaleOf(f)
}

func scaleOf(f *Figure) float64 {
	if f.Unit == quantity.Percent {
		return 100
	}
	return 1
}

// tolerance of sums of fractions in binary.
const tolerance = 1e-9

func (t *tally) agrees(f *Figure, v *stored) bool {
	got := t.value(f)
	if !v.Known {
		return math.IsNaN(got) || t.n == 0
	}
	return math.Abs(got-v.Quantity.Value) <= tolerance*math.Max(1, math.Abs(got))
}

// tallies runs the record query of f once for all its values.
func (e *engine) tallies(ctx context.Context, f *Figure) (map[string]*tally, error) {
	out := map[string]*tally{}
	err := e.records(ctx, f, func(item, slot string, r *Record) error {
		key := item + "\x00" + slot
		if out[key] == nil {
			if len(out) == maxValues {
				return tooMany(f)
			}
			out[key] = newTally()
		}
		return out[key].add(r)
	})
	return out, err
}

// records hands each record of f to fn, by item, slot, kind and id.
func (e *engine) records(ctx context.Context, f *Figure, fn func(item, slot string, r *Record) error) error {
	text, args, err := e.wrap(ctx, f.Compute.Records, recordWanted)
	if err != nil {
		return err
	}
	return db.Each(ctx, e.q, func(s db.Scan) error {
		var item, title, en sql.NullString
		var year sql.NullInt64
		var simulated sql.NullBool
		var r Record
		if err := s(&item, &year, &r.Kind, &r.ID, &title, &en, &r.Weight, &r.Base, &simulated); err != nil {
			return err
		}
		r.Simulated = simulated.Bool
		r.Title = i18n.Text{ZH: title.String, EN: en.String}
		_, slot := e.period(f, year)
		return fn(item.String, slot, &r)
	}, text+" ORDER BY item, year, kind, id", args...)
}
