package fund

import (
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Kind is what a fund is.
type Kind string

// The kinds.
const (
	FundOfFunds Kind = "fund_of_funds" // 母基金
	SubFund     Kind = "sub_fund"      // 子基金
	Direct      Kind = "direct"        // 直投
	Other       Kind = "other"
)

// Status is where a fund is in its life.
type Status string

// The statuses, in their order.
const (
	Raising   Status = "raising"
	Investing Status = "investing"
	Exiting   Status = "exiting"
	Closed    Status = "closed"
)

var (
	kinds    = []Kind{FundOfFunds, SubFund, Direct, Other}
	statuses = []Status{Raising, Investing, Exiting, Closed}
)

// Fund is one fund.
type Fund struct {
	ID        string      `json:"id"`
	Key       string      `json:"key"` // the source's own id for it; the id when there is none
	Name      i18n.Text   `json:"name"`
	Kind      Kind        `json:"kind"`
	Status    Status      `json:"status"`
	OrgID     string      `json:"org_id,omitempty"` // the fund as an organisation
	ManagerID string      `json:"manager_id,omitempty"`
	Vintage   int         `json:"vintage,omitempty"` // year, 0 when not known
	PaysLast  bool        `json:"pays_last"`         // public investors pay after the others
	Level     level.Level `json:"level"`
	Note      string      `json:"note,omitempty"`
	SourceID  string      `json:"source_id"`
	Simulated bool        `json:"simulated"` // follows from the source
	BatchID   string      `json:"-"`
	Version   int64       `json:"version"`
	CreatedBy string      `json:"-"`
	CreatedAt db.Time     `json:"-"`
	UpdatedBy string      `json:"-"`
	UpdatedAt db.Time     `json:"updated_at"`
}

// maxName bounds names and notes, in characters.
const maxName = 300

// prepare brings f into its stored form and returns every fault.
func (f *Fund) prepare() errs.List {
	var list errs.List
	fault := func(field, key string, args errs.A) {
		list = append(list, errs.New(errs.Invalid, key, args).At("/"+field))
	}
	f.Name.ZH, f.Name.EN = strings.TrimSpace(f.Name.ZH), strings.TrimSpace(f.Name.EN)
	if f.Status == "" {
		f.Status = Investing
	}
	if f.Level == "" {
		f.Level = level.Internal
	}
	if f.Name.IsZero() {
		fault("name", "fund.required", errs.A{"field": "name"})
	}
	if f.SourceID == "" {
		fault("source_id", "fund.required", errs.A{"field": "source_id"})
	}
	if !slices.Contains(kinds, f.Kind) {
		fault("kind", "fund.word", errs.A{"field": "kind", "value": string(f.Kind), "allowed": join(kinds)})
	}
	if !slices.Contains(statuses, f.Status) {
		fault("status", "fund.word", errs.A{"field": "status", "value": string(f.Status), "allowed": join(statuses)})
	}
	if !f.Level.Valid() {
		fault("level", "fund.word", errs.A{"field": "level", "value": string(f.Level), "allowed": join(level.Levels)})
	}
	if f.Vintage != 0 && (f.Vintage < 1900 || f.Vintage > 2200) {
		fault("vintage", "fund.year", errs.A{"value": f.Vintage})
	}
	for field, text := range map[string]string{"name": f.Name.ZH + f.Name.EN, "note": f.Note, "key": f.Key, "source_id": f.SourceID, "org_id": f.OrgID, "manager_id": f.ManagerID} {
		if !legible(text) {
			fault(field, "fund.text", errs.A{"field": field, "limit": maxName})
		}
	}
	return list
}

func join[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// legible reports whether a text is one that both engines store.
func legible(s string) bool {
	return len([]rune(s)) <= maxName && strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, 0)
}

func isDay(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly) && t.Year() > 0
}

// today is the day of an instant in the city's time, UTC+8.
func today(now time.Time) string {
	return now.In(time.FixedZone("UTC+8", 8*3600)).Format(time.DateOnly)
}
