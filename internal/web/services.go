package web

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Services are the rooms that pages ask. DB is for the logs of package change
// and package source, which are functions over a Querier; pages open no
// transaction on it.
type Services struct {
	DB          *db.DB
	Registry    *registry.Service
	Accounts    *account.Service
	Import      *ingest.Service // nil: nobody can import or undo
	Observatory *observatory.Service
	Search      *search.Index
	TileMap     *TileMap          // nil: no map of the districts
	Ranking     *ranking.Service  // nil: no rankings of our own
	Editions    *edition.Service  // nil: no ledger of published rankings
	Releases    *release.Service  // nil: nothing is released
	Match       *match.Service    // nil: nothing is matched
	Transfer    *transfer.Service // nil: no market of results and needs
	Ledger      *ledger.Ledger    // nil: no books
	Cases       *casework.Service // nil: no cases
	Funds       *fund.Service     // nil: no funds
	Pools       *pool.Service     // nil: no risk pool
	Capital     *capital.Service  // nil: no rounds, listings and guarantees
	Corpora     string            // folder of the corpora that analysts may ask; "" for none
	// Audit checks a text against figures and records; nil: the page says so.
	Audit func(ctx context.Context, doc claims.Document) (claims.Report, error)

	// CaseRoles names the roles that a user holds in cases. nil: an editor holds
	// every role of every kind but those that may recuse others, an admin all of
	// them; four eyes still part the hands.
	CaseRoles func(ctx context.Context, u account.User) ([]string, error)

	Terms *termbase.Service // nil: no termbase
	// Cover says how much of a text terms and dictionary know; nil: the page does
	// not offer it.
	Cover func(ctx context.Context, text string) (gloss.Coverage, error)
}
