package match

import (
	"math"
	"testing"
)

func TestTongueOf(t *testing.T) {
	for text, want := range map[string]tongue{
		"":            both,
		"1234":        both,
		"高镍三元锂电池正极材料": chinese,
		"符合 ISO 13485 体系的电子束熔化打印服务":                                                             chinese,
		"Nickel-rich cathode materials":                                                         english,
		"A coating for 中山大学, in service use on compressor casings, by flame spraying":           english,
		"双陶瓷层稀土锆酸盐热障涂层 Double-layer rare-earth zirconate thermal barrier coating of two layers": both,
	} {
		if got := tongueOf(text); got != want {
			t.Errorf("%q: %d, not %d", text, got, want)
		}
	}
	if chinese.shares(english) || !both.shares(english) || !chinese.shares(both) {
		t.Error("shares")
	}
}

func TestSpread(t *testing.T) {
	if _, ok := spread(make([]float32, leastSample-1)); ok {
		t.Error("too few to tell")
	}
	var cosines []float32
	for i := range 40 {
		cosines = append(cosines, float32(i%2)) // mean ½, deviation ½
	}
	g, ok := spread(append(cosines, float32(math.NaN())))
	if !ok || math.Abs(g.mean-.5) > 1e-6 || math.Abs(g.deviation-.5) > 1e-6 {
		t.Errorf("%+v", g)
	}
	if got := above(1.5, g, 4); math.Abs(got-.5) > 1e-6 {
		t.Errorf("two deviations of four: %v", got)
	}
	if above(-1, g, 4) != 0 || above(99, g, 4) != 1 || !math.IsNaN(above(math.NaN(), g, 4)) {
		t.Error("bounds")
	}
}
