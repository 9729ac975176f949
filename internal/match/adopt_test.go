package match

import (
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func TestVersionsAreAdoptedByAPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, by := t.Context(), change.Author{Actor: "staff", Reason: "more weight on codes"}
		r := newRoom(t, d, nil, city()...)
		w := Default()
		w.Of[atCodes] = .3
		v, err := r.Write(ctx, by, w)
		if err != nil {
			t.Fatal(err)
		}
		if r.Weights().Version != "default" {
			t.Error("a proposal is in use")
		}
		if v, err = r.Adopt(ctx, by, v.ID); err != nil {
			t.Fatal(err)
		}
		if r.Weights() != v.Weights || v.Weights.Of[atCodes] != .3 || v.AdoptedBy != "staff" {
			t.Errorf("in use %+v, adopted %+v", r.Weights(), v)
		}
		got, err := r.For(ctx, public, Key{Kind: KindNeed, ID: "need-battery"}, Options{})
		if err != nil || got.Weights != v.ID {
			t.Errorf("an answer names %q, %v", got.Weights, err)
		}
		if _, err := r.Adopt(ctx, by, v.ID); errs.KindOf(err) != errs.Conflict {
			t.Errorf("twice: %v", err)
		}
		if _, err := r.Adopt(ctx, by, "weights-none"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such version: %v", err)
		}
		list, err := r.Versions(ctx)
		if err != nil || len(list) != 1 || list[0].AdoptedAt.IsZero() || list[0].Reason != by.Reason {
			t.Errorf("versions %+v, %v", list, err)
		}
		log, err := change.Of(ctx, d, KindWeights, v.ID, 0, 10)
		if err != nil || len(log) != 2 || log[0].Actor != "staff" {
			t.Errorf("log %+v, %v", log, err)
		}
		again := newRoom(t, d, nil) // another process
		if err := again.CatchUp(ctx); err != nil || again.Weights().Version != v.ID {
			t.Errorf("another process uses %q, %v", again.Weights().Version, err)
		}
	})
}
