package encoder

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

type request struct {
	Model    string   `json:"model"`
	Input    []string `json:"input"`
	Encoding string   `json:"encoding_format"`
}

// answering is a service that gives each text the vector (3, 4·length, 0), the
// last text first.
func answering(t *testing.T, seen *[]request) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("%s with %q", r.URL, r.Header.Get("Authorization"))
		}
		var in request
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		*seen = append(*seen, in)
		var data []map[string]any
		for i := len(in.Input) - 1; i >= 0; i-- {
			data = append(data, map[string]any{"index": i, "embedding": []float64{3, 4 * float64(len(in.Input[i])), 0}})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data})
	}
}

// service returns an encoder of a handler that never waits.
func service(t *testing.T, h http.HandlerFunc, change func(*HTTPConfig)) *HTTP {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	cfg := HTTPConfig{URL: s.URL + "/v1", Model: "m", Dim: 3, Key: "secret"}
	if change != nil {
		change(&cfg)
	}
	e, err := NewHTTP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	e.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return e
}

func TestHTTP(t *testing.T) {
	var seen []request
	e := service(t, answering(t, &seen), func(c *HTTPConfig) { c.Batch, c.MaxBytes, c.QueryPrefix = 2, 7, "q:" })
	got, err := e.Encode(context.Background(), Query, []string{"", "木棉木", "\xffx"})
	if err != nil {
		t.Fatal(err)
	}
	want := []request{{"m", []string{"q:", "q:木棉"}, "float"}, {"m", []string{"q:�x"}, "float"}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("requests: %s", diff)
	}
	for i, n := range []float64{2, 8, 6} {
		length := math.Hypot(3, 4*n)
		if d := math.Abs(float64(got[i][0])-3/length) + math.Abs(float64(got[i][1])-4*n/length); len(got[i]) != 3 || d > 1e-6 {
			t.Errorf("vector %d: %v", i, got[i])
		}
	}
	if _, err := e.Encode(context.Background(), Passage, []string{""}); err != nil || seen[2].Input[0] != " " {
		t.Errorf("an empty text was sent as %q, %v", seen[2].Input, err)
	}
	if e.Name() == "" || strings.Contains(e.Name(), "secret") || e.Dim() != 3 {
		t.Errorf("name %q", e.Name())
	}
}

func TestHTTPTriesAgain(t *testing.T) {
	for name, c := range map[string]struct {
		status, times, asked int
		key                  string
	}{
		"busy, then well":  {429, 2, 3, ""},
		"away, then well":  {503, 1, 2, ""},
		"busy for ever":    {503, 99, 3, "encoder.http_status"},
		"wrong key":        {401, 99, 1, "encoder.http_status"},
		"broken for ever":  {500, 99, 1, "encoder.http_status"},
		"cut off for ever": {-1, 99, 3, "encoder.http_away"},
	} {
		var seen []request
		well := answering(t, &seen)
		var asked atomic.Int64
		e := service(t, func(w http.ResponseWriter, r *http.Request) {
			switch n := int(asked.Add(1)); {
			case n > c.times:
				well(w, r)
			case c.status < 0:
				panic(http.ErrAbortHandler)
			default:
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(c.status)
			}
		}, nil)
		_, err := e.Encode(context.Background(), Query, []string{"a"})
		if int(asked.Load()) != c.asked || (c.key == "") != (err == nil) || err != nil && errs.Of(err).Key != c.key {
			t.Errorf("%s: asked %d times, %v", name, asked.Load(), err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s tells the key: %v", name, err)
		}
	}
}

func TestHTTPRefusesAnswers(t *testing.T) {
	for name, c := range map[string]struct{ body, key string }{
		"no JSON":         {`<html>`, "encoder.http_answer"},
		"nothing":         {`{}`, "encoder.http_answer"},
		"one too few":     {`{"data":[{"index":0,"embedding":[1,2,3]}]}`, "encoder.http_answer"},
		"one twice":       {`{"data":[{"index":0,"embedding":[1,2,3]},{"index":0,"embedding":[1,2,3]}]}`, "encoder.http_answer"},
		"an index beyond": {`{"data":[{"index":0,"embedding":[1,2,3]},{"index":2,"embedding":[1,2,3]}]}`, "encoder.http_answer"},
		"short vector":    {`{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2,3]}]}`, "encoder.wrong_dimension"},
		"too great":       {`{"data":[{"index":0,"embedding":[1e99,2,3]},{"index":1,"embedding":[1,2,3]}]}`, "encoder.http_answer"},
		"endless":         {`{"data":[` + strings.Repeat(" ", 1<<20), "encoder.http_answer"},
	} {
		e := service(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.body) }, nil)
		if _, err := e.Encode(context.Background(), Query, []string{"a", "b"}); err == nil || errs.Of(err).Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func TestHTTPStaysOnItsHost(t *testing.T) {
	var seen []request
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") }))
	defer other.Close()
	e := service(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}, nil)
	if _, err := e.Encode(context.Background(), Query, []string{"a"}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("to another host: %v", err)
	}
	well := answering(t, &seen)
	e = service(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/old") {
			http.Redirect(w, r, "/v1/embeddings", http.StatusPermanentRedirect)
			return
		}
		well(w, r)
	}, func(c *HTTPConfig) { c.URL = strings.Replace(c.URL, "/v1", "/old", 1) })
	if _, err := e.Encode(context.Background(), Query, []string{"a"}); err != nil {
		t.Errorf("within one host: %v", err)
	}
}

func TestHTTPTimesOut(t *testing.T) {
	held := make(chan struct{})
	e := service(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	}, func(c *HTTPConfig) { c.Timeout, c.Retries = 20*time.Millisecond, -1 })
	defer close(held)
	if _, err := e.Encode(context.Background(), Query, []string{"a"}); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a silent service: %v", err)
	}
}

func TestHTTPConfig(t *testing.T) {
	for field, env := range map[string]string{
		"URL":   "KAPOK_ENCODER_URL=ftp://host KAPOK_ENCODER_MODEL=m KAPOK_ENCODER_DIM=3",
		"URL ":  "KAPOK_ENCODER_URL=https://user:pw@host KAPOK_ENCODER_MODEL=m KAPOK_ENCODER_DIM=3",
		"MODEL": "KAPOK_ENCODER_URL=https://host KAPOK_ENCODER_DIM=3",
		"DIM":   "KAPOK_ENCODER_URL=https://host KAPOK_ENCODER_MODEL=m KAPOK_ENCODER_DIM=many",
	} {
		vars := map[string]string{}
		for _, v := range strings.Fields(env) {
			name, value, _ := strings.Cut(v, "=")
			vars[name] = value
		}
		cfg, ok := HTTPFromEnv(func(name string) string { return vars[name] })
		if _, err := NewHTTP(cfg); !ok || fmt.Sprint(errs.Of(err).Args["field"]) != strings.TrimSpace(field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, ok := HTTPFromEnv(func(string) string { return "" }); ok {
		t.Error("a service without an address")
	}
}
