package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/stats"
)

// Env is what a run of the program gets from outside, so that tests can give
// it something else.
type Env struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(string) string
}

// command is one line of the table of commands.
type command struct {
	name    string
	args    string    // what follows the flags, for the usage line
	summary i18n.Text // one line, no full stop
	example string    // lines that work as they stand
	setup   func(fs *flag.FlagSet) runner
}

// runner does the work of a command after its flags were read.
type runner func(ctx context.Context, s *session, args []string) error

// session is one run of one command.
type session struct {
	Env
	lang i18n.Lang
	json bool
	log  *slog.Logger
}

// Main runs one command and returns the exit code of the process.
func Main(ctx context.Context, env Env) int {
	s := &session{Env: env, lang: language(env.Getenv), log: slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if len(env.Args) == 0 {
		s.usage(env.Stderr)
		return exitUsage
	}
	name, rest := env.Args[0], env.Args[1:]
	if slices.Contains([]string{"help", "-h", "--help", "-help"}, name) {
		return s.help(rest)
	}
	if slices.Contains([]string{"version", "--version", "-version"}, name) {
		return s.version()
	}
	if name == stats.AnswerCommand { // a process that stats.Ask has started
		return stats.AnswerOne(env.Stdin, env.Stdout)
	}
	cmd, ok := find(name)
	if !ok {
		return s.fail(errs.New(errs.Invalid, "cli.unknown_command", errs.A{"name": name}))
	}
	return s.run(ctx, cmd, rest)
}

func (s *session) run(ctx context.Context, cmd command, args []string) int {
	fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	lang := fs.String("lang", string(s.lang), "zh | en")
	fs.BoolVar(&s.json, "json", false, "JSON")
	run := cmd.setup(fs)
	args, err := parse(fs, args)
	wrong := s.speak(*lang)
	switch {
	case errors.Is(err, flag.ErrHelp):
		s.describe(s.Stdout, cmd)
		return exitOK
	case err != nil:
		return s.fail(badFlag(err, cmd.name))
	case wrong != nil:
		return s.fail(wrong)
	}
	if err := run(ctx, s, args); err != nil {
		return s.fail(err)
	}
	return exitOK
}

// parse reads flags wherever they stand among the arguments: people write
// "audit FILE --json" as often as "audit --json FILE". What follows "--" is
// never a flag.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest, literal []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, literal = args[:i], args[i+1:]
	}
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		args = fs.Args()
		if len(args) == 0 {
			return append(rest, literal...), nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// fail tells what went wrong and returns the exit code for it.
func (s *session) fail(err error) int {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.Stderr, i18n.T(s.lang, "cli.interrupted"))
		return exitFailure
	}
	if errs.KindOf(err) == errs.Internal {
		s.log.Error("command failed", "err", err) // the reader's sentence has no detail
	}
	fmt.Fprintln(s.Stderr, "kapok: "+i18n.Error(s.lang, err))
	return exitCode(errs.KindOf(err))
}

// say prints a message of the catalogue on standard output.
func (s *session) say(key string, args ...errs.A) {
	fmt.Fprintln(s.Stdout, i18n.T(s.lang, key, args...))
}

// printJSON writes v as indented JSON on standard output.
func (s *session) printJSON(v any) error {
	enc := json.NewEncoder(s.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// The exit codes, one for each kind of failure that a script may act on.
const (
	exitOK        = 0
	exitFailure   = 1
	exitUsage     = 2
	exitNotFound  = 3
	exitConflict  = 4
	exitForbidden = 5
)

func exitCode(k errs.Kind) int {
	switch k {
	case errs.Invalid, errs.TooLarge:
		return exitUsage
	case errs.NotFound:
		return exitNotFound
	case errs.Conflict, errs.Precondition:
		return exitConflict
	case errs.Forbidden, errs.Unauthenticated:
		return exitForbidden
	}
	return exitFailure
}

// language chooses the language of a run from KAPOK_LANG or the locale.
func language(getenv func(string) string) i18n.Lang {
	for _, name := range []string{"KAPOK_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		tag, _, _ := strings.Cut(strings.ReplaceAll(getenv(name), "_", "-"), ".")
		if l, ok := i18n.Parse(tag); ok {
			return l
		}
	}
	return i18n.ZH
}
