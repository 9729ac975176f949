package api

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// download is an answer that is no JSON of ours. body is closed once sent.
type download struct {
	kind        string // media type
	tag         string // strong ETag, "" for none
	disposition string
	size        int64
	body        io.ReadCloser
}

// addFile registers an operation that answers with a file of the given type, or
// of one that depends on the file.
func addFile[I any](s *server, rt route, kind string, handle func(ctx context.Context, in *I) (*download, error)) {
	op := s.operation(&rt)
	success(op).Content = map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	huma.Register(s.huma, *op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		d, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(c, err)
		}
		return stream(func() error { return d.write(c) }), nil
	})
}

func (d *download) write(c *call) error {
	defer d.body.Close()
	h := c.w.Header()
	if d.tag != "" {
		h.Set("ETag", d.tag)
	}
	if d.tag != "" && seen(c.r.Header.Get("If-None-Match"), d.tag) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", d.kind)
	h.Set("Content-Length", strconv.FormatInt(d.size, 10))
	if d.disposition != "" {
		h.Set("Content-Disposition", d.disposition)
	}
	c.w.WriteHeader(http.StatusOK)
	if c.r.Method == http.MethodHead {
		return nil
	}
	_, err := io.CopyN(c.w, d.body, d.size)
	if err != nil && c.r.Context().Err() != nil {
		return nil // the reader went away
	}
	return err
}
