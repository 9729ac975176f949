package e5

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// both runs f with the kernels of this machine and with plain Go.
func both(t *testing.T, f func()) {
	t.Helper()
	defer func(was bool) { fast = was }(fast)
	if !fast {
		t.Log("no AVX2 here: both are plain Go")
	}
	f()
	fast = false
	f()
}

// near reports the greatest difference between two runs.
func near(t *testing.T, what string, runs [][]float32, most float64) {
	t.Helper()
	for i := range runs[0] {
		if d := math.Abs(float64(runs[0][i]) - float64(runs[1][i])); !(d <= most) {
			t.Fatalf("%s: value %d is %g in assembly and %g in Go", what, i, runs[0][i], runs[1][i])
		}
	}
}

func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	x := random(r, 8*block)
	clear(x[block : 2*block]) // a block of zeros
	x[2*block] = -1000        // one that dwarfs its block
	var q [][]int8
	var scale [][]float32
	var minus [][]int32
	both(t, func() {
		qs, ss, ms := make([]int8, len(x)), make([]float32, 8*tile), make([]int32, 8*tile)
		quantise(x, qs, ss, ms)
		q, scale, minus = append(q, qs), append(scale, ss), append(minus, ms)
	})
	if !cmp.Equal(q[0], q[1]) || !cmp.Equal(scale[0], scale[1]) || !cmp.Equal(minus[0], minus[1]) {
		t.Errorf("assembly and Go differ: %s %s %s", cmp.Diff(q[0], q[1]), cmp.Diff(scale[0], scale[1]), cmp.Diff(minus[0], minus[1]))
	}
	for i, v := range x {
		s := scale[0][i/block*tile]
		if d := math.Abs(float64(v - s*float32(q[0][i]))); d > float64(s)/2*1.001 {
			t.Errorf("value %d: %g became %d × %g", i, v, q[0][i], s)
		}
	}
}

// TestPanel holds the product against one computed in float64 from the same
// numbers, at the greatest values too, where 16 bits only just suffice.
func TestPanel(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, extreme := range []bool{false, true} {
		const rows, columns, tokens = 16, 96, 7
		raw := make([]byte, rows*columns/block*blockBytes)
		for i := range raw {
			raw[i] = byte(r.Uint32())
			if extreme {
				raw[i] = 0xff
			}
		}
		for i := 0; i < len(raw); i += blockBytes {
			raw[i], raw[i+1] = byte(r.Uint32()), 0x2c // about 1/16
		}
		w := matrix{rows: rows, columns: columns, bias: random(r, rows)}
		if !w.pack(raw, rows) {
			t.Fatal("a scale is not finite")
		}
		x := random(r, tokens*columns)
		if extreme {
			for i := range x {
				x[i] = -3
			}
		}
		var got [][]float32
		both(t, func() {
			s := newScratch(Config{Hidden: columns, Inner: columns, Positions: 8}, 8)
			y := make([]float32, 8*rows)
			s.multiply(&w, x, y, tokens)
			got = append(got, y[:tokens*rows])
		})
		near(t, "product", got, 1e-3)
		near(t, "product", [][]float32{got[0], plainProduct(raw, w.bias, x, rows, columns)}, 1e-3)
	}
}

// plainProduct multiplies from the file's layout, with activations brought to
// eight bits in its own way.
func plainProduct(raw []byte, bias, x []float32, rows, columns int) []float32 {
	var out []float32
	for t := 0; t < len(x); t += columns {
		for o := range rows {
			sum := float64(bias[o])
			for b := 0; b < columns; b += block {
				at := raw[(o*columns+b)/block*blockBytes:]
				scale := float64(half(uint16(at[0]) | uint16(at[1])<<8))
				part := x[t+b : t+b+block]
				most := 0.0
				for _, v := range part {
					most = max(most, math.Abs(float64(v)))
				}
				for k, v := range part {
					weight := float64(at[2+k%16]>>(4*(k/16))&15) - 8
					if most > 0 {
						sum += scale * weight * math.RoundToEven(float64(v)*127/most) * most / 127
					}
				}
			}
			out = append(out, float32(sum))
		}
	}
	return out
}

func TestAttentionKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	for _, head := range []int{8, 24, 32, 64, 72} {
		for _, n := range []int{1, 3, 4, 9, 16} {
			stride := 3 * head
			q, k := random(r, head), random(r, (n+4)*stride)
			var dots, parts, mixed [][]float32
			both(t, func() {
				out := make([]float32, n+lane)
				scores(q, k, out, n, stride, 0.3)
				dots = append(dots, slices.Clone(out[:n]))
				sum := softmax(out[:n])
				parts = append(parts, slices.Clone(out[:n]))
				m := make([]float32, head)
				mix(out, k, m, n, stride, 1/sum)
				mixed = append(mixed, m)
			})
			near(t, "scores", dots, 1e-5)
			near(t, "softmax", parts, 1e-6)
			near(t, "mix", mixed, 1e-5)
		}
	}
}

func TestPointwiseKernels(t *testing.T) {
	var x []float32
	for v := float32(-12); v < 12; v += 1.0 / 64 {
		x = append(x, v)
	}
	var bent, normed [][]float32
	r := rand.New(rand.NewPCG(4, 1))
	y, factor, term := random(r, len(x)), random(r, len(x)), random(r, len(x))
	both(t, func() {
		g := slices.Clone(x)
		gelu(g)
		bent = append(bent, g)
		n := slices.Clone(x)
		addNorm(n, y, factor, term, 1e-12)
		normed = append(normed, n)
	})
	near(t, "gelu", bent, 1e-6)
	near(t, "norm", normed, 1e-5)
}

func TestHalf(t *testing.T) {
	for h, want := range map[uint16]float32{0: 0, 0x3c00: 1, 0xc000: -2, 0x0001: 0x1p-24, 0x03ff: 1023 * 0x1p-24, 0x0400: 0x1p-14, 0x7bff: 65504, 0x3555: 0.333251953125} {
		if got := half(h); got != want {
			t.Errorf("half(%#04x) = %g, want %g", h, got, want)
		}
	}
	if !math.IsInf(float64(half(0x7c00)), 1) || !math.IsNaN(float64(half(0x7e00))) || math.Float32bits(half(0x8000)) != 1<<31 {
		t.Error("infinity, NaN or −0")
	}
}
