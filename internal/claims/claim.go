package claims

import "github.com/kapok-city/kapok/internal/quantity"

// Kind says what a claim asserts.
type Kind string

// The kinds of claim.
const (
	Amount      Kind = "amount"      // how many, how much, how large
	Share       Kind = "share"       // a part of a whole, a rate
	Growth      Kind = "growth"      // a change against a base
	Rank        Kind = "rank"        // a place in an order
	Superlative Kind = "superlative" // first, only, most, record, gap filled
)

// Extreme is the kind of a superlative.
type Extreme string

// The superlatives.
const (
	First  Extreme = "first"  // 首个, 首创, 第一家
	Only   Extreme = "only"   // 唯一
	Most   Extreme = "most"   // 最大
	Record Extreme = "record" // 纪录
	Gap    Extreme = "gap"    // 填补空白
	Place  Extreme = "rank"   // 第8位, 居首
)

// Claim is one thing that a text asserts and that a record could bear out.
type Claim struct {
	ID string `json:"id"` // c1, c2 … in the order of the text
	Span
	Kind     Kind               `json:"kind"`
	Text     string             `json:"text"`     // the marked words, lines joined
	Sentence string             `json:"sentence"` // the sentence around them
	Subject  Subject            `json:"subject"`
	Measure  string             `json:"measure"`            // what is counted or measured
	Quantity *quantity.Quantity `json:"quantity,omitempty"` // nil for a superlative without a number
	Counter  string             `json:"counter,omitempty"`
	Class    bool               `json:"class,omitempty"` // a size class: 6000米级
	Period   quantity.Period    `json:"period"`
	Extreme  *ExtremeOf         `json:"superlative,omitempty"`
	Share    *ShareOf           `json:"share,omitempty"`
	Growth   *GrowthOf          `json:"growth,omitempty"`

	paragraph int
	clause    string // the clause, for matching
	before    string // earlier clauses of the sentence
}

// Subject is whom the claim is about, as the text says and, after [Check], as
// the registry knows it.
type Subject struct {
	Text   string  `json:"text"`
	OrgID  string  `json:"org_id,omitempty"`
	Name   string  `json:"name,omitempty"`
	Score  float64 `json:"score,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

// ExtremeOf describes a superlative or a rank.
type ExtremeOf struct {
	Kind  Extreme `json:"kind"`
	Scope string  `json:"scope"`            // as written: 全球, 国内, world; "" when not said
	Level Level   `json:"level,omitempty"`  // what the scope covers
	Of    string  `json:"of,omitempty"`     // what is first, only, largest
	One   bool    `json:"one_of,omitempty"` // …之一, "one of the"
}

// Level orders scopes by what they cover, so that 全球 and 世界 agree.
type Level string

// The levels.
const (
	World    Level = "world"
	Region   Level = "region"
	Country  Level = "country"
	Province Level = "province"
	City     Level = "city"
	Sector   Level = "sector"
)

// ShareOf names the parts of a share as the text states them.
type ShareOf struct {
	Numerator   string              `json:"numerator"`
	Denominator string              `json:"denominator"`
	Counts      []quantity.Quantity `json:"counts,omitempty"` // plain counts just before that may be the numerator
	CountTexts  []string            `json:"count_texts,omitempty"`
}

// GrowthOf names the base of a change.
type GrowthOf struct {
	Base       string          `json:"base"` // 2019年底, 同比
	BasePeriod quantity.Period `json:"base_period"`
	Down       bool            `json:"down,omitempty"`
}

// Document is a text read into claims.
type Document struct {
	Text       string      `json:"-"` // paragraphs joined, one a line
	Paragraphs []Paragraph `json:"paragraphs"`
	Duplicates []Duplicate `json:"duplicates"`
	Claims     []Claim     `json:"claims"`

	original string
}

// Options say what the text itself does not.
type Options struct {
	// Year is the year of publication, for 去年 and 今年, where the text carries no
	// dateline of its own; 0 leaves them unknown.
	Year int
}
