package registry_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry"
)

// TestUndoOfALargeBatch walks a batch as package ingest does, part by part.
func TestUndoOfALargeBatch(t *testing.T) {
	orgs, links := likeROR(1500)
	eachEngine(t, func(t *testing.T, d *db.DB, s *registry.Service) {
		before := contents(t, d)
		putOrgs(t, d, s, orgs...)
		putLinks(t, d, s, links...)
		inTx(t, d, func(tx *db.Tx) error {
			last := int64(0)
			for {
				part, err := change.OfBatch(t.Context(), tx, "batch-1", last, 1000)
				if err != nil || len(part) == 0 {
					return err
				}
				last = part[len(part)-1].Seq
				if err := s.UndoAll(t.Context(), tx, editor, part); err != nil {
					return err
				}
			}
		})
		if after := contents(t, d); after != before {
			t.Errorf("the batch left %d bytes behind", len(after)-len(before))
		}
	})
}
