package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

func demoCommand() command {
	return command{
		name:    "demo",
		summary: i18n.Text{ZH: "用随程序附带的真实数据建起广州，报告所得，并提供网页", EN: "build Guangzhou from the bundled real data, tell what was found, and serve it"},
		example: "kapok demo\nkapok demo --addr 127.0.0.1:9000 --data ./guangzhou\nkapok demo --finance small\nkapok demo --build-only --json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			addr := fs.String("addr", "", "")
			only := fs.Bool("build-only", false, "")
			finance := fs.String("finance", string(app.FullFinance), "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(0, args); err != nil {
					return err
				}
				c := cfg(s)
				c.Addr = *addr
				return s.demo(ctx, c, *only, app.Scale(*finance))
			}
		},
	}
}

// demoFolder is where the demo lives when no folder is given: a second start
// finds the city in place.
func demoFolder() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "kapok", "demo")
	}
	return filepath.Join(os.TempDir(), "kapok-demo")
}

// demoResult is what building the city brought.
type demoResult struct {
	Folder  string             `json:"folder"`
	Seconds float64            `json:"seconds"`
	Steps   []app.Step         `json:"steps"`
	Finance *simulate.Report   `json:"finance,omitempty"` // made up, see package simulate
	Corpora []corpus.Manifest  `json:"corpora"`
	Cards   []observatory.Card `json:"overview"`
}

func (s *session) demo(ctx context.Context, cfg app.Config, only bool, finance app.Scale) error {
	if cfg.Data == "" {
		cfg.Data = demoFolder()
	}
	return s.withApp(ctx, cfg, func(a *app.App) error {
		out := demoResult{Folder: cfg.Data}
		first := finance
		if !only && finance == app.FullFinance {
			first = app.NoFinance // made behind the pages, which are there sooner
		}
		if err := s.build(ctx, a, first, &out); err != nil {
			return err
		}
		if s.json {
			if err := s.printJSON(out); err != nil {
				return err
			}
		} else {
			s.printCity(out)
		}
		if only {
			return nil
		}
		return s.serveDemo(ctx, a, finance, first)
	})
}

// serveDemo serves the city and, beside it, makes the finance that it was not
// built with.
func (s *session) serveDemo(ctx context.Context, a *app.App, finance, made app.Scale) error {
	var behind sync.WaitGroup
	defer behind.Wait()
	return a.Serve(ctx, func(addr string) {
		fmt.Fprintln(s.Stderr, i18n.T(s.lang, "cli.serving", errs.A{"url": "http://" + addr + "/"}))
		if finance == made {
			return
		}
		behind.Go(func() {
			if err := s.buildFinance(ctx, a, finance, &demoResult{}); err != nil && ctx.Err() == nil {
				fmt.Fprintln(s.Stderr, i18n.Error(s.lang, err))
			}
		})
	})
}

// fillEmpty builds the demo city in a database that holds no figure yet, so
// that a first audit has something to check against. It tells so on standard
// error.
func (s *session) fillEmpty(ctx context.Context, a *app.App) error {
	figures, err := a.Observatory.Figures(ctx, observatory.Filter{})
	if err != nil || len(figures) > 0 {
		return err
	}
	fmt.Fprintln(s.Stderr, i18n.T(s.lang, "cli.audit_builds", errs.A{"folder": a.Config.Folder()}))
	if err := a.LoadCity(ctx, data.Guangzhou, func(app.Step) {}); err != nil {
		return err
	}
	return a.CatchUp(ctx)
}

// buildFinance makes up the finance of the city. One that was not made to its end
// is told of and left: the rest of the city does not need it.
func (s *session) buildFinance(ctx context.Context, a *app.App, scale app.Scale, out *demoResult) error {
	rep, err := a.SimulateFinance(ctx, scale)
	if errs.KindOf(err) == errs.Conflict {
		fmt.Fprintln(s.Stderr, i18n.Error(s.lang, err))
		return nil
	}
	if err != nil || scale == app.NoFinance || rep.Stands {
		return err
	}
	out.Finance = &rep
	if !s.json {
		s.say("cli.demo_finance", errs.A{"funds": rep.Funds, "firms": rep.Firms, "loans": rep.Loans, "claims": rep.Claims.Submitted})
	}
	return nil
}

func (s *session) build(ctx context.Context, a *app.App, finance app.Scale, out *demoResult) error {
	start := time.Now()
	if !s.json {
		s.say("cli.demo_building", errs.A{"folder": out.Folder})
	}
	err := a.LoadCity(ctx, data.Guangzhou, func(step app.Step) {
		out.Steps = append(out.Steps, step)
		if !s.json {
			c := step.Report.Counts
			s.say("cli.demo_step", errs.A{"file": step.File, "read": c.Read, "created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "rejected": c.Rejected})
		}
	})
	if err != nil {
		return err
	}
	if err := s.buildFinance(ctx, a, finance, out); err != nil {
		return err
	}
	if err := a.SimulateIntroductions(ctx); err != nil {
		return err
	}
	if err := a.CatchUp(ctx); err != nil {
		return err
	}
	err = a.LoadCorpora(ctx, data.Guangzhou, func(m corpus.Manifest) {
		out.Corpora = append(out.Corpora, m)
		if !s.json {
			s.say("cli.demo_corpus", errs.A{"name": m.Name, "title": m.Title, "works": m.Rows("work"), "points": m.Rows("point")})
		}
	})
	if err != nil {
		return err
	}
	if out.Cards, err = a.Observatory.Overview(ctx); err != nil {
		return err
	}
	out.Seconds = time.Since(start).Seconds()
	return nil
}
