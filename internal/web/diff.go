package web

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// unchanging are fields that each change moves, or that repeat what stands
// beside the change.
var unchanging = []string{"id", "version", "created_at", "updated_at", "batch_id"}

// diffRows compares two states of a record as they stand in the change log,
// field by field, in the order of the record. An absent state is empty.
func diffRows(l i18n.Lang, before, after json.RawMessage) []DiffRow {
	was, now := flatten(l, before), flatten(l, after)
	var rows []DiffRow
	for _, f := range union(was.order, now.order) {
		if slices.Contains(unchanging, f) {
			continue
		}
		gone, added := differ(was.values[f], now.values[f])
		label := fieldLabel(l, f)
		if len(gone) == 1 && len(added) == 1 {
			rows = append(rows, DiffRow{label, gone[0], added[0], "changed"})
			continue
		}
		for _, v := range gone {
			rows = append(rows, DiffRow{label, v, "", "removed"})
		}
		for _, v := range added {
			rows = append(rows, DiffRow{label, "", v, "added"})
		}
	}
	return rows
}

func fieldLabel(l i18n.Lang, f string) string {
	if key := "reg.f." + f; i18n.Has(key) {
		return i18n.T(l, key)
	}
	return f
}

// flat is a record as fields with one or more values, each as one line.
type flat struct {
	order  []string
	values map[string][]string
}

// flatten reads a JSON object. Objects in it give a field for each of their
// members; a list gives its elements; an element that is an object gives its
// scalars in one line.
func flatten(l i18n.Lang, raw json.RawMessage) flat {
	f := flat{values: map[string][]string{}}
	f.object(l, "", raw)
	return f
}

func (f *flat) object(l i18n.Lang, prefix string, raw json.RawMessage) {
	for _, m := range members(raw) {
		name := prefix + m.name
		switch trimmed := bytes.TrimSpace(m.value); {
		case len(trimmed) == 0 || string(trimmed) == "null":
		case trimmed[0] == '{':
			f.object(l, name+".", trimmed)
		case trimmed[0] == '[':
			var list []json.RawMessage
			if json.Unmarshal(trimmed, &list) != nil {
				continue
			}
			for _, e := range list {
				f.add(name, line(l, name, e))
			}
		default:
			f.add(name, scalar(l, name, trimmed))
		}
	}
}

func (f *flat) add(name, value string) {
	if value == "" {
		return
	}
	if _, ok := f.values[name]; !ok {
		f.order = append(f.order, name)
	}
	f.values[name] = append(f.values[name], value)
}

type member struct {
	name  string
	value json.RawMessage
}

// members reads an object in the order in which it was written.
func members(raw json.RawMessage) []member {
	var out []member
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		var v json.RawMessage
		if err != nil || !ok || d.Decode(&v) != nil {
			return out
		}
		out = append(out, member{name, v})
	}
	return out
}

// line is an element of a list as one line: "广州医科大学（正式名称，zh）".
func line(l i18n.Lang, field string, raw json.RawMessage) string {
	ms := members(raw)
	if ms == nil {
		return scalar(l, field, raw)
	}
	var parts []string
	for _, m := range ms {
		if m.name == "origin" {
			continue
		}
		if v := scalar(l, field+"."+m.name, bytes.TrimSpace(m.value)); v != "" {
			parts = append(parts, v)
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	if l == i18n.EN {
		return parts[0] + " (" + strings.Join(parts[1:], ", ") + ")"
	}
	return parts[0] + "（" + strings.Join(parts[1:], "，") + "）"
}

// scalar words a value: kinds and states by their names, numbers as they are.
func scalar(l i18n.Lang, field string, raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || string(raw) == "null":
		return ""
	case raw[0] != '"':
		return string(raw)
	}
	s, err := unquote(raw)
	if err != nil || s == "" {
		return ""
	}
	if g, ok := wordGroups[field]; ok {
		return word(l, g, s)
	}
	return s
}

func unquote(raw json.RawMessage) (string, error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return strconv.Unquote(string(raw))
	}
	return s, nil
}

// wordGroups names the words of fields whose values are codes.
var wordGroups = map[string]string{
	"kind": "kind", "status": "status", "names.kind": "name_kind", "identifiers.scheme": "scheme", "class": "class", "level": "level", "group": "group",
	"role": "role", "licence_tag": "tag",
}

// differ returns what stands only in was and only in now; repeats count.
func differ(was, now []string) (gone, added []string) {
	left := map[string]int{}
	for _, v := range was {
		left[v]++
	}
	for _, v := range now {
		if left[v] > 0 {
			left[v]--
			continue
		}
		added = append(added, v)
	}
	for _, v := range was {
		if left[v] > 0 {
			left[v]--
			gone = append(gone, v)
		}
	}
	return gone, added
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
