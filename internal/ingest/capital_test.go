package ingest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
)

const roundTable = `编号,企业名称,融资日期,轮次,融资额（万元）,投资方,投后估值,币种,公开范围
1,示例科技有限公司,2024-05-20,A轮,3000,示例资本*|示例创投,2亿元,,公开
2,Example Ltd,2024-06,seed,500,,,USD,
3,示例科技有限公司,2024-13-01,A轮,1,,,,
4,示例科技有限公司,2024-05-20,奇怪轮,1,,,,
5,,2024-05-20,A轮,1,,,,
6,示例科技有限公司,2024-07-01,B轮,"1,000",,,,
`

func TestTablesOfRounds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		run(t, s, tableOf(t, "organisation", "机构名称,类型\n示例科技有限公司,企业\n"))
		req := tableOf(t, "round", roundTable)
		dry := req
		dry.DryRun = true
		before := run(t, s, dry)
		req = tableOf(t, "round", roundTable)
		rep := run(t, s, req)
		if diff := cmp.Diff(before.Counts, rep.Counts); diff != "" {
			t.Error("a dry run is another run", diff)
		}
		var why []string
		for _, r := range rep.Rejected {
			why = append(why, fmt.Sprintf("%d %s %s", r.Row, r.Column, r.Error.Key))
		}
		want := []string{"4 融资日期 ingest.bad_day", "5 轮次 transfer.import_word", "6 企业名称 ingest.empty_cell", "7 融资额（万元） transfer.import_amount"}
		if diff := cmp.Diff(want, why); diff != "" {
			t.Error(diff)
		}
		room := capital.New(d)
		list, err := room.Rounds.List(t.Context(), staffer, capital.Filter{})
		if err != nil || len(list.Items) != 2 {
			t.Fatal(len(list.Items), err)
		}
		for _, r := range list.Items {
			switch r.Stage {
			case capital.RoundA:
				if r.Company.OrgID == "" || *r.Amount.Fen != 3000*money.Wan || len(r.Investors) != 2 || !r.Investors[0].Lead || r.Investors[0].Name != "示例资本" || *r.Post.Fen != 2*money.Yi {
					t.Errorf("%+v", r)
				}
			case capital.Seed:
				if r.Company.OrgID != "" || r.Amount.Unit != "USD" || r.Amount.Value != 5_000_000 || r.On != "2024-06" {
					t.Errorf("%+v", r)
				}
			}
		}
		if again := run(t, s, tableOf(t, "round", roundTable)); again.Counts.Created+again.Counts.Updated != 0 {
			t.Errorf("the same file again: %+v", again.Counts)
		}
		if err := s.Undo(t.Context(), rep.Batch.ID, change.Author{Actor: "lin"}); err != nil {
			t.Fatal(err)
		}
		if list, err = room.Rounds.List(t.Context(), staffer, capital.Filter{}); err != nil || len(list.Items) != 0 {
			t.Errorf("%d rounds stand after the undo, %v", len(list.Items), err)
		}
	})
}

// TestTemplatesOfMoneyComeBack: what a template shows is taken as it stands, in
// both languages, and can be taken back.
func TestTemplatesOfMoneyComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		for _, target := range capitalTargets {
			for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
				var b bytes.Buffer
				if err := WriteTemplate(&b, sheet.CSV, target.Name, l); err != nil {
					t.Fatal(err)
				}
				rep := run(t, s, tableOf(t, target.Name, strings.ReplaceAll(strings.TrimPrefix(b.String(), "\ufeff"), "\r\n", "\n")))
				if rep.Counts.Created != 1 || len(rep.Unmapped) > 0 {
					t.Errorf("%s in %s: %+v %+v, unmapped %v", target.Name, l, rep.Counts, rep.Rejected, rep.Unmapped)
					continue
				}
				if err := s.Undo(t.Context(), rep.Batch.ID, change.Author{Actor: "lin"}); err != nil {
					t.Errorf("%s: %v", target.Name, err)
				}
			}
		}
	})
}

// TestFilingIsNotUndone: a batch of loans is refused, with a name, and stays.
func TestFilingIsNotUndone(t *testing.T) {
	d := dbtest.SQLite(t)
	if _, err := simulate.Run(t.Context(), d, simulate.Options{Seed: 1, Scale: 0.002}); err != nil {
		t.Fatal(err)
	}
	batch, _, err := db.Value[string](t.Context(), d, "SELECT batch_id FROM pool_loan WHERE status = 'active' ORDER BY lent_on DESC LIMIT 1")
	if err != nil || batch == "" {
		t.Fatal(batch, err)
	}
	if err := service(d).Undo(t.Context(), batch, change.Author{Actor: "lin"}); errs.KindOf(err) != errs.Conflict {
		t.Errorf("%v", err)
	}
}
