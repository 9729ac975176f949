package ranking

import (
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Query asks for one ranking. Zero fields take the defaults of [Query.withDefaults].
type Query struct {
	Corpus    string `json:"corpus"`
	Unit      string `json:"unit"`      // "organisation", "city", "district", "country", "field", "year"
	Counting  string `json:"counting"`  // "fractional", "full"
	Indicator string `json:"indicator"` // the one that orders the table: "share", "p", "mncs", "pp_top10", …
	Field     int64  `json:"field"`     // one field; 0 for all
	From      int    `json:"from"`      // first year; 0 for the first of the corpus
	To        int    `json:"to"`        // last year; 0 for the last of the corpus
	Country   string `json:"country"`   // units of one country only; "" for all
	City      string `json:"city"`      // organisations or districts of one city only; "" for all
	Core      bool   `json:"core"`      // core publications only
	Minimum   int    `json:"minimum"`   // least number of works of a unit that is listed
	Offset    int    `json:"offset"`
	Limit     int    `json:"limit"` // 50 when 0, at most 500
}

// Row is one unit of a ranking.
type Row struct {
	Rank     int                   `json:"rank"` // units of the same value share a rank
	Unit     string                `json:"unit"` // what Records asks for
	Name     i18n.Text             `json:"name"`
	Country  string                `json:"country,omitempty"`
	City     string                `json:"city,omitempty"`   // GB/T 2260 code, or "geonames:…"
	OrgID    string                `json:"org_id,omitempty"` // record of the registry, where there is one
	Home     bool                  `json:"home"`             // of this Kapok's city
	Values   map[string]float64    `json:"values"`           // by indicator; what is unknown is absent
	Interval map[string][2]float64 `json:"intervals,omitempty"`
}

// Indicator describes one number of a row.
type Indicator struct {
	ID         string    `json:"id"`
	Title      i18n.Text `json:"title"`
	Definition i18n.Text `json:"definition"`
	Unit       string    `json:"unit"` // "count", "share", "ratio", "percent"
	Interval   bool      `json:"interval"`
}

func (q Query) withDefaults(from, to int) (Query, error) {
	set := func(field *string, allowed []string, name string) *errs.Error {
		if *field == "" {
			*field = allowed[0]
		}
		if !slices.Contains(allowed, *field) {
			return errs.New(errs.Invalid, "ranking.unknown_word", errs.A{"field": name, "value": *field}).At("/" + name)
		}
		return nil
	}
	var faults errs.List
	for _, f := range []struct {
		field   *string
		allowed []string
		name    string
	}{{&q.Unit, Units, "unit"}, {&q.Counting, Countings, "counting"}, {&q.Indicator, IndicatorIDs(), "indicator"}} {
		if err := set(f.field, f.allowed, f.name); err != nil {
			faults = append(faults, err)
		}
	}
	if q.From == 0 {
		q.From = from
	}
	if q.To == 0 {
		q.To = to
	}
	if q.From > q.To {
		faults = append(faults, errs.New(errs.Invalid, "ranking.years", errs.A{"from": q.From, "to": q.To}).At("/from"))
	}
	if q.Limit == 0 {
		q.Limit = 50
	}
	q.Limit, q.Offset = min(max(q.Limit, 1), 500), max(q.Offset, 0)
	return q, faults.Err()
}
