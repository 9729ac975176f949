package capital

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// ListingState is how far a company has come on its way to an exchange.
type ListingState string

// The states: the ladder, and the exits from it. The ladder is that of
// registration-based listing (首次公开发行股票注册管理办法, CSRC order 205 of
// 2023); on other markets some of its rungs do not exist.
const (
	Tutoring   ListingState = "tutoring"   // 辅导
	Filed      ListingState = "filed"      // 申报
	Approved   ListingState = "approved"   // 过会
	Registered ListingState = "registered" // 注册
	Listed     ListingState = "listed"     // 上市
	Withdrawn  ListingState = "withdrawn"  // 撤回, by the company
	Terminated ListingState = "terminated" // 终止, by the exchange
	Rejected   ListingState = "rejected"   // 被否
	Delisted   ListingState = "delisted"   // 退市
)

// ListingStates lists every state, the ladder first, in order.
var ListingStates = []ListingState{Tutoring, Filed, Approved, Registered, Listed, Withdrawn, Terminated, Rejected, Delisted}

// ladder is the way up; exits from it are the end.
var ladder = ListingStates[:5]

// Rank is the place of a state on the way: 1 to 5 on the ladder, 6 for an exit,
// 0 for what is no state. It never falls but by a correction.
func (s ListingState) Rank() int {
	if i := slices.Index(ladder, s); i >= 0 {
		return i + 1
	}
	if slices.Contains(ListingStates, s) {
		return len(ladder) + 1
	}
	return 0
}

// mayLeave reports whether a listing that is known to have come to from may
// leave by an exit. from "" is nothing known yet.
func mayLeave(from, exit ListingState) bool {
	switch exit {
	case Delisted:
		return from == Listed
	case Rejected: // by the committee or at registration
		return from.Rank() <= Approved.Rank()
	}
	return from.Rank() <= Registered.Rank()
}

// Step is a dated event of a listing, or the correction of an earlier one. Steps
// are numbered from 1 and never change.
type Step struct {
	Position int          `json:"position"` // 0 in one that is to be added
	State    ListingState `json:"state"`    // "" in a correction that takes a step back
	On       string       `json:"on,omitempty"`
	Evidence string       `json:"evidence,omitempty"`
	SourceID string       `json:"source_id,omitempty"` // "" is that of the listing
	Corrects int          `json:"corrects,omitempty"`  // position of the step that this one replaces
	Reason   string       `json:"reason,omitempty"`    // of a correction
	Actor    string       `json:"actor,omitempty"`
	At       db.Time      `json:"at"`
}

// Course returns the steps that hold, in the order of the way: corrections
// applied, whatever the order in which the steps became known. It is
// errs.Conflict when they cannot all be true: a state twice, a day before that
// of an earlier rung, two exits, an exit that the last rung does not have, a
// correction of what is not there.
func Course(steps []Step) ([]Step, error) {
	course, err := standing(steps)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(course, func(a, b Step) int { return cmp.Compare(a.State.Rank(), b.State.Rank()) })
	for i, s := range course {
		if s.State.Rank() == 0 {
			return nil, stepFault("capital.step_state", s, nil)
		}
		for _, earlier := range course[:i] {
			if earlier.State.Rank() == s.State.Rank() {
				return nil, stepFault("capital.step_twice", s, &earlier)
			}
			if before(s.On, earlier.On) {
				return nil, stepFault("capital.step_order", s, &earlier)
			}
		}
	}
	return course, exitFault(course)
}

// standing applies corrections. A step keeps its own number when its content is
// replaced, so that it can be corrected again.
func standing(steps []Step) ([]Step, error) {
	at := map[int]Step{}
	for i, s := range steps {
		s.Position = i + 1
		if s.Corrects == 0 {
			at[s.Position] = s
			continue
		}
		old, ok := at[s.Corrects]
		if !ok {
			return nil, stepFault("capital.step_missing", s, nil)
		}
		if s.Reason == "" {
			return nil, stepFault("capital.step_reason", s, &old)
		}
		if s.State == "" {
			delete(at, s.Corrects)
			continue
		}
		s.Position = s.Corrects
		at[s.Corrects] = s
	}
	var out []Step
	for i := range steps {
		if s, ok := at[i+1]; ok {
			out = append(out, s)
		}
	}
	return out, nil
}

func exitFault(course []Step) error {
	if len(course) == 0 {
		return nil
	}
	last := course[len(course)-1]
	if last.State.Rank() <= len(ladder) {
		return nil
	}
	var from Step
	if len(course) > 1 {
		from = course[len(course)-2]
	}
	if !mayLeave(from.State, last.State) {
		return stepFault("capital.step_exit", last, &from)
	}
	return nil
}

// stepFault says of a step, and of the one that it contradicts, what is wrong.
func stepFault(key string, s Step, other *Step) error {
	a := errs.A{"state": stateName(s.State), "day": s.On, "position": strconv.Itoa(max(s.Corrects, s.Position))}
	if other != nil {
		a["other"], a["other_day"] = stateName(other.State), other.On
	}
	return errs.New(errs.Conflict, key, a).At("/steps")
}

// Unknown lists the rungs below the last known one that no step tells of.
func Unknown(course []Step) []ListingState {
	var out []ListingState
	top := 0
	for _, s := range course {
		if r := s.State.Rank(); r <= len(ladder) {
			top = r
		}
	}
	for _, s := range ladder[:top] {
		if !slices.ContainsFunc(course, func(c Step) bool { return c.State == s }) {
			out = append(out, s)
		}
	}
	return out
}
