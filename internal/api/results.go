package api

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// ResultQuery are the filters of results.
type ResultQuery struct {
	MarketQuery
	Type     string `query:"type" enum:"process,device,material,software,variety,method,design,other"`
	Stage    string `query:"stage" enum:"early,middle,mature"`
	Form     string `query:"form" enum:"transfer,licence,equity,joint_development,service,pilot" doc:"In which the owner would hand it over"`
	Right    string `query:"right" enum:"invention,utility,design,software,variety,layout,know_how" doc:"Has intellectual property of this kind"`
	TRLMin   int    `query:"trl_min" minimum:"0" maximum:"9"`
	TRLMax   int    `query:"trl_max" minimum:"0" maximum:"9"`
	TRLScale string `query:"trl_scale" enum:"gbt22900,gjb7688,iso16290,nasa,horizon,other" doc:"Levels of other scales do not count"`
	PriceMax int64  `query:"price_max" minimum:"0" doc:"Fen; the lower end of the price is at most this"`
}

func (q *ResultQuery) filter(ctx context.Context) (transfer.ResultFilter, error) {
	f, err := q.MarketQuery.filter(ctx)
	return transfer.ResultFilter{Filter: f, Type: transfer.ResultType(q.Type), Stage: transfer.Stage(q.Stage), Form: transfer.Form(q.Form), Right: transfer.RightKind(q.Right),
		TRLMin: q.TRLMin, TRLMax: q.TRLMax, TRLScale: transfer.Scale(q.TRLScale), PriceMax: fenIn(q.PriceMax)}, err
}

// ResultsIn asks for a page of results.
type ResultsIn struct {
	ResultQuery
	MarketOrder
	Paging
}

// ResultFacts are what a result says beside what all records do.
type ResultFacts struct {
	Type     string            `json:"type" doc:"process, device, material, software, variety, method, design or other"`
	Team     []transfer.Member `json:"team,omitempty"`
	Maturity []transfer.TRL    `json:"maturity,omitempty" doc:"Dated levels of readiness with scale, edition, assessor and evidence"`
	Rights   []transfer.Right  `json:"rights,omitempty"`
	Stage    string            `json:"stage,omitempty" doc:"early, middle or mature"`
	Forms    []transfer.Form   `json:"forms,omitempty" doc:"transfer, licence, equity, joint_development, service, pilot"`
	Price    transfer.Price    `json:"price,omitzero" doc:"Fen"`
}

func (b *ResultFacts) fill(r *transfer.Result) {
	r.Type, r.Team, r.Maturity, r.Rights = transfer.ResultType(b.Type), b.Team, b.Maturity, b.Rights
	r.Stage, r.Forms, r.Price = transfer.Stage(b.Stage), b.Forms, b.Price
}

// ResultIn is a result as a person writes it.
type ResultIn struct {
	RecordIn
	ResultFacts
	OfficeIn
	ShelfIn
}

func (b *ResultIn) onto(r *transfer.Result) string {
	b.RecordIn.fill(&r.Common)
	b.OfficeIn.fill(&r.Common)
	b.ShelfIn.fill(&r.Common)
	b.ResultFacts.fill(r)
	return b.Reason
}

func commonOfResult(r *transfer.Result) *transfer.Common { return &r.Common }

// resultNames are the places of faults in the body of a result.
var resultNames = map[string]string{"price_min": "price/min", "price_max": "price/max", "right_kind": "rights", "right_status": "rights", "trl_scale": "maturity", "on": "maturity"}

func (s *server) results() {
	const tag = "results"
	addList(s, route{id: "list_results", path: "/results", tag: tag, needs: account.Read}, resultTable(), s.listResults)
	add(s, route{id: "facets_of_results", path: "/results/facets", tag: tag, needs: account.Read}, s.resultFacets)
	addStall(s, stall[transfer.Result, ResultIn]{word: transfer.KindResult, area: tag, common: commonOfResult, write: (*ResultIn).onto,
		get: (*transfer.Service).Result,
		save: func(t *transfer.Service, ctx context.Context, v level.Viewer, reason string, r transfer.Result) (transfer.Result, error) {
			return t.SaveResult(ctx, v, author(ctx, reason), r)
		},
		mended: func(_ *ResultIn, e *errs.Error) {
			repoint(e, fieldNames)
			repoint(e, resultNames)
		}})
}

func (s *server) listResults(ctx context.Context, in *ResultsIn) (part[transfer.Result], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[transfer.Result]{}, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return part[transfer.Result]{}, err
	}
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	l, err := t.Results(ctx, callOf(ctx).viewer(), f)
	return pageOf(ctx, l, err, commonOfResult)
}

func (s *server) resultFacets(ctx context.Context, in *ResultQuery) (*answer[FacetMap], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	facets, err := t.ResultFacets(ctx, callOf(ctx).viewer(), f)
	return of(facetMap(facets)), err
}

func resultTable() table[transfer.Result] {
	type v = transfer.Result
	trl := func(of func(t *transfer.TRL) any) func(*v) any {
		return func(r *v) any {
			if t := transfer.Current(r.Maturity); t != nil {
				return of(t)
			}
			return nil
		}
	}
	return table[v]{name: "results", guarded: true, source: sourceOfCommon(commonOfResult), columns: marketColumns(commonOfResult,
		column[v]{"type", func(r *v) any { return string(r.Type) }}, column[v]{"stage", func(r *v) any { return string(r.Stage) }},
		column[v]{"team", func(r *v) any { return teamNames(r.Team) }},
		column[v]{"trl", trl(func(t *transfer.TRL) any { return t.Level })}, column[v]{"trl_scale", trl(func(t *transfer.TRL) any { return string(t.Scale) })},
		column[v]{"trl_edition", trl(func(t *transfer.TRL) any { return t.Edition })}, column[v]{"trl_on", trl(func(t *transfer.TRL) any { return t.On })},
		column[v]{"trl_assessor", trl(func(t *transfer.TRL) any { return t.Assessor })}, column[v]{"trl_evidence", trl(func(t *transfer.TRL) any { return t.Evidence })},
		column[v]{"rights", func(r *v) any { return rightNames(r.Rights) }}, column[v]{"forms", func(r *v) any { return joined(r.Forms) }},
		column[v]{"price_min_fen", func(r *v) any { return fen(r.Price.Min) }}, column[v]{"price_max_fen", func(r *v) any { return fen(r.Price.Max) }},
		column[v]{"price_negotiable", func(r *v) any { return r.Price.Negotiable }},
	)}
}

func teamNames(team []transfer.Member) string {
	out := ""
	for _, m := range team {
		out = join(out, m.Name)
	}
	return out
}

// rightNames writes rights as "invention ZL201910000000.0 granted".
func rightNames(rights []transfer.Right) string {
	out := ""
	for _, r := range rights {
		text := string(r.Kind)
		for _, more := range []string{r.Number, string(r.Status)} {
			if more != "" {
				text = fmt.Sprintf("%s %s", text, more)
			}
		}
		out = join(out, text)
	}
	return out
}
