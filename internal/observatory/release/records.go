package release

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/sheet"
)

// recordsHead are the columns of records/<figure>.csv. The sum of the weights
// of an item and slot is its value; where there are bases, the sum of weights
// over the sum of bases. content is a hash of the record's row among the facts,
// empty where the facts hold no such row.
var recordsHead = []string{"item", "slot", "kind", "id", "title_zh", "title_en", "weight", "base", "content"}

// Line is one record behind a value, as a release holds it.
type Line struct {
	Item    string `json:"item,omitempty"`
	Slot    string `json:"slot"`
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	TitleZH string `json:"title_zh,omitempty"`
	TitleEN string `json:"title_en,omitempty"`
	Weight  string `json:"weight,omitempty"` // to twelve digits, "" for none
	Base    string `json:"base,omitempty"`
	Content string `json:"content,omitempty"`
}

func recordsPath(figure string) string { return "records/" + figure + ".csv" }

// twelve writes a number to twelve digits, as the hash of records does.
func twelve(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 12, 64)
}

// rowsOf names the facts that hold one row per record of a kind, and the
// column, or expression, that is the record's id.
var rowsOf = map[string][2]string{
	"division": {"fact_division", "id"},
	"org":      {"fact_org", "id"},
	"platform": {"fact_platform", "id"},
	"relation": {"fact_relation", "id"},
	"paper":    {"fact_paper", "id"},
	"reported": {"fact_reported", "id"},

	"result":       {"fact_result", "id"},
	"need":         {"fact_need", "id"},
	"introduction": {"fact_introduction", "id"},

	observatory.KindAffiliation: {"fact_affiliation", "paper_id || '#' || position"},
}

// contents gives the hash of a record's row among the facts.
type contents struct {
	q      db.Querier
	tables map[string]bool
	known  map[string]map[string]string // kind → id → hash
}

func newContents(q db.Querier, m *Manifest) *contents {
	c := &contents{q: q, tables: map[string]bool{}, known: map[string]map[string]string{}}
	for _, f := range m.with(RoleFact) {
		c.tables[f.Name] = true
	}
	return c
}

func (c *contents) of(ctx context.Context, kind, id string) (string, error) {
	if c.known[kind] == nil {
		rows := map[string]string{}
		if at, exists := rowsOf[kind]; exists && c.tables[at[0]] {
			// The text of a row as DuckDB writes a struct: the same for the same Parquet.
			err := db.Each(ctx, c.q, func(s db.Scan) error {
				var id, sum string
				if err := s(&id, &sum); err != nil {
					return err
				}
				rows[id] = sum
				return nil
			}, "SELECT "+at[1]+", substr(md5(CAST(f AS VARCHAR)), 1, 16) FROM "+at[0]+" AS f")
			if err != nil {
				return "", err
			}
		}
		c.known[kind] = rows
	}
	return c.known[kind][id], nil
}

// writeRecords writes the records of a figure as CSV and returns how many
// there are.
func writeRecords(ctx context.Context, w io.Writer, b *observatory.Book, q db.Querier, c *contents, f *observatory.Figure, m *Manifest) (n int64, err error) {
	err = sheet.Write(w, sheet.CSV, recordsHead, func(yield func(sheet.Row, error) bool) {
		stopped := errors.New("stopped")
		err := b.EachRecord(ctx, q, f, m.City, m.Day, func(item, slot string, r *observatory.Record) error {
			content, err := c.of(ctx, r.Kind, r.ID)
			if err != nil {
				return err
			}
			n++
			if !yield(sheet.Row{item, slot, r.Kind, r.ID, r.Title.ZH, r.Title.EN, twelve(r.Weight), twelve(r.Base), content}, nil) {
				return stopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(nil, err)
		}
	})
	return n, err
}

// lines reads the records of a figure, in their order.
func (f *folder) lines(figure string) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		fail := func(err error) {
			yield(Line{}, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": recordsPath(figure), "what": err.Error()}))
		}
		file, _, err := f.open(recordsPath(figure))
		if err != nil {
			fail(err)
			return
		}
		defer file.Close()
		in := csv.NewReader(file)
		in.FieldsPerRecord, in.ReuseRecord = len(recordsHead), true
		head, err := in.Read()
		if err != nil || strings.TrimPrefix(strings.Join(head, ","), "\ufeff") != strings.Join(recordsHead, ",") {
			fail(errors.Join(err, fmt.Errorf("its head is not %v", recordsHead)))
			return
		}
		for {
			row, err := in.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				fail(err)
				return
			}
			if !yield(Line{row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]}, nil) {
				return
			}
		}
	}
}

// RecordsPage is some records of one value of a release.
type RecordsPage struct {
	Items []Line `json:"items"`
	Total int    `json:"total"`
	Next  int    `json:"next,omitempty"` // offset of the next page, 0 on the last
}

// Records returns up to limit records behind a value of a folder, from an
// offset on. A figure without records is errs.NotFound.
func Records(dir, figure, item, slot string, offset, limit int) (RecordsPage, error) {
	f, err := openFolder(dir)
	if err != nil {
		return RecordsPage{}, err
	}
	defer f.close()
	if !safePath(recordsPath(figure)) {
		return RecordsPage{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": cut(figure, 80)})
	}
	var page RecordsPage
	for line, err := range f.lines(figure) {
		if err != nil {
			return page, errs.Wrap(err, errs.NotFound, "errs.not_found", errs.A{"what": figure})
		}
		if line.Item != item || line.Slot != slot {
			continue
		}
		if page.Total >= offset && len(page.Items) < limit {
			page.Items = append(page.Items, line)
		}
		page.Total++
	}
	if offset+limit < page.Total {
		page.Next = offset + limit
	}
	return page, nil
}
