package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// IntroductionsIn asks for a page of introductions.
type IntroductionsIn struct {
	Kind   string `query:"kind" maxLength:"40" doc:"Kind of the record that id names"`
	ID     string `query:"id" maxLength:"200" doc:"Of either end"`
	State  string `query:"state" enum:"introduced,contacted,declined,deal,reopened" doc:"Kind of the last event"`
	Author string `query:"author" maxLength:"200" doc:"User id of who introduced"`
	From   string `query:"from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"First day"`
	To     string `query:"to" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Last day"`
	Paging
}

// IntroductionIn brings two records together. The score and the features of the
// pair are taken from the match as it is now, not from who writes.
type IntroductionIn struct {
	NeedKind  string `json:"need_kind" enum:"need,result,service,person,paper,org,platform,park"`
	NeedID    string `json:"need_id" minLength:"1" maxLength:"200"`
	OfferKind string `json:"offer_kind" enum:"result,service,person,paper,org,platform,park,need"`
	OfferID   string `json:"offer_id" minLength:"1" maxLength:"200"`
	Day       string `json:"day,omitempty" maxLength:"10" doc:"ISO date; today when absent"`
	Reason    string `json:"reason" minLength:"1" doc:"Why these two, for both sides and for the log"`
}

// EventIn is what came of an introduction.
type EventIn struct {
	Kind   string `json:"kind" enum:"contacted,declined,deal,reopened"`
	Reason string `json:"reason,omitempty" doc:"Of a decline: not_needed, too_early, too_expensive, wrong_field, rights, timing or other"`
	Note   string `json:"note,omitempty"`
	Day    string `json:"day,omitempty" maxLength:"10" doc:"ISO date; today when absent"`
}

func (s *server) introductions() {
	const tag = "introductions"
	addList(s, route{id: "list_introductions", path: "/introductions", tag: tag, signed: true}, introductionTable(), s.listIntroductions)
	add(s, route{id: "get_introduction", path: "/introductions/{id}", tag: tag, signed: true}, s.getIntroduction)
	add(s, route{id: "introduce", method: http.MethodPost, path: "/introductions", tag: tag, needs: account.Edit, once: true}, s.introduce)
	add(s, route{id: "follow_introduction", method: http.MethodPost, path: "/introductions/{id}/events", tag: tag, needs: account.Edit, versioned: true, once: true}, s.followIntroduction)
}

func (s *server) listIntroductions(ctx context.Context, in *IntroductionsIn) (part[transfer.Introduction], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[transfer.Introduction]{}, err
	}
	l, err := t.Introductions(ctx, callOf(ctx).viewer(), transfer.IntroductionFilter{Kind: in.Kind, ID: in.ID, State: transfer.EventKind(in.State),
		Author: in.Author, From: in.From, To: in.To, Page: in.page()})
	if err == nil && callOf(ctx).file {
		err = s.withoutPrivateTitles(ctx, l.Items)
	}
	return fromList(l, err)
}

// withoutPrivateTitles takes out of a file what comes from sources tagged R.
func (s *server) withoutPrivateTitles(ctx context.Context, list []transfer.Introduction) error {
	for i := range list {
		for _, e := range []*transfer.End{list[i].Need, list[i].Offer} {
			open, err := s.leaves(ctx, e.Kind, e.ID)
			if err != nil {
				return err
			}
			if !open {
				e.Title = i18n.Text{}
			}
		}
	}
	return nil
}

func (s *server) getIntroduction(ctx context.Context, in *ID) (*answer[transfer.Introduction], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	v, err := t.Introduction(ctx, callOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return numbered(v), nil
}

// numbered answers with an introduction. Events are only added, so that their
// number is its version.
func numbered(in transfer.Introduction) *answer[transfer.Introduction] {
	return row(in, int64(len(in.Events)))
}

// introduce keeps an introduction, or answers with the one that there is of the
// pair.
func (s *server) introduce(ctx context.Context, in *struct{ Body IntroductionIn }) (*answer[transfer.Introduction], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	row := transfer.Introduction{NeedKind: b.NeedKind, NeedID: b.NeedID, OfferKind: b.OfferKind, OfferID: b.OfferID, Day: b.Day, Reason: b.Reason}
	if err := s.scored(ctx, &row); err != nil {
		return nil, err
	}
	made, _, err := t.Introduce(ctx, callOf(ctx).viewer(), author(ctx, b.Reason), row)
	if err != nil {
		return nil, err
	}
	return numbered(made).with("Location", base+"/introductions/"+made.ID), nil
}

// scored writes into an introduction what the match says of the pair now: that
// is what its outcome will teach. A pair that is not found has no score.
func (s *server) scored(ctx context.Context, in *transfer.Introduction) error {
	if s.Match == nil {
		return nil
	}
	a, err := s.Match.For(ctx, callOf(ctx).viewer(), match.Key{Kind: in.NeedKind, ID: in.NeedID}, match.Options{Kinds: []string{in.OfferKind}, Limit: match.MaxLimit})
	if errs.KindOf(err) == errs.NotFound {
		return nil // the room says which end is not there
	}
	if err != nil {
		return err
	}
	for _, list := range [][]match.Match{a.Matches, a.Nearest, a.Excluded} {
		for i := range list {
			m := &list[i]
			if m.Kind != in.OfferKind || m.ID != in.OfferID {
				continue
			}
			in.Score, in.Weights = &m.Score, a.Weights
			if len(m.Features) > 0 {
				in.Features = m.Values.Map()
			}
			return nil
		}
	}
	return nil
}

func (s *server) followIntroduction(ctx context.Context, in *struct {
	ID
	Body EventIn
}) (*answer[transfer.Introduction], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	c, b := callOf(ctx), &in.Body
	v, err := t.Follow(ctx, c.viewer(), author(ctx, b.Note), in.ID.ID, int(c.match),
		transfer.Event{Kind: transfer.EventKind(b.Kind), Reason: transfer.DeclineReason(b.Reason), Note: b.Note, Day: b.Day})
	if err != nil {
		return nil, repointed(err, map[string]string{"decline_reason": "reason"})
	}
	return numbered(v), nil
}

func introductionTable() table[transfer.Introduction] {
	type v = transfer.Introduction
	title := func(e *transfer.End) string { return refNames([]registry.Ref{{ID: e.ID, Name: e.Title}}, "") }
	return table[v]{name: "introductions", columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"day", func(x *v) any { return x.Day }}, {"state", func(x *v) any { return string(x.State) }},
		{"need_kind", func(x *v) any { return x.NeedKind }}, {"need_id", func(x *v) any { return x.NeedID }}, {"need", func(x *v) any { return title(x.Need) }},
		{"offer_kind", func(x *v) any { return x.OfferKind }}, {"offer_id", func(x *v) any { return x.OfferID }}, {"offer", func(x *v) any { return title(x.Offer) }},
		{"reason", func(x *v) any { return x.Reason }}, {"score", func(x *v) any { return number(x.Score) }}, {"weights", func(x *v) any { return x.Weights }},
		{"author", func(x *v) any { return x.Author }}, {"events", func(x *v) any { return len(x.Events) }},
		{"last_event_on", func(x *v) any { return x.Events[len(x.Events)-1].Day }}, {"last_reason", func(x *v) any { return string(x.Events[len(x.Events)-1].Reason) }},
	}}
}
