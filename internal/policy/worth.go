package policy

import (
	"math"
	"math/bits"

	"github.com/kapok-city/kapok/internal/money"
)

// Worth is an amount with the way to it. Where a fact is missing, Known is false
// and AtMost says what it cannot exceed, nil where nothing bounds it.
type Worth struct {
	Known   bool        `json:"known"`
	Fen     money.Fen   `json:"fen"`
	AtMost  *money.Fen  `json:"at_most,omitempty"`
	Missing []string    `json:"missing,omitempty"` // facts
	Trace   []WorthStep `json:"trace"`
}

// WorthStep is one node of an amount, children first.
type WorthStep struct {
	Op    string    `json:"op"`
	Fact  string    `json:"fact,omitempty"`
	Base  money.Fen `json:"base"`           // what a rate is taken of
	Rate  int64     `json:"rate,omitempty"` // millionths
	Cap   money.Fen `json:"cap,omitempty"`
	Depth int       `json:"depth"`
	Known bool      `json:"known"`
	Fen   money.Fen `json:"fen"`
}

// bounded is an amount that may not be known but for what it cannot exceed.
type bounded struct {
	fen, most int64
	known     bool
}

// worth computes the amount of a policy for a snapshot.
func (s *Set) worth(x *Snapshot, a *Amount) *Worth {
	w := &Worth{}
	got := w.walk(s, x, a, 0)
	w.Known, w.Fen = got.known, money.Fen(got.fen)
	if !got.known && got.most < open {
		most := money.Fen(got.most)
		w.AtMost = &most
	}
	return w
}

func (w *Worth) walk(s *Set, x *Snapshot, a *Amount, depth int) bounded {
	step := WorthStep{Op: a.Op, Fact: a.Of, Cap: money.Fen(a.Cap), Depth: depth}
	var got bounded
	switch a.Op {
	case "fixed":
		got = bounded{a.Fixed, a.Fixed, true}
	case "rate", "bands":
		got = w.rated(s, x, a, &step)
	default:
		got = w.group(s, x, a, depth)
	}
	if a.Cap > 0 {
		got.fen, got.most = min(got.fen, a.Cap), min(got.most, a.Cap)
	}
	step.Known, step.Fen = got.known, money.Fen(got.fen)
	w.Trace = append(w.Trace, step)
	return got
}

func (w *Worth) rated(s *Set, x *Snapshot, a *Amount, step *WorthStep) bounded {
	v := x.values[s.slotOf[slot{s.facts[a.Of], 0}]]
	if v.state != known {
		w.Missing = append(w.Missing, a.Of)
		return bounded{most: open}
	}
	base := max(v.n, 0)
	step.Base = money.Fen(base)
	if a.Op == "rate" {
		step.Rate = a.Rate
		got := part(base, a.Rate)
		return bounded{got, got, got < open}
	}
	if a.Mode == "whole" {
		step.Rate = bandOf(a.Bands, base)
		got := part(base, step.Rate)
		return bounded{got, got, got < open}
	}
	sum, from := int64(0), int64(0)
	for _, b := range a.Bands {
		if base <= from {
			break
		}
		sum = plus(sum, part(min(base, b.UpTo)-from, b.Value))
		from = b.UpTo
	}
	return bounded{sum, sum, sum < open}
}

func (w *Worth) group(s *Set, x *Snapshot, a *Amount, depth int) bounded {
	var out bounded
	for i, p := range a.Parts {
		got := w.walk(s, x, p, depth+1)
		if i == 0 {
			out = got
			continue
		}
		known := out.known && got.known
		switch a.Op {
		case "sum":
			out = bounded{plus(out.fen, got.fen), plus(out.most, got.most), known}
		case "least":
			out = bounded{min(out.fen, got.fen), min(out.most, got.most), known}
		default:
			out = bounded{max(out.fen, got.fen), max(out.most, got.most), known}
		}
	}
	if !out.known {
		out.fen = 0
	}
	return out
}

// plus adds two amounts that are not below zero; what does not fit is open.
func plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return open
	}
	return a + b
}

// part is so many millionths of an amount, rounded down to the fen.
func part(n, rate int64) int64 {
	hi, lo := bits.Mul64(uint64(max(n, 0)), uint64(max(rate, 0)))
	if hi >= million {
		return open
	}
	q, _ := bits.Div64(hi, lo, million)
	if q >= open {
		return open
	}
	return int64(q)
}
