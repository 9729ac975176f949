package indicator

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
)

func TestSpecRefusesWhatIsNone(t *testing.T) {
	good := Spec{From: 2019, To: 2021}
	for name, change := range map[string]func(*Spec){
		"unit":      func(s *Spec) { s.Unit = "planet" },
		"counting":  func(s *Spec) { s.Counting = "double" },
		"years":     func(s *Spec) { s.From = 2022 },
		"no years":  func(s *Spec) { s.From, s.To = 0, 0 },
		"type":      func(s *Spec) { s.Types = []string{"article') OR ('1' = '1"} },
		"level":     func(s *Spec) { s.Field = "field; DROP TABLE work" },
		"citations": func(s *Spec) { s.Citations = "some" },
		"dimension": func(s *Spec) { s.By = []Dimension{"unit"} },
		"platform":  func(s *Spec) { s.Platforms = []Member{{"a'b", "org_1"}} },
		"member":    func(s *Spec) { s.Platforms = []Member{{"a", "' OR 1 = 1"}} },
	} {
		s := good
		change(&s)
		if _, err := Statements(s, DuckDB); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Statements(good, DuckDB); err != nil {
		t.Error(err)
	}
}

var comment = regexp.MustCompile(`(?m)^--.*$`)

// TestStatements holds that every text is filled in, in every dialect, and keeps
// to the part of SQL that all engines read.
func TestStatements(t *testing.T) {
	forbidden := []string{"{", "}", "QUALIFY", "EXCLUDE", "GROUP BY ALL", "DISTINCT ON", "MATERIALIZED", ";", "\"", "$", "//", "USING SAMPLE"}
	for _, d := range Dialects {
		for _, unit := range AllUnits {
			spec := Spec{Unit: unit, From: 2019, To: 2021, Core: true, Citations: "links", By: []Dimension{ByField, ByYear}, Platforms: somePlatforms, Fields: []int64{11}, Units: []string{"1"}, Minimum: 2}
			steps, err := Statements(spec, d)
			if err != nil {
				t.Fatal(err)
			}
			core, err := CoreStatements(spec, d)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, s := range steps {
				if seen[s.Name] {
					t.Errorf("%s: %s is made twice", unit, s.Name)
				}
				seen[s.Name] = true
			}
			for _, s := range append(steps, core...) {
				text := comment.ReplaceAllString(s.SQL, "")
				for _, word := range forbidden {
					if strings.Contains(text, word) {
						t.Errorf("%s, %s: %q in\n%s", d, s.Name, word, s.SQL)
					}
				}
				if !strings.HasPrefix(s.SQL, "-- ") {
					t.Errorf("%s does not say what it is", s.Name)
				}
			}
		}
	}
}

func TestMethodNamesTheArithmetic(t *testing.T) {
	base := Spec{From: 2019, To: 2021}
	first, err := Method(base)
	if err != nil || len(first) != 16 {
		t.Fatal(first, err)
	}
	same, _ := Method(Spec{From: 2019, To: 2021, Unit: Organisation, Types: []string{"review", "article"}})
	if same != first {
		t.Error("defaults and order change the hash")
	}
	for name, s := range map[string]Spec{"years": {From: 2018, To: 2021}, "field": {From: 2019, To: 2021, Field: "topic"}, "core": {From: 2019, To: 2021, Core: true}, "counting": {From: 2019, To: 2021, Counting: Full}} {
		if other, err := Method(s); err != nil || other == first {
			t.Errorf("%s does not change the hash (%v)", name, err)
		}
	}
}

// TestBrokenOffPreparation: what breaks off cannot be read, neither the new nor
// the old.
func TestBrokenOffPreparation(t *testing.T) {
	e, dir := engine(t, randomWorld(1, 20))
	dir = filepath.Join(dir, "it's here")
	spec := Spec{From: 2019, To: 2021}
	if _, err := ReadPrepared(dir); errs.KindOf(err) != errs.NotFound {
		t.Errorf("an absent folder: %v", err)
	}
	if _, err := Prepare(context.Background(), e, dir, spec); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPrepared(dir)
	if err != nil || !p.Fits(spec) || !p.Fits(Spec{From: 2020, To: 2020, Unit: World, Counting: Full}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, other := range []Spec{{From: 2018, To: 2020}, {From: 2019, To: 2021, Unit: City}, {From: 2019, To: 2021, Core: true}, {From: 2019, To: 2021, Field: "topic"}, {From: 2019, To: 2021, Citations: "all"}} {
		if p.Fits(other) {
			t.Errorf("the tables do not answer %+v", other)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Prepare(ctx, e, dir, spec); !errors.Is(err, context.Canceled) {
		t.Errorf("a preparation that was called off: %v", err)
	}
	if _, err := ReadPrepared(dir); errs.KindOf(err) != errs.NotFound {
		t.Errorf("half a preparation: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, preparedName), []byte(`{"format": 1, "files": {"scored": ["../../etc/passwd"]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPrepared(dir); errs.KindOf(err) != errs.NotFound {
		t.Errorf("files outside the folder: %v", err)
	}
}
