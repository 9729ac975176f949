// Peer fills one engine with a set and asks it the queries of the set, one
// after the other:
//
//	peer ENGINE SET RUN DEPTH
//
// It writes the run and prints one line of JSON: seconds of filling, memory,
// milliseconds a query. PASSES says how often the queries are asked for the
// times (the first pass is for warmth alone if there are several) and BUDGET
// after how many seconds that ends.
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
	defer os.RemoveAll(dir)
	e, err := engines[name](dir)
	if err != nil {
		return r, err
	}
	defer e.Close()
	stop := profile("BUILD_PROFILE")
	begun := time.Now()
	if r.Docs, err = fill(e, filepath.Join(set, "docs.tsv")); err != nil {
		return r, err
	}
	r.Build = time.Since(begun).Seconds()
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

// ask writes the run on the first pass, and keeps the times of the later ones.
func (r *report) ask(e engine, queries, run string, depth int) error {
	all, err := collection.All(queries)
	if err != nil {
		return err
	}
	w, err := collection.Create(run)
	if err != nil {
		return err
	}
	took, hits := map[string][]float64{}, 0
	passes, end := number("PASSES", 1), time.Now().Add(time.Duration(number("BUDGET", 120))*time.Second)
	for pass := range passes {
		for _, q := range all {
			begun := time.Now()
			if pass > 0 && begun.After(end) {
				break
			}
			found, err := e.Find(q.Text, depth)
			ms := float64(time.Since(begun)) / 1e6
			if err != nil {
				return fmt.Errorf("query %s: %w", q.ID, err)
			}
			if pass > 0 || passes == 1 {
				g := group(q.ID)
				took[g] = append(took[g], ms)
			}
			if pass > 0 {
				continue
			}
			hits += len(found)
			for _, h := range found {
				w.Line(q.ID, h.Doc, strconv.FormatFloat(h.Score, 'g', -1, 64))
			}
		}
	}
	r.Hits, r.Groups = float64(hits)/float64(max(1, len(all))), map[string]times{}
	for g, ms := range took {
		slices.Sort(ms)
		r.Groups[g] = times{len(ms), ms[len(ms)/2], ms[len(ms)*95/100]}
	}
	return w.Close()
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
