package api

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Version is that of the API as its document describes it: the second number
// grows with each addition, the first with each change that breaks a client.
const Version = "1.0.0"

// newHuma sets huma up without its pages, which load scripts from elsewhere,
// and without links to schemas in every answer, which carry the host.
func (s *server) newHuma() huma.API {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	return huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: i18n.T(i18n.EN, "api.title"), Version: Version, Description: i18n.T(i18n.EN, "api.about"),
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Components: &huma.Components{Schemas: schemas, SecuritySchemes: map[string]*huma.SecurityScheme{
				"bearer": {Type: "http", Scheme: "bearer", Description: "Token of POST " + base + "/sessions"},
				"cookie": {Type: "apiKey", In: "cookie", Name: DefaultCookie},
			}},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	}, humago.NewAdapter(s, ""))
}

// schemaName is a type's name, after its package where another room uses the
// same word.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if room, ok := strings.CutPrefix(t.PkgPath(), "github.com/kapok-city/kapok/internal/"); ok && t.Name() != "" {
		room = room[strings.LastIndex(room, "/")+1:]
		switch {
		case slices.Contains(roomsNamed, room) && strings.ToLower(name) != room:
			return strings.ToUpper(room[:1]) + room[1:] + name
		case room == "observatory" && name == "Change":
			return "FigureChange"
		}
	}
	return name
}

// roomsNamed are the rooms whose types bear the room's name before their own:
// other rooms use the same words.
var roomsNamed = []string{"capital", "casework", "claims", "corpus", "edition", "fund", "ledger", "lookthrough", "match", "pool", "ranking", "release", "returns", "rules", "search", "stats", "termbase", "twice"}

// describe serves the OpenAPI document and the page that shows it.
func (s *server) describe() error {
	asJSON, err := s.huma.OpenAPI().MarshalJSON()
	if err != nil {
		return fmt.Errorf("openapi document: %w", err)
	}
	asYAML, err := s.huma.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("openapi document: %w", err)
	}
	s.document("GET /api/openapi.json", "application/openapi+json", asJSON)
	s.document("GET /api/openapi.yaml", "application/openapi+yaml", asYAML)
	return s.page()
}

func (s *server) document(pattern, kind string, body []byte) {
	tag := etag(0, body)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		if seen(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Write(body) //nolint:errcheck // the reader went away
	})
}
