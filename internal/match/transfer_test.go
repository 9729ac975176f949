package match

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

var lin = change.Author{Actor: "lin", Reason: "test"}

// market is a room of results and needs with a source and an organisation.
func market(t *testing.T, d *db.DB) *transfer.Service {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := source.Put(t.Context(), tx, lin, source.Source{ID: "market", Title: i18n.Text{EN: "market"}, LicenceTag: source.Own}); err != nil {
			return err
		}
		name := []registry.Name{{Text: "张示例", Kind: registry.Official}}
		if _, err := registry.New(d).PutPeople(t.Context(), tx, lin, []registry.Person{{ID: "p1", SourceID: "market", Names: name}}); err != nil {
			return err
		}
		_, err := registry.New(d).PutOrgs(t.Context(), tx, lin, []registry.Org{{ID: "org-1", Kind: registry.University, SourceID: "market",
			Names: []registry.Name{{Text: "示例大学", Kind: registry.Official}}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return transfer.New(d)
}

func entry(key, title string) transfer.Common {
	return transfer.Common{Key: key, Title: i18n.Text{ZH: title}, Level: level.Public, SourceID: "market"}
}

func TestCardsOfRecords(t *testing.T) {
	m := market(t, sqlite(t))
	price, budget := 100*money.Wan, 200*money.Wan
	r := transfer.Result{Common: entry("r", "立方氮化硼"), Type: transfer.Material, Forms: []transfer.Form{transfer.Licence},
		Maturity: []transfer.TRL{
			{Level: 3, Scale: transfer.GBT22900, Edition: "2009", On: "2023", Assessor: "self", Evidence: "x"},
			{Level: 5, Scale: transfer.GBT22900, Edition: "2009", On: "2025", Assessor: "self", Evidence: "x"},
			{Level: 8, Scale: transfer.GBT22900, Edition: "2009", On: "2028", Assessor: "self", Evidence: "x", Planned: true},
		},
		Rights: []transfer.Right{{Kind: transfer.Invention, Status: transfer.Granted}, {Kind: transfer.KnowHow}},
		Price:  transfer.Price{Min: &price, Negotiable: true}, Team: []transfer.Member{{Name: "张示例", PersonID: "p1"}, {Name: "李示例"}},
	}
	r.OwnerID, r.Division, r.Fields.IPC, r.Fields.Industry = "org-1", "440106", []string{"c30b29/38"}, []string{"3099"}
	r, err := m.SaveResult(t.Context(), level.Staff, lin, r)
	if err != nil {
		t.Fatal(err)
	}
	today := isoDay("2026-01-02")
	want := Card{
		Key: Key{Kind: KindResult, ID: r.ID}, Title: i18n.Text{ZH: "立方氮化硼"}, Level: level.Public, Readers: []string{"lin"}, Author: "lin", Owner: "org-1",
		Division: "440106", Codes: CodeSet{IPC: []string{"C30B 29/38"}, Industry: []string{"C3099"}}, TRL: TRL{5, "gbt22900", "2009"},
		Price: Span{Min: &price, Negotiable: true}, Rights: []string{"granted"}, Forms: []string{"licence"}, People: []string{"p1"}, Status: "listed",
		Since: today, Expires: isoDay("2027-01-02"),
	}
	if diff := cmp.Diff(want, OfResult(&r), cmpopts.IgnoreUnexported(Card{})); diff != "" {
		t.Error(diff)
	}
	n := transfer.Need{Common: entry("n", "寻求立方氮化硼"), Kind: transfer.Technical, Text: "单晶", Deadline: "2026-03-01",
		Constraints: transfer.Constraints{TRLMin: 4, TRLScale: transfer.GBT22900, BudgetMax: &budget, Regions: []string{"440000"}, Rights: transfer.Granted, Forms: []transfer.Form{transfer.Licence}}}
	if n, err = m.SaveNeed(t.Context(), level.Staff, lin, n); err != nil {
		t.Fatal(err)
	}
	c := OfNeed(&n)
	if c.Expires != isoDay("2026-03-01") {
		t.Errorf("a need ends on %s, not on its deadline", day(c.Expires))
	}
	for _, check := range checks(&c, &want, today) {
		if check.State != Met {
			t.Errorf("%+v", check)
		}
	}
	o := transfer.Offering{Common: entry("s", "电镜"), Kind: transfer.EquipmentOffered}
	if got := OfService(&o); got.Kind != KindService || got.Level != level.Public {
		t.Errorf("%+v", got)
	}
	p := registry.Paper{ID: "p", Year: 2024, Affiliations: []registry.Affiliation{{}, {Orgs: []registry.AffiliationOrg{{OrgID: "org-1"}, {OrgID: "org-2"}}}}}
	if got := OfPaper(&p); got.Owner != "org-1" || day(got.Since) != "2024-01-01" {
		t.Errorf("%+v", got)
	}
}

// TestBrokersTeachTheWeights runs introductions through their life and lets a
// proposal learn from what came of them.
func TestBrokersTeachTheWeights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, m := t.Context(), market(t, d)
		r := newRoom(t, d, nil)
		r.cfg.Transfer = m
		if _, err := r.Propose(ctx, lin); errs.KindOf(err) != errs.Conflict {
			t.Fatalf("no answers yet: %v", err)
		}
		introduce(t, d, m, 6, 8)
		v, err := r.Propose(ctx, lin)
		if err != nil {
			t.Fatal(err)
		}
		if v.Fit == nil || v.Fit.Examples+v.Fit.Held != 47 || v.Fit.After.LogLoss >= v.Fit.Before.LogLoss || v.Fit.From != "default" {
			t.Errorf("%+v", v.Fit)
		}
		if r.Weights() != Default() {
			t.Error("a proposal is in use before anybody adopted it")
		}
		list, err := r.Versions(ctx)
		if err != nil || len(list) != 1 || list[0].AdoptedBy != "" || cmp.Diff(v, list[0]) != "" {
			t.Errorf("%v %s", err, cmp.Diff(v, list))
		}
	})
}

// introduce records needs × results introductions, of which those with a high
// coverage are taken up and the others declined; one stays without an answer.
func introduce(t *testing.T, d *db.DB, m *transfer.Service, needs, results int) {
	t.Helper()
	var ns []transfer.Need
	var rs []transfer.Result
	for i := range needs {
		ns = append(ns, transfer.Need{Common: entry(fmt.Sprint("n", i), fmt.Sprint("需求", i)), Kind: transfer.Technical, Text: "说明"})
	}
	for i := range results {
		rs = append(rs, transfer.Result{Common: entry(fmt.Sprint("r", i), fmt.Sprint("成果", i)), Type: transfer.Process})
	}
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := m.PutNeeds(t.Context(), tx, lin, ns); err != nil {
			return err
		}
		_, err := m.PutResults(t.Context(), tx, lin, rs)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	staff, rng := level.Viewer{User: "lin", Clearance: level.Internal}, rand.New(rand.NewPCG(15, 16))
	for i := range needs * results {
		_, values := randomPair(rng)
		values[atCoverage] = rng.Float64()
		in, _, err := m.Introduce(t.Context(), staff, lin, transfer.Introduction{
			NeedKind: KindNeed, NeedID: db.DerivedID(KindNeed, fmt.Sprint("n", i%needs)), OfferKind: KindResult, OfferID: db.DerivedID(KindResult, fmt.Sprint("r", i/needs)),
			Features: values.Map(), Weights: "default",
		})
		if err != nil {
			t.Fatal(err)
		}
		e := transfer.Event{Kind: transfer.EventDeclined, Reason: transfer.WrongField}
		if values[atCoverage] > .5 {
			e = transfer.Event{Kind: transfer.Contacted}
		}
		if i == 0 {
			continue
		}
		if _, err := m.Follow(t.Context(), staff, lin, in.ID, 1, e); err != nil {
			t.Fatal(err)
		}
	}
}
