package cli

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

type resolveFlags struct {
	eval, city, country string
	errors              int
}

func resolveCommand() command {
	return command{
		name:    "resolve",
		args:    "[TEXT]",
		summary: i18n.Text{ZH: "把单位名称或署名单位归到已登记的机构，并说明理由；或用标注集评测", EN: "resolve a name or an affiliation to a registered organisation, with the reason; or measure it on a labelled set"},
		example: "kapok resolve \"中山大学化学学院，广州 510275\"\nkapok resolve --city 广州 < affiliations.txt\nkapok resolve --eval gold.json --json\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f resolveFlags
			fs.StringVar(&f.eval, "eval", "", "")
			fs.StringVar(&f.city, "city", "", "")
			fs.StringVar(&f.country, "country", "", "")
			fs.IntVar(&f.errors, "errors", 0, "")
			return func(ctx context.Context, s *session, args []string) error {
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.resolving(ctx, a, f, args) })
			}
		},
	}
}

func (s *session) resolving(ctx context.Context, a *app.App, f resolveFlags, args []string) error {
	index, err := a.Registry.Resolver(ctx)
	if err != nil {
		return err
	}
	switch {
	case f.eval != "":
		return s.evaluate(index, f)
	case len(args) > 1:
		return exactly(1, args, "TEXT")
	case len(args) == 1:
		return s.answer(ctx, a, index, f, args[0])
	}
	return s.answerLines(ctx, a, index, f)
}

// maxLine is the longest line of texts that is read: no affiliation comes near.
const maxLine = 1 << 20

// answerLines answers each line of standard input. A line that is no UTF-8 ends
// the run: “none” would say that the text was understood.
func (s *session) answerLines(ctx context.Context, a *app.App, index *resolve.Index, f resolveFlags) error {
	lines := bufio.NewScanner(s.Stdin)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		text := strings.TrimPrefix(lines.Text(), "\ufeff")
		if !utf8.ValidString(text) {
			return errs.New(errs.Invalid, "cli.line_not_utf8", errs.A{"line": n})
		}
		if err := s.answer(ctx, a, index, f, text); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return errs.Wrap(err, errs.TooLarge, "cli.line_too_long", errs.A{"line": n + 1, "limit": "1 MiB"})
	} else if err != nil {
		return errs.Wrap(err, errs.Invalid, "cli.unreadable", errs.A{"file": "-"})
	}
	return nil
}

// resolved is one answer as it is printed.
type resolved struct {
	Text    string          `json:"text"`
	Matches []resolvedMatch `json:"matches"`
	None    string          `json:"none,omitempty"` // why there is no match
}

type resolvedMatch struct {
	OrgID  string    `json:"org_id"`
	Name   i18n.Text `json:"name"`
	Score  float64   `json:"score"`
	Code   string    `json:"code"`
	Reason string    `json:"reason"`
}

func (s *session) answer(ctx context.Context, a *app.App, index *resolve.Index, f resolveFlags, text string) error {
	got := index.Resolve(text, resolve.Hint{City: f.city, Country: f.country})
	out := resolved{Text: text, Matches: []resolvedMatch{}}
	if got.None != nil {
		out.None = got.None.In(s.lang)
	}
	var ids []string
	for _, m := range got.Matches {
		ids = append(ids, m.OrgID)
	}
	names, err := a.Registry.Refs(ctx, ids)
	if err != nil {
		return err
	}
	for _, m := range got.Matches {
		out.Matches = append(out.Matches, resolvedMatch{m.OrgID, names[m.OrgID].Name, m.Score, m.Reason.Code, m.Reason.In(s.lang)})
	}
	if s.json {
		return s.printJSON(out)
	}
	for _, m := range out.Matches {
		fmt.Fprintf(s.Stdout, "%.2f  %s  %s\n      %s\n", m.Score, m.OrgID, m.Name.In(s.lang), m.Reason)
	}
	if len(out.Matches) == 0 {
		s.say("cli.resolve_none", errs.A{"why": out.None})
	}
	return nil
}

// evaluation is the outcome of --eval.
type evaluation struct {
	resolve.Evaluation
	Organisations int     `json:"organisations"`
	Precision     float64 `json:"precision"`
	Recall        float64 `json:"recall"`
	F1            float64 `json:"f1"`
}

func (s *session) evaluate(index *resolve.Index, f resolveFlags) error {
	file, err := os.Open(f.eval)
	if err != nil {
		return errs.Wrap(err, errs.NotFound, "cli.no_file", errs.A{"file": f.eval})
	}
	defer file.Close()
	gold, err := resolve.ReadGold(file)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "cli.bad_gold", errs.A{"file": f.eval})
	}
	e := resolve.Evaluate(gold, index)
	shown := e.Errors
	e.Errors = nil
	if e.Covered == e.Empty {
		return errs.New(errs.Invalid, "cli.gold_uncovered", errs.A{"file": f.eval, "rows": e.Rows})
	}
	out := evaluation{e, index.Len(), e.Precision(), e.Recall(), e.F1()}
	if s.json {
		out.Errors = shown
		return s.printJSON(out)
	}
	s.say("cli.evaluated", errs.A{"rows": e.Rows, "covered": e.Covered, "empty": e.Empty, "organisations": index.Len(),
		"right": e.Right, "wrong": e.Wrong, "missed": e.Missed, "cpus": runtime.NumCPU(),
		"precision": fmt.Sprintf("%.4f", out.Precision), "recall": fmt.Sprintf("%.4f", out.Recall), "f1": fmt.Sprintf("%.4f", out.F1)})
	for i, x := range shown {
		if i == f.errors {
			break
		}
		fmt.Fprintf(s.Stdout, "%d  %s\n", x.Row, x.Text)
		for _, w := range x.Wrong {
			fmt.Fprintf(s.Stdout, "     + %s %s (%s)\n", w.OrgID, w.Name, w.Reason.Code)
		}
		for _, m := range x.Missed {
			fmt.Fprintf(s.Stdout, "     − %s\n", m)
		}
	}
	return nil
}
