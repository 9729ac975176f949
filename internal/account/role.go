package account

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Role says what a user may do.
type Role string

// The roles, each able to do what the one before it can.
const (
	Viewer Role = "viewer" // 查看员
	Editor Role = "editor" // 编辑员
	Admin  Role = "admin"  // 管理员
)

// Roles lists every role, the weakest first.
var Roles = []Role{Viewer, Editor, Admin}

// Text is the role's name for people.
func (r Role) Text() i18n.Text {
	if r == "" {
		r = "none"
	}
	key := "account.role." + string(r)
	return i18n.Text{ZH: i18n.T(i18n.ZH, key), EN: i18n.T(i18n.EN, key)}
}

// Action is something that a role allows.
type Action string

// The actions.
const (
	Read        Action = "read"         // see records and figures
	ReadPrivate Action = "read_private" // see what comes from a source tagged R, and unmasked personal data
	Edit        Action = "edit"         // create and change records
	Import      Action = "import"       // run an import
	Release     Action = "release"      // approve and publish releases; four eyes are the room's own rule
	UndoImport  Action = "undo_import"  // undo a batch
	MergeRecord Action = "merge"        // merge and split records
	Compute     Action = "compute"      // compute figures anew
	Query       Action = "query"        // ask facts and corpora with a SELECT of one's own
	ManageUsers Action = "manage_users" // users, roles, sessions of others
	Operate     Action = "operate"      // backup, migrate, doctor
)

// needs is the whole policy: the weakest role that may do each action.
var needs = map[Action]Role{
	Read: Viewer, ReadPrivate: Editor,
	Edit: Editor, Import: Editor, Compute: Editor, MergeRecord: Editor, Query: Editor, Release: Editor,
	UndoImport: Admin, ManageUsers: Admin, Operate: Admin,
}

// Can reports whether a role allows an action. An unknown role or action is
// never allowed.
func Can(r Role, a Action) bool {
	need, known := needs[a]
	have := slices.Index(Roles, r)
	return known && have >= 0 && have >= slices.Index(Roles, need)
}

// Require returns nil when u may do a. Nobody (nil) is errs.Unauthenticated, a
// role too weak is errs.Forbidden and names the role needed.
func Require(u *User, a Action) error {
	switch {
	case u == nil:
		return errs.New(errs.Unauthenticated, "errs.sign_in")
	case u.Disabled || !Can(u.Role, a):
		return errs.New(errs.Forbidden, "errs.forbidden", errs.A{"role": u.Role.Text(), "needs": needs[a].Text()})
	}
	return nil
}

// Clearance is the narrowest level of publication that is open to a role.
// Confidential records are open to their named readers only, whatever the role.
func (r Role) Clearance() level.Level {
	switch r {
	case Viewer:
		return level.Partner
	case Editor, Admin:
		return level.Internal
	}
	return level.Public
}

// ViewerOf is u as somebody who looks at records; nobody (nil) and a disabled
// user are the public.
func ViewerOf(u *User) level.Viewer {
	if u == nil || u.Disabled {
		return level.Viewer{}
	}
	return level.Viewer{User: u.ID, Clearance: u.Role.Clearance()}
}

// Duty is a role in cases. A reserved one may do what touches others, such as
// keeping somebody out of a case.
type Duty struct {
	ID       string
	Reserved bool
}

// User is a person or a program that signs in.
type User struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Role      Role     `json:"role"`
	Disabled  bool     `json:"disabled,omitempty"`
	Duties    []string `json:"duties,omitempty"` // roles in cases that he was given
	Version   int64    `json:"version"`
	CreatedAt db.Time  `json:"created_at"`
	UpdatedAt db.Time  `json:"updated_at"`
}

// Author is the user as the author of changes; reason may be "".
func (u User) Author(reason string) change.Author {
	return change.Author{Actor: u.ID, Reason: strings.TrimSpace(reason)}
}
