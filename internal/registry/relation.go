package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// RelationKind is the role in a relation. Read it as a sentence: From is the
// KIND of To.
type RelationKind string

// The kinds: From is the parent of To, the host of To, a member of To, a joint
// unit of To, a successor of To; associated and related have no direction.
const (
	ParentOf    RelationKind = "parent"
	HostOf      RelationKind = "host"
	MemberOf    RelationKind = "member"
	JointOf     RelationKind = "joint"
	Associated  RelationKind = "associated"
	SuccessorOf RelationKind = "successor"
	Related     RelationKind = "related"
)

// RelationKinds lists every kind, in the order of an organisation's page.
var RelationKinds = []RelationKind{ParentOf, HostOf, MemberOf, JointOf, SuccessorOf, Associated, Related}

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

// LinkGroup holds the links of one kind and direction. Outward groups read
// "this is the KIND of …", others "… is the KIND of this".
type LinkGroup struct {
	Kind    RelationKind `json:"kind"`
	Outward bool         `json:"outward"`
	Links   []Link       `json:"links"`
}
