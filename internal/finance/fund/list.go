package fund

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Recorded is one event as it stands in the list of a fund's.
type Recorded struct {
	ID          string  `json:"id"`
	Kind        string  `json:"kind"`
	Position    int64   `json:"position"` // 1, 2, 3, … in the order of recording
	Day         string  `json:"day"`
	Note        string  `json:"note,omitempty"`
	SourceID    string  `json:"source_id"`
	Simulated   bool    `json:"simulated"`
	Actor       string  `json:"actor"`
	At          db.Time `json:"at"`
	CancelledBy string  `json:"cancelled_by,omitempty"`
}

// Events lists the events of a fund, cancelled ones too, the newest first: up
// to limit before a position, 0 for the newest. They are for the staff alone;
// anybody else is told that there is no such list.
func (s *Service) Events(ctx context.Context, v level.Viewer, fundID string, before int64, limit int) ([]Recorded, error) {
	if _, err := one(ctx, s.d, v, fundID); err != nil {
		return nil, err
	}
	if !staff(v) {
		return nil, notFound(fundID)
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return db.Collect(ctx, s.d, func(sc db.Scan) (Recorded, error) {
		var e Recorded
		err := sc(&e.ID, &e.Kind, &e.Position, &e.Day, &e.Note, &e.SourceID, &e.Simulated, &e.Actor, &e.At, &e.CancelledBy)
		return e, err
	}, `SELECT e.id, e.kind, e.position, e.day, e.note, e.source_id, x.simulated, e.actor, e.at, e.cancelled_by
		FROM fund_event e JOIN source x ON x.id = e.source_id WHERE e.fund_id = $1 AND e.position < $2 ORDER BY e.position DESC LIMIT $3`,
		fundID, before, min(max(limit, 1), largestPage))
}

// Held is a holding of a company by a fund.
type Held struct {
	HoldingID string     `json:"holding_id"`
	Fund      Fund       `json:"fund"`
	From      string     `json:"from"`
	To        string     `json:"to,omitempty"` // the day of the exit, "" while it is held
	SharePPM  *int64     `json:"share_ppm"`
	Amount    *money.Fen `json:"amount"`
	Proceeds  *money.Fen `json:"proceeds"` // of the exit
	Round     string     `json:"round,omitempty"`
	Evidence  string     `json:"evidence,omitempty"`
	SourceID  string     `json:"source_id"`
}

// Holders lists the holdings of a company, past ones too, by the funds that the
// viewer sees, in the order of their days.
func (s *Service) Holders(ctx context.Context, v level.Viewer, orgID string) ([]Held, error) {
	var w where
	guard(&w, v)
	w.add("h.org_id = ?", orgID)
	if !legible(orgID) {
		return nil, nil
	}
	return db.Collect(ctx, s.d, func(sc db.Scan) (Held, error) {
		var h Held
		f, err := scanFund(func(to ...any) error {
			return sc(append(to, &h.HoldingID, &h.From, &h.SharePPM, &h.Amount, &h.Round, &h.Evidence, &h.SourceID, &h.To, &h.Proceeds)...)
		})
		h.Fund = f
		return h, err
	}, "SELECT "+fundColumns+`, h.id, e.day, h.share_ppm, h.amount, h.round, h.evidence, e.source_id, COALESCE(o.day, ''), o.proceeds
		FROM fund t JOIN source x ON x.id = t.source_id JOIN fund_holding h ON h.fund_id = t.id JOIN fund_event e ON e.id = h.id AND e.cancelled_by = ''
		LEFT JOIN (SELECT q.holding_id, q.proceeds, y.day FROM fund_exit q JOIN fund_event y ON y.id = q.id WHERE y.cancelled_by = '') o ON o.holding_id = h.id`+
		w.String()+" ORDER BY e.day, h.id", w.args...)
}

// Visible reports which records of a kind of this room, as the change log names
// it, a viewer sees: funds at their level, their events the staff alone.
func (s *Service) Visible(ctx context.Context, v level.Viewer, kind string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	var w where
	guard(&w, v)
	query := "SELECT t.id" + fundFrom
	if strings.HasPrefix(kind, "fund_") {
		if !staff(v) {
			return out, nil
		}
		query = "SELECT e.id" + fundFrom + " JOIN fund_event e ON e.fund_id = t.id"
		w.add("e.kind = ?", strings.TrimPrefix(kind, "fund_"))
	} else if kind != KindFund {
		return out, nil
	}
	column := "t.id"
	if kind != KindFund {
		column = "e.id"
	}
	good := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !legible(id) })
	for part := range slices.Chunk(good, largestPage) {
		in := where{parts: slices.Clone(w.parts), args: slices.Clone(w.args)}
		marks := strings.TrimSuffix(strings.Repeat("?,", len(part)), ",")
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		in.add(column+" IN ("+marks+")", args...)
		found, err := db.Collect(ctx, s.d, db.Column[string], query+in.String(), in.args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}
