package web

import (
	"iter"
	"net/http"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
)

// clustersFile is the table of clusters, or the places of one, as a file.
func (s *Site) clustersFile(format sheet.Format) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := clusterQuery(r.URL.Query())
		if err != nil {
			return err
		}
		if q.Corpus == "" {
			all, err := s.pointCorpora(r)
			if err != nil || len(all) == 0 {
				return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
			}
			q.Corpus = all[0].Name
		}
		t, err := s.svc.Ranking.Clusters(r.Context(), q)
		if err != nil {
			return err
		}
		e := export{name: "clusters", head: []string{"corpus", "simulated", "radius_km", "density", "rank", "id", "name", "lon", "lat", "reach_km", "places", "core", "border", "patents", "papers", "patent_share", "paper_share", "score"}}
		e.rows = iter.Seq2[sheet.Row, error](func(yield func(sheet.Row, error) bool) {
			for i := range t.Clusters {
				k := &t.Clusters[i]
				if !yield(sheet.Row{t.Corpus.Name, t.Corpus.Simulated, t.Query.RadiusKM, t.Query.Density, k.Rank, k.ID, k.Name.In(i18n.EN), k.Lon, k.Lat, k.RadiusKM, k.Places, k.CorePlaces, k.BorderPlaces, k.Patents, k.Papers, k.PatentShare, k.PaperShare, k.Score}, nil) {
					return
				}
			}
		})
		return writeExport(w, format, e)
	}
}

func (s *Site) clusterFile(w http.ResponseWriter, r *http.Request, format sheet.Format) error {
	t, k, places, err := s.clusterOf(r)
	if err != nil {
		return err
	}
	e := export{name: "cluster-" + strconv.Itoa(k.ID), head: []string{"corpus", "simulated", "cluster", "name", "lon", "lat", "patents", "papers", "core"}}
	e.rows = iter.Seq2[sheet.Row, error](func(yield func(sheet.Row, error) bool) {
		for _, x := range places {
			if !yield(sheet.Row{t.Corpus.Name, t.Corpus.Simulated, k.ID, x.Name.In(i18n.EN), x.Lon, x.Lat, x.Patents, x.Papers, x.Core}, nil) {
				return
			}
		}
	})
	return writeExport(w, format, e)
}

// cluster answers with the page of one cluster or, by the end of the address,
// with its places as a file.
func (s *Site) cluster(w http.ResponseWriter, r *http.Request) error {
	if _, format, file := strings.Cut(r.PathValue("id"), "."); file {
		if f := sheet.Format(format); f == sheet.CSV || f == sheet.XLSX {
			return s.clusterFile(w, r, f)
		}
		return errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	return s.clusterPage(w, r)
}
