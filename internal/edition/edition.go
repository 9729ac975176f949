package edition

import (
	"regexp"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// Ranked is the kind of unit that a ranking ranks. A cluster of three cities is
// not a city, so ranks of different kinds never stand in one series.
type Ranked string

// The kinds of unit.
const (
	Cluster     Ranked = "cluster"
	City        Ranked = "city"
	Institution Ranked = "institution"
	Territory   Ranked = "region"
	Economy     Ranked = "economy"
)

var rankedKinds = []Ranked{Cluster, City, Institution, Territory, Economy}

// Basis says how Kapok knows an edition.
type Basis string

// The bases. Recalled means that no source was seen: it is shown as such and
// compares with nothing.
const (
	Published Basis = "published"
	Recalled  Basis = "recalled"
)

// Metric is one column of a published table.
type Metric struct {
	Key       string          `json:"key" yaml:"key"` // "pct_share"
	Title     i18n.Text       `json:"title" yaml:"title"`
	Unit      quantity.Unit   `json:"unit" yaml:"unit"`
	Window    quantity.Period `json:"window" yaml:"-"` // years of its data; unknown where not stated
	Places    int             `json:"places" yaml:"places"`
	Ranks     bool            `json:"ranks,omitempty" yaml:"ranks"`         // the table is ordered by it
	Threshold *float64        `json:"threshold,omitempty" yaml:"threshold"` // least value that is on the list, where published
}

// Step is the size of the last printed digit.
func (m Metric) Step() float64 { return 1 / pow10(m.Places) }

// Certainty says how well a change of method is known.
type Certainty string

// The certainties. A break that is only unverified makes a comparison unknown,
// not refused.
const (
	Stated     Certainty = "stated"     // by a source that was seen
	Unverified Certainty = "unverified" // known, no source seen
)

// Difference is one change of method since the edition before.
type Difference struct {
	Parameter string    `json:"parameter" yaml:"parameter"` // "metrics", "journals", "radius", …
	Title     i18n.Text `json:"title" yaml:"title"`
	Before    i18n.Text `json:"before" yaml:"before"`
	After     i18n.Text `json:"after" yaml:"after"`
	Breaks    bool      `json:"breaks,omitempty" yaml:"breaks"` // ranks and values before and after are not one series
	Certainty Certainty `json:"certainty" yaml:"certainty"`
	Note      i18n.Text `json:"note,omitzero" yaml:"note"`
}

// Total is a world total that the printed shares of an edition leave possible;
// it is derived, not published.
type Total struct {
	Metric string    `json:"metric" yaml:"metric"` // of the counts
	Low    float64   `json:"low" yaml:"low"`
	High   float64   `json:"high" yaml:"high"`
	How    i18n.Text `json:"how" yaml:"how"`
}

// Edition is one issue of a ranking, before any line of its table.
type Edition struct {
	ID          string       `json:"id"`
	Ranking     string       `json:"ranking"`            // "gii.cluster", "nature_index.city", "esi.engineering"
	Edition     string       `json:"edition"`            // "2023", "2026-01"
	Previous    string       `json:"previous,omitempty"` // label of the edition before, "" when not known or there is none
	Body        i18n.Text    `json:"body"`
	Title       i18n.Text    `json:"title"`
	PublishedOn string       `json:"published_on"` // ISO date, cut to what is known
	UnitRanked  Ranked       `json:"unit_ranked"`
	Length      int64        `json:"length,omitempty"` // units on the whole published table; 0 is unknown
	Metrics     []Metric     `json:"metrics"`
	Method      i18n.Text    `json:"method"`
	Changes     []Difference `json:"changes,omitempty"`
	Totals      []Total      `json:"totals,omitempty"`
	Licence     string       `json:"licence"`
	LicenceTag  source.Tag   `json:"licence_tag"`
	Basis       Basis        `json:"basis"`
	SourceID    string       `json:"source_id"`
	Locator     string       `json:"locator,omitempty"`
	Note        i18n.Text    `json:"note,omitzero"`
	BatchID     string       `json:"batch_id,omitempty"`
	Version     int64        `json:"version"`
	CreatedAt   db.Time      `json:"created_at"`
	UpdatedAt   db.Time      `json:"updated_at"`
}

// ID is the id that an edition of a ranking always has: "gii.cluster@2023".
func ID(ranking, edition string) string { return ranking + "@" + edition }

// Metric returns one metric by key, nil when the edition has none such.
func (e *Edition) Metric(key string) *Metric {
	for i := range e.Metrics {
		if e.Metrics[i].Key == key {
			return &e.Metrics[i]
		}
	}
	return nil
}

var (
	rankingKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
	label      = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$`)
	metricKey  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// Validate reports every fault of e as an errs.List.
func (e *Edition) Validate() error {
	f := faults{name: e.ID}
	f.add(!rankingKey.MatchString(e.Ranking), "ranking", "edition.bad_key", e.Ranking)
	f.add(!label.MatchString(e.Edition), "edition", "edition.bad_label", e.Edition)
	f.add(e.Previous != "" && !label.MatchString(e.Previous) || e.Previous == e.Edition, "previous", "edition.bad_label", e.Previous)
	f.add(e.ID != ID(e.Ranking, e.Edition), "id", "edition.bad_key", e.ID)
	f.add(e.Title.ZH == "" || e.Title.EN == "", "title", "edition.two_languages", "")
	f.add(e.Body.IsZero(), "body", "errs.required", "")
	f.add(!isDay(e.PublishedOn), "published_on", "edition.bad_day", e.PublishedOn)
	f.add(!slices.Contains(rankedKinds, e.UnitRanked), "unit_ranked", "edition.unknown_word", string(e.UnitRanked))
	f.add(e.Basis != Published && e.Basis != Recalled, "basis", "edition.unknown_word", string(e.Basis))
	f.add(!slices.Contains(source.Tags, e.LicenceTag), "licence_tag", "edition.unknown_word", string(e.LicenceTag))
	f.add(e.SourceID == "", "source_id", "errs.required", "")
	f.add(e.Length < 0, "length", "edition.bad_number", "")
	f.metrics(e)
	f.changes(e)
	for _, t := range e.Totals {
		f.add(e.Metric(t.Metric) == nil, "totals", "edition.no_metric", t.Metric)
		f.add(!(t.Low > 0 && t.High >= t.Low && t.High < inf), "totals", "edition.bad_number", t.Metric)
	}
	return f.list.Err()
}

// faults collects what is wrong with the record that name names.
type faults struct {
	name string
	list errs.List
}

func (f *faults) add(bad bool, field, key, value string) {
	if bad {
		f.list = append(f.list, errs.New(errs.Invalid, key, errs.A{"field": field, "value": value, "name": f.name}).At("/"+field))
	}
}

func (f *faults) metrics(e *Edition) {
	f.add(len(e.Metrics) == 0, "metrics", "errs.required", "")
	seen := map[string]bool{}
	for _, m := range e.Metrics {
		f.add(!metricKey.MatchString(m.Key), "metrics", "edition.bad_key", m.Key)
		f.add(seen[m.Key], "metrics", "edition.metric_twice", m.Key)
		f.add(m.Title.IsZero(), "metrics", "edition.two_languages", m.Key)
		f.add(!m.Unit.Known(), "metrics", "edition.unknown_word", string(m.Unit))
		f.add(m.Threshold != nil && !(*m.Threshold > -inf && *m.Threshold < inf), "metrics", "edition.bad_number", m.Key)
		f.add(m.Places < 0 || m.Places > maxPlaces, "metrics", "edition.bad_number", m.Key)
		f.add(!isDay(m.Window.Start) || !isDay(m.Window.End), "metrics", "edition.bad_day", m.Window.Start+" "+m.Window.End)
		f.add(m.Window.Start > m.Window.End, "metrics", "edition.bad_window", m.Key)
		seen[m.Key] = true
	}
}

func (f *faults) changes(e *Edition) {
	for _, d := range e.Changes {
		f.add(!metricKey.MatchString(d.Parameter), "changes", "edition.bad_key", d.Parameter)
		f.add(d.Title.IsZero() || d.Before == d.After, "changes", "edition.no_difference", d.Parameter)
		f.add(d.Certainty != Stated && d.Certainty != Unverified, "changes", "edition.unknown_word", string(d.Certainty))
	}
}

// isDay accepts an ISO date, cut to a month or a year, or nothing.
func isDay(s string) bool {
	for _, layout := range []string{"", "2006", "2006-01", time.DateOnly} {
		if len(layout) == len(s) {
			_, err := time.Parse(layout, s)
			return err == nil
		}
	}
	return false
}

// styles are the names under which Kapok shows a figure of its own beside a
// published ranking, by the first part of the ranking's key.
var styles = map[string]i18n.Text{
	"gii":          {ZH: "GII式集群排名（木棉自算）", EN: "GII-style cluster ranking (Kapok's own)"},
	"nature_index": {ZH: "自然指数式份额（木棉自算）", EN: "NI-style Share (Kapok's own)"},
	"esi":          {ZH: "类ESI名次（木棉自算）", EN: "ESI-like classes (Kapok's own)"},
	"leiden":       {ZH: "莱顿式指标（木棉自算）", EN: "Leiden-style indicators (Kapok's own)"},
}

// Style is what Kapok's own figure beside a published ranking is called: never
// by the publisher's name alone. ok is false for a ranking without one.
func Style(ranking string) (name i18n.Text, ok bool) {
	for i := 0; i <= len(ranking); i++ {
		if i == len(ranking) || ranking[i] == '.' {
			name, ok = styles[ranking[:i]]
			return name, ok
		}
	}
	return name, false
}
