package source

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Tag says what may be done with what a source holds.
type Tag string

// The licence tags.
const (
	Green  Tag = "G"    // may be redistributed with attribution
	Yellow Tag = "Y"    // share-alike or under conditions
	Red    Tag = "R"    // private use only
	Fact   Tag = "fact" // single facts cited, nothing copied
	Own    Tag = "own"  // made by the operator of this Kapok
)

// Tags lists every tag, the freest first.
var Tags = []Tag{Own, Green, Fact, Yellow, Red}

// Source is a document that facts come from. Days are ISO dates, which may be
// cut to a month or a year, or "" when unknown.
type Source struct {
	ID          string    `json:"id" yaml:"id"`
	Kind        string    `json:"kind" yaml:"kind"` // "newspaper", "dataset", "standard", "notice", …
	Title       i18n.Text `json:"title" yaml:"title"`
	Publisher   string    `json:"publisher,omitempty" yaml:"publisher"`
	Author      string    `json:"author,omitempty" yaml:"author"`
	URL         string    `json:"url,omitempty" yaml:"url"`
	PublishedOn string    `json:"published_on,omitempty" yaml:"published_on"`
	RetrievedOn string    `json:"retrieved_on,omitempty" yaml:"retrieved_on"`
	Licence     string    `json:"licence,omitempty" yaml:"licence"`
	LicenceTag  Tag       `json:"licence_tag" yaml:"licence_tag"`
	Note        string    `json:"note,omitempty" yaml:"note"`
	Fingerprint []uint64  `json:"fingerprint,omitempty" yaml:"fingerprint"` // of its text (claims.Fingerprint), not the text itself
	Simulated   bool      `json:"simulated,omitempty" yaml:"simulated"`
	Version     int64     `json:"version" yaml:"-"`
	CreatedAt   db.Time   `json:"created_at" yaml:"-"`
}

// Validate reports every fault of s as an errs.List.
func (s *Source) Validate() error {
	var faults errs.List
	if s.ID == "" {
		faults = append(faults, errs.New(errs.Invalid, "errs.required", errs.A{"field": "id"}).At("/id"))
	}
	if s.Title.IsZero() {
		faults = append(faults, errs.New(errs.Invalid, "errs.required", errs.A{"field": "title"}).At("/title"))
	}
	if !slices.Contains(Tags, s.LicenceTag) {
		faults = append(faults, errs.New(errs.Invalid, "source.bad_tag", errs.A{"tag": string(s.LicenceTag)}).At("/licence_tag"))
	}
	return faults.Err()
}

// Kind is the word for a source in the change log.
const Kind = "source"

// Put writes a source: a new one, or a changed one under the same id. It
// returns false when nothing had changed.
func Put(ctx context.Context, tx *db.Tx, by change.Author, s Source) (bool, error) {
	if err := s.Validate(); err != nil {
		return false, err
	}
	old, found, err := Find(ctx, tx, s.ID)
	if err != nil {
		return false, err
	}
	s.Version, s.CreatedAt = 1, db.At(tx.Now())
	action, before := change.Create, any(nil)
	if found {
		s.Version, s.CreatedAt = old.Version, old.CreatedAt
		if same(old, s) {
			return false, nil
		}
		s.Version++
		action, before = change.Update, old
	}
	if err := write(ctx, tx, s); err != nil {
		return false, err
	}
	e, err := change.New(by, Kind, s.ID, action, before, s)
	if err != nil {
		return false, err
	}
	return true, change.Append(ctx, tx, e)
}

func same(a, b Source) bool {
	x, _ := json.Marshal(a) // a struct of plain fields always marshals
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
