package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// maker makes random documents and queries out of few words, so that they meet.
type maker struct{ *rand.Rand }

var fewWords = []string{"广州", "中山", "大学", "山大", "医院", "大", "锗", "kapok", "kap", "lab", "laboratories", "university", "of", "Xi'an", "一", "3.5kV", "germanium", "实验室"}

func (m maker) text(n int) string {
	var b strings.Builder
	for range m.IntN(n + 1) {
		b.WriteString(fewWords[m.IntN(len(fewWords))])
		if m.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (m maker) one(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) doc() Doc {
	d := Doc{Kind: m.one("org", "paper", "need"), ID: fmt.Sprint(m.IntN(30)), Title: i18n.Text{ZH: m.text(3), EN: m.text(2)},
		Names: []string{m.text(3), m.text(1)}, Body: m.text(12), Boost: float64(m.IntN(3)), Level: level.Level(m.one("", "public", "public", "partner", "internal", "confidential")),
		Facets: map[string][]string{}, Numbers: map[string]float64{}}
	if m.IntN(4) == 0 {
		d.Readers = []string{m.one("u1", "u2"), m.one("u1", "")}
	}
	for _, f := range []string{"stage", "ipc"} {
		for range m.IntN(3) {
			d.Facets[f] = append(d.Facets[f], m.one("a", "b", "c"))
		}
	}
	if m.IntN(2) == 0 {
		d.Numbers["trl"] = float64(m.IntN(5))
	}
	return d
}

func (m maker) viewer() level.Viewer {
	return level.Viewer{User: m.one("", "u1", "u2", "u3"), Clearance: level.Level(m.one("", "partner", "internal", "confidential"))}
}

func (m maker) filter() Filter {
	f := Filter{Field: m.one("stage", "ipc", "trl", "none"), Unknown: m.IntN(4) == 0, Not: m.IntN(4) == 0}
	if f.Field == "trl" {
		lo, hi := float64(m.IntN(5)), float64(m.IntN(5))
		if m.IntN(2) == 0 {
			f.Min = &lo
		}
		if m.IntN(2) == 0 {
			f.Max = &hi
		}
		return f
	}
	for range m.IntN(3) {
		f.Any = append(f.Any, m.one("a", "b", "c", "d"))
	}
	return f
}

func (m maker) query() Query {
	q := Query{Text: m.text(5), Viewer: m.viewer(), Whole: m.IntN(2) == 0, Limit: 1 + m.IntN(40), Facets: []string{"stage", "trl"}}
	for range m.IntN(3) {
		q.Filters = append(q.Filters, m.filter())
	}
	if m.IntN(3) == 0 {
		q.Kinds = []string{m.one("org", "paper"), m.one("need", "nothing")}
	}
	if m.IntN(3) == 0 {
		q.Offset = m.IntN(5)
	}
	q.Gloss = []float64{0, 0.5, 1}[m.IntN(3)]
	return q
}

// history applies random changes to several indexes at once and returns what
// they should hold.
func (m maker) history(t testing.TB, n int, put func(Doc) error, remove func(kind, id string)) []Doc {
	t.Helper()
	docs := map[Key]Doc{}
	for range n {
		d := m.doc()
		if m.IntN(4) == 0 {
			remove(d.Kind, d.ID)
			delete(docs, Key{d.Kind, d.ID})
			continue
		}
		if err := put(d); err != nil {
			t.Fatal(err)
		}
		docs[Key{d.Kind, d.ID}] = d
	}
	var list []Doc
	for _, d := range docs {
		list = append(list, d)
	}
	return list
}
