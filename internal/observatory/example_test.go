package observatory_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

const definitions = `
version: 1
groups: [{id: awards, title: {zh: 科技奖励, en: Awards}}]
figures:
  - {id: awards.city, group: awards, title: {zh: 全市获奖数, en: Awards of the city}, definition: {zh: 任一完成单位在市内, en: any unit in the city}, unit: count, flow: flow, period: year, basis: reported}
  - {id: awards.province, group: awards, title: {zh: 全省获奖数, en: Awards of the province}, definition: {zh: 任一完成单位在省内, en: any unit in the province}, unit: count, flow: flow, period: year, basis: reported}
  - {id: awards.share, group: awards, title: {zh: 占比, en: Share}, definition: {zh: 全市除以全省, en: city over province}, unit: percent, period: year, basis: both, numerator: awards.city, denominator: awards.province}
`

// A newspaper says "nearly 80 %"; the reported counts say otherwise. Both stay
// as they are, side by side.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "observatory")
	check(err)
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	check(err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	check(err)

	figures, err := observatory.ParseFigures(strings.NewReader(definitions))
	check(err)
	by := change.Author{Actor: "example"}
	check(d.InTx(ctx, func(tx *db.Tx) error {
		if _, err := source.Put(ctx, tx, by, source.Source{ID: "gazette", Title: i18n.Text{EN: "Gazette"}, LicenceTag: source.Fact}); err != nil {
			return err
		}
		if _, err := observatory.PutFigures(ctx, tx, by, figures); err != nil {
			return err
		}
		report := func(figure string, q quantity.Quantity) observatory.Reported {
			return observatory.Reported{FigureID: figure, Quantity: q, Period: quantity.YearOf(2023), SourceID: "gazette"}
		}
		_, err := observatory.PutReported(ctx, tx, by, []observatory.Reported{
			report("awards.city", quantity.Of(26, quantity.Count)), report("awards.province", quantity.Of(53, quantity.Count)),
			report("awards.share", quantity.With(quantity.Nearly, 80, quantity.Percent)),
		})
		return err
	}))

	facts, err := stats.New(filepath.Join(dir, "facts"), observatory.Facts(), stats.Config{})
	check(err)
	s := observatory.New(d, facts, observatory.Config{City: "440100"})
	_, err = s.Compute(ctx)
	check(err)
	sheet, err := s.Figure(ctx, "awards.share")
	check(err)
	for _, diff := range sheet.Differences {
		fmt.Println(diff.Reported.Quantity.Format(i18n.EN), "beside", diff.Computed.Quantity.Format(i18n.EN), "→", diff.Relation)
	}
	page, err := s.Records(ctx, observatory.RecordsQuery{FigureID: "awards.share"})
	check(err)
	for _, r := range page.Items {
		if r.Base != nil {
			fmt.Println("of", *r.Base, r.Title.EN)
		} else {
			fmt.Println(*r.Weight, r.Title.EN)
		}
	}
	// Unordered output:
	// nearly 80% beside 49.06% → incompatible
	// 26 Awards of the city
	// of 53 Awards of the province
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
