package ingest

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/termbase"
)

const glossary = `中文术语,英文术语,其他中文写法,其他英文写法,领域,出处,状态
木棉计划,Kapok programme,,KP,计划与人才,穗府办〔2025〕1号,
低空起降点,low-altitude landing point,起降点;临时起降点,,aerospace,,
低空起降场,low-altitude landing site,低空起降点,,aerospace,,
低空起降场地,低空起降场地 site,,,aerospace,,
<b>粗体</b>,bold,,,policy,,
,nothing,,,policy,,
领域不明,unknown area,,,某处,,
状态不明,unknown state,,,policy,,也许
旧词,old word,,,policy,,停用
甲词,word A,乙词,,policy,,
乙词,word B,甲词,,policy,,
木棉计划,Cotton programme,,,计划与人才,,
`

// A glossary of an office becomes terms; a faulty row is told why and keeps no
// other from coming in.
func TestImportOfTerms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		req := func(dry bool) Request {
			r := tableOf(t, "term", glossary)
			r.Importer, r.Mapping, r.DryRun = "terms", nil, dry
			return r
		}
		dry := run(t, s, req(true))
		if list, err := termbase.New(d).List(t.Context(), termbase.Filter{}); err != nil || list.Total != 0 {
			t.Errorf("the dry run wrote %d terms, %v", list.Total, err)
		}
		got := run(t, s, req(false))
		if fmt.Sprint(dry.Counts) != fmt.Sprint(got.Counts) || got.Counts.Created != 4 || got.Counts.Rejected != 8 {
			t.Errorf("%+v, dry %+v", got.Counts, dry.Counts)
		}
		var keys []string
		for _, r := range got.Rejected {
			keys = append(keys, r.Error.Key)
		}
		slices.Sort(keys)
		if want := "ingest.empty_cell ingest.twice termbase.area termbase.html termbase.loop termbase.loop_self termbase.state termbase.taken"; strings.Join(keys, " ") != want {
			t.Errorf("rejected for %s", keys)
		}
		list, err := termbase.New(d).List(t.Context(), termbase.Filter{Query: "木棉计划"})
		if err != nil || len(list.Items) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if row := list.Items[0]; row.Area != "programme" || row.Anchor != "穗府办〔2025〕1号" || row.BatchID != got.Batch.ID || row.Origin != termbase.City {
			t.Errorf("%+v", row)
		}
		if err := s.Undo(t.Context(), got.Batch.ID, by); err != nil {
			t.Fatal(err)
		}
		if list, _ := termbase.New(d).List(t.Context(), termbase.Filter{}); list.Total != 0 {
			t.Errorf("%d terms after the batch was undone", list.Total)
		}
	})
}

// A bundled file and an export can be imported as they are, in either format.
func TestTermsComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, terms := service(d), termbase.New(d)
		raw, err := fs.ReadFile(data.FS, data.Terms+"/finance.csv")
		if err != nil {
			t.Fatal(err)
		}
		first := run(t, s, Request{Importer: "terms", Reader: bytes.NewReader(raw), Name: "finance.csv", By: by})
		if first.Counts.Rejected != 0 || first.Counts.Created != first.Counts.Read || first.Counts.Read < 150 {
			t.Fatalf("%+v %+v", first.Counts, first.Rejected)
		}
		for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
			var out bytes.Buffer
			if err := terms.Write(t.Context(), &out, format, termbase.Filter{}); err != nil {
				t.Fatal(err)
			}
			again := run(t, s, Request{Importer: "terms", Reader: &out, Name: "terms." + string(format), By: by})
			if again.Counts.Unchanged != first.Counts.Read {
				t.Errorf("%s: %+v %+v", format, again.Counts, again.Rejected)
			}
		}
	})
}

// The area is asked for: a glossary without it says so before any row is read.
func TestTermsNeedAnArea(t *testing.T) {
	d := dbtest.SQLite(t)
	_, err := service(d).Run(t.Context(), Request{Importer: "terms", Reader: strings.NewReader("zh,en\n术语,term\n"), Name: "t.csv", By: by})
	if e := errs.Of(err); e == nil || e.Key != "ingest.missing_column" {
		t.Errorf("%v", err)
	}
}
