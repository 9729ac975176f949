package fund

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
)

// Head is what every event has.
type Head struct {
	FundID   string `json:"fund_id"`
	Key      string `json:"key"` // the caller's, unique among the fund's events of the kind
	Day      string `json:"day"` // on which it happened; not one to come
	SourceID string `json:"source_id"`
	Note     string `json:"note,omitempty"`
}

func (h *Head) head() *Head { return h }

// Event is something that happens to a fund: *Commitment, *Call, *Payment,
// *Distribution, *Valuation, *Fee, *Holding, *Exit or *Claim.
type Event interface {
	head() *Head
	kind() string
	check() errs.List
	// apply writes the event's row and adds its postings.
	apply(ctx context.Context, r *recording) error
}

// Receipt is what was recorded.
type Receipt struct {
	ID       string `json:"id"`
	Repeated bool   `json:"repeated,omitempty"` // it stood already
}

// recording is an event on its way into the database.
type recording struct {
	s     *Service
	tx    *db.Tx
	by    change.Author
	fund  Fund
	id    string
	kind  string
	day   string
	group []ledger.Transaction
}

// Record writes an event in a transaction of its own.
func (s *Service) Record(ctx context.Context, v level.Viewer, by change.Author, e Event) (Receipt, error) {
	var out Receipt
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.RecordIn(ctx, tx, v, by, e)
		return err
	})
	return out, err
}

// RecordIn writes an event in the caller's transaction, which has to be rolled
// back after an error. A fund that the viewer does not see is errs.NotFound;
// another event under the key, and whatever the state of the fund forbids, is
// errs.Conflict.
func (s *Service) RecordIn(ctx context.Context, tx *db.Tx, v level.Viewer, by change.Author, e Event) (Receipt, error) {
	h := e.head()
	if list := append(h.check(today(tx.Now())), e.check()...); len(list) > 0 {
		return Receipt{}, list
	}
	if err := change.Hold(ctx, tx); err != nil {
		return Receipt{}, err
	}
	f, err := one(ctx, tx, v, h.FundID)
	if err != nil {
		return Receipt{}, err
	}
	r := &recording{s: s, tx: tx, by: by, fund: f, kind: e.kind(), day: h.Day, id: db.DerivedID(e.kind(), h.FundID, h.Key)}
	request, err := requestOf(e)
	if err != nil {
		return Receipt{}, err
	}
	if again, err := r.repeated(ctx, request, h.Key); again || err != nil {
		return Receipt{r.id, again}, err
	}
	return Receipt{ID: r.id}, r.write(ctx, e, request)
}

// repeated reports whether the event stands already, as it is.
func (r *recording) repeated(ctx context.Context, request, key string) (bool, error) {
	old, found, err := db.Value[string](ctx, r.tx, "SELECT request FROM fund_event WHERE id = $1", r.id)
	if err == nil && found && old != request {
		err = errs.New(errs.Conflict, "fund.key_taken", errs.A{"key": key, "kind": r.kind})
	}
	return found && err == nil, err
}

func (r *recording) write(ctx context.Context, e Event, request string) error {
	h := e.head()
	_, err := r.tx.Exec(ctx, `INSERT INTO fund_event(id, fund_id, position, kind, key, request, day, note, source_id, batch_id, actor, at, cancelled_by)
		SELECT $1, $2, COALESCE((SELECT MAX(position) FROM fund_event WHERE fund_id = $2), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, ''`,
		r.id, h.FundID, r.kind, h.Key, request, h.Day, h.Note, h.SourceID, r.by.BatchID, r.by.Actor, db.At(r.tx.Now()))
	if err != nil {
		return unknownEnd(err)
	}
	if err := e.apply(ctx, r); err != nil {
		return unknownEnd(err)
	}
	if len(r.group) > 0 {
		if _, err := r.s.l.Post(ctx, r.tx, r.by, r.group...); err != nil {
			return explain(err, &r.fund)
		}
	}
	entry, err := change.New(r.by, "fund_"+r.kind, r.id, change.Create, nil, e)
	if err != nil {
		return err
	}
	return change.Append(ctx, r.tx, entry)
}

// explain says in the words of funds what the floor of uncalled refused.
func explain(err error, f *Fund) error {
	if e := errs.Of(err); e != nil && e.Key == "ledger.below_floor" && e.Args["account"] == account(f.ID, accUncalled) {
		return errs.Wrap(err, errs.Conflict, "fund.overcalled", errs.A{"fund": f.Name, "available": e.Args["available"]})
	}
	return err
}

func (h *Head) check(today string) errs.List {
	var list errs.List
	for _, f := range []struct{ field, value string }{{"fund_id", h.FundID}, {"key", h.Key}, {"source_id", h.SourceID}} {
		switch {
		case f.value == "":
			list = append(list, errs.New(errs.Invalid, "fund.required", errs.A{"field": f.field}).At("/"+f.field))
		case !legible(f.value):
			list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": f.field, "limit": maxName}).At("/"+f.field))
		}
	}
	if !legible(h.Note) {
		list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": "note", "limit": maxName}).At("/note"))
	}
	switch {
	case !isDay(h.Day):
		list = append(list, errs.New(errs.Invalid, "fund.day", errs.A{"field": "day", "value": h.Day}).At("/day"))
	case h.Day > today:
		list = append(list, errs.New(errs.Invalid, "fund.future", errs.A{"day": h.Day, "today": today}).At("/day"))
	}
	return list
}

func requestOf(e Event) (string, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append([]byte(e.kind()+"\x00"), raw...))
	return hex.EncodeToString(sum[:]), nil
}
