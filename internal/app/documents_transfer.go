package app

import (
	"context"
	"iter"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/transfer"
)

// marketDocument is the document of a record of the room transfer; false for
// any other kind.
func (a *App) marketDocument(ctx context.Context, kind, id string) (document, bool, error) {
	switch kind {
	case transfer.KindResult:
		r, err := a.Transfer.Result(ctx, level.Program, id)
		return resultDocument(r), true, err
	case transfer.KindNeed:
		n, err := a.Transfer.Need(ctx, level.Program, id)
		return needDocument(n), true, err
	case transfer.KindService:
		o, err := a.Transfer.Service(ctx, level.Program, id)
		return offeringDocument(o), true, err
	}
	return document{}, false, nil
}

// marketDocuments yields every result, need and service.
func (a *App) marketDocuments(ctx context.Context) iter.Seq2[document, error] {
	t := a.Transfer
	return chain(
		listed(func(p registry.Page) (registry.List[transfer.Result], error) {
			return t.Results(ctx, level.Program, transfer.ResultFilter{Filter: transfer.Filter{Page: p}})
		}, resultDocument),
		listed(func(p registry.Page) (registry.List[transfer.Need], error) {
			return t.Needs(ctx, level.Program, transfer.NeedFilter{Filter: transfer.Filter{Page: p}})
		}, needDocument),
		listed(func(p registry.Page) (registry.List[transfer.Offering], error) {
			return t.Services(ctx, level.Program, transfer.ServiceFilter{Filter: transfer.Filter{Page: p}})
		}, offeringDocument),
	)
}

func resultDocument(r transfer.Result) document {
	d := commonDocument(transfer.KindResult, r.Common)
	d.facet("type", string(r.Type))
	d.facet("stage", string(r.Stage))
	card := match.OfResult(&r)
	card.Describe(&d.Doc)
	return d
}

func needDocument(n transfer.Need) document {
	d := commonDocument(transfer.KindNeed, n.Common)
	d.Body = join(n.Text, d.Body)
	d.facet("kind", string(n.Kind))
	card := match.OfNeed(&n)
	card.Describe(&d.Doc)
	return d
}

func offeringDocument(o transfer.Offering) document {
	d := commonDocument(transfer.KindService, o.Common)
	d.Body = join(o.Text, d.Body)
	d.facet("kind", string(o.Kind))
	card := match.OfService(&o)
	card.Describe(&d.Doc)
	return d
}

func commonDocument(kind string, c transfer.Common) document {
	d := search.Doc{Kind: kind, ID: c.ID, Title: c.Title, Boost: boostMarket, Body: join(append([]string{c.Summary.ZH, c.Summary.EN}, c.Fields.Keywords...)...)}
	return document{d, c.SourceID}
}

// facet notes a keyword value, unless it is unknown.
func (d *document) facet(field, value string) {
	if value == "" {
		return
	}
	if d.Facets == nil {
		d.Facets = map[string][]string{}
	}
	d.Facets[field] = []string{value}
}
