package fund

import (
	"context"
	"regexp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Kind of a fund in the change log; events have "fund_" and their kind.
const KindFund = "fund"

// Service reads and writes the room. It is safe for concurrent use.
type Service struct {
	d *db.DB
	l *ledger.Ledger
}

// New returns the room kept in d.
func New(d *db.DB) *Service { return &Service{d: d, l: ledger.New()} }

// Fund returns a fund that the viewer sees, or errs.NotFound.
func (s *Service) Fund(ctx context.Context, v level.Viewer, id string) (Fund, error) {
	return one(ctx, s.d, v, id)
}

// Filter chooses funds. After is the last id of the page before.
type Filter struct {
	Kind   Kind
	Status Status
	OrgID  string // that manages it, or that it is
	After  string
	AtMost int // 0: 50; at most 500
}

// Funds lists funds that the viewer sees, in the order of their ids.
func (s *Service) Funds(ctx context.Context, v level.Viewer, f Filter) ([]Fund, error) {
	return list(ctx, s.d, v, f)
}

// Save creates a fund (Version 0), and opens its book, or replaces the one that
// still has that Version and that the viewer sees.
func (s *Service) Save(ctx context.Context, v level.Viewer, by change.Author, f Fund) (Fund, error) {
	if f.ID == "" && f.Key == "" {
		f.ID = db.NewID("fund")
		f.Key = f.ID
	}
	if list := f.settle(); len(list) > 0 {
		return Fund{}, list
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		return s.saveIn(ctx, tx, v, by, f)
	})
	if err != nil {
		return Fund{}, err
	}
	saved, _, err := find(ctx, s.d, f.ID)
	return saved, err
}

// fundID is what can stand in the name of an account.
var fundID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)

// settle is prepare with the id that the key gives.
func (f *Fund) settle() errs.List {
	list := f.prepare()
	if f.ID == "" && f.Key != "" {
		f.ID = db.DerivedID("fund", f.Key)
	}
	if !fundID.MatchString(f.ID) {
		list = append(list, errs.New(errs.Invalid, "fund.bad_id", errs.A{"value": f.ID}).At("/id"))
	}
	return list
}

func (s *Service) saveIn(ctx context.Context, tx *db.Tx, v level.Viewer, by change.Author, f Fund) error {
	old, found, err := find(ctx, tx, f.ID)
	if err != nil {
		return err
	}
	switch {
	case found && f.Version == 0: // of a hidden one too: its key is taken
		return errs.New(errs.Conflict, "fund.taken", errs.A{"key": f.Key}).At("/key")
	case !found && f.Version == 0:
		return s.create(ctx, tx, by, f)
	}
	if old, err = one(ctx, tx, v, f.ID); err != nil {
		return err
	}
	if old.Version != f.Version {
		return errs.New(errs.Precondition, "errs.stale", errs.A{"version": old.Version})
	}
	return s.replace(ctx, tx, by, old, f)
}

// Put writes funds from an import in the caller's transaction. A row that is at
// fault is rejected and does not keep the others from being written; one that
// stands so already is unchanged.
func (s *Service) Put(ctx context.Context, tx *db.Tx, by change.Author, rows []Fund) ([]registry.Outcome, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	out := make([]registry.Outcome, len(rows))
	for i, f := range rows {
		list := f.settle()
		if f.Key == "" {
			list = append(list, errs.New(errs.Invalid, "fund.required", errs.A{"field": "key"}).At("/key"))
		}
		out[i].ID = f.ID
		if err := missing(ctx, tx, &f); err != nil {
			if errs.KindOf(err) == errs.Internal {
				return nil, err
			}
			list = append(list, errs.Of(err))
		}
		if len(list) > 0 {
			out[i].Result, out[i].Err = registry.Rejected, list
			continue
		}
		var err error
		if out[i].Result, err = s.putOne(ctx, tx, by, f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) putOne(ctx context.Context, tx *db.Tx, by change.Author, f Fund) (registry.Result, error) {
	old, found, err := find(ctx, tx, f.ID)
	if err != nil {
		return "", err
	}
	if !found {
		return registry.Created, s.create(ctx, tx, by, f)
	}
	if same(old, f) {
		return registry.Unchanged, nil
	}
	return registry.Updated, s.replace(ctx, tx, by, old, f)
}

// same compares what a row states.
func same(a, b Fund) bool {
	for _, f := range []*Fund{&a, &b} {
		f.Simulated, f.BatchID, f.Version, f.CreatedBy, f.UpdatedBy = false, "", 0, "", ""
		f.CreatedAt, f.UpdatedAt = db.Time{}, db.Time{}
	}
	return a == b
}

func (s *Service) create(ctx context.Context, tx *db.Tx, by change.Author, f Fund) error {
	f.Version, f.BatchID = 1, by.BatchID
	f.CreatedBy, f.CreatedAt = by.Actor, db.At(tx.Now())
	f.UpdatedBy, f.UpdatedAt = by.Actor, db.At(tx.Now())
	if err := insert(ctx, tx, f); err != nil {
		return unknownEnd(err)
	}
	if err := openBook(ctx, s.l, tx, by, &f); err != nil {
		return err
	}
	return logFund(ctx, tx, by, change.Create, nil, f)
}

func (s *Service) replace(ctx context.Context, tx *db.Tx, by change.Author, old, f Fund) error {
	if same(old, f) {
		return nil
	}
	f.Version, f.BatchID = old.Version+1, by.BatchID
	f.CreatedBy, f.CreatedAt = old.CreatedBy, old.CreatedAt
	f.UpdatedBy, f.UpdatedAt = by.Actor, db.At(tx.Now())
	if err := update(ctx, tx, f); err != nil {
		return unknownEnd(err)
	}
	return logFund(ctx, tx, by, change.Update, old, f)
}

func logFund(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, before, after any) error {
	f, _ := after.(Fund)
	e, err := change.New(by, KindFund, f.ID, action, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

func orderKey(t i18n.Text) string { return fold.Name(t.In(i18n.ZH)) }

func notFound(what string) error {
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": what})
}

// unknownEnd says of a reference that fails that what is named is not there.
func unknownEnd(err error) error {
	if e := errs.Of(err); e != nil && e.Key == "errs.reference" {
		return errs.Wrap(err, errs.Invalid, "fund.unknown_end")
	}
	return err
}
