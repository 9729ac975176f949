// Bilingual makes sets in two languages out of ChinaXiv papers whose first page
// holds a title and an abstract in both:
//
//	bilingual SHARED OUT
//
// bi-zh-en asks with the Chinese title for the English abstract, bi-en-zh the
// other way round; bi-zh-zh and bi-en-en are the same records in one language,
// the ceiling. The text was read from paper by machine, so that English
// words run into each other, which are taken apart again, and much is dropped;
// what and why is counted and printed.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/bench/search/collection"
)

// pair is a paper in two languages.
type pair struct {
	id, paper                                string
	zhTitle, enTitle, zhAbstract, enAbstract string
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: bilingual SHARED OUT")
	}
	heads, err := read(filepath.Join(os.Args[1], "chinaxiv", "chinaxiv_heads.jsonl.gz"))
	if err != nil {
		log.Fatal(err)
	}
	words, err := vocabulary(heads, filepath.Join(os.Args[1], "nsf_awards_fy2026", "nsf_awards_fy2026.csv.gz"))
	if err != nil {
		log.Fatal(err)
	}
	pairs, dropped := choose(heads, words)
	fmt.Printf("%d records, %d pairs\n", len(heads), len(pairs))
	for _, d := range dropped.sorted() {
		fmt.Printf("  dropped %6d  %s\n", dropped[d], d)
	}
	fmt.Printf("  kept    %6d  of these share a Latin word or acronym of three letters or more between Chinese title and English abstract\n", sharing(pairs))
	if err := write(os.Args[2], pairs); err != nil {
		log.Fatal(err)
	}
}

// choose takes the pairs out of the records, the last version of each paper.
func choose(heads []head, words lexicon) ([]pair, drops) {
	dropped := drops{}
	last := map[string]int{}
	var out []pair
	for _, h := range heads {
		p, why := extract(h, words)
		if why == "" {
			why = fault(p, words)
		}
		if why != "" {
			dropped[why]++
			continue
		}
		if at, ok := last[p.paper]; ok {
			out[at] = p
			dropped["an earlier version of the same paper"]++
			continue
		}
		last[p.paper] = len(out)
		out = append(out, p)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(p pair) bool {
		again := seen[p.zhTitle] || seen[p.enTitle]
		seen[p.zhTitle], seen[p.enTitle] = true, true
		if again {
			dropped["the title of another record"]++
		}
		return again
	}), dropped
}

func write(out string, pairs []pair) error {
	texts := func(get func(pair) string) []collection.Text {
		var all []collection.Text
		for _, p := range pairs {
			all = append(all, collection.Text{ID: p.id, Text: get(p)})
		}
		return all
	}
	grades := collection.Grades{}
	for _, p := range pairs {
		grades.Add(p.id, p.id, 1)
	}
	titles := map[string][]collection.Text{"zh": texts(func(p pair) string { return p.zhTitle }), "en": texts(func(p pair) string { return p.enTitle })}
	abstracts := map[string][]collection.Text{"zh": texts(func(p pair) string { return p.zhAbstract }), "en": texts(func(p pair) string { return p.enAbstract })}
	for q, queries := range titles {
		for d, docs := range abstracts {
			if err := collection.Write(filepath.Join(out, "bi-"+q+"-"+d), docs, queries, grades); err != nil {
				return err
			}
		}
	}
	return nil
}

var latinWord = regexp.MustCompile(`[A-Za-z]{3,}`)

// sharing counts the pairs in which a search could do without knowing the
// other language, for instance by LSTM.
func sharing(pairs []pair) int {
	n := 0
	for _, p := range pairs {
		abstract := set(latinWord.FindAllString(p.enAbstract, -1))
		if slices.ContainsFunc(latinWord.FindAllString(p.zhTitle, -1), func(w string) bool { return abstract[strings.ToLower(w)] }) {
			n++
		}
	}
	return n
}
