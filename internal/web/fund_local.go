package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
)

// FundLocal is the test of local reinvestment 返投 of a fund on a day.
type FundLocal struct {
	Verdicts []FundVerdict
	Rule     []Fact
	Note     string
	Claims   FundTable
	Trial    []Field // a GET form that asks what if
	Keep     []Hidden
	Reset    string // address without what was tried
	Tried    bool
	Rules    FundTable // all that are known
}

// FundVerdict is what came of the test by one base.
type FundVerdict struct {
	Tone, Icon, Head string
	Lines            []string
}

// local tests a fund against the rule in force on the day. Where the document
// does not say of what its multiple is a multiple, both bases are shown.
func (v *fundReading) local(p Page, f *fund.Fund) (*FundLocal, error) {
	out := &FundLocal{Reset: p.With("multiple", "", "base", "") + "#local"}
	rules := slices.Clone(fund.Rules())
	var rule *fund.Rule
	for i := range rules {
		if rules[i].FromDay <= v.on && (rules[i].ToDay == "" || v.on < rules[i].ToDay) {
			rule = &rules[i]
		}
	}
	out.rules(v, rules)
	out.trial(v)
	if rule == nil {
		out.Verdicts = []FundVerdict{{"care", "question", v.say("funds.local.no_rule"), []string{v.say("lookthrough.no_rule", errs.A{"day": v.on})}}}
		return out, nil
	}
	tried := *rule
	if m, ok := v.triedMultiple(); ok {
		tried.Multiple, out.Tried = &m, true
	}
	if b := lookthrough.Base(v.q.Get("base")); b == lookthrough.OnPaid || b == lookthrough.OnCommitted {
		tried.Base, out.Tried = b, true
	}
	out.Rule, out.Note = v.ruleFacts(rule), rule.Note.In(v.l)
	bases := []lookthrough.Base{tried.Base}
	if tried.Base == "" {
		bases = []lookthrough.Base{lookthrough.OnPaid, lookthrough.OnCommitted}
	}
	for i, b := range bases {
		tried.Base = b
		t, err := v.funds.LocalReinvestment(v.ctx, v.viewer, f.ID, []lookthrough.Rule{tried.Rule}, v.on)
		if err != nil {
			return nil, err
		}
		out.Verdicts = append(out.Verdicts, v.localVerdict(&t))
		if i == 0 {
			if err := out.claims(v, &t); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// triedMultiple is a multiple that the reader wants to try, in ppm.
func (v *fundReading) triedMultiple() (int64, bool) {
	x, err := strconv.ParseFloat(strings.TrimSpace(v.q.Get("multiple")), 64)
	if err != nil || !(x >= 0 && x <= 100) {
		return 0, false
	}
	return int64(x*1_000_000 + 0.5), true
}

func (l *FundLocal) trial(v *fundReading) {
	base := Field{Name: "base", Label: v.say("funds.local.base"), Kind: "select", Options: []Option{{Label: v.say("funds.local.as_rule")}}}
	for _, b := range []string{"paid", "committed"} {
		base.Options = append(base.Options, Option{Value: b, Label: v.say("funds.local.base." + b), Selected: v.q.Get("base") == b})
	}
	l.Trial = []Field{{Name: "multiple", Label: v.say("funds.local.multiple"), Kind: "text", Value: clipped(v.q.Get("multiple"))}, base}
	for _, k := range []string{"on", "unit"} {
		if x := v.q.Get(k); x != "" {
			l.Keep = append(l.Keep, Hidden{k, x})
		}
	}
}

// ruleFacts say what a rule asks for and where it is written.
func (v *fundReading) ruleFacts(r *fund.Rule) []Fact {
	status := v.say("funds.rule." + r.Status)
	fact := func(key, text string) Fact {
		f := Fact{Label: v.say(key), Why: v.say("funds.rule.not_found")}
		if text != "" {
			f.Values = []FactValue{{Text: text, Note: ""}}
		}
		return f
	}
	base := ""
	if r.Base != "" {
		base = v.say("funds.local.base." + string(r.Base))
	}
	doc := strings.TrimSpace(r.Document + " " + r.Article)
	until := v.say("funds.rule.in_force", errs.A{"from": r.FromDay})
	if r.ToDay != "" {
		until = v.say("funds.rule.was", errs.A{"from": r.FromDay, "to": r.ToDay})
	}
	return []Fact{fact("funds.rule", r.Name.In(v.l)), fact("funds.rule.span", until), fact("funds.rule.document", doc), fact("funds.rule.authority", r.Authority),
		fact("funds.local.multiple", timesPPM(r.Multiple)), fact("funds.local.base", base), fact("funds.rule.routes", v.routes(r)), fact("funds.rule.status", status)}
}

func timesPPM(ppm *int64) string {
	if ppm == nil {
		return ""
	}
	return twoPlaces(float64(*ppm)/1_000_000) + "×"
}

func (v *fundReading) routes(r *fund.Rule) string {
	var out []string
	for _, route := range slices.Sorted(maps.Keys(r.Routes)) {
		w := r.Routes[route]
		out = append(out, v.fundWord("route", route)+" "+timesPPM(&w))
	}
	return strings.Join(out, v.say("market.comma"))
}

func (l *FundLocal) rules(v *fundReading, rules []fund.Rule) {
	l.Rules = v.fundTable("rules", v.say("funds.rules"), "rule", "from", "to", "multiple", "routes", "rule_status")
	for i := range rules {
		r := &rules[i]
		to := fundText(v.say("funds.rule.open"))
		if r.ToDay != "" {
			to = fundDay(r.ToDay)
		}
		name := fundText(r.Name.In(v.l))
		name.Note = r.Document
		l.Rules.row(name, fundDay(r.FromDay), to, FundCell{Text: timesPPM(r.Multiple)}, fundText(v.routes(r)), fundText(v.say("funds.rule."+r.Status)))
	}
}

func (v *fundReading) localVerdict(t *lookthrough.Test) FundVerdict {
	out := FundVerdict{"", "question", v.say("funds.local.unknown"), nil}
	switch {
	case t.Passed == nil:
	case *t.Passed:
		out = FundVerdict{"ok", "check", v.say("funds.local.passed"), nil}
	default:
		out = FundVerdict{"care", "cross", v.say("funds.local.failed"), nil}
	}
	base := v.say("funds.local.base." + string(t.Base))
	out.Head = v.say("funds.local.by", errs.A{"base": base, "verdict": out.Head})
	say := func(key string, args errs.A) { out.Lines = append(out.Lines, v.say("funds.local."+key, args)) }
	say("recognised", errs.A{"amount": v.in(t.Recognised), "n": len(t.Claims)})
	switch {
	case t.Against == nil:
		say("no_base", errs.A{"base": base})
	case t.Ratio == nil:
		say("zero_base", errs.A{"base": base})
	default:
		say("ratio", errs.A{"base": base, "amount": v.in(*t.Against), "ratio": twoPlaces(*t.Ratio)})
	}
	switch {
	case t.Required == nil:
		say("not_required_known", nil)
	case *t.Required == 0:
		say("nothing_asked", nil)
	case t.Missing != nil && *t.Missing > 0:
		say("missing", errs.A{"multiple": timesPPM(t.Required), "amount": v.in(*t.Missing)})
	default:
		say("required", errs.A{"multiple": timesPPM(t.Required)})
	}
	if t.Status != "verified" {
		say("unverified", nil)
	}
	return out
}

// claims lists the deals with what was made of each, and why.
func (l *FundLocal) claims(v *fundReading, t *lookthrough.Test) error {
	l.Claims = v.fundTable("claims", v.say("funds.claims"), "deal", "company", "day", "route", "evidence", "amount¥", "weight#", "recognised¥", "counted")
	var who []fund.Party
	refs, err := v.s.svc.Registry.Refs(v.ctx, companiesOf(t))
	if err != nil {
		return err
	}
	for i := range t.Claims {
		if _, ok := refs[t.Claims[i].Company]; ok {
			who = append(who, fund.Party{OrgID: t.Claims[i].Company})
		}
	}
	if err := v.name(who...); err != nil {
		return err
	}
	for i := range t.Claims {
		c := &t.Claims[i]
		company := fundText(c.Company)
		if x, ok := v.orgs[c.Company]; ok {
			company = fundLink(x)
		}
		verdict := FundCell{Text: v.say("funds.claim.counted"), Tag: "ok", Icon: "check"}
		weight := FundCell{Text: timesPPM(&c.Weight)}
		if c.Refused != "" {
			verdict, weight = FundCell{Text: v.say("funds.claim." + c.Refused), Tag: "care", Icon: "cross"}, FundCell{Text: "—"}
		}
		row := l.Claims.row(fundText(c.Deal), company, fundDay(c.Day), fundText(v.fundWord("route", c.Route)), FundCell{Text: c.Evidence}, v.moneyCell(&c.Amount), weight, v.moneyCell(&c.Recognised), verdict)
		row.Weak = c.Refused != ""
	}
	return nil
}

func companiesOf(t *lookthrough.Test) []string {
	var out []string
	for i := range t.Claims {
		out = append(out, t.Claims[i].Company)
	}
	return out
}
