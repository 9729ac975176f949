package composite_test

import (
	"bytes"
	"io/fs"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/indicator/composite"
)

var nan = math.NaN()

// near compares series; NaN equals NaN.
func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	for i := range got {
		if math.IsNaN(got[i]) != math.IsNaN(want[i]) || math.Abs(got[i]-want[i]) > 1e-9 {
			t.Errorf("%s: [%d] is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func upTo(n int, more ...float64) []float64 {
	var x []float64
	for i := range n {
		x = append(x, float64(i+1))
	}
	return append(x, more...)
}

func rows(n int) []composite.Row {
	out := make([]composite.Row, n)
	for i := range out {
		out[i].Unit = string(rune('a' + i))
	}
	return out
}

func scaled(x []float64, n composite.Normalisation, negative bool) []float64 {
	return composite.Normalise(rows(len(x)), composite.Treat(x, composite.Treatment{}), n, negative)
}

// The cases of COINr's own tests (MIT, tests/testthat/test-normalise.R and
// test-treat.R): the numbers are theirs.
func TestAgainstCOINr(t *testing.T) {
	x := upTo(10)
	y := scaled(x, composite.Normalisation{Scale: composite.MinMax, From: 2, To: 7}, false)
	if slices.Min(y) != 2 || slices.Max(y) != 7 {
		t.Errorf("min-max onto 2..7: %v", y)
	}
	mean, sd := composite.Moments(scaled(x, composite.Normalisation{Scale: composite.ZScore, From: 5, To: 2}, false))
	near(t, "z onto mean 5, sd 2", []float64{mean, sd}, []float64{5, 2})
	y = scaled(x, composite.Normalisation{Scale: composite.Target, Target: 8, To: 1}, false)
	near(t, "target 8, capped", y[7:], []float64{1, 1, 1})
	target := func(goal float64, uncap, negative bool, x ...float64) []float64 {
		return scaled(x, composite.Normalisation{Scale: composite.Target, Target: goal, To: 1, Uncap: uncap}, negative)
	}
	near(t, "target 10", target(10, true, false, 0, 5, 11), []float64{0, 0.5, 1.1})
	near(t, "target 10, capped", target(10, false, false, 0, 5, 11), []float64{0, 0.5, 1})
	near(t, "target 0, less is better", target(0, true, true, -1, 1, 10), []float64{1.1, 0.9, 0})
	near(t, "target 0, capped", target(0, false, true, -1, 1, 10), []float64{1, 0.9, 0})
	posts := composite.Normalisation{Scale: composite.Goalposts, Low: 0, High: 10, To: 1}
	near(t, "goalposts", scaled([]float64{1, 11, -1}, posts, false), []float64{0.1, 1, 0})
	near(t, "goalposts, less is better", scaled([]float64{1, -1, 11}, posts, true), []float64{0.9, 1, 0})
	near(t, "rank", scaled([]float64{3, 1, 2}, composite.Normalisation{Scale: composite.RankScale}, false), []float64{3, 1, 2})
	near(t, "fraction of best", scaled([]float64{1, 4}, composite.Normalisation{Scale: composite.FractionOfBest, To: 1}, false), []float64{0.25, 1})

	got := composite.Treat(upTo(10, 100), composite.Treatment{Rule: composite.Winsorise, Points: 5})
	near(t, "winsorised", got.Values, upTo(10, 10))
	if diff := cmp.Diff([]composite.Change{{Row: 10, Before: 100, After: 10}}, got.Changes); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
	two := upTo(20, 100, 200)
	one := composite.Treat(two, composite.Treatment{Rule: composite.Winsorise, Points: 1})
	if math.Abs(composite.Skewness(one.Values)) <= 2 || composite.Kurtosis(one.Values) <= 3.5 {
		t.Errorf("one point is enough: skewness %v, kurtosis %v", composite.Skewness(one.Values), composite.Kurtosis(one.Values))
	}
	logged := composite.Treat(two, composite.Treatment{Rule: composite.Winsorise, Points: 1, Fallback: composite.Logarithm})
	for i, v := range two {
		if math.Abs(logged.Values[i]-math.Log(v)) > 1e-12 {
			t.Errorf("[%d] %v, want log %v", i, logged.Values[i], v)
		}
	}
	if logged.Transformed != composite.Logarithm || len(logged.Changes) != 0 {
		t.Errorf("%+v", logged)
	}
	// Weighted mean with weights 1 to 5, and a row of which a fifth is known.
	mean, _ = composite.Mean(composite.Arithmetic, []float64{1, 2, 3, 4, 5}, upTo(5), 0.5)
	if math.Abs(mean-55.0/15) > 1e-12 {
		t.Errorf("weighted mean %v", mean)
	}
	if m, _ := composite.Mean(composite.Arithmetic, []float64{nan, nan, nan, nan, 5}, []float64{1, 1, 1, 1, 1}, 0.5); !math.IsNaN(m) {
		t.Errorf("a fifth of the data gives %v", m)
	}
}

// Skewness and kurtosis of (1, 2, 3, 4, 10) by hand: deviations -3 -2 -1 0 6,
// m2 = 10, m3 = 36, m4 = 278.8.
func TestMomentsByHand(t *testing.T) {
	x := []float64{1, 2, nan, 3, 4, 10}
	g1, g2 := 36/math.Pow(10, 1.5), 278.8/100-3
	near(t, "skewness, kurtosis", []float64{composite.Skewness(x), composite.Kurtosis(x)},
		[]float64{g1 * math.Sqrt(20) / 3, 4.0 / 6 * (6*g2 + 6)})
	for _, few := range [][]float64{nil, {1}, {1, 2}, {2, 2, 2, 2}, {nan, nan}} {
		if s := composite.Skewness(few); !math.IsNaN(s) {
			t.Errorf("skewness of %v is %v", few, s)
		}
	}
}

// The Human Development Index is goalposts, a logarithm, an arithmetic and a
// geometric mean. Inputs and index of 2019 as the report of 2020 prints them;
// its inputs are rounded to one decimal, so the third of the index may differ.
const hdi = `country,life,expected,mean,gni,published
Norway,82.4,18.1,12.9,66494,0.957
Ireland,82.3,18.7,12.7,68371,0.955
Switzerland,83.8,16.3,13.4,69394,0.955
Hong Kong,84.9,16.9,12.3,62985,0.949
China,76.9,14.0,8.1,16057,0.761
`

const hdiSpec = `
title: {en: HDI}
unit: country
index:
  key: hdi
  title: {en: HDI}
  mean: geometric
  missing: refuse
  parts:
  - {key: health, title: {en: health}, column: life, normalise: {scale: goalposts, low: 20, high: 85, to: 1}}
  - key: education
    title: {en: education}
    parts:
    - {key: expected, title: {en: expected years}, column: expected, normalise: {scale: goalposts, low: 0, high: 18, to: 1}}
    - {key: mean, title: {en: mean years}, column: mean, normalise: {scale: goalposts, low: 0, high: 15, to: 1}}
  - {key: income, title: {en: income}, column: gni, treat: {transform: log}, normalise: {scale: goalposts, low: 4.605170185988092, high: 11.225243392518447, to: 1}}
`

func run(t testing.TB, spec, table string) *composite.Result {
	t.Helper()
	s, err := composite.ParseSpec(strings.NewReader(spec))
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err))
	}
	tab, err := composite.ParseTable(strings.NewReader(table), s.Unit, s.Year, s.Labels...)
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err))
	}
	r, err := composite.Compute(s, tab)
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err))
	}
	return r
}

func TestHumanDevelopmentIndex(t *testing.T) {
	r := run(t, hdiSpec, hdi)
	want := []float64{0.957, 0.955, 0.955, 0.949, 0.761}
	for i, got := range r.Scores["hdi"] {
		if math.Abs(got-want[i]) > 0.0012 {
			t.Errorf("%s: %.4f, published %.3f", r.Rows[i].Unit, got, want[i])
		}
	}
	if math.Abs(r.Scores["expected"][0]-1) > 0 || math.Round(r.Scores["hdi"][0]*1000) != 957 || math.Round(r.Scores["hdi"][3]*1000) != 949 {
		t.Errorf("Norway %v, Hong Kong %v", r.Scores["hdi"][0], r.Scores["hdi"][3])
	}
	if !slices.Equal(r.Ranks, []int{1, 2, 3, 4, 5}) {
		t.Errorf("ranks %v", r.Ranks)
	}
}

// The scoreboard of 2008 by hand: square roots of 0 1 4 9 16 and 10000 are
// 0 1 2 3 4 and 100; mean 18.33, sd 40.03. Beyond 2 deviations only 100, which
// is left out of the extent 0..4 and clipped to 1.
func TestScoreboard2008(t *testing.T) {
	x := []float64{0, 1, 4, 9, 16, 10000}
	got := composite.Treat(x, composite.Treatment{Rule: composite.LeaveOut, Deviations: 2, Transform: composite.SquareRoot})
	near(t, "roots", got.Values, []float64{0, 1, 2, 3, 4, 100})
	if !slices.Equal(got.LeftOut, []int{5}) || got.Low != 0 || got.High != 4 {
		t.Errorf("%+v", got)
	}
	near(t, "scaled", composite.Normalise(rows(6), got, composite.Normalisation{Scale: composite.MinMax, To: 1}, false), []float64{0, 0.25, 0.5, 0.75, 1, 1})
	near(t, "turned", composite.Normalise(rows(6), got, composite.Normalisation{Scale: composite.MinMax, To: 1}, true), []float64{1, 0.75, 0.5, 0.25, 0, 0})
	if got := composite.Treat(x, composite.Treatment{Rule: composite.LeaveOut, Deviations: 3}); len(got.LeftOut) != 0 {
		t.Errorf("six values cannot hold one beyond 3 deviations: %v", got.LeftOut)
	}
}

// Since 2017: what lies beyond two deviations becomes the largest of the
// others; only a column still more skewed than 1 is transformed.
func TestScoreboard2017(t *testing.T) {
	rule := composite.Treatment{Rule: composite.Replace, Deviations: 2, Transform: composite.SquareRoot, SkewAbove: 1}
	got := composite.Treat([]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 100}, rule)
	near(t, "replaced", got.Values, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 9})
	if got.Transformed != "" || len(got.Changes) != 1 {
		t.Errorf("%+v", got)
	}
	got = composite.Treat([]float64{1, 1, 1, 1, 4, 4, 16, 16}, rule)
	near(t, "still skewed", got.Values, []float64{1, 1, 1, 1, 2, 2, 4, 4})
	got = composite.Treat([]float64{-1, -1, -1, -1, 4, 4, 16, 16}, rule)
	if !got.Refused || got.Transformed != "" || got.Values[7] != 16 {
		t.Errorf("roots of negative numbers: %+v", got)
	}
}

const panelSpec = `
title: {en: Index}
unit: city
year: year
normalise: {scale: base_year, ref_year: 2020}
index:
  key: index
  title: {en: index}
  parts:
  - {key: up, title: {en: up}, weight: 3, column: papers}
  - {key: down, title: {en: down}, weight: 1, column: energy, negative: true}
`

// A city index with 2020 = 100 by hand: papers 50 → 75 is 150, energy 4 → 3 is
// 133.33; with weights 3 and 1 that is 145.83. Base 60 scales it to 87.5.
func TestBaseYear(t *testing.T) {
	table := "city,year,papers,energy\nG,2020,50,4\nG,2023,75,3\nS,2023,10,1\n"
	r := run(t, panelSpec, table)
	near(t, "index", r.Scores["index"], []float64{100, 0.75*150 + 0.25*400.0/3, nan})
	if !slices.Equal(r.Ranks, []int{1, 1, 0}) {
		t.Errorf("ranks %v: years are ranked apart, and S has no base", r.Ranks)
	}
	r = run(t, strings.Replace(panelSpec, "ref_year: 2020", "ref_year: 2020, to: 60", 1), table)
	near(t, "Capital index", r.Scores["index"][:2], []float64{60, 87.5})
	near(t, "relative", r.Relative("index", composite.Row{Unit: "G", Year: 2020}), []float64{100, 87.5 / 0.6, nan})
}

const missingSpec = `
title: {en: Index}
unit: city
year: year
normalise: {scale: min_max}
index:
  key: index
  title: {en: index}
  least: 0.5
  parts:
  - {key: a, title: {en: a}, column: a}
  - {key: b, title: {en: b}, column: b, nearest_year: true}
  - {key: c, title: {en: c}, weight: 2, column: c, per: people}
`

func TestMissing(t *testing.T) {
	table := "city,year,a,b,c,people\nG,2021,0,,10,1\nG,2022,10,4,20,2\nG,2024,,8,,1\nS,2022,5,,30,0\nS,2023,,,,\n"
	r := run(t, missingSpec, table)
	// b of G in 2021 is 2022's; of S there is none. c over nobody is unknown.
	near(t, "b", r.Raw["b"], []float64{4, 4, 8, nan, nan})
	near(t, "c", r.Raw["c"], []float64{10, 10, nan, nan, nan})
	if r.Filled["b"][0] != 2022 || len(r.Filled["b"]) != 1 {
		t.Errorf("filled %v", r.Filled)
	}
	near(t, "coverage", r.Coverage, []float64{0.5, 0.5, 0.25, 0.25, 0})
	// All values of c are equal: it tells nothing and is unknown; a and b are half.
	for i, known := range []bool{true, true, false, false, false} {
		if got := composite.Known(r.Scores["index"][i]); got != known {
			t.Errorf("row %d: %v", i, r.Scores["index"][i])
		}
	}
	lines := r.Lines(nil)
	if lines[0].Year != 2024 || lines[0].Score != nil || lines[0].Rank != 0 {
		t.Errorf("unknown is not zero: %+v", lines[0])
	}
	strict := run(t, strings.Replace(missingSpec, "least: 0.5", "missing: refuse", 1), table)
	for i, v := range strict.Scores["index"] {
		if composite.Known(v) {
			t.Errorf("row %d: %v although a part is unknown", i, v)
		}
	}
	tab, _ := composite.ParseTable(strings.NewReader("u,y,x\na,2020,1\nb,2020,1\nc,2020,1\nd,2020,\na,2021,1\nb,2021,\n"), "u", "y")
	if got := tab.ReferenceYear("x", 0.75); got != 2020 {
		t.Errorf("reference year %d", got)
	}
}

func TestGroups(t *testing.T) {
	for relative, want := range map[float64]composite.Group{125.1: composite.Leader, 125: composite.Strong, 100: composite.Strong, 99.9: composite.Moderate, 70: composite.Moderate, 69.9: composite.Emerging} {
		if got := composite.GroupOf(relative); got != want {
			t.Errorf("%v: %q, want %q", relative, got, want)
		}
	}
	if got := composite.GroupOf(nan); got != composite.UnknownGroup {
		t.Errorf("unknown: %q", got)
	}
}

func TestMeans(t *testing.T) {
	for _, c := range []struct {
		kind composite.MeanKind
		x    []float64
		want float64
	}{
		{composite.Arithmetic, []float64{1, 4}, 2.5}, {composite.Geometric, []float64{1, 4}, 2}, {composite.Harmonic, []float64{1, 4}, 1.6},
		{composite.Geometric, []float64{0, 4}, 0}, {composite.Harmonic, []float64{0, 4}, 0}, {composite.Geometric, []float64{-1, 4}, nan},
		{composite.Arithmetic, []float64{nan, 4}, 4}, {composite.Arithmetic, []float64{nan, nan}, nan},
	} {
		got, _ := composite.Mean(c.kind, c.x, []float64{1, 1}, 0)
		near(t, string(c.kind), []float64{got}, []float64{c.want})
	}
	if got, _ := composite.Mean(composite.Arithmetic, []float64{1, 2}, []float64{1, -1}, 0); composite.Known(got) {
		t.Errorf("a negative weight gives %v", got)
	}
}

func cities(t testing.TB) *composite.Result {
	t.Helper()
	read := func(f data.File) []byte {
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	return run(t, string(read(data.CitiesIndex)), string(bytes.TrimSpace(read(data.Cities))))
}

// Real cities (NBS yearbook of 2017): the pipeline against a plain one.
func TestCities(t *testing.T) {
	r := cities(t)
	if len(r.Rows) != 35 || r.Spec.Source == "" {
		t.Fatalf("%d cities", len(r.Rows))
	}
	again := cities(t)
	if diff := cmp.Diff(r.Scores, again.Scores); diff != "" {
		t.Error(diff)
	}
	for i := range r.Rows {
		s := r.Scores
		learning, openness, living := (s["students"][i]+s["wage"][i])/2, (s["trade"][i]+s["retail"][i])/2, (s["doctors"][i]+s["housing"][i])/2
		if want := (learning + openness + 0.5*living) / 2.5; math.Abs(want-s["index"][i]) > 1e-9 || r.Coverage[i] != 1 {
			t.Errorf("%s: %v, want %v", r.Rows[i].Unit, s["index"][i], want)
		}
		for _, n := range []string{"students", "wage", "trade", "retail", "doctors", "housing"} {
			if v := s[n][i]; !(v >= 0 && v <= 100) {
				t.Errorf("%s %s: %v", r.Rows[i].Unit, n, v)
			}
		}
	}
	g := slices.Index(r.Rows, composite.Row{Unit: "440100"})
	if raw := r.Raw["students"][g]; math.Abs(raw-106.7335/897.87) > 1e-12 {
		t.Errorf("students of Guangzhou %v", raw)
	}
	if changes := r.Treated["trade"].Changes; len(changes) == 0 || r.Rows[changes[0].Row].Unit != "440300" && r.Rows[changes[len(changes)-1].Row].Unit != "440300" {
		t.Errorf("Shenzhen's trade over its registered people is no outlier: %+v", changes)
	}
	t.Logf("Guangzhou is %d of 35 with %.1f", r.Ranks[g], r.Scores["index"][g])
}

func TestSensitivity(t *testing.T) {
	r := cities(t)
	a, b := r.Sensitivity(composite.Perturbation{Draws: 200, Seed: 7}), r.Sensitivity(composite.Perturbation{Draws: 200, Seed: 7})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("one seed, two answers\n%s", diff)
	}
	if cmp.Equal(a, r.Sensitivity(composite.Perturbation{Draws: 200, Seed: 8})) {
		t.Error("the seed does nothing")
	}
	moved := 0
	for i, s := range a {
		if !(s.Best <= s.Low && s.Low <= s.Median && s.Median <= s.High && s.High <= s.Worst && s.Best >= 1 && s.Worst <= 35) {
			t.Errorf("%s: %+v", r.Rows[i].Unit, s)
		}
		if s.Worst > s.Best {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no rank moves")
	}
	// A unit that leads in every part leads whatever the weights.
	top := run(t, panelSpecOf("a", "b"), "city,a,b\nx,3,3\ny,2,1\nz,1,2\n").Sensitivity(composite.Perturbation{Draws: 100, Spread: 1, Seed: 1})
	if top[0] != (composite.Spread{Low: 1, Median: 1, High: 1, Best: 1, Worst: 1}) || top[1].Worst != 3 {
		t.Errorf("%+v", top)
	}
}

func panelSpecOf(columns ...string) string {
	s := "title: {en: i}\nunit: city\nindex:\n  key: index\n  title: {en: i}\n  parts:\n"
	for _, c := range columns {
		s += "  - {key: " + c + ", title: {en: " + c + "}, column: " + c + "}\n"
	}
	return s
}

// Whatever the numbers: a better value never scores less, min-max keeps its
// bounds, ranks are those of the scores, and the order of rows does not matter.
func TestProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 3 + rng.IntN(20)
		x := make([]float64, n)
		for i := range x {
			if x[i] = math.Exp(rng.NormFloat64() * 2); rng.IntN(6) == 0 {
				x[i] = nan
			}
		}
		for _, scale := range []composite.Scale{composite.MinMax, composite.ZScore, composite.RankScale, composite.PercentRank, composite.FractionOfBest} {
			for _, negative := range []bool{false, true} {
				y := scaled(x, composite.Normalisation{Scale: scale}, negative)
				for i := range x {
					if math.IsNaN(x[i]) && !math.IsNaN(y[i]) {
						t.Fatalf("%s makes %v of an unknown", scale, y[i])
					}
					for j := range x {
						if x[i] < x[j] && (y[i] > y[j]) != negative && y[i] != y[j] {
							t.Fatalf("%s, negative %v: %v < %v but %v, %v", scale, negative, x[i], x[j], y[i], y[j])
						}
					}
				}
			}
		}
		perm := rng.Perm(n)
		shuffled := make([]float64, n)
		for i, p := range perm {
			shuffled[i] = x[p]
		}
		rule := composite.Treatment{Rule: composite.Winsorise, Points: 3, Fallback: composite.Logarithm}
		a, b := composite.Treat(x, rule).Values, composite.Treat(shuffled, rule).Values
		for i, p := range perm {
			if math.Abs(a[p]-b[i]) > 1e-9 {
				t.Fatalf("the order of rows matters: %v, %v", a[p], b[i])
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "word": "unheard: of", "no unit": "index: {key: a, title: {en: a}, column: x}",
		"key twice":  panelSpecOf("a", "a"),
		"weight":     strings.Replace(panelSpecOf("a"), "column: a", "column: a, weight: -1", 1),
		"all zero":   strings.Replace(panelSpecOf("a"), "column: a", "column: a, weight: 0", 1),
		"scale":      strings.Replace(panelSpecOf("a"), "column: a", "column: a, normalise: {scale: best}", 1),
		"goalposts":  strings.Replace(panelSpecOf("a"), "column: a", "column: a, normalise: {scale: goalposts, low: 3, high: 2}", 1),
		"base":       strings.Replace(panelSpecOf("a"), "column: a", "column: a, normalise: {scale: base_year, ref_year: 2020}", 1),
		"deviations": strings.Replace(panelSpecOf("a"), "column: a", "column: a, treat: {rule: replace}", 1),
		"infinite":   strings.Replace(panelSpecOf("a"), "column: a", "column: a, normalise: {scale: z, from: .inf}", 1),
	} {
		_, err := composite.ParseSpec(strings.NewReader(text))
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if shown := i18n.Error(i18n.ZH, err); strings.Contains(shown, "composite.") {
			t.Errorf("%s: the reader sees %q", name, shown)
		}
	}
	for name, text := range map[string]string{"number": "u,a\nx,one\n", "infinite": "u,a\nx,Inf\n", "twice": "u,a\nx,1\nx,2\n", "no unit": "v,a\n1,2\n", "column twice": "u,a,a\nx,1,2\n",
		"ragged": "u,a\nx\n", "empty": "", "unit missing": "u,a\n,1\n"} {
		if _, err := composite.ParseTable(strings.NewReader(text), "u", ""); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	s, _ := composite.ParseSpec(strings.NewReader(panelSpecOf("a", "b")))
	tab, _ := composite.ParseTable(strings.NewReader("city,a\nx,1\n"), "city", "")
	if _, err := composite.Compute(s, tab); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a missing column: %v", err)
	}
}

func FuzzParseTable(f *testing.F) {
	f.Add("u,y,a\nx,2020,1\n")
	f.Add("u,a\nx,\n\"")
	f.Add("# c\nu,a\nx,1e400\n")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := composite.ParseTable(strings.NewReader(text), "u", "")
		if err != nil {
			return
		}
		for _, name := range tab.Names {
			if len(tab.Columns[name]) != len(tab.Rows) {
				t.Errorf("column %q has %d values for %d rows", name, len(tab.Columns[name]), len(tab.Rows))
			}
		}
	})
}

func FuzzParseSpec(f *testing.F) {
	f.Add(panelSpec)
	f.Add(hdiSpec)
	f.Add("unit: u\nindex: {key: a, title: {en: a}, column: x, treat: {rule: winsorise, points: 3, fallback: log}}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := composite.ParseSpec(strings.NewReader(text))
		if err != nil || s.Year != "" {
			return
		}
		tab := &composite.Table{Rows: rows(4), Columns: map[string][]float64{}}
		s.Root.Each(func(n *composite.Node, _ int) {
			tab.Columns[n.Column], tab.Columns[n.Per] = []float64{1, nan, 3, -4}, []float64{0, 1, 2, nan}
		})
		if r, err := composite.Compute(s, tab); err != nil || len(r.Ranks) != 4 {
			t.Errorf("%v", err)
		}
	})
}
