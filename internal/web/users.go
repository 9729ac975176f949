package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// UserPage is what an administrator can do with one user.
type UserPage struct {
	Page
	ID       string
	Also     []string
	Disabled bool
	Faults   []FieldError
	Role     []Field
	Duties   []Field
	State    []Field
	Password []Field
}

func asList(err error) (errs.List, bool) {
	var l errs.List
	ok := errors.As(err, &l)
	return l, ok
}

func (s *Site) users(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "users")
	if err != nil {
		return err
	}
	all, err := s.svc.Accounts.List(x.ctx)
	if err != nil {
		return err
	}
	for _, c := range []string{"reg.user_name", "reg.role", "reg.status", "reg.user_since"} {
		x.column(c, false, "", "", false)
	}
	for _, u := range all {
		state := x.say("reg.user_active")
		if u.Disabled {
			state = x.say("reg.user_disabled")
		}
		x.row("", RegisterRow{Href: "/users/" + u.ID, Name: u.Name, Cells: []Cell{{Text: u.Role.Text().In(x.l)}, {Text: state}, {Text: day(u.CreatedAt.Time)}}})
	}
	p := x.finish(int64(len(all)), len(all), "")
	p.Crumbs = []Link{{x.say("reg.account"), "/account"}}
	p.Acts = []Link{{x.say("reg.new_user"), "/users/new"}}
	p.Filter.Exports = nil
	p.Flash = x.done(x.q)
	return s.Render(w, r, "register", p)
}

func roleField(l i18n.Lang, now account.Role) Field {
	f := Field{Name: "role", Label: i18n.T(l, "reg.role"), Kind: "radio"}
	for _, r := range account.Roles {
		f.Options = append(f.Options, Option{Value: string(r), Label: r.Text().In(l), Hint: i18n.T(l, "reg.role_means."+string(r)), Selected: r == now})
	}
	return f
}

func (s *Site) newUserForm(w http.ResponseWriter, r *http.Request) error {
	return s.Render(w, r, "form", s.newUserPage(r, "", account.Viewer, nil))
}

func (s *Site) newUserPage(r *http.Request, name string, role account.Role, err error) FormPage {
	l := PrefsOf(r.Context()).Lang
	p := FormPage{Page: s.Page(r, i18n.T(l, "reg.new_user")), Lead: i18n.T(l, "reg.new_user.lead"), Action: "/users", Button: i18n.T(l, "reg.new_user"),
		Back: Link{i18n.T(l, "reg.cancel"), "/users"}}
	p.Crumbs = []Link{{i18n.T(l, "reg.users"), "/users"}}
	p.Fields = []Field{{Name: "name", Label: i18n.T(l, "reg.user_name"), Kind: "text", Value: name, Autocomplete: "off"}, roleField(l, role),
		{Name: "password", Label: i18n.T(l, "reg.password_first"), Kind: "password", Autocomplete: "new-password", Hint: i18n.T(l, "reg.password_hint", errs.A{"min": account.MinPassword})}}
	if err != nil {
		p.Faults = faulty(l, p.Fields, listOf(err))
	}
	return p
}

func (s *Site) newUser(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	name, role := r.PostForm.Get("name"), account.Role(r.PostForm.Get("role"))
	_, err := s.svc.Accounts.Create(r.Context(), userOf(r.Context()).Author(""), name, r.PostForm.Get("password"), role)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/users?done=user", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "form", s.newUserPage(r, name, role, err))
	}
	return err
}

func (s *Site) userPage(r *http.Request) (UserPage, error) {
	l := PrefsOf(r.Context()).Lang
	u, err := s.svc.Accounts.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return UserPage{}, err
	}
	p := UserPage{Page: s.Page(r, u.Name), ID: u.ID, Disabled: u.Disabled}
	p.Path = "/users/" + u.ID
	p.Crumbs = []Link{{i18n.T(l, "reg.account"), "/account"}, {i18n.T(l, "reg.users"), "/users"}}
	p.Flash = (&reading{l: l}).done(p.query)
	p.Also = []string{u.Role.Text().In(l), i18n.T(l, "reg.user_active")}
	if u.Disabled {
		p.Also[1] = i18n.T(l, "reg.user_disabled")
	}
	p.Role = []Field{roleField(l, u.Role)}
	p.Duties = s.dutyFields(l, u)
	p.State = []Field{{Name: "reason", Label: i18n.T(l, "reg.reason"), Kind: "text", Hint: i18n.T(l, "reg.reason_hint")}}
	p.Password = []Field{{Name: "password", Label: i18n.T(l, "reg.password_new"), Kind: "password", Autocomplete: "new-password", Hint: i18n.T(l, "reg.password_hint", errs.A{"min": account.MinPassword})}}
	return p, nil
}

func (s *Site) userForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.userPage(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, "user", p)
}

// manage does one thing to a user and answers with the user's page: with a
// note, or with what was wrong.
func (s *Site) manage(w http.ResponseWriter, r *http.Request, fields func(*UserPage) []Field, act func(id string) error) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	id := r.PathValue("id")
	err := act(id)
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, "/users/"+id+"?done=saved", http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict:
		p, failed := s.userPage(r)
		if failed != nil {
			return failed
		}
		p.Faults = faulty(p.Lang, fields(&p), listOf(err))
		return s.RenderStatus(w, r, statusOf[errs.KindOf(err)], "user", p)
	}
	return err
}

func (s *Site) setRole(w http.ResponseWriter, r *http.Request) error {
	return s.manage(w, r, func(p *UserPage) []Field { return p.Role }, func(id string) error {
		return s.svc.Accounts.SetRole(r.Context(), userOf(r.Context()).Author(""), id, account.Role(r.PostForm.Get("role")))
	})
}

// dutyFields is the field of the roles in cases that a user can be given; none
// where nothing is decided by cases.
func (s *Site) dutyFields(l i18n.Lang, u account.User) []Field {
	if s.svc.Cases == nil {
		return nil
	}
	f := Field{Name: "duties", Label: i18n.T(l, "reg.duties"), Kind: "check"}
	seen := map[string]bool{}
	for _, k := range s.svc.Cases.Registry().Kinds() {
		for _, role := range k.Roles {
			if !seen[role.ID] {
				f.Options = append(f.Options, Option{Value: role.ID, Label: role.Name.In(l), Hint: k.Name.In(l) + " · " + role.ID, Selected: slices.Contains(u.Duties, role.ID)})
			}
			seen[role.ID] = true
		}
	}
	if len(f.Options) == 0 {
		return nil
	}
	return []Field{f}
}

func (s *Site) setDuties(w http.ResponseWriter, r *http.Request) error {
	return s.manage(w, r, func(p *UserPage) []Field { return p.Duties }, func(id string) error {
		return s.svc.Accounts.SetDuties(r.Context(), userOf(r.Context()).Author(""), id, r.PostForm["duties"])
	})
}

func (s *Site) setDisabled(w http.ResponseWriter, r *http.Request) error {
	return s.manage(w, r, func(p *UserPage) []Field { return p.State }, func(id string) error {
		reason, err := reasonOf(r)
		if err != nil {
			return err
		}
		return s.svc.Accounts.SetDisabled(r.Context(), userOf(r.Context()).Author(reason), id, r.PostForm.Get("disabled") == "yes")
	})
}

func (s *Site) setPassword(w http.ResponseWriter, r *http.Request) error {
	return s.manage(w, r, func(p *UserPage) []Field { return p.Password }, func(id string) error {
		return s.svc.Accounts.SetPassword(r.Context(), userOf(r.Context()).Author(""), id, r.PostForm.Get("password"))
	})
}
