package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

const caseColumns = "c.id, c.kind, c.kind_version, c.kind_hash, c.ref, c.state, c.final, c.data, COALESCE(c.source_id, ''), c.batch_id, " +
	"c.opened_by, c.opened_at, c.changed_at, c.entered_at, c.recused, c.version, c.head"

func scanCase(s db.Scan) (Case, error) {
	var c Case
	var data string
	err := s(&c.ID, &c.Kind, &c.KindVersion, &c.KindHash, &c.Ref, &c.State, &c.Final, &data, &c.Source, &c.Batch,
		&c.OpenedBy, &c.OpenedAt, &c.ChangedAt, &c.EnteredAt, &c.recused, &c.Version, &c.Head)
	c.Data = json.RawMessage(data)
	return c, err
}

// Get returns a case, or errs.NotFound.
func Get(ctx context.Context, q db.Querier, id string) (Case, error) {
	c, ok, err := db.One(ctx, q, scanCase, "SELECT "+caseColumns+" FROM casework_case c WHERE c.id = $1", id)
	if err == nil && !ok {
		err = notFound(id)
	}
	return c, err
}

func notFound(id string) error {
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
}

// casesOf reads the cases of some acts, each of which has one of its own.
func casesOf(ctx context.Context, q db.Querier, acts []Act) (map[string]Case, error) {
	out, seen := map[string]Case{}, map[string]bool{}
	for part := range slices.Chunk(acts, maxLimit) {
		var ids []any
		for _, a := range part {
			if seen[a.CaseID] {
				return nil, errs.New(errs.Invalid, "casework.acts_twice", errs.A{"case": a.CaseID})
			}
			seen[a.CaseID] = true
			ids = append(ids, a.CaseID)
		}
		err := db.Each(ctx, q, func(s db.Scan) error {
			c, err := scanCase(s)
			out[c.ID] = c
			return err
		}, "SELECT "+caseColumns+" FROM casework_case c WHERE c.id IN ("+db.In(1, len(ids))+")", ids...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// saveCase writes a case over the version that it was read at.
func saveCase(ctx context.Context, tx *db.Tx, was int64, c Case) error {
	res, err := tx.Exec(ctx, `UPDATE casework_case SET kind_version = $1, kind_hash = $2, state = $3, final = $4, data = $5,
		changed_at = $6, entered_at = $7, recused = $8, version = $9, head = $10 WHERE id = $11 AND version = $12`,
		c.KindVersion, c.KindHash, c.State, c.Final, string(c.Data), c.ChangedAt, c.EnteredAt, c.recused, c.Version, c.Head, c.ID, was)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errs.Wrap(err, errs.Precondition, "errs.stale", errs.A{"version": was + 1})
	}
	return nil
}

const (
	caseInto = "casework_case(id, kind, kind_version, kind_hash, ref, state, final, data, source_id, batch_id, " +
		"opened_by, opened_at, changed_at, entered_at, recused, version, head)"
	eventColumns = "case_id, seq, kind_version, action, from_state, to_state, actor, behalf, role, reason, input, verdicts, effects, data, key, request, at, hash"
	eventInto    = "casework_event(" + eventColumns + ")"
	timerInto    = "casework_timer(id, case_id, action, state, due_on, due_at, status, leased_until, attempts, fault)"
)

func (c Case) row() []any {
	return []any{
		c.ID, c.Kind, c.KindVersion, c.KindHash, c.Ref, c.State, c.Final, string(c.Data), null(c.Source), c.Batch,
		c.OpenedBy, c.OpenedAt, c.ChangedAt, c.EnteredAt, c.recused, c.Version, c.Head,
	}
}

func (e Event) row() []any {
	return []any{
		e.CaseID, e.Seq, e.KindVersion, e.Action, e.From, e.To, e.Actor, e.Behalf, e.Role, e.Reason,
		string(e.Input), string(e.Verdicts), string(e.Effects), string(e.Data), null(e.Key), e.Request, e.At, e.Hash,
	}
}

func null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func scanEvent(s db.Scan) (Event, error) {
	var e Event
	var input, verdicts, effects, data string
	var key *string
	err := s(&e.CaseID, &e.Seq, &e.KindVersion, &e.Action, &e.From, &e.To, &e.Actor, &e.Behalf, &e.Role, &e.Reason,
		&input, &verdicts, &effects, &data, &key, &e.Request, &e.At, &e.Hash)
	e.Input, e.Verdicts, e.Effects, e.Data = rawJSON(input), rawJSON(verdicts), rawJSON(effects), rawJSON(data)
	if key != nil {
		e.Key = *key
	}
	return e, err
}

func rawJSON(s string) json.RawMessage {
	if s == "" {
		return nil
	}
	return json.RawMessage(s)
}

// Events returns up to limit events of a case that follow number after, the
// oldest first.
func Events(ctx context.Context, q db.Querier, id string, after int64, limit int) ([]Event, error) {
	return db.Collect(ctx, q, scanEvent, "SELECT "+eventColumns+" FROM casework_event WHERE case_id = $1 AND seq > $2 ORDER BY seq LIMIT $3", id, after, limit)
}

// hash chains an event to the one before it. Each field is preceded by its
// length, so that no two events share a text.
func (e *Event) hash(before string) string {
	at, _ := e.At.Value() // Time.Value has no error
	text, _ := at.(string)
	return digest(before, e.CaseID, strconv.FormatInt(e.Seq, 10), strconv.Itoa(e.KindVersion), e.Action, e.From, e.To, e.Actor, e.Behalf, e.Role, e.Reason,
		string(e.Input), string(e.Verdicts), string(e.Effects), string(e.Data), e.Key, e.Request, text)
}

func digest(fields ...string) string {
	h := sha256.New()
	var buf []byte
	for _, f := range fields {
		buf = strconv.AppendInt(buf[:0], int64(len(f)), 10)
		buf = append(buf, ':')
		buf = append(buf, f...)
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// requestOf is what two requests have in common that ask for the same thing.
func requestOf(by Actor, action string, in Input) string {
	if in.Key == "" {
		return ""
	}
	return digest(by.User, by.Behalf, action, in.Reason, string(in.Body))
}

// recused reports whether a user has been taken off the case.
func recused(ctx context.Context, q db.Querier, c Case, user string) (bool, error) {
	if c.recused == 0 {
		return false, nil
	}
	_, ok, err := db.Value[string](ctx, q, "SELECT reason FROM casework_recusal WHERE case_id = $1 AND user_id = $2", c.ID, user)
	return ok, err
}

// actedIn returns one of the actions that a user has done in a case, or that was
// done on his behalf; "" when he has done none of them.
func actedIn(ctx context.Context, q db.Querier, id, user string, actions []string) (string, error) {
	if len(actions) == 0 {
		return "", nil
	}
	args := []any{id, user}
	for _, a := range actions {
		args = append(args, a)
	}
	did, _, err := db.Value[string](ctx, q, "SELECT action FROM casework_event WHERE case_id = $1 AND (actor = $2 OR behalf = $2) AND action IN ("+
		db.In(3, len(actions))+") ORDER BY seq LIMIT 1", args...)
	return did, err
}

func roleNames(k *Kind, t *Transition) i18n.Text {
	var zh, en []string
	for _, r := range t.Roles {
		if r == Clock && len(t.Roles) > 1 {
			continue
		}
		n := k.RoleName(r)
		zh, en = append(zh, n.ZH), append(en, n.EN)
	}
	return i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

func (s *Service) batch(tx *db.Tx) *batch { return &batch{s: s, tx: tx} }

// batch collects the rows that a transaction adds, to be inserted together.
type batch struct {
	s        *Service
	tx       *db.Tx
	calendar *Calendar
	pinned   map[*Kind]bool
	cases    [][]any
	events   [][]any
	stopped  []any // cases whose clocks end, before new ones start
	timers   [][]any
	changes  []change.Entry
}

// pin keeps the rules of a kind in the database, and refuses other rules under
// the same version.
func (w *batch) pin(ctx context.Context, k *Kind) error {
	if w.pinned[k] {
		return nil
	}
	body, err := json.Marshal(k)
	if err != nil {
		return err
	}
	_, err = w.tx.Exec(ctx, "INSERT INTO casework_kind(kind, version, hash, body, first_used_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
		k.ID, k.Version, k.Hash(), string(body), db.At(w.tx.Now()))
	if err != nil {
		return err
	}
	hash, _, err := db.Value[string](ctx, w.tx, "SELECT hash FROM casework_kind WHERE kind = $1 AND version = $2", k.ID, k.Version)
	if err == nil && hash != k.Hash() {
		err = errs.New(errs.Conflict, "casework.kind_altered", errs.A{"kind": k.ID, "version": k.Version})
	}
	if w.pinned == nil {
		w.pinned = map[*Kind]bool{}
	}
	w.pinned[k] = true
	return err
}

func (w *batch) open(ctx context.Context, k *Kind, c Case, e Event, by change.Author) error {
	timers, err := w.timersOf(ctx, k, c)
	if err != nil {
		return err
	}
	entry, err := change.New(by, "case", c.ID, change.Create, nil, c)
	if err != nil {
		return err
	}
	w.cases, w.events, w.changes = append(w.cases, c.row()), append(w.events, e.row()), append(w.changes, entry)
	w.timers = append(w.timers, timers...)
	return nil
}

// step writes a case after an event and takes in the rows that go with it.
func (w *batch) step(ctx context.Context, k *Kind, before Case, c *Case, e *Event, by change.Author) error {
	c.record(e, db.At(w.tx.Now()))
	if err := saveCase(ctx, w.tx, before.Version, *c); err != nil {
		return err
	}
	entry, err := change.New(by, "case", c.ID, change.Update, before, *c)
	if err != nil {
		return err
	}
	w.events, w.changes = append(w.events, e.row()), append(w.changes, entry)
	if c.State == before.State && c.KindVersion == before.KindVersion {
		return nil
	}
	w.stop(k, before, *c)
	timers, err := w.timersOf(ctx, k, *c)
	w.timers = append(w.timers, timers...)
	return err
}

// insert writes what was taken in.
func (w *batch) insert(ctx context.Context) error {
	if err := w.stopClocks(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		into string
		rows [][]any
	}{{caseInto, w.cases}, {eventInto, w.events}, {timerInto, w.timers}} {
		if err := db.InsertMany(ctx, w.tx, part.into, "", part.rows); err != nil {
			return err
		}
	}
	return change.Append(ctx, w.tx, w.changes...)
}
