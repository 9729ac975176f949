package transfer_test

import (
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// BenchmarkMarket measures the reads of the public market over 20,000 results.
func BenchmarkMarket(b *testing.B) {
	d := dbtest.SQLite(b)
	s := transfer.New(d)
	const n = 20_000
	rows := make([]transfer.Result, n)
	for i := range rows {
		rows[i] = result(fmt.Sprint(i), fmt.Sprintf("第%d号%c%c材料的制备方法", i, '甲'+rune(i%900), '乙'+rune(i%700)), level.Levels[i%4])
		rows[i].Fields = transfer.Fields{IPC: []string{fmt.Sprintf("C%02dB", i%30+1)}, Industry: []string{fmt.Sprint(13 + i%30)}}
		rows[i].Forms = []transfer.Form{transfer.Forms[i%6]}
	}
	inTx(b, d, func(tx *db.Tx) error {
		if _, err := source.Put(b.Context(), tx, lin, source.Source{ID: "market", Title: i18n.Text{EN: "x"}, LicenceTag: source.Own}); err != nil {
			return err
		}
		_, err := s.PutResults(b.Context(), tx, loader, rows)
		return err
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if l, err := s.Results(b.Context(), public, transfer.ResultFilter{Filter: transfer.Filter{Live: true}}); err != nil || l.Total != n/4 {
				b.Fatal(l.Total, err)
			}
		}
	})
	b.Run("facets", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.ResultFacets(b.Context(), public, transfer.ResultFilter{Filter: transfer.Filter{Live: true}}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("hints", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Duplicates(b.Context(), staff, "result", rows[77].Title); err != nil {
				b.Fatal(err)
			}
		}
	})
}
