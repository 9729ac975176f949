package claims

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Parse(pageHTML))

// part is one segment of the text, ready for the page.
var part = template.Must(template.New("part").Parse(
	`{{if .Twin}}<span class="twin" title="{{.TwinWord}}">{{end}}` +
		`{{range .Starts}}<span id="t-{{.}}"></span>{{end}}` +
		`{{if .Tone}}<mark class="{{.Tone}}">{{.Text}}</mark>{{else}}{{.Text}}{{end}}` +
		`{{range .Ends}}<sup class="{{$.Tone}}"><a href="#{{.}}">{{.}}</a></sup>{{end}}` +
		`{{if .Twin}}</span>{{end}}`))

// pageData is what page.html shows.
type pageData struct {
	Report  Report
	Lang    i18n.Lang
	Heading string
	Parts   []template.HTML
}

// T is the message key in the page's language.
func (p pageData) T(key string) string { return i18n.T(p.Lang, key) }

// WriteHTML prints a report as one page that needs nothing else: the text with
// its marks, the claims beside it, each leading to the other.
func WriteHTML(w io.Writer, r Report, lang i18n.Lang) error {
	data := pageData{Report: r, Lang: lang}
	data.Heading = i18n.T(lang, "claims.text.heading", errs.A{"claims": len(r.Claims), "paragraphs": r.Paragraphs})
	tones := r.Tones()
	for _, s := range r.Segments {
		html, err := s.html(tones, lang)
		if err != nil {
			return err
		}
		data.Parts = append(data.Parts, html)
	}
	return page.Execute(w, data)
}

// Tones gives the tone of each claim by its id, for pages that render the
// segments themselves.
func (r Report) Tones() map[string]string {
	out := make(map[string]string, len(r.Claims))
	for _, c := range r.Claims {
		out[c.ID] = c.Verdict.Verdict.Tone()
	}
	return out
}

func (s Segment) html(tones map[string]string, lang i18n.Lang) (template.HTML, error) {
	var b strings.Builder
	err := part.Execute(&b, struct {
		Segment
		Tone, TwinWord string
	}{s, s.Tone(tones), i18n.T(lang, "claims.text.repeated")})
	return template.HTML(b.String()), err // escaped by the template just above
}

// Tone is the tone of the segment: of several claims over one stretch the one
// that most needs care.
func (s Segment) Tone(tones map[string]string) string {
	for _, t := range []string{"amber", "plum", "jade", "faint"} {
		for _, id := range s.ClaimIDs {
			if tones[id] == t {
				return t
			}
		}
	}
	return ""
}
