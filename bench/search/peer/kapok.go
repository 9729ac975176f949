package main

import (
	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/internal/search"
)

// kapok is the index as the pages ask it: with totals, counts and marks.
type kapok struct{ x *search.Index }

func newKapok(string) (engine, error) { return &kapok{search.New()}, nil }

func (k *kapok) Put(id, text string) error {
	return k.x.Put(search.Doc{Kind: "doc", ID: id, Body: text})
}

func (k *kapok) Ready() error { return nil }
func (k *kapok) Close() error { return nil }

func (k *kapok) Find(query string, n int) ([]collection.Hit, error) {
	var out []collection.Hit
	for _, h := range k.x.Search(search.Query{Text: query, Whole: true, Limit: n}).Hits {
		out = append(out, collection.Hit{Doc: h.ID, Score: h.Score})
	}
	return out, nil
}

// candidates is the same index as the match asks it: the best and no more.
type candidates struct{ kapok }

func newCandidates(string) (engine, error) { return &candidates{kapok{search.New()}}, nil }

func (k *candidates) Find(query string, n int) ([]collection.Hit, error) {
	var out []collection.Hit
	for _, c := range k.x.Candidates(search.Query{Text: query}, n) {
		out = append(out, collection.Hit{Doc: c.ID, Score: c.Words})
	}
	return out, nil
}
