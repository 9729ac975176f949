package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// PoolTryPage computes what a loan would be owed. It writes nothing.
type PoolTryPage struct {
	Page
	Tabs   []Tab
	Action string
	Faults []FieldError
	Fields []Field
	Asked  bool
	Trace  *TraceView
	Units  []Tab
	Slope  *GridTable // what other principals would get
	Chart  *ChartFigure
	Falls  []string // where more is lost and less is paid
	None   string   // why no regime could be asked
}

// trying is what the form asks about.
type trying struct {
	regime string
	facts  rules.Facts
	faults errs.List
}

func (s *Site) poolTry(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	if v.q.Get("unit") == "" {
		v.unit = unitNamed(v.l, "wan")
	}
	v.choose(0)
	p := PoolTryPage{Page: v.page(r, v.say("pools.tab.try")), Tabs: v.tabs("try"), Asked: v.q.Get("principal") != ""}
	p.Action = p.Path
	p.Units = v.unitTabs(p.Page)
	regimes, err := v.pools.Regimes(v.ctx, s.svc.DB, v.pool.ID)
	if err != nil {
		return err
	}
	p.Fields = v.tryFields(regimes, p.Asked)
	if !p.Asked {
		return s.Render(w, r, "pool_try", p)
	}
	t := v.trying()
	if len(t.faults) > 0 {
		p.Asked = false
		p.Faults = faulty(v.l, p.Fields, t.faults)
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "pool_try", p)
	}
	_, trace, err := v.pools.Try(v.ctx, s.svc.DB, v.pool.ID, t.regime, t.facts)
	switch errs.KindOf(err) {
	case "":
	case errs.NotFound, errs.Precondition, errs.Conflict:
		p.None = i18n.Error(v.l, err)
		return s.Render(w, r, "pool_try", p)
	default:
		return err
	}
	p.Trace = v.traceView(&trace)
	p.Trace.Amount.After, p.Trace.Amount.Gap = v.say("books.unit_after."+v.unit.name), true
	i := slices.IndexFunc(regimes, func(r rules.Regime) bool { return r.ID == trace.Regime })
	if i >= 0 && regimes[i].Tiers != nil && t.facts.Mode == rules.ByBank {
		p.slope(v, &regimes[i], &t)
	}
	return s.Render(w, r, "pool_try", p)
}

// wanAmount reads an amount in 万元 with at most two decimals.
func wanAmount(text string) (money.Fen, bool) {
	f, err := money.Parse(text)
	const most = money.Fen(1) << 62 / 10_000
	if err != nil || f < 0 || f > most {
		return 0, false
	}
	return f * 10_000, true
}

func (v *poolReading) trying() trying {
	t := trying{regime: v.q.Get("regime")}
	f := &t.facts
	fault := func(key, field string) {
		t.faults = append(t.faults, errs.New(errs.Invalid, key, errs.A{"text": clipped(v.q.Get(field))}).At("/"+field))
	}
	f.Mode = rules.Mode(v.q.Get("mode"))
	if !slices.Contains(rules.Modes, f.Mode) {
		f.Mode = rules.ByBank
	}
	principal, ok := wanAmount(v.q.Get("principal"))
	if !ok || principal == 0 {
		fault("pools.form.bad_wan", "principal")
	}
	loss := principal
	if text := v.q.Get("loss"); text != "" {
		if loss, ok = wanAmount(text); !ok {
			fault("pools.form.bad_wan", "loss")
		}
	}
	f.Class = rules.Class(v.q.Get("class"))
	if n, err := strconv.ParseInt(v.q.Get("months"), 10, 64); err == nil && n > 0 && n <= 600 {
		f.Months = &n
	} else if v.q.Get("months") != "" {
		fault("pools.form.bad_months", "months")
	}
	f.Registered = v.q.Get("registered")
	if !isDay(f.Registered) {
		fault("pools.form.bad_day", "registered")
	}
	for name, to := range map[string]*rules.Tri{"local": &f.Local, "lawsuit": &f.Lawsuit} {
		_ = to.UnmarshalText([]byte(v.q.Get(name))) // a word that is none is not known
	}
	f.Lent, f.NPL, f.Claimed, f.Risk, f.OtherMode, f.Guaranteed = f.Registered, f.Registered, f.Registered, rules.Lost, rules.No, rules.Yes
	f.Marks = map[string]rules.Tri{}
	for _, m := range rules.Marks {
		f.Marks[m] = rules.Is(slices.Contains(v.q["mark"], m))
	}
	imagine(f, principal, loss)
	return t
}

// imagine makes facts those of the borrower's only loan, of which so much is
// lost.
func imagine(f *rules.Facts, principal, loss money.Fen) {
	zero := money.Fen(0)
	f.Principal, f.Loss, f.Unpaid, f.YearLoans, f.BadLoans, f.PaidBefore = &principal, &loss, &loss, &principal, &loss, &zero
}

// tryFields are the form, with what was asked.
func (v *poolReading) tryFields(regimes []rules.Regime, asked bool) []Field {
	value := func(name, first string) string {
		if !asked || !v.q.Has(name) {
			return first
		}
		return v.q.Get(name)
	}
	text := func(name, first string) Field {
		return Field{Name: name, Label: v.say("pools.form.try_" + name), Kind: "text", Value: value(name, first)}
	}
	choice := func(name, first string, options ...Option) Field {
		f := Field{Name: name, Label: v.say("pools.form.try_" + name), Kind: "select", Options: options}
		for i := range f.Options {
			f.Options[i].Selected = f.Options[i].Value == value(name, first)
		}
		return f
	}
	loss := text("loss", "")
	loss.Optional, loss.Hint = true, v.say("pools.form.try_loss_hint")
	words := []Option{{Value: "", Label: v.say("pools.form.by_day")}}
	for i := range regimes {
		words = append(words, Option{Value: regimes[i].ID, Label: regimes[i].Name.In(v.l)})
	}
	classes := make([]Option, 0, len(rules.Classes))
	for _, c := range rules.Classes {
		classes = append(classes, Option{Value: string(c), Label: v.poolWord("class", string(c))})
	}
	var modes, tri []Option
	for _, m := range rules.Modes {
		modes = append(modes, Option{Value: string(m), Label: v.poolWord("mode", string(m))})
	}
	for _, x := range []string{"yes", "no", "unknown"} {
		tri = append(tri, Option{Value: x, Label: v.poolWord("tri", x)})
	}
	marks := Field{Name: "mark", Label: v.say("pools.form.try_marks"), Kind: "check", Hint: v.say("pools.form.try_marks_hint")}
	for _, m := range rules.Marks {
		marks.Options = append(marks.Options, Option{Value: m, Label: v.poolWord("mark", m), Selected: slices.Contains(v.q["mark"], m)})
	}
	day := Field{Name: "registered", Label: v.say("pools.form.try_registered"), Kind: "date", Value: value("registered", cityDay(v.s.svc.DB.Now()))}
	return []Field{text("principal", "500"), loss, choice("class", string(rules.SmallMicro), classes...), day, choice("regime", "", words...), choice("mode", string(rules.ByBank), modes...),
		text("months", "12"), choice("local", "yes", tri...), choice("lawsuit", "unknown", slices.Clone(tri)...), marks}
}

// slope sets what other principals would get if they were lost whole, and where
// a larger loss is paid less.
func (p *PoolTryPage) slope(v *poolReading, r *rules.Regime, t *trying) {
	sizes := []money.Fen{*t.facts.Principal}
	for _, b := range r.Tiers.Bands {
		sizes = append(sizes, money.Fen(b.UpTo)/2, money.Fen(b.UpTo), money.Fen(b.UpTo)+money.Wan)
	}
	slices.Sort(sizes)
	sizes = slices.Compact(sizes)
	p.Slope = v.grid("slope", "principal:money", "share:n", "compensation:money", "compared")
	p.Slope.Lead = v.say("pools.slope_lead")
	spec := chart.Spec{Kind: chart.Bar, ID: "slope", Title: v.say("pools.slope"), Desc: v.say("pools.slope_lead"), Unit: v.say("books.unit." + v.unit.name), First: v.say("pools.col.principal"), Unknown: v.say("web.unknown"), Series: []chart.Series{{}}}
	var most, at money.Fen
	for _, size := range sizes {
		f := t.facts
		imagine(&f, size, size)
		a, trace, refused := rules.Compensate(*r, f)
		label := v.fen(size, 0)
		head := GridCell{Text: label.Number, Numeric: true}
		if size == *t.facts.Principal {
			head.Sub = v.say("pools.asked")
		}
		if !a.Known || len(refused) > 0 {
			why := v.say("pools.amount_open")
			if len(refused) > 0 {
				why = v.stepText(refused[0].Key, refused[0].Args)
			}
			p.Slope.Rows = append(p.Slope.Rows, []GridCell{head, {}, {Text: "–", Numeric: true}, {Text: why}})
			continue
		}
		row := []GridCell{head, {Text: lastShare(&trace), Numeric: true}, moneyCell(v.fen(a.Low, 0), ""), {}}
		spec.Series[0].Points = append(spec.Series[0].Points, chart.Point{Label: label.Number, Known: true, Value: float64(a.Low) / float64(v.unit.scale), Text: v.fen(a.Low, 0).Number, Mark: size == *t.facts.Principal})
		if a.Low < most {
			row[3] = GridCell{Text: v.say("pools.less_than", errs.A{"size": scaled(at, v.unit.scale)}), Tone: "care", Icon: "warning"}
			if size == at+money.Wan {
				p.Falls = append(p.Falls, v.say("pools.falls", errs.A{"edge": v.exact(at), "pays": v.exact(most), "above": v.exact(size), "less": v.exact(a.Low)}))
			}
		} else {
			most, at = a.Low, size
		}
		p.Slope.Rows = append(p.Slope.Rows, row)
	}
	p.Slope.labelled()
	if len(spec.Series[0].Points) > 1 {
		p.Chart = &ChartFigure{Spec: spec, Source: r.Name.In(v.l), Period: v.period(r)}
	}
}

// lastShare is the share by which an amount was computed.
func lastShare(t *rules.Trace) string {
	for _, s := range slices.Backward(t.Steps) {
		if s.Share != "" && s.Rule != "" && s.Key == "pool.step.amount" {
			return shareText(s.Share)
		}
	}
	return ""
}
