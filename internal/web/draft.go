package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/transfer"
)

// DraftsPage lists what the reader is writing.
type DraftsPage struct {
	Page
	Lead   string
	Drafts []DraftLine
	Empty  State
}

// DraftLine is one draft.
type DraftLine struct {
	ID    string
	Title string
	Href  string
	Kind  string
	When  string
	Who   string // its author, where that is not the reader
	Mine  bool
}

// draftOnly are form values that belong to the one request.
var draftOnly = []string{"draft", "draft_version", "draft_save", "check", "more", "sure", "find_owner", "find_platform"}

// keepDraft keeps the form as it stands, right or wrong.
func (f *listingForm) keepDraft(w http.ResponseWriter) error {
	kept := maps.Clone(f.values)
	for _, name := range draftOnly {
		delete(kept, name)
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	d := transfer.DraftText{ID: f.values.Get("draft"), Kind: f.b.kind(), RecordID: commonOf(f.base).ID, Content: content,
		Title: i18n.Text{ZH: trim(f.values, "title_zh"), EN: trim(f.values, "title_en")}.In(f.l), Version: number64(f.values.Get("draft_version"))}
	saved, err := f.s.svc.Transfer.SaveDraft(f.ctx, f.viewer, d)
	if errs.KindOf(err) == errs.Precondition { // another window saved it: this one becomes a draft of its own
		d.ID, d.Version = "", 0
		saved, err = f.s.svc.Transfer.SaveDraft(f.ctx, f.viewer, d)
	}
	switch errs.KindOf(err) {
	case "":
		to := f.b.path() + "/new"
		if d.RecordID != "" {
			to = f.b.path() + "/" + d.RecordID + "/edit"
		}
		http.Redirect(w, f.r, to+"?"+url.Values{"draft": {saved.ID}, "done": {"draft"}}.Encode(), http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		f.faults = f.faultsOf(err)
		return f.show(w, http.StatusUnprocessableEntity)
	}
	return err
}

// fromDraft fills the form with a draft of the reader, or with one that names
// him. Of somebody else's draft the text is taken, and kept as a draft of one's
// own.
func (f *listingForm) fromDraft(id string) error {
	if id == "" {
		return nil
	}
	d, err := f.s.svc.Transfer.DraftByID(f.ctx, f.viewer, id)
	if err != nil {
		return err
	}
	if d.Kind != f.b.kind() || d.RecordID != commonOf(f.base).ID {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	values := url.Values{}
	if err := json.Unmarshal(d.Content, &values); err != nil {
		return errs.Wrap(err, errs.Invalid, "market.draft_unreadable")
	}
	f.values = values
	if d.Author == f.viewer.User {
		f.values.Set("draft", d.ID)
		f.values.Set("draft_version", i64(d.Version))
	}
	return nil
}

func (s *Site) draftList(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	p := DraftsPage{Page: s.Page(r, m.say("market.drafts")), Lead: m.say("market.drafts.lead")}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}}
	p.Flash = m.marketDone(p.query)
	got, err := s.svc.Transfer.Drafts(m.ctx, m.viewer, "")
	if err != nil {
		return err
	}
	for _, d := range got {
		if line, ok := m.draftLine(d); ok {
			p.Drafts = append(p.Drafts, line)
		}
	}
	p.Empty = State{Kind: "empty", Heading: m.say("market.drafts.none"), Text: m.say("market.drafts.none_text"), Action: Link{m.say("market.results.new"), "/results/new"}}
	return s.Render(w, r, "drafts", p)
}

func (m *fair) draftLine(d transfer.DraftText) (DraftLine, bool) {
	b, err := stallOf(d.Kind)
	if err != nil {
		return DraftLine{}, false
	}
	line := DraftLine{ID: d.ID, Title: d.Title, Kind: m.say("market." + b.key()), When: i18n.Instant(d.UpdatedAt.Time), Mine: d.Author == m.viewer.User}
	if line.Title == "" {
		line.Title = m.say("market.untitled")
	}
	if !line.Mine {
		line.Who = m.actor(d.Author)
	}
	line.Href = b.path() + "/new?draft=" + d.ID
	if d.RecordID != "" {
		line.Href = b.path() + "/" + d.RecordID + "/edit?draft=" + d.ID
		line.Kind = m.say("market.draft_of_change", errs.A{"kind": line.Kind})
	}
	return line, true
}

func (s *Site) deleteDraft(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	if err := s.svc.Transfer.DiscardDraft(m.ctx, m.viewer, r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/drafts?done=draft_deleted", http.StatusSeeOther)
	return nil
}
