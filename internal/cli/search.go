package cli

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
)

type searchFlags struct {
	kind, level string
	limit       int
	whole       bool
	gloss       float64
}

func searchCommand() command {
	return command{
		name:    "search",
		args:    "TEXT",
		summary: i18n.Text{ZH: "按文字检索各类记录，中英文互通，标出命中之处", EN: "search all kinds of record by text, across Chinese and English, with the places found"},
		example: "kapok search 太赫兹成像\nkapok search \"perovskite solar cell\" --kind result,paper --json\nkapok search --whole --limit 20 \"需要一种耐高温的封装材料……\"\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f searchFlags
			fs.StringVar(&f.kind, "kind", "", "")
			fs.StringVar(&f.level, "level", string(level.Public), "")
			fs.IntVar(&f.limit, "limit", 10, "")
			fs.BoolVar(&f.whole, "whole", false, "")
			fs.Float64Var(&f.gloss, "gloss", defaultGloss, "")
			return func(ctx context.Context, s *session, args []string) error {
				q, err := f.query(args)
				if err != nil {
					return err
				}
				return s.withApp(ctx, cfg(s), func(a *app.App) error { return s.search(ctx, a, q) })
			}
		},
	}
}

// defaultGloss is what a translated word counts beside a word itself.
const defaultGloss = 0.6

func (f searchFlags) query(args []string) (search.Query, error) {
	if err := exactly(1, args, "TEXT"); err != nil {
		return search.Query{}, err
	}
	bad := func(flag string, value any) error {
		return errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "search", "flag": flag, "value": value})
	}
	switch {
	case f.limit < 1 || f.limit > search.MaxLimit:
		return search.Query{}, bad("limit", f.limit)
	case !(f.gloss >= 0 && f.gloss <= 1):
		return search.Query{}, bad("gloss", f.gloss)
	case !level.Level(f.level).Valid():
		return search.Query{}, bad("level", f.level)
	}
	q := search.Query{Text: args[0], Limit: f.limit, Whole: f.whole, Gloss: f.gloss, Viewer: level.Viewer{Clearance: level.Level(f.level)}}
	if f.kind != "" {
		q.Kinds = strings.Split(f.kind, ",")
	}
	return q, nil
}

// found is one hit as it is printed.
type found struct {
	Kind  string      `json:"kind"`
	ID    string      `json:"id"`
	Title i18n.Text   `json:"title"`
	Score float64     `json:"score"`
	Marks []foundMark `json:"marks"`
}

type foundMark struct {
	Field  string   `json:"field"`
	Text   string   `json:"text"`
	Ranges [][2]int `json:"ranges"` // bytes of UTF-8
}

func foundOf(h search.Hit) found {
	f := found{h.Kind, h.ID, h.Title, h.Score, []foundMark{}}
	for _, m := range h.Marks {
		f.Marks = append(f.Marks, foundMark(m))
	}
	return f
}

func (s *session) search(ctx context.Context, a *app.App, q search.Query) error {
	r, err := a.Search(ctx, q)
	if err != nil {
		return err
	}
	if s.json {
		hits := []found{}
		for _, h := range r.Hits {
			hits = append(hits, foundOf(h))
		}
		return s.printJSON(map[string]any{"total": r.Total, "kinds": r.Kinds, "hits": hits})
	}
	for i, h := range r.Hits {
		fmt.Fprintf(s.Stdout, "%3d  %6.2f  %-9s %s\n                       %s\n", i+1, h.Score, h.Kind, h.Title.In(s.lang), h.ID)
		for _, m := range h.Marks {
			if m.Text != h.Title.In(s.lang) {
				fmt.Fprintf(s.Stdout, "                       %s\n", marked(m))
			}
		}
	}
	s.say("cli.found", errs.A{"n": r.Total, "kinds": s.kinds(r.Kinds)})
	return nil
}

// marked puts brackets round the places found.
func marked(m search.Mark) string {
	var b strings.Builder
	at := 0
	for _, r := range m.Ranges {
		b.WriteString(m.Text[at:r[0]] + "[" + m.Text[r[0]:r[1]] + "]")
		at = r[1]
	}
	return strings.Join(strings.Fields(b.String()+m.Text[at:]), " ")
}

func (s *session) kinds(n map[string]int) string {
	var out []string
	for k, c := range n {
		out = append(out, fmt.Sprintf("%s %d", k, c))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
