package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

// CapitalQuery are the filters of what companies raised, won and were covered
// for. Days may be cut to a month or a year.
type CapitalQuery struct {
	Query      string   `query:"q" maxLength:"200" doc:"Part of the company's name as written"`
	Org        string   `query:"org" maxLength:"200" doc:"The company as an organisation, also by those merged into it"`
	CompanyKey string   `query:"company_key" maxLength:"300" doc:"The company's key at the source"`
	Party      string   `query:"party" maxLength:"200" doc:"Organisation on the other side: investor, acquirer, guarantor, insurer"`
	PartyQuery string   `query:"party_q" maxLength:"200" doc:"Part of the name of whoever stands on the other side"`
	From       string   `query:"from" maxLength:"10" doc:"On this day or later"`
	To         string   `query:"to" maxLength:"10" doc:"On this day or before"`
	Source     string   `query:"source" maxLength:"200" doc:"Source id"`
	Is         []string `query:"is" maxItems:"10" doc:"Own columns of the kind with their values, such as stage:a or market:BSE, parted by commas"`
}

func (q *CapitalQuery) filter() (capital.Filter, error) {
	f := capital.Filter{Query: q.Query, OrgID: q.Org, CompanyKey: q.CompanyKey, PartyID: q.Party, PartyQuery: q.PartyQuery, From: q.From, To: q.To, SourceID: q.Source}
	for _, pair := range q.Is {
		column, value, ok := cutColon(pair)
		if !ok {
			return f, errs.New(errs.Invalid, "finance.pair").At("is")
		}
		if f.Is == nil {
			f.Is = map[string]string{}
		}
		f.Is[column] = value
	}
	return f, nil
}

// CapitalIn asks for a page of records.
type CapitalIn struct {
	CapitalQuery
	Oldest bool `query:"oldest" doc:"The oldest first"`
	Paging
}

// CapitalTotalsIn asks for sums.
type CapitalTotalsIn struct {
	CapitalQuery
	By string `query:"by" maxLength:"40" doc:"company, year, division, or an own column of the kind; absent is all together"`
	Paging
}

// PartyIn is an organisation of the register, or what a source calls it.
type PartyIn struct {
	OrgID string `json:"org_id,omitempty"`
	Name  string `json:"name,omitempty" doc:"As the source writes it"`
	Key   string `json:"key,omitempty" doc:"Its key at the source"`
}

// AmountIn is money as it was stated: fen alone, or a value with its currency
// and bound.
type AmountIn struct {
	Fen   *money.Fen `json:"fen,omitempty" doc:"Of an exact amount in renminbi"`
	Value *float64   `json:"value,omitempty" doc:"In the currency itself"`
	High  *float64   `json:"high,omitempty" doc:"Upper end of a range"`
	Unit  string     `json:"unit,omitempty" doc:"ISO 4217 code"`
	Bound string     `json:"bound,omitempty" doc:"eq, gt, ge, lt, le, lt_near, approx or range; absent is eq"`
}

// stated is the amount as the room reads it.
func (a *AmountIn) stated() *capital.Amount {
	if a == nil {
		return nil
	}
	var out capital.Amount
	raw, _ := json.Marshal(a) // plain fields
	_ = json.Unmarshal(raw, &out)
	if out.Bound == "" && a.Value != nil {
		out.Bound = "eq"
	}
	return &out
}

// ValuationOfIn is what a company was held to be worth.
type ValuationOfIn struct {
	AmountIn
	Basis    string `json:"basis,omitempty" doc:"reported or computed"`
	SourceID string `json:"source_id,omitempty" doc:"Absent is that of the round"`
	Evidence string `json:"evidence,omitempty"`
}

func (v *ValuationOfIn) stated() *capital.Valuation {
	if v == nil {
		return nil
	}
	return &capital.Valuation{Amount: *v.AmountIn.stated(), Basis: capital.Basis(v.Basis), SourceID: v.SourceID, Evidence: v.Evidence}
}

func (p PartyIn) party() capital.Party {
	return capital.Party{OrgID: p.OrgID, Name: p.Name, Key: p.Key}
}

// CapitalCommonIn is what all records say.
type CapitalCommonIn struct {
	Key      string  `json:"key,omitempty" doc:"Stable word of whoever brings it, unique in its kind; absent keeps it, or one is made"`
	Company  PartyIn `json:"company"`
	On       string  `json:"on,omitempty" doc:"ISO day, month or year; absent is not known"`
	Level    string  `json:"level,omitempty" doc:"public, partner, internal or confidential; absent keeps it, or is internal"`
	Evidence string  `json:"evidence,omitempty" doc:"Where in its source it stands"`
	Note     string  `json:"note,omitempty"`
	SourceID string  `json:"source_id"`
	Reason   string  `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *CapitalCommonIn) fill(c *capital.Common) string {
	c.Company, c.On, c.Evidence, c.Note, c.SourceID, c.Level = b.Company.party(), b.On, b.Evidence, b.Note, b.SourceID, level.Level(b.Level)
	if b.Key != "" {
		c.Key = b.Key
	}
	return b.Reason
}

// shelf is one kind of record: how it is read and written. B is what a person
// writes.
type shelf[T, B any] struct {
	word, area string
	register   func(*capital.Service) *capital.Register[T]
	common     func(*T) *capital.Common
	head       []string
	cells      func(*T) []any
	// write puts what was written over a record, new or as it is, and returns the
	// reason given.
	write func(b *B, onto *T) string
}

func (s *server) capital() {
	addShelf(s, shelf[capital.Round, RoundIn]{"round", "rounds", func(c *capital.Service) *capital.Register[capital.Round] { return c.Rounds },
		func(r *capital.Round) *capital.Common { return &r.Common }, capital.RoundHead, (*capital.Round).Row, (*RoundIn).onto})
	addShelf(s, shelf[capital.Acquisition, AcquisitionIn]{"acquisition", "acquisitions", func(c *capital.Service) *capital.Register[capital.Acquisition] { return c.Acquisitions },
		func(r *capital.Acquisition) *capital.Common { return &r.Common }, capital.AcquisitionHead, (*capital.Acquisition).Row, (*AcquisitionIn).onto})
	addShelf(s, shelf[capital.Listing, ListingIn]{"listing", "listings", func(c *capital.Service) *capital.Register[capital.Listing] { return c.Listings },
		func(r *capital.Listing) *capital.Common { return &r.Common }, capital.ListingHead, (*capital.Listing).Row, (*ListingIn).onto})
	addShelf(s, shelf[capital.Contest, ContestIn]{"contest", "contests", func(c *capital.Service) *capital.Register[capital.Contest] { return c.Contests },
		func(r *capital.Contest) *capital.Common { return &r.Common }, capital.ContestHead, (*capital.Contest).Row, (*ContestIn).onto})
	addShelf(s, shelf[capital.Guarantee, GuaranteeIn]{"guarantee", "guarantees", func(c *capital.Service) *capital.Register[capital.Guarantee] { return c.Guarantees },
		func(r *capital.Guarantee) *capital.Common { return &r.Common }, capital.GuaranteeHead, (*capital.Guarantee).Row, (*GuaranteeIn).onto})
	addShelf(s, shelf[capital.Premium, PremiumIn]{"premium", "premiums", func(c *capital.Service) *capital.Register[capital.Premium] { return c.Premiums },
		func(r *capital.Premium) *capital.Common { return &r.Common }, capital.PremiumHead, (*capital.Premium).Row, (*PremiumIn).onto})
	add(s, route{id: "add_step_of_listing", method: http.MethodPost, path: "/listings/{id}/steps", tag: "listings", needs: account.Edit, versioned: true, once: true}, s.addStep)
	add(s, route{id: "money_of_organisation", path: "/organisations/{id}/money", tag: "organisations", needs: account.Read}, s.moneyOf)
}

func (s *server) capitalRoom() (*capital.Service, error) {
	if s.Capital == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Capital, nil
}

// addShelf registers the operations on one kind of record.
func addShelf[T, B any](s *server, h shelf[T, B]) {
	one := "/" + h.area + "/{id}"
	type put struct {
		ID
		Body B
	}
	addList(s, route{id: "list_" + h.area, path: "/" + h.area, tag: h.area, needs: account.Read}, h.table(), func(ctx context.Context, in *CapitalIn) (part[T], error) {
		return h.list(ctx, s, in)
	})
	addList(s, route{id: "totals_of_" + h.area, path: "/" + h.area + "/totals", tag: h.area, needs: account.Read}, totalTable(h.area), func(ctx context.Context, in *CapitalTotalsIn) (part[capital.Total], error) {
		return h.totals(ctx, s, in)
	})
	add(s, route{id: "get_" + h.word, path: one, tag: h.area, needs: account.Read}, func(ctx context.Context, in *ID) (*answer[T], error) {
		room, err := s.capitalRoom()
		if err != nil {
			return nil, err
		}
		r, err := h.register(room).One(ctx, callOf(ctx).viewer(), in.ID)
		return h.shown(ctx, r), err
	})
	add(s, route{id: "create_" + h.word, method: http.MethodPost, path: "/" + h.area, tag: h.area, needs: account.Edit, once: true, status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body B }) (*answer[T], error) {
			a, err := h.put(ctx, s, &in.Body, "")
			if err == nil {
				a.with("Location", base+"/"+h.area+"/"+h.common(&a.Body).ID)
			}
			return a, err
		})
	add(s, route{id: "replace_" + h.word, method: http.MethodPut, path: one, tag: h.area, needs: account.Edit, versioned: true},
		func(ctx context.Context, in *put) (*answer[T], error) { return h.put(ctx, s, &in.Body, in.ID.ID) })
}

// shown is a record as the caller may see it: who made it is for the staff.
func (h *shelf[T, B]) shown(ctx context.Context, r T) *answer[T] {
	c := h.common(&r)
	if !callOf(ctx).seesPrivate() {
		c.CreatedBy, c.UpdatedBy = "", ""
	}
	return row(r, c.Version)
}

func (h *shelf[T, B]) list(ctx context.Context, s *server, in *CapitalIn) (part[T], error) {
	room, err := s.capitalRoom()
	if err != nil {
		return part[T]{}, err
	}
	f, err := in.filter()
	if err != nil {
		return part[T]{}, err
	}
	f.OldestFirst, f.Page = in.Oldest, registry.Page{After: in.Cursor, Limit: in.Limit}
	l, err := h.register(room).List(ctx, callOf(ctx).viewer(), f)
	for i := range l.Items {
		l.Items[i] = h.shown(ctx, l.Items[i]).Body
	}
	return fromList(l, err)
}

func (h *shelf[T, B]) totals(ctx context.Context, s *server, in *CapitalTotalsIn) (part[capital.Total], error) {
	room, err := s.capitalRoom()
	if err != nil {
		return part[capital.Total]{}, err
	}
	f, err := in.filter()
	if err != nil {
		return part[capital.Total]{}, err
	}
	all, err := h.register(room).Totals(ctx, callOf(ctx).viewer(), f, in.By)
	if err != nil {
		return part[capital.Total]{}, err
	}
	return cutPage(all, &in.Paging, func(t *capital.Total) string { return "=" + t.Value })
}

// put creates a record (no id) or replaces the one of If-Match.
func (h *shelf[T, B]) put(ctx context.Context, s *server, b *B, id string) (*answer[T], error) {
	room, err := s.capitalRoom()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	var r T
	if id != "" {
		if r, err = h.register(room).One(ctx, c.viewer(), id); err != nil {
			return nil, err
		}
	}
	reason := h.write(b, &r)
	h.common(&r).Version = c.match
	saved, err := h.register(room).Save(ctx, c.viewer(), author(ctx, reason), r)
	if err != nil {
		return nil, err
	}
	return h.shown(ctx, saved), nil
}

// table has the columns of the room but for those that end every file.
func (h *shelf[T, B]) table() table[T] {
	out := table[T]{name: h.area, guarded: true, source: func(r *T) string { return h.common(r).SourceID }}
	for i, name := range h.head {
		if !slices.Contains(sourceHead, name) {
			out.columns = append(out.columns, column[T]{name, func(r *T) any { return h.cells(r)[i] }})
		}
	}
	return out
}

func totalTable(area string) table[capital.Total] {
	type v = capital.Total
	return table[v]{name: area + "-totals", columns: []column[v]{
		{"value", func(t *v) any { return t.Value }}, {"entries", func(t *v) any { return t.Entries }}, {"unknown", func(t *v) any { return t.Unknown }},
		{"sums", func(t *v) any {
			out := ""
			for _, sum := range t.Sums {
				out = join(out, sum.Format(i18n.EN))
			}
			return out
		}},
	}}
}

// StepIn is a step of a listing, or the correction of an earlier one.
type StepIn struct {
	State    string `json:"state,omitempty" doc:"tutoring, filed, approved, registered, listed, withdrawn, terminated, rejected or delisted; absent in a correction takes the step back"`
	On       string `json:"on,omitempty" doc:"ISO day, month or year"`
	Evidence string `json:"evidence,omitempty"`
	SourceID string `json:"source_id,omitempty" doc:"Absent is that of the listing"`
	Corrects int    `json:"corrects,omitempty" doc:"Position of the step that this one replaces"`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Of a correction"`
}

func (b *StepIn) step() capital.Step {
	return capital.Step{State: capital.ListingState(b.State), On: b.On, Evidence: b.Evidence, SourceID: b.SourceID, Corrects: b.Corrects, Reason: b.Reason}
}

func (s *server) addStep(ctx context.Context, in *struct {
	ID
	Body StepIn
}) (*answer[capital.Listing], error) {
	room, err := s.capitalRoom()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	l, err := room.AddStep(ctx, c.viewer(), change.Author{Actor: c.user.ID, Reason: in.Body.Reason}, in.ID.ID, c.match, in.Body.step())
	return row(l, l.Version), err
}

// moneyOf is what the caller sees of one company's money, by the levels of what
// each room tells.
func (s *server) moneyOf(ctx context.Context, in *ID) (*answer[capital.History], error) {
	room, err := s.capitalRoom()
	if err != nil {
		return nil, err
	}
	h, err := room.History(ctx, callOf(ctx).viewer(), in.ID)
	return of(h), err
}
