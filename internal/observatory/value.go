package observatory

import (
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Reported is what one source says of a figure. It keeps the bound that the
// source gives and never becomes a plain value.
type Reported struct {
	ID        string            `json:"id"`
	FigureID  string            `json:"figure_id"`
	Quantity  quantity.Quantity `json:"quantity"`
	Period    quantity.Period   `json:"period"`
	Edition   string            `json:"edition,omitempty"`   // of a ranking, an award, a list
	DataYear  int               `json:"data_year,omitempty"` // the year of its data where that differs from the edition
	SourceID  string            `json:"source_id"`
	Locator   string            `json:"locator,omitempty"` // where in the source: "¶12", "Table 3"
	Note      i18n.Text         `json:"note,omitzero"`     // change of method, what is not stated
	BatchID   string            `json:"batch_id,omitempty"`
	Version   int64             `json:"version"`
	CreatedAt db.Time           `json:"created_at"`
	UpdatedAt db.Time           `json:"updated_at"`
}

// Key is the id that the same statement always has: figure, period, edition,
// source and place in it. A source that contradicts itself in two places thus
// has two rows.
func (r *Reported) Key() string {
	return db.DerivedID("rep", r.FigureID, string(r.Period.Kind), r.Period.Start, r.Period.End, r.Edition, r.SourceID, r.Locator)
}

// Validate reports every fault of r as an errs.List.
func (r *Reported) Validate() error {
	var faults errs.List
	add := func(field, key string, args ...errs.A) {
		faults = append(faults, errs.New(errs.Invalid, key, append(args, errs.A{"field": field})...).At("/"+field))
	}
	if r.FigureID == "" {
		add("figure_id", "errs.required")
	}
	if r.SourceID == "" {
		add("source_id", "errs.required")
	}
	if err := r.Quantity.Validate(); err != nil {
		faults = append(faults, errs.Of(err))
	}
	if !r.Quantity.Unit.Known() {
		add("unit", "observatory.unknown_word", errs.A{"value": string(r.Quantity.Unit)})
	}
	if !knownPeriod(r.Period.Kind) {
		add("period_kind", "observatory.unknown_word", errs.A{"value": string(r.Period.Kind)})
	}
	for _, day := range []struct{ field, text string }{{"period_start", r.Period.Start}, {"period_end", r.Period.End}} {
		if !isDay(day.text) {
			add(day.field, "observatory.bad_day", errs.A{"value": day.text})
		}
	}
	if r.Period.Start != "" && r.Period.End != "" && r.Period.Start > r.Period.End {
		add("period_end", "observatory.period_upside_down")
	}
	return faults.Err()
}

// ParseReported reads one row of a table of reported values; get returns the
// cell of a named column: figure_id, bound, value, high, unit, step,
// period_kind, period_start, period_end, edition, data_year, source_id,
// locator, note_zh, note_en. Its faults come as one errs.List.
func ParseReported(get func(column string) string) (Reported, error) {
	var faults errs.List
	number := func(column string) float64 {
		text := get(column)
		if text == "" {
			return 0
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			faults = append(faults, errs.New(errs.Invalid, "observatory.bad_number", errs.A{"field": column, "value": text}).At(column))
		}
		return v
	}
	r := Reported{
		FigureID: get("figure_id"), Edition: get("edition"), SourceID: get("source_id"), Locator: get("locator"),
		Note:     i18n.Text{ZH: get("note_zh"), EN: get("note_en")},
		Quantity: quantity.Quantity{Bound: quantity.Bound(get("bound")), Value: number("value"), High: number("high"), Unit: quantity.Unit(get("unit")), Step: number("step")},
		Period:   quantity.Period{Kind: quantity.PeriodKind(get("period_kind")), Start: get("period_start"), End: get("period_end")},
		DataYear: int(number("data_year")),
	}
	if get("value") == "" {
		faults = append(faults, errs.New(errs.Invalid, "errs.required", errs.A{"field": "value"}).At("value"))
	}
	if err := r.Validate(); err != nil {
		faults = append(faults, errs.ListOf(err)...)
	}
	return r, faults.Err()
}

// Computed is one version of a value that Kapok computed. Known is false where
// the records do not tell it, as a share of nothing; the quantity is then
// empty, which is not zero.
type Computed struct {
	ID           string            `json:"id"`
	FigureID     string            `json:"figure_id"`
	Slot         string            `json:"slot"`           // which of the figure's periods: "2024", "now", …
	Item         string            `json:"item,omitempty"` // code within the figure's dimension, "" for the figure itself
	ItemTitle    i18n.Text         `json:"item_title,omitzero"`
	Known        bool              `json:"known"`
	Quantity     quantity.Quantity `json:"quantity,omitzero"`
	Period       quantity.Period   `json:"period"`
	Numerator    *float64          `json:"numerator,omitempty"`
	Denominator  *float64          `json:"denominator,omitempty"`
	Records      int64             `json:"records"`
	RecordsHash  string            `json:"records_hash"`
	Simulated    int64             `json:"simulated,omitempty"` // how many of the records are made up
	Method       string            `json:"method"`              // SHA-256 of the computation as data, cut to 16 digits
	ChangeSeq    int64             `json:"change_seq"`          // state of the records: the change log up to this number
	AsOf         string            `json:"as_of"`               // the day it was computed for
	Version      int64             `json:"version"`             // 1, 2, … within its period
	ComputedAt   db.Time           `json:"computed_at"`
	SupersededAt db.Time           `json:"superseded_at,omitzero"` // zero for the present value
}
