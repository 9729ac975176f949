package claims

import (
	"context"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Known is what [Check] asks of the records. Its caller implements it over the
// figures of the observatory; claims sees no table.
type Known interface {
	Figures(ctx context.Context) ([]Figure, error)
}

// Resolver turns a name in a text into a registered organisation; an empty id
// means none. Nil is allowed wherever a Resolver is asked for.
type Resolver interface {
	ResolveOrg(name string) (id, canonical string, score float64, reason string)
}

// Basis says how a value came about.
type Basis string

// Reported and computed stand side by side and are never mixed.
const (
	Reported Basis = "reported"
	Computed Basis = "computed"
)

// Figure is a figure on record, as far as a claim can be compared with it.
type Figure struct {
	ID    string
	Title i18n.Text
	// Terms are other ways to name what is measured, in both languages.
	Terms []string
	// Kind limits the claims that the figure answers: Rank, Superlative, Growth
	// and Share figures answer only their kind. Empty is read from the unit and
	// the wording: ranks, then 增长 and growth, else amounts and shares.
	Kind Kind
	// Extreme is the kind of a Superlative figure.
	Extreme Extreme
	// SubjectOrgIDs and SubjectNames are the organisations it is about, if any.
	SubjectOrgIDs []string
	SubjectNames  []string
	// Places are names of the city or province it is about. A figure answers no
	// text that mentions none of them; empty answers every text.
	Places []string
	// Scope is the text's word for what a rank or superlative covers: 全球.
	Scope string
	Unit  quantity.Unit
	// Numerator and Denominator are figure ids: the share is recomputed from
	// them wherever both have a value of the same year.
	Numerator, Denominator string
	// Variants are the ids of the other readings of the same words: of all
	// awards, of led awards. Reading names this one for a reader, and Qualifiers
	// are the words that a text must use for its denominator to state it (牵头,
	// led). The reading without qualifiers is what a text states when it uses
	// none of them.
	Variants   []string
	Reading    i18n.Text
	Qualifiers []string
	Values     []Value
}

// Value is one value of a figure.
type Value struct {
	Quantity quantity.Quantity
	Period   quantity.Period
	Edition  string // of a ranking: "2024"
	DataYear int    // the year of the data behind it, 0 when unknown
	Basis    Basis
	SourceID string
	// SourceTitle is shown with the verdict.
	SourceTitle i18n.Text
	// Fingerprint of the source document, from [Fingerprint]; FromText may be set
	// instead by a caller that knows. A value whose source is the text under audit
	// proves nothing.
	Fingerprint []uint64
	FromText    bool
	Note        i18n.Text
	// Complete says that the register behind a computed count is known to be
	// whole. Otherwise such a count is what has been recorded so far, and a larger
	// number in a text does not contradict it.
	Complete bool
}
