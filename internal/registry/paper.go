package registry

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/identifier"
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

func (p *Paper) meta() meta {
	return meta{&p.ID, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt}
}

func (p *Paper) prepare() errs.List {
	var f faults
	p.Title = strings.TrimSpace(p.Title)
	p.Keywords = tidyList(p.Keywords)
	if p.ID == "" && p.Key != "" {
		p.ID = db.DerivedID(KindPaper, p.Key)
	}
	f.required("key", p.Key)
	f.required("title", p.Title)
	if p.Year != 0 && (p.Year < 1000 || p.Year > 2999) {
		f.add(errs.New(errs.Invalid, "registry.form", errs.A{"field": called("year"), "value": strconv.Itoa(p.Year), "example": "2024"}).At("/year"))
	}
	if p.Month < 0 || p.Month > 12 || p.Month > 0 && p.Year == 0 {
		f.add(errs.New(errs.Invalid, "registry.month", errs.A{"value": p.Month}).At("/month"))
	}
	if p.DOI != "" {
		value, err := identifier.Parse(identifier.DOI, p.DOI)
		if err != nil {
			f.add(errs.Of(err).At("/doi"))
		}
		p.DOI = value
	}
	f.form("lang", p.Lang, langForm, "zh-CN")
	f.required("source_id", p.SourceID)
	p.Affiliations = f.affiliations(p.Affiliations)
	return f.list
}

// affiliations returns the stored form of a paper's affiliations.
func (f *faults) affiliations(in []Affiliation) []Affiliation {
	var out []Affiliation
	for _, a := range in {
		a.Raw = strings.TrimSpace(a.Raw)
		f.required("raw", a.Raw)
		f.form("country", a.Country, countryForm, "CN")
		oneOf(f, "method", a.Method, []string{"", ByResolver, ByHand})
		var orgs []AffiliationOrg
		for _, o := range a.Orgs {
			if !(o.Score >= 0 && o.Score <= 1) {
				f.add(errs.New(errs.Invalid, "registry.form", errs.A{"field": called("score"), "value": fmt.Sprint(o.Score), "example": "0.87"}).At("/affiliations"))
			}
			o.Org = nil
			orgs = append(orgs, o)
		}
		if a.Orgs = orgs; len(orgs) > 0 {
			a.None = nil
			if a.Method == "" {
				a.Method = ByHand
			}
		}
		out = append(out, a)
	}
	return out
}

// keepResolution gives each affiliation that says nothing of its resolution the
// outcome that is stored for the same words.
func keepResolution(row *Paper, old Paper) {
	for i := range row.Affiliations {
		a := &row.Affiliations[i]
		if a.Method != "" {
			continue
		}
		for _, b := range old.Affiliations {
			if a.Raw == b.Raw && a.City == b.City && a.Country == b.Country {
				a.Method, a.Orgs, a.None = b.Method, b.Orgs, b.None
				break
			}
		}
	}
}

// dated is the month of a paper as it is ordered by: "2016-01", "2016-00" when
// only the year is known, "" when nothing is.
func (p *Paper) dated() string {
	if p.Year == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", p.Year, p.Month)
}
