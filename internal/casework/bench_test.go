package casework_test

import (
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
)

// BenchmarkDo measures one action with a guard, an effect, a clock and its entry
// of the change log, each in a transaction of its own, kept on disk.
func BenchmarkDo(b *testing.B) { benchmarkDo(b, 1) }

// BenchmarkDoIn is BenchmarkDo with a thousand actions in one transaction, as an
// import does them.
func BenchmarkDoIn(b *testing.B) { benchmarkDo(b, 1000) }

func benchmarkDo(b *testing.B, together int) {
	x, cases := thousand(b)
	for n := 0; b.Loop(); n++ {
		must(b, x.d.InTx(ctx, func(tx *db.Tx) error {
			for i := range together {
				at := (n*together + i) % len(cases)
				by, act := next(cases[at])
				c, err := x.s.DoIn(ctx, tx, by, act.CaseID, act.Version, act.Action, act.Input)
				if err != nil {
					return err
				}
				cases[at] = c
			}
			return nil
		}))
	}
	b.ReportMetric(float64(b.N*together)/b.Elapsed().Seconds(), "actions/s")
}

// BenchmarkDoMany does the same thousand actions by one call.
func BenchmarkDoMany(b *testing.B) {
	x, cases := thousand(b)
	for b.Loop() {
		must(b, x.d.InTx(ctx, func(tx *db.Tx) error {
			acts := make([]casework.Act, len(cases))
			var by casework.Actor
			for i, c := range cases {
				by, acts[i] = next(c)
			}
			results, err := x.s.DoMany(ctx, tx, by, acts)
			for i, r := range results {
				cases[i] = r.Case
				must(b, r.Err)
			}
			return err
		}))
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "actions/s")
}

func thousand(b *testing.B) (bench, []casework.Case) {
	d := dbtest.SQLite(b)
	x := setUp(b, d)
	var cases []casework.Case
	must(b, d.InTx(ctx, func(tx *db.Tx) (err error) {
		cases, err = x.s.OpenMany(ctx, tx, maker, make1000(0))
		return err
	}))
	return x, cases
}

// next hands a draft in and a submitted case back.
func next(c casework.Case) (casework.Actor, casework.Act) {
	if c.State == "submitted" {
		return checker, casework.Act{CaseID: c.ID, Version: c.Version, Action: "return", Input: casework.Input{Reason: "again"}}
	}
	return maker, casework.Act{CaseID: c.ID, Version: c.Version, Action: "submit", Input: amount(1)}
}

// BenchmarkOpenMany opens a thousand cases in one transaction.
func BenchmarkOpenMany(b *testing.B) {
	d := dbtest.SQLite(b)
	x := setUp(b, d)
	for n := 0; b.Loop(); n++ {
		must(b, d.InTx(ctx, func(tx *db.Tx) error {
			_, err := x.s.OpenMany(ctx, tx, maker, make1000(n))
			return err
		}))
	}
	b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "cases/s")
}

func make1000(n int) []casework.Opening {
	out := make([]casework.Opening, 1000)
	for i := range out {
		out[i] = casework.Opening{ID: fmt.Sprintf("case-%d-%d", n, i), Kind: "example.grant", Ref: "loan/x", Data: grant{1}}
	}
	return out
}

// BenchmarkDiagram draws the kind of sixteen states.
func BenchmarkDiagram(b *testing.B) {
	k := parse(b, "testdata/claim.yaml")
	for b.Loop() {
		casework.Diagram(k, casework.Look{})
	}
}

// BenchmarkLists reads what a desk reads over 60,000 open cases.
func BenchmarkLists(b *testing.B) {
	d := dbtest.SQLite(b)
	x := setUp(b, d)
	for n := range 60 {
		must(b, d.InTx(ctx, func(tx *db.Tx) error {
			cases, err := x.s.OpenMany(ctx, tx, maker, make1000(n))
			if err != nil || n%3 > 0 {
				return err
			}
			acts := make([]casework.Act, len(cases))
			for i, c := range cases {
				_, acts[i] = next(c)
			}
			_, err = x.s.DoMany(ctx, tx, maker, acts)
			return err
		}))
	}
	for name, read := range map[string]func() error{
		"cases": func() error {
			_, err := casework.Cases(ctx, d, casework.Filter{Kind: "example.grant"}, casework.Page{})
			return err
		},
		"count":  func() error { _, err := casework.Count(ctx, d, casework.Filter{}); return err },
		"tasks":  func() error { _, err := x.s.Tasks(ctx, d, checker, casework.Page{}); return err },
		"ageing": func() error { _, err := x.s.Ageing(ctx, d, ""); return err },
		"due": func() error {
			_, err := casework.Cases(ctx, d, casework.Filter{DueBefore: "2026-01-10"}, casework.Page{})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, read())
			}
		})
	}
}
