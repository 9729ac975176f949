package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

type fundFlags struct{ on, from, to, kind, out string }

func fundCommand() command {
	return command{
		name: "fund",
		args: "list | show ID | tree ID | leverage ID… | report ID | notice EVENT | reconcile ID | record FILE.json",
		summary: i18n.Text{ZH: "基金：名录、到某日的倍数与收益率、穿透、撬动、报告、通知书、登记一笔",
			EN: "funds: list them, multiples and rate on a day, look through, leverage, reports, notices, record what happened"},
		example: "kapok fund list --kind sub_fund\nkapok fund show fund-3kq9 --on 2025-12-31\nkapok fund report fund-3kq9 --from 2025-01-01 --to 2025-12-31 --out report.csv\nkapok fund record payment.json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f fundFlags
			fs.StringVar(&f.on, "on", "", "")
			fs.StringVar(&f.from, "from", "", "")
			fs.StringVar(&f.to, "to", "", "")
			fs.StringVar(&f.kind, "kind", "", "")
			fs.StringVar(&f.out, "out", "", "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.act(ctx, cfg(s), args,
					deed{word: "list", run: func(ctx context.Context, a *app.App, _ []string) error { return s.fundList(ctx, a, &f) }},
					deed{word: "show", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundShow(ctx, a, &f, args[0]) }},
					deed{word: "tree", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundTree(ctx, a, &f, args[0]) }},
					deed{word: "leverage", args: []string{"ID"}, more: true, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundLeverage(ctx, a, &f, args) }},
					deed{word: "report", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundReport(ctx, a, &f, args[0]) }},
					deed{word: "notice", args: []string{"EVENT"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundNotice(ctx, a, &f, args[0]) }},
					deed{word: "reconcile", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error {
						return s.fundReconcile(ctx, a, &f, args[0])
					}},
					deed{word: "record", args: []string{"FILE"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.fundRecord(ctx, a, args[0]) }},
				)
			}
		},
	}
}

// fundPage is how many funds are read at a time.
const fundPage = 500

func (s *session) fundList(ctx context.Context, a *app.App, f *fundFlags) error {
	all := []fund.Standing{}
	for after := ""; ; after = all[len(all)-1].ID {
		part, err := a.Funds.Standings(ctx, level.Staff, fund.Filter{Kind: fund.Kind(f.kind), After: after, AtMost: fundPage}, f.on)
		if err != nil {
			return err
		}
		all = append(all, part...)
		if len(part) < fundPage {
			break
		}
	}
	return s.asDone(all, func() {
		s.empty(len(all))
		for i := range all {
			x := &all[i]
			s.cells(fmt.Sprintf("%-24s %-14s %-10s %20s %20s", x.ID, x.Kind, x.Status, x.Committed, x.Paid), s.text(x.Name))
		}
	})
}

func (s *session) fundShow(ctx context.Context, a *app.App, f *fundFlags, id string) error {
	x, err := a.Funds.Sheet(ctx, level.Staff, id, f.on)
	if err != nil {
		return err
	}
	return s.asDone(x, func() {
		m := &x.Multiples
		s.say("cli.fund_sheet", errs.A{"name": s.text(x.Fund.Name), "on": x.On, "committed": x.Committed.String(), "unstated": x.Unstated, "called": m.Called.String(),
			"paid": m.Paid.String(), "distributed": m.Distributed.String(), "unfunded": yuan(m.Unfunded), "invested": x.Invested.String(), "fees": x.Fees.String()})
		for _, r := range []struct {
			name  string
			ratio *returns.Ratio
		}{{"PIC", m.PIC}, {"DPI", m.DPI}, {"RVPI", m.RVPI}, {"TVPI", m.TVPI}} {
			value := unknownText
			if r.ratio != nil {
				value = fmt.Sprintf("%.4f", r.ratio.Float())
			}
			s.cells(fmt.Sprintf("%-5s", r.name), value)
		}
		s.cells(fmt.Sprintf("%-5s", "IRR"), s.rate(m.IRR))
		if x.Simulated {
			s.say("cli.finance_simulated")
		}
	})
}

// rate is a rate with what its status means, and no number where none is the
// rate.
func (s *session) rate(r *returns.Rates) string {
	if r == nil {
		return unknownText + "  " + i18n.T(s.lang, "cli.fund_no_nav")
	}
	key := "finance.irr." + string(r.Status)
	if r.Status == returns.NoSolution && i18n.Has("finance.irr."+r.Reason) {
		key = "finance.irr." + r.Reason
	}
	value := unknownText
	if r.Rate != nil {
		value = fmt.Sprintf("%.2f%%", *r.Rate*100)
	}
	return value + "  " + i18n.T(s.lang, key, errs.A{"roots": len(r.Roots), "days": r.Days})
}

func (s *session) fundTree(ctx context.Context, a *app.App, f *fundFlags, id string) error {
	t, err := a.Funds.Tree(ctx, level.Staff, id, f.on)
	if err != nil {
		return err
	}
	return s.asDone(t, func() {
		s.branch(&t.Root, 0)
		for _, e := range t.Excesses {
			s.say("cli.fund_excess", errs.A{"id": e.ID, "share": fmt.Sprintf("%.2f%%", e.Share*100)})
		}
	})
}

func (s *session) branch(b *fund.Branch, depth int) {
	name := b.ID
	if b.Fund != nil {
		name = b.ID + "  " + s.text(b.Fund.Name)
	}
	share := unknownText
	switch {
	case depth == 0:
		share = ""
	case b.SharePPM != nil:
		share = fmt.Sprintf("%.4f%%", float64(*b.SharePPM)/1e4)
	}
	stake := ""
	if b.Effective != nil && depth > 0 {
		stake = fmt.Sprintf("= %.4f%%", b.Effective.Effective()*100)
		if b.Effective.AtLeast {
			stake = fmt.Sprintf("≥ %.4f%%", b.Effective.Effective()*100)
		}
	}
	s.cells(strings.Repeat("  ", depth)+name, share, stake)
	for i := range b.Branches {
		s.branch(&b.Branches[i], depth+1)
	}
}

func (s *session) fundLeverage(ctx context.Context, a *app.App, f *fundFlags, ids []string) error {
	l, err := a.Funds.Leverage(ctx, level.Staff, ids, f.on)
	if err != nil {
		return err
	}
	return s.asDone(l, func() {
		number := func(v *float64) string {
			if v == nil {
				return unknownText
			}
			return fmt.Sprintf("%.4f", *v)
		}
		s.say("cli.fund_leverage", errs.A{"total": l.Total.String(), "public": l.Public.String(), "social": l.Social.String(), "unknown": l.Unknown.String(),
			"ratio": number(l.Ratio), "low": number(l.Low), "high": number(l.High)})
	})
}

// fundTable writes a paper as CSV, or v as JSON.
func (s *session) fundTable(f *fundFlags, v any, t fund.Table) error {
	if s.json {
		return s.printJSON(v)
	}
	return s.result(f.out, func(w io.Writer) error { return t.CSV(w) })
}

func (s *session) fundReport(ctx context.Context, a *app.App, f *fundFlags, id string) error {
	if f.from == "" || f.to == "" {
		return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--from DAY --to DAY"})
	}
	r, err := a.Funds.Report(ctx, level.Staff, id, f.from, f.to)
	if err != nil {
		return err
	}
	return s.fundTable(f, r, r.Table(s.lang))
}

func (s *session) fundNotice(ctx context.Context, a *app.App, f *fundFlags, id string) error {
	e, _, err := a.Funds.Event(ctx, level.Staff, id)
	if err != nil {
		return err
	}
	read := a.Funds.CallNotice
	if e.Kind == "distribution" {
		read = a.Funds.DistributionNotice
	}
	n, err := read(ctx, level.Staff, id)
	if err != nil {
		return err
	}
	return s.fundTable(f, n, n.Table(s.lang))
}

// fundReconcile is an error where a line does not agree, so that the exit code
// tells.
func (s *session) fundReconcile(ctx context.Context, a *app.App, f *fundFlags, id string) error {
	lines, err := a.Funds.Reconcile(ctx, level.Staff, id, f.on)
	if err != nil {
		return err
	}
	differ := 0
	err = s.asDone(lines, func() {})
	for _, l := range lines {
		mark := "✓"
		if !l.Agrees() {
			mark, differ = "✗", differ+1
		}
		if !s.json {
			s.cells(mark, fmt.Sprintf("%-48s %22s %22s", l.Account, l.Book, l.Rows))
		}
	}
	if err == nil && differ > 0 {
		err = errs.New(errs.Conflict, "cli.fund_differs", errs.A{"fund": id, "n": differ})
	}
	return err
}

// fundEvents are the kinds of event that a file may hold.
var fundEvents = map[string]func() fund.Event{
	"commitment": func() fund.Event { return &fund.Commitment{} }, "call": func() fund.Event { return &fund.Call{} }, "payment": func() fund.Event { return &fund.Payment{} },
	"distribution": func() fund.Event { return &fund.Distribution{} }, "valuation": func() fund.Event { return &fund.Valuation{} }, "fee": func() fund.Event { return &fund.Fee{} },
	"holding": func() fund.Event { return &fund.Holding{} }, "exit": func() fund.Event { return &fund.Exit{} }, "claim": func() fund.Event { return &fund.Claim{} },
}

// fundRecord records the event of a file, or a list of them: all or none.
func (s *session) fundRecord(ctx context.Context, a *app.App, name string) error {
	raw, err := s.input(name)
	if err != nil {
		return err
	}
	list := []map[string]json.RawMessage{}
	if raw = bytes.TrimSpace(raw); bytes.HasPrefix(raw, []byte("{")) {
		raw = append(append([]byte("["), raw...), ']')
	}
	if err := strictly(raw, &list); err != nil {
		return err
	}
	var receipts []fund.Receipt
	err = a.DB.InTx(ctx, func(tx *db.Tx) error {
		receipts = nil
		for i, row := range list {
			e, err := fundEventOf(row)
			if err == nil {
				var r fund.Receipt
				r, err = a.Funds.RecordIn(ctx, tx, level.Staff, change.Author{Actor: "cli"}, e)
				receipts = append(receipts, r)
			}
			if err != nil {
				return errs.Wrap(err, errs.KindOf(err), "cli.fund_row", errs.A{"n": i + 1, "why": i18n.Error(s.lang, err)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.asDone(receipts, func() {
		for _, r := range receipts {
			key := "cli.fund_recorded"
			if r.Repeated {
				key = "cli.fund_repeated"
			}
			s.say(key, errs.A{"id": r.ID})
		}
	})
}

func fundEventOf(row map[string]json.RawMessage) (fund.Event, error) {
	var kind string
	_ = json.Unmarshal(row["kind"], &kind) // what is no text is no kind
	blank, known := fundEvents[kind]
	if !known {
		return nil, errs.New(errs.Invalid, "cli.fund_kind", errs.A{"kind": kind})
	}
	delete(row, "kind")
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, err
	}
	e := blank()
	return e, strictly(raw, e)
}
