package claims

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// CheckOptions tell Check what it may use.
type CheckOptions struct {
	Resolver Resolver // nil leaves subjects as the text writes them
	// Places are full names of cities and provinces ("深圳市") besides those that
	// figures name: a claim about one of them is no claim about another.
	Places []string
}

// Check sets every claim of a document against the figures on record. It
// returns an error only when the records cannot be read.
func Check(ctx context.Context, doc Document, known Known, opts CheckOptions) (Report, error) {
	figures, err := known.Figures(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read figures: %w", err)
	}
	c := checker{matcher: newMatcher(figures, opts.Places, doc.Text)}
	c.dropOwn(Fingerprint(doc.Text))
	names := map[string]Subject{}
	report := Report{Paragraphs: len(doc.Paragraphs), Duplicates: doc.Duplicates, Claims: []Checked{}, Counts: map[VerdictKind]int{}}
	for _, claim := range doc.Claims {
		claim.Subject = resolved(claim.Subject, opts.Resolver, names)
		v := c.verdict(claim)
		report.Claims = append(report.Claims, Checked{claim, v})
		report.Counts[v.Verdict]++
	}
	report.Segments = segments(doc)
	return report, nil
}

func resolved(s Subject, r Resolver, seen map[string]Subject) Subject {
	if r == nil || s.Text == "" {
		return s
	}
	if known, ok := seen[s.Text]; ok {
		return known
	}
	s.OrgID, s.Name, s.Score, s.Reason = r.ResolveOrg(s.Text)
	seen[s.Text] = s
	return s
}

// checker decides. own counts the values of each figure that come from the
// text itself and were left out.
type checker struct {
	*matcher
	own map[string]int
}

// dropOwn leaves out the values whose source is the text under audit: they
// would bear it out by repeating it.
func (c *checker) dropOwn(text []uint64) {
	c.own = map[string]int{}
	for i, f := range c.figures {
		var kept []Value
		for _, v := range f.Values {
			if v.FromText || Contained(text, v.Fingerprint) >= Alike {
				c.own[f.ID]++
				continue
			}
			kept = append(kept, v)
		}
		c.figures[i].Values = kept
	}
}

const keepAlternatives = 4

// accuseFrom is the least score of a match from which a figure may contradict a
// claim. Agreement needs less, since the value itself speaks for the match.
const accuseFrom = 0.6

// closeCall is how near a second figure must come to the best one, by score,
// for a text to be read as speaking of it when only it agrees.
const closeCall = 0.85

func (c *checker) verdict(claim Claim) Verdict {
	all := c.candidates(claim, false)
	if len(all) == 0 || all[0].Score < takeFrom {
		return c.unmatched(claim, all)
	}
	taken, v := all[0], c.decide(claim, c.stated(claim, all[0]))
	if v.Verdict == Contradicted && len(v.Readings) == 0 {
		taken, v = c.secondThought(claim, all, v)
	}
	v.Score = taken.Score
	if taken.Score < accuseFrom && (v.Verdict == Contradicted || v.Verdict == NotComparable) {
		v.Notes = append([]Note{v.Reason}, v.Notes...)
		v.Verdict, v.Reason = Unknown, note("claims.reason.weak_match", errs.A{"figure": v.FigureTitle})
	}
	for _, a := range all {
		if a.FigureID != v.FigureID && len(v.Alternatives) < keepAlternatives-1 {
			v.Alternatives = append(v.Alternatives, a)
		}
	}
	return v
}

// secondThought reads a text as speaking of the figure that it agrees with when
// the wording fits that one nearly as well, and says so: a wrong match would
// otherwise accuse a right statement.
func (c *checker) secondThought(claim Claim, all []Candidate, first Verdict) (Candidate, Verdict) {
	for _, a := range all[1:] {
		if a.Score < closeCall*all[0].Score || a.Score < takeFrom {
			break
		}
		v := c.decide(claim, c.stated(claim, a))
		if v.Verdict == BorneOut || v.Verdict == BoundCompatible {
			v.Notes = append(v.Notes, note("claims.note.close_call", errs.A{"other": first.FigureTitle}))
			return a, v
		}
	}
	return all[0], first
}

// stated is the figure of the candidate, or the variant of it whose qualifying
// words the claim uses.
func (c *checker) stated(claim Claim, a Candidate) Figure {
	f := c.figures[a.index]
	if len(f.Variants) == 0 {
		return f
	}
	return c.figures[c.byID[statedReading(claim, f, c.readingsOf(f))]]
}

// unmatched says whether the records speak of the thing in another unit, or
// not at all.
func (c *checker) unmatched(claim Claim, near []Candidate) Verdict {
	v := Verdict{Verdict: Unknown, Reason: note("claims.reason.no_figure", nil)}
	if claim.Kind == Superlative {
		v.Reason = note("claims.reason.no_superlative", nil)
	} else if other := c.candidates(claim, true); len(other) > 0 && other[0].Score >= takeFrom+0.3 && claim.Quantity != nil {
		f := c.figures[other[0].index]
		if f.Kind != Superlative && !agree(f.Unit, claim.Quantity.Unit) {
			v.Verdict, v.FigureID, v.FigureTitle, v.Score = NotComparable, f.ID, f.Title, other[0].Score
			v.Reason = note("claims.reason.other_unit", errs.A{"figure": f.Title})
		}
	}
	v.Alternatives = near[:min(len(near), keepAlternatives-1)]
	return v
}

func (c *checker) decide(claim Claim, f Figure) (v Verdict) {
	defer func() { v.FigureID, v.FigureTitle = f.ID, f.Title }()
	switch {
	case claim.Kind == Superlative:
		return c.superlative(f)
	case f.Kind == "" && claim.Kind == Growth:
		return c.growthFrom(claim, f)
	case isRatio(f.Unit) && (f.Numerator != "" || len(f.Variants) > 0):
		if v, ok := c.shareVerdict(claim, f); ok {
			return v
		}
	}
	return c.byValues(claim, f, f.Values)
}

func (c *checker) nothing(f Figure) Verdict {
	if c.own[f.ID] > 0 {
		return Verdict{Verdict: Unknown, Reason: note("claims.reason.only_itself", nil)}
	}
	return Verdict{Verdict: Unknown, Reason: note("claims.reason.no_value", nil)}
}

func (c *checker) superlative(f Figure) Verdict {
	if len(f.Values) == 0 {
		return c.nothing(f)
	}
	return Verdict{Verdict: BorneOut, Reason: note("claims.reason.superlative", errs.A{"source": f.Values[0].SourceTitle}), Record: decisive(f.Values[0])}
}

func decisive(v Value) *Decisive {
	return &Decisive{v.Quantity, v.Period, v.Edition, v.DataYear, v.Basis, v.SourceID, v.SourceTitle, v.Note}
}

// fit orders values by how well their time is the claim's: 0 is the same, 1 a
// year earlier (figures of a year are published in the next, and awards are
// given out in it), 2 not said, 3 another time.
func fit(claim Claim, v Value) int {
	y := claim.Period.Year()
	if y == 0 {
		return 2
	}
	edition, _ := strconv.Atoi(v.Edition)
	switch {
	case edition == y, v.Period.Known() && v.Period.Year() == y && v.Period.Meets(claim.Period):
		return 0
	case edition == y-1, v.DataYear == y-1, v.Period.Year() == y-1:
		return 1
	case edition == 0 && v.Period.Year() == 0 && v.DataYear == 0:
		return 2
	case v.DataYear == y:
		return 1
	}
	return 3
}

func year(v Value) int {
	if e, err := strconv.Atoi(v.Edition); err == nil {
		return e
	}
	return cmp.Or(v.Period.Year(), v.DataYear)
}

// byValues picks the value of the claim's time, or of the latest time when the
// claim names none, and compares.
func (c *checker) byValues(claim Claim, f Figure, values []Value) Verdict {
	if len(values) == 0 {
		return c.nothing(f)
	}
	ordered := slices.Clone(values)
	slices.SortStableFunc(ordered, func(a, b Value) int {
		return cmp.Or(cmp.Compare(fit(claim, a), fit(claim, b)), cmp.Compare(year(b), year(a)))
	})
	best := ordered[0]
	fitting := fit(claim, best)
	for _, v := range ordered { // of several for one time, or when no time is said, one that agrees will do
		if r, _ := quantity.Compare(stated(claim, v), v.Quantity); r.Agrees() && fit(claim, v) == fitting && fitting < 3 {
			best = v
			break
		}
	}
	relation, why := quantity.Compare(stated(claim, best), best.Quantity)
	v := Verdict{Relation: relation, Record: decisive(best), Verdict: fromRelation(*claim.Quantity, best.Quantity, relation)}
	v.Reason = note("claims.reason.compared", errs.A{"stated": said(*claim.Quantity), "known": said(best.Quantity), "why": note(string(why), nil).Text})
	if v.Verdict == Contradicted && partial(claim, best) {
		v.Verdict, v.Reason = Unknown, note("claims.reason.register", errs.A{"known": said(best.Quantity), "stated": said(*claim.Quantity)})
	}
	c.aboutTime(&v, claim, best, fitting)
	if claim.Kind == Rank {
		c.editions(&v, claim, values)
	}
	return v
}

// partial: a count of records that falls short of the text may only show that
// not everything is recorded.
func partial(claim Claim, v Value) bool {
	d := v.Quantity.Unit.Dimension()
	additive := d == quantity.DimCount || d == quantity.DimMoney
	return v.Basis == Computed && !v.Complete && additive && claim.Kind == Amount && v.Quantity.Interval().Hi < claim.Quantity.Interval().Lo
}

// stated is the claim's quantity as the record would count it: a fall is a
// negative growth, and a number without a unit is a count.
func stated(claim Claim, v Value) quantity.Quantity {
	q := *claim.Quantity
	if q.Unit == quantity.None && v.Quantity.Unit.Dimension() == quantity.DimCount {
		q.Unit = v.Quantity.Unit
	}
	if claim.Growth != nil && claim.Growth.Down && q.Value > 0 {
		q = q.Mul(-1)
	}
	return q
}

func fromRelation(stated, known quantity.Quantity, r quantity.Relation) VerdictKind {
	switch r {
	case quantity.Equal, quantity.RoundsTo:
		return BorneOut
	case quantity.Compatible:
		two := stated.Bound == quantity.Nearly || stated.Bound == quantity.About || stated.Bound == quantity.Between
		if two && known.Bound == quantity.Exact {
			return BorneOut
		}
		return BoundCompatible
	case quantity.Undecided:
		return Unknown
	case quantity.Incompatible:
		return Contradicted
	}
	return NotComparable
}

// aboutTime adds what the reader must know of the time of the record, and takes
// back a contradiction by a record of another time.
func (c *checker) aboutTime(v *Verdict, claim Claim, best Value, fitting int) {
	when := errs.A{"stated": both(claim.Period), "known": recordTime(best)}
	switch {
	case fitting == 3 && v.Verdict == Contradicted:
		v.Verdict, v.Reason = NotComparable, note("claims.reason.other_time", when)
	case fitting == 3 || fitting == 1:
		v.Notes = append(v.Notes, note("claims.note.time_differs", when))
	case fitting == 2 && v.Verdict == Contradicted && claim.Kind != Share:
		v.Notes = append(v.Notes, note("claims.note.time_unsaid", when))
	}
}

func (c *checker) editions(v *Verdict, claim Claim, values []Value) {
	sorted := slices.Clone(values)
	slices.SortStableFunc(sorted, func(a, b Value) int { return cmp.Compare(year(a), year(b)) })
	seen := map[string]bool{}
	for _, x := range sorted {
		key := x.Edition + "/" + x.Quantity.Exact()
		if x.Edition == "" || seen[key] {
			continue
		}
		seen[key] = true
		r, _ := quantity.Compare(*claim.Quantity, x.Quantity)
		v.Editions = append(v.Editions, EditionLine{x.Edition, x.DataYear, x.Quantity, r.Agrees()})
		key = "claims.note.edition_differs"
		if r.Agrees() {
			key = "claims.note.edition_agrees"
		}
		v.Notes = append(v.Notes, note(key, errs.A{"edition": recordTime(x), "known": said(x.Quantity)}))
	}
}
