package cli

import (
	"context"
	"flag"
	"strconv"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func calendarCommand() command {
	return command{
		name:    "calendar",
		args:    "list | put FILE.json",
		summary: i18n.Text{ZH: "节假日安排：已知的年份及其文件；新一年的通知发布后录入", EN: "working days: the years that are known with their notices; put in a new year when its notice is out"},
		example: "kapok calendar list\nkapok calendar put 2027.json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			return func(ctx context.Context, s *session, args []string) error {
				return s.act(ctx, cfg(s), args,
					deed{word: "list", run: func(ctx context.Context, a *app.App, _ []string) error { return s.calendarList(ctx, a) }},
					deed{word: "put", args: []string{"FILE"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.calendarPut(ctx, a, args[0]) }})
			}
		},
	}
}

func (s *session) calendarList(ctx context.Context, a *app.App) error {
	years, err := casework.Years(ctx, a.DB)
	if err != nil {
		return err
	}
	return s.asDone(years, func() {
		for _, y := range years {
			s.cells(y.Year, y.Issued, y.Document, s.text(y.Authority))
		}
	})
}

func (s *session) calendarPut(ctx context.Context, a *app.App, name string) error {
	raw, err := s.input(name)
	if err != nil {
		return err
	}
	y, err := casework.ParseYear(raw)
	if err != nil {
		return err
	}
	if err := a.Cases.PutYear(ctx, casework.Actor{User: "cli"}, y); err != nil {
		return err
	}
	return s.asDone(y, func() { s.say("cli.calendar_put", errs.A{"year": strconv.Itoa(y.Year), "document": y.Document}) })
}
