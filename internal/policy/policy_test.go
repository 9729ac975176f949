package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

var all = []Truth{Unknown, False, True, Error}

// TestTruthTables compares And, Or and Not with the tables written out: Kleene's
// strong ones, with an error between false and unknown.
func TestTruthTables(t *testing.T) {
	and := map[[2]Truth]Truth{
		{True, True}: True, {True, False}: False, {True, Unknown}: Unknown, {True, Error}: Error,
		{False, False}: False, {False, Unknown}: False, {False, Error}: False,
		{Unknown, Unknown}: Unknown, {Unknown, Error}: Error, {Error, Error}: Error,
	}
	or := map[[2]Truth]Truth{
		{True, True}: True, {True, False}: True, {True, Unknown}: True, {True, Error}: True,
		{False, False}: False, {False, Unknown}: Unknown, {False, Error}: Error,
		{Unknown, Unknown}: Unknown, {Unknown, Error}: Error, {Error, Error}: Error,
	}
	if len(and) != 10 || len(or) != 10 {
		t.Fatal("the tables are not complete")
	}
	for pair, want := range and {
		if got := pair[0].And(pair[1]); got != want || pair[1].And(pair[0]) != want {
			t.Errorf("%v and %v = %v, want %v", pair[0], pair[1], got, want)
		}
	}
	for pair, want := range or {
		if got := pair[0].Or(pair[1]); got != want || pair[1].Or(pair[0]) != want {
			t.Errorf("%v or %v = %v, want %v", pair[0], pair[1], got, want)
		}
	}
	for _, a := range all {
		if a.Not().Not() != a {
			t.Errorf("not not %v = %v", a, a.Not().Not())
		}
		raw, _ := a.MarshalText()
		var back Truth
		if err := back.UnmarshalText(raw); err != nil || back != a {
			t.Errorf("%s is read as %v, %v", raw, back, err)
		}
	}
}

// TestAtLeast holds that k of n is what counting over every way of filling in
// the unknown ones gives.
func TestAtLeast(t *testing.T) {
	for yes := range 4 {
		for no := range 4 {
			for unknown := range 4 {
				n := yes + no + unknown
				for k := 1; k <= n; k++ {
					want := Unknown
					switch {
					case yes >= k:
						want = True
					case yes+unknown < k:
						want = False
					}
					if got := atLeast(k, yes, unknown, 0); got != want {
						t.Errorf("%d of %d true, %d unknown, k %d: %v, want %v", yes, n, unknown, k, got, want)
					}
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, x := range []struct {
		t    Type
		text string
		want int64
	}{
		{Money, "500万", 500_0000_00}, {Money, "500.01万", 500_0100_00}, {Money, "2亿", 2_0000_0000_00}, {Money, "0.01", 1}, {Money, "1,234.56元", 123456}, {Money, "-3", -300},
		{Percent, "5%", 50_000}, {Percent, "4.25％", 42_500}, {Percent, "0.0001", 1}, {Count, "500", 500}, {Number, "1.5", 1_500_000}, {Day, "1970-01-02", 1},
		{YesNo, "是", 1}, {YesNo, "no", 0}, {Place, "440106", 440106},
	} {
		if got, err := x.t.Parse(x.text); err != nil || got != x.want {
			t.Errorf("%s %q = %d, %v; want %d", x.t, x.text, got, err, x.want)
		}
	}
	for _, x := range []struct {
		t    Type
		text string
	}{{Money, "0.001"}, {Money, "许多"}, {Money, ""}, {Money, "99999999999亿"}, {Percent, "5.00001%"}, {Count, "1.5"}, {Day, "2026-02-30"}, {YesNo, "maybe"}, {Place, "4401"}, {Money, "1e5"}} {
		if got, err := x.t.Parse(x.text); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s %q = %d, %v; want a fault", x.t, x.text, got, err)
		}
	}
}

const hnte = world + `
policies:
  - id: hnte
    title: {zh: 高新技术企业, en: High and new technology enterprise}
    kind: status
    document: {number: 国科发火〔2016〕32号, title: {zh: 办法, en: Measures}, authority: {zh: 科技部, en: MOST}}
    article: 第十一条
    status: unverified
    from: 2016-01-01
    when:
      all:
        - {since: registered_on, at_least: 365 days, article: 第十一条（一）}
        - {fact: share, at_least: 10%, article: 第十一条（四）}
        - {fact: rd, over: sales, years: 3, at_least: {by: sales, bands: [{up_to: 5000万, value: 5%}, {up_to: 2亿, value: 4%}, {value: 3%}]}, article: 第十一条（五）}
        - any:
            - {fact: field, in: [bio, chips], article: 附件}
            - {fact: staff, at_least: 100, article: 附件}
`

func ask(t *testing.T, s *Set, given ...Given) []Answer {
	t.Helper()
	x, err := s.Snapshot(given, Time{On: today})
	if err != nil {
		t.Fatal(err)
	}
	return s.Answers(x)
}

func years(fact string, values ...string) []Given {
	var out []Given
	for i, v := range values {
		out = append(out, Given{Fact: fact, Value: v, Year: 2025 - i, SourceID: "accounts"})
	}
	return out
}

// TestBandEdges goes to the fen on both sides of an edge.
func TestBandEdges(t *testing.T) {
	s := compileText(t, hnte)
	for _, x := range []struct {
		sales, rd string
		want      Truth
		wants     string
	}{
		{"5000万", "250万", True, "5%"}, {"5000万", "2499999.99", False, "5%"}, {"50000000.01", "250万", True, "4%"},
		{"50000000.01", "2000000.01", True, "4%"}, {"50000000.01", "2000000.00", False, "4%"}, {"2亿", "800万", True, "4%"}, {"200000000.01", "6000000.01", True, "3%"},
	} {
		given := append(years("sales", x.sales, x.sales, x.sales), years("rd", x.rd, x.rd, x.rd)...)
		given = append(given, Given{Fact: "registered_on", Value: "2015-01-01"}, Given{Fact: "share", Value: "10%"}, Given{Fact: "field", Value: "bio"})
		a := ask(t, s, given...)[0]
		if a.Verdict != x.want || a.Atoms[2].Wants != x.wants {
			t.Errorf("sales %s, R&D %s: %v of %s, want %v of %s", x.sales, x.rd, a.Verdict, a.Atoms[2].Wants, x.want, x.wants)
		}
	}
}

// TestLacking names what must change, with how far it is off, and what must be
// known; of two ways it takes the shorter one.
func TestLacking(t *testing.T) {
	s := compileText(t, hnte)
	given := append(years("sales", "1亿", "1亿", "1亿"), years("rd", "380万", "380万", "380万")...)
	given = append(given, Given{Fact: "registered_on", Value: "2026-01-01"}, Given{Fact: "field", Value: "other"})
	a := ask(t, s, given...)[0]
	// Registered in 2026: the one year of figures is what counts.
	type row struct {
		Truth             Truth
		Found, Wants, Gap string
	}
	var got []row
	for _, x := range a.Atoms {
		got = append(got, row{x.Truth, x.Found, x.Wants, x.Gap})
	}
	want := []row{{False, "327", "365", "38"}, {Unknown, "", "10%", ""}, {False, "3.8%", "4%", "0.2%"}, {False, "other", "", ""}, {Unknown, "", "100", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if a.Verdict != False || !cmp.Equal(a.Lacking, []int{0, 2}) || !cmp.Equal(a.Asking, []int{1, 4}) {
		t.Errorf("%v, lacking %v, asking %v", a.Verdict, a.Lacking, a.Asking)
	}
	if a.Atoms[2].Basis[0].Given.SourceID != "accounts" {
		t.Error("the atom does not name where its facts are from")
	}
}

// TestConflict shows two facts that contradict each other, and chooses neither.
func TestConflict(t *testing.T) {
	a := ask(t, compileText(t, hnte), Given{Fact: "share", Value: "9%", SourceID: "one"}, Given{Fact: "share", Value: "12%", SourceID: "other"})[0]
	use := a.Atoms[1].Basis[0]
	if a.Verdict != Error || use.Given.SourceID != "one" || use.Also == nil || use.Also.SourceID != "other" {
		t.Errorf("%v: %+v", a.Verdict, use)
	}
}

// TestTime takes the version in force on the day of the event, facts that hold on
// the day, and leaves out what was not yet known.
func TestTime(t *testing.T) {
	s := compileText(t, world+`
policies:
  - {id: extra, `+head+`, from: 2018-01-01, to: 2023-01-01, law_of: year_end, when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: {rate: 75%, of: rd}}}
  - {id: extra, `+head+`, from: 2023-01-01, law_of: year_end, when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: {rate: 100%, of: rd}}}
`)
	given := []Given{{Fact: "hnte", Value: "yes", From: "2020-12-01", To: "2023-12-01", Recorded: "2024-02-01"}, {Fact: "rd", Value: "100万", Year: 2022}, {Fact: "rd", Value: "200万", Year: 2023}}
	for _, x := range []struct {
		time Time
		want Truth
		fen  int64
	}{
		{Time{On: "2024-03-01", Year: 2022, Events: map[string]string{"year_end": "2022-12-31"}}, False, 75_0000_00},
		{Time{On: "2023-06-01", Year: 2022, Events: map[string]string{"year_end": "2022-12-31"}}, True, 75_0000_00},
		{Time{On: "2023-06-01", Year: 2022, Known: "2023-06-01"}, Unknown, 100_0000_00},
		{Time{On: "2023-11-30", Year: 2023, Events: map[string]string{"year_end": "2023-12-31"}}, True, 200_0000_00},
	} {
		snap, err := s.Snapshot(given, x.time)
		if err != nil {
			t.Fatal(err)
		}
		a := s.Answers(snap)
		if len(a) != 1 {
			t.Fatalf("%d versions in force", len(a))
		}
		want := x.want
		if want == False { // the status had ended: nobody says that it is not there
			want = Unknown
		}
		if a[0].Verdict != want || !a[0].Amount.Known || int64(a[0].Amount.Fen) != x.fen {
			t.Errorf("%+v: %v, %v", x.time, a[0].Verdict, a[0].Amount)
		}
	}
}

// TestWorth computes amounts whose tiers are of the whole or of slices.
func TestWorth(t *testing.T) {
	tiers := "bands: [{up_to: 500万, rate: 40%}, {up_to: 1000万, rate: 30%}, {rate: 20%}], of: sales"
	for _, x := range []struct {
		amount, sales string
		want          int64
	}{
		{"{" + tiers + ", mode: whole}", "500万", 200_0000_00}, {"{" + tiers + ", mode: whole}", "501万", 150_3000_00},
		{"{" + tiers + ", mode: marginal}", "500万", 200_0000_00}, {"{" + tiers + ", mode: marginal}", "501万", 200_3000_00}, {"{" + tiers + ", mode: marginal}", "1500万", 450_0000_00},
		{"{least: [{rate: 50%, of: sales}, {fixed: 200万}]}", "1000万", 200_0000_00}, {"{sum: [{rate: 3%, of: sales}, {fixed: 1万}], cap: 2万}", "100万", 2_0000_00},
		{"{rate: 33.3333%, of: sales}", "0.10", 3}, {"{greatest: [{rate: 1%, of: sales}, {fixed: 1}]}", "-5", 100},
	} {
		s := compileText(t, world+"policies:\n  - {id: p, "+head+", when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: "+x.amount+"}}\n")
		a := ask(t, s, Given{Fact: "sales", Value: x.sales, Year: 2025})[0]
		if !a.Amount.Known || int64(a.Amount.Fen) != x.want {
			t.Errorf("%s of %s = %+v, want %d", x.amount, x.sales, a.Amount, x.want)
		}
	}
	s := compileText(t, world+"policies:\n  - {id: p, "+head+", when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: {rate: 50%, of: sales, cap: 200万}}}\n")
	if w := ask(t, s)[0].Amount; w.Known || w.AtMost == nil || *w.AtMost != 200_0000_00 || !cmp.Equal(w.Missing, []string{"sales"}) {
		t.Errorf("unknown sales: %+v", w)
	}
}

// TestScore decides as soon as the points that are known suffice, or cannot.
func TestScore(t *testing.T) {
	s := compileText(t, world+`
scores:
  - id: tsme
    title: {zh: 评分, en: score}
    parts:
      - {title: {zh: 人员, en: staff}, article: 一, steps: [{points: 20, when: {fact: share, at_least: 30%, article: 一}}, {points: 10, when: {fact: share, at_least: 10%, article: 一}}]}
      - {title: {zh: 研发, en: R&D}, article: 二, steps: [{points: 50, when: {fact: rd, over: sales, at_least: 6%, article: 二}}]}
policies:
  - {id: p, `+head+`, when: {score: tsme, at_least: 60, article: 三}}
`)
	sales := Given{Fact: "sales", Value: "1000万", Year: 2025}
	for _, x := range []struct {
		given []Given
		want  Truth
		span  string
	}{
		{nil, Unknown, "0–70"}, {[]Given{{Fact: "share", Value: "5%"}}, False, "0–50"}, {[]Given{{Fact: "share", Value: "15%"}}, Unknown, "10–60"},
		{[]Given{{Fact: "share", Value: "15%"}, sales, {Fact: "rd", Value: "60万", Year: 2025}}, True, ""}, {[]Given{sales, {Fact: "rd", Value: "60万", Year: 2025}}, Unknown, "50–70"},
	} {
		a := ask(t, s, x.given...)[0]
		if a.Verdict != x.want || a.Atoms[0].Span != x.span {
			t.Errorf("%v: %v, span %q; want %v, %q", x.given, a.Verdict, a.Atoms[0].Span, x.want, x.span)
		}
	}
}

func TestExpression(t *testing.T) {
	s := compileText(t, world+"policies:\n  - {id: p, "+head+", when: {cel: 'hnte || staff * 2 > 10 && field == \"bio\"', facts: [hnte, staff, field], article: a}}\n")
	for _, x := range []struct {
		given []Given
		want  Truth
	}{
		{nil, Unknown}, {[]Given{{Fact: "hnte", Value: "yes"}}, True}, {[]Given{{Fact: "hnte", Value: "no"}, {Fact: "staff", Value: "3"}}, False},
		{[]Given{{Fact: "hnte", Value: "no"}, {Fact: "staff", Value: "30"}}, Unknown}, {[]Given{{Fact: "hnte", Value: "no"}, {Fact: "staff", Value: "30"}, {Fact: "field", Value: "bio"}}, True},
		{[]Given{{Fact: "staff", Value: "3"}, {Fact: "staff", Value: "4"}}, Error},
	} {
		if got := ask(t, s, x.given...)[0].Verdict; got != x.want {
			t.Errorf("%v: %v, want %v", x.given, got, x.want)
		}
	}
}

// TestReplay holds that an answer hangs on the hashes alone: the order of facts
// does not matter, another fact or version does.
func TestReplay(t *testing.T) {
	s := compileText(t, hnte)
	one, two := Given{Fact: "share", Value: "9%"}, Given{Fact: "field", Value: "bio"}
	hash := func(given ...Given) string {
		x, err := s.Snapshot(given, Time{On: today})
		if err != nil {
			t.Fatal(err)
		}
		return x.Hash()
	}
	if hash(one, two) != hash(two, one) || hash(one) == hash(one, two) {
		t.Error("the hash of a snapshot")
	}
	if compileText(t, hnte).Hash != s.Hash || compileText(t, strings.Replace(hnte, "10%", "11%", 1)).Hash == s.Hash {
		t.Error("the hash of a set")
	}
}

// TestFaults gives each fault of a file with its line, in both languages.
func TestFaults(t *testing.T) {
	rule := func(rest string) string { return world + "policies:\n  - {id: p, " + head + rest + "}\n" }
	for name, x := range map[string]struct{ text, key string }{
		"unknown key": {rule(", whenever: 1, when: {fact: hnte, is: yes, article: a}"), "policy.unknown_key"}, "no citation": {rule(", when: {fact: hnte, is: yes}"), "policy.missing"},
		"no condition": {rule(""), "policy.missing"}, "twice": {rule(", kind: tax, when: {fact: hnte, is: yes, article: a}"), "policy.key_twice"},
		"cycle":       {world + "policies:\n  - {id: p, " + head + ", when: {policy: q, article: a}}\n  - {id: q, " + head + ", when: {policy: p, article: a}}\n", "policy.cycle"},
		"itself":      {rule(", when: {policy: p, article: a}"), "policy.cycle"},
		"nowhere":     {rule(", when: {policy: q, article: a}"), "policy.unknown_policy"},
		"overlap":     {rule(", when: {fact: hnte, is: yes, article: a}") + "  - {id: p, " + head + ", from: 2020-01-01, when: {fact: hnte, is: yes, article: a}}\n", "policy.overlap"},
		"backwards":   {rule(", from: 2020-01-01, to: 2019-01-01, when: {fact: hnte, is: yes, article: a}"), "policy.from_to"},
		"no fact":     {rule(", when: {fact: hnet, is: yes, article: a}"), "policy.unknown_fact"},
		"types":       {rule(", when: {fact: hnte, at_least: 3, article: a}"), "policy.comparison_type"},
		"value":       {rule(", when: {fact: share, at_least: 许多, article: a}"), "policy.value_of"},
		"word":        {rule(", when: {fact: field, in: [biology], article: a}"), "policy.not_a_word"},
		"two asked":   {rule(", when: {fact: hnte, policy: q, is: yes, article: a}"), "policy.one_question"},
		"k of n":      {rule(", when: {at_least: 3, of: [{fact: hnte, is: yes, article: a}]}"), "policy.k_of_n"},
		"bands":       {rule(", when: {fact: share, at_least: {by: staff, bands: [{up_to: 5, value: 1%}, {up_to: 5, value: 2%}, {value: 3%}]}, article: a}"), "policy.bands_rise"},
		"last band":   {rule(", when: {fact: share, at_least: {by: staff, bands: [{up_to: 5, value: 1%}]}, article: a}"), "policy.last_band"},
		"cel":         {rule(", when: {cel: 'hnte +', facts: [hnte], article: a}"), "policy.cel"},
		"cel reads":   {rule(", when: {cel: 'staff > 3', facts: [hnte], article: a}"), "policy.cel"},
		"cel loop":    {rule(", when: {cel: '[1,2].all(x, x > staff)', facts: [staff], article: a}"), "policy.cel"},
		"not yaml":    {"policies: [", "policy.syntax"},
		"two":         {world + "---\n" + world, "policy.one_document"},
		"deep":        {rule(", when: " + strings.Repeat("{not: ", 40) + "{fact: hnte, is: yes, article: a}" + strings.Repeat("}", 40)), "policy.too_deep"},
		"ten MB":      {strings.Repeat("[", 10<<20), "policy.too_large"},
		"brackets":    {strings.Repeat("[", 1<<19), "policy.too_deep"},
		"list":        {"policies: 3", "policy.want_list"},
		"amount":      {rule(", when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: {rate: 5%}}"), "policy.amount_of"},
		"amount type": {rule(", when: {fact: hnte, is: yes, article: a}, benefit: {title: {zh: 甲, en: A}, amount: {rate: 5%, of: staff}}"), "policy.amount_money"},
	} {
		b, err := Read("规则.yaml", []byte(x.text))
		if err == nil {
			var s *Set
			if s, err = Compile(b); s != nil {
				t.Errorf("%s: it compiled", name)
			}
		} else if len(b.Policies)+len(b.Facts) > 0 {
			t.Errorf("%s: half of it was read", name)
		}
		var list errs.List
		if !errors.As(err, &list) {
			list = errs.List{errs.Of(err)}
		}
		found := false
		for _, one := range list {
			e := errs.Of(one)
			found = found || e.Key == x.key
			for _, l := range []i18n.Lang{i18n.ZH, i18n.EN} {
				if text := i18n.T(l, e.Key, e.Args); strings.Contains(text, "{line}") || strings.Contains(text, "{file}") || !i18n.Has(e.Key) {
					t.Errorf("%s: %s", name, text)
				}
			}
		}
		if !found {
			t.Errorf("%s: %v, want %s", name, err, x.key)
		}
	}
}

// FuzzRead reads what it is given without failing, and what it reads compiles or
// is refused with a reason.
func FuzzRead(f *testing.F) {
	f.Add(hnte)
	f.Add(world)
	f.Add("policies: [{id: a, when: {at_least: 1, of: [{not: {cel: 'true', facts: []}}]}}]")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := Read("f", []byte(text))
		if err != nil {
			if errs.KindOf(err) == errs.Internal {
				t.Fatal(err)
			}
			return
		}
		s, err := Compile(b)
		if err != nil {
			if errs.KindOf(err) == errs.Internal {
				t.Fatal(err)
			}
			return
		}
		x, err := s.Snapshot(nil, Time{On: today})
		if err != nil {
			t.Fatal(err)
		}
		s.Answers(x)
	})
}
