package match

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/db"
)

const weightsColumns = "id, body, fit, reason, made_by, made_at, adopted_by, adopted_at"

func scanVersion(s db.Scan) (Version, error) {
	var v Version
	var body, fit string
	err := s(&v.ID, &body, &fit, &v.Reason, &v.MadeBy, &v.MadeAt, &v.AdoptedBy, &v.AdoptedAt)
	if err == nil {
		err = json.Unmarshal([]byte(body), &v.Weights)
	}
	if err == nil && fit != "" {
		v.Fit = new(Report)
		err = json.Unmarshal([]byte(fit), v.Fit)
	}
	return v, err
}

func insertVersion(ctx context.Context, tx *db.Tx, v Version) error {
	body, err := json.Marshal(v.Weights)
	if err != nil {
		return err
	}
	fit := ""
	if v.Fit != nil {
		raw, err := json.Marshal(v.Fit)
		if err != nil {
			return err
		}
		fit = string(raw)
	}
	_, err = tx.Exec(ctx, "INSERT INTO match_weights("+weightsColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		v.ID, string(body), fit, v.Reason, v.MadeBy, v.MadeAt, v.AdoptedBy, v.AdoptedAt)
	return err
}

func versionByID(ctx context.Context, q db.Querier, id string) (Version, bool, error) {
	return db.One(ctx, q, scanVersion, "SELECT "+weightsColumns+" FROM match_weights WHERE id = $1", id)
}

func currentVersion(ctx context.Context, q db.Querier) (Version, bool, error) {
	return db.One(ctx, q, scanVersion, "SELECT "+weightsColumns+" FROM match_weights WHERE adopted_at IS NOT NULL ORDER BY adopted_at DESC, id DESC LIMIT 1")
}

func listVersions(ctx context.Context, q db.Querier) ([]Version, error) {
	return db.Collect(ctx, q, scanVersion, "SELECT "+weightsColumns+" FROM match_weights ORDER BY made_at DESC, id DESC")
}

func markAdopted(ctx context.Context, tx *db.Tx, id, actor string) error {
	_, err := tx.Exec(ctx, "UPDATE match_weights SET adopted_by = $2, adopted_at = $3 WHERE id = $1", id, actor, db.At(tx.Now()))
	return err
}

const noticeColumns = "id, need_id, record_kind, record_id, user_id, place, score, coverage, weights, at, seen_at"

func scanNotice(s db.Scan) (Notice, error) {
	var n Notice
	err := s(&n.ID, &n.NeedID, &n.Record.Kind, &n.Record.ID, &n.User, &n.Place, &n.Score, &n.Coverage, &n.Weights, &n.At, &n.SeenAt)
	return n, err
}

// insertNotices keeps the first notice of each pair: a record that comes into a
// list again is no news.
func insertNotices(ctx context.Context, tx *db.Tx, list []Notice) error {
	rows := make([][]any, len(list))
	for i, n := range list {
		rows[i] = []any{n.ID, n.NeedID, n.Record.Kind, n.Record.ID, n.User, n.Place, n.Score, n.Coverage, n.Weights, db.At(tx.Now()), db.Time{}}
	}
	return db.InsertMany(ctx, tx, "match_notice("+noticeColumns+")", "ON CONFLICT DO NOTHING", rows)
}

// noticesOf returns up to limit notices for a user before a cursor, newest first.
func noticesOf(ctx context.Context, q db.Querier, user string, unseen bool, before noticeCursor, limit int) ([]Notice, error) {
	return db.Collect(ctx, q, scanNotice, "SELECT "+noticeColumns+` FROM match_notice
		WHERE user_id = $1 AND (NOT $2 OR seen_at IS NULL) AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5`,
		user, unseen, before.at, before.id, limit)
}

func noticesOfNeed(ctx context.Context, q db.Querier, need string) ([]Notice, error) {
	return db.Collect(ctx, q, scanNotice, "SELECT "+noticeColumns+" FROM match_notice WHERE need_id = $1 ORDER BY at, place, id", need)
}

func markSeen(ctx context.Context, tx *db.Tx, user string, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, "UPDATE match_notice SET seen_at = $3 WHERE id = $1 AND user_id = $2 AND seen_at IS NULL", id, user, db.At(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

// firstMatches returns the instant of the first notice of each need.
func firstMatches(ctx context.Context, q db.Querier) (map[string]db.Time, error) {
	out := map[string]db.Time{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var need string
		var at db.Time
		err := s(&need, &at)
		out[need] = at
		return err
	}, "SELECT need_id, MIN(at) FROM match_notice GROUP BY need_id")
	return out, err
}
