package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/i18n"
)

// NoticesPage tells a user which records have come that answer the needs of
// that user.
type NoticesPage struct {
	Page
	Tabs  []Tab
	Rows  []NoticeRow
	Empty State
}

// NoticeRow is one record that has come into the first ten of a need.
type NoticeRow struct {
	ID     string
	Day    string
	Need   Link
	Record Link
	Kind   string
	Score  string
	Bench  string // the workbench of the need
	New    bool
}

// noticesShown bounds the list.
const noticesShown = 100

func (s *Site) notices(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	fresh := b.q.Get("all") == ""
	list, err := s.svc.Match.Notices(b.ctx, b.viewer, fresh, noticesShown)
	if err != nil {
		return err
	}
	p := NoticesPage{Page: s.Page(r, b.say("web.room.notices"))}
	p.Tabs = []Tab{{Label: b.say("bench.unseen"), Href: p.With("all", ""), Current: fresh}, {Label: b.say("reg.all"), Href: p.With("all", "1"), Current: !fresh}}
	for i := range list {
		n := &list[i]
		p.Rows = append(p.Rows, NoticeRow{ID: n.ID, Day: i18n.Instant(n.At.Time), Need: Link{n.NeedTitle.In(b.l), refPath("need", n.NeedID)}, Record: Link{n.Title.In(b.l), refPath(n.Record.Kind, n.Record.ID)},
			Kind: b.superKind(n.Record.Kind), Score: points(n.Score), Bench: "/match?kind=need&id=" + n.NeedID, New: n.SeenAt.IsZero()})
	}
	if len(p.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: b.say("bench.no_notices"), Text: b.say("bench.no_notices_text")}
	}
	return s.Render(w, r, "notices", p)
}

func (s *Site) noticesSeen(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := s.svc.Match.MarkSeen(b.ctx, b.viewer, r.PostForm["id"]...); err != nil {
		return err
	}
	http.Redirect(w, r, "/notices", http.StatusSeeOther)
	return nil
}
