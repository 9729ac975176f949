// Score judges the runs of a set and puts them beside the first:
//
//	score SET OURS RUN...
//
// For each run: nDCG at 10 and recall at 100, the means over the queries, and
// how much higher the first run's nDCG is, with the paired bootstrap interval
// of 95 % (5,000 draws of the queries, one fixed seed).
package main

import (
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/bench/search/collection"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: score SET OURS RUN...")
	}
	grades, err := collection.ReadGrades(filepath.Join(os.Args[1], "qrels.tsv"))
	if err != nil {
		log.Fatal(err)
	}
	var ours []float64
	for _, path := range os.Args[2:] {
		run, err := collection.ReadRun(path)
		if err != nil {
			log.Fatal(err)
		}
		gains, recalls := judge(grades, run)
		fmt.Printf("%-12s %-24s nDCG@10 %.4f  R@100 %.4f", filepath.Base(os.Args[1]), strings.TrimSuffix(filepath.Base(path), ".tsv"), mean(gains), mean(recalls))
		if ours == nil {
			ours = gains
			fmt.Printf("  (%d queries)\n", len(gains))
			continue
		}
		low, high := interval(ours, gains)
		fmt.Printf("  kapok is %+.4f [%+.4f, %+.4f]\n", mean(ours)-mean(gains), low, high)
	}
}

// judge returns nDCG at 10 and recall at 100 of each query, in one order for
// all runs.
func judge(grades collection.Grades, run map[string][]collection.Hit) (gains, recalls []float64) {
	var queries []string
	for q := range grades {
		queries = append(queries, q)
	}
	slices.Sort(queries)
	for _, q := range queries {
		gains = append(gains, ndcg(grades[q], run[q], 10))
		recalls = append(recalls, recall(grades[q], run[q], 100))
	}
	return gains, recalls
}

// ndcg is the discounted gain of the best n as trec_eval counts it: the grade
// itself is the gain (Järvelin and Kekäläinen, 2002).
func ndcg(grades map[string]float64, found []collection.Hit, n int) float64 {
	got, best := 0.0, 0.0
	for i, h := range found[:min(n, len(found))] {
		got += grades[h.Doc] / math.Log2(float64(i+2))
	}
	var ideal []float64
	for _, g := range grades {
		ideal = append(ideal, g)
	}
	slices.Sort(ideal)
	slices.Reverse(ideal)
	for i, g := range ideal[:min(n, len(ideal))] {
		best += g / math.Log2(float64(i+2))
	}
	return got / best
}

func recall(grades map[string]float64, found []collection.Hit, n int) float64 {
	hit := 0
	for _, h := range found[:min(n, len(found))] {
		if grades[h.Doc] > 0 {
			hit++
		}
	}
	return float64(hit) / float64(len(grades))
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(max(1, len(x)))
}

// draws is how often the queries are drawn anew.
const draws = 5000

func interval(ours, theirs []float64) (low, high float64) {
	r := rand.New(rand.NewPCG(1, 2026))
	diffs := make([]float64, draws)
	for i := range diffs {
		sum := 0.0
		for range ours {
			k := r.IntN(len(ours))
			sum += ours[k] - theirs[k]
		}
		diffs[i] = sum / float64(len(ours))
	}
	slices.Sort(diffs)
	return diffs[draws*25/1000], diffs[draws*975/1000]
}
