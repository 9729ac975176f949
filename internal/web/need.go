package web

import (
	"net/url"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/transfer"
)

// needStall is the market's stall of needs.
type needStall struct{}

func (needStall) kind() string { return transfer.KindNeed }
func (needStall) path() string { return "/needs" }
func (needStall) key() string  { return "needs" }

func needFilter(q url.Values, p registry.Page) transfer.NeedFilter {
	return transfer.NeedFilter{Filter: commonFilter(q, p), Kind: transfer.NeedKind(q.Get("kind")), Form: transfer.Form(q.Get("form")), BudgetMin: fenOfWan(q.Get("budget_min"))}
}

func (needStall) list(m *fair, q url.Values, p registry.Page) (registry.List[listed], error) {
	return shelved(m.s.svc.Transfer.Needs(m.ctx, m.viewer, needFilter(q, p)))
}

func (needStall) facets(m *fair, q url.Values) (registry.Facets, error) {
	return m.s.svc.Transfer.NeedFacets(m.ctx, m.viewer, needFilter(q, registry.Page{}))
}

func (needStall) choices(x *stallView) {
	x.choose("kind", "market.kind_is", x.facet("kind", "kind"), func(v string) string { return x.term("need", v) }, true)
	x.choose("form", "market.form_wanted", x.facet("form", "form"), func(v string) string { return x.term("form", v) }, true)
	x.priceField("budget_min", "market.budget_least")
}

func (needStall) card(m *fair, of listed) Listing {
	n := of.(*transfer.Need)
	out := m.listing(needStall{}, &n.Common)
	out.Kind = m.term("need", string(n.Kind))
	if out.Summary == "" {
		out.Summary, out.SumLang = shorten(n.Text, shortSummary), ""
	}
	if n.Prize != nil {
		out.Prize = m.amount(*n.Prize)
	}
	c := &n.Constraints
	out.Terms = []Term{{Label: m.say("market.budget"), Text: m.amounts(c.BudgetMin, c.BudgetMax)}, {Label: m.say("market.maturity_wanted"), Text: m.wantedTRL(c)},
		{Label: m.say("market.form_wanted"), Text: terms(m, "form", c.Forms)}, {Label: m.say("market.deliver_by"), Text: c.DeliverBy},
		m.ownerTerm("market.need_owner", &n.Common), m.districtTerm(&n.Common)}
	out.Short = []Term{out.Terms[0], out.Terms[4], out.Terms[5]}
	if n.Prize != nil && n.Deadline != "" && m.live(&n.Common) {
		out.Left = m.leftTo(n.Deadline)
		left, _ := m.daysTo(n.Deadline)
		out.Near = left <= soon
	}
	return out
}

// wantedTRL words the least maturity that a need asks for.
func (m *fair) wantedTRL(c *transfer.Constraints) string {
	if c.TRLMin == 0 {
		return ""
	}
	return m.say("market.trl_at_least", map[string]any{"level": c.TRLMin, "scale": m.term("scale", string(c.TRLScale))})
}

func (needStall) load(m *fair, id string) (listed, error) {
	n, err := m.s.svc.Transfer.Need(m.ctx, m.viewer, id)
	return &n, err
}

func (needStall) blank() listed { return &transfer.Need{} }

func (needStall) save(m *fair, by change.Author, of listed) (listed, error) {
	n, err := m.s.svc.Transfer.SaveNeed(m.ctx, m.viewer, by, *of.(*transfer.Need))
	return &n, err
}

func (needStall) head() []string {
	return append(append([]string(nil), commonHead...), "kind", "text", "prize", "deadline", "trl_min", "trl_scale", "wanted_ipc", "wanted_industry", "regions", "budget_min", "budget_max", "rights_wanted", "forms", "deliver_by")
}

func (needStall) row(of listed) sheet.Row {
	n := of.(*transfer.Need)
	c := &n.Constraints
	trl := any(nil)
	if c.TRLMin > 0 {
		trl = c.TRLMin
	}
	return append(commonRow(&n.Common), string(n.Kind), n.Text, fenCell(n.Prize), n.Deadline, trl, string(c.TRLScale), joined(c.IPC), joined(c.Industry), joined(c.Regions),
		fenCell(c.BudgetMin), fenCell(c.BudgetMax), string(c.Rights), joined(c.Forms), c.DeliverBy)
}
