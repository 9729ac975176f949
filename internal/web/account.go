package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// AccountPage is a user's own page: who they are, where they are signed in,
// and their password.
type AccountPage struct {
	Page
	Facts    []Fact
	Admin    bool
	Sessions []SessionLine
	Faults   []FieldError
	Fields   []Field
}

// SessionLine is one sign-in on one device.
type SessionLine struct {
	ID    string
	Agent string
	IP    string
	Since string
	Seen  string
	Here  bool
}

func (s *Site) addAccounts() {
	s.Route("GET /sign-in", s.signInForm)
	s.Route("POST /sign-in", s.signIn)
	s.Route("POST /sign-out", s.signOut)
	s.guarded("GET /account", account.Read, s.account)
	s.guarded("POST /account/password", account.Read, s.changePassword)
	s.guarded("POST /account/sessions/{id}/end", account.Read, s.endSession)
	s.guarded("GET /users", account.ManageUsers, s.users)
	s.guarded("GET /users/new", account.ManageUsers, s.newUserForm)
	s.guarded("POST /users", account.ManageUsers, s.newUser)
	s.guarded("GET /users/{id}", account.ManageUsers, s.userForm)
	s.guarded("POST /users/{id}/role", account.ManageUsers, s.setRole)
	s.guarded("POST /users/{id}/duties", account.ManageUsers, s.setDuties)
	s.guarded("POST /users/{id}/state", account.ManageUsers, s.setDisabled)
	s.guarded("POST /users/{id}/password", account.ManageUsers, s.setPassword)
}

func (s *Site) account(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, "account", p)
}

func (s *Site) accountPage(r *http.Request) (AccountPage, error) {
	l, u := PrefsOf(r.Context()).Lang, userOf(r.Context())
	here := r.Context().Value(userKey{}).(signedIn).session
	p := AccountPage{Page: s.Page(r, i18n.T(l, "reg.account")), Admin: account.Can(u.Role, account.ManageUsers)}
	v := reading{l: l}
	p.Flash = v.done(p.query)
	p.Facts = []Fact{v.fact("reg.user_name", u.Name, nil), v.fact("reg.role", u.Role.Text().In(l), nil), v.fact("reg.user_since", i18n.Day(l, day(u.CreatedAt.Time)), nil)}
	all, err := s.svc.Accounts.Sessions(r.Context(), u.ID)
	for _, x := range all {
		line := SessionLine{ID: x.ID, Agent: x.Agent, IP: x.IP, Since: i18n.Instant(x.CreatedAt.Time), Seen: i18n.Instant(x.SeenAt.Time), Here: x.ID == here.ID}
		p.Sessions = append(p.Sessions, line)
	}
	p.Fields = []Field{{Name: "old", Label: v.say("reg.password_now"), Kind: "password", Autocomplete: "current-password"},
		{Name: "password", Label: v.say("reg.password_new"), Kind: "password", Autocomplete: "new-password", Hint: v.say("reg.password_hint", errs.A{"min": account.MinPassword})},
		{Name: "again", Label: v.say("reg.password_again"), Kind: "password", Autocomplete: "new-password"}}
	return p, err
}

func (s *Site) changePassword(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	u := userOf(r.Context())
	err := twice(r)
	if err == nil {
		err = s.svc.Accounts.ChangePassword(r.Context(), *u, r.PostForm.Get("old"), r.PostForm.Get("password"), origin(r).IP)
	}
	if err == nil {
		http.SetCookie(w, tokenCookie(r, "")) // all sessions have ended
		http.Redirect(w, r, "/sign-in?next=/account", http.StatusSeeOther)
		return nil
	}
	e := errs.Of(err)
	if e.Kind != errs.Invalid && e.Kind != errs.Unauthenticated && e.Kind != errs.Unavailable {
		return err
	}
	p, failed := s.accountPage(r)
	if failed != nil {
		return failed
	}
	if e.Kind == errs.Unauthenticated {
		e = errs.New(errs.Invalid, "reg.password_wrong").At("old")
	}
	p.Faults = faulty(p.Lang, p.Fields, errs.List{e})
	return s.RenderStatus(w, r, http.StatusUnprocessableEntity, "account", p)
}

// twice checks that a new password was written the same way two times.
func twice(r *http.Request) error {
	if r.PostForm.Get("password") != r.PostForm.Get("again") {
		return errs.New(errs.Invalid, "reg.password_differs").At("again")
	}
	return nil
}

func (s *Site) endSession(w http.ResponseWriter, r *http.Request) error {
	u := userOf(r.Context())
	if err := s.svc.Accounts.Revoke(r.Context(), u.Author(""), u.ID, r.PathValue("id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/account?done=session", http.StatusSeeOther)
	return nil
}

// faulty puts errors at their fields and returns the summary: those of no
// field first.
func faulty(l i18n.Lang, fields []Field, list errs.List) []FieldError {
	var whole []FieldError
	for _, e := range list {
		text := i18n.T(l, e.Key, e.Args)
		placed := false
		for i := range fields {
			if fields[i].Name == fieldName(e.Field) {
				if fields[i].Error != "" {
					text = fields[i].Error + "\n" + text
				}
				fields[i].Error, placed = text, true
			}
		}
		if !placed {
			whole = append(whole, FieldError{"", text})
		}
	}
	return append(whole, Errors(fields)...)
}

// fieldName is the form's name for the place that an error points to:
// "/names/2/text" is the field names.
func fieldName(pointer string) string {
	for len(pointer) > 0 && pointer[0] == '/' {
		pointer = pointer[1:]
	}
	for i := range pointer {
		if pointer[i] == '/' {
			return pointer[:i]
		}
	}
	return pointer
}

// listOf is what went wrong, as a list.
func listOf(err error) errs.List {
	if l, ok := asList(err); ok {
		return l
	}
	return errs.List{errs.Of(err)}
}
