package lookthrough

import (
	"cmp"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Nature is whose money an investor's is.
type Nature string

// The natures. The zero Nature is one that is not known.
const (
	Public Nature = "public" // 财政、国资
	Social Nature = "social" // 社会资本
)

// Contribution is money that an investor paid into a fund. Nature is that of
// his own money; for an investor that has contributions of its own, such as a
// fund of funds, these say what it is.
type Contribution struct {
	Investor string
	Fund     string
	Amount   money.Fen
	Nature   Nature
}

// Mix is an amount by whose money it is.
type Mix struct {
	Public  money.Fen `json:"public"`
	Social  money.Fen `json:"social"`
	Unknown money.Fen `json:"unknown"`
}

// Lever is what public money has drawn along: (total − public) / public.
// Ratio is nil when part of the money is of unknown nature or none is public.
// Low and High then still bound it: with all that is unknown public, and none
// of it; High is nil when no public money is known.
type Lever struct {
	Mix
	Total money.Fen `json:"total"`
	Ratio *float64  `json:"ratio"`
	Low   *float64  `json:"low"`
	High  *float64  `json:"high"`
}

// Leverage measures a set of funds. Public money is looked for through the
// investors' own investors, and counted once: what one fund of the set paid
// into another is left out, since it stands already where it came in, and money
// of two public funds of funds in one fund is public beside public, not social
// to one another. Investors in a circle are of unknown nature.
func Leverage(funds []string, list []Contribution) (Lever, error) {
	m, err := newMixer(list)
	if err != nil {
		return Lever{}, err
	}
	inside := map[string]bool{}
	for _, f := range funds {
		inside[f] = true
	}
	var total Mix
	for _, f := range slices.Compact(slices.Sorted(slices.Values(funds))) {
		for _, c := range m.into[f] {
			if inside[c.Investor] {
				continue
			}
			part, err := m.part(c)
			if err == nil {
				err = total.add(part)
			}
			if err != nil {
				return Lever{}, err
			}
		}
	}
	return total.lever()
}

func (x *Mix) add(y Mix) (err error) {
	for _, p := range []struct {
		to *money.Fen
		by money.Fen
	}{{&x.Public, y.Public}, {&x.Social, y.Social}, {&x.Unknown, y.Unknown}} {
		if *p.to, err = money.Add(*p.to, p.by); err != nil {
			return err
		}
	}
	return nil
}

func (x Mix) lever() (Lever, error) {
	l := Lever{Mix: x}
	known, err := money.Add(x.Public, x.Social)
	if err != nil {
		return l, err
	}
	if l.Total, err = money.Add(known, x.Unknown); err != nil {
		return l, err
	}
	l.Low, l.High = over(x.Social, x.Public+x.Unknown), over(x.Social+x.Unknown, x.Public)
	if x.Unknown == 0 {
		l.Ratio = l.High
	}
	return l, nil
}

func over(a, b money.Fen) *float64 {
	if b <= 0 {
		return nil
	}
	q := float64(a) / float64(b)
	return &q
}

// mixer finds whose money an investor's is, once for each.
type mixer struct {
	into   map[string][]Contribution
	done   map[string]Mix
	circle map[string]bool // investors that stand behind themselves
}

func newMixer(list []Contribution) (*mixer, error) {
	m := &mixer{into: map[string][]Contribution{}, done: map[string]Mix{}, circle: map[string]bool{}}
	var names []string
	number := map[string]int32{}
	at := func(name string) int32 {
		n, ok := number[name]
		if !ok {
			n = int32(len(names))
			number[name], names = n, append(names, name)
		}
		return n
	}
	edges := make([]edge, 0, len(list))
	for _, c := range list {
		if c.Amount < 0 {
			return nil, errs.New(errs.Invalid, "lookthrough.amount", errs.A{"from": c.Investor, "to": c.Fund})
		}
		m.into[c.Fund] = append(m.into[c.Fund], c)
		edges = append(edges, edge{from: at(c.Investor), to: at(c.Fund)})
	}
	links := arrange(len(names), edges)
	for i := range links.parts {
		if p := &links.parts[i]; links.cyclic(p) {
			for _, v := range p.nodes {
				m.circle[names[v]] = true
			}
		}
	}
	return m, nil
}

// part is whose money a contribution is; its parts add up to it.
func (m *mixer) part(c Contribution) (Mix, error) {
	switch {
	case m.circle[c.Investor]:
		return Mix{Unknown: c.Amount}, nil
	case len(m.into[c.Investor]) > 0:
		return m.through(c)
	case c.Nature == Public:
		return Mix{Public: c.Amount}, nil
	case c.Nature == Social:
		return Mix{Social: c.Amount}, nil
	}
	return Mix{Unknown: c.Amount}, nil
}

// through splits a contribution as the investor's own money is.
func (m *mixer) through(c Contribution) (Mix, error) {
	of, err := m.of(c.Investor)
	if err != nil {
		return Mix{}, err
	}
	if of == (Mix{}) {
		return Mix{Unknown: c.Amount}, nil
	}
	parts, err := money.Split(c.Amount, []int64{int64(of.Public), int64(of.Social), int64(of.Unknown)})
	if err != nil {
		return Mix{}, err
	}
	return Mix{parts[0], parts[1], parts[2]}, nil
}

func (m *mixer) of(fund string) (Mix, error) {
	if mix, ok := m.done[fund]; ok {
		return mix, nil
	}
	var sum Mix
	for _, c := range m.into[fund] {
		part, err := m.part(c)
		if err == nil {
			err = sum.add(part)
		}
		if err != nil {
			return Mix{}, err
		}
	}
	m.done[fund] = sum
	return sum, nil
}

// Ticket is money of one investor in one financing round of a company.
type Ticket struct {
	Investor string
	Company  string
	Round    string // names the round, "" when it is not known
	Day      string
	Amount   *money.Fen
	Evidence string // what shows that it was in the round
}

// RoundLever is the leverage of one round.
type RoundLever struct {
	Company string    `json:"company"`
	Round   string    `json:"round"`
	Own     money.Fen `json:"own"`
	Others  money.Fen `json:"others"`
	// Evidence lists what shows that the others' money was in the same round.
	Evidence []string `json:"evidence"`
	// Left counts other tickets of the round that were not counted: without an
	// amount or without evidence. With any, Others is a lower bound.
	Left int `json:"left,omitempty"`
}

// ProjectLever is others' money over an investor's own, over all rounds in
// which he put money.
type ProjectLever struct {
	Own    money.Fen    `json:"own"`
	Others money.Fen    `json:"others"`
	Ratio  *float64     `json:"ratio"` // nil when he put in nothing that is known
	Rounds []RoundLever `json:"rounds"`
}

// ProjectLeverage measures one investor. Money of others counts only where the
// same company, the same round and evidence stand: money that came to the same
// company at another time was not drawn by this one.
func ProjectLeverage(investor string, tickets []Ticket) (ProjectLever, error) {
	type key struct{ company, round string }
	rounds := map[key]*RoundLever{}
	for _, t := range tickets {
		if t.Amount != nil && *t.Amount < 0 {
			return ProjectLever{}, errs.New(errs.Invalid, "lookthrough.amount", errs.A{"from": t.Investor, "to": t.Company})
		}
		if t.Investor == investor && t.Round != "" && t.Amount != nil {
			rounds[key{t.Company, t.Round}] = &RoundLever{Company: t.Company, Round: t.Round, Evidence: []string{}}
		}
	}
	for _, t := range tickets {
		if r := rounds[key{t.Company, t.Round}]; r != nil {
			if err := r.count(investor, t); err != nil {
				return ProjectLever{}, err
			}
		}
	}
	out := ProjectLever{Rounds: []RoundLever{}}
	for _, r := range rounds {
		var err error
		if out.Own, err = money.Add(out.Own, r.Own); err != nil {
			return out, err
		}
		if out.Others, err = money.Add(out.Others, r.Others); err != nil {
			return out, err
		}
		out.Rounds = append(out.Rounds, *r)
	}
	slices.SortFunc(out.Rounds, func(a, b RoundLever) int {
		return cmp.Or(cmp.Compare(a.Company, b.Company), cmp.Compare(a.Round, b.Round))
	})
	out.Ratio = over(out.Others, out.Own)
	return out, nil
}

func (r *RoundLever) count(investor string, t Ticket) (err error) {
	switch {
	case t.Investor == investor && t.Amount != nil:
		r.Own, err = money.Add(r.Own, *t.Amount)
	case t.Investor == investor:
	case t.Amount == nil || t.Evidence == "":
		r.Left++
	default:
		r.Others, err = money.Add(r.Others, *t.Amount)
		r.Evidence = append(r.Evidence, t.Evidence)
	}
	return err
}
