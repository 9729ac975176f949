package ingest

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// undoStep is how many entries are undone together.
const undoStep = 1000

// maxNamed is how many records a refusal names.
const maxNamed = 10

// Undo takes back a batch as a whole, newest entry first, in one transaction.
// When records have changed since, or others refer to new ones, nothing is
// undone and errs.Conflict names them.
func (s *Service) Undo(ctx context.Context, batchID string, by change.Author) error {
	by.BatchID = ""
	by.Reason = strings.TrimSpace("undo " + batchID + " " + by.Reason)
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		b, err := source.GetBatch(ctx, tx, batchID)
		if err != nil {
			return err
		}
		if b.State != source.Done {
			return errs.New(errs.Conflict, "source.batch_not_done", errs.A{"id": batchID})
		}
		if err := s.refuseChanged(ctx, tx, batchID); err != nil {
			return err
		}
		if err := s.undoEntries(ctx, tx, batchID, by); err != nil {
			return err
		}
		if err := deleteKeys(ctx, tx, batchID); err != nil {
			return err
		}
		return source.MarkUndone(ctx, tx, batchID, by.Actor)
	})
}

// refuseChanged looks for records of the batch with a newer entry of somebody
// else. An entry and its own undoing cancel out and do not count.
func (s *Service) refuseChanged(ctx context.Context, tx *db.Tx, batchID string) error {
	newer, err := change.ChangedSince(ctx, tx, batchID)
	if err != nil || len(newer) == 0 {
		return err
	}
	var names []string
	total := 0
	for _, key := range newer {
		latest, err := change.Of(ctx, tx, key.Kind, key.ID, 0, 1)
		if err != nil {
			return err
		}
		own, err := lastOfBatch(ctx, tx, key, batchID)
		if err != nil {
			return err
		}
		if len(latest) > 0 && sameContent(latest[0].After, own.After) {
			continue
		}
		if total++; len(names) < maxNamed {
			names = append(names, key.Kind+" "+key.ID)
		}
	}
	if total == 0 {
		return nil
	}
	return errs.New(errs.Conflict, "ingest.changed_since", errs.A{"batch": batchID, "count": total, "records": strings.Join(names, ", ")})
}

// stamps are the parts of a record that every write moves.
var stamps = []string{"version", "created_at", "updated_at", "batch_id"}

// sameContent compares two states of a record, stamps aside.
func sameContent(a, b json.RawMessage) bool {
	return bare(a) == bare(b)
}

func bare(raw json.RawMessage) string {
	var m map[string]any
	if json.Unmarshal(raw, &m) != nil {
		return string(raw)
	}
	for _, k := range stamps {
		delete(m, k)
	}
	out, _ := json.Marshal(m) // it was just decoded
	return string(out)
}

func (s *Service) undoEntries(ctx context.Context, tx *db.Tx, batchID string, by change.Author) error {
	before := int64(0)
	for {
		part, err := change.OfBatch(ctx, tx, batchID, before, undoStep)
		if err != nil || len(part) == 0 {
			return err
		}
		before = part[len(part)-1].Seq
		for len(part) > 0 {
			n := sameRoom(part)
			if err := s.undoRoom(ctx, tx, by, part[:n]); err != nil {
				return err
			}
			part = part[n:]
		}
	}
}

// room says which package restores a kind.
func room(kind string) string {
	switch kind {
	case source.Kind:
		return "source"
	case observatory.KindFigure, observatory.KindReported, observatory.KindSuperlative:
		return "observatory"
	case edition.KindEdition, edition.KindEntry:
		return "edition"
	case termbase.Kind:
		return "termbase"
	case transfer.KindResult, transfer.KindNeed, transfer.KindService:
		return "transfer"
	}
	switch {
	case isCapital(kind):
		return "capital"
	case strings.HasPrefix(kind, fund.KindFund), strings.HasPrefix(kind, pool.KindPool):
		return "money"
	}
	return "registry"
}

func sameRoom(entries []change.Entry) int {
	for i := range entries {
		if room(entries[i].Kind) != room(entries[0].Kind) {
			return i
		}
	}
	return len(entries)
}

func (s *Service) undoRoom(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	switch room(entries[0].Kind) {
	case "registry":
		return s.reg.UndoAll(ctx, tx, by, entries)
	case "transfer":
		return transfer.New(s.d).UndoAll(ctx, tx, by, entries)
	case "capital":
		return capital.New(s.d).UndoAll(ctx, tx, by, entries)
	case "money":
		return unmovable(entries[0].Kind, entries[0].ID)
	}
	for _, e := range entries {
		restore := observatory.Undo
		switch room(e.Kind) {
		case "source":
			restore = undoSource
		case "edition":
			restore = edition.Undo
		case "termbase":
			restore = termbase.Undo
		}
		if err := restore(ctx, tx, by, e); err != nil {
			return err
		}
	}
	return nil
}

// undoSource removes a source that the batch had brought, or puts back what it
// had changed.
func undoSource(ctx context.Context, tx *db.Tx, by change.Author, e change.Entry) error {
	if len(e.Before) > 0 {
		var before source.Source
		if err := json.Unmarshal(e.Before, &before); err != nil {
			return err
		}
		_, err := source.Put(ctx, tx, by, before)
		return err
	}
	batches, err := source.Batches(ctx, tx, e.ID, 1)
	if err != nil || len(batches) > 0 {
		return err // a batch names it, be it this one: its record stays
	}
	if err := source.Remove(ctx, tx, e.ID); err != nil {
		return err
	}
	gone, err := change.New(by, source.Kind, e.ID, change.Undo, e.After, nil)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, gone)
}

func lastOfBatch(ctx context.Context, q db.Querier, key change.Record, batchID string) (change.Entry, error) {
	for before := int64(0); ; {
		part, err := change.Of(ctx, q, key.Kind, key.ID, before, 50)
		if err != nil || len(part) == 0 {
			return change.Entry{}, err
		}
		for _, e := range part {
			if e.Batch == batchID {
				return e, nil
			}
		}
		before = part[len(part)-1].Seq
	}
}
