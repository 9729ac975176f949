package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Method answers "how was this computed?", as far as a reader can repeat it.
type Method struct {
	Words      string
	Facts      []Fact // when, up to which record, hashes
	Params     []Fact // what the names with a dollar sign in the SQL stand for
	Statements []Statement
	Inputs     []MethodInput
	InputsHead string // what the inputs are: facts, files of a corpus
	// Chain is all statements as one, to be asked of the set of data Set by
	// whoever may; "" for nobody.
	Set, Chain string
}

// Statement is one SQL text. Run opens it as a query of the reader's own, ""
// for a reader who may not.
type Statement struct {
	Title string
	SQL   string
	Run   string
}

// MethodInput is one file that the computation read.
type MethodInput struct {
	Name string
	Note string
	Rows string
	Hash string // SHA-256 of the file
}

var sqlName = regexp.MustCompile(`[a-z_][a-z0-9_]*`)

// figureMethod tells how the present values of a figure were computed. Values
// of one computation share it. Nil for a figure that is only reported.
func (s *Site) figureMethod(v *reading, f *figureSheet, r *http.Request) (*Method, error) {
	if !f.Computes() {
		return nil, nil
	}
	l := v.l
	m := &Method{Words: f.Compute.Method.In(l)}
	if m.Words == "" {
		m.Words = v.say("web.figure.method." + string(f.Operation()))
	}
	c := f.computed()
	if c == nil && len(f.Computed) > 0 {
		c = &f.Computed[0]
	}
	if c != nil {
		m.Facts = []Fact{
			v.plainFact("web.figure.made", i18n.Instant(c.ComputedAt.Time)), v.plainFact("web.figure.as_of", i18n.Day(l, c.AsOf)),
			v.plainFact("web.figure.seq", i18n.Integer(c.ChangeSeq)), v.plainFact("web.figure.records_hash", c.RecordsHash), v.plainFact("web.figure.method_hash", c.Method)}
	}
	for _, x := range []struct{ key, part, sql string }{{"web.figure.sql", "value", f.Compute.SQL}, {"web.figure.sql_records", "records", f.Compute.Records}} {
		if x.sql == "" {
			continue
		}
		st := Statement{Title: v.say(x.key), SQL: strings.TrimSpace(x.sql)}
		if mayQuery(r) {
			st.Run = "/query?" + url.Values{"set": {factsSet}, "figure": {f.ID}, "part": {x.part}}.Encode()
		}
		m.Statements = append(m.Statements, st)
	}
	return m, s.methodInputs(v, m)
}

func (v *reading) plainFact(key, text string) Fact {
	return Fact{Label: v.say(key), Values: []FactValue{{Text: text}}}
}

// methodInputs lists the facts that the statements name, as they are now, and
// what the parameters in them stand for.
func (s *Site) methodInputs(v *reading, m *Method) error {
	names := map[string]bool{}
	all := ""
	for _, st := range m.Statements {
		all += st.SQL + "\n"
	}
	for _, n := range sqlName.FindAllString(strings.ToLower(all), -1) {
		names[n] = true
	}
	set, err := s.factSet(v.ctx)
	if err != nil {
		return err
	}
	manifest, err := s.svc.Observatory.Store().Manifest()
	if err != nil {
		return err
	}
	for _, f := range manifest.Facts {
		if names[f.Name] {
			m.Inputs = append(m.Inputs, MethodInput{Name: f.Name, Rows: i18n.Integer(f.Rows), Hash: f.SHA256})
		}
	}
	for _, p := range set.params {
		if strings.Contains(all, p[0]) {
			m.Params = append(m.Params, Fact{Label: p[0], Values: []FactValue{{Text: p[1]}}})
		}
	}
	m.InputsHead = v.say("web.method.facts")
	return nil
}
