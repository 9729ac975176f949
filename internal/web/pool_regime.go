package web

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
)

// statusLook says whether the text of a rule was read.
func (v *poolReading) statusLook(s rules.Status) (tone, icon, word string) {
	if s == rules.Verified {
		return "ok", "check", v.say("pools.verified")
	}
	return "care", "question", v.say("pools.unverified")
}

func (v *poolReading) given(key, text string) Fact { return v.fact(key, text, nil) }

// period is from when to when a regime applies, as far as it is known.
func (v *poolReading) period(r *rules.Regime) string {
	to := r.To
	if to == "" {
		to = v.say("pools.end_unknown")
	}
	return v.say("pools.from_to", errs.A{"from": r.From, "to": to})
}

func (v *poolReading) regimeView(r *rules.Regime) RegimeView {
	out := RegimeView{ID: r.ID, Name: r.Name.In(v.l), Note: r.Note.In(v.l)}
	out.Tone, out.Icon, out.Word = v.statusLook(r.Status)
	governing := ""
	if r.Governing != nil {
		governing = v.poolWord("event", string(*r.Governing))
	}
	var modes []string
	for _, m := range r.Modes {
		modes = append(modes, v.poolWord("mode", string(m)))
	}
	out.Facts = []Fact{v.given("pools.authority", r.Authority.In(v.l)), v.given("pools.document", r.Document), v.given("pools.register", r.Register), v.given("pools.period", v.period(r)),
		v.given("pools.governing", governing), v.given("pools.modes", strings.Join(modes, v.say("cases.comma"))), v.given("reg.source", r.Source), v.given("pools.hash", r.Hash())}
	for _, x := range r.Readings {
		out.Facts = append(out.Facts, Fact{Label: v.say("pools.reading", errs.A{"parameter": v.poolWord("parameter", x.Parameter)}), Values: []FactValue{{
			Text: v.poolWord(x.Parameter, x.Value), Note: v.say("pools.reading_by", errs.A{"who": v.reading.actor(x.By), "day": x.On, "reason": x.Reason})}}})
	}
	out.Rules, out.Silent = v.regimeRules(r)
	return out
}

// says is one row of a regime: a rule and what it says of one thing; an empty
// text is unknown.
type says struct {
	cite rules.Cite
	what string
	text string
}

// regimeRules are what a regime says, one row each, and the names of what it does
// not say: that is unknown, which is not the same as not limited.
func (v *poolReading) regimeRules(r *rules.Regime) (t *GridTable, silent []string) {
	t = v.grid("rules", "rule", "article", "status", "says")
	t.Empty = v.say("pools.says_nothing")
	for _, x := range v.everything(r) {
		if x.text == "" {
			silent = append(silent, v.say("pools.rule."+x.what))
			continue
		}
		tone, icon, word := v.statusLook(x.cite.Status)
		article := x.cite.Article
		if article == "" {
			article = v.say("pools.article_unknown")
		}
		t.Rows = append(t.Rows, []GridCell{{Text: v.say("pools.rule." + x.what), Sub: x.cite.ID}, textCell(article, ""), {Text: word, Tone: tone, Icon: icon}, {Text: x.text}})
	}
	return t.labelled(), silent
}

func (v *poolReading) yuan(y *rules.Yuan) string {
	if y == nil {
		return ""
	}
	return v.exact(y.Fen())
}

func (v *poolReading) number(n *int64, key string) string {
	if n == nil {
		return ""
	}
	return v.say(key, errs.A{"n": *n})
}

func (v *poolReading) everything(r *rules.Regime) []says {
	out := v.bounds(r)
	out = append(out, v.shares(r)...)
	return append(out, v.afterwards(r)...)
}

func (v *poolReading) bounds(r *rules.Regime) []says {
	b, s, l := rules.Budget{}, rules.Scope{}, rules.Limits{}
	if r.Budget != nil {
		b = *r.Budget
	}
	if r.Scope != nil {
		s = *r.Scope
	}
	if r.Limits != nil {
		l = *r.Limits
	}
	var classes []string
	for _, c := range s.Classes {
		classes = append(classes, v.poolWord("class", string(c)))
	}
	for _, c := range s.Conditional {
		var marks []string
		for _, m := range s.Marks {
			marks = append(marks, v.poolWord("mark", m))
		}
		classes = append(classes, v.say("pools.conditional", errs.A{"class": v.poolWord("class", string(c)), "marks": strings.Join(marks, v.say("pools.or"))}))
	}
	return []says{
		{b.Cite, "budget", v.yuan(b.Year)}, {b.Cite, "budget_guarantee", v.yuan(b.Guarantee)},
		{s.Cite, "scope", strings.Join(classes, v.say("cases.comma"))},
		{l.Cite, "limit", v.yuan(l.Borrower)}, {l.Cite, "months", v.number(l.Months, "pools.n_months")},
	}
}

func (v *poolReading) shares(r *rules.Regime) []says {
	var out []says
	t := rules.Tiers{}
	if r.Tiers != nil {
		t = *r.Tiers
	}
	var bands []string
	for _, b := range t.Bands {
		bands = append(bands, v.say("pools.band", errs.A{"to": v.yuan(&b.UpTo), "share": poolPercent(b.Share)}))
	}
	mode, edge := "", ""
	if t.Mode != nil {
		mode = v.poolWord("tier_mode", string(*t.Mode))
	}
	if t.Edge != nil {
		edge = v.poolWord("edge", string(*t.Edge))
	}
	out = append(out, says{t.Cite, "tiers", strings.Join(bands, v.say("pools.then"))}, says{t.Cite, "tier_mode", mode}, says{t.Cite, "edge", edge})
	for _, u := range r.Uplifts {
		var marks []string
		for _, m := range u.Any {
			marks = append(marks, v.poolWord("mark", m))
		}
		out = append(out, says{u.Cite, "uplift", v.say("pools.uplift", errs.A{"marks": strings.Join(marks, v.say("pools.or")), "points": poolPercent(u.Add)})})
	}
	if c := r.Cap; c != nil {
		out = append(out, says{c.Cite, "cap", poolPercent(c.Share)})
	} else {
		out = append(out, says{what: "cap"})
	}
	if c := r.BorrowerCap; c != nil {
		out = append(out, says{c.Cite, "borrower_cap", v.say("pools.of_bad", errs.A{"share": poolPercent(c.Share)})})
	} else {
		out = append(out, says{what: "borrower_cap"})
	}
	if g := r.Guarantee; g != nil {
		return append(out, says{g.Cite, "guarantee", v.say("pools.of_unpaid", errs.A{"share": poolPercent(g.Share)})})
	}
	return append(out, says{what: "guarantee"})
}

func (v *poolReading) afterwards(r *rules.Regime) []says {
	var out []says
	for _, b := range r.Breakers {
		out = append(out, says{b.Cite, "breaker_" + string(b.Of), v.say("pools.over", errs.A{"share": poolPercent(b.Over)})})
	}
	if len(r.Breakers) == 0 {
		out = append(out, says{what: "breaker_bank"})
	}
	c := rules.Claims{}
	if r.Claims != nil {
		c = *r.Claims
	}
	class, suit := "", ""
	if c.MinClass != nil {
		class = v.poolWord("risk", string(*c.MinClass))
	}
	if c.Lawsuit != nil {
		suit = v.poolWord("tri", rules.Is(*c.Lawsuit).String())
	}
	out = append(out, says{c.Cite, "min_class", class}, says{c.Cite, "register_days", v.number(c.Register, "pools.n_days")},
		says{c.Cite, "window_days", v.number(c.Window, "pools.n_days")}, says{c.Cite, "lawsuit", suit})
	if l := r.Ladder; l != nil {
		out = append(out, says{l.Cite, "ladder", v.ladderText(l)})
	} else {
		out = append(out, says{what: "ladder"})
	}
	order, costs := "", ""
	rec := rules.Recovery{}
	if r.Recovery != nil {
		rec = *r.Recovery
		if rec.Order != nil {
			order = v.poolWord("recovery", string(*rec.Order))
		}
		if rec.CostsFirst != nil {
			costs = v.poolWord("costs_first", rules.Is(*rec.CostsFirst).String())
		}
	}
	out = append(out, says{rec.Cite, "recovery", order}, says{rec.Cite, "costs_first", costs})
	if b := r.ClawBack; b != nil {
		return append(out, says{b.Cite, "claw_back", strings.Join(b.Grounds, v.say("cases.comma"))})
	}
	return append(out, says{what: "claw_back"})
}

// ladderText is the class of a loan by days overdue.
func (v *poolReading) ladderText(l *rules.Ladder) string {
	var out []string
	for _, x := range []struct {
		over  int64
		class rules.Risk
	}{{0, rules.Special}, {l.Substandard, rules.Substandard}, {l.Doubtful, rules.Doubtful}, {l.Loss, rules.Lost}} {
		out = append(out, v.say("pools.ladder_over", errs.A{"n": x.over, "class": v.poolWord("risk", string(x.class))}))
	}
	return strings.Join(out, v.say("cases.comma"))
}
