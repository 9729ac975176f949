package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
)

// stepForm is one request for the form that records a step of a listing, or
// corrects one.
type stepForm struct {
	*capitalReading
	of     capital.Listing
	old    *capital.Step // the step that is corrected, nil for a new one
	values url.Values
}

func (s *Site) stepForm(r *http.Request, corrects string) (*stepForm, error) {
	v, err := s.capitalReading(r)
	if err != nil {
		return nil, err
	}
	l, err := v.rooms.Listings.One(v.ctx, v.viewer, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f := &stepForm{capitalReading: v, of: l}
	if corrects == "" {
		return f, nil
	}
	n, err := strconv.Atoi(corrects)
	if err != nil || n < 1 || n > len(l.Steps) {
		return nil, errs.New(errs.NotFound, "capital.step_missing", errs.A{"position": clipped(corrects)})
	}
	for _, st := range l.Course() {
		if st.Position == n {
			f.old = &st
		}
	}
	if f.old == nil { // it was taken back: what is asked for is not there any more
		return nil, errs.New(errs.NotFound, "capital.step_missing", errs.A{"position": n})
	}
	return f, nil
}

func (s *Site) askStep(w http.ResponseWriter, r *http.Request) error {
	f, err := s.stepForm(r, r.URL.Query().Get("corrects"))
	if err != nil {
		return err
	}
	f.values = url.Values{"version": {i64(f.of.Version)}}
	if f.old != nil {
		f.values.Set("state", string(f.old.State))
		f.values.Set("on", f.old.On)
		f.values.Set("evidence", f.old.Evidence)
		f.values.Set("source_id", f.old.SourceID)
	}
	return f.show(w, r, http.StatusOK, nil)
}

func (f *stepForm) show(w http.ResponseWriter, r *http.Request, status int, faults errs.List) error {
	at := "/listings/" + url.PathEscape(f.of.ID)
	name := f.party(&f.of.Company).Text + " · " + f.market(&f.of)
	p := FormPage{Page: f.s.Page(r, f.say("capital.add_step")), Lead: name, Action: at + "/step", Button: f.say("capital.add_step"), Back: Link{f.say("reg.cancel"), at}, Hidden: []Hidden{{"version", f.values.Get("version")}}}
	p.Path = at + "/step"
	p.Crumbs = []Link{{f.say("capital.title"), "/capital"}, {f.say("capital.listings"), "/listings"}, {name, at}}
	p.Answers = []Answer{{Label: f.say("capital.state_now"), Value: f.capitalWord("state", string(f.of.State)) + " " + f.of.On}}
	state := Field{Name: "state", Label: f.say("capital.step"), Kind: "select", Options: []Option{{Label: f.say("reg.choose")}}, Hint: f.say("capital.hint.step")}
	if f.old != nil {
		p.Title, p.Button = f.say("capital.correct_step", errs.A{"n": f.old.Position}), f.say("capital.correct")
		p.Answers = append(p.Answers, Answer{Label: f.say("capital.corrected"), Value: f.capitalWord("state", string(f.old.State)) + " " + f.old.On})
		p.Warning, p.Hidden = f.say("capital.correct_warning"), append(p.Hidden, Hidden{"corrects", strconv.Itoa(f.old.Position)})
		state.Options[0] = Option{Label: f.say("capital.take_back")}
	}
	for _, st := range capital.ListingStates {
		state.Options = append(state.Options, Option{Value: string(st), Label: f.capitalWord("state", string(st)), Selected: f.values.Get("state") == string(st)})
	}
	from := f.sourceField(f.values.Get("source_id"))
	from.Options[0].Label, from.Optional, from.Hint = f.say("capital.source_of_listing"), true, ""
	p.Fields = []Field{state, {Name: "on", Label: f.say("capital.day_of"), Kind: "text", Value: f.values.Get("on"), Optional: true, Hint: f.say("capital.hint.day")},
		{Name: "evidence", Label: f.say("reg.evidence_note"), Kind: "text", Value: f.values.Get("evidence"), Optional: true, Hint: f.say("capital.hint.evidence")}, from,
		{Name: "reason", Label: f.say("capital.reason"), Kind: "text", Value: f.values.Get("reason"), Optional: f.old == nil, Hint: f.say("reg.reason_hint")}}
	for i := range faults {
		if fieldName(faults[i].Field) == "steps" {
			faults[i] = faults[i].At("/state")
		}
	}
	p.Faults = faulty(f.l, p.Fields, faults)
	return f.s.RenderStatus(w, r, status, "form", p)
}

// addStep records the step. A form that was sent before the listing changed says
// so and shows where the listing stands now.
func (s *Site) addStep(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	f, err := s.stepForm(r, r.PostForm.Get("corrects"))
	if err != nil {
		return err
	}
	f.values = r.PostForm
	step := capital.Step{State: capital.ListingState(trim(f.values, "state")), On: trim(f.values, "on"), Evidence: trim(f.values, "evidence"), SourceID: trim(f.values, "source_id")}
	reason := trim(f.values, "reason")
	if f.old != nil {
		step.Corrects, step.Reason = f.old.Position, reason
		if reason == "" {
			return f.show(w, r, statusOf[errs.Invalid], errs.List{errs.New(errs.Invalid, "capital.step_reason", errs.A{"position": step.Corrects}).At("/reason")})
		}
	}
	before := f.of.Version
	saved, err := f.rooms.AddStep(f.ctx, f.viewer, f.user.Author(reason), f.of.ID, number64(f.values.Get("version")), step)
	switch errs.KindOf(err) {
	case "":
		done := "step"
		if saved.Version == before {
			done = "step_known"
		}
		http.Redirect(w, r, "/listings/"+url.PathEscape(f.of.ID)+"?done="+done+"#steps", http.StatusSeeOther)
		return nil
	case errs.Precondition:
		f.values.Set("version", i64(f.of.Version))
		return f.show(w, r, statusOf[errs.Precondition], errs.List{errs.New(errs.Precondition, "capital.step_stale", errs.A{"who": f.actor(f.of.UpdatedBy), "version": f.of.Version})})
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		return f.show(w, r, statusOf[errs.Invalid], listOf(err))
	}
	return err
}
