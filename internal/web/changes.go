package web

import (
	"net/http"
	"strconv"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// ChangesPage is the change log, newest first.
type ChangesPage struct {
	Page
	Lead    string
	Filter  FilterBar
	Entries []HistoryEntry
	Older   string
	First   string // the newest entries, when these are older ones
	Empty   State
}

// changeKinds are the kinds of records that a reader can ask the log for.
var changeKinds = []string{registry.KindOrg, registry.KindRelation, registry.KindPlatform, registry.KindPark, registry.KindPerson, registry.KindPaper,
	registry.KindDivision, transfer.KindResult, transfer.KindNeed, transfer.KindService, capital.KindRound, capital.KindAcquisition, capital.KindListing,
	capital.KindContest, capital.KindGuarantee, capital.KindPremium, source.Kind, "figure", "user"}

func (s *Site) changes(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := ChangesPage{Page: s.Page(r, v.say("reg.changes")), Lead: v.say("reg.changes.lead")}
	p.Crumbs = []Link{{v.say("reg.sources"), "/sources"}}
	q := r.URL.Query()
	f := change.Filter{Kind: q.Get("kind"), Actor: q.Get("actor")}
	p.Filter = FilterBar{Action: "/changes", Reset: "/changes"}
	kinds := Field{Name: "kind", Label: v.say("reg.kind_of_record"), Kind: "select", Options: []Option{{Value: "", Label: v.say("reg.all")}}}
	for _, k := range changeKinds {
		kinds.Options = append(kinds.Options, Option{Value: k, Label: v.word("record", k), Selected: k == f.Kind})
	}
	actors, err := v.actorOptions(f.Actor)
	if err != nil {
		return err
	}
	p.Filter.Fields = []Field{kinds, actors}
	if f.Kind != "" {
		p.Filter.Chips = append(p.Filter.Chips, Chip{v.say("reg.kind_of_record"), v.word("record", f.Kind), p.With("kind", "", "history", "")})
	}
	if f.Actor != "" {
		p.Filter.Chips = append(p.Filter.Chips, Chip{v.say("reg.who"), v.actor(f.Actor), p.With("actor", "", "history", "")})
	}
	got, err := change.List(v.ctx, s.svc.DB, f, number64(q.Get("history")), pageSize+1)
	if err != nil {
		return err
	}
	if p.Entries, p.Older, err = v.entries(p.Page, got); err != nil {
		return err
	}
	if q.Get("history") != "" {
		p.First = p.With("history", "")
	}
	p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.changes.none"), Action: Link{v.say("reg.no_match_act"), "/changes"}}
	return s.Render(w, r, "changes", p)
}

// actorOptions are the users and the parts of the program that change records.
func (v *reading) actorOptions(now string) (Field, error) {
	f := Field{Name: "actor", Label: v.say("reg.who"), Kind: "select", Options: []Option{{Value: "", Label: v.say("reg.all")}}}
	users, err := v.s.svc.Accounts.List(v.ctx)
	for _, u := range users {
		f.Options = append(f.Options, Option{Value: u.ID, Label: u.Name, Selected: u.ID == now})
	}
	for _, part := range []string{"import", "demo", "cli"} {
		f.Options = append(f.Options, Option{Value: part, Label: v.word("actor", part), Selected: part == now})
	}
	return f, err
}

// number64 reads a number from an address; what is none is zero.
func number64(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func i64(n int64) string { return strconv.FormatInt(n, 10) }
