package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Options say what to freeze and how. Name and Key are needed.
type Options struct {
	Name  string
	Title i18n.Text // the name when empty
	Day   string    // the day that "as of" means; today when ""
	// WithoutRestricted leaves out what sources tagged R say and computes the
	// figures without it. Otherwise such rows are a refusal.
	WithoutRestricted bool
	Parts             []Part
	Key               Key
	Draw              Draw   // nil for a report without charts
	Program           string // name and version of what builds
}

// Build freezes the present state as a draft under a name. A draft of the same
// name is replaced, or kept as it is when nothing has changed; a published one
// is errs.Conflict. What it returns has been verified from its folder. Where a
// source for private use stands in the way it is errs.Forbidden and names it.
func (s *Service) Build(ctx context.Context, by change.Author, o Options) (Release, error) {
	if err := o.check(); err != nil {
		return Release{}, err
	}
	if o.Day == "" {
		o.Day = s.d.Now().Format(time.DateOnly)
	}
	if o.Title.IsZero() {
		o.Title = i18n.Text{ZH: o.Name, EN: o.Name}
	}
	s.building.Lock()
	defer s.building.Unlock()
	if old, found, err := find(ctx, s.d, o.Name); err != nil || found && old.State == Published {
		return old, errs.Wrap(err, errs.Conflict, "release.published_already", errs.A{"name": o.Name})
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Release{}, err
	}
	tmp, err := os.MkdirTemp(s.dir, tempPrefix)
	if err != nil {
		return Release{}, err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // a leftover is the system's to sweep
	dir := filepath.Join(tmp, "release")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return Release{}, err
	}
	m, err := s.freeze(ctx, dir, filepath.Join(tmp, "facts"), &o)
	if err != nil {
		return Release{}, err
	}
	report, err := Verify(ctx, dir, VerifyOptions{PublicKey: o.Key.Public(), Draw: o.Draw})
	if err != nil {
		return Release{}, err
	}
	if !report.OK {
		return Release{}, errs.New(errs.Conflict, "release.not_repeatable", errs.A{"what": report.Faults[0].Text(i18n.ZH)})
	}
	return s.keep(ctx, by, dir, m)
}

func (o *Options) check() error {
	if err := CheckName(o.Name); err != nil {
		return err
	}
	if o.Key.Zero() {
		return errs.New(errs.NotFound, "release.no_key", errs.A{"file": ""})
	}
	if _, err := time.Parse(time.DateOnly, o.Day); err != nil && o.Day != "" {
		return errs.New(errs.Invalid, "release.bad_day", errs.A{"value": o.Day}).At("day")
	}
	return nil
}

// state is what is to be frozen, as of one change of the log.
type state struct {
	book       observatory.Book
	facts      map[string]string // name → path
	rows       map[string]int64
	seq        int64
	sources    []Source
	restricted *Restricted
}

// freeze fills a folder with the present state.
func (s *Service) freeze(ctx context.Context, dir, scratch string, o *Options) (*Manifest, error) {
	st, err := s.gather(ctx, scratch, o)
	if err != nil {
		return nil, err
	}
	w := &writer{dir: dir}
	m := &Manifest{Format: Format, Name: o.Name, Title: o.Title, City: s.obs.City(), Day: o.Day, ChangeSeq: st.seq, Restricted: st.restricted, Program: o.Program,
		PublicKey: o.Key.Public(), Renderer: rendererOf(o.Draw)}
	for _, name := range slices.Sorted(maps.Keys(st.facts)) {
		if err := w.copy(st.facts[name], "facts/"+name+".parquet", File{Role: RoleFact, Name: name, Rows: st.rows[name]}); err != nil {
			return nil, err
		}
		m.Counts.Facts += st.rows[name]
	}
	for i := range o.Parts {
		if err := w.freezePart(ctx, &o.Parts[i]); err != nil {
			return nil, err
		}
		m.Parts = append(m.Parts, o.Parts[i].Name)
		m.Simulated = m.Simulated || o.Parts[i].Simulated
		st.addSources(o.Parts[i].Sources)
	}
	for i := range st.sources {
		m.Simulated = m.Simulated || st.sources[i].Simulated
	}
	m.Files = w.files
	snapshot, err := w.figures(ctx, m, st)
	if err != nil {
		return nil, err
	}
	if err := w.renderings(snapshot, o.Draw); err != nil {
		return nil, err
	}
	return m, w.finish(ctx, m, o.Key, db.At(s.d.Now()))
}

func (st *state) addSources(more []Source) {
	for _, o := range more {
		if !slices.ContainsFunc(st.sources, func(have Source) bool { return have.ID == o.ID }) {
			st.sources = append(st.sources, o)
		}
	}
	slices.SortFunc(st.sources, func(a, b Source) int { return strings.Compare(a.ID, b.ID) })
}

// gatherings bounds how often a state is read again because a record changed
// while it was read.
const gatherings = 5

// gather reads a state in which facts, definitions and reported values belong
// to one moment: nothing was written between the first and the last of them.
func (s *Service) gather(ctx context.Context, scratch string, o *Options) (*state, error) {
	for range gatherings {
		if _, err := s.obs.Compute(ctx); err != nil {
			return nil, err
		}
		st, err := s.read(ctx, scratch, o)
		if err != nil {
			return nil, err
		}
		head, err := change.Head(ctx, s.d)
		if err != nil {
			return nil, err
		}
		if head == st.seq {
			return st, nil
		}
		if err := os.RemoveAll(scratch); err != nil {
			return nil, err
		}
	}
	return nil, errs.New(errs.Unavailable, "release.busy")
}

func (s *Service) read(ctx context.Context, scratch string, o *Options) (*state, error) {
	store, defs := s.obs.Store(), observatory.Facts()
	manifest, err := store.Manifest()
	if err != nil {
		return nil, err
	}
	st := &state{seq: manifest.ChangeSeq}
	if st.book, err = s.obs.Book(ctx); err != nil {
		return nil, err
	}
	names, kinds := used(&st.book, defs)
	restricted, red, err := findRestricted(ctx, s.d, &st.book, kinds)
	if err != nil {
		return nil, err
	}
	if restricted != nil && !o.WithoutRestricted {
		return nil, restricted.refusal(red)
	}
	st.take(store.Dir(), &manifest, names)
	if restricted != nil {
		if err := s.open(ctx, scratch, o, st, red, names); err != nil {
			return nil, err
		}
		restricted.Figures = st.restricted.Figures
		st.restricted = restricted
	}
	return st, s.readSources(ctx, st, kinds)
}

// take names the files of a manifest that are to be copied.
func (st *state) take(dir string, m *stats.Manifest, names []string) {
	st.facts, st.rows = map[string]string{}, map[string]int64{}
	for _, f := range m.Facts {
		if slices.Contains(names, f.Name) {
			st.facts[f.Name], st.rows[f.Name] = filepath.Join(dir, f.Path), f.Rows
		}
	}
}

// open replaces the facts and the book of a state by those without what is for
// private use, and notes which figures differ by it.
func (s *Service) open(ctx context.Context, scratch string, o *Options, st *state, red []source.Source, names []string) error {
	full := st.book
	if err := recompute(ctx, &full, st.facts, s.obs.City(), o.Day); err != nil {
		return err
	}
	store, err := stats.New(scratch, openFacts(s.d.Engine(), observatory.Facts()), stats.Config{})
	if err != nil {
		return err
	}
	if _, err := store.Rebuild(ctx, s.d); err != nil {
		return err
	}
	m, err := store.Manifest()
	if err != nil {
		return err
	}
	if m.ChangeSeq != st.seq {
		st.seq = -1 // a record changed meanwhile: read all again
	}
	st.take(scratch, &m, names)
	st.book = withoutRestricted(st.book, red)
	open := st.book
	if err := recompute(ctx, &open, st.facts, s.obs.City(), o.Day); err != nil {
		return err
	}
	st.restricted = &Restricted{Figures: moved(valuesOf(&full), valuesOf(&open))}
	return nil
}

func recompute(ctx context.Context, b *observatory.Book, facts map[string]string, city, day string) error {
	session, err := stats.OpenViews(ctx, sessionConfig, viewsOf(facts))
	if err != nil {
		return err
	}
	_, err = b.Recompute(ctx, session, city, day)
	return errors.Join(err, session.Close())
}

func viewsOf(facts map[string]string) []stats.View {
	var views []stats.View
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		views = append(views, stats.View{Name: name, Files: []string{facts[name]}})
	}
	return views
}

// readSources lists every source that what is frozen rests on.
func (s *Service) readSources(ctx context.Context, st *state, kinds []string) error {
	ids := map[string]bool{}
	for _, k := range kinds {
		query := sourcesOf(k)
		if query == "" {
			continue
		}
		found, err := db.Collect(ctx, s.d, db.Column[string], query)
		if err != nil {
			return err
		}
		for _, id := range found {
			ids[id] = true
		}
	}
	for i := range st.book.Figures {
		ids[st.book.Figures[i].SourceID] = true
	}
	for _, values := range st.book.Reported {
		for i := range values {
			ids[values[i].SourceID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		v, found, err := source.Find(ctx, s.d, id)
		if err != nil {
			return err
		}
		if found && v.LicenceTag != source.Red {
			st.sources = append(st.sources, SourceOf(v))
		}
	}
	return nil
}

// figures computes everything over the facts in the folder and writes
// definitions, values, records, reported values and sources.
func (w *writer) figures(ctx context.Context, m *Manifest, st *state) (*Snapshot, error) {
	facts := map[string]string{}
	for _, f := range m.with(RoleFact) {
		facts[f.Name] = filepath.Join(w.dir, filepath.FromSlash(f.Path))
	}
	session, err := stats.OpenViews(ctx, sessionConfig, viewsOf(facts))
	if err != nil {
		return nil, err
	}
	defer session.Close()
	b := &st.book
	if m.Failed, err = b.Recompute(ctx, session, m.City, m.Day); err != nil {
		return nil, err
	}
	c := newContents(session, m)
	for i := range b.Figures {
		f := &b.Figures[i]
		if _, failed := m.Failed[f.ID]; failed || len(b.Computed[f.ID]) == 0 {
			continue
		}
		if len(f.ID) > maxFigureID {
			return nil, errs.New(errs.Invalid, "release.bad_figure", errs.A{"figure": f.ID})
		}
		var n int64
		err := w.file(recordsPath(f.ID), File{Role: RoleRecords, Name: f.ID}, func(out io.Writer) (err error) {
			n, err = writeRecords(ctx, out, b, session, c, f, m)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("records of %s: %w", f.ID, err)
		}
		w.files[len(w.files)-1].Rows = n
		m.Counts.Records += n
	}
	return w.snapshot(m, st)
}

func (w *writer) snapshot(m *Manifest, st *state) (*Snapshot, error) {
	s := &Snapshot{Values: valuesOf(&st.book), Sources: st.sources}
	if s.Sources == nil {
		s.Sources = []Source{}
	}
	for _, f := range st.book.Figures {
		s.Figures = append(s.Figures, Figure{Figure: f, Method: f.Method()})
		for _, r := range st.book.Reported[f.ID] {
			s.Reported = append(s.Reported, Reported{Reported: r})
		}
	}
	m.Counts.Figures, m.Counts.Values, m.Counts.Reported, m.Counts.Sources = len(s.Figures), len(s.Values), len(s.Reported), len(s.Sources)
	s.Manifest = *m
	for _, part := range []struct {
		path string
		role Role
		v    any
	}{{figuresPath, RoleFigures, s.Figures}, {valuesPath, RoleValues, s.Values}, {reportedPath, RoleReported, s.Reported}, {sourcesPath, RoleSources, s.Sources}} {
		if err := w.json(part.path, part.role, "", part.v); err != nil {
			return nil, err
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	f, err := openFolder(w.dir)
	if err != nil {
		return nil, err
	}
	defer f.close()
	for _, name := range m.Parts {
		p, err := f.loadPart(name)
		if err != nil {
			return nil, err
		}
		s.Parts = append(s.Parts, *p)
	}
	return s, nil
}

// renderings writes what is drawn from the snapshot: tables for spreadsheets,
// pages, the catalogue entry.
func (w *writer) renderings(s *Snapshot, draw Draw) error {
	s.Manifest.Files = w.files
	f, err := openFolder(w.dir)
	if err != nil {
		return err
	}
	defer f.close()
	drawn, err := render(f, s, draw)
	if err != nil {
		return err
	}
	for _, d := range drawn {
		if err := w.bytes(d.path, d.role, "", d.raw); err != nil {
			return err
		}
	}
	return nil
}
