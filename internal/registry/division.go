package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Level is the level of an administrative division.
type Level string

// The levels of GB/T 2260.
const (
	Province Level = "province"
	City     Level = "city"
	District Level = "district" // every county-level unit
)

// Division is an administrative division while one code and name stood for it.
// A code that was retired keeps its row; a code that changed its name or parent
// has several. ValidFrom is included, ValidTo is not; "" is unknown or open.
type Division struct {
	ID        string    `json:"id"`   // the code, with @ValidFrom when that is known
	Code      string    `json:"code"` // GB/T 2260, six digits
	Name      i18n.Text `json:"name"`
	Level     Level     `json:"level"`
	Parent    string    `json:"parent,omitempty"` // code, "" for a province
	ValidFrom string    `json:"valid_from,omitempty"`
	ValidTo   string    `json:"valid_to,omitempty"`
	Note      string    `json:"note,omitempty"`
	SourceID  string    `json:"source_id"`
	BatchID   string    `json:"batch_id,omitempty"`
	Version   int64     `json:"version"`
	CreatedAt db.Time   `json:"created_at"`
	UpdatedAt db.Time   `json:"updated_at"`
}
