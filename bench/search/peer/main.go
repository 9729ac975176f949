// Peer fills one engine with a set and asks it the queries of the set, one
// after the other:
//
//	peer ENGINE SET RUN DEPTH
//
// It writes the run and prints one line of JSON: seconds of filling, memory,
// milliseconds a query, by the clock and of the processor, which other work on
// the machine disturbs less. PASSES says how often the queries are asked (the
// first pass is for warmth alone if there are several) and BUDGET after how
// many seconds that ends; an engine that does not get through one pass is
// judged by what it answered.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kapok-city/kapok/bench/search/collection"
)

// engine is what is compared.
type engine interface {
	Put(id, text string) error
	Ready() error // no more documents come
	Find(query string, n int) ([]collection.Hit, error)
	Close() error
}

// engines opens each by name in a folder of its own.
var engines = map[string]func(dir string) (engine, error){
	"kapok":            newKapok,
	"kapok-candidates": newCandidates,
	"bleve":            func(dir string) (engine, error) { return newBleve(dir, "tf-idf") },
	"bleve-bm25":       func(dir string) (engine, error) { return newBleve(dir, "bm25") },
	"fts5":             newFTS5,
}

// report is the line of JSON.
type report struct {
	Program string           `json:"program"`
	Set     string           `json:"set"`
	Docs    int              `json:"docs"`
	Build   float64          `json:"build_s"`
	CPU     float64          `json:"build_cpu_s"`
	Heap    float64          `json:"heap_mb"`
	RSS     float64          `json:"rss_mb"`
	Disk    float64          `json:"disk_mb"`
	Hits    float64          `json:"hits"` // a query, on average
	Groups  map[string]times `json:"groups"`
}

type times struct {
	N   int     `json:"n"`
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	CPU float64 `json:"cpu50"`
}

func main() {
	if len(os.Args) != 5 || engines[os.Args[1]] == nil {
		log.Fatal("usage: peer ENGINE SET RUN DEPTH")
	}
	depth, err := strconv.Atoi(os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	r, err := measure(os.Args[1], os.Args[2], os.Args[3], depth)
	if err != nil {
		log.Fatal(err)
	}
	line, _ := json.Marshal(r)
	fmt.Println(string(line))
}

func measure(name, set, run string, depth int) (report, error) {
	r := report{Program: name, Set: filepath.Base(set)}
	dir, err := os.MkdirTemp("", "peer")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	e, err := engines[name](dir)
	if err != nil {
		return r, err
	}
	defer e.Close()
	stop := profile("BUILD_PROFILE")
	begun, cpu := time.Now(), processor()
	if r.Docs, err = fill(e, filepath.Join(set, "docs.tsv")); err != nil {
		return r, err
	}
	r.Build, r.CPU = time.Since(begun).Seconds(), processor().Seconds()-cpu.Seconds()
	stop()
	r.Heap, r.RSS = memory()
	r.Disk = size(dir)
	stop = profile("QUERY_PROFILE")
	defer stop()
	return r, r.ask(e, filepath.Join(set, "queries.tsv"), run, depth)
}

func fill(e engine, docs string) (int, error) {
	n := 0
	err := collection.Each(docs, func(t collection.Text) error {
		n++
		return e.Put(t.ID, t.Text)
	})
	if err != nil {
		return n, err
	}
	return n, e.Ready()
}

// ask writes the run on the first pass, and keeps the times of the later ones,
// or of the first if there is no other.
func (r *report) ask(e engine, queries, run string, depth int) error {
	all, err := collection.All(queries)
	if err != nil {
		return err
	}
	w, err := collection.Create(run)
	if err != nil {
		return err
	}
	passes, end := number("PASSES", 1), time.Now().Add(time.Duration(number("BUDGET", 120))*time.Second)
	var cold, warm clock
	answered, hits := 0, 0
	for pass := range passes {
		for _, q := range all {
			if passes > 1 && time.Now().After(end) {
				break
			}
			c := &warm
			if pass == 0 {
				c = &cold
			}
			found, err := c.time(e, q, depth)
			if err != nil {
				return err
			}
			if pass == 0 {
				answered, hits = answered+1, hits+len(found)
				for _, h := range found {
					w.Line(q.ID, h.Doc, strconv.FormatFloat(h.Score, 'g', -1, 64))
				}
			}
		}
	}
	r.Hits, r.Groups = float64(hits)/float64(max(1, answered)), warm.groups()
	for g, t := range cold.groups() {
		if r.Groups[g].N == 0 {
			r.Groups[g] = t
		}
	}
	return w.Close()
}

// clock keeps milliseconds by kind of query.
type clock struct{ wall, cpu map[string][]float64 }

func (c *clock) time(e engine, q collection.Text, depth int) ([]collection.Hit, error) {
	if c.wall == nil {
		c.wall, c.cpu = map[string][]float64{}, map[string][]float64{}
	}
	begun, cpu := time.Now(), processor()
	found, err := e.Find(q.Text, depth)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.ID, err)
	}
	g := group(q.ID)
	c.wall[g] = append(c.wall[g], float64(time.Since(begun))/1e6)
	c.cpu[g] = append(c.cpu[g], float64(processor()-cpu)/1e6)
	return found, nil
}

func (c *clock) groups() map[string]times {
	out := map[string]times{}
	for g, ms := range c.wall {
		slices.Sort(ms)
		slices.Sort(c.cpu[g])
		out[g] = times{len(ms), ms[len(ms)/2], ms[len(ms)*95/100], c.cpu[g][len(ms)/2]}
	}
	return out
}

// processor is the time that the process has had so far.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// group is the kind of a generated query; those of a public set are one.
func group(id string) string {
	name, _, _ := strings.Cut(id, "-")
	if slices.Contains([]string{"long", "short", "english"}, name) {
		return name
	}
	return "all"
}

func number(name string, otherwise int) int {
	n, _ := strconv.Atoi(os.Getenv(name))
	return cmp.Or(n, otherwise)
}

// memory returns the heap in use and the resident memory after a collection.
func memory() (heap, rss float64) {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if v, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(v)[0])
			rss = float64(kb) / 1024
		}
	}
	return float64(m.HeapAlloc) / 1e6, rss
}

func size(dir string) float64 {
	total := int64(0)
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return float64(total) / 1e6
}

// profile writes a profile of the processor to the file that the variable
// names, until stop is called.
func profile(variable string) (stop func()) {
	path := os.Getenv(variable)
	if path == "" {
		return func() {}
	}
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		log.Fatal(err)
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }
}
