package quantity

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// newRand gives each run its own seed and says which when the test fails.
func newRand(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 1))
}

var allBounds = []Bound{Exact, Above, AtLeast, Below, AtMost, Nearly, About, Between}

func randomQuantity(r *rand.Rand, positive bool) Quantity {
	v := math.Round(r.Float64()*1e4)/100 + 0.01
	if !positive && r.IntN(3) == 0 {
		v = -v
	}
	b := allBounds[r.IntN(len(allBounds))]
	if b == Between {
		return Span(v, v+math.Round(r.Float64()*1e3)/10, CNY)
	}
	return With(b, v, CNY)
}

// member picks a number inside the interval, often an end.
func member(r *rand.Rand, i Interval) float64 {
	lo, hi := i.Lo, i.Hi
	if math.IsInf(lo, -1) {
		lo = math.Min(hi-500, hi)
	}
	if math.IsInf(hi, 1) {
		hi = lo + 500
	}
	x := lo + r.Float64()*(hi-lo)
	switch {
	case r.IntN(4) == 0 && !i.LoOpen:
		x = lo
	case r.IntN(4) == 0 && !i.HiOpen:
		x = hi
	}
	if !i.Contains(x) {
		return (lo + hi) / 2
	}
	return x
}

func holds(q Quantity, x float64) bool {
	i := q.Interval().widen()
	i.Lo -= 1e-9
	i.Hi += 1e-9
	i.LoOpen, i.HiOpen = false, false
	return i.Contains(x)
}

func TestArithmeticSound(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for range 20000 {
		p, q := randomQuantity(r, false), randomQuantity(r, false)
		x, y := member(r, p.Interval()), member(r, q.Interval())
		if !p.Interval().Contains(x) {
			t.Fatalf("member(%+v) = %v", p, x)
		}
		if s, err := p.Add(q); err == nil && !holds(s, x+y) {
			t.Fatalf("%+v + %+v = %+v loses %v", p, q, s, x+y)
		} else if err != nil && !errors.Is(err, ErrUnbounded) {
			t.Fatal(err)
		}
		if s, err := p.Sub(q); err == nil && !holds(s, x-y) {
			t.Fatalf("%+v - %+v = %+v loses %v", p, q, s, x-y)
		}
		k := math.Round(r.Float64()*100-50) / 10
		if s := p.Mul(k); !holds(s, x*k) {
			t.Fatalf("%+v * %v = %+v loses %v", p, k, s, x*k)
		}
	}
}

func TestRatioSound(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	made := 0
	for range 20000 {
		a, b := randomQuantity(r, false), randomQuantity(r, true)
		q, err := Ratio(a, b)
		if err != nil {
			continue
		}
		made++
		x, y := member(r, a.Interval()), member(r, b.Interval())
		if i := q.Interval(); x/y*100 < i.Lo-1e-6*math.Abs(i.Lo)-1e-9 || x/y*100 > i.Hi+1e-6*math.Abs(i.Hi)+1e-9 {
			t.Fatalf("%+v / %+v = %+v loses %v", a, b, q, x/y*100)
		}
	}
	if made < 5000 {
		t.Errorf("only %d ratios were defined", made)
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b Quantity
		want Quantity
		err  error
	}{
		{Of(26, CountOf("项")), Of(11, CountOf("项")), Of(37, CountOf("项")), nil},
		{Of(26, CountOf("项")), Of(11, CountOf("个")), Of(37, Count), nil},
		{With(Above, 260e8, CNY), Of(10e8, CNY), With(Above, 270e8, CNY), nil},
		{With(Above, 260e8, CNY), With(Above, 1500e8, CNY), With(Above, 1760e8, CNY), nil},
		{With(Nearly, 100, CNY), With(Nearly, 50, CNY), With(Nearly, 150, CNY), nil},
		{With(Nearly, 100, CNY), With(About, 50, CNY), With(About, 150, CNY), nil},
		{With(Above, 260, CNY), With(Nearly, 100, CNY), With(Above, 350, CNY), nil},
		{With(About, 1.1e8, CNY), Of(0.1e8, CNY), With(About, 1.2e8, CNY), nil},
		{With(Above, 1, CNY), With(Below, 5, CNY), Quantity{}, ErrUnbounded},
		{Of(1, CNY), Of(1, "USD"), Quantity{}, ErrUnits},
		{Of(1, CountOf("家")), Of(1, CountOf("人")), Quantity{}, ErrUnits},
	} {
		got, err := c.a.Add(c.b)
		if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%+v + %+v = %+v, %v; want %+v, %v", c.a, c.b, got, err, c.want, c.err)
		}
	}
}

func TestRatio(t *testing.T) {
	t.Parallel()
	led, err := Ratio(Of(11, CountOf("项")), Of(14, Count))
	if err != nil || led.Format("zh-CN") != "78.57%" {
		t.Errorf("11/14 = %v, %v", led, err)
	}
	if q, err := Ratio(Of(10, Count), With(Above, 20, Count)); err != nil || q != With(Below, 50, Percent) {
		t.Errorf("10/>20 = %+v, %v; want < 50%%", q, err)
	}
	if q, err := Ratio(With(Above, 10, Count), Of(20, Count)); err != nil || q != With(Above, 50, Percent) {
		t.Errorf(">10/20 = %+v, %v; want > 50%%", q, err)
	}
	if _, err := Ratio(Of(1, Count), Of(0, Count)); !errors.Is(err, ErrZero) {
		t.Errorf("1/0: %v", err)
	}
	if _, err := Ratio(Of(1, Count), With(Below, 5, Count)); !errors.Is(err, ErrZero) {
		t.Errorf("1/<5: %v", err)
	}
	if _, err := Ratio(Of(1, Count), Of(5, CNY)); !errors.Is(err, ErrUnits) {
		t.Errorf("count by money: %v", err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, q := range []Quantity{
		{}, {Bound: "more", Value: 1}, Of(math.NaN(), CNY), Of(math.Inf(1), CNY),
		{Bound: Between, Value: 2, High: 1}, {Bound: Exact, Step: -1},
	} {
		if !errors.Is(q.Validate(), ErrInvalid) {
			t.Errorf("Validate(%+v) = %v", q, q.Validate())
		}
	}
	if err := Span(2, 1, CNY).Validate(); err != nil {
		t.Error(err)
	}
}
