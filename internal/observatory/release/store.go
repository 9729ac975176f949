package release

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

const columns = `id, name, title_zh, title_en, state, city, day, change_seq, content, manifest_sha256, public_key, figures, figure_values,
	files, bytes, left_out, simulated, built_by, built_at, published_by, published_at, version`

func scan(s db.Scan) (Release, error) {
	var r Release
	err := s(&r.ID, &r.Name, &r.Title.ZH, &r.Title.EN, &r.State, &r.City, &r.Day, &r.ChangeSeq, &r.Content, &r.ManifestSHA256, &r.PublicKey, &r.Figures, &r.Values,
		&r.Files, &r.Bytes, &r.LeftOut, &r.Simulated, &r.BuiltBy, &r.BuiltAt, &r.PublishedBy, &r.PublishedAt, &r.Version)
	return r, err
}

func (r *Release) row() []any {
	return []any{r.ID, r.Name, r.Title.ZH, r.Title.EN, string(r.State), r.City, r.Day, r.ChangeSeq, r.Content, r.ManifestSHA256, r.PublicKey, r.Figures, r.Values,
		r.Files, r.Bytes, r.LeftOut, r.Simulated, r.BuiltBy, r.BuiltAt, r.PublishedBy, r.PublishedAt, r.Version}
}

func find(ctx context.Context, q db.Querier, name string) (Release, bool, error) {
	r, found, err := db.One(ctx, q, scan, "SELECT "+columns+" FROM release WHERE name = $1", name)
	if err == nil && found {
		r.Approvals, err = approvals(ctx, q, &r)
	}
	return r, found, err
}

func list(ctx context.Context, q db.Querier) ([]Release, error) {
	all, err := db.Collect(ctx, q, scan, "SELECT "+columns+" FROM release ORDER BY built_at DESC, id DESC")
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Approvals, err = approvals(ctx, q, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func approvals(ctx context.Context, q db.Querier, r *Release) ([]Approval, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Approval, error) {
		var a Approval
		err := s(&a.Actor, &a.Note, &a.At)
		return a, err
	}, "SELECT actor, note, at FROM release_approval WHERE release_id = $1 AND manifest_sha256 = $2 ORDER BY at, actor", r.ID, r.ManifestSHA256)
}

// put writes a draft, new or built anew, with its change entry. Approvals of an
// earlier build stay as history; they are of another manifest and count no more.
func put(ctx context.Context, tx *db.Tx, by change.Author, old *Release, found bool, now *Release) error {
	now.ID, now.Version, now.BuiltAt = db.NewID(Kind), 1, db.At(tx.Now())
	if !found {
		if err := db.InsertMany(ctx, tx, "release("+columns+")", "", [][]any{now.row()}); err != nil {
			return err
		}
		return log(ctx, tx, by, now.ID, change.Create, nil, now)
	}
	now.ID, now.Version = old.ID, old.Version+1
	res, err := tx.Exec(ctx, `UPDATE release SET title_zh = $1, title_en = $2, state = 'draft', city = $3, day = $4, change_seq = $5, content = $6,
		manifest_sha256 = $7, public_key = $8, figures = $9, figure_values = $10, files = $11, bytes = $12, left_out = $13, simulated = $14,
		built_by = $15, built_at = $16, version = $17 WHERE id = $18 AND state <> 'published' AND version = $19`,
		now.Title.ZH, now.Title.EN, now.City, now.Day, now.ChangeSeq, now.Content, now.ManifestSHA256, now.PublicKey, now.Figures, now.Values,
		now.Files, now.Bytes, now.LeftOut, now.Simulated, now.BuiltBy, now.BuiltAt, now.Version, now.ID, old.Version)
	if err := one(res, err, "release.published_already", errs.A{"name": now.Name}); err != nil {
		return err
	}
	return log(ctx, tx, by, now.ID, change.Update, old, now)
}

// approve writes an approval; the state follows from the first.
func approve(ctx context.Context, tx *db.Tx, by change.Author, r *Release) error {
	_, err := tx.Exec(ctx, "INSERT INTO release_approval(release_id, manifest_sha256, actor, built_by, note, at) VALUES ($1, $2, $3, $4, $5, $6)",
		r.ID, r.ManifestSHA256, by.Actor, r.BuiltBy, by.Reason, db.At(tx.Now()))
	if err != nil {
		return err
	}
	res, err := tx.Exec(ctx, `UPDATE release SET state = 'approved', version = version + 1
		WHERE id = $1 AND manifest_sha256 = $2 AND state IN ('draft', 'approved') AND built_by <> $3`, r.ID, r.ManifestSHA256, by.Actor)
	if err := one(res, err, "release.built_anew", errs.A{"name": r.Name}); err != nil {
		return err
	}
	after := *r
	after.State, after.Version = Approved, r.Version+1
	after.Approvals = append(after.Approvals[:len(after.Approvals):len(after.Approvals)], Approval{by.Actor, by.Reason, db.At(tx.Now())})
	return log(ctx, tx, by, r.ID, change.Update, r, &after)
}

// publish makes a release final, if another than its builder has approved just
// this content: the condition stands in the statement itself.
func publish(ctx context.Context, tx *db.Tx, by change.Author, r *Release) error {
	res, err := tx.Exec(ctx, `UPDATE release SET state = 'published', published_by = $1, published_at = $2, version = version + 1
		WHERE id = $3 AND manifest_sha256 = $4 AND state = 'approved'
		AND EXISTS (SELECT 1 FROM release_approval a WHERE a.release_id = release.id AND a.manifest_sha256 = release.manifest_sha256 AND a.actor <> release.built_by)`,
		by.Actor, db.At(tx.Now()), r.ID, r.ManifestSHA256)
	if err := one(res, err, "release.needs_approval", errs.A{"name": r.Name}); err != nil {
		return err
	}
	after := *r
	after.State, after.PublishedBy, after.PublishedAt, after.Version = Published, by.Actor, db.At(tx.Now()), r.Version+1
	return log(ctx, tx, by, r.ID, change.Update, r, &after)
}

type affected interface{ RowsAffected() (int64, error) }

// one turns a statement that found no row into errs.Conflict.
func one(res affected, err error, key string, args errs.A) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil || n != 1 {
		return errs.Wrap(err, errs.Conflict, key, args)
	}
	return nil
}

func log(ctx context.Context, tx *db.Tx, by change.Author, id string, action change.Action, before, after any) error {
	e, err := change.New(by, Kind, id, action, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}
