package ledger

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Anchor 锚 is where the chain of a book stood: kept apart from the ledger, or
// printed, it proves later that nothing up to Seq was rewritten. The first act
// of a day anchors the day before by itself.
type Anchor struct {
	Book string `json:"book"`
	Day  string `json:"day"` // in the city's time zone
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Anchor records where every book stands now and returns it. A book that has
// not moved since its last anchor gets no other.
func (l *Ledger) Anchor(ctx context.Context, tx *db.Tx) ([]Anchor, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	today := dayOf(tx.Now())
	found, err := db.Collect(ctx, tx, scanAnchor, "SELECT id, $1, seq, hash FROM ledger_book WHERE seq > 0 ORDER BY id", today)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, 0, len(found))
	for _, a := range found {
		rows = append(rows, []any{a.Book, a.Day, a.Seq, a.Hash})
	}
	return found, db.InsertMany(ctx, tx, anchorInto, "ON CONFLICT DO NOTHING", rows)
}

func scanAnchor(s db.Scan) (Anchor, error) {
	var a Anchor
	err := s(&a.Book, &a.Day, &a.Seq, &a.Hash)
	return a, err
}

// Anchors returns the anchors of a book, the newest first.
func (l *Ledger) Anchors(ctx context.Context, q db.Querier, book string, limit int) ([]Anchor, error) {
	if !storable(book) {
		return nil, nil
	}
	return db.Collect(ctx, q, scanAnchor, "SELECT book, day, seq, hash FROM ledger_anchor WHERE book = $1 ORDER BY seq DESC, day DESC LIMIT $2", book, limit)
}
