package web

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// TraceNode is one line of evidence: a name and either a text or what stands
// below it.
type TraceNode struct {
	Label string
	Text  string
	Kids  []TraceNode
}

// Bounds of what is laid out of one piece of evidence; the whole stands below
// it as it was recorded.
const (
	traceDepth = 8
	traceLines = 400
)

// Trace is evidence as a page shows it.
type Trace struct {
	Nodes []TraceNode
	Raw   string // as recorded, indented
	Cut   bool   // more than is laid out
}

// trace lays out evidence in the order in which it was recorded. Evidence is
// what some room wrote: nothing is known of its shape.
func (v *reading) trace(raw json.RawMessage) *Trace {
	if len(raw) == 0 || string(raw) == "null" || string(raw) == "{}" || string(raw) == "[]" {
		return nil
	}
	var b bytes.Buffer
	if json.Indent(&b, raw, "", "  ") != nil {
		return &Trace{Raw: string(raw)}
	}
	t := &Trace{Raw: b.String()}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	left := traceLines
	node, err := v.traceValue(d, "", 0, &left)
	if err != nil {
		return t
	}
	t.Nodes, t.Cut = node.Kids, left <= 0
	if len(node.Kids) == 0 {
		t.Nodes = []TraceNode{node}
	}
	return t
}

func (v *reading) traceValue(d *json.Decoder, label string, depth int, left *int) (TraceNode, error) {
	n := TraceNode{Label: label}
	tok, err := d.Token()
	if err != nil {
		return n, err
	}
	open, ok := tok.(json.Delim)
	if !ok {
		n.Text = v.traceText(tok)
		return n, nil
	}
	for i := 1; d.More(); i++ {
		name := strconv.Itoa(i)
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return n, err
			}
			name = v.traceWord(key.(string)) //nolint:forcetypeassert // a key of an object is a string
		}
		kid, err := v.traceValue(d, name, depth+1, left)
		if err != nil {
			return n, err
		}
		if *left--; *left > 0 && depth < traceDepth {
			n.Kids = append(n.Kids, kid)
		}
	}
	if len(n.Kids) == 0 {
		n.Text = v.say("books.trace_none")
	}
	n.pair(v.l)
	_, err = d.Token()
	return n, err
}

// pair makes of a text in two languages one line.
func (n *TraceNode) pair(l i18n.Lang) {
	if len(n.Kids) != 2 || n.Kids[0].Label != "zh" || n.Kids[1].Label != "en" {
		return
	}
	n.Text = i18n.Text{ZH: n.Kids[0].Text, EN: n.Kids[1].Text}.In(l)
	n.Kids = nil
}

func (v *reading) traceText(tok json.Token) string {
	switch t := tok.(type) {
	case nil:
		return v.say("web.unknown")
	case bool:
		if t {
			return v.say("books.trace_yes")
		}
		return v.say("books.trace_no")
	case json.Number:
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return i18n.Integer(n)
		}
		return t.String()
	case string:
		return t
	}
	return ""
}

// traceWord is the reader's word for a name in evidence, or the name itself
// with its underscores as blanks.
func (v *reading) traceWord(name string) string {
	if name == "zh" || name == "en" {
		return name
	}
	if key := "books.trace." + name; i18n.Has(key) {
		return v.say(key)
	}
	return strings.ReplaceAll(name, "_", " ")
}
