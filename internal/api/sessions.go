package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
)

// SignInIn opens a session.
type SignInIn struct {
	Name     string `json:"name" minLength:"1" maxLength:"256"`
	Password string `json:"password" minLength:"1" maxLength:"1024"`
	Cookie   bool   `json:"cookie,omitempty" doc:"Set the token as a cookie instead of returning it"`
}

// SignedIn is a session just opened.
type SignedIn struct {
	Token string       `json:"token,omitempty" doc:"Send it as Authorization: Bearer. It is shown once"`
	User  account.User `json:"user"`
}

// Me is the caller.
type Me struct {
	User    account.User     `json:"user"`
	Actions []account.Action `json:"actions" nullable:"false" doc:"What the role allows"`
}

// SessionOut is one of the caller's sessions.
type SessionOut struct {
	ID        string  `json:"id"`
	IP        string  `json:"ip"`
	Agent     string  `json:"agent,omitempty"`
	CreatedAt db.Time `json:"created_at"`
	SeenAt    db.Time `json:"seen_at"`
	ExpiresAt db.Time `json:"expires_at"`
	Current   bool    `json:"current" doc:"The one of this request"`
}

func (s *server) sessions() {
	const tag = "sessions"
	add(s, route{id: "sign_in", method: http.MethodPost, path: "/sessions", tag: tag, status: http.StatusCreated, maxBody: 8 << 10}, s.signIn)
	addList(s, route{id: "list_sessions", path: "/sessions", tag: tag, signed: true}, sessionTable(), s.listSessions)
	add(s, route{id: "sign_out", method: http.MethodDelete, path: "/sessions/current", tag: tag, signed: true, status: http.StatusNoContent}, s.signOut)
	add(s, route{id: "end_session", method: http.MethodDelete, path: "/sessions/{id}", tag: tag, signed: true, status: http.StatusNoContent}, s.endSession)
	add(s, route{id: "get_me", path: "/me", tag: tag, signed: true}, s.me)
}

func (s *server) signIn(ctx context.Context, in *struct{ Body SignInIn }) (*answer[SignedIn], error) {
	c := callOf(ctx)
	token, u, err := s.Accounts.SignIn(ctx, in.Body.Name, in.Body.Password, account.Origin{IP: s.clientIP(c.r), Agent: c.r.UserAgent()})
	if err != nil {
		return nil, err
	}
	a := of(SignedIn{Token: token, User: u}).with("Cache-Control", "no-store")
	if in.Body.Cookie {
		a.Body.Token = ""
		a.with("Set-Cookie", s.cookie(c, token, 0).String())
	}
	return a, nil
}

// cookie is the session cookie; it ends with the browser, and the session ends
// by itself.
func (s *server) cookie(c *call, token string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(c.r), Value: token, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: c.r.TLS != nil, SameSite: http.SameSiteLaxMode}
}

// cookieName is the name of the session cookie: over TLS it carries the prefix
// that browsers let no other host and no plain page set.
func (s *server) cookieName(r *http.Request) string {
	if r.TLS != nil {
		return "__Host-" + s.Cookie
	}
	return s.Cookie
}

func (s *server) signOut(ctx context.Context, _ *struct{}) (*answer[struct{}], error) {
	c := callOf(ctx)
	if err := s.Accounts.SignOut(ctx, c.token); err != nil {
		return nil, err
	}
	return of(struct{}{}).with("Set-Cookie", s.cookie(c, "", -1).String()), nil
}

func (s *server) endSession(ctx context.Context, in *ID) (*answer[struct{}], error) {
	u := callOf(ctx).user
	return of(struct{}{}), s.Accounts.Revoke(ctx, u.Author(""), u.ID, in.ID)
}

func (s *server) listSessions(ctx context.Context, in *ListIn) (part[SessionOut], error) {
	c := callOf(ctx)
	_, current, err := s.Accounts.Session(ctx, c.token)
	if err != nil {
		return part[SessionOut]{}, err
	}
	list, err := s.Accounts.Sessions(ctx, c.user.ID)
	if err != nil {
		return part[SessionOut]{}, err
	}
	all := make([]SessionOut, len(list))
	for i, v := range list {
		all[i] = SessionOut{v.ID, v.IP, v.Agent, v.CreatedAt, v.SeenAt, v.ExpiresAt, v.ID == current.ID}
	}
	return cutPage(all, &in.Paging, func(v *SessionOut) string { return v.ID })
}

func (s *server) me(ctx context.Context, _ *struct{}) (*answer[Me], error) {
	u := *callOf(ctx).user
	out := Me{User: u, Actions: []account.Action{}}
	for _, a := range []account.Action{account.Read, account.ReadPrivate, account.Edit, account.Import, account.UndoImport, account.MergeRecord, account.Compute, account.ManageUsers, account.Operate} {
		if account.Can(u.Role, a) {
			out.Actions = append(out.Actions, a)
		}
	}
	return of(out), nil
}

func sessionTable() table[SessionOut] {
	type v = SessionOut
	return table[v]{name: "sessions", columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"ip", func(x *v) any { return x.IP }}, {"agent", func(x *v) any { return x.Agent }},
		{"created_at", func(x *v) any { return instant(x.CreatedAt) }}, {"seen_at", func(x *v) any { return instant(x.SeenAt) }}, {"expires_at", func(x *v) any { return instant(x.ExpiresAt) }},
	}}
}
