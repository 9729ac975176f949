package termbase

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// The limits of a term, in characters.
const (
	maxZH   = 40
	maxEN   = 120
	maxNote = 200
	maxAlso = 12 // forms of each language
)

// check returns every fault of a term that is visible in the term itself. The
// term is trimmed.
func (t *Term) check() errs.List {
	var faults errs.List
	add := func(e *errs.Error) {
		if e != nil {
			faults = append(faults, e)
		}
	}
	add(checkZH("zh", t.ZH))
	add(checkEN(t, "en", t.EN))
	add(checkNote("note", t.Note))
	add(checkNote("anchor", t.Anchor))
	add(checkForms(t, "also_zh", t.AlsoZH))
	add(checkForms(t, "also_en", t.AlsoEN))
	if !slices.Contains(Areas, t.Area) {
		add(fault("termbase.area", "area", errs.A{"value": clip(t.Area), "allowed": strings.Join(Areas, ", ")}))
	}
	if len(faults) == 0 {
		add(t.repeated())
	}
	return faults
}

func fault(key, field string, args errs.A) *errs.Error {
	return errs.New(errs.Invalid, key, args).At("/" + field)
}

// markup is what looks like HTML: a tag, a comment, a character reference.
var markup = regexp.MustCompile(`<[/!A-Za-z]|&(#\d|#x|[A-Za-z]{2,8};)`)

// checkText faults what no field may hold.
func checkText(field, s string, limit int) *errs.Error {
	switch {
	case !utf8.ValidString(s):
		return fault("termbase.bytes", field, errs.A{"value": clip(s)})
	case strings.ContainsFunc(s, hidden):
		return fault("termbase.control", field, errs.A{"value": clip(s)})
	case utf8.RuneCountInString(s) > limit:
		return fault("termbase.long", field, errs.A{"value": clip(s), "limit": limit})
	case markup.MatchString(s):
		return fault("termbase.html", field, errs.A{"value": clip(s)})
	case strings.Contains(s, "|"):
		return fault("termbase.bar", field, errs.A{"value": clip(s)})
	}
	return nil
}

// hidden reports characters that cannot be seen: control and format characters,
// line breaks among them.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

func checkZH(field, s string) *errs.Error {
	if s == "" {
		return fault("termbase.empty", field, nil)
	}
	if e := checkText(field, s, maxZH); e != nil {
		return e
	}
	if !strings.ContainsFunc(s, fold.IsHan) {
		return fault("termbase.not_chinese", field, errs.A{"value": clip(s)})
	}
	return nil
}

func checkEN(t *Term, field, s string) *errs.Error {
	if s == "" {
		return fault("termbase.empty", field, nil)
	}
	if e := checkText(field, s, maxEN); e != nil {
		return e
	}
	if strings.ContainsFunc(s, fold.IsHan) {
		for _, form := range t.forms() {
			if form != "" && strings.Contains(fold.Name(s), form) {
				return fault("termbase.loop_self", field, errs.A{"zh": clip(t.ZH), "value": clip(s)})
			}
		}
		return fault("termbase.not_english", field, errs.A{"value": clip(s)})
	}
	if fold.Name(s) == "" || !strings.ContainsFunc(s, unicode.IsLetter) {
		return fault("termbase.not_english", field, errs.A{"value": clip(s)})
	}
	return nil
}

func checkNote(field, s string) *errs.Error { return checkText(field, s, maxNote) }

// checkForms faults the first bad form of a list.
func checkForms(t *Term, field string, list []string) *errs.Error {
	if len(list) > maxAlso {
		return fault("termbase.many", field, errs.A{"limit": maxAlso})
	}
	for _, s := range list {
		e := checkEN(t, field, s)
		if field == "also_zh" {
			e = checkZH(field, s)
		}
		if e != nil {
			return e
		}
	}
	return nil
}

// repeated faults a form that stands twice in the term.
func (t *Term) repeated() *errs.Error {
	seen := map[string]bool{}
	for i, form := range t.forms() {
		if seen[form] {
			return fault("termbase.loop_form", "also_zh", errs.A{"value": clip(t.AlsoZH[i-1]), "zh": clip(t.ZH)})
		}
		seen[form] = true
	}
	english := map[string]bool{}
	for _, s := range append([]string{t.EN}, t.AlsoEN...) {
		key := strings.ToLower(s)
		if english[key] {
			return fault("termbase.twice_en", "also_en", errs.A{"value": clip(s)})
		}
		english[key] = true
	}
	return nil
}

// clip shortens a text for a message and makes it legible.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if hidden(r) {
			return '�'
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
