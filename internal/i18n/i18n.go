package i18n

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/errs"
)

// Lang is a language of the interface, as a BCP 47 tag.
type Lang string

// The languages. Chinese is the default.
const (
	ZH Lang = "zh-CN"
	EN Lang = "en"
)

// Langs lists every language, the default first.
var Langs = []Lang{ZH, EN}

// Parse returns the language that a tag such as "en-GB" or "zh" asks for, and
// false when Kapok does not speak it.
func Parse(tag string) (Lang, bool) {
	switch primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-"); primary {
	case "zh":
		return ZH, true
	case "en":
		return EN, true
	}
	return ZH, false
}

// Text is one thing said in both languages. Either may be empty.
type Text struct {
	ZH string `json:"zh,omitempty" yaml:"zh"`
	EN string `json:"en,omitempty" yaml:"en"`
}

// In returns the text in l, or in the other language when l has none: a name
// in the wrong language is better than no name.
func (t Text) In(l Lang) string {
	if (l == EN && t.EN != "") || t.ZH == "" {
		return t.EN
	}
	return t.ZH
}

// IsZero reports whether the text is empty in both languages.
func (t Text) IsZero() bool { return t == Text{} }

//go:embed catalog/*.json
var catalogFS embed.FS

var catalogue = sync.OnceValue(func() map[string]Text {
	all, err := load(catalogFS)
	if err != nil {
		panic(err) // the catalogues are part of the binary; a test reads them all
	}
	return all
})

func load(fsys fs.FS) (map[string]Text, error) {
	files, err := fs.Glob(fsys, "catalog/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]Text{}
	for _, f := range files {
		raw, err := fs.ReadFile(fsys, f)
		if err != nil {
			return nil, err
		}
		var part map[string]Text
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(f), err)
		}
		for k, v := range part {
			if _, twice := all[k]; twice {
				return nil, fmt.Errorf("%s: key %s stands in two catalogues", path.Base(f), k)
			}
			all[k] = v
		}
	}
	return all, nil
}

// T returns message key in l with its {placeholders} filled from args. A key
// that no catalogue has is returned as it is, so that a gap is seen.
func T(l Lang, key string, args ...errs.A) string {
	m, ok := catalogue()[key]
	if !ok {
		return key
	}
	return fill(l, m.In(l), args)
}

// Has reports whether a catalogue has the key.
func Has(key string) bool {
	_, ok := catalogue()[key]
	return ok
}

// Error returns what the reader is told of err, in l: the message of its
// *errs.Error, each member of an errs.List on a line of its own.
func Error(l Lang, err error) string {
	if list := (errs.List)(nil); errors.As(err, &list) {
		lines := make([]string, len(list))
		for i, e := range list {
			lines[i] = T(l, e.Key, e.Args)
		}
		return strings.Join(lines, "\n")
	}
	e := errs.Of(err)
	if e == nil {
		return ""
	}
	return T(l, e.Key, e.Args)
}

func fill(l Lang, msg string, args []errs.A) string {
	if len(args) == 0 || !strings.Contains(msg, "{") {
		return msg
	}
	var pairs []string
	for _, a := range args {
		for k, v := range a {
			pairs = append(pairs, "{"+k+"}", argument(l, v))
		}
	}
	return strings.NewReplacer(pairs...).Replace(msg)
}

func argument(l Lang, v any) string {
	switch v := v.(type) {
	case Text:
		return v.In(l)
	case int:
		return Integer(int64(v))
	case int64:
		return Integer(v)
	}
	return fmt.Sprint(v)
}
