package policy

import (
	"math"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Status says whether what a rule states was read in its document.
type Status string

// The statuses.
const (
	Verified   Status = "verified"
	Unverified Status = "unverified"
)

// Fact is a word of the vocabulary: something that a rule may ask of a firm.
type Fact struct {
	ID       string    `json:"id"`
	Type     Type      `json:"type"`
	Yearly   bool      `json:"yearly,omitempty"` // has a value for each year
	Title    i18n.Text `json:"title"`
	Question i18n.Text `json:"question"`
	Words    []Choice  `json:"words,omitempty"` // of type Word
}

// Choice is one of the words that a fact may have.
type Choice struct {
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
}

// Document is what a rule stands in.
type Document struct {
	Number    string    `json:"number"`
	Title     i18n.Text `json:"title"`
	Authority i18n.Text `json:"authority"`
	URL       string    `json:"url,omitempty"`
	Law       string    `json:"law,omitempty"` // key of its text among the documents of the library
}

// open is the end of what has none.
const open = math.MaxInt64

// Policy is one rule in one version: what it gives to whom, in force from From
// to To (days, To not included). Versions of one policy share its ID.
type Policy struct {
	ID         string     `json:"id"`
	Title      i18n.Text  `json:"title"`
	Summary    i18n.Text  `json:"summary"`
	Kind       string     `json:"kind"` // see Kinds
	Document   Document   `json:"document"`
	Article    string     `json:"article"`
	Status     Status     `json:"status"`
	From       int64      `json:"from"`
	To         int64      `json:"to"`
	Supersedes []string   `json:"supersedes,omitempty"`
	LawOf      string     `json:"law_of"`              // the event whose day chooses the version, see Events
	Place      int64      `json:"place,omitempty"`     // where it is in force, 0 everywhere
	Overrides  []string   `json:"overrides,omitempty"` // policies in whose stead it stands there
	Review     string     `json:"review,omitempty"`    // of fair competition, 公平竞争审查条例 (2024)
	When       *Condition `json:"when"`
	Benefit    *Benefit   `json:"benefit,omitempty"`
	Evidence   []Choice   `json:"evidence,omitempty"` // what an applicant hands in
	Stated     []Stated   `json:"stated,omitempty"`   // what the document says in several places
	Note       i18n.Text  `json:"note"`
	File       string     `json:"-"`
	Line       int        `json:"-"`
}

// Stated is a number as one place of a document gives it, so that two places
// that contradict each other are found.
type Stated struct {
	What  string `json:"what"`
	Where string `json:"where"`
	Value string `json:"value"`
}

// Kinds are what a policy can give.
var Kinds = []string{"status", "grant", "tax", "loan", "right", "duty", "service"}

// Events are those by whose day a version is chosen.
var Events = []string{"application", "grant", "loan", "claim", "year_end", "transfer"}

// Condition is a tree: a group of conditions or an atom.
type Condition struct {
	Op   string       `json:"op"` // "all", "any", "not", "at_least", "atom"
	K    int          `json:"k,omitempty"`
	Of   []*Condition `json:"of,omitempty"`
	Atom *Atom        `json:"atom,omitempty"`
	Line int          `json:"-"`
}

// Atom is one question with a yes or a no: a fact, a ratio of two over some
// years, the days since a fact, a score, another policy, or a CEL expression,
// against a value that may depend on another fact.
type Atom struct {
	Title   i18n.Text `json:"title"`
	Article string    `json:"article"`
	Fact    string    `json:"fact,omitempty"`
	Over    string    `json:"over,omitempty"`  // the ratio of Fact to it
	Years   int       `json:"years,omitempty"` // summed over so many years, fewer where the firm is younger
	Since   string    `json:"since,omitempty"` // days since this fact
	Score   string    `json:"score,omitempty"`
	Policy  string    `json:"policy,omitempty"`
	CEL     string    `json:"cel,omitempty"`
	Facts   []string  `json:"facts,omitempty"` // that the expression reads
	Compare string    `json:"compare"`         // see Comparisons
	Value   int64     `json:"value"`
	Bands   *Bands    `json:"bands,omitempty"` // in the stead of Value
	Words   []string  `json:"words,omitempty"`
	Line    int       `json:"-"`

	raw string // the value as written; what it means, the type of the fact says
}

// Comparisons are the words of Atom.Compare.
var Comparisons = []string{"at_least", "at_most", "above", "below", "equals", "in", "not_in", "within", "is"}

// Bands is a value that depends on a fact: that of the first band which the fact
// does not exceed.
type Bands struct {
	By   string `json:"by"`
	List []Band `json:"list"`
}

// Band holds up to UpTo, which is included.
type Band struct {
	UpTo  int64 `json:"up_to"`
	Value int64 `json:"value"`

	rawUpTo, rawValue string
	line              int
}

// Score is a table of points.
type Score struct {
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
	Parts []Part    `json:"parts"`
	Line  int       `json:"-"`
}

// Part gives the points of the first of its steps whose condition holds, none
// when no one does.
type Part struct {
	Title   i18n.Text `json:"title"`
	Article string    `json:"article"`
	Steps   []Step    `json:"steps"`
}

// Step is points under a condition.
type Step struct {
	When   *Condition `json:"when"`
	Points int64      `json:"points"`
}

// Benefit is what a policy gives to those for whom it holds.
type Benefit struct {
	Title  i18n.Text `json:"title"`
	Amount *Amount   `json:"amount,omitempty"`
	Group  string    `json:"group,omitempty"`    // policies of one group are not simply added up
	Rule   string    `json:"rule,omitempty"`     // of the group: "highest" (就高不重复), "exclusive", "sum"
	Limit  int64     `json:"limit,omitempty"`    // fen, of all of the group together
	Budget int64     `json:"budget,omitempty"`   // fen a year, of all firms together
	Quota  int64     `json:"quota,omitempty"`    // firms a year
	PerCap int64     `json:"firm_cap,omitempty"` // fen a year, of one firm
}

// Amount is a sum of money as a tree. Round down to the fen.
type Amount struct {
	Op    string    `json:"op"` // "fixed", "rate", "bands", "sum", "least", "greatest"
	Fixed int64     `json:"fixed,omitempty"`
	Of    string    `json:"of_fact,omitempty"` // a fact in fen
	Rate  int64     `json:"rate,omitempty"`    // millionths
	Mode  string    `json:"mode,omitempty"`    // of bands: "whole" or "marginal"
	Bands []Band    `json:"bands,omitempty"`   // rates
	Parts []*Amount `json:"parts,omitempty"`
	Cap   int64     `json:"cap,omitempty"` // fen
	Line  int       `json:"-"`
}

// Join returns the rules of both books.
func (b Book) Join(other Book) Book {
	return Book{append(b.Facts[:len(b.Facts):len(b.Facts)], other.Facts...), append(b.Scores[:len(b.Scores):len(b.Scores)], other.Scores...), append(b.Policies[:len(b.Policies):len(b.Policies)], other.Policies...)}
}
