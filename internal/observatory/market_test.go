package observatory_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// listed is a row of result or need as facts see it.
type listed struct {
	table, id, source, status, stage string
	rank                             int // of its level
	days                             int // since it was listed
}

func (r listed) insert(t *testing.T, tx *db.Tx, today time.Time) {
	t.Helper()
	kind, extra, value := "type", "stage, trl, trl_scale, price_min, price_max", "'"+r.stage+"', NULL, '', NULL, NULL"
	if r.table == "need" {
		kind, extra, value = "kind", "trl_min, trl_scale, budget_min, budget_max, prize, deadline", "NULL, '', NULL, NULL, NULL, ''"
	}
	word := "process"
	if r.stage == "open_challenge" {
		word = r.stage
	}
	_, err := tx.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %s (id, key, title_zh, title_en, folded, order_zh, order_en, %s, %s, owner_id, division, status, level, level_rank,
		listed_on, expires_on, source_id, batch_id, version, created_by, created_at, updated_by, updated_at, body)
		VALUES ($1, $1, $1, '', $1, $1, $1, '%s', %s, NULL, '440106', $2, 'public', $3, $4, '', $5, '', 1, 'x', $6, 'x', $6, '{}')`, r.table, kind, extra, word, value),
		r.id, r.status, r.rank, today.AddDate(0, 0, -r.days).Format(time.DateOnly), r.source, db.At(today))
	if err != nil {
		t.Fatal(err)
	}
}

func introduce(t *testing.T, tx *db.Tx, today time.Time, id, need, offer string, events map[int]string) {
	t.Helper()
	day := func(ago int) string { return today.AddDate(0, 0, -ago).Format(time.DateOnly) }
	if _, err := tx.Exec(t.Context(), `INSERT INTO introduction (id, need_kind, need_id, offer_kind, offer_id, author, day, reason, score, features, weights, created_at)
		VALUES ($1, 'need', $2, 'result', $3, 'x', $4, '', NULL, '', '', $5)`, id, need, offer, day(0), db.At(today)); err != nil {
		t.Fatal(err)
	}
	for ago, event := range events {
		if _, err := tx.Exec(t.Context(), `INSERT INTO introduction_event (introduction_id, position, event, reason, note, day, actor, at) VALUES ($1, $2, $3, '', '', $4, 'x', $5)`,
			id, 1000-ago, event, day(ago), db.At(today)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMarketFigures counts by hand what the figures of results and needs say,
// and that nothing which is not public moves any of them.
func TestMarketFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Figures))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ingest.New(d, registry.New(d)).Run(t.Context(), ingest.Request{Importer: "figures", Reader: bytes.NewReader(raw), Name: "figures.yaml", By: change.Author{Actor: "test"}}); err != nil {
			t.Fatal(err)
		}
		today := d.Now()
		inTx(t, d, func(tx *db.Tx) error {
			for _, s := range []source.Source{{ID: "real", LicenceTag: source.Green}, {ID: "made-up", LicenceTag: source.Own, Simulated: true}, {ID: "closed", LicenceTag: source.Red}} {
				s.Title = i18n.Text{ZH: s.ID}
				if _, err := source.Put(t.Context(), tx, editor, s); err != nil {
					return err
				}
			}
			for _, r := range []listed{
				{"result", "r1", "real", "listed", "early", 0, 10}, {"result", "r2", "real", "listed", "", 0, 100}, {"result", "r3", "made-up", "listed", "early", 0, 400},
				{"result", "r4", "real", "expired", "early", 0, 400}, {"result", "r5", "real", "listed", "early", 2, 10}, {"result", "r6", "closed", "listed", "early", 0, 10},
				{"need", "n1", "real", "listed", "", 0, 30}, {"need", "n2", "made-up", "listed", "open_challenge", 0, 50}, {"need", "n3", "real", "listed", "", 1, 90}, {"need", "n4", "real", "listed", "", 0, 20},
			} {
				r.insert(t, tx, today)
			}
			introduce(t, tx, today, "i1", "n1", "r1", map[int]string{9: "introduced", 5: "contacted", 2: "deal"}) // 25 days after the listing
			introduce(t, tx, today, "i2", "n2", "r2", map[int]string{9: "introduced", 8: "contacted"})            // 42 days
			introduce(t, tx, today, "i3", "n4", "r2", map[int]string{9: "introduced", 6: "declined"})
			introduce(t, tx, today, "i4", "n4", "r1", map[int]string{9: "introduced"})
			introduce(t, tx, today, "i5", "n3", "r1", map[int]string{9: "introduced", 1: "deal"}) // the need is for partners
			introduce(t, tx, today, "i6", "n1", "r5", map[int]string{9: "introduced", 1: "deal"}) // the result is internal
			return nil
		})
		s := newService(t, d)
		compute(t, s)
		for figure, want := range map[string]map[string]float64{
			"market.results": {" now": 3}, "market.results.stage": {"early now": 2, "unknown now": 1}, "market.results.age": {"under_90 now": 1, "90_to_179 now": 1, "over_365 now": 1},
			"market.needs": {" now": 3}, "market.needs.challenges": {" now": 1}, "market.introductions": {" now": 4}, "market.introductions.decided": {" now": 3},
			"market.introductions.accepted": {" now": 2}, "market.introductions.acceptance": {" now": 200.0 / 3}, "market.needs.first_match": {" now": 33.5},
		} {
			got, _ := values(t, s, figure)
			trimmed := map[string]float64{}
			for k, v := range got {
				if i := len(k) - len("now"); i < 0 || k[i:] != "now" { // a derived value is named by its day
					k = " now"
				}
				trimmed[k] = v
			}
			if diff := cmp.Diff(want, trimmed, close9); diff != "" {
				t.Errorf("%s: %s", figure, diff)
			}
		}
		for figure, want := range map[string]int64{"market.results": 1, "market.needs": 1, "market.introductions.accepted": 1, "market.introductions.acceptance": 2, "market.needs.first_match": 1} {
			sheet, err := s.Figure(t.Context(), figure)
			if err != nil || len(sheet.Computed) != 1 || sheet.Computed[0].Simulated != want {
				t.Errorf("%s: %v, %d simulated records behind it, want %d", figure, err, sheet.Computed[0].Simulated, want)
			}
		}
		recordsMakeTheValues(t, s)
	})
}
