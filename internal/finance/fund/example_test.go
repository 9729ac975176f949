package fund_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/source"
)

// A sub-fund calls half of what was committed. The public investor may pay once
// the other has paid.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "kapok")
	check(err)
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	check(err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	check(err)

	by, v := change.Author{Actor: "lin", Reason: "example"}, level.Staff
	check(d.InTx(ctx, func(tx *db.Tx) error {
		_, err := source.Put(ctx, tx, by, source.Source{ID: "notice", Title: i18n.Text{EN: "Notices"}, LicenceTag: source.Own})
		return err
	}))
	s := fund.New(d)
	f, err := s.Save(ctx, v, by, fund.Fund{Key: "angel-1", Name: i18n.Text{ZH: "示例天使基金"}, Kind: fund.SubFund, PaysLast: true, SourceID: "notice"})
	check(err)
	on := func(key, day string) fund.Head {
		return fund.Head{FundID: f.ID, Key: key, Day: day, SourceID: "notice"}
	}
	do := func(e fund.Event) string {
		r, err := s.Record(ctx, v, by, e)
		if err != nil {
			fmt.Println(i18n.Error(i18n.ZH, err))
		}
		return r.ID
	}
	some, more, half := 300*money.Wan, 700*money.Wan, 500*money.Wan
	city := do(&fund.Commitment{Head: on("city", "2025-01-10"), Investor: fund.Party{Name: "市级母基金"}, Nature: lookthrough.Public, Amount: &some})
	firm := do(&fund.Commitment{Head: on("firm", "2025-01-10"), Investor: fund.Party{Name: "示例创投"}, Nature: lookthrough.Social, Amount: &more})
	call := do(&fund.Call{Head: on("1", "2025-03-01"), DueOn: "2025-03-20", Total: &half})
	do(&fund.Payment{Head: on("city-1", "2025-03-10"), CommitmentID: city, CallID: call, Amount: 150 * money.Wan})
	do(&fund.Payment{Head: on("firm-1", "2025-03-12"), CommitmentID: firm, CallID: call, Amount: 350 * money.Wan})
	do(&fund.Payment{Head: on("city-1", "2025-03-15"), CommitmentID: city, CallID: call, Amount: 150 * money.Wan})

	sheet, err := s.Sheet(ctx, v, f.ID, "2025-06-30")
	check(err)
	fmt.Println(sheet.Multiples.Paid, sheet.Multiples.PIC.Float(), sheet.Multiples.TVPI)
	// Output:
	// 公方后出资：其他出资人认缴 7000000.00 元，只实缴 0.00 元，“市级母基金”现在最多缴 0.00 元，不能缴 1500000.00 元。等其他出资人缴款后再缴。
	// 5000000.00 0.5 <nil>
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
