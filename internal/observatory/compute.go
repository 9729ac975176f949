package observatory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/stats"
)

// Run is a computation of all figures.
type Run struct {
	ChangeSeq int64                `json:"change_seq"` // the records up to this change
	Day       string               `json:"day"`        // "as of" for the values of today
	City      string               `json:"city"`
	At        db.Time              `json:"at"`
	Written   int64                `json:"written"`          // versions that are new
	Failed    map[string]i18n.Text `json:"failed,omitempty"` // figure id → why; its values stay as they were

	Computed int          `json:"computed"` // figures that have a value; not kept
	Facts    stats.Report `json:"facts"`    // not kept
	Took     string       `json:"took"`     // not kept
}

// Compute brings the facts up to date and computes every figure. A value gets
// a new version only when it or the records behind it have moved; earlier
// versions stay. One figure's failure does not stop the others. When nothing
// has changed since the last run of the same day, nothing is done.
func (s *Service) Compute(ctx context.Context) (Run, error) {
	s.computing.Lock()
	defer s.computing.Unlock()
	began := s.d.Now()
	report, err := s.facts.CatchUp(ctx, s.d)
	if err != nil {
		return Run{}, err
	}
	run := Run{ChangeSeq: report.ChangeSeq, Day: s.d.Now().Format(time.DateOnly), City: s.cfg.City, Facts: report}
	last, err := lastRun(ctx, s.d)
	if err != nil {
		return Run{}, err
	}
	if last.ChangeSeq == run.ChangeSeq && last.Day == run.Day && last.City == run.City && len(last.Failed) == 0 && !last.At.IsZero() {
		last.Facts, last.Written, last.Took = report, 0, s.d.Now().Sub(began).Round(time.Millisecond).String()
		return last, nil
	}
	book, err := s.Book(ctx)
	if err != nil {
		return Run{}, err
	}
	values, err := s.computeAll(ctx, &book, &run)
	if err != nil {
		return Run{}, err
	}
	err = s.d.InTx(ctx, func(tx *db.Tx) error { return keep(ctx, tx, &run, values) })
	run.Took = s.d.Now().Sub(began).Round(time.Millisecond).String()
	return run, err
}

// computeAll returns the values of each figure that could be computed.
func (s *Service) computeAll(ctx context.Context, book *Book, run *Run) (map[string][]stored, error) {
	session, err := s.facts.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	run.ChangeSeq = session.Manifest.ChangeSeq
	c := computation{
		engine: engine{q: session, p: params{city: s.cfg.City, asOf: run.Day}},
		book:   book, deriver: newDeriver(book), run: run, values: map[string][]stored{},
	}
	run.Failed = map[string]i18n.Text{}
	for i := range book.Figures {
		if err := c.figure(ctx, &book.Figures[i]); err != nil {
			return nil, err
		}
	}
	run.Computed = len(c.values)
	return c.values, nil
}

// patience is how long one figure may take.
const patience = 30 * time.Second

// computation carries one run.
type computation struct {
	engine  engine
	book    *Book // its computed values are replaced as the run goes
	deriver *deriver
	run     *Run
	values  map[string][]stored
	visited map[string]bool
}

// figure computes f after the figures that it rests on.
func (c *computation) figure(ctx context.Context, f *Figure) error {
	if c.visited == nil {
		c.visited = map[string]bool{}
	}
	if c.visited[f.ID] || !f.Computes() {
		return nil
	}
	c.visited[f.ID] = true
	for _, id := range append([]string{f.Numerator, f.Denominator}, f.Compute.Of...) {
		if under := c.deriver.figures[id]; under != nil {
			if err := c.figure(ctx, under); err != nil {
				return err
			}
		}
	}
	values, err := c.compute(ctx, f)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		c.run.Failed[f.ID] = i18n.Text{ZH: i18n.Error(i18n.ZH, err), EN: i18n.Error(i18n.EN, err)}
		return nil
	}
	method, now := f.method(), make([]Computed, len(values))
	for i := range values {
		v := &values[i]
		v.Method, v.AsOf, v.ChangeSeq = method, c.run.Day, c.run.ChangeSeq
		v.ID = db.DerivedID("val", f.ID, v.Item, v.Slot)
		now[i] = v.Computed
	}
	c.values[f.ID], c.book.Computed[f.ID] = values, now
	return nil
}

func (c *computation) compute(ctx context.Context, f *Figure) ([]stored, error) {
	if f.Operation() == BySQL {
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		values, err := c.engine.values(limited, f)
		if limited.Err() != nil {
			err = errs.Wrap(err, errs.TooLarge, "observatory.too_slow", errs.A{"figure": f.ID, "seconds": int(patience.Seconds())})
		}
		return values, err
	}
	var out []stored
	for _, v := range c.deriver.derive(f) {
		out = append(out, v.stored)
	}
	return out, nil
}

// method names the computation: a changed one makes new versions.
func (f *Figure) method() string {
	parts := []any{f.Operation(), f.Compute.SQL, f.Compute.Records, f.Compute.Of, f.Numerator, f.Denominator, f.Unit}
	if f.Compute.Per != 0 {
		parts = append(parts, f.Compute.Per)
	}
	sum := sha256.Sum256([]byte(jsonText(parts)))
	return hex.EncodeToString(sum[:8])
}

// keep writes the versions that moved and the run. A value that is gone (the
// last platform of a class was withdrawn) is superseded by nothing.
func keep(ctx context.Context, tx *db.Tx, run *Run, values map[string][]stored) error {
	present, err := presentOf(ctx, tx, "")
	if err != nil {
		return err
	}
	versions, err := versionsOf(ctx, tx)
	if err != nil {
		return err
	}
	old := map[string]*stored{}
	for i := range present {
		old[present[i].key()] = &present[i]
	}
	var fresh [][]any
	var gone []string
	for _, list := range values {
		for i := range list {
			v := &list[i]
			before := old[v.key()]
			delete(old, v.key())
			if before != nil && before.same(v) {
				continue
			}
			if before != nil {
				gone = append(gone, before.ID)
			}
			v.Version, v.ComputedAt = versions[v.key()]+1, db.At(tx.Now())
			v.ID = db.DerivedID("val", v.FigureID, v.Item, v.Slot, number(float64(v.Version)))
			fresh = append(fresh, v.row())
		}
	}
	for _, v := range old {
		if _, failed := run.Failed[v.FigureID]; !failed {
			gone = append(gone, v.ID)
		}
	}
	if err := supersede(ctx, tx, gone); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "figure_value("+valueColumns+")", "", fresh); err != nil {
		return err
	}
	run.Written, run.At = int64(len(fresh)), db.At(tx.Now())
	return putRun(ctx, tx, run)
}

func supersede(ctx context.Context, tx *db.Tx, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, "UPDATE figure_value SET superseded_at = $1 WHERE id = $2", db.At(tx.Now()), id); err != nil {
			return err
		}
	}
	return nil
}

func (v *stored) key() string { return v.FigureID + "\x00" + v.Item + "\x00" + v.Slot }

// same reports whether nothing has moved: value, records, method and, for a
// label, the words.
func (v *stored) same(w *stored) bool {
	a, b := v.Quantity, w.Quantity
	return v.Known == w.Known && a.Bound == b.Bound && a.Unit == b.Unit && level(a.Value, b.Value) && level(a.High, b.High) && v.RecordsHash == w.RecordsHash && v.Method == w.Method && v.ItemTitle == w.ItemTitle && v.Simulated == w.Simulated
}

// level reports whether two numbers differ by no more than the order of a sum
// may explain.
func level(a, b float64) bool {
	return math.Abs(a-b) <= 1e-12*math.Max(math.Abs(a), math.Abs(b))
}

func versionsOf(ctx context.Context, q db.Querier) (map[string]int64, error) {
	out := map[string]int64{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var v stored
		if err := s(&v.FigureID, &v.Item, &v.Slot, &v.Version); err != nil {
			return err
		}
		out[v.key()] = v.Version
		return nil
	}, "SELECT figure_id, item, slot, MAX(version) FROM figure_value GROUP BY figure_id, item, slot")
	return out, err
}

func putRun(ctx context.Context, tx *db.Tx, run *Run) error {
	_, err := tx.Exec(ctx, `INSERT INTO figure_run(id, change_seq, day, city, at, written, failed) VALUES (1, $1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET change_seq = excluded.change_seq, day = excluded.day, city = excluded.city, at = excluded.at,
		written = excluded.written, failed = excluded.failed`, run.ChangeSeq, run.Day, run.City, run.At, run.Written, jsonText(run.Failed))
	return err
}

// LastRun returns the last computation; a zero At says that there was none.
func (s *Service) LastRun(ctx context.Context) (Run, error) { return lastRun(ctx, s.d) }

func lastRun(ctx context.Context, q db.Querier) (Run, error) {
	run, _, err := db.One(ctx, q, func(s db.Scan) (Run, error) {
		var r Run
		var failed string
		err := s(&r.ChangeSeq, &r.Day, &r.City, &r.At, &r.Written, &failed)
		if err == nil && failed != "" {
			err = json.Unmarshal([]byte(failed), &r.Failed)
		}
		return r, err
	}, "SELECT change_seq, day, city, at, written, failed FROM figure_run WHERE id = 1")
	return run, err
}

// Stale reports whether records have changed since the last computation.
func (s *Service) Stale(ctx context.Context) (bool, error) {
	run, err := lastRun(ctx, s.d)
	if err != nil {
		return false, err
	}
	head, _, err := db.Value[int64](ctx, s.d, "SELECT seq FROM change_head WHERE id = 1")
	if err != nil {
		return false, err
	}
	return run.At.IsZero() || head != run.ChangeSeq || run.Day != s.d.Now().Format(time.DateOnly), nil
}
