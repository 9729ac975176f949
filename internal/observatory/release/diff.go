package release

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

// Diff is what a later release says otherwise than an earlier one, and why.
type Diff struct {
	A       Side           `json:"a"`
	B       Side           `json:"b"`
	Same    bool           `json:"same"` // not a byte of data differs; the pages carry their names
	Figures []FigureChange `json:"figures,omitempty"`
	Sources []SourceChange `json:"sources,omitempty"`
	Parts   []PartChange   `json:"parts,omitempty"`
}

// Side is one of the two releases.
type Side struct {
	Name      string    `json:"name"`
	Title     i18n.Text `json:"title"`
	Day       string    `json:"day"`
	ChangeSeq int64     `json:"change_seq"`
	Content   string    `json:"content"`
}

// ChangeKind says what became of something.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
	Rebuilt ChangeKind = "rebuilt" // the same value from other records
)

// FigureChange is all that changed of one figure.
type FigureChange struct {
	Figure     string           `json:"figure"`
	Title      i18n.Text        `json:"title"`
	Kind       ChangeKind       `json:"kind"`
	Definition []FieldChange    `json:"definition,omitempty"` // what it means: unit, scope, words
	Method     []FieldChange    `json:"method,omitempty"`     // how it is computed
	Reported   []ReportedChange `json:"reported,omitempty"`
	Values     []ValueChange    `json:"values,omitempty"`
}

// FieldChange is one field that says something else.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ReportedChange is a reported value that came, went or was corrected.
type ReportedChange struct {
	Kind   ChangeKind            `json:"kind"`
	Before *observatory.Reported `json:"before,omitempty"`
	After  *observatory.Reported `json:"after,omitempty"`
}

// ValueChange is a computed value that changed, with its causes.
type ValueChange struct {
	Item      string     `json:"item,omitempty"`
	ItemTitle i18n.Text  `json:"item_title,omitzero"`
	Slot      string     `json:"slot"`
	Kind      ChangeKind `json:"kind"`
	Before    *Value     `json:"before,omitempty"`
	After     *Value     `json:"after,omitempty"`
	Causes    []Cause    `json:"causes"`
	// Explained reports whether the causes account for the change: where the
	// value is a sum of weights, that their effects add up to it.
	Explained bool `json:"explained"`
}

// CauseKind says why a value changed.
type CauseKind string

// The causes.
const (
	NewRecords       CauseKind = "new_records"
	RemovedRecords   CauseKind = "removed_records"
	CorrectedRecords CauseKind = "corrected_records" // another weight, base or content
	MovedOperands    CauseKind = "operands"          // values that it is derived from
	OtherMethod      CauseKind = "method"
	OtherUnit        CauseKind = "unit"
	OtherDay         CauseKind = "day" // "as of" another day
	OtherScope       CauseKind = "restricted"
)

// Cause is one reason for a change of a value.
type Cause struct {
	Kind  CauseKind `json:"kind"`
	Count int       `json:"count,omitempty"` // records
	// Effect is what the records add to the value, nil where it is no plain sum.
	Effect *float64       `json:"effect,omitempty"`
	Sample []RecordChange `json:"sample,omitempty"` // the first of the records
	Before string         `json:"before,omitempty"`
	After  string         `json:"after,omitempty"`
}

// RecordChange is one record behind a value, before and after.
type RecordChange struct {
	Before *Line `json:"before,omitempty"`
	After  *Line `json:"after,omitempty"`
}

// SourceChange is a source that came, went or is described otherwise.
type SourceChange struct {
	ID     string        `json:"id"`
	Title  i18n.Text     `json:"title"`
	Kind   ChangeKind    `json:"kind"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// PartChange is what changed of a part: its statements and what they gave.
type PartChange struct {
	Name    string         `json:"name"`
	Title   i18n.Text      `json:"title"`
	Kind    ChangeKind     `json:"kind"`
	Method  []FieldChange  `json:"method,omitempty"`
	Tables  []string       `json:"tables,omitempty"` // whose frozen rows differ
	Results []ResultChange `json:"results,omitempty"`
}

// ResultChange counts the rows of a result that differ.
type ResultChange struct {
	Statement string      `json:"statement"`
	Added     int         `json:"added"`
	Removed   int         `json:"removed"`
	Changed   int         `json:"changed"`
	Sample    []RowChange `json:"sample,omitempty"`
}

// RowChange is one row of a result that differs.
type RowChange struct {
	Key    string        `json:"key"`
	Kind   ChangeKind    `json:"kind"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// sampled is how many records or rows a cause lists; it counts all.
const sampled = 20

// Compare explains what folder b says otherwise than folder a. It believes
// both; [Verify] tells whether they may be believed.
func Compare(ctx context.Context, a, b string) (Diff, error) {
	left, err := openSide(a)
	if err != nil {
		return Diff{}, err
	}
	defer left.close()
	right, err := openSide(b)
	if err != nil {
		return Diff{}, err
	}
	defer right.close()
	d := Diff{A: left.side(), B: right.side(), Same: left.s.Manifest.data() == right.s.Manifest.data()}
	if d.Same {
		return d, nil
	}
	if d.Figures, err = compareFigures(ctx, left, right); err != nil {
		return d, err
	}
	d.Sources = compareSources(left.s.Sources, right.s.Sources)
	d.Parts, err = compareParts(left, right)
	return d, err
}

// opened is a folder with what it says.
type opened struct {
	*folder
	s      *Snapshot
	values map[string]map[string]*Value // figure → item and slot
}

func openSide(dir string) (*opened, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	m, _, err := f.readManifest()
	if err != nil {
		f.close()
		return nil, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": manifestName, "what": reasonOf(err)})
	}
	s, err := f.load(m)
	if err != nil {
		f.close()
		return nil, err
	}
	o := &opened{f, s, map[string]map[string]*Value{}}
	for i := range s.Values {
		v := &s.Values[i]
		if o.values[v.Figure] == nil {
			o.values[v.Figure] = map[string]*Value{}
		}
		o.values[v.Figure][v.Item+"\x00"+v.Slot] = v
	}
	return o, nil
}

func (o *opened) side() Side {
	m := &o.s.Manifest
	return Side{m.Name, m.Title, m.Day, m.ChangeSeq, m.Content}
}

func compareFigures(ctx context.Context, a, b *opened) ([]FigureChange, error) {
	var out []FigureChange
	for i := range b.s.Figures {
		f := &b.s.Figures[i]
		c := FigureChange{Figure: f.ID, Title: f.Title, Kind: Added}
		if old := a.s.figure(f.ID); old != nil {
			c.Kind = Changed
			c.Definition, c.Method = definitionChanges(old, f), methodChanges(old, f)
		}
		if err := c.fill(ctx, a, b); err != nil {
			return nil, err
		}
		if c.Kind == Added || len(c.Definition)+len(c.Method)+len(c.Reported)+len(c.Values) > 0 {
			out = append(out, c)
		}
	}
	for i := range a.s.Figures {
		if f := &a.s.Figures[i]; b.s.figure(f.ID) == nil {
			c := FigureChange{Figure: f.ID, Title: f.Title, Kind: Removed}
			if err := c.fill(ctx, a, b); err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// fill adds the changes of reported and computed values.
func (c *FigureChange) fill(ctx context.Context, a, b *opened) error {
	c.Reported = compareReported(c.Figure, a.s.Reported, b.s.Reported)
	var err error
	c.Values, err = explain(ctx, c, a, b)
	return err
}

// definitionChanges are the fields that say what a figure means.
func definitionChanges(a, b *Figure) []FieldChange {
	return fields([][3]string{
		{"title", both(a.Title), both(b.Title)}, {"definition", both(a.Definition), both(b.Definition)},
		{"unit", string(a.Unit), string(b.Unit)}, {"counter", both(a.Counter), both(b.Counter)}, {"scope", both(a.Scope), both(b.Scope)},
		{"subject", a.Subject, b.Subject}, {"flow", string(a.Flow), string(b.Flow)}, {"period", string(a.Period), string(b.Period)},
		{"basis", string(a.Basis), string(b.Basis)}, {"body", a.Body, b.Body}, {"dimension", a.Dimension, b.Dimension}, {"reading", a.Reading, b.Reading},
		{"group", a.Group, b.Group}, {"variants", strings.Join(a.Variants, " "), strings.Join(b.Variants, " ")}, {"note", both(a.Note), both(b.Note)},
	})
}

// methodChanges are the fields that say how it is computed.
func methodChanges(a, b *Figure) []FieldChange {
	return fields([][3]string{
		{"sql", a.Compute.SQL, b.Compute.SQL}, {"records", a.Compute.Records, b.Compute.Records}, {"op", string(a.Operation()), string(b.Operation())},
		{"of", strings.Join(a.Compute.Of, " "), strings.Join(b.Compute.Of, " ")}, {"numerator", a.Numerator, b.Numerator}, {"denominator", a.Denominator, b.Denominator},
		{"method", both(a.Compute.Method), both(b.Compute.Method)},
	})
}

func fields(all [][3]string) []FieldChange {
	var out []FieldChange
	for _, f := range all {
		if f[1] != f[2] {
			out = append(out, FieldChange{f[0], f[1], f[2]})
		}
	}
	return out
}

// both writes a text in both languages.
func both(t i18n.Text) string {
	switch {
	case t.EN == "" || t.ZH == t.EN:
		return t.ZH
	case t.ZH == "":
		return t.EN
	}
	return t.ZH + " / " + t.EN
}

func compareReported(figure string, a, b []Reported) []ReportedChange {
	of := func(all []Reported) map[string]*observatory.Reported {
		out := map[string]*observatory.Reported{}
		for i := range all {
			if all[i].FigureID == figure {
				out[all[i].ID] = &all[i].Reported
			}
		}
		return out
	}
	before, after := of(a), of(b)
	var out []ReportedChange
	for _, id := range slices.Sorted(maps.Keys(after)) {
		switch old := before[id]; {
		case old == nil:
			out = append(out, ReportedChange{Kind: Added, After: after[id]})
		case !reflect.DeepEqual(old, after[id]):
			out = append(out, ReportedChange{Changed, old, after[id]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if after[id] == nil {
			out = append(out, ReportedChange{Kind: Removed, Before: before[id]})
		}
	}
	return out
}

func compareSources(a, b []Source) []SourceChange {
	of := func(all []Source) map[string]*Source {
		out := map[string]*Source{}
		for i := range all {
			out[all[i].ID] = &all[i]
		}
		return out
	}
	before, after := of(a), of(b)
	var out []SourceChange
	for _, id := range slices.Sorted(maps.Keys(after)) {
		o, old := after[id], before[id]
		if old == nil {
			out = append(out, SourceChange{ID: id, Title: o.Title, Kind: Added})
			continue
		}
		changed := fields([][3]string{{"title", both(old.Title), both(o.Title)}, {"publisher", old.Publisher, o.Publisher}, {"author", old.Author, o.Author},
			{"url", old.URL, o.URL}, {"published_on", old.PublishedOn, o.PublishedOn}, {"retrieved_on", old.RetrievedOn, o.RetrievedOn},
			{"licence", old.Licence, o.Licence}, {"licence_tag", string(old.LicenceTag), string(o.LicenceTag)}, {"kind", old.Kind, o.Kind},
			{"simulated", strconv.FormatBool(old.Simulated), strconv.FormatBool(o.Simulated)}})
		if len(changed) > 0 {
			out = append(out, SourceChange{id, o.Title, Changed, changed})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if after[id] == nil {
			out = append(out, SourceChange{ID: id, Title: before[id].Title, Kind: Removed})
		}
	}
	return out
}
