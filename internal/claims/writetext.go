package claims

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// icons stand beside the word of a verdict, never instead of it.
var icons = map[VerdictKind]string{BorneOut: "✓", BoundCompatible: "≈", Contradicted: "✗", NotComparable: "≠", Unknown: "?"}

// WriteText prints a report for a terminal: the counts, the duplicates, then
// each claim with its verdict and reasons.
func WriteText(w io.Writer, r Report, lang i18n.Lang) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, i18n.T(lang, "claims.text.heading", errs.A{"claims": len(r.Claims), "paragraphs": r.Paragraphs}))
	fmt.Fprintln(out, r.Summary(lang))
	for _, d := range r.Duplicates {
		fmt.Fprintln(out, d.Sentence(lang))
	}
	for _, c := range r.Claims {
		fmt.Fprintf(out, "\n%s %s  %s  %s\n", c.ID, icons[c.Verdict.Verdict], i18n.T(lang, c.Verdict.Verdict.Key()), c.Line(lang))
		for _, l := range c.Details(lang) {
			fmt.Fprintf(out, "    %s\n", l)
		}
	}
	return out.Flush()
}

// WriteJSON prints a report as indented JSON.
func WriteJSON(w io.Writer, r Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Key is the message key of the verdict's word.
func (v VerdictKind) Key() string { return "claims.verdict." + string(v) }

// Word is the verdict in the language.
func (v VerdictKind) Word(lang i18n.Lang) string { return i18n.T(lang, v.Key()) }

// Icon is the sign that stands beside the word.
func (v VerdictKind) Icon() string { return icons[v] }

// Tone is the colour of the verdict: jade for borne out, amber for what needs
// care, plum for what cannot be compared, faint for unknown.
func (v VerdictKind) Tone() string {
	switch v {
	case BorneOut, BoundCompatible:
		return "jade"
	case Contradicted:
		return "amber"
	case NotComparable:
		return "plum"
	}
	return "faint"
}

// Summary counts the verdicts: "有据 12 · 与记录不符 1".
func (r Report) Summary(lang i18n.Lang) string {
	var parts []string
	for _, k := range VerdictKinds {
		if n := r.Counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s %d", k.Icon(), k.Word(lang), n))
		}
	}
	return strings.Join(parts, " · ")
}

// Sentence says which paragraph is printed twice; paragraphs count from one.
func (d Duplicate) Sentence(lang i18n.Lang) string {
	key := "claims.text.twin"
	if d.Truncated {
		key = "claims.text.twin_cut"
	}
	return i18n.T(lang, key, errs.A{"twin": d.Paragraph + 1, "of": d.Of + 1})
}

// Line says in one line what is claimed: the kind, the words, the reading.
func (c Claim) Line(lang i18n.Lang) string {
	parts := []string{"「" + c.Text + "」"}
	if lang == i18n.EN {
		parts[0] = "“" + c.Text + "”"
	}
	kind := "claims.kind." + string(c.Kind)
	if c.Kind == Superlative {
		kind = "claims.superlative." + string(c.Extreme.Kind)
	}
	parts = append(parts, i18n.T(lang, kind))
	if c.Extreme != nil && c.Extreme.Scope != "" {
		parts = append(parts, c.Extreme.Scope)
	}
	if c.Quantity != nil {
		parts = append(parts, c.Quantity.Format(lang))
	}
	if c.Subject.Text != "" || c.Measure != "" {
		parts = append(parts, strings.Trim(c.Subject.Text+" / "+c.Measure, " /"))
	}
	return strings.Join(parts, " · ")
}

// Details lists the reasons under a claim, one a line.
func (c Checked) Details(lang i18n.Lang) []string {
	v := c.Verdict
	out := []string{v.Reason.Text.In(lang)}
	for _, n := range v.Notes {
		out = append(out, n.Text.In(lang))
	}
	label := func(key string) string { return i18n.T(lang, key) + colon(lang) }
	if v.FigureID != "" {
		out = append(out, label("claims.text.figure")+v.FigureTitle.In(lang)+" ["+v.FigureID+"]")
	}
	if v.Record != nil && !v.Record.SourceTitle.IsZero() {
		out = append(out, label("claims.text.source")+v.Record.SourceTitle.In(lang))
	}
	if v.Record != nil && !v.Record.Note.IsZero() {
		out = append(out, v.Record.Note.In(lang))
	}
	if c.Period.Known() {
		out = append(out, label("claims.text.period")+c.Period.String(lang))
	}
	if len(v.Alternatives) > 0 {
		titles := make([]string, len(v.Alternatives))
		for i, a := range v.Alternatives {
			titles[i] = a.Title.In(lang)
		}
		out = append(out, label("claims.text.alternatives")+strings.Join(titles, i18n.T(lang, "claims.text.and")))
	}
	return out
}

func colon(lang i18n.Lang) string {
	if lang == i18n.EN {
		return ": "
	}
	return "："
}
