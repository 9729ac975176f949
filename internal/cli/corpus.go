package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

type corpusFlags struct {
	openalex, patents, title                          string
	source                                            source.Source
	sourceTitle                                       string
	registry, references, dryRun, keepStage, resolver bool
	memory                                            int
	simulate                                          simulateFlags
}

func corpusCommand() command {
	return command{
		name: "corpus",
		args: "import NAME | list | show NAME | prepare NAME | remove NAME | deleted NAME FILE… | simulate NAME",
		summary: i18n.Text{ZH: "导入论文和专利，供指标、排名和集群计算；可预演，中断后可续",
			EN: "import works and patents for indicators, rankings and clusters; with a dry run, resumed after a break"},
		example: "kapok corpus import openalex-2026 --openalex ./openalex-snapshot --dry-run\nkapok corpus import uspto --patents ./patentsview\nkapok corpus import guangzhou --registry\nkapok corpus list\nkapok corpus deleted openalex-2026 deleted_ids.csv\nkapok corpus simulate world --works 100000\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f corpusFlags
			fs.StringVar(&f.openalex, "openalex", "", "")
			fs.StringVar(&f.patents, "patents", "", "")
			fs.BoolVar(&f.registry, "registry", false, "")
			fs.BoolVar(&f.references, "references", false, "")
			fs.BoolVar(&f.resolver, "resolve", true, "")
			fs.BoolVar(&f.dryRun, "dry-run", false, "")
			fs.BoolVar(&f.keepStage, "keep-stage", false, "")
			fs.IntVar(&f.memory, "memory-mb", 1024, "")
			fs.StringVar(&f.title, "title", "", "")
			fs.StringVar(&f.source.ID, "source", "", "")
			fs.StringVar(&f.sourceTitle, "source-title", "", "")
			fs.StringVar(&f.source.Licence, "licence", "", "")
			fs.StringVar((*string)(&f.source.LicenceTag), "licence-tag", string(source.Own), "")
			f.simulate.define(fs)
			return func(ctx context.Context, s *session, args []string) error {
				return s.corpus(ctx, cfg(s), f, args)
			}
		},
	}
}

func (s *session) corpus(ctx context.Context, cfg app.Config, f corpusFlags, args []string) error {
	if len(args) == 0 {
		args = []string{"list"}
	}
	root := cfg.CorporaDir()
	switch args[0] {
	case "list":
		return s.listCorpora(root)
	case "show":
		if err := exactly(2, args, "show", "NAME"); err != nil {
			return err
		}
		return s.showCorpus(root, args[1])
	case "remove":
		if err := exactly(2, args, "remove", "NAME"); err != nil {
			return err
		}
		return s.removeCorpus(root, args[1])
	case "simulate":
		if err := exactly(2, args, "simulate", "NAME"); err != nil {
			return err
		}
		return s.corpusSimulate(ctx, cfg, args[1], f.simulate, f.references)
	case "prepare":
		if err := exactly(2, args, "prepare", "NAME"); err != nil {
			return err
		}
		return s.withApp(ctx, cfg, func(a *app.App) error { return s.prepareCorpus(ctx, a, f, args[1]) })
	case "deleted":
		return s.forget(ctx, root, f, args)
	case "import":
		if len(args) < 2 {
			return exactly(2, args, "import", "NAME")
		}
		return s.withApp(ctx, cfg, func(a *app.App) error { return s.importCorpus(ctx, a, f, args[1], args[2:]) })
	}
	return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": "import, list, show, prepare, remove, deleted, simulate"})
}

// prepareCorpus computes what the rankings of a corpus rest on. A small corpus
// is prepared when it is first asked for.
func (s *session) prepareCorpus(ctx context.Context, a *app.App, f corpusFlags, name string) error {
	if err := a.Rankings.Prepare(ctx, name, stats.Config{MemoryMB: f.memory}); err != nil {
		return err
	}
	s.say("corpus.prepared", errs.A{"name": name})
	return nil
}

// importers are the three sources of a corpus; exactly one is asked for.
func (f *corpusFlags) importer(more []string) (func(context.Context, corpus.Import) (corpus.Manifest, error), []string, error) {
	asked := 0
	for _, on := range []bool{f.openalex != "", f.patents != "", f.registry} {
		if on {
			asked++
		}
	}
	switch {
	case asked != 1 || f.registry && len(more) > 0:
		return nil, nil, errs.New(errs.Invalid, "corpus.one_source")
	case f.openalex != "":
		return corpus.ImportOpenAlex, append([]string{f.openalex}, more...), nil
	case f.patents != "":
		return corpus.ImportPatents, append([]string{f.patents}, more...), nil
	}
	return corpus.ImportRegistry, nil, nil
}

func (s *session) importCorpus(ctx context.Context, a *app.App, f corpusFlags, name string, more []string) error {
	run, paths, err := f.importer(more)
	if err != nil {
		return err
	}
	im := corpus.Import{Root: a.Config.CorporaDir(), Name: name, Title: i18n.Text{ZH: f.title, EN: f.title}, Source: f.origin(), Paths: paths,
		References: f.references, DryRun: f.dryRun, KeepStage: f.keepStage, Stats: stats.Config{MemoryMB: f.memory}, Now: a.DB.Now()}
	if f.resolver || f.registry {
		im.Organisations = &corpus.Organisations{Service: a.Registry, DB: a.DB}
	}
	told := s.tellProgress(&im)
	m, err := run(ctx, im)
	told()
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(m)
	}
	key := "corpus.imported"
	if f.dryRun {
		key = "corpus.dry"
	}
	s.say(key, errs.A{"name": name, "read": m.Report.Read, "kept": m.Report.Kept})
	s.printCorpusReport(&m)
	if m.Report.Kept == 0 {
		return errs.New(errs.Invalid, "corpus.nothing_kept", errs.A{"read": m.Report.Read})
	}
	return nil
}

func (f *corpusFlags) origin() source.Source {
	src := f.source
	if src.ID == "" {
		return source.Source{}
	}
	src.Kind = "dataset"
	src.Title = i18n.Text{ZH: first(f.sourceTitle, src.ID), EN: first(f.sourceTitle, src.ID)}
	return src
}

// tellProgress writes one line that changes on a terminal, and nothing
// elsewhere. The function it returns takes the line away.
func (s *session) tellProgress(im *corpus.Import) func() {
	f, ok := s.Stderr.(*os.File)
	if !ok {
		return func() {}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func() {}
	}
	begun := time.Now()
	last := begun
	drawn := false
	im.Progress = func(p corpus.Progress) {
		now := time.Now()
		if drawn && now.Sub(last) < 200*time.Millisecond {
			return
		}
		drawn, last = true, now
		fmt.Fprint(f, "\r\x1b[K"+i18n.T(s.lang, "corpus.progress_"+p.Phase, errs.A{"records": p.Records, "mb": p.Bytes >> 20, "files": p.Files, "rate": int64(float64(p.Records) / max(now.Sub(begun).Seconds(), 0.001))}))
	}
	return func() {
		if drawn {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}

// printCorpusReport tells what a corpus holds, and what its import met.
func (s *session) printCorpusReport(m *corpus.Manifest) {
	w := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, t := range corpus.Tables {
		if n := m.Rows(t.Name); n > 0 {
			fmt.Fprintf(w, "%s\t  %s\t\n", i18n.Integer(n), i18n.T(s.lang, "corpus.table_"+t.Name))
		}
	}
	_ = w.Flush() // standard output
	r := &m.Report
	if r.Resolved+r.Open > 0 {
		s.say("corpus.resolved", errs.A{"resolved": r.Resolved, "open": r.Open})
	}
	for _, kind := range r.KindsOfFaults() {
		f := r.Faults[kind]
		key := "corpus.fault_kept"
		if !f.Kept {
			key = "corpus.fault_dropped"
		}
		s.say(key, errs.A{"count": f.Count, "what": faultText(s.lang, kind)})
		for _, x := range f.Samples {
			fmt.Fprintf(s.Stdout, "      %s:%d  %s\n", x.File, x.Line, x.Text)
		}
	}
	if len(r.Unknown) > 0 {
		var names []string
		for name := range r.Unknown {
			names = append(names, name)
		}
		s.say("corpus.unknown_fields", errs.A{"count": len(names), "names": strings.Join(slices.Sorted(slices.Values(names)), ", ")})
	}
}

// faultText is what a kind of fault is called.
func faultText(l i18n.Lang, kind string) string {
	plain, entity := strings.CutPrefix(kind, "entity_")
	text := i18n.T(l, "corpus.fault_"+plain)
	if entity {
		return i18n.T(l, "corpus.fault_entity", errs.A{"what": text})
	}
	return text
}

func (s *session) listCorpora(root string) error {
	list, err := corpus.List(root)
	if err != nil {
		return err
	}
	if s.json {
		type line struct {
			Name      string      `json:"name"`
			Kind      corpus.Kind `json:"kind"`
			Simulated bool        `json:"simulated"`
			From      int         `json:"from"`
			To        int         `json:"to"`
			Works     int64       `json:"works"`
			Patents   int64       `json:"patents"`
			CreatedAt time.Time   `json:"created_at"`
		}
		out := []line{}
		for _, m := range list {
			out = append(out, line{m.Name, m.Kind, m.Simulated, m.From, m.To, m.Rows("work"), m.Rows("patent"), m.CreatedAt})
		}
		return s.printJSON(out)
	}
	if len(list) == 0 {
		s.say("corpus.list_empty")
	}
	for _, m := range list {
		simulated := ""
		if m.Simulated {
			simulated = i18n.T(s.lang, "corpus.simulated")
		}
		s.say("corpus.line", errs.A{"name": m.Name, "title": m.Title.In(s.lang), "simulated": simulated, "from": fmt.Sprint(m.From), "to": fmt.Sprint(m.To), "works": m.Rows("work"), "patents": m.Rows("patent"), "points": m.Rows("point"), "at": i18n.Instant(m.CreatedAt)})
	}
	return nil
}

func (s *session) showCorpus(root, name string) error {
	m, err := s.manifest(root, name)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(m)
	}
	s.say("corpus.shown", errs.A{"name": m.Name, "title": m.Title.In(s.lang), "source": m.Source.Title.In(s.lang), "licence": first(m.Source.Licence, "—"), "tag": string(m.Source.LicenceTag), "read": m.Report.Read, "kept": m.Report.Kept, "at": i18n.Instant(m.CreatedAt)})
	s.printCorpusReport(&m)
	return nil
}

func (s *session) manifest(root, name string) (corpus.Manifest, error) {
	if err := corpus.CheckName(name); err != nil {
		return corpus.Manifest{}, err
	}
	return corpus.ReadManifest(filepath.Join(root, name))
}

func (s *session) removeCorpus(root, name string) error {
	if err := corpus.Remove(root, name); err != nil {
		return err
	}
	if s.json {
		return s.printJSON(map[string]string{"removed": name})
	}
	s.say("corpus.removed", errs.A{"name": name})
	return nil
}

func (s *session) forget(ctx context.Context, root string, f corpusFlags, args []string) error {
	if len(args) < 3 {
		return exactly(3, args, "deleted", "NAME", "FILE")
	}
	if err := corpus.CheckName(args[1]); err != nil {
		return err
	}
	gone, err := corpus.Forget(ctx, root, args[1], stats.Config{MemoryMB: f.memory}, args[2:])
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(map[string]any{"name": args[1], "works": gone})
	}
	s.say("corpus.forgotten", errs.A{"name": args[1], "works": gone})
	return nil
}
