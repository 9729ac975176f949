package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

// CoverBox asks for a text and says how much of its Chinese the terms know.
type CoverBox struct {
	Can   bool
	Text  string
	Error string
	Done  bool
	Lead  string
	Bars  []CoverBar
	Hits  []Link // terms met, with how often
}

// CoverBar is one share of the Chinese characters of a text.
type CoverBar struct {
	Label string
	Count string
	Share string
	Width int // percent
	Tone  string
}

// maxCover is the longest text that the box takes, in bytes.
const maxCover = 200_000

// coverHits is how many terms of a text are listed.
const coverHits = 60

func (s *Site) cover(w http.ResponseWriter, r *http.Request) error {
	if s.svc.Cover == nil {
		return errs.New(errs.Unavailable, "terms.off")
	}
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	text := strings.TrimSpace(r.PostForm.Get("text"))
	list := r.Clone(r.Context())
	list.URL = &url.URL{Path: "/terms"}
	p, err := s.termsPage(list)
	if err != nil {
		return err
	}
	p.Cover.Text = text
	status := http.StatusOK
	switch {
	case text == "":
		p.Cover.Error, status = i18n.T(p.Lang, "terms.cover.no_text"), http.StatusUnprocessableEntity
	case len(text) > maxCover:
		p.Cover.Text = ""
		p.Cover.Error, status = i18n.T(p.Lang, "terms.cover.long", errs.A{"bytes": len(text), "limit": maxCover}), http.StatusRequestEntityTooLarge
	default:
		c, err := s.svc.Cover(r.Context(), text)
		if err != nil {
			return err
		}
		p.Cover.fill(p.Lang, &c)
	}
	return s.RenderStatus(w, r, status, "terms", p)
}

func (b *CoverBox) fill(l i18n.Lang, c *gloss.Coverage) {
	b.Done = true
	if c.Characters == 0 {
		b.Lead = i18n.T(l, "terms.cover.no_chinese")
	} else {
		b.Lead = i18n.T(l, "terms.cover.lead", errs.A{"n": c.Characters, "percent": share(c.Terms+c.Words, c.Characters)})
		for _, part := range []struct {
			key, tone string
			n         int
		}{{"terms", "ok", c.Terms}, {"words", "", c.Words}, {"single", "care", c.Single}, {"unknown", "apart", c.Unknown}} {
			b.Bars = append(b.Bars, CoverBar{i18n.T(l, "terms.cover."+part.key), i18n.Integer(int64(part.n)), share(part.n, c.Characters), 100 * part.n / c.Characters, part.tone})
		}
	}
	for i, h := range c.Hits {
		if i == coverHits {
			break
		}
		text := h.Form
		if h.N > 1 {
			text += " × " + i18n.Integer(int64(h.N))
		}
		b.Hits = append(b.Hits, Link{text, "/terms?" + url.Values{"q": {h.Form}}.Encode()})
	}
}

func share(n, of int) string { return i18n.Decimal(100*float64(n)/float64(of), 1) + "%" }
