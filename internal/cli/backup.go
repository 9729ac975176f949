package cli

import (
	"context"
	"flag"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func backupCommand() command {
	return command{
		name:    "backup",
		args:    "FILE",
		summary: i18n.Text{ZH: "把内嵌数据库备份到新文件并校验，或校验已有备份", EN: "copy the embedded database to a new file and check it, or check a copy"},
		example: "kapok backup kapok-2026-11-23.db\nkapok backup --verify kapok-2026-11-23.db\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			verify := fs.Bool("verify", false, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "FILE"); err != nil {
					return err
				}
				if *verify {
					return s.verifyBackup(ctx, args[0])
				}
				return s.backup(ctx, cfg(s), args[0])
			}
		},
	}
}

type backupResult struct {
	File    string `json:"file"`
	SHA256  string `json:"sha256,omitempty"`
	Changes int64  `json:"changes"` // entries of its change log, all verified
}

func (s *session) backup(ctx context.Context, cfg app.Config, path string) error {
	d, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	sha, err := d.Backup(ctx, path)
	if err != nil {
		return app.DatabaseError(err, path)
	}
	n, err := verifyLog(ctx, path)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(backupResult{File: path, SHA256: sha, Changes: n})
	}
	s.say("cli.backed_up", errs.A{"file": path, "sha": sha, "changes": n})
	return nil
}

func (s *session) verifyBackup(ctx context.Context, path string) error {
	if err := db.CheckFile(ctx, path); err != nil {
		return app.DatabaseError(err, path)
	}
	n, err := verifyLog(ctx, path)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(backupResult{File: path, Changes: n})
	}
	s.say("cli.backup_verified", errs.A{"file": path, "changes": n})
	return nil
}

// verifyLog is the restore drill in small: it opens a copy as a database and
// recomputes the chain of its change log.
func verifyLog(ctx context.Context, path string) (int64, error) {
	d, err := db.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer d.Close()
	return change.Verify(ctx, d)
}
