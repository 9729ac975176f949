package app

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/data/judged"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// simulatedNeeds is how many needs of the demo city have been worked on.
const simulatedNeeds = 40

// SimulateIntroductions lets a made-up office work on the made-up needs of the
// demo city: what matches find is introduced, and accepted or declined as the
// judged set grades the pair. Needs that have introductions are left alone.
func (a *App) SimulateIntroductions(ctx context.Context) error {
	if err := a.ReadyToMatch(ctx); err != nil {
		return err
	}
	set, err := judged.Open()
	if err != nil {
		return fmt.Errorf("judged set: %w", err)
	}
	for i, n := range set.Needs {
		if i == simulatedNeeds {
			break
		}
		grades := map[string]int{}
		for _, g := range set.Of(n.ID) {
			grades[marketID(transfer.KindResult, g.Record)] = g.Final
		}
		if err := a.workOn(ctx, marketID(transfer.KindNeed, n.ID), grades); err != nil {
			return fmt.Errorf("need %s: %w", n.ID, err)
		}
	}
	return nil
}

// marketSource is the source of the simulated market; a record of a table has
// the key of its row behind its source.
const marketSource = "kapok-simulated-market"

func marketID(kind, key string) string { return db.DerivedID(kind, marketSource+":"+key) }

// perNeed is how many matches of a need the office looks at.
const perNeed = 3

func (a *App) workOn(ctx context.Context, need string, grades map[string]int) error {
	done, err := a.Transfer.Introductions(ctx, level.Staff, transfer.IntroductionFilter{Kind: transfer.KindNeed, ID: need, Page: registry.Page{Limit: 1}})
	if err != nil || len(done.Items) > 0 {
		return err
	}
	got, err := a.Match.For(ctx, level.Staff, match.Key{Kind: transfer.KindNeed, ID: need}, match.Options{Limit: perNeed, Kinds: []string{match.KindResult}})
	if errs.KindOf(err) == errs.NotFound {
		return nil // a need that the demo does not list
	}
	if err != nil {
		return err
	}
	for i := range got.Matches {
		m := &got.Matches[i]
		grade, judged := grades[m.ID]
		if !judged {
			continue
		}
		if err := a.introduceAs(ctx, need, m, got.Weights, grade); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) introduceAs(ctx context.Context, need string, m *match.Match, weights string, grade int) error {
	by := change.Author{Actor: "demo", Reason: "simulated"}
	in, made, err := a.Transfer.Introduce(ctx, level.Staff, by, transfer.Introduction{NeedKind: transfer.KindNeed, NeedID: need, OfferKind: m.Kind, OfferID: m.ID,
		Author: by.Actor, Score: &m.Score, Features: m.Values.Map(), Weights: weights})
	if err != nil || !made {
		return err
	}
	for _, e := range outcomes[grade] {
		if in, err = a.Transfer.Follow(ctx, level.Staff, by, in.ID, len(in.Events), e); err != nil {
			return err
		}
	}
	return nil
}

// outcomes are what comes of an introduction by the grade of the pair.
var outcomes = map[int][]transfer.Event{
	0: {{Kind: transfer.EventDeclined, Reason: transfer.WrongField}},
	1: {{Kind: transfer.EventDeclined, Reason: transfer.TooEarly}},
	2: {{Kind: transfer.Contacted}},
	3: {{Kind: transfer.Contacted}, {Kind: transfer.Deal}},
}

// Scale is how much made-up finance a demo city has.
type Scale string

// The scales.
const (
	FullFinance  Scale = "full"  // the totals that are reported
	SmallFinance Scale = "small" // about a hundredth of it
	NoFinance    Scale = "none"
)

var scales = map[Scale]float64{FullFinance: 1, SmallFinance: 0.01}

// financeSeed gives every demo the same made-up finance.
const financeSeed = 20241231

// SimulateFinance makes up the finance of the demo city, once. Figures and search
// follow when it is done, not at each of its steps.
func (a *App) SimulateFinance(ctx context.Context, s Scale) (simulate.Report, error) {
	scale, known := scales[s]
	if s == NoFinance {
		return simulate.Report{}, nil
	}
	if !known {
		return simulate.Report{}, errs.New(errs.Invalid, "app.finance_scale", errs.A{"value": string(s)})
	}
	org, err := ingest.KeyID(ctx, a.DB, registry.KindOrg, "gz-sti-fof")
	if err != nil {
		return simulate.Report{}, err
	}
	if _, err := a.Registry.Org(ctx, org); errs.KindOf(err) == errs.NotFound {
		org = "" // a city without that fund of funds
	} else if err != nil {
		return simulate.Report{}, err
	}
	a.making.Store(true)
	defer a.making.Store(false)
	return simulate.Run(ctx, a.DB, simulate.Options{Seed: financeSeed, Scale: scale, FundOfFunds: org})
}
