package cli

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func userCommand() command {
	return command{
		name: "user",
		args: "list | add NAME | password NAME | role NAME | duties NAME | disable NAME | enable NAME",
		summary: i18n.Text{ZH: "管理登录用户；密码从标准输入读取，不出现在命令行",
			EN: "manage the people who may sign in; passwords are read from standard input, never from the command line"},
		example: "kapok user add 李明 --role editor < password.txt\nkapok user list\nkapok user role 李明 --role viewer\nkapok user duties 李明 --duties pool.maker,pool.cashier\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			role := fs.String("role", "", "")
			duties := fs.String("duties", "", "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.user(ctx, a, userFlags{account.Role(*role), duties}, args) })
			}
		},
	}
}

// userActions are the words that stand before the name of a user.
var userActions = []string{"add", "password", "role", "duties", "disable", "enable"}

// userFlags are what a user is to have.
type userFlags struct {
	role   account.Role
	duties *string // words with commas between them
}

func (s *session) user(ctx context.Context, a *app.App, set userFlags, args []string) error {
	if len(args) == 0 {
		args = []string{"list"}
	}
	if args[0] == "list" {
		return s.listUsers(ctx, a)
	}
	if err := exactly(2, args, "list|add|password|role|duties|disable|enable", "NAME"); err != nil {
		return err
	}
	if !slices.Contains(userActions, args[0]) {
		return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": "list, " + strings.Join(userActions, ", ")})
	}
	if args[0] == "role" && set.role == "" { // a role left out must not take rights away
		return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--role viewer|editor|admin"})
	}
	if args[0] == "duties" && *set.duties == "" {
		return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--duties WORD,…|none"})
	}
	by := change.Author{Actor: "cli"}
	if args[0] == "add" {
		if set.role == "" {
			set.role = account.Viewer
		}
		password, err := s.password()
		if err != nil {
			return err
		}
		u, err := a.Accounts.Create(ctx, by, args[1], password, set.role)
		if err != nil {
			return err
		}
		return s.showUser(u, "cli.user_added")
	}
	u, err := a.Accounts.ByName(ctx, args[1])
	if err != nil {
		return err
	}
	if err := s.changeUser(ctx, a, by, args[0], u, set); err != nil {
		return err
	}
	if u, err = a.Accounts.Get(ctx, u.ID); err != nil {
		return err
	}
	return s.showUser(u, "cli.user_changed")
}

func (s *session) changeUser(ctx context.Context, a *app.App, by change.Author, what string, u account.User, set userFlags) error {
	switch what {
	case "password":
		password, err := s.password()
		if err != nil {
			return err
		}
		return a.Accounts.SetPassword(ctx, by, u.ID, password)
	case "role":
		return a.Accounts.SetRole(ctx, by, u.ID, set.role)
	case "duties":
		var duties []string
		if *set.duties != "none" {
			duties = strings.FieldsFunc(*set.duties, func(r rune) bool { return r == ',' || r == '，' || r == ' ' })
		}
		if err := a.KnownDuties(duties); err != nil {
			return err
		}
		return a.Accounts.SetDuties(ctx, by, u.ID, duties)
	}
	return a.Accounts.SetDisabled(ctx, by, u.ID, what == "disable")
}

func (s *session) password() (string, error) {
	fmt.Fprint(s.Stderr, i18n.T(s.lang, "cli.password_prompt"))
	line, err := bufio.NewReader(s.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errs.Wrap(err, errs.Invalid, "cli.no_password")
	}
	return line, nil
}

func (s *session) listUsers(ctx context.Context, a *app.App) error {
	users, err := a.Accounts.List(ctx)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(users)
	}
	for _, u := range users {
		state := ""
		if u.Disabled {
			state = "  " + i18n.T(s.lang, "cli.user_disabled")
		}
		if len(u.Duties) > 0 {
			state = "  [" + strings.Join(u.Duties, " ") + "]" + state
		}
		fmt.Fprintf(s.Stdout, "%-8s %s%s\n", u.Role, u.Name, state)
	}
	return nil
}

func (s *session) showUser(u account.User, key string) error {
	if s.json {
		return s.printJSON(u)
	}
	s.say(key, errs.A{"name": u.Name, "role": u.Role.Text()})
	return nil
}
