package observatory

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
)

// Sheet is everything about one figure.
type Sheet struct {
	Figure      Figure                   `json:"figure"`
	Reported    []Reported               `json:"reported"`          // oldest period first
	Computed    []Computed               `json:"computed"`          // present versions, by item and period
	Earlier     []Computed               `json:"earlier,omitempty"` // superseded versions, newest first
	Differences []Difference             `json:"differences,omitempty"`
	Related     []Related                `json:"related,omitempty"`
	Sources     map[string]source.Source `json:"sources"` // by id, of every reported value
	Failed      i18n.Text                `json:"failed,omitzero"`
	Breaks      []Break                  `json:"breaks,omitempty"`
	Run         Run                      `json:"run"` // the last computation
}

// Related is another figure and how it belongs to this one: "numerator",
// "denominator", "variant" (another reading of the same words), "part" of a
// sum, "whole" that rests on this one.
type Related struct {
	Role   string `json:"role"`
	Figure Figure `json:"figure"`
}

// Break says that two neighbouring reported values of a series were made by
// different methods, in the words of the source notes.
type Break struct {
	Before string    `json:"before"` // ids of the reported values
	After  string    `json:"after"`
	Note   i18n.Text `json:"note"`
}

// earlierShown bounds how many superseded versions a sheet carries.
const earlierShown = 200

// Figure returns the sheet of a figure, or errs.NotFound.
func (s *Service) Figure(ctx context.Context, id string) (Sheet, error) {
	f, err := s.Definition(ctx, id)
	if err != nil {
		return Sheet{}, err
	}
	sheet := Sheet{Figure: f}
	if sheet.Reported, err = reportedOf(ctx, s.d, id); err != nil {
		return sheet, err
	}
	present, err := presentOf(ctx, s.d, id)
	if err != nil {
		return sheet, err
	}
	sheet.Computed = plain(present)
	earlier, err := db.Collect(ctx, s.d, scanValue, "SELECT "+valueColumns+` FROM figure_value WHERE figure_id = $1 AND superseded_at IS NOT NULL
		ORDER BY superseded_at DESC, item, slot, version DESC LIMIT $2`, id, earlierShown)
	if err != nil {
		return sheet, err
	}
	sheet.Earlier = plain(earlier)
	if sheet.Sources, err = sourcesOf(ctx, s.d, id); err != nil {
		return sheet, err
	}
	if sheet.Run, err = lastRun(ctx, s.d); err != nil {
		return sheet, err
	}
	sheet.Failed = sheet.Run.Failed[id]
	sheet.Differences = differences(sheet.Reported, sheet.Computed)
	if f.Operation() == BySQL {
		for i := range sheet.Differences {
			sheet.Differences[i].Caveats = append(sheet.Differences[i].Caveats, CaveatPartial)
		}
	}
	sheet.Breaks = breaks(sheet.Reported)
	sheet.Related, err = s.related(ctx, &f)
	return sheet, err
}

func plain(values []stored) []Computed {
	out := make([]Computed, len(values))
	for i := range values {
		out[i] = values[i].Computed
	}
	return out
}

func (s *Service) related(ctx context.Context, f *Figure) ([]Related, error) {
	all, err := s.Figures(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	var out []Related
	for i := range all {
		other := &all[i]
		if role := roleOf(f, other); role != "" && other.ID != f.ID {
			out = append(out, Related{role, *other})
		}
	}
	return out, nil
}

func roleOf(f, other *Figure) string {
	contains := func(list []string, id string) bool {
		return strings.Contains(" "+strings.Join(list, " ")+" ", " "+id+" ")
	}
	switch {
	case other.ID == f.Numerator:
		return "numerator"
	case other.ID == f.Denominator:
		return "denominator"
	case contains(f.Compute.Of, other.ID):
		return "part"
	case contains(f.Variants, other.ID):
		return "variant"
	case other.Numerator == f.ID, other.Denominator == f.ID, contains(other.Compute.Of, f.ID):
		return "whole"
	}
	return ""
}

// breaks finds neighbours in time whose notes differ: a change of method in
// the words of those who noted the values. One edition seen by several sources
// is no break.
func breaks(values []Reported) []Break {
	var out []Break
	var last *Reported
	for i := range values {
		r := &values[i]
		if r.Note.IsZero() || r.Edition == "" {
			continue
		}
		if last != nil && last.Edition != r.Edition && last.Note != r.Note {
			out = append(out, Break{last.ID, r.ID, r.Note})
		}
		if last == nil || last.Edition != r.Edition {
			last = r
		}
	}
	return out
}
