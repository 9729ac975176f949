package ranking

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/cluster"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/stats"
)

// What the GII used from 2018 to 2024: within 15 km, 4,500 listings; its
// points were some ten million.
const (
	giiRadiusKM = 15
	giiDensity  = 4500
	giiPoints   = 10_000_000
	leastOf     = 20 // points within the radius, however small the corpus
)

// maxRadiusKM and maxPoints bound what a reader may ask for.
const (
	maxRadiusKM = 200
	maxPoints   = 20_000_000
	maxFaint    = 2_000
)

// clusterCache keeps the last few clusterings: a page, its map and its points
// are asked for one after another.
type clusterCache struct {
	mu      sync.Mutex
	entries []clustered
}

const keptClusterings = 4

// clustered is a clustering with all that its pages need.
type clustered struct {
	key    string
	table  ClusterTable
	points points
	result cluster.Result
}

// points are the points of a corpus as columns, with the name of each place.
type points struct {
	cluster.Points
	parts    []float64 // of documents; Points.Weight are listings
	listings float64
	names    []i18n.Text // by index of the place
	place    []int32
}

// Clusters finds the clusters among the points of a corpus and ranks them by
// the sum of their shares, GII-style.
func (s *Service) Clusters(ctx context.Context, q ClusterQuery) (ClusterTable, error) {
	c, err := s.clustering(ctx, q)
	return c.table, err
}

// ClusterPoints lists the places of one cluster, the heaviest first.
func (s *Service) ClusterPoints(ctx context.Context, q ClusterQuery, id int) (Cluster, []Place, error) {
	c, err := s.clustering(ctx, q)
	if err != nil {
		return Cluster{}, nil, err
	}
	i := slices.IndexFunc(c.table.Clusters, func(x Cluster) bool { return x.ID == id })
	if i < 0 {
		return Cluster{}, nil, errs.New(errs.NotFound, "ranking.no_cluster", errs.A{"id": id})
	}
	return c.table.Clusters[i], c.places(int32(id)), nil
}

func (s *Service) clustering(ctx context.Context, q ClusterQuery) (clustered, error) {
	m, err := s.Corpus(ctx, q.Corpus)
	if err != nil {
		return clustered{}, err
	}
	if m.Rows("point") == 0 || m.Rows("point") > maxPoints {
		return clustered{}, errs.New(errs.NotFound, "ranking.no_points", errs.A{"corpus": m.Name})
	}
	if q.From == 0 || q.To == 0 {
		if q.From, q.To, err = s.pointYears(ctx, &m, q); err != nil {
			return clustered{}, err
		}
	}
	if q, err = q.withDefaults(); err != nil {
		return clustered{}, err
	}
	key := fmt.Sprint(content(&m), q)
	s.clusters.mu.Lock()
	defer s.clusters.mu.Unlock() // one clustering at a time: it takes all cores
	for _, c := range s.clusters.entries {
		if c.key == key {
			return c, nil
		}
	}
	p, err := s.points(ctx, &m, q)
	if err != nil {
		return clustered{}, err
	}
	c, err := s.run(&m, q, p)
	if err == nil {
		err = s.settle(ctx, &c)
	}
	if err != nil {
		return clustered{}, err
	}
	c.key = key
	s.clusters.entries = append([]clustered{c}, s.clusters.entries[:min(len(s.clusters.entries), keptClusterings-1)]...)
	return c, nil
}

// pointYears fills in the years that were not asked for: those of the points,
// which may be others than those of the works.
func (s *Service) pointYears(ctx context.Context, m *corpus.Manifest, q ClusterQuery) (from, to int, err error) {
	session, err := s.corpusSession(ctx, m)
	if err != nil {
		return 0, 0, err
	}
	defer session.Close()
	_, err = db.Collect(ctx, session, func(scan db.Scan) (struct{}, error) { return struct{}{}, scan(&from, &to) },
		"SELECT COALESCE(MIN(year), 0), COALESCE(MAX(year), 0) FROM point")
	if q.From != 0 {
		from = q.From
	}
	if q.To != 0 {
		to = q.To
	}
	return from, to, err
}

// corpusSession shows a corpus alone to SQL.
func (s *Service) corpusSession(ctx context.Context, m *corpus.Manifest) (*stats.Session, error) {
	dir, err := filepath.Abs(s.dir(m.Name))
	if err != nil {
		return nil, err
	}
	return stats.OpenViews(ctx, s.cfg.Stats, m.Views(dir))
}

func (q ClusterQuery) withDefaults() (ClusterQuery, error) {
	fill := func(x *float64, value float64) {
		if *x == 0 {
			*x = value
		}
	}
	fill(&q.RadiusKM, giiRadiusKM)
	fill(&q.PatentWeight, 1)
	fill(&q.PaperWeight, 1)
	var faults errs.List
	check := func(name string, x, low, high float64) {
		if !(x >= low && x <= high) {
			faults = append(faults, errs.New(errs.Invalid, "ranking.out_of_range", errs.A{"field": name, "low": low, "high": high}).At("/"+name))
		}
	}
	check("radius_km", q.RadiusKM, 0.1, maxRadiusKM)
	check("density", q.Density, 0, 1e9)
	check("patent_weight", q.PatentWeight, 0, 1e6)
	check("paper_weight", q.PaperWeight, 0, 1e6)
	check("round", q.Round, 0, 1)
	if q.From > q.To {
		faults = append(faults, errs.New(errs.Invalid, "ranking.years", errs.A{"from": q.From, "to": q.To}).At("/from"))
	}
	return q, faults.Err()
}

// points reads the points of a corpus, those of one place and kind together.
// In the density a listing counts as one however small a part of its document
// it is, and a row that stands for many documents as many; what is counted
// afterwards are the parts of documents.
func (s *Service) points(ctx context.Context, m *corpus.Manifest, q ClusterQuery) (points, error) {
	session, err := s.corpusSession(ctx, m)
	if err != nil {
		return points{}, err
	}
	defer session.Close()
	p := points{}
	index := map[i18n.Text]int32{}
	err = db.Each(ctx, session, func(scan db.Scan) error {
		var kind string
		var name i18n.Text
		var lon, lat, parts, listings float64
		if err := scan(&kind, &lon, &lat, &parts, &listings, &name.ZH, &name.EN); err != nil {
			return err
		}
		k, known := cluster.ParseKind(kind)
		if !known {
			return fmt.Errorf("point of the unknown kind %q", kind)
		}
		p.Lon, p.Lat, p.Weight, p.Kind = append(p.Lon, lon), append(p.Lat, lat), append(p.Weight, listings), append(p.Kind, k)
		at, known := index[name]
		if !known {
			at = int32(len(p.names))
			index[name], p.names = at, append(p.names, name)
		}
		p.parts, p.place, p.listings = append(p.parts, parts), append(p.place, at), p.listings+listings
		return nil
	}, pointsSQL, q.From, q.To)
	if err == nil && p.Len() == 0 {
		err = errs.New(errs.NotFound, "ranking.no_points", errs.A{"corpus": m.Name})
	}
	return p, err
}

// pointsSQL takes equal points together and names each place after the
// inventors or institutions that stand there. A city that is known in English
// alone takes its Chinese name from a namesake of the same corpus.
const pointsSQL = `
WITH city AS (SELECT city_en, MIN(city_zh) AS city_zh FROM institution WHERE city_en IS NOT NULL AND city_zh IS NOT NULL GROUP BY city_en),
named AS (
  SELECT i.lon, i.lat, COALESCE(c.city_zh, i.city_en) AS zh, i.city_en AS en FROM inventor i LEFT JOIN city c ON c.city_en = i.city_en WHERE i.city_en IS NOT NULL
  UNION ALL SELECT lon, lat, COALESCE(city_zh, city_en), COALESCE(city_en, city_zh) FROM institution WHERE COALESCE(city_zh, city_en) IS NOT NULL
),
place AS (SELECT lon, lat, MIN(zh) AS zh, MIN(en) AS en FROM named GROUP BY lon, lat)
SELECT p.kind, p.lon, p.lat, p.parts, p.listings, COALESCE(l.zh, ''), COALESCE(l.en, '')
FROM (SELECT kind, lon, lat, SUM(weight) AS parts, SUM(CASE WHEN weight > 1 THEN weight ELSE CAST(1 AS DOUBLE) END) AS listings FROM point
  WHERE year BETWEEN $1 AND $2 GROUP BY kind, lon, lat) p
LEFT JOIN place l ON l.lon = p.lon AND l.lat = p.lat
ORDER BY p.kind, p.lon, p.lat`

// run clusters and ranks.
func (s *Service) run(m *corpus.Manifest, q ClusterQuery, p points) (clustered, error) {
	if q.Density == 0 {
		q.Density = math.Max(leastOf, giiDensity*p.listings/giiPoints)
	}
	o := cluster.Options{RadiusKM: q.RadiusKM, Density: q.Density, KindWeights: []float64{q.PatentWeight, q.PaperWeight, 1}, Round: q.Round}
	result, err := cluster.Run(p.Points, o)
	if err != nil {
		return clustered{}, err
	}
	counts, world := cluster.Tally(result.Labels, result.Clusters, cluster.Evidence{Kind: p.Kind, Weight: p.parts})
	rows, err := cluster.Rank(counts, cluster.RankOptions{World: world})
	if err != nil {
		return clustered{}, err
	}
	shapes := cluster.Describe(p.Points, o, result, cluster.Names{Name: p.keys(), Of: p.place, Most: namesOfCluster})
	c := clustered{points: p, result: result}
	c.table = ClusterTable{
		Query: q, Corpus: *m, Listings: p.listings, Places: result.Spots, Core: result.CoreCount, Border: result.Border,
		Ambiguous: result.Ambiguous, Noise: result.Noise, Patents: world.Patents, Papers: world.Papers,
		Method: "cluster.Run",
	}
	for _, r := range rows {
		c.table.Clusters = append(c.table.Clusters, s.clusterOf(&c, r, shapes[r.Cluster]))
	}
	c.table.Faint = c.faint()
	return c, nil
}

func (s *Service) clusterOf(c *clustered, r cluster.Row, shape cluster.Shape) Cluster {
	out := Cluster{
		ID: r.Cluster, Rank: r.Rank, Lon: shape.Lon, Lat: shape.Lat, RadiusKM: shape.RadiusKM,
		Places: c.result.Count[r.Cluster], CorePlaces: shape.Core, BorderPlaces: c.result.Count[r.Cluster] - shape.Core,
		Patents: r.Counts.Patents, Papers: r.Counts.Papers,
		PatentShare: r.Share.Patents * 100, PaperShare: r.Share.Papers * 100, Score: r.Total * 100,
	}
	out.Name = c.points.join(shape.Places)
	out.Heaviest = c.places(int32(r.Cluster))
	out.Heaviest = out.Heaviest[:min(len(out.Heaviest), 5)]
	return out
}

// namesOfCluster is how many places lend a cluster their names.
const namesOfCluster = 3

// keys are the names as package cluster takes them, empty where there is none.
func (p *points) keys() []string {
	keys := make([]string, len(p.names))
	for i, n := range p.names {
		if !n.IsZero() {
			keys[i] = n.ZH + "\x00" + n.EN
		}
	}
	return keys
}

// join makes a name of the heaviest places: Shenzhen–Hong Kong–Guangzhou.
func (p *points) join(places []cluster.Place) i18n.Text {
	var zh, en []string
	for _, place := range places {
		if z, e, named := strings.Cut(place.Name, "\x00"); named {
			zh, en = append(zh, z), append(en, e)
		}
	}
	return i18n.Text{ZH: strings.Join(zh, "–"), EN: strings.Join(en, "–")}
}

// settle gives clusters the names of the towns of their heaviest places, and
// marks the one in which the city of this Kapok lies.
func (s *Service) settle(ctx context.Context, c *clustered) error {
	if s.cfg.Towns == nil {
		return nil
	}
	towns, err := s.cfg.Towns(ctx)
	if err != nil {
		return err
	}
	for i := range c.table.Clusters {
		x := &c.table.Clusters[i]
		for j := range x.Heaviest {
			if t, near := nearest(towns, x.Heaviest[j].Lon, x.Heaviest[j].Lat); near {
				x.Heaviest[j].Name = t.Name
			}
		}
		if name := joined(x.Heaviest); !name.IsZero() {
			x.Name = name
		}
	}
	if i := slices.IndexFunc(towns, func(t registry.Town) bool { return t.Code == s.cfg.City }); i >= 0 {
		c.markHome(&towns[i])
	}
	return nil
}

// townKM is how far a place may lie from the middle of the town whose name it
// takes.
const townKM = 20

// nearest is the town with the most organisations within townKM, so that a
// suburb of its own name does not stand for the city.
func nearest(towns []registry.Town, lon, lat float64) (best registry.Town, found bool) {
	for _, t := range towns {
		if math.Abs(t.Lat-lat) < 1 && t.Orgs > best.Orgs && cluster.DistanceKM(lon, lat, t.Lon, t.Lat) <= townKM {
			best, found = t, true
		}
	}
	return best, found
}

// joined makes a name of the towns of the heaviest places, each once.
func joined(places []Place) i18n.Text {
	var zh, en []string
	for _, p := range places {
		if !p.Name.IsZero() && !slices.Contains(en, p.Name.EN) && len(en) < namesOfCluster {
			zh, en = append(zh, p.Name.ZH), append(en, p.Name.EN)
		}
	}
	return i18n.Text{ZH: strings.Join(zh, "–"), EN: strings.Join(en, "–")}
}

// markHome marks the cluster that has a place within its radius of the city,
// the nearest where there are several.
func (c *clustered) markHome(city *registry.Town) {
	nearest, best := int32(cluster.Noise), c.table.Query.RadiusKM
	for i, l := range c.result.Labels {
		if l == cluster.Noise {
			continue
		}
		if d := cluster.DistanceKM(city.Lon, city.Lat, c.points.Lon[i], c.points.Lat[i]); d <= best {
			nearest, best = l, d
		}
	}
	for i := range c.table.Clusters {
		c.table.Clusters[i].Home = int32(c.table.Clusters[i].ID) == nearest
	}
}

// places lists the places of one label, patents and papers of a place
// together, the heaviest first.
func (c *clustered) places(label int32) []Place {
	type spot struct{ lon, lat float64 }
	at := map[spot]int{}
	var out []Place
	for i, l := range c.result.Labels {
		if l != label {
			continue
		}
		key := spot{c.points.Lon[i], c.points.Lat[i]}
		j, known := at[key]
		if !known {
			j = len(out)
			at[key] = j
			out = append(out, Place{Lon: key.lon, Lat: key.lat, Name: c.points.names[c.points.place[i]]})
		}
		out[j].add(c.points.Kind[i], c.points.parts[i], c.result.Core[i])
	}
	slices.SortFunc(out, func(a, b Place) int {
		return cmp.Or(-cmp.Compare(a.Patents+a.Papers, b.Patents+b.Papers), cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat))
	})
	return out
}

func (p *Place) add(kind cluster.Kind, weight float64, core bool) {
	switch kind {
	case cluster.Patent:
		p.Patents += weight
	case cluster.Paper:
		p.Papers += weight
	}
	p.Core = p.Core || core
}

func (c *clustered) faint() []Place {
	out := c.places(cluster.Noise)
	return out[:min(len(out), maxFaint)]
}
