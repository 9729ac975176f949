package web

import (
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
)

// Services are the rooms that pages ask. DB is for the logs of package change
// and package source, which are functions over a Querier; pages open no
// transaction on it.
type Services struct {
	DB       *db.DB
	Registry *registry.Service
	Accounts *account.Service
	Search   *search.Index
}

// AddRegisters adds the pages of the registers, of sources, batches and
// changes, of search, and of users and sessions.
func (s *Site) AddRegisters(v Services) {
	s.svc = v
}
