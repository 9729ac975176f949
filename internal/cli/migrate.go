package cli

import (
	"context"
	"flag"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func migrateCommand() command {
	return command{
		name:    "migrate",
		summary: i18n.Text{ZH: "建立数据库，或把它升级到本程序的结构版本", EN: "make the database, or bring it to this program's schema version"},
		example: "kapok migrate\nkapok migrate --db postgres://kapok@db.example/kapok\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			return func(ctx context.Context, s *session, args []string) error { return s.migrate(ctx, cfg(s)) }
		},
	}
}

type migrateResult struct {
	Engine string   `json:"engine"`
	Steps  []string `json:"steps"` // taken by this run, none when up to date
	Schema int64    `json:"schema"`
}

func (s *session) migrate(ctx context.Context, cfg app.Config) error {
	d, err := app.OpenDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	steps, err := d.Migrate(ctx)
	if err != nil {
		return err
	}
	found, _, err := d.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	out := migrateResult{Engine: string(d.Engine()), Schema: found, Steps: []string{}}
	for _, m := range steps {
		out.Steps = append(out.Steps, m.Name)
	}
	if s.json {
		return s.printJSON(out)
	}
	s.say("cli.migrated", errs.A{"engine": out.Engine, "schema": out.Schema, "steps": len(out.Steps)})
	return nil
}
