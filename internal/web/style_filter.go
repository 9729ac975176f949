package web

import (
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
)

// styleFilter asks for a ranking: corpus, indicator, counting, field, years.
func (s *Site) styleFilter(v *reading, p *StylePage, kind string, t *ranking.Table, corpora []corpus.Manifest, fields []ranking.Field) FilterBar {
	q := &t.Query
	path := "/rankings/style/" + kind
	f := FilterBar{Action: path, Reset: path, Count: v.say("web.style.count", errs.A{"n": t.Total})}
	f.Fields = append(f.Fields, Field{Name: "corpus", Label: v.say("web.style.corpus"), Kind: "select", Options: corpusOptions(v, corpora, t.Corpus.Name)})
	by := Field{Name: "indicator", Label: v.say("web.style.indicator"), Kind: "select"}
	for _, x := range ranking.Indicators {
		by.Options = append(by.Options, Option{Value: x.ID, Label: x.Title.In(v.l), Selected: x.ID == q.Indicator})
	}
	counting := Field{Name: "counting", Label: v.say("web.style.counting"), Kind: "select"}
	for _, x := range ranking.Countings {
		counting.Options = append(counting.Options, Option{Value: x, Label: v.say("web.style.counting." + x), Selected: x == q.Counting})
	}
	f.Fields = append(f.Fields, by, counting)
	if kind != "fields" {
		f.Fields = append(f.Fields, fieldField(v, fields, q.Field))
	}
	f.Fields = append(f.Fields,
		Field{Name: "from", Label: v.say("web.style.from"), Kind: "select", Options: yearOptions(&t.Corpus, q.From)},
		Field{Name: "to", Label: v.say("web.style.to"), Kind: "select", Options: yearOptions(&t.Corpus, q.To)})
	if kind == "fields" || kind == "years" || kind == "organisations" || kind == "districts" {
		f.Fields = append(f.Fields, s.cityField(v, q.City))
	}
	if kind == "cities" || kind == "organisations" {
		f.Fields = append(f.Fields, countryField(v, q.Country), Field{Name: "minimum", Label: v.say("web.style.minimum"), Kind: "number", Value: strconv.Itoa(q.Minimum)})
	}
	for _, format := range []string{"csv", "xlsx"} {
		f.Exports = append(f.Exports, Link{i18n.T(v.l, "web.style."+format), exportPath(p.Path, format, p.With("offset", ""))})
	}
	return f
}

func corpusOptions(v *reading, corpora []corpus.Manifest, now string) []Option {
	var out []Option
	for i := range corpora {
		label := corpora[i].Title.In(v.l)
		if corpora[i].Simulated {
			label = v.say("web.query.simulated_set", errs.A{"title": label})
		}
		out = append(out, Option{Value: corpora[i].Name, Label: label, Selected: corpora[i].Name == now})
	}
	return out
}

func fieldField(v *reading, fields []ranking.Field, now int64) Field {
	f := Field{Name: "field", Label: v.say("web.style.field"), Kind: "select", Options: []Option{{Value: "", Label: v.say("web.style.all_fields")}}}
	for _, x := range fields {
		f.Options = append(f.Options, Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Title.In(v.l), Selected: x.ID == now})
	}
	return f
}

func yearOptions(m *corpus.Manifest, now int) []Option {
	var out []Option
	for y := m.From; y <= m.To && len(out) < 200; y++ {
		out = append(out, Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y), Selected: y == now})
	}
	if !slices.ContainsFunc(out, func(o Option) bool { return o.Selected }) {
		out = append(out, Option{Value: strconv.Itoa(now), Label: strconv.Itoa(now), Selected: true})
	}
	return out
}

// cityField narrows a ranking to this Kapok's city, or to the one of the
// address.
func (s *Site) cityField(v *reading, now string) Field {
	f := Field{Name: "city", Label: v.say("web.style.city"), Kind: "select", Options: []Option{{Value: "", Label: v.say("web.style.all_cities")}}}
	if home := s.svc.Observatory.City(); home != "" {
		f.Options = append(f.Options, Option{Value: home, Label: v.division(home), Selected: home == now})
	}
	if now != "" && now != s.svc.Observatory.City() {
		f.Options = append(f.Options, Option{Value: now, Label: v.division(now), Selected: true})
	}
	return f
}

func countryField(v *reading, now string) Field {
	f := Field{Name: "country", Label: v.say("web.style.country"), Kind: "select", Options: []Option{{Value: "", Label: v.say("web.style.all_countries")}}}
	codes := []string{"CN", "US", "JP", "DE", "GB", "KR", "FR", "SG"}
	if now != "" && !slices.Contains(codes, now) {
		codes = append(codes, now)
	}
	for _, c := range codes {
		f.Options = append(f.Options, Option{Value: c, Label: i18n.Country(v.l, c), Selected: c == now})
	}
	return f
}
