package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SavedSearchIn is a search that the caller keeps.
type SavedSearchIn struct {
	Name   string         `json:"name" minLength:"1" maxLength:"200" doc:"One of a kind for its owner"`
	Kind   string         `json:"kind,omitempty" maxLength:"40" doc:"Of what it finds: result, need, service; all kinds when absent"`
	Query  map[string]any `json:"query" doc:"The filters, as an object"`
	Notify bool           `json:"notify,omitempty" doc:"Tell when a record is new in it"`
}

// SavedSearch is one search of the caller.
type SavedSearch struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	Kind   string          `json:"kind"`
	Query  json.RawMessage `json:"query"`
	Notify bool            `json:"notify"`
	// Version is what If-Match names.
	Version   int64  `json:"version"`
	UpdatedAt string `json:"updated_at" format:"date-time"`
}

func savedOut(q *transfer.SavedSearch) SavedSearch {
	return SavedSearch{q.ID, q.Name, q.Kind, q.Query, q.Notify, q.Version, q.UpdatedAt.UTC().Format("2006-01-02T15:04:05.000000Z")}
}

// SavedIn asks for a page of the caller's searches.
type SavedIn struct{ Paging }

func (s *server) savedSearches() {
	const tag, path = "saved_searches", "/saved-searches"
	addList(s, route{id: "list_saved_searches", path: path, tag: tag, signed: true}, savedTable(), s.listSaved)
	add(s, route{id: "create_saved_search", method: http.MethodPost, path: path, tag: tag, signed: true, once: true, status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body SavedSearchIn }) (*answer[SavedSearch], error) {
			a, err := s.saveSearch(ctx, &in.Body, "")
			if err == nil {
				a.with("Location", base+path+"/"+a.Body.ID)
			}
			return a, err
		})
	add(s, route{id: "replace_saved_search", method: http.MethodPut, path: path + "/{id}", tag: tag, signed: true, versioned: true},
		func(ctx context.Context, in *struct {
			ID
			Body SavedSearchIn
		}) (*answer[SavedSearch], error) {
			return s.saveSearch(ctx, &in.Body, in.ID.ID)
		})
	add(s, route{id: "remove_saved_search", method: http.MethodDelete, path: path + "/{id}", tag: tag, signed: true, status: http.StatusNoContent}, s.removeSaved)
}

func (s *server) listSaved(ctx context.Context, in *SavedIn) (part[SavedSearch], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[SavedSearch]{}, err
	}
	list, err := t.SavedSearches(ctx, callOf(ctx).viewer())
	if err != nil {
		return part[SavedSearch]{}, err
	}
	all := make([]SavedSearch, len(list))
	for i := range list {
		all[i] = savedOut(&list[i])
	}
	return cutPage(all, &in.Paging, func(q *SavedSearch) string { return q.ID })
}

func (s *server) saveSearch(ctx context.Context, b *SavedSearchIn, id string) (*answer[SavedSearch], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	query, err := json.Marshal(b.Query)
	if err != nil {
		return nil, err
	}
	q, err := t.SaveSearch(ctx, callOf(ctx).viewer(), author(ctx, ""), transfer.SavedSearch{ID: id, Version: callOf(ctx).match, Name: b.Name, Kind: b.Kind, Query: query, Notify: b.Notify})
	if err != nil {
		return nil, repointed(err, map[string]string{"search_name": "name"})
	}
	return row(savedOut(&q), q.Version), nil
}

// removeSaved takes no version: what is gone twice is gone.
func (s *server) removeSaved(ctx context.Context, in *ID) (*answer[struct{}], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	if err := t.DeleteSearch(ctx, callOf(ctx).viewer(), change.Author{Actor: callOf(ctx).user.ID}, in.ID); err != nil {
		return nil, err
	}
	return of(struct{}{}), nil
}

func savedTable() table[SavedSearch] {
	type v = SavedSearch
	return table[v]{name: "saved-searches", columns: []column[v]{
		{"id", func(q *v) any { return q.ID }}, {"name", func(q *v) any { return q.Name }}, {"kind", func(q *v) any { return q.Kind }},
		{"query", func(q *v) any { return string(q.Query) }}, {"notify", func(q *v) any { return q.Notify }}, {"updated_at", func(q *v) any { return q.UpdatedAt }},
	}}
}
