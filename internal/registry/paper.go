package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Paper is the head of a publication. It has no authors: Kapok counts
// organisations.
type Paper struct {
	ID           string        `json:"id"`
	Key          string        `json:"key"` // "chinaxiv:201601.00001V1", unique
	Title        string        `json:"title"`
	Lang         string        `json:"lang,omitempty"`
	Year         int           `json:"year,omitempty"`  // 0 when unknown
	Month        int           `json:"month,omitempty"` // 0 when unknown
	DOI          string        `json:"doi,omitempty"`
	CLC          string        `json:"clc,omitempty"` // 中图分类号
	Keywords     []string      `json:"keywords,omitempty"`
	Funding      string        `json:"funding,omitempty"` // as printed
	Affiliations []Affiliation `json:"affiliations,omitempty"`
	Evidence     string        `json:"evidence,omitempty"`
	SourceID     string        `json:"source_id"`
	BatchID      string        `json:"batch_id,omitempty"`
	Version      int64         `json:"version"`
	CreatedAt    db.Time       `json:"created_at"`
	UpdatedAt    db.Time       `json:"updated_at"`
}

// How an affiliation came to its organisations.
const (
	ByResolver = "resolver"
	ByHand     = "manual" // never touched by ResolvePapers
)

// Affiliation is one affiliation of a paper, as printed, and what it resolves
// to. An empty Method says that nobody has tried yet.
type Affiliation struct {
	Raw     string           `json:"raw"`
	City    string           `json:"city,omitempty"`
	Country string           `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Method  string           `json:"method,omitempty"`
	Orgs    []AffiliationOrg `json:"orgs,omitempty"` // in the order of the text
	None    *Reason          `json:"none,omitempty"` // why there is none
}

// AffiliationOrg is an organisation that an affiliation names.
type AffiliationOrg struct {
	OrgID  string  `json:"org_id"`
	Name   string  `json:"name,omitempty"` // the registered name that matched
	Score  float64 `json:"score"`
	Reason Reason  `json:"reason"`

	Org *Ref `json:"org,omitempty"` // OrgID after merges, with its name; output only
}

// Reason is resolve.Reason as it is stored.
type Reason struct {
	Code    string `json:"code"`
	Name    string `json:"name,omitempty"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
	Count   int    `json:"count,omitempty"`
}

// In renders the reason as one sentence.
func (r Reason) In(l i18n.Lang) string { return resolve.Reason(r).In(l) }

// YearCount is the number of papers of one year; year 0 is unknown.
type YearCount struct {
	Year  int   `json:"year"`
	Count int64 `json:"count"`
}
