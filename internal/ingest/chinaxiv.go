package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// chinaxivHead is one line of the heads of ChinaXiv papers. The beginning of
// the text ("head") names the authors and is not read.
type chinaxivHead struct {
	ID           string `json:"id"`
	Year         int    `json:"year"`
	Month        int    `json:"month"`
	Lang         string `json:"lang"`
	Title        string `json:"title"`
	Keywords     string `json:"keywords"`
	CLC          string `json:"clc"`
	DOI          string `json:"doi"`
	Funding      string `json:"funding_raw"`
	Affiliations []struct {
		Org  string `json:"org"`
		City string `json:"city"`
	} `json:"affiliations_guess"`
}

var chinaxivID = regexp.MustCompile(`^ChinaXiv-(\d{6}\.\d{5}V\d+)$`)

// parseChinaXiv turns one line into a paper without organisations.
func parseChinaXiv(raw []byte) (registry.Paper, errs.List) {
	var h chinaxivHead
	if err := json.Unmarshal(raw, &h); err != nil {
		return registry.Paper{}, errs.List{errs.Wrap(err, errs.Invalid, "ingest.not_chinaxiv")}
	}
	m := chinaxivID.FindStringSubmatch(h.ID)
	if m == nil {
		return registry.Paper{}, errs.List{fault("ingest.not_chinaxiv", "id")}
	}
	p := registry.Paper{
		Key: "chinaxiv:" + m[1], Title: cleanText(h.Title, 500), Lang: chinaxivLang(h.Lang),
		Year: h.Year, Month: h.Month, CLC: cleanText(h.CLC, 40), Keywords: keywords(h.Keywords), Funding: funding(h.Funding),
	}
	if doi, err := identifier.Parse(identifier.DOI, h.DOI); err == nil {
		p.DOI = doi
	}
	for _, a := range h.Affiliations {
		if aff, ok := affiliation(a.Org, a.City); ok {
			p.Affiliations = append(p.Affiliations, aff)
		}
	}
	return p, nil
}

// chinaxivLang: "mixed" is Chinese with many formulas.
func chinaxivLang(l string) string {
	if l == "mixed" {
		return "zh"
	}
	return l
}

// affiliation reads a guess of organisation and city. A "city" that is more
// than a Chinese name ("文献情报中心北京") is the end of the organisation's.
func affiliation(org, city string) (registry.Affiliation, bool) {
	org, city = cleanText(org, 300), cleanText(city, 100)
	if utf8.RuneCountInString(city) > 4 && strings.ContainsFunc(city, fold.IsHan) {
		org, city = org+city, ""
	}
	return registry.Affiliation{Raw: org, City: city}, org != ""
}

// Words that end a list of keywords and open something else: a class, a
// citation with its authors, a number.
var keywordsEnd = regexp.MustCompile(`(?i)引用格式|引文格式|分类号|中图|文献标识|基金|收稿|作者|doi|citation|https?:|classification`)

var keywordsPart = regexp.MustCompile(`[;；,，、|·]+|\s{2,}`)

// keywords cuts the recognised line into words; what is too long to be one is
// left out, since it may be a sentence or a list of names.
func keywords(line string) []string {
	if at := keywordsEnd.FindStringIndex(line); at != nil {
		line = line[:at[0]]
	}
	var out []string
	for _, w := range keywordsPart.Split(line, -1) {
		w = cleanText(strings.Trim(w, " .．。:："), 200)
		if n := utf8.RuneCountInString(w); n > 1 && n <= 40 && len(out) < 20 {
			out = append(out, w)
		}
	}
	return out
}

var fundingEnd = regexp.MustCompile(`(?i)作者简介|第一作者|通[信讯]作者|责任作者|联系人|e-?mail|电话|收稿|\S+@\S+`)

// funding keeps the line up to where it turns to persons.
func funding(line string) string {
	if at := fundingEnd.FindStringIndex(line); at != nil {
		line = line[:at[0]]
	}
	return cleanText(line, 600)
}

// cleanText drops control characters, joins blanks and bounds the length in
// characters.
func cleanText(s string, limit int) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)), " ")
	n := 0
	for i := range s {
		if n == limit {
			return strings.TrimSpace(s[:i])
		}
		n++
	}
	return s
}

// readChinaXiv reads papers and resolves their affiliations against the
// organisations as they stand.
func readChinaXiv(ctx context.Context, j *job, f *feed) error {
	in, s, err := j.openJSON()
	if err != nil {
		return err
	}
	defer s.Close()
	index, err := j.s.reg.Resolver(ctx)
	if err != nil {
		return err
	}
	for {
		raw, number, bad, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		it := &item{number: number, cells: []string{cutBytes(string(raw), rejectedRecord)}}
		id := ""
		if bad != nil {
			it.fault = bad
		} else if p, faults := parseChinaXiv(raw); len(faults) > 0 {
			it.fault = faults
		} else {
			resolveAll(index, &p)
			p.SourceID = j.srcID
			it.record, id = p, p.Key
		}
		if err := f.emit(it, id); err != nil {
			return err
		}
	}
}

// resolveAll fills in the organisations of a paper's affiliations, or why
// there are none.
func resolveAll(index *resolve.Index, p *registry.Paper) {
	for i := range p.Affiliations {
		p.Affiliations[i].Resolve(index)
	}
}

// cutBytes shortens s to at most n bytes without splitting a character.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
