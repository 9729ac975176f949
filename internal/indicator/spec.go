package indicator

import (
	"regexp"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
)

// Unit is what values are given for.
type Unit string

// The units. An institution is what a work names; an organisation is what is
// left after components and joint organisations went to their parents.
const (
	Organisation Unit = "organisation"
	Institution  Unit = "institution"
	City         Unit = "city"
	District     Unit = "district"
	Country      Unit = "country"
	Platform     Unit = "platform"
	World        Unit = "world"
)

// AllUnits are all of them.
var AllUnits = []Unit{Organisation, Institution, City, District, Country, Platform, World}

// Counting says what a work is worth to one of several units.
type Counting string

// The countings: a unit's part of the work, or the whole work to each.
const (
	Fractional Counting = "fractional"
	Full       Counting = "full"
)

// Dimension splits results.
type Dimension string

// The dimensions. ByField means the 26 fields, whatever the level of the cells.
const (
	ByField Dimension = "field"
	ByYear  Dimension = "year"
)

// Spec is what is asked of a corpus. The zero value but for the years is a
// right question: organisations, fractional counting, articles and reviews.
type Spec struct {
	Unit      Unit
	Counting  Counting
	From, To  int         // years of publication
	Types     []string    // types of document; article and review when empty
	Field     string      // level of the cells: field, subfield (when empty) or topic
	Citations string      // "window": years y to y+3 (when empty); "all"; "links": as window, counted from the citations of the corpus without self-citations
	By        []Dimension // results also split by field, year
	Core      bool        // core publications only
	CoreFrom  int         // first year of core publications; From when 0
	Minimum   float64     // least number of works, counted in full, of a unit that is listed
	Fields    []int64     // only these of the 26 fields; all when empty
	Units     []string    // only these units, by Value.Unit; all when empty
	Platforms []Member    // who makes a platform, for the unit platform
}

// Member says that an organisation of the registry belongs to a platform.
type Member struct {
	Platform, OrgID string
}

var (
	levels    = []string{"field", "subfield", "topic"}
	citations = map[string]string{"window": "cited_window", "all": "cited", "links": "(counted link by link)"}
	plainType = regexp.MustCompile(`^[a-z][a-z -]{0,40}$`)
	plainID   = regexp.MustCompile(`^[A-Za-z0-9_:.-]{1,80}$`)
)

// complete fills in defaults and refuses what no statement may be made of.
func (s Spec) complete() (Spec, error) {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill((*string)(&s.Unit), string(Organisation))
	fill((*string)(&s.Counting), string(Fractional))
	fill(&s.Field, "subfield")
	fill(&s.Citations, "window")
	if len(s.Types) == 0 {
		s.Types = []string{"article", "review"}
	}
	s.Types = slices.Compact(slices.Sorted(slices.Values(s.Types)))
	if s.CoreFrom == 0 {
		s.CoreFrom = s.From
	}
	var faults errs.List
	refuse := func(bad bool, field, value string) {
		if bad {
			faults = append(faults, errs.New(errs.Invalid, "indicator.unknown_word", errs.A{"field": field, "value": value}).At("/"+field))
		}
	}
	refuse(!slices.Contains(AllUnits, s.Unit), "unit", string(s.Unit))
	refuse(s.Counting != Fractional && s.Counting != Full, "counting", string(s.Counting))
	refuse(!slices.Contains(levels, s.Field), "field", s.Field)
	refuse(citations[s.Citations] == "", "citations", s.Citations)
	for _, t := range s.Types {
		refuse(!plainType.MatchString(t), "types", t)
	}
	for _, d := range s.By {
		refuse(d != ByField && d != ByYear, "by", string(d))
	}
	for _, m := range s.Platforms {
		refuse(!plainID.MatchString(m.Platform), "platforms", m.Platform)
		refuse(!plainID.MatchString(m.OrgID), "platforms", m.OrgID)
	}
	if s.From <= 0 || s.To < s.From || s.To-s.From > 300 {
		faults = append(faults, errs.New(errs.Invalid, "indicator.years", errs.A{"from": s.From, "to": s.To}).At("/from"))
	}
	return s, faults.Err()
}

// by reports whether results are split by a dimension.
func (s *Spec) by(d Dimension) bool { return slices.Contains(s.By, d) }
