package termbase_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
)

var editor = change.Author{Actor: "user-1"}

func term(zh, en string, also ...string) termbase.Term {
	return termbase.Term{ZH: zh, EN: en, AlsoZH: also, Area: "policy"}
}

// put writes rows as an import of the city's own, or of the bundle.
func put(t *testing.T, d *db.DB, rows ...termbase.Term) []termbase.Outcome {
	t.Helper()
	var out []termbase.Outcome
	err := d.InTx(context.Background(), func(tx *db.Tx) error {
		for i := range rows {
			if rows[i].SourceID == "" {
				rows[i].SourceID = termbase.CitySource.ID
			}
		}
		for _, s := range []source.Source{termbase.CitySource, termbase.BundledSource} {
			if _, err := source.Put(context.Background(), tx, editor, s); err != nil {
				return err
			}
		}
		var err error
		out, err = termbase.Put(context.Background(), tx, change.Author{Actor: "import", BatchID: "batch-1"}, rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func results(out []termbase.Outcome) string {
	var s []string
	for _, o := range out {
		word := string(o.Result)
		if o.Err != nil {
			word += " " + errs.Of(o.Err).Key
		}
		s = append(s, word)
	}
	return strings.Join(s, ", ")
}

func save(t *testing.T, s *termbase.Service, row termbase.Term) termbase.Term {
	t.Helper()
	out, err := s.Save(context.Background(), editor, row)
	if err != nil {
		t.Fatalf("%s: %v", row.ZH, err)
	}
	return out
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return errs.Of(err).Key
}

func TestSave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		before, err := s.Version(ctx)
		if err != nil {
			t.Fatal(err)
		}
		first := save(t, s, termbase.Term{ZH: " 產學研 ", EN: "industry–university–research", AlsoZH: []string{"政产学研", ""}, AlsoEN: []string{"IUR"}, Area: "transfer"})
		if first.ZH != "产学研" || first.Version != 1 || first.Origin != termbase.City || first.State != termbase.Active || first.SourceID != termbase.CitySource.ID || len(first.AlsoZH) != 1 || first.Anchor != "own" {
			t.Errorf("%+v", first)
		}
		second := first
		second.EN = "industry-university-research cooperation"
		second = save(t, s, second)
		if second.Version != 2 || second.ID != first.ID {
			t.Errorf("%+v", second)
		}
		if same := save(t, s, second); same.Version != 2 {
			t.Errorf("the same again: version %d", same.Version)
		}
		if _, err := s.Save(ctx, editor, first); errs.KindOf(err) != errs.Precondition {
			t.Errorf("a stale version: %v", err)
		}
		if after, _ := s.Version(ctx); after == before {
			t.Error("the version of the terms did not change")
		}
		stored, err := s.Term(ctx, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(second, stored); diff != "" {
			t.Error(diff)
		}
		log, err := s.History(ctx, first.ID, 0, 10)
		if err != nil || len(log) != 2 || log[0].Action != change.Update || log[1].Actor != "user-1" {
			t.Errorf("%d entries, %v", len(log), err)
		}
		if _, err := s.Save(ctx, editor, termbase.Term{ID: "term-none", ZH: "无", EN: "none", Area: "policy", Version: 1}); errs.KindOf(err) != errs.NotFound {
			t.Errorf("an unknown id: %v", err)
		}
		if _, err := s.Save(ctx, editor, termbase.Term{ZH: "无源", EN: "passive", Area: "policy", SourceID: "nowhere"}); key(err) != "termbase.unknown_source" {
			t.Errorf("an unknown source: %v", err)
		}
	})
}

// Every refusal is one sentence in both languages, at the field at fault.
func TestRefusals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := termbase.New(d)
		save(t, s, term("科技成果", "research result", "科研成果"))
		for _, c := range []struct{ row, key, field string }{
			{" ;x;;", "termbase.empty", "/zh"},
			{"术语;;;", "termbase.empty", "/en"},
			{"term;term;;", "termbase.not_chinese", "/zh"},
			{"术语;词条;;", "termbase.not_english", "/en"},
			{"术语;2024;;", "termbase.not_english", "/en"},
			{"术语;术语 term;;", "termbase.loop_self", "/en"},
			{"术语;term;;the 术语", "termbase.loop_self", "/also_en"},
			{"术语;term;术 语;", "termbase.loop_form", "/also_zh"},
			{"术语;term;词条,词条;", "termbase.loop_form", "/also_zh"},
			{"术语;term;;Term", "termbase.twice_en", "/also_en"},
			{"术语;<b>term</b>;;", "termbase.html", "/en"},
			{"术语<script>;term;;", "termbase.html", "/zh"},
			{"术语;term &amp; word;;", "termbase.html", "/en"},
			{"术语;te\u200brm;;", "termbase.control", "/en"},
			{"术\x00语;term;;", "termbase.control", "/zh"},
			{"术语;a\nb;;", "termbase.control", "/en"},
			{"术语;te\xffrm;;", "termbase.bytes", "/en"},
			{"术语;a|b;;", "termbase.bar", "/en"},
			{strings.Repeat("长", 41) + ";long;;", "termbase.long", "/zh"},
			{"术语;" + strings.Repeat("w", 121) + ";;", "termbase.long", "/en"},
			{"术语;term;;" + strings.Repeat("a,b,", 7) + "c", "termbase.many", "/also_en"},
			{"科技成果;achievement;;", "termbase.taken", "/zh"},
			{"科研成果;achievement;;", "termbase.taken", "/zh"},
			{"成果;result;科研成果;", "termbase.taken", "/also_zh"},
			{"科研成果;achievement;科技成果;", "termbase.loop", "/also_zh"},
		} {
			p := strings.Split(c.row, ";")
			if strings.Contains(c.row, "&amp;") {
				p = []string{"术语", "term &amp; word", "", ""}
			}
			_, err := s.Save(context.Background(), editor, termbase.Term{ZH: p[0], EN: p[1], AlsoZH: split(p[2]), AlsoEN: split(p[3]), Area: "policy"})
			e := errs.Of(err)
			if e == nil || e.Key != c.key || e.Field != c.field {
				t.Errorf("%q: %v, not %s at %s", c.row, err, c.key, c.field)
				continue
			}
			for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
				if text := i18n.Error(l, e); text == "" || strings.Contains(text, "{") || strings.Contains(text, "termbase.") {
					t.Errorf("%s: %q", c.key, text)
				}
			}
		}
		if _, err := s.Save(context.Background(), editor, termbase.Term{ZH: "术语", EN: "term", Area: "nowhere"}); key(err) != "termbase.area" {
			t.Errorf("an unknown area: %v", err)
		}
		list, err := s.List(context.Background(), termbase.Filter{})
		if err != nil || list.Total != 1 {
			t.Errorf("%d terms, %v: a refused row was stored", list.Total, err)
		}
	})
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func TestWithdrawAndRestore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		if got := results(put(t, d, termbase.Term{ZH: "中试", EN: "pilot", AlsoZH: []string{"中间试验"}, Area: "transfer", Origin: termbase.Bundled, SourceID: termbase.BundledSource.ID})); got != "created" {
			t.Fatal(got)
		}
		list, _ := s.List(ctx, termbase.Filter{})
		row := list.Items[0]
		gone, err := s.Withdraw(ctx, editor, row.ID, row.Version)
		if err != nil || gone.State != termbase.Withdrawn || gone.Origin != termbase.City || gone.Version != 2 {
			t.Fatalf("%+v, %v", gone, err)
		}
		if rows, _ := s.Glosses(ctx); len(rows) != 0 {
			t.Error("a withdrawn term is still glossed")
		}
		if _, err := s.Save(ctx, editor, gone); key(err) != "termbase.withdrawn" {
			t.Errorf("editing a withdrawn term: %v", err)
		}
		if _, err := s.Save(ctx, editor, term("中试", "pilot test")); key(err) != "termbase.withdrawn" {
			t.Errorf("making it anew: %v", err)
		}
		if got := results(put(t, d, row, term("中试", "pilot test"))); got != "unchanged, rejected termbase.withdrawn" {
			t.Errorf("the bundle, then an import: %s", got)
		}
		other := save(t, s, term("中间试验", "intermediate test")) // its form is free now
		if _, err := s.Restore(ctx, editor, gone.ID, gone.Version); key(err) != "termbase.taken" {
			t.Errorf("restoring with a form that another has: %v", err)
		}
		if _, err := s.Withdraw(ctx, editor, other.ID, 1); err != nil {
			t.Fatal(err)
		}
		back, err := s.Restore(ctx, editor, gone.ID, gone.Version)
		if err != nil || back.State != termbase.Active || back.Version != 3 {
			t.Errorf("%+v, %v", back, err)
		}
		if _, err := s.Withdraw(ctx, editor, gone.ID, 1); errs.KindOf(err) != errs.Precondition {
			t.Errorf("a stale version: %v", err)
		}
	})
}

func TestPut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		rows := []termbase.Term{
			term("甲方", "party A"), term("乙方", "party B", "甲方"), term("", "x"), term("甲方", "first party"), term("甲方", "party A"),
			term("丙", "C", "丁"), term("丁", "D", "丙"),
		}
		unsourced := term("戊", "E")
		unsourced.SourceID = "nowhere"
		out := put(t, d, append(rows, unsourced)...)
		if got := results(out); got != "created, rejected termbase.taken, rejected termbase.empty, rejected termbase.twice, unchanged, created, rejected termbase.loop, rejected termbase.unknown_source" {
			t.Error(got)
		}
		if got := results(put(t, d, rows[:2]...)); got != "unchanged, rejected termbase.taken" {
			t.Errorf("again: %s", got)
		}
		changed := term("甲方", "the first party")
		if got := results(put(t, d, changed)); got != "updated" {
			t.Errorf("changed: %s", got)
		}
		bundle := term("甲方", "party A")
		bundle.Origin, bundle.SourceID = termbase.Bundled, termbase.BundledSource.ID
		if got := results(put(t, d, bundle)); got != "unchanged" {
			t.Errorf("a bundle over the city's term: %s", got)
		}
		list, err := s.List(ctx, termbase.Filter{Query: "FIRST"})
		if err != nil || len(list.Items) != 1 || list.Items[0].BatchID != "batch-1" || list.Items[0].Version != 2 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// A bundle that is loaded again updates its own terms and leaves the city's.
func TestLoadBundled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		load := func() source.Counts {
			var c source.Counts
			if err := d.InTx(ctx, func(tx *db.Tx) error {
				var err error
				c, err = termbase.LoadBundled(ctx, tx, change.Author{Actor: "demo"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := load()
		if c.Rejected != 0 || c.Created != c.Read || c.Read < 2000 {
			t.Errorf("%+v", c)
		}
		list, err := s.List(ctx, termbase.Filter{Query: "揭榜挂帅"})
		if err != nil || len(list.Items) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		mine := list.Items[0]
		mine.EN = "prize call"
		mine = save(t, s, mine)
		if again := load(); again.Unchanged != again.Read {
			t.Errorf("again: %+v", again)
		}
		if kept, _ := s.Term(ctx, mine.ID); kept.EN != "prize call" || kept.Origin != termbase.City {
			t.Errorf("%+v", kept)
		}
		rows, err := s.Glosses(ctx)
		if err != nil || int64(len(rows)) != c.Read {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		found := gloss.New(rows, nil).Gloss("揭榜挂帅")
		if len(found) != 1 || found[0].To[0].Term != "prize" {
			t.Errorf("%+v", found)
		}
	})
}

func TestListPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		var rows []termbase.Term
		for i := range 23 {
			row := term(fmt.Sprintf("术语%c%c", 0x4E00+i*7, 0x5000+i*3), fmt.Sprintf("word %c", 'a'+i))
			if i%2 == 1 {
				row.Area = "energy"
			}
			rows = append(rows, row)
		}
		put(t, d, rows...)
		for _, sort := range []termbase.Sort{"", termbase.SortZH, termbase.SortEN, termbase.SortNewest} {
			seen := map[string]bool{}
			f := termbase.Filter{Sort: sort, Limit: 5}
			for {
				page, err := s.List(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					if seen[item.ID] {
						t.Errorf("%s: %s stands on two pages", sort, item.ZH)
					}
					seen[item.ID] = true
				}
				if page.Total != 23 {
					t.Errorf("total %d", page.Total)
				}
				if f.After = page.Next; f.After == "" {
					break
				}
			}
			if len(seen) != 23 {
				t.Errorf("%s: %d terms on all pages", sort, len(seen))
			}
		}
		page, _ := s.List(ctx, termbase.Filter{Limit: 1})
		for _, bad := range []termbase.Filter{{After: "x"}, {After: page.Next, Sort: termbase.SortEN}, {Sort: "size"}} {
			if _, err := s.List(ctx, bad); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		for f, want := range map[termbase.Filter]int64{
			{Area: "energy"}: 11, {Query: "word"}: 23, {Query: "WORD c"}: 1, {Query: "。"}: 0, {Query: "%"}: 0, {State: termbase.Withdrawn}: 0,
			{Origin: termbase.City, Area: "policy"}: 12, {Area: "a\x00"}: 0,
		} {
			if page, err := s.List(ctx, f); err != nil || page.Total != want {
				t.Errorf("%+v: %d, %v", f, page.Total, err)
			}
		}
		counts, err := s.Counts(ctx, termbase.Filter{Query: "word"})
		if diff := cmp.Diff(termbase.Counts{"area": {"policy": 12, "energy": 11}, "state": {"active": 23}, "origin": {"city": 23}}, counts); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

// Two people edit one term at once: one is told, no edit is lost.
func TestConcurrentEdits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := termbase.New(d)
		row := save(t, s, term("术语", "term"))
		const people = 8
		faults := make([]error, people)
		var wait sync.WaitGroup
		for i := range people {
			wait.Go(func() {
				mine := row
				mine.EN = fmt.Sprintf("term %c", 'a'+i)
				_, faults[i] = s.Save(context.Background(), editor, mine)
			})
		}
		wait.Wait()
		ok := 0
		for _, err := range faults {
			switch errs.KindOf(err) {
			case "":
				ok++
			case errs.Precondition:
			default:
				t.Errorf("%v", err)
			}
		}
		if now, err := s.Term(context.Background(), row.ID); ok != 1 || err != nil || now.Version != 2 {
			t.Errorf("%d saved, version %d, %v", ok, now.Version, err)
		}
	})
}

func TestUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, s := context.Background(), termbase.New(d)
		row := save(t, s, term("术语", "term"))
		put(t, d, term("术语", "expression"), term("词条", "entry"))
		undo := func() error {
			return d.InTx(ctx, func(tx *db.Tx) error {
				entries, err := change.OfBatch(ctx, tx, "batch-1", 0, 10)
				for _, e := range entries {
					if e.Kind == termbase.Kind {
						err = errors.Join(err, termbase.Undo(ctx, tx, editor, e))
					}
				}
				return err
			})
		}
		if err := undo(); err != nil {
			t.Fatal(err)
		}
		list, _ := s.List(ctx, termbase.Filter{})
		if len(list.Items) != 1 || list.Items[0].EN != "term" || list.Items[0].ID != row.ID {
			t.Errorf("%+v", list.Items)
		}
		if err := undo(); errs.KindOf(err) != errs.Conflict {
			t.Errorf("again: %v", err)
		}
	})
}

func TestWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := termbase.New(d)
		save(t, s, termbase.Term{ZH: "脑机接口", EN: "brain–computer interface", AlsoEN: []string{"BCI", "brain-machine interface"}, Area: "biomedicine"})
		var b bytes.Buffer
		if err := s.Write(context.Background(), &b, sheet.CSV, termbase.Filter{}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || !slices.Equal(rows[0], termbase.Columns) || rows[1][3] != "BCI | brain-machine interface" {
			t.Errorf("%q, %v", rows, err)
		}
	})
}

func TestAreasHaveNames(t *testing.T) {
	t.Parallel()
	for _, a := range termbase.Areas {
		for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
			if text := i18n.T(l, "termbase.area."+a); text == "" || strings.Contains(text, "termbase.") {
				t.Errorf("%s has no name: %q", a, text)
			}
		}
	}
	terms, err := termbase.BundledTerms()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range terms {
		if !slices.Contains(termbase.Areas, row.Area) {
			t.Errorf("%s: area %q", row.ZH, row.Area)
		}
	}
}
