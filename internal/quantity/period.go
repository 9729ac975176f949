package quantity

import (
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/i18n"
)

// PeriodKind says how a period is meant.
type PeriodKind string

// The kinds of period.
const (
	AsOf       PeriodKind = "as_of"      // at End: 截至2024年底
	Cumulative PeriodKind = "cumulative" // up to End, from Start if that is known: 累计
	InYear     PeriodKind = "year"       // within one calendar year
	InRange    PeriodKind = "range"      // from Start to End
	NoPeriod   PeriodKind = "unknown"
)

// Flow tells a stock (how many there are) from a flow (how many came).
type Flow string

// The flows.
const (
	Stock       Flow = "stock"
	FlowOf      Flow = "flow"
	FlowUnknown Flow = "unknown"
)

// Period is when a quantity holds. Start and End are ISO dates or "", both
// days included. An empty Kind means unknown.
type Period struct {
	Kind  PeriodKind `json:"kind"`
	Start string     `json:"start"`
	End   string     `json:"end"`
	Flow  Flow       `json:"flow,omitempty"`
}

// YearOf is the calendar year y.
func YearOf(y int) Period {
	return Period{Kind: InYear, Start: fmt.Sprintf("%04d-01-01", y), End: fmt.Sprintf("%04d-12-31", y)}
}

// On is "as of" a day, an ISO date.
func On(day string) Period { return Period{Kind: AsOf, End: day, Flow: Stock} }

// Known reports whether the period says anything.
func (p Period) Known() bool { return p.Kind != "" && p.Kind != NoPeriod && p.Start+p.End != "" }

// Year is the calendar year in which the period ends, 0 when unknown.
func (p Period) Year() int {
	day := p.End
	if day == "" {
		day = p.Start
	}
	if t, err := time.Parse(time.DateOnly, day); err == nil {
		return t.Year()
	}
	return 0
}

// Meets reports whether two periods share a day; an unknown end counts as open
// and an unknown period meets everything.
func (p Period) Meets(o Period) bool {
	if !p.Known() || !o.Known() {
		return true
	}
	return p.start() <= orLatest(o.End) && o.start() <= orLatest(p.End)
}

// start is the first day: an as-of period is one day.
func (p Period) start() string {
	if p.Kind == AsOf && p.Start == "" {
		return p.End
	}
	return p.Start
}

func orLatest(day string) string {
	if day == "" {
		return "9999-12-31"
	}
	return day
}

// String writes the period in the language: 2024年, 截至2024年12月31日.
func (p Period) String(lang i18n.Lang) string {
	start, end := i18n.Day(lang, p.Start), i18n.Day(lang, p.End)
	en := lang == i18n.EN
	switch {
	case !p.Known():
		return pick(en, "period unknown", "时间不详")
	case p.Kind == InYear:
		return i18n.Day(lang, fmt.Sprintf("%04d", p.Year()))
	case p.Kind == AsOf:
		return pick(en, "as of ", "截至") + end
	case p.Kind == Cumulative && p.Start == "":
		return pick(en, "cumulative to ", "累计至") + end
	case p.Kind == Cumulative:
		return pick(en, "cumulative, ", "累计，") + span(start, end, en)
	}
	return span(start, end, en)
}

func span(start, end string, en bool) string {
	switch {
	case start == "":
		return pick(en, "to "+end, "至"+end)
	case end == "":
		return pick(en, "from "+start, start+"起")
	}
	return start + pick(en, " to ", "至") + end
}

func pick(en bool, e, z string) string {
	if en {
		return e
	}
	return z
}
