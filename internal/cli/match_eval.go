package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/data/judged"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

// The words of --encoder. Empty takes all there is.
const (
	encoderNone  = "none"
	encoderTable = "table"
	encoderModel = "model"
)

// evaluateMatch measures match on a judged set: the one that comes with Kapok,
// or the one in a folder.
func (s *session) evaluateMatch(ctx context.Context, cfg app.Config, f matchFlags, args []string) error {
	if err := exactly(0, args); err != nil {
		return err
	}
	dir := fs.FS(judged.FS)
	if f.set != "" {
		dir = os.DirFS(f.set)
	}
	set, err := match.ReadSet(dir)
	if err != nil {
		return err
	}
	o, err := evalOptions(cfg, f.encoder)
	if err != nil {
		return err
	}
	got, err := match.Eval(ctx, set, o)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(got)
	}
	s.printEvaluation(got)
	return nil
}

func evalOptions(cfg app.Config, which string) (match.EvalOptions, error) {
	var o match.EvalOptions
	table, err := gloss.Bundled()
	if err != nil {
		return o, err
	}
	o.Glosser = table
	if which == "" || which == encoderTable {
		words, err := data.FS.Open(data.WordVectors)
		if err != nil {
			return o, fmt.Errorf("bundled word vectors: %w", err)
		}
		defer words.Close()
		if o.Table, err = encoder.NewTable(words, table); err != nil {
			return o, err
		}
	}
	switch which {
	case "", encoderModel:
		m, err := encoder.Open(cfg.EncoderDir())
		if err == nil {
			o.Model = encoder.Cached(m, cfg.VectorsDir())
		} else if which != "" || errs.KindOf(err) != errs.NotFound {
			return o, err
		}
	case encoderNone, encoderTable:
	default:
		return o, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "match", "flag": "encoder", "value": which})
	}
	return o, nil
}

func (s *session) printEvaluation(e match.Evaluation) {
	counts := errs.A{"records": e.Records}
	for _, c := range match.Classes {
		counts["dev_"+c], counts["test_"+c] = e.Dev[c], e.Test[c]
	}
	s.say("match.eval_head", counts)
	for _, f := range e.Systems {
		fmt.Fprintf(s.Stdout, "\n%s\n", f.System)
		for _, class := range append([]string{match.ClassAll}, match.Classes...) {
			if n, ok := f.NDCG[class]; ok {
				fmt.Fprintf(s.Stdout, "  %-16s nDCG@10 %s   recall@50 %s   n %d\n", class, withInterval(n), withInterval(f.Recall[class]), n.N)
			}
		}
		if f.Gain != nil {
			fmt.Fprintf(s.Stdout, "  %s %s\n", i18n.T(s.lang, "match.eval_gain", errs.A{"than": f.Than}), withInterval(*f.Gain))
		}
		if a := f.Abstention; a != nil {
			s.say("match.eval_abstain", errs.A{"precision": withInterval(a.Precision), "recall": withInterval(a.Recall), "given": withInterval(a.Given), "threshold": fmt.Sprintf("%.2f", f.Weights.Threshold.Coverage), "evidence": fmt.Sprintf("%.4f", f.Weights.Threshold.Evidence)})
		}
		var parts []string
		for i, name := range match.Features {
			if f.Weights.Of[i] != 0 {
				parts = append(parts, fmt.Sprintf("%s %.4f", i18n.T(s.lang, "match.feature."+string(name)), f.Weights.Of[i]))
			}
		}
		fmt.Fprintf(s.Stdout, "  %s\n", strings.Join(parts, "  "))
	}
}

// withInterval writes a mean with its bootstrap interval.
func withInterval(i match.Interval) string {
	if i.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", i.Mean, i.Low, i.High)
}
