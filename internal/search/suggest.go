package search

import (
	"cmp"
	"slices"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
)

// Suggest returns up to n documents that the viewer sees for what has been
// typed so far: first those with a name that begins so, the shortest names
// first, then those that hold the words.
func (x *Index) Suggest(prefix string, v level.Viewer, n int) []Suggestion {
	return suggestAll([]*Index{x}, prefix, v, n)
}

// maxNames bounds how many names with a prefix are looked at in a segment.
const maxNames = 2000

func suggestAll(shards []*Index, prefix string, v level.Viewer, n int) []Suggestion {
	key := fold.Name(cut(prefix, maxQuery))
	n = min(max(n, 0), MaxLimit)
	if key == "" || n == 0 {
		return nil
	}
	var out []Suggestion
	for _, x := range shards {
		for _, p := range x.view().parts {
			out = append(out, p.suggest(key, v)...)
		}
	}
	slices.SortFunc(out, compareSuggestions)
	seen := map[Key]bool{}
	out = slices.DeleteFunc(out, func(s Suggestion) bool {
		twice := seen[Key{s.Kind, s.ID}]
		seen[Key{s.Kind, s.ID}] = true
		return twice
	})
	if len(out) >= n {
		return out[:n]
	}
	for _, h := range searchAll(shards, Query{Text: prefix, Viewer: v, Limit: n}).Hits {
		if len(out) < n && !seen[Key{h.Kind, h.ID}] {
			s := Suggestion{Kind: h.Kind, ID: h.ID, Title: h.Title, Text: cmp.Or(h.Title.ZH, h.Title.EN)}
			if len(h.Marks) > 0 && h.Marks[0].Field != "body" {
				s.Text = h.Marks[0].Text
			}
			out = append(out, s)
		}
	}
	return out
}

func compareSuggestions(a, b Suggestion) int {
	return cmp.Or(cmp.Compare(len(a.Text), len(b.Text)), cmp.Compare(a.Text, b.Text), compareKeys(Key{a.Kind, a.ID}, Key{b.Kind, b.ID}))
}

func (p *part) suggest(key string, v level.Viewer) []Suggestion {
	seen := p.visible(v)
	var out []Suggestion
	p.named(key, func(_ string, r nameRef) bool {
		if seen == nil || seen.has(r.doc) {
			d := p.doc(r.doc)
			out = append(out, Suggestion{Kind: d.Kind, ID: d.ID, Title: d.Title, Text: p.label(r)})
		}
		return len(out) < maxNames
	})
	return out
}

// near is the likeness from which two titles are taken for nearly the same,
// and nearest how many documents are compared.
const (
	near    = 0.6
	nearest = 50
)

// Similar returns documents with a title or name like the given one, for hints
// of duplicates: Score is twice the terms that both have over the terms of
// both (Dice), at least 0.6. Kinds, Filters, Viewer and Limit of the query
// apply; its text does not matter.
func (x *Index) Similar(title string, q Query) []Hit { return similarIn([]*Index{x}, title, q) }

func similarIn(shards []*Index, title string, q Query) []Hit {
	limit := q.Limit
	q.Text, q.Whole, q.Limit, q.Offset, q.Facets = cut(title, maxQuery), true, nearest, 0, nil
	mine := termSet(q.Text)
	hits := searchAll(shards, q).Hits
	for i := range hits {
		h := &hits[i]
		p, doc, ok := findIn(shards, Key{h.Kind, h.ID})
		h.Score = 0
		if !ok {
			continue
		}
		d := p.doc(doc)
		for _, l := range labels(&d) {
			h.Score = max(h.Score, dice(mine, termSet(l)))
		}
	}
	hits = slices.DeleteFunc(hits, func(h Hit) bool { return h.Score < near })
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(len(hits), max(limit, 0))]
}

func findIn(shards []*Index, k Key) (*part, uint32, bool) {
	states := make([]*state, len(shards))
	for i, x := range shards {
		states[i] = x.view()
	}
	return find(states, k)
}

func termSet(text string) map[string]bool {
	out := map[string]bool{}
	terms(text, func(t term) { out[t.text] = true })
	return out
}

func dice(a, b map[string]bool) float64 {
	both := 0
	for t := range a {
		if b[t] {
			both++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(both) / float64(len(a)+len(b))
}
