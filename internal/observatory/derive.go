package observatory

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/quantity"
)

// derived is a value made from the values of other figures.
type derived struct {
	stored
	records []Record
}

// deriver computes sums, ratios and growths over a book, keeping bounds.
type deriver struct {
	b       *Book
	figures map[string]*Figure
	under   map[string]bool // being derived: a figure may not rest on itself
}

func newDeriver(b *Book) *deriver {
	d := &deriver{b: b, figures: map[string]*Figure{}, under: map[string]bool{}}
	for i := range b.Figures {
		d.figures[b.Figures[i].ID] = &b.Figures[i]
	}
	return d
}

// point is one value of an operand.
type point struct {
	q       quantity.Quantity
	period  quantity.Period
	slot    string
	records []Record // with their weights
}

// series maps when to a value. Two values meet when they speak of the same
// days, or, where neither is dated, when one source states both.
type series map[string]point

func when(p quantity.Period, source string) string {
	if p.End == "" {
		return "undated:" + source
	}
	return p.Start + "/" + p.End
}

// reported is the series of a figure's reported values. Where sources state
// several for one time, the one that says most is taken: exact before bound,
// then the one published first.
func (d *deriver) reported(id string) series {
	f := d.figures[id]
	if f == nil {
		return nil
	}
	out, best := series{}, map[string]*Reported{}
	values := d.b.Reported[id]
	for i := range values {
		r := &values[i]
		key := when(r.Period, r.SourceID)
		if b := best[key]; b == nil || d.better(r, b) {
			best[key] = r
		}
	}
	for key, r := range best {
		weight := r.Quantity.Value
		out[key] = point{r.Quantity, r.Period, slotOf(r.Period, key), []Record{{Kind: KindReported, ID: r.ID, Title: f.Title, Weight: &weight, Simulated: d.b.Sources[r.SourceID].Simulated}}}
	}
	return out
}

func (d *deriver) better(a, b *Reported) bool {
	rank := func(r *Reported) int {
		if r.Quantity.Bound == quantity.Exact {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(d.b.Sources[a.SourceID].PublishedOn, d.b.Sources[b.SourceID].PublishedOn), strings.Compare(a.ID, b.ID)) < 0
}

// computed is the series of a figure's computed values, without its items.
func (d *deriver) computed(id string) series {
	f := d.figures[id]
	if f == nil {
		return nil
	}
	out := series{}
	for _, v := range d.b.Computed[id] {
		if v.Item == "" && v.Known {
			weight := v.Quantity.Value
			out[when(v.Period, "")] = point{v.Quantity, v.Period, v.Slot, []Record{{Kind: KindValue, ID: id + "@" + v.Slot, Title: f.Title, Weight: &weight, Simulated: v.Simulated > 0}}}
		}
	}
	return out
}

// derive returns the values of f. Operands are all reported or all computed:
// a reported numerator never meets a computed denominator. Where both would
// do, reported ones are taken.
func (d *deriver) derive(f *Figure) []derived {
	if d.under[f.ID] {
		return nil
	}
	d.under[f.ID] = true
	defer delete(d.under, f.ID)
	out := map[string]derived{}
	for _, of := range []func(string) series{d.computed, d.reported} { // the later one wins
		for _, v := range d.combine(f, of) {
			v.FigureID, v.Records = f.ID, int64(len(v.records))
			sortRecords(v.records)
			t := newTally()
			for i := range v.records {
				_ = t.add(&v.records[i]) // records of distinct figures have distinct ids
			}
			v.RecordsHash, v.Simulated = t.sum(), t.simulated
			out[v.Slot] = v
		}
	}
	list := make([]derived, 0, len(out))
	for _, v := range out {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b derived) int { return strings.Compare(a.Slot, b.Slot) })
	return list
}

func sortRecords(r []Record) {
	slices.SortFunc(r, func(a, b Record) int { return strings.Compare(a.key(), b.key()) })
}

func (d *deriver) combine(f *Figure, of func(string) series) []derived {
	switch f.Operation() {
	case BySum:
		return sums(f, of)
	case ByRatio:
		return ratios(f, of(f.Numerator), of(f.Denominator))
	case ByGrowth:
		return growths(f, of(f.Compute.Of[0]))
	}
	return nil
}

// sums adds the operands wherever all of them have a value.
func sums(f *Figure, of func(string) series) []derived {
	var out []derived
	first := of(f.Compute.Of[0])
	for key, p := range first {
		total, records, whole := p.q, p.records, true
		for _, id := range f.Compute.Of[1:] {
			next, found := of(id)[key]
			if !found {
				whole = false
				break
			}
			sum, err := total.Add(next.q)
			if err != nil {
				whole = false
				break
			}
			total, records = sum, append(records[:len(records):len(records)], next.records...)
		}
		if whole {
			out = append(out, value(f, p, total, true, records))
		}
	}
	return out
}

// ratios divides wherever both operands have a value. A share of nothing is
// unknown.
func ratios(f *Figure, num, den series) []derived {
	var out []derived
	for key, n := range num {
		m, found := den[key]
		if !found {
			continue
		}
		q, err := quotient(n.q, m.q, f)
		records := append(n.records[:len(n.records):len(n.records)], based(m.records)...)
		v := value(f, n, q, err == nil, records)
		v.Numerator, v.Denominator = &n.q.Value, &m.q.Value
		out = append(out, v)
	}
	return out
}

// quotient is a over b in the unit of f: a share in percent, or a multiple or a
// mean, where the units of a and b need not agree, or so many for each Per of b.
func quotient(a, b quantity.Quantity, f *Figure) (quantity.Quantity, error) {
	if f.Unit == quantity.Percent {
		return quantity.Ratio(a, b)
	}
	a.Unit, b.Unit = quantity.None, quantity.None
	q, err := quantity.Ratio(a, b)
	q = q.Mul(0.01 * cmp.Or(f.Compute.Per, 1))
	q.Unit = f.Unit
	return q, err
}

// growths compares each dated value with the one before it.
func growths(f *Figure, s series) []derived {
	var keys []string
	for key, p := range s {
		if p.period.End != "" {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return strings.Compare(s[a].period.End, s[b].period.End) })
	var out []derived
	for i := 1; i < len(keys); i++ {
		now, before := s[keys[i]], s[keys[i-1]]
		q, err := quantity.Ratio(now.q, before.q)
		if err == nil {
			q, err = q.Sub(quantity.Of(100, quantity.Percent))
		}
		// What it grew by, over what it grew from: the weights then add up to the growth.
		records := append(now.records[:len(now.records):len(now.records)], lessAndBase(before.records)...)
		v := value(f, now, q, err == nil, records)
		v.Numerator, v.Denominator = &now.q.Value, &before.q.Value
		out = append(out, v)
	}
	return out
}

func based(records []Record) []Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Base, out[i].Weight = out[i].Weight, nil
	}
	return out
}

func lessAndBase(records []Record) []Record {
	out := slices.Clone(records)
	for i := range out {
		less := -*out[i].Weight
		out[i].Base, out[i].Weight = out[i].Weight, &less
	}
	return out
}

// value is a value of f for the time of the operand at.
func value(f *Figure, at point, q quantity.Quantity, known bool, records []Record) derived {
	v := derived{records: records}
	v.Known, v.Period, v.Slot = known, at.period, at.slot
	v.Period.Flow = f.Flow
	if known {
		v.Quantity = q
		v.Quantity.Unit = f.Unit
	}
	return v
}

func slotOf(p quantity.Period, key string) string {
	if p.Kind == quantity.InYear {
		return p.End[:4]
	}
	return key
}
