package corpus

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

// Remove takes a corpus away: first its manifest, so that it is gone at once,
// then its files. A half-written corpus can be removed too.
func Remove(root, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		return errs.Wrap(err, errs.NotFound, "corpus.none", errs.A{"name": name})
	}
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove corpus: %w", err)
	}
	return os.RemoveAll(dir)
}

// Forget takes deleted works out of a corpus of OpenAlex, by the lists of ids
// that OpenAlex publishes. It returns how many works went; none leaves the
// corpus as it is. The new content is written beside the old and takes its
// place in one step.
func Forget(ctx context.Context, root, name string, cfg stats.Config, lists []string) (int64, error) {
	dir := filepath.Join(root, name)
	m, err := ReadManifest(dir)
	if err != nil {
		return 0, err
	}
	if m.Kind != OpenAlex {
		return 0, errs.New(errs.Invalid, "corpus.not_openalex", errs.A{"name": name, "kind": string(m.Kind)})
	}
	for _, path := range lists {
		if _, err := os.Stat(path); err != nil {
			return 0, errs.Wrap(err, errs.NotFound, "corpus.no_input", errs.A{"path": path})
		}
	}
	f := found{deleted: lists}
	ids, _, err := f.readDeleted()
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	w, err := NewWriter(ctx, dir, cfg)
	if err != nil {
		return 0, err
	}
	defer w.Close()
	return forget(ctx, w, m, ids)
}

func forget(ctx context.Context, w *Writer, m Manifest, ids []int64) (int64, error) {
	press, err := newPresser()
	if err != nil {
		return 0, err
	}
	list := newParquetFile(filepath.Join(w.dir, ".tmp-deleted.parquet"), Table{Name: "deleted", Columns: whole("work_id")}, press)
	defer func() { _ = os.Remove(list.path) }()
	for _, id := range ids {
		list.cols[0].int(id)
		if err := list.endRow(); err != nil {
			return 0, err
		}
	}
	if err := list.finish(); err != nil {
		return 0, err
	}
	for _, v := range append(m.Views(w.dir), stats.View{Name: "deleted", Files: []string{list.path}}) {
		if err := w.Engine.View(ctx, v); err != nil {
			return 0, err
		}
	}
	gone, _, err := db.Value[int64](ctx, w.Engine, "SELECT count(*) FROM work WHERE work_id IN (SELECT work_id FROM deleted)")
	if err != nil || gone == 0 {
		return 0, err
	}
	for _, t := range Tables {
		where := map[string]string{"work": "work_id", "authorship": "work_id", "citation": "citing"}[t.Name]
		switch {
		case t.Name == "point":
			where = " WHERE document NOT IN (SELECT 'W' || work_id FROM deleted)"
		case where != "":
			where = " WHERE " + where + " NOT IN (SELECT work_id FROM deleted)"
		}
		if err := w.Write(ctx, t.Name, "SELECT * FROM "+t.Name+where); err != nil {
			return 0, err
		}
	}
	m.Parameters = maps.Clone(m.Parameters)
	if m.Parameters == nil {
		m.Parameters = map[string]string{}
	}
	before, _ := strconv.ParseInt(m.Parameters["forgotten"], 10, 64)
	m.Parameters["forgotten"] = strconv.FormatInt(before+gone, 10)
	m.Report.Kept -= gone
	f := m.Report.Faults[faultDeleted]
	f.Count += gone
	m.Report.Faults = maps.Clone(m.Report.Faults)
	if m.Report.Faults == nil {
		m.Report.Faults = map[string]Fault{}
	}
	m.Report.Faults[faultDeleted] = f
	_, err = w.Publish(ctx, m)
	return gone, err
}

// KindsOfFaults lists the faults of a report, those that keep records out first
// and then the most frequent.
func (r *Report) KindsOfFaults() []string {
	return slices.SortedFunc(maps.Keys(r.Faults), func(a, b string) int {
		x, y := r.Faults[a], r.Faults[b]
		switch {
		case x.Kept != y.Kept && y.Kept:
			return -1
		case x.Kept != y.Kept:
			return 1
		case x.Count != y.Count:
			return int(min(max(y.Count-x.Count, -1), 1))
		case a < b:
			return -1
		}
		return 1
	})
}
