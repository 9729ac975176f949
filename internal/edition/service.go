package edition

import (
	"context"
	"sort"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/source"
)

// Service reads the ledger. It is safe for concurrent use.
type Service struct{ d *db.DB }

// New returns a Service over d.
func New(d *db.DB) *Service { return &Service{d} }

// Filter selects editions; an empty field selects all.
type Filter struct {
	Ranking    string // "gii.cluster"; "gii" selects every ranking below it
	UnitRanked Ranked
	Basis      Basis
}

func (f Filter) holds(e *Edition) bool {
	n := len(f.Ranking)
	below := n == 0 || e.Ranking == f.Ranking || len(e.Ranking) > n && e.Ranking[:n] == f.Ranking && e.Ranking[n] == '.'
	return below && (f.UnitRanked == "" || f.UnitRanked == e.UnitRanked) && (f.Basis == "" || f.Basis == e.Basis)
}

// List returns the editions that pass the filter: by ranking, the newest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Edition, error) {
	all, err := db.Collect(ctx, s.d, scanEdition, "SELECT "+editionColumns+" FROM edition ORDER BY ranking, published_on DESC, edition DESC")
	if err != nil {
		return nil, err
	}
	var out []Edition
	for i := range all {
		if f.holds(&all[i]) {
			out = append(out, all[i])
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Ranking < out[j].Ranking || out[i].Ranking == out[j].Ranking && older(&out[j], &out[i])
	})
	return out, nil
}

// older orders the editions of one ranking in time.
func older(a, b *Edition) bool {
	if a.PublishedOn != b.PublishedOn {
		return a.PublishedOn < b.PublishedOn
	}
	return a.Edition < b.Edition
}

// Get returns one edition by its id, or errs.NotFound.
func (s *Service) Get(ctx context.Context, id string) (Edition, error) {
	e, ok, err := db.One(ctx, s.d, scanEdition, "SELECT "+editionColumns+" FROM edition WHERE id = $1", id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "edition.not_found", errs.A{"edition": id})
	}
	return e, err
}

// Entries returns the lines of an edition by rank; those without one come last.
func (s *Service) Entries(ctx context.Context, editionID string) ([]Entry, error) {
	return db.Collect(ctx, s.d, scanEntry, "SELECT "+entryColumns+` FROM edition_entry WHERE edition_id = $1
		ORDER BY CASE WHEN rank_bound = '' THEN 1 ELSE 0 END, rank, rank_high, id`, editionID)
}

// Counts returns how many lines the ledger holds of each edition, by id.
func (s *Service) Counts(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := db.Each(ctx, s.d, func(scan db.Scan) error {
		var id string
		var n int64
		err := scan(&id, &n)
		out[id] = n
		return err
	}, "SELECT edition_id, COUNT(*) FROM edition_entry GROUP BY edition_id")
	return out, err
}

// Sources returns the sources that an edition and its lines name, by id.
func (s *Service) Sources(ctx context.Context, editionID string) (map[string]source.Source, error) {
	ids, err := db.Collect(ctx, s.d, db.Column[string], `SELECT source_id FROM edition WHERE id = $1
		UNION SELECT source_id FROM edition_entry WHERE edition_id = $1`, editionID)
	if err != nil {
		return nil, err
	}
	out := map[string]source.Source{}
	for _, id := range ids {
		v, found, err := source.Find(ctx, s.d, id)
		if err != nil {
			return nil, err
		}
		if found {
			out[id] = v
		}
	}
	return out, nil
}

// Rows are the lines of an edition as [Totals] reads them, for metrics of
// counts, shares and their sum. Lines that print not all of them are left out
// and counted.
func Rows(entries []Entry, counts, shares [2]string, total string) (rows []Row, without int) {
	for i := range entries {
		if r, ok := rowOf(&entries[i], counts, shares, total); ok {
			rows = append(rows, r)
		} else {
			without++
		}
	}
	return rows, without
}

func rowOf(e *Entry, counts, shares [2]string, total string) (Row, bool) {
	r := Row{Name: e.Name.EN}
	for m := range 2 {
		n, ok := e.Value(counts[m])
		share, also := e.Value(shares[m])
		printed, fits := PrintedOf(share)
		if !ok || !also || !fits {
			return r, false
		}
		r.Counts[m], r.Shares[m] = int64(n.Value), printed
	}
	sum, ok := e.Value(total)
	printed, fits := PrintedOf(sum)
	r.Total = printed
	return r, ok && fits
}
