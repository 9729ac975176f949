package edition

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// maxFile bounds a file of editions; the demo city's has 20 kB.
const maxFile = 8 << 20

type yamlFile struct {
	Version  int           `yaml:"version"`
	Rankings []yamlRanking `yaml:"rankings"`
}

// yamlRanking holds what its editions have in common; an edition overrides it.
type yamlRanking struct {
	Ranking  string        `yaml:"ranking"`
	Body     i18n.Text     `yaml:"body"`
	Title    i18n.Text     `yaml:"title"`
	Unit     Ranked        `yaml:"unit_ranked"`
	Licence  string        `yaml:"licence"`
	Tag      source.Tag    `yaml:"licence_tag"`
	Method   i18n.Text     `yaml:"method"`
	Metrics  []Metric      `yaml:"metrics"`
	Editions []yamlEdition `yaml:"editions"`
}

type yamlEdition struct {
	Edition   string               `yaml:"edition"`
	Previous  string               `yaml:"previous"`
	Published string               `yaml:"published_on"`
	Length    int64                `yaml:"length"`
	Title     i18n.Text            `yaml:"title"`
	Method    i18n.Text            `yaml:"method"`
	Metrics   []string             `yaml:"metrics"` // those of the ranking that it has; all when empty
	Ranks     []string             `yaml:"ranks"`   // those it is ordered by, where that is not the ranking's own
	Windows   map[string][2]string `yaml:"windows"` // metric to first and last day; "*" for the others
	Threshold map[string]float64   `yaml:"thresholds"`
	Changes   []Difference         `yaml:"changes"`
	Totals    []Total              `yaml:"totals"`
	Licence   string               `yaml:"licence"`
	Tag       source.Tag           `yaml:"licence_tag"`
	Basis     Basis                `yaml:"basis"`
	Source    string               `yaml:"source_id"`
	Locator   string               `yaml:"locator"`
	Note      i18n.Text            `yaml:"note"`
}

var goTypes = regexp.MustCompile(` (in type|into) edition\.\w+`)

// ParseEditions reads a file of editions in YAML: version 1, rankings with what
// their editions have in common, and the editions of each. A word it does not
// know, a metric without definition and an edition named twice are
// errs.Invalid, all faults together.
func ParseEditions(r io.Reader) ([]Edition, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxFile {
		return nil, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "8 MB"})
	}
	var file yamlFile
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		what := goTypes.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
		return nil, errs.Wrap(err, errs.Invalid, "edition.bad_yaml", errs.A{"what": what})
	}
	if file.Version != 1 {
		return nil, errs.New(errs.Invalid, "edition.bad_file_version", errs.A{"version": file.Version})
	}
	var out []Edition
	var list errs.List
	seen := map[string]bool{}
	for _, r := range file.Rankings {
		for _, y := range r.Editions {
			e, missing := r.edition(y)
			f := faults{name: e.ID, list: missing}
			f.add(seen[e.ID], "edition", "edition.twice", e.ID)
			if err := e.Validate(); err != nil {
				f.list = append(f.list, errs.ListOf(err)...)
			}
			seen[e.ID] = true
			out, list = append(out, e), append(list, f.list...)
		}
	}
	return out, list.Err()
}

func (r *yamlRanking) edition(y yamlEdition) (Edition, errs.List) {
	e := Edition{
		ID: ID(r.Ranking, y.Edition), Ranking: r.Ranking, Edition: y.Edition, Previous: y.Previous, Body: r.Body, Title: y.Title, PublishedOn: y.Published,
		UnitRanked: r.Unit, Length: y.Length, Method: y.Method, Changes: y.Changes, Totals: y.Totals, Licence: y.Licence, LicenceTag: y.Tag,
		Basis: y.Basis, SourceID: y.Source, Locator: y.Locator, Note: y.Note,
	}
	if e.Title.IsZero() {
		e.Title = r.Title
	}
	if e.Method.IsZero() {
		e.Method = r.Method
	}
	if e.Licence == "" {
		e.Licence, e.LicenceTag = r.Licence, r.Tag
	}
	if e.Basis == "" {
		e.Basis = Published
	}
	for i := range e.Changes {
		if e.Changes[i].Certainty == "" {
			e.Changes[i].Certainty = Stated
		}
	}
	return e, r.metrics(&e, y)
}

// metrics gives an edition the metrics of its ranking, with its own windows.
func (r *yamlRanking) metrics(e *Edition, y yamlEdition) errs.List {
	f := faults{name: e.ID}
	byKey := map[string]Metric{}
	keys := y.Metrics
	for _, m := range r.Metrics {
		byKey[m.Key] = m
		if len(y.Metrics) == 0 {
			keys = append(keys, m.Key)
		}
	}
	for _, key := range keys {
		m, known := byKey[key]
		f.add(!known, "metrics", "edition.no_metric", key)
		w, stated := y.Windows[key]
		if !stated {
			w, stated = y.Windows["*"]
		}
		m.Window = quantity.Period{Kind: quantity.NoPeriod}
		if stated {
			m.Window = quantity.Period{Kind: quantity.InRange, Start: w[0], End: w[1]}
		}
		if t, ok := y.Threshold[key]; ok {
			m.Threshold = &t
		}
		if len(y.Ranks) > 0 {
			m.Ranks = false
			for _, k := range y.Ranks {
				m.Ranks = m.Ranks || k == key
			}
		}
		e.Metrics = append(e.Metrics, m)
	}
	for _, k := range y.Ranks {
		f.add(e.Metric(k) == nil, "ranks", "edition.no_metric", k)
	}
	return f.list
}
