package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
)

// gate lets a call through to its operation when it may pass.
func (s *server) gate(c *call, rt *route, r *http.Request) {
	c.route, c.r = rt, r // r knows its path values
	if err := s.admit(c); err != nil {
		s.refuse(c, err)
		return
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" && rt.once {
		s.once(c, key)
		return
	}
	rt.serve(c.w, r)
}

// admit checks in this order: rate, session, role, precondition, size. Nobody
// learns from the later ones what the earlier ones would not tell.
func (s *server) admit(c *call) error {
	if s.Wait != nil {
		if d := s.Wait(c.r, c.route.id); d > 0 {
			return errs.New(errs.Unavailable, "api.too_many", errs.A{"seconds": int64((d + time.Second - 1) / time.Second)})
		}
	}
	if err := s.identify(c); err != nil {
		return err
	}
	if err := s.allowed(c); err != nil {
		return err
	}
	if c.route.versioned {
		if err := c.readMatch(); err != nil {
			return err
		}
	}
	return c.readBody()
}

// identify finds out who calls. A bearer token that is no good is refused; a
// cookie that is no good is an old one, and its bearer simply nobody.
func (s *server) identify(c *call) error {
	token, bearer := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		ck, err := c.r.Cookie(s.cookieName(c.r))
		if err != nil {
			return nil
		}
		token = ck.Value
	}
	u, _, err := s.Accounts.Session(c.r.Context(), token)
	if errs.KindOf(err) == errs.Unauthenticated && !bearer {
		return nil
	}
	if err != nil {
		return err
	}
	c.user, c.token = &u, token
	return nil
}

func (s *server) allowed(c *call) error {
	switch {
	case c.route.signed && c.user == nil:
		return errs.New(errs.Unauthenticated, "errs.sign_in")
	case c.route.needs == "", c.route.needs == account.Read && s.PublicRead:
		return nil
	}
	return account.Require(c.user, c.route.needs)
}

// readMatch takes the row version out of If-Match. An ETag of ours is
// "v<version>" with or without a hash of the content after a dash.
func (c *call) readMatch() error {
	tag := strings.TrimSpace(c.r.Header.Get("If-Match"))
	if tag == "" || tag == "*" {
		return errs.New(errs.Precondition, "api.if_match_missing").At("If-Match")
	}
	version, ok := versionOf(tag)
	if !ok {
		return errs.New(errs.Precondition, "api.if_match_other").At("If-Match")
	}
	c.match = version
	return nil
}

func versionOf(tag string) (int64, bool) {
	tag, ok := strings.CutPrefix(tag, `"v`)
	tag, end := strings.CutSuffix(tag, `"`)
	number, _, _ := strings.Cut(tag, "-")
	version, err := strconv.ParseInt(number, 10, 64)
	return version, ok && end && err == nil && version > 0
}

// readBody reads the whole body, so that it can be hashed and so that problems
// know what not to repeat.
func (c *call) readBody() error {
	if !c.route.writes() || c.r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, c.route.maxBody))
	if err != nil {
		return err
	}
	c.body, c.r.Body = body, io.NopCloser(bytes.NewReader(body))
	return nil
}
