package api

import (
	"context"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/source"
)

// ClusterQuery chooses a clustering of the points of a corpus.
type ClusterQuery struct {
	Corpus       string  `query:"corpus" required:"true" maxLength:"63" doc:"Name of the corpus"`
	RadiusKM     float64 `query:"radius_km" minimum:"0.1" maximum:"200" doc:"15 when absent, as in the GII since 2018"`
	Density      float64 `query:"density" minimum:"0" maximum:"1000000000" doc:"Least weight within the radius; scaled from 4,500 per 10 million points when absent"`
	PatentWeight float64 `query:"patent_weight" minimum:"0" maximum:"1000000" doc:"Of a patent's point in the density; 1 when absent"`
	PaperWeight  float64 `query:"paper_weight" minimum:"0" maximum:"1000000" doc:"Of a paper's point in the density; 1 when absent"`
	Round        float64 `query:"round" minimum:"0" maximum:"1" doc:"Degrees to which coordinates are rounded; not at all when absent"`
	From         int     `query:"from" minimum:"0" maximum:"9999" doc:"First year of the points; the first there is when absent"`
	To           int     `query:"to" minimum:"0" maximum:"9999"`
}

func (q *ClusterQuery) query() ranking.ClusterQuery {
	return ranking.ClusterQuery{Corpus: q.Corpus, RadiusKM: q.RadiusKM, Density: q.Density, PatentWeight: q.PatentWeight, PaperWeight: q.PaperWeight, Round: q.Round, From: q.From, To: q.To}
}

// ClustersIn asks for a page of clusters.
type ClustersIn struct {
	ClusterQuery
	Faint bool `query:"faint" doc:"Also the places outside all clusters, the heaviest 2,000"`
	Paging
	table ranking.ClusterTable
}

// ClustersOut is a page of the ranking of clusters.
type ClustersOut struct {
	Page[RankedCluster]
	Query     ranking.ClusterQuery `json:"query" doc:"With what was not asked for filled in"`
	Corpus    Corpus               `json:"corpus"`
	Listings  float64              `json:"listings" doc:"Addresses, before equal places are taken together"`
	Places    int                  `json:"places" doc:"Distinct coordinates"`
	Core      int                  `json:"core"`
	Border    int                  `json:"border"`
	Ambiguous int                  `json:"ambiguous" doc:"Border places within reach of two clusters"`
	Noise     int                  `json:"noise"`
	Patents   float64              `json:"patents" doc:"World total of the corpus: documents with a place"`
	Papers    float64              `json:"papers"`
	Faint     []ranking.Place      `json:"faint,omitempty"`
	Method    string               `json:"method"`
}

// RankedCluster is one cluster with the source of its points.
type RankedCluster struct {
	ranking.Cluster
	SourceID string `json:"source_id,omitempty"`
}

// PlacesIn asks for the places of one cluster.
type PlacesIn struct {
	ID int `path:"id" minimum:"0" doc:"id of the cluster; the same parameters give the same"`
	ClusterQuery
	Paging
}

// ClusterPlace is one pair of coordinates with the source of what stands there.
type ClusterPlace struct {
	ranking.Place
	SourceID string `json:"source_id,omitempty"`
}

func (s *server) clusters(ctx context.Context, in *ClustersIn) (part[RankedCluster], error) {
	m, err := s.corpus(ctx, in.Corpus)
	if err != nil {
		return part[RankedCluster]{}, err
	}
	if in.table, err = s.Rankings.Clusters(ctx, in.query()); err != nil {
		return part[RankedCluster]{}, err
	}
	from := sourceOfCorpus(&m)
	all := make([]RankedCluster, len(in.table.Clusters))
	for i, c := range in.table.Clusters {
		all[i] = RankedCluster{c, from.ID}
	}
	out, err := cutPage(all, &in.Paging, func(c *RankedCluster) string { return strconv.Itoa(c.ID) })
	out.sources = []source.Source{from}
	return out, err
}

func clustersOut(in *ClustersIn, page Page[RankedCluster]) ClustersOut {
	t := &in.table
	out := ClustersOut{Page: page, Query: t.Query, Corpus: corpusOf(&t.Corpus), Listings: t.Listings, Places: t.Places, Core: t.Core, Border: t.Border,
		Ambiguous: t.Ambiguous, Noise: t.Noise, Patents: t.Patents, Papers: t.Papers, Method: t.Method}
	if in.Faint {
		out.Faint = slices.Clone(t.Faint)
	}
	return out
}

func (s *server) clusterPlaces(ctx context.Context, in *PlacesIn) (part[ClusterPlace], error) {
	m, err := s.corpus(ctx, in.Corpus)
	if err != nil {
		return part[ClusterPlace]{}, err
	}
	_, places, err := s.Rankings.ClusterPoints(ctx, in.query(), in.ID)
	if err != nil {
		return part[ClusterPlace]{}, err
	}
	from := sourceOfCorpus(&m)
	all := make([]ClusterPlace, len(places))
	for i, p := range places {
		all[i] = ClusterPlace{p, from.ID}
	}
	out, err := cutPage(all, &in.Paging, func(p *ClusterPlace) string { return plain(p.Lon) + " " + plain(p.Lat) })
	out.sources = []source.Source{from}
	return out, err
}

// plain writes a number in full, without an exponent.
func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func clusterTable() table[RankedCluster] {
	type v = RankedCluster
	return table[v]{name: "clusters", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"rank", func(x *v) any { return x.Rank }}, {"id", func(x *v) any { return x.ID }}, {"name_zh", func(x *v) any { return x.Name.ZH }}, {"name_en", func(x *v) any { return x.Name.EN }},
		{"lon", func(x *v) any { return x.Lon }}, {"lat", func(x *v) any { return x.Lat }}, {"reach_km", func(x *v) any { return x.RadiusKM }},
		{"places", func(x *v) any { return x.Places }}, {"core_places", func(x *v) any { return x.CorePlaces }}, {"border_places", func(x *v) any { return x.BorderPlaces }},
		{"patents", func(x *v) any { return x.Patents }}, {"papers", func(x *v) any { return x.Papers }},
		{"patent_share", func(x *v) any { return x.PatentShare }}, {"paper_share", func(x *v) any { return x.PaperShare }}, {"score", func(x *v) any { return x.Score }},
	}}
}

func placeTable() table[ClusterPlace] {
	type v = ClusterPlace
	return table[v]{name: "places", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"lon", func(x *v) any { return x.Lon }}, {"lat", func(x *v) any { return x.Lat }}, {"name_zh", func(x *v) any { return x.Name.ZH }}, {"name_en", func(x *v) any { return x.Name.EN }},
		{"patents", func(x *v) any { return x.Patents }}, {"papers", func(x *v) any { return x.Papers }}, {"core", func(x *v) any { return x.Core }},
	}}
}
