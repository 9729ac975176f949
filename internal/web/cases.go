package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// AddCases adds the pages of cases, for the staff: what waits for the reader,
// the list, one case with its history and diagram, and its actions by editors.
// What an editor may do in a case is the business of its kind.
func (s *Site) AddCases(v Services) {
	s.svc = v
	s.guarded("GET /cases", account.ReadPrivate, s.caseList)
	s.guarded("POST /cases/notices", account.ReadPrivate, s.caseNoticesRead)
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.guarded("GET /cases."+string(f), account.ReadPrivate, func(w http.ResponseWriter, r *http.Request) error { return s.caseFile(w, r, f) })
	}
	s.guarded("GET /cases/{id}", account.ReadPrivate, s.casePage)
	s.guarded("GET /cases/{id}/actions/{action}", account.Edit, s.askCase)
	s.guarded("POST /cases/{id}/actions/{action}", account.Edit, s.doCase)
}

func casePath(id string) string { return "/cases/" + url.PathEscape(id) }

// CasesPage is the desk of a member of the staff, and below it all cases.
type CasesPage struct {
	Page
	Tasks   []TaskRow
	More    string // how it is said that there are more tasks
	Roles   string
	Notices []CaseNotice
	Filter  FilterBar
	Ageing  []AgeRow
	Rows    []CaseRow
	Pager   Pager
	Empty   State
	Note    string // what is left out, and why
}

// CaseRow is one case in a list.
type CaseRow struct {
	Href, Kind, ID string
	Ref            Link
	State          string
	Final          bool
	Since          string
	Days           string // how long it has stood there
	DueOn          string
	Late           bool
}

// TaskRow is one case that waits for the reader, and for what.
type TaskRow struct {
	CaseRow
	Actions []string
}

// AgeRow is one state with how long its cases have stood there.
type AgeRow struct {
	Kind, State, Href string
	Total             string
	Within            [4]string
	Overdue           string
	Late              bool
}

// CaseNotice is one unread notice about a case.
type CaseNotice struct{ ID, Href, Text, Day string }

// caseReading is one request for a page of cases.
type caseReading struct {
	*reading
	q     url.Values
	cases *casework.Service
	actor casework.Actor
	today string
	now   time.Time
}

func (s *Site) caseReading(r *http.Request) (*caseReading, error) {
	if s.svc.Cases == nil {
		return nil, errs.New(errs.Unavailable, "cases.off")
	}
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	now := s.svc.DB.Now()
	x := &caseReading{reading: v, q: r.URL.Query(), cases: s.svc.Cases, today: cityDay(now), now: now, actor: casework.Actor{User: v.user.ID}}
	x.actor.Roles, err = x.roles()
	return x, err
}

// roles are those that the reader holds in cases. See Services.CaseRoles.
func (v *caseReading) roles() ([]string, error) {
	if of := v.s.svc.CaseRoles; of != nil {
		return of(v.ctx, *v.user)
	}
	var out []string
	for _, k := range v.cases.Registry().Kinds() {
		for _, role := range k.Roles {
			if !v.can(account.Edit) || slices.Contains(out, role.ID) || slices.Contains(k.Recusers, role.ID) && v.user.Role != account.Admin {
				continue
			}
			out = append(out, role.ID)
		}
	}
	return out, nil
}

// kind is the version of the rules that a case has, nil where the program does
// not know it any more.
func (v *caseReading) kind(c *casework.Case) *casework.Kind {
	k, err := v.cases.Registry().Kind(c.Kind, c.KindVersion)
	if err != nil {
		return nil
	}
	return k
}

func (v *caseReading) kindName(id string) string {
	if k, err := v.cases.Registry().Kind(id, 0); err == nil {
		return k.Name.In(v.l)
	}
	return id
}

// caseFilter reads what a list asks for. A case is old by the day on which it
// was opened.
func (v *caseReading) caseFilter() (casework.Filter, error) {
	f := casework.Filter{Kind: v.q.Get("kind"), Ref: v.q.Get("ref")}
	if st := v.q.Get("state"); st != "" {
		f.States = []string{st}
	}
	switch v.q.Get("open") {
	case "":
		f.Open = yes(true)
	case "closed":
		f.Open = yes(false)
	}
	if v.q.Get("overdue") == "1" {
		f.DueBefore = v.today
	}
	if age := v.q.Get("age"); age != "" {
		days, err := strconv.Atoi(age)
		if err != nil || days < 0 || days > 36500 {
			return f, errs.New(errs.Invalid, "cases.bad_age").At("/age")
		}
		f.To = cityDay(v.now.AddDate(0, 0, -days))
	}
	return f, nil
}

func yes(b bool) *bool { return &b }

func (s *Site) caseList(w http.ResponseWriter, r *http.Request) error {
	v, err := s.caseReading(r)
	if err != nil {
		return err
	}
	p := CasesPage{Page: s.Page(r, v.say("cases.title"))}
	f, err := v.caseFilter()
	if err != nil {
		return err
	}
	before, after := cursorOf(v.q)
	got, err := casework.Cases(v.ctx, s.svc.DB, f, casework.Page{After: after, Limit: pageSize})
	if err != nil {
		return err
	}
	for i := range got.Items {
		if v.closed(got.Items[i].Source) {
			v.left++
			continue
		}
		row, err := v.caseRow(&got.Items[i])
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	total, err := p.fields(v, f)
	if err != nil {
		return err
	}
	if v.left > 0 {
		p.Note = v.say("reg.left_out", errs.A{"n": v.left})
	}
	p.Pager = pager(p.Page, before, int64(len(got.Items)), total, got.Next)
	if after == "" && len(p.Filter.Chips) == 0 {
		if err := p.desk(v); err != nil {
			return err
		}
	}
	p.Empty = State{Kind: "empty", Heading: v.say("cases.none"), Text: v.say("cases.none_text")}
	if len(p.Filter.Chips) > 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text"), Action: Link{v.say("reg.no_match_act"), "/cases"}}
	}
	return s.Render(w, r, "cases", p)
}

// fields sets the filters and returns how many cases they select.
func (p *CasesPage) fields(v *caseReading, f casework.Filter) (int64, error) {
	counts, err := casework.Count(v.ctx, v.s.svc.DB, f)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, c := range counts {
		total += c.Cases
	}
	p.Filter = FilterBar{Action: "/cases", Reset: "/cases", Count: v.say("cases.count", errs.A{"n": total})}
	if f.Ref != "" {
		p.Filter.Keep = []Hidden{{"ref", f.Ref}}
	}
	kinds, states := []Option{{Label: v.say("reg.all")}}, []Option{{Label: v.say("reg.all")}}
	for _, k := range v.cases.Registry().Kinds() {
		if !slices.ContainsFunc(kinds, func(o Option) bool { return o.Value == k.ID }) {
			kinds = append(kinds, Option{Value: k.ID, Label: v.kindName(k.ID), Selected: k.ID == f.Kind})
		}
		for _, st := range k.States {
			if (f.Kind == "" || f.Kind == k.ID) && !slices.ContainsFunc(states, func(o Option) bool { return o.Value == st.ID }) {
				states = append(states, Option{Value: st.ID, Label: st.Name.In(v.l), Selected: st.ID == v.q.Get("state")})
			}
		}
	}
	open, late, age := []Option{}, []Option{}, []Option{{Label: v.say("reg.all")}}
	for _, o := range []string{"", "closed", "all"} {
		open = append(open, Option{Value: o, Label: v.say("cases.open." + o + "_only"), Selected: o == v.q.Get("open")})
	}
	for _, o := range []string{"", "1"} {
		late = append(late, Option{Value: o, Label: v.say("cases.overdue." + o + "_only"), Selected: o == v.q.Get("overdue")})
	}
	for _, o := range []string{"7", "30", "90"} {
		age = append(age, Option{Value: o, Label: v.say("cases.older", errs.A{"n": o}), Selected: o == v.q.Get("age")})
	}
	p.Filter.Fields = []Field{{Name: "kind", Label: v.say("cases.kind"), Kind: "select", Options: kinds}, {Name: "state", Label: v.say("cases.state"), Kind: "select", Options: states},
		{Name: "open", Label: v.say("cases.open"), Kind: "select", Options: open}, {Name: "age", Label: v.say("cases.age"), Kind: "select", Options: age}, {Name: "overdue", Label: v.say("cases.overdue"), Kind: "select", Options: late}}
	for _, field := range p.Filter.Fields {
		for _, o := range field.Options {
			if o.Selected && o.Value != "" {
				p.Filter.Chips = append(p.Filter.Chips, Chip{field.Label, o.Label, p.With(field.Name, "")})
			}
		}
	}
	if f.Ref != "" {
		p.Filter.Chips = append(p.Filter.Chips, Chip{v.say("cases.ref"), v.recordLink(f.Ref).Text, p.With("ref", "")})
	}
	if total > 0 {
		p.Filter.Exports = []Link{{"CSV", exportPath("/cases", "csv", p.With())}, {"XLSX", exportPath("/cases", "xlsx", p.With())}}
	}
	return total, nil
}

// tasksShown is how many tasks and notices stand above the list.
const tasksShown = 10

// desk sets what waits for the reader, and how old the cases are.
func (p *CasesPage) desk(v *caseReading) error {
	tasks, err := v.cases.Tasks(v.ctx, v.s.svc.DB, v.actor, casework.Page{Limit: tasksShown})
	if err != nil {
		return err
	}
	for i := range tasks.Items {
		t := &tasks.Items[i]
		if v.closed(t.Source) {
			continue
		}
		row := TaskRow{CaseRow: v.bareRow(&t.Case)}
		row.DueOn, row.Late = t.DueOn, t.DueOn != "" && t.DueOn < v.today
		if k := v.kind(&t.Case); k != nil {
			for _, a := range t.Actions {
				row.Actions = append(row.Actions, k.ActionName(t.State, a).In(v.l))
			}
		}
		p.Tasks = append(p.Tasks, row)
	}
	if tasks.Next != "" {
		p.More = v.say("cases.more_tasks", errs.A{"n": tasksShown})
	}
	notices, err := casework.Notices(v.ctx, v.s.svc.DB, v.actor, true, casework.Page{Limit: tasksShown})
	if err != nil {
		return err
	}
	for _, n := range notices.Items {
		p.Notices = append(p.Notices, CaseNotice{n.ID, casePath(n.CaseID), n.Text(v.l), cityDay(n.At.Time)})
	}
	ages, err := v.cases.Ageing(v.ctx, v.s.svc.DB, "")
	if err != nil {
		return err
	}
	for _, a := range ages {
		row := AgeRow{Kind: v.kindName(a.Kind), State: a.State, Href: "/cases?" + url.Values{"kind": {a.Kind}, "state": {a.State}}.Encode(), Total: i18n.Integer(a.Cases), Overdue: i18n.Integer(a.Overdue), Late: a.Overdue > 0}
		if k, err := v.cases.Registry().Kind(a.Kind, 0); err == nil {
			if st, ok := k.State(a.State); ok {
				row.State = st.Name.In(v.l)
			}
		}
		for i, n := range a.Within {
			row.Within[i] = i18n.Integer(n)
		}
		p.Ageing = append(p.Ageing, row)
	}
	return nil
}

func (v *caseReading) bareRow(c *casework.Case) CaseRow {
	row := CaseRow{Href: casePath(c.ID), Kind: v.kindName(c.Kind), ID: c.ID, Ref: v.recordLink(c.Ref), State: c.State, Final: c.Final, Since: cityDay(c.EnteredAt.Time)}
	row.Days = i18n.Integer(int64(v.now.Sub(c.EnteredAt.Time) / (24 * time.Hour)))
	if k := v.kind(c); k != nil {
		if st, ok := k.State(c.State); ok {
			row.State = st.Name.In(v.l)
		}
	}
	return row
}

func (v *caseReading) caseRow(c *casework.Case) (CaseRow, error) {
	row := v.bareRow(c)
	timers, err := casework.Timers(v.ctx, v.s.svc.DB, c.ID)
	for _, t := range timers {
		if t.Status == "open" && row.DueOn == "" {
			row.DueOn, row.Late = t.DueOn, t.DueOn < v.today
		}
	}
	return row, err
}

func (s *Site) caseNoticesRead(w http.ResponseWriter, r *http.Request) error {
	v, err := s.caseReading(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := v.cases.MarkRead(v.ctx, v.actor, r.PostForm["id"]...); err != nil {
		return err
	}
	http.Redirect(w, r, "/cases", http.StatusSeeOther)
	return nil
}

func (s *Site) caseFile(w http.ResponseWriter, r *http.Request, format sheet.Format) error {
	v, err := s.caseReading(r)
	if err != nil {
		return err
	}
	f, err := v.caseFilter()
	if err != nil {
		return err
	}
	return writeExport(w, format, export{name: "cases", head: []string{"id", "kind", "kind_version", "ref", "state", "final", "opened_by", "opened_at", "entered_at", "changed_at", "version", "source", "head"},
		rows: func(yield func(sheet.Row, error) bool) {
			for after := ""; ; {
				got, err := casework.Cases(v.ctx, s.svc.DB, f, casework.Page{After: after, Limit: exportStep})
				if err != nil {
					yield(nil, err)
					return
				}
				for i := range got.Items {
					c := &got.Items[i]
					if v.sources[c.Source].LicenceTag != source.Red && !yield(sheet.Row{c.ID, c.Kind, c.KindVersion, c.Ref, c.State, c.Final, c.OpenedBy, i18n.Instant(c.OpenedAt.Time), i18n.Instant(c.EnteredAt.Time), i18n.Instant(c.ChangedAt.Time), c.Version, c.Source, c.Head}, nil) {
						return
					}
				}
				if after = got.Next; after == "" {
					return
				}
			}
		}})
}
