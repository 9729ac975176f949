package policy

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// naive walks the tree of a rule as it was read, with maps and big numbers and
// nothing of the compiled form: what the engine must agree with.
type naive struct {
	book  *Book
	facts map[string][]int64 // fact → its values; none: unknown, several: conflict
	on    int64
	year  int64
}

func (n *naive) fact(id string, back int) (int64, Truth) {
	v := n.facts[fmt.Sprint(id, "/", back)]
	switch len(v) {
	case 0:
		return 0, Unknown
	case 1:
		return v[0], True
	}
	return 0, Error
}

func (n *naive) condition(c *Condition) Truth {
	var yes, no, unknown, wrong int
	for _, kid := range c.Of {
		switch n.condition(kid) {
		case True:
			yes++
		case False:
			no++
		case Unknown:
			unknown++
		case Error:
			wrong++
		}
	}
	switch c.Op {
	case "all":
		switch {
		case no > 0:
			return False
		case wrong > 0:
			return Error
		case unknown > 0:
			return Unknown
		}
		return True
	case "any":
		switch {
		case yes > 0:
			return True
		case wrong > 0:
			return Error
		case unknown > 0:
			return Unknown
		}
		return False
	case "not":
		return map[int]Truth{yes: False, no: True, unknown: Unknown, wrong: Error}[1]
	case "at_least":
		// Every way of filling in what is not known, by counting.
		switch {
		case yes >= c.K:
			return True
		case yes+unknown+wrong < c.K:
			return False
		case wrong > 0:
			return Error
		}
		return Unknown
	}
	return n.atom(c.Atom)
}

func (n *naive) atom(a *Atom) Truth {
	if a.Over != "" {
		return n.ratio(a)
	}
	id := a.Fact
	if a.Since != "" {
		id = a.Since
	}
	v, t := n.fact(id, 0)
	if t != True {
		return t
	}
	if a.Since != "" {
		v = n.on - v
	}
	return n.against(a, new(big.Rat).SetInt64(v))
}

func (n *naive) ratio(a *Atom) Truth {
	longest := max(a.Years, 1)
	if longest == 1 {
		return n.windowed(a, 1)
	}
	born, t := n.fact(bornOn, 0)
	if t == True {
		return n.windowed(a, min(longest, max(1, int(n.year)-yearOf(born)+1)))
	}
	seen := map[Truth]bool{}
	for years := 1; years <= longest; years++ {
		seen[n.windowed(a, years)] = true
	}
	if len(seen) == 1 {
		return n.windowed(a, 1)
	}
	return Unknown
}

func (n *naive) windowed(a *Atom, years int) Truth {
	sum, over := new(big.Int), new(big.Int)
	t := True
	for back := range years {
		v, tv := n.fact(a.Fact, back)
		w, tw := n.fact(a.Over, back)
		for _, x := range []Truth{tv, tw} {
			switch {
			case x == Error:
				t = Error
			case x == Unknown && t == True:
				t = Unknown
			}
		}
		sum.Add(sum, big.NewInt(v))
		over.Add(over, big.NewInt(w))
	}
	if t != True {
		return t
	}
	if over.Sign() <= 0 {
		return Unknown
	}
	return n.against(a, new(big.Rat).Mul(new(big.Rat).SetFrac(sum, over), big.NewRat(million, 1)))
}

func yearOf(day int64) int {
	var y int
	fmt.Sscanf(Day.Text(day), "%d", &y)
	return y
}

// against compares a value; where the fact that bands go by is not known, every
// band must agree.
func (n *naive) against(a *Atom, v *big.Rat) Truth {
	if a.Bands == nil {
		if len(a.Words) > 0 {
			in := false
			for _, w := range a.Words {
				f := n.word(a.Fact, w)
				in = in || v.Cmp(big.NewRat(f, 1)) == 0
			}
			return Is(in == (a.Compare == "in"))
		}
		want := a.Value
		if a.Compare == "within" {
			w, p := fmt.Sprint(v.Num()), fmt.Sprint(want)
			return Is(strings.HasPrefix(w, strings.TrimSuffix(strings.TrimSuffix(p, "00"), "00")))
		}
		return Is(compareRat(a.Compare, v, want))
	}
	by, t := n.fact(a.Bands.By, 0)
	if t == True {
		for _, b := range a.Bands.List {
			if by <= b.UpTo {
				return Is(compareRat(a.Compare, v, b.Value))
			}
		}
	}
	yes := 0
	for _, b := range a.Bands.List {
		if compareRat(a.Compare, v, b.Value) {
			yes++
		}
	}
	switch yes {
	case 0:
		return False
	case len(a.Bands.List):
		return True
	}
	return t
}

func (n *naive) word(fact, w string) int64 {
	for i := range n.book.Facts {
		if n.book.Facts[i].ID == fact && n.book.Facts[i].Type == Count {
			v, _ := Count.Parse(w)
			return v
		}
	}
	seen := map[string]int64{}
	for _, f := range n.book.Facts {
		for _, x := range f.Words {
			if seen[x.ID] == 0 {
				seen[x.ID] = int64(len(seen) + 1)
			}
		}
	}
	return seen[w]
}

func compareRat(op string, v *big.Rat, want int64) bool {
	c := v.Cmp(new(big.Rat).SetInt64(want))
	switch op {
	case "at_least":
		return c >= 0
	case "at_most":
		return c <= 0
	case "above":
		return c > 0
	case "below":
		return c < 0
	}
	return c == 0
}

// world is a vocabulary of each type for random rules.
const world = `
facts:
  - {id: sales, type: money, yearly: true, title: {zh: 收入, en: sales}}
  - {id: rd, type: money, yearly: true, title: {zh: 研发, en: R&D}}
  - {id: staff, type: count, title: {zh: 职工, en: staff}}
  - {id: share, type: percent, title: {zh: 占比, en: share}}
  - {id: registered_on, type: day, title: {zh: 注册日, en: registered on}}
  - {id: hnte, type: yes_no, title: {zh: 高企, en: HNTE}}
  - {id: place, type: place, title: {zh: 所在地, en: place}}
  - {id: field, type: word, title: {zh: 领域, en: field}, words: [{id: bio, title: {zh: 生物, en: bio}}, {id: chips, title: {zh: 芯片, en: chips}}, {id: other, title: {zh: 其他, en: other}}]}
`

// atoms that random trees are made of.
var atomTexts = []string{
	"{fact: staff, at_most: 500, article: a}", "{fact: staff, in: [3, 10, 500], article: a}", "{fact: share, at_least: 5%, article: a}", "{fact: share, below: 12.5%, article: a}",
	"{fact: hnte, is: yes, article: a}", "{fact: place, within: 440100, article: a}", "{fact: place, within: 440000, article: a}", "{fact: field, in: [bio, chips], article: a}",
	"{fact: field, not_in: [chips], article: a}", "{since: registered_on, at_least: 365 days, article: a}", "{fact: sales, above: 2000万, article: a}",
	"{fact: rd, over: sales, years: 3, at_least: {by: sales, bands: [{up_to: 5000万, value: 5%}, {up_to: 2亿, value: 4%}, {value: 3%}]}, article: a}",
	"{fact: rd, over: sales, at_most: 60%, article: a}", "{fact: staff, equals: 10, article: a}", "{fact: share, at_least: {by: staff, bands: [{up_to: 10, value: 1%}, {value: 10%}]}, article: a}",
}

func randomTree(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(4) == 0 {
		return atomTexts[r.IntN(len(atomTexts))]
	}
	kids := make([]string, 1+r.IntN(4))
	for i := range kids {
		kids[i] = randomTree(r, depth-1)
	}
	list := "[" + strings.Join(kids, ", ") + "]"
	switch r.IntN(4) {
	case 0:
		return "{all: " + list + "}"
	case 1:
		return "{any: " + list + "}"
	case 2:
		return "{not: " + kids[0] + "}"
	}
	return fmt.Sprintf("{at_least: %d, of: %s}", 1+r.IntN(len(kids)), list)
}

const head = "title: {zh: 甲, en: A}, kind: status, article: a, status: verified, document: {title: {zh: 乙, en: B}, authority: {zh: 丙, en: C}}"

func compileText(t testing.TB, text string) *Set {
	t.Helper()
	b, err := Read("test.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, clipTo(text, 2000))
	}
	s, err := Compile(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func clipTo(s string, n int) string { return s[:min(n, len(s))] }

var choices = map[string][]string{
	"sales": {"0", "2000万", "5000万", "50000000.01", "2亿", "300000000"}, "rd": {"0", "100万", "250万", "2500000.01", "800万"}, "staff": {"3", "10", "11", "500", "501"},
	"share": {"0%", "1%", "5%", "10%", "12.5%"}, "registered_on": {"2020-01-01", "2025-06-01", "2025-11-24", "2025-11-25", "2026-01-01"}, "hnte": {"yes", "no"},
	"place": {"440106", "440100", "440300", "110105"}, "field": {"bio", "chips", "other"},
}

var yearly = map[string]bool{"sales": true, "rd": true}

// randomFacts gives each fact no value, one, or two that contradict each other.
func randomFacts(r *rand.Rand) []Given {
	var out []Given
	for id, values := range choices {
		for back := range 3 {
			if back > 0 && !yearly[id] {
				break
			}
			n := []int{0, 1, 1, 1, 1, 2}[r.IntN(6)]
			for _, i := range r.Perm(len(values))[:n] {
				out = append(out, Given{Fact: id, Value: values[i], Year: 2025 - back})
			}
		}
	}
	return out
}

const today = "2026-11-24"

func naiveOver(s *Set, given []Given) *naive {
	on, _ := Day.Parse(today)
	n := &naive{book: &s.Book, facts: map[string][]int64{}, on: on, year: 2025}
	for _, g := range given {
		f := &s.Book.Facts[s.facts[g.Fact]]
		v, _ := s.read(f, g.Value)
		if f.Type == Word {
			v = n.word(g.Fact, g.Value)
		}
		back := 0
		if f.Yearly {
			back = 2025 - g.Year
		}
		key := fmt.Sprint(g.Fact, "/", back)
		n.facts[key] = append(n.facts[key], v)
	}
	return n
}

// TestAgainstNaive runs random rules over random facts through the engine and
// through the plain interpreter above.
func TestAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[Truth]int{}
	const rules, firms = 300, 40
	for i := range rules {
		text := world + "policies:\n"
		for j := range 3 {
			text += fmt.Sprintf("  - {id: p%d, %s, when: %s}\n", j, head, randomTree(r, 4))
		}
		s := compileText(t, text)
		for range firms {
			given := randomFacts(r)
			x, err := s.Snapshot(given, Time{On: today})
			if err != nil {
				t.Fatal(err)
			}
			var res Result
			s.Evaluate(x, &res)
			n := naiveOver(s, given)
			for j := range s.policies {
				got, want := res.Verdict(s.policies[j].ID), n.condition(s.policies[j].When)
				if got != want {
					t.Fatalf("rule %d of seed: engine %v, interpreter %v\n%s\n%v", i, got, want, clipTo(text, 3000), given)
				}
				seen[got]++
			}
		}
	}
	t.Logf("%d verdicts: %v", rules*firms*3, seen)
	for _, want := range []Truth{Unknown, False, True, Error} {
		if seen[want] < 100 {
			t.Errorf("%v came up %d times only", want, seen[want])
		}
	}
}

// TestMonotone adds facts one at a time: a verdict that was reached is never
// taken back, as long as no fact contradicts another.
func TestMonotone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		s := compileText(t, world+"policies:\n  - {id: p, "+head+", when: "+randomTree(r, 4)+"}\n")
		var all []Given
		for id, values := range choices {
			for back := range 3 {
				if back == 0 || yearly[id] {
					all = append(all, Given{Fact: id, Value: values[r.IntN(len(values))], Year: 2025 - back})
				}
			}
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		before := Unknown
		for n := range len(all) + 1 {
			x, err := s.Snapshot(all[:n], Time{On: today})
			if err != nil {
				t.Fatal(err)
			}
			var res Result
			s.Evaluate(x, &res)
			now := res.Verdict("p")
			if before != Unknown && now != before {
				t.Fatalf("%v became %v when %v was learnt", before, now, all[n-1])
			}
			before = now
		}
	}
}
