package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Handler answers one request. What it returns is shown to the reader by the
// rules of package errs; it must not have written anything when it fails.
type Handler func(w http.ResponseWriter, r *http.Request) error

// statusOf maps kinds of error to HTTP; a kind that is missing is Kapok's fault.
var statusOf = map[errs.Kind]int{
	errs.Invalid:         http.StatusUnprocessableEntity,
	errs.NotFound:        http.StatusNotFound,
	errs.Conflict:        http.StatusConflict,
	errs.Precondition:    http.StatusPreconditionFailed,
	errs.Unauthenticated: http.StatusUnauthorized,
	errs.Forbidden:       http.StatusForbidden,
	errs.TooLarge:        http.StatusRequestEntityTooLarge,
	errs.Unavailable:     http.StatusServiceUnavailable,
	errs.Internal:        http.StatusInternalServerError,
}

// ErrorPage is the page of a request that failed.
type ErrorPage struct {
	Page
	Status int
	State  State
}

func (s *Site) handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// fail renders err and logs what its reader is not told. Where the answer has
// already begun, such as a long CSV file, the connection is cut, so that half a
// file is not taken for a whole one.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) && errs.KindOf(err) != errs.TooLarge {
		err = errs.Wrap(err, errs.TooLarge, "errs.too_large", errs.A{"limit": limitText(tooLarge.Limit)})
	}
	kind := errs.KindOf(err)
	status, ok := statusOf[kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	if status >= 500 {
		s.log.ErrorContext(r.Context(), "request failed", "request_id", RequestID(r.Context()),
			"method", r.Method, "path", r.URL.Path, "status", status, "error", err.Error())
	}
	if t, ok := w.(*tracked); ok && t.started {
		panic(http.ErrAbortHandler)
	}
	s.failed(w, r, status, stateOf(PrefsOf(r.Context()).Lang, kind, i18n.Error(PrefsOf(r.Context()).Lang, err), r))
}

// failed writes the error page; if even that fails, plain text goes out.
func (s *Site) failed(w http.ResponseWriter, r *http.Request, status int, st State) {
	p := ErrorPage{Page: s.Page(r, st.Heading), Status: status, State: st}
	if err := s.RenderStatus(w, r, status, "error", p); err != nil {
		s.log.ErrorContext(r.Context(), "error page failed", "request_id", p.RequestID, "error", err.Error())
		http.Error(w, st.Heading, status)
	}
}

// stateOf words a failure: heading by kind, the error's own text, one way on.
func stateOf(l i18n.Lang, kind errs.Kind, text string, r *http.Request) State {
	st := State{Kind: "failed", Heading: i18n.T(l, "web.failed."+string(kind)), Text: text,
		Action: Link{i18n.T(l, "web.go_home"), "/"}}
	switch kind {
	case errs.NotFound:
		st.Kind = "empty"
	case errs.Unauthenticated:
		st.Kind = "forbidden"
		st.Action = Link{i18n.T(l, "web.sign_in"), "/sign-in?next=" + url.QueryEscape(r.URL.RequestURI())}
	case errs.Forbidden:
		st.Kind = "forbidden"
	}
	return st
}

func badForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return errs.Wrap(err, errs.Invalid, "web.bad_form")
}
