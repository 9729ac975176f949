package api

import (
	"bytes"
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
)

// once answers a request that carries an Idempotency-Key: from store when it
// was answered before, else by doing it and storing the answer. What failed
// changed nothing, so its key is free for another try.
func (s *server) once(c *call, key string) {
	ctx := c.r.Context()
	hash := account.RequestHash(c.r.Method, c.r.URL.RequestURI()+"\n"+c.r.Header.Get("If-Match"), c.body)
	kept, found, err := s.Accounts.Begin(ctx, c.user.ID, key, hash)
	if err != nil {
		s.refuse(c, err)
		return
	}
	if found {
		replay(c, kept)
		return
	}
	rec := &recorder{ResponseWriter: c.w.ResponseWriter}
	c.w.ResponseWriter = rec
	defer s.settle(context.WithoutCancel(ctx), c, key, rec)
	c.route.serve(c.w, c.r)
}

// settle keeps a successful answer, also when the operation panicked before it
// had one, or when the client has gone.
func (s *server) settle(ctx context.Context, c *call, key string, rec *recorder) {
	var err error
	if rec.status >= 200 && rec.status < 300 {
		err = s.Accounts.Finish(ctx, c.user.ID, key, account.Answer{Status: rec.status, Header: kept(rec.Header()), Body: rec.body.Bytes()})
	} else {
		err = s.Accounts.Forget(ctx, c.user.ID, key)
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "answer of a repeatable request was not kept", "request_id", c.id, "error", err.Error())
	}
}

// kept are the headers that belong to the answer rather than to this one
// request.
func kept(h http.Header) map[string][]string {
	out := map[string][]string{}
	for _, name := range []string{"Content-Type", "Etag", "Location"} {
		if v, ok := h[name]; ok {
			out[name] = v
		}
	}
	return out
}

func replay(c *call, a account.Answer) {
	h := c.w.Header()
	for name, v := range a.Header {
		h[name] = v
	}
	h.Set("Idempotency-Replayed", "true")
	c.w.WriteHeader(a.Status)
	c.w.Write(a.Body) //nolint:errcheck // the reader went away
}

// recorder keeps a copy of what goes out.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
