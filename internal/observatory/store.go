package observatory

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/quantity"
)

const figureColumns = `id, grp, grp_zh, grp_en, grp_order, title_zh, title_en, definition_zh, definition_en, unit, counter_zh, counter_en,
	scope_zh, scope_en, subject, flow, period_kind, basis, body, dimension, numerator, denominator, reading, variants, terms,
	overview, sort_order, note_zh, note_en, compute, source_id, batch_id, version, created_at, updated_at`

func scanFigure(s db.Scan) (Figure, error) {
	var f Figure
	var variants, terms, compute string
	err := s(&f.ID, &f.Group, &f.GroupTitle.ZH, &f.GroupTitle.EN, &f.GroupOrder, &f.Title.ZH, &f.Title.EN, &f.Definition.ZH, &f.Definition.EN,
		&f.Unit, &f.Counter.ZH, &f.Counter.EN, &f.Scope.ZH, &f.Scope.EN, &f.Subject, &f.Flow, &f.Period, &f.Basis, &f.Body, &f.Dimension,
		&f.Numerator, &f.Denominator, &f.Reading, &variants, &terms, &f.Overview, &f.Order, &f.Note.ZH, &f.Note.EN, &compute,
		&f.SourceID, &f.BatchID, &f.Version, &f.CreatedAt, &f.UpdatedAt)
	if err != nil {
		return f, err
	}
	for text, into := range map[string]any{variants: &f.Variants, terms: &f.Terms, compute: &f.Compute} {
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), into); err != nil {
			return f, fmt.Errorf("figure %s: %w", f.ID, err)
		}
	}
	return f, nil
}

func (f *Figure) row() []any {
	return []any{f.ID, f.Group, f.GroupTitle.ZH, f.GroupTitle.EN, f.GroupOrder, f.Title.ZH, f.Title.EN, f.Definition.ZH, f.Definition.EN,
		string(f.Unit), f.Counter.ZH, f.Counter.EN, f.Scope.ZH, f.Scope.EN, f.Subject, string(f.Flow), string(f.Period), string(f.Basis), f.Body, f.Dimension,
		f.Numerator, f.Denominator, f.Reading, jsonText(f.Variants), jsonText(f.Terms), f.Overview, f.Order, f.Note.ZH, f.Note.EN, jsonText(f.Compute),
		f.SourceID, f.BatchID, f.Version, f.CreatedAt, f.UpdatedAt}
}

const reportedColumns = `id, figure_id, bound, value, high, unit, step, period_kind, period_start, period_end, flow, edition, data_year,
	source_id, locator, note_zh, note_en, batch_id, version, created_at, updated_at`

func scanReported(s db.Scan) (Reported, error) {
	var r Reported
	q, p := &r.Quantity, &r.Period
	err := s(&r.ID, &r.FigureID, &q.Bound, &q.Value, &q.High, &q.Unit, &q.Step, &p.Kind, &p.Start, &p.End, &p.Flow, &r.Edition, &r.DataYear,
		&r.SourceID, &r.Locator, &r.Note.ZH, &r.Note.EN, &r.BatchID, &r.Version, &r.CreatedAt, &r.UpdatedAt)
	return r, err
}

func (r *Reported) row() []any {
	q, p := r.Quantity, r.Period
	return []any{r.ID, r.FigureID, string(q.Bound), q.Value, q.High, string(q.Unit), q.Step, string(p.Kind), p.Start, p.End, string(p.Flow), r.Edition, r.DataYear,
		r.SourceID, r.Locator, r.Note.ZH, r.Note.EN, r.BatchID, r.Version, r.CreatedAt, r.UpdatedAt}
}

const superlativeColumns = `id, subject, kind, scope, scope_zh, scope_en, object_zh, object_en, status, evidence, note_zh, note_en,
	source_id, locator, batch_id, version, created_at, updated_at`

func scanSuperlative(s db.Scan) (Superlative, error) {
	var v Superlative
	err := s(&v.ID, &v.Subject, &v.Kind, &v.Scope, &v.ScopeText.ZH, &v.ScopeText.EN, &v.Object.ZH, &v.Object.EN, &v.Status, &v.Evidence, &v.Note.ZH, &v.Note.EN,
		&v.SourceID, &v.Locator, &v.BatchID, &v.Version, &v.CreatedAt, &v.UpdatedAt)
	return v, err
}

func (v *Superlative) row() []any {
	return []any{v.ID, v.Subject, v.Kind, v.Scope, v.ScopeText.ZH, v.ScopeText.EN, v.Object.ZH, v.Object.EN, string(v.Status), v.Evidence, v.Note.ZH, v.Note.EN,
		v.SourceID, v.Locator, v.BatchID, v.Version, v.CreatedAt, v.UpdatedAt}
}

const valueColumns = `id, figure_id, slot, item, item_zh, item_en, bound, value, high, unit, period_kind, period_start, period_end, flow,
	numerator, denominator, records, records_hash, method, change_seq, as_of, version, computed_at, superseded_at, simulated`

// stored is a Computed on its way to or from the table.
type stored struct{ Computed }

func scanValue(s db.Scan) (stored, error) {
	var v stored
	var value, high sql.NullFloat64
	q, p := &v.Quantity, &v.Period
	err := s(&v.ID, &v.FigureID, &v.Slot, &v.Item, &v.ItemTitle.ZH, &v.ItemTitle.EN, &q.Bound, &value, &high, &q.Unit, &p.Kind, &p.Start, &p.End, &p.Flow,
		&v.Numerator, &v.Denominator, &v.Records, &v.RecordsHash, &v.Method, &v.ChangeSeq, &v.AsOf, &v.Version, &v.ComputedAt, &v.SupersededAt, &v.Simulated)
	v.Known, q.Value, q.High = value.Valid, value.Float64, high.Float64
	if !v.Known {
		v.Quantity = quantity.Quantity{}
	}
	return v, err
}

func (v *stored) row() []any {
	q, p := v.Quantity, v.Period
	var value, high any
	if v.Known {
		value, high = q.Value, q.High
	}
	return []any{v.ID, v.FigureID, v.Slot, v.Item, v.ItemTitle.ZH, v.ItemTitle.EN, string(q.Bound), value, high, string(q.Unit), string(p.Kind), p.Start, p.End, string(p.Flow),
		v.Numerator, v.Denominator, v.Records, v.RecordsHash, v.Method, v.ChangeSeq, v.AsOf, v.Version, v.ComputedAt, v.SupersededAt, v.Simulated}
}

// jsonText is v as JSON, "" for nothing.
func jsonText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of text always marshal
	}
	if text := string(raw); text != "null" && text != "{}" {
		return text
	}
	return ""
}

// upsert is the text after VALUES that overwrites every column but the id.
func upsert(columns string) string {
	var sets []string
	for _, c := range strings.Split(columns, ",") {
		if c = strings.TrimSpace(c); c != "id" {
			sets = append(sets, c+" = excluded."+c)
		}
	}
	return "ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", ")
}

// byIDs collects the rows of a table that have one of the ids, as a map.
func byIDs[T any](ctx context.Context, q db.Querier, table, columns string, scan func(db.Scan) (T, error), id func(*T) string, ids []string) (map[string]T, error) {
	out := map[string]T{}
	for start := 0; start < len(ids); start += lookup {
		part := ids[start:min(start+lookup, len(ids))]
		args := make([]any, len(part))
		for i := range part {
			args[i] = part[i]
		}
		rows, err := db.Collect(ctx, q, scan, "SELECT "+columns+" FROM "+table+" WHERE id IN ("+db.In(1, len(args))+")", args...)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			out[id(&rows[i])] = rows[i]
		}
	}
	return out, nil
}

// lookup is how many ids one SELECT asks for.
const lookup = 500
