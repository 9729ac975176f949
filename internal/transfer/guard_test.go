package transfer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// may is the rule in plain words, against which every read is held.
func may(v level.Viewer, c *transfer.Common) bool {
	if v == level.Program {
		return true
	}
	for _, u := range append([]string{c.CreatedBy}, c.Readers...) {
		if v.User != "" && u == v.User {
			return true
		}
	}
	staff := v.Clearance == level.Internal || v.Clearance == level.Confidential
	switch {
	case c.Status == transfer.Draft || c.Level == level.Confidential:
		return false
	case c.Status == transfer.Paused || c.Status == transfer.Withdrawn || c.SourceID == "closed-set" || c.Level == level.Internal:
		return staff
	case c.Level == level.Partner:
		return staff || v.Clearance == level.Partner
	}
	return true
}

// TestNoReadRevealsWhatIsHidden fills the room at random and holds every read,
// for every sort of viewer, against the rule.
func TestNoReadRevealsWhatIsHidden(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		r := rand.New(rand.NewPCG(7, 11))
		pick := func(n int) int { return r.IntN(n) }
		users := []string{"", "pan", "mei", "lin"}
		random := func(key string) transfer.Common {
			c := common(key, "高韧性氮化硼单晶的研制"+key, level.Levels[pick(4)])
			c.Status = transfer.Statuses[pick(6)]
			c.SourceID = []string{"market", "market", "closed-set"}[pick(3)]
			c.Readers = []string{users[pick(4)]}
			c.Fields.IPC, c.Fields.Industry = []string{"C30B"}, []string{"C30"}
			c.OwnerID = "org-1"
			return c
		}
		const n = 30
		all := map[string]*transfer.Common{}
		inTx(t, d, func(tx *db.Tx) error {
			var rs []transfer.Result
			var ns []transfer.Need
			var os []transfer.Offering
			for i := range n {
				key := fmt.Sprint(i)
				rs = append(rs, transfer.Result{Common: random(key), Type: transfer.Process, Forms: []transfer.Form{transfer.Licence}})
				ns = append(ns, transfer.Need{Common: random(key), Kind: transfer.Technical})
				os = append(os, transfer.Offering{Common: random(key), Kind: transfer.ServiceOffered})
			}
			for i, by := range []change.Author{{Actor: "import"}, {Actor: "mei"}} {
				from, to := i*n/2, (i+1)*n/2
				if out, err := s.PutResults(t.Context(), tx, by, rs[from:to]); err != nil || counts(out) != "15/0/0/0" {
					t.Fatal(counts(out), err)
				}
				if out, err := s.PutNeeds(t.Context(), tx, by, ns[from:to]); err != nil || counts(out) != "15/0/0/0" {
					t.Fatal(counts(out), err)
				}
				if out, err := s.PutServices(t.Context(), tx, by, os[from:to]); err != nil || counts(out) != "15/0/0/0" {
					t.Fatal(counts(out), err)
				}
				for k := from; k < to; k++ {
					for word, c := range map[string]*transfer.Common{"result": &rs[k].Common, "need": &ns[k].Common, "service": &os[k].Common} {
						c.CreatedBy = by.Actor
						all[word+" "+db.DerivedID(word, c.Key)] = c
					}
				}
			}
			return nil
		})
		everybody := level.Viewer{User: "lin", Clearance: level.Internal}
		pairs := introduceSome(t, s, all, pick, everybody)
		for _, v := range []level.Viewer{{}, {Clearance: level.Partner}, {User: "pan", Clearance: level.Partner}, {User: "mei", Clearance: level.Internal}, {User: "lin", Clearance: level.Internal},
			{User: "pan"}, {User: "mei", Clearance: level.Confidential}, level.Staff, {User: "nobody", Clearance: "secret"}, level.Program} {
			t.Run(fmt.Sprint(v), func(t *testing.T) { holdReads(t, s, v, all, pairs) })
		}
		// The tag is read with the record: a source that becomes free opens its
		// records, and closes them again.
		for _, tag := range []source.Tag{source.Green, source.Red} {
			inTx(t, d, func(tx *db.Tx) error {
				_, err := source.Put(t.Context(), tx, lin, source.Source{ID: "closed-set", Title: i18n.Text{EN: "x"}, LicenceTag: tag})
				return err
			})
			l, err := s.Results(t.Context(), public, transfer.ResultFilter{Filter: transfer.Filter{Source: "closed-set"}})
			if err != nil || (l.Total > 0) != (tag == source.Green) {
				t.Errorf("%s: %d records open, %v", tag, l.Total, err)
			}
			for _, r := range l.Items {
				if r.Open != level.Public {
					t.Errorf("open at %s", r.Open)
				}
			}
		}
	})
}

// introduceSome makes introductions between what one viewer sees.
func introduceSome(t *testing.T, s *transfer.Service, all map[string]*transfer.Common, pick func(int) int, v level.Viewer) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	for range 60 {
		key := fmt.Sprint(pick(30))
		other := fmt.Sprint(pick(30))
		needID, resultID := db.DerivedID("need", key), db.DerivedID("result", other)
		in, created, err := s.Introduce(t.Context(), v, change.Author{Actor: "pan"}, transfer.Introduction{NeedKind: "need", NeedID: needID, OfferKind: "result", OfferID: resultID})
		open := may(v, all["need "+needID]) && may(v, all["result "+resultID])
		if open != (err == nil) || !open && errs.KindOf(err) != errs.NotFound {
			t.Fatalf("introduce: %v, open %v", err, open)
		}
		if created {
			out[in.ID] = [2]string{"need " + needID, "result " + resultID}
		}
	}
	return out
}

// holdReads holds every read of one viewer against the rule.
func holdReads(t *testing.T, s *transfer.Service, v level.Viewer, all map[string]*transfer.Common, pairs map[string][2]string) {
	want := map[string]int64{}
	levels := map[string]map[string]int64{}
	for id, c := range all {
		word, _, _ := cut(id)
		if may(v, c) {
			want[word]++
			if levels[word] == nil {
				levels[word] = map[string]int64{}
			}
			levels[word][string(c.Level)]++
		}
	}
	seen := func(where, word, id string) {
		t.Helper()
		if c := all[word+" "+id]; c == nil || !may(v, c) {
			t.Errorf("%s shows %s %s %+v", where, word, id, c)
		}
	}
	page := registry.Page{Limit: 7}
	got := map[string]int64{}
	for _, sort := range []registry.Sort{"", transfer.SortExpires, registry.SortName} {
		for f := (transfer.ResultFilter{Filter: transfer.Filter{Sort: sort, Page: page, IPC: "C"}}); ; {
			l, err := s.Results(t.Context(), v, f)
			must(t, err)
			for _, r := range l.Items {
				seen("list", "result", r.ID)
				if got["result"]++; !v.Sees(r.Open, r.Allowed()) {
					t.Errorf("%s is open at %s, and not to %+v", r.ID, r.Open, v)
				}
			}
			if l.Total != want["result"] {
				t.Errorf("total %d, want %d", l.Total, want["result"])
			}
			if f.After = l.Next; l.Next == "" {
				break
			}
		}
	}
	if got["result"] != 3*want["result"] {
		t.Errorf("pages hold %d results, want thrice %d", got["result"], want["result"])
	}
	ns, err := s.Needs(t.Context(), v, transfer.NeedFilter{Filter: transfer.Filter{OwnerID: "org-1", Page: registry.Page{Limit: 500}}})
	if must(t, err); ns.Total != want["need"] || int64(len(ns.Items)) != want["need"] {
		t.Errorf("%d needs, want %d", ns.Total, want["need"])
	}
	os, err := s.Services(t.Context(), v, transfer.ServiceFilter{Filter: transfer.Filter{Query: "氮化硼", Page: registry.Page{Limit: 500}}})
	if must(t, err); os.Total != want["service"] || int64(len(os.Items)) != want["service"] {
		t.Errorf("%d services, want %d", os.Total, want["service"])
	}
	holdFacets(t, s, v, want, levels)
	for id, c := range all {
		word, one, _ := cut(id)
		var err error
		switch word {
		case "result":
			_, err = s.Result(t.Context(), v, one)
		case "need":
			_, err = s.Need(t.Context(), v, one)
		default:
			_, err = s.Service(t.Context(), v, one)
		}
		if (err == nil) != may(v, c) || err != nil && errs.KindOf(err) != errs.NotFound {
			t.Errorf("get %s: %v, %+v", id, err, c)
		}
		if err != nil { // to change it is no way around
			if err := s.SetStatus(t.Context(), v, lin, word, one, 1, transfer.Closed); errs.KindOf(err) != errs.NotFound {
				t.Errorf("status of %s: %v", id, err)
			}
			if err := s.Renew(t.Context(), v, lin, word, one, 1, ""); errs.KindOf(err) != errs.NotFound {
				t.Errorf("renew %s: %v", id, err)
			}
		}
	}
	due, err := s.Due(t.Context(), v, "", 4000, registry.Page{Limit: 500})
	must(t, err)
	for _, e := range due.Items {
		seen("due", e.Kind, e.ID)
	}
	for _, word := range []string{"result", "need", "service"} {
		hints, err := s.Duplicates(t.Context(), v, word, i18n.Text{ZH: "高韧性氮化硼单晶的研制1"})
		must(t, err)
		for _, h := range hints {
			seen("duplicates", word, h.ID)
		}
		if want[word] > 0 && len(hints) == 0 {
			t.Errorf("no hint of a %s that is open", word)
		}
	}
	holdIntroductions(t, s, v, all, pairs)
}

func cut(id string) (word, rest string, ok bool) {
	for i := range id {
		if id[i] == ' ' {
			return id[:i], id[i+1:], true
		}
	}
	return id, "", false
}

func holdFacets(t *testing.T, s *transfer.Service, v level.Viewer, want map[string]int64, levels map[string]map[string]int64) {
	t.Helper()
	rf, err := s.ResultFacets(t.Context(), v, transfer.ResultFilter{})
	must(t, err)
	nf, err := s.NeedFacets(t.Context(), v, transfer.NeedFilter{})
	must(t, err)
	sf, err := s.ServiceFacets(t.Context(), v, transfer.ServiceFilter{})
	must(t, err)
	for word, facets := range map[string]registry.Facets{"result": rf, "need": nf, "service": sf} {
		for field, list := range facets {
			sum := int64(0)
			for _, f := range list {
				sum += f.Count
				if field == "level" && f.Count != levels[word][f.Value] {
					t.Errorf("%s: %d of level %s, want %d", word, f.Count, f.Value, levels[word][f.Value])
				}
			}
			if sum != want[word] { // every field of these rows has one value
				t.Errorf("%s: facet %s counts %d, want %d", word, field, sum, want[word])
			}
		}
	}
}

func holdIntroductions(t *testing.T, s *transfer.Service, v level.Viewer, all map[string]*transfer.Common, pairs map[string][2]string) {
	t.Helper()
	staff := v.Clearance == level.Internal || v.Clearance == level.Confidential || v == level.Program
	want := int64(0)
	open := func(ends [2]string) bool {
		return (staff || v.User == "pan") && may(v, all[ends[0]]) && may(v, all[ends[1]])
	}
	for id, ends := range pairs {
		_, err := s.Introduction(t.Context(), v, id)
		if (err == nil) != open(ends) {
			t.Errorf("introduction %s: %v, open %v", id, err, open(ends))
		}
		if _, err := s.Follow(t.Context(), v, lin, id, 99, transfer.Event{Kind: transfer.Deal}); open(ends) != (errs.KindOf(err) == errs.Precondition) {
			t.Errorf("follow %s: %v", id, err)
		}
		if open(ends) {
			want++
		}
	}
	l, err := s.Introductions(t.Context(), v, transfer.IntroductionFilter{Page: registry.Page{Limit: 500}})
	if err != nil || l.Total != want || int64(len(l.Items)) != want {
		t.Errorf("%d introductions, want %d, %v", l.Total, want, err)
	}
	n, err := s.IntroductionCounts(t.Context(), v, transfer.IntroductionFilter{})
	must(t, err)
	sum := int64(0)
	for _, f := range n {
		sum += f.Count
	}
	if sum != want {
		t.Errorf("counts say %d, want %d", sum, want)
	}
	var ids []string
	for id := range pairs {
		ids = append(ids, id)
	}
	if seen, err := s.Visible(t.Context(), v, transfer.KindIntroduction, ids); err != nil || int64(len(seen)) != want {
		t.Errorf("%d visible, %v", len(seen), err)
	}
}
