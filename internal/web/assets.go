package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var staticFS embed.FS

// assets serves the files of static/ under names that carry their hash, so
// that a browser may keep them for ever and never sees an old one.
type assets struct {
	urls  map[string]string // kapok.css → /static/kapok.0123456789ab.css
	files map[string]asset  // kapok.0123456789ab.css → contents
}

type asset struct {
	kind  string
	plain []byte
	gzip  []byte // nil where it would not be smaller
}

func newAssets() (*assets, error) {
	a := &assets{urls: map[string]string{}, files: map[string]asset{}}
	names, err := fs.Glob(staticFS, "static/*")
	if err != nil {
		return nil, err
	}
	for _, f := range names {
		raw, err := staticFS.ReadFile(f)
		if err != nil {
			return nil, err
		}
		small, err := deflated(raw)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(raw)
		name, ext := path.Base(f), path.Ext(f)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.urls[name] = "/static/" + hashed
		a.files[hashed] = asset{kind: mime.TypeByExtension(ext), plain: raw, gzip: small}
	}
	return a, nil
}

func deflated(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(raw) {
		return nil, nil
	}
	return b.Bytes(), nil
}

func (a *assets) url(name string) (string, error) {
	u, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return u, nil
}

// ServeHTTP implements http.Handler for /static/{file}.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.gzip != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		w.Write(body) //nolint:errcheck // the reader went away
	}
}
