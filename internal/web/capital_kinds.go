package web

import (
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/quantity"
)

// shelves are the six registers, in the order of a company's way: 创·投·融·保.
var shelves = []shelf{rounds, acquisitions, listings, contests, guarantees, premiums}

func wordsOf[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

var guaranteeStates = wordsOf([]capital.GuaranteeState{capital.Active, capital.Ended, capital.Called})

var rounds = &shelfOf[capital.Round]{
	word: capital.KindRound, name: "rounds", side: "capital.investors", by: []string{capital.ByYear, "stage", capital.ByDivision},
	narrow: map[string]string{"stage": "stage"}, words: map[string][]string{"stage": wordsOf(capital.Stages)}, shown: []string{"capital.stage", "capital.investors"}, file: capital.RoundHead,
	register: func(s *capital.Service) *capital.Register[capital.Round] { return s.Rounds },
	common:   func(r *capital.Round) *capital.Common { return &r.Common },
	amount:   func(r *capital.Round) **capital.Amount { return &r.Amount },
	row:      (*capital.Round).Row,
	cells: func(v *capitalReading, r *capital.Round) []CapitalCell {
		return []CapitalCell{{Text: v.stage(r)}, v.investors(r)}
	},
	titled: func(v *capitalReading, r *capital.Round) string { return v.stage(r) },
	told: func(v *capitalReading, r *capital.Round, mark *SourceMark) []Fact {
		stage := v.fact("capital.stage", v.capitalWord("stage", string(r.Stage)), mark)
		if r.StageText != "" {
			stage.Values[0].Note = v.say("capital.as_written", errs.A{"text": r.StageText})
		}
		return []Fact{stage, v.amountFact("capital.money.round", r.Amount, mark), v.valuation("capital.pre", r.PreMoney(), mark), v.valuation("capital.post", r.PostMoney(), mark)}
	},
	asked: func(v *capitalReading, _ *capital.Round) []question {
		return []question{
			{name: "stage", label: v.say("capital.stage"), kind: "select", options: v.wordOptions("stage", wordsOf(capital.Stages), true)},
			{name: "stage_text", label: v.say("capital.stage_text"), kind: "text", optional: true, hint: v.say("capital.hint.stage_text")},
			v.amountQuestion("amount", "capital.money.round"), v.amountQuestion("pre", "capital.pre"), v.amountQuestion("post", "capital.post"),
			{name: "basis", label: v.say("capital.basis_of"), kind: "select", optional: true, options: v.wordOptions("basis", []string{string(capital.Reported), string(capital.Computed)}, false)},
			{name: "investors", label: v.say("capital.investors"), kind: "rows", hint: v.say("capital.hint.investors"), columns: []question{
				{name: "name", label: v.say("capital.investor"), kind: "text"}, {name: "org", label: v.say("capital.org_id"), kind: "text"},
				{name: "lead", label: v.say("capital.lead"), kind: "select", options: []Option{{Label: v.say("capital.lead_no")}, {Value: "1", Label: v.say("capital.lead_yes")}}}, {name: "amount", label: v.say("capital.its_part"), kind: "text"}}},
		}
	},
	filled: func(v formValues, r *capital.Round) {
		v.set("stage", string(r.Stage))
		v.set("stage_text", r.StageText)
		v.set("amount", amountText(r.Amount))
		for name, x := range map[string]*capital.Valuation{"pre": r.Pre, "post": r.Post} {
			if x != nil {
				v.set(name, amountText(&x.Amount))
				v.set("basis", string(x.Basis))
			}
		}
		for i, x := range r.Investors {
			v.row("investors", i, "name", x.Name)
			v.row("investors", i, "org", x.OrgID)
			v.row("investors", i, "amount", amountText(x.Amount))
			if x.Lead {
				v.row("investors", i, "lead", "1")
			}
		}
	},
	answered: func(a *capitalAnswers, r *capital.Round) {
		r.Stage, r.StageText = capital.Stage(a.text("stage")), a.text("stage_text")
		r.Amount = a.amount("amount", r.Amount)
		r.Pre, r.Post = a.valuation("pre", r.Pre), a.valuation("post", r.Post)
		r.Investors = a.investors(r.Investors)
	},
}

var acquisitions = &shelfOf[capital.Acquisition]{
	word: capital.KindAcquisition, name: "acquisitions", side: "capital.acquirer", by: []string{capital.ByYear, capital.ByDivision}, shown: []string{"capital.acquirer"}, file: capital.AcquisitionHead,
	register: func(s *capital.Service) *capital.Register[capital.Acquisition] { return s.Acquisitions },
	common:   func(r *capital.Acquisition) *capital.Common { return &r.Common },
	amount:   func(r *capital.Acquisition) **capital.Amount { return &r.Price },
	row:      (*capital.Acquisition).Row,
	cells: func(v *capitalReading, r *capital.Acquisition) []CapitalCell {
		return []CapitalCell{{Links: []Link{v.party(&r.Acquirer)}}}
	},
	titled: func(v *capitalReading, _ *capital.Acquisition) string {
		return v.capitalWord("kind", capital.KindAcquisition)
	},
	told: func(v *capitalReading, r *capital.Acquisition, mark *SourceMark) []Fact {
		return []Fact{v.partyFact("capital.acquirer", &r.Acquirer, mark), v.amountFact("capital.money.acquisition", r.Price, mark)}
	},
	asked: func(v *capitalReading, _ *capital.Acquisition) []question {
		return []question{v.partyQuestion("acquirer"), v.amountQuestion("price", "capital.money.acquisition")}
	},
	filled: func(v formValues, r *capital.Acquisition) {
		v.party("acquirer", &r.Acquirer)
		v.set("price", amountText(r.Price))
	},
	answered: func(a *capitalAnswers, r *capital.Acquisition) {
		r.Acquirer, r.Price = a.party("acquirer", r.Acquirer), a.amount("price", r.Price)
	},
}

var listings = &shelfOf[capital.Listing]{
	word: capital.KindListing, name: "listings", by: []string{"market", "board", capital.ByYear, "state", capital.ByDivision}, narrow: map[string]string{"state": "state", "market": "market", "board": "board"},
	words:    map[string][]string{"state": wordsOf(capital.ListingStates), "market": wordsOf(capital.Markets), "board": wordsOf(capital.Boards)},
	shown:    []string{"capital.state_now", "capital.market_of", "capital.code"},
	file:     capital.ListingHead,
	register: func(s *capital.Service) *capital.Register[capital.Listing] { return s.Listings },
	common:   func(r *capital.Listing) *capital.Common { return &r.Common },
	amount:   func(r *capital.Listing) **capital.Amount { return &r.Raised },
	row:      (*capital.Listing).Row,
	cells: func(v *capitalReading, r *capital.Listing) []CapitalCell {
		return []CapitalCell{{Text: v.capitalWord("state", string(r.State))}, {Text: v.market(r)}, {Text: r.Code, Whole: true}}
	},
	titled: func(v *capitalReading, r *capital.Listing) string {
		return v.capitalWord("kind", capital.KindListing) + " · " + v.market(r)
	},
	told: func(v *capitalReading, r *capital.Listing, mark *SourceMark) []Fact {
		state := v.fact("capital.state_now", v.capitalWord("state", string(r.State)), nil)
		state.Values[0].Note = i18n.Day(v.l, r.On)
		return []Fact{state, v.fact("capital.market_of", v.market(r), mark), v.fact("capital.code", r.Code, mark), v.amountFact("capital.money.listing", r.Raised, mark)}
	},
	asked: func(v *capitalReading, r *capital.Listing) []question {
		out := []question{{name: "market", label: v.say("capital.market_of"), kind: "select", options: v.wordOptions("market", wordsOf(capital.Markets), true)},
			{name: "board", label: v.say("capital.board_of"), kind: "select", optional: true, options: v.wordOptions("board", wordsOf(capital.Boards), false)},
			{name: "code", label: v.say("capital.code"), kind: "text", optional: true}, v.amountQuestion("raised", "capital.money.listing")}
		if r.Version == 0 {
			out = append(out, question{name: "steps", label: v.say("capital.steps"), kind: "rows", hint: v.say("capital.hint.steps"), columns: []question{
				{name: "state", label: v.say("capital.step"), kind: "select", options: append([]Option{{Label: v.say("reg.choose")}}, v.wordOptions("state", wordsOf(capital.ListingStates), false)[1:]...)},
				{name: "on", label: v.say("capital.day_of"), kind: "text"}, {name: "evidence", label: v.say("reg.evidence_note"), kind: "text"}}})
		}
		return out
	},
	filled: func(v formValues, r *capital.Listing) {
		v.set("market", string(r.Market))
		v.set("board", string(r.Board))
		v.set("code", r.Code)
		v.set("raised", amountText(r.Raised))
		for i, st := range r.Steps { // for the log; a form asks them of a new record only
			v.row("steps", i, "state", string(st.State))
			v.row("steps", i, "on", st.On)
			v.row("steps", i, "evidence", st.Evidence)
		}
	},
	answered: func(a *capitalAnswers, r *capital.Listing) {
		r.Market, r.Board, r.Code, r.Raised = capital.Market(a.text("market")), capital.Board(a.text("board")), a.text("code"), a.amount("raised", r.Raised)
		if r.Version == 0 {
			r.Steps = nil
			for _, x := range a.rows("steps", "state", "on", "evidence") {
				r.Steps = append(r.Steps, capital.Step{State: capital.ListingState(x["state"]), On: x["on"], Evidence: x["evidence"]})
			}
		}
	},
}

var contests = &shelfOf[capital.Contest]{
	word: capital.KindContest, name: "contests", by: []string{"contest", "award", capital.ByYear, capital.ByDivision}, narrow: map[string]string{"contest": "", "award": "", "track": "", "edition": ""},
	shown: []string{"capital.contest", "capital.award"}, file: capital.ContestHead,
	register: func(s *capital.Service) *capital.Register[capital.Contest] { return s.Contests },
	common:   func(r *capital.Contest) *capital.Common { return &r.Common },
	amount:   func(r *capital.Contest) **capital.Amount { return &r.Prize },
	row:      (*capital.Contest).Row,
	cells: func(v *capitalReading, r *capital.Contest) []CapitalCell {
		return []CapitalCell{{Text: strings.TrimSpace(r.Contest + " " + r.Edition)}, {Text: v.award(r)}}
	},
	titled: func(_ *capitalReading, r *capital.Contest) string {
		return strings.TrimSpace(r.Contest + " " + r.Edition)
	},
	told: func(v *capitalReading, r *capital.Contest, mark *SourceMark) []Fact {
		place := ""
		if r.Place > 0 {
			place = v.say("capital.place_n", errs.A{"n": r.Place})
		}
		return []Fact{v.fact("capital.contest", r.Contest, mark), v.fact("capital.edition", r.Edition, mark), v.fact("capital.track", r.Track, mark), v.fact("capital.project", r.Project, mark),
			v.fact("capital.award", r.Award, mark), v.fact("capital.place", place, mark), v.amountFact("capital.money.contest", r.Prize, mark)}
	},
	asked: func(v *capitalReading, _ *capital.Contest) []question {
		return []question{{name: "contest", label: v.say("capital.contest"), kind: "text", hint: v.say("capital.hint.contest")}, v.plain("edition", "capital.edition"), v.plain("track", "capital.track"), v.plain("project", "capital.project"),
			v.plain("award", "capital.award"), {name: "place", label: v.say("capital.place"), kind: "text", optional: true, hint: v.say("capital.hint.place")}, v.amountQuestion("prize", "capital.money.contest")}
	},
	filled: func(v formValues, r *capital.Contest) {
		v.set("contest", r.Contest)
		v.set("edition", r.Edition)
		v.set("track", r.Track)
		v.set("project", r.Project)
		v.set("award", r.Award)
		if r.Place > 0 {
			v.set("place", strconv.Itoa(r.Place))
		}
		v.set("prize", amountText(r.Prize))
	},
	answered: func(a *capitalAnswers, r *capital.Contest) {
		r.Contest, r.Edition, r.Track, r.Project, r.Award = a.text("contest"), a.text("edition"), a.text("track"), a.text("project"), a.text("award")
		r.Place, r.Prize = a.number("place"), a.amount("prize", r.Prize)
	},
}

var guarantees = &shelfOf[capital.Guarantee]{
	word: capital.KindGuarantee, name: "guarantees", side: "capital.guarantor", by: []string{"state", capital.ByYear, capital.ByDivision}, narrow: map[string]string{"state": "guarantee"},
	words: map[string][]string{"state": guaranteeStates}, shown: []string{"capital.guarantor", "capital.state_of", "capital.until"}, file: capital.GuaranteeHead,
	register: func(s *capital.Service) *capital.Register[capital.Guarantee] { return s.Guarantees },
	common:   func(r *capital.Guarantee) *capital.Common { return &r.Common },
	amount:   func(r *capital.Guarantee) **capital.Amount { return &r.Amount },
	row:      (*capital.Guarantee).Row,
	cells: func(v *capitalReading, r *capital.Guarantee) []CapitalCell {
		return []CapitalCell{{Links: []Link{v.party(&r.Guarantor)}}, {Text: v.known("guarantee", string(r.State))}, {Text: r.Until, Whole: true}}
	},
	titled: func(v *capitalReading, r *capital.Guarantee) string {
		return strings.TrimSpace(v.capitalWord("kind", capital.KindGuarantee) + " " + r.Contract)
	},
	told: func(v *capitalReading, r *capital.Guarantee, mark *SourceMark) []Fact {
		out := []Fact{v.partyFact("capital.guarantor", &r.Guarantor, mark), v.fact("capital.contract", r.Contract, mark), v.fact("capital.state_of", v.known("guarantee", string(r.State)), mark),
			v.fact("capital.until", i18n.Day(v.l, r.Until), mark), v.amountFact("capital.money.guarantee", r.Amount, mark), v.amountFact("capital.fee", r.Fee, mark)}
		if r.LoanID != "" && v.rank() {
			out = append(out, Fact{Label: v.say("capital.loan"), Values: []FactValue{{Text: r.LoanID, Href: "/loans/" + r.LoanID}}})
		}
		return out
	},
	asked: func(v *capitalReading, _ *capital.Guarantee) []question {
		return []question{v.partyQuestion("guarantor"), v.plain("contract", "capital.contract"), v.amountQuestion("amount", "capital.money.guarantee"), v.amountQuestion("fee", "capital.fee"),
			{name: "until", label: v.say("capital.until"), kind: "text", optional: true, hint: v.say("capital.hint.day")},
			{name: "state", label: v.say("capital.state_of"), kind: "select", optional: true, options: v.wordOptions("guarantee", guaranteeStates, false)}, {name: "loan_id", label: v.say("capital.loan_id"), kind: "text", optional: true}}
	},
	filled: func(v formValues, r *capital.Guarantee) {
		v.party("guarantor", &r.Guarantor)
		v.set("contract", r.Contract)
		v.set("amount", amountText(r.Amount))
		v.set("fee", amountText(r.Fee))
		v.set("until", r.Until)
		v.set("state", string(r.State))
		v.set("loan_id", r.LoanID)
	},
	answered: func(a *capitalAnswers, r *capital.Guarantee) {
		r.Guarantor, r.Contract, r.Amount, r.Fee = a.party("guarantor", r.Guarantor), a.text("contract"), a.amount("amount", r.Amount), a.amount("fee", r.Fee)
		r.Until, r.State, r.LoanID = a.text("until"), capital.GuaranteeState(a.text("state")), a.text("loan_id")
	},
}

var premiums = &shelfOf[capital.Premium]{
	word: capital.KindPremium, name: "premiums", side: "capital.insurer", by: []string{"year", "policy", capital.ByDivision}, narrow: map[string]string{"policy": "", "year": ""},
	shown: []string{"capital.policy", "capital.insurer", "capital.year"}, file: capital.PremiumHead,
	register: func(s *capital.Service) *capital.Register[capital.Premium] { return s.Premiums },
	common:   func(r *capital.Premium) *capital.Common { return &r.Common },
	amount:   func(r *capital.Premium) **capital.Amount { return &r.Subsidy },
	row:      (*capital.Premium).Row,
	cells: func(v *capitalReading, r *capital.Premium) []CapitalCell {
		return []CapitalCell{{Text: r.Policy}, {Links: []Link{v.party(&r.Insurer)}}, {Text: r.Year, Whole: true}}
	},
	titled: func(_ *capitalReading, r *capital.Premium) string { return r.Policy },
	told: func(v *capitalReading, r *capital.Premium, mark *SourceMark) []Fact {
		return []Fact{v.fact("capital.policy", r.Policy, mark), v.partyFact("capital.insurer", &r.Insurer, mark), v.fact("capital.number", r.Number, mark), v.fact("capital.year", r.Year, mark),
			v.amountFact("capital.premium_paid", r.Premium, mark), v.amountFact("capital.money.premium", r.Subsidy, mark)}
	},
	asked: func(v *capitalReading, _ *capital.Premium) []question {
		return []question{{name: "policy", label: v.say("capital.policy"), kind: "text", hint: v.say("capital.hint.policy")}, v.partyQuestion("insurer"), v.plain("number", "capital.number"),
			{name: "year", label: v.say("capital.year"), kind: "text", optional: true, hint: v.say("capital.hint.year")}, v.amountQuestion("premium", "capital.premium_paid"), v.amountQuestion("subsidy", "capital.money.premium")}
	},
	filled: func(v formValues, r *capital.Premium) {
		v.party("insurer", &r.Insurer)
		v.set("policy", r.Policy)
		v.set("number", r.Number)
		v.set("year", r.Year)
		v.set("premium", amountText(r.Premium))
		v.set("subsidy", amountText(r.Subsidy))
	},
	answered: func(a *capitalAnswers, r *capital.Premium) {
		r.Policy, r.Insurer, r.Number, r.Year = a.text("policy"), a.party("insurer", r.Insurer), a.text("number"), a.text("year")
		r.Premium, r.Subsidy = a.amount("premium", r.Premium), a.amount("subsidy", r.Subsidy)
	},
}

// stage is what a round is called.
func (v *capitalReading) stage(r *capital.Round) string {
	return v.capitalWord("stage", string(r.Stage))
}

func (v *capitalReading) market(r *capital.Listing) string {
	out := v.capitalWord("market", string(r.Market))
	if r.Board != "" {
		out += " " + v.capitalWord("board", string(r.Board))
	}
	return out
}

func (v *capitalReading) award(r *capital.Contest) string {
	switch {
	case r.Award != "":
		return r.Award
	case r.Place > 0:
		return v.say("capital.place_n", errs.A{"n": r.Place})
	}
	return ""
}

// known is the word for a value, "" for none.
func (v *capitalReading) known(group, value string) string {
	if value == "" {
		return ""
	}
	return v.capitalWord(group, value)
}

// mostInvestors is how many investors a row of a list names.
const mostInvestors = 3

// investors names those who led a round first.
func (v *capitalReading) investors(r *capital.Round) CapitalCell {
	var c CapitalCell
	for _, lead := range []bool{true, false} {
		for i := range r.Investors {
			if r.Investors[i].Lead == lead && len(c.Links) < mostInvestors {
				c.Links = append(c.Links, v.party(&r.Investors[i].Party))
			}
		}
	}
	if n := len(r.Investors); n > len(c.Links) {
		c.More = v.say("capital.of_n", errs.A{"n": n})
	}
	return c
}

func (v *capitalReading) amountFact(key string, a *capital.Amount, mark *SourceMark) Fact {
	f := v.fact(key, v.fullAmount(a), mark)
	if a != nil && a.Exact() != "" {
		f.Values[0].Note = exactAmount(a.Quantity)
	}
	return f
}

// valuation tells whether a value was stated or computed: the two are never
// mixed.
func (v *capitalReading) valuation(key string, x *capital.Valuation, mark *SourceMark) Fact {
	if x == nil {
		return v.fact(key, "", nil)
	}
	if x.SourceID != "" {
		mark = v.mark(x.SourceID)
	}
	f := v.amountFact(key, &x.Amount, mark)
	f.Values[0].Note = v.capitalWord("basis", string(x.Basis)) + " · " + f.Values[0].Note
	return f
}

func (v *capitalReading) partyFact(key string, p *capital.Party, mark *SourceMark) Fact {
	l := v.party(p)
	f := v.fact(key, l.Text, mark)
	if l.Text != "" {
		f.Values[0].Href = l.Href
		if p.Org != nil && p.Name != "" && p.Org.Name.In(v.l) != p.Name && !p.Org.Name.IsZero() {
			f.Values[0].Note = v.say("capital.registered_as", errs.A{"name": p.Org.Name.In(v.l)})
		}
	}
	return f
}

// rank reports whether the reader is of the staff.
func (v *capitalReading) rank() bool { return v.viewer.Rank() >= level.Internal.Rank() }

// amountText writes an amount so that a form can read it again.
func amountText(a *capital.Amount) string {
	if a == nil {
		return ""
	}
	word := map[quantity.Bound]string{quantity.Above: "超过", quantity.AtLeast: "不低于", quantity.Below: "不到", quantity.AtMost: "不超过", quantity.Nearly: "近", quantity.About: "约"}[a.Bound]
	digits := func(x float64) string {
		if wan := x / 1e4; x >= 1e4 && wan == float64(int64(wan)) {
			return strconv.FormatFloat(wan, 'f', -1, 64) + "万"
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	out := digits(a.Value)
	if a.Bound == quantity.Between {
		out = digits(a.Value) + "-" + digits(a.High)
	}
	if a.Unit == quantity.CNY {
		return word + out + "元"
	}
	return word + out + " " + string(a.Unit)
}
