package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SaveSearch is the small form under a list that keeps its filter.
type SaveSearch struct {
	Kind  string
	Query string // of the address, without page and language
	Name  string // offered
}

// SavedPage lists the searches that a reader keeps.
type SavedPage struct {
	Page
	Lead   string
	Faults []FieldError
	Name   Field // of the search that could not be kept, with Kind and Query
	Again  *SaveSearch
	Lines  []SavedLine
	Empty  State
}

// SavedLine is one search.
type SavedLine struct {
	ID     string
	Name   string
	Href   string
	Kind   string
	What   []Chip // what it asks for
	Found  string
	New    string // "3 条新的", "" for none
	Notify bool
	Since  string
}

// saveForm offers to keep the present filter to whoever has signed in.
func (x *stallView) saveForm() *SaveSearch {
	if x.user == nil || len(x.p.Filter.Chips) == 0 {
		return nil
	}
	q := keptQuery(x.q)
	name := x.say("market." + x.b.key())
	for _, c := range x.p.Filter.Chips {
		name += " · " + c.Value
	}
	return &SaveSearch{Kind: x.b.kind(), Query: q.Encode(), Name: shorten(name, 60)}
}

// keptQuery is a filter without what belongs to one visit.
func keptQuery(q url.Values) url.Values {
	out := url.Values{}
	for _, name := range append([]string{"sort"}, narrowing...) {
		if v := q.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

func (s *Site) saveSearch(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	ask := SaveSearch{Kind: r.PostForm.Get("kind"), Query: r.PostForm.Get("query"), Name: trim(r.PostForm, "name")}
	b, err := stallOf(ask.Kind)
	if err != nil {
		return err
	}
	asked, err := url.ParseQuery(ask.Query)
	if err != nil {
		return badForm(err)
	}
	flat := map[string]string{}
	for name := range keptQuery(asked) {
		flat[name] = asked.Get(name)
	}
	query, err := json.Marshal(flat)
	if err != nil {
		return err
	}
	_, err = s.svc.Transfer.SaveSearch(m.ctx, m.viewer, m.user.Author(""), transfer.SavedSearch{Name: ask.Name, Kind: b.kind(), Query: query, Notify: r.PostForm.Get("notify") != ""})
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/saved?done=search_saved", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		return m.savedPage(w, r, statusOf[errs.Invalid], &ask, listOf(err))
	}
	return err
}

func (s *Site) savedList(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	return m.savedPage(w, r, http.StatusOK, nil, nil)
}

func (m *fair) savedPage(w http.ResponseWriter, r *http.Request, status int, again *SaveSearch, faults errs.List) error {
	p := SavedPage{Page: m.s.Page(r, m.say("market.saved")), Lead: m.say("market.saved.lead"), Again: again}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}}
	p.Flash = m.marketDone(r.URL.Query())
	if again != nil {
		fields := []Field{{Name: "name", Label: m.say("market.search_name"), Kind: "text", Value: again.Name}}
		p.Faults = faulty(m.l, fields, faults)
		p.Name = fields[0]
	}
	all, err := m.s.svc.Transfer.SavedSearches(m.ctx, m.viewer)
	if err != nil {
		return err
	}
	for _, q := range all {
		line, err := m.savedLine(q)
		if err != nil {
			return err
		}
		p.Lines = append(p.Lines, line)
	}
	p.Empty = State{Kind: "empty", Heading: m.say("market.saved.none"), Text: m.say("market.saved.none_text"), Action: Link{m.say("market.results"), "/results"}}
	return m.s.RenderStatus(w, r, status, "saved", p)
}

// savedLine counts what a search finds now, and what of it is new since its
// owner last opened it.
func (m *fair) savedLine(q transfer.SavedSearch) (SavedLine, error) {
	b, query, err := savedQuery(q)
	if err != nil {
		return SavedLine{ID: q.ID, Name: q.Name, Kind: m.say("market.saved.unreadable")}, nil // it can still be deleted
	}
	line := SavedLine{ID: q.ID, Name: q.Name, Href: b.path() + "?" + query.Encode(), Kind: m.say("market." + b.key()), Notify: q.Notify, Since: i18n.Day(m.l, day(q.CreatedAt.Time))}
	for _, name := range narrowing {
		if v := query.Get(name); v != "" {
			line.What = append(line.What, Chip{Label: m.say("market.param." + name), Value: m.paramWord(b, name, v)})
		}
	}
	got, err := b.list(m, query, registry.Page{Limit: 1})
	if err != nil {
		return line, err
	}
	line.Found = m.say("market."+b.key()+".count", errs.A{"n": got.Total})
	n, more, err := m.newSince(b, query, q.Seen)
	if n > 0 {
		text := strconv.Itoa(n)
		if more {
			text += "+"
		}
		line.New = m.say("market.saved.new", errs.A{"n": text})
	}
	return line, err
}

// savedQuery is a kept search as the filter of a list.
func savedQuery(q transfer.SavedSearch) (stall, url.Values, error) {
	b, err := stallOf(q.Kind)
	if err != nil {
		return nil, nil, err
	}
	var flat map[string]string
	if err := json.Unmarshal(q.Query, &flat); err != nil {
		return nil, nil, err
	}
	out := url.Values{}
	for name, v := range flat {
		out.Set(name, v)
	}
	return b, keptQuery(out), nil
}

// newScan is how many entries of the log are looked through for what is new.
const newScan = 500

// lately are the newest entries of the log about a kind, read once for a page.
func (m *fair) lately(kind string) ([]change.Entry, error) {
	if got, ok := m.recent[kind]; ok {
		return got, nil
	}
	got, err := change.List(m.ctx, m.s.svc.DB, change.Filter{Kind: kind}, 0, newScan)
	if m.recent == nil {
		m.recent = map[string][]change.Entry{}
	}
	m.recent[kind] = got
	return got, err
}

// newSince counts the records that a search finds and that were recorded or
// changed after a change number; more says that there may be others.
func (m *fair) newSince(b stall, query url.Values, seen int64) (n int, more bool, err error) {
	entries, err := m.lately(b.kind())
	if err != nil {
		return 0, false, err
	}
	fresh := map[string]bool{}
	for _, e := range entries {
		if e.Seq > seen {
			fresh[e.ID] = true
		}
	}
	if len(fresh) == 0 {
		return 0, false, nil
	}
	more = len(entries) == newScan && entries[len(entries)-1].Seq > seen
	newest := url.Values{}
	for k, v := range query {
		newest[k] = v
	}
	newest.Set("sort", string(registry.SortNewest))
	got, err := b.list(m, newest, registry.Page{Limit: newScan})
	for _, of := range got.Items {
		if fresh[commonOf(of).ID] {
			n++
		}
	}
	return n, more, err
}

// paramWord words a value of a filter.
func (m *fair) paramWord(b stall, name, v string) string {
	switch name {
	case "district", "region":
		return m.placeName(v)
	case "owner", "platform":
		return m.orgName(v)
	case "source":
		return m.sourceTitle(v)
	case "industry":
		return m.industry(v)
	case "kind":
		if b.kind() == transfer.KindNeed {
			return m.term("need", v)
		}
		return m.term("offering", v)
	case "status":
		if v == allStatuses {
			return m.say("reg.all")
		}
	case "q", "batch", "author", "ipc", "trl_min", "price_max", "budget_min":
		return v
	}
	return m.term(name, v)
}

// openSaved opens the list that a search finds, and notes that its owner has
// been told of what is in it.
func (s *Site) openSaved(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	all, err := s.svc.Transfer.SavedSearches(m.ctx, m.viewer)
	if err != nil {
		return err
	}
	for _, q := range all {
		if q.ID != r.PathValue("id") {
			continue
		}
		b, query, err := savedQuery(q)
		if err != nil {
			return err
		}
		head, err := change.Head(m.ctx, s.svc.DB)
		if err != nil {
			return err
		}
		if err := s.svc.Transfer.Told(m.ctx, q.ID, head); err != nil {
			return err
		}
		http.Redirect(w, r, b.path()+"?"+query.Encode(), http.StatusSeeOther)
		return nil
	}
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": r.PathValue("id")})
}

func (s *Site) deleteSaved(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	if err := s.svc.Transfer.DeleteSearch(m.ctx, m.viewer, m.user.Author(""), r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/saved?done=search_deleted", http.StatusSeeOther)
	return nil
}
