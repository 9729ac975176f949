package transfer_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// key reports whether err is of a kind and key.
func key(err error, kind errs.Kind, key string) bool {
	return errors.Is(err, &errs.Error{Kind: kind, Key: key})
}

func TestSaveKeepsBothEdits(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		first, err := s.SaveNeed(t.Context(), staff, lin, need("", "寻求涂层工艺", level.Internal))
		must(t, err)
		if first.Version != 1 || first.Key != first.ID || first.CreatedBy != "lin" || first.ExpiresOn != "2026-07-02" || first.Status != transfer.Listed {
			t.Errorf("%+v", first)
		}
		mine, theirs := first, first
		theirs.Text = "她写的"
		must2(t)(s.SaveNeed(t.Context(), other, change.Author{Actor: "mei"}, theirs))
		mine.Text = "他写的"
		_, err = s.SaveNeed(t.Context(), staff, lin, mine)
		e := errs.Of(err)
		if !key(err, errs.Precondition, "transfer.stale") || e.Args["who"] != "mei" || e.Args["version"] != int64(2) || e.Args["at"] != "2026-01-02T03:04:05Z" {
			t.Errorf("a version that is not the last: %v", err)
		}
		if mine.Version = 2; true {
			got, err := s.SaveNeed(t.Context(), staff, lin, mine)
			if err != nil || got.Version != 3 || got.Text != "他写的" || got.CreatedBy != "lin" {
				t.Errorf("%+v, %v", got, err)
			}
		}
		log, err := change.Of(t.Context(), d, transfer.KindNeed, first.ID, 0, 10)
		if err != nil || len(log) != 3 {
			t.Errorf("%d entries, %v", len(log), err)
		}
		// What a viewer does not read is not there, to write neither.
		if _, err := s.SaveNeed(t.Context(), partner, change.Author{Actor: "pan"}, first); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a hidden record: %v", err)
		}
		again := need(first.Key, "别的", level.Public)
		again.ID = first.ID
		if _, err := s.SaveNeed(t.Context(), staff, lin, again); !key(err, errs.Conflict, "transfer.key_taken") {
			t.Errorf("a second record of one id: %v", err)
		}
	})
}

func must2(t testing.TB) func(any, error) {
	return func(_ any, err error) { t.Helper(); must(t, err) }
}

func TestNoEditIsLost(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		r, err := s.SaveResult(t.Context(), staff, lin, result("", "计数", level.Internal))
		must(t, err)
		const writers, each = 4, 5
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for done := 0; done < each; {
					now, err := s.Result(t.Context(), staff, r.ID)
					if err != nil {
						t.Error(err)
						return
					}
					now.Fields.Keywords = append(now.Fields.Keywords, fmt.Sprint(w, "-", done))
					_, err = s.SaveResult(t.Context(), staff, lin, now)
					switch {
					case err == nil:
						done++
					case errs.KindOf(err) != errs.Precondition:
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		got, err := s.Result(t.Context(), staff, r.ID)
		if err != nil || len(got.Fields.Keywords) != writers*each || got.Version != 1+writers*each {
			t.Errorf("%d edits of %d, version %d, %v", len(got.Fields.Keywords), writers*each, got.Version, err)
		}
	})
}

func TestStatusMoves(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		draft := result("", "草稿", level.Public)
		draft.Status = transfer.Draft
		r, err := s.SaveResult(t.Context(), staff, lin, draft)
		if err != nil || r.ListedOn != "" || r.Open != level.Confidential {
			t.Fatalf("%+v, %v", r, err)
		}
		version := int64(1)
		for _, c := range []struct {
			to   transfer.Status
			want errs.Kind
			open level.Level
		}{
			{transfer.Closed, errs.Conflict, level.Confidential}, {transfer.Listed, "", level.Public}, {transfer.Paused, "", level.Internal},
			{transfer.Draft, errs.Conflict, level.Internal}, {transfer.Listed, "", level.Public}, {transfer.Closed, "", level.Public}, {transfer.Listed, "", level.Public},
			{transfer.Withdrawn, "", level.Internal},
		} {
			err := s.SetStatus(t.Context(), staff, lin, transfer.KindResult, r.ID, version, c.to)
			if errs.KindOf(err) != c.want {
				t.Errorf("to %s: %v", c.to, err)
			}
			if err == nil {
				version++
			}
			if got, err := s.Result(t.Context(), staff, r.ID); err != nil || got.Open != c.open || got.Version != version {
				t.Errorf("to %s: %+v, %v", c.to, got, err)
			}
		}
		if err := s.SetStatus(t.Context(), staff, lin, transfer.KindResult, r.ID, 1, transfer.Listed); !key(err, errs.Precondition, "transfer.stale") {
			t.Errorf("an old version: %v", err)
		}
		for _, word := range []string{"org", transfer.KindNeed} {
			if err := s.SetStatus(t.Context(), staff, lin, word, r.ID, version, transfer.Listed); errs.KindOf(err) != errs.NotFound {
				t.Errorf("%s: %v", word, err)
			}
		}
	})
}

func TestBothSidesExpire(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		challenge := need("c", "揭榜", level.Public)
		challenge.Kind, challenge.Prize, challenge.Deadline = transfer.OpenChallenge, fen(1_000_000), "2026-03-01"
		inTx(t, d, func(tx *db.Tx) error {
			if _, err := s.PutNeeds(t.Context(), tx, loader, []transfer.Need{challenge, need("n", "需求", level.Internal)}); err != nil {
				return err
			}
			_, err := s.PutResults(t.Context(), tx, loader, []transfer.Result{result("r", "成果", level.Public)})
			return err
		})
		due := func(v level.Viewer, days int) string {
			t.Helper()
			l, err := s.Due(t.Context(), v, "", days, registry.Page{})
			must(t, err)
			out := fmt.Sprint(l.Total)
			for _, e := range l.Items {
				out += fmt.Sprint(" ", e.Kind, " ", e.ExpiresOn, " ", e.Status)
			}
			return out
		}
		if got := due(staff, 200); got != "2 need 2026-03-01 listed need 2026-07-02 listed" {
			t.Error(got)
		}
		if got := due(public, 200); got != "1 need 2026-03-01 listed" {
			t.Error(got)
		}
		d.SetClock(func() time.Time { return dbtest.Epoch.AddDate(0, 2, 0) }) // 2 March
		for _, want := range []int64{1, 0} {
			if n, err := s.Expire(t.Context(), change.Author{Actor: "clock"}); err != nil || n != want {
				t.Errorf("expired %d, %v, want %d", n, err, want)
			}
		}
		if got := due(public, 30); got != "1 need 2026-03-01 expired" {
			t.Error(got)
		}
		id := db.DerivedID(transfer.KindNeed, "c")
		if live, err := s.Needs(t.Context(), staff, transfer.NeedFilter{Filter: transfer.Filter{Live: true, Sort: transfer.SortExpires}}); err != nil || live.Total != 1 {
			t.Errorf("%+v, %v", live, err)
		}
		// The file again brings nothing: the clock's word stands.
		inTx(t, d, func(tx *db.Tx) error {
			out, err := s.PutNeeds(t.Context(), tx, loader, []transfer.Need{challenge})
			if counts(out) != "0/0/1/0" {
				t.Errorf("%+v", out)
			}
			return err
		})
		if err := s.SetStatus(t.Context(), staff, lin, transfer.KindNeed, id, 2, transfer.Listed); !key(err, errs.Conflict, "transfer.renew_first") {
			t.Errorf("listing what is over: %v", err)
		}
		for until, want := range map[string]string{"": "transfer.past", "2026-04-01": "transfer.renew_deadline", "2030-01-01": "transfer.renew_long", "soon": "transfer.day"} {
			if err := s.Renew(t.Context(), staff, lin, transfer.KindNeed, id, 2, until); errs.Of(err) == nil || errs.Of(err).Key != want {
				t.Errorf("until %q: %v, want %s", until, err, want)
			}
		}
		c, err := s.Need(t.Context(), staff, id)
		must(t, err)
		c.Deadline = "2026-12-01"
		c, err = s.SaveNeed(t.Context(), staff, lin, c)
		must(t, err)
		must(t, s.Renew(t.Context(), staff, lin, transfer.KindNeed, id, c.Version, ""))
		if c, err = s.Need(t.Context(), public, id); err != nil || c.ExpiresOn != "2026-09-02" || c.RenewedOn != "2026-03-02" || c.Status != transfer.Listed {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

func TestUndoOfABatch(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		before := contents(t, d)
		put := func(batch string, rows ...transfer.Result) {
			inTx(t, d, func(tx *db.Tx) error {
				_, err := s.PutResults(t.Context(), tx, change.Author{Actor: "import", BatchID: batch}, rows)
				return err
			})
		}
		put("one", rich(), result("b", "二", level.Partner))
		inTx(t, d, func(tx *db.Tx) error {
			by := change.Author{Actor: "import", BatchID: "one"}
			if _, err := s.PutNeeds(t.Context(), tx, by, []transfer.Need{need("n", "需", level.Public)}); err != nil {
				return err
			}
			_, err := s.PutServices(t.Context(), tx, by, []transfer.Offering{{Common: common("s", "服务", level.Public), Kind: transfer.EquipmentOffered}})
			return err
		})
		between := contents(t, d)
		changed := rich()
		changed.Title.ZH, changed.Readers, changed.Forms = "改名", []string{"mei"}, nil
		put("two", changed, result("c", "三", level.Public))
		undo := func(batch string) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				entries, err := change.OfBatch(t.Context(), tx, batch, 0, 100)
				if err != nil {
					return err
				}
				return s.UndoAll(t.Context(), tx, lin, entries)
			})
		}
		if err := undo("one"); !key(err, errs.Conflict, "transfer.undo_changed") {
			t.Errorf("a batch that was changed since: %v", err)
		}
		must(t, undo("two"))
		if after := contents(t, d); after != between {
			t.Errorf("the second batch left something behind:\n%s\n%s", between, after)
		}
		_, _, err := s.Introduce(t.Context(), staff, lin, transfer.Introduction{NeedKind: "need", NeedID: db.DerivedID("need", "n"), OfferKind: "result", OfferID: db.DerivedID("result", "b")})
		must(t, err)
		if err := undo("one"); !key(err, errs.Conflict, "transfer.undo_used") {
			t.Errorf("a batch that others name: %v", err)
		}
		for _, q := range []string{"DELETE FROM introduction_event", "DELETE FROM introduction"} {
			_, err := d.Exec(t.Context(), q)
			must(t, err)
		}
		must(t, undo("one"))
		if after := contents(t, d); after != before {
			t.Errorf("the first batch left something behind: %s", after)
		}
		if err := d.InTx(t.Context(), func(tx *db.Tx) error {
			return s.UndoAll(t.Context(), tx, lin, []change.Entry{{Kind: "user"}})
		}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a foreign kind: %v", err)
		}
	})
}

// contents is all that the room's records say, without stamps.
func contents(t *testing.T, d *db.DB) string {
	t.Helper()
	out := ""
	for _, q := range []string{
		"SELECT id || title_zh || type || stage || COALESCE(trl, 0) || trl_scale || COALESCE(price_min, 0) || status || level_rank || batch_id || created_by || body FROM result ORDER BY 1",
		"SELECT id || title_zh || kind || deadline || status || level_rank || batch_id || body FROM need ORDER BY 1",
		"SELECT id || title_zh || kind || status || level_rank || batch_id || body FROM service ORDER BY 1",
		"SELECT kind || record_id || user_id FROM record_reader ORDER BY 1",
		"SELECT kind || record_id || field || value FROM record_facet ORDER BY 1",
		"SELECT kind || record_id || band || ':' || hash FROM record_band ORDER BY 1",
	} {
		rows, err := db.Collect(t.Context(), d, db.Column[string], q)
		must(t, err)
		for _, r := range rows {
			out += r + "\n"
		}
	}
	return out
}

func TestDrafts(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		draft, err := s.SaveDraft(t.Context(), partner, transfer.DraftText{Kind: "need", Title: "寻求高温涂层", Content: []byte(`{"title":"寻求高温涂层","trl":"不知道"}`), Readers: []string{"mei"}})
		if err != nil || draft.Version != 1 || draft.Author != "pan" {
			t.Fatalf("%+v, %v", draft, err)
		}
		next := draft
		next.Title = "寻求高温耐磨涂层"
		next, err = s.SaveDraft(t.Context(), partner, next)
		if err != nil || next.Version != 2 {
			t.Fatalf("%+v, %v", next, err)
		}
		if _, err := s.SaveDraft(t.Context(), partner, draft); !key(err, errs.Precondition, "transfer.stale") {
			t.Errorf("another window: %v", err)
		}
		for v, want := range map[level.Viewer]int{partner: 1, other: 1, staff: 0, level.Staff: 0, public: 0} {
			l, err := s.Drafts(t.Context(), v, "need")
			if err != nil || len(l) != want {
				t.Errorf("%+v sees %d drafts, %v", v, len(l), err)
			}
			if _, err := s.DraftByID(t.Context(), v, draft.ID); (err == nil) != (want == 1) {
				t.Errorf("%+v: %v", v, err)
			}
			hints, err := s.Duplicates(t.Context(), v, "need", i18n.Text{ZH: "寻求高温耐磨的涂层"})
			if err != nil || len(hints) != want {
				t.Errorf("%+v: hints %+v, %v", v, hints, err)
			}
		}
		if _, err := s.SaveDraft(t.Context(), other, next); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a reader writes: %v", err)
		}
		for want, bad := range map[string]transfer.DraftText{
			"transfer.draft_form": {Kind: "need", Content: []byte(`[1]`)}, "transfer.word": {Kind: "org", Content: []byte(`{}`)},
			"transfer.draft_large": {Kind: "need", Content: make([]byte, 300<<10)}, "errs.not_found": {Kind: "need", RecordID: "need-x", Content: []byte(`{}`)},
		} {
			if _, err := s.SaveDraft(t.Context(), partner, bad); err == nil || errs.Of(err).Key != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		if _, err := s.SaveDraft(t.Context(), public, draft); errs.KindOf(err) != errs.Unauthenticated {
			t.Errorf("nobody writes: %v", err)
		}
		must(t, s.DiscardDraft(t.Context(), other, draft.ID))
		if l, _ := s.Drafts(t.Context(), partner, ""); len(l) != 1 {
			t.Error("a reader discarded it")
		}
		must(t, s.DiscardDraft(t.Context(), partner, draft.ID))
		if l, _ := s.Drafts(t.Context(), partner, ""); len(l) != 0 {
			t.Error("it is still there")
		}
		if head, err := change.List(t.Context(), d, change.Filter{Actor: "pan"}, 0, 10); err != nil || len(head) != 0 {
			t.Errorf("drafts are in the log: %v, %v", head, err)
		}
	})
}

func TestDuplicateHints(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		var rows []transfer.Result
		for i := range 80 {
			rows = append(rows, result(fmt.Sprint(i), fmt.Sprintf("一种%c%c材料的制备方法", '甲'+rune(i*7), '乙'+rune(i*13)), level.Public))
		}
		en := result("en", "", level.Public)
		en.Title = i18n.Text{EN: "Demonstration of a Nano-Enabled Space Power System"}
		rows = append(rows, en)
		inTx(t, d, func(tx *db.Tx) error {
			_, err := s.PutResults(t.Context(), tx, loader, rows)
			return err
		})
		same, err := s.Duplicates(t.Context(), public, "result", rows[3].Title)
		if err != nil || len(same) == 0 || same[0].Share != 1 || same[0].Title != rows[3].Title {
			t.Errorf("%+v, %v", same, err)
		}
		id := same[0].ID
		if rest, err := s.Duplicates(t.Context(), public, "result", rows[3].Title, id); err != nil || len(rest) > 0 && rest[0].ID == id {
			t.Errorf("%+v, %v", rest, err)
		}
		near, err := s.Duplicates(t.Context(), public, "result", i18n.Text{EN: "demonstration of nano-enabled space power systems"})
		if err != nil || len(near) != 1 || near[0].Share < .8 {
			t.Errorf("%+v, %v", near, err)
		}
		for _, none := range []i18n.Text{{}, {ZH: "。"}, {ZH: "毫不相干的题目"}} {
			if got, err := s.Duplicates(t.Context(), public, "result", none); err != nil || len(got) != 0 {
				t.Errorf("%+v: %+v, %v", none, got, err)
			}
		}
	})
}
