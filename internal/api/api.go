package api

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Services are the rooms that the API speaks for, and what the program decides
// for it. DB, Registry, Observatory and Accounts are needed.
type Services struct {
	DB          *db.DB
	Registry    *registry.Service
	Observatory *observatory.Service
	Accounts    *account.Service

	// Rankings computes over the corpora in the folder Corpora, which a query may
	// be about too; Editions is the ledger of published rankings, Releases what
	// was frozen. Where one is nil, or "", its operations answer that they are not
	// available.
	Rankings *ranking.Service
	Corpora  string
	Editions *edition.Service
	Releases *release.Service
	// Transfer keeps results, needs and services, Match brings them together,
	// Terms is the termbase; nil as for Rankings.
	Transfer *transfer.Service
	Match    *match.Service
	Terms    *termbase.Service
	// Ledger keeps the books, Cases decides, Funds, Pools and Capital are the
	// rooms of finance; nil as for Rankings.
	Ledger  *ledger.Ledger
	Cases   *casework.Service
	Funds   *fund.Service
	Pools   *pool.Service
	Capital *capital.Service
	// CaseRoles are the roles that a user holds in cases; nil gives an editor all
	// but those that are kept for administrators.
	CaseRoles func(ctx context.Context, u account.User) ([]string, error)

	// Search finds records by text; nil answers that search is not available.
	// Explain says which terms found them; nil refuses to.
	Search  func(ctx context.Context, q search.Query) (search.Result, error)
	Explain func(ctx context.Context, q search.Query, keys []search.Key) ([]search.Account, error)
	// Audit checks a text against figures and records; nil as for Search.
	Audit func(ctx context.Context, text string, l i18n.Lang) (claims.Report, error)
	// UndoBatch takes back an import batch; nil as for Search.
	UndoBatch func(ctx context.Context, by change.Author, batchID string) error
	// Wait limits the rate of requests: how long the sender of r must wait, 0
	// when it may go on. operation is the id in the OpenAPI document. nil sets
	// no limit.
	Wait func(r *http.Request, operation string) time.Duration
	// ClientIP tells the address of the client, behind whatever proxies the
	// operator trusts; nil takes the address of the connection.
	ClientIP func(r *http.Request) string

	PublicRead bool   // reading needs no sign-in
	Cookie     string // name of the session cookie, "" is DefaultCookie; over TLS after "__Host-"
	Log        *slog.Logger
}

// DefaultCookie is the name of the session cookie, which the pages share.
const DefaultCookie = "kapok_session"

// server is a running API.
type server struct {
	Services
	mux       *http.ServeMux
	huma      huma.API
	routes    []*route
	books     sourceBook
	verifying sync.Mutex    // one recomputation of the books at a time
	audits    chan struct{} // a seat for each text that is audited at the same time
	asks      chan struct{} // a seat for each match that is computed at the same time
}

// auditsAtOnce bounds the texts that are audited at the same time: each keeps a
// core busy.
const auditsAtOnce = 2

// asksAtOnce bounds the matches that are computed at the same time, for the
// same reason; one takes some milliseconds.
const asksAtOnce = 4

// New returns the API as a handler of every path that begins with /api/.
func New(sv Services) (http.Handler, error) {
	s, err := build(sv)
	if err != nil {
		return nil, err
	}
	return s.framed(), nil
}

func build(sv Services) (*server, error) {
	if sv.Log == nil {
		sv.Log = slog.New(slog.DiscardHandler)
	}
	if sv.Cookie == "" {
		sv.Cookie = DefaultCookie
	}
	s := &server{Services: sv, mux: http.NewServeMux(), audits: make(chan struct{}, auditsAtOnce), asks: make(chan struct{}, asksAtOnce)}
	s.huma = s.newHuma()
	s.organisations()
	s.organisationWrites()
	s.relations()
	s.platforms()
	s.parks()
	s.people()
	s.recordWrites()
	s.papers()
	s.results()
	s.needs()
	s.offerings()
	s.matches()
	s.introductions()
	s.notices()
	s.disclosures()
	s.terms()
	s.savedSearches()
	s.funds()
	s.pools()
	s.capital()
	s.ledger()
	s.cases()
	s.divisions()
	s.sources()
	s.batches()
	s.figures()
	s.superlatives()
	s.corpora()
	s.rankings()
	s.editions()
	s.releases()
	s.queries()
	s.searches()
	s.auditing()
	s.changes()
	s.sessions()
	s.health()
	return s, s.describe()
}
