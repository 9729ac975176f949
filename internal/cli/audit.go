package cli

import (
	"context"
	"flag"
	"io"
	"os"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func auditCommand() command {
	return command{
		name:    "audit",
		args:    "FILE|-",
		summary: i18n.Text{ZH: "读一篇文章，逐条核对其中的数字与“首个”“唯一”，说明依据", EN: "read a text and check its figures and superlatives against the records, with the reason"},
		example: "kapok audit article.txt\nkapok audit article.txt --html > report.html\necho \"广州获26个国家科学技术奖\" | kapok audit -\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			html := fs.Bool("html", false, "")
			return func(ctx context.Context, s *session, args []string) error {
				if err := exactly(1, args, "FILE|-"); err != nil {
					return err
				}
				text, err := s.readText(args[0])
				if err != nil {
					return err
				}
				c := cfg(s)
				if c.Data == "" && c.DSN == "" {
					c.Data = s.auditFolder()
				}
				return s.withApp(ctx, c, func(a *app.App) error { return s.audit(ctx, a, text, *html) })
			}
		},
	}
}

// auditFolder is the city that a text is checked against when none is named:
// the one in the working folder, or the demo city, which is built if need be.
func (s *session) auditFolder() string {
	if _, err := os.Stat("kapok-data"); err == nil {
		return ""
	}
	return demoFolder()
}

// maxAudit is the longest text that is read: a long book.
const maxAudit = 4 << 20

func (s *session) readText(path string) (string, error) {
	in := s.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", errs.Wrap(err, errs.NotFound, "cli.no_file", errs.A{"file": path})
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxAudit+1))
	switch {
	case err != nil:
		return "", errs.Wrap(err, errs.Invalid, "cli.unreadable", errs.A{"file": path})
	case len(raw) > maxAudit:
		return "", errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "4 MiB"})
	case !utf8.Valid(raw):
		return "", errs.New(errs.Invalid, "cli.not_utf8", errs.A{"file": path})
	}
	return string(raw), nil
}

func (s *session) audit(ctx context.Context, a *app.App, text string, html bool) error {
	if err := s.fillEmpty(ctx, a); err != nil {
		return err
	}
	report, err := a.Audit(ctx, text)
	switch {
	case err != nil:
		return err
	case html:
		return claims.WriteHTML(s.Stdout, report, s.lang)
	case s.json:
		return claims.WriteJSON(s.Stdout, report)
	}
	return claims.WriteText(s.Stdout, report, s.lang)
}
