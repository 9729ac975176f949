package edition

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Value is what a table prints for one metric, with its bound.
type Value struct {
	Metric   string            `json:"metric"`
	Quantity quantity.Quantity `json:"quantity"`
}

// Entry is one line of a published table.
type Entry struct {
	ID           string            `json:"id"`
	EditionID    string            `json:"edition_id"`
	Rank         quantity.Quantity `json:"rank"` // or a bound on it; the zero Quantity where only the listing is known
	Name         i18n.Text         `json:"name"` // as the body writes it
	Economy      string            `json:"economy,omitempty"`
	Unit         string            `json:"unit,omitempty"` // "division:440100", "cluster:shenzhen-hongkong-guangzhou", "ror:0530pts50", as the subject of a figure; "" when not resolved
	Values       []Value           `json:"values,omitempty"`
	PreviousRank int64             `json:"previous_rank,omitempty"` // as this edition prints it; 0 is unknown
	SourceID     string            `json:"source_id"`
	Locator      string            `json:"locator,omitempty"`
	Note         i18n.Text         `json:"note,omitzero"`
	BatchID      string            `json:"batch_id,omitempty"`
	Version      int64             `json:"version"`
	CreatedAt    db.Time           `json:"created_at"`
	UpdatedAt    db.Time           `json:"updated_at"`
}

// Key is the id that the same unit in the same edition always has.
func (e *Entry) Key() string { return db.DerivedID("ranked", e.EditionID, e.identity()) }

// identity is what names the unit across editions: its key, or its name.
func (e *Entry) identity() string {
	if e.Unit != "" {
		return e.Unit
	}
	if e.Name.EN != "" {
		return "name:" + fold.Name(e.Name.EN)
	}
	return "name:" + fold.Name(e.Name.ZH)
}

// Value returns what the entry prints for a metric.
func (e *Entry) Value(metric string) (quantity.Quantity, bool) {
	for _, v := range e.Values {
		if v.Metric == metric {
			return v.Quantity, true
		}
	}
	return quantity.Quantity{}, false
}

// RankKnown reports whether the exact rank is known.
func (e *Entry) RankKnown() bool { return e.Rank.Bound == quantity.Exact }

var unitForm = regexp.MustCompile(`^[a-z]+:[0-9A-Za-z._-]{1,80}$`)

// Validate reports every fault of e as an errs.List. Whether its metrics are
// those of the edition is for PutEntries to say.
func (e *Entry) Validate() error {
	f := faults{name: e.EditionID + " " + e.Name.In(i18n.EN)}
	f.add(e.EditionID == "", "edition", "errs.required", "")
	f.add(e.Name.IsZero(), "name", "errs.required", "")
	f.add(e.SourceID == "", "source_id", "errs.required", "")
	f.add(e.Unit != "" && !unitForm.MatchString(e.Unit), "unit", "edition.bad_unit", e.Unit)
	f.add(e.PreviousRank < 0, "previous_rank", "edition.bad_number", "")
	if e.Rank != (quantity.Quantity{}) {
		whole := e.Rank.Value == float64(int64(e.Rank.Value)) && e.Rank.High == float64(int64(e.Rank.High))
		f.add(e.Rank.Validate() != nil || e.Rank.Unit != quantity.Rank || !whole || e.Rank.Value < 1, "rank", "edition.bad_rank_text", "")
	}
	seen := map[string]bool{}
	for _, v := range e.Values {
		f.add(!metricKey.MatchString(v.Metric), "values", "edition.bad_key", v.Metric)
		f.add(seen[v.Metric], "values", "edition.metric_twice", v.Metric)
		f.add(v.Quantity.Validate() != nil || !v.Quantity.Unit.Known(), "values", "edition.bad_number", v.Metric)
		seen[v.Metric] = true
	}
	return f.list.Err()
}

// ParseEntry reads one row of a table of entries; get returns the cell of a
// named column: edition (the id "gii.cluster@2023", or its ranking and its
// label in two columns), rank, name_zh, name_en, economy, unit, values,
// previous_rank, source_id, locator, note_zh, note_en.
//
// A rank is a number or a bound: "8", "<=23", "101-150". Values are
// "metric=number" parted by "|", with the same bounds: "pct=127418|share=>=1.5".
// Units and decimals of the values come from the edition when the entry is put.
func ParseEntry(get func(column string) string) (Entry, error) {
	var list errs.List
	bad := func(column, key string) {
		list = append(list, errs.New(errs.Invalid, key, errs.A{"field": column, "value": get(column), "name": get("name_en")}).At(column))
	}
	e := Entry{EditionID: get("edition"), Name: i18n.Text{ZH: get("name_zh"), EN: get("name_en")}, Economy: strings.ToUpper(get("economy")),
		Unit: get("unit"), SourceID: get("source_id"), Locator: get("locator"), Note: i18n.Text{ZH: get("note_zh"), EN: get("note_en")}}
	if r := get("ranking"); r != "" {
		e.EditionID = ID(r, get("edition"))
	}
	if text := get("rank"); text != "" {
		q, ok := parseBound(text, quantity.Rank)
		if e.Rank = q; !ok {
			bad("rank", "edition.bad_rank_text")
		}
	}
	if text := get("previous_rank"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if e.PreviousRank = n; err != nil || n < 1 {
			bad("previous_rank", "edition.bad_rank_text")
		}
	}
	for _, part := range strings.Split(get("values"), "|") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		metric, text, _ := strings.Cut(part, "=")
		q, ok := parseBound(text, quantity.None)
		if !ok {
			bad("values", "edition.bad_value")
		}
		e.Values = append(e.Values, Value{strings.TrimSpace(metric), q})
	}
	if err := e.Validate(); err != nil {
		list = append(list, errs.ListOf(err)...)
	}
	e.ID = e.Key()
	return e, list.Err()
}

var boundForm = regexp.MustCompile(`^(>=|<=|>|<|≥|≤|~|≈)?\s*(-?\d{1,15}(?:\.\d{1,9})?)(?:\s*(?:-|–|—|至|\.\.)\s*(\d{1,15}(?:\.\d{1,9})?))?$`)

var boundSigns = map[string]quantity.Bound{"": quantity.Exact, ">=": quantity.AtLeast, "≥": quantity.AtLeast, "<=": quantity.AtMost, "≤": quantity.AtMost,
	">": quantity.Above, "<": quantity.Below, "~": quantity.About, "≈": quantity.About}

// parseBound reads a number, a bound on one, or a range.
func parseBound(text string, unit quantity.Unit) (quantity.Quantity, bool) {
	m := boundForm.FindStringSubmatch(strings.ReplaceAll(strings.TrimSpace(text), ",", ""))
	if m == nil || m[3] != "" && m[1] != "" {
		return quantity.Quantity{}, false
	}
	low, err := strconv.ParseFloat(m[2], 64)
	q := quantity.Quantity{Bound: boundSigns[m[1]], Value: low, Unit: unit}
	if m[3] != "" {
		high, failed := strconv.ParseFloat(m[3], 64)
		if failed != nil || high < low {
			return q, false
		}
		q.Bound, q.High = quantity.Between, high
	}
	return q, err == nil
}
