package casework

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Calendar returns the working days that are known: the years that come with the
// program, and before them those that an operator put in.
func (s *Service) Calendar(ctx context.Context, q db.Querier) (Calendar, error) {
	put, err := putYears(ctx, q)
	if err != nil {
		return Calendar{}, err
	}
	if len(put) == 0 {
		return bundledCalendar(), nil
	}
	return NewCalendar(append(Bundled(), put...)...)
}

func putYears(ctx context.Context, q db.Querier) ([]Year, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Year, error) {
		var body string
		if err := s(&body); err != nil {
			return Year{}, err
		}
		return ParseYear([]byte(body))
	}, "SELECT body FROM casework_year ORDER BY year")
}

// Years lists the years that are known with their documents: the bundled ones,
// then those that were put in.
func Years(ctx context.Context, q db.Querier) ([]Year, error) {
	put, err := putYears(ctx, q)
	return append(Bundled(), put...), err
}

// PutYear takes in what a notice says of a year, in place of what was known of
// it. Clocks that run already keep their day.
func (s *Service) PutYear(ctx context.Context, by Actor, y Year) error {
	if err := (&Input{}).check(by); err != nil {
		return err
	}
	if err := y.check(); err != nil {
		return err
	}
	body, err := json.Marshal(y)
	if err != nil {
		return err
	}
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO casework_year(year, document, body, put_by, updated_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (year) DO UPDATE SET document = excluded.document, body = excluded.body, put_by = excluded.put_by, updated_at = excluded.updated_at`,
			y.Year, y.Document, string(body), by.User, db.At(tx.Now()))
		if err != nil {
			return err
		}
		entry, err := change.New(by.author(y.Document), "working_year", y.Document, change.Update, nil, y)
		if err != nil {
			return err
		}
		return change.Append(ctx, tx, entry)
	})
}
