package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
)

func TestNeedFindsResults(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	got, err := r.For(t.Context(), public, Key{Kind: KindNeed, ID: "need-battery"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Abstained || got.Matches[0].ID != "battery" {
		t.Fatalf("matches %v, abstained %v %s", keysOf(got.Matches), got.Abstained, got.Why)
	}
	for _, hidden := range []string{"secret", "inner", "withdrawn", "need-battery"} {
		if slices.Contains(keysOf(got.Matches), hidden) {
			t.Errorf("%s is in the list", hidden)
		}
	}
	best := got.Matches[0]
	if diff := cmp.Diff([]Check{{ByTRL, "≥ 5 (gbt22900)", "6 (gbt22900 2022)", Met, ""}, {ByRegion, "440000", "440106", Met, ""}}, best.Checks); diff != "" {
		t.Error(diff)
	}
	// A level below the wanted one excludes, and says so; one that is not said does not.
	if len(got.Excluded) != 1 || got.Excluded[0].ID != "battery2" || !slices.Equal(got.Excluded[0].Fails, []Condition{ByTRL}) {
		t.Errorf("excluded: %+v", got.Excluded)
	}
	if !slices.Contains(keysOf(got.Matches), "battery3") {
		t.Errorf("a record that does not say its level is missing: %v", keysOf(got.Matches))
	}
}

func TestResultFindsNeeds(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	got, err := r.For(t.Context(), public, Key{Kind: KindResult, ID: "battery"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Abstained || !slices.Equal(keysOf(got.Matches)[:1], []string{"need-battery"}) {
		t.Fatalf("matches %v, %s", keysOf(got.Matches), got.Why)
	}
	// The need's own conditions hold in this direction too.
	got, err = r.For(t.Context(), public, Key{Kind: KindResult, ID: "battery2"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(keysOf(got.Matches), "need-battery") || len(got.Excluded) == 0 {
		t.Errorf("matches %v, excluded %v", keysOf(got.Matches), keysOf(got.Excluded))
	}
}

func TestAbstains(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	w := Default()
	w.Threshold = Threshold{Coverage: .4, Evidence: 50}
	r.use(w)
	for name, tc := range map[string]struct {
		ask  Ask
		want Why
	}{
		"nothing alike":  {Ask{Text: "quantum gravity"}, WhyEmpty},
		"too little":     {Ask{Text: "寻求深海采矿车辆的液压密封与水下定位通信方案，电池除外"}, WhyCoverage},
		"does not say":   {Ask{Text: "桥梁缆索检测机器人", Wants: Constraints{TRLMin: 9, TRLScale: "gbt22900"}}, whyNone},
		"fails for sure": {Ask{Text: "退役", Wants: Constraints{TRLMin: 9, TRLScale: "gbt22900"}}, WhyExcluded},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := r.ForText(t.Context(), public, tc.ask, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Why != tc.want || got.Abstained != (tc.want != whyNone) || got.Abstained != (len(got.Matches) == 0) {
				t.Errorf("why %q, best %+v, matches %v", got.Why, got.Best, keysOf(got.Matches))
			}
			if got.Why == WhyCoverage && len(got.Nearest) == 0 {
				t.Error("the nearest are not shown")
			}
		})
	}
}

func TestExpertsByVotes(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	got, err := r.ForText(t.Context(), public, Ask{Text: "锂电池正极材料"}, Options{Kinds: []string{KindPerson}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"p-li", "p-chen"}, keysOf(got.Matches)); diff != "" {
		t.Fatal(diff)
	}
	li := got.Matches[0]
	sum := points(0)
	for _, v := range li.Votes {
		sum += toPoints(v.Part)
	}
	if len(li.Votes) != 2 || sum.float() != li.Score {
		t.Errorf("votes %+v make %v", li.Votes, li.Score)
	}
	if got, err = r.ForText(t.Context(), public, Ask{Text: "桥梁缆索检测机器人"}, Options{Kinds: []string{KindPerson}}); err != nil || got.Why != WhyNobody {
		t.Errorf("nobody behind it: %+v, %v", got, err)
	}
}

func TestBadAsks(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	for name, tc := range map[string]struct {
		ask  Ask
		kind errs.Kind
	}{
		"empty":         {Ask{}, errs.Invalid},
		"signs only":    {Ask{Text: " —？？ "}, errs.Invalid},
		"a megabyte":    {Ask{Text: strings.Repeat("电池", 1<<19)}, errs.TooLarge},
		"level":         {Ask{Text: "电池", Wants: Constraints{TRLMin: 10}}, errs.Invalid},
		"budget turned": {Ask{Text: "电池", Wants: Constraints{Budget: Span{Min: fen(2), Max: fen(1)}}}, errs.Invalid},
		"no such level": {Ask{Text: "电池", Wants: Constraints{Level: "secret"}}, errs.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.ForText(t.Context(), public, tc.ask, Options{}); errs.KindOf(err) != tc.kind {
				t.Errorf("err = %v", err)
			}
		})
	}
	if _, err := r.ForText(t.Context(), public, Ask{Text: "电\xff池"}, Options{}); err != nil {
		t.Errorf("a broken character: %v", err)
	}
	for _, id := range []string{"secret", "inner", "nowhere"} {
		if _, err := r.For(t.Context(), public, Key{Kind: KindResult, ID: id}, Options{}); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: err = %v", id, err)
		}
	}
}

// TestNobodySeesMoreThanTheirLevel: whatever the ask, nothing in an answer names
// a record that the viewer does not see; and the answer is the one that an
// index without those records would give, but for the weight of words.
func TestNobodySeesMoreThanTheirLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	words := strings.Fields("锂电池 正极 材料 隔膜 回收 疫苗 桥梁 检测 机器人 工艺 循环 寿命")
	text := func(n int) string {
		s := ""
		for range n {
			s += words[rng.IntN(len(words))]
		}
		return s
	}
	var docs []search.Doc
	for i := range 200 {
		c := randomCard(rng)
		c.ID, c.Status, c.Owner = fmt.Sprint("r", i), "listed", fmt.Sprint("o", rng.IntN(40))
		c.Kind = []string{KindResult, KindNeed, KindService, KindPaper}[rng.IntN(4)]
		c.People, c.Expires = []string{fmt.Sprint("p", rng.IntN(10))}, 0
		if rng.IntN(3) == 0 {
			c.Readers = []string{"owner"}
		}
		c.Title.ZH = text(3)
		docs = append(docs, doc(c, text(12)))
	}
	for i := range 10 {
		c := Card{Key: Key{Kind: KindPerson, ID: fmt.Sprint("p", i)}, Level: level.Levels[i%4]}
		c.Title.ZH = "人" + fmt.Sprint(i)
		docs = append(docs, doc(c, ""))
	}
	d := sqlite(t)
	r := newRoom(t, d, nil, docs...)
	shown := 0
	for _, v := range []level.Viewer{{}, {User: "owner", Clearance: level.Partner}, {User: "other", Clearance: level.Partner}, level.Staff} {
		var open []search.Doc
		for _, x := range docs {
			if v.Sees(x.Level, x.Readers) {
				open = append(open, x)
			}
		}
		without := newRoom(t, sqlite(t), nil, open...)
		for i := range 60 {
			o := Options{Kinds: [][]string{nil, {KindPaper}, {KindPerson}, {KindNeed}}[rng.IntN(4)]}
			ask := Ask{Text: text(4), Wants: randomWants(rng)}
			got, err := r.ForText(t.Context(), v, ask, o)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range slices.Concat(got.Matches, got.Nearest, got.Excluded) {
				shown++
				mustSee(t, r, v, m.Key)
				for _, vote := range m.Votes {
					mustSee(t, r, v, vote.Key)
				}
			}
			bare, err := without.ForText(t.Context(), v, ask, o)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := len(got.Matches)+len(got.Nearest), len(bare.Matches)+len(bare.Nearest); got.Abstained == bare.Abstained && a != b {
				t.Errorf("ask %d: %d records, %d without the hidden ones", i, a, b)
			}
		}
	}
	if shown < 500 {
		t.Errorf("only %d records were shown", shown)
	}
}

func mustSee(t *testing.T, r *room, v level.Viewer, key Key) {
	t.Helper()
	d, ok := r.shelf.by[key]
	if !ok || !v.Sees(d.Level, d.Readers) {
		t.Fatalf("%+v is shown %v, which is %s for %v", v, key, d.Level, d.Readers)
	}
}

// TestEveryAnswerAddsUp holds the promise of the explanation on whole answers:
// features to the score, terms to their feature.
func TestEveryAnswerAddsUp(t *testing.T) {
	r := newRoom(t, sqlite(t), nil, city()...)
	n := 0
	for _, id := range []string{"need-battery", "need-bridge"} {
		got, err := r.For(t.Context(), level.Staff, Key{Kind: KindNeed, ID: id}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range slices.Concat(got.Matches, got.Nearest) {
			n++
			if Total(m.Bias, m.Features) != m.Score {
				t.Errorf("%s: features add to %v, score %v", m.ID, Total(m.Bias, m.Features), m.Score)
			}
			for _, f := range []Feature{Words, Gloss} {
				sum := points(0)
				for _, term := range m.Terms {
					if term.Stream == f {
						sum += toPoints(term.Part)
					}
				}
				if part := m.Features[slices.Index(Features, f)]; sum.float() != part.Contribution {
					t.Errorf("%s: terms of %s add to %v, not %v", m.ID, f, sum.float(), part.Contribution)
				}
			}
		}
	}
	if n < 4 {
		t.Errorf("only %d matches were looked at", n)
	}
}

func TestPercolation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d, nil, city()...)
		owner := level.Viewer{User: "owner", Clearance: level.Partner}
		first, err := r.Notices(t.Context(), owner, true, 50)
		if err != nil || len(first) == 0 {
			t.Fatalf("a need is told what there is when it is listed: %v, %v", first, err)
		}
		if !slices.ContainsFunc(first, func(n Notice) bool { return n.Record.ID == "secret" }) {
			t.Error("a named reader is not told of a confidential record")
		}
		r.shelf.put(result("new", "高镍三元锂电池正极材料新工艺", "高镍三元正极材料，循环寿命长。"), result("far", "荔枝保鲜", "荔枝保鲜剂。"))
		r.catchUp(t)
		r.shelf.put(result("new", "高镍三元锂电池正极材料新工艺", "高镍三元正极材料，循环寿命很长。"))
		r.catchUp(t) // told once
		all, err := r.Notices(t.Context(), owner, false, 50)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != len(first)+1 || !slices.ContainsFunc(all, func(n Notice) bool { return n.Record.ID == "new" && n.NeedTitle.ZH != "" && n.Title.ZH != "" }) {
			t.Errorf("notices before %d, after %+v", len(first), all)
		}
		if err := r.MarkSeen(t.Context(), level.Viewer{User: "staff"}, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := r.MarkSeen(t.Context(), owner, all[0].ID, all[1].ID); err != nil {
			t.Fatal(err)
		}
		unseen, err := r.Notices(t.Context(), owner, true, 50)
		if err != nil || len(unseen) != len(all)-2 {
			t.Errorf("unseen %d of %d, %v", len(unseen), len(all), err)
		}
		if two, err := r.Notices(t.Context(), owner, false, 2); err != nil || len(two) != 2 {
			t.Errorf("a page of two: %v, %v", two, err)
		}
		if other, err := r.NoticesOf(t.Context(), public, "need-battery"); err != nil || slices.ContainsFunc(other, func(n Notice) bool { return n.Record.ID == "secret" }) {
			t.Errorf("the public sees %+v, %v", other, err)
		}
		if at, err := r.FirstMatches(t.Context()); err != nil || !at["need-battery"].Equal(dbtest.Epoch) {
			t.Errorf("first matches %v, %v", at, err)
		}
		if _, err := r.Notices(t.Context(), public, false, 5); errs.KindOf(err) != errs.Unauthenticated {
			t.Errorf("nobody: %v", err)
		}
		r.shelf.remove(Key{Kind: KindResult, ID: "new"})
		r.catchUp(t)
		if left, err := r.Notices(t.Context(), owner, false, 50); err != nil || len(left) != len(first) {
			t.Errorf("a notice of a record that has gone: %d, not %d, %v", len(left), len(first), err)
		}
	})
}

// TestWeak holds that what is far behind the best, and could not stand alone,
// is marked and makes no notice.
func TestWeak(t *testing.T) {
	f := found{records: 1000, weights: Weights{Threshold: Threshold{Coverage: .5, Evidence: 1}}}
	of := func(score, coverage, gloss float64) pair {
		p := pair{score: score, gloss: gloss, asked: 1}
		p.values[atCoverage] = coverage
		return p
	}
	f.passing = []pair{of(.6, .6, 20), of(.5, .1, 1), of(.3, .6, 1), of(.3, .1, 20), of(.3, .1, 1)}
	want := []bool{false, false, false, false, true} // best; near it; covers enough; shares enough; neither
	for i, p := range f.passing {
		if got := f.weak(p); got != want[i] {
			t.Errorf("weak(%d) = %v, want %v", i, got, want[i])
		}
	}
}
