package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// answer is what an operation returns.
type answer[B any] struct {
	Body    B
	Version int64       // of the row that Body shows; makes the ETag fit for If-Match
	Header  http.Header // further headers; they replace the frame's
}

// of answers with a body that is no single row.
func of[B any](body B) *answer[B] { return &answer[B]{Body: body} }

// row answers with one record and its version.
func row[B any](body B, version int64) *answer[B] { return &answer[B]{Body: body, Version: version} }

func (a *answer[B]) with(name, value string) *answer[B] {
	if a.Header == nil {
		a.Header = http.Header{}
	}
	a.Header.Set(name, value)
	return a
}

// write sends the answer as JSON with a strong ETag, or 304 when the reader has
// it already. The ETag holds the row version for If-Match, and a hash of the
// content, since a record shows names of others that change without it.
func (a *answer[B]) write(c *call) error {
	h := c.w.Header()
	for name, values := range a.Header {
		h[name] = values
	}
	if c.route.status == http.StatusNoContent {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a.Body); err != nil {
		return fmt.Errorf("answer of %s: %w", c.route.id, err)
	}
	tag := etag(a.Version, b.Bytes())
	h.Set("ETag", tag)
	if !c.route.writes() && seen(c.r.Header.Get("If-None-Match"), tag) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	c.w.WriteHeader(c.route.status)
	c.w.Write(b.Bytes()) //nolint:errcheck // the reader went away
	return nil
}

func etag(version int64, body []byte) string {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:8])
	if version > 0 {
		return fmt.Sprintf(`"v%d-%s"`, version, hash)
	}
	return `"` + hash + `"`
}

// seen reports whether If-None-Match names the tag, by weak comparison as RFC
// 9110, 13.1.2 asks.
func seen(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == tag || t == "*" {
			return true
		}
	}
	return false
}
