package edition

import (
	"context"
	"slices"
	"sort"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Verdict is a three-valued answer.
type Verdict string

// The verdicts.
const (
	Yes     Verdict = "yes"
	No      Verdict = "no"
	Unknown Verdict = "unknown"
)

// Reason says why two editions do not, or not surely, make one series.
type Reason string

// The reasons.
const (
	MethodBroke   Reason = "method_broke"   // a stated change breaks the series
	MaybeBroke    Reason = "maybe_broke"    // an unverified change would break it
	EditionAbsent Reason = "edition_absent" // an edition in between is not in the ledger, and with it its changes
	NotSeen       Reason = "not_seen"       // one of the two is recalled
)

// Break is a change of method with the edition that brought it.
type Break struct {
	Edition string `json:"edition"` // id
	Difference
}

// ValueMove is what became of one metric of a unit.
type ValueMove struct {
	Metric string             `json:"metric"`
	A      quantity.Quantity  `json:"a"`
	B      quantity.Quantity  `json:"b"`
	Change *quantity.Quantity `json:"change,omitempty"` // B less A with its bound, nil where units do not agree
	Growth *quantity.Quantity `json:"growth,omitempty"` // percent of A, nil where A is zero
}

// Move is what became of one unit. A or B is nil where the ledger holds no line
// of it; whether it was on the published table then is unknown, unless the
// ledger holds the whole table.
type Move struct {
	Identity     string      `json:"identity"`
	A            *Entry      `json:"a,omitempty"`
	B            *Entry      `json:"b,omitempty"`
	RankA        int64       `json:"rank_a,omitempty"` // 0 is unknown
	RankB        int64       `json:"rank_b,omitempty"`
	FromPrevious bool        `json:"from_previous,omitempty"` // RankA is what B prints as the rank before
	Disagrees    int64       `json:"disagrees,omitempty"`     // what B prints as the rank before, where that is not A's own
	Places       *int64      `json:"places,omitempty"`        // places gained (positive) or lost; nil where a rank is unknown
	Values       []ValueMove `json:"values,omitempty"`
	Comparable   Verdict     `json:"comparable"` // false across a break: the move is then no gain or loss
}

// Comparison sets two editions of one ranking side by side, the older first.
type Comparison struct {
	A          Edition  `json:"a"`
	B          Edition  `json:"b"`
	Comparable Verdict  `json:"comparable"`
	Why        []Reason `json:"why,omitempty"`
	Changes    []Break  `json:"changes,omitempty"` // of every edition after A up to B, oldest first
	Absent     []string `json:"absent,omitempty"`  // labels of editions in between that the ledger lacks
	Moves      []Move   `json:"moves"`             // by the newer rank
}

// Compare sets two editions of one ranking side by side, whatever their order;
// of two rankings it is errs.Invalid.
func (s *Service) Compare(ctx context.Context, a, b string) (Comparison, error) {
	x, err := s.Get(ctx, a)
	if err != nil {
		return Comparison{}, err
	}
	y, err := s.Get(ctx, b)
	if err != nil {
		return Comparison{}, err
	}
	if x.Ranking != y.Ranking || x.ID == y.ID {
		return Comparison{}, errs.New(errs.Invalid, "edition.not_comparable", errs.A{"a": a, "b": b})
	}
	if older(&y, &x) {
		x, y = y, x
	}
	all, err := s.List(ctx, Filter{Ranking: x.Ranking})
	if err != nil {
		return Comparison{}, err
	}
	before, err := s.Entries(ctx, x.ID)
	if err != nil {
		return Comparison{}, err
	}
	after, err := s.Entries(ctx, y.ID)
	if err != nil {
		return Comparison{}, err
	}
	c := span(all, x, y)
	c.Moves = moves(&c, before, after)
	return c, nil
}

// span walks from y back to x through the editions of the ranking and gathers
// what changed on the way.
func span(all []Edition, x, y Edition) Comparison {
	c := Comparison{A: x, B: y}
	byLabel := map[string]*Edition{}
	for i := range all {
		byLabel[all[i].Edition] = &all[i]
	}
	at := &y
	for passed := 0; at.Edition != x.Edition; passed++ {
		for _, d := range slices.Backward(at.Changes) {
			c.Changes = append(c.Changes, Break{at.ID, d})
		}
		before := byLabel[at.Previous]
		if before == nil || passed > len(all) || older(before, &x) {
			c.Absent = append(c.Absent, at.Previous) // "" when not even its label is known
			break
		}
		at = before
	}
	slices.Reverse(c.Changes)
	c.Comparable, c.Why = judge(&c)
	return c
}

func judge(c *Comparison) (Verdict, []Reason) {
	var why []Reason
	if slices.ContainsFunc(c.Changes, func(b Break) bool { return b.Breaks && b.Certainty == Stated }) {
		why = append(why, MethodBroke)
	}
	if slices.ContainsFunc(c.Changes, func(b Break) bool { return b.Breaks && b.Certainty == Unverified }) {
		why = append(why, MaybeBroke)
	}
	if len(c.Absent) > 0 {
		why = append(why, EditionAbsent)
	}
	if c.A.Basis == Recalled || c.B.Basis == Recalled {
		why = append(why, NotSeen)
	}
	switch {
	case slices.Contains(why, MethodBroke):
		return No, why
	case len(why) > 0:
		return Unknown, why
	}
	return Yes, nil
}

func moves(c *Comparison, before, after []Entry) []Move {
	a := map[string]*Entry{}
	for i := range before {
		a[before[i].identity()] = &before[i]
	}
	var out []Move
	for i := range after {
		id := after[i].identity()
		out = append(out, move(c, id, a[id], &after[i]))
		delete(a, id)
	}
	for i := range before {
		if id := before[i].identity(); a[id] != nil {
			out = append(out, move(c, id, a[id], nil))
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return lastRank(&out[i]) < lastRank(&out[j]) })
	return out
}

// lastRank orders moves: by the newer rank, then those that only A ranks.
func lastRank(m *Move) int64 {
	const after = 1 << 40
	switch {
	case m.RankB > 0:
		return m.RankB
	case m.RankA > 0:
		return after + m.RankA
	}
	return 2 * after
}

func move(c *Comparison, id string, a, b *Entry) Move {
	m := Move{Identity: id, A: a, B: b, RankA: rankOf(a), RankB: rankOf(b), Comparable: c.Comparable}
	if b != nil && b.PreviousRank > 0 && c.B.Previous == c.A.Edition {
		switch {
		case a == nil || a.Rank.Bound == "":
			m.RankA, m.FromPrevious = b.PreviousRank, true
		case m.RankA > 0 && m.RankA != b.PreviousRank:
			m.Disagrees = b.PreviousRank
		}
	}
	if m.RankA > 0 && m.RankB > 0 {
		places := m.RankA - m.RankB
		m.Places = &places
	}
	if a != nil && b != nil {
		m.Values = valueMoves(a, b)
	}
	return m
}

// rankOf is the exact rank, 0 when it is unknown or only bounded.
func rankOf(e *Entry) int64 {
	if e == nil || !e.RankKnown() {
		return 0
	}
	return int64(e.Rank.Value)
}

func valueMoves(a, b *Entry) []ValueMove {
	var out []ValueMove
	for _, v := range b.Values {
		old, found := a.Value(v.Metric)
		if !found {
			continue
		}
		m := ValueMove{Metric: v.Metric, A: old, B: v.Quantity}
		if d, err := v.Quantity.Sub(old); err == nil {
			m.Change = &d
			if g, err := quantity.Ratio(v.Quantity, old); err == nil {
				if g, err = g.Sub(quantity.Of(100, quantity.Percent)); err == nil {
					m.Growth = &g
				}
			}
		}
		out = append(out, m)
	}
	return out
}

// Point is one place of a unit's history.
type Point struct {
	Edition    Edition  `json:"edition"`
	Entry      Entry    `json:"entry"`
	Comparable Verdict  `json:"comparable"` // with the point before it; "" for the first
	Why        []Reason `json:"why,omitempty"`
	Changes    []Break  `json:"changes,omitempty"`
}

// History follows a unit ("division:440100") through the editions of a ranking,
// or of every ranking (""): by ranking, the oldest first. Each point says
// whether it makes one series with the point before it.
func (s *Service) History(ctx context.Context, unit, ranking string) ([]Point, error) {
	lines, err := db.Collect(ctx, s.d, scanEntry, "SELECT "+entryColumns+" FROM edition_entry WHERE unit = $1 ORDER BY edition_id, id", unit)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	all, err := s.List(ctx, Filter{Ranking: ranking})
	if err != nil {
		return nil, err
	}
	return points(all, lines), nil
}

func points(all []Edition, lines []Entry) []Point {
	of, peers := map[string]*Edition{}, map[string][]Edition{}
	for i := range all {
		of[all[i].ID] = &all[i]
		peers[all[i].Ranking] = append(peers[all[i].Ranking], all[i])
	}
	var out []Point
	for i := range lines {
		if e := of[lines[i].EditionID]; e != nil {
			out = append(out, Point{Edition: *e, Entry: lines[i]})
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := &out[i].Edition, &out[j].Edition
		return a.Ranking < b.Ranking || a.Ranking == b.Ranking && older(a, b)
	})
	for i := 1; i < len(out); i++ {
		if a, b := &out[i-1].Edition, &out[i].Edition; a.Ranking == b.Ranking {
			c := span(peers[a.Ranking], *a, *b)
			out[i].Comparable, out[i].Why, out[i].Changes = c.Comparable, c.Why, c.Changes
		}
	}
	return out
}
