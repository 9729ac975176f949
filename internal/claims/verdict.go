package claims

import (
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// VerdictKind says what the records make of a claim.
type VerdictKind string

// The verdicts.
const (
	BorneOut        VerdictKind = "borne_out"        // a record has the stated value, or one it rounds from
	BoundCompatible VerdictKind = "bound_compatible" // the record satisfies a one-sided bound, or is itself a bound
	Contradicted    VerdictKind = "contradicted"     // a record of the same thing excludes it
	NotComparable   VerdictKind = "not_comparable"   // the records measure something else, or another time
	Unknown         VerdictKind = "unknown"          // nothing on record, or nothing independent of the text
)

// VerdictKinds lists the verdicts in the order in which a report counts them.
var VerdictKinds = []VerdictKind{BorneOut, BoundCompatible, Contradicted, NotComparable, Unknown}

// Note is a sentence of an explanation in both languages.
type Note struct {
	Key  string    `json:"key"`
	Text i18n.Text `json:"text"`
}

func note(key string, args errs.A) Note {
	return Note{key, i18n.Text{ZH: i18n.T(i18n.ZH, key, args), EN: i18n.T(i18n.EN, key, args)}}
}

// said writes a quantity for both languages, as an argument of a note.
func said(q quantity.Quantity) i18n.Text {
	return i18n.Text{ZH: q.Format(i18n.ZH), EN: q.Format(i18n.EN)}
}

// Verdict is the answer for one claim and its reasons.
type Verdict struct {
	Verdict     VerdictKind       `json:"verdict"`
	Reason      Note              `json:"reason"`
	Notes       []Note            `json:"notes,omitempty"`
	FigureID    string            `json:"figure_id,omitempty"`
	FigureTitle i18n.Text         `json:"figure_title,omitzero"`
	Score       float64           `json:"score,omitempty"` // of the match between claim and figure
	Record      *Decisive         `json:"record,omitempty"`
	Relation    quantity.Relation `json:"relation,omitempty"`
	Readings    []Reading         `json:"readings,omitempty"`
	Editions    []EditionLine     `json:"editions,omitempty"`
	// Alternatives are other figures that the claim may have meant, best first.
	Alternatives []Candidate `json:"alternatives,omitempty"`
}

// Decisive is the value on record that decided.
type Decisive struct {
	Quantity    quantity.Quantity `json:"quantity"`
	Period      quantity.Period   `json:"period"`
	Edition     string            `json:"edition,omitempty"`
	DataYear    int               `json:"data_year,omitempty"`
	Basis       Basis             `json:"basis"`
	SourceID    string            `json:"source_id,omitempty"`
	SourceTitle i18n.Text         `json:"source_title,omitzero"`
	Note        i18n.Text         `json:"note,omitzero"`
}

// Reading is a share under one pair of numerator and denominator.
type Reading struct {
	FigureID    string             `json:"figure_id"`
	Label       i18n.Text          `json:"label"`
	Numerator   *quantity.Quantity `json:"numerator,omitempty"`
	Denominator *quantity.Quantity `json:"denominator,omitempty"`
	Value       quantity.Quantity  `json:"value"`
	Year        int                `json:"year,omitempty"`
	Basis       Basis              `json:"basis"`
	Relation    quantity.Relation  `json:"relation"`
	Stated      bool               `json:"stated"` // the reading that the text states
}

// EditionLine is one edition of a ranking beside the stated rank.
type EditionLine struct {
	Edition  string            `json:"edition"`
	DataYear int               `json:"data_year,omitempty"`
	Quantity quantity.Quantity `json:"quantity"`
	Agrees   bool              `json:"agrees"`
}

// Checked is a claim with its verdict.
type Checked struct {
	Claim
	Verdict Verdict `json:"verdict"`
}

// Report is a document read and checked. The JSON names are stable.
type Report struct {
	Paragraphs int                 `json:"paragraphs"`
	Duplicates []Duplicate         `json:"duplicates"`
	Claims     []Checked           `json:"claims"`
	Counts     map[VerdictKind]int `json:"counts"`
	Segments   []Segment           `json:"segments"`
}

// Segment is a stretch of the original text under the same claims. The texts
// of all segments, joined, are the original.
type Segment struct {
	Text     string   `json:"text"`
	ClaimIDs []string `json:"claim_ids,omitempty"`
	Starts   []string `json:"starts,omitempty"` // claims that begin here, for the anchors
	Ends     []string `json:"ends,omitempty"`   // claims that end here, for the marks
	Twin     bool     `json:"twin,omitempty"`   // inside a paragraph printed twice
}
