package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Book is what one or several files of rules hold.
type Book struct {
	Facts    []Fact   `json:"facts"`
	Scores   []Score  `json:"scores"`
	Policies []Policy `json:"policies"`
}

// Bounds of a file.
const (
	MaxBytes = 1 << 20
	maxDepth = 24
	maxNodes = 50_000
)

// Read reads one file of rules. Faults are told together as an errs.List, each
// with the line and the key; of a file at fault nothing is returned. What rules
// say of each other, Compile checks.
func Read(name string, raw []byte) (Book, error) {
	if len(raw) > MaxBytes {
		return Book{}, errs.New(errs.TooLarge, "policy.too_large", errs.A{"file": name, "limit": "1 MiB"})
	}
	if deepest(raw) > 4*maxDepth {
		return Book{}, errs.New(errs.TooLarge, "policy.too_deep", errs.A{"file": name, "limit": maxDepth})
	}
	var doc yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&doc); err != nil {
		return Book{}, errs.Wrap(err, errs.Invalid, "policy.syntax", errs.A{"file": name, "detail": strings.TrimPrefix(err.Error(), "yaml: ")})
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return Book{}, errs.New(errs.Invalid, "policy.one_document", errs.A{"file": name})
	}
	r := &reader{file: name}
	var b Book
	r.book(doc.Content[0], &b)
	if len(r.faults) > 0 {
		return Book{}, r.faults
	}
	return b, nil
}

// deepest is how deep brackets and indents of a text go at most: nesting that
// would cost much to parse is refused before.
func deepest(raw []byte) int {
	depth, most, indent, start := 0, 0, 0, true
	for _, c := range raw {
		switch {
		case c == '\n':
			indent, start = 0, true
			continue
		case start && (c == ' ' || c == '-'):
			indent++
		default:
			start = false
		}
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		most = max(most, depth, indent/2)
	}
	return most
}

// reader turns nodes into rules and collects faults.
type reader struct {
	file   string
	faults errs.List
	depth  int
	nodes  int
}

const maxFaults = 50

func (r *reader) fault(n *yaml.Node, at, key string, args errs.A) {
	if len(r.faults) == maxFaults {
		return
	}
	all := errs.A{"file": r.file, "line": n.Line, "field": at}
	maps.Copy(all, args)
	r.faults = append(r.faults, errs.New(errs.Invalid, key, all).At(r.file+":"+strconv.Itoa(n.Line)))
}

// fields is what may stand in a mapping: how each key is read.
type fields map[string]func(n *yaml.Node, at string)

// object reads a mapping key by key. A key that is not known, or stands twice,
// is a fault; so is one of the needed that is missing.
func (r *reader) object(n *yaml.Node, at string, f fields, needed ...string) {
	if r.depth++; r.depth > maxDepth {
		r.fault(n, at, "policy.too_deep", errs.A{"limit": maxDepth})
		r.depth--
		return
	}
	defer func() { r.depth-- }()
	if r.nodes++; r.nodes > maxNodes {
		r.fault(n, at, "policy.too_many", errs.A{"limit": maxNodes})
		return
	}
	if n.Kind == yaml.AliasNode || n.Kind != yaml.MappingNode {
		r.fault(n, at, "policy.want_mapping", nil)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := f[key.Value]
		switch {
		case !known:
			r.fault(key, at, "policy.unknown_key", errs.A{"key": clip(key.Value), "known": strings.Join(slices.Sorted(maps.Keys(f)), ", ")})
		case seen[key.Value]:
			r.fault(key, at, "policy.key_twice", errs.A{"key": key.Value})
		default:
			read(value, join(at, key.Value))
		}
		seen[key.Value] = true
	}
	for _, k := range needed {
		if !seen[k] {
			r.fault(n, at, "policy.missing", errs.A{"key": k})
		}
	}
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "." + key
}

func (r *reader) list(n *yaml.Node, at string, each func(n *yaml.Node, at string)) {
	if n.Kind != yaml.SequenceNode {
		r.fault(n, at, "policy.want_list", nil)
		return
	}
	for i, item := range n.Content {
		each(item, fmt.Sprintf("%s[%d]", at, i))
	}
}

func (r *reader) scalar(n *yaml.Node, at string) string {
	if n.Kind != yaml.ScalarNode {
		r.fault(n, at, "policy.want_scalar", nil)
		return ""
	}
	return strings.TrimSpace(n.Value)
}

func (r *reader) text(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) { *into = r.scalar(n, at) }
}

// word reads one of some words.
func (r *reader) word(into *string, words []string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		if *into = r.scalar(n, at); !slices.Contains(words, *into) {
			r.fault(n, at, "policy.word", errs.A{"value": clip(*into), "known": strings.Join(words, ", ")})
		}
	}
}

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$`)

func (r *reader) id(into *string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		if *into = r.scalar(n, at); !idForm.MatchString(*into) || len(*into) > 64 {
			r.fault(n, at, "policy.id", errs.A{"value": clip(*into)})
		}
	}
}

func (r *reader) ids(into *[]string) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) {
			var id string
			r.id(&id)(n, at)
			*into = append(*into, id)
		})
	}
}

// both reads a text in Chinese and in English.
func (r *reader) both(into *i18n.Text) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		r.object(n, at, fields{"zh": r.text(&into.ZH), "en": r.text(&into.EN)}, "zh", "en")
	}
}

func (r *reader) value(t Type, into *int64) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		v, err := t.Parse(r.scalar(n, at))
		if err != nil {
			r.fault(n, at, "policy.value_at", errs.A{"value": clip(n.Value), "type": string(t)})
		}
		*into = v
	}
}

func (r *reader) yes(into *bool) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		var v int64
		r.value(YesNo, &v)(n, at)
		*into = v == 1
	}
}

func (r *reader) book(n *yaml.Node, b *Book) {
	r.object(n, "", fields{
		"facts": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { b.Facts = append(b.Facts, r.fact(n, at)) })
		},
		"scores": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { b.Scores = append(b.Scores, r.score(n, at)) })
		},
		"policies": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { b.Policies = append(b.Policies, r.policy(n, at)) })
		},
	})
}

func (r *reader) choice(n *yaml.Node, at string) Choice {
	var c Choice
	r.object(n, at, fields{"id": r.id(&c.ID), "title": r.both(&c.Title)}, "id", "title")
	return c
}

func (r *reader) choices(into *[]Choice) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		r.list(n, at, func(n *yaml.Node, at string) { *into = append(*into, r.choice(n, at)) })
	}
}

func (r *reader) fact(n *yaml.Node, at string) Fact {
	var f Fact
	r.object(n, at, fields{
		"id": r.id(&f.ID), "type": r.word((*string)(&f.Type), typeWords), "yearly": r.yes(&f.Yearly), "title": r.both(&f.Title),
		"question": r.both(&f.Question), "words": r.choices(&f.Words),
	}, "id", "type", "title")
	if (f.Type == Word) != (len(f.Words) > 0) {
		r.fault(n, at, "policy.words_of_fact", nil)
	}
	return f
}

var typeWords = func() []string {
	out := make([]string, len(Types))
	for i, t := range Types {
		out[i] = string(t)
	}
	return out
}()

func (r *reader) policy(n *yaml.Node, at string) Policy {
	p := Policy{From: math.MinInt64, To: open, LawOf: Events[0], File: r.file, Line: n.Line}
	r.object(n, at, fields{
		"id": r.id(&p.ID), "title": r.both(&p.Title), "summary": r.both(&p.Summary), "kind": r.word(&p.Kind, Kinds), "document": r.document(&p.Document),
		"article": r.text(&p.Article), "status": r.word((*string)(&p.Status), []string{string(Verified), string(Unverified)}),
		"from": r.value(Day, &p.From), "to": r.value(Day, &p.To), "supersedes": r.ids(&p.Supersedes), "law_of": r.word(&p.LawOf, Events),
		"place": r.value(Place, &p.Place), "overrides": r.ids(&p.Overrides), "fair_competition_review": r.text(&p.Review),
		"when": func(n *yaml.Node, at string) { p.When = r.condition(n, at) }, "benefit": func(n *yaml.Node, at string) { p.Benefit = r.benefit(n, at) },
		"evidence": r.choices(&p.Evidence), "note": r.both(&p.Note), "stated": func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) { p.Stated = append(p.Stated, r.stated(n, at)) })
		},
	}, "id", "title", "kind", "document", "article", "status", "when")
	if p.From >= p.To {
		r.fault(n, at, "policy.from_to", errs.A{"id": p.ID})
	}
	return p
}

func (r *reader) stated(n *yaml.Node, at string) Stated {
	var s Stated
	r.object(n, at, fields{"what": r.id(&s.What), "where": r.text(&s.Where), "value": r.text(&s.Value)}, "what", "where", "value")
	return s
}

func (r *reader) document(d *Document) func(*yaml.Node, string) {
	return func(n *yaml.Node, at string) {
		r.object(n, at, fields{"number": r.text(&d.Number), "title": r.both(&d.Title), "authority": r.both(&d.Authority), "url": r.text(&d.URL), "law": r.text(&d.Law)}, "title", "authority")
	}
}

func (r *reader) benefit(n *yaml.Node, at string) *Benefit {
	b := &Benefit{}
	r.object(n, at, fields{
		"title": r.both(&b.Title), "amount": func(n *yaml.Node, at string) { b.Amount = r.amount(n, at) }, "group": r.id(&b.Group),
		"rule": r.word(&b.Rule, []string{"highest", "exclusive", "sum"}), "limit": r.value(Money, &b.Limit), "budget": r.value(Money, &b.Budget),
		"quota": r.value(Count, &b.Quota), "firm_cap": r.value(Money, &b.PerCap),
	}, "title")
	if (b.Group == "") != (b.Rule == "") {
		r.fault(n, at, "policy.group_rule", nil)
	}
	return b
}
