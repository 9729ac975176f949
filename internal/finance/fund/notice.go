package fund

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Notice is what investors are sent with a call or a distribution: the least
// fields of the ILPA template for both, which shows for each investor the
// effect on what is unfunded. What of a distribution is recallable follows from
// that effect.
type Notice struct {
	Fund      Fund         `json:"fund"`
	EventID   string       `json:"event_id"`
	Kind      string       `json:"kind"` // call or distribution
	Number    int64        `json:"number"`
	Day       string       `json:"day"`
	DueOn     string       `json:"due_on,omitempty"`
	Purpose   string       `json:"purpose,omitempty"`
	Total     money.Fen    `json:"total"`
	Simulated bool         `json:"simulated"`
	Lines     []NoticeLine `json:"lines"`
}

// NoticeLine is one investor of a notice. Before and After are what is unfunded
// on the day of the notice without it and with it; nil for a commitment of
// unknown amount.
type NoticeLine struct {
	CommitmentID string     `json:"commitment_id"`
	Investor     Party      `json:"investor"`
	Committed    *money.Fen `json:"committed"`
	Amount       money.Fen  `json:"amount"`
	Inside       money.Fen  `json:"inside"` // counts against the commitment: called, or given back to it
	Fee          money.Fen  `json:"fee"`    // of the amount
	Before       *money.Fen `json:"unfunded_before"`
	After        *money.Fen `json:"unfunded_after"`
	Called       money.Fen  `json:"called_to_date"`
	Paid         money.Fen  `json:"paid_to_date"`
	Distributed  money.Fen  `json:"distributed_to_date"`
}

// CallNotice returns the notice of a call. Only the staff may see it: it names
// the investors.
func (s *Service) CallNotice(ctx context.Context, v level.Viewer, callID string) (Notice, error) {
	return s.notice(ctx, v, "call", callID, `SELECT t.number, e.fund_id, e.day, t.due_on, t.purpose, x.simulated
		FROM fund_call t JOIN fund_event e ON e.id = t.id JOIN source x ON x.id = e.source_id WHERE t.id = $1 AND e.cancelled_by = ''`,
		"SELECT commitment_id, amount, fee, 0 - amount FROM fund_due WHERE call_id = $1 ORDER BY commitment_id")
}

// DistributionNotice returns the notice of a distribution, to the staff.
func (s *Service) DistributionNotice(ctx context.Context, v level.Viewer, id string) (Notice, error) {
	return s.notice(ctx, v, "distribution", id, `SELECT t.number, e.fund_id, e.day, '', t.purpose, x.simulated
		FROM fund_distribution t JOIN fund_event e ON e.id = t.id JOIN source x ON x.id = e.source_id WHERE t.id = $1 AND e.cancelled_by = ''`,
		"SELECT commitment_id, amount, 0, recallable FROM fund_received WHERE distribution_id = $1 ORDER BY commitment_id")
}

func (s *Service) notice(ctx context.Context, v level.Viewer, kind, id, head, lines string) (Notice, error) {
	n, found, err := db.One(ctx, s.d, func(sc db.Scan) (Notice, error) {
		n := Notice{EventID: id, Kind: kind}
		err := sc(&n.Number, &n.Fund.ID, &n.Day, &n.DueOn, &n.Purpose, &n.Simulated)
		return n, err
	}, head, id)
	switch {
	case err != nil:
		return n, err
	case !found || !staff(v):
		return Notice{}, notFound(id)
	}
	if n.Fund, err = one(ctx, s.d, v, n.Fund.ID); err != nil {
		return Notice{}, err
	}
	n.Simulated = n.Simulated || n.Fund.Simulated
	list, err := members(ctx, s.d, n.Fund.ID, n.Day)
	if err != nil {
		return n, err
	}
	at := map[string]*member{}
	for i := range list {
		at[list[i].ID] = &list[i]
	}
	return n, n.fill(ctx, s.d, at, lines)
}

// fill adds the lines. effect is what each does to what is unfunded.
func (n *Notice) fill(ctx context.Context, q db.Querier, at map[string]*member, query string) error {
	return db.Each(ctx, q, func(sc db.Scan) error {
		var l NoticeLine
		var effect money.Fen
		if err := sc(&l.CommitmentID, &l.Amount, &l.Fee, &effect); err != nil {
			return err
		}
		l.Inside = max(effect, -effect)
		if m := at[l.CommitmentID]; m != nil {
			l.Investor, l.Committed, l.Called, l.Paid, l.Distributed = m.Investor, m.Amount, m.Called, m.Paid, m.Received
			if after, known := m.room(); known {
				before := after - effect
				l.Before, l.After = &before, &after
			}
		}
		var err error
		n.Total, err = money.Add(n.Total, l.Amount)
		n.Lines = append(n.Lines, l)
		return err
	}, query, n.EventID)
}

// Report is a fund over a period, in the sections of the ILPA reporting
// template: for the period, and since the fund began.
type Report struct {
	Fund      Fund              `json:"fund"`
	From      string            `json:"from"` // first day
	To        string            `json:"to"`   // last day
	Simulated bool              `json:"simulated"`
	Period    Section           `json:"period"`
	Inception Section           `json:"inception"`
	Multiples returns.Multiples `json:"multiples"` // on the last day
}

// Section is one column of a report. Values are nil when they are not known.
type Section struct {
	NAVBefore   *returns.Valuation `json:"nav_before"` // the newest before the first day; nil from inception
	NAVAfter    *returns.Valuation `json:"nav_after"`
	Paid        money.Fen          `json:"paid"`
	Distributed money.Fen          `json:"distributed"`
	Called      money.Fen          `json:"called"`
	Fees        money.Fen          `json:"fees"`
}

// Report returns the report of a fund that the viewer sees.
func (s *Service) Report(ctx context.Context, v level.Viewer, id, from, to string) (Report, error) {
	if !isDay(from) || !isDay(to) || to < from {
		return Report{}, errs.New(errs.Invalid, "fund.span", errs.A{"from": from, "to": to}).At("/from")
	}
	end, err := s.Sheet(ctx, v, id, to)
	if err != nil {
		return Report{}, err
	}
	start, err := s.Sheet(ctx, v, id, before(from))
	if err != nil {
		return Report{}, err
	}
	r := Report{Fund: end.Fund, From: from, To: to, Simulated: end.Simulated, Multiples: end.Multiples}
	a, b := start.Multiples, end.Multiples
	r.Inception = Section{NAVAfter: b.NAV, Paid: b.Paid, Distributed: b.Distributed, Called: b.Called, Fees: end.Fees}
	r.Period = Section{NAVBefore: a.NAV, NAVAfter: b.NAV, Paid: b.Paid - a.Paid, Distributed: b.Distributed - a.Distributed, Called: b.Called - a.Called, Fees: end.Fees - start.Fees}
	return r, nil
}

func before(day string) string {
	t, _ := time.Parse(time.DateOnly, day) // the caller has checked it
	return t.AddDate(0, 0, -1).Format(time.DateOnly)
}

// Table is rows of text under a head, for a file.
type Table struct {
	Head []string
	Rows [][]string
}

// CSV writes the table. Cells that a spreadsheet would take for a formula are
// written with an apostrophe before them.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			if c != "" && (c[0] == '=' || c[0] == '@' || c[0] == '+' || c[0] == '\t' || c[0] == '\r' || c[0] == '-' && !isNumber(c)) {
				c = "'" + c
			}
			cells[i] = c
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func text(f *money.Fen) string {
	if f == nil {
		return ""
	}
	return f.String()
}

// Table is the notice with one row for each investor, amounts in yuan; an
// unknown one is empty.
func (n Notice) Table(lang i18n.Lang) Table {
	t := Table{Head: heads(lang, "fund", "number", "day", "due_on", "investor", "committed", "amount", "inside", "fee", "unfunded_before", "unfunded_after", "called", "paid", "distributed", "simulated")}
	for _, l := range n.Lines {
		m := member{Investor: l.Investor}
		t.Rows = append(t.Rows, []string{n.Fund.Name.In(lang), strconv.FormatInt(n.Number, 10), n.Day, n.DueOn, m.name(), text(l.Committed), l.Amount.String(), l.Inside.String(), l.Fee.String(),
			text(l.Before), text(l.After), l.Called.String(), l.Paid.String(), l.Distributed.String(), strconv.FormatBool(n.Simulated)})
	}
	return t
}

// Table is the report with one row for each line of it: the period, and since
// inception.
func (r Report) Table(lang i18n.Lang) Table {
	t := Table{Head: heads(lang, "item", "period", "inception")}
	row := func(key, a, b string) { t.Rows = append(t.Rows, []string{i18n.T(lang, "fund.col_"+key), a, b}) }
	value := func(v *returns.Valuation) string {
		if v == nil {
			return ""
		}
		return v.Amount.String()
	}
	row("from", r.From, "")
	row("to", r.To, r.To)
	row("nav_before", value(r.Period.NAVBefore), "")
	row("called", r.Period.Called.String(), r.Inception.Called.String())
	row("paid", r.Period.Paid.String(), r.Inception.Paid.String())
	row("distributed", r.Period.Distributed.String(), r.Inception.Distributed.String())
	row("fee", r.Period.Fees.String(), r.Inception.Fees.String())
	row("nav_after", value(r.Period.NAVAfter), value(r.Inception.NAVAfter))
	ratio := func(key string, q *returns.Ratio) {
		text := ""
		if q != nil {
			text = strconv.FormatFloat(q.Float(), 'f', 4, 64)
		}
		row(key, "", text)
	}
	m := r.Multiples
	ratio("pic", m.PIC)
	ratio("dpi", m.DPI)
	ratio("rvpi", m.RVPI)
	ratio("tvpi", m.TVPI)
	irr, status := "", ""
	if m.IRR != nil {
		status = string(m.IRR.Status)
		if m.IRR.Rate != nil {
			irr = strconv.FormatFloat(*m.IRR.Rate, 'f', 6, 64)
		}
	}
	row("irr", "", irr)
	row("irr_status", "", status)
	row("simulated", "", strconv.FormatBool(r.Simulated))
	return t
}

func heads(lang i18n.Lang, keys ...string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = i18n.T(lang, "fund.col_"+k)
	}
	return out
}
