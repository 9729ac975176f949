package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

type caseFlags struct {
	kind, state, user, reason, body string
	limit                           int
}

func caseCommand() command {
	return command{
		name:    "case",
		args:    "list | show ID | do ID ACTION",
		summary: i18n.Text{ZH: "事项：列出、查看经过、以本人身份办理一步（密码从标准输入读取）", EN: "cases: list them, show one with its history, do a step in one's own name (password from standard input)"},
		example: "kapok case list --kind pool.claim\nkapok case show case-3kq9\nkapok case do case-3kq9 check --user 李明 --body '{\"cleared\": {}}' < password.txt\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f caseFlags
			fs.StringVar(&f.kind, "kind", "", "")
			fs.StringVar(&f.state, "state", "", "")
			fs.StringVar(&f.user, "user", "", "")
			fs.StringVar(&f.reason, "reason", "", "")
			fs.StringVar(&f.body, "body", "", "")
			fs.IntVar(&f.limit, "limit", 50, "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.act(ctx, cfg(s), args,
					deed{word: "list", run: func(ctx context.Context, a *app.App, _ []string) error { return s.caseList(ctx, a, &f) }},
					deed{word: "show", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.caseShow(ctx, a, args[0]) }},
					deed{word: "do", args: []string{"ID", "ACTION"}, run: func(ctx context.Context, a *app.App, args []string) error {
						return s.caseDo(ctx, a, &f, args[0], args[1])
					}})
			}
		},
	}
}

func (s *session) caseList(ctx context.Context, a *app.App, f *caseFlags) error {
	filter := casework.Filter{Kind: f.kind}
	if f.state != "" {
		filter.States = []string{f.state}
	}
	got, err := casework.Cases(ctx, a.DB, filter, casework.Page{Limit: f.limit})
	if err != nil {
		return err
	}
	return s.asDone(append([]casework.Case{}, got.Items...), func() {
		s.empty(len(got.Items))
		for i := range got.Items {
			c := &got.Items[i]
			s.cells(c.ID, fmt.Sprintf("%-12s %-16s", c.Kind, s.stateOf(a, c)), i18n.Instant(c.EnteredAt.Time), c.Ref)
		}
	})
}

// stateOf is the name of a case's state.
func (s *session) stateOf(a *app.App, c *casework.Case) string {
	if k, err := a.Cases.Registry().Kind(c.Kind, c.KindVersion); err == nil {
		if st, ok := k.State(c.State); ok {
			return s.text(st.Name)
		}
	}
	return c.State
}

// caseEvents is how many events of a case are shown.
const caseEvents = 500

func (s *session) caseShow(ctx context.Context, a *app.App, id string) error {
	c, err := casework.Get(ctx, a.DB, id)
	if err != nil {
		return err
	}
	events, err := casework.Events(ctx, a.DB, id, 0, caseEvents)
	if err != nil {
		return err
	}
	timers, err := casework.Timers(ctx, a.DB, id)
	if err != nil {
		return err
	}
	whole := casework.Verify(ctx, a.DB, id)
	return s.asDone(map[string]any{"case": c, "events": events, "timers": timers, "intact": whole == nil}, func() {
		s.cells(c.ID, c.Kind, s.stateOf(a, &c), c.Ref)
		for i := range events {
			e := &events[i]
			s.cells(fmt.Sprintf("%4d  %s  %-14s %s → %s", e.Seq, e.At, e.Action, first(e.From, "·"), e.To), e.Actor, e.Role, e.Reason)
		}
		for _, t := range timers {
			s.say("cli.case_timer", errs.A{"action": t.Action, "due": t.DueOn, "status": t.Status})
		}
		if whole != nil {
			s.cells("✗", i18n.Error(s.lang, whole))
		}
	})
}

// caseDo acts in the name of a person, after his password: four eyes need names.
func (s *session) caseDo(ctx context.Context, a *app.App, f *caseFlags, id, action string) error {
	if f.user == "" {
		return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--user NAME"})
	}
	if f.body != "" && !json.Valid([]byte(f.body)) {
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "case", "flag": "body", "value": f.body})
	}
	password, err := s.password()
	if err != nil {
		return err
	}
	token, u, err := a.Accounts.SignIn(ctx, f.user, password, account.Origin{IP: "cli"})
	if err != nil {
		return err
	}
	if err := a.Accounts.SignOut(ctx, token); err != nil {
		return err
	}
	if err := account.Require(&u, account.Edit); err != nil {
		return err
	}
	roles, err := a.CaseRoles(ctx, u)
	if err != nil {
		return err
	}
	c, err := casework.Get(ctx, a.DB, id)
	if err != nil {
		return err
	}
	in := casework.Input{Reason: f.reason}
	if f.body != "" {
		in.Body = json.RawMessage(f.body)
	}
	if c, err = a.Cases.Do(ctx, casework.Actor{User: u.ID, Roles: roles}, id, c.Version, action, in); err != nil {
		return err
	}
	return s.asDone(c, func() { s.say("cli.case_done", errs.A{"case": c.ID, "action": action, "state": s.stateOf(a, &c)}) })
}
