package web

import (
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/transfer"
)

// openEntries leaves out of the change log what the reader may not see: records
// of the market that are closed to him, the desk's disclosures, introductions
// of which an end is closed, and searches of other users. To him they do not
// exist.
func (v *reading) openEntries(got []change.Entry) ([]change.Entry, error) {
	got, err := v.openCapital(got)
	if err != nil || v.s.svc.Transfer == nil {
		return got, err
	}
	m := &fair{reading: v, viewer: account.ViewerOf(v.user)}
	seen, err := m.visible(got)
	if err != nil {
		return nil, err
	}
	var out []change.Entry
	for _, e := range got {
		open, err := m.entryOpen(e, seen)
		if err != nil {
			return nil, err
		}
		if open {
			out = append(out, e)
		}
	}
	return out, nil
}

// visible are the records of the market among entries that the reader may see,
// by kind.
func (m *fair) visible(got []change.Entry) (map[string]map[string]bool, error) {
	ids := map[string][]string{}
	for _, e := range got {
		ids[e.Kind] = append(ids[e.Kind], e.ID)
	}
	out := map[string]map[string]bool{}
	for _, b := range stalls {
		var err error
		if out[b.kind()], err = m.s.svc.Transfer.Visible(m.ctx, m.viewer, b.kind(), ids[b.kind()]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (m *fair) entryOpen(e change.Entry, seen map[string]map[string]bool) (bool, error) {
	switch e.Kind {
	case transfer.KindResult, transfer.KindNeed, transfer.KindService:
		return seen[e.Kind][e.ID], nil
	case transfer.KindDisclosure:
		return m.staff(), nil
	case transfer.KindSavedSearch:
		return m.user != nil && e.Actor == m.user.ID, nil
	case transfer.KindIntroduction:
		_, err := m.s.svc.Transfer.Introduction(m.ctx, m.viewer, e.ID)
		if errs.KindOf(err) == errs.NotFound {
			return false, nil
		}
		return err == nil, err
	}
	return true, nil
}

// entryRows are the changed fields of an entry: those of the market by the
// questions of their forms.
func (v *reading) entryRows(e change.Entry) []DiffRow {
	if b, err := stallOf(e.Kind); err == nil {
		m := &fair{reading: v, viewer: account.ViewerOf(v.user)}
		return m.changed(b, e.Before, e.After)
	}
	if h := shelfFor(e.Kind); h != nil {
		return v.capitalRows(h, e)
	}
	return diffRows(v.l, e.Before, e.After)
}
