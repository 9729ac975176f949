package web

import (
	"context"
	"net"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
)

// sessionCookie holds a session's token; over TLS its name is preceded by
// "__Host-", which browsers accept only from this host and over TLS.
const sessionCookie = "kapok_session"

func cookieName(secure bool) string {
	if secure {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

type userKey struct{}

type signedIn struct {
	user    account.User
	session account.Session
}

// userOf is the person who has signed in, nil for a reader who has not.
func userOf(ctx context.Context) *account.User {
	if v, ok := ctx.Value(userKey{}).(signedIn); ok {
		return &v.user
	}
	return nil
}

// sessions finds out who asks, once for a request. A token that is no good is
// an old one: its bearer is simply nobody.
func (s *Site) sessions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie(cookieName(r.TLS != nil))
		if s.svc.Accounts == nil || err != nil {
			next.ServeHTTP(w, r)
			return
		}
		u, v, err := s.svc.Accounts.Session(r.Context(), c.Value)
		switch {
		case err == nil:
			r = r.WithContext(context.WithValue(r.Context(), userKey{}, signedIn{u, v}))
		case errs.KindOf(err) != errs.Unauthenticated:
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// shownUser is the top bar's user.
func shownUser(r *http.Request) *User {
	u := userOf(r.Context())
	if u == nil {
		return nil
	}
	return &User{Name: u.Name, Role: u.Role.Text().In(PrefsOf(r.Context()).Lang), Private: account.Can(u.Role, account.ReadPrivate)}
}

// permit returns the user of a request when the role allows the action.
func permit(r *http.Request, a account.Action) (*account.User, error) {
	u := userOf(r.Context())
	return u, account.Require(u, a)
}

// guarded is a page that needs a role.
func (s *Site) guarded(pattern string, a account.Action, h Handler) {
	s.Route(pattern, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := permit(r, a); err != nil {
			return err
		}
		return h(w, r)
	})
}

// origin is where a request comes from.
func origin(r *http.Request) account.Origin {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return account.Origin{IP: host, Agent: r.UserAgent()}
}

func tokenCookie(r *http.Request, token string) *http.Cookie {
	c := &http.Cookie{Name: cookieName(r.TLS != nil), Value: token, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
