package cli

import (
	"context"
	"flag"
	"fmt"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

func capitalCommand() command {
	return command{
		name:    "capital",
		args:    "totals KIND | history ORG",
		summary: i18n.Text{ZH: "企业的钱：融资、并购、上市、大赛、担保、保费补贴的合计，和一家企业的资金历程", EN: "companies' money: sums of rounds, acquisitions, listings, contests, guarantees and premiums, and one company's history"},
		example: "kapok capital totals round --by year\nkapok capital history org-3kq9\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			by, from, to := fs.String("by", "", ""), fs.String("from", "", ""), fs.String("to", "", "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.act(ctx, cfg(s), args,
					deed{word: "totals", args: []string{"KIND"}, run: func(ctx context.Context, a *app.App, args []string) error {
						return s.capitalTotals(ctx, a, args[0], capital.Filter{From: *from, To: *to}, *by)
					}},
					deed{word: "history", args: []string{"ORG"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.capitalHistory(ctx, a, args[0]) }})
			}
		},
	}
}

func (s *session) capitalTotals(ctx context.Context, a *app.App, kind string, f capital.Filter, by string) error {
	c := a.Capital
	totals, known := map[string]func(context.Context, level.Viewer, capital.Filter, string) ([]capital.Total, error){
		capital.KindRound: c.Rounds.Totals, capital.KindAcquisition: c.Acquisitions.Totals, capital.KindListing: c.Listings.Totals,
		capital.KindContest: c.Contests.Totals, capital.KindGuarantee: c.Guarantees.Totals, capital.KindPremium: c.Premiums.Totals,
	}[kind]
	if !known {
		return errs.New(errs.Invalid, "cli.capital_kind", errs.A{"kind": kind})
	}
	list, err := totals(ctx, level.Staff, f, by)
	if err != nil {
		return err
	}
	return s.asDone(append([]capital.Total{}, list...), func() {
		s.empty(len(list))
		for _, t := range list {
			s.cells(fmt.Sprintf("%-24s %8d", first(t.Value, unknownText), t.Entries), s.sums(t.Sums))
		}
	})
}

// sums are sums of several currencies; none is not known.
func (s *session) sums(list []capital.Sum) string {
	out := ""
	for _, sum := range list {
		if out != "" {
			out += "; "
		}
		out += sum.Format(s.lang)
	}
	return first(out, unknownText)
}

func (s *session) capitalHistory(ctx context.Context, a *app.App, org string) error {
	h, err := a.Capital.History(ctx, level.Staff, org)
	if err != nil {
		return err
	}
	return s.asDone(h, func() {
		s.empty(len(h.Entries))
		for i := range h.Entries {
			e := &h.Entries[i]
			amount := ""
			if e.Money {
				amount = unknownText
			}
			if e.Amount != nil {
				amount = e.Amount.Format(s.lang)
			}
			s.cells(fmt.Sprintf("%-10s %-12s %-14s", first(e.Day, unknownText), e.Kind, e.Word), amount, e.Text)
		}
		for _, t := range h.Totals {
			s.say("cli.capital_total", errs.A{"kind": t.Kind, "entries": t.Entries, "unknown": t.Unknown, "sums": s.sums(t.Sums)})
		}
		if h.Simulated {
			s.say("cli.finance_simulated")
		}
	})
}
