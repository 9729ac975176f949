package search

import (
	"hash/fnv"

	"github.com/kapok-city/kapok/internal/level"
)

// Sharded is an index over several, each with a part of the documents. A query
// first gathers the counts of all of them, and each then scores with the sum:
// hits, scores and counts are those of one index over all documents, bit for
// bit.
type Sharded struct{ shards []*Index }

// NewSharded returns an empty index of n shards, at least one.
func NewSharded(n int, opts ...Option) *Sharded {
	s := &Sharded{}
	for range max(n, 1) {
		s.shards = append(s.shards, New(opts...))
	}
	return s
}

// Shards returns the shards, for catching up and saving each by itself. A
// document belongs where Of says.
func (s *Sharded) Shards() []*Index { return s.shards }

// Of returns the shard of a document. It is the same in every process.
func (s *Sharded) Of(kind, id string) *Index { return s.shards[s.at(kind, id)] }

func (s *Sharded) at(kind, id string) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind + "\x00" + id)) // a hash never fails
	return int(h.Sum64() % uint64(len(s.shards)))
}

// Put is Index.Put.
func (s *Sharded) Put(d Doc) error { return s.Of(d.Kind, d.ID).Put(d) }

// Delete is Index.Delete.
func (s *Sharded) Delete(kind, id string) { s.Of(kind, id).Delete(kind, id) }

// SetGlosser is Index.SetGlosser.
func (s *Sharded) SetGlosser(g Glosser) {
	for _, x := range s.shards {
		x.SetGlosser(g)
	}
}

// Len returns how many documents all shards hold.
func (s *Sharded) Len() int {
	n := 0
	for _, x := range s.shards {
		n += x.Len()
	}
	return n
}

// Search is Index.Search.
func (s *Sharded) Search(q Query) Result { return searchAll(s.shards, q) }

// Candidates is Index.Candidates.
func (s *Sharded) Candidates(q Query, n int) []Candidate { return candidatesOf(s.shards, q, n) }

// Explain is Index.Explain.
func (s *Sharded) Explain(q Query, keys []Key) []Account { return explainAll(s.shards, q, keys) }

// Suggest is Index.Suggest.
func (s *Sharded) Suggest(prefix string, v level.Viewer, n int) []Suggestion {
	return suggestAll(s.shards, prefix, v, n)
}

// Similar is Index.Similar.
func (s *Sharded) Similar(title string, q Query) []Hit { return similarIn(s.shards, title, q) }
