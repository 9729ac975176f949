package api

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Change is one entry of the change log. Readers who may not see private data
// are not told who made it and why.
type Change struct {
	Seq    int64           `json:"seq"`
	At     string          `json:"at" format:"date-time"`
	Kind   string          `json:"kind" doc:"Kind of the record: org, paper, figure …"`
	ID     string          `json:"id" doc:"Id of the record"`
	Action change.Action   `json:"action" enum:"create,update,delete,merge,split,undo"`
	Before json.RawMessage `json:"before,omitempty" doc:"The record before"`
	After  json.RawMessage `json:"after,omitempty" doc:"The record after"`
	Batch  string          `json:"batch,omitempty" doc:"Import batch"`
	Actor  string          `json:"actor,omitempty"`
	Behalf string          `json:"behalf,omitempty"`
	Reason string          `json:"reason,omitempty"`
	Hash   string          `json:"hash" doc:"Chains the entry to the one before it"`
}

// ChangesIn asks for the entries that follow a number.
type ChangesIn struct {
	After int64  `query:"after" minimum:"0" doc:"Number of the last entry seen; cursor goes before it"`
	Kind  string `query:"kind" maxLength:"40" doc:"Only this kind of record"`
	Paging
}

// changes is for editors: entries show people, users and records of sources
// tagged R as they were.
func (s *server) changes() {
	addList(s, route{id: "list_changes", path: "/changes", tag: "changes", needs: account.ReadPrivate}, changeTable(), s.listChanges)
}

// changeScan is how many entries one request looks through for those of a kind.
const changeScan = 5000

func (s *server) listChanges(ctx context.Context, in *ChangesIn) (part[Change], error) {
	c := callOf(ctx)
	after := in.After
	if in.Cursor != "" {
		var err error
		if after, err = decodeSeq(in.Cursor); err != nil {
			return part[Change]{}, err
		}
	}
	out := part[Change]{total: -1}
	for scanned := 0; scanned < changeScan; {
		entries, err := change.After(ctx, s.DB, after, in.Limit)
		if err != nil {
			return part[Change]{}, err
		}
		open, err := s.openEntries(ctx, entries)
		if err != nil {
			return part[Change]{}, err
		}
		for _, e := range entries {
			after = e.Seq
			if (in.Kind == "" || e.Kind == in.Kind) && c.follows(e.Kind) && open(e) {
				out.items = append(out.items, c.shown(e))
			}
			if len(out.items) == in.Limit {
				break
			}
		}
		scanned += len(entries)
		if len(entries) < in.Limit && len(out.items) < in.Limit {
			return out, nil // the end of the log
		}
		if len(out.items) == in.Limit {
			break
		}
	}
	out.next = encodeCursor(strconv.FormatInt(after, 10))
	return out, nil
}

// follows reports whether the caller may see entries of a kind: those of user
// accounts are for who manages them.
func (c *call) follows(kind string) bool {
	return kind != account.Kind || account.Can(c.user.Role, account.ManageUsers)
}

// openEntries tells which entries of the market the caller may see: those of
// records that he reads, and the removal of one that he would have read. Entries
// of other kinds are open.
func (s *server) openEntries(ctx context.Context, entries []change.Entry) (func(change.Entry) bool, error) {
	ids := map[string][]string{}
	for _, e := range entries {
		if slices.Contains(marketKinds, e.Kind) {
			ids[e.Kind] = append(ids[e.Kind], e.ID)
		}
	}
	v := callOf(ctx).viewer()
	seen := map[string]map[string]bool{}
	for kind, list := range ids {
		if s.Transfer == nil {
			continue
		}
		visible, err := s.Transfer.Visible(ctx, v, kind, list)
		if err != nil {
			return nil, err
		}
		seen[kind] = visible
	}
	return func(e change.Entry) bool {
		return !slices.Contains(marketKinds, e.Kind) || seen[e.Kind][e.ID] || e.Action == change.Delete && readBefore(v, e.Before)
	}, nil
}

// marketKinds are the kinds whose records have readers of their own.
var marketKinds = []string{transfer.KindResult, transfer.KindNeed, transfer.KindService, transfer.KindDisclosure, transfer.KindIntroduction, transfer.KindSavedSearch}

// readBefore reports whether a viewer would have read a record that is gone. A
// state without a level is nobody's.
func readBefore(v level.Viewer, state json.RawMessage) bool {
	var c transfer.Common
	if json.Unmarshal(state, &c) != nil {
		return false
	}
	if c.Status == transfer.Draft {
		c.Level = level.Confidential
	}
	return v.Sees(c.Level, c.Allowed())
}

func (c *call) shown(e change.Entry) Change {
	out := Change{Seq: e.Seq, At: e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), Kind: e.Kind, ID: e.ID, Action: e.Action, Before: e.Before, After: e.After, Batch: e.Batch, Hash: e.Hash}
	if c.seesPrivate() {
		out.Actor, out.Behalf, out.Reason = e.Actor, e.Behalf, e.Reason
	}
	return out
}

// historyPage makes a page of a record's history, newest first. A state of the
// record that came from a source tagged R is left out for whom it is private.
func (s *server) historyPage(ctx context.Context, entries []change.Entry, limit int) (part[Change], error) {
	c := callOf(ctx)
	book, err := s.book(ctx)
	if err != nil {
		return part[Change]{}, err
	}
	out := part[Change]{total: -1}
	for _, e := range entries {
		x := c.shown(e)
		for _, state := range []*json.RawMessage{&x.Before, &x.After} {
			if !c.seesPrivate() && book[sourceOfState(*state)].LicenceTag == source.Red {
				*state = nil
			}
		}
		out.items = append(out.items, x)
	}
	if len(entries) == limit {
		out.next = encodeCursor(strconv.FormatInt(entries[limit-1].Seq, 10))
	}
	return out, nil
}

func decodeSeq(cursor string) (int64, error) {
	key, err := decodeCursor(cursor)
	if err != nil || key == "" {
		return 0, err
	}
	seq, err := strconv.ParseInt(key, 10, 64)
	if err != nil || seq < 1 {
		return 0, errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
	}
	return seq, nil
}

// changeTable leaves the records themselves out of a file: they are JSON, and
// the one before may come from another source than the one after, whose rules
// the row would follow.
func changeTable() table[Change] {
	type v = Change
	return table[v]{name: "changes", source: sourceOfChange, columns: []column[v]{
		{"seq", func(x *v) any { return x.Seq }}, {"at", func(x *v) any { return x.At }}, {"kind", func(x *v) any { return x.Kind }}, {"id", func(x *v) any { return x.ID }},
		{"action", func(x *v) any { return string(x.Action) }}, {"batch_id", func(x *v) any { return x.Batch }}, {"actor", func(x *v) any { return x.Actor }}, {"reason", func(x *v) any { return x.Reason }}, {"hash", func(x *v) any { return x.Hash }},
	}}
}

func sourceOfChange(x *Change) string {
	if id := sourceOfState(x.After); id != "" {
		return id
	}
	return sourceOfState(x.Before)
}

// sourceOfState reads the source id out of a record as the log keeps it.
func sourceOfState(raw json.RawMessage) string {
	var record struct {
		SourceID string `json:"source_id"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &record) != nil {
		return ""
	}
	return record.SourceID
}
