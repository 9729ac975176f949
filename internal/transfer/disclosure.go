package transfer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// DisclosureStatus is where a disclosure stands.
type DisclosureStatus string

// The states of a disclosure.
const (
	Received DisclosureStatus = "received" // 待分诊
	Returned DisclosureStatus = "returned" // 退回补充: the submitter is asked for more
	Accepted DisclosureStatus = "accepted" // 受理: a record was made of it
	Declined DisclosureStatus = "declined"
)

// DisclosureStatuses lists every state.
var DisclosureStatuses = []DisclosureStatus{Received, Returned, Accepted, Declined}

// Disclosure is a result or a need that somebody has submitted by the public
// form (披露), and what the office made of it.
type Disclosure struct {
	ID        string           `json:"id"`
	Number    string           `json:"number"` // "2026-000123", without gaps within a year
	Side      string           `json:"side"`   // KindResult or KindNeed
	Title     i18n.Text        `json:"title"`
	Status    DisclosureStatus `json:"status"`
	RecordID  string           `json:"record_id,omitempty"` // of the record made of it
	Reason    string           `json:"reason,omitempty"`    // of the last step of the office
	Version   int64            `json:"version"`
	CreatedAt db.Time          `json:"created_at"`
	UpdatedAt db.Time          `json:"updated_at"`

	Submitter Submitter        `json:"submitter,omitzero"` // masked; not in the change log
	Result    *Result          `json:"result,omitempty"`   // as last submitted; of one disclosure, not of lists
	Need      *Need            `json:"need,omitempty"`
	Steps     []DisclosureStep `json:"steps,omitempty"`
}

// DisclosureStep is one thing that happened to a disclosure. A submission keeps
// what was submitted: no version is lost.
type DisclosureStep struct {
	Action StepAction `json:"action"`
	Reason string     `json:"reason,omitempty"`
	Actor  string     `json:"actor,omitempty"` // user id; "" for the submitter
	At     db.Time    `json:"at"`
	Result *Result    `json:"result,omitempty"`
	Need   *Need      `json:"need,omitempty"`
}

// StepAction is what happened.
type StepAction string

// The steps.
const (
	Submitted   StepAction = "submitted"
	Resubmitted StepAction = "resubmitted"
	WasReturned StepAction = "returned"
	WasAccepted StepAction = "accepted"
	WasDeclined StepAction = "declined"
)

// Submitter is who submitted, and how to answer: personal data. One of e-mail
// and telephone is enough, and nothing else is asked.
type Submitter struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

var (
	emailForm = regexp.MustCompile(`^[^\s@<>"(),;:\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 -]{4,22}[0-9]$`)
)

func (s *Submitter) check(f *faults) {
	s.Name, s.Email, s.Phone = strings.TrimSpace(s.Name), strings.TrimSpace(s.Email), strings.TrimSpace(s.Phone)
	for field, v := range map[string]string{"submitter_name": s.Name, "email": s.Email, "phone": s.Phone} {
		if e := legibleText(field, v); e != nil {
			f.add(e)
			return
		}
	}
	f.required("submitter_name", s.Name)
	if utf8.RuneCountInString(s.Name) > 60 {
		f.add(errs.New(errs.TooLarge, "transfer.long", errs.A{"field": called("submitter_name"), "count": utf8.RuneCountInString(s.Name), "limit": 60}).At("/submitter_name"))
	}
	if s.Email == "" && s.Phone == "" {
		f.add(errs.New(errs.Invalid, "transfer.no_contact").At("/email"))
	}
	if s.Email != "" && (!emailForm.MatchString(s.Email) || len(s.Email) > 200) {
		f.add(errs.New(errs.Invalid, "transfer.email").At("/email"))
	}
	if s.Phone != "" && !phoneForm.MatchString(s.Phone) {
		f.add(errs.New(errs.Invalid, "transfer.phone").At("/phone"))
	}
}

// masked shows enough to tell two submitters apart, and no more.
func (s Submitter) masked() Submitter {
	out := Submitter{}
	if r := []rune(s.Name); len(r) > 0 {
		out.Name = string(r[0]) + "**"
	}
	if at := strings.IndexByte(s.Email, '@'); at > 0 {
		first, _ := utf8.DecodeRuneInString(s.Email)
		out.Email = string(first) + "***@***"
	}
	if n := len(s.Phone); n > 0 {
		out.Phone = "***" + s.Phone[max(n-2, 0):]
	}
	return out
}

// Submission is what the public form sends: one of Result and Need, after
// Side. Of the record only what a stranger may state is taken: no owner in the
// registry, readers, dates, status or source.
type Submission struct {
	Side      string    `json:"side"`
	Result    *Result   `json:"result,omitempty"`
	Need      *Need     `json:"need,omitempty"`
	Submitter Submitter `json:"submitter,omitzero"`
}

// disclosureSource is where the records come from that disclosures become.
var disclosureSource = source.Source{ID: "disclosures", Kind: "own", Title: i18n.Text{ZH: "披露表", EN: "Disclosures"}, LicenceTag: source.Own}

// stated is the common part of what a stranger may state.
func (c Common) stated() Common {
	if c.Level == "" {
		c.Level = level.Internal // until the office decides
	}
	return Common{Key: "disclosure", Title: c.Title, Summary: c.Summary, OwnerText: c.OwnerText, Division: c.Division, Fields: c.Fields,
		Level: c.Level, Note: c.Note, Evidence: c.Evidence, SourceID: disclosureSource.ID}
}

// check brings a submission into its stored form and returns every fault.
func (in *Submission) check(today string) errs.List {
	var f faults
	in.Submitter.check(&f)
	switch {
	case in.Side == KindResult && in.Result != nil && in.Need == nil:
		r := *in.Result
		r.Common = r.Common.stated()
		r.Team = slices.Clone(r.Team)
		for i := range r.Team {
			r.Team[i].PersonID = ""
		}
		f.list = append(f.list, prepare(&r)...)
		r.ID, r.Key = "", ""
		in.Result = &r
	case in.Side == KindNeed && in.Need != nil && in.Result == nil:
		n := *in.Need
		n.Common = n.Common.stated()
		f.list = append(f.list, prepare(&n)...)
		f.past("deadline", n.Deadline, "", today)
		f.past("deliver_by", n.Constraints.DeliverBy, "", today)
		n.ID, n.Key = "", ""
		in.Need = &n
	default:
		f.add(errs.New(errs.Invalid, "transfer.side", errs.A{"value": clip(in.Side)}).At("/side"))
	}
	return f.list
}

func (in *Submission) title() i18n.Text {
	if in.Result != nil {
		return in.Result.Title
	}
	return in.Need.Title
}

// DisclosureFilter selects disclosures at the desk.
type DisclosureFilter struct {
	Status []DisclosureStatus
	Side   string
	Query  string // number, or part of the title as written
	registry.Page
}
