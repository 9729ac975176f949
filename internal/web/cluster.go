package web

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// ClusterPage is one cluster, down to its places.
type ClusterPage struct {
	Page
	Marked  bool
	Card    Value
	Facts   []Fact
	Chart   ChartFigure
	Head    TableHead
	Rows    [][]Cell
	Pager   Pager
	Total   string
	Exports []Link
	Back    Link
}

func (s *Site) clusterPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	t, k, places, err := s.clusterOf(r)
	if err != nil {
		return err
	}
	p := ClusterPage{Page: s.Page(r, clusterName(v, &k)), Marked: t.Corpus.Simulated}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.rankings"), "/rankings"}, {v.say("web.clusters.title"), "/clusters?" + clusterValues(&t.Query).Encode()}}
	p.Card = Value{Number: strconv.Itoa(k.Rank), Exact: strconv.Itoa(k.Rank), After: v.say("web.clusters.of", errs.A{"n": len(t.Clusters)}), Gap: true}
	p.Facts = clusterDetail(v, t, &k)
	p.Chart = clusterMap(v, t, &k, places)
	p.Chart.CSV = exportPath(p.Path, "csv", p.With("offset", ""))
	for _, f := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(f), exportPath(p.Path, f, p.With("offset", ""))})
	}
	p.Head = TableHead{Caption: v.say("web.clusters.place_list"), Hidden: true, Columns: []Column{{Label: v.say("web.clusters.place")}, {Label: v.say("web.clusters.at")}, {Label: v.say("web.clusters.patents"), Numeric: true}, {Label: v.say("web.clusters.papers"), Numeric: true}, {Label: v.say("web.clusters.role")}}}
	from, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	from = min(max(from, 0), len(places))
	shown := places[from:min(from+stylePage, len(places))]
	for i := range shown {
		p.Rows = append(p.Rows, placeCells(v, &p.Head, &shown[i]))
	}
	p.Total = clusterAgreement(v, &k, places)
	p.Pager = offsetPager(v, p.Page, from, len(shown), len(places))
	return s.Render(w, r, "cluster", p)
}

// clusterOf finds the cluster of an address with its places.
func (s *Site) clusterOf(r *http.Request) (*ranking.ClusterTable, ranking.Cluster, []ranking.Place, error) {
	none := ranking.Cluster{}
	id, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSuffix(r.PathValue("id"), ".csv"), ".xlsx"))
	if err != nil {
		return nil, none, nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	q, err := clusterQuery(r.URL.Query())
	if err != nil {
		return nil, none, nil, err
	}
	if q.Corpus == "" {
		all, err := s.pointCorpora(r)
		if err != nil || len(all) == 0 {
			return nil, none, nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
		}
		q.Corpus = all[0].Name
	}
	t, err := s.svc.Ranking.Clusters(r.Context(), q)
	if err != nil {
		return nil, none, nil, err
	}
	k, places, err := s.svc.Ranking.ClusterPoints(r.Context(), q, id)
	return &t, k, places, err
}

func clusterDetail(v *reading, t *ranking.ClusterTable, k *ranking.Cluster) []Fact {
	return []Fact{
		v.plainFact("web.clusters.centre", lonLat(k.Lon, k.Lat)), v.plainFact("web.clusters.reach", i18n.Decimal(k.RadiusKM, 1)+" km"),
		v.plainFact("web.clusters.score", i18n.Decimal(k.Score, 4)+"%"),
		v.plainFact("web.clusters.patent_share", v.say("web.clusters.share_of", errs.A{"share": i18n.Decimal(k.PatentShare, 4), "n": i18n.Decimal(k.Patents, 2), "all": i18n.Decimal(t.Patents, 1)})),
		v.plainFact("web.clusters.paper_share", v.say("web.clusters.share_of", errs.A{"share": i18n.Decimal(k.PaperShare, 4), "n": i18n.Decimal(k.Papers, 2), "all": i18n.Decimal(t.Papers, 1)})),
		v.plainFact("web.clusters.places_short", v.say("web.clusters.core_border", errs.A{"n": k.Places, "core": k.CorePlaces, "border": k.BorderPlaces})),
		v.plainFact("web.style.corpus", t.Corpus.Title.In(v.l)),
		v.plainFact("web.style.years", years(t.Query.From, t.Query.To)),
	}
}

func clusterMap(v *reading, t *ranking.ClusterTable, k *ranking.Cluster, places []ranking.Place) ChartFigure {
	world := &chart.World{Lon: k.Lon, Lat: k.Lat, HalfKM: max(areaKM/2, k.RadiusKM*1.25), Clusters: []chart.Cluster{{Lon: k.Lon, Lat: k.Lat, RadiusKM: k.RadiusKM, Weight: k.Score, Number: k.Rank, Mark: k.Home}}}
	for _, x := range places {
		world.Places = append(world.Places, chart.Place{Lon: x.Lon, Lat: x.Lat, Weight: x.Patents + x.Papers, In: true})
	}
	for _, x := range t.Faint {
		world.Places = append(world.Places, chart.Place{Lon: x.Lon, Lat: x.Lat, Weight: x.Patents + x.Papers})
	}
	spec := chart.Spec{Kind: chart.Area, ID: "cluster", World: world, Title: v.say("web.clusters.area", errs.A{"name": clusterName(v, k)}), Unit: "%", First: v.say("web.clusters.cluster"), Unknown: v.say("web.unknown"),
		Desc:   v.say("web.clusters.area_desc", errs.A{"name": clusterName(v, k), "km": i18n.Decimal(2*world.HalfKM, 0)}),
		Series: []chart.Series{{Points: []chart.Point{{Label: clusterName(v, k), Known: true, Value: k.Score, Text: i18n.Decimal(k.Score, 3)}}}}}
	return ChartFigure{Spec: spec, Source: t.Corpus.Title.In(v.l), Period: years(t.Query.From, t.Query.To), Simulated: t.Corpus.Simulated}
}

func placeCells(v *reading, h *TableHead, x *ranking.Place) []Cell {
	role := v.say("web.clusters.is_border")
	if x.Core {
		role = v.say("web.clusters.is_core")
	}
	cells := []Cell{{Text: x.Name.In(v.l)}, {Text: lonLat(x.Lon, x.Lat), Whole: true}, {Text: fixed(x.Patents, 2), Numeric: true}, {Text: fixed(x.Papers, 2), Numeric: true}, {Text: role}}
	for i := range cells {
		cells[i].Label = h.Columns[i].Label
	}
	return cells
}

// clusterAgreement says that the places add up to the cluster's counts, or not.
func clusterAgreement(v *reading, k *ranking.Cluster, places []ranking.Place) string {
	var patents, papers float64
	for _, x := range places {
		patents, papers = patents+x.Patents, papers+x.Papers
	}
	args := errs.A{"n": len(places), "patents": i18n.Decimal(patents, 3), "papers": i18n.Decimal(papers, 3)}
	if math.Abs(patents-k.Patents) > 1e-6*math.Max(1, patents) || math.Abs(papers-k.Papers) > 1e-6*math.Max(1, papers) {
		return v.say("web.clusters.places_differ", args)
	}
	return v.say("web.clusters.places_agree", args)
}
