package registry

import (
	"cmp"
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
)

const divisionsInForce = "SELECT " + divisionRead + " FROM division r WHERE " + inForce

// Division returns the division that a code stood for on a day ("" for today).
// A code that was not in use then is errs.NotFound; DivisionHistory tells what
// it once was.
func (s *Service) Division(ctx context.Context, code, at string) (Division, error) {
	d, ok, err := db.One(ctx, s.d, scanDivision, divisionsInForce+" AND code = $1 ORDER BY valid_from DESC LIMIT 1", code, s.day(at))
	if err == nil && !ok {
		err = notFound(code)
	}
	return d, err
}

// Divisions returns the divisions directly below parent ("" for the provinces)
// on a day ("" for today), in the order of their codes.
func (s *Service) Divisions(ctx context.Context, at, parent string) ([]Division, error) {
	rows, err := db.Collect(ctx, s.d, scanDivision, divisionsInForce+" AND parent = $1 ORDER BY code, valid_from DESC", parent, s.day(at))
	return newest(rows), err
}

// newest keeps one row for each code, the one that began last: it overrules a
// row of the same code whose end is not known.
func newest(rows []Division) []Division {
	return slices.CompactFunc(rows, func(a, b Division) bool { return a.Code == b.Code })
}

// DivisionPath returns a division and those it lay in on a day ("" for today),
// the province first.
func (s *Service) DivisionPath(ctx context.Context, code, at string) ([]Division, error) {
	d, err := s.Division(ctx, code, at)
	if err != nil {
		return nil, err
	}
	path := []Division{d}
	for d.Parent != "" && !slices.ContainsFunc(path, func(p Division) bool { return p.Code == d.Parent }) {
		rows, err := db.Collect(ctx, s.d, scanDivision, divisionsInForce+" AND code = $1 ORDER BY valid_from DESC LIMIT 1", d.Parent, s.day(at))
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break // the table lacks the parent
		}
		d = rows[0]
		path = append(path, d)
	}
	slices.Reverse(path)
	return path, nil
}

// DivisionHistory returns all that a code has stood for, the newest first.
func (s *Service) DivisionHistory(ctx context.Context, code string) ([]Division, error) {
	return db.Collect(ctx, s.d, scanDivision, "SELECT "+divisionRead+" FROM division WHERE code = $1 ORDER BY valid_from DESC", code)
}

// DivisionsByName returns the divisions that had a name on a day ("" for
// today), written in full or without the word for its kind (广州市, 广州,
// Guangzhou), provinces before cities before districts. Names such as 朝阳区
// have several: the caller chooses by the parent.
func (s *Service) DivisionsByName(ctx context.Context, name, at string) ([]Division, error) {
	key := fold.Name(name)
	if key == "" {
		return nil, nil
	}
	rows, err := db.Collect(ctx, s.d, scanDivision, divisionsInForce+` AND folded LIKE $1 ESCAPE '\' ORDER BY code, valid_from DESC`, "%|"+likeText(key)+"|%", s.day(at))
	rows = newest(rows)
	slices.SortStableFunc(rows, func(a, b Division) int { return cmp.Compare(levelRank[a.Level], levelRank[b.Level]) })
	return rows, err
}

var levelRank = map[Level]int{Province: 0, City: 1, District: 2}

// PutDivisions writes divisions from an import.
func (s *Service) PutDivisions(ctx context.Context, tx *db.Tx, by change.Author, rows []Division) ([]Outcome, error) {
	return put(ctx, tx, by, divisions, rows)
}
