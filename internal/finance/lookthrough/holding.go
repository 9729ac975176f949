package lookthrough

import (
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Kind is what a node is.
type Kind string

// The kinds. Money in a company is in sight; money in a fund has to be followed.
const (
	Fund    Kind = "fund"
	Company Kind = "company"
)

// Node is a fund or a company. Either may hold shares of either.
type Node struct {
	ID    string
	Kind  Kind
	Money *money.Fen // what a fund was paid in and can have placed; nil when not known
}

// Holding is what From holds of To from one day on and before another.
type Holding struct {
	ID       string
	From, To string
	// The share is SharePPM, or else Amount of Total; not known without either.
	SharePPM *int64
	Amount   *money.Fen // what From put in
	Total    *money.Fen // of which, in all, at To
	FromDay  string     // the first day on which it is held
	ToDay    string     // the first day on which it no longer is, "" while it lasts
	Evidence string     // what shows it: a register entry, a report
	Source   string
}

const whole = 1_000_000 // ppm

// Share is the part of To that is held, and false when it is not known.
func (h *Holding) Share() (float64, bool) {
	switch {
	case h.SharePPM != nil:
		return float64(*h.SharePPM) / whole, true
	case h.Amount != nil && h.Total != nil:
		return float64(*h.Amount) / float64(*h.Total), true
	}
	return 0, false
}

// In reports whether the holding is in force on a day.
func (h *Holding) In(day string) bool {
	return h.FromDay <= day && (h.ToDay == "" || day < h.ToDay)
}

// Validate reports every fault of h as an errs.List.
func (h *Holding) Validate() error {
	var list errs.List
	fault := func(field, key string, args errs.A) {
		list = append(list, errs.New(errs.Invalid, key, args).At("/"+field))
	}
	if h.From == "" || h.To == "" {
		fault("from", "lookthrough.ends", nil)
	}
	if p := h.SharePPM; p != nil && (*p < 0 || *p > whole) {
		fault("share_ppm", "lookthrough.share", errs.A{"from": h.From, "to": h.To})
	}
	if h.Amount != nil && *h.Amount < 0 || h.Total != nil && *h.Total <= 0 {
		fault("amount", "lookthrough.amount", errs.A{"from": h.From, "to": h.To})
	} else if h.SharePPM == nil && h.Amount != nil && h.Total != nil && *h.Amount > *h.Total {
		fault("amount", "lookthrough.share", errs.A{"from": h.From, "to": h.To})
	}
	if !isDay(h.FromDay) {
		fault("from_day", "lookthrough.day", errs.A{"value": h.FromDay})
	}
	if h.ToDay != "" && (!isDay(h.ToDay) || h.ToDay <= h.FromDay) {
		fault("to_day", "lookthrough.span", errs.A{"from": h.FromDay, "to": h.ToDay})
	}
	return list.Err()
}

func isDay(s string) bool {
	if len(s) != len(time.DateOnly) {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
