package registry

import (
	"reflect"
	"strings"
	"unicode/utf8"

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
		t := v.Type()
		for i := range t.NumField() {
			if !t.Field(i).IsExported() || t.Field(i).Anonymous {
				continue
			}
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
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
