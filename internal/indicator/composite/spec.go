package composite

import (
	"errors"
	"io"
	"math"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Missing says what is done about a value that is not known.
type Missing string

// The rules for what is missing. None invents a value from other units.
const (
	// Reweight leaves it out and lets the known parts carry its weight, as long as
	// Least of the weight is known.
	Reweight Missing = "reweight"
	// Refuse makes everything above it unknown.
	Refuse Missing = "refuse"
)

// Node is a part of an index: an inner node joins its Parts, a leaf reads a
// column.
type Node struct {
	Key    string    `json:"key" yaml:"key"`
	Title  i18n.Text `json:"title" yaml:"title"`
	Weight *float64  `json:"weight,omitempty" yaml:"weight"` // among its siblings; nil is 1

	// Of an inner node.
	Mean    MeanKind `json:"mean,omitempty" yaml:"mean"`
	Missing Missing  `json:"missing,omitempty" yaml:"missing"`
	Least   float64  `json:"least,omitempty" yaml:"least"` // share of the weight that must be known; 0 is any
	Parts   []Node   `json:"parts,omitempty" yaml:"parts"`

	// Of a leaf.
	Column      string        `json:"column,omitempty" yaml:"column"`
	Per         string        `json:"per,omitempty" yaml:"per"`           // column to divide by
	Unit        i18n.Text     `json:"unit,omitzero" yaml:"unit"`          // of the quotient
	Negative    bool          `json:"negative,omitempty" yaml:"negative"` // less is better
	NearestYear bool          `json:"nearest_year,omitempty" yaml:"nearest_year"`
	Treat       Treatment     `json:"treat,omitzero" yaml:"treat"`
	Normalise   Normalisation `json:"normalise,omitzero" yaml:"normalise"`
}

// Leaf reports whether the node reads a column.
func (n *Node) Leaf() bool { return len(n.Parts) == 0 }

func (n *Node) weight() float64 {
	if n.Weight == nil {
		return 1
	}
	return *n.Weight
}

func (n *Node) least() float64 {
	if n.Missing == Refuse {
		return 1
	}
	return n.Least
}

// Each visits a node and all below it, parents first.
func (n *Node) Each(visit func(n *Node, depth int)) { n.each(visit, 0) }

func (n *Node) each(visit func(*Node, int), depth int) {
	visit(n, depth)
	for i := range n.Parts {
		n.Parts[i].each(visit, depth+1)
	}
}

// Spec is an index as data.
type Spec struct {
	Title  i18n.Text `json:"title" yaml:"title"`
	Note   i18n.Text `json:"note,omitzero" yaml:"note"`
	Unit   string    `json:"unit" yaml:"unit"`               // column of the units
	Year   string    `json:"year,omitempty" yaml:"year"`     // column of the years, "" for a table of one time
	Labels []string  `json:"labels,omitempty" yaml:"labels"` // columns of words
	Source string    `json:"source,omitempty" yaml:"source_id"`
	// Defaults of the leaves that state none of their own.
	Treat     Treatment     `json:"treat,omitzero" yaml:"treat"`
	Normalise Normalisation `json:"normalise,omitzero" yaml:"normalise"`
	Root      Node          `json:"index" yaml:"index"`
}

// maxSpec bounds a file, maxNodes a tree, maxDepth its levels.
const (
	maxSpec  = 1 << 20
	maxNodes = 2_000
	maxDepth = 12
)

// ParseSpec reads an index from YAML and validates it.
func ParseSpec(r io.Reader) (*Spec, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSpec+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxSpec {
		return nil, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "1 MB"})
	}
	var s Spec
	dec := yaml.NewDecoder(strings.NewReader(string(raw)))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return nil, errs.Wrap(err, errs.Invalid, "composite.bad_yaml", errs.A{"what": goTypes.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")})
	}
	return &s, s.Validate()
}

var (
	goTypes = regexp.MustCompile(` (in type|into) composite\.\w+`)
	nodeKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)
)

// Validate gives defaults to what is open and reports every fault as an
// errs.List.
func (s *Spec) Validate() error {
	v := validator{seen: map[string]bool{}}
	if s.Normalise.Scale == "" {
		s.Normalise.Scale = MinMax
	}
	v.fault(s.Unit == "", "unit", "errs.required", "")
	s.Root.each(func(n *Node, depth int) { v.node(s, n, depth) }, 0)
	v.fault(len(v.seen) > maxNodes, "index", "composite.too_many", "")
	return v.list.Err()
}

type validator struct {
	list errs.List
	seen map[string]bool
}

func (v *validator) fault(bad bool, field, key, value string) {
	if bad {
		v.list = append(v.list, errs.New(errs.Invalid, key, errs.A{"field": field, "value": value}).At("/"+field))
	}
}

func (v *validator) node(s *Spec, n *Node, depth int) {
	v.fault(!nodeKey.MatchString(n.Key) || v.seen[n.Key], "key", "composite.bad_key", n.Key)
	v.fault(depth > maxDepth, "parts", "composite.too_many", n.Key)
	v.fault(!Known(n.weight()) || n.weight() < 0, "weight", "composite.bad_weight", n.Key)
	v.fault(n.Title.IsZero(), "title", "errs.required", n.Key)
	v.seen[n.Key] = true
	if n.Leaf() {
		v.leaf(s, n)
		return
	}
	if n.Mean == "" {
		n.Mean = Arithmetic
	}
	if n.Missing == "" {
		n.Missing = Reweight
	}
	v.fault(n.Mean != Arithmetic && n.Mean != Geometric && n.Mean != Harmonic, "mean", "composite.unknown_word", string(n.Mean))
	v.fault(n.Missing != Reweight && n.Missing != Refuse, "missing", "composite.unknown_word", string(n.Missing))
	v.fault(!(n.Least >= 0 && n.Least <= 1), "least", "composite.bad_weight", n.Key)
	v.fault(n.Column != "", "column", "composite.column_and_parts", n.Key)
	sum := 0.0
	for i := range n.Parts {
		sum += n.Parts[i].weight()
	}
	v.fault(!(sum > 0), "weight", "composite.bad_weight", n.Key)
}

func (v *validator) leaf(s *Spec, n *Node) {
	v.fault(n.Column == "", "column", "errs.required", n.Key)
	if n.Treat == (Treatment{}) {
		n.Treat = s.Treat
	}
	if n.Normalise == (Normalisation{}) {
		n.Normalise = s.Normalise
	}
	t, m := n.Treat, n.Normalise
	switch t.Rule {
	case KeepOutliers:
	case LeaveOut, Replace:
		v.fault(!(t.Deviations > 0), "deviations", "composite.bad_treatment", n.Key)
	case Winsorise:
		v.fault(t.Points < 1 || t.Points > 1000, "points", "composite.bad_treatment", n.Key)
	default:
		v.fault(true, "rule", "composite.unknown_word", string(t.Rule))
	}
	for _, f := range []Transform{t.Transform, t.Fallback} {
		v.fault(f != NoTransform && f != SquareRoot && f != Logarithm, "transform", "composite.unknown_word", string(f))
	}
	for _, x := range []float64{t.Deviations, t.SkewAbove, m.From, m.To, m.Low, m.High, m.Target} {
		v.fault(math.IsNaN(x) || math.IsInf(x, 0), "normalise", "composite.bad_scale", n.Key)
	}
	switch m.Scale {
	case MinMax, ZScore, RankScale, PercentRank, Target, FractionOfBest:
	case Goalposts:
		v.fault(m.Low >= m.High, "low", "composite.bad_scale", n.Key)
	case Reference:
		v.fault(m.RefUnit == "", "ref_unit", "composite.bad_scale", n.Key)
	case BaseYear:
		v.fault(m.RefYear == 0 || s.Year == "", "ref_year", "composite.bad_scale", n.Key)
	default:
		v.fault(true, "scale", "composite.unknown_word", string(m.Scale))
	}
}
