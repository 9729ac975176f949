package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// CaseQuery are the filters of cases.
type CaseQuery struct {
	Kind      string   `query:"kind" maxLength:"100" doc:"Kind of case, such as pool.claim"`
	State     []string `query:"state" doc:"States, parted by commas"`
	Ref       string   `query:"ref" maxLength:"300" doc:"The record that it is about, such as claim/claim-3kq9"`
	Open      string   `query:"open" enum:"yes,no" doc:"yes: not in a final state"`
	DueBefore string   `query:"due_before" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"A clock of it runs out before this day"`
	From      string   `query:"from" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Opened on this day or later"`
	To        string   `query:"to" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Opened on this day or before"`
	Batch     string   `query:"batch" maxLength:"200" doc:"Import batch id"`
}

func (q *CaseQuery) filter() casework.Filter {
	f := casework.Filter{Kind: q.Kind, States: q.State, Ref: q.Ref, DueBefore: q.DueBefore, From: q.From, To: q.To, Batch: q.Batch}
	if q.Open != "" {
		open := q.Open == "yes"
		f.Open = &open
	}
	return f
}

// CasesIn asks for a page of cases.
type CasesIn struct {
	CaseQuery
	Paging
}

// CaseSheet is a case with its history and its clocks.
type CaseSheet struct {
	casework.Case
	KindName  i18n.Text          `json:"kind_name"`
	StateName i18n.Text          `json:"state_name"`
	Events    []casework.Event   `json:"events" doc:"The first 500; the list of events has all"`
	Timers    []casework.Timer   `json:"timers"`
	Recusals  []casework.Recusal `json:"recusals"`
	Intact    bool               `json:"intact" doc:"The chain of its events, replayed, makes what the case is"`
	Fault     string             `json:"fault,omitempty" doc:"What is wrong with it where it is not"`
}

// CaseEventsIn asks for the history of a case.
type CaseEventsIn struct {
	ID
	Paging
}

// CaseAction is an action that leads out of the state of a case, and whether
// the caller may do it now.
type CaseAction struct {
	Action  string    `json:"action"`
	Name    i18n.Text `json:"name"`
	To      string    `json:"to" doc:"State that it leads to; . stays"`
	Reason  bool      `json:"reason" doc:"A reason must be given"`
	Outcome string    `json:"outcome" doc:"allowed, refused, or unknown: what a guard asks for is not known before it is sent"`
	Why     []string  `json:"why" nullable:"false" doc:"What stands against it, in sentences"`
	DueOn   string    `json:"due_on,omitempty" doc:"The last day on which it is in time"`
}

// CaseActions are the actions of a case for the caller.
type CaseActions struct {
	State   string       `json:"state"`
	Version int64        `json:"version" doc:"For If-Match"`
	Roles   []string     `json:"roles" nullable:"false" doc:"The caller's roles in cases"`
	Actions []CaseAction `json:"actions" nullable:"false"`
}

// DoIn is what somebody says to an action.
type DoIn struct {
	Reason string          `json:"reason,omitempty" maxLength:"1000"`
	Body   json.RawMessage `json:"body,omitempty" doc:"What the guards and effects of the action ask for"`
}

// DoCaseIn names an action of a case.
type DoCaseIn struct {
	ID
	Action string `path:"action" maxLength:"100" doc:"One of the actions of the case"`
	Body   DoIn
}

// RecuseIn keeps somebody out of a case.
type RecuseIn struct {
	User   string `json:"user,omitempty" maxLength:"200" doc:"User id; absent is the caller"`
	Reason string `json:"reason" minLength:"1" maxLength:"1000"`
}

// CaseKind is a kind of case: its table in words.
type CaseKind struct {
	ID      string         `json:"id"`
	Version int            `json:"version"`
	Name    i18n.Text      `json:"name"`
	Hash    string         `json:"hash"`
	Rows    []casework.Row `json:"rows"`
}

// KindIn names a kind of case.
type KindIn struct {
	Kind    string `path:"kind" maxLength:"100" doc:"Kind of case, such as pool.claim"`
	Version int    `query:"version" minimum:"0" doc:"Absent is the newest"`
}

func (s *server) cases() {
	const tag = "cases"
	staff := account.ReadPrivate
	addList(s, route{id: "list_cases", path: "/cases", tag: tag, needs: staff}, caseTable(), s.listCases)
	add(s, route{id: "get_case", path: "/cases/{id}", tag: tag, needs: staff}, s.getCase)
	addList(s, route{id: "events_of_case", path: "/cases/{id}/events", tag: tag, needs: staff}, eventTable(), s.caseEvents)
	add(s, route{id: "actions_of_case", path: "/cases/{id}/actions", tag: tag, needs: staff}, s.caseActions)
	add(s, route{id: "do_case", method: http.MethodPost, path: "/cases/{id}/actions/{action}", tag: tag, needs: account.Edit, versioned: true, once: true}, s.doCase)
	add(s, route{id: "recuse_from_case", method: http.MethodPost, path: "/cases/{id}/recuse", tag: tag, needs: account.Edit, once: true}, s.recuse)
	addFile(s, route{id: "diagram_of_case", path: "/cases/{id}/diagram", tag: tag, needs: staff}, svgType, s.caseDiagram)
	addList(s, route{id: "list_case_kinds", path: "/case-kinds", tag: tag, needs: staff}, table[CaseKind]{name: "kinds", columns: []column[CaseKind]{
		{"id", func(k *CaseKind) any { return k.ID }}, {"version", func(k *CaseKind) any { return k.Version }}, {"hash", func(k *CaseKind) any { return k.Hash }},
		{"name_zh", func(k *CaseKind) any { return k.Name.ZH }}, {"name_en", func(k *CaseKind) any { return k.Name.EN }}}}, s.listKinds)
	addFile(s, route{id: "diagram_of_kind", path: "/case-kinds/{kind}/diagram", tag: tag, needs: staff}, svgType, s.kindDiagram)
}

func (s *server) caseRoom() (*casework.Service, error) {
	if s.Cases == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Cases, nil
}

// actor is the caller with his roles in cases.
func (s *server) actor(ctx context.Context) (casework.Actor, error) {
	u := callOf(ctx).user
	by := casework.Actor{User: u.ID}
	var err error
	if s.CaseRoles != nil {
		by.Roles, err = s.CaseRoles(ctx, *u)
		return by, err
	}
	for _, k := range s.Cases.Registry().Kinds() {
		for _, role := range k.Roles {
			reserved := slices.Contains(k.Recusers, role.ID) && u.Role != account.Admin
			if account.Can(u.Role, account.Edit) && !reserved && !slices.Contains(by.Roles, role.ID) {
				by.Roles = append(by.Roles, role.ID)
			}
		}
	}
	return by, nil
}

func (s *server) listCases(ctx context.Context, in *CasesIn) (part[casework.Case], error) {
	if _, err := s.caseRoom(); err != nil {
		return part[casework.Case]{}, err
	}
	got, err := casework.Cases(ctx, s.DB, in.filter(), casework.Page{After: in.Cursor, Limit: in.Limit})
	return part[casework.Case]{items: got.Items, next: got.Next, total: -1}, err
}

// eventsShown is how many events stand in the answer about one case.
const eventsShown = 500

func (s *server) getCase(ctx context.Context, in *ID) (*answer[CaseSheet], error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	c, err := casework.Get(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	return s.caseSheet(ctx, room, c)
}

func (s *server) caseSheet(ctx context.Context, room *casework.Service, c casework.Case) (*answer[CaseSheet], error) {
	out := CaseSheet{Case: c, KindName: i18n.Text{ZH: c.Kind, EN: c.Kind}, StateName: i18n.Text{ZH: c.State, EN: c.State}}
	if k, err := room.Registry().Kind(c.Kind, c.KindVersion); err == nil {
		state, _ := k.State(c.State)
		out.KindName, out.StateName = k.Name, state.Name
	}
	var err error
	if out.Events, err = casework.Events(ctx, s.DB, c.ID, 0, eventsShown); err != nil {
		return nil, err
	}
	if out.Timers, err = casework.Timers(ctx, s.DB, c.ID); err != nil {
		return nil, err
	}
	if out.Recusals, err = casework.Recusals(ctx, s.DB, c.ID); err != nil {
		return nil, err
	}
	switch err := casework.Verify(ctx, s.DB, c.ID); {
	case err == nil:
		out.Intact = true
	case errs.KindOf(err) == errs.Conflict:
		out.Fault = i18n.Error(callOf(ctx).lang, err)
	default:
		return nil, err
	}
	return row(out, c.Version), nil
}

func (s *server) caseEvents(ctx context.Context, in *CaseEventsIn) (part[casework.Event], error) {
	out := part[casework.Event]{total: -1}
	if _, err := s.caseRoom(); err != nil {
		return out, err
	}
	if _, err := casework.Get(ctx, s.DB, in.ID.ID); err != nil {
		return out, err
	}
	after, err := numberCursor(in.Cursor)
	if err != nil {
		return out, err
	}
	list, err := casework.Events(ctx, s.DB, in.ID.ID, after, in.Limit+1)
	out.items, out.next = cutAt(list, in.Limit, func(e *casework.Event) string { return strconv.FormatInt(e.Seq, 10) })
	return out, err
}

func (s *server) caseActions(ctx context.Context, in *ID) (*answer[CaseActions], error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	c, err := casework.Get(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	by, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	list, err := room.Actions(ctx, s.DB, c.ID, by)
	if err != nil {
		return nil, err
	}
	out := CaseActions{State: c.State, Version: c.Version, Roles: append([]string{}, by.Roles...), Actions: []CaseAction{}}
	for _, a := range list {
		x := CaseAction{Action: a.Action, Name: a.Name, To: a.To, Reason: a.Reason, Outcome: string(a.Outcome), DueOn: a.DueOn, Why: []string{}}
		for _, v := range a.Why {
			if v.Key != "" {
				x.Why = append(x.Why, i18n.T(callOf(ctx).lang, v.Key, v.Args))
			}
		}
		out.Actions = append(out.Actions, x)
	}
	return row(out, c.Version), nil
}

func (s *server) doCase(ctx context.Context, in *DoCaseIn) (*answer[CaseSheet], error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	by, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	call := callOf(ctx)
	c, err := room.Do(ctx, by, in.ID.ID, call.match, in.Action, casework.Input{Key: call.r.Header.Get("Idempotency-Key"), Reason: strings.TrimSpace(in.Body.Reason), Body: in.Body.Body})
	if err != nil {
		return nil, err
	}
	return s.caseSheet(ctx, room, c)
}

func (s *server) recuse(ctx context.Context, in *struct {
	ID
	Body RecuseIn
}) (*answer[CaseSheet], error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	by, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.User == "" {
		in.Body.User = by.User
	}
	c, err := room.Recuse(ctx, by, in.ID.ID, in.Body.User, strings.TrimSpace(in.Body.Reason))
	if err != nil {
		return nil, err
	}
	return s.caseSheet(ctx, room, c)
}

func (s *server) listKinds(_ context.Context, in *ListIn) (part[CaseKind], error) {
	room, err := s.caseRoom()
	if err != nil {
		return part[CaseKind]{}, err
	}
	var all []CaseKind
	for _, k := range room.Registry().Kinds() {
		all = append(all, CaseKind{k.ID, k.Version, k.Name, k.Hash(), k.Rows()})
	}
	return cutPage(all, &in.Paging, func(k *CaseKind) string { return k.ID + "@" + strconv.Itoa(k.Version) })
}

const svgType = "image/svg+xml"

// drawing sends a diagram with a style sheet of its own, which the policy of the
// frame would forbid.
func drawing(ctx context.Context, k *casework.Kind, look casework.Look) *download {
	c := callOf(ctx)
	look.Lang, look.Standalone = c.lang, true
	raw := casework.Diagram(k, look)
	c.w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox")
	return &download{kind: svgType, tag: etag(0, raw), size: int64(len(raw)), body: io.NopCloser(strings.NewReader(string(raw)))}
}

func (s *server) kindDiagram(ctx context.Context, in *KindIn) (*download, error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	k, err := room.Registry().Kind(in.Kind, in.Version)
	if err != nil {
		return nil, err
	}
	return drawing(ctx, k, casework.Look{}), nil
}

func (s *server) caseDiagram(ctx context.Context, in *ID) (*download, error) {
	room, err := s.caseRoom()
	if err != nil {
		return nil, err
	}
	c, err := casework.Get(ctx, s.DB, in.ID)
	if err != nil {
		return nil, err
	}
	k, err := room.Registry().Kind(c.Kind, c.KindVersion)
	if err != nil {
		return nil, err
	}
	events, err := casework.Events(ctx, s.DB, c.ID, 0, eventsShown)
	if err != nil {
		return nil, err
	}
	look := casework.Look{Current: c.State}
	for _, e := range events {
		look.Passed = append(look.Passed, e.To)
	}
	return drawing(ctx, k, look), nil
}

func caseTable() table[casework.Case] {
	type v = casework.Case
	return table[v]{name: "cases", source: func(c *v) string { return c.Source }, columns: []column[v]{
		{"id", func(c *v) any { return c.ID }}, {"kind", func(c *v) any { return c.Kind }}, {"kind_version", func(c *v) any { return c.KindVersion }}, {"ref", func(c *v) any { return c.Ref }},
		{"state", func(c *v) any { return c.State }}, {"final", func(c *v) any { return c.Final }}, {"opened_by", func(c *v) any { return c.OpenedBy }}, {"opened_at", func(c *v) any { return instant(c.OpenedAt) }},
		{"entered_at", func(c *v) any { return instant(c.EnteredAt) }}, {"changed_at", func(c *v) any { return instant(c.ChangedAt) }}, {"version", func(c *v) any { return c.Version }}, {"head", func(c *v) any { return c.Head }},
	}}
}

func eventTable() table[casework.Event] {
	type v = casework.Event
	return table[v]{name: "events", columns: []column[v]{
		{"case_id", func(e *v) any { return e.CaseID }}, {"seq", func(e *v) any { return e.Seq }}, {"action", func(e *v) any { return e.Action }}, {"from", func(e *v) any { return e.From }},
		{"to", func(e *v) any { return e.To }}, {"actor", func(e *v) any { return e.Actor }}, {"role", func(e *v) any { return e.Role }}, {"reason", func(e *v) any { return e.Reason }},
		{"at", func(e *v) any { return instant(e.At) }}, {"hash", func(e *v) any { return e.Hash }},
	}}
}
