package casework

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Notice tells one user, or whoever holds a role, something about a case: a
// message key with its arguments.
type Notice struct {
	ID     string  `json:"id"`
	CaseID string  `json:"case_id"`
	User   string  `json:"user,omitempty"` // either User or Role
	Role   string  `json:"role,omitempty"`
	Key    string  `json:"key"`
	Args   errs.A  `json:"args,omitempty"`
	At     db.Time `json:"at"`
	Read   bool    `json:"read"` // by the one who asks
}

// Text is the notice in a language.
func (n Notice) Text(l i18n.Lang) string { return i18n.T(l, n.Key, n.Args) }

// Notify puts up notices about a case in the caller's transaction.
func Notify(ctx context.Context, tx *db.Tx, id string, notices ...Notice) error {
	return putNotices(ctx, tx, id, notices)
}

func putNotices(ctx context.Context, tx *db.Tx, id string, notices []Notice) error {
	rows := make([][]any, len(notices))
	for i, n := range notices {
		args, err := json.Marshal(n.Args)
		if err != nil {
			return err
		}
		if n.Args == nil {
			args = []byte("{}")
		}
		rows[i] = []any{db.NewID("notice"), id, n.User, n.Role, n.Key, string(args), db.At(tx.Now())}
	}
	return db.InsertMany(ctx, tx, "casework_notice(id, case_id, user_id, role, key, args, at)", "", rows)
}

func scanNotice(s db.Scan) (Notice, error) {
	var n Notice
	var args string
	if err := s(&n.ID, &n.CaseID, &n.User, &n.Role, &n.Key, &args, &n.At, &n.Read); err != nil {
		return n, err
	}
	var err error
	n.Args, err = readArgs([]byte(args))
	return n, err
}

// readArgs turns arguments back into what they were: a Text is a Text again,
// and a whole number an int64.
func readArgs(raw []byte) (errs.A, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	out := errs.A{}
	for k, part := range parts {
		var text i18n.Text
		var whole int64
		var any any
		switch {
		case json.Unmarshal(part, &whole) == nil:
			out[k] = whole
		case part[0] == '{' && json.Unmarshal(part, &text) == nil && !text.IsZero():
			out[k] = text
		default:
			if err := json.Unmarshal(part, &any); err != nil {
				return nil, err
			}
			out[k] = any
		}
	}
	return out, nil
}

// Notices lists what a user is told, himself or by his roles, the newest first.
// What stands about a case from which he is recused is left out.
func Notices(ctx context.Context, q db.Querier, by Actor, unread bool, p Page) (List[Notice], error) {
	var w where
	w.add("(n.user_id = ?"+w.in(" OR n.role", by.Roles)+")", append([]any{by.User}, anys(by.Roles)...)...)
	w.add("NOT EXISTS (SELECT 1 FROM casework_recusal r WHERE r.case_id = n.case_id AND r.user_id = ?)", by.User)
	read := "EXISTS (SELECT 1 FROM casework_notice_read r WHERE r.notice_id = n.id AND r.user_id = " + w.arg(by.User) + ")"
	if unread {
		w.add("NOT " + read)
	}
	return page(ctx, q, scanNotice, "SELECT n.id, n.case_id, n.user_id, n.role, n.key, n.args, n.at, "+read+" FROM casework_notice n",
		w, "n.at", "n.id", true, p, func(n Notice) (db.Time, string) { return n.At, n.ID })
}

// MarkRead notes that a user has read notices. What is not his is passed over.
func (s *Service) MarkRead(ctx context.Context, by Actor, ids ...string) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		for _, id := range ids {
			var w where
			at, user := w.arg(db.At(tx.Now())), w.arg(by.User)
			w.add("n.id = ?", id)
			w.add("(n.user_id = ?"+w.in(" OR n.role", by.Roles)+")", append([]any{by.User}, anys(by.Roles)...)...)
			_, err := tx.Exec(ctx, "INSERT INTO casework_notice_read(notice_id, user_id, at) SELECT n.id, "+user+", "+at+
				" FROM casework_notice n WHERE "+w.text()+" ON CONFLICT DO NOTHING", w.args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
