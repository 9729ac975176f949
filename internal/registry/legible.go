package registry

import (
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// maxText is the longest text in bytes that any field of a record may hold.
const maxText = 20_000

// maxKey is the longest id or key in bytes. PostgreSQL refuses index entries
// over some 2,700.
const maxKey = 200

// indexed are the fields that stand in an index as they are.
var indexed = map[string]bool{"id": true, "key": true, "from": true, "to": true, "code": true, "valid_from": true, "source_id": true, "batch_id": true, "org_id": true, "host_ids": true}

// legible faults texts that cannot be stored alike on both engines: broken
// UTF-8 and the NUL character. It also bounds their length.
func legible(v reflect.Value, field string) *errs.Error {
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		limit := maxText
		if indexed[field] {
			limit = maxKey
		}
		if len(s) > limit {
			return errs.New(errs.Invalid, "registry.text_long", errs.A{"field": called(field), "limit": limit}).At("/" + field)
		}
		if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
			return errs.New(errs.Invalid, "registry.text", errs.A{"field": called(field), "value": clip(s)}).At("/" + field)
		}
	case reflect.Struct:
		for _, f := range textFields(v.Type()) {
			if e := legible(v.Field(f.at), f.name); e != nil {
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

// textField is a field that is or may hold text.
type textField struct {
	at   int
	name string
}

var textFieldsOf sync.Map // of reflect.Type to []textField

func textFields(t reflect.Type) []textField {
	if known, ok := textFieldsOf.Load(t); ok {
		return known.([]textField)
	}
	var out []textField
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type.Kind()
		if kind == reflect.Slice || kind == reflect.Pointer {
			kind = f.Type.Elem().Kind()
		}
		if f.IsExported() && !f.Anonymous && (kind == reflect.String || kind == reflect.Struct) && f.Type != reflect.TypeFor[db.Time]() {
			out = append(out, textField{i, name})
		}
	}
	textFieldsOf.Store(t, out)
	return out
}
