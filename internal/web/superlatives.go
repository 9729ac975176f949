package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/sheet"
)

// SuperlativesPage lists what is said to be first, only or largest.
type SuperlativesPage struct {
	Page
	Lead    string
	Caution string
	Filter  FilterBar
	Head    TableHead
	Rows    []SuperlativeRow
	Sources []SourceNote
	Empty   State
}

// SuperlativeRow is one statement, with who makes it.
type SuperlativeRow struct {
	ID      string
	Subject Link
	Kind    string
	Scope   string
	Object  string
	Lang    string // of Object where it is not the page's
	Status  string
	Tone    string
	Mark    *SourceMark
	Locator string
	Note    string
}

func (s *Site) superlatives(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p := SuperlativesPage{Page: s.Page(r, v.say("web.superlatives.title")), Lead: v.say("web.superlatives.lead"), Caution: v.say("web.superlatives.caution")}
	all, err := s.svc.Observatory.Superlatives(v.ctx, "")
	if err != nil {
		return err
	}
	p.Rows = s.superlativeRows(v, all, q)
	p.Head = TableHead{Caption: p.Title, Hidden: true, Columns: []Column{{Label: v.say("web.superlatives.subject")}, {Label: v.say("web.superlatives.kind")},
		{Label: v.say("web.superlatives.scope")}, {Label: v.say("web.superlatives.object")}, {Label: v.say("web.superlatives.status")}, {Label: v.say("web.sources")}}}
	p.Filter = s.superlativeFilter(v, p.Page, all, q, len(p.Rows))
	if len(p.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.superlatives.none"), Text: v.say("web.superlatives.none_text"), Action: Link{v.say("web.reset"), "/superlatives"}}
	}
	p.Sources = v.notes
	return s.Render(w, r, "superlatives", p)
}

func (s *Site) superlativeRows(v *reading, all []observatory.Superlative, q url.Values) []SuperlativeRow {
	var rows []SuperlativeRow
	for _, x := range all {
		if k := q.Get("kind"); k != "" && x.Kind != k {
			continue
		}
		if k := q.Get("scope"); k != "" && x.Scope != k {
			continue
		}
		if v.closed(x.SourceID) {
			continue
		}
		row := SuperlativeRow{ID: x.ID, Kind: v.superWord("kind", x.Kind), Scope: x.ScopeText.In(v.l), Object: x.Object.In(v.l), Lang: otherLang(v.l, x.Object),
			Status: v.say("web.superlatives.status." + string(x.Status)), Locator: x.Locator, Note: x.Note.In(v.l)}
		row.Subject.Text, row.Subject.Href = s.subject(v, x.Subject)
		if text := q.Get("q"); text != "" && !strings.Contains(fold.Name(row.Subject.Text+" "+x.Object.ZH+" "+x.Object.EN), fold.Name(text)) {
			continue
		}
		switch x.Status {
		case observatory.StatusVerified:
			row.Tone = "ok"
		case observatory.StatusDisputed:
			row.Tone = "care"
		}
		row.Mark = v.mark(x.SourceID)
		rows = append(rows, row)
	}
	return rows
}

// superWord is the reader's word for a kind of superlative, the word of the
// data where there is none.
func (v *reading) superWord(group, value string) string {
	if key := "web.superlatives." + group + "." + value; i18n.Has(key) {
		return i18n.T(v.l, key)
	}
	return value
}

func (s *Site) superlativeFilter(v *reading, p Page, all []observatory.Superlative, q url.Values, shown int) FilterBar {
	any := Option{Label: v.say("web.figures.any")}
	kinds, scopes := []Option{any}, []Option{any}
	for _, x := range all {
		kinds = withOption(kinds, x.Kind, v.superWord("kind", x.Kind), q.Get("kind"))
		scopes = withOption(scopes, x.Scope, v.superWord("scope", x.Scope), q.Get("scope"))
	}
	bar := FilterBar{Action: "/superlatives", Reset: "/superlatives", Count: v.say("web.superlatives.count", errs.A{"n": shown, "all": len(all)}),
		Fields: []Field{{Name: "q", Label: v.say("web.superlatives.query"), Kind: "search", Value: q.Get("q")},
			{Name: "kind", Label: v.say("web.superlatives.kind"), Kind: "select", Options: kinds}, {Name: "scope", Label: v.say("web.superlatives.scope"), Kind: "select", Options: scopes}},
		Exports: []Link{{"CSV", "/superlatives.csv"}, {"XLSX", "/superlatives.xlsx"}}}
	bar.Chips = chipsOf(p, bar.Fields)
	return bar
}

// chipsOf shows the fields of a filter that are in use.
func chipsOf(p Page, fields []Field) []Chip {
	var out []Chip
	for _, f := range fields {
		if f.Kind != "select" && f.Value != "" {
			out = append(out, Chip{f.Label, f.Value, p.With(f.Name, "")})
		}
		for _, o := range f.Options {
			if o.Selected && o.Value != "" {
				out = append(out, Chip{f.Label, o.Label, p.With(f.Name, "")})
			}
		}
	}
	return out
}

func (s *Site) superlativesExport(v *reading, _ url.Values) (export, error) {
	all, err := s.svc.Observatory.Superlatives(v.ctx, "")
	if err != nil {
		return export{}, err
	}
	return export{name: "superlatives", head: []string{"id", "subject", "kind", "scope", "scope_zh", "scope_en", "object_zh", "object_en", "status", "evidence", "note_zh", "note_en", "source_id", "locator"},
		rows: func(yield func(sheet.Row, error) bool) {
			for _, x := range all {
				if !yield(sheet.Row{x.ID, x.Subject, x.Kind, x.Scope, x.ScopeText.ZH, x.ScopeText.EN, x.Object.ZH, x.Object.EN, string(x.Status), x.Evidence, x.Note.ZH, x.Note.EN, x.SourceID, x.Locator}, nil) {
					return
				}
			}
		}}, nil
}
