package registry

import (
	"sync"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Service reads and writes the registry. It is safe for concurrent use. Who may
// write is the caller's business; who did is the change.Author handed in.
type Service struct {
	d *db.DB

	mu    sync.Mutex
	index *resolve.Index
	seq   int64 // newest change that index has seen
}

// New returns the registry kept in d.
func New(d *db.DB) *Service { return &Service{d: d} }

// Words of the change log for the registry's records.
const (
	KindOrg      = "org"
	KindRelation = "relation"
	KindPerson   = "person"
	KindPlatform = "platform"
	KindPark     = "park"
	KindPaper    = "paper"
	KindDivision = "division"
)

// Result says what a bulk write did with one row.
type Result string

// The results.
const (
	Created   Result = "created"
	Updated   Result = "updated"
	Unchanged Result = "unchanged"
	Rejected  Result = "rejected"
)

// Outcome is the result of one row of a bulk write.
type Outcome struct {
	ID     string
	Result Result
	Err    error // why it was rejected: an *errs.Error or errs.List
}
