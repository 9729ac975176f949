package judged

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func open(t *testing.T) (Set, map[string]Need, map[string]Record) {
	t.Helper()
	s, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	needs, records := map[string]Need{}, map[string]Record{}
	for _, n := range s.Needs {
		if _, twice := needs[n.ID]; twice {
			t.Errorf("need %s stands twice", n.ID)
		}
		needs[n.ID] = n
	}
	for _, r := range s.Records {
		if _, twice := records[r.ID]; twice {
			t.Errorf("record %s stands twice", r.ID)
		}
		records[r.ID] = r
	}
	return s, needs, records
}

func TestSetIsAsLargeAsPromised(t *testing.T) {
	s, _, _ := open(t)
	classes, splits, own := map[Class]int{}, map[Split]int{}, map[string]int{}
	for _, n := range s.Needs {
		classes[n.Class]++
		splits[n.Split]++
	}
	for _, r := range s.Records {
		own[r.Source]++
	}
	for _, c := range []struct {
		what      string
		have, min int
	}{
		{"needs", len(s.Needs), 125}, {"records", len(s.Records), 1550}, {"pairs", len(s.Grades), 2500},
		{"ordinary needs", classes[Ordinary], 85}, {"cross-language needs", classes[CrossLanguage], 40},
		{"needs without an answer", classes[NoAnswer], 20}, {"needs to tune on", splits[Dev], 60},
		{"needs to report on", splits[Test], 60}, {"ChinaXiv papers", own["ChinaXiv"], 650},
		{"NSF awards", own["NSF"], 390}, {"TechPort projects", own["NASA TechPort"], 25}, {"own records", own["own"], 450},
	} {
		if c.have < c.min {
			t.Errorf("%d %s, promised %d", c.have, c.what, c.min)
		}
	}
	if sum := classes[Ordinary] + classes[CrossLanguage] + classes[NoAnswer]; sum != len(s.Needs) {
		t.Errorf("the classes add up to %d of %d needs", sum, len(s.Needs))
	}
}

func TestEveryPairExistsOnce(t *testing.T) {
	s, needs, records := open(t)
	seen := map[[2]string]bool{}
	for _, g := range s.Grades {
		if _, ok := needs[g.Need]; !ok {
			t.Errorf("need %s is unknown", g.Need)
		}
		if _, ok := records[g.Record]; !ok {
			t.Errorf("record %s is unknown", g.Record)
		}
		if seen[[2]string{g.Need, g.Record}] {
			t.Errorf("%s %s is judged twice", g.Need, g.Record)
		}
		seen[[2]string{g.Need, g.Record}] = true
	}
	for _, n := range s.Needs {
		if k := len(s.Of(n.ID)); k < 15 {
			t.Errorf("need %s has %d judged records", n.ID, k)
		}
	}
	if !slices.IsSortedFunc(s.Grades, func(a, b Grade) int { return strings.Compare(a.Need, b.Need) }) {
		t.Error("the grades are not in order of needs")
	}
}

func TestClassesHold(t *testing.T) {
	s, _, records := open(t)
	other := map[string]string{"zh": "en", "en": "zh"}
	for _, n := range s.Needs {
		best := 0
		for _, g := range s.Of(n.ID) {
			best = max(best, g.Final)
			if n.Class == CrossLanguage && g.Final >= 2 && records[g.Record].Lang != other[n.Lang] {
				t.Errorf("%s is %s and has a good record in %s: %s", n.ID, n.Lang, records[g.Record].Lang, g.Record)
			}
		}
		if n.Class == NoAnswer && best >= 2 {
			t.Errorf("%s should have no answer and has one of grade %d", n.ID, best)
		}
		if n.Class != NoAnswer && best < 3 {
			t.Errorf("%s has no record of grade 3", n.ID)
		}
	}
}

// The rules of README.md that a program can check, checked again here.
func TestGradesFollowTheRules(t *testing.T) {
	s, needs, records := open(t)
	for _, g := range s.Grades {
		n, r := needs[g.Need], records[g.Record]
		want := failed(n.Constraints, r)
		var have []string
		for _, f := range g.Fails {
			if !strings.HasPrefix(f, "text:") {
				have = append(have, f)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s %s fails %v, noted %v", g.Need, g.Record, want, have)
		}
		if len(g.Fails) > 0 && g.Final != 0 {
			t.Errorf("%s %s fails %v and is graded %d", g.Need, g.Record, g.Fails, g.Final)
		}
		if unread := g.First == NotRead; unread != (len(want) > 0) || unread != (g.Second == NotRead) {
			t.Errorf("%s %s: passes %d and %d, failed constraints %v", g.Need, g.Record, g.First, g.Second, want)
		}
		if len(want) == 0 && g.Final != min(g.First, g.Second) {
			t.Errorf("%s %s: %d and %d give %d", g.Need, g.Record, g.First, g.Second, g.Final)
		}
		if g.Final > 1 && !slices.Contains(n.Seeks, r.Kind) {
			t.Errorf("%s does not seek a %s and grades %s %d", g.Need, r.Kind, g.Record, g.Final)
		}
	}
}

func failed(c Constraints, r Record) []string {
	var out []string
	if c.TRLMin > 0 && r.TRL != nil && *r.TRL < c.TRLMin {
		out = append(out, "trl")
	}
	within := func(p string) bool { return strings.HasPrefix(r.Division, p) }
	abroad := r.Country != "" && r.Country != "CN"
	if len(c.Regions) > 0 && (abroad || r.Division != "" && !slices.ContainsFunc(c.Regions, within)) {
		out = append(out, "region")
	}
	if c.BudgetMax > 0 && r.PriceMin != nil && *r.PriceMin > c.BudgetMax {
		out = append(out, "budget")
	}
	if c.Rights == "granted" && r.Rights == "applied" {
		out = append(out, "rights")
	}
	shared := func(f string) bool { return slices.Contains(c.Forms, f) }
	if len(c.Forms) > 0 && len(r.Forms) > 0 && !slices.ContainsFunc(r.Forms, shared) {
		out = append(out, "form")
	}
	if r.AvailableUntil != "" && r.AvailableUntil < AsOf {
		out = append(out, "expired")
	}
	return out
}

func TestNobodyCanBeReached(t *testing.T) {
	s, _, _ := open(t)
	contact := regexp.MustCompile(`[\w.+-]+@[\w-]+\.\w|https?://|(^|\D)1[3-9]\d{9}(\D|$)|(^|\D)0\d{2,3}-\d{7,8}|\+\d{1,3}[ -]\d{2}`)
	for _, r := range s.Records {
		for _, text := range []string{r.TitleZh, r.TitleEn, r.TextZh, r.TextEn, r.Owner} {
			if m := contact.FindString(text); m != "" {
				t.Errorf("%s holds %q", r.ID, m)
			}
		}
		if r.Source == "own" && (!r.Simulated || !strings.Contains(r.Owner, "模拟") && !strings.Contains(r.Owner, "simulated")) {
			t.Errorf("%s does not say that it is simulated", r.ID)
		}
		if r.Licence == "" || r.Source == "" {
			t.Errorf("%s lacks a source or a licence", r.ID)
		}
		if (r.Lang == "zh" && r.TitleEn+r.TextEn != "") || (r.Lang == "en" && r.TitleZh+r.TextZh != "") || r.TitleZh+r.TitleEn == "" {
			t.Errorf("%s is not in the language %s", r.ID, r.Lang)
		}
	}
	for _, n := range s.Needs {
		if m := contact.FindString(n.Title + " " + n.Text); m != "" {
			t.Errorf("%s holds %q", n.ID, m)
		}
	}
}

func TestBadRowsAreRefused(t *testing.T) {
	for _, row := range []string{"", "n001\tr", "n001\tr\t0\t0\t4\t\tbm25", "n001\tr\t0\t0\t-\t\tbm25", "n001\tr\tx\t0\t0\t\t"} {
		if g, err := grade(row); err == nil {
			t.Errorf("%q was read as %+v", row, g)
		}
	}
	if _, err := grades("need\trecord\n"); err == nil {
		t.Error("another header was accepted")
	}
	if _, err := lines[Need](strings.NewReader(`{"id":"n1","colour":"red"}`)); err == nil {
		t.Error("an unknown field was accepted")
	}
}
