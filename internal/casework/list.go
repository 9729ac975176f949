package casework

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

const (
	defaultLimit = 50
	maxLimit     = 500
)

// Page asks for one page: After is the Next of the page before, "" for the
// first; Limit is 50 when 0, and 500 at most.
type Page struct {
	After string
	Limit int
}

// List is one page and the cursor of the next, "" when it is the last.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// where collects the conditions of a query, written with ? for each value. They
// come from this package, never from a reader.
type where struct {
	parts []string
	args  []any
}

// arg returns the placeholder of a value.
func (w *where) arg(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) add(condition string, args ...any) {
	var b strings.Builder
	for _, a := range args {
		before, after, _ := strings.Cut(condition, "?")
		b.WriteString(before + w.arg(a))
		condition = after
	}
	w.parts = append(w.parts, b.String()+condition)
}

// in writes "column IN (?,?)" with a mark for each value, or nothing for none.
func (w *where) in(column string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	return column + " IN (" + strings.TrimSuffix(strings.Repeat("?,", len(values)), ",") + ")"
}

func (w *where) text() string {
	if len(w.parts) == 0 {
		return "TRUE"
	}
	return strings.Join(w.parts, " AND ")
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// page runs a query by keyset: in the order of an instant and an id.
func page[T any](ctx context.Context, q db.Querier, scan func(db.Scan) (T, error), query string, w where, at, id string, newest bool, p Page, key func(T) (db.Time, string)) (List[T], error) {
	compare, order := ">", ""
	if newest {
		compare, order = "<", " DESC"
	}
	if p.After != "" {
		t, last, err := readCursor(p.After)
		if err != nil {
			return List[T]{}, err
		}
		w.add("("+at+", "+id+") "+compare+" (?, ?)", t, last)
	}
	limit := p.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	rows, err := db.Collect(ctx, q, scan, query+" WHERE "+w.text()+" ORDER BY "+at+order+", "+id+order+" LIMIT "+w.arg(limit+1), w.args...)
	if err != nil {
		return List[T]{}, err
	}
	out := List[T]{Items: rows}
	if len(rows) > limit {
		out.Items = rows[:limit]
		out.Next = cursor(key(rows[limit-1]))
	}
	return out, nil
}

func cursor(at db.Time, id string) string {
	v, _ := at.Value() // Time.Value has no error
	text, _ := v.(string)
	return base64.RawURLEncoding.EncodeToString([]byte(text + " " + id))
}

func readCursor(s string) (db.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	text, id, ok := strings.Cut(string(raw), " ")
	var at db.Time
	if err == nil {
		err = at.Scan(text)
	}
	if err != nil || !ok {
		return at, "", errs.Wrap(err, errs.Invalid, "casework.cursor").At("after")
	}
	return at, id, nil
}

// Filter selects cases. Empty fields select nothing away.
type Filter struct {
	IDs       []string
	Kind      string
	States    []string
	Ref       string
	Source    string
	Batch     string
	OpenedBy  string
	Open      *bool  // true: not in a final state
	DueBefore string // a day: some clock of it runs out before that day
	From, To  string // opened on a day from From up to and with To, in the city
}

func (f Filter) where() (where, error) {
	var w where
	for _, e := range []struct{ column, value string }{
		{"c.kind", f.Kind}, {"c.ref", f.Ref}, {"c.source_id", f.Source}, {"c.batch_id", f.Batch}, {"c.opened_by", f.OpenedBy},
	} {
		if e.value != "" {
			w.add(e.column+" = ?", e.value)
		}
	}
	if len(f.States)+len(f.IDs) > maxLimit {
		return w, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": maxLimit})
	}
	if len(f.States) > 0 {
		w.add(w.in("c.state", f.States), anys(f.States)...)
	}
	if len(f.IDs) > 0 {
		w.add(w.in("c.id", f.IDs), anys(f.IDs)...)
	}
	if f.Open != nil {
		w.add("c.final = ?", !*f.Open)
	}
	if f.DueBefore != "" {
		if _, err := parseDay(f.DueBefore); err != nil {
			return w, err
		}
		w.add("EXISTS (SELECT 1 FROM casework_timer t WHERE t.case_id = c.id AND t.status = 'open' AND t.due_on < ?)", f.DueBefore)
	}
	return w, w.opened(f)
}

func (w *where) opened(f Filter) error {
	if f.From != "" {
		at, err := startOf(f.From)
		if err != nil {
			return err
		}
		w.add("c.opened_at >= ?", db.At(at))
	}
	if f.To != "" {
		at, err := startOf(f.To)
		if err != nil {
			return err
		}
		w.add("c.opened_at < ?", db.At(at.AddDate(0, 0, 1)))
	}
	return nil
}

// startOf is the instant at which a day begins in the city.
func startOf(day string) (time.Time, error) {
	if _, err := parseDay(day); err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation(time.DateOnly, day, cityTime)
}

// Cases lists cases, the newest first.
func Cases(ctx context.Context, q db.Querier, f Filter, p Page) (List[Case], error) {
	w, err := f.where()
	if err != nil {
		return List[Case]{}, err
	}
	return page(ctx, q, scanCase, "SELECT "+caseColumns+" FROM casework_case c", w, "c.opened_at", "c.id", true, p,
		func(c Case) (db.Time, string) { return c.OpenedAt, c.ID })
}

// Count says how many cases a filter selects in each state of each kind.
func Count(ctx context.Context, q db.Querier, f Filter) ([]StateCount, error) {
	w, err := f.where()
	if err != nil {
		return nil, err
	}
	return db.Collect(ctx, q, func(s db.Scan) (StateCount, error) {
		var n StateCount
		err := s(&n.Kind, &n.State, &n.Cases)
		return n, err
	}, "SELECT c.kind, c.state, COUNT(*) FROM casework_case c WHERE "+w.text()+" GROUP BY c.kind, c.state ORDER BY c.kind, c.state", w.args...)
}

// StateCount is how many cases stand in a state.
type StateCount struct {
	Kind  string `json:"kind"`
	State string `json:"state"`
	Cases int64  `json:"cases"`
}

// Task is an open case in which a user has something to do.
type Task struct {
	Case
	Actions []string `json:"actions"` // his, as the table has them; guards are not asked
	DueOn   string   `json:"due_on"`  // the first day on which a clock of the case runs out, "" without one
}

// Tasks lists the open cases that wait for an actor by one of his roles, those
// that wait longest first. Cases from which he is recused are left out, and
// those in which four eyes leave him nothing to do.
func (s *Service) Tasks(ctx context.Context, q db.Querier, by Actor, p Page) (List[Task], error) {
	w, any := s.taskWhere(by)
	if !any {
		return List[Task]{}, nil
	}
	w.add("NOT EXISTS (SELECT 1 FROM casework_recusal r WHERE r.case_id = c.id AND r.user_id = ?)", by.User)
	out, err := page(ctx, q, scanTask, "SELECT "+caseColumns+", COALESCE((SELECT MIN(t.due_on) FROM casework_timer t WHERE t.case_id = c.id AND t.status = 'open'), '')"+
		" FROM casework_case c", w, "c.entered_at", "c.id", false, p, func(t Task) (db.Time, string) { return t.EnteredAt, t.ID })
	if err != nil {
		return out, err
	}
	for i := range out.Items {
		if err := s.fillActions(ctx, q, &out.Items[i], by); err != nil {
			return out, err
		}
	}
	return out, nil
}

func scanTask(s db.Scan) (Task, error) {
	var t Task
	c, err := scanCase(func(dest ...any) error { return s(append(dest, &t.DueOn)...) })
	t.Case = c
	return t, err
}

// taskWhere selects the states in which a role of the actor has something to do.
func (s *Service) taskWhere(by Actor) (where, bool) {
	var w where
	var parts []string
	for _, k := range s.reg.Kinds() {
		for _, st := range k.States {
			mine := actionsOf(k, st.ID, by)
			if len(mine) == 0 {
				continue
			}
			part := "(c.kind = " + w.arg(k.ID) + " AND c.kind_version = " + w.arg(k.Version) + " AND c.state = " + w.arg(st.ID)
			parts = append(parts, part+w.foreign(mine, by)+")")
		}
	}
	if len(parts) == 0 {
		return w, false
	}
	w.parts = append(w.parts, "("+strings.Join(parts, " OR ")+")")
	return w, true
}

// foreign holds that four eyes leave the actor at least one of some actions.
func (w *where) foreign(mine []*Transition, by Actor) string {
	var any []string
	for _, t := range mine {
		if len(t.NotBy) == 0 {
			return ""
		}
		user := w.arg(by.User)
		marks := make([]string, len(t.NotBy))
		for i, a := range t.NotBy {
			marks[i] = w.arg(a)
		}
		any = append(any, "NOT EXISTS (SELECT 1 FROM casework_event e WHERE e.case_id = c.id AND (e.actor = "+user+" OR e.behalf = "+user+
			") AND e.action IN ("+strings.Join(marks, ",")+"))")
	}
	return " AND (" + strings.Join(any, " OR ") + ")"
}

func actionsOf(k *Kind, state string, by Actor) []*Transition {
	return slices.DeleteFunc(k.From(state), func(t *Transition) bool { return roleOf(t, by) == "" || roleOf(t, by) == Clock })
}

func (s *Service) fillActions(ctx context.Context, q db.Querier, t *Task, by Actor) error {
	k, err := s.reg.Kind(t.Kind, t.KindVersion)
	if err != nil {
		return err
	}
	for _, tr := range actionsOf(k, t.State, by) {
		did, err := actedIn(ctx, q, t.ID, by.User, tr.NotBy)
		if err != nil {
			return err
		}
		if did == "" {
			t.Actions = append(t.Actions, tr.Action)
		}
	}
	return nil
}

// Age says how long the open cases of one state have stood in it.
type Age struct {
	Kind    string   `json:"kind"`
	State   string   `json:"state"`
	Cases   int64    `json:"cases"`
	Within  [4]int64 `json:"within"`  // up to 7, 30 and 90 days, and longer
	Overdue int64    `json:"overdue"` // some clock of the case has run out
	Oldest  db.Time  `json:"oldest"`  // since when the first of them stands there
}

// Ageing says of each state how long its open cases have stood there, in days of
// 24 hours. kind "" asks for all kinds.
func (s *Service) Ageing(ctx context.Context, q db.Querier, kind string) ([]Age, error) {
	now := s.d.Now()
	ago := func(days int) db.Time { return db.At(now.AddDate(0, 0, -days)) }
	return db.Collect(ctx, q, func(s db.Scan) (Age, error) {
		var a Age
		err := s(&a.Kind, &a.State, &a.Cases, &a.Within[0], &a.Within[1], &a.Within[2], &a.Within[3], &a.Overdue, &a.Oldest)
		return a, err
	}, `SELECT c.kind, c.state, COUNT(*),
		COUNT(*) FILTER (WHERE c.entered_at >= $1),
		COUNT(*) FILTER (WHERE c.entered_at < $1 AND c.entered_at >= $2),
		COUNT(*) FILTER (WHERE c.entered_at < $2 AND c.entered_at >= $3),
		COUNT(*) FILTER (WHERE c.entered_at < $3),
		COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM casework_timer t WHERE t.case_id = c.id AND t.status <> 'cancelled' AND t.state = c.state AND t.due_at <= $4 AND t.due_at > c.entered_at)),
		MIN(c.entered_at)
		FROM casework_case c WHERE c.final = FALSE AND ($5 = '' OR c.kind = $5) GROUP BY c.kind, c.state ORDER BY c.kind, c.state`,
		ago(7), ago(30), ago(90), db.At(now), kind)
}
