package capital

import (
	"math"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Stage is the stage of a financing round.
type Stage string

// The stages. What a source calls it stands beside it, in Round.StageText.
const (
	Seed          Stage = "seed"           // 种子轮
	Angel         Stage = "angel"          // 天使轮
	PreA          Stage = "pre_a"          // Pre-A 轮
	RoundA        Stage = "a"              // A 轮
	RoundB        Stage = "b"              // B 轮
	RoundC        Stage = "c_plus"         // C 轮及以后
	Venture       Stage = "venture"        // 风险投资, the letter not known
	Strategic     Stage = "strategic"      // 战略融资
	PrivateEquity Stage = "private_equity" // 私募股权
	PreIPO        Stage = "pre_ipo"        // Pre-IPO 轮
	PostIPO       Stage = "post_ipo"       // 上市后
	Crowdfunding  Stage = "crowdfunding"   // 众筹
	OtherStage    Stage = "other"          // 其他
)

// Stages lists every stage.
var Stages = []Stage{Seed, Angel, PreA, RoundA, RoundB, RoundC, Venture, Strategic, PrivateEquity, PreIPO, PostIPO, Crowdfunding, OtherStage}

// Basis says whether a value was stated by a source or computed from others.
type Basis string

// The bases.
const (
	Reported Basis = "reported" // 报告值
	Computed Basis = "computed" // 计算值
)

// Valuation is what a company was held to be worth before or after a round.
type Valuation struct {
	Amount
	Basis    Basis  `json:"basis"`
	SourceID string `json:"source_id,omitempty"` // "" is that of the round
	Evidence string `json:"evidence,omitempty"`
}

// Investor is one of those who put money into a round.
type Investor struct {
	Party
	Lead   bool    `json:"lead,omitempty"`
	Amount *Amount `json:"amount,omitempty"` // its own part, nil when not known
}

// Round is a financing round of a company (融资轮次); On is its day.
type Round struct {
	Common
	Stage     Stage      `json:"stage"`
	StageText string     `json:"stage_text,omitempty"` // as the source writes it: "A+轮"
	Amount    *Amount    `json:"amount,omitempty"`
	Pre       *Valuation `json:"pre,omitempty"`  // 投前估值
	Post      *Valuation `json:"post,omitempty"` // 投后估值
	Investors []Investor `json:"investors,omitempty"`
}

func (r *Round) prepare(f *faults) {
	r.StageText = strings.TrimSpace(r.StageText)
	oneOf(f, "stage", r.Stage, Stages)
	r.Amount = f.amount("amount", r.Amount)
	r.Pre = f.valuation("pre", r.Pre)
	r.Post = f.valuation("post", r.Post)
	r.Investors = slices.Clone(r.Investors)
	if len(r.Investors) == 0 {
		r.Investors = nil
	}
	var parts Tally
	for i := range r.Investors {
		n := &r.Investors[i]
		f.party("investors", &n.Party)
		n.Amount = f.amount("investors", n.Amount)
		if n.Amount == nil {
			continue
		}
		if err := parts.Add(n.Amount); err != nil {
			f.add(errs.New(errs.TooLarge, "capital.large", errs.A{"field": called("investors")}).At("/investors"))
			return
		}
	}
	r.checkParts(f, &parts)
}

// checkParts faults investors who put in more than the round raised.
func (r *Round) checkParts(f *faults, parts *Tally) {
	if r.Amount == nil || len(f.list) > 0 {
		return
	}
	for _, s := range parts.Sums() {
		if s.Unit == r.Amount.Unit && s.Interval().Lo > r.Amount.Interval().Hi {
			f.add(errs.New(errs.Invalid, "capital.parts", errs.A{"sum": s.Quantity.Value, "amount": r.Amount.Value, "unit": string(s.Unit)}).At("/investors"))
		}
	}
}

func (f *faults) valuation(field string, in *Valuation) *Valuation {
	if in == nil {
		return nil
	}
	v := *in
	v.Amount = *f.amount(field, &v.Amount)
	v.SourceID, v.Evidence = strings.TrimSpace(v.SourceID), strings.TrimSpace(v.Evidence)
	oneOf(f, "basis", v.Basis, []Basis{Reported, Computed})
	return &v
}

// PostMoney is the valuation after the round: the stated one, or the one before
// it and what was raised added up, which says that it is computed. nil when
// neither is known or the currencies differ.
func (r *Round) PostMoney() *Valuation {
	if r.Post != nil || r.Pre == nil || r.Amount == nil {
		return r.Post
	}
	return computed(r.Pre.Quantity.Add(r.Amount.floor()))
}

// PreMoney is PostMoney for the valuation before the round.
func (r *Round) PreMoney() *Valuation {
	if r.Pre != nil || r.Post == nil || r.Amount == nil {
		return r.Pre
	}
	return computed(r.Post.Quantity.Sub(r.Amount.floor()))
}

func computed(q quantity.Quantity, err error) *Valuation {
	if err != nil || q.Interval().Lo < 0 && !math.IsInf(q.Interval().Lo, -1) {
		return nil
	}
	v := &Valuation{Amount: Amount{Quantity: q}, Basis: Computed}
	v.Fen = v.fen()
	return v
}

func (r *Round) amount() *Amount { return r.Amount }
func (r *Round) own() []any      { return []any{string(r.Stage)} }

func (r *Round) sides() []side {
	out := make([]side, len(r.Investors))
	for i := range r.Investors {
		n := &r.Investors[i]
		out[i] = side{"investor", &n.Party, n.Amount}
		if n.Lead {
			out[i].role = "lead"
		}
	}
	return out
}

func (r *Round) people() []*Party {
	out := r.Common.people()
	for i := range r.Investors {
		out = append(out, &r.Investors[i].Party)
	}
	return out
}

func (r *Round) entries() []Entry {
	e := r.entry(KindRound, Invested, string(r.Stage), r.Amount)
	for i := range r.Investors {
		e.Parties = append(e.Parties, r.Investors[i].Party)
	}
	return []Entry{e}
}
