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
	"github.com/kapok-city/kapok/internal/level"
)

// SavedSearch is a search that somebody keeps, and may be told of when a record
// is new in it. It is its owner's alone.
type SavedSearch struct {
	ID        string          `json:"id"`
	User      string          `json:"user"`
	Name      string          `json:"name"` // one of a kind for its owner
	Kind      string          `json:"kind"` // of what it finds; "" for all kinds
	Query     json.RawMessage `json:"query"`
	Notify    bool            `json:"notify"`
	Seen      int64           `json:"seen"` // change number up to which its owner has been told
	Version   int64           `json:"version"`
	CreatedAt db.Time         `json:"created_at"`
	UpdatedAt db.Time         `json:"updated_at"`
}

const (
	maxQuery    = 16 << 10 // bytes of a query
	maxSearches = 100      // of one user
)

// SaveSearch keeps a search of the viewer: a new one (no ID), or the one of his
// that still has that Version. A new one begins to tell from now on.
func (s *Service) SaveSearch(ctx context.Context, v level.Viewer, by change.Author, q SavedSearch) (SavedSearch, error) {
	if v.User == "" {
		return q, errs.New(errs.Unauthenticated, "errs.sign_in")
	}
	if list := q.check(); len(list) > 0 {
		return q, list
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		return reviseSearch(ctx, tx, v, by, &q)
	})
	return q, err
}

func (q *SavedSearch) check() errs.List {
	var f faults
	q.Name = strings.TrimSpace(q.Name)
	f.required("search_name", q.Name)
	f.add(legibleText("search_name", q.Name))
	f.add(legibleText("kind", q.Kind))
	var object map[string]json.RawMessage
	switch err := json.Unmarshal(q.Query, &object); {
	case len(q.Query) > maxQuery:
		f.add(errs.New(errs.TooLarge, "transfer.query_large", errs.A{"size": len(q.Query) >> 10, "limit": maxQuery >> 10}).At("/query"))
	case err != nil || !utf8.Valid(q.Query):
		f.add(errs.Wrap(err, errs.Invalid, "transfer.query_form").At("/query"))
	}
	return f.list
}

func reviseSearch(ctx context.Context, tx *db.Tx, v level.Viewer, by change.Author, q *SavedSearch) error {
	mine, err := searches(ctx, tx, "WHERE user_id = $1 ORDER BY name, id", v.User)
	if err != nil {
		return err
	}
	now := db.At(tx.Now())
	q.User, q.UpdatedAt = v.User, now
	if slices.ContainsFunc(mine, func(o SavedSearch) bool { return o.Name == q.Name && o.ID != q.ID }) {
		return errs.New(errs.Conflict, "transfer.search_name", errs.A{"name": q.Name}).At("/name")
	}
	if q.ID == "" {
		if len(mine) >= maxSearches {
			return errs.New(errs.Conflict, "transfer.searches_full", errs.A{"limit": maxSearches})
		}
		if q.Seen, err = change.Head(ctx, tx); err != nil {
			return err
		}
		q.ID, q.Version, q.CreatedAt = db.NewID(KindSavedSearch), 1, now
		return writeSearch(ctx, tx, by, change.Create, nil, q)
	}
	i := slices.IndexFunc(mine, func(o SavedSearch) bool { return o.ID == q.ID })
	if i < 0 {
		return notFound(q.ID)
	}
	old := mine[i]
	if old.Version != q.Version {
		return errs.New(errs.Precondition, "transfer.stale", errs.A{"version": old.Version, "who": old.User, "at": old.UpdatedAt.UTC().Format(time.RFC3339), "id": q.ID})
	}
	q.Version, q.CreatedAt, q.Seen = old.Version+1, old.CreatedAt, old.Seen
	return writeSearch(ctx, tx, by, change.Update, &old, q)
}

func writeSearch(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, before, q *SavedSearch) error {
	if _, err := tx.Exec(ctx, `INSERT INTO saved_search(`+searchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, query = excluded.query, notify = excluded.notify,
		version = excluded.version, updated_at = excluded.updated_at`,
		q.ID, q.User, q.Name, q.Kind, string(q.Query), q.Notify, q.Seen, q.Version, q.CreatedAt, q.UpdatedAt); err != nil {
		return err
	}
	var old any
	if before != nil {
		old = before
	}
	e, err := change.New(by, KindSavedSearch, q.ID, action, old, q)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

// SavedSearches lists the viewer's searches by name.
func (s *Service) SavedSearches(ctx context.Context, v level.Viewer) ([]SavedSearch, error) {
	return searches(ctx, s.d, "WHERE user_id = $1 AND user_id <> '' ORDER BY name, id", v.User)
}

// SearchesToTell lists the searches whose owners want to be told, by id: for
// the program that runs them. Each is to be run as its owner, User, and not
// otherwise.
func (s *Service) SearchesToTell(ctx context.Context, after string, limit int) ([]SavedSearch, error) {
	return searches(ctx, s.d, "WHERE notify AND id > $1 ORDER BY id LIMIT $2", after, limit)
}

// Told notes that the owner of a search has been told of what changed up to a
// number. It never goes back, and is not in the change log: it is a cursor.
func (s *Service) Told(ctx context.Context, id string, seq int64) error {
	_, err := s.d.Exec(ctx, "UPDATE saved_search SET seen = $1 WHERE id = $2 AND seen < $1", seq, id)
	return err
}

// DeleteSearch removes a search of the viewer. One that is not there is no
// error.
func (s *Service) DeleteSearch(ctx context.Context, v level.Viewer, by change.Author, id string) error {
	if !storable(id) {
		return nil
	}
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		mine, err := searches(ctx, tx, "WHERE user_id = $1 AND id = $2", v.User, id)
		if err != nil || len(mine) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM saved_search WHERE id = $1", id); err != nil {
			return err
		}
		e, err := change.New(by, KindSavedSearch, id, change.Delete, mine[0], nil)
		if err != nil {
			return err
		}
		return change.Append(ctx, tx, e)
	})
}

const searchColumns = "id, user_id, name, kind, query, notify, seen, version, created_at, updated_at"

func searches(ctx context.Context, q db.Querier, tail string, args ...any) ([]SavedSearch, error) {
	return db.Collect(ctx, q, func(s db.Scan) (SavedSearch, error) {
		var v SavedSearch
		var query string
		err := s(&v.ID, &v.User, &v.Name, &v.Kind, &query, &v.Notify, &v.Seen, &v.Version, &v.CreatedAt, &v.UpdatedAt)
		v.Query = json.RawMessage(query)
		return v, err
	}, "SELECT "+searchColumns+" FROM saved_search "+tail, args...)
}
