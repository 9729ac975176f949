package web

import (
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// maxText is the longest text that the page checks, in bytes: about 350,000
// Chinese characters, a thick book.
const maxText = 1 << 20

// AuditPage asks for a text.
type AuditPage struct {
	Page
	Lead     string
	Errors   []FieldError
	Text     Field
	Year     Field
	File     Field
	Examples []Link
}

// ReportPage is a text with what the records make of its claims.
type ReportPage struct {
	Page
	Lead       string
	Counts     []VerdictCount
	Shown      string // the verdict that alone is listed, "" for all
	Paragraphs []AuditParagraph
	Verdicts   []AuditVerdict
	Duplicates []string
	Empty      State
	Text       string // as it was given, for the forms that ask again
	Year       string
}

// VerdictCount is how many claims have a verdict. It is a button that shows
// those alone.
type VerdictCount struct {
	Kind  string // "" for all
	Label string
	Count int
	On    bool
}

// AuditParagraph is one paragraph of the text with its marks.
type AuditParagraph struct {
	Kind  string // body, heading, byline
	Twin  string // says which paragraph it repeats, "" for none
	Parts []AuditPart
}

// AuditPart is a stretch of text, under one claim or under none.
type AuditPart struct {
	Text   string
	Mark   Mark   // the claim that the stretch leads to; zero for plain text
	Starts []int  // claims that begin here
	Ends   []Mark // claims that end here
	Dim    bool   // its verdict is not among those shown
}

// Mark is the number of a claim that leads to its verdict.
type Mark struct {
	Kind   string
	Number int
	Word   string // of the verdict
}

// AuditVerdict is a claim with its verdict and the reasons.
type AuditVerdict struct {
	Verdict
	Line         string // what is claimed, as Kapok reads it
	Notes        []string
	Source       Link
	Alternatives []Link
}

func (s *Site) audit(w http.ResponseWriter, r *http.Request) error {
	p := s.auditPage(r, "", "")
	if n, err := strconv.Atoi(r.URL.Query().Get("example")); err == nil && n >= 1 && n <= len(p.Examples) {
		p.Text.Value = i18n.T(p.Lang, "web.audit.example."+strconv.Itoa(n)+".text")
		p.Year.Value = "2024"
	}
	return s.Render(w, r, "audit", p)
}

func (s *Site) auditPage(r *http.Request, text, year string) AuditPage {
	l := PrefsOf(r.Context()).Lang
	p := AuditPage{Page: s.Page(r, i18n.T(l, "web.audit.title")), Lead: i18n.T(l, "web.audit.lead")}
	p.Text = Field{Name: "text", Label: i18n.T(l, "web.audit.text"), Hint: i18n.T(l, "web.audit.text_hint"), Kind: "area", Rows: 14, Value: text, Either: true}
	p.File = Field{Name: "file", Label: i18n.T(l, "web.audit.file"), Hint: i18n.T(l, "web.audit.file_hint"), Kind: "file", Either: true}
	p.Year = Field{Name: "year", Label: i18n.T(l, "web.audit.year"), Hint: i18n.T(l, "web.audit.year_hint"), Kind: "text", Value: year, Optional: true}
	for i := 1; i18n.Has("web.audit.example." + strconv.Itoa(i)); i++ {
		p.Examples = append(p.Examples, Link{i18n.T(l, "web.audit.example."+strconv.Itoa(i)), "/audit?example=" + strconv.Itoa(i)})
	}
	return p
}

// audited checks the text of the form. Nothing of it is kept or logged.
func (s *Site) audited(w http.ResponseWriter, r *http.Request) error {
	text, err := formText(r)
	year := strings.TrimSpace(r.PostFormValue("year"))
	p := s.auditPage(r, text, year)
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return err
	case err != nil:
		p.File.Error = i18n.Error(p.Lang, err)
	case strings.TrimSpace(text) == "":
		p.Text.Error = i18n.T(p.Lang, "web.audit.empty")
	case len(text) > maxText:
		p.Text.Error, p.Text.Value = i18n.T(p.Lang, "web.audit.long", errs.A{"n": utf8.RuneCountInString(text), "limit": limitText(maxText)}), ""
	}
	n, bad := yearOf(year)
	if bad {
		p.Year.Error = i18n.T(p.Lang, "web.audit.bad_year")
	}
	if p.Errors = Errors([]Field{p.Text, p.File, p.Year}); len(p.Errors) > 0 {
		return s.RenderStatus(w, r, http.StatusUnprocessableEntity, "audit", p)
	}
	doc := claims.Extract(text, claims.Options{Year: n})
	report, err := s.checked(r, doc)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.PostFormValue("as") == "json" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="kapok-audit.json"`)
		return claims.WriteJSON(w, report)
	}
	return s.Render(w, r, "audit_report", s.reportPage(r, doc, report, text, year))
}

// formText is the pasted text, or the text of the file where one was chosen.
func formText(r *http.Request) (string, error) {
	if err := r.ParseMultipartForm(maxText); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return "", badForm(err)
	}
	file, head, err := r.FormFile("file")
	if err != nil || head.Size == 0 {
		return r.PostFormValue("text"), nil
	}
	defer file.Close()
	if ext := strings.ToLower(path.Ext(head.Filename)); ext != ".txt" && ext != ".md" {
		return "", errs.New(errs.Invalid, "web.audit.not_text", errs.A{"name": head.Filename})
	}
	if head.Size > maxText {
		return "", errs.New(errs.Invalid, "web.audit.big_file", errs.A{"limit": limitText(maxText)})
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxText+1))
	if err != nil {
		return "", badForm(err)
	}
	return decoded(raw)
}

func yearOf(text string) (n int, bad bool) {
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err != nil || n < 1900 || n > 2200
}
