package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/transfer"
)

// introduce records that a need and an offer are brought together, or that the
// pair was looked at and declined.
func (s *Site) introduce(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f := r.PostForm
	in := transfer.Introduction{NeedKind: f.Get("need_kind"), NeedID: f.Get("need_id"), OfferKind: f.Get("offer_kind"), OfferID: f.Get("offer_id"), Reason: strings.TrimSpace(f.Get("reason"))}
	if err := b.score(&in); err != nil {
		return err
	}
	by := b.user.Author(in.Reason)
	in.Author = by.Actor
	declined, why := f.Get("act") == "decline", transfer.DeclineReason(f.Get("why"))
	if declined {
		err = declinable(why, in.Reason) // before anything is written: a pair is not left introduced
	}
	var made transfer.Introduction
	if err == nil {
		made, _, err = s.svc.Transfer.Introduce(b.ctx, b.viewer, by, in)
	}
	if err == nil && declined {
		_, err = s.svc.Transfer.Follow(b.ctx, b.viewer, by, made.ID, len(made.Events), transfer.Event{Kind: transfer.EventDeclined, Reason: why, Note: in.Reason})
	}
	if errs.KindOf(err) == errs.Invalid {
		return b.again(w, r, back(f, in), err)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, back(f, made)+"#log", http.StatusSeeOther)
	return nil
}

// declinable says what is missing in an answer that a pair does not suit.
func declinable(why transfer.DeclineReason, note string) error {
	switch {
	case !slices.Contains(transfer.DeclineReasons, why):
		return errs.New(errs.Invalid, "bench.why_missing").At("/why")
	case why == transfer.OtherReason && note == "":
		return errs.New(errs.Invalid, "transfer.decline_other").At("/reason")
	}
	return nil
}

// again shows the workbench that a form came from, with what is wrong.
func (b *bench) again(w http.ResponseWriter, r *http.Request, at string, fault error) error {
	from, err := url.Parse(at)
	if err != nil {
		return err
	}
	here := r.Clone(r.Context())
	here.URL, b.q = from, from.Query()
	p, err := b.page(here)
	if err != nil {
		return err
	}
	p.Error = i18n.Error(b.l, fault)
	return b.s.RenderStatus(w, r, statusOf[errs.Invalid], "match", p)
}

// back is the workbench that a form came from.
func back(f url.Values, in transfer.Introduction) string {
	q := url.Values{"kind": {in.NeedKind}, "id": {in.NeedID}}
	if f.Get("from") == "offer" {
		q = url.Values{"kind": {in.OfferKind}, "id": {in.OfferID}}
	}
	if way := f.Get("for"); way != "" {
		q.Set("for", way)
	}
	return "/match?" + q.Encode()
}

// score keeps with an introduction the features as they are now, for whoever
// fits the weights again. A pair that is not among the found has none.
func (b *bench) score(in *transfer.Introduction) error {
	o := match.Options{Limit: 100}
	if in.OfferKind != match.KindResult && in.OfferKind != match.KindService {
		o.Kinds = []string{in.OfferKind}
	}
	a, err := b.s.svc.Match.For(b.ctx, b.viewer, match.Key{Kind: in.NeedKind, ID: in.NeedID}, o)
	if err != nil {
		return err
	}
	for _, list := range [][]match.Match{a.Matches, a.Nearest, a.Excluded} {
		for i := range list {
			if m := &list[i]; m.Key == (match.Key{Kind: in.OfferKind, ID: in.OfferID}) {
				in.Score, in.Weights = &m.Score, a.Weights
				if len(m.Features) > 0 {
					in.Features = m.Values.Map()
				}
				return nil
			}
		}
	}
	return nil
}

// IntroductionsPage is the log of introductions.
type IntroductionsPage struct {
	Page
	Exports []Link
	Tabs    []Tab
	Rows    []LogRow
	Pager   Pager
	Empty   State
}

func introductionFilter(q url.Values) transfer.IntroductionFilter {
	return transfer.IntroductionFilter{State: transfer.EventKind(q.Get("state")), Author: q.Get("author"), From: q.Get("from"), To: q.Get("to"),
		Page: registry.Page{After: q.Get("cursor"), Limit: pageSize}}
}

func (s *Site) introductions(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	p := IntroductionsPage{Page: s.Page(r, b.say("web.room.introductions"))}
	f := introductionFilter(b.q)
	got, err := s.svc.Transfer.Introductions(b.ctx, b.viewer, f)
	if err != nil {
		return err
	}
	counts, err := s.svc.Transfer.IntroductionCounts(b.ctx, b.viewer, transfer.IntroductionFilter{})
	if err != nil {
		return err
	}
	all := 0
	for _, c := range counts {
		all += int(c.Count)
	}
	p.Tabs = []Tab{{Label: b.say("reg.all"), Href: p.With("state", ""), Count: i18n.Integer(int64(all)), Current: f.State == ""}}
	for _, c := range counts {
		p.Tabs = append(p.Tabs, Tab{Label: b.say("bench.event." + c.Value), Href: p.With("state", c.Value), Count: i18n.Integer(c.Count), Current: string(f.State) == c.Value})
	}
	for _, ext := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(ext), exportPath("/introductions", ext, p.With())})
	}
	p.Rows = b.logRows(got.Items)
	if got.Next != "" {
		p.Pager.Next = p.With("cursor", got.Next)
	}
	if f.After != "" {
		p.Pager.First = p.With()
	}
	if len(p.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: b.say("bench.no_introductions"), Text: b.say("bench.no_introductions_text"), Action: Link{b.say("web.room.match"), "/match"}}
	}
	return s.Render(w, r, "introductions", p)
}

// introductionExport is the log as a file. A title that is not open to partners
// stays at home; the id stands for it.
func (s *Site) introductionExport(v *reading, q url.Values) (export, error) {
	e := export{name: "introductions", head: []string{"id", "day", "need_kind", "need_id", "need_zh", "need_en", "offer_kind", "offer_id", "offer_zh", "offer_en", "state", "reason", "score", "weights"}}
	if s.svc.Transfer == nil {
		return e, errs.New(errs.Unavailable, "match.off")
	}
	if err := account.Require(v.user, account.Edit); err != nil {
		return e, err
	}
	f := introductionFilter(q)
	f.Page = registry.Page{Limit: exportStep}
	e.rows = func(yield func(sheet.Row, error) bool) {
		for {
			got, err := s.svc.Transfer.Introductions(v.ctx, account.ViewerOf(v.user), f)
			if err == nil {
				err = v.openEnds(got.Items)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range got.Items {
				if !yield(introductionRow(&got.Items[i]), nil) {
					return
				}
			}
			if f.After = got.Next; f.After == "" {
				return
			}
		}
	}
	return e, nil
}

// openEnds takes away the titles that partners do not see.
func (v *reading) openEnds(items []transfer.Introduction) error {
	partner := level.Viewer{Clearance: level.Partner}
	for _, kind := range []string{transfer.KindNeed, transfer.KindResult, transfer.KindService} {
		var ids []string
		for i := range items {
			ids = append(ids, items[i].NeedID, items[i].OfferID)
		}
		open, err := v.s.svc.Transfer.Visible(v.ctx, partner, kind, tidy(ids))
		if err != nil {
			return err
		}
		for i := range items {
			for _, e := range []*transfer.End{items[i].Need, items[i].Offer} {
				if e != nil && e.Kind == kind && !open[e.ID] {
					e.Title = i18n.Text{}
				}
			}
		}
	}
	return nil
}

func introductionRow(in *transfer.Introduction) sheet.Row {
	var need, offer transfer.End
	if in.Need != nil {
		need = *in.Need
	}
	if in.Offer != nil {
		offer = *in.Offer
	}
	return sheet.Row{in.ID, in.Day, in.NeedKind, in.NeedID, need.Title.ZH, need.Title.EN, in.OfferKind, in.OfferID, offer.Title.ZH, offer.Title.EN, string(in.State), in.Reason, degree(in.Score), in.Weights}
}

// IntroductionPage is one introduction: its two sides, what has happened, and
// what can happen next.
type IntroductionPage struct {
	Page
	Row      LogRow
	Reason   string
	Weights  string
	Events   []Event
	Next     []Option
	Reasons  []Option
	Position string
	Error    string
	Note     string
}

func (s *Site) introduction(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	return b.showIntroduction(w, r, http.StatusOK, nil)
}

func (b *bench) showIntroduction(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	in, err := b.s.svc.Transfer.Introduction(b.ctx, b.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	row := b.logRows([]transfer.Introduction{in})[0]
	p := IntroductionPage{Page: b.s.Page(r, b.say("bench.introduction", errs.A{"need": row.Need.Text, "offer": row.Offer.Text})), Row: row, Reason: in.Reason, Weights: in.Weights, Position: position(&in)}
	p.Crumbs = []Link{{b.say("web.room.introductions"), "/introductions"}}
	for i := range in.Events {
		e := &in.Events[i]
		p.Events = append(p.Events, Event{Day: e.Day, Title: b.say("bench.event." + string(e.Kind)), Text: b.eventText(e), Who: b.actor(e.Actor), State: eventState(e.Kind, i == len(in.Events)-1)})
	}
	for _, k := range in.State.Next() {
		p.Next = append(p.Next, Option{Value: string(k), Label: b.say("bench.do." + string(k))})
	}
	for _, why := range transfer.DeclineReasons {
		p.Reasons = append(p.Reasons, Option{Value: string(why), Label: b.say("bench.decline." + string(why)), Selected: r.PostFormValue("why") == string(why)})
	}
	if fault != nil {
		p.Error, p.Note = i18n.Error(b.l, fault), r.PostFormValue("note")
	}
	return b.s.RenderStatus(w, r, status, "introduction", p)
}

func eventState(k transfer.EventKind, last bool) string {
	switch {
	case k == transfer.EventDeclined:
		return "failed"
	case last:
		return "now"
	}
	return "done"
}

// followUp records what came of an introduction.
func (s *Site) followUp(w http.ResponseWriter, r *http.Request) error {
	b, err := s.bench(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f := r.PostForm
	seen, _ := strconv.Atoi(f.Get("seen")) // anything else is a state nobody has seen
	e := transfer.Event{Kind: transfer.EventKind(f.Get("event")), Note: strings.TrimSpace(f.Get("note"))}
	if e.Kind == transfer.EventDeclined {
		e.Reason = transfer.DeclineReason(f.Get("why"))
	}
	_, err = s.svc.Transfer.Follow(b.ctx, b.viewer, b.user.Author(e.Note), r.PathValue("id"), seen, e)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/introductions/"+r.PathValue("id"), http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Precondition, errs.Conflict:
		return b.showIntroduction(w, r, statusOf[errs.KindOf(err)], err)
	}
	return err
}
