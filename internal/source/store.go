package source

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

const sourceColumns = "id, kind, title_zh, title_en, publisher, author, url, published_on, retrieved_on, licence, licence_tag, note, fingerprint, simulated, version, created_at"

func scanSource(s db.Scan) (Source, error) {
	var v Source
	var print string
	err := s(&v.ID, &v.Kind, &v.Title.ZH, &v.Title.EN, &v.Publisher, &v.Author, &v.URL, &v.PublishedOn, &v.RetrievedOn,
		&v.Licence, &v.LicenceTag, &v.Note, &print, &v.Simulated, &v.Version, &v.CreatedAt)
	if err == nil && print != "" {
		err = json.Unmarshal([]byte(print), &v.Fingerprint)
	}
	return v, err
}

// Find returns the source with the given id, false when there is none.
func Find(ctx context.Context, q db.Querier, id string) (Source, bool, error) {
	return db.One(ctx, q, scanSource, "SELECT "+sourceColumns+" FROM source WHERE id = $1", id)
}

// Get is Find, with errs.NotFound when there is none.
func Get(ctx context.Context, q db.Querier, id string) (Source, error) {
	v, ok, err := Find(ctx, q, id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return v, err
}

// List returns up to limit sources whose id follows after, in the order of
// their ids.
func List(ctx context.Context, q db.Querier, after string, limit int) ([]Source, error) {
	return db.Collect(ctx, q, scanSource, "SELECT "+sourceColumns+" FROM source WHERE id > $1 ORDER BY id LIMIT $2", after, limit)
}

// Count returns how many sources there are.
func Count(ctx context.Context, q db.Querier) (int64, error) {
	n, _, err := db.Value[int64](ctx, q, "SELECT COUNT(*) FROM source")
	return n, err
}

func write(ctx context.Context, tx *db.Tx, v Source) error {
	print := ""
	if len(v.Fingerprint) > 0 {
		raw, err := json.Marshal(v.Fingerprint)
		if err != nil {
			return err
		}
		print = string(raw)
	}
	_, err := tx.Exec(ctx, `INSERT INTO source(`+sourceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title_zh = excluded.title_zh, title_en = excluded.title_en, publisher = excluded.publisher,
		author = excluded.author, url = excluded.url, published_on = excluded.published_on, retrieved_on = excluded.retrieved_on,
		licence = excluded.licence, licence_tag = excluded.licence_tag, note = excluded.note, fingerprint = excluded.fingerprint,
		simulated = excluded.simulated, version = excluded.version`,
		v.ID, v.Kind, v.Title.ZH, v.Title.EN, v.Publisher, v.Author, v.URL, v.PublishedOn, v.RetrievedOn,
		v.Licence, string(v.LicenceTag), v.Note, print, v.Simulated, v.Version, v.CreatedAt)
	return err
}

// Remove deletes a source that a batch had created, when the batch is undone.
// It fails with errs.Conflict while any row still comes from it.
func Remove(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, "DELETE FROM source WHERE id = $1", id)
	return err
}

const batchColumns = "id, source_id, importer, file_name, file_sha256, mapping, state, rows_read, rows_created, rows_updated, rows_unchanged, rows_rejected, actor, started_at, finished_at, undone_at, undone_by"

func scanBatch(s db.Scan) (Batch, error) {
	var b Batch
	c := &b.Counts
	err := s(&b.ID, &b.SourceID, &b.Importer, &b.FileName, &b.FileSHA256, &b.Mapping, &b.State,
		&c.Read, &c.Created, &c.Updated, &c.Unchanged, &c.Rejected, &b.Actor, &b.StartedAt, &b.FinishedAt, &b.UndoneAt, &b.UndoneBy)
	return b, err
}

// PutBatch records a finished import in the transaction of its rows.
func PutBatch(ctx context.Context, tx *db.Tx, b Batch) error {
	_, err := tx.Exec(ctx, `INSERT INTO batch(`+batchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		b.ID, b.SourceID, b.Importer, b.FileName, b.FileSHA256, b.Mapping, string(b.State),
		b.Counts.Read, b.Counts.Created, b.Counts.Updated, b.Counts.Unchanged, b.Counts.Rejected, b.Actor, b.StartedAt, b.FinishedAt, b.UndoneAt, b.UndoneBy)
	return err
}

// GetBatch returns the batch with the given id, or errs.NotFound.
func GetBatch(ctx context.Context, q db.Querier, id string) (Batch, error) {
	b, ok, err := db.One(ctx, q, scanBatch, "SELECT "+batchColumns+" FROM batch WHERE id = $1", id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return b, err
}

// Batches returns up to limit batches, newest first, of one source or of all
// ("").
func Batches(ctx context.Context, q db.Querier, sourceID string, limit int) ([]Batch, error) {
	return db.Collect(ctx, q, scanBatch, "SELECT "+batchColumns+` FROM batch WHERE $1 = '' OR source_id = $1
		ORDER BY started_at DESC, id DESC LIMIT $2`, sourceID, limit)
}

// SameFile returns the newest batch that is still in place and came from the
// same file through the same importer and mapping, false when there is none.
func SameFile(ctx context.Context, q db.Querier, importer, sha256, mapping string) (Batch, bool, error) {
	return db.One(ctx, q, scanBatch, "SELECT "+batchColumns+` FROM batch
		WHERE importer = $1 AND file_sha256 = $2 AND mapping = $3 AND state = 'done' ORDER BY started_at DESC, id DESC LIMIT 1`, importer, sha256, mapping)
}

// MarkUndone records that a batch was undone. A batch already undone is
// errs.Conflict.
func MarkUndone(ctx context.Context, tx *db.Tx, id, actor string) error {
	res, err := tx.Exec(ctx, "UPDATE batch SET state = 'undone', undone_at = $1, undone_by = $2 WHERE id = $3 AND state = 'done'", db.At(tx.Now()), actor, id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errs.Wrap(err, errs.Conflict, "source.batch_not_done", errs.A{"id": id})
	}
	return nil
}
