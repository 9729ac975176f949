package api

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
)

// base is the path of the present version. A change that breaks a client moves
// to the next one.
const base = "/api/v1"

// route is one operation as the gate sees it.
type route struct {
	id        string         // in the OpenAPI document, and in message key "api.op.<id>"
	method    string         // GET unless said otherwise
	path      string         // below base
	tag       string         // area
	needs     account.Action // "" for everybody, signed in or not
	signed    bool           // needs any user, and no more
	versioned bool           // If-Match must name the row version
	once      bool           // a write that may carry an Idempotency-Key
	status    int            // of success; 200
	maxBody   int64          // bytes; defaultBody
	deep      bool           // the last parameter of the path may hold slashes

	server *server
	serve  http.HandlerFunc // set when huma hands over the operation
}

// defaultBody is the largest body of a request, unless the route says more.
const defaultBody = 1 << 20

func (rt *route) writes() bool { return rt.method != http.MethodGet && rt.method != "" }

// add registers an operation. handle gets its checked input and returns an
// answer or an error; huma and HTTP end here.
func add[I, B any](s *server, rt route, handle func(ctx context.Context, in *I) (*answer[B], error)) {
	op := s.operation(&rt)
	if rt.status != http.StatusNoContent {
		success(op).Content = map[string]*huma.MediaType{"application/json": {Schema: s.schema(reflect.TypeFor[B](), rt.id)}}
	}
	huma.Register(s.huma, *op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		a, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(c, err)
		}
		return stream(func() error { return a.write(c) }), nil
	})
}

// stream lets fn write the answer. An error after the first byte can only be
// told by breaking off.
func stream(fn func() error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(huma.Context) {
		if err := fn(); err != nil {
			panic(err)
		}
	}}
}

// operation describes rt for the OpenAPI document and puts it into the table of
// routes.
func (s *server) operation(rt *route) *huma.Operation {
	if rt.method == "" {
		rt.method = http.MethodGet
	}
	if rt.status == 0 {
		rt.status = http.StatusOK
	}
	if rt.maxBody == 0 {
		rt.maxBody = defaultBody
	}
	rt.path, rt.server = base+rt.path, s
	s.routes = append(s.routes, rt)
	key := "api.op." + rt.id
	op := &huma.Operation{
		OperationID: rt.id, Method: rt.method, Path: rt.path, Tags: []string{rt.tag}, Summary: i18n.T(i18n.EN, key),
		DefaultStatus: rt.status, MaxBodyBytes: rt.maxBody + 2, RejectUnknownQueryParameters: true, Errors: rt.errors(),
		Extensions: map[string]any{"x-summary-zh": i18n.T(i18n.ZH, key), "x-needs": rt.needsText()},
		Responses:  map[string]*huma.Response{strconv.Itoa(rt.status): {Description: http.StatusText(rt.status)}},
		Security:   rt.security(),
		Parameters: rt.headers(),
	}
	return op
}

func success(op *huma.Operation) *huma.Response { return op.Responses[strconv.Itoa(op.DefaultStatus)] }

// needsText is who may call the operation, as the document says it: "read" is
// open to all where the operator made reading public.
func (rt *route) needsText() string {
	switch {
	case rt.signed:
		return "session"
	case rt.needs == "":
		return "nobody"
	}
	return string(rt.needs)
}

func (rt *route) security() []map[string][]string {
	schemes := []map[string][]string{{"bearer": {}}, {"cookie": {}}}
	if rt.needs == "" && !rt.signed || rt.needs == account.Read {
		schemes = append(schemes, map[string][]string{})
	}
	return schemes
}

// errors lists the statuses that the operation may answer with; huma adds 422
// and 500.
func (rt *route) errors() []int {
	codes := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests}
	if rt.writes() {
		codes = append(codes, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if rt.versioned {
		codes = append(codes, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	slices.Sort(codes)
	return codes
}

func (rt *route) headers() []*huma.Param {
	text := func(name, doc string, required bool) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: required, Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	var out []*huma.Param
	if rt.versioned {
		out = append(out, text("If-Match", "ETag of the record as it was read; another version is answered with 412", true))
	}
	if rt.once {
		out = append(out, text("Idempotency-Key", "Your own name for this request. Sent again within 24 hours with the same content, it gets the first answer and is not done twice", false))
	}
	return out
}

func (s *server) schema(t reflect.Type, hint string) *huma.Schema {
	return s.huma.OpenAPI().Components.Schemas.Schema(t, true, hint)
}

// HandleFunc takes an operation from huma and puts the gate before it. It is
// how huma sees the ServeMux.
func (s *server) HandleFunc(pattern string, fn func(http.ResponseWriter, *http.Request)) {
	at := slices.IndexFunc(s.routes, func(rt *route) bool { return rt.method+" "+rt.path == pattern })
	rt := s.routes[at] // huma registers what operation has just described
	rt.serve = fn
	if rt.deep {
		pattern = strings.TrimSuffix(pattern, "}") + "...}"
	}
	s.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) { s.gate(callOf(r.Context()), rt, r) })
}

// ServeHTTP is needed by huma's adapter only.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }
