// Cross asks the bilingual sets in every way that Kapok can, and prints how
// near it comes to the same records in one language:
//
//	cross SETS RUNS [MODEL]
//
// MODEL is the folder of an encoder (kapok encoder add), or the wheel that holds
// one; without it that system is left out. CACHE names a folder for its vectors,
// LIMIT a number of pairs to try it with.
//
// Systems: words alone (none), the gloss stream (gloss), the vectors of GloVe
// over glosses (table), the encoder (e5). Fused are sums of scores brought
// between 0 and 1 within the candidates of a query: base .7, table .15 and,
// where there is an encoder, .15 for it ("fixed"); the shares that text and
// encoder have among the default weights of match ("ranker"); "fitted" are the best weights of a grid, chosen on four fifths of the queries
// for the last fifth, in turn.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: cross SETS RUNS [MODEL]")
	}
	if err := run(os.Args[1], os.Args[2], strings.Join(os.Args[3:], "")); err != nil {
		log.Fatal(err)
	}
}

// tools is what turns texts into scores.
type tools struct {
	gloss *gloss.Table
	table encoder.Encoder
	e5    encoder.Encoder // nil when there is none
}

func run(sets, runs, model string) error {
	t, err := open(model)
	if err != nil {
		return err
	}
	results := map[string]result{}
	for _, name := range []string{"zh-zh", "en-en", "zh-en", "en-zh"} {
		s, err := load(filepath.Join(sets, "bi-"+name))
		if err != nil {
			return err
		}
		if results[name], err = s.measure(t, filepath.Join(runs, "bi-"+name)); err != nil {
			return err
		}
	}
	show(results, t.e5 != nil)
	return nil
}

func open(model string) (tools, error) {
	var t tools
	terms, err := gloss.BundledTerms()
	if err != nil {
		return t, err
	}
	words, err := gloss.BundledDictionary()
	if err != nil {
		return t, err
	}
	t.gloss = gloss.New(terms, words)
	vectors, err := data.FS.Open(data.WordVectors)
	if err != nil {
		return t, err
	}
	defer vectors.Close()
	if t.table, err = encoder.NewTable(vectors, t.gloss); err != nil || model == "" {
		return t, err
	}
	if info, err := os.Stat(model); err == nil && info.Mode().IsRegular() {
		dir := filepath.Join(filepath.Dir(model), "model")
		if _, err := encoder.Add(model, dir); err != nil {
			return t, err
		}
		model = dir
	}
	e, err := encoder.Open(model)
	if err != nil {
		return t, err
	}
	t.e5 = encoder.Cached(e, cmp.Or(os.Getenv("CACHE"), filepath.Join(os.TempDir(), "kapok-vectors")))
	return t, nil
}

// set is one of the bilingual sets: query i belongs to document i.
type set struct{ docs, queries []collection.Text }

func load(dir string) (set, error) {
	docs, err := collection.All(filepath.Join(dir, "docs.tsv"))
	if err != nil {
		return set{}, err
	}
	queries, err := collection.All(filepath.Join(dir, "queries.tsv"))
	if err != nil {
		return set{}, err
	}
	if n, _ := strconv.Atoi(os.Getenv("LIMIT")); n > 0 && n < len(docs) {
		docs, queries = docs[:n], queries[:n]
	}
	for i := range docs {
		if docs[i].ID != queries[i].ID {
			return set{}, fmt.Errorf("%s: query %d is %s, document %s", dir, i, queries[i].ID, docs[i].ID)
		}
	}
	return set{docs, queries}, nil
}

func encode(e encoder.Encoder, side encoder.Side, texts []collection.Text) ([][]float32, error) {
	plain := make([]string, len(texts))
	for i, t := range texts {
		plain[i] = t.Text
	}
	return e.Encode(context.Background(), side, plain)
}

func show(results map[string]result, encoder bool) {
	// The ceiling of a bridge is the same documents asked in their own language.
	for _, way := range [][2]string{{"zh-en", "en-en"}, {"en-zh", "zh-zh"}} {
		cross, same := results[way[0]], results[way[1]]
		fmt.Printf("\nbi-%s (%d pairs), same language bi-%s: words %.4f, fixed %.4f, fitted %.4f\n",
			way[0], cross.n, way[1], same.ndcg["none"], same.ndcg["fixed"], same.ndcg["fitted"])
		for _, s := range systems(encoder) {
			fmt.Printf("  %-12s nDCG@10 %.4f  of words %.3f", s, cross.ndcg[s], cross.ndcg[s]/same.ndcg["none"])
			if s == "fixed" || s == "fitted" {
				fmt.Printf("  of the same system %.3f", cross.ndcg[s]/same.ndcg[s])
			}
			if w := cross.weights[s]; w != nil {
				fmt.Printf("  weights (words, gloss, table, encoder) %.2f", w)
			}
			fmt.Println()
		}
	}
}
