package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// drops counts why records were left out.
type drops map[string]int

func (d drops) sorted() []string {
	var out []string
	for k := range d {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int {
		if d[a] != d[b] {
			return d[b] - d[a]
		}
		return strings.Compare(a, b)
	})
	return out
}

var (
	zhStart  = regexp.MustCompile(`[【\[［]?\s*(?:摘\s*要|提\s*要)\s*[】\]］]?\s*[：:;；]?`)
	zhEnd    = regexp.MustCompile(`(?i)关\s*键\s*[词字]|中\s*图\s*分\s*类|key\s*words?|abstract|\n#|文章编号|文献标[识志]码|\bdoi\b|分类号`)
	enStart  = regexp.MustCompile(`(?i)\babstracts?\b\s*[】\]］)）]?\s*[：:;；.。,，]?`)
	enEnd    = regexp.MustCompile(`(?i)[\[【]?\s*key\s*-?\s*words?|index\s+terms|\n#|\bCLC\b|\p{Han}`)
	heading  = regexp.MustCompile(`(?m)^#+[ \t]*(.+)$`)
	line     = regexp.MustCompile(`(?m)^#*[ \t]*(.+?)[ \t]*$`)
	formula  = regexp.MustCompile(`\$[^$]*\$?`)
	notTitle = regexp.MustCompile(`(?i)universit|institute|journal|received|accepted|academy|\bvol\b|issn|http|department|laborator|correspond|foundation|abstract|introduction|key ?word|college|school of|center for|hospital|copyright|\bet al\b|china\)?$`)
	zhBad    = regexp.MustCompile(`(?i)学报|杂志|doi|http|收稿|基金|摘要|^\s*[0-9０-９]|出版|网络首发|引用格式`)
	version  = regexp.MustCompile(`V\d+$`)
)

// extract finds the four texts on the first page, or says what is missing.
func extract(h head, words lexicon) (pair, string) {
	p := pair{id: h.ID, paper: version.ReplaceAllString(h.ID, "")}
	zh, en := zhStart.FindAllStringIndex(h.Head, -1), enStart.FindAllStringIndex(h.Head, -1)
	switch {
	case len(zh) == 0:
		return p, "no Chinese abstract is marked"
	case len(en) == 0:
		return p, "no English abstract is marked"
	case len(zh) > 2 || len(en) > 1:
		return p, "several abstracts on the page"
	}
	p.zhAbstract = plain(until(h.Head[zh[0][1]:], zhEnd))
	p.enAbstract = words.repair(plain(until(h.Head[en[0][1]:], enEnd)))
	p.zhTitle = chineseTitle(h.Head[:zh[0][0]], h.Title)
	p.enTitle = words.repair(plain(englishTitle(h.Head[:en[0][0]])))
	switch {
	case p.enTitle == "":
		return p, "no English title as a heading of its own"
	case p.zhTitle == "":
		return p, "the title is no Chinese title, nor one heading before the abstract"
	case han(p.zhAbstract) < 80:
		return p, "the Chinese abstract is under 80 characters"
	case len(strings.Fields(p.enAbstract)) < 40:
		return p, "the English abstract is under 40 words, or cut off"
	}
	return p, ""
}

// until cuts text before the end mark; one at the very start is the line of
// the heading itself.
func until(text string, end *regexp.Regexp) string {
	text = strings.TrimLeft(text, " \t\r\n")
	if at := end.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	return text
}

// chineseTitle returns the record's title if it reads like one, else the one
// heading before the abstract that does.
func chineseTitle(page, title string) string {
	if title = plain(title); chinese(title) {
		return title
	}
	var found []string
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		if text := plain(m[1]); chinese(text) {
			found = append(found, text)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

func chinese(title string) bool {
	n := len([]rune(title))
	return !zhBad.MatchString(title) && han(title) >= 8 && n <= 60 && float64(han(title)) >= .6*float64(n)
}

// englishTitle returns the one group of English headings that reads like a
// title, else the one group of lines that does, and "" if there is none or
// several.
func englishTitle(page string) string {
	if t := titleAmong(heading, page); t != "" {
		return t
	}
	return titleAmong(line, page)
}

func titleAmong(mark *regexp.Regexp, page string) string {
	var groups []string
	end := -1
	for _, at := range mark.FindAllStringSubmatchIndex(page, -1) {
		text := page[at[2]:at[3]]
		if !titled(text) {
			end = -1
			continue
		}
		if end >= 0 && strings.TrimSpace(page[end:at[0]]) == "" {
			groups[len(groups)-1] += " " + text
		} else {
			groups = append(groups, text)
		}
		end = at[1]
	}
	groups = slices.DeleteFunc(groups, func(g string) bool {
		n := len(strings.Fields(g))
		return n < 4 || n > 40 || strings.Count(g, ",")*4 > n
	})
	if len(groups) != 1 {
		return ""
	}
	return groups[0]
}

func titled(text string) bool {
	return han(text) == 0 && len(latinWord.FindAllString(text, -1)) >= 2 && !notTitle.MatchString(text)
}

// plain drops formulas and the marks of the reading.
func plain(s string) string {
	s = formula.ReplaceAllString(s, " ")
	s = strings.NewReplacer("\\", " ", "*", " ", "#", " ", "†", " ", "‡", " ", "‘", "'", "’", "'").Replace(s)
	return strings.Trim(strings.Join(strings.Fields(s), " "), " '·,;:，；：")
}

func han(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}
