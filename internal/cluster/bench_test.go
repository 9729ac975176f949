package cluster

import (
	"fmt"
	"testing"
)

// BenchmarkRun clusters the simulated world at 15 km with a density that grows
// with it, as in the GII: 4,500 listings for 10 million.
func BenchmarkRun(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		p := Simulate(1, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Run(p, Options{RadiusKM: 15, Density: 4500 * float64(n) / 1e7}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
