package transfer

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// guardIntroductions is guard for introductions: they are the staff's and their
// author's, as far as both ends are open to them.
func guardIntroductions(w *where, v level.Viewer) {
	switch {
	case v.Rank() >= level.Internal.Rank():
	case v.User != "":
		w.equal("t.author", v.User)
	default:
		w.add("1 = 0")
	}
	guardEnd(w, "t.need_kind", "t.need_id", v)
	guardEnd(w, "t.offer_kind", "t.offer_id", v)
}

// Introduce records that a need and an offer, both open to the viewer, have
// been brought together. The same pair again returns the introduction that is
// there, and false.
func (s *Service) Introduce(ctx context.Context, v level.Viewer, by change.Author, in Introduction) (Introduction, bool, error) {
	if list := in.check(); len(list) > 0 {
		return in, false, list
	}
	for _, end := range []struct{ kind, id, field string }{{in.NeedKind, in.NeedID, "/need_id"}, {in.OfferKind, in.OfferID, "/offer_id"}} {
		known, err := s.endKnown(ctx, v, end.kind, end.id)
		if err != nil {
			return in, false, err
		}
		if !known {
			return in, false, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clip(end.id)}).At(end.field)
		}
	}
	in.ID = db.DerivedID(KindIntroduction, in.NeedKind, in.NeedID, in.OfferKind, in.OfferID)
	created := false
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		row := in
		created, err = introduce(ctx, tx, by, row)
		return err
	})
	if err != nil {
		return in, false, err
	}
	out, err := s.Introduction(ctx, v, in.ID)
	return out, created, err
}

func introduce(ctx context.Context, tx *db.Tx, by change.Author, in Introduction) (bool, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return false, err
	}
	_, found, err := db.Value[string](ctx, tx, "SELECT id FROM introduction WHERE id = $1", in.ID)
	if err != nil || found {
		return false, err
	}
	day := today(tx.Now())
	fill(&in.Day, day)
	if in.Day > day {
		return false, errs.New(errs.Invalid, "transfer.event_day", errs.A{"day": in.Day, "from": "", "to": day}).At("/day")
	}
	in.Author, in.CreatedAt, in.Need, in.Offer = by.Actor, db.At(tx.Now()), nil, nil
	in.Events = []Event{{Kind: Introduced, Note: in.Reason, Day: in.Day, Actor: by.Actor, At: in.CreatedAt}}
	in.State = Introduced
	if err := insertIntroduction(ctx, tx, in); err != nil {
		return false, err
	}
	e, err := change.New(by, KindIntroduction, in.ID, change.Create, nil, in)
	if err != nil {
		return false, err
	}
	return true, change.Append(ctx, tx, e)
}

// endKnown reports whether what an end names is there and open to the viewer.
func (s *Service) endKnown(ctx context.Context, v level.Viewer, kind, id string) (bool, error) {
	named, err := s.endsOf(ctx, v, map[string][]string{kind: {id}})
	_, ok := named[kind+" "+id]
	return ok, err
}

// endsOf names what ends point to, by kind and id; what the viewer does not
// read is missing.
func (s *Service) endsOf(ctx context.Context, v level.Viewer, ids map[string][]string) (map[string]End, error) {
	out := map[string]End{}
	for _, kind := range sorted(ids) {
		switch kind {
		case KindNeed, KindResult, KindService, registry.KindPaper:
			if err := s.titles(ctx, v, kind, ids[kind], out); err != nil {
				return nil, err
			}
		default:
			refs, err := s.reg.Refs(ctx, storables(ids[kind]))
			if err != nil {
				return nil, err
			}
			for id, r := range refs {
				if r.Kind == kind {
					out[kind+" "+id] = End{kind, id, r.Name}
				}
			}
		}
	}
	return out, nil
}

func (s *Service) titles(ctx context.Context, v level.Viewer, kind string, ids []string, out map[string]End) error {
	for part := range parts(storables(ids)) {
		var w where
		columns := "t.title_zh, t.title_en"
		if kind == registry.KindPaper {
			columns = "t.title, ''"
		} else {
			guard(&w, "t", kind, v)
		}
		w.add("t.id IN ("+blanks(len(part))+")", part...)
		err := db.Each(ctx, s.d, func(scan db.Scan) error {
			e := End{Kind: kind}
			err := scan(&e.ID, &e.Title.ZH, &e.Title.EN)
			out[kind+" "+e.ID] = e
			return err
		}, "SELECT t.id, "+columns+" FROM "+kind+" t"+w.String(), w.args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Follow records what came of an introduction that the viewer reads. seen is
// how many events the writer saw: another number is errs.Precondition and says
// who was faster. Repeating the last event changes nothing.
func (s *Service) Follow(ctx context.Context, v level.Viewer, by change.Author, id string, seen int, e Event) (Introduction, error) {
	if _, err := s.Introduction(ctx, v, id); err != nil {
		return Introduction{}, err
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error { return follow(ctx, tx, by, id, seen, e) })
	if err != nil {
		return Introduction{}, err
	}
	return s.Introduction(ctx, v, id)
}

func follow(ctx context.Context, tx *db.Tx, by change.Author, id string, seen int, e Event) error {
	if err := change.Hold(ctx, tx); err != nil {
		return err
	}
	found, err := loadIntroductions(ctx, tx, []string{id})
	if err != nil || len(found) == 0 {
		return orNotFound(err, id)
	}
	before := found[0]
	last := before.Events[len(before.Events)-1]
	day := today(tx.Now())
	if last.Kind == e.Kind && last.Reason == e.Reason && last.Note == e.Note && (e.Day == "" || e.Day == last.Day) && last.Actor == by.Actor {
		return nil
	}
	if len(before.Events) != seen {
		return errs.New(errs.Precondition, "transfer.stale", errs.A{"version": len(before.Events), "who": last.Actor, "at": last.At.UTC().Format(time.RFC3339), "id": id})
	}
	fill(&e.Day, day)
	if list := e.check(before.Events, day); len(list) > 0 {
		return list
	}
	e.Actor, e.At = by.Actor, db.At(tx.Now())
	after := before
	after.Events = append(append([]Event(nil), before.Events...), e)
	after.State = e.Kind
	if err := insertEvent(ctx, tx, id, len(after.Events), e); err != nil {
		return err
	}
	entry, err := change.New(by, KindIntroduction, id, change.Update, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, entry)
}

// Introduction returns one that the viewer reads, or errs.NotFound.
func (s *Service) Introduction(ctx context.Context, v level.Viewer, id string) (Introduction, error) {
	var w where
	guardIntroductions(&w, v)
	w.equal("t.id", id)
	l, err := s.introductions(ctx, v, w, registry.Page{Limit: 1})
	if err == nil && (len(l.Items) == 0 || id == "") {
		err = notFound(id)
	}
	if err != nil {
		return Introduction{}, err
	}
	return l.Items[0], nil
}

// Introductions lists introductions, the latest first. An introduction of which
// an end is hidden from the viewer is hidden with it.
func (s *Service) Introductions(ctx context.Context, v level.Viewer, f IntroductionFilter) (registry.List[Introduction], error) {
	return s.introductions(ctx, v, f.where(v), f.Page)
}

// IntroductionCounts counts what a filter selects by state.
func (s *Service) IntroductionCounts(ctx context.Context, v level.Viewer, f IntroductionFilter) ([]registry.Facet, error) {
	w := f.where(v)
	return db.Collect(ctx, s.d, scanFacet, "SELECT l.event, COUNT(*) FROM introduction t JOIN introduction_event l ON l.introduction_id = t.id AND "+lastEvent+w.String()+
		" GROUP BY l.event ORDER BY l.event", w.args...)
}

// lastEvent is the condition that l is the last event of t.
const lastEvent = "l.position = (SELECT MAX(m.position) FROM introduction_event m WHERE m.introduction_id = t.id)"

func (f *IntroductionFilter) where(v level.Viewer) where {
	var w where
	guardIntroductions(&w, v)
	if f.ID != "" {
		one := where{args: w.args}
		for _, side := range []string{"need", "offer"} {
			end := where{args: one.args}
			end.equal("t."+side+"_id", f.ID)
			end.equal("t."+side+"_kind", f.Kind)
			one.args = end.args
			one.parts = append(one.parts, end.and())
		}
		w.args = one.args
		w.parts = append(w.parts, one.or())
	}
	if f.State != "" && storable(string(f.State)) {
		w.add("EXISTS (SELECT 1 FROM introduction_event l WHERE l.introduction_id = t.id AND l.event = ? AND "+lastEvent+")", string(f.State))
	}
	w.equal("t.author", f.Author)
	if f.From != "" && storable(f.From) {
		w.add("t.day >= ?", f.From)
	}
	if f.To != "" && storable(f.To) {
		w.add("t.day <= ?", f.To)
	}
	return w
}

func (s *Service) introductions(ctx context.Context, v level.Viewer, w where, page registry.Page) (registry.List[Introduction], error) {
	var out registry.List[Introduction]
	var err error
	if out.Total, _, err = db.Value[int64](ctx, s.d, "SELECT COUNT(*) FROM introduction t"+w.String(), w.args...); err != nil {
		return out, err
	}
	ids, next, err := keys(ctx, s.d, "introduction", w, order{column: "day", down: true}, page)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	out.Next = next
	if out.Items, err = loadIntroductions(ctx, s.d, ids); err != nil {
		return out, err
	}
	ends := map[string][]string{}
	for _, in := range out.Items {
		ends[in.NeedKind] = append(ends[in.NeedKind], in.NeedID)
		ends[in.OfferKind] = append(ends[in.OfferKind], in.OfferID)
	}
	named, err := s.endsOf(ctx, v, ends)
	for i := range out.Items {
		in := &out.Items[i]
		in.Need, in.Offer = endTo(named, in.NeedKind, in.NeedID), endTo(named, in.OfferKind, in.OfferID)
	}
	return out, err
}

func endTo(named map[string]End, kind, id string) *End {
	if e, ok := named[kind+" "+id]; ok {
		return &e
	}
	return &End{kind, id, i18n.Text{}} // of another room, and gone since
}

// loadIntroductions reads introductions with their events, the latest first.
func loadIntroductions(ctx context.Context, q db.Querier, ids []string) ([]Introduction, error) {
	marks := db.In(1, len(ids))
	out, err := db.Collect(ctx, q, scanIntroduction, "SELECT "+introductionColumns+" FROM introduction WHERE id IN ("+marks+") ORDER BY day DESC, id DESC", anys(ids)...)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i := range out {
		at[out[i].ID] = i
	}
	return out, db.Each(ctx, q, func(s db.Scan) error {
		var id string
		var e Event
		err := s(&id, &e.Kind, &e.Reason, &e.Note, &e.Day, &e.Actor, &e.At)
		in := &out[at[id]]
		in.Events = append(in.Events, e)
		in.State = e.Kind
		return err
	}, "SELECT introduction_id, event, reason, note, day, actor, at FROM introduction_event WHERE introduction_id IN ("+marks+") ORDER BY introduction_id, position", anys(ids)...)
}

const introductionColumns = "id, need_kind, need_id, offer_kind, offer_id, author, day, reason, score, features, weights, created_at"

func scanIntroduction(s db.Scan) (Introduction, error) {
	var in Introduction
	var features string
	err := s(&in.ID, &in.NeedKind, &in.NeedID, &in.OfferKind, &in.OfferID, &in.Author, &in.Day, &in.Reason, &in.Score, &features, &in.Weights, &in.CreatedAt)
	if err == nil && features != "" {
		err = json.Unmarshal([]byte(features), &in.Features)
	}
	return in, err
}

func insertIntroduction(ctx context.Context, tx *db.Tx, in Introduction) error {
	features := ""
	if len(in.Features) > 0 {
		raw, err := json.Marshal(in.Features)
		if err != nil {
			return err
		}
		features = string(raw)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO introduction("+introductionColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
		in.ID, in.NeedKind, in.NeedID, in.OfferKind, in.OfferID, in.Author, in.Day, in.Reason, in.Score, features, in.Weights, in.CreatedAt); err != nil {
		return err
	}
	return insertEvent(ctx, tx, in.ID, 1, in.Events[0])
}

func insertEvent(ctx context.Context, tx *db.Tx, id string, position int, e Event) error {
	_, err := tx.Exec(ctx, "INSERT INTO introduction_event(introduction_id, position, event, reason, note, day, actor, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		id, position, string(e.Kind), string(e.Reason), e.Note, e.Day, e.Actor, e.At)
	return err
}
