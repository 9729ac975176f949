package release

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// explain finds the values of a figure that changed, and the causes of each.
func explain(ctx context.Context, c *FigureChange, a, b *opened) ([]ValueChange, error) {
	before, after := a.values[c.Figure], b.values[c.Figure]
	fileA, _ := a.s.Manifest.file(recordsPath(c.Figure))
	fileB, _ := b.s.Manifest.file(recordsPath(c.Figure))
	var linesA, linesB map[string]map[string]Line
	if fileA.SHA256 != fileB.SHA256 {
		var err error
		if linesA, err = a.behind(ctx, c.Figure, fileA.Path != ""); err != nil {
			return nil, err
		}
		if linesB, err = b.behind(ctx, c.Figure, fileB.Path != ""); err != nil {
			return nil, err
		}
	}
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	var out []ValueChange
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		item, slot, _ := strings.Cut(key, "\x00")
		v := ValueChange{Item: item, Slot: slot, Before: before[key], After: after[key]}
		records := compareLines(linesA[key], linesB[key])
		if !v.kind(records) {
			continue
		}
		v.causes(c, a, b, records)
		out = append(out, v)
	}
	return out, nil
}

// behind reads the records of a figure: item and slot → kind and id → line.
func (o *opened) behind(ctx context.Context, figure string, exists bool) (map[string]map[string]Line, error) {
	out := map[string]map[string]Line{}
	if !exists {
		return out, nil
	}
	for line, err := range o.lines(figure) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		line = Line{strings.Clone(line.Item), strings.Clone(line.Slot), strings.Clone(line.Kind), strings.Clone(line.ID), line.TitleZH, line.TitleEN, line.Weight, line.Base, line.Content}
		key := line.Item + "\x00" + line.Slot
		if out[key] == nil {
			out[key] = map[string]Line{}
		}
		out[key][line.Kind+"\x00"+line.ID] = line
	}
	return out, nil
}

// lineChanges are the records behind one value that differ.
type lineChanges struct {
	added, removed, corrected, operands []RecordChange
}

func (l *lineChanges) any() bool {
	return len(l.added)+len(l.removed)+len(l.corrected)+len(l.operands) > 0
}

func compareLines(a, b map[string]Line) lineChanges {
	var out lineChanges
	for _, key := range slices.Sorted(maps.Keys(b)) {
		is := b[key]
		was, found := a[key]
		switch {
		case !found:
			out.added = append(out.added, RecordChange{After: &is})
		case was.Weight == is.Weight && was.Base == is.Base && was.Content == is.Content:
		case is.Kind == observatory.KindValue || is.Kind == observatory.KindReported:
			out.operands = append(out.operands, RecordChange{&was, &is})
		default:
			out.corrected = append(out.corrected, RecordChange{&was, &is})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if _, found := b[key]; !found {
			was := a[key]
			out.removed = append(out.removed, RecordChange{Before: &was})
		}
	}
	return out
}

// kind says what became of a value; false when nothing did.
func (v *ValueChange) kind(records lineChanges) bool {
	switch {
	case v.Before == nil:
		v.Kind, v.ItemTitle = Added, v.After.ItemTitle
		return true
	case v.After == nil:
		v.Kind, v.ItemTitle = Removed, v.Before.ItemTitle
		return true
	}
	a, b := v.Before.Quantity, v.After.Quantity
	v.ItemTitle = v.After.ItemTitle
	switch {
	case v.Before.Known != v.After.Known, a.Unit != b.Unit, a.Bound != b.Bound, !near(a.Value, b.Value), !near(a.High, b.High):
		v.Kind = Changed
	case records.any() || v.Before.Method != v.After.Method || v.Before.RecordsHash != v.After.RecordsHash:
		v.Kind = Rebuilt
	default:
		return false
	}
	return true
}

// causes lists why, and holds the arithmetic against the change.
func (v *ValueChange) causes(c *FigureChange, a, b *opened, records lineChanges) {
	sum := v.isSum(a, b, c.Figure)
	total := 0.0
	for _, group := range []struct {
		kind CauseKind
		list []RecordChange
	}{{NewRecords, records.added}, {RemovedRecords, records.removed}, {CorrectedRecords, records.corrected}, {MovedOperands, records.operands}} {
		if len(group.list) == 0 {
			continue
		}
		cause := Cause{Kind: group.kind, Count: len(group.list), Sample: group.list[:min(len(group.list), sampled)]}
		if sum {
			effect := 0.0
			for _, r := range group.list {
				effect += r.effect()
			}
			cause.Effect = &effect
			total += effect
		}
		v.Causes = append(v.Causes, cause)
	}
	byRecords := len(v.Causes) > 0
	v.Causes = append(v.Causes, v.otherCauses(c, a, b)...)
	v.Explained = len(v.Causes) > 0 || v.Kind == Added && c.Kind == Added || v.Kind == Removed && c.Kind == Removed
	if sum && v.Kind == Changed && byRecords {
		v.Explained = near(v.Before.Quantity.Value+total, v.After.Quantity.Value)
	}
}

func (v *ValueChange) otherCauses(c *FigureChange, a, b *opened) []Cause {
	var out []Cause
	for _, f := range c.Method {
		out = append(out, Cause{Kind: OtherMethod, Before: f.Field + ": " + f.Before, After: f.Field + ": " + f.After})
	}
	for _, f := range c.Definition {
		if f.Field == "unit" {
			out = append(out, Cause{Kind: OtherUnit, Before: f.Before, After: f.After})
		}
	}
	f := b.s.figure(c.Figure)
	if f == nil {
		f = a.s.figure(c.Figure)
	}
	if dayA, dayB := a.s.Manifest.Day, b.s.Manifest.Day; dayA != dayB && strings.Contains(f.Compute.SQL+f.Compute.Records, "$as_of") {
		out = append(out, Cause{Kind: OtherDay, Before: dayA, After: dayB})
	}
	left, right := leftOut(&a.s.Manifest, c.Figure), leftOut(&b.s.Manifest, c.Figure)
	if left != right {
		out = append(out, Cause{Kind: OtherScope, Before: strconv.FormatBool(left), After: strconv.FormatBool(right)})
	}
	return out
}

func leftOut(m *Manifest, figure string) bool {
	return m.Restricted != nil && slices.Contains(m.Restricted.Figures, figure)
}

// isSum reports whether both values are the plain sum of their weights.
func (v *ValueChange) isSum(a, b *opened, figure string) bool {
	if v.Before == nil || v.After == nil || !v.Before.Known || !v.After.Known || v.Before.Quantity.Unit != v.After.Quantity.Unit {
		return false
	}
	for _, o := range []*opened{a, b} {
		f := o.s.figure(figure)
		if f == nil || f.Operation() != observatory.BySQL && f.Operation() != observatory.BySum {
			return false
		}
	}
	return v.Before.Quantity.Bound == quantity.Exact && v.After.Quantity.Bound == quantity.Exact &&
		v.Before.Denominator == nil && v.After.Denominator == nil && v.After.Quantity.Unit != quantity.Percent
}

// effect is what a record adds to a sum of weights.
func (r *RecordChange) effect() float64 {
	weight := func(l *Line) float64 {
		if l == nil {
			return 0
		}
		w, err := strconv.ParseFloat(l.Weight, 64)
		if err != nil || math.IsNaN(w) {
			return 0
		}
		return w
	}
	return weight(r.After) - weight(r.Before)
}

func compareParts(a, b *opened) ([]PartChange, error) {
	var out []PartChange
	find := func(o *opened, name string) *PartResult {
		for i := range o.s.Parts {
			if o.s.Parts[i].Name == name {
				return &o.s.Parts[i]
			}
		}
		return nil
	}
	for i := range b.s.Parts {
		p := &b.s.Parts[i]
		old := find(a, p.Name)
		if old == nil {
			out = append(out, PartChange{Name: p.Name, Title: p.Title, Kind: Added})
			continue
		}
		c, err := comparePart(a, b, old, p)
		if err != nil {
			return nil, err
		}
		if len(c.Method)+len(c.Tables)+len(c.Results) > 0 {
			out = append(out, c)
		}
	}
	for i := range a.s.Parts {
		if p := &a.s.Parts[i]; find(b, p.Name) == nil {
			out = append(out, PartChange{Name: p.Name, Title: p.Title, Kind: Removed})
		}
	}
	return out, nil
}

func comparePart(a, b *opened, old, now *PartResult) (PartChange, error) {
	c := PartChange{Name: now.Name, Title: now.Title, Kind: Changed}
	c.Method = fields([][3]string{{"method", old.Method, now.Method}, {"note", both(old.Note), both(now.Note)}})
	was := map[string]Statement{}
	for _, s := range old.Statements {
		was[s.Name] = s
	}
	for _, s := range now.Statements {
		before := was[s.Name]
		delete(was, s.Name)
		c.Method = append(c.Method, fields([][3]string{{s.Name, before.SQL, s.SQL}})...)
		if len(s.Key) == 0 || !slices.Equal(s.Key, before.Key) {
			continue
		}
		r, err := compareResults(a, b, now.Name, &s)
		if err != nil {
			return c, err
		}
		if r != nil {
			c.Results = append(c.Results, *r)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		c.Method = append(c.Method, FieldChange{name, was[name].SQL, ""})
	}
	left, right := tableSums(a, old), tableSums(b, now)
	for name := range right {
		left[name] += "" // those that are new
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] != right[name] {
			c.Tables = append(c.Tables, name)
		}
	}
	return c, nil
}

// tableSums are the hashes of the frozen tables of a part.
func tableSums(o *opened, p *PartResult) map[string]string {
	out := map[string]string{}
	for _, t := range p.Tables {
		for _, path := range t.Files {
			f, _ := o.s.Manifest.file(path)
			out[t.Name] += f.SHA256
		}
	}
	return out
}

func compareResults(a, b *opened, part string, s *Statement) (*ResultChange, error) {
	path := resultPath(part, s.Name)
	left, _ := a.s.Manifest.file(path)
	right, _ := b.s.Manifest.file(path)
	if left.SHA256 == right.SHA256 {
		return nil, nil
	}
	was, before, err := a.keyed(part, s)
	if err != nil {
		return nil, err
	}
	is, after, err := b.keyed(part, s)
	if err != nil {
		return nil, err
	}
	r := &ResultChange{Statement: s.Name}
	add := func(n *int, c RowChange) {
		*n++
		if len(r.Sample) < sampled {
			r.Sample = append(r.Sample, c)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if old := before[key]; old == nil {
			add(&r.Added, RowChange{Key: key, Kind: Added})
		} else if f := cells(was.head, is.head, old, after[key]); len(f) > 0 {
			add(&r.Changed, RowChange{key, Changed, f})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if after[key] == nil {
			add(&r.Removed, RowChange{Key: key, Kind: Removed})
		}
	}
	if r.Added+r.Removed+r.Changed == 0 {
		return nil, nil
	}
	return r, nil
}

// keyed reads a result with its rows by key.
func (o *opened) keyed(part string, s *Statement) (*grid, map[string][]string, error) {
	g, err := o.grid(part, s.Name)
	if err != nil {
		return nil, nil, err
	}
	rows, err := g.byKey(s.Key)
	if err != nil {
		return nil, nil, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": resultPath(part, s.Name), "what": err.Error()})
	}
	return g, rows, nil
}

// cells are the cells of a row that differ, by the names of their columns.
func cells(headA, headB, a, b []string) []FieldChange {
	var out []FieldChange
	for j, name := range headB {
		before := ""
		if i := slices.Index(headA, name); i >= 0 {
			before = a[i]
		}
		if !sameCell(before, b[j]) {
			out = append(out, FieldChange{name, before, b[j]})
		}
	}
	return out
}

// Text says a cause in a language.
func (c *Cause) Text(l i18n.Lang) string {
	effect := ""
	if c.Effect != nil {
		sign := "+"
		if *c.Effect < 0 {
			sign = "−"
		}
		effect = i18n.T(l, "release.cause.effect", errs.A{"effect": sign + i18n.Decimal(math.Abs(*c.Effect), 4)})
	}
	return i18n.T(l, "release.cause."+string(c.Kind), errs.A{"n": c.Count, "effect": effect, "before": oneLine(c.Before), "after": oneLine(c.After)})
}

// oneLine makes a text short enough to stand in a sentence.
func oneLine(text string) string { return cut(strings.Join(strings.Fields(text), " "), 120) }
