package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
)

// AddTerms adds the termbase: its list, its terms, and their edits by editors.
func (s *Site) AddTerms(v Services) {
	s.svc = v
	if s.opts.User == nil {
		s.opts.User = shownUser
	}
	s.Route("GET /terms", s.terms)
	s.exports("/terms", s.termExport)
	s.Route("GET /terms/cover", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, "/terms#cover", http.StatusSeeOther)
		return nil
	})
	s.Route("POST /terms/cover", s.cover)
	s.guarded("GET /terms/new", account.Edit, s.newTermForm)
	s.guarded("POST /terms", account.Edit, s.newTerm)
	s.Route("GET /terms/{id}", s.term)
	s.guarded("GET /terms/{id}/edit", account.Edit, s.editTermForm)
	s.guarded("POST /terms/{id}/edit", account.Edit, s.editTerm)
	for _, act := range []string{"withdraw", "restore"} {
		s.guarded("GET /terms/{id}/"+act, account.Edit, func(w http.ResponseWriter, r *http.Request) error {
			return s.askTerm(w, r, act, http.StatusOK, nil)
		})
		s.guarded("POST /terms/{id}/"+act, account.Edit, func(w http.ResponseWriter, r *http.Request) error {
			return s.turnTerm(w, r, act)
		})
	}
}

// TermsPage is the termbase as a list, with a box that says how much of a text
// it knows.
type TermsPage struct {
	RegisterPage
	Cover CoverBox
}

// errNoTerms answers where the termbase is not part of the site.
func (s *Site) hasTerms() error {
	if s.svc.Terms == nil {
		return errs.New(errs.Unavailable, "terms.off")
	}
	return nil
}

func termFilter(q url.Values) termbase.Filter {
	return termbase.Filter{Query: q.Get("q"), Area: q.Get("area"), State: termbase.State(q.Get("state")), Origin: termbase.Origin(q.Get("origin")), Sort: termbase.Sort(q.Get("sort"))}
}

// termSort makes the standing order that of the reader's language.
func termSort(l i18n.Lang, s termbase.Sort) termbase.Sort {
	switch {
	case s != "":
		return s
	case l == i18n.EN:
		return termbase.SortEN
	}
	return termbase.SortZH
}

func (s *Site) terms(w http.ResponseWriter, r *http.Request) error {
	p, err := s.termsPage(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, "terms", p)
}

func (s *Site) termsPage(r *http.Request) (TermsPage, error) {
	if err := s.hasTerms(); err != nil {
		return TermsPage{}, err
	}
	x, err := s.newList(r, "terms")
	if err != nil {
		return TermsPage{}, err
	}
	f := termFilter(x.q)
	if err := x.termFields(f); err != nil {
		return TermsPage{}, err
	}
	f.Sort, f.Limit = termSort(x.l, f.Sort), pageSize
	_, f.After = cursorOf(x.q)
	got, err := s.svc.Terms.List(x.ctx, f)
	if err != nil {
		return TermsPage{}, err
	}
	own := termSort(x.l, "")
	x.column("terms.term", false, registry.Sort(own), "ascending", true)
	x.column("terms.forms", false, "", "", false)
	x.column("terms.area", false, "", "", false)
	x.column("terms.origin", false, "", "", false)
	x.column("reg.updated", false, registry.Sort(termbase.SortNewest), "descending", false)
	for i := range got.Items {
		x.row(got.Items[i].SourceID, x.termRow(&got.Items[i]))
	}
	p := TermsPage{RegisterPage: x.finish(got.Total, len(got.Items), got.Next)}
	if x.can(account.Edit) {
		p.Acts = []Link{{x.say("terms.new"), "/terms/new"}}
	}
	p.Cover.Can = s.svc.Cover != nil
	return p, nil
}

// termFields sets the filters with their counts; each field is counted without
// its own part of the filter, so that the choice can be changed.
func (x *list) termFields(f termbase.Filter) error {
	x.text("q", "terms.find")
	for _, c := range []struct {
		name  string
		now   string
		clear func(*termbase.Filter)
	}{
		{"area", f.Area, func(f *termbase.Filter) { f.Area = "" }},
		{"state", string(f.State), func(f *termbase.Filter) { f.State = "" }},
		{"origin", string(f.Origin), func(f *termbase.Filter) { f.Origin = "" }},
	} {
		of := f
		c.clear(&of)
		counts, err := x.s.svc.Terms.Counts(x.ctx, of)
		if err != nil {
			return err
		}
		var list []registry.Facet
		for v, n := range counts[c.name] {
			list = append(list, registry.Facet{Value: v, Count: n})
		}
		slices.SortFunc(list, func(a, b registry.Facet) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		x.choice(c.name, "terms."+c.name, list, func(v string) string { return termWord(x.l, c.name, v) })
	}
	return nil
}

// termWord is the reader's word for an area, a state or an origin.
func termWord(l i18n.Lang, group, value string) string {
	if key := "termbase." + group + "." + value; value != "" && i18n.Has(key) {
		return i18n.T(l, key)
	}
	return value
}

func (x *list) termRow(t *termbase.Term) RegisterRow {
	row := x.named("/terms/"+t.ID, i18n.Text{ZH: t.ZH, EN: t.EN})
	if t.State != termbase.Active {
		row.Mark = termWord(x.l, "state", string(t.State))
	}
	forms := Cell{Text: strings.Join(slices.Concat(t.AlsoZH, t.AlsoEN), x.say("terms.semicolon"))}
	if forms.Text == "" {
		forms.Text = x.say("terms.no_forms") // known to have none, not unknown
	}
	row.Cells = []Cell{forms, {Text: termWord(x.l, "area", t.Area)}, {Text: termWord(x.l, "origin", string(t.Origin))}, {Text: day(t.UpdatedAt.Time)}}
	return row
}

// termExport is the list as a table that the import target "term" takes back.
func (s *Site) termExport(v *reading, q url.Values) (export, error) {
	e := export{name: "terms", head: termbase.Columns}
	if err := s.hasTerms(); err != nil {
		return e, err
	}
	f := termFilter(q)
	f.Sort, f.Limit = termSort(v.l, f.Sort), exportStep
	e.rows = func(yield func(sheet.Row, error) bool) {
		for {
			got, err := s.svc.Terms.List(v.ctx, f)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range got.Items {
				t := &got.Items[i]
				if v.sources[t.SourceID].LicenceTag != source.Red && !yield(termCells(t), nil) {
					return
				}
			}
			if f.After = got.Next; f.After == "" {
				return
			}
		}
	}
	return e, nil
}

func termCells(t *termbase.Term) sheet.Row {
	return sheet.Row{t.ZH, t.EN, strings.Join(t.AlsoZH, gloss.Parting), strings.Join(t.AlsoEN, gloss.Parting), t.Area, t.Note, t.Anchor, string(t.State), string(t.Origin), t.SourceID, t.Version}
}
