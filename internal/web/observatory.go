package web

import "github.com/kapok-city/kapok/internal/account"

// AddObservatory adds the pages of what is computed from corpora and of what is
// published: the query of an analyst.
func (s *Site) AddObservatory(v Services) {
	s.svc = v
	s.guarded("GET /query", account.Query, s.queryForm)
	s.guarded("POST /query", account.Query, s.queried)
}
