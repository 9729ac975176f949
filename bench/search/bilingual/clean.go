package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

// head is a record of the shared file: the first 1,600 characters of a paper.
type head struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Head  string `json:"head"`
}

func read(path string) ([]head, error) {
	r, err := unpack(path)
	if err != nil {
		return nil, err
	}
	var out []head
	d := json.NewDecoder(r)
	for {
		var h head
		if err := d.Decode(&h); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
}

// unpack leaves the file open: the program is short.
func unpack(path string) (io.Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(bufio.NewReader(f))
}

var word = regexp.MustCompile(`[A-Za-z]{2,}`)

func set(words []string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[strings.ToLower(w)] = true
	}
	return out
}

// oftenEnough is in how many pages a word must stand to count as one: words
// that the reading glued together (intheresearch) hardly come twice.
const oftenEnough = 8

// vocabulary is how often each English word stands in American grant
// abstracts, typed by people, and in the pages, where it must come often.
func vocabulary(heads []head, nsf string) (lexicon, error) {
	r, err := unpack(nsf)
	if err != nil {
		return lexicon{}, err
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return lexicon{}, err
	}
	times := map[string]int{}
	for _, row := range rows[1:] {
		for w := range set(word.FindAllString(row[slices.Index(rows[0], "title_clean")]+" "+row[slices.Index(rows[0], "abstract")], -1)) {
			times[w]++
		}
	}
	l, pages := lexicon{times: times, typed: maps.Clone(times)}, map[string]int{}
	for _, h := range heads {
		for w := range set(word.FindAllString(h.Head, -1)) {
			pages[w]++
		}
	}
	var often []string
	for w, n := range pages {
		if times[w] > 0 {
			times[w] += n
		} else if n >= oftenEnough {
			often = append(often, w)
		}
	}
	often = slices.DeleteFunc(often, func(w string) bool { return l.split(w) != w }) // typeof, isa
	for _, w := range often {
		times[w] += pages[w]
	}
	return l, nil
}

// Shares of words outside the vocabulary up to which a text is taken.
const (
	abstractNoise = .12
	titleNoise    = .2
)

var lower = regexp.MustCompile(`[A-Za-z]*[a-z][A-Za-z]{3,}|[A-Za-z]{3,}[a-z][A-Za-z]*`)

// fault says why a pair is not fit: read badly, or one language standing in
// the other's text, so that no bridge would be needed.
func fault(p pair, words lexicon) string {
	switch {
	case noise(p.enAbstract, words) > abstractNoise:
		return "the English abstract was read badly: over 12 % of its words unknown, most of them glued"
	case noise(p.enTitle, words) > titleNoise:
		return "the English title was read badly"
	}
	zh := set(lower.FindAllString(p.zhAbstract, -1))
	for w := range set(lower.FindAllString(p.enTitle, -1)) {
		if zh[w] {
			return "an English word of the title stands in the Chinese abstract"
		}
	}
	en := set(lower.FindAllString(p.enAbstract, -1))
	for w := range set(lower.FindAllString(p.zhTitle, -1)) {
		if en[w] {
			return "a Latin word of the Chinese title stands in the English abstract"
		}
	}
	return ""
}

func noise(text string, words lexicon) float64 {
	all := word.FindAllString(text, -1)
	unknown := 0
	for _, w := range all {
		if words.times[strings.ToLower(w)] == 0 {
			unknown++
		}
	}
	return float64(unknown) / float64(max(1, len(all)))
}
