package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
)

// styleMethod tells how a table was computed: the steps, each of which reads
// what the ones before it made, and the files.
func styleMethod(v *reading, t *ranking.Table, mayAsk bool) *Method {
	m := &Method{Words: v.say("web.style.method"), InputsHead: v.say("web.method.files"), Facts: []Fact{
		v.plainFact("web.style.corpus", t.Corpus.Name), v.plainFact("web.style.method_id", t.Method.ID), v.plainFact("web.style.data_hash", t.Method.Data),
		v.plainFact("web.style.prepared", t.Method.Prepared)}}
	m.Params = queryFacts(v, &t.Query)
	var chain []string
	for i, st := range t.Method.Statements {
		m.Statements = append(m.Statements, Statement{Title: v.say("web.style.step", errs.A{"n": i + 1, "name": st.Name}), SQL: strings.TrimSpace(st.SQL)})
		chain = append(chain, st.Name+" AS MATERIALIZED (\n"+strings.TrimSpace(st.SQL)+"\n)")
	}
	if n := len(t.Method.Statements); mayAsk && n > 0 {
		m.Set, m.Chain = t.Corpus.Name, "WITH "+strings.Join(chain, ",\n")+"\nSELECT * FROM "+t.Method.Statements[n-1].Name
	}
	sums := map[string]MethodInput{}
	for _, f := range t.Corpus.Files {
		x := sums[f.Table]
		if x.Hash != "" {
			x.Note = v.say("web.style.more_files")
		} else {
			x.Hash = f.SHA256
		}
		x.Name, x.Rows = f.Table, i18n.Integer(t.Corpus.Rows(f.Table))
		sums[f.Table] = x
	}
	for _, table := range corpus.Tables {
		if x, ok := sums[table.Name]; ok && x.Rows != "0" {
			m.Inputs = append(m.Inputs, x)
		}
	}
	return m
}

// queryFacts are the parameters of a ranking in words.
func queryFacts(v *reading, q *ranking.Query) []Fact {
	by, _ := ranking.IndicatorOf(q.Indicator)
	return []Fact{
		{Label: "indicator", Values: []FactValue{{Text: q.Indicator, Note: by.Title.In(v.l)}}},
		{Label: "counting", Values: []FactValue{{Text: q.Counting, Note: v.say("web.style.counting." + q.Counting)}}},
		{Label: "from, to", Values: []FactValue{{Text: years(q.From, q.To)}}},
		{Label: "field", Values: []FactValue{{Text: strconv.FormatInt(q.Field, 10)}}},
		{Label: "minimum", Values: []FactValue{{Text: strconv.Itoa(q.Minimum)}}},
	}
}

func corpusFacts(v *reading, m *corpus.Manifest) []Fact {
	src := FactValue{Text: m.Source.Title.In(v.l)}
	if m.Source.ID != "" {
		if _, known := v.sources[m.Source.ID]; known {
			src.Href = "/sources/" + m.Source.ID
		}
	}
	if src.Text == "" {
		src.Text = string(m.Kind)
	}
	src.Note = m.Source.Licence
	return []Fact{
		v.plainFact("web.style.corpus", m.Title.In(v.l)),
		{Label: v.say("web.figure.source"), Values: []FactValue{src}},
		v.plainFact("web.style.years", years(m.From, m.To)),
		v.instantFact("web.style.made", m.CreatedAt),
	}
}

// instantFact is a moment, unknown when it is the zero time.
func (v *reading) instantFact(key string, at time.Time) Fact {
	if at.IsZero() {
		return Fact{Label: v.say(key)}
	}
	return v.plainFact(key, i18n.Instant(at))
}
