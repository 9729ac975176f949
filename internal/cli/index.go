package cli

import (
	"context"
	"errors"
	"flag"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func indexCommand() command {
	return command{
		name:    "index",
		args:    "build|verify",
		summary: i18n.Text{ZH: "检索索引：从零重建，或核对已保存的索引", EN: "the search index: build it from zero, or check the one that is kept"},
		example: "kapok index build\nkapok index verify\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "build|verify"); err != nil {
					return err
				}
				switch args[0] {
				case "build":
					return s.buildIndex(ctx, cfg(s))
				case "verify":
					return s.verifyIndex(ctx, cfg(s))
				}
				return errs.New(errs.Invalid, "cli.index_what", errs.A{"what": args[0]})
			}
		},
	}
}

func (s *session) buildIndex(ctx context.Context, cfg app.Config) error {
	return s.withApp(ctx, cfg, func(a *app.App) error {
		if err := a.BuildIndex(ctx); err != nil {
			return err
		}
		vectors, err := a.BuildVectors(ctx)
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(map[string]any{"documents": a.Index.Len(), "seq": a.Index.Seq(), "vectors": vectors})
		}
		s.say("cli.index_built", errs.A{"n": a.Index.Len(), "seq": a.Index.Seq(), "folder": cfg.IndexDir(), "vectors": vectors})
		return nil
	})
}

func (s *session) verifyIndex(ctx context.Context, cfg app.Config) error {
	d, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return err
	}
	r, err := app.VerifyIndex(ctx, cfg, d)
	if err = errors.Join(err, d.Close()); err != nil {
		return err
	}
	if s.json {
		return s.printJSON(map[string]any{"documents": r.Documents, "segments": r.Segments, "bytes": r.Bytes, "seq": r.Seq})
	}
	s.say("cli.index_whole", errs.A{"n": r.Documents, "segments": r.Segments, "bytes": i18n.Integer(r.Bytes), "seq": r.Seq})
	return nil
}
