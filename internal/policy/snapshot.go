package policy

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
)

// Given is what somebody states of a firm: a fact with the days on which it
// holds, where it comes from, and since when it is known here.
type Given struct {
	Fact     string `json:"fact"`
	Value    string `json:"value"`          // as Type.Parse reads it, or a word
	Year     int    `json:"year,omitempty"` // of a yearly fact
	From     string `json:"from,omitempty"` // "" since ever
	To       string `json:"to,omitempty"`   // not included; "" for ever
	SourceID string `json:"source_id,omitempty"`
	Evidence string `json:"evidence,omitempty"`
	Recorded string `json:"recorded,omitempty"` // day
}

// Time is what a question is asked for.
type Time struct {
	On     string            `json:"on"`               // the day that counts where no event says otherwise
	Events map[string]string `json:"events,omitempty"` // day of an event, see Events
	Year   int               `json:"year,omitempty"`   // the last year of figures; 0: the one before On
	Known  string            `json:"known,omitempty"`  // what was recorded later is left out
}

type state uint8

const (
	absent state = iota
	known
	conflicting
)

type value struct {
	n     int64
	state state
}

// Snapshot is what is known of one firm at a time, in the order in which a set
// asks for it.
type Snapshot struct {
	set    *Set
	given  []Given
	values []value
	from   []int32 // into given, -1 where nothing is
	also   []int32 // what it contradicts, -1
	year   int64
	on     int64
	chosen []bool // versions in force
}

// Snapshot arranges what is given as of a time. What cannot be read is an
// errs.List with the place of each fault in given. Facts that no rule asks for
// are left out.
func (s *Set) Snapshot(given []Given, at Time) (*Snapshot, error) {
	x := &Snapshot{set: s, given: given, values: make([]value, len(s.slots)), from: make([]int32, len(s.slots)), also: make([]int32, len(s.slots))}
	for i := range x.from {
		x.from[i], x.also[i] = -1, -1
	}
	var faults errs.List
	fault := func(i int, err error) { faults = append(faults, errs.Of(err)) }
	on, err := Day.Parse(at.On)
	if err != nil {
		return nil, err
	}
	last := int64(open)
	if at.Known != "" {
		if last, err = Day.Parse(at.Known); err != nil {
			return nil, err
		}
	}
	x.on, x.year = on, int64(at.Year)
	if at.Year == 0 {
		x.year = int64(time.Unix(on*86400, 0).UTC().Year()) - 1
	}
	if x.chosen, err = s.inForce(on, at.Events); err != nil {
		return nil, err
	}
	for i := range given {
		if err := x.put(i, last); err != nil {
			fault(i, err)
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return x, nil
}

// inForce chooses the versions that hold on the days of their events.
func (s *Set) inForce(on int64, events map[string]string) ([]bool, error) {
	days := map[string]int64{}
	for event, text := range events {
		if !slices.Contains(Events, event) {
			return nil, errs.New(errs.Invalid, "policy.event", errs.A{"value": clip(event)})
		}
		d, err := Day.Parse(text)
		if err != nil {
			return nil, err
		}
		days[event] = d
	}
	out := make([]bool, len(s.policies))
	for i := range s.policies {
		p := &s.policies[i]
		d, ok := days[p.LawOf]
		if !ok {
			d = on
		}
		out[i] = p.From <= d && d < p.To
	}
	return out, nil
}

func (x *Snapshot) put(i int, last int64) error {
	g := &x.given[i]
	fact, ok := x.set.facts[g.Fact]
	if !ok {
		return nil // no rule of this set knows it
	}
	f := &x.set.Book.Facts[fact]
	n, err := x.set.read(f, g.Value)
	if err != nil {
		return errs.New(errs.Invalid, "policy.given", errs.A{"fact": f.Title, "value": clip(g.Value), "type": string(f.Type)}).At("/facts/" + g.Fact)
	}
	holds, err := g.holds(x.on, last)
	if err != nil || !holds {
		return err
	}
	back := int64(0)
	if f.Yearly {
		back = x.year - int64(g.Year)
	}
	at, asked := x.set.slotOf[slot{fact, int32(back)}]
	if !asked {
		return nil
	}
	v := &x.values[at]
	switch {
	case v.state == absent:
		*v, x.from[at] = value{n, known}, int32(i)
	case v.n != n:
		v.state, x.also[at] = conflicting, int32(i)
	}
	return nil
}

func (s *Set) read(f *Fact, text string) (int64, error) {
	if f.Type != Word {
		return f.Type.Parse(text)
	}
	if !slices.ContainsFunc(f.Words, func(w Choice) bool { return w.ID == text }) {
		return 0, errs.New(errs.Invalid, "policy.value", errs.A{"value": clip(text), "type": string(Word)})
	}
	return s.words[text], nil
}

// holds says whether a fact is true of a day and was known by another.
func (g *Given) holds(on, last int64) (bool, error) {
	for _, side := range []struct {
		text string
		out  func(d int64) bool
	}{{g.From, func(d int64) bool { return on < d }}, {g.To, func(d int64) bool { return on >= d }}, {g.Recorded, func(d int64) bool { return d > last }}} {
		if side.text == "" {
			continue
		}
		d, err := Day.Parse(side.text)
		if err != nil {
			return false, errs.New(errs.Invalid, "policy.given_day", errs.A{"fact": g.Fact, "value": clip(side.text)}).At("/facts/" + g.Fact)
		}
		if side.out(d) {
			return false, nil
		}
	}
	return true, nil
}

// Hash is the SHA-256 of what the answers depend on: values, with where each is
// from, and the versions in force. The order in which facts were given does not
// change it.
func (x *Snapshot) Hash() string {
	type line struct {
		Fact  string `json:"fact"`
		Back  int32  `json:"back"`
		Given *Given `json:"given"`
		Also  *Given `json:"also,omitempty"`
	}
	var lines []line
	for i := range x.values {
		if x.from[i] < 0 {
			continue
		}
		l := line{Fact: x.set.Book.Facts[x.set.slots[i].fact].ID, Back: x.set.slots[i].back, Given: &x.given[x.from[i]]}
		if x.also[i] >= 0 {
			l.Also = &x.given[x.also[i]]
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.Fact, b.Fact), cmp.Compare(a.Back, b.Back)) })
	raw, _ := json.Marshal(struct {
		On    int64
		Year  int64
		Force []bool
		Facts []line
	}{x.on, x.year, x.chosen, lines}) // of what was just read
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
