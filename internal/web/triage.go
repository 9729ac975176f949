package web

import (
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// TriagePage is the desk: the disclosures that wait, and those decided.
type TriagePage struct {
	Page
	Lead   string
	Tabs   []Tab
	Filter FilterBar
	Rows   []TriageRow
	Pager  Pager
	Empty  State
}

// TriageRow is one disclosure.
type TriageRow struct {
	Href      string
	Number    string
	Title     string
	Lang      string
	Side      string
	State     string
	Tone      string
	Age       string
	Old       bool // it has waited over a week
	Submitter string
	Updated   string
}

// TriageCase is one disclosure on the desk.
type TriageCase struct {
	Page
	Number   string
	State    string
	Tone     string
	Facts    []Fact
	Answers  []AnswerGroup
	Alike    []AlikeLine
	Versions []VersionLine
	Contact  []Fact
	Revealed bool
	Reveal   Field
	Faults   []FieldError
	Open     bool // it can still be decided
	At       string
	Version  int64
	Accept   Link
	Back     []Option // reasons to give it back
	Return   Field
	Refuse   []Option
	Decline  Field
	Record   Link
}

// VersionLine is one submission or decision.
type VersionLine struct {
	Event
	Rows []DiffRow // what a submission changed against the one before
}

func (s *Site) addTriage() {
	s.guarded("GET /triage", account.Edit, s.triage)
	s.guarded("GET /triage/{id}", account.Edit, s.triageCase)
	s.guarded("POST /triage/{id}/reveal", account.ReadPrivate, s.reveal)
	s.guarded("GET /triage/{id}/accept", account.Edit, s.acceptForm)
	s.guarded("POST /triage/{id}/accept", account.Edit, s.accept)
	s.guarded("POST /triage/{id}/return", account.Edit, s.giveBack)
	s.guarded("POST /triage/{id}/decline", account.Edit, s.decline)
}

func (s *Site) triage(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	p := TriagePage{Page: s.Page(r, m.say("market.triage")), Lead: m.say("market.triage.lead")}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}}
	p.Flash = m.marketDone(q)
	f := transfer.DisclosureFilter{Side: q.Get("side"), Query: q.Get("q"), Page: registry.Page{Limit: pageSize}}
	before, cursor := cursorOf(q)
	f.After = cursor
	now := q.Get("status")
	if now == "" {
		now = string(transfer.Received)
	}
	if now != allStatuses {
		f.Status = []transfer.DisclosureStatus{transfer.DisclosureStatus(now)}
	}
	if p.Tabs, err = m.triageTabs(p.Page, now); err != nil {
		return err
	}
	got, err := s.svc.Transfer.Disclosures(m.ctx, m.viewer, f)
	if err != nil {
		return err
	}
	for _, d := range got.Items {
		p.Rows = append(p.Rows, m.triageRow(d))
	}
	p.Filter = m.triageFilter(p.Page, q.Get("q"), q.Get("side"), q.Get("status"), got.Total)
	p.Pager = pager(p.Page, before, int64(len(got.Items)), got.Total, got.Next)
	p.Empty = State{Kind: "empty", Heading: m.say("market.triage.none"), Text: m.say("market.triage.none_text"), Action: Link{m.say("market.triage.all"), "/triage?status=" + allStatuses}}
	return s.Render(w, r, "triage", p)
}

func (m *fair) triageTabs(p Page, now string) ([]Tab, error) {
	counts, err := m.s.svc.Transfer.DisclosureCounts(m.ctx, m.viewer)
	if err != nil {
		return nil, err
	}
	n, all := map[string]int64{}, int64(0)
	for _, c := range counts {
		n[c.Value] = c.Count
		all += c.Count
	}
	var out []Tab
	for _, st := range transfer.DisclosureStatuses {
		v := string(st)
		out = append(out, Tab{Label: m.term("disclosure", v), Count: i18n.Integer(n[v]), Href: p.With("status", v, "done", ""), Current: v == now})
	}
	return append(out, Tab{Label: m.say("reg.all"), Count: i18n.Integer(all), Href: p.With("status", allStatuses, "done", ""), Current: now == allStatuses}), nil
}

func (m *fair) triageFilter(p Page, query, side, status string, total int64) FilterBar {
	f := FilterBar{Action: "/triage", Reset: "/triage", Count: m.say("market.triage.count", errs.A{"n": total})}
	sides := Field{Name: "side", Label: m.say("market.side"), Kind: "select", Options: []Option{{Label: m.say("reg.all")}}}
	for _, v := range []string{transfer.KindResult, transfer.KindNeed} {
		sides.Options = append(sides.Options, Option{Value: v, Label: m.recordWord(v), Selected: v == side})
	}
	f.Fields = []Field{{Name: "q", Label: m.say("market.triage.find"), Kind: "search", Value: query}, sides}
	if status != "" {
		f.Keep = []Hidden{{"status", status}}
	}
	if query != "" {
		f.Chips = append(f.Chips, Chip{m.say("market.triage.find"), query, p.With("q", "")})
	}
	if side != "" {
		f.Chips = append(f.Chips, Chip{m.say("market.side"), m.recordWord(side), p.With("side", "")})
	}
	return f
}

// waiting is how many days a disclosure may wait before it is marked.
const waiting = 7

func (m *fair) triageRow(d transfer.Disclosure) TriageRow {
	row := TriageRow{Href: "/triage/" + d.ID, Number: d.Number, Title: d.Title.In(m.l), Lang: otherLang(m.l, d.Title), Side: m.recordWord(d.Side),
		State: m.term("disclosure", string(d.Status)), Tone: disclosureTone[d.Status], Submitter: contactLine(d.Submitter), Updated: cityDay(d.UpdatedAt.Time)}
	n, _ := m.daysTo(cityDay(d.CreatedAt.Time))
	row.Age = m.age(-n)
	row.Old = d.Status == transfer.Received && -n > waiting
	return row
}

func (m *fair) age(days int) string {
	if days <= 0 {
		return m.say("market.age_today")
	}
	return m.say("market.age_days", errs.A{"n": days})
}

func contactLine(who transfer.Submitter) string {
	parts := []string{who.Name}
	for _, s := range []string{who.Email, who.Phone} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}
