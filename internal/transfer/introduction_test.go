package transfer_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// pairOf puts a need and a result and returns the introduction between them.
func pairOf(t *testing.T, d *db.DB, s *transfer.Service, l level.Level) transfer.Introduction {
	t.Helper()
	inTx(t, d, func(tx *db.Tx) error {
		if _, err := s.PutNeeds(t.Context(), tx, loader, []transfer.Need{need("n", "需求", l)}); err != nil {
			return err
		}
		_, err := s.PutResults(t.Context(), tx, loader, []transfer.Result{result("r", "成果", level.Public)})
		return err
	})
	score := .62
	return transfer.Introduction{NeedKind: "need", NeedID: db.DerivedID("need", "n"), OfferKind: "result", OfferID: db.DerivedID("result", "r"),
		Reason: "都做氮化硼", Score: &score, Features: map[string]float64{"words": .5, "gloss": .12}, Weights: "w1"}
}

func TestIntroductionAndWhatCameOfIt(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		in := pairOf(t, d, s, level.Internal)
		got, created, err := s.Introduce(t.Context(), staff, lin, in)
		if err != nil || !created || got.Author != "lin" || got.Day != "2026-01-02" || got.State != transfer.Introduced || got.Need.Title.ZH != "需求" || got.Offer.Title.ZH != "成果" || len(got.Events) != 1 {
			t.Fatalf("%+v, %v, %v", got, created, err)
		}
		if diff := cmp.Diff(in.Features, got.Features); diff != "" || *got.Score != .62 || got.Weights != "w1" {
			t.Errorf("%s %+v", diff, got)
		}
		if again, created, err := s.Introduce(t.Context(), other, change.Author{Actor: "mei"}, in); err != nil || created || again.Author != "lin" {
			t.Errorf("%+v, %v, %v", again, created, err)
		}
		follow := func(seen int, e transfer.Event, want string) {
			t.Helper()
			_, err := s.Follow(t.Context(), staff, lin, got.ID, seen, e)
			if key := ""; err != nil {
				if key = errs.Of(err).Key; key != want {
					t.Errorf("%+v: %v, want %s", e, err, want)
				}
			} else if want != "" {
				t.Errorf("%+v passed, want %s", e, want)
			}
		}
		follow(1, transfer.Event{Kind: transfer.EventReopened}, "transfer.event_move")
		follow(1, transfer.Event{Kind: transfer.Contacted}, "")
		follow(1, transfer.Event{Kind: transfer.Contacted}, "") // a click too many
		follow(1, transfer.Event{Kind: transfer.Deal}, "transfer.stale")
		follow(2, transfer.Event{Kind: transfer.EventDeclined}, "transfer.required")
		follow(2, transfer.Event{Kind: transfer.EventDeclined, Reason: "nonsense"}, "transfer.word")
		follow(2, transfer.Event{Kind: transfer.EventDeclined, Reason: transfer.OtherReason}, "transfer.decline_other")
		follow(2, transfer.Event{Kind: transfer.Deal, Reason: transfer.TooEarly}, "transfer.decline_only")
		follow(2, transfer.Event{Kind: transfer.Deal, Day: "2027-01-01"}, "transfer.event_day")
		follow(2, transfer.Event{Kind: transfer.Deal, Day: "2025-01-01"}, "transfer.event_day")
		follow(2, transfer.Event{Kind: transfer.EventDeclined, Reason: transfer.TooExpensive, Note: "超出预算"}, "")
		follow(3, transfer.Event{Kind: transfer.EventReopened}, "")
		follow(4, transfer.Event{Kind: transfer.Deal, Note: "签了"}, "")
		after, err := s.Introduction(t.Context(), staff, got.ID)
		if err != nil || after.State != transfer.Deal || len(after.Events) != 5 || after.Events[2].Reason != transfer.TooExpensive {
			t.Errorf("%+v, %v", after, err)
		}
		for _, c := range []struct {
			f    transfer.IntroductionFilter
			want int64
		}{
			{transfer.IntroductionFilter{}, 1}, {transfer.IntroductionFilter{ID: in.OfferID}, 1}, {transfer.IntroductionFilter{Kind: "need", ID: in.OfferID}, 0},
			{transfer.IntroductionFilter{State: transfer.Deal}, 1}, {transfer.IntroductionFilter{State: transfer.Contacted}, 0}, {transfer.IntroductionFilter{Author: "lin", From: "2026-01-02", To: "2026-01-02"}, 1},
			{transfer.IntroductionFilter{To: "2026-01-01"}, 0}, {transfer.IntroductionFilter{ID: "\x00"}, 0},
		} {
			l, err := s.Introductions(t.Context(), staff, c.f)
			if err != nil || l.Total != c.want || int64(len(l.Items)) != c.want {
				t.Errorf("%+v: %+v, %v", c.f, l, err)
			}
		}
		if n, err := s.IntroductionCounts(t.Context(), staff, transfer.IntroductionFilter{}); err != nil || fmt.Sprint(n) != "[{deal 1}]" {
			t.Errorf("%v, %v", n, err)
		}
		log, err := change.Of(t.Context(), d, transfer.KindIntroduction, got.ID, 0, 10)
		if err != nil || len(log) != 5 {
			t.Errorf("%d entries, %v", len(log), err)
		}
	})
}

func TestIntroductionsOfOtherEnds(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		in := pairOf(t, d, s, level.Public)
		reg := registry.New(d)
		who, err := reg.SavePerson(t.Context(), lin, registry.Person{Names: []registry.Name{{Text: "张专家", Kind: registry.Official}}, SourceID: "market"})
		must(t, err)
		paper, err := reg.SavePaper(t.Context(), lin, registry.Paper{Key: "p", Title: "论文", SourceID: "market"})
		must(t, err)
		for _, end := range []struct{ kind, id, title string }{{"person", who.ID, "张专家"}, {"paper", paper.ID, "论文"}, {"org", "org-1", "示例大学"}} {
			one := in
			one.OfferKind, one.OfferID = end.kind, end.id
			got, _, err := s.Introduce(t.Context(), staff, lin, one)
			if err != nil || got.Offer.Title.ZH != end.title {
				t.Errorf("%s: %+v, %v", end.kind, got.Offer, err)
			}
		}
		for want, spoil := range map[string]func(*transfer.Introduction){
			"errs.not_found":     func(in *transfer.Introduction) { in.OfferID = "result-none" },
			"transfer.word":      func(in *transfer.Introduction) { in.OfferKind = "fund" },
			"transfer.required":  func(in *transfer.Introduction) { in.NeedID = "" },
			"transfer.same_ends": func(in *transfer.Introduction) { in.OfferKind, in.OfferID = in.NeedKind, in.NeedID },
			"transfer.features":  func(in *transfer.Introduction) { in.Features = map[string]float64{"words": math.NaN()} },
			"transfer.event_day": func(in *transfer.Introduction) { in.Day = "2026-02-01" },
			"transfer.day":       func(in *transfer.Introduction) { in.Day = "yesterday" },
			"transfer.control":   func(in *transfer.Introduction) { in.Reason = "\u202e" },
		} {
			one := in
			spoil(&one)
			if _, _, err := s.Introduce(t.Context(), staff, lin, one); err == nil || errs.Of(err).Key != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		one := in
		one.OfferKind = "person" // an id of another kind
		if _, _, err := s.Introduce(t.Context(), staff, lin, one); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a result as a person: %v", err)
		}
	})
}

func TestSavedSearches(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		pan := change.Author{Actor: "pan"}
		q, err := s.SaveSearch(t.Context(), partner, pan, transfer.SavedSearch{Name: " 氮化硼 ", Kind: "result", Query: []byte(`{"q":"氮化硼"}`), Notify: true})
		if err != nil || q.Version != 1 || q.Name != "氮化硼" || q.User != "pan" || q.Seen == 0 {
			t.Fatalf("%+v, %v", q, err)
		}
		twin := q
		twin.ID = ""
		if _, err := s.SaveSearch(t.Context(), partner, pan, twin); !key(err, errs.Conflict, "transfer.search_name") {
			t.Errorf("a name twice: %v", err)
		}
		if _, err := s.SaveSearch(t.Context(), other, lin, q); errs.KindOf(err) != errs.NotFound {
			t.Errorf("another's search: %v", err)
		}
		next := q
		next.Name = "立方氮化硼"
		next, err = s.SaveSearch(t.Context(), partner, pan, next)
		must(t, err)
		if _, err := s.SaveSearch(t.Context(), partner, pan, q); !key(err, errs.Precondition, "transfer.stale") {
			t.Errorf("an old version: %v", err)
		}
		for want, bad := range map[string]transfer.SavedSearch{
			"transfer.required": {Query: []byte(`{}`)}, "transfer.query_form": {Name: "x", Query: []byte(`nonsense`)}, "transfer.query_large": {Name: "x", Query: make([]byte, 20<<10)},
		} {
			if _, err := s.SaveSearch(t.Context(), partner, pan, bad); err == nil || errs.Of(err).Key != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		must(t, s.Told(t.Context(), q.ID, q.Seen+5))
		must(t, s.Told(t.Context(), q.ID, 1))
		tell, err := s.SearchesToTell(t.Context(), "", 10)
		if err != nil || len(tell) != 1 || tell[0].Seen != q.Seen+5 || tell[0].Name != "立方氮化硼" {
			t.Errorf("%+v, %v", tell, err)
		}
		for v, want := range map[level.Viewer]int{partner: 1, staff: 0, public: 0} {
			if l, err := s.SavedSearches(t.Context(), v); err != nil || len(l) != want {
				t.Errorf("%+v: %+v, %v", v, l, err)
			}
		}
		must(t, s.DeleteSearch(t.Context(), other, lin, q.ID))
		must(t, s.DeleteSearch(t.Context(), partner, pan, q.ID))
		must(t, s.DeleteSearch(t.Context(), partner, pan, q.ID))
		if l, err := s.SavedSearches(t.Context(), partner); err != nil || len(l) != 0 {
			t.Errorf("%+v, %v", l, err)
		}
		log, err := change.Of(t.Context(), d, transfer.KindSavedSearch, q.ID, 0, 10)
		if err != nil || len(log) != 3 || log[0].Action != change.Delete {
			t.Errorf("%v, %v", log, err)
		}
	})
}
