package cli

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kapok-city/kapok/internal/cluster"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

type clusterFlags struct {
	options                    cluster.Options
	weight                     [3]float64 // of each kind in the density
	world                      cluster.Counts
	deals, fractions           bool
	kind, labels               string
	places, limit              int
	mergeWithin, mergeMinShare float64
}

func clusterCommand() command {
	return command{
		name:    "cluster",
		args:    "FILE",
		summary: i18n.Text{ZH: "把有坐标的专利和论文聚成科技集群，并按占全世界的份额排名", EN: "cluster patents and papers with coordinates, and rank the clusters by their shares of the world"},
		example: "kapok cluster points.csv --radius-km 15 --density 4500 --json\nkapok cluster points.parquet --labels labels.parquet --world-patents 1255500 --world-papers 7459000\n",
		setup: func(fs *flag.FlagSet) runner {
			var f clusterFlags
			fs.Float64Var(&f.options.RadiusKM, "radius-km", 15, "")
			fs.Float64Var(&f.options.Density, "density", 4500, "")
			fs.Float64Var(&f.options.Round, "round", 0, "")
			fs.Float64Var(&f.weight[cluster.Patent], "patents-weight", 1, "")
			fs.Float64Var(&f.weight[cluster.Paper], "papers-weight", 1, "")
			fs.Float64Var(&f.weight[cluster.Deal], "deals-weight", 0, "")
			fs.Float64Var(&f.world.Patents, "world-patents", 0, "")
			fs.Float64Var(&f.world.Papers, "world-papers", 0, "")
			fs.Float64Var(&f.world.Deals, "world-deals", 0, "")
			fs.BoolVar(&f.deals, "deals", false, "")
			fs.BoolVar(&f.fractions, "fractions", false, "")
			fs.StringVar(&f.kind, "type", "", "")
			fs.StringVar(&f.labels, "labels", "", "")
			fs.IntVar(&f.places, "places", 3, "")
			fs.IntVar(&f.limit, "limit", 100, "")
			fs.Float64Var(&f.mergeWithin, "merge-km", 0, "")
			fs.Float64Var(&f.mergeMinShare, "merge-share", 0.5, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "FILE"); err != nil {
					return err
				}
				return s.cluster(ctx, f, args[0])
			}
		},
	}
}

func (s *session) cluster(ctx context.Context, f clusterFlags, file string) error {
	if err := f.check(); err != nil {
		return err
	}
	in, err := s.readPoints(ctx, f, file)
	if err != nil {
		return err
	}
	f.options.KindWeights = f.weight[:]
	c := clustering{File: file, Parameters: f.parameters(), Report: in.Report}
	begun := time.Now()
	points := f.inDensity(in)
	r, err := cluster.Run(points, f.options)
	if err != nil {
		return err
	}
	if f.mergeWithin > 0 {
		r, c.Merged = cluster.Merge(points, f.options, r, in.Document, cluster.MergeOptions{WithinKM: f.mergeWithin, Share: f.mergeMinShare})
	}
	c.Seconds = math.Round(time.Since(begun).Seconds()*1000) / 1000
	in.Names.Most = f.places
	if err := c.fill(f, in, points, r); err != nil {
		return err
	}
	if f.labels != "" {
		if err := writeLabels(ctx, f.labels, in, r); err != nil {
			return err
		}
	}
	if s.json {
		return s.printJSON(c)
	}
	s.printClustering(f, c)
	return nil
}

// check refuses flags that package cluster does not see.
func (f *clusterFlags) check() error {
	switch {
	case f.places < 0:
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"flag": "places", "value": f.places, "command": "cluster"})
	case f.limit < 1:
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"flag": "limit", "value": f.limit, "command": "cluster"})
	case !(f.mergeWithin >= 0):
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"flag": "merge-km", "value": f.mergeWithin, "command": "cluster"})
	case !(f.mergeMinShare > 0 && f.mergeMinShare <= 1):
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"flag": "merge-share", "value": f.mergeMinShare, "command": "cluster"})
	}
	return labelsFormat(f.labels)
}

// readPoints reads a CSV file, Parquet by its name, or “-” for CSV on standard
// input.
func (s *session) readPoints(ctx context.Context, f clusterFlags, file string) (*cluster.Input, error) {
	if strings.EqualFold(extension(file), ".parquet") {
		return readParquetPoints(ctx, file, f.kind)
	}
	in := s.Stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, errs.Wrap(err, errs.NotFound, "cli.no_file", errs.A{"file": file})
		}
		defer opened.Close()
		in = opened
	}
	got, err := cluster.ReadCSV(in, f.kind)
	if err != nil && errs.KindOf(err) == errs.Internal {
		return nil, errs.Wrap(err, errs.Invalid, "cli.unreadable", errs.A{"file": file})
	}
	return got, err
}

// inDensity returns the points as they count in the density: where weights are
// parts of documents, each listing counts one.
func (f *clusterFlags) inDensity(in *cluster.Input) cluster.Points {
	p := in.Points
	if f.fractions {
		p.Weight = nil
	}
	return p
}

// clustering is the outcome as it is printed.
type clustering struct {
	File       string              `json:"file"`
	Parameters clusterParameters   `json:"parameters"`
	Report     cluster.Report      `json:"report"`
	Found      clusterSummary      `json:"found"`
	World      worldTotals         `json:"world"`
	Merged     []cluster.MergeStep `json:"merged,omitempty"` // by the numbers before the merger
	Clusters   []rankedCluster     `json:"clusters"`
	Seconds    float64             `json:"seconds"` // of clustering, without reading and writing
}

type clusterParameters struct {
	RadiusKM      float64 `json:"radius_km"`
	Density       float64 `json:"density"`
	Round         float64 `json:"round_degrees"`
	PatentsWeight float64 `json:"patents_weight"`
	PapersWeight  float64 `json:"papers_weight"`
	DealsWeight   float64 `json:"deals_weight"`
	Deals         bool    `json:"deals_ranked"`
	Fractions     bool    `json:"fractions"`
	MergeKM       float64 `json:"merge_km"`
	MergeShare    float64 `json:"merge_share"`
}

type clusterSummary struct {
	Clusters  int `json:"clusters"`
	Spots     int `json:"places"`
	Core      int `json:"core"`
	Border    int `json:"border"`
	Ambiguous int `json:"ambiguous"`
	Noise     int `json:"noise"`
}

// worldTotals are what shares are parts of.
type worldTotals struct {
	cluster.Counts
	Given []string `json:"given"` // kinds whose total was given and not counted here
}

type rankedCluster struct {
	Rank     int             `json:"rank"`
	Cluster  int             `json:"cluster"`
	Lon      float64         `json:"lon"`
	Lat      float64         `json:"lat"`
	RadiusKM float64         `json:"radius_km"`
	Weight   float64         `json:"weight"`
	Points   int             `json:"points"`
	Core     int             `json:"core"`
	Counts   cluster.Counts  `json:"counts"`
	Share    cluster.Counts  `json:"share"`
	Total    float64         `json:"total"`
	Places   []cluster.Place `json:"places,omitempty"`
}

func (f *clusterFlags) parameters() clusterParameters {
	p := clusterParameters{
		RadiusKM: f.options.RadiusKM, Density: f.options.Density, Round: f.options.Round, Deals: f.deals, Fractions: f.fractions,
		PatentsWeight: f.weight[cluster.Patent], PapersWeight: f.weight[cluster.Paper], DealsWeight: f.weight[cluster.Deal],
	}
	if f.mergeWithin > 0 {
		p.MergeKM, p.MergeShare = f.mergeWithin, f.mergeMinShare
	}
	return p
}

// fill ranks the clusters and describes them.
func (c *clustering) fill(f clusterFlags, in *cluster.Input, points cluster.Points, r cluster.Result) error {
	evidence := cluster.Evidence{Kind: in.Points.Kind, Weight: in.Points.Weight, Document: in.Document}
	if f.fractions {
		evidence.Document = nil
	}
	counts, world := cluster.Tally(r.Labels, r.Clusters, evidence)
	c.World = f.worldOf(world)
	rows, err := cluster.Rank(counts, cluster.RankOptions{World: c.World.Counts, Deals: f.deals})
	if err != nil {
		return err
	}
	c.Found = clusterSummary{r.Clusters, r.Spots, r.CoreCount, r.Border, r.Ambiguous, r.Noise}
	shapes := cluster.Describe(points, f.options, r, in.Names)
	c.Clusters = make([]rankedCluster, len(rows))
	for i, row := range rows {
		shape := shapes[row.Cluster]
		c.Clusters[i] = rankedCluster{
			Rank: row.Rank, Cluster: row.Cluster, Counts: row.Counts, Share: row.Share, Total: row.Total,
			Lon: shape.Lon, Lat: shape.Lat, RadiusKM: shape.RadiusKM, Core: shape.Core, Places: shape.Places,
			Weight: r.Weight[row.Cluster], Points: r.Count[row.Cluster],
		}
	}
	return nil
}

// worldOf takes the totals that were given, and those counted for the others.
func (f *clusterFlags) worldOf(counted cluster.Counts) worldTotals {
	w := worldTotals{Counts: counted, Given: []string{}}
	for _, kind := range []struct {
		given float64
		total *float64
		name  string
	}{
		{f.world.Patents, &w.Patents, cluster.KindName(cluster.Patent)},
		{f.world.Papers, &w.Papers, cluster.KindName(cluster.Paper)},
		{f.world.Deals, &w.Deals, cluster.KindName(cluster.Deal)},
	} {
		if kind.given != 0 {
			*kind.total = kind.given
			w.Given = append(w.Given, kind.name)
		}
	}
	return w
}

func (s *session) printClustering(f clusterFlags, c clustering) {
	s.printFaults(c.Report)
	s.say("cluster.found", errs.A{"points": c.Report.Points, "places": c.Found.Spots, "clusters": c.Found.Clusters, "core": c.Found.Core,
		"border": c.Found.Border, "ambiguous": c.Found.Ambiguous, "noise": c.Found.Noise})
	for _, m := range c.Merged {
		s.say("cluster.merged", errs.A{"from": m.From, "into": m.Into, "km": fmt.Sprintf("%.2f", m.EdgeKM), "links": m.Links,
			"share": fmt.Sprintf("%.1f", 100*max(m.IntoShare, m.FromShare))})
	}
	s.say("cluster.world", errs.A{"patents": trim(c.World.Patents), "papers": trim(c.World.Papers), "deals": trim(c.World.Deals),
		"given": s.given(c.World.Given)})
	out := tabwriter.NewWriter(s.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, strings.Join(strings.Fields(i18n.T(s.lang, "cluster.head")), "\t")+"\t")
	for i, row := range c.Clusters {
		if i == f.limit {
			break
		}
		var places []string
		for _, p := range row.Places {
			places = append(places, p.Name)
		}
		fmt.Fprintf(out, "%d\t%d\t%.1f\t%.1f\t%.4f\t%.4f\t%.4f\t%.3f\t%.3f\t%.1f\t%s\t\n", row.Rank, row.Cluster, row.Counts.Patents, row.Counts.Papers,
			100*row.Share.Patents, 100*row.Share.Papers, 100*row.Total, row.Lon, row.Lat, row.RadiusKM, strings.Join(places, ", "))
	}
	_ = out.Flush() // the next write to a closed output fails too
	if len(c.Clusters) > f.limit {
		s.say("cluster.more", errs.A{"count": len(c.Clusters) - f.limit})
	}
}

func (s *session) given(kinds []string) string {
	if len(kinds) == 0 {
		return i18n.T(s.lang, "cluster.counted")
	}
	return i18n.T(s.lang, "cluster.given", errs.A{"kinds": strings.Join(kinds, ", ")})
}

// printFaults says which rows became no points, with samples.
func (s *session) printFaults(r cluster.Report) {
	if r.Rejected == 0 {
		return
	}
	s.say("cluster.rejected", errs.A{"rejected": r.Rejected, "rows": r.Rows})
	for _, x := range r.Samples {
		fmt.Fprintf(s.Stdout, "  %s\n", i18n.T(s.lang, "cluster.fault", errs.A{"row": x.Row, "why": i18n.T(s.lang, "cluster.fault_"+string(x.Fault)), "value": x.Value}))
	}
}

func trim(x float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0") }
