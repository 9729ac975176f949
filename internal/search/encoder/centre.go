package encoder

import (
	"context"
	_ "embed" // the texts that centres are made of
	"encoding/json"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Multilingual models put the texts of each language, and of each side, into a
// region of their own: two unlike texts in one language lie nearer than two
// alike in two. What the texts of a language have in common says nothing about
// their meaning, so it is taken out (Mu and Viswanath, “All-but-the-Top”, ICLR
// 2018, for words; here a mean for each side and language). With
// multilingual-e5-small, 200 titles of ChinaXiv papers looking for the abstract
// in the other language rise from 0.73 to 0.85 nDCG@10 (Chinese to English) and
// from 0.84 to 0.88; where abstracts in their own language stand beside, from
// 0.11 to 0.65 and from 0.15 to 0.62.

// centreVersion goes into the names of encoders. It changes with centre.tsv and
// with what is done with it.
const centreVersion = "c1"

//go:embed centre.tsv
var centreTexts string

// centres are the means by side and language.
type centres struct {
	Query   languages `json:"query"`
	Passage languages `json:"passage"`
}

type languages struct {
	Chinese []float32 `json:"zh"`
	Other   []float32 `json:"en"`
}

// centred is an encoder whose vectors are taken from the centre of their side
// and language.
type centred struct {
	Encoder
	by centres
}

// Centred returns e with the centres of its vectors taken out; e encodes some
// 150 short texts for it. It is for multilingual models: what Open returns is
// centred already, and a table of words needs no centre.
func Centred(ctx context.Context, e Encoder) (Encoder, error) {
	by, err := centresOf(ctx, e)
	if err != nil {
		return nil, err
	}
	return &centred{e, by}, nil
}

func centresOf(ctx context.Context, e Encoder) (centres, error) {
	var c centres
	for _, part := range []struct {
		side   Side
		column int
		into   *[]float32
	}{{Query, 1, &c.Query.Chinese}, {Query, 2, &c.Query.Other}, {Passage, 1, &c.Passage.Chinese}, {Passage, 2, &c.Passage.Other}} {
		vectors, err := e.Encode(ctx, part.side, centreColumn(part.side, part.column))
		if err != nil {
			return centres{}, err
		}
		*part.into = meanOf(vectors)
	}
	return c, nil
}

// centreColumn returns the texts of one side in one language.
func centreColumn(side Side, column int) []string {
	mark := map[Side]string{Query: "q", Passage: "p"}[side]
	var out []string
	for line := range strings.Lines(centreTexts) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); fields[0] == mark {
			out = append(out, fields[column])
		}
	}
	return out
}

func meanOf(vectors [][]float32) []float32 {
	out := make([]float32, len(vectors[0]))
	for _, v := range vectors {
		for i, x := range v {
			out[i] += x / float32(len(vectors))
		}
	}
	return out
}

// parseCentres reads what was written when a model was added.
func parseCentres(raw []byte, dim int) (centres, error) {
	var c centres
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, err
	}
	for _, mean := range [][]float32{c.Query.Chinese, c.Query.Other, c.Passage.Chinese, c.Passage.Other} {
		if len(mean) != dim {
			return c, errs.New(errs.Invalid, "encoder.wrong_dimension", errs.A{"want": dim, "got": len(mean)})
		}
	}
	return c, nil
}

// Name tells a centred encoder from a bare one.
func (c *centred) Name() string { return c.Encoder.Name() + "+" + centreVersion }

// Encode takes from each vector the centres of both languages by their share of
// the text.
func (c *centred) Encode(ctx context.Context, side Side, texts []string) ([][]float32, error) {
	out, err := c.Encoder.Encode(ctx, side, texts)
	if err != nil {
		return nil, err
	}
	by := c.by.Passage
	if side == Query {
		by = c.by.Query
	}
	for i, v := range out {
		chinese := chineseShare(texts[i])
		for d := range v {
			v[d] -= chinese*by.Chinese[d] + (1-chinese)*by.Other[d]
		}
		normalise(v)
	}
	return out, nil
}

// chineseShare is the part of a text that is Chinese, a character for a word of
// other scripts; a half of a text without either.
func chineseShare(text string) float32 {
	var chinese, other float32
	inside := false
	for _, r := range text {
		word := !fold.IsHan(r) && unicode.IsLetter(r)
		switch {
		case fold.IsHan(r):
			chinese++
		case word && !inside:
			other++
		}
		inside = word
	}
	if chinese+other == 0 {
		return 0.5
	}
	return chinese / (chinese + other)
}
