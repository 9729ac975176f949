package capital

import (
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Words of the change log for the room's records.
const (
	KindRound       = "round"
	KindAcquisition = "acquisition"
	KindListing     = "listing"
	KindContest     = "contest"
	KindGuarantee   = "guarantee"
	KindPremium     = "premium"
)

// Party is a company, an investor, a guarantor: an organisation of the
// registry, or what a source calls it.
type Party struct {
	OrgID string `json:"org_id,omitempty"`
	Name  string `json:"name,omitempty"` // as the source writes it
	Key   string `json:"key,omitempty"`  // its key at the source

	Org *registry.Ref `json:"org,omitempty"` // OrgID after merges, with its name; output only
}

// Common is what all records have. Days are ISO dates that may be cut to a
// month or a year, "" when not known.
type Common struct {
	ID        string      `json:"id"`
	Key       string      `json:"key"` // stable word of whoever brought it, unique in its kind; it never changes
	Company   Party       `json:"company"`
	On        string      `json:"on,omitempty"`
	Level     level.Level `json:"level"`              // "" in a row: as it was, internal for a new one
	Evidence  string      `json:"evidence,omitempty"` // where in its source it stands
	Note      string      `json:"note,omitempty"`
	SourceID  string      `json:"source_id"`
	Simulated bool        `json:"simulated,omitempty"` // follows from the source; output only
	BatchID   string      `json:"batch_id,omitempty"`
	Version   int64       `json:"version"`
	CreatedBy string      `json:"created_by,omitempty"`
	CreatedAt db.Time     `json:"created_at"`
	UpdatedBy string      `json:"updated_by,omitempty"`
	UpdatedAt db.Time     `json:"updated_at"`
}

func (c *Common) common() *Common { return c }

// record is what the one way of reading and writing needs to know of a kind.
type record interface {
	common() *Common
	prepare(f *faults)                                           // the stored form, nothing shared with the caller
	settle(old record, by change.Author, now db.Time, f *faults) // completed by what is stored; old is nil for a new one
	amount() *Amount
	own() []any // values of its own columns
	sides() []side
	people() []*Party // every party that it names, the company first
	entries() []Entry
}

// side is a counterparty, with what it put in.
type side struct {
	role   string
	party  *Party
	amount *Amount
}

// tidy brings the common part into its stored form and faults it.
func (c *Common) tidy(f *faults) {
	c.Simulated = false
	for _, s := range []*string{&c.Key, &c.Evidence, &c.Note, &c.SourceID} {
		*s = strings.TrimSpace(*s)
	}
	f.party("company", &c.Company)
	f.about("on", c.On)
	f.required("source_id", c.SourceID)
	if c.Level != "" {
		oneOf(f, "level", c.Level, level.Levels)
	}
}

// settle fills in the level that a row does not state.
func (c *Common) settle(old record, _ change.Author, _ db.Time, _ *faults) {
	if c.Level == "" && old != nil {
		c.Level = old.common().Level
	}
	if c.Level == "" {
		c.Level = level.Internal // a mistake hides a record rather than showing it
	}
}

func (c *Common) sides() []side    { return nil }
func (c *Common) people() []*Party { return []*Party{&c.Company} }

// bare clears what every write moves; it stands in columns of its own.
func (c *Common) bare() {
	c.BatchID, c.Version, c.CreatedAt, c.CreatedBy, c.UpdatedAt, c.UpdatedBy, c.Simulated = "", 0, db.Time{}, "", db.Time{}, "", false
}

// entry is a line of the company's history, of what the record shares with it.
func (c *Common) entry(kind string, strand Strand, word string, a *Amount) Entry {
	return Entry{Kind: kind, Strand: strand, ID: c.ID, Day: c.On, Word: word, Money: true, Amount: a,
		Level: c.Level, SourceID: c.SourceID, Simulated: c.Simulated, Evidence: c.Evidence, author: c.CreatedBy}
}

func (f *faults) party(field string, p *Party) {
	p.Org = nil
	p.OrgID, p.Name, p.Key = strings.TrimSpace(p.OrgID), strings.TrimSpace(p.Name), strings.TrimSpace(p.Key)
	if p.OrgID == "" && fold.Name(p.Name) == "" {
		f.add(required(field))
	}
}
