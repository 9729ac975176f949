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
	FundID      string  `json:"fund_id"`
	Key         string  `json:"key"`
	// Amount is the money of the event, nil where there is none or it is not
	// known; Of is the investor or the company that it names.
	Amount *money.Fen `json:"amount"`
	Of     *Party     `json:"of,omitempty"`
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
	return db.Collect(ctx, s.d, scanEvent, eventQuery+" WHERE e.fund_id = $1 AND e.position < $2 ORDER BY e.position DESC LIMIT $3",
		fundID, before, min(max(limit, 1), largestPage))
}

// Event returns one event with the fund that it happened to, to the staff.
func (s *Service) Event(ctx context.Context, v level.Viewer, id string) (Recorded, Fund, error) {
	if !staff(v) || !legible(id) {
		return Recorded{}, Fund{}, notFound("?")
	}
	e, found, err := db.One(ctx, s.d, scanEvent, eventQuery+" WHERE e.id = $1", id)
	if err == nil && !found {
		err = notFound(id)
	}
	if err != nil {
		return Recorded{}, Fund{}, err
	}
	f, err := one(ctx, s.d, v, e.FundID)
	if err != nil {
		return Recorded{}, Fund{}, notFound(id)
	}
	return e, f, nil
}

const eventQuery = `SELECT e.id, e.kind, e.position, e.day, e.note, e.source_id, x.simulated, e.actor, e.at, e.cancelled_by, e.fund_id, e.key,
	COALESCE(c.amount, p.amount, n.amount, f.amount, h.amount, o.proceeds, k.amount, (SELECT CAST(SUM(u.amount) AS BIGINT) FROM fund_due u WHERE u.call_id = e.id),
		(SELECT CAST(SUM(r.amount) AS BIGINT) FROM fund_received r WHERE r.distribution_id = e.id)),
	COALESCE(c.org_id, pc.org_id, h.org_id, oh.org_id, k.org_id, ''), COALESCE(c.investor_fund, pc.investor_fund, ''),
	COALESCE(c.investor, pc.investor, h.company, oh.company, k.company, '')
	FROM fund_event e JOIN source x ON x.id = e.source_id LEFT JOIN fund_commitment c ON c.id = e.id
	LEFT JOIN fund_payment p ON p.id = e.id LEFT JOIN fund_commitment pc ON pc.id = p.commitment_id LEFT JOIN fund_valuation n ON n.id = e.id
	LEFT JOIN fund_fee f ON f.id = e.id LEFT JOIN fund_holding h ON h.id = e.id LEFT JOIN fund_exit o ON o.id = e.id
	LEFT JOIN fund_holding oh ON oh.id = o.holding_id LEFT JOIN fund_claim k ON k.id = e.id`

func scanEvent(s db.Scan) (Recorded, error) {
	var e Recorded
	var of Party
	err := s(&e.ID, &e.Kind, &e.Position, &e.Day, &e.Note, &e.SourceID, &e.Simulated, &e.Actor, &e.At, &e.CancelledBy, &e.FundID, &e.Key, &e.Amount, &of.OrgID, &of.FundID, &of.Name)
	if of != (Party{}) {
		e.Of = &of
	}
	return e, err
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
