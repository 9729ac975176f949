package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// batchesShown is how many batches are listed; a Kapok has tens, not thousands.
const batchesShown = 200

func (s *Site) batchList(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "batches")
	if err != nil {
		return err
	}
	id := x.q.Get("source")
	got, err := source.Batches(x.ctx, s.svc.DB, id, batchesShown)
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, b := range got {
		counts[b.SourceID]++
	}
	x.choice("source", "reg.source", facetsOf(counts), x.sourceTitle)
	x.p.Facets = nil
	x.p.Head = x.batchHead(true)
	x.p.Rows = x.batchRows(got, true)
	if x.can(account.Import) {
		x.p.Acts = []Link{{x.say("reg.import"), "/import"}}
	}
	p := x.finish(int64(len(got)), len(got), "")
	p.Filter.Exports = nil
	return s.Render(w, r, "register", p)
}

func (v *reading) batchHead(sources bool) TableHead {
	x := &list{reading: v}
	x.column("reg.file", false, "", "", false)
	if sources {
		x.column("reg.source", false, "", "", false)
	}
	x.column("reg.imported", false, "", "", false)
	for _, c := range []string{"reg.rows_read", "reg.rows_created", "reg.rows_updated", "reg.rows_unchanged", "reg.rows_rejected"} {
		x.column(c, true, "", "", false)
	}
	x.column("reg.status", false, "", "", false)
	x.p.Head.Caption, x.p.Head.Hidden = v.say("reg.batches"), true
	return x.p.Head
}

func (v *reading) batchRows(all []source.Batch, sources bool) []RegisterRow {
	x := &list{reading: v}
	x.p.Head = v.batchHead(sources)
	for _, b := range all {
		row := RegisterRow{Href: "/batches/" + b.ID, Name: b.FileName, Also: v.word("importer", b.Importer)}
		if b.FileName == "" {
			row.Name, row.Also = row.Also, ""
		}
		if sources {
			row.Cells = []Cell{{Text: x.sourceTitle(b.SourceID), Href: "/sources/" + b.SourceID}}
		}
		row.Cells = append(row.Cells, Cell{Text: day(b.FinishedAt.Time)})
		for _, n := range []int64{b.Counts.Read, b.Counts.Created, b.Counts.Updated, b.Counts.Unchanged, b.Counts.Rejected} {
			row.Cells = append(row.Cells, Cell{Text: i18n.Integer(n)})
		}
		row.Cells = append(row.Cells, Cell{Text: v.word("batch_state", string(b.State))})
		x.row("", row)
	}
	return x.p.Rows
}

// batch is the page of one import.
func (s *Site) batch(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	b, err := source.GetBatch(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return err
	}
	title := b.FileName
	if title == "" {
		title = v.word("importer", b.Importer)
	}
	p := s.record(r, v, "batches", i18n.Text{ZH: title, EN: title})
	p.Flash = v.done(p.query)
	p.Also = []string{v.word("importer", b.Importer), v.word("batch_state", string(b.State))}
	p.Facts = v.batchFacts(b)
	p.event(day(b.StartedAt.Time), v.say("reg.event.imported", errs.A{"who": v.actor(b.Actor)}))
	if b.State == source.Undone {
		p.event(day(b.UndoneAt.Time), v.say("reg.event.undone", errs.A{"who": v.actor(b.UndoneBy)}))
		p.Note = v.say("reg.batch_undone")
	} else if v.can(account.UndoImport) && s.svc.Import != nil {
		p.Acts = []Link{{v.say("reg.undo_batch"), "/batches/" + b.ID + "/undo"}}
	}
	if p.History, p.Older, err = v.batchChanges(p.Page, b.ID); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "record", p)
}

func (v *reading) batchFacts(b source.Batch) []Fact {
	src := Fact{Label: v.say("reg.source"), Values: []FactValue{{Text: b.SourceID, Href: "/sources/" + b.SourceID}}}
	if x, ok := v.sources[b.SourceID]; ok {
		src.Values[0].Text = x.Title.In(v.l)
	}
	facts := []Fact{src}
	for _, c := range []struct {
		key string
		n   int64
	}{{"reg.rows_read", b.Counts.Read}, {"reg.rows_created", b.Counts.Created}, {"reg.rows_updated", b.Counts.Updated},
		{"reg.rows_unchanged", b.Counts.Unchanged}, {"reg.rows_rejected", b.Counts.Rejected}} {
		facts = append(facts, v.fact(c.key, v.say("reg.n_rows", errs.A{"n": c.n}), nil))
	}
	facts = append(facts, v.fact("reg.who", v.actor(b.Actor), nil),
		Fact{Label: v.say("reg.time_taken"), Values: []FactValue{{Text: i18n.Instant(b.StartedAt.Time) + " – " + i18n.Instant(b.FinishedAt.Time)}}},
		v.fact("reg.file_hash", b.FileSHA256, nil))
	return facts
}

// batchChanges lists what a batch changed, newest first. Each entry leads to
// the record's own page, where the whole change stands.
func (v *reading) batchChanges(p Page, id string) ([]HistoryEntry, string, error) {
	got, err := change.OfBatch(v.ctx, v.s.svc.DB, id, number64(p.query.Get("history")), pageSize+1)
	if err != nil {
		return nil, "", err
	}
	return v.entries(p, got)
}

// entries words a page of changes of several records; one entry too many says
// that there are more.
func (v *reading) entries(p Page, got []change.Entry) (out []HistoryEntry, next string, err error) {
	if len(got) > pageSize {
		got = got[:pageSize]
		next = p.With("history", i64(got[pageSize-1].Seq))
	}
	if got, err = v.openEntries(got); err != nil {
		return nil, "", err
	}
	var ids []string
	for _, e := range got {
		ids = append(ids, e.ID)
	}
	refs, err := v.s.svc.Registry.Refs(v.ctx, ids)
	if err != nil {
		return nil, "", err
	}
	for _, e := range got {
		h := v.entry(e)
		h.Batch, h.Open = Link{}, false
		h.Record = Link{v.nameOf(e, refs), refPath(e.Kind, e.ID)}
		if v.closedEntry(e) {
			h.Rows = nil
		}
		out = append(out, h)
	}
	return out, next, nil
}

// nameOf names the record of a change: as the registry has it now, else as the
// change itself has it.
func (v *reading) nameOf(e change.Entry, refs map[string]registry.Ref) string {
	if r, ok := refs[e.ID]; ok && !r.Name.IsZero() {
		return r.Name.In(v.l)
	}
	raw := e.After
	if len(raw) == 0 {
		raw = e.Before
	}
	f := flatten(v.l, raw)
	for _, name := range []string{"title." + map[i18n.Lang]string{i18n.ZH: "zh", i18n.EN: "en"}[v.l], "title", "name.zh", "name", "title.zh", "title.en", "key"} {
		if vs := f.values[name]; len(vs) > 0 {
			return vs[0]
		}
	}
	return e.ID
}

// closedEntry reports a change of a record that the reader may not see.
func (v *reading) closedEntry(e change.Entry) bool {
	for _, raw := range [][]byte{e.Before, e.After} {
		for _, id := range flatten(v.l, raw).values["source_id"] {
			if v.closed(id) {
				return true
			}
		}
	}
	return false
}

// facetsOf orders counts as the registry does: the most frequent first.
func facetsOf(counts map[string]int64) []registry.Facet {
	var out []registry.Facet
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, registry.Facet{Value: v, Count: counts[v]})
	}
	slices.SortStableFunc(out, func(a, b registry.Facet) int { return int(b.Count - a.Count) })
	return out
}

func ordered(all map[string]source.Source) []source.Source {
	var out []source.Source
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[id])
	}
	return out
}

// contains reports whether one of the texts holds the query, folded.
func contains(query string, texts ...string) bool {
	q := fold.Name(query)
	return q == "" || slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(fold.Name(t), q) })
}
