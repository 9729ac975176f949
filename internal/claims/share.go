package claims

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// shareVerdict recomputes a share under every reading on record. The verdict
// is that of f, the reading which the text states; the others are reported, so
// that a right number over a wrong denominator is seen for what it is. It
// reports false when no reading can be computed.
func (c *checker) shareVerdict(claim Claim, f Figure) (Verdict, bool) {
	var out []Reading
	chosen := -1
	var value Value
	for _, m := range c.readingsOf(f) {
		r, v, ok := c.reading(claim, m)
		if !ok {
			continue
		}
		r.Stated = m.ID == f.ID
		out = append(out, r)
		if r.Stated {
			chosen, value = len(out)-1, v
		}
	}
	if chosen < 0 {
		return Verdict{}, false
	}
	main := out[chosen]
	v := Verdict{Relation: main.Relation, Record: decisive(value), Readings: out}
	v.Verdict = fromRelation(*claim.Quantity, main.Value, main.Relation)
	v.Reason = shareNote("claims.reason.share", claim, main)
	c.aboutTime(&v, claim, value, fit(claim, value))
	for _, r := range out {
		if r.Stated {
			continue
		}
		key := "claims.note.reading_fails"
		if r.Relation.Agrees() {
			key = "claims.note.reading_holds"
		}
		v.Notes = append(v.Notes, shareNote(key, claim, r))
	}
	v.Notes = append(v.Notes, ownCounts(claim, main)...)
	return v, true
}

// readingsOf lists the figure and its variants, in the order of their ids.
func (c *checker) readingsOf(f Figure) []Figure {
	out := []Figure{f}
	for _, id := range f.Variants {
		if i, ok := c.byID[id]; ok && id != f.ID {
			out = append(out, c.figures[i])
		}
	}
	slices.SortFunc(out, func(a, b Figure) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// statedReading is the reading whose qualifying words the stated whole uses,
// else one that needs none: f itself if it does.
func statedReading(claim Claim, f Figure, members []Figure) string {
	whole := fold.Name(claim.clause)
	if claim.Share != nil && claim.Share.Denominator != "" {
		whole = fold.Name(claim.Share.Denominator)
	}
	for _, m := range members {
		for _, w := range m.Qualifiers {
			if key := fold.Name(w); key != "" && strings.Contains(whole, key) {
				return m.ID
			}
		}
	}
	plain := slices.IndexFunc(members, func(m Figure) bool { return len(m.Qualifiers) == 0 })
	if len(f.Qualifiers) == 0 || plain < 0 {
		return f.ID
	}
	return members[plain].ID
}

// reading computes the share from its two figures, else takes the value on
// record.
func (c *checker) reading(claim Claim, f Figure) (Reading, Value, bool) {
	label := f.Reading
	if label.IsZero() {
		label = f.Title
	}
	r := Reading{FigureID: f.ID, Label: label}
	num, okN := c.valueOf(claim, f.Numerator, 0)
	den, okD := Value{}, false
	if okN {
		den, okD = c.valueOf(claim, f.Denominator, year(num))
	}
	if okN && okD {
		if q, err := quantity.Ratio(num.Quantity, den.Quantity); err == nil {
			v := num
			v.Quantity, v.Basis, v.SourceTitle, v.Note = q, Computed, den.SourceTitle, i18n.Text{}
			r.Numerator, r.Denominator, r.Value, r.Basis, r.Year = &num.Quantity, &den.Quantity, q, Computed, year(num)
			r.Relation, _ = quantity.Compare(*claim.Quantity, q)
			return r, v, true
		}
	}
	v, ok := best(claim, f.Values, 0)
	if !ok {
		return r, v, false
	}
	r.Value, r.Basis, r.Year = v.Quantity, v.Basis, year(v)
	r.Relation, _ = quantity.Compare(*claim.Quantity, v.Quantity)
	return r, v, true
}

func (c *checker) valueOf(claim Claim, id string, y int) (Value, bool) {
	i, ok := c.byID[id]
	if !ok {
		return Value{}, false
	}
	return best(claim, c.figures[i].Values, y)
}

// best is the value of year y, or with y 0 of the claim's time; of two for one
// time the computed one, then the later one in the list.
func best(claim Claim, values []Value, y int) (Value, bool) {
	var out Value
	found := false
	for _, v := range values {
		switch {
		case y != 0 && year(v) != y:
		case !found, fit(claim, v) < fit(claim, out), fit(claim, v) == fit(claim, out) && year(v) > year(out):
			out, found = v, true
		}
	}
	return out, found
}

func shareNote(key string, claim Claim, r Reading) Note {
	parts := i18n.Text{}
	if r.Numerator != nil && r.Denominator != nil {
		n, d := r.Numerator.Exact(), r.Denominator.Exact()
		parts = i18n.Text{ZH: n + "÷" + d + "＝", EN: n + "/" + d + " = "}
	}
	when := ""
	if r.Year > 0 {
		when = strconv.Itoa(r.Year)
	}
	return note(key, errs.A{"stated": said(*claim.Quantity), "reading": r.Label, "parts": parts, "known": percent(r.Value), "year": when})
}

// percent writes a computed share with one decimal.
func percent(q quantity.Quantity) i18n.Text {
	q.Step = 0.1
	return said(q)
}

// ownCounts divides the counts that the text gives just before the share by the
// whole that it states: what the sentence says when taken word for word.
func ownCounts(claim Claim, r Reading) []Note {
	if claim.Share == nil || r.Denominator == nil {
		return nil
	}
	var out []Note
	for _, n := range claim.Share.Counts {
		q, err := quantity.Ratio(n, *r.Denominator)
		if err != nil || q.Value > 100 || r.Numerator != nil && n.Value == r.Numerator.Value {
			continue
		}
		rel, _ := quantity.Compare(*claim.Quantity, q)
		key := "claims.note.own_count_fails"
		if rel.Agrees() {
			key = "claims.note.own_count_holds"
		}
		out = append(out, note(key, errs.A{"count": n.Exact(), "whole": r.Denominator.Exact(), "known": percent(q), "stated": said(*claim.Quantity)}))
	}
	return out
}

// growthFrom computes a growth from two values of the figure that grows.
func (c *checker) growthFrom(claim Claim, f Figure) Verdict {
	if len(f.Values) == 0 {
		return c.nothing(f)
	}
	now, _ := best(claim, f.Values, 0)
	baseYear := claim.Growth.BasePeriod.Year()
	if baseYear == 0 {
		baseYear = year(now) - 1
	}
	base, ok := best(claim, f.Values, baseYear)
	if !ok || year(now) == baseYear || base.Quantity.Bound != quantity.Exact || now.Quantity.Bound != quantity.Exact || base.Quantity.Value == 0 {
		return Verdict{Verdict: Unknown, Reason: note("claims.reason.no_base", nil)}
	}
	ratio, err := quantity.Ratio(now.Quantity, base.Quantity)
	if err != nil {
		return Verdict{Verdict: NotComparable, Reason: note("claims.reason.no_base", nil)}
	}
	grown := now
	grown.Quantity, grown.Basis = quantity.Of(ratio.Value-100, quantity.Percent), Computed
	v := c.byValues(claim, f, []Value{grown})
	v.Notes = append(v.Notes, note("claims.note.growth", errs.A{"now": said(now.Quantity), "base": said(base.Quantity), "known": percent(grown.Quantity)}))
	return v
}

func both(p quantity.Period) i18n.Text {
	return i18n.Text{ZH: p.String(i18n.ZH), EN: p.String(i18n.EN)}
}

// recordTime says of which time a value is: edition and data year, or period.
func recordTime(v Value) i18n.Text {
	if v.Edition == "" {
		return both(v.Period)
	}
	data := i18n.Text{}
	if v.DataYear > 0 {
		y := strconv.Itoa(v.DataYear)
		data = i18n.Text{ZH: "（" + y + "年数据）", EN: " (data of " + y + ")"}
	}
	return i18n.Text{ZH: v.Edition + "年版" + data.ZH, EN: "edition " + v.Edition + data.EN}
}
