package api

import (
	"context"
	"net/http"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/source"
)

// ListIn asks for a page of a list without filters.
type ListIn struct{ Paging }

func (s *server) sources() {
	const tag = "sources"
	addList(s, route{id: "list_sources", path: "/sources", tag: tag, needs: account.Read}, sourceTable(), s.listSources)
	add(s, route{id: "get_source", path: "/sources/{id}", tag: tag, needs: account.Read}, s.getSource)
}

// listSources shows sources tagged R too: that a document is used in private is
// no secret, what it holds is.
func (s *server) listSources(ctx context.Context, in *ListIn) (part[source.Source], error) {
	after, err := decodeCursor(in.Cursor)
	if err != nil {
		return part[source.Source]{}, err
	}
	list, err := source.List(ctx, s.DB, after, in.Limit+1)
	if err != nil {
		return part[source.Source]{}, err
	}
	total, err := source.Count(ctx, s.DB)
	if err != nil {
		return part[source.Source]{}, err
	}
	out := part[source.Source]{items: list, total: total}
	if len(list) > in.Limit {
		out.items = list[:in.Limit]
		out.next = encodeCursor(out.items[in.Limit-1].ID)
	}
	return out, nil
}

func (s *server) getSource(ctx context.Context, in *ID) (*answer[source.Source], error) {
	v, err := source.Get(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	return row(v, v.Version), nil
}

func sourceTable() table[source.Source] {
	type v = source.Source
	return table[v]{name: "sources", columns: []column[v]{
		{"source_id", func(x *v) any { return x.ID }}, {"kind", func(x *v) any { return x.Kind }},
		{"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"publisher", func(x *v) any { return x.Publisher }}, {"author", func(x *v) any { return x.Author }}, {"url", func(x *v) any { return x.URL }},
		{"published_on", func(x *v) any { return x.PublishedOn }}, {"retrieved_on", func(x *v) any { return x.RetrievedOn }},
		{"licence", func(x *v) any { return x.Licence }}, {"licence_tag", func(x *v) any { return string(x.LicenceTag) }},
		{"note", func(x *v) any { return x.Note }}, {"simulated", func(x *v) any { return x.Simulated }},
	}}
}

// BatchesIn asks for a page of import batches.
type BatchesIn struct {
	Source string `query:"source" maxLength:"200" doc:"Source id"`
	Paging
}

func (s *server) batches() {
	const tag = "sources"
	addList(s, route{id: "list_batches", path: "/batches", tag: tag, needs: account.Read}, batchTable(), s.listBatches)
	add(s, route{id: "get_batch", path: "/batches/{id}", tag: tag, needs: account.Read}, s.getBatch)
	add(s, route{id: "undo_batch", method: http.MethodPost, path: "/batches/{id}/undo", tag: tag, needs: account.UndoImport, once: true}, s.undoBatch)
}

// maxBatches is how many of the newest batches the list reaches back to.
const maxBatches = 10000

func (s *server) listBatches(ctx context.Context, in *BatchesIn) (part[source.Batch], error) {
	all, err := source.Batches(ctx, s.DB, in.Source, maxBatches)
	if err != nil {
		return part[source.Batch]{}, err
	}
	for i := range all {
		discreet(callOf(ctx), &all[i])
	}
	return cutPage(all, &in.Paging, func(b *source.Batch) string { return b.ID })
}

// discreet keeps who ran an import, and under which file name, from readers.
func discreet(c *call, b *source.Batch) {
	if !c.seesPrivate() {
		b.Actor, b.UndoneBy, b.FileName = "", "", ""
	}
}

func (s *server) getBatch(ctx context.Context, in *ID) (*answer[source.Batch], error) {
	b, err := source.GetBatch(ctx, s.DB, in.ID)
	if b, err = readableRow(ctx, s, b, err, func(b source.Batch) string { return b.SourceID }, in.ID); err != nil {
		return nil, err
	}
	discreet(callOf(ctx), &b)
	return of(b), nil
}

func (s *server) undoBatch(ctx context.Context, in *struct {
	ID
	Body *ReasonIn
}) (*answer[source.Batch], error) {
	if s.UndoBatch == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	if err := s.UndoBatch(ctx, author(ctx, reasonOf(in.Body)), in.ID.ID); err != nil {
		return nil, err
	}
	b, err := source.GetBatch(ctx, s.DB, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return of(b), nil
}

func batchTable() table[source.Batch] {
	type b = source.Batch
	return table[b]{name: "batches", source: func(v *b) string { return v.SourceID }, columns: []column[b]{
		{"id", func(v *b) any { return v.ID }}, {"importer", func(v *b) any { return v.Importer }}, {"file_name", func(v *b) any { return v.FileName }},
		{"file_sha256", func(v *b) any { return v.FileSHA256 }}, {"state", func(v *b) any { return string(v.State) }},
		{"read", func(v *b) any { return v.Counts.Read }}, {"created", func(v *b) any { return v.Counts.Created }}, {"updated", func(v *b) any { return v.Counts.Updated }},
		{"unchanged", func(v *b) any { return v.Counts.Unchanged }}, {"rejected", func(v *b) any { return v.Counts.Rejected }},
		{"started_at", func(v *b) any { return instant(v.StartedAt) }}, {"finished_at", func(v *b) any { return instant(v.FinishedAt) }}, {"undone_at", func(v *b) any { return instant(v.UndoneAt) }},
	}}
}

// instant is a cell of RFC 3339 in UTC, empty for never.
func instant(t db.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
