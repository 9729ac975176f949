package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

func TestReadCSV(t *testing.T) {
	t.Parallel()
	text := "\ufeffplace,lon,lat,weight,type,document,note\r\n" +
		"Guangzhou,113.26,23.13,1,patent,A,\r\n" +
		"\"Shen\"\"zhen, CN\",114.06,22.54,0.5,Paper,B,x\r\n" +
		"\r\n" +
		",181,0,1,patent,C,\n" + // line 5
		",0,-90.1,1,patent,C,\n" +
		",NaN,0,1,patent,C,\n" +
		",0x1p2,0,1,patent,C,\n" +
		",,0,1,patent,C,\n" +
		",0,0,-1,patent,C,\n" + // line 10
		",0,0,1e999,patent,C,\n" +
		",0,0,1,thesis,C,\n" +
		",0,0,1,,C,\n" +
		",0,0,1,paper,A,\n" +
		"short,1\n" + // line 15
		"\"open,1,2,3,paper,D,\n" +
		"\xff\xfe,1,2,3,paper,D,\n" +
		strings.Repeat("x", 3*maxLine) + "\n" +
		",-180,90,0,专利,,last line without an end"
	in, err := ReadCSV(strings.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	want := Input{
		Points:   Points{Lon: []float64{113.26, 114.06, -180}, Lat: []float64{23.13, 22.54, 90}, Weight: []float64{1, 0.5, 0}, Kind: []Kind{Patent, Paper, Patent}},
		Row:      []int64{2, 3, 19},
		Document: []int32{0, 1, 2},
		Names:    Names{Name: []string{"Guangzhou", `Shen"zhen, CN`}, Of: []int32{0, 1, -1}},
		Report: Report{
			Rows: 17, Points: 3, Rejected: 14,
			Faults: map[Fault]int{FaultPlace: 2, FaultNumber: 2, FaultMissing: 2, FaultWeight: 2, FaultKind: 1, FaultMixed: 1, FaultCells: 1, FaultQuote: 1, FaultText: 1, FaultLong: 1},
			Samples: []Rejected{
				{5, FaultPlace, "181, 0"}, {6, FaultPlace, "0, -90.1"}, {7, FaultNumber, "NaN"}, {8, FaultNumber, "0x1p2"}, {9, FaultMissing, "lon"},
				{10, FaultWeight, "-1"}, {11, FaultWeight, "+Inf"}, {12, FaultKind, "thesis"}, {13, FaultMissing, "type"}, {14, FaultMixed, "A"},
				{15, FaultCells, "short,1"}, {16, FaultQuote, `"open,1,2,3,paper,D,`}, {17, FaultText, "\uFFFD,1,2,3,paper,D,"}, {18, FaultLong, strings.Repeat("x", sampleBytes) + "…"},
			},
		},
	}
	if diff := cmp.Diff(want, *in); diff != "" {
		t.Error(diff)
	}
}

func TestReadCSVShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, kind string
		points           int
	}{
		{"semicolons", "lat;lon;type\n1;2;paper\n", "", 1},
		{"tabs and Chinese", "纬度\t经度\t类型\n1\t2\t论文\n", "", 1},
		{"no types", "Longitude,LATITUDE\n1,2\n3,4\n", "paper", 2},
		{"heading only", "lon,lat,type", "", 0},
	} {
		in, err := ReadCSV(strings.NewReader(c.text), c.kind)
		if err != nil || len(in.Points.Lon) != c.points || in.Report.Rejected != 0 {
			t.Errorf("%s: %+v, %v", c.name, in, err)
		}
	}
	for key, text := range map[string]string{
		"cluster.empty":        "",
		"cluster.no_column":    "lon,type\n1,patent\n",
		"cluster.no_kinds":     "lon,lat\n1,2\n",
		"cluster.column_twice": "lon,lat,lng,type\n",
		"cluster.bad_heading":  "lon,\"lat\n",
	} {
		var e *errs.Error
		if _, err := ReadCSV(strings.NewReader(text), ""); !errors.As(err, &e) || e.Key != key || e.Kind != errs.Invalid {
			t.Errorf("%s: %v", key, err)
		}
	}
	if _, err := ReadCSV(strings.NewReader("lon,lat\n"), "thesis"); errs.Of(err).Key != "cluster.unknown_kind" {
		t.Errorf("an unknown type for all rows: %v", err)
	}
	broken := iotest.ErrReader(errors.New("disk"))
	if _, err := ReadCSV(io.MultiReader(strings.NewReader("lon,lat,type\n1,2,paper\n"), broken), ""); err == nil || err.Error() != "disk" {
		t.Errorf("a disk that fails in the middle: %v", err)
	}
}

// TestSamplesAreFew: a million bad rows leave a few samples and the full count.
func TestSamplesAreFew(t *testing.T) {
	t.Parallel()
	in, err := ReadCSV(strings.NewReader("lon,lat,type\n"+strings.Repeat("a,b,c\n", 100_000)), "")
	if err != nil || in.Report.Faults[FaultNumber] != 100_000 || len(in.Report.Samples) != samplesOfFault {
		t.Errorf("%v, %+v", err, in.Report)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("lon,lat,weight,type,document,place\n113.2,23.1,1,patent,A,Guangzhou\n1,2,3,paper,\"B\",\"a,b\"\n"))
	f.Add([]byte("\ufefflat;lon;type\r\n1;2;paper\r\n\"\n;;\n1e308;5;paper"))
	f.Add([]byte("lon\tlat\n-0\t90\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		in, err := ReadCSV(bytes.NewReader(text), "patent")
		if err != nil {
			return
		}
		r, n := in.Report, in.Points.Len()
		sum := 0
		for _, k := range r.Faults {
			sum += k
		}
		if r.Points != n || r.Rows != n+r.Rejected || sum != r.Rejected || len(in.Row) != n {
			t.Fatalf("%d points, report %+v", n, r)
		}
		if rows := bytes.Count(text, []byte("\n")); r.Rows > rows {
			t.Fatalf("%d rows of %d lines", r.Rows, rows+1)
		}
		if in.Document != nil && len(in.Document) != n || in.Names.Of != nil && len(in.Names.Of) != n {
			t.Fatal("columns differ in length")
		}
		if n > 300 {
			return
		}
		res, err := Run(in.Points, Options{RadiusKM: 15, Density: 2, KindWeights: []float64{1, 1, 0}, Workers: 1})
		if err != nil {
			t.Fatalf("what was read cannot be clustered: %v", err)
		}
		counts, world := Tally(res.Labels, res.Clusters, Evidence{Kind: in.Points.Kind, Weight: in.Points.Weight, Document: in.Document})
		if _, err := Rank(counts, RankOptions{World: world}); err != nil {
			t.Fatalf("nor ranked: %v %v %v", err, counts, world)
		}
	})
}

func ExampleReadCSV() {
	in, err := ReadCSV(strings.NewReader("lon,lat,type\n113.26,23.13,patent\n200,0,patent\n"), "")
	if err != nil {
		panic(err)
	}
	fmt.Println(in.Points.Len(), in.Report.Samples)
	// Output: 1 [{3 place 200, 0}]
}
