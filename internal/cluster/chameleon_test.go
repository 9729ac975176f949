package cluster

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// TestChameleon compares counts with the reference table of twelve runs on the
// CHAMELEON point sets (Karypis, Han, Kumar 1999). The points come with an R
// package under the GPL, so they are not here: KAPOK_CHAMELEON names a folder
// with t4.8k.dat, t5.8k.dat, t7.10k.dat and t8.8k.dat, which
// bench/cluster/chameleon.sh makes. What the table tests, exact agreement with a
// textbook program in the plane, TestTextbook tests on points of its own.
func TestChameleon(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("KAPOK_CHAMELEON")
	if dir == "" {
		t.Skip("SKIPPED: KAPOK_CHAMELEON names no folder; run bench/cluster/chameleon.sh")
	}
	rows := referenceTable(t)
	if len(rows) != 12 {
		t.Fatalf("%d rows of reference, want 12", len(rows))
	}
	for _, want := range rows {
		p := planePoints(t, filepath.Join(dir, want.set+".dat"))
		r, err := Run(p, Options{RadiusKM: want.eps, Density: want.density, Plane: true})
		if err != nil {
			t.Fatal(err)
		}
		got := reference{want.set, r.Points, want.eps, want.density, r.Clusters, r.CoreCount, r.Border, r.Ambiguous, r.Noise}
		if got != want {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		t.Logf("%+v", got)
	}
}

type reference struct {
	set                                        string
	n                                          int
	eps, density                               float64
	clusters, core, border, ambiguous, unknown int
}

func referenceTable(t *testing.T) []reference {
	f, err := os.Open(shareddata.Path(t, "tables/dbscan_chameleon_reference.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.Comment = '#'
	all, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []reference
	for _, row := range all[1:] {
		var r reference
		r.set = row[0]
		if _, err := fmt.Sscan(strings.Join(row[1:], " "), &r.n, &r.eps, &r.density, &r.clusters, &r.core, &r.border, &r.ambiguous, &r.unknown); err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func planePoints(t *testing.T, path string) Points {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%s is not there", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var p Points
	for lines := bufio.NewScanner(f); lines.Scan(); {
		cells := strings.Fields(lines.Text())
		if len(cells) != 2 {
			t.Fatalf("%s: a line of %d numbers", path, len(cells))
		}
		x, errX := strconv.ParseFloat(cells[0], 64)
		y, errY := strconv.ParseFloat(cells[1], 64)
		if err := errors.Join(errX, errY); err != nil {
			t.Fatal(err)
		}
		p.Lon, p.Lat = append(p.Lon, x), append(p.Lat, y)
	}
	return p
}
