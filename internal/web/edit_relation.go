package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// PickPage finds another record, and then asks about it: the other end of a
// relation, the record to merge into.
type PickPage struct {
	Page
	Lead    string
	Faults  []FieldError
	Find    FilterBar // the GET form that finds
	Action  string
	Hidden  []Hidden
	Choices []Choice
	Empty   State
	Fields  []Field // asked together with the choice
	Button  string
	Back    Link
}

// Choice is one record found.
type Choice struct {
	ID       string
	Name     string
	Lang     string
	Note     string
	Href     string // where the choice leads when it needs no form
	Selected bool
}

// found lists the organisations that a query finds, but for one.
func (v *reading) found(query, but, now string) ([]Choice, error) {
	if strings.TrimSpace(query) == "" {
		return nil, nil
	}
	got, err := v.s.svc.Registry.Orgs(v.ctx, registry.OrgFilter{Query: query, Page: registry.Page{Limit: 20}})
	if err != nil {
		return nil, err
	}
	var out []Choice
	for _, o := range got.Items {
		if o.ID == but || v.closed(o.SourceID) {
			continue
		}
		note := v.word("kind", string(o.Kind))
		if where := v.place(o.Place); where != "" {
			note += " · " + where
		}
		if id, ok := bestIdentifier(o.Identifiers); ok {
			note += " · " + id.Value
		}
		out = append(out, Choice{ID: o.ID, Name: o.Name(v.l), Lang: otherLang(v.l, o.Title()), Note: note, Selected: o.ID == now})
	}
	return out, nil
}

// ways are the roles that a relation can have, seen from the record.
func (v *reading) ways(now string) []Option {
	var out []Option
	for _, k := range registry.RelationKinds {
		for _, way := range []string{"out", "in"} {
			if way == "in" && (k == "associated" || k == "related") {
				continue
			}
			value := string(k) + "." + way
			out = append(out, Option{Value: value, Label: v.say("reg.relation." + value), Selected: value == now})
		}
	}
	return out
}

func (s *Site) relateForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.relatePage(r, nil)
	if err != nil {
		return err
	}
	return s.Render(w, r, "pick", p)
}

func (s *Site) relatePage(r *http.Request, faults errs.List) (PickPage, error) {
	v, err := s.read(r)
	if err != nil {
		return PickPage{}, err
	}
	o, err := s.editable(r)
	if err != nil {
		return PickPage{}, err
	}
	at := "/organisations/" + o.ID
	f := r.Form
	if f == nil {
		f = r.URL.Query()
	}
	p := PickPage{Page: s.Page(r, v.say("reg.add_relation")), Lead: v.say("reg.relate.lead", errs.A{"name": o.Name(v.l)}), Action: at + "/relate",
		Button: v.say("reg.add_relation"), Back: Link{v.say("reg.cancel"), at}}
	p.Path = at + "/relate"
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {o.Name(v.l), at}}
	q := f.Get("q")
	p.Find = FilterBar{Action: at + "/relate", Reset: at + "/relate", Fields: []Field{{Name: "q", Label: v.say("reg.relate.other"), Kind: "search", Value: q}}}
	p.Hidden = []Hidden{{"q", q}}
	if p.Choices, err = v.found(q, o.ID, f.Get("other")); err != nil {
		return p, err
	}
	if q != "" && len(p.Choices) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text")}
	}
	p.Fields = []Field{{Name: "role", Label: v.say("reg.relate.role"), Kind: "select", Options: append([]Option{{Value: "", Label: v.say("reg.choose")}}, v.ways(f.Get("role"))...)},
		{Name: "valid_from", Label: v.say("reg.edit.from"), Kind: "text", Value: f.Get("valid_from"), Hint: v.say("reg.edit.day_hint"), Optional: true},
		{Name: "valid_to", Label: v.say("reg.edit.to"), Kind: "text", Value: f.Get("valid_to"), Hint: v.say("reg.edit.day_hint"), Optional: true},
		v.sourceField(f.Get("source_id")),
		{Name: "evidence", Label: v.say("reg.evidence_note"), Kind: "text", Value: f.Get("evidence"), Hint: v.say("reg.edit.evidence_hint"), Optional: true}}
	p.Faults = faulty(v.l, p.Fields, faults)
	return p, nil
}

func (s *Site) relate(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id, l := r.PathValue("id"), PrefsOf(r.Context()).Lang
	kind, way, _ := strings.Cut(r.PostForm.Get("role"), ".")
	rel := registry.Relation{From: id, Kind: registry.RelationKind(kind), To: r.PostForm.Get("other"), ValidFrom: trim(r.PostForm, "valid_from"),
		ValidTo: trim(r.PostForm, "valid_to"), SourceID: r.PostForm.Get("source_id"), Evidence: trim(r.PostForm, "evidence")}
	if way == "in" {
		rel.From, rel.To = rel.To, rel.From
	}
	var faults errs.List
	if r.PostForm.Get("other") == "" {
		faults = append(faults, errs.New(errs.Invalid, "reg.relate.choose").At("other"))
	}
	if !slices.Contains(registry.RelationKinds, rel.Kind) {
		faults = append(faults, errs.New(errs.Invalid, "errs.required", errs.A{"field": i18n.T(l, "reg.relate.role")}).At("role"))
	}
	err := faults.Err()
	if err == nil {
		_, err = s.svc.Registry.SaveRelation(r.Context(), userOf(r.Context()).Author(""), rel)
	}
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/organisations/"+id+"?done=related#relations", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		p, failed := s.relatePage(r, listOf(err))
		if failed != nil {
			return failed
		}
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "pick", p)
	}
	return err
}

// relation finds a relation through one of its ends, which the address names:
// the registry lists relations by record.
func (s *Site) relation(r *http.Request) (registry.Link, string, error) {
	id, of := r.PathValue("id"), r.FormValue("of")
	groups, err := s.svc.Registry.Relations(r.Context(), of)
	if err != nil {
		return registry.Link{}, of, err
	}
	for _, g := range groups {
		for _, l := range g.Links {
			if l.ID == id {
				return l, of, nil
			}
		}
	}
	return registry.Link{}, of, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
}

func (s *Site) unrelateForm(w http.ResponseWriter, r *http.Request) error {
	return s.unrelatePage(w, r, http.StatusOK, nil)
}

func (s *Site) unrelatePage(w http.ResponseWriter, r *http.Request, status int, fault error) error {
	link, of, err := s.relation(r)
	if err != nil {
		return err
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	way := "in"
	if link.From == of {
		way = "out"
	}
	refs, err := s.svc.Registry.Refs(v.ctx, []string{of})
	if err != nil {
		return err
	}
	at := refPath(refs[of].Kind, of)
	p := FormPage{Page: s.Page(r, v.say("reg.unrelate")), Lead: v.say("reg.unrelate.lead"), Action: r.URL.Path,
		Hidden: []Hidden{{"of", of}, {"version", i64(link.Version)}}, Button: v.say("reg.unrelate"), Back: Link{v.say("reg.cancel"), at}}
	p.Answers = []Answer{{Label: v.word("record", refs[of].Kind), Value: refs[of].Name.In(v.l)},
		{Label: v.say("reg.relation." + string(link.Kind) + "." + way), Value: v.ref(link.Other).Text},
		{Label: v.say("reg.source"), Value: v.sources[link.SourceID].Title.In(v.l)}}
	if t := v.span(link.ValidFrom, link.ValidTo); t != "" {
		p.Answers = append(p.Answers, Answer{Label: v.say("reg.time"), Value: t})
	}
	p.Warning = v.say("reg.unrelate.warning")
	p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "form", p)
}

func (s *Site) unrelate(w http.ResponseWriter, r *http.Request) error {
	return s.withReason(w, r, s.unrelatePage, func(by change.Author) (string, error) {
		of := r.PostForm.Get("of")
		err := s.svc.Registry.RemoveRelation(r.Context(), by, r.PathValue("id"), number64(r.PostForm.Get("version")))
		refs, failed := s.svc.Registry.Refs(r.Context(), []string{of})
		if err == nil {
			err = failed
		}
		return refPath(refs[of].Kind, of) + "?done=unrelated#relations", err
	})
}

// reasonField asks why. Acts that change how records hang together need it.
func reasonField(l i18n.Lang, value string) Field {
	return Field{Name: "reason", Label: i18n.T(l, "reg.reason"), Kind: "text", Value: value, Hint: i18n.T(l, "reg.reason_hint")}
}

func reasonOf(r *http.Request) (string, error) {
	reason := trim(r.PostForm, "reason")
	if reason == "" {
		return "", errs.New(errs.Invalid, "reg.reason_missing").At("reason")
	}
	return reason, nil
}

// withReason does an act that needs a reason and goes to the address it
// returns; what the writer can mend is shown on the same page.
func (s *Site) withReason(w http.ResponseWriter, r *http.Request, page func(http.ResponseWriter, *http.Request, int, error) error, act func(change.Author) (string, error)) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	reason, err := reasonOf(r)
	if err != nil {
		return page(w, r, statusOf[errs.Invalid], err)
	}
	to, err := act(userOf(r.Context()).Author(reason))
	switch kind := errs.KindOf(err); kind {
	case "":
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.Precondition:
		return page(w, r, statusOf[kind], err)
	}
	return err
}
