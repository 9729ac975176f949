package cli

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
)

type matchFlags struct {
	kind, level, set, encoder string
	limit                     int
	explain, eval             bool
}

func matchCommand() command {
	return command{
		name: "match",
		args: "TEXT | KIND/ID",
		summary: i18n.Text{ZH: "为需求找成果、为成果找需求，中英文互通，说明理由，没有合适的就说没有；或用评判集评测",
			EN: "find results for a need and needs for a result, across Chinese and English, with the reasons, or say that nothing fits; or measure it on a judged set"},
		example: "kapok match \"寻求高镍三元锂电池正极材料\" --explain\nkapok match need/need-3kq9 --limit 5 --json\nkapok match --kind person \"perovskite solar cell\"\nkapok match --eval --encoder table\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f matchFlags
			fs.StringVar(&f.kind, "kind", "", "")
			fs.StringVar(&f.level, "level", string(level.Public), "")
			fs.IntVar(&f.limit, "limit", 10, "")
			fs.BoolVar(&f.explain, "explain", false, "")
			fs.BoolVar(&f.eval, "eval", false, "")
			fs.StringVar(&f.set, "set", "", "")
			fs.StringVar(&f.encoder, "encoder", "", "")
			return func(ctx context.Context, s *session, args []string) error {
				if f.eval {
					return s.evaluateMatch(ctx, cfg(s), f, args)
				}
				if err := f.check(args); err != nil {
					return err
				}
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.match(ctx, a, f, args[0]) })
			}
		},
	}
}

func (f matchFlags) check(args []string) error {
	if err := exactly(1, args, "TEXT | KIND/ID"); err != nil {
		return err
	}
	bad := func(flag string, value any) error {
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "match", "flag": flag, "value": value})
	}
	switch {
	case f.limit < 1 || f.limit > match.MaxLimit:
		return bad("limit", f.limit)
	case !level.Level(f.level).Valid():
		return bad("level", f.level)
	case f.set != "":
		return bad("set", f.set)
	case f.encoder != "":
		return bad("encoder", f.encoder)
	}
	return nil
}

// keyForm is a record as it is named on the command line: "need/need-3kq9".
var keyForm = regexp.MustCompile(`^([a-z_]+)/(\S+)$`)

func (s *session) match(ctx context.Context, a *app.App, f matchFlags, what string) error {
	if err := a.ReadyToMatch(ctx); err != nil {
		return err
	}
	o := match.Options{Limit: f.limit}
	if f.kind != "" {
		o.Kinds = strings.Split(f.kind, ",")
	}
	v := level.Viewer{Clearance: level.Level(f.level)}
	var got match.Answer
	var err error
	if m := keyForm.FindStringSubmatch(what); m != nil {
		got, err = a.Match.For(ctx, v, match.Key{Kind: m[1], ID: m[2]}, o)
	} else {
		got, err = a.Match.ForText(ctx, v, match.Ask{Text: what}, o)
	}
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(got)
	}
	s.printAnswer(got, f.explain)
	return nil
}

func (s *session) printAnswer(a match.Answer, explain bool) {
	if a.Meaning.State == match.MeaningBehind {
		s.say("match.vectors_behind", errs.A{"count": a.Meaning.Behind})
		s.say("cli.vectors_mend")
	}
	list := a.Matches
	if a.Abstained {
		fmt.Fprintln(s.Stdout, a.Sentence(s.lang))
		if list = a.Nearest; len(list) > 0 {
			s.say("match.nearest")
		}
	}
	for i, m := range list {
		title := m.Title.In(s.lang)
		if m.Weak && !a.Abstained {
			title = i18n.T(s.lang, "match.weak", errs.A{"title": title})
		}
		fmt.Fprintf(s.Stdout, "%2d. %.4f  %s/%s  %s\n", i+1, m.Score, m.Kind, m.ID, title)
		s.printReasons(m, explain)
	}
	if len(a.Excluded) > 0 {
		s.say("match.excluded")
		for _, m := range a.Excluded {
			fmt.Fprintf(s.Stdout, "    %s/%s  %s\n", m.Kind, m.ID, m.Title.In(s.lang))
			s.printChecks(m.Checks)
		}
	}
}

// printReasons prints a match's features on one line, or all that it consists
// of.
func (s *session) printReasons(m match.Match, explain bool) {
	var parts []string
	for _, p := range m.Features {
		if p.Contribution != 0 {
			parts = append(parts, fmt.Sprintf("%s %+.4f", i18n.T(s.lang, "match.feature."+string(p.Name)), p.Contribution))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(s.Stdout, "      %s\n", strings.Join(parts, "  "))
	}
	s.printChecks(m.Checks)
	for _, v := range m.Votes {
		fmt.Fprintf(s.Stdout, "      %+.4f  %s/%s  %s\n", v.Part, v.Kind, v.ID, v.Title.In(s.lang))
	}
	if !explain {
		return
	}
	for _, t := range m.Terms {
		fmt.Fprintf(s.Stdout, "        %+.4f  %s  %s\n", t.Part, i18n.T(s.lang, "match.feature."+string(t.Stream)), strings.Join(path(t), " → "))
	}
}

func path(t match.Term) []string {
	if len(t.Path) == 0 {
		return []string{t.Text}
	}
	return t.Path
}

func (s *session) printChecks(checks []match.Check) {
	for _, c := range checks {
		line := fmt.Sprintf("      %s %s: %s", i18n.T(s.lang, "match.condition."+string(c.Name)), c.Wanted, i18n.T(s.lang, "match.state."+string(c.State)))
		if c.Found != "" {
			line += " (" + c.Found + ")"
		}
		if c.Why != "" {
			line += ", " + i18n.T(s.lang, c.Why)
		}
		fmt.Fprintln(s.Stdout, line)
	}
}
