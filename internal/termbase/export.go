package termbase

import (
	"context"
	"io"
	"strings"

	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/sheet"
)

// Columns are the columns of an export. The import target "term" knows them, so
// that a table can be taken out, edited and brought back.
var Columns = []string{"zh", "en", "also_zh", "also_en", "area", "note", "anchor", "state", "origin", "source_id", "version"}

// Write writes the terms that a filter selects, all pages of them.
func (s *Service) Write(ctx context.Context, w io.Writer, format sheet.Format, f Filter) error {
	f.After, f.Limit = "", maxLimit
	return sheet.Write(w, format, Columns, func(yield func(sheet.Row, error) bool) {
		for {
			page, err := s.List(ctx, f)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Items {
				if !yield(page.Items[i].cells(), nil) {
					return
				}
			}
			if f.After = page.Next; f.After == "" {
				return
			}
		}
	})
}

func (t *Term) cells() sheet.Row {
	return sheet.Row{t.ZH, t.EN, strings.Join(t.AlsoZH, gloss.Parting), strings.Join(t.AlsoEN, gloss.Parting), t.Area, t.Note, t.Anchor,
		string(t.State), string(t.Origin), t.SourceID, t.Version}
}
