package observatory

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
)

// maxDefinitions bounds a file of definitions; the demo city has 100 kB.
const maxDefinitions = 8 << 20

type yamlFile struct {
	Version int `yaml:"version"`
	Groups  []struct {
		ID    string    `yaml:"id"`
		Title i18n.Text `yaml:"title"`
	} `yaml:"groups"`
	Figures []yamlFigure `yaml:"figures"`
}

type yamlFigure struct {
	ID          string              `yaml:"id"`
	Group       string              `yaml:"group"`
	Title       i18n.Text           `yaml:"title"`
	Definition  i18n.Text           `yaml:"definition"`
	Unit        quantity.Unit       `yaml:"unit"`
	Counter     i18n.Text           `yaml:"counter"`
	Scope       i18n.Text           `yaml:"scope"`
	Subject     string              `yaml:"subject"`
	Flow        quantity.Flow       `yaml:"flow"`
	Period      quantity.PeriodKind `yaml:"period"`
	Basis       Basis               `yaml:"basis"`
	Body        string              `yaml:"body"`
	Dimension   string              `yaml:"dimension"`
	Numerator   string              `yaml:"numerator"`
	Denominator string              `yaml:"denominator"`
	Reading     string              `yaml:"reading"`
	Variants    []string            `yaml:"variants"`
	Terms       Terms               `yaml:"terms"`
	Overview    bool                `yaml:"overview"`
	Order       int                 `yaml:"order"`
	Note        i18n.Text           `yaml:"note"`
	Compute     Compute             `yaml:"compute"`
}

// ParseFigures reads a file of definitions in YAML: version 1, groups, and
// figures in the order in which they are shown. A word it does not know, a
// figure named twice, one of an unknown group and one that refers to no figure
// of the file are errs.Invalid, all faults together.
func ParseFigures(r io.Reader) ([]Figure, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxDefinitions+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxDefinitions {
		return nil, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "8 MB"})
	}
	var file yamlFile
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, errs.Wrap(err, errs.Invalid, "observatory.bad_yaml", errs.A{"what": plainFault(err)})
	}
	if file.Version != 1 {
		return nil, errs.New(errs.Invalid, "observatory.bad_file_version", errs.A{"version": file.Version})
	}
	return file.figures()
}

var goTypes = regexp.MustCompile(` (in type|into) observatory\.\w+`)

// plainFault is the parser's complaint without our own type names, the first
// lines of it.
func plainFault(err error) string {
	text := goTypes.ReplaceAllString(strings.TrimPrefix(err.Error(), "yaml: "), "")
	lines := strings.SplitAfterN(text, "\n", 5)
	return strings.TrimSpace(strings.Join(lines[:min(len(lines), 4)], ""))
}

func (file *yamlFile) figures() ([]Figure, error) {
	order := map[string]int{}
	for i, g := range file.Groups {
		order[g.ID] = i + 1
	}
	var out []Figure
	var faults errs.List
	seen := map[string]bool{}
	for _, y := range file.Figures {
		f := y.figure()
		if at := order[y.Group]; at > 0 {
			f.GroupOrder, f.GroupTitle = at, file.Groups[at-1].Title
		} else {
			faults = append(faults, errs.New(errs.Invalid, "observatory.unknown_word", errs.A{"field": "group", "value": y.Group, "figure": y.ID}).At("/group"))
		}
		if seen[f.ID] {
			faults = append(faults, errs.New(errs.Invalid, "observatory.twice", errs.A{"figure": f.ID}).At("/id"))
		}
		seen[f.ID] = true
		if err := f.Validate(); err != nil {
			faults = append(faults, errs.ListOf(err)...)
		}
		out = append(out, f)
	}
	return out, append(faults, danglingRefs(out, seen)...).Err()
}

func danglingRefs(figures []Figure, seen map[string]bool) errs.List {
	var faults errs.List
	for i := range figures {
		f := &figures[i]
		for _, ref := range f.refs() {
			if !seen[ref] {
				faults = append(faults, errs.New(errs.Invalid, "observatory.no_such_figure", errs.A{"figure": f.ID, "ref": ref}).At("/"+f.ID))
			}
		}
	}
	return faults
}

// refs lists the figures that f names.
func (f *Figure) refs() []string {
	refs := append([]string{}, f.Variants...)
	refs = append(refs, f.Compute.Of...)
	if f.Numerator != "" {
		refs = append(refs, f.Numerator, f.Denominator)
	}
	return refs
}

func (y *yamlFigure) figure() Figure {
	f := Figure{
		ID: y.ID, Group: y.Group, Title: y.Title, Definition: y.Definition, Unit: y.Unit, Counter: y.Counter, Scope: y.Scope,
		Subject: y.Subject, Flow: y.Flow, Period: y.Period, Basis: y.Basis, Body: y.Body, Dimension: y.Dimension,
		Numerator: y.Numerator, Denominator: y.Denominator, Reading: y.Reading, Variants: y.Variants, Terms: y.Terms,
		Overview: y.Overview, Order: y.Order, Note: y.Note, Compute: y.Compute,
	}
	if f.Flow == "" {
		f.Flow = quantity.FlowUnknown
	}
	return f
}
