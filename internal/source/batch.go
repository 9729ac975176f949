package source

import (
	"github.com/kapok-city/kapok/internal/db"
)

// State is the state of a batch.
type State string

// The states of a batch.
const (
	Done   State = "done"
	Undone State = "undone"
)

// Counts says what an import did with the rows it read. Read is the sum of the
// other four.
type Counts struct {
	Read      int64 `json:"read"`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Rejected  int64 `json:"rejected"`
}

// Batch is one import of one file.
type Batch struct {
	ID         string  `json:"id"`
	SourceID   string  `json:"source_id"`
	Importer   string  `json:"importer"`
	FileName   string  `json:"file_name"`
	FileSHA256 string  `json:"file_sha256"`
	Mapping    string  `json:"mapping,omitempty"` // column mapping as JSON, "" for a fixed format
	State      State   `json:"state"`
	Counts     Counts  `json:"counts"`
	Actor      string  `json:"actor"`
	StartedAt  db.Time `json:"started_at"`
	FinishedAt db.Time `json:"finished_at"`
	UndoneAt   db.Time `json:"undone_at,omitzero"`
	UndoneBy   string  `json:"undone_by,omitempty"`
}
