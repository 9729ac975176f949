package registry

import (
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// OrgKind says what sort of body an organisation is.
type OrgKind string

// The kinds of organisations.
const (
	Enterprise         OrgKind = "enterprise"
	University         OrgKind = "university"
	Institute          OrgKind = "institute"
	NationalLaboratory OrgKind = "national_laboratory"
	InnovationCentre   OrgKind = "innovation_centre"
	MajorFacility      OrgKind = "major_facility"
	TransferBody       OrgKind = "transfer_body"
	FundManager        OrgKind = "fund_manager"
	Bank               OrgKind = "bank"
	ParkOperator       OrgKind = "park"
	Government         OrgKind = "government"
	Hospital           OrgKind = "hospital"
	Nonprofit          OrgKind = "nonprofit"
	Archive            OrgKind = "archive"
	OtherOrg           OrgKind = "other"
)

// OrgKinds lists every kind, in the order of lists.
var OrgKinds = []OrgKind{Enterprise, University, Institute, NationalLaboratory, InnovationCentre, MajorFacility, TransferBody,
	FundManager, Bank, ParkOperator, Government, Hospital, Nonprofit, Archive, OtherOrg}

// Status says whether an organisation exists.
type Status string

// The states. Merged is never written: a record shows it while another answers
// for it.
const (
	Active    Status = "active"
	Inactive  Status = "inactive"
	Withdrawn Status = "withdrawn" // the record was a mistake of its register
	Merged    Status = "merged"
)

// Place is where an organisation has its seat. Unknown parts are empty.
type Place struct {
	Country  string   `json:"country,omitempty"`  // ISO 3166-1 alpha-2
	Division string   `json:"division,omitempty"` // GB/T 2260 code
	City     string   `json:"city,omitempty"`
	Lat      *float64 `json:"lat,omitempty"` // WGS 84 degrees
	Lon      *float64 `json:"lon,omitempty"`
}

// Identifier is an outside id of an organisation, in the form that
// identifier.Parse returns.
type Identifier struct {
	Scheme identifier.Scheme `json:"scheme"`
	Value  string            `json:"value"`
	Origin string            `json:"origin,omitempty"` // as in Name
}

// Org is an organisation. Days are ISO dates that may be cut to a month or a
// year, "" when unknown.
type Org struct {
	ID          string       `json:"id"`
	Kind        OrgKind      `json:"kind"`
	Names       []Name       `json:"names"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Status      Status       `json:"status"`
	Established string       `json:"established,omitempty"`
	Closed      string       `json:"closed,omitempty"`
	Place       Place        `json:"place,omitzero"`
	Website     string       `json:"website,omitempty"`
	Evidence    string       `json:"evidence,omitempty"` // where in the source, or how sure
	SourceID    string       `json:"source_id"`
	BatchID     string       `json:"batch_id,omitempty"`
	MergedInto  string       `json:"merged_into,omitempty"` // the record that answers for this one; output only
	Version     int64        `json:"version"`
	CreatedAt   db.Time      `json:"created_at"`
	UpdatedAt   db.Time      `json:"updated_at"`
}

// Name returns the name to show in l, in another language when l has none.
func (o *Org) Name(l i18n.Lang) string { return o.Title().In(l) }

// Title returns the names to show in both languages.
func (o *Org) Title() i18n.Text { return display(o.Names) }

// OrgChange is what UpdateOrg may change: nil leaves a part as it is. Names and
// Identifiers replace the record's own; those that a merged record brought
// (Origin) stay and are left out.
type OrgChange struct {
	Kind        *OrgKind
	Names       *[]Name
	Identifiers *[]Identifier
	Status      *Status
	Established *string
	Closed      *string
	Place       *Place
	Website     *string
	Evidence    *string
	SourceID    *string
}

func (c OrgChange) apply(o *Org) {
	set(&o.Kind, c.Kind)
	set(&o.Names, c.Names)
	set(&o.Identifiers, c.Identifiers)
	set(&o.Status, c.Status)
	set(&o.Established, c.Established)
	set(&o.Closed, c.Closed)
	set(&o.Place, c.Place)
	set(&o.Website, c.Website)
	set(&o.Evidence, c.Evidence)
	set(&o.SourceID, c.SourceID)
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

func (o *Org) meta() meta {
	return meta{&o.ID, &o.SourceID, &o.BatchID, &o.Version, &o.CreatedAt, &o.UpdatedAt}
}

// prepare also derives an id from the ROR id or the 统一社会信用代码, so that a
// record has the same id in every Kapok.
func (o *Org) prepare() errs.List {
	var f faults
	o.Names = tidyNames(o.Names)
	o.Identifiers = f.identifiers(o.Identifiers)
	o.Website = strings.TrimSpace(o.Website)
	o.MergedInto = ""
	if o.Status == "" {
		o.Status = Active
	}
	if o.ID == "" {
		o.ID = derivedOrgID(o.Identifiers)
	}
	oneOf(&f, "kind", o.Kind, OrgKinds)
	oneOf(&f, "status", o.Status, []Status{Active, Inactive, Withdrawn})
	f.names(o.Names)
	f.span("established", o.Established, "closed", o.Closed)
	f.form("country", o.Place.Country, countryForm, "CN")
	f.form("division", o.Place.Division, divisionForm, "440106")
	f.degrees("lat", o.Place.Lat, 90)
	f.degrees("lon", o.Place.Lon, 180)
	f.website(o.Website)
	f.required("source_id", o.SourceID)
	return f.list
}

func derivedOrgID(ids []Identifier) string {
	for _, scheme := range []identifier.Scheme{identifier.ROR, identifier.USCC} {
		for _, id := range ids {
			if id.Scheme == scheme {
				return db.DerivedID("org", string(scheme), id.Value)
			}
		}
	}
	return ""
}

// exclusive reports schemes whose value one organisation alone may hold. The
// others are shared in practice: ROR itself lists one ISNI or Wikidata item
// under several records.
func exclusive(s identifier.Scheme) bool {
	switch s {
	case identifier.ROR, identifier.USCC, identifier.ORCID:
		return true
	}
	return false
}
