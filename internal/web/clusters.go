package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// mapMeridian is in the middle of the world map: its edge then lies in the
// Atlantic, where it parts no cluster.
const mapMeridian = 150

// mapClusters is how many clusters the maps show, by rank; the table has all.
const mapClusters = 100

// areaKM is the half width of the map around one cluster, at least.
const areaKM = 120

// ClustersPage is the ranking of the clusters of a corpus.
type ClustersPage struct {
	Page
	Filter FilterBar
	Marked bool
	Facts  []Fact
	Charts []ChartFigure
	Head   TableHead
	Rows   []ClusterRow
	Empty  State
	Pager  Pager
	Method *Method
}

// shownKinds are the kinds of document that a corpus holds: a column of nothing
// but zeros says less than none.
type shownKinds struct{ patents, papers bool }

// ClusterRow is one cluster.
type ClusterRow struct {
	Rank   string
	Name   string
	Href   string
	Home   bool
	Centre string
	Cells  []Cell
}

// clusterQuery reads the parameters of a clustering out of an address.
func clusterQuery(q url.Values) (ranking.ClusterQuery, error) {
	out := ranking.ClusterQuery{Corpus: q.Get("corpus")}
	var faults errs.List
	for _, x := range []struct {
		name string
		to   *float64
	}{{"radius_km", &out.RadiusKM}, {"density", &out.Density}, {"patent_weight", &out.PatentWeight}, {"paper_weight", &out.PaperWeight}, {"round", &out.Round}} {
		text := strings.TrimSpace(q.Get(x.name))
		if text == "" {
			continue
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n < 0 {
			faults = append(faults, errs.New(errs.Invalid, "web.style.no_number", errs.A{"value": cut(text, 40)}).At("/"+x.name))
		}
		*x.to = n
	}
	for name, to := range map[string]*int{"from": &out.From, "to": &out.To} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				faults = append(faults, errs.New(errs.Invalid, "web.style.no_number", errs.A{"value": cut(text, 40)}).At("/"+name))
			}
			*to = n
		}
	}
	return out, faults.Err()
}

func clusterValues(q *ranking.ClusterQuery) url.Values {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	out := url.Values{"corpus": {q.Corpus}, "radius_km": {number(q.RadiusKM)}, "density": {number(q.Density)}, "patent_weight": {number(q.PatentWeight)},
		"paper_weight": {number(q.PaperWeight)}, "from": {strconv.Itoa(q.From)}, "to": {strconv.Itoa(q.To)}}
	if q.Round != 0 {
		out.Set("round", number(q.Round))
	}
	return out
}

// pointCorpora are the corpora that hold points: real ones first, and of those
// the one with the most.
func (s *Site) pointCorpora(r *http.Request) ([]corpus.Manifest, error) {
	all, err := s.svc.Ranking.Corpora(r.Context())
	all = slices.DeleteFunc(all, func(m corpus.Manifest) bool { return m.Rows("point") == 0 })
	slices.SortStableFunc(all, func(a, b corpus.Manifest) int {
		switch {
		case a.Simulated != b.Simulated && b.Simulated:
			return -1
		case a.Simulated != b.Simulated:
			return 1
		}
		return cmp.Compare(b.Rows("point"), a.Rows("point"))
	})
	return all, err
}

func (s *Site) clusters(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := ClustersPage{Page: s.Page(r, v.say("web.clusters.title"))}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}}
	corpora, err := s.pointCorpora(r)
	if err != nil {
		return err
	}
	if len(corpora) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.clusters.no_corpus"), Text: v.say("web.clusters.no_corpus_text"), Action: Link{v.say("web.room.rankings"), "/rankings"}}
		return s.Render(w, r, "clusters", p)
	}
	q, err := clusterQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if q.Corpus == "" {
		q.Corpus = corpora[0].Name
	}
	t, err := s.svc.Ranking.Clusters(v.ctx, q)
	if err != nil {
		return err
	}
	p.Filter, p.Marked, p.Facts = clusterFilter(v, &p.Page, &t, corpora), t.Corpus.Simulated, clusterFacts(v, &t)
	p.Method = clusterMethod(v, &t)
	if len(t.Clusters) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.clusters.none"), Text: v.say("web.clusters.none_text"), Action: Link{v.say("web.reset"), "/clusters"}}
		return s.Render(w, r, "clusters", p)
	}
	show := shownKinds{patents: t.Patents > 0, papers: t.Papers > 0}
	p.Head = clustersHead(v, show)
	from, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	from = min(max(from, 0), len(t.Clusters))
	shown := t.Clusters[from:min(from+stylePage, len(t.Clusters))]
	for i := range shown {
		p.Rows = append(p.Rows, clusterRow(v, &t, &shown[i], show))
	}
	p.Pager = offsetPager(v, p.Page, from, len(shown), len(t.Clusters))
	p.Charts = clusterMaps(v, &p, &t)
	return s.Render(w, r, "clusters", p)
}

func clusterFilter(v *reading, p *Page, t *ranking.ClusterTable, corpora []corpus.Manifest) FilterBar {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	q := &t.Query
	f := FilterBar{Action: "/clusters", Reset: "/clusters", Count: v.say("web.clusters.count", errs.A{"n": len(t.Clusters)})}
	f.Fields = []Field{
		{Name: "corpus", Label: v.say("web.clusters.data"), Kind: "select", Options: corpusOptions(v, corpora, t.Corpus.Name)},
		{Name: "radius_km", Label: v.say("web.clusters.radius"), Kind: "text", Value: number(q.RadiusKM)},
		{Name: "density", Label: v.say("web.clusters.density"), Kind: "text", Value: number(math.Round(q.Density*1000) / 1000)},
		{Name: "patent_weight", Label: v.say("web.clusters.patent_weight"), Kind: "text", Value: number(q.PatentWeight)},
		{Name: "paper_weight", Label: v.say("web.clusters.paper_weight"), Kind: "text", Value: number(q.PaperWeight)},
		{Name: "round", Label: v.say("web.clusters.round"), Kind: "text", Value: number(q.Round)},
		{Name: "from", Label: v.say("web.style.from"), Kind: "select", Options: yearOptions(&t.Corpus, q.From)},
		{Name: "to", Label: v.say("web.style.to"), Kind: "select", Options: yearOptions(&t.Corpus, q.To)},
	}
	for _, format := range []string{"csv", "xlsx"} {
		f.Exports = append(f.Exports, Link{strings.ToUpper(format), exportPath("/clusters", format, p.With())})
	}
	return f
}

func clusterFacts(v *reading, t *ranking.ClusterTable) []Fact {
	n := func(key string, x float64) Fact { return v.plainFact(key, i18n.Decimal(x, 1)) }
	return append(corpusFacts(v, &t.Corpus),
		n("web.clusters.listings", t.Listings), n("web.clusters.places", float64(t.Places)), n("web.clusters.core", float64(t.Core)),
		n("web.clusters.border", float64(t.Border)), n("web.clusters.ambiguous", float64(t.Ambiguous)), n("web.clusters.noise", float64(t.Noise)),
		n("web.clusters.world_patents", t.Patents), n("web.clusters.world_papers", t.Papers))
}

func clusterMethod(v *reading, t *ranking.ClusterTable) *Method {
	m := &Method{Words: v.say("web.clusters.method"), InputsHead: v.say("web.method.files")}
	for name, values := range clusterValues(&t.Query) {
		m.Params = append(m.Params, Fact{Label: name, Values: []FactValue{{Text: values[0]}}})
	}
	slices.SortFunc(m.Params, func(a, b Fact) int { return cmp.Compare(a.Label, b.Label) })
	for _, f := range t.Corpus.Files {
		if f.Table == "point" && len(m.Inputs) < 100 {
			m.Inputs = append(m.Inputs, MethodInput{Name: f.Path, Rows: i18n.Integer(f.Rows), Hash: f.SHA256})
		}
	}
	return m
}

func clustersHead(v *reading, show shownKinds) TableHead {
	h := TableHead{Caption: v.say("web.clusters.title"), Hidden: true, Columns: []Column{
		{Label: v.say("web.style.rank"), Numeric: true}, {Label: v.say("web.clusters.cluster")}, {Label: v.say("web.clusters.score"), Unit: "%", Numeric: true}}}
	if show.patents {
		h.Columns = append(h.Columns, Column{Label: v.say("web.clusters.patent_share"), Unit: "%", Numeric: true}, Column{Label: v.say("web.clusters.patents"), Numeric: true})
	}
	if show.papers {
		h.Columns = append(h.Columns, Column{Label: v.say("web.clusters.paper_share"), Unit: "%", Numeric: true}, Column{Label: v.say("web.clusters.papers"), Numeric: true})
	}
	h.Columns = append(h.Columns, Column{Label: v.say("web.clusters.places_short"), Numeric: true}, Column{Label: v.say("web.clusters.reach"), Unit: "km", Numeric: true})
	return h
}

func clusterName(v *reading, k *ranking.Cluster) string {
	if name := k.Name.In(v.l); name != "" {
		return name
	}
	return v.say("web.clusters.nameless", errs.A{"at": lonLat(k.Lon, k.Lat)})
}

// lonLat writes a place on the Earth as degrees and compass points.
func lonLat(lon, lat float64) string {
	ns, ew := "N", "E"
	if lat < 0 {
		ns = "S"
	}
	if lon < 0 {
		ew = "W"
	}
	return fmt.Sprintf("%.2f°%s %.2f°%s", math.Abs(lat), ns, math.Abs(lon), ew)
}

func clusterHref(t *ranking.ClusterQuery, id int) string {
	return "/clusters/" + strconv.Itoa(id) + "?" + clusterValues(t).Encode()
}

func clusterRow(v *reading, t *ranking.ClusterTable, k *ranking.Cluster, show shownKinds) ClusterRow {
	row := ClusterRow{Rank: strconv.Itoa(k.Rank), Name: clusterName(v, k), Href: clusterHref(&t.Query, k.ID), Home: k.Home, Centre: lonLat(k.Lon, k.Lat)}
	cells := []string{fixed(k.Score, 3)}
	if show.patents {
		cells = append(cells, fixed(k.PatentShare, 3), fixed(k.Patents, 1))
	}
	if show.papers {
		cells = append(cells, fixed(k.PaperShare, 3), fixed(k.Papers, 1))
	}
	heads := clustersHead(v, show).Columns[2:]
	for i, text := range append(cells, i18n.Integer(int64(k.Places)), fixed(k.RadiusKM, 0)) {
		row.Cells = append(row.Cells, Cell{Label: heads[i].Label, Text: text, Numeric: true})
	}
	return row
}

// clusterMaps draws the world, and the neighbourhood of the city's cluster or,
// where it has none, of the first.
func clusterMaps(v *reading, p *ClustersPage, t *ranking.ClusterTable) []ChartFigure {
	world := chart.World{Meridian: mapMeridian}
	spec := chart.Spec{Kind: chart.Globe, ID: "clusters-world", Title: v.say("web.clusters.map"), Unit: "%", First: v.say("web.clusters.cluster"), Unknown: v.say("web.unknown"),
		Desc: v.say("web.clusters.map_desc", errs.A{"n": len(t.Clusters), "first": clusterName(v, &t.Clusters[0])}), Format: func(x float64) string { return i18n.Decimal(x, 2) }}
	centre := &t.Clusters[0]
	var points []chart.Point
	for i := range t.Clusters {
		k := &t.Clusters[i]
		if k.Home {
			centre = k
		}
		if i >= mapClusters && !k.Home {
			continue
		}
		world.Clusters = append(world.Clusters, chart.Cluster{Lon: k.Lon, Lat: k.Lat, RadiusKM: k.RadiusKM, Weight: k.Score, Number: k.Rank, Mark: k.Home, Href: clusterHref(&t.Query, k.ID)})
		points = append(points, chart.Point{Label: strconv.Itoa(k.Rank) + " " + clusterName(v, k), Known: true, Value: k.Score, Text: i18n.Decimal(k.Score, 2), Mark: k.Home})
		for _, h := range k.Heaviest {
			world.Places = append(world.Places, chart.Place{Lon: h.Lon, Lat: h.Lat, Weight: h.Patents + h.Papers, In: true})
		}
	}
	for _, f := range t.Faint {
		world.Places = append(world.Places, chart.Place{Lon: f.Lon, Lat: f.Lat, Weight: f.Patents + f.Papers})
	}
	spec.World, spec.Series = &world, []chart.Series{{Points: points}}
	near := world
	near.Lon, near.Lat, near.HalfKM = centre.Lon, centre.Lat, max(areaKM, centre.RadiusKM*1.6)
	around := spec
	around.Kind, around.ID, around.World = chart.Area, "clusters-area", &near
	around.Title = v.say("web.clusters.area", errs.A{"name": clusterName(v, centre)})
	around.Desc = v.say("web.clusters.area_desc", errs.A{"name": clusterName(v, centre), "km": i18n.Decimal(2*near.HalfKM, 0)})
	var out []ChartFigure
	for i, x := range []chart.Spec{spec, around} {
		out = append(out, ChartFigure{Spec: x, Number: i + 1, CSV: exportPath("/clusters", "csv", p.With()), Source: t.Corpus.Title.In(v.l), Period: years(t.Query.From, t.Query.To), Simulated: t.Corpus.Simulated})
	}
	return out
}
