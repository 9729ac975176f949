package cli

import (
	"context"
	"flag"
	"fmt"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

func figureCommand() command {
	return command{
		name:    "figure",
		args:    "ID",
		summary: i18n.Text{ZH: "打开一个指标：口径、报告值、计算值、差异，以及背后的记录", EN: "open one figure: definition, reported and computed values, difference, and the records behind it"},
		example: "kapok figure awards.share.all\nkapok figure papers.all --records --json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var q observatory.RecordsQuery
			records := fs.Bool("records", false, "")
			fs.StringVar(&q.Item, "item", "", "")
			fs.StringVar(&q.Slot, "slot", "", "")
			fs.StringVar(&q.After, "after", "", "")
			fs.IntVar(&q.Limit, "limit", 50, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "ID"); err != nil {
					return err
				}
				if q.Limit < 1 {
					return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "figure", "flag": "limit", "value": q.Limit})
				}
				if pick := first(q.Item, q.Slot, q.After); pick != "" && !*records {
					return errs.New(errs.Invalid, "cli.needs_records")
				}
				q.FigureID = args[0]
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.figure(ctx, a, q, *records) })
			}
		},
	}
}

func (s *session) figure(ctx context.Context, a *app.App, q observatory.RecordsQuery, records bool) error {
	sheet, err := a.Observatory.Figure(ctx, q.FigureID)
	if err != nil {
		return err
	}
	if records {
		page, err := a.Observatory.Records(ctx, q)
		if err != nil {
			return err
		}
		return s.printRecords(page)
	}
	if s.json {
		return s.printJSON(sheet)
	}
	s.printSheet(sheet)
	return nil
}

func (s *session) printSheet(sheet observatory.Sheet) {
	f := sheet.Figure
	fmt.Fprintf(s.Stdout, "%s  (%s)\n%s\n", f.Title.In(s.lang), f.ID, f.Definition.In(s.lang))
	if f.Numerator != "" {
		fmt.Fprintf(s.Stdout, "%s ÷ %s\n", f.Numerator, f.Denominator)
	}
	for _, r := range sheet.Reported {
		s.line("cli.reported", s.counted(r.Quantity, f.Counter), r.Period.String(s.lang), edition(s.lang, r), sheet.Sources[r.SourceID].Title.In(s.lang), r.Locator, r.Note.In(s.lang))
	}
	for _, v := range sheet.Computed {
		value := i18n.T(s.lang, "cli.unknown")
		if v.Known {
			value = s.counted(v.Quantity, f.Counter)
		}
		s.line("cli.computed", v.ItemTitle.In(s.lang), value, v.Period.String(s.lang), s.computedFrom(v.Records, v.Simulated))
	}
	for _, d := range sheet.Differences {
		s.line("cli.difference", d.Text(s.lang))
	}
	if len(sheet.Earlier) > 0 {
		s.say("cli.earlier", errs.A{"count": len(sheet.Earlier)})
	}
}

func edition(l i18n.Lang, r observatory.Reported) string {
	switch {
	case r.Edition == "":
		return ""
	case r.DataYear == 0:
		return i18n.T(l, "cli.edition", errs.A{"edition": r.Edition})
	}
	return i18n.T(l, "cli.edition_data", errs.A{"edition": r.Edition, "year": fmt.Sprint(r.DataYear)})
}

func (s *session) line(key string, parts ...string) {
	fmt.Fprintf(s.Stdout, "  %s", i18n.T(s.lang, key))
	for _, p := range notEmpty(parts...) {
		fmt.Fprintf(s.Stdout, " · %s", p)
	}
	fmt.Fprintln(s.Stdout)
}

func (s *session) printRecords(page observatory.RecordPage) error {
	if s.json {
		return s.printJSON(page)
	}
	for _, r := range page.Items {
		weight := ""
		if r.Weight != nil {
			weight = i18n.Decimal(*r.Weight, 4)
		}
		fmt.Fprintf(s.Stdout, "%-9s %-24s %8s  %s\n", r.Kind, r.ID, weight, r.Title.In(s.lang))
	}
	s.say("cli.records", errs.A{"shown": len(page.Items), "total": page.Total, "weight": i18n.Decimal(page.Weight, 4)})
	if page.Next != "" {
		s.say("cli.records_next", errs.A{"next": page.Next})
	}
	return nil
}
