package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SubmitPage leads to the two forms, and says what becomes of a disclosure.
type SubmitPage struct {
	Page
	Lead  string
	Sides []SubmitSide
	Steps []string
	Terms []string // limits and what is done with personal data
}

// SubmitSide is one of the two forms.
type SubmitSide struct{ Title, Text, Href string }

// DisclosurePage is the public form, and the page on which its answers are
// checked before they are sent.
type DisclosurePage struct {
	Page
	Lead     string
	Steps    []Step
	Faults   []FieldError
	Action   string
	Chapters []FormChapter
	Answers  []AnswerGroup // to check; the form is not shown
	Alike    []AlikeLine   // listed records with nearly the same title
	Hidden   []Hidden      // what was written, on the page of answers
	Trap     string        // what stands in the field that people do not see
	Notes    []string
	Returned string // why the office gave it back
}

// AnswerGroup is a chapter of answers.
type AnswerGroup struct {
	ID, Title string
	Answers   []Answer
}

// submission is one request for the public form.
type submission struct {
	*fair
	r       *http.Request
	b       stall
	values  url.Values
	ask     []chapter
	faults  errs.List
	blanks  int
	token   string               // of a disclosure that was returned
	of      *transfer.Disclosure // that disclosure
	base    listed
	checked bool
}

// trap is a field that is not seen: what fills it in is no person.
const trap = "homepage"

func (s *Site) addDisclosures() {
	s.Route("GET /submit", s.submitStart)
	s.Route("GET /submit/{side}", s.submitForm)
	s.Route("POST /submit/{side}", s.submit)
	s.Route("GET /submitted/{token}", s.submitted)
	s.Route("GET /submitted/{token}/edit", s.resubmitForm)
	s.Route("POST /submitted/{token}/edit", s.resubmit)
}

func (s *Site) submitStart(w http.ResponseWriter, r *http.Request) error {
	m, err := s.fair(r)
	if err != nil {
		return err
	}
	p := SubmitPage{Page: s.Page(r, m.say("market.submit")), Lead: m.say("market.submit.lead")}
	p.Crumbs = []Link{{m.say("market.title"), "/market"}}
	for _, side := range []string{transfer.KindResult, transfer.KindNeed} {
		p.Sides = append(p.Sides, SubmitSide{m.say("market.submit." + side), m.say("market.submit." + side + ".text"), "/submit/" + side})
	}
	for _, step := range []string{"write", "check", "link", "triage", "listed"} {
		p.Steps = append(p.Steps, m.say("market.submit.step."+step))
	}
	p.Terms = m.submitTerms()
	return s.Render(w, r, "disclosure_start", p)
}

// submitTerms are the limits of the form and what is done with what is given.
func (m *fair) submitTerms() []string {
	return []string{m.say("market.submit.limit_text", errs.A{"limit": i18n.Integer(transfer.MaxText)}), m.say("market.submit.limit_rate"), m.say("market.submit.personal"), m.say("market.submit.secret")}
}

// submission begins a request for the form of one side.
func (s *Site) submission(r *http.Request, side string) (*submission, error) {
	m, err := s.fair(r)
	if err != nil {
		return nil, err
	}
	if side != transfer.KindResult && side != transfer.KindNeed {
		return nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	b, err := stallOf(side)
	if err != nil {
		return nil, err
	}
	x := &submission{fair: m, r: r, b: b, values: url.Values{}, blanks: 2, base: b.blank()}
	x.ask = x.questions()
	return x, nil
}

// questions are what a stranger is asked: plain words, no codes.
func (x *submission) questions() []chapter {
	title := x.titleQuestions()
	title[0].hint, title[2].hint = x.say("market.submit.hint.title"), x.say("market.submit.hint.summary."+x.b.kind())
	title[2].label = x.say("market.submit.summary." + x.b.kind())
	var out []chapter
	if x.b.kind() == transfer.KindResult {
		title[2].optional = false
		rights := x.rightsQuestion()
		rights.hint = x.say("market.submit.hint.rights")
		out = []chapter{
			{"form-what", x.say("market.submit.what.result"), append(title[:3], question{name: "type", label: x.say("market.type_is"), kind: "select", options: options(x.fair, "type", transfer.ResultTypes, "reg.choose")},
				question{name: "stage", label: x.say("market.stage_is"), kind: "select", optional: true, options: options(x.fair, "stage", transfer.Stages, "market.do_not_know")})},
			{"form-owner", x.say("market.submit.who.result"), x.placeQuestions("market.owner")},
			{"form-rights", x.say("market.submit.rights"), []question{rights, x.formsQuestion("market.form_is")}},
			{"form-terms", x.say("market.submit.price"), x.priceQuestions()},
		}
	} else {
		conditions := x.conditionQuestions()
		out = []chapter{
			{"form-what", x.say("market.submit.what.need"), append(title[:1], question{name: "kind", label: x.say("market.kind_is"), kind: "select", options: options(x.fair, "need", transfer.NeedKinds, "reg.choose")},
				question{name: "text", label: x.say("market.need_text"), kind: "area", size: 10, hint: x.say("market.hint.need_text")})},
			{"form-owner", x.say("market.submit.who.need"), x.placeQuestions("market.need_owner")},
			{"form-conditions", x.say("market.submit.conditions"), []question{conditions[0], conditions[1], conditions[4], conditions[9]}},
			{"form-challenge", x.say("market.form.challenge"), []question{
				{name: "prize", label: x.say("market.prize_wan"), kind: "text", optional: true, hint: x.say("market.hint.prize")},
				{name: "deadline", label: x.say("market.deadline"), kind: "date", optional: true}}},
		}
	}
	return append(out, chapter{"form-open", x.say("market.submit.open"), x.wishQuestions()}, chapter{"form-you", x.say("market.submit.you"), x.submitterQuestions()})
}

// placeQuestions ask for the unit by its name; the office finds it in the
// register.
func (x *submission) placeQuestions(key string) []question {
	return []question{{name: "owner_text", label: x.say(key), kind: "text", optional: true, hint: x.say("market.submit.hint.owner")}, x.districtQuestion(),
		{name: "keywords", label: x.say("market.keywords"), kind: "text", optional: true, hint: x.say("market.hint.several")}}
}

// wishQuestions ask how far it may be shown. Confidential records are the
// office's to make.
func (x *submission) wishQuestions() []question {
	levels := options(x.fair, "level", []level.Level{level.Public, level.Partner, level.Internal}, "")
	for i := range levels {
		levels[i].Hint = x.say("market.level_means." + levels[i].Value)
	}
	return []question{{name: "level", label: x.say("market.submit.level"), kind: "radio", options: levels, hint: x.say("market.submit.hint.level")}}
}

func (x *submission) submitterQuestions() []question {
	hint := x.say("market.submit.hint.contact")
	if x.of != nil {
		hint = x.say("market.submit.hint.contact_again")
	}
	return []question{{name: "submitter_name", label: x.say("market.submitter_name"), kind: "text"},
		{name: "email", label: x.say("market.email"), kind: "email", optional: true, hint: hint},
		{name: "phone", label: x.say("market.phone"), kind: "tel", optional: true}}
}

func (s *Site) submitForm(w http.ResponseWriter, r *http.Request) error {
	x, err := s.submission(r, r.PathValue("side"))
	if err != nil {
		return err
	}
	x.values.Set("level", string(level.Public))
	if err := x.about(r.URL.Query().Get("about")); err != nil {
		return err
	}
	return x.show(w, http.StatusOK)
}

// about begins the text with the record that the reader wants to answer, if he
// may see it.
func (x *submission) about(id string) error {
	if id == "" {
		return nil
	}
	other := stall(needStall{})
	name := "summary_zh"
	if x.b.kind() == transfer.KindNeed {
		other, name = resultStall{}, "text"
	}
	of, err := other.load(x.fair, id)
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	x.values.Set(name, x.say("market.submit.about."+other.kind(), errs.A{"title": commonOf(of).Title.In(x.l)})+"\n")
	return nil
}

func (s *Site) submit(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	x, err := s.submission(r, r.PathValue("side"))
	if err != nil {
		return err
	}
	return x.take(w, func(in transfer.Submission) (string, error) {
		got, err := s.svc.Transfer.Submit(x.ctx, origin(r).IP, in)
		return got.Token, err
	})
}

// take reads what was sent: the form, to be checked, or the checked answers, to
// be kept. Nothing written is lost on the way.
func (x *submission) take(w http.ResponseWriter, send func(transfer.Submission) (string, error)) error {
	x.values = x.r.PostForm
	switch x.values.Get("step") {
	case "more":
		x.blanks = 4
		return x.show(w, http.StatusOK)
	case "change":
		return x.show(w, http.StatusOK)
	}
	in := x.read()
	if x.faults = append(x.faults, x.missing()...); len(x.faults) > 0 {
		return x.show(w, http.StatusUnprocessableEntity)
	}
	if x.values.Get("step") != "send" {
		x.checked = true
		return x.show(w, http.StatusOK)
	}
	token, err := send(in)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, x.r, "/submitted/"+token+"?done=sent", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.TooLarge, errs.Precondition:
		x.faults = x.faultsOf(err)
		return x.show(w, http.StatusUnprocessableEntity)
	case errs.Unavailable:
		x.faults, x.checked = x.faultsOf(err), true
		return x.show(w, http.StatusServiceUnavailable)
	}
	return err
}

// read makes a submission of the form.
func (x *submission) read() transfer.Submission {
	a := &answers{values: x.values, ask: x.ask}
	in := transfer.Submission{Side: x.b.kind(), Submitter: transfer.Submitter{Name: a.text("submitter_name"), Email: a.text("email"), Phone: a.text("phone")}}
	switch of := x.b.answer(a, x.base).(type) {
	case *transfer.Result:
		in.Result = of
	case *transfer.Need:
		in.Need = of
	}
	x.faults = a.faults
	return in
}

// missing faults what has to be there, before the answers are checked; the room
// itself checks the rest when they are sent.
func (x *submission) missing() errs.List {
	a := &answers{values: x.values, ask: x.ask}
	need := func(name string) {
		if a.text(name) == "" {
			a.fault(name, "errs.required", errs.A{"field": a.label(name)})
		}
	}
	need("title_zh")
	if x.b.kind() == transfer.KindResult {
		need("summary_zh")
		need("type")
	} else {
		need("kind")
		need("text")
	}
	need("level")
	need("submitter_name")
	if a.text("email") == "" && a.text("phone") == "" {
		a.fault("email", "transfer.no_contact", nil)
	}
	if a.text(trap) != "" {
		a.fault("", "market.submit.trap", nil)
	}
	return a.faults
}

func (x *submission) show(w http.ResponseWriter, status int) error {
	p := DisclosurePage{Page: x.s.Page(x.r, x.say("market.submit."+x.b.kind())), Lead: x.say("market.submit." + x.b.kind() + ".lead"), Action: "/submit/" + x.b.kind(), Trap: x.values.Get(trap), Notes: x.submitTerms()}
	p.Crumbs = []Link{{x.say("market.title"), "/market"}, {x.say("market.submit"), "/submit"}}
	if x.of != nil {
		p.Title, p.Action = x.say("market.resubmit", errs.A{"number": x.of.Number}), "/submitted/"+x.token+"/edit"
		p.Crumbs = []Link{{x.of.Number, "/submitted/" + x.token}}
		p.Returned = x.of.Reason
		p.Hidden = append(p.Hidden, Hidden{"version", x.values.Get("version")})
	}
	p.Path = p.Action
	p.Steps = x.steps()
	p.Chapters = shown(x.ask, x.values, x.blanks, x.say)
	p.Faults = placed(x.l, x.ask, p.Chapters, x.faults)
	if x.checked {
		p.Answers = answersOf(x.ask, x.values, x.say)
		p.Hidden = append(p.Hidden, x.hidden()...)
		var err error
		if p.Alike, err = x.duplicates(x.b, i18n.Text{ZH: trim(x.values, "title_zh")}); err != nil {
			return err
		}
	}
	private(w)
	return x.s.RenderStatus(w, x.r, status, "disclosure_form", p)
}

// private keeps a page with personal data or a personal link out of caches and
// search engines.
func private(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Robots-Tag", "noindex")
}

func (x *submission) steps() []Step {
	states := []string{"now", "next", "next"}
	if x.checked {
		states = []string{"done", "now", "next"}
	}
	return []Step{{x.say("market.submit.step1"), states[0]}, {x.say("market.submit.step2"), states[1]}, {x.say("market.submit.step3"), states[2]}}
}

// answersOf are the questions with what was answered; those left empty are
// shown as such.
func answersOf(ask []chapter, values url.Values, say func(string, ...errs.A) string) []AnswerGroup {
	var out []AnswerGroup
	for _, c := range ask {
		g := AnswerGroup{ID: c.id, Title: c.title}
		for i := range c.questions {
			text := c.questions[i].text(values, say("market.comma"))
			if text == "" {
				text = say("market.not_given")
			}
			g.Answers = append(g.Answers, Answer{Label: c.questions[i].label, Value: text})
		}
		out = append(out, g)
	}
	return out
}

// hidden carries what was written over the page of answers.
func (x *submission) hidden() []Hidden {
	var out []Hidden
	for name, values := range x.values {
		if name == "step" || name == "version" {
			continue
		}
		for _, v := range values {
			if v != "" {
				out = append(out, Hidden{name, v})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Hidden) int { return strings.Compare(a.Name, b.Name) })
	return out
}
