package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

//go:embed templates/layout.html templates/parts templates/pages
var templateFS embed.FS

// Options configures a Site. The zero value serves pages without rooms to
// readers who are not signed in.
type Options struct {
	Rooms     []Room
	Simulated bool
	Version   string                      // of the data shown, for head and print
	User      func(r *http.Request) *User // nil function: nobody is signed in
	MaxBody   int64                       // bytes of a request; 0 means 4 MiB
	Log       *slog.Logger                // nil: slog.Default
}

// Site serves pages.
type Site struct {
	opts    Options
	log     *slog.Logger
	assets  *assets
	mux     *http.ServeMux
	pages   map[i18n.Lang]map[string]*template.Template
	svc     Services // zero without AddRegisters and AddFigures
	uploads *uploads // files on their way in; nil without Import
	tallies tallies  // counts of the market's lists
}

// New returns a Site with the pages of templates/pages and the routes that
// every site has: assets and preferences.
func New(o Options) (*Site, error) {
	sub, err := fs.Sub(templateFS, "templates")
	if err != nil {
		return nil, err
	}
	return newSite(o, sub)
}

func newSite(o Options, extra ...fs.FS) (*Site, error) {
	if o.MaxBody == 0 {
		o.MaxBody = 4 << 20
	}
	s := &Site{opts: o, log: o.Log, mux: http.NewServeMux(), pages: map[i18n.Lang]map[string]*template.Template{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	var err error
	if s.assets, err = newAssets(); err != nil {
		return nil, err
	}
	for _, l := range i18n.Langs {
		if s.pages[l], err = s.parse(l, extra...); err != nil {
			return nil, err
		}
	}
	s.mux.Handle("GET /static/{file}", s.assets)
	s.Route("POST /preferences", s.setPrefs)
	return s, nil
}

// parse reads layout and parts once for each language, because the functions
// that templates call are bound to one, and each page into a copy of its own.
func (s *Site) parse(l i18n.Lang, sources ...fs.FS) (map[string]*template.Template, error) {
	base, err := template.New("").Funcs(s.funcs(l)).ParseFS(sources[0], "layout.html", "parts/*.html")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, fsys := range sources {
		files, err := fs.Glob(fsys, "pages/*.html")
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			t, err := template.Must(base.Clone()).ParseFS(fsys, f)
			if err != nil {
				return nil, fmt.Errorf("page %s: %w", f, err)
			}
			out[strings.TrimSuffix(path.Base(f), ".html")] = t
		}
	}
	return out, nil
}

// Route adds a page under a pattern of http.ServeMux, such as
// "GET /figures/{id}".
func (s *Site) Route(pattern string, h Handler) { s.mux.Handle(pattern, s.handle(h)) }

// Render answers with page templates/pages/<name>.html. Data is the page's
// struct, which embeds Page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, name string, data any) error {
	return s.RenderStatus(w, r, http.StatusOK, name, data)
}

// RenderStatus is Render with another status: 422 for a form with errors.
// Nothing is written unless the whole page could be made.
func (s *Site) RenderStatus(w http.ResponseWriter, r *http.Request, status int, name string, data any) error {
	t := s.pages[PrefsOf(r.Context()).Lang][name]
	if t == nil {
		return fmt.Errorf("no page template %q", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", string(PrefsOf(r.Context()).Lang))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Add("Vary", "Cookie, Accept-Language")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, err := b.WriteTo(w)
	if err != nil {
		s.log.DebugContext(r.Context(), "reader went away", "request_id", RequestID(r.Context()))
	}
	return nil
}

// assetURL is the address of a file of static/, with its hash.
func (s *Site) assetURL(name string) (string, error) { return s.assets.url(name) }
