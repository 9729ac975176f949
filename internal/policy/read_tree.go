package policy

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// condition reads {all: […]}, {any: […]}, {not: …}, {at_least: k, of: […]} or an
// atom.
func (r *reader) condition(n *yaml.Node, at string) *Condition {
	c := &Condition{Op: r.operator(n), Line: n.Line}
	kids := func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) { c.Of = append(c.Of, r.condition(n, at)) })
		if len(c.Of) == 0 {
			r.fault(n, at, "policy.empty_group", nil)
		}
	}
	switch c.Op {
	case "all", "any":
		r.object(n, at, fields{c.Op: kids})
	case "not":
		r.object(n, at, fields{"not": func(n *yaml.Node, at string) { c.Of = []*Condition{r.condition(n, at)} }})
	case "at_least":
		k := int64(0)
		r.object(n, at, fields{"at_least": r.value(Count, &k), "of": kids}, "of")
		if c.K = int(k); c.K < 1 || c.K > len(c.Of) {
			r.fault(n, at, "policy.k_of_n", nil)
		}
	default:
		c.Atom = r.atom(n, at)
	}
	return c
}

// operator is the word by which a mapping is told to be a group.
func (r *reader) operator(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode {
		of := false
		op := "atom"
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key := n.Content[i].Value; key {
			case "all", "any", "not":
				return key
			case "of":
				of = true
			case "at_least":
				op = key
			}
		}
		if of && op == "at_least" {
			return op
		}
	}
	return "atom"
}

func (r *reader) atom(n *yaml.Node, at string) *Atom {
	a := &Atom{Line: n.Line}
	years := int64(0)
	f := fields{
		"title": r.both(&a.Title), "article": r.text(&a.Article), "fact": r.id(&a.Fact), "over": r.id(&a.Over), "years": r.value(Count, &years),
		"since": r.id(&a.Since), "score": r.id(&a.Score), "policy": r.id(&a.Policy), "cel": r.text(&a.CEL), "facts": r.ids(&a.Facts),
	}
	compared := 0
	for _, op := range Comparisons {
		f[op] = func(n *yaml.Node, at string) {
			a.Compare = op
			compared++
			r.against(a, n, at)
		}
	}
	r.object(n, at, f, "article")
	a.Years = int(years)
	r.shape(a, compared, n, at)
	return a
}

// against reads what an atom is compared with: a value, a list, or bands.
func (r *reader) against(a *Atom, n *yaml.Node, at string) {
	switch n.Kind {
	case yaml.SequenceNode:
		r.list(n, at, func(n *yaml.Node, at string) { a.Words = append(a.Words, r.scalar(n, at)) })
	case yaml.MappingNode:
		a.Bands = &Bands{}
		r.object(n, at, fields{"by": r.id(&a.Bands.By), "bands": func(n *yaml.Node, at string) { a.Bands.List = r.bands(n, at, "value") }}, "by", "bands")
	default:
		a.raw = r.scalar(n, at)
	}
}

// bands reads bands of which all but the last say up to where they go.
func (r *reader) bands(n *yaml.Node, at, value string) []Band {
	var out []Band
	r.list(n, at, func(n *yaml.Node, at string) {
		b := Band{UpTo: open, line: n.Line}
		r.object(n, at, fields{"up_to": r.text(&b.rawUpTo), value: r.text(&b.rawValue)}, value)
		out = append(out, b)
	})
	for i := range out {
		if (out[i].rawUpTo == "") != (i == len(out)-1) {
			r.fault(n, at, "policy.last_band", nil)
			break
		}
	}
	return out
}

// shape checks that an atom asks one thing in a way that makes sense.
func (r *reader) shape(a *Atom, compared int, n *yaml.Node, at string) {
	asked := 0
	for _, s := range []string{a.Fact, a.Since, a.Score, a.Policy, a.CEL} {
		if s != "" {
			asked++
		}
	}
	switch {
	case asked != 1:
		r.fault(n, at, "policy.one_question", nil)
	case (a.Policy != "" || a.CEL != "") != (compared == 0) || compared > 1:
		r.fault(n, at, "policy.one_comparison", nil)
	case a.Over != "" && a.Fact == "" || a.Years != 0 && a.Over == "" || a.Years < 0 || a.Years > 10:
		r.fault(n, at, "policy.ratio", nil)
	case (a.CEL == "") != (len(a.Facts) == 0):
		r.fault(n, at, "policy.cel_facts", nil)
	case (a.Compare == "in" || a.Compare == "not_in") != (len(a.Words) > 0):
		r.fault(n, at, "policy.in_list", nil)
	case a.Bands != nil && !slices.Contains([]string{"at_least", "at_most", "above", "below"}, a.Compare):
		r.fault(n, at, "policy.bands_order", nil)
	}
}

func (r *reader) score(n *yaml.Node, at string) Score {
	s := Score{Line: n.Line}
	r.object(n, at, fields{"id": r.id(&s.ID), "title": r.both(&s.Title), "parts": func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) { s.Parts = append(s.Parts, r.part(n, at)) })
	}}, "id", "title", "parts")
	return s
}

func (r *reader) part(n *yaml.Node, at string) Part {
	var p Part
	r.object(n, at, fields{"title": r.both(&p.Title), "article": r.text(&p.Article), "steps": func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) { p.Steps = append(p.Steps, r.step(n, at)) })
	}}, "title", "article", "steps")
	return p
}

func (r *reader) step(n *yaml.Node, at string) Step {
	var s Step
	r.object(n, at, fields{"points": r.value(Count, &s.Points), "when": func(n *yaml.Node, at string) { s.When = r.condition(n, at) }}, "points", "when")
	if s.Points < -1000 || s.Points > 1000 {
		r.fault(n, at, "policy.points", nil)
	}
	return s
}

// amountOps are the keys by which amounts are told apart.
var amountOps = []string{"fixed", "rate", "bands", "sum", "least", "greatest"}

func (r *reader) amount(n *yaml.Node, at string) *Amount {
	a := &Amount{Line: n.Line}
	ops := 0
	as := func(op string, read func(*yaml.Node, string)) func(*yaml.Node, string) {
		return func(n *yaml.Node, at string) {
			a.Op = op
			ops++
			read(n, at)
		}
	}
	parts := func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) { a.Parts = append(a.Parts, r.amount(n, at)) })
	}
	r.object(n, at, fields{
		"fixed": as("fixed", r.value(Money, &a.Fixed)), "rate": as("rate", r.value(Percent, &a.Rate)), "of": r.id(&a.Of), "cap": r.value(Money, &a.Cap),
		"bands": as("bands", func(n *yaml.Node, at string) { a.Bands = r.rates(n, at) }), "mode": r.word(&a.Mode, []string{"whole", "marginal"}),
		"sum": as("sum", parts), "least": as("least", parts), "greatest": as("greatest", parts),
	})
	switch {
	case ops != 1:
		r.fault(n, at, "policy.one_amount", map[string]any{"known": strings.Join(amountOps, ", ")})
	case (a.Op == "rate" || a.Op == "bands") != (a.Of != ""):
		r.fault(n, at, "policy.amount_of", nil)
	case (a.Op == "bands") != (a.Mode != ""):
		r.fault(n, at, "policy.amount_mode", nil)
	}
	return a
}

// rates reads bands of amounts whose values are rates.
func (r *reader) rates(n *yaml.Node, at string) []Band {
	out := r.bands(n, at, "rate")
	for i := range out {
		b := &out[i]
		var err error
		if b.rawUpTo != "" {
			b.UpTo, err = Money.Parse(b.rawUpTo)
		}
		if err == nil {
			b.Value, err = Percent.Parse(b.rawValue)
		}
		if err != nil {
			r.fault(n, at+"["+strconv.Itoa(i)+"]", "policy.value_at", map[string]any{"value": clip(b.rawUpTo + " " + b.rawValue), "type": string(Money)})
		}
	}
	return out
}
