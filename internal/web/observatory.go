package web

import (
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/sheet"
)

// AddObservatory adds the pages of what is computed from corpora and of what is
// published: the query of an analyst, rankings of Kapok's own with the works
// behind them, clusters, the ledger of published rankings, and releases.
func (s *Site) AddObservatory(v Services) {
	s.svc = v
	s.guarded("GET /query", account.Query, s.queryForm)
	s.guarded("POST /query", account.Query, s.queried)
	if v.Editions != nil {
		s.Route("GET /rankings/published/{ranking}", s.published)
		s.Route("GET /rankings/published/{ranking}/compare", s.comparison)
	}
	if v.Releases != nil {
		s.addReleases()
	}
	if v.Ranking == nil {
		return
	}
	s.Route("GET /rankings/style", s.styleHome)
	s.Route("GET /rankings/style/{kind}", s.style)
	s.Route("GET /rankings/style/{kind}/records", s.styleRecords)
	s.Route("GET /clusters", s.clusters)
	s.Route("GET /clusters/{id}", s.cluster)
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.Route("GET /rankings/style/{kind}/records."+string(f), s.styleRecordsFile(f))
		s.Route("GET /clusters."+string(f), s.clustersFile(f))
	}
}
