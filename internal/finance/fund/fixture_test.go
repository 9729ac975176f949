package fund_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

var (
	lin    = change.Author{Actor: "lin", Reason: "test"}
	public = level.Viewer{}
	staff  = level.Viewer{User: "lin", Clearance: level.Internal}
	other  = level.Viewer{User: "mei", Clearance: level.Internal}
)

func fen(v money.Fen) *money.Fen { return &v }
func ppm(v int64) *int64         { return &v }

// eachEngine runs a test on both engines with a room, three sources and four
// organisations. Today is 2 January 2026.
func eachEngine(t *testing.T, fn func(t *testing.T, d *db.DB, s *fund.Service)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		inTx(t, d, func(tx *db.Tx) error {
			for _, src := range []source.Source{
				{ID: "office", Title: i18n.Text{EN: "office"}, LicenceTag: source.Own},
				{ID: "closed", Title: i18n.Text{EN: "closed"}, LicenceTag: source.Red},
				{ID: "play", Title: i18n.Text{EN: "play"}, LicenceTag: source.Own, Simulated: true},
			} {
				if _, err := source.Put(t.Context(), tx, lin, src); err != nil {
					return err
				}
			}
			var orgs []registry.Org
			for _, id := range []string{"org-city", "org-vc", "org-bank", "org-x"} {
				orgs = append(orgs, registry.Org{ID: id, Kind: registry.University, Names: []registry.Name{{Text: id, Kind: registry.Official}}, SourceID: "office"})
			}
			_, err := registry.New(d).PutOrgs(t.Context(), tx, lin, orgs)
			return err
		})
		fn(t, d, fund.New(d))
	})
}

func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t testing.TB, what string, err error, kind errs.Kind) {
	t.Helper()
	if errs.KindOf(err) != kind {
		t.Errorf("%s: %v, want %s", what, err, kind)
	}
}

func wantKey(t testing.TB, what string, err error, key string) {
	t.Helper()
	if e := errs.Of(err); e == nil || e.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func open(t testing.TB, s *fund.Service, id string, kind fund.Kind, paysLast bool) fund.Fund {
	t.Helper()
	f, err := s.Save(t.Context(), staff, lin, fund.Fund{ID: id, Key: id, Name: i18n.Text{ZH: "示例" + id, EN: id}, Kind: kind, PaysLast: paysLast, Level: level.Public, SourceID: "office"})
	must(t, err)
	return f
}

func head(fundID, key, day string) fund.Head {
	return fund.Head{FundID: fundID, Key: key, Day: day, SourceID: "office"}
}

func record(t testing.TB, s *fund.Service, e fund.Event) string {
	t.Helper()
	r, err := s.Record(t.Context(), staff, lin, e)
	must(t, err)
	return r.ID
}

func commit(t testing.TB, s *fund.Service, fundID, key string, who fund.Party, nature lookthrough.Nature, amount money.Fen) string {
	t.Helper()
	return record(t, s, &fund.Commitment{Head: head(fundID, key, "2021-01-01"), Investor: who, Nature: nature, Amount: &amount})
}

func pay(fundID, key, day, commitment, call string, amount money.Fen) *fund.Payment {
	return &fund.Payment{Head: head(fundID, key, day), CommitmentID: commitment, CallID: call, Amount: amount}
}

// agree holds that rows and book are one.
func agree(t testing.TB, s *fund.Service, id, on string) {
	t.Helper()
	lines, err := s.Reconcile(t.Context(), staff, id, on)
	must(t, err)
	for _, l := range lines {
		if !l.Agrees() {
			t.Errorf("%s on %q: the book says %s, the rows %s", l.Account, on, l.Book, l.Rows)
		}
	}
}

// city is a fund of funds with one sub-fund, paid, placed, valued and once
// distributed.
type city struct{ mother, sub, public, vc, call, holding, distribution string }

func build(t testing.TB, s *fund.Service) city {
	t.Helper()
	open(t, s, "mother", fund.FundOfFunds, false)
	open(t, s, "sub", fund.SubFund, true)
	c := city{mother: "mother", sub: "sub"}
	treasury := commit(t, s, "mother", "t", fund.Party{OrgID: "org-city"}, lookthrough.Public, 1000*money.Wan)
	record(t, s, pay("mother", "p1", "2021-02-01", treasury, "", 1000*money.Wan))
	c.public = commit(t, s, "sub", "m", fund.Party{FundID: "mother"}, lookthrough.Public, 300*money.Wan)
	c.vc = commit(t, s, "sub", "v", fund.Party{OrgID: "org-vc"}, lookthrough.Social, 700*money.Wan)
	c.call = record(t, s, &fund.Call{Head: head("sub", "1", "2021-03-01"), DueOn: "2021-03-31", Total: fen(500 * money.Wan), Purpose: "first"})
	record(t, s, pay("sub", "v1", "2021-03-20", c.vc, c.call, 350*money.Wan))
	record(t, s, pay("sub", "m1", "2021-03-25", c.public, c.call, 150*money.Wan))
	c.holding = record(t, s, &fund.Holding{Head: head("sub", "x", "2021-05-01"), OrgID: "org-x", SharePPM: ppm(100_000), Amount: fen(400 * money.Wan), Round: "A", Evidence: "register 1"})
	record(t, s, &fund.Fee{Head: head("sub", "f", "2021-12-31"), For: fund.Management, Amount: 10 * money.Wan})
	c.distribution = record(t, s, &fund.Distribution{Head: head("sub", "d", "2023-03-25"), Shares: []fund.Received{
		{CommitmentID: c.vc, Amount: 70 * money.Wan, Recallable: 35 * money.Wan}, {CommitmentID: c.public, Amount: 30 * money.Wan, Recallable: 15 * money.Wan}}})
	record(t, s, &fund.Valuation{Head: head("sub", "n", "2024-12-31"), Amount: fen(600 * money.Wan), Basis: fund.Audited})
	return c
}

func nameOf(id string) i18n.Text { return i18n.Text{ZH: "示例" + id, EN: id} }
