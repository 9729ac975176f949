package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
)

func doctorCommand() command {
	return command{
		name:    "doctor",
		summary: i18n.Text{ZH: "检查数据库、变更日志、账簿、事项、事实文件是否完好，不做任何改动", EN: "check the database, the change log, the books, the cases and the facts; changes nothing"},
		example: "kapok doctor\nkapok doctor --json --data /var/lib/kapok\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(0, args); err != nil {
					return err
				}
				return s.doctor(ctx, cfg(s))
			}
		},
	}
}

// finding is what one check found.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Text  string `json:"text"`
}

// doctor runs every check even after one has failed: the first fault is
// seldom the only one. The exit code tells whether all passed.
func (s *session) doctor(ctx context.Context, cfg app.Config) error {
	d, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	findings := []finding{
		s.checkSchema(ctx, d),
		s.finding("integrity", d.Check(ctx), errs.A{"engine": string(d.Engine())}),
		s.checkLog(ctx, d),
		s.checkLedger(ctx, d),
		s.checkCases(ctx, d),
		s.checkFacts(ctx, cfg),
		s.checkFolder(cfg),
	}
	failed := 0
	for _, f := range findings {
		if !f.OK {
			failed++
		}
	}
	if s.json {
		err = s.printJSON(findings)
	} else {
		s.printFindings(findings)
	}
	if err == nil && failed > 0 {
		err = errs.New(errs.Conflict, "cli.doctor_failed", errs.A{"failed": failed})
	}
	return err
}

func (s *session) printFindings(findings []finding) {
	for _, f := range findings {
		mark := "✓"
		if !f.OK {
			mark = "✗"
		}
		fmt.Fprintf(s.Stdout, "%s %s\n", mark, f.Text)
	}
}

// finding words the outcome of a check: the message of the check when it
// passed, that of the error when it did not.
func (s *session) finding(check string, err error, args errs.A) finding {
	if err != nil {
		return finding{check, false, i18n.Error(s.lang, err)}
	}
	return finding{check, true, i18n.T(s.lang, "cli.doctor_"+check, args)}
}

func (s *session) checkSchema(ctx context.Context, d *db.DB) finding {
	found, known, err := d.SchemaVersion(ctx)
	if err == nil && found > known {
		err = errs.New(errs.Conflict, "db.newer_schema", errs.A{"found": found, "known": known})
	}
	if err == nil && found < known {
		err = errs.New(errs.Conflict, "app.older_schema", errs.A{"found": found, "known": known})
	}
	return s.finding("schema", err, errs.A{"schema": found})
}

func (s *session) checkLog(ctx context.Context, d *db.DB) finding {
	n, err := change.Verify(ctx, d)
	return s.finding("log", err, errs.A{"changes": n})
}

func (s *session) checkLedger(ctx context.Context, d *db.DB) finding {
	r, err := ledger.New().Verify(ctx, d)
	if err == nil {
		err = r.Err()
	}
	return s.finding("ledger", err, errs.A{"books": len(r.Books)})
}

func (s *session) checkCases(ctx context.Context, d *db.DB) finding {
	n, err := casework.VerifyAll(ctx, d)
	return s.finding("cases", err, errs.A{"cases": n})
}

func (s *session) checkFacts(ctx context.Context, cfg app.Config) finding {
	n, err := app.VerifyFacts(ctx, cfg)
	return s.finding("facts", err, errs.A{"files": n})
}

// checkFolder tries whether the data folder can be written to.
func (s *session) checkFolder(cfg app.Config) finding {
	dir := cfg.Folder()
	probe := filepath.Join(dir, ".kapok-probe")
	err := os.WriteFile(probe, nil, 0o600)
	if err != nil {
		err = errs.Wrap(err, errs.Conflict, "cli.folder_unwritable", errs.A{"folder": dir})
	} else {
		err = os.Remove(probe)
	}
	return s.finding("folder", err, errs.A{"folder": dir})
}
