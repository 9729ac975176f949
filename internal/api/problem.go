package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Problem is an error as RFC 9457 writes it. Code is stable, Title and Detail
// are for people.
type Problem struct {
	Type    string  `json:"type" format:"uri-reference" doc:"Where this kind of problem is explained"`
	Title   string  `json:"title" doc:"The kind of problem, in the reader's language"`
	Status  int     `json:"status" doc:"HTTP status"`
	Detail  string  `json:"detail" doc:"What happened and how to mend it, in the reader's language"`
	Code    string  `json:"code" doc:"Stable name of the error"`
	TraceID string  `json:"trace_id" doc:"Number to quote when asking for help; also in X-Request-Id"`
	Errors  []Fault `json:"errors,omitempty" doc:"Each fault of the request"`
}

// Fault is one fault of a request: in its body (Pointer), in a parameter, or in
// a header.
type Fault struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the body"`
	Parameter string `json:"parameter,omitempty" doc:"Name of a query or path parameter"`
	Header    string `json:"header,omitempty" doc:"Name of a request header"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
}

// Error is the operator's text.
func (p *Problem) Error() string { return p.Code }

// GetStatus is for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is for huma.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

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

// statusOfKey holds the errors for which HTTP has a word of its own.
var statusOfKey = map[string]int{
	"api.if_match_missing": http.StatusPreconditionRequired,
	"api.too_many":         http.StatusTooManyRequests,
	"account.wait":         http.StatusTooManyRequests,
	"api.no_method":        http.StatusMethodNotAllowed,
	"api.bad_json":         http.StatusBadRequest,
	"api.no_body":          http.StatusBadRequest,
	"api.body_type":        http.StatusUnsupportedMediaType,
}

// problem words err for the reader of c, logs what the reader is not told, and
// sets the headers that belong to it.
func (s *server) problem(c *call, err error) *Problem {
	err = known(err)
	e := errs.Of(err)
	p := &Problem{Status: statusOfKey[e.Key], Code: e.Key, TraceID: c.id, Type: "/api/#" + string(e.Kind),
		Title: i18n.T(c.lang, "api.problem."+string(e.Kind)), Detail: c.message(e)}
	if p.Status == 0 {
		p.Status = statusOf[e.Kind]
	}
	if p.Status == 0 || e.Kind == errs.Internal {
		p.Status = http.StatusInternalServerError
	}
	if p.Status >= 500 {
		s.Log.ErrorContext(c.r.Context(), "api request failed", "request_id", c.id, "method", c.r.Method, "path", c.r.URL.Path, "status", p.Status, "error", err.Error())
	}
	list := errs.List{e}
	if errors.As(err, &list) && len(list) > 1 {
		p.Code, p.Detail = "api.several", i18n.T(c.lang, "api.several", errs.A{"count": len(list)})
	}
	for _, f := range list {
		if f.Field != "" || len(list) > 1 {
			p.Errors = append(p.Errors, c.fault(f))
		}
	}
	c.refusalHeaders(p.Status, e)
	return p
}

// known gives words to errors that come from outside the house.
func known(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errs.Wrap(err, errs.TooLarge, "errs.too_large", errs.A{"limit": fmt.Sprintf("%d KiB", tooLarge.Limit>>10)})
	}
	return err
}

func (c *call) refusalHeaders(status int, e *errs.Error) {
	h := c.w.Header()
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="kapok"`)
	}
	if seconds, ok := e.Args["seconds"]; ok {
		h.Set("Retry-After", fmt.Sprint(seconds))
	}
}

// refuse answers c with the problem of err, outside huma.
func (s *server) refuse(c *call, err error) {
	p := s.problem(c, err)
	c.w.Header().Set("Content-Type", problemType)
	c.w.WriteHeader(p.Status)
	json.NewEncoder(c.w).Encode(p) //nolint:errcheck // the reader went away
}

// ownArgs are the placeholders that are always filled by the house: the name of
// a field, a limit, the words allowed.
var ownArgs = []string{"field", "limit", "max", "min", "allowed", "values", "pattern", "example", "scheme", "allow"}

// message fills e's text, with what the client sent left out: a wrong value may
// be somebody's identity number, and problems end up in logs.
func (c *call) message(e *errs.Error) string {
	args := maps.Clone(e.Args)
	for name, v := range args {
		if text, ok := v.(string); ok && !slices.Contains(ownArgs, name) && c.sent(text) {
			args[name] = "…"
		}
	}
	return i18n.T(c.lang, e.Key, args)
}

// sent reports whether text stands in the body, a query parameter or a header
// of the request. Paths hold ids only and may be repeated.
func (c *call) sent(text string) bool {
	if text == "" {
		return false
	}
	if strings.Contains(string(c.body), text) {
		return true
	}
	quoted, err := json.Marshal(text)
	if err == nil && strings.Contains(string(c.body), strings.Trim(string(quoted), `"`)) {
		return true
	}
	for _, vs := range c.r.URL.Query() {
		if slices.ContainsFunc(vs, func(v string) bool { return strings.Contains(v, text) }) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"If-Match", "Idempotency-Key"}, func(h string) bool { return strings.Contains(c.r.Header.Get(h), text) })
}

func (c *call) fault(e *errs.Error) Fault {
	f := Fault{Code: e.Key, Detail: c.message(e)}
	switch name := strings.TrimPrefix(e.Field, "/"); {
	case e.Field == "":
	case slices.Contains([]string{"If-Match", "Idempotency-Key"}, e.Field):
		f.Header = e.Field
	case len(c.body) == 0 && c.r.URL.Query().Has(name):
		f.Parameter = name
	default:
		f.Pointer = "/" + name
	}
	return f
}

func init() {
	// huma's own errors speak English and repeat the value at fault.
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, faults ...error) huma.StatusError {
		c := callOf(ctx.Context())
		return c.route.server.problem(c, shapeError(status, faults))
	}
}

// shapeError turns what huma found wrong into errors of the house.
func shapeError(status int, faults []error) error {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "1 MiB"})
	case http.StatusUnsupportedMediaType:
		return errs.New(errs.Invalid, "api.body_type")
	case http.StatusBadRequest:
		if len(faults) == 0 {
			return errs.New(errs.Invalid, "api.no_body")
		}
		return errs.New(errs.Invalid, "api.bad_json")
	case http.StatusUnprocessableEntity:
	default:
		return errors.Join(append([]error{fmt.Errorf("huma answered %d", status)}, faults...)...)
	}
	var list errs.List
	for _, f := range faults {
		if d := (*huma.ErrorDetail)(nil); errors.As(f, &d) {
			list = append(list, shapeFault(d))
		}
	}
	if len(list) == 0 {
		return errs.New(errs.Invalid, "api.bad_value")
	}
	slices.SortStableFunc(list, func(a, b *errs.Error) int { return strings.Compare(a.Field, b.Field) })
	return list
}

// shapeKeys maps the beginnings of huma's messages to ours. {0} of ours is what
// follows in theirs, and only where that comes from the schema.
var shapeKeys = []struct{ prefix, key, arg string }{
	{"unexpected property", "api.unexpected_property", ""},
	{"unknown query parameter", "api.unknown_parameter", ""},
	{"required ", "api.required_parameter", ""},
	{"expected required property ", "api.required_property", "field"},
	{"expected value to be one of ", "api.one_of", "values"},
	{"expected number >= ", "api.at_least", "limit"},
	{"expected number <= ", "api.at_most", "limit"},
	{"expected length >= ", "api.too_short", "limit"},
	{"expected length <= ", "api.too_long", "limit"},
	{"expected array length >= ", "api.too_few", "limit"},
	{"expected array length <= ", "api.too_many_items", "limit"},
	{"expected string to match pattern ", "api.pattern", "pattern"},
	{"expected string to be ", "api.pattern", "pattern"},
	{"expected boolean", "api.want_boolean", ""},
	{"invalid boolean", "api.want_boolean", ""},
	{"expected integer", "api.want_integer", ""},
	{"invalid integer", "api.want_integer", ""},
	{"expected number", "api.want_number", ""},
	{"expected string", "api.want_string", ""},
	{"expected array", "api.want_array", ""},
	{"expected object", "api.want_object", ""},
}

var propertyEnd = regexp.MustCompile(` to be present.*$`)

func shapeFault(d *huma.ErrorDetail) *errs.Error {
	where := pointer(d.Location)
	for _, k := range shapeKeys {
		rest, ok := strings.CutPrefix(d.Message, k.prefix)
		if !ok {
			continue
		}
		args := errs.A{}
		if k.arg != "" {
			args[k.arg] = strings.Trim(propertyEnd.ReplaceAllString(rest, ""), `"`)
		}
		return errs.New(errs.Invalid, k.key, args).At(where)
	}
	return errs.New(errs.Invalid, "api.bad_value").At(where)
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// longestName cuts what a client chose to call a property or a parameter.
const longestName = 80

// pointer turns huma's "body.names[0].text" into "/names/0/text", and
// "query.limit" into "limit".
func pointer(location string) string {
	location = index.ReplaceAllString(location, ".$1")
	in, rest, _ := strings.Cut(location, ".")
	if in == "body" {
		return "/" + cut(strings.NewReplacer("~", "~0", "/", "~1", ".", "/").Replace(rest))
	}
	if name, err := url.QueryUnescape(rest); err == nil {
		rest = name
	}
	return cut(rest)
}

func cut(s string) string {
	if len(s) <= longestName {
		return s
	}
	return strings.ToValidUTF8(s[:longestName], "") + "…"
}
