package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/transfer"
)

// resultStall is the market's stall of results.
type resultStall struct{}

func (resultStall) kind() string { return transfer.KindResult }
func (resultStall) path() string { return "/results" }
func (resultStall) key() string  { return "results" }

func resultFilter(q url.Values, p registry.Page) transfer.ResultFilter {
	return transfer.ResultFilter{Filter: commonFilter(q, p), Type: transfer.ResultType(q.Get("type")), Stage: transfer.Stage(q.Get("stage")), Form: transfer.Form(q.Get("form")),
		Right: transfer.RightKind(q.Get("right")), TRLMin: smallNumber(q.Get("trl_min")), TRLScale: transfer.Scale(q.Get("scale")), PriceMax: fenOfWan(q.Get("price_max"))}
}

func (resultStall) list(m *fair, q url.Values, p registry.Page) (registry.List[listed], error) {
	return shelved(m.s.svc.Transfer.Results(m.ctx, m.viewer, resultFilter(q, p)))
}

func (resultStall) facets(m *fair, q url.Values) (registry.Facets, error) {
	return m.s.svc.Transfer.ResultFacets(m.ctx, m.viewer, resultFilter(q, registry.Page{}))
}

func (resultStall) choices(x *stallView) {
	x.choose("stage", "market.stage_is", x.facet("stage", "stage"), func(v string) string { return x.term("stage", v) }, true)
	x.readiness()
	x.choose("form", "market.form_is", x.facet("form", "form"), func(v string) string { return x.term("form", v) }, true)
	x.choose("type", "market.type_is", x.facet("type", "type"), func(v string) string { return x.term("type", v) }, false)
	x.choose("right", "market.rights", x.facet("right", "right"), func(v string) string { return x.term("right", v) }, false)
	x.priceField("price_max", "market.price_max")
}

// readiness asks for a scale and a least level on it: levels of two scales are
// never set against each other.
func (x *stallView) readiness() {
	scale := x.q.Get("scale")
	x.p.Filter.Fields = append(x.p.Filter.Fields, x.scaleField("scale", scale))
	f := Field{Name: "trl_min", Label: x.say("market.trl_min"), Kind: "select", Options: []Option{{Label: x.say("reg.all")}}}
	now := x.q.Get("trl_min")
	for n := 1; n <= 9; n++ {
		v := strconv.Itoa(n)
		f.Options = append(f.Options, Option{Value: v, Label: v, Selected: v == now})
	}
	x.p.Filter.Fields = append(x.p.Filter.Fields, f)
	x.chip("scale", x.say("market.scale_is"), x.term("scale", scale))
	x.chip("trl_min", x.say("market.trl_min"), now)
}

func (m *fair) scaleField(name, now string) Field {
	f := Field{Name: name, Label: m.say("market.scale_is"), Kind: "select", Options: []Option{{Label: m.say("reg.all")}}}
	for _, s := range transfer.Scales {
		f.Options = append(f.Options, Option{Value: string(s), Label: m.term("scale", string(s)), Selected: string(s) == now})
	}
	return f
}

// priceField asks for an amount in 万元.
func (x *stallView) priceField(name, key string) {
	now := x.q.Get(name)
	x.p.Filter.Fields = append(x.p.Filter.Fields, Field{Name: name, Label: x.say(key), Kind: "text", Value: now})
	x.chip(name, x.say(key), now)
}

func (resultStall) card(m *fair, of listed) Listing {
	r := of.(*transfer.Result)
	out := m.listing(resultStall{}, &r.Common)
	out.Kind = m.term("type", string(r.Type))
	now := transfer.Current(r.Maturity)
	mature := Term{Label: m.say("market.maturity"), Text: m.trl(now), Note: m.assessed(now)}
	if now == nil && r.Stage != "" {
		mature = Term{Label: m.say("market.maturity"), Text: m.term("stage", string(r.Stage)), Note: m.say("market.no_trl")}
	}
	out.Terms = []Term{mature, {Label: m.say("market.rights"), Text: m.rightsInShort(r.Rights)}, {Label: m.say("market.form_is"), Text: terms(m, "form", r.Forms)},
		{Label: m.say("market.price"), Text: m.price(r.Price)}, m.ownerTerm("market.owner", &r.Common), m.districtTerm(&r.Common)}
	out.Short = []Term{out.Terms[0], out.Terms[3], out.Terms[4], out.Terms[5]}
	return out
}

// assessed words when and by whom a maturity was stated.
func (m *fair) assessed(t *transfer.TRL) string {
	if t == nil {
		return ""
	}
	var parts []string
	if t.On != "" {
		parts = append(parts, t.On)
	}
	return strings.Join(append(parts, m.assessor(t.Assessor)), " · ")
}

func (m *fair) assessor(who string) string {
	if strings.EqualFold(who, "self") {
		return m.say("market.self_assessed")
	}
	return who
}

// rightsInShort counts rights by kind, and says how many of them are granted.
func (m *fair) rightsInShort(rights []transfer.Right) string {
	var parts []string
	for _, kind := range transfer.RightKinds {
		n, granted := 0, 0
		for _, r := range rights {
			if r.Kind == kind {
				n++
				if r.Status == transfer.Granted {
					granted++
				}
			}
		}
		switch {
		case n == 0:
		case granted == 0:
			parts = append(parts, m.say("market.rights_n", errs.A{"kind": m.term("right", string(kind)), "n": n}))
		default:
			parts = append(parts, m.say("market.rights_granted", errs.A{"kind": m.term("right", string(kind)), "n": n, "granted": granted}))
		}
	}
	return strings.Join(parts, m.say("market.semicolon"))
}

func (resultStall) load(m *fair, id string) (listed, error) {
	r, err := m.s.svc.Transfer.Result(m.ctx, m.viewer, id)
	return &r, err
}

func (resultStall) blank() listed { return &transfer.Result{} }

func (resultStall) save(m *fair, by change.Author, of listed) (listed, error) {
	r, err := m.s.svc.Transfer.SaveResult(m.ctx, m.viewer, by, *of.(*transfer.Result))
	return &r, err
}

// commonHead are the columns that the files of all kinds begin with.
var commonHead = []string{"id", "key", "title_zh", "title_en", "summary_zh", "summary_en", "owner_id", "owner", "division", "ipc", "ipc_edition", "industry", "keywords",
	"level", "status", "listed_on", "expires_on", "renewed_on", "source_id", "batch_id", "evidence"}

func commonRow(c *transfer.Common) sheet.Row {
	owner := c.OwnerText
	if c.Owner != nil && owner == "" {
		owner = c.Owner.Name.ZH
	}
	return sheet.Row{c.ID, c.Key, c.Title.ZH, c.Title.EN, c.Summary.ZH, c.Summary.EN, c.OwnerID, owner, c.Division, strings.Join(c.Fields.IPC, "|"), c.Fields.IPCEdition,
		strings.Join(c.Fields.Industry, "|"), strings.Join(c.Fields.Keywords, "|"), string(c.Level), string(c.Status), c.ListedOn, c.ExpiresOn, c.RenewedOn, c.SourceID, c.BatchID, c.Evidence}
}

func (resultStall) head() []string {
	return append(append([]string(nil), commonHead...), "type", "stage", "trl", "trl_scale", "trl_edition", "trl_on", "trl_assessor", "trl_evidence", "rights", "forms", "price_min", "price_max", "negotiable", "team")
}

func (resultStall) row(of listed) sheet.Row {
	r := of.(*transfer.Result)
	var t transfer.TRL
	level := any(nil)
	if now := transfer.Current(r.Maturity); now != nil {
		t, level = *now, now.Level
	}
	rights, team := make([]string, len(r.Rights)), make([]string, len(r.Team))
	for i, v := range r.Rights {
		rights[i] = strings.TrimRight(string(v.Kind)+" "+v.Number+" "+string(v.Status), " ")
	}
	for i, v := range r.Team {
		team[i] = v.Name
	}
	return append(commonRow(&r.Common), string(r.Type), string(r.Stage), level, string(t.Scale), t.Edition, t.On, t.Assessor, t.Evidence, strings.Join(rights, "|"),
		joined(r.Forms), fenCell(r.Price.Min), fenCell(r.Price.Max), r.Price.Negotiable, strings.Join(team, "|"))
}

func joined[S ~string](values []S) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return strings.Join(out, "|")
}

// fenCell is an amount in yuan, empty when unknown.
func fenCell(f *money.Fen) any {
	if f == nil {
		return nil
	}
	return f.String()
}

// smallNumber reads a level; what is none is zero.
func smallNumber(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 9 {
		return 0
	}
	return n
}

// fenOfWan reads an amount that a reader wrote in 万元; what is none is nil.
func fenOfWan(s string) *money.Fen {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	f, err := parseWan(s)
	if err != nil {
		return nil
	}
	return &f
}
