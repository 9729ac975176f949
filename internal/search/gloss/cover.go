package gloss

import (
	"slices"
	"unicode/utf8"
)

// Coverage says how much of the Chinese of a text a table knows, in characters.
type Coverage struct {
	Characters int // Chinese characters
	Terms      int // of these, in terms of the termbase
	Words      int // in words of the dictionary of two characters and more, silent ones among them
	Single     int // single characters that the dictionary knows
	Unknown    int
	Hits       []Hit // the terms met, the most frequent first, in either language
}

// Hit is a term in a text.
type Hit struct {
	Form string
	N    int
}

// Full reports whether nothing but terms and words of two characters and more
// stands in the text, and something does.
func (c Coverage) Full() bool { return c.Characters > 0 && c.Terms+c.Words == c.Characters }

// Cover counts what the table knows of a text.
func (t *Table) Cover(text string) Coverage {
	var c Coverage
	at := map[string]int{}
	t.each(text, func(start, end int, p *phrase) {
		n := han(text[start:end])
		c.Characters += n
		switch {
		case p == nil:
			c.Unknown += n
			return
		case p.how == ofDictionary && p.n == 1:
			c.Single += n
			return
		case p.how == ofDictionary:
			c.Words += n
			return
		}
		c.Terms += n
		i, met := at[p.form]
		if !met {
			i = len(c.Hits)
			at[p.form] = i
			c.Hits = append(c.Hits, Hit{Form: p.form})
		}
		c.Hits[i].N++
	})
	slices.SortStableFunc(c.Hits, func(a, b Hit) int { return b.N - a.N })
	return c
}

func han(s string) int {
	n := 0
	for _, r := range s {
		if r >= utf8.RuneSelf && unified(r) {
			n++
		}
	}
	return n
}
