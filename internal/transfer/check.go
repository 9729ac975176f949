package transfer

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// MaxText is the longest text of a need or a summary, in characters.
const MaxText = 20_000

// maxCodes and maxParts bound lists: codes of a field, and team, maturity or
// rights of a result.
const (
	maxCodes = 50
	maxParts = 100
)

// longest is how many characters a text of each field may have; maxPlain those
// that are not named.
var longest = map[string]int{
	"title": 300, "text": MaxText, "summary": MaxText, "note": 5000, "evidence": 2000, "content": MaxText, "reason": 2000,
	"id": maxKey, "key": maxKey, "source_id": maxKey, "batch_id": maxKey, "owner_id": maxKey, "platform_id": maxKey, "person_id": maxKey, "readers": maxKey,
	"keywords": 100,
}

const (
	maxPlain = 500
	maxKey   = 200 // PostgreSQL refuses index entries over some 2,700 bytes
)

// called is what a field is called to people; its name stands in the catalogue
// as transfer.field.NAME.
func called(field string) i18n.Text {
	key := "transfer.field." + field
	if !i18n.Has(key) {
		return i18n.Text{ZH: field, EN: field}
	}
	return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}
}

func required(field string) *errs.Error {
	return errs.New(errs.Invalid, "transfer.required", errs.A{"field": called(field)}).At("/" + field)
}

// faults collects what is wrong with a record.
type faults struct{ list errs.List }

func (f *faults) add(e *errs.Error) {
	if e != nil {
		f.list = append(f.list, e)
	}
}

func (f *faults) required(field, value string) {
	if value == "" {
		f.add(required(field))
	}
}

func (f *faults) most(field string, n, most int) {
	if n > most {
		f.add(errs.New(errs.TooLarge, "transfer.too_many", errs.A{"field": called(field), "count": n, "limit": most}).At("/" + field))
	}
}

// oneOf faults a value outside the allowed words.
func oneOf[S ~string](f *faults, field string, value S, allowed []S) {
	if slices.Contains(allowed, value) {
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	if value == "" {
		f.add(required(field))
		return
	}
	f.add(errs.New(errs.Invalid, "transfer.word", errs.A{"field": called(field), "value": clip(string(value)), "allowed": strings.Join(words, ", ")}).At("/" + field))
}

// words faults each value outside the allowed ones and returns each once.
func words[S ~string](f *faults, field string, values, allowed []S) []S {
	var out []S
	for _, v := range values {
		if v = S(strings.TrimSpace(string(v))); v == "" || slices.Contains(out, v) {
			continue
		}
		oneOf(f, field, v, allowed)
		out = append(out, v)
	}
	return out
}

// day faults what is no whole ISO date; "" is unknown and right.
func (f *faults) day(field, value string) {
	if value == "" || isDay(value) {
		return
	}
	f.add(errs.New(errs.Invalid, "transfer.day", errs.A{"field": called(field), "value": clip(value)}).At("/" + field))
}

func isDay(value string) bool {
	_, err := time.Parse(time.DateOnly, value)
	return err == nil
}

var partDay = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)

// about faults what is no ISO date, month or year.
func (f *faults) about(field, value string) {
	if value == "" {
		return
	}
	if partDay.MatchString(value) {
		if _, err := time.Parse(time.DateOnly[:len(value)], value); err == nil {
			return
		}
	}
	f.add(errs.New(errs.Invalid, "transfer.about", errs.A{"field": called(field), "value": clip(value)}).At("/" + field))
}

func (f *faults) form(field, value string, re *regexp.Regexp, example string) {
	if value != "" && !re.MatchString(value) {
		f.add(errs.New(errs.Invalid, "transfer.form", errs.A{"field": called(field), "value": clip(value), "example": example}).At("/" + field))
	}
}

// codes returns the kept form of each code, each once.
func (f *faults) codes(field string, in []string, parse func(string) (string, error)) []string {
	var out []string
	for _, c := range in {
		if strings.TrimSpace(c) == "" {
			continue
		}
		kept, err := parse(c)
		if err != nil {
			f.add(errs.Of(err).At("/" + field))
			continue
		}
		if !slices.Contains(out, kept) {
			out = append(out, kept)
		}
	}
	return out
}

// amounts faults a negative amount and a least that is over the most.
func (f *faults) amounts(leastField string, least *money.Fen, mostField string, most *money.Fen) {
	for _, a := range []struct {
		field string
		value *money.Fen
	}{{leastField, least}, {mostField, most}} {
		if a.value != nil && *a.value < 0 {
			f.add(errs.New(errs.Invalid, "transfer.negative", errs.A{"field": called(a.field), "value": *a.value}).At("/" + a.field))
		}
	}
	if least != nil && most != nil && *least > *most {
		f.add(errs.New(errs.Invalid, "transfer.amounts", errs.A{"from": called(leastField), "least": *least, "to": called(mostField), "most": *most}).At("/" + leastField))
	}
}

// legible faults texts that cannot be stored or shown: too long, not UTF-8, or
// with characters that control a terminal or turn the direction of writing.
func legible(v reflect.Value, field string) *errs.Error {
	switch v.Kind() {
	case reflect.String:
		return legibleText(field, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			t := v.Type().Field(i)
			if !t.IsExported() {
				continue
			}
			name := field
			if tag, _, _ := strings.Cut(t.Tag.Get("json"), ","); tag != "" && tag != "zh" && tag != "en" {
				name = tag
			}
			if e := legible(v.Field(i), name); e != nil {
				return e
			}
		}
	case reflect.Slice:
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
	limit, named := longest[field]
	if !named {
		limit = maxPlain
	}
	if n := utf8.RuneCountInString(s); n > limit {
		key := "transfer.long"
		if limit == MaxText {
			key = "transfer.long_text"
		}
		return errs.New(errs.TooLarge, key, errs.A{"field": called(field), "count": n, "limit": limit}).At("/" + field)
	}
	if !utf8.ValidString(s) {
		return errs.New(errs.Invalid, "transfer.not_text", errs.A{"field": called(field), "value": clip(s)}).At("/" + field)
	}
	at := 0
	for _, r := range s {
		at++
		if isControl(r) {
			return errs.New(errs.Invalid, "transfer.control", errs.A{"field": called(field), "at": at, "code": "U+" + hex4(r)}).At("/" + field)
		}
	}
	return nil
}

// isControl reports characters that a text has no use for: C0 and C1 but tab
// and line ends, and the marks that embed or override the direction of writing
// (Unicode Technical Report 36, section 2.5).
func isControl(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
		return true
	}
	return false
}

func hex4(r rune) string {
	s := strings.ToUpper(strconv.FormatInt(int64(r), 16))
	return strings.Repeat("0", max(0, 4-len(s))) + s
}

// clip shortens what an error repeats of its input, and leaves out what is no
// text.
func clip(s string) string {
	const most = 60
	s = strings.Map(func(r rune) rune {
		if isControl(r) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Check returns every fault of a result as it stands, before it is saved or put:
// what is stored beside it is not asked.
func (r Result) Check() error { return prepare(&r).Err() }

// Check is as for a result.
func (n Need) Check() error { return prepare(&n).Err() }

// Check is as for a result.
func (o Offering) Check() error { return prepare(&o).Err() }
