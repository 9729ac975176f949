package observatory

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Status says what is known of the proof of a superlative.
type Status string

// The states. A statement is no more than reported until somebody has seen
// its proof.
const (
	StatusReported Status = "reported"
	StatusVerified Status = "verified"
	StatusDisputed Status = "disputed"
)

// Superlative is a statement that a subject is the first, the only, the
// largest of a scope, as a source makes it.
type Superlative struct {
	ID        string    `json:"id"`
	Subject   string    `json:"subject"` // "org:weride", "ror:…", "division:440100"
	Kind      string    `json:"kind"`    // "first", "only", "largest", "record", "rank", "level", …
	Scope     string    `json:"scope"`   // "world", "china", "industry", "intl", …
	ScopeText i18n.Text `json:"scope_text"`
	Object    i18n.Text `json:"object"` // in what it excels
	Status    Status    `json:"status"`
	Evidence  string    `json:"evidence,omitempty"` // source id, or how it was judged
	Note      i18n.Text `json:"note,omitzero"`
	SourceID  string    `json:"source_id"`
	Locator   string    `json:"locator,omitempty"`
	BatchID   string    `json:"batch_id,omitempty"`
	Version   int64     `json:"version"`
	CreatedAt db.Time   `json:"created_at"`
	UpdatedAt db.Time   `json:"updated_at"`
}

// Validate reports every fault of v as an errs.List.
func (v *Superlative) Validate() error {
	var faults errs.List
	for field, text := range map[string]string{"id": v.ID, "subject": v.Subject, "kind": v.Kind, "scope": v.Scope, "source_id": v.SourceID, "object": v.Object.ZH + v.Object.EN} {
		if text == "" {
			faults = append(faults, errs.New(errs.Invalid, "errs.required", errs.A{"field": field}).At("/"+field))
		}
	}
	if !slices.Contains([]Status{StatusReported, StatusVerified, StatusDisputed}, v.Status) {
		faults = append(faults, errs.New(errs.Invalid, "observatory.unknown_word", errs.A{"field": "status", "value": string(v.Status)}).At("/status"))
	}
	slices.SortFunc(faults, func(a, b *errs.Error) int { return strings.Compare(a.Field, b.Field) })
	return faults.Err()
}

// ParseSuperlative reads one row of a table of superlatives; get returns the
// cell of a named column: id, subject, kind, scope, scope_zh, scope_en,
// object_zh, object_en, status ("" is reported), evidence, note_zh, note_en, source_id,
// locator.
func ParseSuperlative(get func(column string) string) (Superlative, error) {
	s := Superlative{
		ID: get("id"), Subject: get("subject"), Kind: get("kind"), Scope: get("scope"),
		ScopeText: i18n.Text{ZH: get("scope_zh"), EN: get("scope_en")}, Object: i18n.Text{ZH: get("object_zh"), EN: get("object_en")},
		Status: Status(get("status")), Evidence: get("evidence"), Note: i18n.Text{ZH: get("note_zh"), EN: get("note_en")}, SourceID: get("source_id"), Locator: get("locator"),
	}
	if s.Status == "" {
		s.Status = StatusReported
	}
	return s, s.Validate()
}
