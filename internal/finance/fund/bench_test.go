package fund_test

import (
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/source"
)

// cityOf is a fund of funds with sub-funds, each with holdings, written in one
// transaction as an import does.
func cityOf(b *testing.B, d *db.DB, s *fund.Service, subs, each int) {
	b.Helper()
	inTx(b, d, func(tx *db.Tx) error {
		if _, err := source.Put(b.Context(), tx, lin, source.Source{ID: "office", Title: i18n.Text{EN: "office"}, LicenceTag: source.Own}); err != nil {
			return err
		}
		rows := []fund.Fund{{ID: "mother", Key: "mother", Name: i18n.Text{EN: "mother"}, Kind: fund.FundOfFunds, SourceID: "office"}}
		for i := range subs {
			id := fmt.Sprint("sub-", i)
			rows = append(rows, fund.Fund{ID: id, Key: id, Name: i18n.Text{EN: id}, Kind: fund.SubFund, SourceID: "office"})
		}
		if _, err := s.Put(b.Context(), tx, lin, rows); err != nil {
			return err
		}
		for i := range subs {
			id := fmt.Sprint("sub-", i)
			r, err := s.RecordIn(b.Context(), tx, level.Program, lin, &fund.Commitment{Head: head(id, "m", "2021-01-01"), Investor: fund.Party{FundID: "mother"}, Amount: fen(1_000_000)})
			if err != nil {
				return err
			}
			if _, err := s.RecordIn(b.Context(), tx, level.Program, lin, pay(id, "p", "2021-02-01", r.ID, "", 1_000_000)); err != nil {
				return err
			}
			for j := range each {
				if _, err := s.RecordIn(b.Context(), tx, level.Program, lin, &fund.Holding{Head: head(id, fmt.Sprint(j), "2021-03-01"), Company: fmt.Sprint("company ", i*each+j), SharePPM: ppm(20_000), Amount: fen(50_000)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// BenchmarkCity writes 42 sub-funds with 420 holdings in one transaction, and
// looks through them.
func BenchmarkCity(b *testing.B) {
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			d := dbtest.SQLite(b)
			cityOf(b, d, fund.New(d), 42, 10)
		}
	})
	d := dbtest.SQLite(b)
	s := fund.New(d)
	cityOf(b, d, s, 42, 10)
	b.Run("tree", func(b *testing.B) {
		for b.Loop() {
			if t, err := s.Tree(b.Context(), level.Program, "mother", ""); err != nil || len(t.Stakes) != 42*11 {
				b.Fatal(len(t.Stakes), err)
			}
		}
	})
	b.Run("sheet", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Sheet(b.Context(), level.Program, "sub-7", ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}
