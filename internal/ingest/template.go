package ingest

import (
	"io"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
)

// WriteTemplate writes an empty table for a target: the headings in l and one
// row of examples, which the sender replaces. Propose maps it without a
// question.
func WriteTemplate(w io.Writer, f sheet.Format, target string, l i18n.Lang) error {
	t, err := findTarget(target)
	if err != nil {
		return err
	}
	var head []string
	var example sheet.Row
	for _, field := range t.Fields {
		head = append(head, field.Label.In(l))
		example = append(example, field.Example)
	}
	return sheet.Write(w, f, head, func(yield func(sheet.Row, error) bool) { yield(example, nil) })
}
