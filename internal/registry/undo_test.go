package registry_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// contents is all that the registry holds, without versions and instants.
func contents(t *testing.T, d *db.DB) string {
	t.Helper()
	out := ""
	for _, q := range []string{
		"SELECT id || '|' || name_zh || '|' || name_en || '|' || website || '|' || batch_id FROM org ORDER BY 1",
		"SELECT id || '|' || names || '|' || identifiers FROM org ORDER BY 1",
		"SELECT org_id || '|' || folded FROM org_name ORDER BY 1",
		"SELECT org_id || '|' || scheme || '|' || value || '|' || claim FROM org_identifier ORDER BY 1",
		"SELECT id || '|' || from_id || '|' || kind || '|' || to_id || '|' || valid_to FROM relation ORDER BY 1",
		"SELECT id || '|' || name_zh || '|' || COALESCE(orcid, '') FROM person ORDER BY 1",
		"SELECT id || '|' || name_zh || '|' || class || '|' || COALESCE(org_id, '') FROM platform ORDER BY 1",
		"SELECT platform_id || '|' || org_id FROM platform_host ORDER BY 1",
		"SELECT id || '|' || name_zh || '|' || class || '|' || COALESCE(org_id, '') FROM park ORDER BY 1",
		"SELECT id || '|' || title || '|' || keywords FROM paper ORDER BY 1",
		"SELECT paper_id || '|' || raw || '|' || method || '|' || reason || '|' || reason_args FROM paper_affiliation ORDER BY paper_id, position",
		"SELECT paper_id || '|' || org_id || '|' || reason || '|' || reason_args FROM paper_org ORDER BY paper_id, position, place",
		"SELECT id || '|' || code || '|' || name_zh || '|' || parent FROM division ORDER BY 1",
	} {
		rows, err := db.Collect(t.Context(), d, db.Column[string], q)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		for _, r := range rows {
			out += r + "\n"
		}
		out += "--\n"
	}
	return out
}

// putSome writes random records of every kind under one batch: new ones and
// changes of old ones.
func putSome(t *testing.T, d *db.DB, s *registry.Service, batch string, r *rand.Rand) {
	t.Helper()
	by := change.Author{Actor: "import", BatchID: batch}
	org := func() string { return fmt.Sprint("org-", r.IntN(6)) }
	name := func() []registry.Name {
		return []registry.Name{{Text: fmt.Sprint("名", r.IntN(3)), Kind: registry.Official}}
	}
	inTx(t, d, func(tx *db.Tx) error {
		var orgs []registry.Org
		for i := range 6 {
			o := plain(fmt.Sprint("org-", i), "机构")
			o.Names = name()
			o.Identifiers = []registry.Identifier{{Scheme: identifier.ROR, Value: identifierOf(i)}}
			orgs = append(orgs, o)
		}
		check := func(out []registry.Outcome, err error) {
			t.Helper()
			must(t, err)
			for _, o := range out {
				must(t, o.Err)
			}
		}
		check(s.PutOrgs(t.Context(), tx, by, orgs))
		check(s.PutRelations(t.Context(), tx, by, []registry.Relation{link("org-0", registry.Parent, "org-1", "", fmt.Sprint(2000+r.IntN(3)))}))
		check(s.PutPeople(t.Context(), tx, by, []registry.Person{{Names: name(), ORCID: "0000-0002-1825-0097", SourceID: "ror"}}))
		check(s.PutPlatforms(t.Context(), tx, by, []registry.Platform{{Key: fmt.Sprint("k", r.IntN(2)), Names: name(), Class: "lab", OrgID: org(), HostIDs: []string{org()}, SourceID: "ror"}}))
		check(s.PutParks(t.Context(), tx, by, []registry.Park{{Key: "k", Names: name(), Class: "base", OrgID: org(), SourceID: "ror"}}))
		check(s.PutPapers(t.Context(), tx, by, []registry.Paper{{Key: fmt.Sprint("p", r.IntN(2)), Title: name()[0].Text, Keywords: []string{"甲", "乙"}, SourceID: "ror",
			Affiliations: []registry.Affiliation{{Raw: "某校", Method: registry.ByHand, Orgs: []registry.AffiliationOrg{{OrgID: org(), Score: 0.5, Reason: registry.Reason{Code: "exact", Name: "某校", Count: 2}}}}}}}))
		check(s.PutDivisions(t.Context(), tx, by, []registry.Division{{Code: "440106", Name: i18n.Text{ZH: name()[0].Text}, Level: registry.District, SourceID: "ror"}}))
		return nil
	})
}

// TestUndoRestoresWhatWasThere undoes random batches, the newest first: each
// leaves exactly what was there before it.
func TestUndoRestoresWhatWasThere(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		r := rand.New(rand.NewPCG(1, 9))
		var before []string
		for i := range 5 {
			before = append(before, contents(t, d))
			putSome(t, d, s, fmt.Sprint("batch-", i), r)
		}
		for i := 4; i >= 0; i-- {
			entries, err := change.OfBatch(t.Context(), d, fmt.Sprint("batch-", i), 0, 1000)
			must(t, err)
			inTx(t, d, func(tx *db.Tx) error { return s.UndoAll(t.Context(), tx, editor, entries) })
			if diff := cmp.Diff(before[i], contents(t, d)); diff != "" {
				t.Fatalf("batch %d: %s", i, diff)
			}
		}
		if _, err := change.Verify(t.Context(), d); err != nil {
			t.Error(err)
		}
	})
}

func TestUndoRefusesWhatHasChanged(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		putOrgs(t, d, s, plain("org-1", "甲"), plain("org-2", "乙"))
		entries, err := change.OfBatch(t.Context(), d, "batch-1", 0, 10)
		must(t, err)
		site := "https://example.org/"
		_, err = s.UpdateOrg(t.Context(), editor, "org-1", 1, registry.OrgChange{Website: &site})
		must(t, err)
		undo := func(e ...change.Entry) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return s.UndoAll(t.Context(), tx, editor, e) })
		}
		if err := undo(entries...); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a record changed since: %v", err)
		}
		if _, err := s.Org(t.Context(), "org-2"); err != nil {
			t.Errorf("a refused undo left a trace: %v", err)
		}
		log, err := s.History(t.Context(), registry.KindOrg, "org-1", 0, 10)
		must(t, err)
		must(t, undo(log[0]))
		must(t, undo(entries...))
		if err := undo(entries[0]); errs.KindOf(err) != errs.Conflict {
			t.Errorf("undone twice: %v", err)
		}
		// A deletion comes back, and an undo can be undone.
		putOrgs(t, d, s, plain("org-1", "甲"), plain("org-2", "乙"))
		r, err := s.SaveRelation(t.Context(), editor, link("org-1", registry.Parent, "org-2", "", ""))
		must(t, err)
		must(t, s.RemoveRelation(t.Context(), editor, r.ID, 1))
		log, err = s.History(t.Context(), registry.KindRelation, r.ID, 0, 10)
		must(t, err)
		must(t, undo(log[0]))
		if got, err := s.Relations(t.Context(), "org-1"); err != nil || len(got) != 1 || got[0].Links[0].Version != 2 {
			t.Errorf("restored: %+v, %v", got, err)
		}
		// What others refer to cannot be undone away.
		putOrgs(t, d, s, plain("org-3", "丙"), plain("org-4", "丁"))
		entries, err = change.OfBatch(t.Context(), d, "batch-1", 0, 2)
		must(t, err)
		_, err = s.Merge(t.Context(), editor, "org-1", "org-4", 1, 1)
		must(t, err)
		_, err = s.SavePark(t.Context(), editor, registry.Park{Key: "k", Names: []registry.Name{{Text: "园", Kind: registry.Official}}, Class: "base", OrgID: "org-3", SourceID: "ror"})
		must(t, err)
		for _, e := range entries {
			if err := undo(e); errs.KindOf(err) != errs.Conflict || errs.Of(err).Key != "errs.reference" {
				t.Errorf("undo of %s, which others refer to: %v", e.ID, err)
			}
		}
		_, err = s.Unmerge(t.Context(), editor, "org-1", 2)
		must(t, err)
		// Merges have a way back of their own.
		_, err = s.Merge(t.Context(), editor, "org-1", "org-2", 3, 1)
		must(t, err)
		log, err = s.History(t.Context(), registry.KindOrg, "org-1", 0, 1)
		must(t, err)
		if err := undo(log[0]); errs.KindOf(err) != errs.Conflict {
			t.Errorf("undo of a merge: %v", err)
		}
		if err := undo(change.Entry{Kind: "user", ID: "x", Action: change.Create, After: json.RawMessage(`{}`)}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a foreign kind: %v", err)
		}
	})
}
