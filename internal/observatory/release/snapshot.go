package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// The paths of the contents.
const (
	figuresPath     = "figures.json"
	valuesPath      = "values.json"
	valuesCSVPath   = "values.csv"
	reportedPath    = "reported.json"
	reportedCSVPath = "reported.csv"
	sourcesPath     = "sources.json"
	cataloguePath   = "catalog.jsonld"
)

// Snapshot is what a release says, without its facts and records.
type Snapshot struct {
	Manifest Manifest
	Figures  []Figure
	Values   []Value // by figure in the order of Figures, item and slot
	Reported []Reported
	Sources  []Source // by id
	Parts    []PartResult
}

// Figure is a definition as frozen: what it means, not when it was stored.
type Figure struct {
	observatory.Figure
	Method string `json:"method,omitempty"` // version of the computation

	// These stand before those of the definition and stay empty.
	BatchID   *string `json:"batch_id,omitempty"`
	Version   *int64  `json:"version,omitempty"`
	CreatedAt *string `json:"created_at,omitempty"`
	UpdatedAt *string `json:"updated_at,omitempty"`
}

// Reported is a reported value as frozen.
type Reported struct {
	observatory.Reported

	BatchID   *string `json:"batch_id,omitempty"`
	Version   *int64  `json:"version,omitempty"`
	CreatedAt *string `json:"created_at,omitempty"`
	UpdatedAt *string `json:"updated_at,omitempty"`
}

// Value is a computed value as frozen.
type Value struct {
	Figure      string            `json:"figure"`
	Item        string            `json:"item,omitempty"`
	ItemTitle   i18n.Text         `json:"item_title,omitzero"`
	Slot        string            `json:"slot"`
	Known       bool              `json:"known"`
	Quantity    quantity.Quantity `json:"quantity,omitzero"`
	Period      quantity.Period   `json:"period"`
	Numerator   *float64          `json:"numerator,omitempty"`
	Denominator *float64          `json:"denominator,omitempty"`
	Records     int64             `json:"records"`
	RecordsHash string            `json:"records_hash"`
	Method      string            `json:"method"`
}

func (v *Value) key() string { return v.Figure + "\x00" + v.Item + "\x00" + v.Slot }

// Source is a document that a release rests on, as it may be told to anyone.
type Source struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind,omitempty"`
	Title       i18n.Text  `json:"title"`
	Publisher   string     `json:"publisher,omitempty"`
	Author      string     `json:"author,omitempty"`
	URL         string     `json:"url,omitempty"`
	PublishedOn string     `json:"published_on,omitempty"`
	RetrievedOn string     `json:"retrieved_on,omitempty"`
	Licence     string     `json:"licence,omitempty"`
	LicenceTag  source.Tag `json:"licence_tag"`
	Simulated   bool       `json:"simulated,omitempty"`
}

// SourceOf is what a release tells of a source.
func SourceOf(s source.Source) Source {
	return Source{s.ID, s.Kind, s.Title, s.Publisher, s.Author, s.URL, s.PublishedOn, s.RetrievedOn, s.Licence, s.LicenceTag, s.Simulated}
}

// valuesOf lists the computed values of a book in the order of its figures.
func valuesOf(b *observatory.Book) []Value {
	var out []Value
	for i := range b.Figures {
		for _, c := range b.Computed[b.Figures[i].ID] {
			out = append(out, Value{c.FigureID, c.Item, c.ItemTitle, c.Slot, c.Known, c.Quantity, c.Period, c.Numerator, c.Denominator, c.Records, c.RecordsHash, c.Method})
		}
	}
	return out
}

// book is the snapshot as the observatory reads it.
func (s *Snapshot) book() observatory.Book {
	b := observatory.Book{Reported: map[string][]observatory.Reported{}, Computed: map[string][]observatory.Computed{}, Sources: map[string]source.Source{}, Failed: s.Manifest.Failed}
	for _, f := range s.Figures {
		b.Figures = append(b.Figures, f.Figure)
	}
	for _, r := range s.Reported {
		b.Reported[r.FigureID] = append(b.Reported[r.FigureID], r.Reported)
	}
	for _, v := range s.Values {
		b.Computed[v.Figure] = append(b.Computed[v.Figure], observatory.Computed{
			FigureID: v.Figure, Item: v.Item, ItemTitle: v.ItemTitle, Slot: v.Slot, Known: v.Known, Quantity: v.Quantity, Period: v.Period,
			Numerator: v.Numerator, Denominator: v.Denominator, Records: v.Records, RecordsHash: v.RecordsHash, Method: v.Method, AsOf: s.Manifest.Day,
		})
	}
	for _, o := range s.Sources {
		b.Sources[o.ID] = source.Source{ID: o.ID, Kind: o.Kind, Title: o.Title, Publisher: o.Publisher, Author: o.Author, URL: o.URL,
			PublishedOn: o.PublishedOn, RetrievedOn: o.RetrievedOn, Licence: o.Licence, LicenceTag: o.LicenceTag, Simulated: o.Simulated}
	}
	return b
}

// check finds what would make a computation over the snapshot meaningless: an
// unknown operation, a figure that stands twice, a value that is no number.
func (s *Snapshot) check() error {
	seen := map[string]bool{}
	for i := range s.Figures {
		f := &s.Figures[i]
		if err := f.Validate(); err != nil {
			return err
		}
		if seen[f.ID] || len(f.ID) > maxFigureID {
			return errs.New(errs.Invalid, "release.bad_figure", errs.A{"figure": cut(f.ID, 80)})
		}
		seen[f.ID] = true
	}
	for i := range s.Reported {
		if err := s.Reported[i].Validate(); err != nil {
			return err
		}
	}
	for i := range s.Values {
		if v := &s.Values[i]; v.Known && v.Quantity.Validate() != nil {
			return errs.New(errs.Invalid, "release.bad_figure", errs.A{"figure": cut(v.Figure, 80)})
		}
	}
	return nil
}

// maxFigureID keeps records/<id>.csv within what file systems take.
const maxFigureID = 180

// Load reads what a folder says, without checking it against its hashes.
func Load(dir string) (*Snapshot, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer f.close()
	m, _, err := f.readManifest()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": manifestName, "what": err.Error()})
	}
	return f.load(m)
}

func (f *folder) load(m Manifest) (*Snapshot, error) {
	s := &Snapshot{Manifest: m}
	for _, part := range []struct {
		path string
		into any
	}{{figuresPath, &s.Figures}, {valuesPath, &s.Values}, {reportedPath, &s.Reported}, {sourcesPath, &s.Sources}} {
		if err := f.decode(part.path, part.into); err != nil {
			return nil, err
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	for _, name := range m.Parts {
		p, err := f.loadPart(name)
		if err != nil {
			return nil, err
		}
		s.Parts = append(s.Parts, *p)
	}
	return s, nil
}

// decode reads a JSON file of the folder. A word that it does not know is a
// fault: whoever signed it may have meant something by it.
func (f *folder) decode(path string, into any) error {
	raw, err := f.read(path, maxJSON)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.DisallowUnknownFields()
		if err = dec.Decode(into); err == nil && dec.More() {
			err = fmt.Errorf("text after its end")
		}
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": path, "what": err.Error()})
	}
	return nil
}

// figure returns a definition by id, nil when there is none.
func (s *Snapshot) figure(id string) *Figure {
	i := slices.IndexFunc(s.Figures, func(f Figure) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Figures[i]
}
