package release

import (
	"bytes"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
)

// table writes rows as CSV.
func table(head []string, rows []sheet.Row) ([]byte, error) {
	var b bytes.Buffer
	err := sheet.Write(&b, sheet.CSV, head, func(yield func(sheet.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	})
	return b.Bytes(), err
}

var valuesHead = []string{"figure", "title_zh", "title_en", "item", "item_zh", "item_en", "slot", "period_kind", "period_start", "period_end",
	"known", "bound", "value", "high", "unit", "numerator", "denominator", "records", "records_hash", "method"}

func valueRows(s *Snapshot) []sheet.Row {
	titles := map[string]i18n.Text{}
	for i := range s.Figures {
		titles[s.Figures[i].ID] = s.Figures[i].Title
	}
	var out []sheet.Row
	for _, v := range s.Values {
		row := sheet.Row{v.Figure, titles[v.Figure].ZH, titles[v.Figure].EN, v.Item, v.ItemTitle.ZH, v.ItemTitle.EN, v.Slot, string(v.Period.Kind), v.Period.Start, v.Period.End,
			v.Known, nil, nil, nil, string(v.Quantity.Unit), optional(v.Numerator), optional(v.Denominator), v.Records, v.RecordsHash, v.Method}
		if v.Known {
			row[11], row[12] = string(v.Quantity.Bound), v.Quantity.Value
			if v.Quantity.Bound == quantity.Between {
				row[13] = v.Quantity.High
			}
		}
		out = append(out, row)
	}
	return out
}

func optional(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

var reportedHead = []string{"figure", "id", "bound", "value", "high", "unit", "period_kind", "period_start", "period_end", "edition", "data_year", "source", "locator", "note_zh", "note_en"}

func reportedRows(s *Snapshot) []sheet.Row {
	var out []sheet.Row
	for _, r := range s.Reported {
		row := sheet.Row{r.FigureID, r.ID, string(r.Quantity.Bound), r.Quantity.Value, nil, string(r.Quantity.Unit), string(r.Period.Kind), r.Period.Start, r.Period.End,
			r.Edition, nil, r.SourceID, r.Locator, r.Note.ZH, r.Note.EN}
		if r.Quantity.Bound == quantity.Between {
			row[4] = r.Quantity.High
		}
		if r.DataYear != 0 {
			row[10] = r.DataYear
		}
		out = append(out, row)
	}
	return out
}

// readme says in both languages what the folder is and how to check it.
func readme(s *Snapshot) []byte {
	var b strings.Builder
	for i, l := range i18n.Langs {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(i18n.T(l, "release.readme", errs.A{"title": s.Manifest.Title, "name": s.Manifest.Name, "day": s.Manifest.Day, "key": s.Manifest.PublicKey}) + "\n")
	}
	return []byte(b.String())
}
