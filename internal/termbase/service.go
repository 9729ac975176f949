package termbase

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/source"
)

// Service reads and edits the terms. It is safe for concurrent use.
type Service struct{ d *db.DB }

// New returns the Service of a database.
func New(d *db.DB) *Service { return &Service{d: d} }

// The sources of terms that are not imported from a file.
var (
	BundledSource = source.Source{ID: "kapok-terms", Kind: "own", Title: i18n.Text{ZH: "木棉术语库（随程序附带）", EN: "Kapok's termbase, as it comes with the program"},
		Licence: "CC BY 4.0", LicenceTag: source.Own}
	CitySource = source.Source{ID: "city-terms", Kind: "own", Title: i18n.Text{ZH: "本市增订的术语", EN: "Terms added and changed by the city"},
		LicenceTag: source.Own}
)

// Term returns a term, withdrawn or not.
func (s *Service) Term(ctx context.Context, id string) (Term, error) { return one(ctx, s.d, id) }

func one(ctx context.Context, q db.Querier, id string) (Term, error) {
	found, err := load(ctx, q, "id", []string{id})
	if err != nil {
		return Term{}, err
	}
	if len(found) == 0 {
		return Term{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clip(id)})
	}
	return found[0], nil
}

// History returns up to limit changes of a term before number seq (0: the
// newest), newest first.
func (s *Service) History(ctx context.Context, id string, before int64, limit int) ([]change.Entry, error) {
	return change.Of(ctx, s.d, Kind, id, before, limit)
}

// Save makes a term (Version 0) or replaces the one that still has that Version;
// another version is errs.Precondition. State and Origin are not taken from it:
// the term is active and the city's. Without a source it is CitySource.
func (s *Service) Save(ctx context.Context, by change.Author, t Term) (Term, error) {
	t.AlsoZH, t.AlsoEN = slices.Clone(t.AlsoZH), slices.Clone(t.AlsoEN)
	t.State, t.Origin = Active, City
	t.trim()
	if faults := t.check(); len(faults) > 0 {
		return Term{}, faults.Err()
	}
	var saved Term
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil { // no edit is lost
			return err
		}
		saved = t // a repeated transaction starts from the same row
		if err := sourced(ctx, tx, by, &saved); err != nil {
			return err
		}
		if t.Version == 0 {
			return create(ctx, tx, by, &saved)
		}
		return replace(ctx, tx, by, &saved)
	})
	return saved, err
}

// sourced gives a term without a source the city's own, and writes that.
func sourced(ctx context.Context, tx *db.Tx, by change.Author, t *Term) error {
	if t.SourceID != "" && t.SourceID != BundledSource.ID && t.SourceID != CitySource.ID {
		_, err := source.Get(ctx, tx, t.SourceID)
		if errs.KindOf(err) == errs.NotFound {
			return errs.New(errs.Invalid, "termbase.unknown_source", errs.A{"id": clip(t.SourceID)}).At("/source_id")
		}
		return err
	}
	t.SourceID = CitySource.ID
	return ensure(ctx, tx, by, CitySource)
}

func ensure(ctx context.Context, tx *db.Tx, by change.Author, src source.Source) error {
	_, found, err := source.Find(ctx, tx, src.ID)
	if err == nil && !found {
		_, err = source.Put(ctx, tx, by, src)
	}
	return err
}

func create(ctx context.Context, tx *db.Tx, by change.Author, t *Term) error {
	if err := refuseHead(ctx, tx, t); err != nil {
		return err
	}
	if err := refuseHeld(ctx, tx, t); err != nil {
		return err
	}
	t.ID, t.BatchID = idOf(fold.Name(t.ZH)), ""
	if _, err := one(ctx, tx, t.ID); err == nil {
		t.ID = db.NewID(Kind)
	}
	return commit(ctx, tx, by, "", []pair{{after: t}})
}

// refuseHead refuses a Chinese term that another row has, withdrawn or not.
func refuseHead(ctx context.Context, tx *db.Tx, t *Term) error {
	found, err := load(ctx, tx, "zh_key", []string{fold.Name(t.ZH)})
	if err != nil || len(found) == 0 || found[0].ID == t.ID {
		return err
	}
	if found[0].State == Withdrawn {
		return errs.New(errs.Conflict, "termbase.withdrawn", errs.A{"zh": found[0].ZH, "id": found[0].ID}).At("/zh")
	}
	return taken(t, 0, found[0].ZH, false)
}

func replace(ctx context.Context, tx *db.Tx, by change.Author, t *Term) error {
	old, err := one(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	if err := fresh(old, t.Version); err != nil {
		return err
	}
	if old.State == Withdrawn {
		return errs.New(errs.Conflict, "termbase.withdrawn", errs.A{"zh": old.ZH, "id": old.ID}).At("/zh")
	}
	if t.edits(&old) {
		if err := refuseHead(ctx, tx, t); err != nil {
			return err
		}
		if err := refuseHeld(ctx, tx, t); err != nil {
			return err
		}
		t.BatchID = old.BatchID
		return commit(ctx, tx, by, "", []pair{{&old, t}})
	}
	*t = old // nothing was changed: it stays whose it was
	return nil
}

// edits reports whether a person changed what the term says.
func (t *Term) edits(old *Term) bool {
	now := *t
	now.Origin, now.SourceID = old.Origin, old.SourceID
	return !now.same(old)
}

func fresh(t Term, seen int64) error {
	if t.Version != seen {
		return errs.New(errs.Precondition, "errs.stale", errs.A{"version": t.Version})
	}
	return nil
}

// Withdraw takes a term out of use; it can be restored. version is the one that
// the caller has seen.
func (s *Service) Withdraw(ctx context.Context, by change.Author, id string, version int64) (Term, error) {
	return s.turn(ctx, by, id, version, Withdrawn)
}

// Restore brings a withdrawn term back, unless another one has taken one of its
// forms.
func (s *Service) Restore(ctx context.Context, by change.Author, id string, version int64) (Term, error) {
	return s.turn(ctx, by, id, version, Active)
}

func (s *Service) turn(ctx context.Context, by change.Author, id string, version int64, to State) (Term, error) {
	var now Term
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		old, err := one(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := fresh(old, version); err != nil {
			return err
		}
		if now = old; old.State == to {
			return nil
		}
		now.State, now.Origin = to, City
		if err := refuseHeld(ctx, tx, &now); err != nil {
			return err
		}
		return commit(ctx, tx, by, "", []pair{{&old, &now}})
	})
	return now, err
}

// Version changes when anything of the terms does. Two databases may have the
// same version of different terms.
func (s *Service) Version(ctx context.Context) (string, error) { return changes(ctx, s.d) }

// Glosses returns the active terms as rows for gloss.New, in a fixed order.
func (s *Service) Glosses(ctx context.Context) ([]gloss.Term, error) {
	found, err := db.Collect(ctx, s.d, scan, "SELECT "+selected+" FROM term WHERE state = 'active' ORDER BY order_zh, id")
	out := make([]gloss.Term, len(found))
	for i := range found {
		out[i] = found[i].row()
	}
	return out, err
}

// BundledTerms returns the terms that come with the program, as Put takes them.
func BundledTerms() ([]Term, error) {
	rows, err := gloss.BundledTerms()
	out := make([]Term, len(rows))
	for i, r := range rows {
		out[i] = Term{ZH: r.ZH, EN: r.EN, AlsoZH: r.AlsoZH, AlsoEN: r.AlsoEN, Area: r.Area, Note: r.Note, Anchor: r.Source, Origin: Bundled, SourceID: BundledSource.ID}
	}
	return out, err
}

// LoadBundled writes the terms that come with the program, with their source, in
// the caller's transaction. Doing it again, or after an update of the program,
// leaves what the city has changed.
func LoadBundled(ctx context.Context, tx *db.Tx, by change.Author) (source.Counts, error) {
	var c source.Counts
	terms, err := BundledTerms()
	if err != nil {
		return c, err
	}
	if err := ensure(ctx, tx, by, BundledSource); err != nil {
		return c, err
	}
	out, err := Put(ctx, tx, by, terms)
	for _, o := range out {
		c.Read++
		switch o.Result {
		case Created:
			c.Created++
		case Updated:
			c.Updated++
		case Unchanged:
			c.Unchanged++
		case Rejected:
			c.Rejected++
		}
	}
	return c, err
}

func contains(forms []string, zh string) bool { return slices.Contains(forms, fold.Name(zh)) }
