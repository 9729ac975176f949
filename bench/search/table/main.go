// Table prints the lines of the peers as a table, with ratios to the first
// program and its growth from size to size: table RESULTS.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
)

type line struct {
	Program string  `json:"program"`
	Docs    int     `json:"docs"`
	Build   float64 `json:"build_s"`
	CPU     float64 `json:"build_cpu_s"`
	Heap    float64 `json:"heap_mb"`
	RSS     float64 `json:"rss_mb"`
	Disk    float64 `json:"disk_mb"`
	Hits    float64 `json:"hits"`
	Groups  map[string]struct {
		N   int     `json:"n"`
		P50 float64 `json:"p50"`
		P95 float64 `json:"p95"`
		CPU float64 `json:"cpu50"`
	} `json:"groups"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: table RESULTS")
	}
	lines, err := read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	bySize := map[int][]line{}
	var sizes []int
	for _, l := range lines {
		if bySize[l.Docs] == nil {
			sizes = append(sizes, l.Docs)
		}
		bySize[l.Docs] = append(bySize[l.Docs], l)
	}
	slices.Sort(sizes)
	for _, n := range sizes {
		fill(n, bySize[n])
		for _, group := range []string{"long", "short", "english"} {
			ask(group, bySize[n])
		}
	}
	for i := 1; i < len(sizes); i++ {
		grow(bySize[sizes[i-1]], bySize[sizes[i]])
	}
}

func read(path string) ([]line, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []line
	s := bufio.NewScanner(f)
	for s.Scan() {
		var l line
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Text(), err)
		}
		out = append(out, l)
	}
	return out, s.Err()
}

func fill(n int, lines []line) {
	fmt.Printf("\n%d records%*s build s  processor s   ratio  heap MB   RSS MB  disk MB     hits\n", n, 14-len(fmt.Sprint(n)), "")
	for _, l := range lines {
		fmt.Printf("%-20s %9.1f %12.1f %7.1f %8.0f %8.0f %8.0f %8.2f\n", l.Program, l.Build, l.CPU, l.CPU/lines[0].CPU, l.Heap, l.RSS, l.Disk, l.Hits)
	}
}

func ask(group string, lines []line) {
	ours := lines[0].Groups[group]
	fmt.Printf("\n%-20s  p50 ms   ratio   p95 ms  processor p50 ms   ratio  queries\n", group)
	for _, l := range lines {
		if g := l.Groups[group]; g.N > 0 {
			fmt.Printf("%-20s %8.3f %7.1f %8.3f %17.3f %7.1f %8d\n", l.Program, g.P50, g.P50/ours.P50, g.P95, g.CPU, g.CPU/ours.CPU, g.N)
		}
	}
}

// grow compares the same programs at two sizes.
func grow(small, large []line) {
	if len(small) == 0 || len(large) == 0 {
		return
	}
	fmt.Printf("\ngrowth from %d to %d (%.1f times the records)\n%-20s   build  memory    long   short english\n", small[0].Docs, large[0].Docs,
		float64(large[0].Docs)/float64(small[0].Docs), "")
	for _, b := range large {
		i := slices.IndexFunc(small, func(l line) bool { return l.Program == b.Program })
		if i < 0 {
			continue
		}
		a := small[i]
		memory := func(l line) float64 { return cmp.Or(l.RSS, l.Heap) }
		fmt.Printf("%-20s %7.1f %7.1f", b.Program, b.CPU/a.CPU, memory(b)/memory(a))
		for _, g := range []string{"long", "short", "english"} {
			fmt.Printf(" %7.1f", b.Groups[g].P50/a.Groups[g].P50)
		}
		fmt.Println()
	}
}
