package encoder

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// HTTPConfig says where an encoder service is and what it takes. URL, Model and
// Dim are needed; the zero value of any other field works.
type HTTPConfig struct {
	URL   string // of the interface, such as https://host/v1; "/embeddings" is added
	Model string // as the service calls it
	Dim   int    // floats of its vectors; another number in an answer is an error
	Key   string // sent as a bearer token; "" sends none. It is never logged

	QueryPrefix, PassagePrefix string // put before a text of each side, for models that want them

	Batch    int           // texts of one request; 0 is 64
	MaxBytes int           // of a text that are sent; 0 is 24,000
	Timeout  time.Duration // of one request; 0 is 30 s
	Retries  int           // after the first try, when the service is busy or away; 0 is 2, −1 none

	Client *http.Client // nil: one that goes to no other host
}

// HTTPFromEnv reads the configuration from the environment, and reports false
// when KAPOK_ENCODER_URL is not set.
func HTTPFromEnv(getenv func(string) string) (HTTPConfig, bool) {
	dim, _ := strconv.Atoi(getenv("KAPOK_ENCODER_DIM")) // 0 is refused by NewHTTP, with the reason
	cfg := HTTPConfig{
		URL: getenv("KAPOK_ENCODER_URL"), Model: getenv("KAPOK_ENCODER_MODEL"), Dim: dim, Key: getenv("KAPOK_ENCODER_KEY"),
		QueryPrefix: getenv("KAPOK_ENCODER_QUERY_PREFIX"), PassagePrefix: getenv("KAPOK_ENCODER_PASSAGE_PREFIX"),
	}
	return cfg, cfg.URL != ""
}

// HTTP is an encoder behind the embeddings interface that OpenAI has made
// common: POST /embeddings with {model, input}.
type HTTP struct {
	cfg      HTTPConfig
	endpoint string
	pause    func(ctx context.Context, d time.Duration) error
}

// NewHTTP checks the configuration. It sends nothing.
func NewHTTP(cfg HTTPConfig) (*HTTP, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, errs.New(errs.Invalid, "encoder.http_config", errs.A{"field": "URL"})
	case cfg.Model == "":
		return nil, errs.New(errs.Invalid, "encoder.http_config", errs.A{"field": "MODEL"})
	case cfg.Dim < 1 || cfg.Dim > maxDim:
		return nil, errs.New(errs.Invalid, "encoder.http_config", errs.A{"field": "DIM"})
	}
	for field, usual := range map[*int]int{&cfg.Batch: 64, &cfg.MaxBytes: 24_000, &cfg.Retries: 2} {
		if *field == 0 {
			*field = usual
		}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{CheckRedirect: stay}
	}
	return &HTTP{cfg: cfg, endpoint: strings.TrimSuffix(u.String(), "/") + "/embeddings", pause: pause}, nil
}

// stay follows a redirect within one host only: texts and the key go nowhere
// that the operator did not name.
func stay(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 3 || req.URL.Host != first.Host || req.URL.Scheme != first.Scheme {
		return errs.New(errs.Forbidden, "encoder.http_redirect", errs.A{"host": req.URL.Host})
	}
	return nil
}

// Dim is the number of floats of a vector.
func (h *HTTP) Dim() int { return h.cfg.Dim }

// Name is the service's host with its name of the model.
func (h *HTTP) Name() string {
	u, _ := url.Parse(h.endpoint) // NewHTTP has parsed it
	return u.Host + "/" + h.cfg.Model + h.cfg.QueryPrefix + h.cfg.PassagePrefix
}

// Encode asks the service, in batches. An empty text is sent as a blank, which
// services take.
func (h *HTTP) Encode(ctx context.Context, side Side, texts []string) ([][]float32, error) {
	prefix := h.cfg.PassagePrefix
	if side == Query {
		prefix = h.cfg.QueryPrefix
	}
	out := make([][]float32, 0, len(texts))
	for part := range slices.Chunk(texts, h.cfg.Batch) {
		input := make([]string, len(part))
		for i, text := range part {
			if input[i] = prefix + cut(text, h.cfg.MaxBytes); input[i] == "" {
				input[i] = " "
			}
		}
		got, err := h.ask(ctx, input)
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// cut returns at most n bytes of valid text, no character cut in two.
func cut(text string, n int) string {
	if len(text) > n {
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		text = text[:n]
	}
	return strings.ToValidUTF8(text, "�")
}

// ask sends one batch, again where that may help.
func (h *HTTP) ask(ctx context.Context, input []string) ([][]float32, error) {
	body, err := json.Marshal(map[string]any{"model": h.cfg.Model, "input": input, "encoding_format": "float"})
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		got, wait, err := h.try(ctx, body, len(input))
		if err == nil || wait < 0 || try >= h.cfg.Retries {
			return got, err
		}
		wait = max(wait, 250*time.Millisecond<<try)
		if stop := h.pause(ctx, min(wait, 10*time.Second)); stop != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// never says that another try would fail as well.
const never time.Duration = -1

// try sends a request once. With an error it returns how long to wait before
// another try, or never.
func (h *HTTP) try(ctx context.Context, body []byte, n int) ([][]float32, time.Duration, error) {
	ctx, stop := context.WithTimeout(ctx, h.cfg.Timeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, never, err
	}
	req.Header.Set("Content-Type", "application/json")
	if h.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+h.cfg.Key)
	}
	res, err := h.cfg.Client.Do(req)
	if err != nil {
		return nil, afterNoAnswer(err), noAnswer(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, res.Body, 1<<16) // so that the connection can be used again
		return nil, again(res), errs.New(statusKind(res.StatusCode), "encoder.http_status", errs.A{"status": res.StatusCode})
	}
	// A number takes some 25 bytes at most; twice that, and a frame.
	raw, err := io.ReadAll(io.LimitReader(res.Body, int64(n*h.cfg.Dim*50+1<<16)))
	if err != nil {
		return nil, 0, noAnswer(err)
	}
	got, err := h.parse(raw, n)
	return got, never, err
}

func noAnswer(err error) error {
	if errs.KindOf(err) == errs.Forbidden {
		return errs.Of(err)
	}
	return errs.Wrap(err, errs.Unavailable, "encoder.http_away")
}

func afterNoAnswer(err error) time.Duration {
	if errs.KindOf(err) == errs.Forbidden {
		return never
	}
	return 0
}

// again returns how long to wait before another try, or never.
func again(res *http.Response) time.Duration {
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // a date or nothing: no longer than usual
		return max(0, time.Duration(min(seconds, 60))*time.Second)
	}
	return never
}

func statusKind(status int) errs.Kind {
	if status == http.StatusTooManyRequests || status >= 500 {
		return errs.Unavailable
	}
	return errs.Invalid
}

// parse takes the vectors out of an answer: one for each text, of the right
// dimension, finite, brought to length 1.
func (h *HTTP) parse(raw []byte, n int) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "encoder.http_answer")
	}
	out := make([][]float32, n)
	for _, d := range answer.Data {
		if d.Index < 0 || d.Index >= n || out[d.Index] != nil {
			return nil, errs.New(errs.Invalid, "encoder.http_answer")
		}
		if len(d.Embedding) != h.cfg.Dim {
			return nil, errs.New(errs.Invalid, "encoder.wrong_dimension", errs.A{"want": h.cfg.Dim, "got": len(d.Embedding)})
		}
		for _, v := range d.Embedding {
			if math.IsInf(float64(v), 0) || math.IsNaN(float64(v)) {
				return nil, errs.New(errs.Invalid, "encoder.not_finite")
			}
		}
		normalise(d.Embedding)
		out[d.Index] = d.Embedding
	}
	if slices.ContainsFunc(out, func(v []float32) bool { return v == nil }) {
		return nil, errs.New(errs.Invalid, "encoder.http_answer")
	}
	return out, nil
}
