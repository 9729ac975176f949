package api

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	simulation "github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// simulated is a folder with a simulated world of 600 works, made once for all
// tests, which leave it alone.
var simulated = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "kapok-api-")
	if err == nil {
		_, err = simulation.Make(context.Background(), filepath.Join(root, "corpora", "world"),
			simulation.Options{Works: 600, Seed: 7, From: 2020, To: 2021, CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, nil)
	}
	return root, err
})

// TestMain also answers the questions that the query of an analyst asks.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == stats.AnswerCommand {
		os.Exit(stats.AnswerOne(os.Stdin, os.Stdout))
	}
	code := m.Run()
	if root, err := simulated(); err == nil {
		_ = os.RemoveAll(root) // a leftover is the system's to sweep
	}
	os.Exit(code)
}

// withRankings gives a city the simulated world.
func withRankings(t testing.TB) func(*Services) {
	return func(sv *Services) {
		root, err := simulated()
		if err != nil {
			t.Fatal(err)
		}
		sv.Corpora = filepath.Join(root, "corpora")
		sv.Rankings = ranking.New(ranking.Config{Corpora: sv.Corpora, Prepared: filepath.Join(root, "prepared"), City: "440100", Stats: stats.Config{MemoryMB: 256, Threads: 1}})
	}
}

// withLedger gives a city the ledger of published rankings.
func withLedger(sv *Services) { sv.Editions = edition.New(sv.DB) }

// withReleases gives a city a folder of releases.
func withReleases(t testing.TB) func(*Services) {
	return func(sv *Services) {
		sv.Releases = release.New(sv.DB, sv.Observatory, filepath.Join(t.TempDir(), "releases"))
	}
}

// publishEditions writes three editions of two rankings, one of them for
// private use.
func (w *world) publishEditions() {
	w.t.Helper()
	of := func(ranking, label, previous, from string, tag source.Tag) edition.Edition {
		return edition.Edition{Ranking: ranking, Edition: label, Previous: previous, Body: i18n.Text{ZH: "机构甲", EN: "Body"}, Title: i18n.Text{ZH: "集群排名", EN: "Cluster ranking"},
			PublishedOn: label, UnitRanked: edition.Cluster, Length: 100, Licence: "CC-BY-4.0", LicenceTag: tag, Basis: edition.Published, SourceID: from,
			Metrics: []edition.Metric{{Key: "score", Title: i18n.Text{ZH: "得分", EN: "Score"}, Unit: quantity.None, Places: 2, Ranks: true}}}
	}
	newer := of("gii.cluster", "2024", "2023", "ror", source.Green)
	newer.Changes = []edition.Difference{{Parameter: "radius", Title: i18n.Text{ZH: "半径", EN: "Radius"}, Before: i18n.Text{ZH: "13", EN: "13"}, After: i18n.Text{ZH: "15", EN: "15"}, Breaks: true, Certainty: edition.Stated}}
	line := func(in, rank, name, unit, values, from string) edition.Entry {
		e, err := edition.ParseEntry(func(column string) string {
			return map[string]string{"edition": in, "rank": rank, "name_en": name, "unit": unit, "values": values, "source_id": from}[column]
		})
		w.must(err)
		return e
	}
	w.must(w.d.InTx(w.t.Context(), func(tx *db.Tx) error {
		if _, err := edition.Put(w.t.Context(), tx, tester, []edition.Edition{of("gii.cluster", "2023", "", "ror", source.Green), newer, of("private.cluster", "2024", "", "made-up", source.Red)}); err != nil {
			return err
		}
		_, err := edition.PutEntries(w.t.Context(), tx, tester, []edition.Entry{
			line("gii.cluster@2023", "2", "Shenzhen–Hong Kong–Guangzhou", "cluster:shg", "score=10.36", "ror"), line("gii.cluster@2023", "<=23", "Nowhere", "", "score=>=1.5", "ror"),
			line("gii.cluster@2023", "7", "Secret", "cluster:secret", "", "private"),
			line("gii.cluster@2024", "1", "Shenzhen–Hong Kong–Guangzhou", "cluster:shg", "score=11", "ror"), line("private.cluster@2024", "4", "SHG", "cluster:shg", "", "ror"),
		})
		return err
	}))
}

// freeze builds a release in the name of a user.
func (w *world) freeze(by account.Role, name string) release.Release {
	w.t.Helper()
	r, err := w.sv.Releases.Build(w.t.Context(), w.users[by].Author("for the year"), release.Options{Name: name, Title: i18n.Text{ZH: "年报", EN: "Annual"},
		Key: signing(), Day: "2026-01-31", WithoutRestricted: true, Program: "test"})
	w.must(err)
	return r
}

var signing = sync.OnceValue(func() release.Key {
	key, err := release.NewKey()
	if err != nil {
		panic(err)
	}
	return key
})

// furnished is a city with everything that a Kapok may have: the second of its
// releases says otherwise than the first.
func furnished(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, inJune(dbtest.SQLite(t)), withRankings(t), withLedger, withReleases(t), withFinance)
	w.money = w.invest()
	w.compute()
	w.publishEditions()
	w.publish("annual-0")
	w.more(2)
	w.compute()
	w.publish("annual-1")
	w.trade()
	return w
}
