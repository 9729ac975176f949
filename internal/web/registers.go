package web

import (
	"github.com/kapok-city/kapok/internal/account"
)

// AddRegisters adds the pages of the registers, of sources, batches and
// changes, of search, and of users and sessions.
func (s *Site) AddRegisters(v Services) {
	s.svc = v
	if s.opts.User == nil {
		s.opts.User = shownUser
	}
	s.addLists()
	s.Route("GET /search", s.search)
	s.addAccounts()
	s.addWriting()
	if v.Import != nil {
		s.addImports()
	}
}

func (s *Site) addLists() {
	for _, l := range []struct {
		path       string
		list, page Handler
		file       exporter
	}{
		{"/organisations", s.organisations, s.organisation, s.orgExport},
		{"/platforms", s.platforms, s.platform, s.platformExport},
		{"/parks", s.parks, s.park, s.parkExport},
		{"/people", s.people, s.person, s.personExport},
		{"/papers", s.papers, s.paper, s.paperExport},
		{"/sources", s.sourceList, s.sourcePage, s.sourceExport},
		{"/batches", s.batchList, s.batch, nil},
	} {
		s.Route("GET "+l.path, l.list)
		s.Route("GET "+l.path+"/{id}", l.page)
		if l.file != nil {
			s.exports(l.path, l.file)
		}
	}
	s.Route("GET /divisions/{code}", s.division)
	s.Route("GET /divisions", s.divisions)
	s.guarded("GET /changes", account.ReadPrivate, s.changes)
}
