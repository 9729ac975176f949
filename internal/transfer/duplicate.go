package transfer

import (
	"cmp"
	"context"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Near-equal titles are found by min-wise hashing (Broder 1997): the share of
// bands in which two titles agree estimates how many of their pairs of letters
// they have in common, and the candidates are then compared in full.
const (
	bands      = 12
	leastBands = 3   // of two titles with half of their pairs in common, 98 of 100 agree in three
	nearEqual  = 0.5 // of the pairs of letters
	candidate  = 60  // titles that are compared in full
	hinted     = 5
)

// Duplicate is a record or a draft whose title nearly equals another.
type Duplicate struct {
	Kind  string    `json:"kind"`
	ID    string    `json:"id"`
	Draft bool      `json:"draft,omitempty"` // still being written
	Title i18n.Text `json:"title"`
	Share float64   `json:"share"` // of pairs of letters in common, 1 for equal titles
}

// Duplicates returns up to five records of a kind whose titles nearly equal
// one, the nearest first: records and drafts that the viewer reads, but not
// those in except.
func (s *Service) Duplicates(ctx context.Context, v level.Viewer, word string, title i18n.Text, except ...string) ([]Duplicate, error) {
	switch word {
	case KindResult, KindNeed, KindService:
	default:
		return nil, notFound(word)
	}
	var out []Duplicate
	for _, text := range []string{title.ZH, title.EN} {
		mine := pairsOf(text)
		if len(mine) == 0 {
			continue
		}
		found, err := s.candidates(ctx, v, word, bandsOf(text))
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			d.Share = max(jaccard(mine, pairsOf(d.Title.ZH)), jaccard(mine, pairsOf(d.Title.EN)))
			known := slices.ContainsFunc(out, func(o Duplicate) bool { return o.ID == d.ID })
			if d.Share >= nearEqual && !known && !slices.Contains(except, d.ID) {
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b Duplicate) int { return cmp.Or(cmp.Compare(b.Share, a.Share), strings.Compare(a.ID, b.ID)) })
	return out[:min(len(out), hinted)], nil
}

// candidates are the records and drafts that agree in most bands.
func (s *Service) candidates(ctx context.Context, v level.Viewer, word string, hashes []int64) ([]Duplicate, error) {
	var out []Duplicate
	for _, in := range []struct {
		table, kind, title string
		draft              bool
	}{{word, word, "t.title_zh, t.title_en", false}, {"draft", "draft", "t.title, ''", true}} {
		var w where
		if in.draft {
			guardDrafts(&w, "t", v)
			w.equal("t.kind", word)
		} else {
			guard(&w, "t", word, v)
		}
		shared := where{args: w.args}
		for i, h := range hashes {
			shared.add("b.kind = ? AND b.band IN (?, ?) AND b.hash = ?", in.kind, i, i+bands, h)
		}
		w.args = shared.args
		found, err := db.Collect(ctx, s.d, func(scan db.Scan) (Duplicate, error) {
			d := Duplicate{Kind: word, Draft: in.draft}
			err := scan(&d.ID, &d.Title.ZH, &d.Title.EN)
			return d, err
		}, "SELECT t.id, "+in.title+" FROM (SELECT b.record_id, COUNT(*) AS n FROM record_band b WHERE "+shared.or()+" GROUP BY b.record_id HAVING COUNT(*) >= "+
			strconv.Itoa(leastBands)+") c JOIN "+in.table+" t ON t.id = c.record_id"+w.String()+" ORDER BY c.n DESC, t.id LIMIT "+strconv.Itoa(candidate), w.args...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// pairsOf are the pairs of neighbouring letters of a folded title.
func pairsOf(title string) map[string]bool {
	runes := []rune(fold.Name(title))
	out := map[string]bool{}
	if len(runes) == 1 {
		out[string(runes)] = true
	}
	for i := 0; i+1 < len(runes); i++ {
		out[string(runes[i:i+2])] = true
	}
	return out
}

func jaccard(a, b map[string]bool) float64 {
	both := 0
	for k := range a {
		if b[k] {
			both++
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

// bandsOf is the least hash of a title's pairs under each of the hash
// functions; nil for a title without letters.
func bandsOf(title string) []int64 {
	pairs := pairsOf(title)
	if len(pairs) == 0 {
		return nil
	}
	out := make([]int64, bands)
	for i := range out {
		out[i] = math.MaxInt64
	}
	for p := range pairs {
		h := fnv.New64a()
		_, _ = h.Write([]byte(p)) // a hash takes everything
		x := h.Sum64()
		for i := range out {
			out[i] = min(out[i], int64(mix(x+uint64(i)*0x9e3779b97f4a7c15)>>1))
		}
	}
	return out
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// bandRows are the rows of record_band for a title: the Chinese in the first
// bands, the English in the next.
func bandRows(word, id string, t i18n.Text) [][]any {
	var out [][]any
	for n, text := range []string{t.ZH, t.EN} {
		for i, h := range bandsOf(text) {
			out = append(out, []any{word, id, n*bands + i, h})
		}
	}
	return out
}
