package casework

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

const (
	maxKindBytes = 256 << 10
	maxDays      = 3660 // ten years
)

// ParseKind reads a kind from YAML (JSON is YAML too) and checks all that can be
// known of it by itself; what it asks of guards and effects is checked by
// Registry.Add. Faults are told together as an errs.List, each with the JSON
// pointer of its place.
func ParseKind(raw []byte) (*Kind, error) {
	if len(raw) > maxKindBytes {
		return nil, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "256 KiB"})
	}
	k := &Kind{}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(k); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "casework.kind_syntax", errs.A{"detail": err.Error()})
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "casework.kind_one_document")
	}
	c := &checker{k: k}
	c.run()
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	k.seal()
	return k, nil
}

// checker collects the faults of one kind.
type checker struct {
	k      *Kind
	faults errs.List
}

func (c *checker) fault(at, key string, args errs.A) {
	c.faults = append(c.faults, errs.New(errs.Invalid, key, args).At(at))
}

func (c *checker) run() {
	c.head()
	c.words()
	for i := range c.k.Transitions {
		c.transition(i)
	}
	if len(c.faults) > 0 {
		return // what follows walks the table and would only repeat them
	}
	c.ambiguous()
	c.reach()
	c.ends()
	for i := range c.k.Transitions {
		c.deadline(i)
	}
	c.idleClock()
}

var wordForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

func (c *checker) word(at, id string) {
	if !wordForm.MatchString(id) || len(id) > 64 {
		c.fault(at, "casework.kind_word", errs.A{"what": strconv.Quote(id)})
	}
}

func (c *checker) name(at string, n i18n.Text) {
	if n.ZH == "" || n.EN == "" || len(n.ZH)+len(n.EN) > 400 {
		c.fault(at+"/name", "casework.kind_name", errs.A{"where": at})
	}
}

func (c *checker) head() {
	c.word("/kind", c.k.ID)
	c.name("", c.k.Name)
	if c.k.Version < 1 || c.k.Version > 1e6 {
		c.fault("/version", "casework.kind_version", nil)
	}
	c.known("/start", c.state, c.k.Start)
	c.each("/recusers", c.k.Recusers, c.role)
}

func (c *checker) words() {
	seen := map[string]bool{Clock: true}
	for i, r := range c.k.Roles {
		at := "/roles/" + strconv.Itoa(i)
		c.word(at, r.ID)
		c.name(at, r.Name)
		c.once(at, seen, r.ID)
	}
	seen = map[string]bool{}
	for i, s := range c.k.States {
		at := "/states/" + strconv.Itoa(i)
		c.word(at, s.ID)
		c.name(at, s.Name)
		c.once(at, seen, s.ID)
	}
}

func (c *checker) once(at string, seen map[string]bool, id string) {
	if seen[id] {
		c.fault(at, "casework.kind_twice", errs.A{"what": id})
	}
	seen[id] = true
}

func (c *checker) state(id string) bool { _, ok := c.k.State(id); return ok }

func (c *checker) role(id string) bool {
	return slices.ContainsFunc(c.k.Roles, func(r Word) bool { return r.ID == id })
}

func (c *checker) action(id string) bool {
	return id == ActionOpen || slices.ContainsFunc(c.k.Transitions, func(t Transition) bool { return t.Action == id })
}

func (c *checker) known(at string, is func(string) bool, id string) {
	if !is(id) {
		c.fault(at, "casework.kind_unknown", errs.A{"what": strconv.Quote(id), "where": at})
	}
}

func (c *checker) each(at string, ids []string, is func(string) bool) {
	seen := map[string]bool{}
	for i, id := range ids {
		c.known(at+"/"+strconv.Itoa(i), is, id)
		c.once(at, seen, id)
	}
}

func (c *checker) transition(i int) {
	t, at := c.k.Transitions[i], "/transitions/"+strconv.Itoa(i)
	c.word(at+"/action", t.Action)
	if slices.Contains([]string{ActionOpen, ActionMigrate, ActionRecuse}, t.Action) {
		c.fault(at+"/action", "casework.kind_reserved", errs.A{"action": t.Action})
	}
	c.name(at, t.Name)
	if len(t.From) == 0 || len(t.Roles) == 0 {
		c.fault(at, "casework.kind_empty", errs.A{"action": t.Action})
	}
	c.each(at+"/from", t.From, c.state)
	c.known(at+"/to", func(id string) bool { return id == Stay || c.state(id) }, t.To)
	c.each(at+"/roles", t.Roles, func(id string) bool { return id == Clock || c.role(id) })
	c.each(at+"/not_by", t.NotBy, c.action)
	c.each(at+"/guards", t.Guards, wordForm.MatchString)
	c.each(at+"/effects", t.Effects, wordForm.MatchString)
}

// ambiguous finds an action that would lead to two places from one state.
func (c *checker) ambiguous() {
	seen := map[[2]string]bool{}
	for i, t := range c.k.Transitions {
		for _, from := range t.From {
			if seen[[2]string{from, t.Action}] {
				c.fault("/transitions/"+strconv.Itoa(i), "casework.kind_ambiguous", errs.A{"action": t.Action, "state": from})
			}
			seen[[2]string{from, t.Action}] = true
		}
	}
}

// reach finds states to which nothing leads from the start.
func (c *checker) reach() {
	reached, queue := map[string]bool{c.k.Start: true}, []string{c.k.Start}
	for len(queue) > 0 {
		for _, t := range c.k.From(queue[0]) {
			if to := t.target(queue[0]); !reached[to] {
				reached[to] = true
				queue = append(queue, to)
			}
		}
		queue = queue[1:]
	}
	for i, s := range c.k.States {
		if !reached[s.ID] {
			c.fault("/states/"+strconv.Itoa(i), "casework.kind_unreachable", errs.A{"state": s.ID})
		}
	}
}

// ends finds states out of which nothing leads though they are not final, and
// final ones out of which something does.
func (c *checker) ends() {
	for i, s := range c.k.States {
		leads := slices.ContainsFunc(c.k.From(s.ID), func(t *Transition) bool { return t.target(s.ID) != s.ID })
		at := "/states/" + strconv.Itoa(i)
		if !s.Final && !leads {
			c.fault(at, "casework.kind_dead_end", errs.A{"state": s.ID})
		}
		if s.Final && len(c.k.From(s.ID)) > 0 {
			c.fault(at, "casework.kind_final_leaves", errs.A{"state": s.ID})
		}
	}
}

// deadline holds that whatever passes is handled: by the clock, in every state
// in which it may pass, or by somebody who is told.
func (c *checker) deadline(i int) {
	t, at := &c.k.Transitions[i], "/transitions/"+strconv.Itoa(i)+"/deadline"
	d := t.Deadline
	if d == nil {
		return
	}
	if d.Days < 1 || d.Days > maxDays {
		c.fault(at+"/days", "casework.kind_days", errs.A{"action": t.Action})
	}
	if d.Unit != WorkingDays && d.Unit != CalendarDays || d.Roll && d.Unit == WorkingDays {
		c.fault(at+"/unit", "casework.kind_unit", errs.A{"action": t.Action})
	}
	if d.Then == "" && len(d.Notify) == 0 {
		c.fault(at, "casework.kind_unhandled", errs.A{"action": t.Action})
	}
	c.each(at+"/notify", d.Notify, c.role)
	for _, from := range t.From {
		then := c.k.Transition(from, d.Then)
		if d.Then != "" && (then == nil || !slices.Contains(then.Roles, Clock)) {
			c.fault(at+"/then", "casework.kind_then", errs.A{"action": t.Action, "then": d.Then, "state": from})
		}
	}
}

// idleClock finds actions for the clock alone that no deadline asks of it.
func (c *checker) idleClock() {
	for i, t := range c.k.Transitions {
		if !slices.Equal(t.Roles, []string{Clock}) {
			continue
		}
		for _, from := range t.From {
			asked := slices.ContainsFunc(c.k.From(from), func(o *Transition) bool { return o.Deadline != nil && o.Deadline.Then == t.Action })
			if !asked {
				c.fault("/transitions/"+strconv.Itoa(i), "casework.kind_idle_clock", errs.A{"action": t.Action, "state": from})
			}
		}
	}
}
