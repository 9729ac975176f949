package transfer_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

var chen = transfer.Submitter{Name: "陈提交", Email: "chen.tijiao@example.com", Phone: "020-87654321"}

func submission(title string) transfer.Submission {
	r := transfer.Result{Common: transfer.Common{Title: i18n.Text{ZH: title}, OwnerText: "示例大学", OwnerID: "org-1", ID: "result-own", Status: transfer.Closed,
		Readers: []string{"pan"}, SourceID: "closed-set", ListedOn: "2020-01-01", Level: level.Public}, Type: transfer.Material, Team: []transfer.Member{{Name: "张示例", PersonID: "person-x"}}}
	return transfer.Submission{Side: "result", Result: &r, Submitter: chen}
}

func TestDisclosureFromFormToRecord(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		receipt, err := s.Submit(t.Context(), "192.0.2.1", submission("新型膜材料"))
		if err != nil || receipt.Number != "2026-000001" {
			t.Fatalf("%+v, %v", receipt, err)
		}
		got, err := s.ByToken(t.Context(), receipt.Token)
		must(t, err)
		if got.Submitter != (transfer.Submitter{Name: "陈**", Email: "c***@***", Phone: "***21"}) {
			t.Errorf("unmasked: %+v", got.Submitter)
		}
		if c := got.Result.Common; c.OwnerID != "" || c.ID != "" || c.Readers != nil || c.SourceID != "disclosures" || c.Status != "" || c.ListedOn != "" || got.Result.Team[0].PersonID != "" {
			t.Errorf("a stranger states what is not his: %+v", c)
		}
		mei := change.Author{Actor: "mei"}
		if err := s.Return(t.Context(), other, mei, receipt.ID, 1, " "); !key(err, errs.Invalid, "transfer.required") {
			t.Errorf("a return without reason: %v", err)
		}
		if _, err := s.Resubmit(t.Context(), "192.0.2.1", receipt.Token, 1, submission("不该收")); !key(err, errs.Conflict, "transfer.not_returned") {
			t.Errorf("what was not returned: %v", err)
		}
		must(t, s.Return(t.Context(), other, mei, receipt.ID, 1, "请补充试验数据"))
		if err := s.Decline(t.Context(), staff, lin, receipt.ID, 1, "重复"); !key(err, errs.Precondition, "transfer.stale") || errs.Of(err).Args["who"] != "mei" {
			t.Errorf("an old version: %v", err)
		}
		seen, err := s.ByToken(t.Context(), receipt.Token)
		if err != nil || seen.Status != transfer.Returned || seen.Reason != "请补充试验数据" || seen.Steps[1].Actor != "" {
			t.Errorf("%+v, %v", seen, err)
		}
		next := submission("新型膜材料及其制备")
		next.Submitter = transfer.Submitter{Name: "陈提交", Phone: "13800000000"}
		again, err := s.Resubmit(t.Context(), "192.0.2.1", receipt.Token, 2, next)
		if err != nil || again.Status != transfer.Received || again.Version != 3 || len(again.Steps) != 3 || again.Steps[0].Result.Title.ZH != "新型膜材料" || again.Result.Title.ZH != "新型膜材料及其制备" {
			t.Errorf("%+v, %v", again, err)
		}
		id := ""
		for range 2 { // a click too many
			got, err := s.Accept(t.Context(), staff, lin, receipt.ID, 3, transfer.Acceptance{})
			if must(t, err); id != "" && got != id {
				t.Errorf("%s, then %s", id, got)
			}
			id = got
		}
		r, err := s.Result(t.Context(), public, id)
		if err != nil || r.Title.ZH != "新型膜材料及其制备" || r.Evidence != "2026-000001" || r.Key != "disclosure:2026-000001" || r.Level != level.Public || r.CreatedBy != "lin" {
			t.Errorf("%+v, %v", r, err)
		}
		if l, err := s.Results(t.Context(), staff, transfer.ResultFilter{}); err != nil || l.Total != 1 {
			t.Errorf("%d results, %v", l.Total, err)
		}
		if err := s.Return(t.Context(), staff, lin, receipt.ID, 4, "晚了"); !key(err, errs.Conflict, "transfer.triaged") {
			t.Errorf("what is accepted: %v", err)
		}
		who, err := s.Reveal(t.Context(), staff, lin, receipt.ID, "电话确认合作意向")
		if err != nil || who.Phone != "13800000000" || who.Email != "" {
			t.Errorf("%+v, %v", who, err)
		}
		if _, err := s.Reveal(t.Context(), staff, lin, receipt.ID, ""); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a reveal without reason: %v", err)
		}
		log, err := change.After(t.Context(), d, 0, 1000)
		must(t, err)
		reveals := 0
		for _, e := range log {
			if e.Kind == transfer.KindDisclosure && strings.Contains(e.Reason, "revealed: 电话确认") && e.Actor == "lin" {
				reveals++
			}
			for _, secret := range []string{"陈提交", "chen.tijiao", "87654321", "13800000000"} {
				if strings.Contains(string(e.Before)+string(e.After)+e.Reason, secret) {
					t.Errorf("entry %d tells %s", e.Seq, secret)
				}
			}
		}
		if reveals != 1 {
			t.Errorf("%d reveals in the log", reveals)
		}
	})
}

func TestDeskIsTheStaffs(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		receipt, err := s.Submit(t.Context(), "a", submission("膜材料"))
		must(t, err)
		n := need("x", "寻求膜材料", level.Partner)
		second, err := s.Submit(t.Context(), "a", transfer.Submission{Side: "need", Need: &n, Submitter: transfer.Submitter{Name: "Li", Email: "li@example.com"}})
		must(t, err)
		must(t, s.Decline(t.Context(), staff, lin, second.ID, 1, "不属于本市"))
		for _, v := range []level.Viewer{public, partner} {
			l, err := s.Disclosures(t.Context(), v, transfer.DisclosureFilter{})
			if err != nil || l.Total != 0 || len(l.Items) != 0 {
				t.Errorf("%+v sees %+v, %v", v, l, err)
			}
			if n, err := s.DisclosureCounts(t.Context(), v); err != nil || len(n) != 0 {
				t.Errorf("%+v counts %v, %v", v, n, err)
			}
			_, get := s.Disclosure(t.Context(), v, receipt.ID)
			_, reveal := s.Reveal(t.Context(), v, lin, receipt.ID, "x")
			_, accept := s.Accept(t.Context(), v, lin, receipt.ID, 1, transfer.Acceptance{})
			for _, err := range []error{get, reveal, accept, s.Return(t.Context(), v, lin, receipt.ID, 1, "x")} {
				if errs.KindOf(err) != errs.NotFound {
					t.Errorf("%+v: %v", v, err)
				}
			}
			if seen, err := s.Visible(t.Context(), v, transfer.KindDisclosure, []string{receipt.ID}); err != nil || len(seen) != 0 {
				t.Errorf("%v, %v", seen, err)
			}
		}
		for _, c := range []struct {
			f    transfer.DisclosureFilter
			want int64
		}{
			{transfer.DisclosureFilter{}, 2}, {transfer.DisclosureFilter{Side: "need"}, 1}, {transfer.DisclosureFilter{Query: "000002"}, 1}, {transfer.DisclosureFilter{Query: "膜"}, 2},
			{transfer.DisclosureFilter{Status: []transfer.DisclosureStatus{transfer.Declined}}, 1}, {transfer.DisclosureFilter{Query: "100%"}, 0},
		} {
			l, err := s.Disclosures(t.Context(), staff, c.f)
			if err != nil || l.Total != c.want || int64(len(l.Items)) != c.want {
				t.Errorf("%+v: %+v, %v", c.f, l, err)
			}
			for _, d := range l.Items {
				if strings.Contains(fmt.Sprint(d), "example.com") || d.Result != nil {
					t.Errorf("a list tells too much: %+v", d)
				}
			}
		}
		d.SetClock(func() time.Time { return dbtest.Epoch.AddDate(0, 0, 181) })
		for _, want := range []int64{1, 0} { // the one declined
			if n, err := s.Forget(t.Context(), change.Author{Actor: "clock"}, 180); err != nil || n != want {
				t.Errorf("forgot %d, %v, want %d", n, err, want)
			}
		}
		if who, err := s.Reveal(t.Context(), staff, lin, second.ID, "核对"); err != nil || who != (transfer.Submitter{}) {
			t.Errorf("%+v, %v", who, err)
		}
		if n, err := s.DisclosureCounts(t.Context(), staff); err != nil || fmt.Sprint(n) != "[{declined 1} {received 1}]" {
			t.Errorf("%v, %v", n, err)
		}
		edited := transfer.Result{Common: common("", "膜材料（已核）", level.Confidential), Type: transfer.Material}
		id, err := s.Accept(t.Context(), staff, lin, receipt.ID, 1, transfer.Acceptance{Result: &edited, Status: transfer.Draft})
		must(t, err)
		if r, err := s.Result(t.Context(), staff, id); err != nil || r.Status != transfer.Draft || r.Title.ZH != "膜材料（已核）" {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := s.Result(t.Context(), other, id); errs.KindOf(err) != errs.NotFound {
			t.Errorf("another's draft: %v", err)
		}
		for _, token := range []string{"", "x", strings.Repeat("A", 43), receipt.Token[:42] + "_"} {
			if token == receipt.Token {
				continue
			}
			if _, err := s.ByToken(t.Context(), token); !key(err, errs.NotFound, "transfer.no_token") {
				t.Errorf("token %q: %v", token, err)
			}
		}
	})
}

// TestNumbersHaveNoGaps submits from many at once, some of them in vain.
func TestNumbersHaveNoGaps(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 6 {
					in := submission(fmt.Sprint("成果", w, i))
					if i == 3 {
						in.Submitter.Email = "nobody"
					}
					_, err := s.Submit(t.Context(), fmt.Sprint(w), in)
					if (err == nil) != (i != 3) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		numbers, err := db.Collect(t.Context(), d, db.Column[string], "SELECT number FROM disclosure ORDER BY number")
		must(t, err)
		for i, n := range numbers {
			if n != fmt.Sprintf("2026-%06d", i+1) {
				t.Fatalf("number %d is %s", i+1, n)
			}
		}
		if len(numbers) != 20 {
			t.Errorf("%d numbers", len(numbers))
		}
		d.SetClock(func() time.Time { return time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC) }) // New Year in Guangzhou
		if r, err := s.Submit(t.Context(), "z", submission("新年")); err != nil || r.Number != "2027-000001" {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestFloodIsHeldBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		for i := range 20 {
			if _, err := s.Submit(t.Context(), "198.51.100.7", submission(fmt.Sprint("成果", i))); err != nil {
				t.Fatal(i, err)
			}
		}
		_, err := s.Submit(t.Context(), "198.51.100.7", submission("第二十一"))
		if !key(err, errs.Unavailable, "transfer.flood") || errs.Of(err).Args["minutes"] != int64(60) {
			t.Errorf("the 21st: %v", err)
		}
		if _, err := s.Submit(t.Context(), "198.51.100.8", submission("邻居")); err != nil {
			t.Errorf("a neighbour: %v", err)
		}
		if plain, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM submission_count WHERE bucket LIKE '%198%'"); err != nil || plain != 0 {
			t.Errorf("addresses are kept: %d, %v", plain, err)
		}
		d.SetClock(func() time.Time { return dbtest.Epoch.Add(time.Hour) })
		if _, err := s.Submit(t.Context(), "198.51.100.7", submission("一小时后")); err != nil {
			t.Errorf("an hour on: %v", err)
		}
	})
}

func TestSubmissionsAtFault(t *testing.T) {
	s := transfer.New(dbtest.SQLite(t))
	for want, spoil := range map[string]func(*transfer.Submission){
		"transfer.side":       func(in *transfer.Submission) { in.Side = "service" },
		"transfer.required":   func(in *transfer.Submission) { in.Submitter.Name = " " },
		"transfer.no_contact": func(in *transfer.Submission) { in.Submitter.Email, in.Submitter.Phone = "", "" },
		"transfer.email":      func(in *transfer.Submission) { in.Submitter.Email = "a b@c.d" },
		"transfer.phone":      func(in *transfer.Submission) { in.Submitter.Phone = "打给我" },
		"transfer.control":    func(in *transfer.Submission) { in.Submitter.Name = "陈\x1b[2J" },
		"transfer.long":       func(in *transfer.Submission) { in.Submitter.Name = strings.Repeat("陈", 61) },
		"transfer.long_text":  func(in *transfer.Submission) { in.Result.Summary.ZH = strings.Repeat("长", 350_000) },
		"transfer.division":   func(in *transfer.Submission) { in.Result.Division = "999999" },
	} {
		in := submission("膜材料")
		spoil(&in)
		if _, err := s.Submit(t.Context(), "a", in); err == nil || errs.Of(err).Key != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
