package web

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	alike "github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// TraceView is how an amount comes about, one rule a row.
type TraceView struct {
	Regime  Link
	Hash    string
	Steps   *GridTable
	Amount  Value
	Known   bool
	Between string   // where it is not known: within which bounds
	Asks    []string // what would have to be known
	Open    []string // what the regime does not say and was not checked
	Read    []string // what the operator decided where the regime is silent
	Refused []string
}

// traceOf lays out a stored trace.
func (v *poolReading) traceOf(raw json.RawMessage) (*TraceView, error) {
	var t rules.Trace
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, err
	}
	return v.traceView(&t), nil
}

func (v *poolReading) traceView(t *rules.Trace) *TraceView {
	out := &TraceView{Regime: Link{t.Regime, poolPath(v.pool.ID) + "/regimes#" + t.Regime}, Hash: t.Hash, Steps: v.stepTable("trace", t.Steps), Known: t.Amount.Known}
	if list, err := v.pools.Regimes(v.ctx, v.s.svc.DB, v.pool.ID); err == nil {
		for i := range list {
			if list[i].ID == t.Regime {
				out.Regime.Text = list[i].Name.In(v.l)
			}
		}
	}
	switch {
	case t.Amount.Known:
		out.Amount = v.fen(t.Amount.Low, 0)
	case t.Amount.High != nil:
		out.Amount = UnknownValue("")
		out.Between = v.say("pools.between", errs.A{"low": v.exact(t.Amount.Low), "high": v.exact(*t.Amount.High)})
	default:
		out.Amount = UnknownValue("")
		out.Between = v.say("pools.at_least", errs.A{"low": v.exact(t.Amount.Low)})
	}
	for _, a := range t.Asks {
		out.Asks = append(out.Asks, v.askWord(a))
	}
	for _, o := range t.Open {
		out.Open = append(out.Open, v.poolWord("parameter", o.Parameter))
	}
	for _, x := range t.Read {
		out.Read = append(out.Read, v.say("pools.read_as", errs.A{"parameter": v.poolWord("parameter", x.Parameter), "value": v.poolWord(x.Parameter, x.Value), "who": v.reading.actor(x.By), "day": x.On, "reason": x.Reason}))
	}
	for _, x := range t.Refused {
		out.Refused = append(out.Refused, v.stepText(x.Key, x.Args))
	}
	return out
}

// askWord names what an amount depends on and nobody has said.
func (v *poolReading) askWord(ask string) string {
	if p, ok := strings.CutPrefix(ask, "regime."); ok {
		return v.say("pools.ask_regime", errs.A{"parameter": v.poolWord("parameter", p)})
	}
	if p, ok := strings.CutPrefix(ask, "mark."); ok {
		return v.say("pools.ask_mark", errs.A{"rule": p})
	}
	if key := "pools.col." + ask; i18n.Has(key) {
		return v.say(key)
	}
	return v.poolWord("parameter", ask)
}

// stepTable sets steps as a table: the rule and where it stands, what it asks or
// computes from which input, and what comes of it.
func (v *poolReading) stepTable(id string, steps []rules.Step) *GridTable {
	t := v.grid(id, "n:n", "rule", "article", "input", "share:n", "result:money")
	for i, s := range steps {
		article := GridCell{Text: s.Article}
		if s.Article == "" {
			article.Text = v.say("pools.article_unknown")
		}
		if s.Status != "" {
			article.Tone, article.Icon, article.Sub = v.statusLook(s.Status)
			article.Text, article.Sub = article.Sub, article.Text
		} else {
			article.Text = v.say("pools.of_program")
		}
		row := []GridCell{{Text: i18n.Integer(int64(i + 1)), Numeric: true}, {Text: v.ruleName(&s), Sub: s.Rule}, article, {Text: v.stepText(s.Key, s.Args)}, {Text: shareText(s.Share), Numeric: true}, v.outcome(&s)}
		t.Rows = append(t.Rows, row)
	}
	return t.labelled()
}

// ruleName is what a step is about, in a word.
func (v *poolReading) ruleName(s *rules.Step) string {
	return v.poolWord("step", strings.TrimPrefix(s.Key, "pool.step."))
}

// outcome is the amount that a step gives, or its verdict.
func (v *poolReading) outcome(s *rules.Step) GridCell {
	if s.Result != nil {
		return moneyCell(v.fen(*s.Result, 0), "")
	}
	switch s.Verdict {
	case rules.Yes:
		return GridCell{Text: v.say("pools.met"), Tone: "ok", Icon: "check"}
	case rules.No:
		return GridCell{Text: v.say("pools.not_met"), Tone: "care", Icon: "cross"}
	}
	return GridCell{Text: v.say("web.unknown"), Tone: "apart", Icon: "question"}
}

// shareText is an exact fraction as a percentage, with the fraction where a
// percentage of two decimals is not all of it.
func shareText(share string) string {
	r, ok := new(big.Rat).SetString(share)
	if share == "" || !ok {
		return ""
	}
	percent := new(big.Rat).Mul(r, big.NewRat(100, 1))
	text := strings.TrimSuffix(strings.TrimRight(percent.FloatString(4), "0"), ".")
	if back, _ := new(big.Rat).SetString(text); back.Cmp(percent) != 0 {
		return "≈ " + text + "% (" + share + ")"
	}
	return text + "%"
}

var yuanText = regexp.MustCompile(`^-?\d+\.\d\d$`)

// stepText fills the message of a step with the reader's words and amounts that
// can be read.
func (v *poolReading) stepText(key string, args errs.A) string {
	out := errs.A{}
	for name, x := range args {
		text, ok := x.(string)
		if n, is := x.(float64); is && n == float64(int64(n)) {
			x = int64(n) // a whole number that has been through JSON
		}
		switch {
		case !ok:
		case yuanText.MatchString(text):
			if f, err := money.Parse(text); err == nil {
				x = scaled(f, money.Yuan)
			}
		case text == "" || text == "unknown":
			x = v.say("web.unknown")
		default:
			x = v.argWord(name, text)
		}
		out[name] = x
	}
	return i18n.T(v.l, key, out)
}

// argWord is the reader's word for a value in a step.
func (v *poolReading) argWord(name, value string) string {
	if key := rules.WordKey(name, value); key != "" && i18n.Has(key) {
		return v.say(key)
	}
	return value
}

// alike says what two claims share.
func (v *poolReading) alike(reasons []alike.Reason) string {
	out := make([]string, 0, len(reasons))
	for _, r := range reasons {
		out = append(out, v.poolWord("alike", string(r)))
	}
	return strings.Join(out, v.say("cases.comma"))
}

// allowedBy lays out why a year could bear a hold, from the evidence on which it
// was made; nil where there is none.
func (v *poolReading) allowedBy(raw json.RawMessage) *GridTable {
	var held struct{ Evidence pool.Evidence }
	if json.Unmarshal(raw, &held) != nil || len(held.Evidence.Allocation) == 0 {
		return nil
	}
	t := v.stepTable("allocation", held.Evidence.Allocation)
	t.Lead = v.say("pools.allocation_lead", errs.A{"year": held.Evidence.Drawn.Year, "committed": v.exact(held.Evidence.Drawn.Committed)})
	return t
}
