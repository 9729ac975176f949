package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
)

// NoticesIn asks for a page of the caller's notices.
type NoticesIn struct {
	Unseen bool `query:"unseen" doc:"Only those that were not marked as seen"`
	Paging
}

// Notice tells the maker of a need that a record has come into its first ten.
type Notice struct {
	ID        string    `json:"id"`
	Need      RecordKey `json:"need"`
	NeedTitle i18n.Text `json:"need_title"`
	Record    RecordKey `json:"record"`
	Title     i18n.Text `json:"title"`
	Place     int       `json:"place" doc:"In the list on that day"`
	Score     float64   `json:"score"`
	Coverage  float64   `json:"coverage"`
	Weights   string    `json:"weights"`
	At        db.Time   `json:"at"`
	SeenAt    db.Time   `json:"seen_at"`
}

// SeenIn names notices.
type SeenIn struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"500" nullable:"false"`
}

// noticesKept bounds what the list looks back on: older ones are in the log of
// their need.
const noticesKept = 1000

func (s *server) notices() {
	const tag = "notices"
	addList(s, route{id: "list_notices", path: "/notices", tag: tag, signed: true}, noticeTable(), s.listNotices)
	add(s, route{id: "mark_notices_seen", method: http.MethodPost, path: "/notices/seen", tag: tag, signed: true, once: true, status: http.StatusNoContent}, s.noticesSeen)
}

func (s *server) listNotices(ctx context.Context, in *NoticesIn) (part[Notice], error) {
	room, err := s.matchRoom()
	if err != nil {
		return part[Notice]{}, err
	}
	list, err := room.Notices(ctx, callOf(ctx).viewer(), in.Unseen, noticesKept)
	if err != nil {
		return part[Notice]{}, err
	}
	all := make([]Notice, len(list))
	for i, n := range list {
		all[i] = Notice{n.ID, RecordKey{match.KindNeed, n.NeedID}, n.NeedTitle, keyOf(n.Record), n.Title, n.Place, n.Score, n.Coverage, n.Weights, n.At, n.SeenAt}
	}
	page, err := cutPage(all, &in.Paging, func(n *Notice) string { return n.ID })
	if err == nil && callOf(ctx).file {
		err = s.noticesWithoutPrivateTitles(ctx, page.items)
	}
	return page, err
}

// noticesWithoutPrivateTitles takes out of a file what comes from sources tagged
// R.
func (s *server) noticesWithoutPrivateTitles(ctx context.Context, list []Notice) error {
	for i := range list {
		n := &list[i]
		for key, title := range map[RecordKey]*i18n.Text{n.Need: &n.NeedTitle, n.Record: &n.Title} {
			open, err := s.leaves(ctx, key.Kind, key.ID)
			if err != nil {
				return err
			}
			if !open {
				*title = i18n.Text{}
			}
		}
	}
	return nil
}

func (s *server) noticesSeen(ctx context.Context, in *struct{ Body SeenIn }) (*answer[struct{}], error) {
	room, err := s.matchRoom()
	if err != nil {
		return nil, err
	}
	if err := room.MarkSeen(ctx, callOf(ctx).viewer(), in.Body.IDs...); err != nil {
		return nil, err
	}
	return of(struct{}{}), nil
}

func noticeTable() table[Notice] {
	type v = Notice
	return table[v]{name: "notices", columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"at", func(x *v) any { return instant(x.At) }}, {"need_id", func(x *v) any { return x.Need.ID }},
		{"need_title_zh", func(x *v) any { return x.NeedTitle.ZH }}, {"need_title_en", func(x *v) any { return x.NeedTitle.EN }},
		{"record_kind", func(x *v) any { return x.Record.Kind }}, {"record_id", func(x *v) any { return x.Record.ID }},
		{"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"place", func(x *v) any { return x.Place }}, {"score", func(x *v) any { return x.Score }}, {"coverage", func(x *v) any { return x.Coverage }}, {"seen_at", func(x *v) any { return instant(x.SeenAt) }},
	}}
}
