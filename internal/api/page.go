package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle []byte

// pageData is the page at /api/: every operation of the document, in one
// language, and every kind of problem.
type pageData struct {
	Lang     i18n.Lang
	Other    i18n.Lang
	Version  string
	Areas    []pageArea
	Problems []pageProblem
}

type pageArea struct {
	Name       string
	Title      string
	Operations []pageOperation
}

type pageOperation struct {
	ID, Method, Path, Summary, Needs string
	Parameters                       []pageParameter
	Formats                          []string
}

type pageParameter struct {
	Name, In, About, Values string
	Required                bool
}

type pageProblem struct {
	Kind, Title string
	Status      int
}

// page serves the document as a page without scripts, from nowhere but here.
func (s *server) page() error {
	t, err := template.New("page").Funcs(template.FuncMap{"t": func(l i18n.Lang, key string) string { return i18n.T(l, key) }}).Parse(pageText)
	if err != nil {
		return err
	}
	s.document("GET /api/page.css", "text/css; charset=utf-8", pageStyle)
	pages := map[i18n.Lang][]byte{}
	for i, l := range i18n.Langs {
		var b bytes.Buffer
		if err := t.Execute(&b, s.pageData(l, i18n.Langs[1-i])); err != nil {
			return err
		}
		pages[l] = b.Bytes()
	}
	s.mux.HandleFunc("GET /api/{$}", func(w http.ResponseWriter, r *http.Request) {
		l := callOf(r.Context()).lang
		if asked, ok := i18n.Parse(r.URL.Query().Get("lang")); ok {
			l = asked
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("Content-Language", string(l))
		h.Set("Content-Type", "text/html; charset=utf-8")
		w.Write(pages[l]) //nolint:errcheck // the reader went away
	})
	return nil
}

func (s *server) pageData(l, other i18n.Lang) pageData {
	d := pageData{Lang: l, Other: other, Version: Version}
	at := map[string]int{}
	for _, rt := range s.routes {
		if _, known := at[rt.tag]; !known {
			at[rt.tag] = len(d.Areas)
			d.Areas = append(d.Areas, pageArea{Name: rt.tag, Title: i18n.T(l, "api.area."+rt.tag)})
		}
		area := &d.Areas[at[rt.tag]]
		area.Operations = append(area.Operations, operationOf(s.huma.OpenAPI(), rt, l))
	}
	for _, k := range slices.Sorted(maps.Keys(statusOf)) {
		d.Problems = append(d.Problems, pageProblem{string(k), i18n.T(l, "api.problem."+string(k)), statusOf[k]})
	}
	return d
}

func operationOf(doc *huma.OpenAPI, rt *route, l i18n.Lang) pageOperation {
	item := doc.Paths[rt.path]
	op := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPatch: item.Patch, http.MethodPut: item.Put, http.MethodDelete: item.Delete}[rt.method]
	out := pageOperation{ID: rt.id, Method: rt.method, Path: rt.path, Summary: i18n.T(l, "api.op."+rt.id),
		Needs: i18n.T(l, "api.needs", errs.A{"role": i18n.T(l, "api.needs."+rt.needsText())})}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, pageParameter{Name: p.Name, In: p.In, About: p.Description, Values: values(p.Schema), Required: p.Required})
	}
	if r := success(op); r != nil {
		out.Formats = slices.Sorted(maps.Keys(r.Content))
	}
	return out
}

// values lists what a parameter may be, where the document does.
func values(sc *huma.Schema) string {
	if sc == nil {
		return ""
	}
	if sc.Items != nil {
		sc = sc.Items
	}
	var words []string
	for _, v := range sc.Enum {
		if word, ok := v.(string); ok {
			words = append(words, word)
		}
	}
	return strings.Join(words, " · ")
}
