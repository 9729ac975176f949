package ingest

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/stats"
)

// bundled imports files of the demo city.
func bundled(t testing.TB, s *Service, files map[string]data.File) {
	t.Helper()
	for _, importer := range Importers() {
		f, wanted := files[importer]
		if !wanted {
			continue
		}
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f))
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, s, Request{Importer: importer, Reader: bytes.NewReader(raw), Name: string(f), By: by})
		if r.Counts.Rejected > 0 {
			t.Fatalf("%s: %+v", f, r.Rejected[0])
		}
	}
}

var definitions = map[string]data.File{"sources": data.Sources, "figures": data.Figures}

const form = `指标编号,期间,数值,单位
rd.expenditure.guangzhou,2024,1043.98,亿元
gdp.guangzhou,2024年,31032.5,亿元
高新技术企业数没有,2024,1,家
enterprises.hightech.stock,2024年底,超1.3万,家
广州当年认定高新技术企业数（流量）,2024,4100,家
enterprises.hightech.stock,2024,13000,家
enterprises.hightech.certified,2024-12-31,4100,家
contracts.value,2024,2890.5,
contracts.output.value,2024,3.5,家
contracts.technology.share,2024,80,%
contracts.technology,2024,,亿元
patents.high_value.valid,2024-12-31,6.1万,件
population.resident,截至2024-12-31,1897.8万,人
contracts.absorbed.value,2024,一千多吧 大约两千,亿元
`

func TestStatisticsForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		bundled(t, s, definitions)
		req := func(dry bool) Request {
			r := tableOf(t, "statistics", form)
			r.Importer, r.Mapping, r.DryRun = "statistics", nil, dry
			return r
		}
		before := dump(t, d)
		dry := run(t, s, req(true))
		if dump(t, d) != before {
			t.Error("the dry run wrote")
		}
		got := run(t, s, req(false))
		if dry.Counts != got.Counts || got.Counts.Created != 6 || got.Counts.Unchanged != 1 || got.Counts.Rejected != 7 {
			t.Errorf("%+v, dry %+v", got.Counts, dry.Counts)
		}
		why := map[int64]string{}
		for _, r := range got.Rejected {
			why[r.Row] = r.Error.Key
			if strings.Contains(r.Text.ZH, "ingest.") || strings.Contains(r.Text.EN, "{") {
				t.Errorf("row %d: the reader sees %q", r.Row, r.Text.ZH)
			}
		}
		for row, key := range map[int64]string{4: "ingest.no_figure", 7: "ingest.bad_period_as_of", 8: "ingest.bad_period_year", 9: "ingest.unit_missing", 10: "ingest.unit_differs",
			11: "ingest.figure_computed", 15: "ingest.bad_amount"} {
			if why[row] != key {
				t.Errorf("row %d: %q, want %s", row, why[row], key)
			}
		}
		stock := reported(t, d, "enterprises.hightech.stock")
		if len(stock) != 1 || stock[0].Quantity != (quantity.Quantity{Bound: quantity.Above, Value: 13000, Unit: "count", Step: 1000}) ||
			stock[0].Period != (quantity.Period{Kind: quantity.AsOf, End: "2024-12-31", Flow: quantity.Stock}) {
			t.Errorf("stock %+v", stock)
		}
		if v := reported(t, d, "rd.expenditure.guangzhou"); len(v) != 1 || v[0].Quantity.Value != 104398e6 || v[0].Quantity.Unit != quantity.CNY || v[0].Period.Start != "2024-01-01" {
			t.Errorf("expenditure %+v", v)
		}
		if again := run(t, s, req(false)); again.Counts.Unchanged != 7 || again.Batch.ID != "" {
			t.Errorf("the same form again: %+v", again.Counts)
		}
		if err := s.Undo(t.Context(), got.Batch.ID, by); err != nil {
			t.Fatal(err)
		}
		if left := strings.Count(dump(t, d), "\nreported_value "); left != 0 {
			t.Errorf("%d values are left after undo", left)
		}
	})
}

func reported(t testing.TB, d *db.DB, figure string) []observatory.Reported {
	t.Helper()
	book, err := observatory.New(d, nil, observatory.Config{}).Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return book.Reported[figure]
}

// A ratio has a value where both parts have one for the same days, and none
// otherwise: the expenditure of one year over the GDP of another is nothing.
func TestRatiosStayUnknown(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	bundled(t, s, definitions)
	facts, err := stats.New(t.TempDir(), observatory.Facts(), stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	o := observatory.New(d, facts, observatory.Config{City: "440100"})
	values := func(figure string) string {
		t.Helper()
		if _, err := o.Compute(t.Context()); err != nil {
			t.Fatal(err)
		}
		sheet, err := o.Figure(t.Context(), figure)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range sheet.Computed {
			out = append(out, fmt.Sprintf("%s=%s", v.Slot, i18n.Decimal(v.Quantity.Value, 3)))
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	report := func(rows string) {
		t.Helper()
		r := tableOf(t, "statistics", "指标编号,期间,数值,单位\n"+rows)
		if got := run(t, s, r); got.Counts.Rejected != 0 {
			t.Fatalf("%+v", got.Rejected)
		}
	}
	if got := values("rd.intensity.guangzhou"); got != "" {
		t.Errorf("of nothing: %s", got)
	}
	report("rd.expenditure.guangzhou,2024,1043.98,亿元\ngdp.guangzhou,2023,30355.73,亿元\npatents.high_value.valid,2024-12-31,61000,件\npopulation.resident,2023-12-31,18827000,人\n")
	for _, f := range []string{"rd.intensity.guangzhou", "patents.high_value.per_10000"} {
		if got := values(f); got != "" {
			t.Errorf("%s over another year: %s", f, got)
		}
	}
	report("gdp.guangzhou,2024,31032.5,亿元\npopulation.resident,2024-12-31,18978000,人\n")
	if got, want := values("rd.intensity.guangzhou"), "2024="+i18n.Decimal(104398/31032.5, 3); got != want {
		t.Errorf("intensity %s, want %s", got, want)
	}
	if got, want := values("patents.high_value.per_10000"), i18n.Decimal(61000.0/1897.8, 3); !strings.HasSuffix(got, "="+want) {
		t.Errorf("per 10,000 %s, want %s", got, want)
	}
	page, err := o.Figure(t.Context(), "patents.high_value.per_10000")
	if err != nil || math.Abs(*page.Computed[0].Numerator / *page.Computed[0].Denominator * 10000 - page.Computed[0].Quantity.Value) > 1e-9 {
		t.Errorf("%+v, %v", page.Computed, err)
	}
}

// The form lists each figure that takes a reported value; left open it changes
// nothing, and filled in it is a file of the target.
func TestForm(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	bundled(t, s, definitions)
	for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			var out bytes.Buffer
			if err := s.WriteForm(t.Context(), &out, format, l, "contracts", "enterprises"); err != nil {
				t.Fatal(err)
			}
			src := bureau
			r := run(t, s, Request{Importer: "statistics", Reader: bytes.NewReader(out.Bytes()), Name: "form." + string(format), Source: &src, By: by})
			if r.Counts.Read != 6 || r.Counts.Unchanged != 6 || len(r.Unmapped) != 0 {
				t.Errorf("%s %s: %+v, unmapped %v", l, format, r.Counts, r.Unmapped)
			}
		}
	}
	var all bytes.Buffer
	if err := s.WriteForm(t.Context(), &all, sheet.CSV, i18n.ZH); err != nil || strings.Contains(all.String(), "contracts.technology.share") || !strings.Contains(all.String(), "rd.expenditure.guangzhou") {
		t.Errorf("%v: %.300s", err, all.String())
	}
}

func TestRankingsImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		bundled(t, s, map[string]data.File{"sources": data.Sources})
		before := dump(t, d)
		bundled(t, s, map[string]data.File{"editions": data.Editions})
		raw, _ := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Entries))
		got := run(t, s, Request{Importer: "rankings", Reader: bytes.NewReader(raw), Name: "editions.csv", By: by})
		if got.Counts.Created != 73 || got.Counts.Rejected != 0 {
			t.Errorf("%+v", got.Counts)
		}
		if lines, err := edition.New(d).Entries(t.Context(), "gii.cluster@2023"); err != nil || len(lines) != 34 || lines[1].Values[0].Quantity.Value != 113482 || lines[1].BatchID != got.Batch.ID {
			t.Errorf("%d lines, %v", len(lines), err)
		}
		// A spreadsheet of one metric, with its mapping by headings.
		own := tableOf(t, "ranking", "版次,排名,城市,主体编号,指标,得分\ncapability.city@2021,1,深圳,division:440300,index,87.3\ncapability.city@2021,2,杭州,division:330100,other,80\ncapability.city@1999,1,北京,,,\ncapability.city@2021,头名,上海,,,\n")
		r := run(t, s, own)
		if r.Counts.Updated != 1 || r.Counts.Rejected != 3 {
			t.Errorf("%+v %+v", r.Counts, r.Rejected)
		}
		for _, id := range []string{r.Batch.ID, got.Batch.ID} {
			if err := s.Undo(t.Context(), id, by); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Undo(t.Context(), got.Batch.ID, by); errs.KindOf(err) != errs.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		if left := dump(t, d); strings.Contains(left, "\nedition_entry ") || !strings.Contains(left, "\nedition gii") || strings.Contains(before, "edition gii") {
			t.Error("lines are left after undo")
		}
	})
}
