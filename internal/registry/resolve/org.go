package resolve

// Kinds of names. Any other kind counts as an alias.
const (
	Label   = "label"   // an official or preferred name
	Alias   = "alias"   // another name in use, or a former one
	Acronym = "acronym" // matched only with evidence of place
)

// Name is one name of an organisation.
type Name struct {
	Text string
	Lang string // BCP 47, "" when unknown
	Kind string // Label, Alias, Acronym
}

// Org is what the resolver needs to know of an organisation.
type Org struct {
	ID       string
	ROR      string // ROR id, bare or as an address, "" when it has none
	Names    []Name
	Country  string   // ISO 3166-1 alpha-2, "" when unknown
	City     string   // name of the city, in any language, "" when unknown
	Division string   // GB/T 2260 code of a Chinese seat, "" when unknown
	Parents  []string // ids; those not in the index are ignored
	Status   string   // "active", "inactive", "withdrawn"; "" counts as active

	// Successors are ids. The names of a withdrawn organisation count for its
	// first successor in the index; without one they are not looked for.
	Successors []string
	Types      []string // "education", "company", "government" …
}

// Hint is what is known besides the text. Empty fields say nothing.
type Hint struct {
	City    string // a city name in any language
	Country string // ISO 3166-1 alpha-2
}

// Answer is what a text resolves to. Exactly one of Matches and None is set.
type Answer struct {
	Matches []Match // in order of appearance in the text
	None    *Reason // why nothing matched
}

// Match is one organisation found in the text.
type Match struct {
	OrgID  string
	Score  float64 // 0 to 1; comparable within one index, not a probability
	Name   string  // the registered name that matched
	Start  int     // byte offsets of the words that matched, in the text
	End    int
	Reason Reason
}
