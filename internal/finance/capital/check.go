package capital

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

const (
	maxText    = 2000
	maxKey     = 200 // PostgreSQL refuses index entries over some 2,700 bytes
	maxMembers = 200 // investors of a round, steps of a listing
)

// short are the texts that stand in indexes.
var short = []string{"id", "key", "source_id", "org_id", "name"}

// called is what a field is called to people.
func called(field string) i18n.Text {
	key := "capital.field." + field
	if !i18n.Has(key) {
		return i18n.Text{ZH: field, EN: field}
	}
	return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}
}

func required(field string) *errs.Error {
	return errs.New(errs.Invalid, "capital.required", errs.A{"field": called(field)}).At("/" + field)
}

// faults collects what is wrong with a record.
type faults struct{ list errs.List }

func (f *faults) add(e *errs.Error) { f.list = append(f.list, e) }

func (f *faults) required(field, value string) {
	if value == "" {
		f.add(required(field))
	}
}

// oneOf faults a value outside the allowed words.
func oneOf[S ~string](f *faults, field string, value S, allowed []S) {
	if slices.Contains(allowed, value) {
		return
	}
	if value == "" {
		f.add(required(field))
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	f.add(errs.New(errs.Invalid, "capital.word", errs.A{"field": called(field), "value": clip(string(value)), "allowed": strings.Join(words, ", ")}).At("/" + field))
}

var partDay = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)

// about faults what is no ISO date, month or year; "" is not known, and right.
func (f *faults) about(field, value string) {
	if value == "" || isPartDay(value) {
		return
	}
	f.add(errs.New(errs.Invalid, "capital.day", errs.A{"field": called(field), "value": clip(value)}).At("/" + field))
}

func isPartDay(value string) bool {
	if !partDay.MatchString(value) {
		return false
	}
	_, err := time.Parse(time.DateOnly[:len(value)], value)
	return err == nil
}

// before reports whether day a lies before day b for certain: of "2015" and
// "2015-06-01" neither does.
func before(a, b string) bool {
	n := min(len(a), len(b))
	return n > 0 && a[:n] < b[:n]
}

// legible faults texts that cannot be stored or shown: too long, not UTF-8, or
// with characters that control a terminal or turn the direction of writing
// (Unicode Technical Report 36, section 2.5).
func legible(v reflect.Value, field string) *errs.Error {
	switch v.Kind() {
	case reflect.String:
		return legibleText(field, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			t := v.Type().Field(i)
			name, _, _ := strings.Cut(t.Tag.Get("json"), ",")
			if name == "" {
				name = field
			}
			if !t.IsExported() {
				continue
			}
			if e := legible(v.Field(i), name); e != nil {
				return e
			}
		}
	case reflect.Slice:
		if v.Len() > maxMembers {
			return errs.New(errs.TooLarge, "capital.many", errs.A{"field": called(field), "limit": maxMembers}).At("/" + field)
		}
		for i := range v.Len() {
			if e := legible(v.Index(i), field); e != nil {
				return e
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return legible(v.Elem(), field)
		}
	}
	return nil
}

func legibleText(field, s string) *errs.Error {
	limit := maxText
	if slices.Contains(short, field) {
		limit = maxKey
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return errs.New(errs.TooLarge, "capital.long", errs.A{"field": called(field), "count": n, "limit": limit}).At("/" + field)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, isControl) {
		return errs.New(errs.Invalid, "capital.not_text", errs.A{"field": called(field)}).At("/" + field)
	}
	return nil
}

func isControl(r rune) bool {
	if r == '\t' || r == '\n' || r == '\r' {
		return false
	}
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// storable reports whether both engines take a text as a value.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// clip cuts a text that is quoted in a message.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// prepared brings a record into its stored form and returns every fault.
func prepared(r record) errs.List {
	if e := legible(reflect.ValueOf(r).Elem(), ""); e != nil {
		return errs.List{e} // the other checks want text of a bearable size
	}
	var f faults
	r.common().tidy(&f)
	r.prepare(&f)
	return f.list
}
