package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/termbase"
)

func (s *Site) newTermForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.hasTerms(); err != nil {
		return err
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	return s.Render(w, r, "form", v.termForm(r, &termbase.Term{ZH: q.Get("zh"), EN: q.Get("en"), Area: q.Get("area")}, "", nil))
}

func (s *Site) editTermForm(w http.ResponseWriter, r *http.Request) error {
	v, t, err := s.readTerm(r)
	if err != nil {
		return err
	}
	if t.State != termbase.Active {
		return errs.New(errs.Conflict, "termbase.withdrawn", errs.A{"zh": t.ZH})
	}
	return s.Render(w, r, "form", v.termForm(r, &t, "", nil))
}

// termForm is the form of a term: a new one where it has no id.
func (v *reading) termForm(r *http.Request, t *termbase.Term, reason string, faults errs.List) FormPage {
	p := FormPage{Page: v.s.Page(r, v.say("terms.new")), Lead: v.say("terms.edit.lead"), Action: "/terms", Hidden: []Hidden{{"version", i64(t.Version)}}, Button: v.say("terms.new"), Back: Link{v.say("reg.cancel"), "/terms"}}
	p.Crumbs = []Link{{v.say("reg.terms"), "/terms"}}
	p.Path = "/terms/new"
	if t.ID != "" {
		at := "/terms/" + t.ID
		p.Title = v.say("reg.edit.title", errs.A{"name": t.ZH})
		p.Action, p.Path, p.Button, p.Back = at+"/edit", at+"/edit", v.say("reg.save"), Link{v.say("reg.cancel"), at}
		p.Crumbs = append(p.Crumbs, Link{t.ZH, at})
	}
	area := Field{Name: "area", Label: v.say("terms.area"), Kind: "select", Options: []Option{{Value: "", Label: v.say("reg.choose")}}}
	for _, a := range termbase.Areas {
		area.Options = append(area.Options, Option{Value: a, Label: termWord(v.l, "area", a), Selected: a == t.Area})
	}
	from := v.sourceField(t.SourceID)
	from.Options[0].Label, from.Optional, from.Hint = termbase.CitySource.Title.In(v.l), true, v.say("terms.edit.source_hint")
	from.Options = slices.DeleteFunc(from.Options, func(o Option) bool {
		return o.Value == termbase.CitySource.ID || o.Value == termbase.BundledSource.ID // what a person edits is the city's
	})
	p.Fields = []Field{
		{Name: "zh", Label: v.say("terms.zh"), Kind: "text", Value: t.ZH, Hint: v.say("terms.edit.zh_hint")},
		{Name: "en", Label: v.say("terms.en"), Kind: "text", Value: t.EN, Hint: v.say("terms.edit.en_hint")},
		area,
		{Name: "also_zh", Label: v.say("terms.also_zh"), Kind: "area", Rows: 3, Value: strings.Join(t.AlsoZH, "\n"), Hint: v.say("terms.edit.also_zh_hint"), Optional: true},
		{Name: "also_en", Label: v.say("terms.also_en"), Kind: "area", Rows: 3, Value: strings.Join(t.AlsoEN, "\n"), Hint: v.say("terms.edit.also_en_hint"), Optional: true},
		{Name: "note", Label: v.say("terms.note"), Kind: "text", Value: t.Note, Hint: v.say("terms.edit.note_hint"), Optional: true},
		{Name: "anchor", Label: v.say("terms.anchor"), Kind: "text", Value: t.Anchor, Hint: v.say("terms.edit.anchor_hint"), Optional: true},
		from,
		{Name: "reason", Label: v.say("reg.edit.reason"), Kind: "text", Value: reason, Hint: v.say("reg.reason_hint"), Optional: true},
	}
	p.Faults = faulty(v.l, p.Fields, faults)
	return p
}

// termOf reads the form over a term; what it does not ask for stays.
func termOf(f url.Values, t termbase.Term) termbase.Term {
	t.ZH, t.EN, t.Area = trim(f, "zh"), trim(f, "en"), f.Get("area")
	t.AlsoZH, t.AlsoEN = formLines(f.Get("also_zh")), formLines(f.Get("also_en"))
	t.Note, t.Anchor, t.SourceID = trim(f, "note"), trim(f, "anchor"), f.Get("source_id")
	t.Version = number64(f.Get("version"))
	return t
}

// formLines are the lines of a field that are not empty.
func formLines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func (s *Site) newTerm(w http.ResponseWriter, r *http.Request) error {
	if err := s.hasTerms(); err != nil {
		return err
	}
	v, err := s.read(r)
	if err != nil {
		return err
	}
	return s.saveTerm(w, r, v, termbase.Term{})
}

func (s *Site) editTerm(w http.ResponseWriter, r *http.Request) error {
	v, now, err := s.readTerm(r)
	if err != nil {
		return err
	}
	return s.saveTerm(w, r, v, now)
}

// saveTerm writes what the form says, or shows what keeps it from being
// written.
func (s *Site) saveTerm(w http.ResponseWriter, r *http.Request, v *reading, now termbase.Term) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	t, reason, done := termOf(r.PostForm, now), trim(r.PostForm, "reason"), "saved"
	if now.ID == "" {
		t.Version, done = 0, "created"
	} else if t.Version == 0 {
		t.Version = -1 // a form without a version has seen nothing: stale, not new
	}
	saved, err := s.svc.Terms.Save(v.ctx, v.user.Author(reason), t)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/terms/"+saved.ID+"?done="+done, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "form", v.termForm(r, &t, reason, listOf(err)))
	case errs.Precondition:
		return s.termConflict(w, r, v, now, t)
	}
	return err
}

// termConflict tells that a term has changed under a writer's hands.
func (s *Site) termConflict(w http.ResponseWriter, r *http.Request, v *reading, now, mine termbase.Term) error {
	at := "/terms/" + now.ID
	p := ConflictPage{Page: s.Page(r, v.say("reg.conflict")), Lead: v.say("reg.conflict.lead", errs.A{"name": now.ZH, "seen": max(mine.Version, 0), "version": now.Version}),
		Action: at + "/edit", Discard: Link{v.say("reg.conflict.discard"), at + "/edit"}}
	p.Path = at + "/edit"
	p.Crumbs = []Link{{v.say("reg.terms"), "/terms"}, {now.ZH, at}}
	log, err := s.svc.Terms.History(v.ctx, now.ID, 0, historySize)
	if err != nil {
		return err
	}
	for i, e := range log {
		if int64(i) < now.Version-mine.Version {
			h := v.entry(e)
			h.Open = true
			wordTerms(v.l, h.Rows)
			p.Latest = append(p.Latest, h)
		}
	}
	a, _ := json.Marshal(now) // both are plain records
	b, _ := json.Marshal(mine)
	p.Mine = diffRows(v.l, a, b)
	wordTerms(v.l, p.Mine)
	for _, name := range []string{"zh", "en", "area", "also_zh", "also_en", "note", "anchor", "source_id", "reason"} {
		if value := r.PostForm.Get(name); value != "" {
			p.Hidden = append(p.Hidden, Hidden{name, value})
		}
	}
	p.Hidden = append(p.Hidden, Hidden{"version", i64(now.Version)})
	return s.RenderStatus(w, r, http.StatusConflict, "conflict", p)
}

// askTerm asks for the reason to take a term out of use, or back.
func (s *Site) askTerm(w http.ResponseWriter, r *http.Request, act string, status int, fault error) error {
	v, t, err := s.readTerm(r)
	if err != nil {
		return err
	}
	at := "/terms/" + t.ID
	p := FormPage{Page: s.Page(r, v.say("terms."+act+".title", errs.A{"zh": t.ZH})), Lead: v.say("terms." + act + ".lead"), Action: at + "/" + act,
		Hidden: []Hidden{{"version", i64(t.Version)}}, Button: v.say("terms." + act), Back: Link{v.say("reg.cancel"), at}}
	p.Crumbs = []Link{{v.say("reg.terms"), "/terms"}, {t.ZH, at}}
	p.Answers = []Answer{{Label: v.say("terms.zh"), Value: t.ZH}, {Label: v.say("terms.en"), Value: t.EN}, {Label: v.say("terms.state"), Value: termWord(v.l, "state", string(t.State))}}
	p.Fields = []Field{reasonField(v.l, r.PostFormValue("reason"))}
	if fault != nil {
		p.Faults = faulty(v.l, p.Fields, listOf(fault))
	}
	return s.RenderStatus(w, r, status, "form", p)
}

func (s *Site) turnTerm(w http.ResponseWriter, r *http.Request, act string) error {
	ask := func(w http.ResponseWriter, r *http.Request, status int, fault error) error {
		return s.askTerm(w, r, act, status, fault)
	}
	return s.withReason(w, r, ask, func(by change.Author) (string, error) {
		_, t, err := s.readTerm(r)
		if err != nil {
			return "", err
		}
		turn := s.svc.Terms.Withdraw
		if act == "restore" {
			turn = s.svc.Terms.Restore
		}
		_, err = turn(r.Context(), by, t.ID, number64(r.PostForm.Get("version")))
		return "/terms/" + t.ID + "?done=saved", err
	})
}
