package cli

import (
	"context"
	"flag"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func serveCommand() command {
	return command{
		name:    "serve",
		summary: i18n.Text{ZH: "启动网页与接口服务", EN: "serve the pages and the API"},
		example: "kapok serve --addr 0.0.0.0:8080\nkapok serve --db postgres://kapok@db.example/kapok --private\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			addr := fs.String("addr", "", "")
			private := fs.Bool("private", false, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(0, args); err != nil {
					return err
				}
				c := cfg(s)
				c.Addr, c.Private = first(*addr, s.Getenv("KAPOK_ADDR")), *private
				return s.withApp(ctx, c, func(a *app.App) error {
					return a.Serve(ctx, func(addr string) { s.say("cli.serving", errs.A{"url": "http://" + addr + "/"}) })
				})
			}
		},
	}
}
