package transfer

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
)

// guard adds the one condition under which a viewer reads the rows of a kind;
// every read of this room goes through it. table is the name under which the
// rows stand in the query, word their kind in record_reader.
//
// A row is open at its level_rank (see Common.rank), but one from a source that
// is tagged R, for private use only, not below the staff. Its named readers and
// who made it read it in any case.
func guard(w *where, table, word string, v level.Viewer) {
	open := table + ".level_rank <= ?"
	if v.Rank() < level.Internal.Rank() {
		open += " AND " + table + ".source_id NOT IN (SELECT id FROM source WHERE licence_tag = 'R')"
	}
	if v.User == "" {
		w.add("("+open+")", v.Rank())
		return
	}
	w.add("(("+open+") OR EXISTS (SELECT 1 FROM record_reader x WHERE x.kind = ? AND x.record_id = "+table+".id AND x.user_id = ?))", v.Rank(), word, v.User)
}

// guardDrafts is guard for what is being written: nobody reads it but its
// author and those it names.
func guardDrafts(w *where, table string, v level.Viewer) {
	w.add(table+".id IN (SELECT x.record_id FROM record_reader x WHERE x.kind = 'draft' AND x.user_id = ? AND x.user_id <> '')", v.User)
}

// guardEnd adds the condition that a viewer reads what a pair of columns names,
// a kind and an id. Kinds of other rooms have no levels.
func guardEnd(w *where, kind, id string, v level.Viewer) {
	any := where{args: w.args}
	any.add(kind + " NOT IN ('result', 'need', 'service')")
	for _, word := range []string{KindResult, KindNeed, KindService} {
		one := where{args: any.args}
		guard(&one, "e", word, v)
		any.args = one.args
		any.parts = append(any.parts, kind+" = '"+word+"' AND "+id+" IN (SELECT e.id FROM "+word+" e WHERE "+one.and()+")")
	}
	w.args = any.args
	w.parts = append(w.parts, any.or())
}

// Visible reports which records of a kind of this room a viewer reads: whoever
// shows entries of the change log, or kept references, asks here first. An id
// that nothing has is missing, as is one that is hidden.
func (s *Service) Visible(ctx context.Context, v level.Viewer, word string, ids []string) (map[string]bool, error) {
	out := map[string]bool{}
	var w where
	switch word {
	case KindResult, KindNeed, KindService:
		guard(&w, "t", word, v)
	case KindIntroduction:
		guardIntroductions(&w, v)
	case KindDisclosure:
		if !atDesk(v) {
			return out, nil
		}
	case KindSavedSearch:
		w.add("t.user_id = ?", v.User)
	default:
		return out, nil
	}
	for part := range parts(storables(ids)) {
		one := where{parts: slices.Clone(w.parts), args: slices.Clone(w.args)}
		one.add("t.id IN ("+blanks(len(part))+")", part...)
		err := db.Each(ctx, s.d, func(scan db.Scan) error {
			var id string
			err := scan(&id)
			out[id] = true
			return err
		}, "SELECT t.id FROM "+word+" t"+one.String(), one.args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// storables leaves out ids that no record can have.
func storables(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !storable(id) })
}
