package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// rendererOf names what draws the pages: whatever changes them changes the
// pages of a specimen. Verify draws pages again only when it is the one that
// drew them.
func rendererOf(draw Draw) string {
	raw, err := renderSpecimen(draw)
	if err != nil {
		return "none"
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

func renderSpecimen(draw Draw) ([]byte, error) {
	all, err := render(nil, specimen(), draw)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	for _, d := range all {
		fmt.Fprintf(&b, "%s\n%s\n", d.path, d.raw)
	}
	return b.Bytes(), nil
}

// specimen is a snapshot that has something of everything a page can show.
func specimen() *Snapshot {
	text := func(s string) i18n.Text { return i18n.Text{ZH: s, EN: s} }
	figure := func(id string, unit quantity.Unit, dimension string) Figure {
		f := observatory.Figure{ID: id, Group: "g", GroupTitle: text("group"), Title: text(id), Definition: text("definition"), Unit: unit, Counter: text("things"),
			Scope: text("scope"), Basis: observatory.BasisBoth, Dimension: dimension, Overview: true, Note: text("note"),
			Compute: observatory.Compute{SQL: "SELECT 1", Records: "SELECT 2", Method: text("method")}}
		return Figure{Figure: f, Method: "0123"}
	}
	s := &Snapshot{
		Manifest: Manifest{Name: "specimen", Title: text("Specimen"), City: "440100", Day: "2024-12-31", Simulated: true, PublicKey: "k",
			Restricted: &Restricted{Sources: 1, Rows: map[string]int{"org": 2}, Reported: 1, Figures: []string{"a"}}, Failed: map[string]i18n.Text{"c": text("why")}},
		Figures: []Figure{figure("a", quantity.CNY, ""), figure("b", quantity.Percent, "kind"), figure("c", quantity.Count, "")},
		Sources: []Source{{ID: "s", Title: text("source"), Publisher: "p", URL: "https://example.org/", PublishedOn: "2024-01-02", Licence: "l", LicenceTag: source.Green, Simulated: true}},
	}
	for i, bound := range []quantity.Bound{quantity.Exact, quantity.Above, quantity.AtMost, quantity.Nearly, quantity.About, quantity.Between} {
		q := quantity.Quantity{Bound: bound, Value: 2e9 + float64(i)*1e8, Unit: quantity.CNY}
		q.High = q.Value * 2
		s.Reported = append(s.Reported, Reported{Reported: observatory.Reported{ID: strconv.Itoa(i), FigureID: "a", Quantity: q, Period: quantity.YearOf(2018 + i), Edition: "e", DataYear: 2017, SourceID: "s", Locator: "¶1", Note: text("note")}})
		s.Values = append(s.Values, Value{Figure: "a", Slot: strconv.Itoa(2018 + i), Known: i != 2, Quantity: q, Period: quantity.YearOf(2018 + i), Records: 3})
		s.Values = append(s.Values, Value{Figure: "b", Item: strconv.Itoa(i), ItemTitle: text("item"), Slot: "now", Known: true, Quantity: quantity.Of(12.345+float64(i), quantity.Percent), Period: quantity.On("2024-12-31"), Records: 3})
	}
	return s
}
