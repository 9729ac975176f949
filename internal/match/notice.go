package match

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Notice tells the owner of a need that a record has come into its first ten.
type Notice struct {
	ID       string  `json:"id"`
	NeedID   string  `json:"need_id"`
	Record   Key     `json:"record"`
	User     string  `json:"user,omitempty"` // whom it is for, "" when no user made the need
	Place    int     `json:"place"`          // in the list on that day
	Score    float64 `json:"score"`
	Coverage float64 `json:"coverage"`
	Weights  string  `json:"weights"`
	At       db.Time `json:"at"`
	SeenAt   db.Time `json:"seen_at"`

	NeedTitle i18n.Text `json:"need_title"` // output only, as the title of the record
	Title     i18n.Text `json:"title"`
}

type noticeCursor struct{ at, id string }

// latest is before everything: notices are read backwards.
var latest = noticeCursor{at: "9"}

// Notices returns up to limit notices for the viewer, newest first; unseen
// leaves out those that were marked. A notice of which the viewer no longer
// sees the need or the record is not among them.
func (s *Service) Notices(ctx context.Context, v level.Viewer, unseen bool, limit int) ([]Notice, error) {
	if v.User == "" {
		return nil, errs.New(errs.Unauthenticated, "match.sign_in")
	}
	var out []Notice
	for from := latest; len(out) < limit; {
		part, err := noticesOf(ctx, s.cfg.DB, v.User, unseen, from, limit)
		if err != nil {
			return nil, err
		}
		out = append(out, s.visible(v, part)...)
		if len(part) < limit {
			break
		}
		last := part[len(part)-1]
		at, _ := last.At.Value() // has no error
		from = noticeCursor{at.(string), last.ID}
	}
	return out[:min(limit, len(out))], nil
}

// NoticesOf returns what a need that the viewer sees has been told, oldest
// first, as far as the viewer sees the records.
func (s *Service) NoticesOf(ctx context.Context, v level.Viewer, need string) ([]Notice, error) {
	all, err := noticesOfNeed(ctx, s.cfg.DB, need)
	return s.visible(v, all), err
}

func (s *Service) visible(v level.Viewer, list []Notice) []Notice {
	var out []Notice
	for _, n := range list {
		need, _, ok := s.cards.get(v, Key{Kind: KindNeed, ID: n.NeedID})
		if !ok {
			continue
		}
		if record, _, ok := s.cards.get(v, n.Record); ok {
			n.NeedTitle, n.Title = need.Title, record.Title
			out = append(out, n)
		}
	}
	return out
}

// MarkSeen marks notices of the viewer as seen. One that is not the viewer's
// stays as it is.
func (s *Service) MarkSeen(ctx context.Context, v level.Viewer, ids ...string) error {
	if v.User == "" {
		return errs.New(errs.Unauthenticated, "match.sign_in")
	}
	return s.cfg.DB.InTx(ctx, func(tx *db.Tx) error { return markSeen(ctx, tx, v.User, ids) })
}

// FirstMatches returns when each need was first told of a match, by the need's
// id: a need without one has no entry.
func (s *Service) FirstMatches(ctx context.Context) (map[string]db.Time, error) {
	return firstMatches(ctx, s.cfg.DB)
}
