package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// MarketQuery are the filters that results, needs and services have in common.
type MarketQuery struct {
	Query    string   `query:"q" maxLength:"200" doc:"Part of the title; case, width and traditional characters make no difference"`
	Status   []string `query:"status" enum:"draft,listed,paused,withdrawn,expired,closed" doc:"States, parted by commas"`
	Live     bool     `query:"live" doc:"Listed, and not over by today's date"`
	Level    string   `query:"level" enum:"public,partner,internal,confidential" doc:"Of exactly this level of publication"`
	Owner    string   `query:"owner" maxLength:"200" doc:"Id of the organisation that owns it"`
	Division string   `query:"division" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code; a province or city covers what lies below it"`
	IPC      string   `query:"ipc" maxLength:"40" doc:"IPC code; G06F covers its groups"`
	Industry string   `query:"industry" maxLength:"10" doc:"GB/T 4754-2017 code; C39 covers its classes"`
	Source   string   `query:"source" maxLength:"200" doc:"Source id"`
	Batch    string   `query:"batch" maxLength:"200" doc:"Import batch id"`
	Mine     bool     `query:"mine" doc:"Only what the caller has made; nothing for nobody"`
}

// MarketOrder is the sort of results, needs and services.
type MarketOrder struct {
	Sort string `query:"sort" enum:"listed,expires,newest,name,name_en" default:"listed" doc:"listed: newest listing first; expires: what ends first; newest: last changed first; name: by Chinese title (pinyin); name_en"`
}

// nobody is an author that no record has.
const nobody = "-"

func (q *MarketQuery) filter(ctx context.Context) (transfer.Filter, error) {
	f := transfer.Filter{Query: q.Query, Live: q.Live, Level: level.Level(q.Level), OwnerID: q.Owner, Division: q.Division, Source: q.Source, Batch: q.Batch}
	for _, s := range q.Status {
		f.Status = append(f.Status, transfer.Status(s))
	}
	if q.Mine {
		f.Author = nobody
		if u := callOf(ctx).user; u != nil {
			f.Author = u.ID
		}
	}
	var list errs.List
	f.IPC = parsed(&list, "ipc", q.IPC, transfer.ParseIPC)
	f.Industry = parsed(&list, "industry", q.Industry, transfer.ParseIndustry)
	return f, list.Err()
}

// parsed is the kept form of a code, "" for none; a fault is added to list.
func parsed(list *errs.List, field, code string, parse func(string) (string, error)) string {
	if strings.TrimSpace(code) == "" {
		return ""
	}
	kept, err := parse(code)
	if err != nil {
		*list = append(*list, errs.Of(err).At(field))
	}
	return kept
}

// RecordIn is what anybody may state of a result, a need or a service. Faults
// of its words are told by the room, one sentence each.
type RecordIn struct {
	Title     i18n.Text       `json:"title"`
	Summary   i18n.Text       `json:"summary,omitzero"`
	OwnerText string          `json:"owner_text,omitempty" doc:"The owner as written"`
	Division  string          `json:"division,omitempty" doc:"GB/T 2260 code"`
	Fields    transfer.Fields `json:"fields,omitzero" doc:"IPC, GB/T 4754-2017 and keywords"`
	Level     string          `json:"level,omitempty" doc:"public, partner, internal or confidential; a new record without one is internal"`
	Note      i18n.Text       `json:"note,omitzero"`
	Evidence  string          `json:"evidence,omitempty" doc:"Where in its source it stands"`
}

func (b *RecordIn) fill(c *transfer.Common) {
	c.Title, c.Summary, c.OwnerText, c.Division, c.Fields, c.Note, c.Evidence = b.Title, b.Summary, b.OwnerText, b.Division, b.Fields, b.Note, b.Evidence
	c.Level = level.Level(b.Level)
}

// OfficeIn is what the office adds to that.
type OfficeIn struct {
	OwnerID   string   `json:"owner_id,omitempty" doc:"Organisation of the register"`
	Readers   []string `json:"readers,omitempty" doc:"User ids that read it whatever its level; absent keeps those there are"`
	ListedOn  string   `json:"listed_on,omitempty" doc:"ISO date; absent keeps the one there is, or is today"`
	ExpiresOn string   `json:"expires_on,omitempty" doc:"The last day on which it is listed; absent keeps it, or is the kind's own term"`
}

func (b *OfficeIn) fill(c *transfer.Common) {
	c.OwnerID, c.ListedOn, c.ExpiresOn = b.OwnerID, b.ListedOn, b.ExpiresOn
	if b.Readers != nil {
		c.Readers = b.Readers
	}
}

// ShelfIn is where a record stands among the others.
type ShelfIn struct {
	Key      string `json:"key,omitempty" doc:"Stable word of whoever brings it, unique in its kind; absent keeps it, or one is made"`
	Status   string `json:"status,omitempty" doc:"draft, listed, paused, withdrawn, expired or closed; absent keeps it, or is listed"`
	SourceID string `json:"source_id" doc:"Where it comes from"`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *ShelfIn) fill(c *transfer.Common) {
	c.Status, c.SourceID = transfer.Status(b.Status), b.SourceID
	if b.Key != "" {
		c.Key = b.Key
	}
}

// RenewIn says until when a record is to be listed again.
type RenewIn struct {
	Until  string `json:"until,omitempty" doc:"ISO date, at most 36 months on; absent is the kind's own term"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

// StatusIn moves a record in its life.
type StatusIn struct {
	Status string `json:"status" enum:"draft,listed,paused,withdrawn,expired,closed"`
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

// transferRoom returns the room of results and needs.
func (s *server) transferRoom() (*transfer.Service, error) {
	if s.Transfer == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Transfer, nil
}

// stall is one kind of the market: how its records are read and written. B is
// what a person writes.
type stall[T, B any] struct {
	word, area string
	get        func(t *transfer.Service, ctx context.Context, v level.Viewer, id string) (T, error)
	common     func(*T) *transfer.Common
	// write puts what was written over a record, new or as it is, and returns the
	// reason given.
	write  func(b *B, onto *T) string
	save   func(t *transfer.Service, ctx context.Context, v level.Viewer, reason string, row T) (T, error)
	mended func(b *B, e *errs.Error) // brings the pointer of a fault to the place in the body
}

// addStall registers the operations on one record of a kind.
func addStall[T, B any](s *server, m stall[T, B]) {
	one := "/" + m.area + "/{id}"
	add(s, route{id: "get_" + m.word, path: one, tag: m.area, needs: account.Read}, func(ctx context.Context, in *ID) (*answer[T], error) {
		return m.answer(ctx, s, in.ID)
	})
	add(s, route{id: "create_" + m.word, method: http.MethodPost, path: "/" + m.area, tag: m.area, needs: account.Edit, once: true, status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body B }) (*answer[T], error) {
			a, err := m.put(ctx, s, &in.Body, "")
			if err == nil {
				a.with("Location", base+"/"+m.area+"/"+m.common(&a.Body).ID)
			}
			return a, err
		})
	add(s, route{id: "replace_" + m.word, method: http.MethodPut, path: one, tag: m.area, needs: account.Edit, versioned: true},
		func(ctx context.Context, in *struct {
			ID
			Body B
		}) (*answer[T], error) {
			return m.put(ctx, s, &in.Body, in.ID.ID)
		})
	add(s, route{id: "renew_" + m.word, method: http.MethodPost, path: one + "/renew", tag: m.area, needs: account.Edit, versioned: true, once: true},
		func(ctx context.Context, in *struct {
			ID
			Body RenewIn
		}) (*answer[T], error) {
			return m.moved(ctx, s, in.ID.ID, func(t *transfer.Service, c *call) error {
				err := t.Renew(ctx, c.viewer(), author(ctx, in.Body.Reason), m.word, in.ID.ID, c.match, in.Body.Until)
				return repointed(err, map[string]string{"expires_on": "until"})
			})
		})
	add(s, route{id: "set_status_of_" + m.word, method: http.MethodPost, path: one + "/status", tag: m.area, needs: account.Edit, versioned: true, once: true},
		func(ctx context.Context, in *struct {
			ID
			Body StatusIn
		}) (*answer[T], error) {
			return m.moved(ctx, s, in.ID.ID, func(t *transfer.Service, c *call) error {
				return t.SetStatus(ctx, c.viewer(), author(ctx, in.Body.Reason), m.word, in.ID.ID, c.match, transfer.Status(in.Body.Status))
			})
		})
}

func (m *stall[T, B]) answer(ctx context.Context, s *server, id string) (*answer[T], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	v, err := m.get(t, ctx, callOf(ctx).viewer(), id)
	if err != nil {
		return nil, err
	}
	return m.shown(ctx, v), nil
}

// shown is a record as the caller may see it.
func (m *stall[T, B]) shown(ctx context.Context, v T) *answer[T] {
	c := m.common(&v)
	callOf(ctx).withoutHands(c)
	return row(v, c.Version)
}

// withoutHands takes out who made and changed a record, and who is named its
// reader: that is for the staff.
func (c *call) withoutHands(r *transfer.Common) {
	if !c.seesPrivate() {
		r.CreatedBy, r.UpdatedBy, r.Readers = "", "", nil
	}
}

// put creates a record (no id) or replaces the one of If-Match.
func (m *stall[T, B]) put(ctx context.Context, s *server, b *B, id string) (*answer[T], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	var v T
	if id != "" {
		if v, err = m.get(t, ctx, c.viewer(), id); err != nil {
			return nil, err
		}
	}
	reason := m.write(b, &v)
	m.common(&v).Version = c.match
	saved, err := m.save(t, ctx, c.viewer(), reason, v)
	if err != nil {
		for _, e := range errs.ListOf(err) {
			m.mended(b, e)
		}
		return nil, err
	}
	return m.shown(ctx, saved), nil
}

// moved runs a change of a record's life and answers with the record: who has
// changed it sees it once more, even where he has hidden it from himself.
func (m *stall[T, B]) moved(ctx context.Context, s *server, id string, act func(t *transfer.Service, c *call) error) (*answer[T], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	if err := act(t, callOf(ctx)); err != nil {
		return nil, err
	}
	v, err := m.get(t, ctx, level.Program, id)
	if err != nil {
		return nil, err
	}
	return m.shown(ctx, v), nil
}

// repointed renames the fields of faults to those of the body that was sent.
func repointed(err error, names map[string]string) error {
	for _, e := range errs.ListOf(err) {
		repoint(e, names)
	}
	return err
}

func repoint(e *errs.Error, names map[string]string) {
	if to, ok := names[strings.TrimPrefix(e.Field, "/")]; ok {
		e.Field = "/" + to
	}
}

// fieldNames are the faults of the codes and keywords of a record.
var fieldNames = map[string]string{"ipc": "fields/ipc", "ipc_edition": "fields/ipc_edition", "industry": "fields/industry", "keywords": "fields/keywords"}

// pageOf is a page of records as the caller may see them.
func pageOf[T any](ctx context.Context, l registry.List[T], err error, common func(*T) *transfer.Common) (part[T], error) {
	for i := range l.Items {
		callOf(ctx).withoutHands(common(&l.Items[i]))
	}
	return fromList(l, err)
}

// marketColumns are the columns that files of all kinds begin and end with.
func marketColumns[T any](common func(*T) *transfer.Common, own ...column[T]) []column[T] {
	of := func(name string, value func(c *transfer.Common) any) column[T] {
		return column[T]{name, func(v *T) any { return value(common(v)) }}
	}
	head := []column[T]{
		of("id", func(c *transfer.Common) any { return c.ID }), of("key", func(c *transfer.Common) any { return c.Key }),
		of("title_zh", func(c *transfer.Common) any { return c.Title.ZH }), of("title_en", func(c *transfer.Common) any { return c.Title.EN }),
		of("summary_zh", func(c *transfer.Common) any { return c.Summary.ZH }), of("summary_en", func(c *transfer.Common) any { return c.Summary.EN }),
	}
	tail := []column[T]{
		of("owner_id", func(c *transfer.Common) any { return c.OwnerID }), of("owner", func(c *transfer.Common) any { return ownerName(c) }),
		of("division", func(c *transfer.Common) any { return c.Division }),
		of("ipc", func(c *transfer.Common) any { return joined(c.Fields.IPC) }), of("industry", func(c *transfer.Common) any { return joined(c.Fields.Industry) }),
		of("keywords", func(c *transfer.Common) any { return joined(c.Fields.Keywords) }),
		of("level", func(c *transfer.Common) any { return string(c.Level) }), of("status", func(c *transfer.Common) any { return string(c.Status) }),
		of("listed_on", func(c *transfer.Common) any { return c.ListedOn }), of("expires_on", func(c *transfer.Common) any { return c.ExpiresOn }),
		of("renewed_on", func(c *transfer.Common) any { return c.RenewedOn }), of("evidence", func(c *transfer.Common) any { return c.Evidence }),
		of("batch_id", func(c *transfer.Common) any { return c.BatchID }), of("version", func(c *transfer.Common) any { return c.Version }),
		of("updated_at", func(c *transfer.Common) any { return instant(c.UpdatedAt) }),
	}
	return slices.Concat(head, own, tail)
}

func ownerName(c *transfer.Common) string {
	if c.Owner == nil {
		return c.OwnerText
	}
	return refNames([]registry.Ref{*c.Owner}, c.OwnerText)
}

// joined puts words of a list into one cell.
func joined[S ~string](list []S) string {
	out := ""
	for _, v := range list {
		out = join(out, string(v))
	}
	return out
}

// fen is a cell in fen that stays empty for an amount that is not known.
func fen(v *money.Fen) any {
	if v == nil {
		return nil
	}
	return int64(*v)
}

// fenIn is an amount of a filter, nil for none.
func fenIn(v int64) *money.Fen {
	if v <= 0 {
		return nil
	}
	f := money.Fen(v)
	return &f
}

// sourceOfCommon names the source of a row of a file.
func sourceOfCommon[T any](common func(*T) *transfer.Common) func(*T) string {
	return func(v *T) string { return common(v).SourceID }
}
