package cli

import (
	"context"
	"flag"
	"path/filepath"
	"sync"
	"time"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// simulateFlags are what the command corpus simulate asks.
type simulateFlags struct {
	options  world.Options
	snapshot string // a folder to write the same works to as an OpenAlex snapshot
}

func (f *simulateFlags) define(fs *flag.FlagSet) {
	fs.IntVar(&f.options.Works, "works", 30000, "")
	fs.Uint64Var(&f.options.Seed, "seed", 1, "")
	fs.IntVar(&f.options.From, "from", 2014, "")
	fs.IntVar(&f.options.To, "to", 2023, "")
	fs.IntVar(&f.options.Patents, "patent-count", 0, "")
	fs.StringVar(&f.snapshot, "snapshot", "", "")
}

// corpusSimulate makes a simulated world under a name; references makes its
// citation links too.
func (s *session) corpusSimulate(ctx context.Context, cfg app.Config, name string, f simulateFlags, references bool) error {
	if err := corpus.CheckName(name); err != nil {
		return err
	}
	f.options.References, f.options.CreatedAt = references, time.Now().UTC()
	bar := newProgress(s.Stderr, i18n.T(s.lang, "world.making"))
	defer bar.done()
	var mu sync.Mutex
	show := func(done, all int64) {
		mu.Lock()
		defer mu.Unlock()
		bar.show(done, all)
	}
	m, err := world.Make(ctx, filepath.Join(cfg.CorporaDir(), name), f.options, show)
	if err == nil && f.snapshot != "" {
		err = world.WriteJSONL(ctx, f.snapshot, f.options, world.Snapshot{}, show)
	}
	if err != nil {
		return err
	}
	bar.done()
	if s.json {
		return s.printJSON(m)
	}
	s.say("world.made", errs.A{"name": m.Name, "works": m.Rows("work"), "authorships": m.Rows("authorship"), "citations": m.Rows("citation"), "patents": m.Rows("patent")})
	return nil
}
