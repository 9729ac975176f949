package cli

import (
	"flag"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
)

// configFlags adds --db and --data; what a flag leaves empty comes from
// KAPOK_DB and KAPOK_DATA.
func configFlags(fs *flag.FlagSet) func(*session) app.Config {
	dsn := fs.String("db", "", "")
	data := fs.String("data", "", "")
	return func(s *session) app.Config {
		return app.Config{DSN: first(*dsn, s.Getenv("KAPOK_DB")), Data: first(*data, s.Getenv("KAPOK_DATA"))}
	}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// exactly refuses a command line that does not have n arguments, which names
// lists for the message.
func exactly(n int, args []string, names ...string) error {
	if len(args) == n {
		return nil
	}
	if len(args) > n {
		return errs.New(errs.Invalid, "cli.surplus_argument", errs.A{"argument": args[n]})
	}
	return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": strings.Join(names[len(args):], " ")})
}
