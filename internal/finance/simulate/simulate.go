package simulate

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// SourceID is the source of everything that is made up here.
const SourceID = "kapok-simulated-finance"

// The first and the last day of the city that is replayed.
const (
	firstDay = "2015-01-01"
	lastDay  = "2024-12-31"
)

// Options say what to make.
type Options struct {
	Seed  uint64
	Scale float64 // 1 is the city; above 0, at most 1

	// FundOfFunds is the organisation that the fund of funds is, "" for none.
	FundOfFunds string
	// Firms puts every borrower into the registry, and not those alone that a
	// fund or a round touches.
	Firms bool
}

// Report says what was made. Days and instants are those of the replayed city.
type Report struct {
	Stands      bool      `json:"stands"` // it was there already: nothing was made, the rest is empty
	FundOfFunds string    `json:"fund_of_funds"`
	Conversion  string    `json:"conversion"` // fund for conversion
	Pool        string    `json:"pool"`
	Funds       int       `json:"funds"`
	SubFunds    int       `json:"sub_funds"`
	PaidIn      money.Fen `json:"paid_in"` // into the sub-funds
	FundEvents  int       `json:"fund_events"`
	Projects    int       `json:"projects"` // firms of the city that a sub-fund or the direct part put money into
	Elsewhere   int       `json:"elsewhere"`
	Orgs        int       `json:"organisations"`
	Firms       int       `json:"firms"` // that borrowed
	Banks       int       `json:"banks"`
	Loans       int       `json:"loans"`
	Lent        money.Fen `json:"lent"`
	Claims      Claims    `json:"claims"`
	Rounds      int       `json:"rounds"`
	Listed      int       `json:"listed"` // in 2024
	Pipeline    int       `json:"pipeline"`
	Records     int       `json:"records"` // contests, guarantees and premiums
}

// Claims counts what became of the claims of the year.
type Claims struct {
	Submitted int       `json:"submitted"`
	Paid      int       `json:"paid"`
	Amount    money.Fen `json:"amount"`
	Rejected  int       `json:"rejected"`
	Withdrawn int       `json:"withdrawn"`
	Suspended int       `json:"suspended"` // by a breaker, and still so at the end
	Recovered int       `json:"recovered"`
	Doubles   int       `json:"doubles"` // refused, since another scheme was asked for the same
}

// city is one run.
type city struct {
	opt Options
	by  change.Author
	d   *db.DB // under the clock of the city
	now time.Time
	rep Report

	registry *registry.Service
	funds    *fund.Service
	pools    *pool.Service
	cases    *casework.Service
	capital  *capital.Service

	invested []*firm // that funds hold: those of the city first
	borrower []*firm
	held     []*holding
	loans    []*loan
}

// Run makes up the finance of a city in d. It needs nothing in d but its schema,
// and runs in several transactions. A city that stands already is left as it is;
// one that was begun and not ended is errs.Conflict, because what is missing of
// it cannot be told.
func Run(ctx context.Context, d *db.DB, opt Options) (Report, error) {
	if !(opt.Scale > 0 && opt.Scale <= 1) {
		return Report{}, errs.New(errs.Invalid, "simulate.scale", errs.A{"value": opt.Scale})
	}
	c := &city{opt: opt, by: change.Author{Actor: "simulation", Reason: "simulated"}}
	c.d = d.WithClock(func() time.Time { return c.now })
	c.registry, c.funds, c.capital = registry.New(c.d), fund.New(c.d), capital.New(c.d)
	kinds := casework.NewRegistry()
	var err error
	if c.pools, err = pool.New(c.d, ledger.New(), kinds); err != nil {
		return Report{}, err
	}
	c.cases = casework.New(c.d, kinds)
	stands, err := c.begin(ctx)
	if err != nil || stands {
		return Report{Stands: stands}, err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"organisations", c.parties}, {"funds", c.raise}, {"conversion", c.convert}, {"rounds", c.market}, {"pool", c.lend}, {"cover", c.cover}, {"end", c.end},
	} {
		if err := step.do(ctx); err != nil {
			return c.rep, fmt.Errorf("simulated %s: %w", step.name, err)
		}
	}
	return c.rep, nil
}

// at moves the clock to the afternoon of a day, in the time of the city.
func (c *city) at(day string) { c.now = date(day).Add(8 * time.Hour) }

// in runs fn in a transaction on a day.
func (c *city) in(ctx context.Context, day string, fn func(tx *db.Tx) error) error {
	c.at(day)
	return c.d.InTx(ctx, fn)
}

// scaled is a number at the scale of the run, at least least.
func (c *city) scaled(n, least int) int {
	return max(int(math.Round(float64(n)*c.opt.Scale)), least)
}

// batchID marks a run that came to its end.
const batchID = "batch-simulated-finance"

// begin writes the source and reports whether the city stands.
func (c *city) begin(ctx context.Context) (bool, error) {
	_, found, err := source.Find(ctx, c.d, SourceID)
	if err != nil {
		return false, err
	}
	if found {
		_, err := source.GetBatch(ctx, c.d, batchID)
		if errs.KindOf(err) == errs.NotFound {
			err = errs.New(errs.Conflict, "simulate.unfinished")
		}
		return true, err
	}
	return false, c.in(ctx, firstDay, func(tx *db.Tx) error {
		_, err := source.Put(ctx, tx, c.by, source.Source{
			ID: SourceID, Kind: "simulation", LicenceTag: source.Own, Simulated: true, Publisher: "Kapok",
			Title: i18n.Text{ZH: "模拟的城市金融（基金、资金池、融资与上市）", EN: "Simulated city finance: funds, risk pool, rounds and listings"},
			Note:  "Made up by a seeded generator. No row says anything about a real firm, bank, fund or person.",
		})
		return err
	})
}

// end marks the run as whole.
func (c *city) end(ctx context.Context) error {
	return c.in(ctx, lastDay, func(tx *db.Tx) error {
		return source.PutBatch(ctx, tx, source.Batch{
			ID: batchID, SourceID: SourceID, Importer: "simulation", FileName: fmt.Sprintf("seed %d, scale %g", c.opt.Seed, c.opt.Scale), State: source.Done,
			Counts: source.Counts{Read: int64(c.rep.Loans + c.rep.FundEvents), Created: int64(c.rep.Loans + c.rep.FundEvents)}, Actor: c.by.Actor, StartedAt: db.At(tx.Now()), FinishedAt: db.At(tx.Now()),
		})
	})
}

// refusal is the first row of an import that was not taken: here it is a fault
// of this package.
func refusal(out []registry.Outcome) error {
	for i, o := range out {
		if o.Err != nil {
			return fmt.Errorf("row %d: %w", i, o.Err)
		}
	}
	return nil
}
