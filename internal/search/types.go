package search

import (
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Doc is what the index knows of a record.
type Doc struct {
	Kind  string // the change log's word: "org", "paper", "figure", …
	ID    string
	Title i18n.Text
	Names []string // other names, aliases, identifiers
	Body  string
	Boost float64 // multiplies the score of a box query; 0 counts as 1

	Level   level.Level // "" counts as public
	Readers []string    // account ids that see the record whatever its level

	Facets  map[string][]string // keyword values by field: "owner", "ipc", "stage", …
	Numbers map[string]float64  // range values by field: "trl", "price_min", …; absent is unknown
}

// Key names a document.
type Key struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Query asks for documents. The zero Viewer is the public.
type Query struct {
	Text    string
	Kinds   []string // none given: all
	Filters []Filter // all of them must hold
	Viewer  level.Viewer
	Facets  []string // fields whose values are counted
	Limit   int      // at most MaxLimit
	Offset  int

	// Whole says that Text is a whole text, such as a need or an abstract: any
	// of its words may be missing from a hit, none is the beginning of a word,
	// and a name that equals it earns nothing. Otherwise Text is what somebody
	// typed into a search box: most of it must be there, the last word may be
	// cut short, and a name that equals it comes first.
	Whole bool
	// Gloss is the weight of the gloss stream beside the words; 0 leaves it out.
	Gloss float64
}

// MaxLimit bounds how many hits one query returns.
const MaxLimit = 1000

// Filter is one condition on a keyword field (Any) or a range field (Min, Max).
// A filter that asks for nothing holds for every document.
type Filter struct {
	Field    string
	Any      []string // the document has one of these values
	Min, Max *float64 // its number lies between these, both included
	Unknown  bool     // also documents that do not say; alone: only those
	Not      bool     // the opposite of all that
}

// Result is what Search found. Every count respects the viewer.
type Result struct {
	Hits   []Hit
	Total  int                // matches within the kinds and filters asked for
	Kinds  map[string]int     // matches of every kind, asked for or not, within the filters
	Facets map[string][]Count // a field's own filters do not narrow its counts
}

// Count is a value of a field and how many matches have it.
type Count struct {
	Value string
	N     int
}

// Hit is one document found.
type Hit struct {
	Kind  string
	ID    string
	Title i18n.Text
	Score float64
	Marks []Mark // where the query stands in the text, the title first
}

// Mark is a text of a document with the places where the query stands in it,
// in either language.
type Mark struct {
	Field  string   // "title_zh", "title_en", "name" or "body"
	Text   string   // the whole title or name, or a piece of the body
	Ranges [][2]int // byte offsets in Text, in order, apart from each other
}

// Candidate is a document with its scores in both streams.
type Candidate struct {
	Kind, ID     string
	Words, Gloss float64
}

// Account says why a document has its scores.
type Account struct {
	Key
	Words, Gloss float64 // the sums of the parts of each stream, exactly
	Coverage     float64 // share of the query that the document holds, by idf, 0 to 1
	Asked        float64 // idf of all that Coverage is a share of
	Terms        []TermPart
}

// The streams of a document.
const (
	StreamWords = "words"
	StreamGloss = "gloss"
)

// TermPart is what one term of the query adds to a document's score.
type TermPart struct {
	Text   string   // the query's own letters
	Term   string   // as indexed
	Stream string   // StreamWords or StreamGloss
	Path   []string // from the query's word over the gloss to the document's word
	IDF    float64
	Score  float64
}

// Suggestion is a document whose name begins with, or holds, what was typed.
type Suggestion struct {
	Kind, ID string
	Title    i18n.Text
	Text     string // the name that fits
}

// Glosser brings words of a text into the gloss space, which is English.
type Glosser interface {
	Gloss(text string) []Gloss // in order, apart from each other
	Version() string           // changes when its answers do
}

// Gloss is one word or phrase of a text with its English terms.
type Gloss struct {
	Start, End int // bytes in the text
	From       string
	To         []WeightedTerm
	Origin     string // "termbase" or "dictionary"
}

// WeightedTerm is an English word with its part of a gloss, above 0, at most 1.
type WeightedTerm struct {
	Term   string
	Weight float64
	Senses uint8 // the senses of the gloss that hold the word, a bit each; 0: it is one by itself
}
