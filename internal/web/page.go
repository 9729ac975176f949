package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Page is what every page knows. A page's own struct embeds it and is filled
// from [Site.Page].
type Page struct {
	Prefs
	Title     string // of this page, without the product's name
	Path      string // path of the request
	Rooms     []Room // where a reader can go; the rail shows them to staff
	Crumbs    []Link // the way here, without the page itself
	User      *User  // nil for a reader who has not signed in
	Simulated bool   // the city is invented: the band is shown
	Flash     string // one sentence about what has just been done
	Search    string // what stands in the search box
	Version   string // of the data: name of the release or of the state shown
	Address   string // full address of the page, for print
	RequestID string

	query  url.Values
	sticky bool // the reader keeps no cookies: links must carry the language
}

// User is the person who has signed in, as the top bar shows them.
type User struct {
	Name    string
	Role    string // in the reader's language
	Private bool   // may see what is not for every reader who signs in
}

// Room is a part of the site with a place in the navigation.
type Room struct {
	Key   string // message web.room.<key>
	Path  string
	Staff bool // shown only to those who have signed in

	Private bool // of those, to them that may see what is private: books, loans, cases
}

// Link is a text that leads somewhere; the text alone when Href is "".
type Link struct {
	Text string
	Href string
}

// Page returns the base of the page that r asks for.
func (s *Site) Page(r *http.Request, title string) Page {
	p := Page{
		Prefs: PrefsOf(r.Context()), Title: title, Path: r.URL.Path, Rooms: s.opts.Rooms,
		Simulated: s.opts.Simulated, Version: s.opts.Version, RequestID: RequestID(r.Context()),
		Address: address(r), query: r.URL.Query(),
	}
	_, err := r.Cookie(prefsCookie)
	p.sticky = err != nil && p.query.Has("lang")
	if s.opts.User != nil {
		p.User = s.opts.User(r)
	}
	return p
}

func address(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	u := *r.URL
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return scheme + "://" + r.Host + u.RequestURI()
}

// Frame is the page base itself, for the layout: a field of the page's own
// struct may have the name of one of the base.
func (p Page) Frame() Page { return p }

// HTMLLang is the lang attribute of the page.
func (p Page) HTMLLang() string { return string(p.Lang) }

// OtherLang is the language the page can be switched to.
func (p Page) OtherLang() i18n.Lang {
	if p.Lang == i18n.EN {
		return i18n.ZH
	}
	return i18n.EN
}

// Alternate is this page in the other language.
func (p Page) Alternate() string {
	return p.build(func(q url.Values) { q.Set("lang", string(p.OtherLang())) })
}

// Here is this page with its filters, to come back to.
func (p Page) Here() string { return p.build(func(url.Values) {}) }

// With is this page with some parameters changed: name, value, name, value. An
// empty value takes the parameter away. The cursor goes unless it is among the
// names, because it belongs to the list as it was.
func (p Page) With(pairs ...string) string {
	return p.build(func(q url.Values) {
		q.Del("cursor")
		for i := 0; i+1 < len(pairs); i += 2 {
			q.Del(pairs[i])
			if pairs[i+1] != "" {
				q.Set(pairs[i], pairs[i+1])
			}
		}
	})
}

// Without is this page with one value of a parameter taken away.
func (p Page) Without(name, value string) string {
	return p.build(func(q url.Values) {
		q.Del("cursor")
		left := slices.DeleteFunc(slices.Clone(q[name]), func(v string) bool { return v == value })
		q.Del(name)
		for _, v := range left {
			q.Add(name, v)
		}
	})
}

func (p Page) build(change func(url.Values)) string {
	q := maps.Clone(p.query)
	if q == nil {
		q = url.Values{}
	}
	if !p.sticky {
		q.Del("lang")
	}
	change(q)
	for k, vs := range q {
		if len(vs) == 1 && vs[0] == "" {
			q.Del(k)
		}
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// Current reports whether the page lies in the room, and in none that lies
// deeper: /platforms/system is a room inside /platforms.
func (p Page) Current(r Room) bool {
	if !r.holds(p.Path) {
		return false
	}
	return !slices.ContainsFunc(p.Rooms, func(o Room) bool { return len(o.Path) > len(r.Path) && o.holds(p.Path) })
}

// holds reports whether a path is the room's or lies below it.
func (r Room) holds(path string) bool {
	return path == r.Path || r.Path != "/" && strings.HasPrefix(path, r.Path+"/")
}

// Open lists the rooms the reader may enter.
func (p Page) Open() []Room {
	return slices.DeleteFunc(slices.Clone(p.Rooms), func(r Room) bool { return r.Staff && p.User == nil || r.Private && (p.User == nil || !p.User.Private) })
}
