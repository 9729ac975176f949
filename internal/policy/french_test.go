package policy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// programme is a French support programme with its rules in Publicodes.
type programme struct {
	name     string
	from, to string // ISO days, "" open
	rules    map[string]any
}

func readProgrammes(t *testing.T) []programme {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shareddata.Path(t, "policy_fr_tee/programs"), "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	var out []programme
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		p := programme{name: strings.TrimSuffix(filepath.Base(f), ".yaml"), rules: doc["publicodes"].(map[string]any)}
		p.from, p.to = frenchDay(doc["début de validité"]), frenchDay(doc["fin de validité"])
		out = append(out, p)
	}
	return out
}

func frenchDay(v any) string {
	s, _ := v.(string)
	var d, m, y int
	if n, _ := fmt.Sscanf(s, "%d/%d/%d", &d, &m, &y); n != 3 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

// rule finds a rule by its name, which may leave out where it belongs.
func (p *programme) rule(name string) (any, bool) {
	if r, ok := p.rules[name]; ok {
		return r, true
	}
	r, ok := p.rules["entreprise . "+name]
	return r, ok
}

var (
	nafIs      = regexp.MustCompile(`^(?:entreprise \. )?code NAF = "(.+)"$`)
	nafLetter  = regexp.MustCompile(`^(?:entreprise \. )?code NAF niveau 1 \. est ([A-U])$`)
	headcount  = regexp.MustCompile(`^(?:entreprise \. )?effectif (<=|>=) (\d+)$`)
	regionIs   = regexp.MustCompile(`^(?:entreprise \. )?région = (.+)$`)
	objective  = regexp.MustCompile(`^questionnaire \. objectif prioritaire \. est (.+)$`)
	notWord    = regexp.MustCompile(`^(.+) = non$`)
	slugParts  = regexp.MustCompile(`[^a-z0-9]+`)
	accents    = strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "â", "a", "î", "i", "ï", "i", "ô", "o", "ç", "c", "û", "u", "œ", "oe")
	atomFormat = `{fact: %s, %s: %s, article: publicodes}`
)

func slug(s string) string {
	return "w" + strings.Trim(slugParts.ReplaceAllString(accents.Replace(strings.ToLower(s)), "_"), "_")
}

// kapok writes a rule in the form of this package, or names what it cannot.
func (p *programme) kapok(x any) string {
	switch x := x.(type) {
	case map[string]any:
		var parts []string
		for _, key := range []string{"applicable si", "toutes ces conditions", "une de ces conditions"} {
			v, ok := x[key]
			if !ok {
				continue
			}
			if key == "applicable si" {
				parts = append(parts, p.kapok(v))
				continue
			}
			var kids []string
			for _, k := range v.([]any) {
				kids = append(kids, p.kapok(k))
			}
			op := map[string]string{"toutes ces conditions": "all", "une de ces conditions": "any"}[key]
			parts = append(parts, "{"+op+": ["+strings.Join(kids, ", ")+"]}")
		}
		if len(parts) == 1 {
			return parts[0]
		}
		return "{all: [" + strings.Join(parts, ", ") + "]}"
	case string:
		return p.leaf(x)
	}
	return fmt.Sprintf("!%v", x)
}

func (p *programme) leaf(s string) string {
	if r, ok := p.rule(s); ok {
		return p.kapok(r)
	}
	if m := nafIs.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf(atomFormat, "naf", "in", "["+slug(m[1])+"]")
	}
	if m := nafLetter.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf(atomFormat, "naf_letter", "in", "["+slug(m[1])+"]")
	}
	if m := headcount.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf(atomFormat, "staff", map[string]string{"<=": "at_most", ">=": "at_least"}[m[1]], m[2])
	}
	if m := regionIs.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf(atomFormat, "region", "in", "["+slug(m[1])+"]")
	}
	if m := objective.FindStringSubmatch(s); m != nil {
		return fmt.Sprintf(atomFormat, "objective", "in", "["+slug(m[1])+"]")
	}
	if m := notWord.FindStringSubmatch(s); m != nil {
		return "{not: " + p.leaf(m[1]) + "}"
	}
	switch s {
	case "date du jour <= dispositif . fin de validité":
		return fmt.Sprintf(atomFormat, "today", "at_most", p.to)
	case "dispositif . début de validité <= date du jour":
		return fmt.Sprintf(atomFormat, "today", "at_least", p.from)
	case "questionnaire . parcours = objectif précis":
		return fmt.Sprintf(atomFormat, "path", "in", "[precise]")
	case "entreprise . est propriétaire de ses locaux", "est propriétaire de ses locaux":
		return fmt.Sprintf(atomFormat, "owner", "is", "yes")
	}
	return "!" + s
}

// direct answers a Publicodes rule as it stands, for a company of which
// everything is known.
func (p *programme) direct(x any, c map[string]string) bool {
	switch x := x.(type) {
	case map[string]any:
		out := true
		if v, ok := x["applicable si"]; ok {
			out = p.direct(v, c)
		}
		if v, ok := x["toutes ces conditions"]; ok {
			for _, k := range v.([]any) {
				out = out && p.direct(k, c)
			}
		}
		if v, ok := x["une de ces conditions"]; ok {
			some := false
			for _, k := range v.([]any) {
				some = some || p.direct(k, c)
			}
			out = out && some
		}
		return out
	case string:
		return p.directLeaf(x, c)
	}
	panic(x)
}

func (p *programme) directLeaf(s string, c map[string]string) bool {
	if r, ok := p.rule(s); ok {
		return p.direct(r, c)
	}
	if before, after, ok := strings.Cut(s, " <= "); ok {
		switch {
		case strings.HasSuffix(before, "effectif"):
			return number(c["staff"]) <= number(after)
		case before == "date du jour":
			return c["today"] <= p.to
		}
		return p.from <= c["today"]
	}
	if before, after, ok := strings.Cut(s, " >= "); ok && strings.HasSuffix(before, "effectif") {
		return number(c["staff"]) >= number(after)
	}
	if before, after, ok := strings.Cut(s, " = "); ok {
		switch {
		case after == "non":
			return !p.directLeaf(before, c)
		case strings.HasSuffix(before, "code NAF"):
			return strings.Trim(after, `"`) == c["naf"]
		case strings.HasSuffix(before, "région"):
			return after == c["region"]
		}
		return c["path"] == "precise"
	}
	if _, after, ok := strings.Cut(s, "niveau 1 . est "); ok {
		return after == c["naf_letter"]
	}
	if _, after, ok := strings.Cut(s, "objectif prioritaire . est "); ok {
		return after == c["objective"]
	}
	return c["owner"] == "yes"
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// french is the vocabulary, with the words that the programmes use.
type french struct {
	naf        map[string]string // code → letter
	codes      []string
	regions    []string
	objectives []string
}

func vocabularyOf(t *testing.T, list []programme) french {
	t.Helper()
	raw, err := os.ReadFile(shareddata.Path(t, "policy_fr_tee/nafMapping.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ NIV5, NIV1 string }
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	f := french{naf: map[string]string{}, regions: []string{"Wallonie"}, objectives: []string{"autre"}}
	for _, r := range rows {
		f.naf[r.NIV5] = r.NIV1
		f.codes = append(f.codes, r.NIV5)
	}
	add := func(list *[]string, w string) {
		if !slices.Contains(*list, w) {
			*list = append(*list, w)
		}
	}
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			for _, v := range x {
				walk(v)
			}
		case []any:
			for _, v := range x {
				walk(v)
			}
		case string:
			if m := regionIs.FindStringSubmatch(x); m != nil {
				add(&f.regions, m[1])
			}
			if m := objective.FindStringSubmatch(x); m != nil {
				add(&f.objectives, m[1])
			}
			if m := nafIs.FindStringSubmatch(x); m != nil {
				add(&f.codes, m[1])
			}
		}
	}
	for i := range list {
		walk(list[i].rules)
	}
	return f
}

func (f *french) facts() string {
	words := func(list []string) string {
		var out []string
		for _, w := range list {
			out = append(out, fmt.Sprintf("{id: %s, title: {zh: w, en: w}}", slug(w)))
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	letters := strings.Split("ABCDEFGHIJKLMNOPQRSTU", "")
	title := "title: {zh: f, en: f}"
	return "facts:\n  - {id: staff, type: count, " + title + "}\n  - {id: today, type: day, " + title + "}\n  - {id: owner, type: yes_no, " + title +
		"}\n  - {id: path, type: word, " + title + ", words: [{id: precise, title: {zh: w, en: w}}, {id: broad, title: {zh: w, en: w}}]}\n  - {id: naf, type: word, " + title + ", words: " + words(f.codes) +
		"}\n  - {id: naf_letter, type: word, " + title + ", words: " + words(letters) + "}\n  - {id: region, type: word, " + title + ", words: " + words(f.regions) +
		"}\n  - {id: objective, type: word, " + title + ", words: " + words(f.objectives) + "}\n"
}

// TestFrenchProgrammes converts the executable rules of 109 real programmes and
// compares every decision with the rules read as they stand, over random
// companies; then it takes facts away and holds that no decision turns.
func TestFrenchProgrammes(t *testing.T) {
	list := readProgrammes(t)
	f := vocabularyOf(t, list)
	text := f.facts() + "policies:\n"
	for i := range list {
		when := list[i].kapok(list[i].rules["entreprise . est ciblée"])
		if strings.Contains(when, "!") {
			t.Fatalf("%s: not carried: %s", list[i].name, when)
		}
		text += fmt.Sprintf("  - {id: %s, %s, when: %s}\n", slug(list[i].name), head, when)
	}
	s := compileText(t, text)
	r := rand.New(rand.NewPCG(5, 6))
	const companies = 1000
	decisions, yes, taken := 0, 0, 0
	for range companies {
		code := f.codes[r.IntN(len(f.codes))]
		c := map[string]string{
			"staff": []string{"0", "1", "9", "49", "50", "249", "250", "4999", "5000"}[r.IntN(9)], "today": fmt.Sprintf("202%d-0%d-15", 2+r.IntN(6), 1+r.IntN(9)), "owner": []string{"yes", "no"}[r.IntN(2)],
			"path": []string{"precise", "broad"}[r.IntN(2)], "naf": code, "naf_letter": f.naf[code], "region": f.regions[r.IntN(len(f.regions))], "objective": f.objectives[r.IntN(len(f.objectives))],
		}
		if c["naf_letter"] == "" {
			c["naf_letter"] = "A"
		}
		var given []Given
		for k, v := range c {
			if k != "staff" && k != "today" && k != "owner" && k != "path" {
				v = slug(v)
			}
			given = append(given, Given{Fact: k, Value: v})
		}
		full, err := s.Snapshot(given, Time{On: today})
		if err != nil {
			t.Fatal(err)
		}
		r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		part, err := s.Snapshot(given[:r.IntN(len(given))], Time{On: today})
		if err != nil {
			t.Fatal(err)
		}
		var all, some Result
		s.Evaluate(full, &all)
		s.Evaluate(part, &some)
		for i := range list {
			id := slug(list[i].name)
			got, want := all.Verdict(id), Is(list[i].direct(list[i].rules["entreprise . est ciblée"], c))
			if got != want {
				t.Fatalf("%s: %v, the programme's own rules say %v: %v", list[i].name, got, want, c)
			}
			decisions++
			if want == True {
				yes++
			}
			if less := some.Verdict(id); less != Unknown {
				if taken++; less != got {
					t.Fatalf("%s: %v with fewer facts, %v with all", list[i].name, less, got)
				}
			}
		}
	}
	t.Logf("%d programmes, %d atoms; %d decisions, %d of them yes, none otherwise; %d were certain already with some facts only", len(list), len(s.atoms), decisions, yes, taken)
	if yes < companies {
		t.Errorf("only %d of %d decisions are yes: the companies try little", yes, decisions)
	}
}
