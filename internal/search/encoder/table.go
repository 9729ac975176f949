package encoder

import (
	"context"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/vector"
)

// Table is the encoder that needs no model: the vector of a text is the mean of
// the vectors of its English words, and Chinese words stand by their glosses.
// Words count by smooth inverse frequency, and what all texts have in common is
// taken out (Arora, Liang and Ma, “A Simple but Tough-to-Beat Baseline for
// Sentence Embeddings”, ICLR 2017). It sees no order of words and no negation.
type Table struct {
	words  *wordTable
	gloss  search.Glosser // nil: English only
	common []float32      // the first principal component of texts, of length 1
}

// NewTable reads a table of word vectors, as WriteTable writes it. Without a
// glosser it knows English only, and Chinese texts get vectors of zeros.
func NewTable(words io.Reader, g search.Glosser) (*Table, error) {
	w, err := readTable(words)
	if err != nil {
		return nil, err
	}
	return &Table{words: w, gloss: g, common: w.common}, nil
}

// Dim is the number of floats of a vector.
func (t *Table) Dim() int { return t.words.dim }

// Name changes when the glosses do.
func (t *Table) Name() string {
	if t.gloss == nil {
		return t.words.name
	}
	return t.words.name + "+" + t.gloss.Version()
}

// Encode returns the vectors of texts; both sides are the same to it.
func (t *Table) Encode(ctx context.Context, _ Side, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = t.encode(text)
	}
	return out, nil
}

func (t *Table) encode(text string) []float32 {
	sum := make([]float32, t.words.dim)
	at := 0
	if t.gloss != nil {
		for _, g := range t.gloss.Gloss(text) {
			for _, term := range g.To {
				t.addPhrase(sum, term.Term, float32(term.Weight))
			}
			if han(g.From) { // an English phrase speaks for itself beside its gloss
				t.addWords(sum, text[at:g.Start])
				at = g.End
			}
		}
	}
	t.addWords(sum, text[at:])
	along := vector.Dot(sum, t.common)
	for i := range sum {
		sum[i] -= along * t.common[i]
	}
	normalise(sum)
	return sum
}

// addWords adds every English word of text that the table knows.
func (t *Table) addWords(sum []float32, text string) {
	for word := range words(text) {
		t.words.add(sum, word, 1)
	}
}

// addPhrase adds a term of a gloss; one of several words shares its weight out.
func (t *Table) addPhrase(sum []float32, term string, weight float32) {
	if t.words.add(sum, term, weight) {
		return
	}
	n := 0
	for range words(term) {
		n++
	}
	for word := range words(term) {
		t.words.add(sum, word, weight/float32(n))
	}
}

// words yields the runs of letters and digits of text in lower case, without
// diacritics; Chinese characters end a run.
func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		begin := -1
		for i, r := range text {
			if (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)) && !fold.IsHan(r) {
				if begin < 0 {
					begin = i
				}
				continue
			}
			if begin >= 0 && !yield(lower(text[begin:i])) {
				return
			}
			begin = -1
		}
		if begin >= 0 {
			yield(lower(text[begin:]))
		}
	}
}

func lower(word string) string {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return fold.Name(word)
		}
	}
	return strings.ToLower(word)
}

func han(s string) bool { return strings.ContainsFunc(s, fold.IsHan) }
