package web

import (
	"net/url"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/transfer"
)

// offeringStall is the market's stall of services and equipment.
type offeringStall struct{}

func (offeringStall) kind() string { return transfer.KindService }
func (offeringStall) path() string { return "/services" }
func (offeringStall) key() string  { return "services" }

func offeringFilter(q url.Values, p registry.Page) transfer.ServiceFilter {
	return transfer.ServiceFilter{Filter: commonFilter(q, p), Kind: transfer.OfferingKind(q.Get("kind")), PlatformID: q.Get("platform")}
}

func (offeringStall) list(m *fair, q url.Values, p registry.Page) (registry.List[listed], error) {
	return shelved(m.s.svc.Transfer.Services(m.ctx, m.viewer, offeringFilter(q, p)))
}

func (offeringStall) facets(m *fair, q url.Values) (registry.Facets, error) {
	return m.s.svc.Transfer.ServiceFacets(m.ctx, m.viewer, offeringFilter(q, registry.Page{}))
}

func (offeringStall) choices(x *stallView) {
	x.choose("kind", "market.kind_is", x.facet("kind", "kind"), func(v string) string { return x.term("offering", v) }, true)
	x.choose("platform", "market.platform", x.facet("platform", "platform"), x.orgName, true)
}

func (offeringStall) card(m *fair, of listed) Listing {
	o := of.(*transfer.Offering)
	out := m.listing(offeringStall{}, &o.Common)
	out.Kind = m.term("offering", string(o.Kind))
	if out.Summary == "" {
		out.Summary, out.SumLang = shorten(o.Text, shortSummary), ""
	}
	out.Terms = []Term{m.platformTerm(o), {Label: m.say("market.fee"), Text: o.PriceText}, {Label: m.say("market.contact"), Text: o.Contact},
		m.ownerTerm("market.offering_owner", &o.Common), m.districtTerm(&o.Common)}
	out.Short = []Term{out.Terms[0], out.Terms[1], out.Terms[3], out.Terms[4]}
	return out
}

func (m *fair) platformTerm(o *transfer.Offering) Term {
	t := Term{Label: m.say("market.platform")}
	if o.Platform != nil {
		c := m.ref(*o.Platform)
		t.Text, t.Href, t.Lang = c.Text, c.Href, c.Lang
	}
	return t
}

func (offeringStall) load(m *fair, id string) (listed, error) {
	o, err := m.s.svc.Transfer.Service(m.ctx, m.viewer, id)
	return &o, err
}

func (offeringStall) blank() listed { return &transfer.Offering{} }

func (offeringStall) save(m *fair, by change.Author, of listed) (listed, error) {
	o, err := m.s.svc.Transfer.SaveService(m.ctx, m.viewer, by, *of.(*transfer.Offering))
	return &o, err
}

func (offeringStall) head() []string {
	return append(append([]string(nil), commonHead...), "kind", "platform_id", "text", "price_text", "contact")
}

func (offeringStall) row(of listed) sheet.Row {
	o := of.(*transfer.Offering)
	return append(commonRow(&o.Common), string(o.Kind), o.PlatformID, o.Text, o.PriceText, o.Contact)
}
