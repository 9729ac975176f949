package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

func figuresCommand() command {
	return command{
		name:    "figures",
		summary: i18n.Text{ZH: "列出指标的最新值，报告与计算并列", EN: "list the newest value of each figure, reported beside computed"},
		example: "kapok figures\nkapok figures --group awards --json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			group := fs.String("group", "", "")
			compute := fs.Bool("compute", true, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(0, args); err != nil {
					return err
				}
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.figures(ctx, a, *group, *compute) })
			}
		},
	}
}

func (s *session) figures(ctx context.Context, a *app.App, group string, compute bool) error {
	if compute {
		if _, err := a.Observatory.Compute(ctx); err != nil {
			return err
		}
	}
	book, err := a.Observatory.Book(ctx)
	if err != nil {
		return err
	}
	cards := []observatory.Card{}
	for i := range book.Figures {
		if f := &book.Figures[i]; group == "" || f.Group == group {
			cards = append(cards, book.Card(f))
		}
	}
	if len(cards) == 0 && group != "" {
		return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": group})
	}
	if s.json {
		return s.printJSON(cards)
	}
	if len(cards) == 0 {
		s.say("cli.no_figures")
	}
	last := ""
	for _, c := range cards {
		if c.Figure.Group != last {
			last = c.Figure.Group
			fmt.Fprintf(s.Stdout, "\n%s  (%s)\n", c.Figure.GroupTitle.In(s.lang), last)
		}
		s.printCard(c)
	}
	return nil
}

// printCard is one figure on one or two lines: what it is, its value and
// period, where from; then the computed value where both stand.
func (s *session) printCard(c observatory.Card) {
	fmt.Fprintf(s.Stdout, "  %s\n", strings.Join(notEmpty(c.Figure.Title.In(s.lang), s.value(c), s.periodOf(c), s.origin(c), c.Figure.ID), " · "))
	if c.Beside != nil && c.Beside.Computed.Known {
		key := "cli.figure_beside"
		if c.Beside.Computed.Simulated > 0 {
			key = "cli.figure_beside_simulated"
		}
		s.say(key, errs.A{"value": c.Beside.Computed.Quantity.Format(s.lang), "why": c.Beside.Text(s.lang)})
	}
}

func (s *session) value(c observatory.Card) string {
	if c.Parts > 0 {
		return i18n.T(s.lang, "cli.in_parts", errs.A{"n": c.Parts})
	}
	if !c.Known {
		return i18n.T(s.lang, "cli.unknown")
	}
	return s.counted(c.Quantity, c.Figure.Counter)
}

func (s *session) counted(q quantity.Quantity, counter i18n.Text) string {
	text := q.Format(s.lang)
	if q.Unit == quantity.Count && counter.In(s.lang) != "" {
		text += " " + counter.In(s.lang)
	}
	return text
}

func (s *session) periodOf(c observatory.Card) string {
	if c.Parts > 0 {
		return ""
	}
	if c.Edition != "" && c.Period.Year() == 0 {
		return i18n.T(s.lang, "cli.edition", errs.A{"edition": c.Edition})
	}
	return c.Period.String(s.lang)
}

func (s *session) origin(c observatory.Card) string {
	if c.Basis == observatory.BasisComputed && c.Known {
		return s.computedFrom(c.Records, c.Simulated)
	}
	return c.Source.In(s.lang)
}

// computedFrom says how many records are behind a value, and how many of them
// are made up.
func (s *session) computedFrom(records, simulated int64) string {
	if simulated > 0 {
		return i18n.T(s.lang, "cli.computed_simulated", errs.A{"records": records, "n": simulated})
	}
	return i18n.T(s.lang, "cli.computed_from", errs.A{"records": records})
}

func notEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// printCity tells what the demo city holds.
func (s *session) printCity(out demoResult) {
	fmt.Fprintln(s.Stdout)
	for _, c := range out.Cards {
		s.printCard(c)
	}
	s.say("cli.demo_built", errs.A{"seconds": fmt.Sprintf("%.1f", out.Seconds), "folder": out.Folder})
}
