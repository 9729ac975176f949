package transfer

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// DraftText is what somebody is writing: the fields of a form as they stand,
// right or wrong. It becomes a record by being saved as one, and is then
// discarded.
type DraftText struct {
	ID        string          `json:"id"`
	Kind      string          `json:"kind"`                // KindResult, KindNeed or KindService
	RecordID  string          `json:"record_id,omitempty"` // of the record that it changes
	Author    string          `json:"author"`
	Readers   []string        `json:"readers,omitempty"` // user ids that may read it
	Title     string          `json:"title,omitempty"`   // for lists and duplicate hints
	Content   json.RawMessage `json:"content"`           // a JSON object; its meaning is the form's
	Version   int64           `json:"version"`
	CreatedAt db.Time         `json:"created_at"`
	UpdatedAt db.Time         `json:"updated_at"`
}

const (
	maxContent = 256 << 10 // bytes of a form
	maxDrafts  = 200       // of one author
)

// SaveDraft keeps what the viewer is writing: a new draft (no ID), or the one
// of his that still has that Version; errs.Precondition tells of another window
// that saved meanwhile. Drafts are not in the change log.
func (s *Service) SaveDraft(ctx context.Context, v level.Viewer, d DraftText) (DraftText, error) {
	if v.User == "" {
		return d, errs.New(errs.Unauthenticated, "errs.sign_in")
	}
	if err := d.check(); err != nil {
		return d, err
	}
	if d.RecordID != "" {
		if open, err := s.Visible(ctx, v, d.Kind, []string{d.RecordID}); err != nil || !open[d.RecordID] {
			return d, orNotFound(err, d.RecordID)
		}
	}
	d.Author = v.User
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil { // it is what writers of this room queue at
			return err
		}
		return reviseDraft(ctx, tx, &d)
	})
	return d, err
}

func orNotFound(err error, what string) error {
	if err != nil {
		return err
	}
	return notFound(what)
}

func (d *DraftText) check() error {
	d.Title = strings.TrimSpace(clipTo(d.Title, longest["title"]))
	d.Readers = tidyList(d.Readers)
	slices.Sort(d.Readers)
	if d.Kind != KindResult && d.Kind != KindNeed && d.Kind != KindService {
		return errs.New(errs.Invalid, "transfer.word", errs.A{"field": called("kind"), "value": clip(d.Kind), "allowed": "result, need, service"}).At("/kind")
	}
	if len(d.Content) > maxContent {
		return errs.New(errs.TooLarge, "transfer.draft_large", errs.A{"size": len(d.Content) >> 10, "limit": maxContent >> 10}).At("/content")
	}
	object := map[string]json.RawMessage{}
	if err := json.Unmarshal(d.Content, &object); err != nil || !utf8.Valid(d.Content) {
		return errs.Wrap(err, errs.Invalid, "transfer.draft_form").At("/content")
	}
	return nil
}

// reviseDraft writes a checked draft in place of the one that has its ID.
func reviseDraft(ctx context.Context, tx *db.Tx, d *DraftText) error {
	now := db.At(tx.Now())
	if d.ID == "" {
		n, _, err := db.Value[int64](ctx, tx, "SELECT COUNT(*) FROM draft WHERE author = $1", d.Author)
		if err != nil {
			return err
		}
		if n >= maxDrafts {
			return errs.New(errs.Conflict, "transfer.drafts_full", errs.A{"limit": maxDrafts})
		}
		d.ID, d.Version, d.CreatedAt, d.UpdatedAt = db.NewID("draft"), 1, now, now
		return writeDraft(ctx, tx, *d)
	}
	old, found, err := findDraft(ctx, tx, d.ID)
	switch {
	case err != nil:
		return err
	case !found || old.Author != d.Author:
		return notFound(d.ID)
	case old.Version != d.Version:
		return errs.New(errs.Precondition, "transfer.stale", errs.A{"version": old.Version, "who": old.Author, "at": old.UpdatedAt.UTC().Format(time.RFC3339), "id": d.ID})
	}
	d.Kind, d.RecordID, d.Version, d.CreatedAt, d.UpdatedAt = old.Kind, old.RecordID, old.Version+1, old.CreatedAt, now
	return writeDraft(ctx, tx, *d)
}

// DraftByID returns a draft of the viewer, or one that names him, or
// errs.NotFound.
func (s *Service) DraftByID(ctx context.Context, v level.Viewer, id string) (DraftText, error) {
	found, err := s.drafts(ctx, v, func(w *where) { w.equal("t.id", id) })
	if err == nil && len(found) == 0 {
		err = notFound(id)
	}
	if err != nil {
		return DraftText{}, err
	}
	return found[0], nil
}

// Drafts lists the drafts of the viewer and those that name him, of one kind or
// of all (""), the last written first.
func (s *Service) Drafts(ctx context.Context, v level.Viewer, kind string) ([]DraftText, error) {
	return s.drafts(ctx, v, func(w *where) { w.equal("t.kind", kind) })
}

func (s *Service) drafts(ctx context.Context, v level.Viewer, narrow func(*where)) ([]DraftText, error) {
	var w where
	guardDrafts(&w, "t", v)
	narrow(&w)
	return db.Collect(ctx, s.d, scanDraft, "SELECT "+draftColumns+" FROM draft t"+w.String()+" ORDER BY updated_at DESC, id LIMIT 500", w.args...)
}

// DiscardDraft removes a draft of the viewer. One that is not there is no
// error: it may be discarded twice.
func (s *Service) DiscardDraft(ctx context.Context, v level.Viewer, id string) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		old, found, err := findDraft(ctx, tx, id)
		if err != nil || !found || old.Author != v.User {
			return err
		}
		if err := removeDerived(ctx, tx, "draft", []string{id}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM draft WHERE id = $1", id)
		return err
	})
}

const draftColumns = "id, kind, record_id, author, title, readers, content, version, created_at, updated_at"

func scanDraft(s db.Scan) (DraftText, error) {
	var d DraftText
	var readers, content string
	if err := s(&d.ID, &d.Kind, &d.RecordID, &d.Author, &d.Title, &readers, &content, &d.Version, &d.CreatedAt, &d.UpdatedAt); err != nil {
		return d, err
	}
	d.Content = json.RawMessage(content)
	return d, json.Unmarshal([]byte(readers), &d.Readers)
}

func findDraft(ctx context.Context, q db.Querier, id string) (DraftText, bool, error) {
	return db.One(ctx, q, scanDraft, "SELECT "+draftColumns+" FROM draft WHERE id = $1", id)
}

func writeDraft(ctx context.Context, tx *db.Tx, d DraftText) error {
	readers, err := json.Marshal(d.Readers)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO draft(`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, readers = excluded.readers, content = excluded.content,
		version = excluded.version, updated_at = excluded.updated_at`,
		d.ID, d.Kind, d.RecordID, d.Author, d.Title, string(readers), string(d.Content), d.Version, d.CreatedAt, d.UpdatedAt); err != nil {
		return err
	}
	w := written{word: "draft"}
	w.derive(d.ID, i18n.Text{ZH: d.Title}, tidyList(append([]string{d.Author}, d.Readers...)), nil)
	return w.store(ctx, tx)
}

// clipTo shortens a text to some characters and leaves out what is no text.
func clipTo(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
