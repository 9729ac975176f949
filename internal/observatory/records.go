package observatory

import (
	"context"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Record is one record behind a computed value. The sum of the weights is the
// value; for a share or a mean it is the sum of the weights over the sum of
// the bases.
type Record struct {
	Kind   string    `json:"kind"` // a word of the change log ("org", "paper", "reported"), KindAffiliation or KindValue
	ID     string    `json:"id"`
	Title  i18n.Text `json:"title"`
	Weight *float64  `json:"weight,omitempty"`
	Base   *float64  `json:"base,omitempty"`

	Simulated bool `json:"simulated,omitempty"` // its source is; it was made up for a demonstration
}

// Records that the change log does not know by themselves.
const (
	KindAffiliation = "affiliation" // paper id, "#", position
	KindValue       = "value"       // a computed value: figure id, "@", slot
)

func (r *Record) key() string { return r.Kind + ":" + r.ID }

// RecordsQuery asks for the records behind one computed value.
type RecordsQuery struct {
	FigureID string
	Item     string // "" for the figure itself
	Slot     string // Computed.Slot; "" when the figure has one value
	After    string // Next of the page before
	Limit    int    // 50 when 0, at most 500
}

// RecordPage is one page of records, by kind and id.
type RecordPage struct {
	Items  []Record `json:"items"`
	Next   string   `json:"next,omitempty"` // "" on the last page
	Total  int64    `json:"total"`
	Weight float64  `json:"weight"` // over all pages
	Base   *float64 `json:"base,omitempty"`
	Hash   string   `json:"hash"`
	Moved  bool     `json:"moved"` // the records are no longer those of the stored value: compute again
}

// Records returns the records behind a computed value, read from the same
// facts. A figure that is not computed is errs.NotFound: its values open to
// their sources instead.
func (s *Service) Records(ctx context.Context, q RecordsQuery) (RecordPage, error) {
	f, err := s.Definition(ctx, q.FigureID)
	if err != nil {
		return RecordPage{}, err
	}
	present, err := presentOf(ctx, s.d, f.ID)
	if err != nil {
		return RecordPage{}, err
	}
	value, found := pick(present, q)
	if !found {
		return RecordPage{}, errs.New(errs.NotFound, "observatory.no_value", errs.A{"figure": f.ID, "item": q.Item, "slot": q.Slot})
	}
	p := newPager(q)
	if f.Operation() == BySQL {
		err = s.factRecords(ctx, &f, &value, p)
	} else {
		err = s.derivedRecords(ctx, &f, &value, p)
	}
	return p.page(value.RecordsHash), err
}

func pick(values []stored, q RecordsQuery) (stored, bool) {
	for _, v := range values {
		if v.Item == q.Item && (v.Slot == q.Slot || q.Slot == "" && len(values) == 1) {
			return v, true
		}
	}
	return stored{}, false
}

func (s *Service) factRecords(ctx context.Context, f *Figure, v *stored, p *pager) error {
	session, err := s.facts.Open(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	e := engine{q: session, p: params{city: s.cfg.City, asOf: v.AsOf}}
	return e.records(ctx, f, func(item, slot string, r *Record) error {
		if item != v.Item || slot != v.Slot {
			return nil
		}
		return p.add(r)
	})
}

func (s *Service) derivedRecords(ctx context.Context, f *Figure, v *stored, p *pager) error {
	b, err := s.Book(ctx)
	if err != nil {
		return err
	}
	for _, d := range newDeriver(&b).derive(f) {
		if d.Slot != v.Slot {
			continue
		}
		for i := range d.records {
			if err := p.add(&d.records[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// pager keeps one page and tallies all.
type pager struct {
	after string
	limit int
	items []Record
	more  bool
	tally *tally
}

func newPager(q RecordsQuery) *pager {
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	return &pager{after: q.After, limit: min(limit, 500), tally: newTally()}
}

func (p *pager) add(r *Record) error {
	switch {
	case p.after != "" && r.key() <= p.after:
	case len(p.items) == p.limit:
		p.more = true
	default:
		p.items = append(p.items, *r)
	}
	return p.tally.add(r)
}

func (p *pager) page(hash string) RecordPage {
	out := RecordPage{Items: p.items, Total: p.tally.n, Weight: p.tally.weight, Hash: p.tally.sum()}
	if p.tally.based {
		out.Base = &p.tally.base
	}
	if p.more {
		out.Next = p.items[len(p.items)-1].key()
	}
	out.Moved = out.Hash != hash
	return out
}
