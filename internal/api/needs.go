package api

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// NeedQuery are the filters of needs.
type NeedQuery struct {
	MarketQuery
	Kind      string `query:"kind" enum:"technical,open_challenge,equipment,expert,other"`
	Form      string `query:"form" enum:"transfer,licence,equity,joint_development,service,pilot"`
	BudgetMin int64  `query:"budget_min" minimum:"0" doc:"Fen; the upper end of the budget is at least this"`
}

func (q *NeedQuery) filter(ctx context.Context) (transfer.NeedFilter, error) {
	f, err := q.MarketQuery.filter(ctx)
	return transfer.NeedFilter{Filter: f, Kind: transfer.NeedKind(q.Kind), Form: transfer.Form(q.Form), BudgetMin: fenIn(q.BudgetMin)}, err
}

// NeedsIn asks for a page of needs.
type NeedsIn struct {
	NeedQuery
	MarketOrder
	Paging
}

// NeedFacts are what a need says beside what all records do.
type NeedFacts struct {
	Kind        string               `json:"kind" doc:"technical, open_challenge, equipment, expert or other"`
	Text        string               `json:"text,omitempty" doc:"What is looked for, up to 20,000 characters"`
	Constraints transfer.Constraints `json:"constraints,omitzero" doc:"What an answer must meet; amounts in fen"`
	Prize       *money.Fen           `json:"prize,omitempty" doc:"Fen, of an open challenge"`
	Deadline    string               `json:"deadline,omitempty" doc:"ISO date, the last day on which answers are taken"`
}

func (b *NeedFacts) fill(n *transfer.Need) {
	n.Kind, n.Text, n.Constraints, n.Prize, n.Deadline = transfer.NeedKind(b.Kind), b.Text, b.Constraints, b.Prize, b.Deadline
}

// NeedIn is a need as a person writes it.
type NeedIn struct {
	RecordIn
	NeedFacts
	OfficeIn
	ShelfIn
}

func (b *NeedIn) onto(n *transfer.Need) string {
	b.RecordIn.fill(&n.Common)
	b.OfficeIn.fill(&n.Common)
	b.ShelfIn.fill(&n.Common)
	b.NeedFacts.fill(n)
	return b.Reason
}

func commonOfNeed(n *transfer.Need) *transfer.Common { return &n.Common }

// needNames are the places of faults in the body of a need.
var needNames = map[string]string{"trl_min": "constraints/trl_min", "trl_scale": "constraints/trl_scale", "regions": "constraints/regions", "budget_min": "constraints/budget_min",
	"budget_max": "constraints/budget_max", "forms": "constraints/forms", "deliver_by": "constraints/deliver_by", "right_status": "constraints/rights"}

// needFault brings the pointer of a fault to its place in a need. Codes stand
// in two places: the one whose codes are right is not at fault.
func needFault(b *RecordIn, e *errs.Error) {
	repoint(e, needNames)
	right := func(codes []string, parse func(string) (string, error)) bool {
		return !slices.ContainsFunc(codes, func(c string) bool { _, err := parse(c); return err != nil })
	}
	switch {
	case e.Field == "/ipc" && right(b.Fields.IPC, transfer.ParseIPC), e.Field == "/industry" && right(b.Fields.Industry, transfer.ParseIndustry):
		e.Field = "/constraints" + e.Field
	default:
		repoint(e, fieldNames)
	}
}

func (s *server) needs() {
	const tag = "needs"
	addList(s, route{id: "list_needs", path: "/needs", tag: tag, needs: account.Read}, needTable(), s.listNeeds)
	add(s, route{id: "facets_of_needs", path: "/needs/facets", tag: tag, needs: account.Read}, s.needFacets)
	addStall(s, stall[transfer.Need, NeedIn]{word: transfer.KindNeed, area: tag, common: commonOfNeed, write: (*NeedIn).onto,
		get: (*transfer.Service).Need,
		save: func(t *transfer.Service, ctx context.Context, v level.Viewer, reason string, n transfer.Need) (transfer.Need, error) {
			return t.SaveNeed(ctx, v, author(ctx, reason), n)
		},
		mended: func(b *NeedIn, e *errs.Error) { needFault(&b.RecordIn, e) }})
}

func (s *server) listNeeds(ctx context.Context, in *NeedsIn) (part[transfer.Need], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[transfer.Need]{}, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return part[transfer.Need]{}, err
	}
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	l, err := t.Needs(ctx, callOf(ctx).viewer(), f)
	return pageOf(ctx, l, err, commonOfNeed)
}

func (s *server) needFacets(ctx context.Context, in *NeedQuery) (*answer[FacetMap], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	facets, err := t.NeedFacets(ctx, callOf(ctx).viewer(), f)
	return of(facetMap(facets)), err
}

func needTable() table[transfer.Need] {
	type v = transfer.Need
	return table[v]{name: "needs", guarded: true, source: sourceOfCommon(commonOfNeed), columns: marketColumns(commonOfNeed,
		column[v]{"kind", func(n *v) any { return string(n.Kind) }}, column[v]{"text", func(n *v) any { return n.Text }},
		column[v]{"prize_fen", func(n *v) any { return fen(n.Prize) }}, column[v]{"deadline", func(n *v) any { return n.Deadline }},
		column[v]{"wants_trl_min", func(n *v) any {
			if n.Constraints.TRLMin == 0 {
				return nil
			}
			return n.Constraints.TRLMin
		}},
		column[v]{"wants_trl_scale", func(n *v) any { return string(n.Constraints.TRLScale) }},
		column[v]{"wants_ipc", func(n *v) any { return joined(n.Constraints.IPC) }}, column[v]{"wants_industry", func(n *v) any { return joined(n.Constraints.Industry) }},
		column[v]{"wants_regions", func(n *v) any { return joined(n.Constraints.Regions) }},
		column[v]{"budget_min_fen", func(n *v) any { return fen(n.Constraints.BudgetMin) }}, column[v]{"budget_max_fen", func(n *v) any { return fen(n.Constraints.BudgetMax) }},
		column[v]{"wants_rights", func(n *v) any { return string(n.Constraints.Rights) }}, column[v]{"wants_forms", func(n *v) any { return joined(n.Constraints.Forms) }},
		column[v]{"deliver_by", func(n *v) any { return n.Constraints.DeliverBy }},
	)}
}
