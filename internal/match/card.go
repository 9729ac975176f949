package match

import (
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Key names a record.
type Key = search.Key

// Card is what match knows of a record beside its text. What it does not say
// is empty, and unknown to every check.
type Card struct {
	Key
	Title    i18n.Text
	Level    level.Level
	Readers  []string
	Owner    string // the organisation that answers for it: lists hold few of one owner
	Division string // GB/T 2260
	Codes    CodeSet
	TRL      TRL
	Price    Span
	Rights   []string // states of its rights: "granted", "applied", "expired"
	Forms    []string
	People   []string // ids of the people behind it
	Author   string   // the user who made it
	Status   string   // "listed", …; one that is not listed is not offered
	Since    int      // day of its date, in days since 1970; 0 unknown
	Expires  int      // last day on which it stands, in days since 1970; 0 unknown
	Wants    Constraints

	tongue tongue // of its text; set when it is taken in
}

// CodeSet are the classification codes of a record.
type CodeSet struct {
	IPC      []string `json:"ipc,omitempty"`
	Industry []string `json:"industry,omitempty"` // GB/T 4754
}

// TRL is a technology readiness level with the scale and edition that it was
// assessed in.
type TRL struct {
	Level   int
	Scale   string
	Edition string
}

// String writes the level with its scale: "6 (GB/T 22900 2022)".
func (t TRL) String() string {
	if t.Scale == "" && t.Edition == "" {
		return fmt.Sprint(t.Level)
	}
	if t.Edition == "" {
		return fmt.Sprintf("%d (%s)", t.Level, t.Scale)
	}
	return fmt.Sprintf("%d (%s %s)", t.Level, t.Scale, t.Edition)
}

// cityAhead is how far the city's clock is ahead of UTC: deadlines are meant in
// its days.
const cityAhead = 8 * time.Hour

// listed reports whether a record may be offered now. A kind that knows no
// listing always may.
func (c *Card) listed() bool { return c.Status == "" || c.Status == string(transfer.Listed) }

const secondsPerDay = 24 * 60 * 60

// dayOf is the number of days from 1 January 1970 to a moment, in UTC.
func dayOf(t time.Time) int { return int(t.Unix() / secondsPerDay) }

// day writes a day as ISO text.
func day(n int) string { return time.Unix(int64(n)*secondsPerDay, 0).UTC().Format(time.DateOnly) }
