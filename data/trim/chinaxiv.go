package main

import (
	"encoding/json"
	"path/filepath"
	"sort"
	"strings"
)

// What is kept of ChinaXiv: every paper that names Guangzhou in an affiliation or
// in its head, without the head. Author names are personal data and stay out, so
//
//   - funding_raw ends where the note on the authors begins, and is dropped when it
//     holds an e-mail address or a telephone number;
//   - an affiliation loses what stands before it in front of an opening bracket,
//     which is where names were caught by the source's own pattern.
//
// affiliations_guess is mended from the head, because the source cut each
// organisation at 25 characters and at the last comma (affiliation.go); entries
// found only here are marked "from": "head".

type paper struct {
	ID           string        `json:"id"`
	Year         int           `json:"year"`
	Month        int           `json:"month"`
	Lang         string        `json:"lang"`
	Title        string        `json:"title"`
	Keywords     string        `json:"keywords"`
	CLC          string        `json:"clc"`
	DOI          string        `json:"doi"`
	Affiliations []affiliation `json:"affiliations_guess"`
	Funding      string        `json:"funding_raw"`
}

type affiliation struct {
	Org      string `json:"org"`
	City     string `json:"city"`
	Postcode string `json:"postcode"`
	From     string `json:"from,omitempty"`
}

// trimChinaXiv writes the papers and returns the heads of all papers, for the
// choice of organisations.
func trimChinaXiv(from, to string, cities []string) (heads []string, err error) {
	var kept []paper
	err = eachLine(filepath.Join(from, "chinaxiv", "chinaxiv_heads.jsonl.gz"), func(line []byte) error {
		var full struct {
			paper
			Head string
		}
		if err := json.Unmarshal(line, &full); err != nil {
			return err
		}
		heads = append(heads, full.Head)
		if namesGuangzhou(full.paper, full.Head) {
			kept = append(kept, clean(full.paper, full.Head, cities))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(kept, func(i, j int) bool { return kept[i].ID < kept[j].ID })
	return heads, writePapers(to, kept)
}

func namesGuangzhou(p paper, head string) bool {
	for _, a := range p.Affiliations {
		if isGuangzhou(a.Org + a.City) {
			return true
		}
	}
	return isGuangzhou(head)
}

func isGuangzhou(s string) bool {
	return strings.Contains(s, "广州") || strings.Contains(strings.ToLower(s), "guangzhou")
}

func clean(p paper, head string, cities []string) paper {
	p.Title, p.Keywords = withoutContact(p.Title), withoutContact(p.Keywords)
	p.Funding = cleanFunding(p.Funding)
	p.Affiliations = mend(p.Affiliations, head, cities)
	return p
}

var authorNotes = []string{"作者简介", "通信作者", "通讯作者", "第一作者", "E-mail", "Email", "E—mail", "联系人", "\\*", "Corresponding", "共同"}

// cleanFunding cuts the note on the authors off; what still looks like a contact
// goes altogether.
func cleanFunding(s string) string {
	for _, mark := range authorNotes {
		s, _, _ = strings.Cut(s, mark)
	}
	return strings.TrimSpace(withoutContact(s))
}

// withoutContact returns "" for a text with an e-mail address or a mobile number.
func withoutContact(s string) string {
	if strings.ContainsAny(s, "@＠") || phone.MatchString(s) {
		return ""
	}
	return s
}

func writePapers(path string, papers []paper) error {
	var lines [][]byte
	for _, p := range papers {
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	return writeLines(path, lines)
}
