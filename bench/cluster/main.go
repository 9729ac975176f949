// Command cluster makes a simulated load and times package cluster and a Go
// peer on it. run.sh calls it and the other peers one after the other.
//
//	cluster generate N FILE            longitudes and latitudes, pairs of float64
//	cluster kapok FILE DENSITY OUT [plane]
//	cluster smira FILE DENSITY OUT
//
// What is timed is the call that clusters points from slices in memory: no
// reading and no writing, but for Kapok all else, from degrees to labels.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	smira "github.com/smira/go-point-clustering"

	"github.com/kapok-city/kapok/internal/cluster"
)

const radiusKM = 15

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 3 && args[0] == "generate" {
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		p := cluster.Simulate(1, n)
		pairs := make([]float64, 0, 2*n)
		for i := range p.Lon {
			pairs = append(pairs, p.Lon[i], p.Lat[i])
		}
		return write(args[2], pairs)
	}
	if len(args) < 4 {
		return fmt.Errorf("usage: generate N FILE | kapok FILE DENSITY OUT [plane] | smira FILE DENSITY OUT")
	}
	p, err := read(args[1])
	if err != nil {
		return err
	}
	density, err := strconv.ParseFloat(args[2], 64)
	if err != nil {
		return err
	}
	if args[0] == "smira" {
		return timeSmira(p, density, args[3])
	}
	return timeKapok(p, density, args[3], len(args) > 4)
}

// outcome is one line of the report.
type outcome struct {
	Program  string    `json:"program"`
	N        int       `json:"n"`
	Seconds  []float64 `json:"seconds"` // of each repetition, the first in fresh memory
	CPU      []float64 `json:"cpu_seconds,omitempty"`
	Clusters int       `json:"clusters"`
	Core     int       `json:"core"`
	Noise    int       `json:"noise"`
	More     any       `json:"more,omitempty"`
}

func timeKapok(p cluster.Points, density float64, out string, plane bool) error {
	repeat, _ := strconv.Atoi(os.Getenv("REPEAT"))
	o := outcome{Program: "kapok", N: p.Len()}
	options := cluster.Options{RadiusKM: radiusKM, Density: density, Plane: plane}
	if round, err := strconv.ParseFloat(os.Getenv("ROUND"), 64); err == nil {
		options.Round = round
		o.Program = "kapok, rounded to " + os.Getenv("ROUND")
	}
	if plane {
		o.Program = "kapok, plane"
	}
	var r cluster.Result
	for range max(repeat, 1) {
		r = cluster.Result{} // what the run before left is garbage
		runtime.GC()
		begun, cpu := time.Now(), cpuSeconds()
		var err error
		if r, err = cluster.Run(p, options); err != nil {
			return err
		}
		o.Seconds, o.CPU = append(o.Seconds, time.Since(begun).Seconds()), append(o.CPU, cpuSeconds()-cpu)
	}
	o.Clusters, o.Core, o.Noise = r.Clusters, r.CoreCount, r.Noise
	o.More = map[string]int{"places": r.Spots, "border": r.Border, "ambiguous": r.Ambiguous}
	core := make([]uint8, len(r.Core))
	for i, c := range r.Core {
		if c {
			core[i] = 1
		}
	}
	return report(o, out, r.Labels, core)
}

// cpuSeconds is what the process has used of all processors.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return math.NaN()
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// timeSmira runs github.com/smira/go-point-clustering. It gives no core flags,
// and a border point may be noise and in a cluster at once; the cluster is kept.
func timeSmira(p cluster.Points, density float64, out string) error {
	points := make(smira.PointList, p.Len())
	for i := range points {
		points[i] = smira.Point{p.Lon[i], p.Lat[i]}
	}
	begun := time.Now()
	clusters, noise := smira.DBScan(points, radiusKM, int(density))
	o := outcome{Program: "smira/go-point-clustering", N: p.Len(), Seconds: []float64{time.Since(begun).Seconds()}, Clusters: len(clusters), Core: -1}
	labels := make([]int32, p.Len())
	for i := range labels {
		labels[i] = -1
	}
	for _, c := range clusters {
		for _, i := range c.Points {
			labels[i] = int32(c.C)
		}
	}
	twice := 0
	for _, i := range noise {
		if labels[i] >= 0 {
			twice++
		}
	}
	o.Noise = len(noise) - twice
	o.More = map[string]int{"noise and in a cluster": twice}
	return report(o, out, labels, nil)
}

func report(o outcome, out string, labels []int32, core []uint8) error {
	if err := write(out+".labels", labels); err != nil {
		return err
	}
	if core != nil {
		if err := write(out+".core", core); err != nil {
			return err
		}
	}
	return json.NewEncoder(os.Stdout).Encode(o)
}

func write(file string, data any) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := binary.Write(w, binary.LittleEndian, data); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func read(file string) (cluster.Points, error) {
	var p cluster.Points
	f, err := os.Open(file)
	if err != nil {
		return p, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return p, err
	}
	n := int(info.Size() / 16)
	p.Lon, p.Lat = make([]float64, n), make([]float64, n)
	in, pair := bufio.NewReaderSize(f, 1<<20), make([]byte, 16)
	for i := range n {
		if _, err := io.ReadFull(in, pair); err != nil {
			return p, err
		}
		p.Lon[i] = math.Float64frombits(binary.LittleEndian.Uint64(pair))
		p.Lat[i] = math.Float64frombits(binary.LittleEndian.Uint64(pair[8:]))
	}
	return p, nil
}
