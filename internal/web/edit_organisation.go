package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

// EditPage is the form of an organisation. Names and identifiers are rows; a
// row left empty is none, and one button asks for more rows.
type EditPage struct {
	Page
	Lead        string
	Faults      []FieldError
	Action      string
	Version     int64
	Names       FieldRows
	Identifiers FieldRows
	Fields      []Field
	Button      string
	Back        Link
}

// FieldRows are questions that are asked several times.
type FieldRows struct {
	Name   string // of the place that an error of all of them points to
	Legend string
	Hint   string
	Error  string
	Rows   []FieldRow
}

// FieldRow is one of them.
type FieldRow struct {
	Legend string
	Fields []Field
}

func (s *Site) addWriting() {
	s.guarded("GET /organisations/new", account.Edit, s.newOrgForm)
	s.guarded("POST /organisations", account.Edit, s.newOrg)
	s.guarded("GET /organisations/{id}/edit", account.Edit, s.editOrgForm)
	s.guarded("POST /organisations/{id}/edit", account.Edit, s.editOrg)
	s.guarded("GET /organisations/{id}/relate", account.Edit, s.relateForm)
	s.guarded("POST /organisations/{id}/relate", account.Edit, s.relate)
	s.guarded("GET /relations/{id}/remove", account.Edit, s.unrelateForm)
	s.guarded("POST /relations/{id}/remove", account.Edit, s.unrelate)
	s.guarded("GET /organisations/{id}/merge", account.MergeRecord, s.mergeForm)
	s.guarded("POST /organisations/{id}/merge", account.MergeRecord, s.merge)
	s.guarded("GET /organisations/{id}/unmerge", account.MergeRecord, s.unmergeForm)
	s.guarded("POST /organisations/{id}/unmerge", account.MergeRecord, s.unmerge)
}

// blankRows is how many empty rows a form starts with, and how many more the
// button adds.
const blankRows = 2

// maxRows bounds what is read of a form.
const maxRows = 60

func (s *Site) newOrgForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o := registry.Org{Status: registry.Active, Names: []registry.Name{{Kind: registry.Official, Lang: "zh"}}, Place: registry.Place{Country: "CN"}}
	return s.Render(w, r, "edit_organisation", v.editPage(r, o, "", blankRows, nil))
}

func (s *Site) editOrgForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o, err := s.editable(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, "edit_organisation", v.editPage(r, o, "", blankRows, nil))
}

// editable is the organisation that an address names, without what merged
// records bring.
func (s *Site) editable(r *http.Request) (registry.Org, error) {
	o, err := s.svc.Registry.Org(r.Context(), r.PathValue("id"))
	if err != nil {
		return o, err
	}
	if o.MergedInto != "" {
		return o, errs.New(errs.Conflict, "registry.merged_already", errs.A{"id": o.ID, "into": o.MergedInto})
	}
	o.Names = slices.DeleteFunc(o.Names, func(n registry.Name) bool { return n.Origin != "" })
	o.Identifiers = slices.DeleteFunc(o.Identifiers, func(i registry.Identifier) bool { return i.Origin != "" })
	return o, nil
}

func (v *reading) editPage(r *http.Request, o registry.Org, reason string, blanks int, faults errs.List) EditPage {
	p := EditPage{Page: v.s.Page(r, v.say("reg.new_org")), Lead: v.say("reg.edit.lead"), Action: "/organisations", Version: o.Version,
		Button: v.say("reg.new_org"), Back: Link{v.say("reg.cancel"), "/organisations"}}
	p.Path = p.Action
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}}
	if o.ID != "" {
		at := "/organisations/" + o.ID
		name := o.Name(v.l)
		p.Title = v.say("reg.edit.title", errs.A{"name": name})
		p.Action, p.Path, p.Button, p.Back = at+"/edit", at+"/edit", v.say("reg.save"), Link{v.say("reg.cancel"), at}
		p.Crumbs = append(p.Crumbs, Link{name, at})
	}
	p.Names = v.nameRows(o.Names, blanks)
	p.Identifiers = v.identifierRows(o.Identifiers, blanks)
	p.Fields = v.orgFields(o, reason)
	p.Faults = v.placeFaults(&p, faults)
	return p
}

// placeFaults puts errors beside names, identifiers and fields.
func (v *reading) placeFaults(p *EditPage, faults errs.List) []FieldError {
	var out []FieldError
	var rest errs.List
	for _, e := range faults {
		if e.Key == "registry.word" && e.Args["value"] == "" { // nothing was chosen: the words of the data say nothing to a reader
			e = errs.New(errs.Invalid, "errs.required", errs.A{"field": e.Args["field"]}).At(e.Field)
		}
		text := i18n.T(v.l, e.Key, e.Args)
		switch fieldName(e.Field) {
		case "names":
			p.Names.Error = strings.TrimSpace(p.Names.Error + "\n" + text)
			out = append(out, FieldError{p.Names.Name, text})
		case "identifiers":
			p.Identifiers.Error = strings.TrimSpace(p.Identifiers.Error + "\n" + text)
			out = append(out, FieldError{p.Identifiers.Name, text})
		default:
			rest = append(rest, e)
		}
	}
	return append(out, faulty(v.l, p.Fields, rest)...)
}

var nameKinds = []registry.NameKind{registry.Official, registry.Label, registry.Alias, registry.Short, registry.Former, registry.Acronym}

func (v *reading) nameRows(names []registry.Name, blanks int) FieldRows {
	out := FieldRows{Name: "names", Legend: v.say("reg.names"), Hint: v.say("reg.edit.names_hint")}
	names = append(slices.Clone(names), make([]registry.Name, blanks)...)
	for i, n := range names[:min(len(names), maxRows)] {
		at := "-" + strconv.Itoa(i)
		kind := Field{Name: "name-kind" + at, Label: v.say("reg.kind"), Kind: "select", Optional: true}
		for _, k := range nameKinds {
			kind.Options = append(kind.Options, Option{Value: string(k), Label: v.word("name_kind", string(k)), Selected: k == n.Kind || n.Kind == "" && k == registry.Alias})
		}
		out.Rows = append(out.Rows, FieldRow{Legend: v.say("reg.edit.name_n", errs.A{"n": i + 1}), Fields: []Field{
			{Name: "name-text" + at, Label: v.say("reg.name"), Kind: "text", Value: n.Text, Optional: true}, kind,
			{Name: "name-lang" + at, Label: v.say("reg.edit.lang"), Kind: "text", Value: n.Lang, Optional: true},
			{Name: "name-from" + at, Label: v.say("reg.edit.from"), Kind: "text", Value: n.From, Optional: true},
			{Name: "name-to" + at, Label: v.say("reg.edit.to"), Kind: "text", Value: n.To, Optional: true}}})
	}
	return out
}

var orgSchemes = []identifier.Scheme{identifier.USCC, identifier.OrgCode, identifier.ROR, identifier.ISNI, identifier.LEI, identifier.GRID, identifier.Wikidata}

func (v *reading) identifierRows(ids []registry.Identifier, blanks int) FieldRows {
	out := FieldRows{Name: "identifiers", Legend: v.say("reg.identifiers"), Hint: v.say("reg.edit.identifiers_hint")}
	ids = append(slices.Clone(ids), make([]registry.Identifier, blanks)...)
	for i, id := range ids[:min(len(ids), maxRows)] {
		at := "-" + strconv.Itoa(i)
		scheme := Field{Name: "id-scheme" + at, Label: v.say("reg.edit.scheme"), Kind: "select", Optional: true}
		for _, sc := range orgSchemes {
			scheme.Options = append(scheme.Options, Option{Value: string(sc), Label: v.word("scheme", string(sc)), Selected: sc == id.Scheme})
		}
		out.Rows = append(out.Rows, FieldRow{Legend: v.say("reg.edit.identifier_n", errs.A{"n": i + 1}), Fields: []Field{
			{Name: "id-value" + at, Label: v.say("reg.identifier"), Kind: "text", Value: id.Value, Optional: true}, scheme}})
	}
	return out
}

func (v *reading) orgFields(o registry.Org, reason string) []Field {
	kind := Field{Name: "kind", Label: v.say("reg.kind"), Kind: "select", Options: []Option{{Value: "", Label: v.say("reg.choose")}}}
	for _, k := range registry.OrgKinds {
		kind.Options = append(kind.Options, Option{Value: string(k), Label: v.word("kind", string(k)), Selected: k == o.Kind})
	}
	status := Field{Name: "status", Label: v.say("reg.status"), Kind: "select"}
	for _, st := range []registry.Status{registry.Active, registry.Inactive, registry.Withdrawn} {
		status.Options = append(status.Options, Option{Value: string(st), Label: v.word("status", string(st)), Selected: st == o.Status})
	}
	return []Field{kind, status,
		{Name: "country", Label: v.say("reg.country"), Kind: "text", Value: o.Place.Country, Hint: v.say("reg.edit.country_hint"), Optional: true},
		{Name: "division", Label: v.say("reg.edit.division"), Kind: "text", Value: o.Place.Division, Hint: v.say("reg.edit.division_hint"), Optional: true},
		{Name: "city", Label: v.say("reg.city"), Kind: "text", Value: o.Place.City, Optional: true},
		{Name: "website", Label: v.say("reg.website"), Kind: "text", Value: o.Website, Hint: "https://", Optional: true},
		{Name: "established", Label: v.say("reg.established"), Kind: "text", Value: o.Established, Hint: v.say("reg.edit.day_hint"), Optional: true},
		{Name: "closed", Label: v.say("reg.closed"), Kind: "text", Value: o.Closed, Hint: v.say("reg.edit.day_hint"), Optional: true},
		v.sourceField(o.SourceID),
		{Name: "evidence", Label: v.say("reg.evidence_note"), Kind: "text", Value: o.Evidence, Hint: v.say("reg.edit.evidence_hint"), Optional: true},
		{Name: "reason", Label: v.say("reg.edit.reason"), Kind: "text", Value: reason, Hint: v.say("reg.reason_hint"), Optional: true}}
}

// sourceField asks where something comes from.
func (v *reading) sourceField(now string) Field {
	f := Field{Name: "source_id", Label: v.say("reg.source"), Kind: "select", Hint: v.say("reg.edit.source_hint"), Options: []Option{{Value: "", Label: v.say("reg.choose")}}}
	for _, x := range ordered(v.sources) {
		f.Options = append(f.Options, Option{Value: x.ID, Label: x.Title.In(v.l), Selected: x.ID == now})
	}
	slices.SortStableFunc(f.Options[1:], func(a, b Option) int { return own(v.sources[b.Value]) - own(v.sources[a.Value]) })
	return f
}

// own puts the operator's own sources first.
func own(x source.Source) int {
	if x.LicenceTag == source.Own {
		return 1
	}
	return 0
}

// orgOf reads the form. The parts that it does not ask for stay as they are.
func orgOf(f url.Values, o registry.Org) registry.Org {
	o.Names, o.Identifiers = nil, nil
	for i := range maxRows {
		at := "-" + strconv.Itoa(i)
		if text := strings.TrimSpace(f.Get("name-text" + at)); text != "" {
			o.Names = append(o.Names, registry.Name{Text: text, Kind: registry.NameKind(f.Get("name-kind" + at)), Lang: trim(f, "name-lang"+at),
				From: trim(f, "name-from"+at), To: trim(f, "name-to"+at)})
		}
		if value := trim(f, "id-value"+at); value != "" {
			o.Identifiers = append(o.Identifiers, registry.Identifier{Scheme: identifier.Scheme(f.Get("id-scheme" + at)), Value: value})
		}
	}
	o.Kind, o.Status = registry.OrgKind(f.Get("kind")), registry.Status(f.Get("status"))
	o.Place.Country, o.Place.Division, o.Place.City = strings.ToUpper(trim(f, "country")), trim(f, "division"), trim(f, "city")
	o.Website, o.Established, o.Closed = trim(f, "website"), trim(f, "established"), trim(f, "closed")
	o.SourceID, o.Evidence = f.Get("source_id"), trim(f, "evidence")
	return o
}

func trim(f url.Values, name string) string { return strings.TrimSpace(f.Get(name)) }

func (s *Site) newOrg(w http.ResponseWriter, r *http.Request) error {
	return s.saveOrg(w, r, registry.Org{}, func(by change.Author, o registry.Org) (registry.Org, error) {
		return s.svc.Registry.CreateOrg(r.Context(), by, o)
	}, "created")
}

func (s *Site) editOrg(w http.ResponseWriter, r *http.Request) error {
	now, err := s.editable(r)
	if err != nil {
		return err
	}
	return s.saveOrg(w, r, now, func(by change.Author, o registry.Org) (registry.Org, error) {
		version, _ := strconv.ParseInt(r.PostForm.Get("version"), 10, 64) // none is no version: refused as stale
		return s.svc.Registry.UpdateOrg(r.Context(), by, o.ID, version, registry.OrgChange{Kind: &o.Kind, Names: &o.Names, Identifiers: &o.Identifiers,
			Status: &o.Status, Established: &o.Established, Closed: &o.Closed, Place: &o.Place, Website: &o.Website, Evidence: &o.Evidence, SourceID: &o.SourceID})
	}, "saved")
}

// saveOrg reads the form, writes, and shows what came of it.
func (s *Site) saveOrg(w http.ResponseWriter, r *http.Request, now registry.Org, write func(change.Author, registry.Org) (registry.Org, error), done string) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	o, reason := orgOf(r.PostForm, now), trim(r.PostForm, "reason")
	seen := o
	seen.Version = number64(r.PostForm.Get("version"))
	if r.PostForm.Has("more") {
		return s.Render(w, r, "edit_organisation", v.editPage(r, seen, reason, 2*blankRows, nil))
	}
	saved, err := write(v.user.Author(reason), o)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/organisations/"+saved.ID+"?done="+done, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "edit_organisation", v.editPage(r, seen, reason, blankRows, listOf(err)))
	case errs.Precondition:
		return s.conflict(w, r, v, now, seen)
	}
	return err
}

// ConflictPage tells that a record has changed under a writer's hands: what
// changed meanwhile, what the writer wanted, and both ways on.
type ConflictPage struct {
	Page
	Lead    string
	Latest  []HistoryEntry
	Mine    []DiffRow // from the record as it is now to what the writer wrote
	Action  string
	Hidden  []Hidden // the form again, with the present version
	Discard Link
}

func (s *Site) conflict(w http.ResponseWriter, r *http.Request, v *reading, now, mine registry.Org) error {
	at := "/organisations/" + now.ID
	p := ConflictPage{Page: s.Page(r, v.say("reg.conflict")), Lead: v.say("reg.conflict.lead", errs.A{"name": now.Name(v.l), "seen": mine.Version, "version": now.Version}),
		Action: at + "/edit", Discard: Link{v.say("reg.conflict.discard"), at + "/edit"}}
	p.Path = at + "/edit"
	p.Crumbs = []Link{{v.say("reg.organisations"), "/organisations"}, {now.Name(v.l), at}}
	log, err := s.svc.Registry.History(v.ctx, registry.KindOrg, now.ID, 0, historySize)
	if err != nil {
		return err
	}
	for i, e := range log {
		if int64(i) < now.Version-mine.Version {
			h := v.entry(e)
			h.Open = true
			p.Latest = append(p.Latest, h)
		}
	}
	a, _ := json.Marshal(now) // both are plain records
	b, _ := json.Marshal(mine)
	p.Mine = diffRows(v.l, a, b)
	for name, values := range r.PostForm {
		for _, value := range values {
			if name != "version" && value != "" {
				p.Hidden = append(p.Hidden, Hidden{name, value})
			}
		}
	}
	slices.SortFunc(p.Hidden, func(a, b Hidden) int { return strings.Compare(a.Name, b.Name) })
	p.Hidden = append(p.Hidden, Hidden{"version", i64(now.Version)})
	return s.RenderStatus(w, r, http.StatusConflict, "conflict", p)
}
