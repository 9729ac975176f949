package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Set is a book made ready to be evaluated. It does not change and is safe for
// concurrent use.
type Set struct {
	Book Book
	Hash string // SHA-256 of the book as JSON

	facts    map[string]int32 // into Book.Facts
	slots    []slot           // what a snapshot holds
	slotOf   map[slot]int32
	words    map[string]int64 // of facts of type Word
	policies []compiled
	versions map[string][]int32 // of a policy, by From
	order    []string           // of policies: one that another asks for before it
	scores   []compiledScore
	atoms    []atom
	nodes    []node
	kids     []int32
}

// slot is a fact, of a yearly one the value of so many years before.
type slot struct {
	fact int32
	back int32
}

// compiled is a policy whose condition is the node root; first is the first node
// of its tree, which lies before it without a gap.
type compiled struct {
	*Policy
	first, root int32
	atoms       []int32 // in the order in which they stand
}

type opcode uint8

const (
	opAtom opcode = iota
	opAll
	opAny
	opNot
	opAtLeast
)

// node is a condition; its children lie before it.
type node struct {
	op      opcode
	k       int32 // of at_least
	atom    int32
	from, n int32 // children: kids[from : from+n]
}

type asks uint8

const (
	asksFact asks = iota
	asksRatio
	asksSince
	asksScore
	asksPolicy
	asksExpression
)

type comparison uint8

// atom is one question over slots.
type atom struct {
	*Atom
	policy  int32
	asks    asks
	compare comparison
	slot    int32
	over    []int32 // of a ratio: the denominators; the numerators stand in slots
	slots   []int32
	born    int32 // slot of the day from which a window may be shorter, -1 for none
	by      int32 // slot of the fact that the bands go by
	list    []int64
	score   int32
	other   string
	expr    *expression
}

const (
	cmpAtLeast comparison = iota
	cmpAtMost
	cmpAbove
	cmpBelow
	cmpEquals
	cmpIn
	cmpNotIn
	cmpWithin
	cmpIs
)

// Compile checks what the rules of a book say of each other and of its facts,
// and makes it ready. Faults are told together as an errs.List.
func Compile(b Book) (*Set, error) {
	c := &compiler{Set: Set{Book: b, facts: map[string]int32{}, slotOf: map[slot]int32{}, words: map[string]int64{}, versions: map[string][]int32{}}}
	c.vocabulary()
	for _, id := range []string{placeFact, bornOn} { // asked for by the set itself
		if _, ok := c.facts[id]; ok {
			c.fact(0, id, 0)
		}
	}
	for i := range b.Scores {
		c.score(&c.Book.Scores[i])
	}
	for i := range b.Policies {
		c.policy(&c.Book.Policies[i])
	}
	c.overlaps()
	c.cycles()
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	raw, err := json.Marshal(c.Book)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	c.Hash = hex.EncodeToString(sum[:])
	return &c.Set, nil
}

type compiler struct {
	Set
	faults errs.List
	p      *Policy // that is being compiled
	at     []int32 // atoms of it
}

func (c *compiler) fault(line int, key string, args errs.A) {
	file := ""
	if c.p != nil {
		file = c.p.File
	}
	all := errs.A{"file": file, "line": line}
	for k, v := range args {
		all[k] = v
	}
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, errs.New(errs.Invalid, key, all).At(fmt.Sprintf("%s:%d", file, line)))
	}
}

func (c *compiler) vocabulary() {
	for i, f := range c.Book.Facts {
		if _, twice := c.facts[f.ID]; twice {
			c.fault(0, "policy.fact_twice", errs.A{"id": f.ID})
		}
		c.facts[f.ID] = int32(i)
		for _, w := range f.Words {
			if _, known := c.words[w.ID]; !known {
				c.words[w.ID] = int64(len(c.words) + 1)
			}
		}
	}
}

// fact returns a fact of the vocabulary and its slot, so many years back.
func (c *compiler) fact(line int, id string, back int) (*Fact, int32) {
	i, ok := c.facts[id]
	if !ok {
		c.fault(line, "policy.unknown_fact", errs.A{"id": id, "like": c.like(id)})
		return &Fact{Type: Number}, 0
	}
	key := slot{i, int32(back)}
	at, ok := c.slotOf[key]
	if !ok {
		at = int32(len(c.slots))
		c.slots, c.slotOf[key] = append(c.slots, key), at
	}
	return &c.Book.Facts[i], at
}

// like names a fact that is written nearly so, for a mistyped one.
func (c *compiler) like(id string) string {
	for i := range c.Book.Facts {
		other := c.Book.Facts[i].ID
		if strings.HasPrefix(other, id[:min(3, len(id))]) || strings.Contains(other, id) {
			return other
		}
	}
	return ""
}

func (c *compiler) policy(p *Policy) {
	c.p, c.at = p, nil
	x := compiled{Policy: p, first: int32(len(c.nodes))}
	x.root = c.condition(p.When, int32(len(c.policies)))
	x.atoms = c.at
	if p.Benefit != nil && p.Benefit.Amount != nil {
		c.amount(p.Benefit.Amount)
	}
	c.versions[p.ID] = append(c.versions[p.ID], int32(len(c.policies)))
	c.policies = append(c.policies, x)
}

func (c *compiler) condition(w *Condition, of int32) int32 {
	n := node{k: int32(w.K)}
	var kids []int32
	for _, kid := range w.Of {
		kids = append(kids, c.condition(kid, of))
	}
	switch w.Op {
	case "all":
		n.op = opAll
	case "any":
		n.op = opAny
	case "not":
		n.op = opNot
	case "at_least":
		n.op = opAtLeast
	default:
		n.atom = c.atom(w.Atom, of)
	}
	n.from, n.n = int32(len(c.kids)), int32(len(kids))
	c.kids = append(c.kids, kids...)
	c.nodes = append(c.nodes, n)
	return int32(len(c.nodes) - 1)
}

func (c *compiler) atom(a *Atom, of int32) int32 {
	x := atom{Atom: a, policy: of, born: -1, by: -1}
	t := Number
	switch {
	case a.Over != "":
		t = c.ratio(&x)
	case a.Fact != "":
		var f *Fact
		f, x.slot = c.fact(a.Line, a.Fact, 0)
		t = f.Type
	case a.Since != "":
		var f *Fact
		f, x.slot = c.fact(a.Line, a.Since, 0)
		x.asks, t = asksSince, Count
		if f.Type != Day {
			c.fault(a.Line, "policy.since_day", errs.A{"id": a.Since})
		}
	case a.Score != "":
		x.asks, t, x.score = asksScore, Count, c.findScore(a)
	case a.Policy != "":
		x.asks, x.other = asksPolicy, a.Policy
	default:
		c.expression(&x)
	}
	if a.Compare != "" {
		c.compared(&x, t)
	}
	c.at = append(c.at, int32(len(c.atoms)))
	c.atoms = append(c.atoms, x)
	return int32(len(c.atoms) - 1)
}

// bornOn is the fact before which a firm has no years.
const bornOn = "registered_on"

// ratio compares millionths of sums over years, the last of which is the year
// before the day that is asked about, or the latest with a value.
func (c *compiler) ratio(x *atom) Type {
	x.asks = asksRatio
	for back := range max(x.Years, 1) {
		over, denominator := c.fact(x.Line, x.Over, back)
		f, numerator := c.fact(x.Line, x.Fact, back)
		if f.Type != over.Type || f.Type == Word || f.Type == YesNo || x.Years > 1 && !(f.Yearly && over.Yearly) {
			c.fault(x.Line, "policy.ratio_types", errs.A{"one": x.Fact, "other": x.Over})
			break
		}
		x.slots, x.over = append(x.slots, numerator), append(x.over, denominator)
	}
	if _, known := c.facts[bornOn]; known && x.Years > 1 {
		_, x.born = c.fact(x.Line, bornOn, 0)
	}
	return Percent
}

func (c *compiler) findScore(a *Atom) int32 {
	for i := range c.scores {
		if c.scores[i].ID == a.Score {
			return int32(i)
		}
	}
	c.fault(a.Line, "policy.unknown_score", errs.A{"id": a.Score})
	return 0
}

func (c *compiler) compared(x *atom, t Type) {
	x.compare = comparison(slices.Index(Comparisons, x.Compare))
	ordered := t != Word && t != YesNo && t != Place
	switch {
	case x.compare <= cmpBelow && !ordered, x.compare == cmpWithin && t != Place, x.compare == cmpIs && t != YesNo, (x.compare == cmpIn || x.compare == cmpNotIn) && ordered && t != Count,
		x.compare == cmpEquals && t == YesNo:
		c.fault(x.Line, "policy.comparison_type", errs.A{"compare": x.Compare, "type": string(t)})
		return
	}
	switch {
	case x.Bands != nil:
		c.bands(x, t)
	case len(x.Words) > 0:
		for _, w := range x.Words {
			x.list = append(x.list, c.literal(x, t, w))
		}
		slices.Sort(x.list)
	default:
		x.Value = c.literal(x, t, x.raw)
	}
}

func (c *compiler) bands(x *atom, t Type) {
	f, by := c.fact(x.Line, x.Bands.By, 0)
	x.by = by
	for i := range x.Bands.List {
		b := &x.Bands.List[i]
		if b.rawUpTo != "" {
			b.UpTo = c.literalAt(b.line, f, b.rawUpTo)
		}
		b.Value = c.literalAt(b.line, &Fact{Type: t}, b.rawValue)
		if i > 0 && b.UpTo <= x.Bands.List[i-1].UpTo {
			c.fault(b.line, "policy.bands_rise", nil)
		}
	}
}

func (c *compiler) literal(x *atom, t Type, raw string) int64 {
	if t == Word {
		f := &c.Book.Facts[c.facts[x.Fact]]
		if !slices.ContainsFunc(f.Words, func(w Choice) bool { return w.ID == raw }) {
			c.fault(x.Line, "policy.not_a_word", errs.A{"value": clip(raw), "id": f.ID})
		}
		return c.words[raw]
	}
	if x.asks == asksSince {
		raw = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(raw, "days"), "天"))
	}
	return c.literalAt(x.Line, &Fact{Type: t}, raw)
}

func (c *compiler) literalAt(line int, f *Fact, raw string) int64 {
	v, err := f.Type.Parse(raw)
	if err != nil {
		c.fault(line, "policy.value_of", errs.A{"value": clip(raw), "type": string(f.Type)})
	}
	return v
}

func (c *compiler) amount(a *Amount) {
	if a.Of != "" {
		if f, _ := c.fact(a.Line, a.Of, 0); f.Type != Money {
			c.fault(a.Line, "policy.amount_money", errs.A{"id": a.Of})
		}
	}
	for i := 1; i < len(a.Bands); i++ {
		if a.Bands[i].UpTo <= a.Bands[i-1].UpTo {
			c.fault(a.Bands[i].line, "policy.bands_rise", nil)
		}
	}
	for _, p := range a.Parts {
		c.amount(p)
	}
}

// compiledScore is a table whose steps are nodes.
type compiledScore struct {
	*Score
	first int32
	parts [][]compiledStep
}

type compiledStep struct {
	root   int32
	points int64
}

func (c *compiler) score(s *Score) {
	x := compiledScore{Score: s, first: int32(len(c.nodes))}
	for _, p := range s.Parts {
		var steps []compiledStep
		for _, step := range p.Steps {
			steps = append(steps, compiledStep{c.condition(step.When, -1), step.Points})
		}
		x.parts = append(x.parts, steps)
	}
	c.scores = append(c.scores, x)
}

// overlaps refuses two versions of one policy that are in force on one day.
func (c *compiler) overlaps() {
	for _, list := range c.versions {
		slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(c.policies[a].From, c.policies[b].From) })
		for i := 1; i < len(list); i++ {
			before, p := c.policies[list[i-1]], c.policies[list[i]]
			if c.p = p.Policy; before.To > p.From {
				c.fault(p.Line, "policy.overlap", errs.A{"id": p.ID, "other": before.Line})
			}
		}
	}
}

// cycles refuses policies that ask for each other, or for one that is not there.
func (c *compiler) cycles() {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(id string, line int)
	visit = func(id string, line int) {
		if state[id] == visiting {
			c.fault(line, "policy.cycle", errs.A{"id": id})
		}
		if state[id] != 0 {
			return
		}
		state[id] = visiting
		for _, v := range c.versions[id] {
			for _, a := range c.policies[v].atoms {
				x := &c.atoms[a]
				if c.p = c.policies[v].Policy; x.asks != asksPolicy {
					continue
				}
				if len(c.versions[x.other]) == 0 {
					c.fault(x.Line, "policy.unknown_policy", errs.A{"id": x.other})
					continue
				}
				visit(x.other, x.Line)
			}
		}
		state[id] = done
		c.order = append(c.order, id)
	}
	for i := range c.policies {
		visit(c.policies[i].ID, c.policies[i].Line)
	}
}
