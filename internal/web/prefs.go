package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Prefs is how one reader wants pages to look. The zero value of every field
// but Lang means "as the system says".
type Prefs struct {
	Lang  i18n.Lang
	Theme string // "", light, dark
	Text  string // "", large
	Rows  string // "", compact
}

const prefsCookie = "kapok_prefs"

// allowed lists the values each preference may take; anything else is dropped.
var allowed = map[string][]string{
	"theme": {"", "light", "dark"},
	"text":  {"", "large"},
	"rows":  {"", "compact"},
}

type prefsKey struct{}

// PrefsOf returns the reader's preferences. Outside a Site it is the default.
func PrefsOf(ctx context.Context) Prefs {
	if p, ok := ctx.Value(prefsKey{}).(Prefs); ok {
		return p
	}
	return Prefs{Lang: i18n.ZH}
}

// readPrefs takes preferences from the cookie; ?lang= goes before it, and a
// reader without either gets Chinese unless the browser speaks English and no
// Chinese.
func readPrefs(r *http.Request) Prefs {
	p := Prefs{Lang: acceptLang(r.Header.Get("Accept-Language"))}
	if c, err := r.Cookie(prefsCookie); err == nil {
		if v, err := url.ParseQuery(c.Value); err == nil {
			p = p.apply(v)
		}
	}
	if l, ok := i18n.Parse(r.URL.Query().Get("lang")); ok {
		p.Lang = l
	}
	return p
}

// apply returns p changed by those values of v that are allowed.
func (p Prefs) apply(v url.Values) Prefs {
	if l, ok := i18n.Parse(v.Get("lang")); ok {
		p.Lang = l
	}
	for key, field := range map[string]*string{"theme": &p.Theme, "text": &p.Text, "rows": &p.Rows} {
		if v.Has(key) && slices.Contains(allowed[key], v.Get(key)) {
			*field = v.Get(key)
		}
	}
	return p
}

func (p Prefs) cookie(secure bool) *http.Cookie {
	v := url.Values{"lang": {string(p.Lang)}}
	for key, value := range map[string]string{"theme": p.Theme, "text": p.Text, "rows": p.Rows} {
		if value != "" {
			v.Set(key, value)
		}
	}
	return &http.Cookie{Name: prefsCookie, Value: v.Encode(), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
}

func acceptLang(header string) i18n.Lang {
	english := false
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(part, ";")
		switch l, ok := i18n.Parse(tag); {
		case ok && l == i18n.ZH:
			return i18n.ZH
		case ok:
			english = true
		}
	}
	if english {
		return i18n.EN
	}
	return i18n.ZH
}

// setPrefs answers the small forms at the foot of each page. It changes only
// the cookie and goes back to where the reader was.
func (s *Site) setPrefs(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	p := PrefsOf(r.Context()).apply(r.PostForm)
	http.SetCookie(w, p.cookie(r.TLS != nil))
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

// localPath returns p when it is a path on this site and "/" otherwise, so
// that a redirect never leaves the site.
func localPath(p string) string {
	u, err := url.Parse(p)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}
