package ingest

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// Service runs imports. It is safe for concurrent use.
type Service struct {
	d   *db.DB
	reg *registry.Service
}

// New returns a Service that writes into d and resolves through reg.
func New(d *db.DB, reg *registry.Service) *Service { return &Service{d: d, reg: reg} }

// Request says what to import and how.
type Request struct {
	Importer string    // one of Importers
	Path     string    // a file; for "gb2260" also a folder of its tables
	Reader   io.Reader // instead of Path
	Name     string    // what the sender calls the file; "" is the base of Path

	SourceID string         // where the rows come from; "" is the importer's own source
	Source   *source.Source // the same, written first if it is new or changed

	MappingID string   // a saved mapping, for "table"
	Mapping   *Mapping // a mapping by hand, for "table"
	Encoding  Encoding // "" is found out
	Comma     byte     // of CSV; 0 is found out
	Sheet     string   // of XLSX; "" is the first

	DryRun       bool
	By           change.Author
	Progress     func(done, total int64) // bytes of the file, after each chunk of rows
	RejectedPath string                  // where rejected rows go, if there are any; "" is nowhere
	Limits       *Limits                 // nil is DefaultLimits
}

// Report says what an import did, or would do.
type Report struct {
	Batch     source.Batch             `json:"batch"` // ID "" when nothing was written
	DryRun    bool                     `json:"dry_run"`
	Counts    source.Counts            `json:"counts"`
	Kinds     map[string]source.Counts `json:"kinds"`             // by the change log's word; relations besides the rows
	Earlier   *source.Batch            `json:"earlier,omitempty"` // the same file, imported before and in place
	Detection *Detection               `json:"encoding,omitempty"`
	Unmapped  []string                 `json:"unmapped,omitempty"` // columns that nothing was made of
	Rejected  []Rejected               `json:"rejected,omitempty"` // the first hundred
	File      string                   `json:"rejected_file,omitempty"`
}

// Rejected is one row that was not imported.
type Rejected struct {
	Row    int64       `json:"row"`
	Column string      `json:"column,omitempty"`
	Error  *errs.Error `json:"-"`
	Text   struct {
		ZH string `json:"zh"`
		EN string `json:"en"`
	} `json:"reason"`
}

// errDry ends the transaction of a dry run.
var errDry = errors.New("dry run")

// Run imports a file in one transaction: all of its good rows, or nothing. A
// dry run does the same and rolls back, so that its report is the report of the
// real run.
func (s *Service) Run(ctx context.Context, req Request) (Report, error) {
	imp, err := find(req.Importer)
	if err != nil {
		return Report{}, err
	}
	j, err := s.prepare(ctx, req, imp)
	if err != nil {
		return Report{}, err
	}
	defer j.file.close()
	defer relax()()
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := j.start(ctx, tx); err != nil {
			return err
		}
		if err := j.pump(ctx, tx); err != nil {
			return err
		}
		if err := j.finish(ctx, tx); err != nil {
			return err
		}
		if req.DryRun {
			return errDry
		}
		return nil
	})
	defer j.rejects.close()
	if err != nil && !errors.Is(err, errDry) {
		return Report{}, err
	}
	j.report.File, err = j.rejects.write(ctx, req.RejectedPath, j.head, j.xlsx)
	return j.report, err
}

// job is one run of one import.
type job struct {
	s       *Service
	req     Request
	imp     importer
	file    *file
	mapping *Mapping
	lim     Limits
	by      change.Author
	own     source.Source // the importer's own source
	srcID   string

	report  Report
	w       *writer
	rejects *rejects
	head    []string // columns of the file of rejected rows
	xlsx    bool
}

func (s *Service) prepare(ctx context.Context, req Request, imp importer) (*job, error) {
	j := &job{s: s, req: req, imp: imp, lim: DefaultLimits, own: imp.source}
	if req.Limits != nil {
		j.lim = *req.Limits
	}
	var err error
	if imp.mapped {
		if j.mapping, err = s.mappingOf(ctx, req); err != nil {
			return nil, err
		}
	}
	j.srcID = req.SourceID
	if req.Source != nil {
		j.srcID = req.Source.ID
	}
	if j.srcID == "" {
		j.srcID = j.own.ID
	}
	if j.srcID == "" {
		return nil, errs.New(errs.Invalid, "ingest.no_source").At("source")
	}
	if imp.gather != nil && req.Path != "" {
		if r, ok, err := imp.gather(req.Path); err != nil {
			return nil, err
		} else if ok {
			req.Reader, req.Path = r, ""
		}
	}
	j.file, err = openFile(ctx, req.Path, req.Reader, req.Name, j.lim)
	return j, err
}

// start makes the run ready, also for a repetition of the transaction.
func (j *job) start(ctx context.Context, tx *db.Tx) error {
	j.by = j.req.By
	j.by.BatchID = db.NewID("batch")
	if j.rejects != nil {
		j.rejects.close()
	}
	j.rejects = &rejects{}
	j.report = Report{DryRun: j.req.DryRun, Kinds: map[string]source.Counts{}}
	j.report.Batch = source.Batch{
		ID: j.by.BatchID, SourceID: j.srcID, Importer: j.imp.name, FileName: j.file.name, FileSHA256: j.file.sha256, Mapping: j.mapping.text(),
		State: source.Done, Actor: j.by.Actor, StartedAt: db.At(tx.Now()),
	}
	j.w = &writer{j: j, tx: tx}
	earlier, found, err := source.SameFile(ctx, tx, j.imp.name, j.file.sha256, j.report.Batch.Mapping)
	if err != nil {
		return err
	}
	if found {
		j.report.Earlier = &earlier
	}
	return j.putSource(ctx, tx)
}

// putSource writes the source of the batch: the one that came with the
// request, or the importer's own if it is not there yet.
func (j *job) putSource(ctx context.Context, tx *db.Tx) error {
	_, found, err := source.Find(ctx, tx, j.srcID)
	switch {
	case err != nil:
		return err
	case j.req.Source != nil:
		_, err = source.Put(ctx, tx, j.by, *j.req.Source)
	case found:
	case j.srcID == j.own.ID:
		_, err = source.Put(ctx, tx, j.by, j.own)
	default:
		err = errs.New(errs.NotFound, "ingest.unknown_source", errs.A{"source": j.srcID}).At("source")
	}
	return err
}

// pump reads on one goroutine and writes on this one.
func (j *job) pump(ctx context.Context, tx *db.Tx) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := make(chan []*item, 2)
	read := make(chan error, 1)
	go func() {
		defer close(chunks)
		f := &feed{ctx: ctx, out: chunks, seen: map[uint64]seenRow{}}
		err := j.imp.read(ctx, j, f)
		if err == nil {
			err = f.flush()
		}
		read <- err
	}()
	var failed error
	for chunk := range chunks {
		if failed == nil {
			if failed = j.w.write(ctx, chunk); failed != nil {
				cancel() // the reader stops at its next chunk; the loop drains it
			}
		}
		if j.req.Progress != nil {
			j.req.Progress(min(j.file.done.Load(), j.file.size), j.file.size)
		}
	}
	err := <-read
	if failed != nil {
		return failed
	}
	return err
}

// finish records the batch. A file that is in place already and brings nothing
// new makes no second one, and a file of which every row was rejected none.
func (j *job) finish(ctx context.Context, tx *db.Tx) error {
	r := &j.report
	if r.Counts.Read == 0 {
		return errs.New(errs.Invalid, "ingest.no_rows", errs.A{"file": j.file.name})
	}
	slices.Sort(r.Unmapped)
	r.Batch.Counts, r.Batch.FinishedAt = r.Counts, db.At(j.s.d.Now())
	kept := r.Counts.Created + r.Counts.Updated + r.Counts.Unchanged
	if !j.w.changed && (r.Earlier != nil || kept == 0) {
		r.Batch.ID = ""
		return nil
	}
	return source.PutBatch(ctx, tx, r.Batch)
}
