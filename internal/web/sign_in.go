package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// FormPage is a page with one form: sign-in, a password, a new user, a reason.
type FormPage struct {
	Page
	Lead    string
	Faults  []FieldError
	Action  string // where the form goes
	Hidden  []Hidden
	Fields  []Field
	Answers []Answer // what will happen, before it does
	Warning string   // what cannot be taken back, or what it means
	Button  string
	Back    Link
	Upload  bool // the form carries a file
}

func (s *Site) signInForm(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if userOf(r.Context()) != nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	return s.Render(w, r, "form", s.signInPage(r, next, "", nil))
}

func (s *Site) signInPage(r *http.Request, next, name string, err error) FormPage {
	l := PrefsOf(r.Context()).Lang
	p := FormPage{Page: s.Page(r, i18n.T(l, "web.sign_in")), Lead: i18n.T(l, "reg.sign_in.lead"), Action: "/sign-in", Hidden: []Hidden{{"next", next}},
		Button: i18n.T(l, "web.sign_in")}
	p.Fields = []Field{{Name: "name", Label: i18n.T(l, "reg.user_name"), Kind: "text", Value: name, Autocomplete: "username"},
		{Name: "password", Label: i18n.T(l, "reg.password"), Kind: "password", Autocomplete: "current-password"}}
	if err != nil {
		p.Faults = []FieldError{{"", i18n.Error(l, err)}}
	}
	return p
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	next := localPath(r.PostForm.Get("next"))
	name := r.PostForm.Get("name")
	token, _, err := s.svc.Accounts.SignIn(r.Context(), name, r.PostForm.Get("password"), origin(r))
	switch errs.KindOf(err) {
	case "":
	case errs.Unauthenticated, errs.Unavailable:
		return s.RenderStatus(w, r, statusOf[errs.KindOf(err)], "form", s.signInPage(r, next, name, err))
	default:
		return err
	}
	http.SetCookie(w, tokenCookie(r, token))
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	if c, err := r.Cookie(cookieName(r.TLS != nil)); err == nil {
		if err := s.svc.Accounts.SignOut(r.Context(), c.Value); err != nil {
			return err
		}
	}
	http.SetCookie(w, tokenCookie(r, ""))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
