package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/quantity"
)

// CapitalFormPage is the form of a record of any register.
type CapitalFormPage struct {
	Page
	Lead     string
	Faults   []FieldError
	Differ   []DifferLine // what somebody else has saved meanwhile
	DifferBy string
	Action   string
	Hidden   []Hidden
	Chapters []FormChapter
	Rows     bool // some question is asked row by row
	Button   string
	Back     Link
}

// capitalForm is one request for the form.
type capitalForm struct {
	*capitalReading
	r      *http.Request
	h      shelf
	base   capitalItem // the record that is changed, a blank one for a new one
	values url.Values
	blanks int
	faults errs.List
	p      CapitalFormPage
}

func (s *Site) capitalForm(r *http.Request, h shelf) (*capitalForm, error) {
	v, err := s.capitalReading(r)
	if err != nil {
		return nil, err
	}
	f := &capitalForm{capitalReading: v, r: r, h: h, base: h.blank(), blanks: 2}
	if id := r.PathValue("id"); id != "" {
		f.base, err = h.one(v, id)
	}
	return f, err
}

func (s *Site) newCapital(w http.ResponseWriter, r *http.Request, h shelf) error {
	f, err := s.capitalForm(r, h)
	if err != nil {
		return err
	}
	f.values = url.Values{"level": {string(level.Internal)}, "key": {db.NewID(h.kind())}}
	if id := f.q.Get("org"); id != "" {
		if o, err := f.orgOf(id); err == nil && !f.closed(o.SourceID) {
			f.values.Set("company_id", o.ID)
			f.values.Set("company", o.Name(f.l))
		}
	}
	return f.show(w, http.StatusOK)
}

func (s *Site) editCapital(w http.ResponseWriter, r *http.Request, h shelf) error {
	f, err := s.capitalForm(r, h)
	if err != nil {
		return err
	}
	f.values = f.valuesOf(h, f.base)
	f.values.Set("version", i64(f.base.common.Version))
	return f.show(w, http.StatusOK)
}

// chapters are the questions of a form: whose money, which, and from where.
func (v *capitalReading) chapters(h shelf, x capitalItem) []chapter {
	levels := []Option{}
	for _, l := range level.Levels {
		o := Option{Value: string(l), Label: v.say("market.level." + string(l)), Hint: v.say("market.level_means." + string(l))}
		if l == level.Confidential {
			o.Hint = v.say("capital.hint.confidential")
		}
		levels = append(levels, o)
	}
	company := []question{v.partyQuestion("company")}
	if h.kind() != capital.KindListing { // its day is that of its last step
		company = append(company, question{name: "on", label: v.say("capital.day." + h.kind()), kind: "text", optional: true, hint: v.say("capital.hint.day")})
	}
	return []chapter{{"form-company", v.say("capital.form.company"), company}, {"form-own", v.say("capital.kind." + h.kind()), h.ask(v, x)},
		{"form-open", v.say("capital.form.open"), []question{
			{name: "level", label: v.say("capital.level"), kind: "radio", options: levels},
			{name: "source_id", label: v.say("reg.source"), kind: "select", hint: v.say("reg.edit.source_hint"), options: v.sourceField("").Options},
			{name: "evidence", label: v.say("reg.evidence_note"), kind: "text", optional: true, hint: v.say("capital.hint.evidence")},
			{name: "note", label: v.say("capital.note_of"), kind: "area", size: 2, optional: true},
			{name: "reason", label: v.say("reg.edit.reason"), kind: "text", optional: true, hint: v.say("reg.reason_hint")}}}}
}

// valuesOf is a record as what stands in its form.
func (v *capitalReading) valuesOf(h shelf, x capitalItem) url.Values {
	out := url.Values{}
	f, c := formValues(out), x.common
	f.party("company", &c.Company)
	f.set("on", c.On)
	f.set("level", string(c.Level))
	f.set("source_id", c.SourceID)
	f.set("evidence", c.Evidence)
	f.set("note", c.Note)
	f.set("key", c.Key)
	h.fill(f, x)
	return out
}

// party writes a party: its name as the source has it, and the organisation.
func (v formValues) party(name string, p *capital.Party) {
	v.set(name, p.Name)
	v.set(name+"_id", p.OrgID)
}

// questions are the chapters with what buttons have looked up.
func (f *capitalForm) questions() ([]chapter, error) {
	out := f.chapters(f.h, f.base)
	for i := range out {
		for j := 0; j < len(out[i].questions); j++ {
			q := &out[i].questions[j]
			if q.find == "" {
				continue
			}
			found, err := f.choose(q.name, f.values.Has(q.find))
			if err != nil {
				return nil, err
			}
			if found != nil {
				out[i].questions = slices.Insert(out[i].questions, j+1, *found)
			}
		}
	}
	return out, nil
}

// choose is the choice among organisations of the registry that have a name, and
// of the one that is chosen already.
func (f *capitalForm) choose(name string, pressed bool) (*question, error) {
	now := f.values.Get(name + "_id")
	q := question{name: name + "_id", label: f.say("market.choose.owner_id"), kind: "radio", optional: true}
	if now != "" {
		label := now
		if o, err := f.orgOf(now); err == nil && !f.closed(o.SourceID) {
			label = o.Name(f.l)
		}
		q.options = append(q.options, Option{Value: now, Label: label})
	}
	if pressed {
		found, err := f.found(f.values.Get(name), "", now)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if c.ID != now {
				q.options = append(q.options, Option{Value: c.ID, Label: c.Name, Hint: c.Note})
			}
		}
		if len(found) == 0 {
			q.hint = f.say("capital.found_none")
		}
	}
	if len(q.options) == 0 && !pressed {
		return nil, nil
	}
	q.options = append(q.options, Option{Label: f.say("market.choose_none")})
	return &q, nil
}

// show renders the form with what stands in it.
func (f *capitalForm) show(w http.ResponseWriter, status int) error {
	ask, err := f.questions()
	if err != nil {
		return err
	}
	key, at := "capital."+f.h.key(), f.h.path()
	title, action, p := f.say(key+".new"), at, &f.p
	p.Button, p.Back = f.say(key+".new"), Link{f.say("reg.cancel"), at}
	crumbs := []Link{{f.say("capital.title"), "/capital"}, {f.say(key), at}}
	path := at + "/new"
	if f.base.common.Version > 0 {
		at += "/" + url.PathEscape(f.base.common.ID)
		name := f.party(&f.base.common.Company).Text + " · " + f.h.title(f.capitalReading, f.base)
		title, action, path = f.say("reg.edit.title", errs.A{"name": name}), at+"/edit", at+"/edit"
		p.Button, p.Back = f.say("reg.save"), Link{f.say("reg.cancel"), at}
		crumbs = append(crumbs, Link{name, at})
	}
	p.Page = f.s.Page(f.r, title)
	p.Path, p.Crumbs, p.Action, p.Lead = path, crumbs, action, f.say("capital.form.lead")
	if f.r.Method != http.MethodGet {
		p.query = url.Values{}
	}
	p.Chapters = shown(ask, f.values, f.blanks, f.say)
	for _, c := range ask {
		p.Rows = p.Rows || slices.ContainsFunc(c.questions, func(q question) bool { return q.kind == "rows" })
	}
	p.Faults = placed(f.l, ask, p.Chapters, f.faults)
	for _, name := range []string{"version", "key"} {
		if value := f.values.Get(name); value != "" {
			p.Hidden = append(p.Hidden, Hidden{name, value})
		}
	}
	return f.s.RenderStatus(w, f.r, status, "capital_form", *p)
}

// saveCapital reads the form and does what the pressed button says. A new record
// carries its key from the form, so that a form that is sent twice makes one.
func (s *Site) saveCapital(w http.ResponseWriter, r *http.Request, h shelf) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f, err := s.capitalForm(r, h)
	if err != nil {
		return err
	}
	f.values = r.PostForm
	ask, err := f.questions()
	if err != nil {
		return err
	}
	if f.values.Has("more") || slices.ContainsFunc(ask, func(c chapter) bool {
		return slices.ContainsFunc(c.questions, func(q question) bool { return q.find != "" && f.values.Has(q.find) })
	}) {
		if f.values.Has("more") {
			f.blanks = 5
		}
		return f.show(w, http.StatusOK)
	}
	a := &capitalAnswers{answers: answers{values: f.values, ask: ask}}
	x := h.answer(a, f.base)
	a.common(x.common, f.base.common.Version == 0)
	x.common.Version = number64(f.values.Get("version"))
	if f.base.common.Version == 0 {
		x.common.Version = 0
	} else if x.common.Version == 0 {
		x.common.Version = -1 // no version is none that a record has
	}
	if f.faults = a.faults; len(f.faults) > 0 {
		return f.show(w, http.StatusUnprocessableEntity)
	}
	saved, err := h.save(f.capitalReading, f.user.Author(trim(f.values, "reason")), x)
	switch errs.KindOf(err) {
	case "":
		done := "saved"
		if x.common.Version == 0 {
			done = "created"
		}
		http.Redirect(w, r, h.path()+"/"+url.PathEscape(saved.common.ID)+"?done="+done, http.StatusSeeOther)
		return nil
	case errs.Precondition:
		return f.differ(w)
	case errs.Conflict:
		if x.common.Version == 0 && f.values.Get("key") != "" {
			if there, err := h.one(f.capitalReading, db.DerivedID(h.kind(), f.values.Get("key"))); err == nil && there.common.CreatedBy == f.user.ID {
				http.Redirect(w, r, h.path()+"/"+url.PathEscape(there.common.ID)+"?done=created", http.StatusSeeOther)
				return nil
			}
		}
		fallthrough
	case errs.Invalid, errs.TooLarge:
		f.faults = listOf(err)
		return f.show(w, statusOf[errs.Invalid])
	}
	return err
}

// differ shows what somebody else has saved meanwhile beside what is written
// here; nothing is saved until the writer has seen it.
func (f *capitalForm) differ(w http.ResponseWriter) error {
	theirs, comma := f.valuesOf(f.h, f.base), f.say("market.comma")
	for _, c := range f.chapters(f.h, f.base) {
		for i := range c.questions {
			q := &c.questions[i]
			a, b := q.text(f.values, comma), q.text(theirs, comma)
			if a != b && q.name != "reason" {
				f.p.Differ = append(f.p.Differ, DifferLine{Label: q.label, Theirs: b, Mine: a, Taken: "mine", Href: "#f-" + q.name})
			}
		}
	}
	c := f.base.common
	f.p.DifferBy = f.say("market.differ_by", errs.A{"who": f.actor(c.UpdatedBy), "at": i18n.Instant(c.UpdatedAt.Time), "version": c.Version})
	f.values.Set("version", i64(c.Version))
	return f.show(w, http.StatusConflict)
}

// capitalAnswers reads a form into a record.
type capitalAnswers struct{ answers }

func (a *capitalAnswers) common(c *capital.Common, fresh bool) {
	c.Company = a.party("company", c.Company)
	if _, asked := a.values["on"]; asked {
		c.On = a.text("on")
	}
	c.Level, c.SourceID, c.Evidence, c.Note = level.Level(a.text("level")), a.text("source_id"), a.text("evidence"), a.text("note")
	if c.Level == "" {
		a.fault("level", "errs.required", errs.A{"field": a.label("level")})
	}
	if fresh {
		c.Key = a.text("key")
	}
}

// party is who a form names. Its key at the source stays while the name does.
func (a *capitalAnswers) party(name string, was capital.Party) capital.Party {
	out := capital.Party{Name: a.text(name), OrgID: a.text(name + "_id")}
	if out.Name == was.Name {
		out.Key = was.Key
	}
	return out
}

// amount reads an amount as people write it: 3000万元, 超过1.5亿元, 约2000万美元. What
// is written as it was stays as it was, digit for digit.
func (a *capitalAnswers) amount(name string, was *capital.Amount) *capital.Amount {
	text := a.text(name)
	if text == amountText(was) {
		return was
	}
	out, ok := readAmount(text)
	if !ok {
		a.fault(name, "capital.unreadable", errs.A{"field": a.label(name), "value": shorten(text, 40)})
	}
	return out
}

func readAmount(text string) (*capital.Amount, bool) {
	if text == "" {
		return nil, true
	}
	found := quantity.Find(text)
	if len(found) != 1 || strings.TrimSpace(text[:found[0].Start]) != "" || found[0].Kind != quantity.Measure && found[0].Kind != quantity.Bare {
		return nil, false
	}
	q := found[0].Quantity
	rest := strings.TrimSpace(text[found[0].End:])
	switch {
	case rest == "" && q.Unit == "":
		q.Unit = quantity.CNY
	case rest == "":
	case q.Unit == "" && len(rest) == 3:
		q.Unit = quantity.Unit(strings.ToUpper(rest))
	default:
		return nil, false
	}
	return &capital.Amount{Quantity: q}, true
}

func (a *capitalAnswers) valuation(name string, was *capital.Valuation) *capital.Valuation {
	var out capital.Valuation
	if was != nil {
		out = *was
	}
	x := a.amount(name, amountOf(was))
	if x == nil {
		return nil
	}
	out.Amount, out.Basis = *x, capital.Basis(a.text("basis"))
	return &out
}

func amountOf(x *capital.Valuation) *capital.Amount {
	if x == nil {
		return nil
	}
	return &x.Amount
}

// investors reads the rows of investors. A key at the source stays with its
// name.
func (a *capitalAnswers) investors(was []capital.Investor) []capital.Investor {
	keys, amounts := map[string]string{}, map[string]*capital.Amount{}
	for i := range was {
		keys[was[i].Name], amounts[was[i].Name] = was[i].Key, was[i].Amount
	}
	var out []capital.Investor
	for n := range mostRows {
		at := "investors-" + strconv.Itoa(n) + "-"
		x := capital.Investor{Party: capital.Party{Name: a.text(at + "name"), OrgID: a.text(at + "org")}, Lead: a.text(at+"lead") != ""}
		if x.Name == "" && x.OrgID == "" && a.text(at+"amount") == "" {
			continue
		}
		x.Key = keys[x.Name]
		part, ok := readAmount(a.text(at + "amount"))
		if old := amounts[x.Name]; old != nil && amountText(old) == a.text(at+"amount") {
			part, ok = old, true
		}
		if !ok {
			a.fault("investors", "capital.unreadable", errs.A{"field": a.label("investors"), "value": shorten(a.text(at+"amount"), 40)})
		}
		x.Amount = part
		out = append(out, x)
	}
	return out
}

// The questions that registers share.

func (v *capitalReading) plain(name, key string) question {
	return question{name: name, label: v.say(key), kind: "text", optional: true}
}

func (v *capitalReading) amountQuestion(name, key string) question {
	return question{name: name, label: v.say(key), kind: "text", optional: true, hint: v.say("capital.hint.amount")}
}

// partyQuestion asks who: the name as written, which a button looks up.
func (v *capitalReading) partyQuestion(name string) question {
	q := question{name: name, label: v.say("capital." + name), kind: "text", hint: v.say("capital.hint.party"), find: "find_" + name, faults: []string{name + "_id"}}
	if name == "company" {
		q.faults = append(q.faults, "org_id", "name")
	}
	return q
}

// wordOptions are the fixed words of a column, after one that says that a choice
// is needed, or that it is not known.
func (v *capitalReading) wordOptions(group string, values []string, needed bool) []Option {
	out := []Option{{Label: v.say("web.unknown")}}
	if needed {
		out[0].Label = v.say("reg.choose")
	}
	for _, x := range values {
		out = append(out, Option{Value: x, Label: v.capitalWord(group, x)})
	}
	return out
}
