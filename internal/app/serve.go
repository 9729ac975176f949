package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/api"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/web"
)

// rooms is the navigation: a short bar for readers, the whole rail for staff.
var rooms = []web.Room{
	{Key: "overview", Path: "/"},
	{Key: "figures", Path: "/figures"},
	{Key: "system", Path: "/platforms/system"},
	{Key: "market", Path: "/market"},
	{Key: "finance", Path: "/finance"},
	{Key: "organisations", Path: "/organisations"},
	{Key: "papers", Path: "/papers"},
	{Key: "rankings", Path: "/rankings"},
	{Key: "clusters", Path: "/clusters"},
	{Key: "releases", Path: "/releases"},
	{Key: "audit", Path: "/audit"},
	{Key: "sources", Path: "/sources"},
	{Key: "results", Path: "/results", Staff: true},
	{Key: "needs", Path: "/needs", Staff: true},
	{Key: "services", Path: "/services", Staff: true},
	{Key: "experts", Path: "/experts", Staff: true},
	{Key: "match", Path: "/match", Staff: true},
	{Key: "introductions", Path: "/introductions", Staff: true},
	{Key: "notices", Path: "/notices", Staff: true},
	{Key: "triage", Path: "/triage", Staff: true},
	{Key: "terms", Path: "/terms", Staff: true},
	{Key: "funds", Path: "/funds", Staff: true},
	{Key: "pools", Path: "/pools", Staff: true, Private: true},
	{Key: "cases", Path: "/cases", Staff: true, Private: true},
	{Key: "capital", Path: "/capital", Staff: true},
	{Key: "ledger", Path: "/ledger", Staff: true, Private: true},
	{Key: "platforms", Path: "/platforms", Staff: true},
	{Key: "parks", Path: "/parks", Staff: true},
	{Key: "people", Path: "/people", Staff: true},
	{Key: "superlatives", Path: "/superlatives", Staff: true},
	{Key: "batches", Path: "/batches", Staff: true},
	{Key: "import", Path: "/import", Staff: true},
	{Key: "changes", Path: "/changes", Staff: true},
	{Key: "query", Path: "/query", Staff: true},
	{Key: "users", Path: "/users", Staff: true},
}

// Handler returns pages and API as one handler.
func (a *App) Handler() (http.Handler, error) {
	site, err := web.New(web.Options{Rooms: rooms, Log: a.Log})
	if err != nil {
		return nil, err
	}
	services, err := a.services()
	if err != nil {
		return nil, err
	}
	site.AddRegisters(services)
	site.AddFigures(services)
	site.AddObservatory(services)
	site.AddTransfer(services)
	site.AddMatch(services)
	site.AddTerms(services)
	site.AddExperts(services)
	site.AddLedger(services)
	site.AddFunds(services)
	site.AddCases(services)
	site.AddPools(services)
	site.AddCapital(services)
	jsonAPI, err := api.New(api.Services{
		DB: a.DB, Registry: a.Registry, Observatory: a.Observatory, Accounts: a.Accounts, PublicRead: !a.Config.Private, Log: a.Log,
		Rankings: a.Rankings, Corpora: a.Config.CorporaDir(), Editions: a.Editions, Releases: a.Releases,
		Transfer: a.Transfer,
		Match:    a.Match,
		Terms:    a.Terms,
		Ledger:   a.Ledger, Cases: a.Cases, Funds: a.Funds, Pools: a.Pools, Capital: a.Capital, CaseRoles: a.CaseRoles,
		Search:    a.Search,
		Explain:   a.Explain,
		Audit:     func(ctx context.Context, text string, _ i18n.Lang) (claims.Report, error) { return a.Audit(ctx, text) },
		UndoBatch: func(ctx context.Context, by change.Author, id string) error { return a.Ingest.Undo(ctx, id, by) },
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", jsonAPI)
	mux.Handle("/", site.Handler())
	return mux, nil
}

// services is what the pages ask.
func (a *App) services() (web.Services, error) {
	tiles, err := a.tileMap()
	return web.Services{
		DB: a.DB, Registry: a.Registry, Accounts: a.Accounts, Observatory: a.Observatory, Import: a.Ingest, Search: a.Index,
		TileMap: tiles, Transfer: a.Transfer, Match: a.Match, Terms: a.Terms, Cover: a.Cover, Ledger: a.Ledger, Cases: a.Cases, Funds: a.Funds, Pools: a.Pools, Capital: a.Capital, CaseRoles: a.CaseRoles,
		Audit: a.Check, Ranking: a.Rankings, Editions: a.Editions, Releases: a.Releases, Corpora: a.Config.CorporaDir(),
	}, err
}

// tileMap is the schematic map of the measured city when one comes with the
// program, nil otherwise.
func (a *App) tileMap() (*web.TileMap, error) {
	f, err := data.FS.Open(data.Guangzhou.Path(data.TileMap))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	tiles, err := web.ReadTileMap(f)
	if err != nil || tiles.Division != a.Config.City {
		return nil, err
	}
	return tiles, nil
}

// followEvery is how often derived state looks for changes; a search catches
// up by itself.
const followEvery = 2 * time.Second

// Limits of a connection, so that a slow client cannot hold one for ever. An
// import or export of a large register takes its time, hence the long write.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 2 * time.Minute
	writeTimeout  = 10 * time.Minute
	idleTimeout   = 2 * time.Minute
	closeTimeout  = 10 * time.Second
)

// Serve answers requests on the configured address until ctx ends; ready is
// called with the address once it listens. Requests under way are finished.
func (a *App) Serve(ctx context.Context, ready func(addr string)) error {
	handler, err := a.Handler()
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.Config.Addr)
	if err != nil {
		return addressError(err, a.Config.Addr)
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10,
	}
	go a.follow(ctx)
	go a.encode(ctx)
	go a.keepHouse(ctx)
	go a.meetDeadlines(ctx)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ready(listener.Addr().String())
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// submittersKept is how many days the name and address of a submitter are kept
// once the disclosure is decided.
const submittersKept = 180

// keepHouse does what is due each day: listings that are over expire, the
// personal data of decided disclosures are forgotten, and holds that have run
// out end. All of it can be done again.
func (a *App) keepHouse(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		by := change.Author{Actor: "clock", Reason: "daily"}
		_, err := a.Transfer.Expire(ctx, by)
		if err == nil {
			_, err = a.Transfer.Forget(ctx, by, submittersKept)
		}
		if err == nil {
			err = a.tidyBooks(ctx, by)
		}
		if err != nil && ctx.Err() == nil {
			a.Log.Error("the daily housekeeping failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// encode turns the texts of records that came into vectors, beside everything
// else: with a model a thousand take minutes, and match does without meanwhile.
func (a *App) encode(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		if _, err := a.Match.EncodePending(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("turning texts into vectors failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow keeps figures and search in step with the records until ctx ends. A
// failure is logged and tried again at the next change.
func (a *App) follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	seen := int64(-1)
	for {
		head, err := change.Head(ctx, a.DB)
		if err == nil && head != seen && !a.making.Load() {
			seen = head
			err = a.CatchUp(ctx)
		}
		if err != nil && ctx.Err() == nil {
			a.Log.Error("catching up with the records failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
