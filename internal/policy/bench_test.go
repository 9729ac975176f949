package policy

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// twenty is a book of 20 policies with 10 atoms each, two of them scores' worth
// of groups deep.
func twenty() string {
	r := rand.New(rand.NewPCG(7, 7))
	var b strings.Builder
	b.WriteString(world + "policies:\n")
	for i := range 20 {
		var atoms []string
		for range 10 {
			atoms = append(atoms, atomTexts[r.IntN(len(atomTexts))])
		}
		fmt.Fprintf(&b, "  - {id: p%d, %s, when: {all: [%s, {any: [%s]}, {at_least: 2, of: [%s]}]}}\n", i, head,
			strings.Join(atoms[:4], ", "), strings.Join(atoms[4:7], ", "), strings.Join(atoms[7:], ", "))
	}
	return b.String()
}

// BenchmarkFirms answers 200 atoms of 20 policies for 10,000 firms on two
// goroutines: the truth of every atom, and of every policy what is lacking and
// what is to be asked. Facts are read beforehand.
func BenchmarkFirms(b *testing.B) {
	s := compileText(b, twenty())
	r := rand.New(rand.NewPCG(8, 8))
	firms := make([]*Snapshot, 10_000)
	for i := range firms {
		x, err := s.Snapshot(randomFacts(r), Time{On: today})
		if err != nil {
			b.Fatal(err)
		}
		firms[i] = x
	}
	b.ReportAllocs()
	b.ReportMetric(float64(len(s.atoms)), "atoms")
	for b.Loop() {
		var wait sync.WaitGroup
		for _, half := range [][]*Snapshot{firms[:5000], firms[5000:]} {
			wait.Go(func() {
				var res Result
				e := s.Explainer()
				var change, learn []int32
				for _, x := range half {
					s.Evaluate(x, &res)
					for v := range s.policies {
						change, learn = e.Lacking(&res, v, change, learn)
					}
				}
			})
		}
		wait.Wait()
	}
}
