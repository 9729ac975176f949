package account

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Kind is the word for a user in the change log.
const Kind = "user"

// Options tune a Service. The zero value is right for an office.
type Options struct {
	Cost     Cost          // of a password hash; DefaultCost
	Parallel int           // passwords hashed at a time; 2, that is 38 MiB
	Idle     time.Duration // a session unused for so long ends; 2 h
	Absolute time.Duration // a session ends at the latest after; 12 h
}

func (o Options) filled() Options {
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost
	}
	if o.Parallel <= 0 {
		o.Parallel = 2
	}
	if o.Idle <= 0 {
		o.Idle = 2 * time.Hour
	}
	if o.Absolute <= 0 {
		o.Absolute = 12 * time.Hour
	}
	return o
}

// Service manages users and sessions. It is safe for concurrent use.
type Service struct {
	d    *db.DB
	opt  Options
	hash *hasher
}

// New returns a Service over an open, migrated database.
func New(d *db.DB, opt Options) *Service {
	opt = opt.filled()
	return &Service{d: d, opt: opt, hash: newHasher(opt.Cost, opt.Parallel)}
}

// maxName bounds a user name, in characters.
const maxName = 64

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || nameKey(name) == "" {
		return "", errs.New(errs.Invalid, "errs.required", errs.A{"field": "name"}).At("name")
	}
	if utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", errs.New(errs.Invalid, "account.bad_name", errs.A{"max": maxName}).At("name")
	}
	return name, nil
}

// nameKey is what makes two user names the same: their letters and digits.
func nameKey(name string) string {
	if len(name) > 4*maxName {
		return ""
	}
	return fold.Name(name)
}

// Create adds a user. A name that differs from another one only in case,
// width or punctuation is errs.Conflict.
func (s *Service) Create(ctx context.Context, by change.Author, name, password string, role Role) (User, error) {
	name, err := checkName(name)
	if err != nil {
		return User{}, err
	}
	if !slices.Contains(Roles, role) {
		return User{}, errs.New(errs.Invalid, "account.bad_role", errs.A{"role": string(role)}).At("role")
	}
	if err := CheckPassword(name, password); err != nil {
		return User{}, err
	}
	phc, err := s.hash.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	u := User{ID: db.NewID("user"), Name: name, Role: role, Version: 1}
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		u.CreatedAt, u.UpdatedAt = db.At(tx.Now()), db.At(tx.Now())
		if err := insertUser(ctx, tx, u, phc); err != nil {
			if db.IsDuplicate(err) {
				return errs.Wrap(err, errs.Conflict, "account.name_taken", errs.A{"name": name}).At("name")
			}
			return err
		}
		return log(ctx, tx, by, change.Create, nil, u)
	})
	return u, err
}

// SetPassword gives a user a new password and ends the sessions that the old
// one opened.
func (s *Service) SetPassword(ctx context.Context, by change.Author, id, password string) error {
	u, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(u.Name, password); err != nil {
		return err
	}
	phc, err := s.hash.hash(ctx, password)
	if err != nil {
		return err
	}
	if by.Reason == "" {
		by.Reason = "password"
	}
	return s.update(ctx, by, id, func(tx *db.Tx, u *User) error {
		if err := setHash(ctx, tx, id, phc); err != nil {
			return err
		}
		return endSessions(ctx, tx, id)
	})
}

// ChangePassword is SetPassword by the user, who proves to know the old one.
func (s *Service) ChangePassword(ctx context.Context, u User, old, password, ip string) error {
	if _, err := s.check(ctx, u.Name, old, ip); err != nil {
		return err
	}
	return s.SetPassword(ctx, u.Author(""), u.ID, password)
}

// SetRole changes what a user may do.
func (s *Service) SetRole(ctx context.Context, by change.Author, id string, role Role) error {
	if !slices.Contains(Roles, role) {
		return errs.New(errs.Invalid, "account.bad_role", errs.A{"role": string(role)}).At("role")
	}
	return s.update(ctx, by, id, func(_ *db.Tx, u *User) error {
		u.Role = role
		return nil
	})
}

// SetDuties gives a user roles in cases, in place of those that he had. The
// words are those of the kinds of case; what they mean, this room does not know.
func (s *Service) SetDuties(ctx context.Context, by change.Author, id string, duties []string) error {
	kept := slices.Clone(duties)
	slices.Sort(kept)
	kept = slices.Compact(kept)
	for _, d := range kept {
		if !dutyWord.MatchString(d) || len(kept) > maxDuties {
			return errs.New(errs.Invalid, "account.bad_duty", errs.A{"duty": d}).At("duties")
		}
	}
	return s.update(ctx, by, id, func(_ *db.Tx, u *User) error {
		u.Duties = kept
		return nil
	})
}

// maxDuties bounds how many duties one user has.
const maxDuties = 100

var dutyWord = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,59}$`)

// Duties says which of the duties of kinds of case u has: those that he was
// given, and those that nobody in office was given, so that a small office need
// not part them. A reserved duty nobody but an admin has without being given it.
func (s *Service) Duties(ctx context.Context, u User, all []Duty) ([]string, error) {
	if !Can(u.Role, Edit) || u.Disabled {
		return nil, nil
	}
	users, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	given := map[string]bool{}
	for _, other := range users {
		for _, d := range other.Duties {
			given[d] = given[d] || !other.Disabled && Can(other.Role, Edit)
		}
	}
	var out []string
	for _, d := range all {
		free := !given[d.ID] && (!d.Reserved || u.Role == Admin)
		if (free || slices.Contains(u.Duties, d.ID)) && !slices.Contains(out, d.ID) {
			out = append(out, d.ID)
		}
	}
	return out, nil
}

// SetDisabled takes a user out of office, which ends the sessions, or back in.
// Users are never deleted: the change log names them.
func (s *Service) SetDisabled(ctx context.Context, by change.Author, id string, disabled bool) error {
	return s.update(ctx, by, id, func(tx *db.Tx, u *User) error {
		u.Disabled = disabled
		if !disabled {
			return nil
		}
		return endSessions(ctx, tx, id)
	})
}

// update changes one user, logs it, and refuses to leave no admin in office.
// Append locks the log's head, so that two such changes cannot pass each other.
func (s *Service) update(ctx context.Context, by change.Author, id string, fn func(tx *db.Tx, u *User) error) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		before, err := getUser(ctx, tx, id)
		if err != nil {
			return err
		}
		after := before
		if err := fn(tx, &after); err != nil {
			return err
		}
		after.Version, after.UpdatedAt = before.Version+1, db.At(tx.Now())
		if err := log(ctx, tx, by, change.Update, before, after); err != nil {
			return err
		}
		if err := updateUser(ctx, tx, after, before.Version); err != nil {
			return err
		}
		if before.Role != Admin || before.Disabled {
			return nil
		}
		n, err := adminsInOffice(ctx, tx)
		if err == nil && n == 0 {
			err = errs.New(errs.Conflict, "account.last_admin", errs.A{"name": before.Name})
		}
		return err
	})
}

func log(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, before any, after User) error {
	e, err := change.New(by, Kind, after.ID, action, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

// Get returns the user with the given id, or errs.NotFound.
func (s *Service) Get(ctx context.Context, id string) (User, error) { return getUser(ctx, s.d, id) }

// ByName returns the user with the given name, or errs.NotFound.
func (s *Service) ByName(ctx context.Context, name string) (User, error) {
	u, _, ok, err := findByName(ctx, s.d, nameKey(name))
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": name})
	}
	return u, err
}

// List returns every user in the order of their names.
func (s *Service) List(ctx context.Context) ([]User, error) { return listUsers(ctx, s.d) }
