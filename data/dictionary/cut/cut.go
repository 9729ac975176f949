package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSenses bounds the senses of a word, maxWord its characters.
const (
	maxSenses = 8
	maxWord   = 16
)

// entry is one reading of a headword.
type entry struct {
	simplified string
	proper     bool // its pronunciation starts with a capital
	senses     []string
}

// parse reads the JavaScript module: "export default {…}" around JSON, in which
// an entry is [traditional, simplified, pinyin, sense or senses, …].
func parse(raw []byte) ([]entry, error) {
	from, to := bytes.IndexByte(raw, '{'), bytes.LastIndexByte(raw, '}')
	if from < 0 || to < from {
		return nil, errors.New("no object in the module")
	}
	var module struct {
		All [][]json.RawMessage `json:"all"`
	}
	if err := json.Unmarshal(raw[from:to+1], &module); err != nil {
		return nil, err
	}
	out := make([]entry, 0, len(module.All))
	for _, row := range module.All {
		if len(row) < 4 {
			return nil, errors.New("an entry has fewer than four parts")
		}
		var e entry
		var pinyin string
		if err := errors.Join(json.Unmarshal(row[1], &e.simplified), json.Unmarshal(row[2], &pinyin), senses(row[3], &e.senses)); err != nil {
			return nil, err
		}
		first, _ := utf8.DecodeRuneInString(pinyin)
		e.proper = unicode.IsUpper(first)
		out = append(out, e)
	}
	return out, nil
}

// senses reads one sense or a list.
func senses(raw json.RawMessage, into *[]string) error {
	if len(raw) > 0 && raw[0] == '[' {
		return json.Unmarshal(raw, into)
	}
	var one string
	err := json.Unmarshal(raw, &one)
	*into = []string{one}
	return err
}

// word is a headword with its senses, the first the commonest.
type word struct {
	head   string
	senses []string
}

// cut joins the entries of each headword and keeps what says what it means.
func cut(entries []entry) []word {
	common, proper := map[string][][]string{}, map[string][][]string{}
	for _, e := range entries {
		if !chinese(e.simplified) {
			continue
		}
		group := common
		if e.proper {
			group = proper
		}
		if kept := clean(e.senses); len(kept) > 0 {
			group[e.simplified] = append(group[e.simplified], kept)
		}
	}
	heads := slices.Collect(maps.Keys(common))
	for head := range proper {
		if common[head] == nil {
			heads = append(heads, head)
		}
	}
	meaning := make(map[string][]string, len(heads))
	for _, head := range heads {
		meaning[head] = unique(append(inTurn(common[head]), inTurn(proper[head])...))
	}
	heads = append(heads, follow(entries, meaning)...)
	slices.Sort(heads)
	out := make([]word, len(heads))
	for i, head := range heads {
		out[i] = word{head, meaning[head]}
	}
	return out
}

// reference is a sense that only names another headword, in simplified form
// after the bar if it has two.
var reference = regexp.MustCompile(`^(?:see|see also|variant of|erhua variant of|abbr\. for|also written|same as|equivalent to) (?:\p{Han}+\|)?(\p{Han}+)`)

// follow gives headwords without a sense of their own those of the headword
// that they name, and returns them.
func follow(entries []entry, meaning map[string][]string) []string {
	var heads []string
	for range 2 { // a reference may lead to a reference
		found := map[string][]string{}
		for _, e := range entries {
			if meaning[e.simplified] != nil || !chinese(e.simplified) {
				continue
			}
			for _, s := range e.senses {
				if m := reference.FindStringSubmatch(s); m != nil {
					found[e.simplified] = append(found[e.simplified], meaning[m[1]]...)
				}
			}
		}
		for head, senses := range found {
			if len(senses) > 0 {
				meaning[head] = unique(senses)
				heads = append(heads, head)
			}
		}
	}
	return heads
}

// chinese reports whether a headword is made of Chinese characters.
func chinese(s string) bool {
	n := 0
	for _, r := range s {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
		n++
	}
	return n > 0 && n <= maxWord
}

// inTurn takes the first sense of each reading, then the second of each, and so
// on: which reading a text means is not known.
func inTurn(readings [][]string) []string {
	var out []string
	for at := 0; ; at++ {
		before := len(out)
		for _, r := range readings {
			if at < len(r) {
				out = append(out, r[at])
			}
		}
		if len(out) == before {
			return out
		}
	}
}

func unique(senses []string) []string {
	seen, out := map[string]bool{}, senses[:0:0]
	for _, s := range senses {
		if key := strings.ToLower(s); !seen[key] && len(out) < maxSenses {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

var (
	bracketed  = regexp.MustCompile(`\([^()]*\)`)
	pronounced = regexp.MustCompile(`\[[^\[\]]*\]`)
	pair       = regexp.MustCompile(`\p{Han}+[|｜]\p{Han}+`)
	hanText    = regexp.MustCompile(`[\p{Han}·，]+`)
	blanks     = regexp.MustCompile(`\s+`)
	// asides are senses that speak of the word and do not give its meaning.
	asides = regexp.MustCompile(`(?i)^(old |erroneous |archaic |Japanese |euphemistic )?(variant of|variants? form|surname |see |see also |used in |used to |same as |also written|also pr\.|Taiwan pr\.|pr\. |classifier |classifier:|CL |CL:|erhua |equivalent to |equivalent of |to be distinguished|cf\.? |\(?onom|\(?particle|Kangxi radical|component in|phonetic|a semantically|measure word|opposite:|lit\. )`)
	// abbreviation gives its meaning after the Chinese: "abbr. for 工信部, Ministry of …".
	abbreviation = regexp.MustCompile(`(?i)^abbr\. (for|of|to)\s*[,;]?\s*`)
	surname      = regexp.MustCompile(`(?i)\b(Japanese |Korean )?surname\b`)
)

// clean returns what the senses of an entry mean, in their order.
func clean(senses []string) []string {
	var out []string
	for _, s := range senses {
		for _, part := range strings.Split(plain(s), ";") {
			part = strings.Trim(strings.TrimSpace(part), " ,:/~\"…")
			if abbreviation.MatchString(part) {
				part = strings.Trim(abbreviation.ReplaceAllString(part, ""), " ,:")
			}
			part = strings.TrimPrefix(part, "fig. ")
			if part == "" || asides.MatchString(part+" ") || surname.MatchString(part) || !strings.ContainsFunc(part, unicode.IsLetter) {
				continue
			}
			out = append(out, part)
		}
	}
	return out
}

// plain takes brackets, pronunciations and Chinese text out of a sense.
func plain(s string) string {
	for {
		next := bracketed.ReplaceAllString(s, " ")
		if next == s {
			break
		}
		s = next
	}
	s = pronounced.ReplaceAllString(s, "")
	s = hanText.ReplaceAllString(pair.ReplaceAllString(s, ""), "")
	return strings.TrimSpace(blanks.ReplaceAllString(strings.NewReplacer("\t", " ", "\n", " ", "|", " ").Replace(s), " "))
}

// pack writes the words as gzipped lines.
func pack(words []word) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, w := range words {
		if _, err := z.Write([]byte(w.head + "\t" + strings.Join(w.senses, "\t") + "\n")); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
