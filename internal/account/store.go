package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

const userColumns = "id, name, role, disabled, duties, version, created_at, updated_at"

func scanUser(s db.Scan) (User, error) {
	var u User
	err := s(u.columns()...)
	return u, err
}

// columns are where userColumns are read to.
func (u *User) columns() []any {
	return []any{&u.ID, &u.Name, &u.Role, &u.Disabled, (*words)(&u.Duties), &u.Version, &u.CreatedAt, &u.UpdatedAt}
}

// words are kept in one column, with a blank between them.
type words []string

// Scan reads the column.
func (w *words) Scan(v any) error {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("words from %T", v)
	}
	*w = nil
	if text != "" {
		*w = strings.Fields(text)
	}
	return nil
}

func insertUser(ctx context.Context, tx *db.Tx, u User, phc string) error {
	_, err := tx.Exec(ctx, "INSERT INTO account_user("+userColumns+", name_key, password) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
		u.ID, u.Name, string(u.Role), u.Disabled, strings.Join(u.Duties, " "), u.Version, u.CreatedAt, u.UpdatedAt, nameKey(u.Name), phc)
	return err
}

func getUser(ctx context.Context, q db.Querier, id string) (User, error) {
	u, ok, err := db.One(ctx, q, scanUser, "SELECT "+userColumns+" FROM account_user WHERE id = $1", id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return u, err
}

func findByName(ctx context.Context, q db.Querier, key string) (u User, phc string, ok bool, err error) {
	u, ok, err = db.One(ctx, q, func(s db.Scan) (User, error) {
		var u User
		err := s(append(u.columns(), &phc)...)
		return u, err
	}, "SELECT "+userColumns+", password FROM account_user WHERE name_key = $1", key)
	return u, phc, ok, err
}

// listUsers orders by the folded name, which sorts alike on both engines only
// for ASCII; the id settles the rest.
func listUsers(ctx context.Context, q db.Querier) ([]User, error) {
	return db.Collect(ctx, q, scanUser, "SELECT "+userColumns+" FROM account_user ORDER BY name_key, id")
}

func updateUser(ctx context.Context, tx *db.Tx, u User, version int64) error {
	res, err := tx.Exec(ctx, "UPDATE account_user SET role = $1, disabled = $2, duties = $3, version = $4, updated_at = $5 WHERE id = $6 AND version = $7",
		string(u.Role), u.Disabled, strings.Join(u.Duties, " "), u.Version, u.UpdatedAt, u.ID, version)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errs.Wrap(err, errs.Precondition, "errs.stale", errs.A{"version": version + 1})
	}
	return nil
}

func setHash(ctx context.Context, tx *db.Tx, id, phc string) error {
	_, err := tx.Exec(ctx, "UPDATE account_user SET password = $1 WHERE id = $2", phc, id)
	return err
}

func adminsInOffice(ctx context.Context, q db.Querier) (int64, error) {
	n, _, err := db.Value[int64](ctx, q, "SELECT COUNT(*) FROM account_user WHERE role = 'admin' AND NOT disabled")
	return n, err
}

const sessionColumns = "s.id, s.user_id, s.ip, s.agent, s.created_at, s.seen_at, s.expires_at"

func scanSession(s db.Scan) (Session, error) {
	var v Session
	err := s(&v.ID, &v.UserID, &v.IP, &v.Agent, &v.CreatedAt, &v.SeenAt, &v.ExpiresAt)
	return v, err
}

func insertSession(ctx context.Context, tx *db.Tx, v Session, tokenHash string) error {
	_, err := tx.Exec(ctx, "INSERT INTO account_session(id, user_id, token_hash, ip, agent, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		v.ID, v.UserID, tokenHash, v.IP, v.Agent, v.CreatedAt, v.SeenAt, v.ExpiresAt)
	return err
}

// findSession returns the session of a token and its user, if the session is
// alive: not past its end, and used since idleSince.
func findSession(ctx context.Context, q db.Querier, tokenHash string, now, idleSince db.Time) (u User, v Session, ok bool, err error) {
	_, ok, err = db.One(ctx, q, func(s db.Scan) (bool, error) {
		return true, s(append([]any{&v.ID, &v.UserID, &v.IP, &v.Agent, &v.CreatedAt, &v.SeenAt, &v.ExpiresAt}, u.columns()...)...)
	}, "SELECT "+sessionColumns+`, u.id, u.name, u.role, u.disabled, u.duties, u.version, u.created_at, u.updated_at
		FROM account_session s JOIN account_user u ON u.id = s.user_id
		WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND NOT u.disabled`, tokenHash, now, idleSince)
	return u, v, ok, err
}

func touchSession(ctx context.Context, q db.Querier, id string, now db.Time) error {
	_, err := q.Exec(ctx, "UPDATE account_session SET seen_at = $1 WHERE id = $2 AND seen_at < $1", now, id)
	return err
}

func liveSessions(ctx context.Context, q db.Querier, userID string, now, idleSince db.Time) ([]Session, error) {
	return db.Collect(ctx, q, scanSession, "SELECT "+sessionColumns+` FROM account_session s
		WHERE s.user_id = $1 AND s.expires_at > $2 AND s.seen_at > $3 ORDER BY s.created_at DESC, s.id`, userID, now, idleSince)
}

func deleteSession(ctx context.Context, q db.Querier, userID, id string) (bool, error) {
	res, err := q.Exec(ctx, "DELETE FROM account_session WHERE user_id = $1 AND id = $2", userID, id)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func deleteToken(ctx context.Context, q db.Querier, tokenHash string) error {
	_, err := q.Exec(ctx, "DELETE FROM account_session WHERE token_hash = $1", tokenHash)
	return err
}

func endSessions(ctx context.Context, tx *db.Tx, userID string) error {
	_, err := tx.Exec(ctx, "DELETE FROM account_session WHERE user_id = $1", userID)
	return err
}

func purgeSessions(ctx context.Context, tx *db.Tx, now, idleSince db.Time) error {
	_, err := tx.Exec(ctx, "DELETE FROM account_session WHERE expires_at <= $1 OR seen_at <= $2", now, idleSince)
	return err
}

type failureRow struct {
	failures int64
	last     db.Time
	until    db.Time
}

func findFailure(ctx context.Context, q db.Querier, bucket string) (failureRow, error) {
	f, _, err := db.One(ctx, q, func(s db.Scan) (failureRow, error) {
		var f failureRow
		err := s(&f.failures, &f.last, &f.until)
		return f, err
	}, "SELECT failures, last_at, blocked_until FROM sign_in_failure WHERE bucket = $1", bucket)
	return f, err
}

func putFailure(ctx context.Context, tx *db.Tx, bucket string, f failureRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO sign_in_failure(bucket, failures, last_at, blocked_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (bucket) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, blocked_until = excluded.blocked_until`,
		bucket, f.failures, f.last, f.until)
	return err
}

// takeFailure locks a bucket's row on PostgreSQL, so that parallel guesses
// queue behind each other; on SQLite the transaction is the lock.
func takeFailure(ctx context.Context, tx *db.Tx, bucket string, now db.Time) (failureRow, error) {
	_, err := tx.Exec(ctx, `INSERT INTO sign_in_failure(bucket, failures, last_at, blocked_until) VALUES ($1, 0, $2, $2)
		ON CONFLICT (bucket) DO UPDATE SET failures = sign_in_failure.failures`, bucket, now)
	if err != nil {
		return failureRow{}, err
	}
	return findFailure(ctx, tx, bucket)
}

func clearFailures(ctx context.Context, tx *db.Tx, bucket string) error {
	_, err := tx.Exec(ctx, "DELETE FROM sign_in_failure WHERE bucket = $1", bucket)
	return err
}

func purgeFailures(ctx context.Context, tx *db.Tx, before db.Time) error {
	_, err := tx.Exec(ctx, "DELETE FROM sign_in_failure WHERE last_at < $1 AND blocked_until < $1", before)
	return err
}
