package match

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
)

const followStep = 500

// CatchUp brings the cards to the state of the change log and tells listed
// needs of the records that came. The index must have caught up before. The
// cards live in memory: the first call reads every record. Vectors are made
// apart, by EncodePending.
func (s *Service) CatchUp(ctx context.Context) error {
	s.following.Lock()
	defer s.following.Unlock()
	if err := s.reloadWeights(ctx); err != nil {
		return err
	}
	if s.seq == 0 {
		if err := s.rebuild(ctx); err != nil {
			return err
		}
	}
	if err := s.followCards(ctx); err != nil {
		return err
	}
	return s.percolate(ctx, min(s.seq, s.cfg.Index.Seq()))
}

// rebuild reads every record. The head of the log is noted first.
func (s *Service) rebuild(ctx context.Context) error {
	head, err := change.Head(ctx, s.cfg.DB)
	if err != nil {
		return err
	}
	s.cards.clear()
	for d, err := range s.cfg.All(ctx) {
		if err != nil {
			return err
		}
		s.document(d)
	}
	s.seq = head
	return nil
}

func (s *Service) followCards(ctx context.Context) error {
	for {
		part, err := change.After(ctx, s.cfg.DB, s.seq, followStep)
		if err != nil || len(part) == 0 {
			return err
		}
		for _, key := range changed(part) {
			d, ok, err := s.cfg.Load(ctx, key.Kind, key.ID)
			if err != nil {
				return err
			}
			if !ok {
				if slot, known := s.cards.remove(key); known {
					s.meaning.drop(key, slot)
				}
				continue
			}
			d.Kind, d.ID = key.Kind, key.ID
			s.document(d)
		}
		s.seq = part[len(part)-1].Seq
	}
}

// changed lists the records of entries, each once, in their order.
func changed(part []change.Entry) []Key {
	var out []Key
	seen := map[Key]bool{}
	for _, e := range part {
		if k := (Key{Kind: e.Kind, ID: e.ID}); !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// percolator is the name of the cursor up to which needs have been told.
const percolator = "match.notices"

// percolate tells needs of the records that changed up to entry last. What
// changed is gathered first, so that after an import of any size each need is
// asked once.
func (s *Service) percolate(ctx context.Context, last int64) error {
	seq, err := change.Cursor(ctx, s.cfg.DB, percolator)
	if err != nil || seq >= last {
		return err
	}
	keys, err := s.changedBetween(ctx, seq, last)
	if err != nil {
		return err
	}
	news, err := s.news(ctx, keys)
	if err != nil {
		return err
	}
	return s.cfg.DB.InTx(ctx, func(tx *db.Tx) error {
		if err := insertNotices(ctx, tx, news); err != nil {
			return err
		}
		return change.SetCursor(ctx, tx, percolator, last)
	})
}

// changedBetween lists the needs and the records told of that the entries after
// seq up to last are about, each once.
func (s *Service) changedBetween(ctx context.Context, seq, last int64) ([]Key, error) {
	var out []Key
	seen := map[Key]bool{}
	for seq < last {
		part, err := change.After(ctx, s.cfg.DB, seq, followStep)
		if err != nil || len(part) == 0 {
			return out, err
		}
		for _, k := range changed(part) {
			if (k.Kind == KindNeed || slices.Contains(told, k.Kind)) && !seen[k] {
				seen[k] = true
				out = append(out, k)
			}
		}
		seq = part[len(part)-1].Seq
	}
	return out, nil
}

// told are the kinds that a need is told of.
var told = []string{KindResult, KindService}

const (
	toldPlaces = 10 // a record that stands lower is no news
	reverse    = 50 // needs that a new record may be near to
)

// news asks the needs that changed, or to which a changed record may be near,
// and returns what is new in their lists.
func (s *Service) news(ctx context.Context, keys []Key) ([]Notice, error) {
	var records []Key
	fresh := map[Key]bool{}
	ask := map[string]bool{} // need → whether the need itself changed
	for _, k := range keys {
		if k.Kind == KindNeed {
			ask[k.ID] = true
		} else {
			records, fresh[k] = append(records, k), true
		}
	}
	if err := s.nearNeeds(ctx, records, ask); err != nil {
		return nil, err
	}
	var out []Notice
	for _, c := range s.cards.of(KindNeed) {
		whole, asked := ask[c.ID]
		if !asked || !c.listed() {
			continue
		}
		got, err := s.newsOf(ctx, c, func(k Key) bool { return whole || fresh[k] })
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// nearNeeds adds the needs that the records may be near to: each record asks
// for needs, or, where there are more records than needs, all needs are asked.
func (s *Service) nearNeeds(ctx context.Context, records []Key, ask map[string]bool) error {
	add := func(id string) {
		if _, known := ask[id]; !known {
			ask[id] = false
		}
	}
	if len(records) == 0 {
		return nil
	}
	needs := s.cards.of(KindNeed)
	for _, c := range needs {
		if len(records) >= len(needs) {
			add(c.ID)
		}
	}
	if len(records) >= len(needs) {
		return nil
	}
	for _, key := range records {
		near, err := s.near(ctx, key)
		if err != nil {
			return err
		}
		for _, id := range near {
			add(id)
		}
	}
	return nil
}

// near lists the needs nearest to a record, without a look at conditions: each
// need has the last word on them.
func (s *Service) near(ctx context.Context, key Key) ([]string, error) {
	card, slot, ok := s.cards.anyone(key)
	if !ok || !card.listed() {
		return nil, nil
	}
	d, ok, err := s.cfg.Load(ctx, key.Kind, key.ID)
	if err != nil || !ok {
		return nil, err
	}
	a := asking{card: &Card{Key: card.Key, tongue: card.tongue}, text: cut(textOf(d), MaxText), slot: slot, viewer: level.Program, today: s.today()}
	f, err := s.find(ctx, a, []string{KindNeed}, s.Weights())
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range append(f.passing, f.failing...) {
		if len(out) < reverse {
			out = append(out, p.card.ID)
		}
	}
	return out, nil
}

// newsOf asks a need as the one whom it tells sees it, and returns what stands
// among its first places and is new.
func (s *Service) newsOf(ctx context.Context, need *Card, isNew func(Key) bool) ([]Notice, error) {
	user, v, err := s.teller(ctx, need)
	if err != nil {
		return nil, err
	}
	a, err := s.record(ctx, v, need.Key)
	if err != nil {
		return nil, ignoreMissing(err)
	}
	f, err := s.find(ctx, a, told, s.Weights())
	if err != nil {
		return nil, err
	}
	answer := f.answer(toldPlaces)
	var out []Notice
	for i, m := range answer.Matches {
		if isNew(m.Key) && !m.Weak {
			out = append(out, Notice{
				ID: db.DerivedID("notice", need.ID, m.Kind, m.ID), NeedID: need.ID, Record: m.Key, User: user, Place: i + 1,
				Score: m.Score, Coverage: m.Values[atCoverage], Weights: answer.Weights,
			})
		}
	}
	return out, nil
}

// teller returns whom a need's notices are for and what that user sees. A need
// that no user made is asked as the staff sees it, for whoever opens it.
func (s *Service) teller(ctx context.Context, need *Card) (string, level.Viewer, error) {
	switch {
	case need.Author == "":
		return "", level.Staff, nil
	case s.cfg.Viewer == nil:
		return need.Author, level.Viewer{User: need.Author}, nil
	}
	v, err := s.cfg.Viewer(ctx, need.Author)
	if errs.KindOf(err) == errs.NotFound { // made by an import
		return "", level.Staff, nil
	}
	return need.Author, v, err
}

// ignoreMissing forgives a record that has gone since its card was made.
func ignoreMissing(err error) error {
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}
