package composite

import (
	"math"
	"slices"
)

// Transform is a function that draws in a long tail.
type Transform string

// The transforms. Both need values that are not negative, the logarithm
// positive ones; a column that has others is left as it is, which the log says.
const (
	NoTransform Transform = ""
	SquareRoot  Transform = "sqrt"
	Logarithm   Transform = "log"
)

// OutlierRule says what becomes of values far from the others.
type OutlierRule string

// The rules for outliers.
const (
	KeepOutliers OutlierRule = ""
	// LeaveOut: beyond mean ± Deviations standard deviations they are left out of
	// the smallest and the largest value that min-max scales by, and keep their own
	// (scoreboard of 2008: 3 deviations). Scaled, they lie outside and are clipped.
	LeaveOut OutlierRule = "leave_out"
	// Replace: beyond mean ± Deviations they become the largest or the smallest of
	// the others (scoreboard since 2017: 2 deviations).
	Replace OutlierRule = "replace"
	// Winsorise: while |skewness| > 2 and kurtosis > 3.5, the outermost value of the
	// longer tail becomes its neighbour, at most Points times; if that does not do,
	// all changes are taken back and Fallback transforms the column instead (the
	// default of COINr).
	Winsorise OutlierRule = "winsorise"
)

// Treatment is how a column is prepared before it is scaled.
type Treatment struct {
	Rule       OutlierRule `json:"rule,omitempty" yaml:"rule"`
	Deviations float64     `json:"deviations,omitempty" yaml:"deviations"`
	Points     int         `json:"points,omitempty" yaml:"points"`
	Fallback   Transform   `json:"fallback,omitempty" yaml:"fallback"`
	Transform  Transform   `json:"transform,omitempty" yaml:"transform"`
	SkewAbove  float64     `json:"skew_above,omitempty" yaml:"skew_above"` // transform only a column more skewed than this, after outliers are dealt with; 0: always, and before
}

// Change is one value that treatment changed.
type Change struct {
	Row    int     `json:"row"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

// Treated is a column after its treatment.
type Treated struct {
	Values      []float64
	Low, High   float64 // what min-max scales by; Unknown for a column without values
	Changes     []Change
	LeftOut     []int // rows left out of Low and High
	Transformed Transform
	Refused     bool    // a transform was called for and the values do not allow it
	Skewness    float64 // of the raw values; Unknown for fewer than three
	Kurtosis    float64 // Unknown for fewer than four
}

// Treat prepares a column. The input is not changed.
func Treat(x []float64, t Treatment) Treated {
	out := Treated{Values: slices.Clone(x), Skewness: Skewness(x), Kurtosis: Kurtosis(x)}
	if t.SkewAbove == 0 {
		out.transform(t.Transform)
	}
	switch t.Rule {
	case LeaveOut:
		out.LeftOut = beyond(out.Values, t.Deviations)
	case Replace:
		out.replace(t.Deviations)
	case Winsorise:
		out.winsorise(t.Points, t.Fallback)
	}
	if t.SkewAbove > 0 && Skewness(out.Values) > t.SkewAbove {
		out.transform(t.Transform)
	}
	out.Low, out.High = extent(out.Values, out.LeftOut)
	return out
}

func extent(x []float64, without []int) (low, high float64) {
	low, high = Unknown, Unknown
	for i, v := range x {
		if !Known(v) || slices.Contains(without, i) {
			continue
		}
		if !Known(low) || v < low {
			low = v
		}
		if !Known(high) || v > high {
			high = v
		}
	}
	return low, high
}

func (t *Treated) transform(f Transform) {
	if f == NoTransform {
		return
	}
	for _, v := range t.Values {
		if Known(v) && (v < 0 || f == Logarithm && v == 0) {
			t.Refused = true
			return
		}
	}
	t.Transformed = f
	for i, v := range t.Values {
		switch {
		case !Known(v):
		case f == SquareRoot:
			t.Values[i] = math.Sqrt(v)
		case f == Logarithm:
			t.Values[i] = math.Log(v)
		}
	}
}

// beyond lists the rows beyond mean ± k standard deviations.
func beyond(x []float64, k float64) []int {
	mean, sd := Moments(x)
	var out []int
	for i, v := range x {
		if Known(v) && Known(sd) && math.Abs(v-mean) > k*sd {
			out = append(out, i)
		}
	}
	return out
}

func (t *Treated) replace(k float64) {
	mean, _ := Moments(t.Values)
	far := beyond(t.Values, k)
	low, high := extent(t.Values, far)
	for _, i := range far {
		to := low
		if t.Values[i] > mean {
			to = high
		}
		if Known(to) {
			t.Changes = append(t.Changes, Change{i, t.Values[i], to})
			t.Values[i] = to
		}
	}
}

// heavy is the test of the handbook for a column that needs treatment.
func heavy(x []float64) bool {
	return math.Abs(Skewness(x)) > 2 && Kurtosis(x) > 3.5
}

func (t *Treated) winsorise(points int, fallback Transform) {
	before := slices.Clone(t.Values)
	for n := 0; n < points && heavy(t.Values); n++ {
		t.drawIn(Skewness(t.Values) < 0)
	}
	if heavy(t.Values) && fallback != NoTransform {
		t.Values = before
		t.transform(fallback)
		return
	}
	for i, v := range t.Values {
		if Known(v) && v != before[i] {
			t.Changes = append(t.Changes, Change{i, before[i], v})
		}
	}
}

// drawIn sets the outermost values of a tail to their neighbour.
func (t *Treated) drawIn(low bool) {
	least, most := extent(t.Values, nil)
	end := most
	if low {
		end = least
	}
	var at []int
	for i, v := range t.Values {
		if v == end {
			at = append(at, i)
		}
	}
	least, most = extent(t.Values, at)
	to := most
	if low {
		to = least
	}
	for _, i := range at {
		if Known(to) {
			t.Values[i] = to
		}
	}
}

// known returns the known values.
func known(x []float64) []float64 {
	var out []float64
	for _, v := range x {
		if Known(v) {
			out = append(out, v)
		}
	}
	return out
}

// Moments are the mean and the sample standard deviation (n - 1) of the known
// values; Unknown for fewer than one and two.
func Moments(x []float64) (mean, sd float64) {
	k := known(x)
	if len(k) == 0 {
		return Unknown, Unknown
	}
	for _, v := range k {
		mean += v / float64(len(k))
	}
	if len(k) < 2 {
		return mean, Unknown
	}
	sum := 0.0
	for _, v := range k {
		sum += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sum / float64(len(k)-1))
}

// Skewness is the adjusted sample skewness (Excel's SKEW, type 2 of Joanes and
// Gill 1998). Unknown for fewer than three values, or for equal ones.
func Skewness(x []float64) float64 {
	k := known(x)
	n := float64(len(k))
	m2, m3, _ := central(k)
	if n < 3 || m2 <= 0 {
		return Unknown
	}
	return m3 / math.Pow(m2, 1.5) * math.Sqrt(n*(n-1)) / (n - 2)
}

// Kurtosis is the adjusted sample excess kurtosis (Excel's KURT, type 2).
// Unknown for fewer than four values, or for equal ones.
func Kurtosis(x []float64) float64 {
	k := known(x)
	n := float64(len(k))
	m2, _, m4 := central(k)
	if n < 4 || m2 <= 0 {
		return Unknown
	}
	g := m4/(m2*m2) - 3
	return (n - 1) / ((n - 2) * (n - 3)) * ((n+1)*g + 6)
}

// central are the second to fourth central moments.
func central(k []float64) (m2, m3, m4 float64) {
	mean, _ := Moments(k)
	for _, v := range k {
		d := v - mean
		m2, m3, m4 = m2+d*d, m3+d*d*d, m4+d*d*d*d
	}
	n := float64(len(k))
	return m2 / n, m3 / n, m4 / n
}
