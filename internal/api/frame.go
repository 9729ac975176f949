package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// call is one request on its way through the API.
type call struct {
	w     *tracked
	r     *http.Request
	id    string // for the log and for the reader to quote
	lang  i18n.Lang
	route *route        // nil before a route is found
	user  *account.User // nil for nobody
	token string        // of the session, "" for nobody
	body  []byte
	file  bool  // a list is asked for as a file
	match int64 // row version of If-Match, 0 when the route asks for none
}

type callKey struct{}

// callOf returns the request that ctx belongs to.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// tracked knows whether an answer has begun. Deadlines are the server's
// business: huma's own would outlive the request on a kept connection.
type tracked struct {
	http.ResponseWriter
	started bool
}

func (t *tracked) WriteHeader(status int) {
	t.started = true
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracked) Write(b []byte) (int, error) {
	t.started = true
	return t.ResponseWriter.Write(b)
}

// SetReadDeadline does nothing.
func (t *tracked) SetReadDeadline(time.Time) error { return nil }

// Unwrap is for http.ResponseController.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// framed wraps all routes, outermost first: call, headers, panics, requests
// from other sites, and problems for what no route answers.
func (s *server) framed() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.refuse(callOf(r.Context()), errs.New(errs.Forbidden, "api.cross_site"))
	}))
	inner := guard.Handler(http.HandlerFunc(s.dispatch))
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		c := &call{w: &tracked{ResponseWriter: out}, id: rand.Text()[:12], lang: language(r)}
		c.r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		secure(c)
		defer s.recovered(c)
		inner.ServeHTTP(c.w, c.r)
	})
}

// secure sets the headers of every answer. An answer is never a page but for
// page.go, which widens the policy.
func secure(c *call) {
	h := c.w.Header()
	h.Set("X-Request-Id", c.id)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Language", string(c.lang))
	h.Add("Vary", "Accept, Accept-Language, Authorization, Cookie")
	if c.r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

func (s *server) recovered(c *call) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.Log.ErrorContext(c.r.Context(), "api handler panicked", "request_id", c.id, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if c.w.started {
		panic(http.ErrAbortHandler) // a reader must not take half an answer for a whole one
	}
	s.refuse(c, fmt.Errorf("panic: %v", v))
}

// dispatch answers with a problem where no route matches.
func (s *server) dispatch(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(c.w, r)
		return
	}
	probe := &statusOnly{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		allow := probe.header.Get("Allow")
		c.w.Header().Set("Allow", allow)
		s.refuse(c, errs.New(errs.Invalid, "api.no_method", errs.A{"allow": allow}))
		return
	}
	s.refuse(c, errs.New(errs.NotFound, "api.no_path"))
}

// statusOnly learns what the mux would have answered.
type statusOnly struct {
	header http.Header
	status int
}

func (p *statusOnly) Header() http.Header         { return p.header }
func (p *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusOnly) WriteHeader(status int)      { p.status = status }

// clientIP is the address that sign-ins are counted by.
func (s *server) clientIP(r *http.Request) string {
	if s.ClientIP != nil {
		return s.ClientIP(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
