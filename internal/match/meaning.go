package match

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/vector"
)

// MeaningState says whether vectors took part in an answer.
type MeaningState struct {
	State  string `json:"state"`            // one of the words below
	Behind int    `json:"behind,omitempty"` // records that have no vector yet
}

// The states of meaning.
const (
	MeaningNone   = "none"   // there is no encoder
	MeaningUsed   = "used"   //
	MeaningBehind = "behind" // too many records have no vector yet
	MeaningLate   = "late"   // the ask itself could not be encoded in time
)

const (
	mostBehind  = 0.05 // of the records may lack a vector before meaning is left out
	encodeBatch = 16
	encodeText  = 2000 // bytes of a text that are encoded: an e5 model reads 512 tokens
)

// encoded are the kinds whose text says more than a name.
var encoded = []string{KindResult, KindNeed, KindService, KindPaper}

// meaning holds the vectors of the records and what makes them. Without an
// encoder it answers that it has none.
type meaning struct {
	enc  encoder.Encoder
	flat map[tongue]*vector.Flat // by tongue: each is searched and measured by itself
	full float64                 // see fullAt
	log  *slog.Logger

	patience time.Duration // for the vector of an ask: a page does not wait longer
	kinds    []string      // that get vectors

	mu      sync.Mutex
	pending map[Key]int // slots that wait for a vector
	queue   []Key       // their order; it may hold keys that wait no more
	sample  sample
}

// floor is the cosine of texts that have nothing to do with each other, where
// there are too few records to tell.
const floor = .2

// fullAt returns how many standard deviations above the mean of a language
// count as 1, for the encoder of a name. A model tells meanings apart; a table
// of words follows single words, as the glosses do already, and is trusted a
// third as far. Both were chosen on the development needs of the judged set.
func fullAt(name string) float64 {
	if strings.HasPrefix(name, "words-") {
		return 18
	}
	return 6
}

func newMeaning(e encoder.Encoder, log *slog.Logger) *meaning {
	m := &meaning{enc: e, log: log, pending: map[Key]int{}, patience: 800 * time.Millisecond, kinds: encoded, sample: sample{}}
	if e != nil {
		m.full = fullAt(e.Name())
		m.flat = map[tongue]*vector.Flat{chinese: vector.New(e.Dim()), english: vector.New(e.Dim()), both: vector.New(e.Dim())}
	}
	return m
}

// want notes that a record waits for a vector.
func (m *meaning) want(key Key, slot int) {
	if m.enc == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, waits := m.pending[key]; !waits {
		m.queue = append(m.queue, key)
	}
	m.pending[key] = slot
}

// drop forgets a record.
func (m *meaning) drop(key Key, slot int) {
	if m.enc == nil {
		return
	}
	m.mu.Lock()
	delete(m.pending, key)
	m.mu.Unlock()
	m.forget(slot)
}

// forget deletes the vector of a slot, in whatever tongue it was.
func (m *meaning) forget(slot int) {
	for _, f := range m.flat {
		f.Delete(uint64(slot))
	}
}

// len is how many records have a vector.
func (m *meaning) len() int {
	n := 0
	for _, f := range m.flat {
		n += f.Len()
	}
	return n
}

func (m *meaning) behind() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.pending)
}

// next returns the records that have waited longest. Those that nobody keeps or
// drops are handed out again, later.
func (m *meaning) next(n int) map[Key]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[Key]int{}
	for tries := len(m.queue); tries > 0 && len(out) < n; tries-- {
		key := m.queue[0]
		m.queue = m.queue[1:]
		if slot, waits := m.pending[key]; waits {
			out[key] = slot
			m.queue = append(m.queue, key)
		}
	}
	return out
}

// keep stores a vector, unless the record has changed its place meanwhile.
func (m *meaning) keep(key Key, slot int, t tongue, v []float32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, waits := m.pending[key]; !waits || at != slot {
		return nil
	}
	delete(m.pending, key)
	m.forget(slot) // its text may have changed its language
	m.sample.add(t, uint64(slot))
	return m.flat[t].Put(uint64(slot), v)
}

// of returns the vector of an ask, nil when meaning takes no part, and why.
func (m *meaning) of(ctx context.Context, a asking) ([]float32, MeaningState, error) {
	if m.enc == nil {
		return nil, MeaningState{State: MeaningNone}, nil
	}
	behind := m.behind()
	if float64(behind) > mostBehind*float64(behind+m.len()) {
		return nil, MeaningState{MeaningBehind, behind}, nil
	}
	v, err := m.encode(ctx, cut(a.text, encodeText))
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return nil, MeaningState{MeaningLate, behind}, nil
	case ctx.Err() != nil:
		return nil, MeaningState{}, ctx.Err()
	case err != nil:
		m.log.Warn("the text of an ask was not encoded", "err", err)
		return nil, MeaningState{MeaningLate, behind}, nil
	}
	return v, MeaningState{MeaningUsed, behind}, nil
}

// encode waits for the vector of one text no longer than patience. The work
// goes on after that, so that the encoder's cache has it for the next time.
func (m *meaning) encode(ctx context.Context, text string) ([]float32, error) {
	type answer struct {
		v   []float32
		err error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := m.enc.Encode(context.WithoutCancel(ctx), encoder.Query, []string{text})
		if err != nil || len(v) != 1 {
			done <- answer{nil, errors.Join(err, errors.New("no vector"))}
			return
		}
		done <- answer{v[0], nil}
	}()
	wait := time.NewTimer(m.patience)
	defer wait.Stop()
	select {
	case a := <-done:
		return a.v, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, context.DeadlineExceeded
	}
}

// nearest returns the records nearest to v, as many of each tongue: those of the
// other language would have no chance beside the ask's own.
func (m *meaning) nearest(v []float32, n int, allow func(slot int) bool) []vector.Hit {
	var out []vector.Hit
	for _, t := range tongues {
		out = append(out, m.flat[t].Nearest(v, n/len(tongues), func(slot uint64) bool { return allow(int(slot)) })...)
	}
	return out
}

// measure sets the meaning of each pair: how far its cosine lies above those
// that other records of its language have with the ask. It is unknown where
// there is no vector.
func (m *meaning) measure(v []float32, pairs []pair) {
	for i := range pairs {
		pairs[i].values[atMeaning] = unknown
	}
	if v == nil {
		return
	}
	grounds := m.grounds(v)
	for _, t := range tongues {
		var of []*pair
		var keys []uint64
		for i := range pairs {
			if p := &pairs[i]; p.card.tongue == t {
				of, keys = append(of, p), append(keys, uint64(p.slot))
			}
		}
		g, known := grounds[t]
		if !known {
			g = ground{floor, (1 - floor) / m.full}
		}
		for i, c := range m.flat[t].Cosines(v, keys) {
			of[i].values[atMeaning] = above(float64(c), g, m.full)
		}
	}
}

func (m *meaning) grounds(v []float32) map[tongue]ground {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[tongue]ground{}
	for t, keys := range m.sample {
		if g, ok := spread(m.flat[t].Cosines(v, keys)); ok {
			out[t] = g
		}
	}
	return out
}

// EncodePending makes the vectors of the records that wait for one and returns
// how many it made. It is meant to run beside everything else: asks go on
// without meaning until most records have a vector.
func (s *Service) EncodePending(ctx context.Context) (int, error) {
	done := 0
	for s.meaning.enc != nil {
		part := s.meaning.next(encodeBatch)
		if len(part) == 0 {
			break
		}
		if err := s.encodePart(ctx, part); err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

func (s *Service) encodePart(ctx context.Context, part map[Key]int) error {
	var keys []Key
	var texts []string
	var tongues []tongue
	for key, slot := range part {
		d, ok, err := s.cfg.Load(ctx, key.Kind, key.ID)
		if err != nil {
			return err
		}
		if !ok {
			s.meaning.drop(key, slot)
			continue
		}
		keys, texts, tongues = append(keys, key), append(texts, cut(textOf(d), encodeText)), append(tongues, tongueIn(d))
	}
	if len(keys) == 0 {
		return nil
	}
	vectors, err := s.meaning.enc.Encode(ctx, encoder.Passage, texts)
	if err != nil {
		return err
	}
	for i, key := range keys {
		if err := s.meaning.keep(key, part[key], tongues[i], vectors[i]); err != nil {
			return err
		}
	}
	return nil
}

// document takes a changed document in: its card, and its place in the queue
// for a vector.
func (s *Service) document(d search.Doc) {
	c := CardOf(d)
	c.tongue = tongueIn(d)
	slot := s.cards.put(&c)
	if slices.Contains(s.meaning.kinds, d.Kind) {
		s.meaning.want(c.Key, slot)
	}
}
