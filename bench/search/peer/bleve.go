package main

import (
	"path/filepath"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/registry"
	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/bench/search/cut"
)

// step is how many documents go into the engine at a time.
const step = 1000

func init() {
	err := registry.RegisterTokenizer("cut", func(map[string]any, *registry.Cache) (analysis.Tokenizer, error) { return tokenizer{}, nil })
	if err != nil {
		panic(err)
	}
}

type tokenizer struct{}

func (tokenizer) Tokenize(text []byte) analysis.TokenStream {
	terms := cut.Terms(string(text))
	tokens := make([]analysis.Token, len(terms))
	out := make(analysis.TokenStream, len(terms))
	for i, t := range terms {
		tokens[i] = analysis.Token{Term: []byte(t), Position: i + 1}
		out[i] = &tokens[i]
	}
	return out
}

// bleveIndex is bleve on disk, as it comes, with the bench's terms.
type bleveIndex struct {
	x bleve.Index
	b *bleve.Batch
}

func newBleve(dir, model string) (engine, error) {
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer("cut", map[string]any{"type": custom.Name, "tokenizer": "cut"}); err != nil {
		return nil, err
	}
	m.DefaultAnalyzer, m.ScoringModel = "cut", model
	field := bleve.NewTextFieldMapping()
	field.Store, field.IncludeTermVectors, field.IncludeInAll, field.DocValues = false, false, false, false
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.DefaultMapping.AddFieldMappingsAt("text", field)
	x, err := bleve.New(filepath.Join(dir, "bleve"), m)
	if err != nil {
		return nil, err
	}
	return &bleveIndex{x, x.NewBatch()}, nil
}

func (b *bleveIndex) Put(id, text string) error {
	if err := b.b.Index(id, map[string]string{"text": text}); err != nil || b.b.Size() < step {
		return err
	}
	return b.Ready()
}

func (b *bleveIndex) Ready() error {
	err := b.x.Batch(b.b)
	b.b.Reset()
	return err
}

func (b *bleveIndex) Close() error { return b.x.Close() }

func (b *bleveIndex) Find(text string, n int) ([]collection.Hit, error) {
	var any []query.Query
	terms, times := cut.Counted(text)
	for _, t := range terms {
		q := bleve.NewTermQuery(t)
		q.SetField("text")
		q.SetBoost(float64(times[t]))
		any = append(any, q)
	}
	r, err := b.x.Search(bleve.NewSearchRequestOptions(bleve.NewDisjunctionQuery(any...), n, 0, false))
	if err != nil {
		return nil, err
	}
	var out []collection.Hit
	for _, h := range r.Hits {
		out = append(out, collection.Hit{Doc: h.ID, Score: h.Score})
	}
	return out, nil
}
