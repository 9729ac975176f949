package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// RelationKind is the role in a relation. Read it as a sentence: To is the KIND
// of From (as ROR does: a record lists its parents).
type RelationKind string

// The kinds: To is the parent of From, the host of From, a member of From, a
// joint unit of From, the successor of From. Associated and related have no
// direction and are kept with the smaller id as From.
const (
	Parent     RelationKind = "parent"
	Host       RelationKind = "host"
	Member     RelationKind = "member"
	Joint      RelationKind = "joint"
	Successor  RelationKind = "successor"
	Associated RelationKind = "associated"
	Related    RelationKind = "related"
)

// RelationKinds lists every kind, in the order of an organisation's page.
var RelationKinds = []RelationKind{Parent, Host, Member, Joint, Successor, Associated, Related}

// Relation links two records for a time, after CERIF's link entity: role,
// start, end and share. An end is the id of an organisation, platform, park or
// person; one that the registry does not have yet is kept. ValidFrom is
// included, ValidTo is not; "" is unknown or open.
type Relation struct {
	ID        string       `json:"id"` // derived from ends, kind and ValidFrom when empty
	From      string       `json:"from"`
	Kind      RelationKind `json:"kind"`
	To        string       `json:"to"`
	ValidFrom string       `json:"valid_from,omitempty"`
	ValidTo   string       `json:"valid_to,omitempty"`
	Share     *float64     `json:"share,omitempty"` // 0 to 1: of ownership, of work; nil when unknown
	Evidence  string       `json:"evidence,omitempty"`
	SourceID  string       `json:"source_id"`
	BatchID   string       `json:"batch_id,omitempty"`
	Version   int64        `json:"version"`
	CreatedAt db.Time      `json:"created_at"`
	UpdatedAt db.Time      `json:"updated_at"`
}

// Link is one relation seen from a record.
type Link struct {
	Relation
	Other Ref `json:"other"`
}

// Ref names a record that another one points to.
type Ref struct {
	Kind string    `json:"kind"` // change-log kind: "org", "platform", "park", "person"; "" when unknown here
	ID   string    `json:"id"`   // the record that answers now, after merges
	Name i18n.Text `json:"name"` // empty when the registry does not have the record
}

// LinkGroup holds the links of one kind and direction. Outward: the record is
// From, so the others are its parents, hosts, members. Inward: the record is
// To, so it is the parent, host or member of the others. The kinds without a
// direction are outward.
type LinkGroup struct {
	Kind    RelationKind `json:"kind"`
	Outward bool         `json:"outward"`
	Links   []Link       `json:"links"`
}

func (r *Relation) meta() meta {
	return meta{&r.ID, &r.SourceID, &r.BatchID, &r.Version, &r.CreatedAt, &r.UpdatedAt}
}

func (r *Relation) prepare() errs.List {
	var f faults
	if undirected(r.Kind) && r.From > r.To {
		r.From, r.To = r.To, r.From
	}
	if r.ID == "" {
		r.ID = db.DerivedID(KindRelation, r.From, string(r.Kind), r.To, r.ValidFrom)
	}
	f.required("from", r.From)
	f.required("to", r.To)
	if r.From == r.To {
		f.add(errs.New(errs.Invalid, "registry.relation_self", errs.A{"id": r.From}).At("/to"))
	}
	oneOf(&f, "kind", r.Kind, RelationKinds)
	f.span("valid_from", r.ValidFrom, "valid_to", r.ValidTo)
	if r.Share != nil && !(*r.Share >= 0 && *r.Share <= 1) {
		f.add(errs.New(errs.Invalid, "registry.share", errs.A{"value": *r.Share}).At("/share"))
	}
	f.required("source_id", r.SourceID)
	return f.list
}

func undirected(k RelationKind) bool { return k == Associated || k == Related }
