package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

// ListingFormPage is the form of a result, a need or a service.
type ListingFormPage struct {
	Page
	Lead     string
	Faults   []FieldError
	Differ   []DifferLine // what somebody else has saved meanwhile, beside what is written here
	DifferBy string
	Alike    []AlikeLine // records and drafts whose titles nearly equal this one
	Sure     bool        // the reader has been shown what is alike
	Checked  bool        // and asked for it
	Ask      string      // address that lists what is alike while a title is typed
	Action   string
	Hidden   []Hidden
	Chapters []FormChapter
	Button   string
	Back     Link
	Drafts   bool // the form can be kept as a draft
}

// DifferLine is one question on which two writers differ.
type DifferLine struct {
	Label, Theirs, Mine string
	Taken               string // whose answer stands in the form now
	Both                bool   // both have changed it
	Href                string
}

// AlikeLine is a record that may be the same one.
type AlikeLine struct {
	Title string
	Href  string
	Lang  string
	Note  string
}

// listingForm is one request for the form.
type listingForm struct {
	*fair
	r      *http.Request
	b      stall
	base   listed // the record that is changed, a blank one for a new one
	values url.Values
	ask    []chapter
	fresh  bool   // the record is not there yet
	desk   string // id of the disclosure that becomes a record, "" for none
	blanks int
	faults errs.List
	p      ListingFormPage
}

func (m *fair) newForm(r *http.Request, b stall, base listed, values url.Values) *listingForm {
	f := &listingForm{fair: m, r: r, b: b, base: base, values: values, fresh: commonOf(base).Version == 0, blanks: 1}
	return f
}

// questions are what the form asks; they depend on where the record comes from
// and on what a button has looked up.
func (f *listingForm) questions() error {
	f.ask = append(f.b.ask(f.fair), chapter{"form-open", f.say("market.form.open"), f.openQuestions(f.fresh, f.desk == "")})
	for i := range f.ask {
		for j := 0; j < len(f.ask[i].questions); j++ {
			q := &f.ask[i].questions[j]
			field := map[string]string{"find_owner": "owner_id", "find_platform": "platform_id"}[q.find]
			if field == "" {
				continue
			}
			found, err := f.finding(f.values, field, q.name, f.values.Has(q.find))
			if err != nil {
				return err
			}
			if found != nil {
				f.ask[i].questions = slices.Insert(f.ask[i].questions, j+1, *found)
			}
		}
	}
	return nil
}

func (s *Site) newListing(w http.ResponseWriter, r *http.Request, b stall) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	base := b.blank()
	f := m.newForm(r, b, base, m.valuesOf(b, base))
	f.values.Set("level", string(level.Internal))
	f.values.Set("status", string(transfer.Listed))
	if err := f.fromDraft(r.URL.Query().Get("draft")); err != nil {
		return err
	}
	return f.show(w, http.StatusOK)
}

func (s *Site) editListing(w http.ResponseWriter, r *http.Request, b stall) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	base, err := b.load(m, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := m.newForm(r, b, base, m.valuesOf(b, base))
	f.values.Set("version", i64(commonOf(base).Version))
	if err := f.fromDraft(r.URL.Query().Get("draft")); err != nil {
		return err
	}
	return f.show(w, http.StatusOK)
}

// show renders the form with what stands in it.
func (f *listingForm) show(w http.ResponseWriter, status int) error {
	if err := f.questions(); err != nil {
		return err
	}
	c := commonOf(f.base)
	key := "market." + f.b.key()
	p := &f.p
	title, path, at := f.say(key+".new"), f.b.path(), f.b.path()
	p.Crumbs = []Link{{f.say("market.title"), "/market"}, {f.say(key), f.b.path()}}
	p.Button, p.Back, p.Drafts = f.say(key+".new"), Link{f.say("reg.cancel"), f.b.path()}, f.desk == ""
	switch {
	case f.desk != "":
		title, path, at = f.say("market.accept_as."+f.b.kind()), "/triage/"+f.desk+"/accept", "/triage/"+f.desk+"/accept"
		p.Button, p.Back = f.say("market.accept"), Link{f.say("reg.cancel"), "/triage/" + f.desk}
		p.Crumbs = []Link{{f.say("market.triage"), "/triage"}}
	case !f.fresh:
		title, path, at = f.say("reg.edit.title", errs.A{"name": c.Title.In(f.l)}), f.b.path()+"/"+c.ID+"/edit", f.b.path()+"/"+c.ID+"/edit"
		p.Button, p.Back = f.say("reg.save"), Link{f.say("reg.cancel"), f.b.path() + "/" + c.ID}
		p.Crumbs = append(p.Crumbs, Link{c.Title.In(f.l), f.b.path() + "/" + c.ID})
	}
	p.Page = f.pageWith(title, path, p.Crumbs)
	p.Action, p.Lead = at, f.say("market.form.lead")
	p.Ask = f.b.path() + "/alike?" + url.Values{"id": {c.ID}}.Encode()
	p.Chapters = shown(f.ask, f.values, f.blanks, f.say)
	p.Faults = placed(f.l, f.ask, p.Chapters, f.faults)
	for _, name := range []string{"version", "draft", "draft_version"} {
		if v := f.values.Get(name); v != "" {
			p.Hidden = append(p.Hidden, Hidden{name, v})
		}
	}
	if p.Sure {
		p.Hidden = append(p.Hidden, Hidden{"sure", "yes"})
	}
	return f.s.RenderStatus(w, f.r, status, "market_form", *p)
}

// pageWith is the base of the page, under the address of the form even where it
// answers a POST.
func (f *listingForm) pageWith(title, path string, crumbs []Link) Page {
	p := f.s.Page(f.r, title)
	p.Path, p.Crumbs = path, crumbs
	if f.r.Method != http.MethodGet {
		p.query = url.Values{}
	}
	p.Flash = f.marketDone(f.r.URL.Query())
	return p
}

// saveListing reads the form and does what the pressed button says.
func (s *Site) saveListing(w http.ResponseWriter, r *http.Request, b stall) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	base := b.blank()
	if id := r.PathValue("id"); id != "" {
		if base, err = b.load(m, id); err != nil {
			return err
		}
	}
	f := m.newForm(r, b, base, r.PostForm)
	switch {
	case f.values.Has("draft_save"):
		return f.keepDraft(w)
	case f.values.Has("check"):
		f.p.Checked = true
		if err := f.alike(); err != nil {
			return err
		}
		return f.show(w, http.StatusOK)
	case f.values.Has("more"), f.values.Has("find_owner"), f.values.Has("find_platform"):
		if f.values.Has("more") {
			f.blanks = 3
		}
		return f.show(w, http.StatusOK)
	}
	return f.save(w)
}

// record reads the form into a record, on top of what the form does not ask.
func (f *listingForm) record() (listed, *answers, error) {
	if err := f.questions(); err != nil {
		return nil, nil, err
	}
	a := &answers{values: f.values, ask: f.ask}
	of := f.b.answer(a, f.base)
	commonOf(of).Readers = f.readers(a)
	return of, a, nil
}

// save writes the record. A new one that looks like another is shown beside it
// first.
func (f *listingForm) save(w http.ResponseWriter) error {
	of, a, err := f.record()
	if err != nil {
		return err
	}
	if f.faults = a.faults; len(f.faults) > 0 {
		return f.show(w, http.StatusUnprocessableEntity)
	}
	if f.fresh && !f.values.Has("sure") {
		if err := f.alike(); err != nil {
			return err
		}
		if len(f.p.Alike) > 0 {
			f.p.Sure = true
			return f.show(w, http.StatusOK)
		}
	}
	c := commonOf(of)
	c.Version = number64(f.values.Get("version"))
	saved, err := f.b.save(f.fair, f.author(), of)
	switch errs.KindOf(err) {
	case "":
		if id := f.values.Get("draft"); id != "" {
			_ = f.s.svc.Transfer.DiscardDraft(f.ctx, f.viewer, id) // it stays in the list otherwise
		}
		done := "saved"
		if f.fresh {
			done = "created"
		}
		http.Redirect(w, f.r, f.b.path()+"/"+commonOf(saved).ID+"?done="+done, http.StatusSeeOther)
		return nil
	case errs.Precondition:
		return f.differ(w)
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		f.faults = f.faultsOf(err)
		return f.show(w, http.StatusUnprocessableEntity)
	}
	return err
}

// author signs what the reader writes, with the reason that the form gives.
func (f *listingForm) author() change.Author { return f.user.Author(trim(f.values, "reason")) }

// faultsOf is what went wrong, as a list. Who saved meanwhile is named, since an
// id says nothing to a reader.
func (m *fair) faultsOf(err error) errs.List {
	list := listOf(err)
	for i, e := range list {
		who, ok := e.Args["who"].(string)
		if e.Key != "transfer.stale" || !ok {
			continue
		}
		named := *e
		named.Args = maps.Clone(e.Args)
		named.Args["who"] = m.actor(who)
		list[i] = &named
	}
	return list
}

// alike looks for records and drafts whose titles nearly equal the one written,
// among those that the reader may see.
func (f *listingForm) alike() error {
	found, err := f.duplicates(f.b, i18n.Text{ZH: trim(f.values, "title_zh"), EN: trim(f.values, "title_en")}, commonOf(f.base).ID, f.values.Get("draft"))
	f.p.Alike = found
	return err
}

// alikeHint answers the script that asks while a title is typed: the list
// alone, without the page around it.
func (s *Site) alikeHint(w http.ResponseWriter, r *http.Request, b stall) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	found, err := m.duplicates(b, i18n.Text{ZH: trim(q, "title_zh"), EN: trim(q, "title_en")}, q.Get("id"), q.Get("draft"))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := s.pages[m.l]["market_form"].ExecuteTemplate(&out, "alike_hint", found); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = out.WriteTo(w) // the reader may have gone
	return nil
}

func (m *fair) duplicates(b stall, title i18n.Text, except ...string) ([]AlikeLine, error) {
	found, err := m.s.svc.Transfer.Duplicates(m.ctx, m.viewer, b.kind(), title, except...)
	if err != nil {
		return nil, err
	}
	var out []AlikeLine
	for _, d := range found {
		line := AlikeLine{Title: d.Title.In(m.l), Lang: otherLang(m.l, d.Title), Href: b.path() + "/" + d.ID, Note: m.say("market.alike_share", errs.A{"share": int(d.Share*100 + 0.5)})}
		if d.Draft {
			line.Href, line.Note = b.path()+"/new?draft="+d.ID, m.say("market.alike_draft")+" · "+line.Note
		}
		out = append(out, line)
	}
	return out, nil
}

// differ lays what somebody else has saved beside what is written here. What
// only one of the two has changed is taken from that one; where both have, what
// is written here stays in the form. Nothing is saved until the writer has seen
// it.
func (f *listingForm) differ(w http.ResponseWriter) error {
	now, err := f.b.load(f.fair, commonOf(f.base).ID)
	if err != nil {
		return err
	}
	f.base = now
	theirs, before := f.valuesOf(f.b, now), f.valuesAt(commonOf(now).ID, number64(f.values.Get("version")))
	for i := range f.ask {
		for j := range f.ask[i].questions {
			f.differIn(&f.ask[i].questions[j], theirs, before)
		}
	}
	for _, name := range []string{"owner_id", "platform_id"} { // asked only where there is something to choose from
		if !asks(f.ask, name) {
			f.differIn(f.chosen(name, theirs, before), theirs, before)
		}
	}
	c := commonOf(now)
	f.p.DifferBy = f.say("market.differ_by", errs.A{"who": f.actor(c.UpdatedBy), "at": i18n.Instant(c.UpdatedAt.Time), "version": c.Version})
	f.values.Set("version", i64(c.Version))
	return f.show(w, http.StatusConflict)
}

// differIn compares one question of the form with what is stored now, and with
// what stood there before both, nil when that is not known.
func (f *listingForm) differIn(q *question, theirs, before url.Values) {
	comma := f.say("market.comma")
	mine, other := q.text(f.values, comma), q.text(theirs, comma)
	if mine == other || q.name == "reason" {
		return
	}
	d := DifferLine{Label: q.label, Theirs: other, Mine: mine, Taken: "mine", Href: "#f-" + q.name}
	if before != nil {
		was := q.text(before, comma)
		d.Both = was != mine && was != other
		if was == mine {
			d.Taken = "theirs"
			q.taken(f.values, theirs)
		}
	}
	f.p.Differ = append(f.p.Differ, d)
}

// chosen is the question for an organisation or a platform of the register,
// with the names of those that stand in any of the forms.
func (f *listingForm) chosen(name string, forms ...url.Values) *question {
	q := &question{name: name, label: f.say("market.choose." + name), kind: "radio"}
	for _, v := range append(forms, f.values) {
		if id := v.Get(name); id != "" {
			q.options = append(q.options, Option{Value: id, Label: f.orgName(id)})
		}
	}
	return q
}

func asks(chapters []chapter, name string) bool {
	for _, c := range chapters {
		if slices.ContainsFunc(c.questions, func(q question) bool { return q.name == name }) {
			return true
		}
	}
	return false
}

// valuesAt is what stood in the form when the record had a version, nil when
// the log does not go back to it.
func (f *listingForm) valuesAt(id string, version int64) url.Values {
	log, err := f.s.svc.Registry.History(f.ctx, f.b.kind(), id, 0, 100)
	if err != nil {
		return nil
	}
	for _, e := range log {
		of := f.b.blank()
		if json.Unmarshal(e.After, of) == nil && commonOf(of).Version == version {
			return f.valuesOf(f.b, of)
		}
	}
	return nil
}
