package web

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
)

// decoded is the text of a file: UTF-8, or GB18030 as older office programs in
// China write it.
func decoded(raw []byte) (string, error) {
	d := ingest.Detect(raw)
	switch {
	case d.Encoding == ingest.UTF8:
		return strings.ToValidUTF8(strings.TrimPrefix(string(raw), "\ufeff"), "\ufffd"), nil
	case d.Encoding == ingest.GB18030 && d.Confidence >= 0.6:
		out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err == nil {
			return string(out), nil
		}
	}
	return "", errs.New(errs.Invalid, "web.audit.not_readable")
}

// shownKind is the kind of verdict in the words of the pages.
func shownKind(k claims.VerdictKind) string {
	if k == claims.BoundCompatible {
		return "compatible"
	}
	return string(k)
}

// reportPage sets a report for reading. The form can ask for one verdict alone.
func (s *Site) reportPage(r *http.Request, doc claims.Document, report claims.Report, text, year string) ReportPage {
	p := ReportPage{Page: s.Page(r, i18n.T(PrefsOf(r.Context()).Lang, "web.audit.report")), Text: text, Year: year, Shown: r.PostFormValue("verdict")}
	l := p.Lang
	p.Crumbs = []Link{{i18n.T(l, "web.room.overview"), "/"}, {i18n.T(l, "web.room.audit"), "/audit"}}
	p.Lead = i18n.T(l, "web.audit.found", errs.A{"claims": len(report.Claims), "paragraphs": report.Paragraphs})
	p.Counts = []VerdictCount{{Label: i18n.T(l, "web.audit.all"), Count: len(report.Claims), On: p.Shown == ""}}
	for _, k := range claims.VerdictKinds {
		p.Counts = append(p.Counts, VerdictCount{shownKind(k), i18n.T(l, "web.verdict."+shownKind(k)), report.Counts[k], p.Shown == shownKind(k)})
	}
	for _, d := range report.Duplicates {
		p.Duplicates = append(p.Duplicates, d.Sentence(l))
	}
	byID := map[string]Mark{}
	for i := range report.Claims {
		x := auditVerdict(l, &report.Claims[i], i+1)
		byID[report.Claims[i].ID] = Mark{x.Kind, x.Number, i18n.T(l, "web.verdict."+x.Kind)}
		if p.Shown == "" || p.Shown == x.Kind {
			p.Verdicts = append(p.Verdicts, x)
		}
	}
	p.Paragraphs = paragraphs(l, doc, report, byID, p.Shown)
	if len(report.Claims) == 0 {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "web.audit.no_claims"), Text: i18n.T(l, "web.audit.no_claims_text"), Action: Link{i18n.T(l, "web.audit.again"), "/audit"}}
	}
	return p
}

func auditVerdict(l i18n.Lang, c *claims.Checked, number int) AuditVerdict {
	v := c.Verdict
	x := AuditVerdict{Verdict: Verdict{Kind: shownKind(v.Verdict), Number: number, Claim: c.Text, Reason: v.Reason.Text.In(l)}, Line: readAs(l, c)}
	for _, n := range v.Notes {
		x.Notes = append(x.Notes, n.Text.In(l))
	}
	if v.FigureID != "" {
		x.Figure = figureLink(l, v.FigureID, v.FigureTitle)
	}
	if d := v.Record; d != nil && d.SourceID != "" {
		x.Source = Link{d.SourceTitle.In(l), "/sources/" + d.SourceID}
	}
	if v.Verdict == claims.BorneOut {
		return x // what else it might mean is of no use where it holds
	}
	for _, a := range v.Alternatives {
		x.Alternatives = append(x.Alternatives, figureLink(l, a.FigureID, a.Title))
	}
	return x
}

// figureLink leads to a figure, or to the register of superlatives.
func figureLink(l i18n.Lang, id string, title i18n.Text) Link {
	if s, ok := strings.CutPrefix(id, "superlative."); ok {
		return Link{title.In(l), "/superlatives#" + s}
	}
	return Link{title.In(l), "/figures/" + id}
}

// readAs is the claim as Kapok understood it, so that a reader can see where
// it was misread.
func readAs(l i18n.Lang, c *claims.Checked) string {
	_, line, _ := strings.Cut(c.Line(l), " · ")
	if c.Period.Known() {
		line += " · " + c.Period.String(l)
	}
	return line
}

// paragraphs cuts the segments of a report at the paragraphs of the text.
func paragraphs(l i18n.Lang, doc claims.Document, report claims.Report, byID map[string]Mark, shown string) []AuditParagraph {
	out := make([]AuditParagraph, 0, len(doc.Paragraphs))
	for i, para := range doc.Paragraphs {
		x := AuditParagraph{Kind: string(para.Kind)}
		if para.TwinOf >= 0 {
			x.Twin = i18n.T(l, "web.audit.twin", errs.A{"n": i + 1, "of": para.TwinOf + 1})
		}
		at := 0
		for _, seg := range report.Segments {
			start, end := max(at, para.Start), min(at+len(seg.Text), para.End)
			if start < end {
				x.Parts = append(x.Parts, auditPart(seg, seg.Text[start-at:end-at], byID, shown))
			}
			at += len(seg.Text)
		}
		out = append(out, x)
	}
	return out
}

func auditPart(seg claims.Segment, text string, byID map[string]Mark, shown string) AuditPart {
	p := AuditPart{Text: unbroken(text)}
	if len(seg.ClaimIDs) == 0 {
		return p
	}
	p.Mark = byID[seg.ClaimIDs[0]]
	p.Dim = shown != "" && p.Mark.Kind != shown
	for _, id := range seg.Starts {
		p.Starts = append(p.Starts, byID[id].Number)
	}
	for _, id := range seg.Ends {
		p.Ends = append(p.Ends, byID[id])
	}
	return p
}

// unbroken takes line ends out of a text: nothing stands for them between
// Chinese characters, a blank between words.
func unbroken(text string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) < 2 {
		return strings.Join(lines, "")
	}
	out := lines[0]
	for _, line := range lines[1:] {
		last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(out, unicode.IsSpace))
		first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(line, unicode.IsSpace))
		if last < 0x2e80 && first < 0x2e80 {
			out += " "
		}
		out += strings.TrimLeftFunc(line, unicode.IsSpace)
	}
	return out
}

// checked sets a text against the records.
func (s *Site) checked(r *http.Request, doc claims.Document) (claims.Report, error) {
	if s.svc.Audit == nil {
		return claims.Report{}, errs.New(errs.Unavailable, "web.audit.off")
	}
	return s.svc.Audit(r.Context(), doc)
}
