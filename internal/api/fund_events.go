package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// FundEventIn is what every event of a fund says.
type FundEventIn struct {
	Key      string `json:"key" doc:"Your own word for it, unique among the fund's events of the kind; the same again is done once"`
	Day      string `json:"day" doc:"ISO date on which it happened; not one to come"`
	SourceID string `json:"source_id" doc:"Where it comes from"`
	Note     string `json:"note,omitempty"`
}

func (b *FundEventIn) head(fundID string) fund.Head {
	return fund.Head{FundID: fundID, Key: b.Key, Day: b.Day, SourceID: b.SourceID, Note: b.Note}
}

// CommitmentIn: an investor promises money.
type CommitmentIn struct {
	FundEventIn
	Investor fund.Party `json:"investor" doc:"One of org_id, fund_id and name"`
	Nature   string     `json:"nature,omitempty" doc:"Whose money: public or social; absent is not known"`
	Amount   *money.Fen `json:"amount,omitempty" doc:"Fen; absent is not known"`
}

// CallIn: the fund asks its investors to pay, by dues or in proportion.
type CallIn struct {
	FundEventIn
	DueOn   string     `json:"due_on"`
	Purpose string     `json:"purpose,omitempty"`
	Dues    []fund.Due `json:"dues,omitempty" doc:"Who pays what"`
	Total   *money.Fen `json:"total,omitempty" doc:"Fen, split over the commitments in proportion"`
}

// PaymentIn: an investor pays.
type PaymentIn struct {
	FundEventIn
	CommitmentID string    `json:"commitment_id"`
	CallID       string    `json:"call_id,omitempty"`
	Amount       money.Fen `json:"amount" doc:"Fen"`
}

// DistributionIn: the fund pays money back, by shares or in proportion.
type DistributionIn struct {
	FundEventIn
	Purpose string          `json:"purpose,omitempty"`
	Shares  []fund.Received `json:"shares,omitempty"`
	Total   *money.Fen      `json:"total,omitempty" doc:"Fen, split in proportion to what was paid in"`
}

// ValuationIn: what the fund is worth at the end of a day.
type ValuationIn struct {
	FundEventIn
	Amount *money.Fen `json:"amount" doc:"Fen; 0 is a value: nothing is left"`
	Basis  string     `json:"basis" doc:"audited, reported or estimated"`
}

// FeeIn: money that the fund paid for being run.
type FeeIn struct {
	FundEventIn
	For    string    `json:"for" doc:"management, performance, custody or other"`
	Amount money.Fen `json:"amount" doc:"Fen"`
}

// HoldingIn: what the fund put into a company.
type HoldingIn struct {
	FundEventIn
	OrgID    string     `json:"org_id,omitempty" doc:"The company as an organisation, or company as a name"`
	Company  string     `json:"company,omitempty"`
	SharePPM *int64     `json:"share_ppm,omitempty" doc:"Parts per million; absent is not known"`
	Amount   *money.Fen `json:"amount,omitempty" doc:"Fen; absent is not known"`
	Round    string     `json:"round,omitempty"`
	Evidence string     `json:"evidence,omitempty"`
}

// ExitIn: a holding ends.
type ExitIn struct {
	FundEventIn
	HoldingID string     `json:"holding_id"`
	Proceeds  *money.Fen `json:"proceeds" doc:"Fen; 0 when it is written off"`
}

// ReinvestedIn: a deal that is claimed as local reinvestment.
type ReinvestedIn struct {
	FundEventIn
	Deal     string    `json:"deal" doc:"Names the deal itself, the same for every fund that claims it"`
	OrgID    string    `json:"org_id,omitempty"`
	Company  string    `json:"company,omitempty"`
	Route    string    `json:"route" doc:"A route that the rule names"`
	Evidence string    `json:"evidence,omitempty" doc:"Without any it is kept, and not counted"`
	Amount   money.Fen `json:"amount" doc:"Fen"`
}

// CancelIn takes an event back.
type CancelIn struct {
	Reason string `json:"reason" maxLength:"500" doc:"Required; kept in the change log"`
}

func (s *server) fundEvents(tag string) {
	addList(s, route{id: "events_of_fund", path: "/funds/{id}/events", tag: tag, needs: account.ReadPrivate}, recordedTable(), s.listFundEvents)
	addFundEvent(s, "commitment", "commitments", func(b *CommitmentIn, id string) fund.Event {
		return &fund.Commitment{Head: b.head(id), Investor: b.Investor, Nature: lookthrough.Nature(b.Nature), Amount: b.Amount}
	})
	addFundEvent(s, "call", "calls", func(b *CallIn, id string) fund.Event {
		return &fund.Call{Head: b.head(id), DueOn: b.DueOn, Purpose: b.Purpose, Dues: b.Dues, Total: b.Total}
	})
	addFundEvent(s, "payment", "payments", func(b *PaymentIn, id string) fund.Event {
		return &fund.Payment{Head: b.head(id), CommitmentID: b.CommitmentID, CallID: b.CallID, Amount: b.Amount}
	})
	addFundEvent(s, "distribution", "distributions", func(b *DistributionIn, id string) fund.Event {
		return &fund.Distribution{Head: b.head(id), Purpose: b.Purpose, Shares: b.Shares, Total: b.Total}
	})
	addFundEvent(s, "valuation", "valuations", func(b *ValuationIn, id string) fund.Event {
		return &fund.Valuation{Head: b.head(id), Amount: b.Amount, Basis: fund.Basis(b.Basis)}
	})
	addFundEvent(s, "fee", "fees", func(b *FeeIn, id string) fund.Event {
		return &fund.Fee{Head: b.head(id), For: fund.FeeKind(b.For), Amount: b.Amount}
	})
	addFundEvent(s, "holding", "holdings", func(b *HoldingIn, id string) fund.Event {
		return &fund.Holding{Head: b.head(id), OrgID: b.OrgID, Company: b.Company, SharePPM: b.SharePPM, Amount: b.Amount, Round: b.Round, Evidence: b.Evidence}
	})
	addFundEvent(s, "exit", "exits", func(b *ExitIn, id string) fund.Event {
		return &fund.Exit{Head: b.head(id), HoldingID: b.HoldingID, Proceeds: b.Proceeds}
	})
	addFundEvent(s, "reinvestment", "reinvestments", func(b *ReinvestedIn, id string) fund.Event {
		return &fund.Claim{Head: b.head(id), Deal: b.Deal, OrgID: b.OrgID, Company: b.Company, Route: b.Route, Evidence: b.Evidence, Amount: b.Amount}
	})
	add(s, route{id: "cancel_fund_event", method: http.MethodPost, path: "/funds/{id}/events/{event}/cancel", tag: tag, needs: account.Edit, once: true}, s.cancelFundEvent)
	named := func(in *NoticeIn) string { return in.Format }
	addTabled(s, route{id: "notice_of_call", path: "/funds/{id}/calls/{event}/notice", tag: tag, needs: account.ReadPrivate}, "call-notice", named, s.notice((*fund.Service).CallNotice))
	addTabled(s, route{id: "notice_of_distribution", path: "/funds/{id}/distributions/{event}/notice", tag: tag, needs: account.ReadPrivate}, "distribution-notice", named, s.notice((*fund.Service).DistributionNotice))
}

// addFundEvent registers the operation that records one kind of event.
func addFundEvent[B any](s *server, word, words string, event func(b *B, fundID string) fund.Event) {
	type input struct {
		ID
		Body B
	}
	add(s, route{id: "record_" + word, method: http.MethodPost, path: "/funds/{id}/" + words, tag: "funds", needs: account.Edit, once: true, status: http.StatusCreated},
		func(ctx context.Context, in *input) (*answer[fund.Receipt], error) {
			room, err := s.fundRoom()
			if err != nil {
				return nil, err
			}
			r, err := room.Record(ctx, callOf(ctx).viewer(), author(ctx, ""), event(&in.Body, in.ID.ID))
			return of(r), err
		})
}

func (s *server) listFundEvents(ctx context.Context, in *FundEventsIn) (part[fund.Recorded], error) {
	out := part[fund.Recorded]{total: -1}
	room, err := s.fundRoom()
	if err != nil {
		return out, err
	}
	before, err := numberCursor(in.Cursor)
	if err != nil {
		return out, err
	}
	list, err := room.Events(ctx, callOf(ctx).viewer(), in.ID.ID, before, in.Limit)
	if out.items = list; len(list) == in.Limit {
		out.next = encodeCursor(strconv.FormatInt(list[len(list)-1].Position, 10))
	}
	return out, err
}

func (s *server) cancelFundEvent(ctx context.Context, in *struct {
	ID
	Event string `path:"event" maxLength:"200" doc:"Id of the event"`
	Body  CancelIn
}) (*answer[fund.Recorded], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	v := callOf(ctx).viewer()
	e, f, err := room.Event(ctx, v, in.Event)
	if err == nil && f.ID != in.ID.ID {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": in.Event})
	}
	if err == nil {
		err = room.Cancel(ctx, v, author(ctx, strings.TrimSpace(in.Body.Reason)), e.ID)
	}
	if err != nil {
		return nil, err
	}
	e, _, err = room.Event(ctx, v, e.ID)
	return of(e), err
}

func (s *server) notice(read func(*fund.Service, context.Context, level.Viewer, string) (fund.Notice, error)) func(context.Context, *NoticeIn) (*tabled[fund.Notice], error) {
	return func(ctx context.Context, in *NoticeIn) (*tabled[fund.Notice], error) {
		room, err := s.fundRoom()
		if err != nil {
			return nil, err
		}
		n, err := read(room, ctx, callOf(ctx).viewer(), in.Event)
		if err == nil && n.Fund.ID != in.ID.ID {
			err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": in.Event})
		}
		if err != nil {
			return nil, err
		}
		return &tabled[fund.Notice]{body: n, rows: n.Table(callOf(ctx).lang), source: n.Fund.SourceID}, nil
	}
}

func recordedTable() table[fund.Recorded] {
	type v = fund.Recorded
	return table[v]{name: "events", guarded: true, source: func(e *v) string { return e.SourceID }, columns: []column[v]{
		{"id", func(e *v) any { return e.ID }}, {"kind", func(e *v) any { return e.Kind }}, {"position", func(e *v) any { return e.Position }}, {"key", func(e *v) any { return e.Key }}, {"day", func(e *v) any { return e.Day }},
		{"amount_fen", func(e *v) any { return fen(e.Amount) }}, {"note", func(e *v) any { return e.Note }}, {"actor", func(e *v) any { return e.Actor }}, {"at", func(e *v) any { return instant(e.At) }}, {"cancelled_by", func(e *v) any { return e.CancelledBy }},
	}}
}
