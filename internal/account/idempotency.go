package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Answer is a response kept for a request that may be sent again.
type Answer struct {
	Status int                 `json:"status"`
	Header map[string][]string `json:"header,omitempty"`
	Body   []byte              `json:"body,omitempty"`
}

// The limits of stored answers. A request that has not been answered within
// lease counts as lost, and its key is free again.
const (
	answerKept = 24 * time.Hour
	lease      = 2 * time.Minute
	maxKey     = 200
	maxBody    = 1 << 20
)

// RequestHash identifies what a request asks for. Each part is preceded by its
// length, so that no two requests share a text.
func RequestHash(method, target string, body []byte) string {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(method), []byte(target), body} {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Begin claims a user's Idempotency-Key for a request. It returns the stored
// answer and true when the same request was answered within 24 hours. A
// request of another content under the key is errs.Invalid, one that is still
// being answered errs.Conflict. After Begin returns false the caller must call
// Finish or Forget.
func (s *Service) Begin(ctx context.Context, userID, key, requestHash string) (a Answer, found bool, err error) {
	if !goodKey(key) {
		return Answer{}, false, errs.New(errs.Invalid, "account.bad_idempotency_key", errs.A{"max": maxKey}).At("Idempotency-Key")
	}
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		a, found = Answer{}, false
		if err := purgeAnswers(ctx, tx, db.At(tx.Now().Add(-answerKept)), db.At(tx.Now().Add(-lease))); err != nil {
			return err
		}
		claimed, err := claimKey(ctx, tx, userID, key, requestHash)
		if err != nil || claimed {
			return err
		}
		row, err := findAnswer(ctx, tx, userID, key)
		switch {
		case err != nil:
			return err
		case row.requestHash != requestHash:
			return errs.New(errs.Invalid, "account.idempotency_other", errs.A{"key": key}).At("Idempotency-Key")
		case row.answer.Status == 0:
			return errs.New(errs.Conflict, "account.idempotency_running", errs.A{"key": key})
		}
		a, found = row.answer, true
		return nil
	})
	return a, found, err
}

// Finish stores the answer of a request that Begin claimed. An answer over 1
// MiB is not kept, and the key is free again.
func (s *Service) Finish(ctx context.Context, userID, key string, a Answer) error {
	if a.Status < 100 || len(a.Body) > maxBody {
		return s.Forget(ctx, userID, key)
	}
	return storeAnswer(ctx, s.d, userID, key, a)
}

// Forget frees a key whose request failed in a way that may not last.
func (s *Service) Forget(ctx context.Context, userID, key string) error {
	_, err := s.d.Exec(ctx, "DELETE FROM idempotency WHERE user_id = $1 AND key = $2 AND status = 0", userID, key)
	return err
}

func goodKey(key string) bool {
	for _, c := range []byte(key) {
		if c < '!' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= maxKey
}

type answerRow struct {
	requestHash string
	answer      Answer
}

func claimKey(ctx context.Context, tx *db.Tx, userID, key, requestHash string) (bool, error) {
	res, err := tx.Exec(ctx, `INSERT INTO idempotency(user_id, key, request_hash, status, header, body, created_at) VALUES ($1, $2, $3, 0, '', '', $4)
		ON CONFLICT (user_id, key) DO NOTHING`, userID, key, requestHash, db.At(tx.Now()))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func findAnswer(ctx context.Context, q db.Querier, userID, key string) (answerRow, error) {
	row, ok, err := db.One(ctx, q, func(s db.Scan) (answerRow, error) {
		var r answerRow
		var header, body string
		if err := s(&r.requestHash, &r.answer.Status, &header, &body); err != nil || r.answer.Status == 0 {
			return r, err
		}
		if err := json.Unmarshal([]byte(header), &r.answer.Header); err != nil {
			return r, err
		}
		var err error
		r.answer.Body, err = base64.StdEncoding.DecodeString(body)
		return r, err
	}, "SELECT request_hash, status, header, body FROM idempotency WHERE user_id = $1 AND key = $2", userID, key)
	if err == nil && !ok {
		err = errs.New(errs.Unavailable, "errs.busy") // purged between the two statements
	}
	return row, err
}

func storeAnswer(ctx context.Context, q db.Querier, userID, key string, a Answer) error {
	header, err := json.Marshal(a.Header)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, "UPDATE idempotency SET status = $1, header = $2, body = $3 WHERE user_id = $4 AND key = $5 AND status = 0",
		a.Status, string(header), base64.StdEncoding.EncodeToString(a.Body), userID, key)
	return err
}

func purgeAnswers(ctx context.Context, tx *db.Tx, answered, claimed db.Time) error {
	_, err := tx.Exec(ctx, "DELETE FROM idempotency WHERE created_at < $1 OR (status = 0 AND created_at < $2)", answered, claimed)
	return err
}
