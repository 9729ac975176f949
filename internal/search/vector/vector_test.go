package vector

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

// exact is the dot product in float64.
func exact(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 3, 7, 8, 9, 24, 31, 32, 33, 63, 100, 384, 1000} {
		a, b := random(r, n), random(r, n)
		if got, want := float64(Dot(a, b)), exact(a, b); math.Abs(got-want) > 1e-3 {
			t.Errorf("Dot of %d floats = %g, want %g", n, got, want)
		}
	}
}

// TestKernelsAgree compares the assembly with plain Go, row by row.
func TestKernelsAgree(t *testing.T) {
	if !fast {
		t.Log("no AVX2 here: both are plain Go")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, dim := range []int{8, 16, 24, 32, 40, 104, 384} {
		for _, rows := range []int{1, 2, 5, 64} {
			q, m := random(r, dim), random(r, dim*rows)
			got, want := make([]float32, rows), make([]float32, rows)
			dotRows(q, m, got)
			dotRowsGo(q, m, want)
			for i := range got {
				if d := math.Abs(float64(got[i] - want[i])); d > 1e-5*math.Sqrt(float64(dim))*8 {
					t.Errorf("dim %d row %d: assembly %g, Go %g", dim, i, got[i], want[i])
				}
			}
		}
	}
}

// TestCodes holds the sieve's kernel and its bound against the full product.
func TestCodes(t *testing.T) {
	if !fast {
		t.Skip("there is no kernel here")
	}
	r := rand.New(rand.NewPCG(11, 4))
	for _, dim := range []int{1, 31, 32, 100, 384} {
		width := (dim + step - 1) &^ (step - 1)
		s := newSieve(width)
		q := make([]float32, dim)
		unit(q, random(r, dim))
		k := newQuestion(q, width)
		rows := make([][]float32, 50)
		for i := range rows {
			rows[i] = make([]float32, dim)
			unit(rows[i], random(r, dim))
			if i == 0 {
				for j := range q {
					rows[i][j] = -q[j] // the greatest products
				}
			}
			s.put(i, width, rows[i])
		}
		products := make([]int32, len(rows))
		multiplyCodes(&k, s.codes, products)
		for i, row := range rows {
			var want int32
			for j := range width {
				want += int32(k.signs[j]) * int32(s.codes[i*width+j])
			}
			if products[i] != want {
				t.Fatalf("dim %d row %d: %d, want %d", dim, i, products[i], want)
			}
			real := float32(exact(q, row))
			most := s.most(i, products[i], &k)
			if real > most || most > real+0.2 && dim > 31 {
				t.Errorf("dim %d row %d: cosine %g, at most %g", dim, i, real, most)
			}
		}
	}
}

// TestSieveChangesNothing compares with the scan that has none.
func TestSieveChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 4))
	f := New(64)
	middle := random(r, 64)
	for k := range uint64(20_000) {
		v := random(r, 64)
		for i := range v {
			v[i] = v[i]/4 + middle[i] // a close crowd, where the bound says little
		}
		if err := f.Put(k, v); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		q := random(r, 64)
		row, _ := f.query(q)
		var without best
		f.scanAll(row, 50, nil, 0, 1, &without)
		if diff := cmp.Diff(merge([]best{without}, 50), f.Nearest(q, 50, nil)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// TestNearestIsExact compares with a full sort, under a filter, with ties.
func TestNearestIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, dim := range []int{3, 100} {
		f := New(dim)
		vectors := map[uint64][]float32{}
		for range 9000 {
			k := r.Uint64N(6000) // some are replaced
			v := random(r, dim)
			if k%10 == 0 {
				v = slices.Repeat([]float32{1}, dim) // many ties
			}
			vectors[k] = v
			if err := f.Put(k, v); err != nil {
				t.Fatal(err)
			}
		}
		for k := range vectors {
			if k%7 == 0 {
				f.Delete(k)
				delete(vectors, k)
			}
		}
		f.Delete(1 << 40)
		if f.Len() != len(vectors) {
			t.Fatalf("Len = %d, want %d", f.Len(), len(vectors))
		}
		for _, allow := range []func(uint64) bool{nil, func(k uint64) bool { return k%3 == 0 }} {
			q := slices.Repeat([]float32{1}, dim)
			q[0] = 2
			got := f.Nearest(q, 700, allow)
			if want := sorted(f, q, vectors, allow)[:700]; !cmp.Equal(want, got) {
				t.Errorf("dim %d: %s", dim, cmp.Diff(want, got))
			}
		}
		checkCosines(t, f, random(r, dim), vectors)
	}
}

// sorted is what Nearest does, by sorting all of Cosines.
func sorted(f *Flat, q []float32, vectors map[uint64][]float32, allow func(uint64) bool) []Hit {
	var keys []uint64
	for k := range vectors {
		if allow == nil || allow(k) {
			keys = append(keys, k)
		}
	}
	hits := make([]Hit, len(keys))
	for i, c := range f.Cosines(q, keys) {
		hits[i] = Hit{keys[i], c}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return hits
}

func checkCosines(t *testing.T, f *Flat, q []float32, vectors map[uint64][]float32) {
	t.Helper()
	for k, v := range vectors {
		want := exact(q, v) / math.Sqrt(exact(q, q)*exact(v, v))
		got, ok := f.Cosine(q, k)
		if !ok || math.Abs(float64(got)-want) > 1e-5 {
			t.Fatalf("Cosine of key %d = %g, %v; want %g", k, got, ok, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	f := New(4)
	if err := f.Put(1, []float32{1, 2, 3}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a short vector: %v", err)
	}
	if err := f.Put(1, []float32{1, 2, 3, float32(math.NaN())}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("NaN: %v", err)
	}
	if f.Len() != 0 || f.Nearest([]float32{1, 0, 0, 0}, 3, nil) != nil && len(f.Nearest([]float32{1, 0, 0, 0}, 3, nil)) != 0 {
		t.Error("something was stored")
	}
	if err := f.Put(2, make([]float32, 4)); err != nil {
		t.Fatal(err)
	}
	if got := f.Nearest([]float32{1, 0, 0, 0}, 3, nil); !cmp.Equal(got, []Hit{{2, 0}}) {
		t.Errorf("a vector of zeros: %v", got)
	}
	if f.Nearest([]float32{1}, 3, nil) != nil || f.Nearest(make([]float32, 4), 0, nil) != nil {
		t.Error("a q of another dimension, or no n, finds nothing")
	}
	if _, ok := f.Cosine([]float32{1}, 2); ok {
		t.Error("a q of another dimension has no cosine")
	}
}

// TestConcurrent is for the race detector.
func TestConcurrent(t *testing.T) {
	f := New(16)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 9))
			for range 500 {
				k := r.Uint64N(3000)
				if err := f.Put(k, random(r, 16)); err != nil {
					t.Error(err)
				}
				f.Nearest(random(r, 16), 5, func(k uint64) bool { return k%2 == 0 })
				f.Cosine(random(r, 16), k)
				f.Delete(r.Uint64N(3000))
			}
		})
	}
	wg.Wait()
}

func BenchmarkNearest(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct {
		name   string
		n, dim int
	}{{"100k×100", 100_000, 100}, {"100k×384", 100_000, 384}} {
		f := New(c.dim)
		for k := range c.n {
			if err := f.Put(uint64(k), random(r, c.dim)); err != nil {
				b.Fatal(err)
			}
		}
		q := random(r, c.dim)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				f.Nearest(q, 200, nil)
			}
		})
		b.Run(c.name+" one core", func(b *testing.B) {
			row, _ := f.query(q)
			for b.Loop() {
				var out best
				f.scan(row, 200, nil, 0, 1, &out)
			}
		})
		b.Run(c.name+" one core without the sieve", func(b *testing.B) {
			row, _ := f.query(q)
			for b.Loop() {
				var out best
				f.scanAll(row, 200, nil, 0, 1, &out)
			}
		})
	}
}
