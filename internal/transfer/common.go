package transfer

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Words of the change log for the room's records.
const (
	KindResult       = "result"
	KindNeed         = "need"
	KindService      = "service"
	KindDisclosure   = "disclosure"
	KindIntroduction = "introduction"
	KindSavedSearch  = "saved_search"
)

// Status is where a record stands in its life.
type Status string

// The states.
const (
	Draft     Status = "draft"     // 草稿: its author's and the named readers'
	Listed    Status = "listed"    // 在架
	Paused    Status = "paused"    // 暂停
	Withdrawn Status = "withdrawn" // 撤回
	Expired   Status = "expired"   // 过期: to be renewed
	Closed    Status = "closed"    // 完成: answered, or handed over
)

// Statuses lists every state.
var Statuses = []Status{Draft, Listed, Paused, Withdrawn, Expired, Closed}

// Fields says what a record is about, in codes and words.
type Fields struct {
	IPC        []string `json:"ipc,omitempty"`         // "G06F 17/30", or a section, class or subclass of it
	IPCEdition string   `json:"ipc_edition,omitempty"` // "2024.01"; "" when unknown
	Industry   []string `json:"industry,omitempty"`    // GB/T 4754-2017 with its letter: "C3963", "C39", "C"
	Keywords   []string `json:"keywords,omitempty"`
}

// Common is what results, needs and services have in common. Days are whole ISO
// dates.
type Common struct {
	ID        string      `json:"id"`
	Key       string      `json:"key"` // stable word of whoever brought it, unique in its kind
	Title     i18n.Text   `json:"title"`
	Summary   i18n.Text   `json:"summary,omitzero"`
	OwnerID   string      `json:"owner_id,omitempty"`   // organisation of the registry
	OwnerText string      `json:"owner_text,omitempty"` // the owner as written
	Division  string      `json:"division,omitempty"`   // GB/T 2260
	Fields    Fields      `json:"fields,omitzero"`
	Level     level.Level `json:"level"`
	Readers   []string    `json:"readers,omitempty"` // user ids that read it whatever its level
	Status    Status      `json:"status"`
	ListedOn  string      `json:"listed_on,omitempty"`
	ExpiresOn string      `json:"expires_on,omitempty"` // the last day on which it is listed
	RenewedOn string      `json:"renewed_on,omitempty"`
	Note      i18n.Text   `json:"note,omitzero"`
	Evidence  string      `json:"evidence,omitempty"` // where in its source it stands
	SourceID  string      `json:"source_id"`
	BatchID   string      `json:"batch_id,omitempty"`
	Version   int64       `json:"version"`
	CreatedBy string      `json:"created_by,omitempty"`
	CreatedAt db.Time     `json:"created_at"`
	UpdatedBy string      `json:"updated_by,omitempty"`
	UpdatedAt db.Time     `json:"updated_at"`

	Owner *registry.Ref `json:"owner,omitempty"` // OwnerID after merges, with its name; output only
	Open  level.Level   `json:"open,omitempty"`  // the level at which it is really open, see guard; output only
}

func (c *Common) common() *Common { return c }

// Allowed lists everybody who reads the record whatever its level: the named
// readers and who made it. An index keeps them beside Open.
func (c *Common) Allowed() []string {
	out := slices.Clone(c.Readers)
	if c.CreatedBy != "" && !slices.Contains(out, c.CreatedBy) {
		out = append(out, c.CreatedBy)
	}
	return out
}

// rank is the rank of the level at which a record of this status is open.
func (c *Common) rank() int {
	switch c.Status {
	case Draft:
		return level.Confidential.Rank()
	case Paused, Withdrawn:
		return max(c.Level.Rank(), level.Internal.Rank())
	}
	return c.Level.Rank()
}

// tidy brings the common part into its stored form and faults it.
func (c *Common) tidy(f *faults, word string) {
	c.Owner, c.Open = nil, ""
	for _, s := range []*string{&c.Key, &c.Title.ZH, &c.Title.EN, &c.Summary.ZH, &c.Summary.EN, &c.OwnerText, &c.Evidence, &c.SourceID} {
		*s = strings.TrimSpace(*s)
	}
	c.Readers = tidyList(c.Readers)
	slices.Sort(c.Readers)
	if c.ID == "" && c.Key != "" {
		c.ID = db.DerivedID(word, c.Key)
	}
	if fold.Name(c.Title.ZH) == "" && fold.Name(c.Title.EN) == "" {
		f.add(required("title"))
	}
	if c.Level != "" {
		oneOf(f, "level", c.Level, level.Levels)
	}
	if c.Status != "" {
		oneOf(f, "status", c.Status, Statuses)
	}
	f.division("division", c.Division)
	c.Fields.tidy(f)
	f.day("listed_on", c.ListedOn)
	f.day("expires_on", c.ExpiresOn)
	f.day("renewed_on", c.RenewedOn)
	if c.ListedOn != "" && c.ExpiresOn != "" && c.ExpiresOn < c.ListedOn {
		f.add(errs.New(errs.Invalid, "transfer.span", errs.A{"from": c.ListedOn, "to": c.ExpiresOn}).At("/expires_on"))
	}
	f.required("source_id", c.SourceID)
}

func (v *Fields) tidy(f *faults) {
	v.IPC = f.codes("ipc", v.IPC, ParseIPC)
	v.Industry = f.codes("industry", v.Industry, ParseIndustry)
	v.Keywords = tidyList(v.Keywords)
	f.most("ipc", len(v.IPC), maxCodes)
	f.most("industry", len(v.Industry), maxCodes)
	f.most("keywords", len(v.Keywords), maxCodes)
	f.form("ipc_edition", v.IPCEdition, ipcEdition, "2024.01")
}

// settle completes a row with what it does not state: what is stored (old), or
// how a new record begins.
func (c *Common) settle(old *Common, today string, months int) {
	stated := c.Status != ""
	if old != nil {
		fill(&c.Status, old.Status)
		fill(&c.Level, old.Level)
		fill(&c.ListedOn, old.ListedOn)
		fill(&c.RenewedOn, old.RenewedOn)
		fill(&c.ExpiresOn, old.ExpiresOn)
	}
	fill(&c.Status, Listed)
	fill(&c.Level, level.Internal) // a mistake hides a record rather than showing it
	if c.Status != Listed {
		return
	}
	fill(&c.ListedOn, today)
	fill(&c.ExpiresOn, later(c.ListedOn, months))
	if c.ExpiresOn < today && (old == nil || stated) {
		c.Status = Expired
	}
}

// fill sets a value that is not stated.
func fill[T comparable](to *T, from T) {
	var zero T
	if *to == zero {
		*to = from
	}
}

// tidyList returns the values that are not empty, each once, nil for none.
func tidyList(in []string) []string {
	var out []string
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
