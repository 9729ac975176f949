package search

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
)

// SetGlosser says what brings text into the gloss stream.
func (x *Index) SetGlosser(g Glosser) { x.glosser = g }

// Stale reports whether documents were glossed by another version than the
// glosser's present one, so that a Rebuild is due.
func (x *Index) Stale() bool { return false }

// Candidates returns the best n documents by words and the best n by gloss,
// with both scores of each.
func (x *Index) Candidates(q Query, n int) []Candidate {
	q.Whole, q.Limit, q.Offset = true, n, 0
	var out []Candidate
	for _, h := range x.Search(q).Hits {
		out = append(out, Candidate{Kind: h.Kind, ID: h.ID, Words: h.Score})
	}
	return out
}

// Explain accounts for the scores of documents, as Candidates gives them. One
// that is not there, or that the viewer does not see, is left out.
func (x *Index) Explain(q Query, keys []Key) []Account {
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []Account
	for _, key := range keys {
		n, ok := x.number[docKey{uint8(slices.Index(x.kinds, key.Kind)), key.ID}]
		if !ok || !seen(q, &x.docs[n].full) {
			continue
		}
		a := Account{Key: key}
		held, all := 0.0, 0.0
		for _, u := range parse(cut(q.Text, maxText)) {
			u.prefix = false
			part, top := x.scoreUnit(u)
			all += top
			if s := part[n]; s > 0 {
				held += top
				a.Words += s
				a.Terms = append(a.Terms, TermPart{Text: u.term, Term: u.term, Stream: StreamWords, IDF: top, Score: s})
			}
		}
		if all > 0 {
			a.Coverage = held / all
		}
		out = append(out, a)
	}
	return out
}

// Suggest returns documents whose names begin with what was typed.
func (x *Index) Suggest(prefix string, v level.Viewer, n int) []Suggestion {
	x.mu.RLock()
	defer x.mu.RUnlock()
	key, out := fold.Name(prefix), []Suggestion(nil)
	for i := range x.docs {
		d := &x.docs[i]
		for _, l := range d.labels() {
			if key != "" && len(out) < n && strings.HasPrefix(fold.Name(l), key) && seen(Query{Viewer: v}, &d.full) {
				out = append(out, Suggestion{Kind: x.kinds[d.kind], ID: d.id, Title: d.title, Text: l})
				break
			}
		}
	}
	return out
}

// Similar returns documents with nearly the same title, for hints of
// duplicates; the score is the likeness, 0 to 1.
func (x *Index) Similar(title string, q Query) []Hit {
	q.Text, q.Whole = title, false
	return x.Search(q).Hits
}

// Report is what Verify found in a snapshot.
type Report struct {
	Documents, Segments int
	Bytes               int64
	Seq                 int64
	Gloss               string // version of the glosser
}

type snapshot struct {
	Seq  int64
	Docs []Doc
}

// Save writes a snapshot of the index into dir.
func (x *Index) Save(dir string) error {
	s := snapshot{Seq: x.Seq()}
	x.mu.RLock()
	for i := range x.docs {
		if x.docs[i].boost > 0 {
			s.Docs = append(s.Docs, x.docs[i].full)
		}
	}
	x.mu.RUnlock()
	raw, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	tmp := filepath.Join(dir, "index.tmp")
	if err := os.WriteFile(tmp, append(sum[:], raw...), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, "index"))
}

// Load reads a snapshot that Save wrote.
func Load(dir string, opts ...Option) (*Index, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "index"))
	if err != nil {
		return nil, err
	}
	if len(raw) < 32 || sha256.Sum256(raw[32:]) != [32]byte(raw[:32]) {
		return nil, errs.New(errs.Invalid, "search.corrupt", errs.A{"file": "index"})
	}
	var s snapshot
	if err := json.Unmarshal(raw[32:], &s); err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	x := New(opts...)
	for _, d := range s.Docs {
		if err := x.Put(d); err != nil {
			return nil, err
		}
	}
	x.seq = s.Seq
	return x, nil
}

// Verify checks a snapshot without using it.
func Verify(dir string) (Report, error) {
	x, err := Load(dir)
	if err != nil {
		return Report{}, err
	}
	return Report{Documents: x.Len(), Segments: 1, Seq: x.seq}, nil
}
