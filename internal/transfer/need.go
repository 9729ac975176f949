package transfer

import (
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/money"
)

// Need is what somebody looks for (需求), with the constraints that an answer
// has to meet.
type Need struct {
	Common
	Kind        NeedKind    `json:"kind"`
	Text        string      `json:"text,omitempty"`
	Constraints Constraints `json:"constraints,omitzero"`
	Prize       *money.Fen  `json:"prize,omitempty"`    // 榜金, of an open challenge
	Deadline    string      `json:"deadline,omitempty"` // the last day on which answers are taken
}

// NeedKind says what is looked for.
type NeedKind string

// The kinds.
const (
	Technical     NeedKind = "technical"
	OpenChallenge NeedKind = "open_challenge" // 揭榜挂帅
	Equipment     NeedKind = "equipment"
	Expert        NeedKind = "expert"
	OtherNeed     NeedKind = "other"
)

// NeedKinds lists every kind.
var NeedKinds = []NeedKind{Technical, OpenChallenge, Equipment, Expert, OtherNeed}

// Constraints are what an answer must meet; an empty one excludes nothing.
type Constraints struct {
	TRLMin    int         `json:"trl_min,omitempty"` // 1 to 9, 0 is none
	TRLScale  Scale       `json:"trl_scale,omitempty"`
	IPC       []string    `json:"ipc,omitempty"`      // any of them
	Industry  []string    `json:"industry,omitempty"` // any of them
	Regions   []string    `json:"regions,omitempty"`  // divisions; any of them, or what lies in one
	BudgetMin *money.Fen  `json:"budget_min,omitempty"`
	BudgetMax *money.Fen  `json:"budget_max,omitempty"`
	Rights    RightStatus `json:"rights,omitempty"`     // "" or Granted
	Forms     []Form      `json:"forms,omitempty"`      // any of them
	DeliverBy string      `json:"deliver_by,omitempty"` // the last day
}

func (n *Need) prepare() errs.List {
	var f faults
	n.Text = strings.TrimSpace(n.Text)
	n.tidy(&f, KindNeed)
	oneOf(&f, "kind", n.Kind, NeedKinds)
	if fold.Name(n.Text) == "" && fold.Name(n.Summary.ZH) == "" && fold.Name(n.Summary.EN) == "" {
		f.add(required("text"))
	}
	f.day("deadline", n.Deadline)
	n.challenge(&f)
	n.Constraints.tidy(&f)
	n.contradictions(&f)
	return f.list
}

// challenge faults an open challenge without prize or deadline, and a prize
// that no challenge offers.
func (n *Need) challenge(f *faults) {
	if n.Prize != nil && *n.Prize <= 0 {
		f.add(errs.New(errs.Invalid, "transfer.prize_amount", errs.A{"value": *n.Prize}).At("/prize"))
	}
	if n.Kind != OpenChallenge {
		if n.Prize != nil {
			f.add(errs.New(errs.Invalid, "transfer.prize_kind").At("/prize"))
		}
		return
	}
	if n.Prize == nil {
		f.add(errs.New(errs.Invalid, "transfer.challenge_prize").At("/prize"))
	}
	if n.Deadline == "" {
		f.add(errs.New(errs.Invalid, "transfer.challenge_deadline").At("/deadline"))
	}
}

// contradictions faults what no answer could meet.
func (n *Need) contradictions(f *faults) {
	c := &n.Constraints
	if isDay(c.DeliverBy) && isDay(n.Deadline) && c.DeliverBy < n.Deadline {
		f.add(errs.New(errs.Invalid, "transfer.deliver_early", errs.A{"deliver": c.DeliverBy, "deadline": n.Deadline}).At("/deliver_by"))
	}
	if n.Prize != nil && c.BudgetMax != nil && *n.Prize > *c.BudgetMax {
		f.add(errs.New(errs.Invalid, "transfer.prize_budget", errs.A{"prize": *n.Prize, "most": *c.BudgetMax}).At("/prize"))
	}
	if n.Deadline != "" && n.ListedOn != "" && n.Deadline < n.ListedOn {
		f.add(errs.New(errs.Invalid, "transfer.deadline_listed", errs.A{"deadline": n.Deadline, "listed": n.ListedOn}).At("/deadline"))
	}
}

func (c *Constraints) tidy(f *faults) {
	if c.TRLMin != 0 {
		f.trl("trl_min", c.TRLMin, c.TRLScale)
	} else if c.TRLScale != "" {
		f.add(errs.New(errs.Invalid, "transfer.trl_missing", errs.A{"scale": string(c.TRLScale)}).At("/trl_min"))
	}
	c.IPC = f.codes("ipc", c.IPC, ParseIPC)
	c.Industry = f.codes("industry", c.Industry, ParseIndustry)
	c.Regions = tidyList(c.Regions)
	for _, r := range c.Regions {
		f.division("regions", r)
	}
	f.most("regions", len(c.Regions), maxCodes)
	f.amounts("budget_min", c.BudgetMin, "budget_max", c.BudgetMax)
	if c.Rights != "" && c.Rights != Granted {
		oneOf(f, "right_status", c.Rights, []RightStatus{Granted})
	}
	c.Forms = words(f, "forms", c.Forms, Forms)
	f.day("deliver_by", c.DeliverBy)
}

// settle gives a need its last day: its deadline where it has one. A day that is
// over cannot be asked for anew.
func (n *Need) settle(old *Need, today string) errs.List {
	before := Need{Common: Common{Status: Listed}}
	if old != nil {
		before = *old
	}
	status := n.Status
	fill(&status, before.Status)
	if n.ExpiresOn == "" && n.Deadline != before.Deadline {
		n.ExpiresOn = n.Deadline
	}
	n.Common.settle(commonOf(old), today, needMonths)
	var f faults
	if status != Listed && status != Draft {
		return nil
	}
	f.past("deadline", n.Deadline, before.Deadline, today)
	f.past("deliver_by", n.Constraints.DeliverBy, before.Constraints.DeliverBy, today)
	return f.list
}

// past faults a day that is over, unless it stood so before.
func (f *faults) past(field, day, before, today string) {
	if isDay(day) && day < today && day != before {
		f.add(errs.New(errs.Invalid, "transfer.past", errs.A{"field": called(field), "day": day, "today": today}).At("/" + field))
	}
}
