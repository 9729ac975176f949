package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ranking"
)

func rankingCommand() command {
	return command{
		name:    "ranking",
		args:    "CORPUS",
		summary: i18n.Text{ZH: "由论文库计算机构、城市、领域或年份的排名，附区间，可打开到每篇论文", EN: "rank organisations, cities, fields or years from a corpus, with intervals, open down to each work"},
		example: "kapok ranking guangzhou\nkapok ranking world --unit city --by pp_top10 --minimum 100\nkapok ranking world --unit city --records 440100 --json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var q ranking.RecordsQuery
			fs.StringVar(&q.Unit, "unit", "", "")
			fs.StringVar(&q.Indicator, "by", "", "")
			fs.StringVar(&q.Counting, "counting", "", "")
			fs.Int64Var(&q.Field, "field", 0, "")
			fs.IntVar(&q.From, "from", 0, "")
			fs.IntVar(&q.To, "to", 0, "")
			fs.StringVar(&q.Country, "country", "", "")
			fs.StringVar(&q.City, "city", "", "")
			fs.IntVar(&q.Minimum, "minimum", 0, "")
			fs.IntVar(&q.Limit, "limit", 20, "")
			fs.IntVar(&q.Offset, "offset", 0, "")
			fs.StringVar(&q.Of, "records", "", "")
			fs.StringVar(&q.After, "after", "", "")
			sql := fs.Bool("sql", false, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "CORPUS"); err != nil {
					return err
				}
				if q.After != "" && q.Of == "" {
					return errs.New(errs.Invalid, "cli.needs_records")
				}
				q.Corpus = args[0]
				return s.withApp(ctx, cfg(s), func(a *app.App) error {
					if q.Of != "" {
						return s.rankingRecords(ctx, a, q)
					}
					return s.ranking(ctx, a, q.Query, *sql)
				})
			}
		},
	}
}

func (s *session) ranking(ctx context.Context, a *app.App, q ranking.Query, sql bool) error {
	t, err := a.Rankings.Table(ctx, q)
	if err != nil {
		return err
	}
	switch {
	case s.json:
		return s.printJSON(t)
	case sql:
		for _, step := range t.Method.Statements {
			fmt.Fprintf(s.Stdout, "-- %s\n%s;\n\n", step.Name, step.SQL)
		}
		return nil
	}
	s.printRanking(t)
	return nil
}

func (s *session) printRanking(t ranking.Table) {
	by, _ := ranking.IndicatorOf(t.Query.Indicator)
	fmt.Fprintf(s.Stdout, "%s · %s · %d–%d\n", t.Corpus.Title.In(s.lang), by.Title.In(s.lang), t.Query.From, t.Query.To)
	for _, c := range t.Caveats {
		fmt.Fprintln(s.Stdout, "  "+c.In(s.lang))
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	for _, row := range t.Rows {
		mark := ""
		if row.Home {
			mark = "●"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s %s\n", row.Rank, number(row, by), interval(row, by), row.Unit, row.Name.In(s.lang), mark)
	}
	_ = w.Flush() // standard output: who closed it does not read on
	s.say("cli.ranking_total", errs.A{"shown": len(t.Rows), "total": t.Total, "method": t.Method.ID})
}

// number writes an indicator of a row; what is not known is a dash.
func number(row ranking.Row, x ranking.Indicator) string {
	v, known := row.Values[x.ID]
	if !known {
		return "—"
	}
	return i18n.Decimal(v, digits(x))
}

func interval(row ranking.Row, x ranking.Indicator) string {
	in, known := row.Interval[x.ID]
	if !known {
		return ""
	}
	return "[" + i18n.Decimal(in[0], digits(x)) + ", " + i18n.Decimal(in[1], digits(x)) + "]"
}

func digits(x ranking.Indicator) int {
	if x.Unit == "count" && !strings.HasPrefix(x.ID, "p_top") {
		return 0
	}
	return 2
}

func (s *session) rankingRecords(ctx context.Context, a *app.App, q ranking.RecordsQuery) error {
	page, err := a.Rankings.Records(ctx, q)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(page)
	}
	for _, r := range page.Items {
		fmt.Fprintf(s.Stdout, "%-12d %d %8s  %s\n", r.Work, r.Year, i18n.Decimal(r.Weight, 4), r.Title)
	}
	s.say("cli.ranking_records", errs.A{"shown": len(page.Items), "total": page.Total, "value": i18n.Decimal(page.Value, 4)})
	if page.Next != "" {
		s.say("cli.records_next", errs.A{"next": page.Next})
	}
	return nil
}
