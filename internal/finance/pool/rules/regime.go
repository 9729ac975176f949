package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// Status says whether the text of a rule was read.
type Status string

// The states of a rule's evidence.
const (
	Verified   Status = "verified"   // the text of the rule was read
	Unverified Status = "unverified" // reported by others; shown as such
)

// Cite says where a rule stands.
type Cite struct {
	ID      string    `yaml:"id" json:"id"`
	Article string    `yaml:"article" json:"article,omitempty"` // "" when not known
	Status  Status    `yaml:"status" json:"status"`
	Source  string    `yaml:"source" json:"source,omitempty"`
	Note    i18n.Text `yaml:"note" json:"note,omitzero"`
}

// Event is what happens to a loan on a day.
type Event string

// The events by whose day a regime may govern a loan.
const (
	Registration Event = "registration" // 入库
	Claiming     Event = "claim"        // 补偿申请
)

// Mode is how the pool carries a loan. A loan has one mode.
type Mode string

// The modes.
const (
	ByBank      Mode = "bank"      // 政银: the pool pays the bank a share of its loss
	ByGuarantor Mode = "guarantee" // 政担: the pool pays the guarantor who has paid
)

// Modes lists the modes.
var Modes = []Mode{ByBank, ByGuarantor}

// TierMode says what a tier's share applies to.
type TierMode string

// The tier modes. Whole is not monotone: just above an edge a larger loss pays
// less (see Lint).
const (
	Whole    TierMode = "whole"    // the share of the tier that holds the loan, for all of it
	Marginal TierMode = "marginal" // each slice of the loan at its own tier's share
)

// Edge says to which tier a loan belongs that is exactly as large as the
// tier's upper bound.
type Edge string

// The edges.
const (
	Inclusive Edge = "inclusive" // to the tier that ends there
	Exclusive Edge = "exclusive" // to the one that begins there
)

// Rounding says what becomes of a fraction of a fen.
type Rounding string

// The roundings.
const (
	Floor    Rounding = "floor"
	HalfEven Rounding = "half_even"
)

// Regime is one version of the rules of a pool: a normative document from its
// first to its last day. A nil part or value is not known, which is not the same
// as not limited.
type Regime struct {
	ID        string    `yaml:"id" json:"id"`
	Place     string    `yaml:"place" json:"place"` // GB/T 2260 code
	Name      i18n.Text `yaml:"name" json:"name"`
	Authority i18n.Text `yaml:"authority" json:"authority,omitzero"`
	Document  string    `yaml:"document" json:"document,omitempty"` // 文号
	Register  string    `yaml:"register" json:"register,omitempty"` // 规范性文件统一编号
	From      string    `yaml:"from" json:"from"`                   // first day, or a part of it when only that is known
	To        string    `yaml:"to" json:"to,omitempty"`             // last day, "" when not known
	Status    Status    `yaml:"status" json:"status"`
	Source    string    `yaml:"source" json:"source"`
	Note      i18n.Text `yaml:"note" json:"note,omitzero"`
	Governing *Event    `yaml:"governing" json:"governing"` // whose day decides that this regime applies
	Modes     []Mode    `yaml:"modes" json:"modes"`

	Budget      *Budget      `yaml:"budget" json:"budget,omitempty"`
	Scope       *Scope       `yaml:"scope" json:"scope,omitempty"`
	Limits      *Limits      `yaml:"limits" json:"limits,omitempty"`
	Tiers       *Tiers       `yaml:"tiers" json:"tiers,omitempty"`
	Uplifts     []Uplift     `yaml:"uplifts" json:"uplifts,omitempty"`
	Cap         *Cap         `yaml:"cap" json:"cap,omitempty"`
	BorrowerCap *BorrowerCap `yaml:"borrower_cap" json:"borrower_cap,omitempty"`
	Guarantee   *Guarantee   `yaml:"guarantee" json:"guarantee,omitempty"`
	OneMode     *Cite        `yaml:"one_mode" json:"one_mode,omitempty"`
	Breakers    []Breaker    `yaml:"breakers" json:"breakers,omitempty"`
	Claims      *Claims      `yaml:"claims" json:"claims,omitempty"`
	Ladder      *Ladder      `yaml:"ladder" json:"ladder,omitempty"`
	Recovery    *Recovery    `yaml:"recovery" json:"recovery,omitempty"`
	ClawBack    *ClawBack    `yaml:"claw_back" json:"claw_back,omitempty"`

	Readings []Reading `yaml:"-" json:"readings,omitempty"` // put in by With
}

// Budget bounds what is paid in a calendar year.
type Budget struct {
	Cite      `yaml:",inline"`
	Year      *Yuan `yaml:"year" json:"year"`
	Guarantee *Yuan `yaml:"guarantee" json:"guarantee"` // the part for mode guarantee
}

// Scope says who may borrow.
type Scope struct {
	Cite        `yaml:",inline"`
	Local       bool     `yaml:"local" json:"local"` // registered or operating in the place
	Classes     []Class  `yaml:"classes" json:"classes"`
	Conditional []Class  `yaml:"conditional" json:"conditional,omitempty"` // in scope with one of the marks
	Marks       []string `yaml:"marks" json:"marks,omitempty"`
	Modes       []Mode   `yaml:"modes" json:"modes,omitempty"` // the modes it speaks of; all when empty
}

// Class is the class of a borrower.
type Class string

// The classes of borrowers.
const (
	SmallMicro Class = "small_micro" // 小微企业
	MicroOwner Class = "micro_owner" // 小微企业主
	SoleTrader Class = "sole_trader" // 个体工商户
	Medium     Class = "medium"      // 中型企业
	Large      Class = "large"       // 大型企业
	SciTech    Class = "sci_tech"    // 科技企业, of the older regimes
)

// Classes lists the classes.
var Classes = []Class{SmallMicro, MicroOwner, SoleTrader, Medium, Large, SciTech}

// Limits bound a loan.
type Limits struct {
	Cite     `yaml:",inline"`
	Borrower *Yuan  `yaml:"borrower_year" json:"borrower_year"` // all loans of one borrower registered in a year
	Months   *int64 `yaml:"months" json:"months"`               // longest term
}

// Tiers give the pool's share of a loss by the size of the loan.
type Tiers struct {
	Cite     `yaml:",inline"`
	Mode     *TierMode `yaml:"tier_mode" json:"tier_mode"`
	Edge     *Edge     `yaml:"edge" json:"edge"`
	Rounding Rounding  `yaml:"rounding" json:"rounding"`
	Bands    []Band    `yaml:"bands" json:"bands"`
}

// Band is one tier: above the one before, up to UpTo.
type Band struct {
	UpTo  Yuan  `yaml:"up_to" json:"up_to"`
	Share int64 `yaml:"share_ppm" json:"share_ppm"`
}

// Uplift adds points to the share when the loan has any of the marks.
type Uplift struct {
	Cite `yaml:",inline"`
	Any  []string `yaml:"any" json:"any"`
	Add  int64    `yaml:"add_ppm" json:"add_ppm"`
}

// Cap bounds the share after uplifts.
type Cap struct {
	Cite  `yaml:",inline"`
	Share int64 `yaml:"share_ppm" json:"share_ppm"`
}

// BorrowerCap bounds what is paid, all years together, for one borrower.
type BorrowerCap struct {
	Cite     `yaml:",inline"`
	Share    int64    `yaml:"share_ppm" json:"share_ppm"` // of the balance of the borrower's bad loans
	Rounding Rounding `yaml:"rounding" json:"rounding"`
}

// Guarantee is what mode guarantee pays: a share of the principal that the
// debtor still owes after the guarantor has paid.
type Guarantee struct {
	Cite     `yaml:",inline"`
	Share    int64    `yaml:"share_ppm" json:"share_ppm"`
	Rounding Rounding `yaml:"rounding" json:"rounding"`
}

// Party is whom a breaker watches.
type Party string

// The parties of a pool beside the borrower.
const (
	Bank      Party = "bank"
	Guarantor Party = "guarantor"
)

// Breaker suspends payments to a party whose ratio of the year is over a bound.
// For a bank the ratio is the loss of the year's bad loans over the principal
// registered in the year; for a guarantor, what it paid over what it guaranteed.
type Breaker struct {
	Cite `yaml:",inline"`
	Of   Party `yaml:"of" json:"of"`
	Over int64 `yaml:"over_ppm" json:"over_ppm"`
}

// Claims says when a claim may be made. What is nil the regime does not say, or
// it was not found: it is not checked, and the trace says so.
type Claims struct {
	Cite     `yaml:",inline"`
	MinClass *Risk  `yaml:"min_class" json:"min_class"`         // the mildest class of a loan that may be claimed
	Register *int64 `yaml:"register_days" json:"register_days"` // days from lending to registration
	Window   *int64 `yaml:"window_days" json:"window_days"`     // days from NPL to claim
	Lawsuit  *bool  `yaml:"lawsuit" json:"lawsuit"`             // whether a suit must have been brought
}

// Order says who is served first by money that comes back.
type Order string

// The orders.
const (
	ProRata   Order = "pro_rata"   // by what each bears of the loss
	PoolFirst Order = "pool_first" // the pool, until it has all that it paid
	BankFirst Order = "bank_first" // the bank or guarantor, until it has all that it bears
)

// Recovery says how money that came back is shared.
type Recovery struct {
	Cite       `yaml:",inline"`
	Order      *Order   `yaml:"order" json:"order"`
	CostsFirst *bool    `yaml:"costs_first" json:"costs_first"` // whether the costs of recovery come off first
	Rounding   Rounding `yaml:"rounding" json:"rounding"`
}

// ClawBack lists the grounds on which a payment is taken back.
type ClawBack struct {
	Cite    `yaml:",inline"`
	Grounds []string `yaml:"grounds" json:"grounds"`
}

// Hash is the SHA-256 of the regime with its readings, in hexadecimal.
func (r *Regime) Hash() string {
	raw, _ := json.Marshal(r) // plain values only
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// cites returns every rule of the regime with its citation.
func (r *Regime) cites() []*Cite {
	var out []*Cite
	if r.Budget != nil {
		out = append(out, &r.Budget.Cite)
	}
	if r.Scope != nil {
		out = append(out, &r.Scope.Cite)
	}
	if r.Limits != nil {
		out = append(out, &r.Limits.Cite)
	}
	if r.Tiers != nil {
		out = append(out, &r.Tiers.Cite)
	}
	for i := range r.Uplifts {
		out = append(out, &r.Uplifts[i].Cite)
	}
	if r.Cap != nil {
		out = append(out, &r.Cap.Cite)
	}
	if r.BorrowerCap != nil {
		out = append(out, &r.BorrowerCap.Cite)
	}
	if r.Guarantee != nil {
		out = append(out, &r.Guarantee.Cite)
	}
	if r.OneMode != nil {
		out = append(out, r.OneMode)
	}
	for i := range r.Breakers {
		out = append(out, &r.Breakers[i].Cite)
	}
	if r.Claims != nil {
		out = append(out, &r.Claims.Cite)
	}
	if r.Ladder != nil {
		out = append(out, &r.Ladder.Cite)
	}
	if r.Recovery != nil {
		out = append(out, &r.Recovery.Cite)
	}
	if r.ClawBack != nil {
		out = append(out, &r.ClawBack.Cite)
	}
	return out
}

// Yuan is an amount that the file writes in yuan, with at most two decimals.
type Yuan money.Fen

// Fen returns the amount, 0 for nil.
func (y *Yuan) Fen() money.Fen {
	if y == nil {
		return 0
	}
	return money.Fen(*y)
}

// UnmarshalYAML reads an amount.
func (y *Yuan) UnmarshalYAML(unmarshal func(any) error) error {
	var text string
	if err := unmarshal(&text); err != nil {
		return err
	}
	f, err := money.Parse(text)
	*y = Yuan(f)
	return err
}
