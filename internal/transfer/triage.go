package transfer

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// The desk is the staff's: to others there are no disclosures.
func atDesk(v level.Viewer) bool { return v.Rank() >= level.Internal.Rank() }

// Disclosures lists disclosures for the desk, the latest number first; without
// what was submitted.
func (s *Service) Disclosures(ctx context.Context, v level.Viewer, f DisclosureFilter) (registry.List[Disclosure], error) {
	var out registry.List[Disclosure]
	if !atDesk(v) {
		return out, nil
	}
	var w where
	if len(f.Status) > 0 {
		w.in("t.status", texts(f.Status))
	}
	w.equal("t.side", f.Side)
	if f.Query != "" {
		q := "%" + likeEscapes.Replace(clip(f.Query)) + "%"
		w.add(`(t.number LIKE ? ESCAPE '\' OR t.title_zh LIKE ? ESCAPE '\' OR t.title_en LIKE ? ESCAPE '\')`, q, q, q)
	}
	var err error
	if out.Total, _, err = db.Value[int64](ctx, s.d, "SELECT COUNT(*) FROM disclosure t"+w.String(), w.args...); err != nil {
		return out, err
	}
	ids, next, err := keys(ctx, s.d, "disclosure", w, order{column: "number", down: true}, f.Page)
	if err != nil || len(ids) == 0 {
		return out, err
	}
	out.Next = next
	out.Items, err = db.Collect(ctx, s.d, func(scan db.Scan) (Disclosure, error) {
		var d Disclosure
		err := scan(&d.ID, &d.Number, &d.Side, &d.Title.ZH, &d.Title.EN, &d.Status, &d.RecordID, &d.Version, &d.CreatedAt, &d.UpdatedAt,
			&d.Submitter.Name, &d.Submitter.Email, &d.Submitter.Phone)
		d.Submitter = d.Submitter.masked()
		return d, err
	}, `SELECT d.id, d.number, d.side, d.title_zh, d.title_en, d.status, d.record_id, d.version, d.created_at, d.updated_at, p.name, p.email, p.phone
		FROM disclosure d JOIN disclosure_submitter p ON p.disclosure_id = d.id WHERE d.id IN (`+db.In(1, len(ids))+") ORDER BY d.number DESC, d.id DESC", anys(ids)...)
	return out, err
}

// DisclosureCounts counts disclosures by status, for the desk.
func (s *Service) DisclosureCounts(ctx context.Context, v level.Viewer) ([]registry.Facet, error) {
	if !atDesk(v) {
		return nil, nil
	}
	return db.Collect(ctx, s.d, scanFacet, "SELECT status, COUNT(*) FROM disclosure GROUP BY status ORDER BY status")
}

// Disclosure returns one for the desk, with what was submitted and every step.
func (s *Service) Disclosure(ctx context.Context, v level.Viewer, id string) (Disclosure, error) {
	if !atDesk(v) {
		return Disclosure{}, notFound(id)
	}
	return s.disclosure(ctx, id)
}

func (s *Service) disclosure(ctx context.Context, id string) (Disclosure, error) {
	d, found, err := findDisclosure(ctx, s.d, id)
	if err != nil || !found {
		return Disclosure{}, orNotFound(err, id)
	}
	who, err := submitterOf(ctx, s.d, id)
	if err != nil {
		return Disclosure{}, err
	}
	d.Submitter = who.masked()
	d.Steps, err = stepsOf(ctx, s.d, id)
	for _, step := range d.Steps {
		if step.Result != nil || step.Need != nil {
			d.Result, d.Need = step.Result, step.Need
		}
		if step.Actor != "" {
			d.Reason = step.Reason
		}
	}
	return d, err
}

func submitterOf(ctx context.Context, q db.Querier, id string) (Submitter, error) {
	who, _, err := db.One(ctx, q, func(s db.Scan) (Submitter, error) {
		var v Submitter
		err := s(&v.Name, &v.Email, &v.Phone)
		return v, err
	}, "SELECT name, email, phone FROM disclosure_submitter WHERE disclosure_id = $1", id)
	return who, err
}

// Reveal returns who submitted a disclosure, in clear, and notes in the change
// log who asked and why.
func (s *Service) Reveal(ctx context.Context, v level.Viewer, by change.Author, id, reason string) (Submitter, error) {
	if !atDesk(v) {
		return Submitter{}, notFound(id)
	}
	if err := reasoned(reason); err != nil {
		return Submitter{}, err
	}
	var who Submitter
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		d, found, err := findDisclosure(ctx, tx, id)
		if err != nil || !found {
			return orNotFound(err, id)
		}
		if who, err = submitterOf(ctx, tx, id); err != nil {
			return err
		}
		by.Reason = "submitter revealed: " + strings.TrimSpace(reason)
		return logDisclosure(ctx, tx, by, &d, &d)
	})
	if err != nil {
		return Submitter{}, err
	}
	return who, nil
}

func reasoned(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return required("reason")
	}
	if e := legibleText("reason", reason); e != nil {
		return e
	}
	return nil
}

// Return asks the submitter for more, with the reason that his page shows.
func (s *Service) Return(ctx context.Context, v level.Viewer, by change.Author, id string, version int64, reason string) error {
	return s.triage(ctx, v, by, id, version, reason, []DisclosureStatus{Received}, Returned, WasReturned)
}

// Decline refuses a disclosure, with the reason that the submitter's page
// shows.
func (s *Service) Decline(ctx context.Context, v level.Viewer, by change.Author, id string, version int64, reason string) error {
	return s.triage(ctx, v, by, id, version, reason, []DisclosureStatus{Received, Returned}, Declined, WasDeclined)
}

func (s *Service) triage(ctx context.Context, v level.Viewer, by change.Author, id string, version int64, reason string,
	from []DisclosureStatus, to DisclosureStatus, action StepAction) error {
	if !atDesk(v) {
		return notFound(id)
	}
	if err := reasoned(reason); err != nil {
		return err
	}
	by.Reason = strings.TrimSpace(reason)
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		return moveDisclosure(ctx, tx, by, id, version, func(d *Disclosure) (DisclosureStep, error) {
			if err := stands(d, from); err != nil {
				return DisclosureStep{}, err
			}
			d.Status, d.Reason = to, by.Reason
			return DisclosureStep{Action: action, Reason: by.Reason}, nil
		})
	})
}

func stands(d *Disclosure, from []DisclosureStatus) error {
	for _, s := range from {
		if d.Status == s {
			return nil
		}
	}
	return errs.New(errs.Conflict, "transfer.triaged", errs.A{"number": d.Number, "status": string(d.Status)})
}

// Forget removes name, e-mail and telephone from the disclosures that were
// decided more than some days ago, and returns of how many. What was decided
// stays.
func (s *Service) Forget(ctx context.Context, by change.Author, days int) (int64, error) {
	var n int64
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		old, err := db.Collect(ctx, tx, scanDisclosure, "SELECT "+disclosureColumns+` FROM disclosure WHERE status IN ('accepted', 'declined') AND updated_at < $1
			AND id IN (SELECT p.disclosure_id FROM disclosure_submitter p WHERE p.name <> '') ORDER BY id`, db.At(tx.Now().AddDate(0, 0, -days)))
		if err != nil {
			return err
		}
		n = int64(len(old))
		by.Reason = strings.TrimSpace("submitter forgotten " + by.Reason)
		for i := range old {
			if err := putSubmitter(ctx, tx, old[i].ID, Submitter{}); err != nil {
				return err
			}
			if err := logDisclosure(ctx, tx, by, &old[i], &old[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// Acceptance is what the office makes of a disclosure. Result or Need, after
// its side, is the record as the office has edited it; nil takes it as
// submitted.
type Acceptance struct {
	Result *Result
	Need   *Need
	Status Status // Listed or Draft; "" is Listed
}

// Accept makes a record of a disclosure, in one transaction, and returns its
// id. Accepting one that is accepted already returns the same id and changes
// nothing.
func (s *Service) Accept(ctx context.Context, v level.Viewer, by change.Author, id string, version int64, in Acceptance) (string, error) {
	if !atDesk(v) {
		return "", notFound(id)
	}
	if in.Status != "" && in.Status != Listed && in.Status != Draft {
		return "", errs.New(errs.Invalid, "transfer.word", errs.A{"field": called("status"), "value": clip(string(in.Status)), "allowed": "listed, draft"}).At("/status")
	}
	record := ""
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		d, found, err := findDisclosure(ctx, tx, id)
		if err != nil || !found {
			return orNotFound(err, id)
		}
		if d.Status == Accepted {
			record = d.RecordID
			return nil
		}
		return moveDisclosure(ctx, tx, by, id, version, func(d *Disclosure) (DisclosureStep, error) {
			if err := stands(d, []DisclosureStatus{Received, Returned}); err != nil {
				return DisclosureStep{}, err
			}
			record, err = accept(ctx, tx, by, d, in)
			d.Status, d.RecordID, d.Reason = Accepted, record, ""
			return DisclosureStep{Action: WasAccepted}, err
		})
	})
	if err != nil {
		return "", err
	}
	return record, nil
}

// accept writes the record of a disclosure.
func accept(ctx context.Context, tx *db.Tx, by change.Author, d *Disclosure, in Acceptance) (string, error) {
	if _, found, err := source.Find(ctx, tx, disclosureSource.ID); err != nil {
		return "", err
	} else if !found {
		if _, err := source.Put(ctx, tx, by, disclosureSource); err != nil {
			return "", err
		}
	}
	steps, err := stepsOf(ctx, tx, d.ID)
	if err != nil {
		return "", err
	}
	last := Submission{}
	for _, step := range steps {
		if step.Result != nil || step.Need != nil {
			last.Result, last.Need = step.Result, step.Need
		}
	}
	if in.Result != nil {
		last.Result = in.Result
	}
	if in.Need != nil {
		last.Need = in.Need
	}
	if d.Side == KindResult {
		return acceptAs(ctx, tx, results, by, d, *last.Result, in.Status)
	}
	return acceptAs(ctx, tx, needs, by, d, *last.Need, in.Status)
}

func acceptAs[T any, P record[T]](ctx context.Context, tx *db.Tx, t *shelf[T], by change.Author, d *Disclosure, row T, status Status) (string, error) {
	c := P(&row).common()
	c.Key, c.ID, c.Version = "disclosure:"+d.Number, "", 0
	c.Status, c.SourceID = status, disclosureSource.ID
	if c.Evidence == "" {
		c.Evidence = d.Number
	}
	if list := prepare[T, P](&row); len(list) > 0 {
		return "", list
	}
	return P(&row).common().ID, saveIn[T, P](ctx, tx, t, level.Staff, by, row)
}
