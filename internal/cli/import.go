package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

type importFlags struct {
	source                                               source.Source
	mapping, sheet, encoding, rejected, undo, reason, on string
	template, group                                      string
	dryRun, list                                         bool
}

// origin is where the rows come from: an id alone names a source that is
// registered; with a title it is one that is registered by this import.
func (f *importFlags) origin(l i18n.Lang) (id string, fresh *source.Source) {
	if f.on == "" {
		return f.source.ID, nil
	}
	src := f.source
	src.Kind, src.Title = "file", i18n.Text{ZH: f.on}
	if l == i18n.EN {
		src.Title = i18n.Text{EN: f.on}
	}
	return "", &src
}

func importCommand() command {
	return command{
		name: "import",
		args: "IMPORTER FILE",
		summary: i18n.Text{ZH: "导入一个文件，先预演；列出批次；整批撤销",
			EN: "import a file, after a dry run; list batches; undo one as a whole"},
		example: "kapok import --dry-run ror v2.9-ror-data.zip\nkapok import organisations 机构.csv --source bureau-2026 --source-title 科技局机构名录\nkapok import --template statistics 填报表.xlsx\nkapok import --list\nkapok import --undo batch-0123456789abcdef --reason 重复导入\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f importFlags
			fs.BoolVar(&f.dryRun, "dry-run", false, "")
			fs.BoolVar(&f.list, "list", false, "")
			fs.StringVar(&f.source.ID, "source", "", "")
			fs.StringVar(&f.on, "source-title", "", "")
			fs.StringVar(&f.source.Publisher, "publisher", "", "")
			fs.StringVar(&f.source.PublishedOn, "published", "", "")
			fs.StringVar(&f.source.Licence, "licence", "", "")
			fs.StringVar((*string)(&f.source.LicenceTag), "licence-tag", string(source.Own), "")
			fs.StringVar(&f.mapping, "mapping", "", "")
			fs.StringVar(&f.sheet, "sheet", "", "")
			fs.StringVar(&f.encoding, "encoding", "", "")
			fs.StringVar(&f.rejected, "rejected", "", "")
			fs.StringVar(&f.undo, "undo", "", "")
			fs.StringVar(&f.reason, "reason", "", "")
			fs.StringVar(&f.template, "template", "", "")
			fs.StringVar(&f.group, "group", "", "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.importing(ctx, a, f, args) })
			}
		},
	}
}

func (s *session) importing(ctx context.Context, a *app.App, f importFlags, args []string) error {
	switch {
	case f.list:
		return s.listBatches(ctx, a)
	case f.undo != "":
		return s.undoBatch(ctx, a, f)
	case f.template != "":
		return s.writeTemplate(ctx, a, f, args)
	}
	if len(args) == 1 { // a file of a known format names its importer by how it begins
		name, err := a.Ingest.Recognise(ctx, ingest.Request{Path: args[0]})
		if err == nil && name != "" {
			args = []string{name, args[0]}
		}
	}
	if err := exactly(2, args, "IMPORTER ("+strings.Join(ingest.Importers(), ", ")+")", "FILE"); err != nil {
		return err
	}
	id, src := f.origin(s.lang)
	bar := newProgress(s.Stderr, filepath.Base(args[1]))
	report, err := a.Ingest.Run(ctx, ingest.Request{
		Importer: args[0], Path: args[1], SourceID: id, Source: src, MappingID: f.mapping, Sheet: f.sheet, Encoding: ingest.Encoding(f.encoding),
		DryRun: f.dryRun, By: change.Author{Actor: "cli", Reason: f.reason}, RejectedPath: first(f.rejected, rejectedPath(args[1])), Progress: bar.show,
	})
	bar.done()
	if err != nil {
		return err
	}
	if s.json {
		err = s.printJSON(report)
	} else {
		s.printReport(report)
	}
	if c := report.Counts; err == nil && c.Rejected > 0 && c.Rejected == c.Read {
		err = errs.New(errs.Invalid, "cli.import_all_rejected", errs.A{"rows": c.Rejected})
	}
	return err
}

// writeTemplate writes an empty table to fill in. The form of statistics lists
// the figures of this city that take reported values; an existing file stays.
func (s *session) writeTemplate(ctx context.Context, a *app.App, f importFlags, args []string) error {
	if err := exactly(1, args, "FILE.xlsx"); err != nil {
		return err
	}
	format := sheet.Format(strings.TrimPrefix(strings.ToLower(filepath.Ext(args[0])), "."))
	if format != sheet.CSV && format != sheet.XLSX {
		return errs.New(errs.Invalid, "cli.template_format", errs.A{"file": args[0]})
	}
	out, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return errs.Wrap(err, errs.Conflict, "cli.template_exists", errs.A{"file": args[0]})
	}
	if f.template == "statistics" {
		var groups []string
		if f.group != "" {
			groups = strings.Split(f.group, ",")
		}
		err = a.Ingest.WriteForm(ctx, out, format, s.lang, groups...)
	} else {
		err = ingest.WriteTemplate(out, format, f.template, s.lang)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(args[0]) // half a file is no use; the first error is the one to report
		return err
	}
	s.say("cli.template_written", errs.A{"file": args[0]})
	return nil
}

// rejectedPath is where rejected rows go by default: beside the file, with the
// word "rejected" before the ending.
func rejectedPath(path string) string {
	ext := filepath.Ext(path)
	base := strings.TrimSuffix(path, ext)
	if ext == ".gz" {
		ext = filepath.Ext(base)
		base = strings.TrimSuffix(base, ext)
	}
	if ext != ".xlsx" {
		ext = ".csv"
	}
	return base + ".rejected" + ext
}

// shownRejects is how many rejected rows are told on the screen.
const shownRejects = 10

func (s *session) printReport(r ingest.Report) {
	key := "cli.imported"
	switch {
	case r.DryRun:
		key = "cli.import_dry"
	case r.Batch.ID == "":
		key = "cli.import_nothing_new"
	}
	c := r.Counts
	s.say(key, errs.A{"batch": r.Batch.ID, "read": c.Read, "created": c.Created, "updated": c.Updated, "unchanged": c.Unchanged, "rejected": c.Rejected})
	for i, reject := range r.Rejected {
		if i == shownRejects {
			break
		}
		text := reject.Text.ZH
		if s.lang == i18n.EN {
			text = reject.Text.EN
		}
		s.say("cli.import_reject", errs.A{"row": reject.Row, "column": first(reject.Column, "—"), "reason": text})
	}
	if r.File != "" {
		s.say("cli.import_rejected_file", errs.A{"file": r.File})
	}
}

func (s *session) listBatches(ctx context.Context, a *app.App) error {
	batches, err := source.Batches(ctx, a.DB, "", 200)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(batches)
	}
	for _, b := range batches {
		fmt.Fprintf(s.Stdout, "%s  %s  %-14s %-24s %s\n", b.ID, i18n.Instant(b.StartedAt.Time), b.Importer, b.FileName,
			i18n.T(s.lang, "cli.batch_counts", errs.A{"created": b.Counts.Created, "updated": b.Counts.Updated, "rejected": b.Counts.Rejected, "state": i18n.T(s.lang, "cli.batch_"+string(b.State))}))
	}
	return nil
}

func (s *session) undoBatch(ctx context.Context, a *app.App, f importFlags) error {
	if err := a.Ingest.Undo(ctx, f.undo, change.Author{Actor: "cli", Reason: f.reason}); err != nil {
		return err
	}
	if s.json {
		return s.printJSON(map[string]string{"batch": f.undo, "state": string(source.Undone)})
	}
	s.say("cli.undone", errs.A{"batch": f.undo})
	return nil
}
