package cli

import (
	"flag"
	"regexp"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
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

// speak sets the language that --lang names.
func (s *session) speak(tag string) error {
	l, ok := i18n.Parse(tag)
	if !ok {
		return errs.New(errs.Invalid, "cli.bad_lang", errs.A{"lang": tag})
	}
	s.lang = l
	return nil
}

var (
	flagUnknown = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	flagBare    = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	flagValue   = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-([^:]*): `)
)

// badFlag puts what package flag says in English into the reader's language.
func badFlag(err error, command string) error {
	args := errs.A{"command": command}
	key := "cli.bad_flag"
	if m := flagUnknown.FindStringSubmatch(err.Error()); m != nil {
		key, args["flag"] = "cli.unknown_flag", m[1]
	} else if m := flagBare.FindStringSubmatch(err.Error()); m != nil {
		key, args["flag"] = "cli.flag_without_value", m[1]
	} else if m := flagValue.FindStringSubmatch(err.Error()); m != nil {
		key, args["flag"] = "cli.flag_bad_value", m[2]
		args["value"], _ = strconv.Unquote(m[1])
	}
	return errs.Wrap(err, errs.Invalid, key, args)
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
