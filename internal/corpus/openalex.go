package corpus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Import is what any importer is asked.
type Import struct {
	Root   string // the folder of corpora
	Name   string
	Title  i18n.Text     // Name when empty
	Source source.Source // what is known of OpenAlex when empty
	Paths  []string      // files and folders

	// Organisations is the registry that affiliations are resolved by; nil for
	// none, and then an organisation without a ROR id does not count.
	Organisations *Organisations

	References bool // keep who cites whom
	DryRun     bool // read and report, keep nothing
	KeepStage  bool // keep what was read, so that the next import of a grown folder reads what is new
	Stats      stats.Config
	Now        time.Time
	Progress   func(Progress)
}

// Progress is how far an import has come.
type Progress struct {
	Phase     string // "read", "write"
	Bytes     int64  // of text staged
	Records   int64
	Files     int
	TotalSize int64 // of the files as they are
}

// stageName is the folder of staged parts within that of the corpus.
const stageName = ".stage"

// stageFormat changes with what a part holds.
const stageFormat = "kapok-stage-1"

// ImportOpenAlex makes a corpus of the works of OpenAlex, or with DryRun reports
// what it would hold. It reads within bounded memory whatever the size: parts of
// the input are staged first, sorted, then merged. An import that was killed
// goes on where it was, and gives the files that an unbroken one gives.
func ImportOpenAlex(ctx context.Context, im Import) (Manifest, error) {
	if err := CheckName(im.Name); err != nil {
		return Manifest{}, err
	}
	f, err := discover(im.Paths)
	if err != nil {
		return Manifest{}, err
	}
	if !slices.ContainsFunc(f.inputs, func(in input) bool { return in.entity == "works" }) {
		return Manifest{}, errs.New(errs.Invalid, "corpus.no_works", errs.A{"path": strings.Join(im.Paths, " ")})
	}
	if len(f.missing) > 0 {
		return Manifest{}, errs.New(errs.Conflict, "corpus.incomplete", errs.A{"count": len(f.missing), "file": f.missing[0]})
	}
	r, err := im.begin(ctx)
	if err != nil {
		return Manifest{}, err
	}
	m, err := r.openAlex(ctx, f)
	return m, errors.Join(err, r.end(err == nil))
}

// run is one import under way.
type run struct {
	Import
	dir     string // of the corpus
	stage   string
	writer  *Writer
	org     *directory
	report  *notes
	pressed *presser
}

func (im *Import) begin(ctx context.Context) (*run, error) {
	root, err := filepath.Abs(im.Root)
	if err != nil {
		return nil, err
	}
	r := &run{Import: *im, dir: filepath.Join(root, im.Name), report: newNotes("")}
	if r.org, err = newDirectory(ctx, im.Organisations); err != nil {
		return nil, err
	}
	if r.pressed, err = newPresser(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, err
	}
	if im.DryRun {
		r.dir, err = os.MkdirTemp(root, ".dry-run-")
	}
	r.stage = filepath.Join(r.dir, stageName)
	return r, err
}

// end closes the writer and takes away what is of no use any more: everything
// of a dry run, and what was staged once the corpus is there.
func (r *run) end(done bool) error {
	var err error
	if r.writer != nil {
		err = r.writer.Close()
	}
	switch {
	case r.DryRun:
		return errors.Join(err, os.RemoveAll(r.dir))
	case done && !r.KeepStage:
		return errors.Join(err, os.RemoveAll(r.stage))
	}
	return err
}

func (r *run) openAlex(ctx context.Context, f found) (Manifest, error) {
	if err := r.open(ctx, f); err != nil {
		return Manifest{}, err
	}
	works, err := r.worksOf(&f)
	if err != nil {
		return Manifest{}, err
	}
	deleted, into, err := f.readDeleted()
	if err != nil {
		return Manifest{}, err
	}
	s := &stager{dir: r.stage, org: r.org, refs: r.References, parquet: r.parquetRows, progress: r.Progress}
	s.state = Progress{Phase: "read", Files: len(works)}
	for _, in := range works {
		s.state.TotalSize += in.size
	}
	parts, err := s.run(ctx, works, shards)
	if err != nil {
		return Manifest{}, err
	}
	all, places, sources, topics := ofParts(parts)
	r.report = all
	entities, err := r.entityFiles(ctx, f, sources, topics)
	if err != nil {
		return Manifest{}, err
	}
	insts, err := gather(ctx, r.org, places, entities)
	if err != nil {
		return Manifest{}, err
	}
	out, err := r.write(ctx, s, parts, deleted, insts)
	if err != nil {
		return Manifest{}, err
	}
	if err := r.small(ctx, &out, insts, sources, topics); err != nil {
		return Manifest{}, err
	}
	m := Manifest{Kind: OpenAlex, Source: r.Source, Parameters: r.about(&f, len(deleted))}
	if m.Source.ID == "" {
		m.Source = openAlexSource
	}
	return r.publish(ctx, m, out, into)
}

// open makes the writer, which also reads Parquet.
func (r *run) open(ctx context.Context, f found) error {
	if err := os.MkdirAll(r.stage, 0o700); err != nil {
		return err
	}
	var read []string
	for _, in := range f.inputs {
		if dir, err := filepath.Abs(filepath.Dir(in.path)); err == nil && in.format == "parquet" {
			read = append(read, dir)
		}
	}
	dir := r.dir
	if r.DryRun {
		dir = filepath.Join(r.dir, "dry")
	}
	var err error
	r.writer, err = NewWriter(ctx, dir, r.Stats, slices.Compact(slices.Sorted(slices.Values(read)))...)
	return err
}

// worksOf returns the inputs of works, each with its key.
func (r *run) worksOf(f *found) ([]input, error) {
	about := fmt.Sprint(stageFormat, " ", r.References)
	if r.org != nil {
		about += " " + r.org.state
	}
	var works []input
	for _, in := range f.inputs {
		if in.entity != "works" {
			continue
		}
		if err := in.identify(about); err != nil {
			return nil, err
		}
		works = append(works, in)
	}
	return works, nil
}

// parquetRows gives each row of a Parquet file as JSON, of the columns that an
// import knows.
func (r *run) parquetRows(ctx context.Context, path string, line func([]byte) error) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	rows, err := r.writer.Engine.Query(ctx, "SELECT CAST(to_json(t) AS VARCHAR) FROM read_parquet('"+strings.ReplaceAll(abs, "'", "''")+"', hive_partitioning = false, file_row_number = false) t")
	if err != nil {
		return err
	}
	defer rows.Close()
	var text []byte
	for rows.Next() {
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := line(text); err != nil {
			return err
		}
	}
	return rows.Err()
}

// write merges the parts into the tables of works.
func (r *run) write(ctx context.Context, s *stager, parts []*part, deleted []int64, insts *institutions) (emitted, error) {
	dir := r.dir
	if r.DryRun {
		dir = ""
	}
	var progress func(int64)
	if r.Progress != nil {
		state := s.state
		state.Phase = "write"
		progress = func(n int64) { state.Records = n; r.Progress(state) }
	}
	return emit(ctx, dir, parts, deleted, insts, r.References, r.report, progress)
}

// small writes the tables that hold no works.
func (r *run) small(ctx context.Context, out *emitted, insts *institutions, sources map[int64]stagedSource, topics map[int64]stagedTopic) error {
	if r.DryRun {
		return nil
	}
	more, err := insts.write(ctx, r.dir, out.used, r.pressed)
	if err != nil {
		return err
	}
	src, err := writeSources(r.dir, sources, r.pressed)
	if err != nil {
		return err
	}
	fields, err := writeFields(r.dir, topics, r.pressed)
	out.files = append(append(out.files, more...), src, fields)
	return err
}

// publish takes the files into the corpus and makes it visible.
func (r *run) publish(ctx context.Context, m Manifest, out emitted, into map[int64]int64) (Manifest, error) {
	m.Name, m.Title, m.CreatedAt, m.Report = r.Name, r.Title, r.Now, r.report.report(out.kept)
	m.Report.Resolved, m.Report.Open = out.resolved, out.open
	if m.Title.IsZero() {
		m.Title = i18n.Text{ZH: r.Name, EN: r.Name}
	}
	if r.DryRun {
		return m, nil
	}
	var cites []string
	for _, f := range out.files {
		if f.table == "citation" {
			cites = append(cites, f.path)
			continue
		}
		if err := r.writer.Adopt(f.table, f.year, f.rows, f.path); err != nil {
			return m, err
		}
	}
	if len(cites) > 0 {
		if err := r.citations(ctx, cites, into); err != nil {
			return m, err
		}
	}
	return r.writer.Publish(ctx, m)
}

var openAlexSource = source.Source{ID: "openalex", Kind: "dataset", Title: i18n.Text{ZH: "OpenAlex", EN: "OpenAlex"}, Publisher: "OurResearch",
	URL: "https://openalex.org", Licence: "CC0 1.0", LicenceTag: source.Green}

// about tells how the corpus was made.
func (r *run) about(f *found, deleted int) map[string]string {
	p := map[string]string{"references": strconv.FormatBool(r.References), "resolver": strconv.FormatBool(r.org != nil), "deleted_ids": strconv.Itoa(deleted)}
	n := map[string]int{}
	for _, in := range f.inputs {
		n[in.entity+"_files"]++
		if in.format == "csv" {
			p["authorship"] = "by institution: the table does not say which author has which"
		}
	}
	for name, count := range n {
		p[name] = strconv.Itoa(count)
	}
	if len(f.ignored) > 0 {
		p["ignored"] = strings.Join(slices.Sorted(maps.Keys(f.ignored)), " ")
	}
	return p
}

// citations writes the table citation, with self where the two works share an
// author; NULL where the cited work is not in the corpus. A reference to a work
// that was merged goes to the one it was merged into.
func (r *run) citations(ctx context.Context, files []string, into map[int64]int64) error {
	e := r.writer.Engine
	var authorship []string
	for _, f := range r.writer.files {
		if f.Table == "authorship" {
			authorship = append(authorship, filepath.Join(r.dir, filepath.FromSlash(f.Path)))
		}
	}
	if err := e.View(ctx, stats.View{Name: "cites", Files: files}); err != nil {
		return err
	}
	if err := e.View(ctx, stats.View{Name: "who", Files: authorship}); err != nil {
		return err
	}
	if _, err := e.Exec(ctx, "CREATE TABLE moved (old BIGINT, new BIGINT)"); err != nil {
		return err
	}
	for _, old := range slices.Sorted(maps.Keys(into)) {
		if _, err := e.Exec(ctx, "INSERT INTO moved VALUES ($1, $2)", old, into[old]); err != nil {
			return err
		}
	}
	_, err := e.Exec(ctx, `CREATE TABLE links AS SELECT DISTINCT c.citing, c.citing_year, coalesce(m.new, c.cited) AS cited FROM cites c LEFT JOIN moved m ON m.old = c.cited;
		CREATE TABLE same AS SELECT DISTINCT l.citing, l.cited FROM links l JOIN who a ON a.work_id = l.citing JOIN who b ON b.work_id = l.cited AND b.author_id = a.author_id;
		CREATE TABLE here AS SELECT DISTINCT work_id FROM who`)
	if err != nil {
		return err
	}
	err = r.writer.Write(ctx, "citation", `SELECT l.citing, l.citing_year, l.cited, CASE WHEN s.citing IS NOT NULL THEN TRUE WHEN h.work_id IS NOT NULL THEN FALSE END AS self
		FROM links l LEFT JOIN same s ON s.citing = l.citing AND s.cited = l.cited LEFT JOIN here h ON h.work_id = l.cited`)
	for _, path := range files {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
