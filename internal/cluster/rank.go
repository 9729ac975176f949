package cluster

import (
	"cmp"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
)

// Kind says what a point stands for in a ranking; it is the value of
// Points.Kind.
type Kind = uint8

// The kinds of a ranking in the style of the GII.
const (
	Patent Kind = iota // an inventor's address in a patent application
	Paper              // an author's address in a paper
	Deal               // the place of a venture capital deal, from the 2025 edition on
	kinds
)

// KindName returns the word for a kind in files and JSON.
func KindName(k Kind) string {
	return [...]string{"patent", "paper", "deal"}[k]
}

// ParseKind is the inverse of KindName.
func ParseKind(s string) (Kind, bool) {
	i := slices.Index([]string{"patent", "paper", "deal"}, s)
	return Kind(max(i, 0)), i >= 0
}

// Counts has one number for each kind.
type Counts struct {
	Patents float64 `json:"patents"`
	Papers  float64 `json:"papers"`
	Deals   float64 `json:"deals"`
}

func (c *Counts) of(k Kind) *float64 {
	return [...]*float64{&c.Patents, &c.Papers, &c.Deals}[k]
}

// Evidence says which document each point is of.
type Evidence struct {
	Kind     []Kind    // nil: all are patents
	Weight   []float64 // the persons a point stands for, or parts of them; nil: 1 each
	Document []int32   // the number of the document from 0; a number belongs to one kind. nil: Weight is the part of a document
}

// Tally counts documents by fractions: a document gives each cluster its
// persons in the cluster over all its persons, so that what lies outside all
// clusters is lost to them (the GII's way; full counting would give each
// cluster the whole). It returns the counts of each cluster and those of the
// world, which are all documents among the points: a document of which no
// weight is known counts nowhere.
//
// Without documents, a weight is itself a part of one, as in a corpus, where
// persons whose address is unknown are lost too.
func Tally(labels []int32, clusters int, e Evidence) (counts []Counts, world Counts) {
	counts = make([]Counts, clusters)
	whole := e.wholes()
	for i, label := range labels {
		part, kind := e.weight(i), e.kind(i)
		if e.Document != nil {
			if part /= whole[e.Document[i]]; math.IsNaN(part) {
				continue // 0 of 0
			}
		}
		*world.of(kind) += part
		if label != Noise {
			*counts[label].of(kind) += part
		}
	}
	if e.Document != nil {
		world = e.documents(whole) // the same number without rounding
	}
	return counts, world
}

func (e *Evidence) weight(i int) float64 {
	if e.Weight == nil {
		return 1
	}
	return e.Weight[i]
}

func (e *Evidence) kind(i int) Kind {
	if e.Kind == nil {
		return Patent
	}
	return e.Kind[i]
}

// wholes returns the weight of each document.
func (e *Evidence) wholes() []float64 {
	if len(e.Document) == 0 {
		return nil
	}
	whole := make([]float64, slices.Max(e.Document)+1)
	for i, d := range e.Document {
		whole[d] += e.weight(i)
	}
	return whole
}

func (e *Evidence) documents(whole []float64) Counts {
	var c Counts
	seen := make([]bool, len(whole))
	for i, d := range e.Document {
		if !seen[d] && whole[d] > 0 {
			seen[d] = true
			*c.of(e.kind(i))++
		}
	}
	return c
}

// RankOptions are what a ranking knows beside the counts.
type RankOptions struct {
	World      Counts    // documents of the whole world; a kind of which it has none adds nothing
	Deals      bool      // deals are the third term of the sum, as in the GII 2025
	Population []float64 // inhabitants of each cluster; nil or NaN: not known
}

// Row is a cluster's place in a ranking.
type Row struct {
	Rank          int // 1 for the first; equal totals share a rank
	Cluster       int
	Counts        Counts
	Share         Counts  // of the world, from 0 to 1, unrounded
	Total         float64 // sum of the shares that count
	Intensity     float64 // patents and papers per million inhabitants; NaN: not known
	IntensityRank int     // among clusters whose population is known; 0: not known
}

// Rank ranks clusters by the sum of their unrounded shares of the world
// (WIPO, Global Innovation Index, appendix on science and technology clusters).
// Rounded shares do not add up and change the order. Rows come by rank, then by
// cluster number. It returns errs.Invalid for totals of the world that are
// negative, not finite, or less than what the clusters hold.
func Rank(counts []Counts, o RankOptions) ([]Row, error) {
	if err := o.check(counts); err != nil {
		return nil, err
	}
	rows := make([]Row, len(counts))
	for c, n := range counts {
		rows[c] = Row{Cluster: c, Counts: n, Intensity: o.intensity(c, n)}
		for k := range kinds {
			*rows[c].Share.of(k) = share(*n.of(k), *o.World.of(k))
		}
		rows[c].Total = rows[c].Share.Patents + rows[c].Share.Papers
		if o.Deals {
			rows[c].Total += rows[c].Share.Deals
		}
	}
	rankBy(rows, func(r *Row) float64 { return r.Intensity }, func(r *Row, rank int) { r.IntensityRank = rank })
	rankBy(rows, func(r *Row) float64 { return r.Total }, func(r *Row, rank int) { r.Rank = rank })
	return rows, nil
}

func (o *RankOptions) check(counts []Counts) error {
	if o.Population != nil && len(o.Population) != len(counts) {
		return errs.New(errs.Invalid, "cluster.columns_differ")
	}
	for k := range kinds {
		world, sum := *o.World.of(k), 0.0
		for _, c := range counts {
			sum += *c.of(k)
		}
		const rounding = 1e-9
		if !(world >= 0) || math.IsInf(world, 0) || world > 0 && sum > world*(1+rounding) {
			return errs.New(errs.Invalid, "cluster.bad_world", errs.A{"kind": KindName(k), "value": world, "sum": sum})
		}
	}
	return nil
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

const million = 1e6

func (o *RankOptions) intensity(c int, n Counts) float64 {
	if o.Population == nil || !(o.Population[c] > 0) {
		return math.NaN()
	}
	return (n.Patents + n.Papers) / (o.Population[c] / million)
}

// rankBy sorts rows by falling value, then by cluster, and gives ranks; a value
// that is not known comes last and gets none.
func rankBy(rows []Row, value func(*Row) float64, give func(*Row, int)) {
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(value(&b), value(&a)), cmp.Compare(a.Cluster, b.Cluster)) // NaN is below all
	})
	rank := 0
	for i := range rows {
		v := value(&rows[i])
		if math.IsNaN(v) {
			break
		}
		if i == 0 || v != value(&rows[i-1]) {
			rank = i + 1
		}
		give(&rows[i], rank)
	}
}
