package pool_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
)

// faulty are rows with what is wrong with each, "" for a good one.
func faulty() (rows []sheet.Row, keys []string) {
	add := func(key string, change func(r sheet.Row)) {
		r := row(fmt.Sprintf("GZ-2026-%04d", len(rows)+100), fmt.Sprintf("广州示例第%d家科技有限公司", len(rows)), "100.5")
		change(r)
		rows, keys = append(rows, r), append(keys, key)
	}
	add("", func(sheet.Row) {})
	add("pool.row_missing", func(r sheet.Row) { r[0] = "" })
	add("pool.row_missing", func(r sheet.Row) { r[1] = " " })
	add("pool.row_amount", func(r sheet.Row) { r[4] = "1,000" })
	add("pool.row_amount", func(r sheet.Row) { r[4] = "-5" })
	add("pool.row_day", func(r sheet.Row) { r[6] = "2026-02-30" })
	add("pool.row_registered", func(r sheet.Row) { r[7] = "2026-01-01" })
	add("pool.row_registered", func(r sheet.Row) { r[7] = "2027-01-01" })
	add("pool.row_value", func(r sheet.Row) { r[2] = "跨国企业" })
	add("pool.row_value", func(r sheet.Row) { r[10] = "也许" })
	add("pool.row_guarantor", func(r sheet.Row) { r[8], r[9] = "政担", "无名担保" })
	add("pool.step.class_no", func(r sheet.Row) { r[2] = "大型企业" })
	add("pool.step.local_no", func(r sheet.Row) { r[3] = "否" })
	add("pool.row_twice", func(r sheet.Row) { r[0] = "gz 2026 100号" })
	add("", func(r sheet.Row) { r[6], r[7] = "2026/1/9", "2026年1月10日" })
	return rows, keys
}

func TestFiling(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		rows, keys := faulty()
		f := pool.Filing{PoolID: w.pool.ID, BankID: w.bank.ID, SourceID: "made", Table: table(t, sheet.XLSX, rows...), DryRun: true}
		dry, err := w.s.File(t.Context(), lin, f)
		w.must(err)
		if n, _, err := db.Value[int64](t.Context(), w.d, "SELECT COUNT(*) FROM pool_loan"); n != 0 || err != nil {
			t.Fatalf("a dry run wrote %d loans: %v", n, err)
		}
		f.DryRun = false
		real, err := w.s.File(t.Context(), lin, f)
		w.must(err)
		if d := cmp.Diff(dry, real, cmpopts.IgnoreFields(pool.Report{}, "DryRun", "BatchID"), cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })); d != "" {
			t.Errorf("the dry run told otherwise: %s", d)
		}
		for i, v := range real.Rows {
			if keys[i] == "" {
				w.must(v.Err)
			} else {
				wantKey(t, v.Err, keys[i])
			}
			if v.Row != i+2 {
				t.Errorf("row %d is called %d", i+2, v.Row)
			}
		}
		if real.Counts.Created != 2 || real.Counts.Rejected != 13 || real.Principal != 201*money.Wan {
			t.Errorf("%+v %v", real.Counts, real.Principal)
		}
		var back bytes.Buffer
		w.must(f.Table.WriteRejected(&back, sheet.CSV, real, pool.Say(i18n.ZH)))
		lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(back.Bytes(), []byte("\ufeff")))).ReadAll()
		w.must(err)
		if last := lines[3]; len(lines) != 14 || last[0] != "5" || !strings.Contains(last[len(last)-1], "1,000") {
			t.Errorf("rejected rows: %q", lines)
		}
		again, err := w.s.File(t.Context(), lin, f)
		w.must(err)
		if again.Counts.Unchanged != 2 || again.Counts.Created != 0 {
			t.Errorf("again: %+v", again.Counts)
		}
		changed := row("GZ-2026-0100", "广州示例第0家科技有限公司", "300")
		wantKey(t, w.file(changed).Rows[0].Err, "pool.row_contract")
		changed[8], changed[9] = "政担", "示例担保有限公司"
		wantKey(t, w.file(changed).Rows[0].Err, "pool.row_other_mode")
	})
}

func TestLimitsAndQuota(t *testing.T) {
	each(t, func(w *world) {
		w.in(func(ctx context.Context, tx *db.Tx) error {
			return w.s.SetQuota(ctx, tx, lin, w.bank.ID, "2026", 250*money.Wan, "made")
		})
		rep := w.file(row("Q-0001", "广州甲科技有限公司", "200"), row("Q-0002", "广州乙科技有限公司", "100"), row("Q-0003", "广州丙科技有限公司", "50"))
		w.must(rep.Rows[0].Err)
		wantKey(w.t, rep.Rows[1].Err, "pool.row_quota")
		w.must(rep.Rows[2].Err)
	})
}

// TestOldLoans: the regime of 2021 began on a day of that year that is not known.
func TestOldLoans(t *testing.T) {
	each(t, func(w *world) {
		r := row("O-0001", "广州示例旧贷款有限公司", "100")
		r[6], r[7] = "2021-05-01", "2021-05-03"
		rep := w.file(r)
		w.must(rep.Rows[0].Err)
		if !slices.Equal(rep.Rows[0].Asks, []string{"regime"}) {
			w.t.Errorf("asks %v", rep.Rows[0].Asks)
		}
		r[0], r[6], r[7] = "O-0002", "2014-05-01", "2014-05-03"
		wantKey(w.t, w.file(r).Rows[0].Err, "pool.governing_none")
		r[0], r[4], r[6], r[7] = "O-0003", "3001", "2020-05-01", "2020-05-03"
		wantKey(w.t, w.file(r).Rows[0].Err, "pool.step.year_loans_no")
		for _, year := range []string{"2013", "2021", "2026"} {
			states, err := w.s.Breakers(w.t.Context(), w.d, w.pool.ID, year)
			w.must(err)
			if known := states[0].Limit != nil; known != (year == "2026") {
				w.t.Errorf("%s: %+v", year, states[0])
			}
		}
	})
}

func TestEncodings(t *testing.T) {
	text := strings.Join(head, ",") + "\r\n" + "GZ-1,广州示例科技有限公司,小微企业,是,100,12,20260110,2026-01-15,政银,,否,否,否,\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string]string{"utf-8": text, "bom": "\ufeff" + text, "gb 18030": gb} {
		table, err := pool.ReadTable(name, strings.NewReader(raw))
		if err != nil || len(table.Rows) != 1 || table.Rows[0][1] != "广州示例科技有限公司" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string]string{"pool.table_twice": "合同编号,合同号\n", "pool.table_broken": "PK\x03\x04 not a book"} {
		_, err := pool.ReadTable("x", strings.NewReader(raw))
		wantKey(t, err, name)
	}
}

// FuzzReadTable: any bytes are a table or one clear error.
func FuzzReadTable(f *testing.F) {
	f.Add([]byte("合同编号,借款人\n1,甲\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("a,\"b\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := pool.ReadTable("fuzz", bytes.NewReader(raw)); errs.KindOf(err) == errs.Internal {
			t.Errorf("%v", err)
		}
	})
}

// TestProgress holds the ladder and the ways of a loan.
func TestProgress(t *testing.T) {
	each(t, func(w *world) {
		id := w.filed(row("P-0001", "广州示例进展科技有限公司", "100"))
		for _, c := range []struct {
			p      pool.Progress
			status string
			risk   rules.Risk
			key    string
		}{
			{pool.Progress{Day: "2026-02-01"}, pool.Active, rules.Normal, ""},
			{pool.Progress{Day: "2026-01-20"}, pool.Active, rules.Normal, "pool.report_old"},
			{pool.Progress{Day: "2026-03-01", OverdueSince: "2026-02-20", Outstanding: fen(90 * money.Wan)}, pool.Overdue, rules.Special, ""},
			{pool.Progress{Day: "2026-03-02", Outstanding: fen(101 * money.Wan)}, pool.Overdue, rules.Special, "pool.report_outstanding"},
			{pool.Progress{Day: "2026-05-21", OverdueSince: "2026-02-20"}, pool.Overdue, rules.Special, ""},
			{pool.Progress{Day: "2026-05-22", OverdueSince: "2026-02-20"}, pool.NPL, rules.Substandard, ""},
			{pool.Progress{Day: "2026-05-25", Risk: rules.Lost}, pool.NPL, rules.Lost, ""},
			{pool.Progress{Day: "2026-05-26"}, pool.Active, rules.Normal, ""},
			{pool.Progress{Day: "2026-05-27", Outstanding: fen(0)}, pool.Repaid, rules.Normal, ""},
			{pool.Progress{Day: "2026-05-28"}, pool.Repaid, rules.Normal, "pool.report_way"},
		} {
			c.p.LoanID = id
			w.in(func(ctx context.Context, tx *db.Tx) error {
				v, err := w.s.Advance(ctx, tx, lin, w.pool.ID, "made", []pool.Progress{c.p})
				if err == nil && c.key != "" {
					wantKey(w.t, v[0].Err, c.key)
				} else if err == nil {
					err = v[0].Err
				}
				return err
			})
			l, err := w.s.Loan(w.t.Context(), w.d, id)
			w.must(err)
			if l.Status != c.status || l.Risk != c.risk {
				w.t.Errorf("%v: %s %s", c.p, l.Status, l.Risk)
			}
		}
		ages, err := w.s.Ageing(w.t.Context(), w.d, w.pool.ID)
		w.must(err)
		if len(ages) != 1 || ages[0].Status != pool.Repaid || ages[0].Outstanding != 0 {
			w.t.Errorf("%+v", ages)
		}
	})
}

// TestBulk files a city's loans from many rows: seconds, not minutes.
func TestBulk(t *testing.T) {
	if testing.Short() {
		t.Skip("bulk")
	}
	w := newWorld(t, dbtest.SQLite(t), money.Yi)
	n := 10_000
	if text := os.Getenv("KAPOK_POOL_LOANS"); text != "" { // a city has 60,000
		var err error
		n, err = strconv.Atoi(text)
		w.must(err)
	}
	rows := make([]sheet.Row, n)
	for i := range rows {
		rows[i] = row(fmt.Sprintf("GZ-2026-%06d", i), fmt.Sprintf("广州示例%d号科技有限公司", i/5), "125")
	}
	from := time.Now()
	tab := table(t, sheet.CSV, rows...)
	rep, err := w.s.File(t.Context(), lin, pool.Filing{PoolID: w.pool.ID, BankID: w.bank.ID, SourceID: "made", Table: tab})
	w.must(err)
	took := time.Since(from)
	t.Logf("%d loans in %v", rep.Counts.Created, took)
	if rep.Counts.Created != int64(n) || took > 20*time.Second {
		t.Errorf("%+v in %v", rep.Counts, took)
	}
	x, err := w.s.Exposures(t.Context(), w.d, w.pool.ID)
	w.must(err)
	if len(x) != 1 || x[0].Registered != money.Fen(n)*125*money.Wan || x[0].Outstanding != x[0].Registered {
		t.Errorf("%+v", x)
	}
	if _, err := change.Verify(t.Context(), w.d); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(rep.Rows, func(v pool.Verdict) bool { return v.Result == registry.Created }) {
		t.Error("no row was taken")
	}
}
