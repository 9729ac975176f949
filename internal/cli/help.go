package cli

import (
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func find(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

func (s *session) help(args []string) int {
	fs := flag.NewFlagSet("help", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	lang := fs.String("lang", string(s.lang), "")
	args, err := parse(fs, args)
	if err != nil {
		return s.fail(badFlag(err, "help"))
	}
	if err := s.speak(*lang); err != nil {
		return s.fail(err)
	}
	if len(args) == 0 {
		s.usage(s.Stdout)
		return exitOK
	}
	cmd, ok := find(args[0])
	if !ok {
		return s.fail(errs.New(errs.Invalid, "cli.unknown_command", errs.A{"name": args[0]}))
	}
	s.describe(s.Stdout, cmd)
	return exitOK
}

// version tells the release of the program, the commit it was built from where
// that is known, and the Go it was built with.
func (s *session) version() int {
	info, _ := debug.ReadBuildInfo()
	parts := []string{"kapok", info.Main.Version}
	for _, set := range info.Settings {
		if set.Key == "vcs.revision" {
			parts = append(parts, set.Value[:min(12, len(set.Value))])
		}
	}
	fmt.Fprintln(s.Stdout, strings.Join(notEmpty(append(parts, info.GoVersion)...), " "))
	return exitOK
}

// usage lists the commands.
func (s *session) usage(w io.Writer) {
	fmt.Fprintln(w, i18n.T(s.lang, "cli.about"))
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary.In(s.lang))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, i18n.T(s.lang, "cli.more_help"))
}

// describe prints one command with its flags and an example.
func (s *session) describe(w io.Writer, cmd command) {
	fmt.Fprintf(w, "kapok %s [flags] %s\n\n%s\n\n", cmd.name, cmd.args, cmd.summary.In(s.lang))
	fs := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	fs.Bool("json", false, "")
	fs.String("lang", "", "")
	cmd.setup(fs)
	fs.VisitAll(func(f *flag.Flag) { s.describeFlag(w, cmd, f) })
	fmt.Fprintf(w, "\n%s\n", i18n.T(s.lang, "cli.example"))
	for line := range strings.Lines(cmd.example) {
		fmt.Fprint(w, "  "+line)
	}
	fmt.Fprintln(w)
}

func (s *session) describeFlag(w io.Writer, cmd command, f *flag.Flag) {
	text := i18n.T(s.lang, flagKey(cmd, f))
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
		text += i18n.T(s.lang, "cli.default", errs.A{"value": f.DefValue})
	}
	fmt.Fprintf(w, "  --%-16s %s\n", f.Name, text)
}

// flagKey is the message that tells what a flag does: one of the command's own,
// or one that all commands share.
func flagKey(cmd command, f *flag.Flag) string {
	name := strings.ReplaceAll(f.Name, "-", "_")
	if own := "cli.flag_" + cmd.name + "_" + name; i18n.Has(own) {
		return own
	}
	return "cli.flag_" + name
}
