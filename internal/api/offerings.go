package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// ServiceQuery are the filters of services and equipment.
type ServiceQuery struct {
	MarketQuery
	Kind     string `query:"kind" enum:"service,equipment"`
	Platform string `query:"platform" maxLength:"200" doc:"Id of the platform that offers it"`
}

func (q *ServiceQuery) filter(ctx context.Context) (transfer.ServiceFilter, error) {
	f, err := q.MarketQuery.filter(ctx)
	return transfer.ServiceFilter{Filter: f, Kind: transfer.OfferingKind(q.Kind), PlatformID: q.Platform}, err
}

// ServicesIn asks for a page of services and equipment.
type ServicesIn struct {
	ServiceQuery
	MarketOrder
	Paging
}

// ServiceIn is a service or a piece of equipment as a person writes it.
type ServiceIn struct {
	RecordIn
	Kind       string `json:"kind" doc:"service or equipment"`
	PlatformID string `json:"platform_id,omitempty" doc:"The platform that offers it"`
	Text       string `json:"text,omitempty"`
	PriceText  string `json:"price_text,omitempty" doc:"As printed"`
	Contact    string `json:"contact,omitempty" doc:"The office to turn to; no person"`
	OfficeIn
	ShelfIn
}

func (b *ServiceIn) onto(o *transfer.Offering) string {
	b.RecordIn.fill(&o.Common)
	b.OfficeIn.fill(&o.Common)
	b.ShelfIn.fill(&o.Common)
	o.Kind, o.PlatformID, o.Text, o.PriceText, o.Contact = transfer.OfferingKind(b.Kind), b.PlatformID, b.Text, b.PriceText, b.Contact
	return b.Reason
}

func commonOfOffering(o *transfer.Offering) *transfer.Common { return &o.Common }

func (s *server) offerings() {
	const tag = "services"
	addList(s, route{id: "list_services", path: "/services", tag: tag, needs: account.Read}, offeringTable(), s.listServices)
	add(s, route{id: "facets_of_services", path: "/services/facets", tag: tag, needs: account.Read}, s.serviceFacets)
	addStall(s, stall[transfer.Offering, ServiceIn]{word: transfer.KindService, area: tag, common: commonOfOffering, write: (*ServiceIn).onto,
		get: (*transfer.Service).Service,
		save: func(t *transfer.Service, ctx context.Context, v level.Viewer, reason string, o transfer.Offering) (transfer.Offering, error) {
			return t.SaveService(ctx, v, author(ctx, reason), o)
		},
		mended: func(_ *ServiceIn, e *errs.Error) { repoint(e, fieldNames) }})
}

func (s *server) listServices(ctx context.Context, in *ServicesIn) (part[transfer.Offering], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[transfer.Offering]{}, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return part[transfer.Offering]{}, err
	}
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	l, err := t.Services(ctx, callOf(ctx).viewer(), f)
	return pageOf(ctx, l, err, commonOfOffering)
}

func (s *server) serviceFacets(ctx context.Context, in *ServiceQuery) (*answer[FacetMap], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	f, err := in.filter(ctx)
	if err != nil {
		return nil, err
	}
	facets, err := t.ServiceFacets(ctx, callOf(ctx).viewer(), f)
	return of(facetMap(facets)), err
}

func offeringTable() table[transfer.Offering] {
	type v = transfer.Offering
	return table[v]{name: "services", guarded: true, source: sourceOfCommon(commonOfOffering), columns: marketColumns(commonOfOffering,
		column[v]{"kind", func(o *v) any { return string(o.Kind) }}, column[v]{"platform_id", func(o *v) any { return o.PlatformID }},
		column[v]{"text", func(o *v) any { return o.Text }}, column[v]{"price_text", func(o *v) any { return o.PriceText }}, column[v]{"contact", func(o *v) any { return o.Contact }},
	)}
}
