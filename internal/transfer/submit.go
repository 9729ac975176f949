package transfer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// How many submissions are taken within an hour: of one address (an office
// shares one), and of all.
const (
	perAddress = 20
	perHour    = 1000
)

// tokenBytes is 256 bits: nothing shorter is guessed, nothing longer helps.
const tokenBytes = 32

// Receipt is what a submitter takes home. The token opens the disclosure again
// and is known to him only: it cannot be had a second time.
type Receipt struct {
	ID     string `json:"id"`
	Number string `json:"number"`
	Token  string `json:"token"`
}

// publicAuthor signs what a submitter does.
var publicAuthor = change.Author{Actor: "public"}

// Submit takes a disclosure from the public form. address is the client's, as
// the edge trusts it; only a hash of it is kept, for an hour. Too many within
// the hour are errs.Unavailable with the minutes to wait.
func (s *Service) Submit(ctx context.Context, address string, in Submission) (Receipt, error) {
	if list := in.check(today(s.d.Now())); len(list) > 0 {
		return Receipt{}, list
	}
	token := newToken()
	var receipt Receipt
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := admit(ctx, tx, address); err != nil {
			return err
		}
		number, err := nextNumber(ctx, tx)
		if err != nil {
			return err
		}
		now := db.At(tx.Now())
		d := Disclosure{ID: db.NewID(KindDisclosure), Number: number, Side: in.Side, Title: in.title(), Status: Received, Version: 1, CreatedAt: now, UpdatedAt: now}
		receipt = Receipt{ID: d.ID, Number: number, Token: token}
		if err := insertDisclosure(ctx, tx, d, tokenHash(token)); err != nil {
			return err
		}
		if err := putSubmitter(ctx, tx, d.ID, in.Submitter); err != nil {
			return err
		}
		if err := addStep(ctx, tx, d.ID, DisclosureStep{Action: Submitted, Result: in.Result, Need: in.Need}); err != nil {
			return err
		}
		return logDisclosure(ctx, tx, publicAuthor, nil, &d)
	})
	return receipt, err
}

// Resubmit answers a return: what is submitted now stands beside what was
// before. The disclosure must be returned and still have the version given.
func (s *Service) Resubmit(ctx context.Context, address, token string, version int64, in Submission) (Disclosure, error) {
	id, err := s.byToken(ctx, token)
	if err != nil {
		return Disclosure{}, err
	}
	if list := in.check(today(s.d.Now())); len(list) > 0 {
		return Disclosure{}, list
	}
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := admit(ctx, tx, address); err != nil {
			return err
		}
		return moveDisclosure(ctx, tx, publicAuthor, id, version, func(d *Disclosure) (DisclosureStep, error) {
			if d.Status != Returned {
				return DisclosureStep{}, errs.New(errs.Conflict, "transfer.not_returned", errs.A{"number": d.Number})
			}
			if in.Side != d.Side {
				return DisclosureStep{}, errs.New(errs.Invalid, "transfer.side", errs.A{"value": clip(in.Side)}).At("/side")
			}
			d.Status, d.Title, d.Reason = Received, in.title(), ""
			return DisclosureStep{Action: Resubmitted, Result: in.Result, Need: in.Need}, putSubmitter(ctx, tx, id, in.Submitter)
		})
	})
	if err != nil {
		return Disclosure{}, err
	}
	return s.disclosure(ctx, id)
}

// ByToken returns the disclosure that a submitter's link opens, or
// errs.NotFound. Who works at the desk is not told.
func (s *Service) ByToken(ctx context.Context, token string) (Disclosure, error) {
	id, err := s.byToken(ctx, token)
	if err != nil {
		return Disclosure{}, err
	}
	d, err := s.disclosure(ctx, id)
	for i := range d.Steps {
		d.Steps[i].Actor = ""
	}
	return d, err
}

func (s *Service) byToken(ctx context.Context, token string) (string, error) {
	if raw, err := base64.RawURLEncoding.DecodeString(token); err != nil || len(raw) != tokenBytes {
		return "", errs.New(errs.NotFound, "transfer.no_token")
	}
	id, found, err := db.Value[string](ctx, s.d, "SELECT id FROM disclosure WHERE token_hash = $1", tokenHash(token))
	if err == nil && !found {
		err = errs.New(errs.NotFound, "transfer.no_token")
	}
	return id, err
}

func newToken() string {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // crypto/rand.Read never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// nextNumber takes the next number of the year. It waits for whoever takes one
// at the same time, so that a submission that fails leaves no gap.
func nextNumber(ctx context.Context, tx *db.Tx) (string, error) {
	year := tx.Now().In(cityTime).Year()
	n, _, err := db.Value[int64](ctx, tx, `INSERT INTO disclosure_serial(year, last) VALUES ($1, 1)
		ON CONFLICT (year) DO UPDATE SET last = disclosure_serial.last + 1 RETURNING last`, year)
	return fmt.Sprintf("%04d-%06d", year, n), err
}

// admit counts a submission of an address, or refuses it.
func admit(ctx context.Context, tx *db.Tx, address string) error {
	hour := db.At(tx.Now().Add(-time.Hour))
	if _, err := tx.Exec(ctx, "DELETE FROM submission_count WHERE since <= $1", hour); err != nil {
		return err
	}
	for _, b := range []struct {
		text  string
		limit int64
	}{{"", perHour}, {"address " + address, perAddress}} {
		sum := sha256.Sum256([]byte("submission\x00" + b.text))
		type row struct {
			count int64
			since db.Time
		}
		got, _, err := db.One(ctx, tx, func(s db.Scan) (row, error) {
			var r row
			err := s(&r.count, &r.since)
			return r, err
		}, `INSERT INTO submission_count(bucket, count, since) VALUES ($1, 1, $2)
			ON CONFLICT (bucket) DO UPDATE SET count = submission_count.count + 1 RETURNING count, since`, hex.EncodeToString(sum[:16]), db.At(tx.Now()))
		if err != nil {
			return err
		}
		if got.count > b.limit {
			left := got.since.Add(time.Hour).Sub(tx.Now())
			return errs.New(errs.Unavailable, "transfer.flood", errs.A{"minutes": int64((left + time.Minute - 1) / time.Minute)})
		}
	}
	return nil
}

// moveDisclosure changes a disclosure under its version and keeps the step.
func moveDisclosure(ctx context.Context, tx *db.Tx, by change.Author, id string, version int64, fn func(d *Disclosure) (DisclosureStep, error)) error {
	if err := change.Hold(ctx, tx); err != nil {
		return err
	}
	old, found, err := findDisclosure(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case !found:
		return notFound(id)
	case old.Version != version:
		return staleDisclosure(ctx, tx, old)
	}
	d := old
	step, err := fn(&d)
	if err != nil {
		return err
	}
	d.Version, d.UpdatedAt = old.Version+1, db.At(tx.Now())
	if step.Actor == "" && by != publicAuthor {
		step.Actor = by.Actor
	}
	if err := updateDisclosure(ctx, tx, d); err != nil {
		return err
	}
	if err := addStep(ctx, tx, id, step); err != nil {
		return err
	}
	return logDisclosure(ctx, tx, by, &old, &d)
}

// staleDisclosure says who moved a disclosure since it was read.
func staleDisclosure(ctx context.Context, q db.Querier, d Disclosure) error {
	who, _, err := db.Value[string](ctx, q, "SELECT actor FROM disclosure_step WHERE disclosure_id = $1 ORDER BY position DESC LIMIT 1", d.ID)
	if err != nil {
		return err
	}
	if who == "" {
		who = "public"
	}
	return errs.New(errs.Precondition, "transfer.stale", errs.A{"version": d.Version, "who": who, "at": d.UpdatedAt.UTC().Format(time.RFC3339), "id": d.ID})
}

// logDisclosure appends the head of a disclosure to the change log: neither
// what was submitted nor who did.
func logDisclosure(ctx context.Context, tx *db.Tx, by change.Author, before, after *Disclosure) error {
	action, old := change.Create, any(nil)
	if before != nil {
		action, old = change.Update, head(*before)
	}
	e, err := change.New(by, KindDisclosure, after.ID, action, old, head(*after))
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

func head(d Disclosure) Disclosure {
	d.Submitter, d.Result, d.Need, d.Steps = Submitter{}, nil, nil, nil
	return d
}

const disclosureColumns = "id, number, side, title_zh, title_en, status, record_id, version, created_at, updated_at"

func scanDisclosure(s db.Scan) (Disclosure, error) {
	var d Disclosure
	err := s(&d.ID, &d.Number, &d.Side, &d.Title.ZH, &d.Title.EN, &d.Status, &d.RecordID, &d.Version, &d.CreatedAt, &d.UpdatedAt)
	return d, err
}

func findDisclosure(ctx context.Context, q db.Querier, id string) (Disclosure, bool, error) {
	if !storable(id) {
		return Disclosure{}, false, nil
	}
	return db.One(ctx, q, scanDisclosure, "SELECT "+disclosureColumns+" FROM disclosure WHERE id = $1", id)
}

func insertDisclosure(ctx context.Context, tx *db.Tx, d Disclosure, hash string) error {
	_, err := tx.Exec(ctx, "INSERT INTO disclosure("+disclosureColumns+", token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		d.ID, d.Number, d.Side, d.Title.ZH, d.Title.EN, string(d.Status), d.RecordID, d.Version, d.CreatedAt, d.UpdatedAt, hash)
	return err
}

func updateDisclosure(ctx context.Context, tx *db.Tx, d Disclosure) error {
	_, err := tx.Exec(ctx, "UPDATE disclosure SET title_zh = $1, title_en = $2, status = $3, record_id = $4, version = $5, updated_at = $6 WHERE id = $7",
		d.Title.ZH, d.Title.EN, string(d.Status), d.RecordID, d.Version, d.UpdatedAt, d.ID)
	return err
}

func putSubmitter(ctx context.Context, tx *db.Tx, id string, v Submitter) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_submitter(disclosure_id, name, email, phone) VALUES ($1, $2, $3, $4)
		ON CONFLICT (disclosure_id) DO UPDATE SET name = excluded.name, email = excluded.email, phone = excluded.phone`, id, v.Name, v.Email, v.Phone)
	return err
}

// addStep appends a step. Steps are never changed.
func addStep(ctx context.Context, tx *db.Tx, id string, step DisclosureStep) error {
	content := ""
	if step.Result != nil || step.Need != nil {
		raw, err := json.Marshal(Submission{Result: step.Result, Need: step.Need})
		if err != nil {
			return err
		}
		content = string(raw)
	}
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_step(disclosure_id, position, action, reason, actor, content, at)
		SELECT $1, COALESCE(MAX(position), 0) + 1, $2, $3, $4, $5, $6 FROM disclosure_step WHERE disclosure_id = $1`,
		id, string(step.Action), step.Reason, step.Actor, content, db.At(tx.Now()))
	return err
}

// stepsOf reads the steps of a disclosure, the first first.
func stepsOf(ctx context.Context, q db.Querier, id string) ([]DisclosureStep, error) {
	return db.Collect(ctx, q, func(s db.Scan) (DisclosureStep, error) {
		var step DisclosureStep
		var content string
		if err := s(&step.Action, &step.Reason, &step.Actor, &content, &step.At); err != nil || content == "" {
			return step, err
		}
		var in Submission
		err := json.NewDecoder(strings.NewReader(content)).Decode(&in)
		step.Result, step.Need = in.Result, in.Need
		return step, err
	}, "SELECT action, reason, actor, content, at FROM disclosure_step WHERE disclosure_id = $1 ORDER BY position", id)
}
