package edition

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/quantity"
)

const editionColumns = `id, ranking, edition, previous, body_zh, body_en, title_zh, title_en, published_on, unit_ranked, length, metrics,
	method_zh, method_en, changes, totals, licence, licence_tag, basis, source_id, locator, note_zh, note_en, batch_id, version, created_at, updated_at`

func scanEdition(s db.Scan) (Edition, error) {
	var e Edition
	var metrics, changes, totals string
	err := s(&e.ID, &e.Ranking, &e.Edition, &e.Previous, &e.Body.ZH, &e.Body.EN, &e.Title.ZH, &e.Title.EN, &e.PublishedOn, &e.UnitRanked, &e.Length, &metrics,
		&e.Method.ZH, &e.Method.EN, &changes, &totals, &e.Licence, &e.LicenceTag, &e.Basis, &e.SourceID, &e.Locator, &e.Note.ZH, &e.Note.EN,
		&e.BatchID, &e.Version, &e.CreatedAt, &e.UpdatedAt)
	if err != nil {
		return e, err
	}
	for _, part := range []struct {
		text string
		to   any
	}{{metrics, &e.Metrics}, {changes, &e.Changes}, {totals, &e.Totals}} {
		if err := json.Unmarshal([]byte(part.text), part.to); err != nil {
			return e, fmt.Errorf("edition %s: %w", e.ID, err)
		}
	}
	return e, nil
}

func (e *Edition) row() []any {
	return []any{e.ID, e.Ranking, e.Edition, e.Previous, e.Body.ZH, e.Body.EN, e.Title.ZH, e.Title.EN, e.PublishedOn, string(e.UnitRanked), e.Length, jsonText(e.Metrics),
		e.Method.ZH, e.Method.EN, jsonText(e.Changes), jsonText(e.Totals), e.Licence, string(e.LicenceTag), string(e.Basis), e.SourceID, e.Locator, e.Note.ZH, e.Note.EN,
		e.BatchID, e.Version, e.CreatedAt, e.UpdatedAt}
}

const entryColumns = `id, edition_id, rank_bound, rank, rank_high, name_zh, name_en, economy, unit, vals, previous_rank, source_id, locator,
	note_zh, note_en, batch_id, version, created_at, updated_at`

func scanEntry(s db.Scan) (Entry, error) {
	var e Entry
	var values string
	var rank, high int64
	err := s(&e.ID, &e.EditionID, &e.Rank.Bound, &rank, &high, &e.Name.ZH, &e.Name.EN, &e.Economy, &e.Unit, &values, &e.PreviousRank, &e.SourceID, &e.Locator,
		&e.Note.ZH, &e.Note.EN, &e.BatchID, &e.Version, &e.CreatedAt, &e.UpdatedAt)
	if err != nil {
		return e, err
	}
	if e.Rank.Bound != "" {
		e.Rank.Value, e.Rank.High, e.Rank.Unit = float64(rank), float64(high), quantity.Rank
	}
	if err := json.Unmarshal([]byte(values), &e.Values); err != nil {
		return e, fmt.Errorf("entry %s: %w", e.ID, err)
	}
	return e, nil
}

func (e *Entry) row() []any {
	return []any{e.ID, e.EditionID, string(e.Rank.Bound), int64(e.Rank.Value), int64(e.Rank.High), e.Name.ZH, e.Name.EN, e.Economy, e.Unit, jsonText(e.Values),
		e.PreviousRank, e.SourceID, e.Locator, e.Note.ZH, e.Note.EN, e.BatchID, e.Version, e.CreatedAt, e.UpdatedAt}
}

func jsonText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain structs of text and finite numbers always marshal
	}
	return string(raw)
}

// upsert is the text after VALUES that overwrites every column but the id.
func upsert(columns string) string {
	var sets []string
	for c := range strings.SplitSeq(columns, ",") {
		if c = strings.TrimSpace(c); c != "id" {
			sets = append(sets, c+" = excluded."+c)
		}
	}
	return "ON CONFLICT (id) DO UPDATE SET " + strings.Join(sets, ", ")
}

// lookup is how many ids one SELECT asks for.
const lookup = 500

// byIDs collects the rows of a table that have one of the ids.
func byIDs[T any](ctx context.Context, q db.Querier, table, columns string, scan func(db.Scan) (T, error), ids []string) ([]T, error) {
	var out []T
	for start := 0; start < len(ids); start += lookup {
		var args []any
		for _, id := range ids[start:min(start+lookup, len(ids))] {
			args = append(args, id)
		}
		part, err := db.Collect(ctx, q, scan, "SELECT "+columns+" FROM "+table+" WHERE id IN ("+db.In(1, len(args))+")", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}
