package fund

import (
	"context"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

const fundColumns = `t.id, t.key, t.name_zh, t.name_en, t.kind, t.status, COALESCE(t.org_id, ''), COALESCE(t.manager_id, ''), t.vintage, t.pays_last,
	t.level, t.note, t.source_id, x.simulated, t.batch_id, t.version, t.created_by, t.created_at, t.updated_by, t.updated_at`

const fundFrom = " FROM fund t JOIN source x ON x.id = t.source_id"

func scanFund(s db.Scan) (Fund, error) {
	var f Fund
	err := s(&f.ID, &f.Key, &f.Name.ZH, &f.Name.EN, &f.Kind, &f.Status, &f.OrgID, &f.ManagerID, &f.Vintage, &f.PaysLast,
		&f.Level, &f.Note, &f.SourceID, &f.Simulated, &f.BatchID, &f.Version, &f.CreatedBy, &f.CreatedAt, &f.UpdatedBy, &f.UpdatedAt)
	return f, err
}

// where gathers conditions; "?" stands for the next argument.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.parts = append(w.parts, condition)
}

func (w *where) String() string { return " WHERE " + strings.Join(w.parts, " AND ") }

// guard adds the one condition under which a viewer sees a fund t with its
// source x: its level, and below the staff none for private use only. Who made
// it sees it in any case.
func guard(w *where, v level.Viewer) {
	open := "t.level_rank <= ?"
	if v.Rank() < level.Internal.Rank() {
		open += " AND x.licence_tag <> 'R'"
	}
	if v.User == "" {
		w.add("("+open+")", v.Rank())
		return
	}
	w.add("(("+open+") OR t.created_by = ?)", v.Rank(), v.User)
}

func one(ctx context.Context, q db.Querier, v level.Viewer, id string) (Fund, error) {
	var w where
	guard(&w, v)
	w.add("t.id = ?", id)
	if !legible(id) {
		return Fund{}, notFound("?")
	}
	f, ok, err := db.One(ctx, q, scanFund, "SELECT "+fundColumns+fundFrom+w.String(), w.args...)
	if err == nil && !ok {
		err = notFound(id)
	}
	return f, err
}

func find(ctx context.Context, q db.Querier, id string) (Fund, bool, error) {
	return db.One(ctx, q, scanFund, "SELECT "+fundColumns+fundFrom+" WHERE t.id = $1", id)
}

const (
	usualPage   = 50
	largestPage = 500
)

func list(ctx context.Context, q db.Querier, v level.Viewer, f Filter) ([]Fund, error) {
	var w where
	guard(&w, v)
	w.add("t.id > ?", f.After)
	w.narrow(f)
	n := usualPage
	if f.AtMost > 0 {
		n = min(f.AtMost, largestPage)
	}
	w.args = append(w.args, n)
	return db.Collect(ctx, q, scanFund, "SELECT "+fundColumns+fundFrom+w.String()+" ORDER BY t.id LIMIT $"+strconv.Itoa(len(w.args)), w.args...)
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func amountOf(f *money.Fen) any {
	if f == nil {
		return nil
	}
	return int64(*f)
}

func insert(ctx context.Context, tx *db.Tx, f Fund) error {
	_, err := tx.Exec(ctx, `INSERT INTO fund(id, key, name_zh, name_en, order_zh, kind, status, org_id, manager_id, vintage, pays_last, level, level_rank, note,
		source_id, batch_id, version, created_by, created_at, updated_by, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		f.ID, f.Key, f.Name.ZH, f.Name.EN, orderKey(f.Name), string(f.Kind), string(f.Status), null(f.OrgID), null(f.ManagerID), f.Vintage, f.PaysLast,
		string(f.Level), f.Level.Rank(), f.Note, f.SourceID, f.BatchID, f.Version, f.CreatedBy, f.CreatedAt, f.UpdatedBy, f.UpdatedAt)
	return err
}

func update(ctx context.Context, tx *db.Tx, f Fund) error {
	_, err := tx.Exec(ctx, `UPDATE fund SET key = $2, name_zh = $3, name_en = $4, order_zh = $5, kind = $6, status = $7, org_id = $8, manager_id = $9,
		vintage = $10, pays_last = $11, level = $12, level_rank = $13, note = $14, source_id = $15, batch_id = $16, version = $17, updated_by = $18, updated_at = $19
		WHERE id = $1`,
		f.ID, f.Key, f.Name.ZH, f.Name.EN, orderKey(f.Name), string(f.Kind), string(f.Status), null(f.OrgID), null(f.ManagerID),
		f.Vintage, f.PaysLast, string(f.Level), f.Level.Rank(), f.Note, f.SourceID, f.BatchID, f.Version, f.UpdatedBy, f.UpdatedAt)
	return err
}

// missing says what of a row to be written is not there: on PostgreSQL a failed
// reference would end the whole transaction.
func missing(ctx context.Context, q db.Querier, f *Fund) error {
	for _, end := range []struct{ table, field, id string }{{"source", "source_id", f.SourceID}, {"org", "org_id", f.OrgID}, {"org", "manager_id", f.ManagerID}} {
		if end.id == "" || !legible(end.id) {
			continue
		}
		_, ok, err := db.Value[string](ctx, q, "SELECT id FROM "+end.table+" WHERE id = $1", end.id)
		if err != nil {
			return err
		}
		if !ok {
			return errs.New(errs.Invalid, "fund.unknown_end").At("/" + end.field)
		}
	}
	return nil
}
