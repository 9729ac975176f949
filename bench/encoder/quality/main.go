// Command quality measures an encoder by itself, without words or weights: it
// ranks the documents of a set by cosine alone.
//
//	quality MODEL SET…
//
// A SET is a folder with docs.tsv, queries.tsv and qrels.tsv, as bench/search
// makes them. With “-” for MODEL only the table is measured. It prints nDCG@10,
// recall@100 and the time of both encoders for each set.
package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/search/vector"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: quality MODEL|- SET…")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

func run(model string, sets []string) error {
	encoders, err := open(model)
	if err != nil {
		return err
	}
	fmt.Println("set\tencoder\tdocs\tqueries\tnDCG@10\trecall@100\tseconds")
	for _, folder := range sets {
		s, err := read(folder)
		if err != nil {
			return err
		}
		for _, e := range encoders {
			if err := s.measure(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func open(model string) ([]encoder.Encoder, error) {
	glosses, err := gloss.Bundled()
	if err != nil {
		return nil, err
	}
	words, err := data.FS.Open(data.WordVectors)
	if err != nil {
		return nil, err
	}
	defer words.Close()
	table, err := encoder.NewTable(words, glosses)
	if err != nil || model == "-" {
		return []encoder.Encoder{table}, err
	}
	dir, err := os.MkdirTemp("", "kapok-quality")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the open file stays readable
	if _, err := encoder.Add(model, dir); err != nil {
		return nil, err
	}
	e5, err := encoder.Open(dir)
	return []encoder.Encoder{table, e5}, err
}

type set struct {
	name                               string
	docs, docTexts, queries, questions []string
	grades                             map[string]map[string]float64
}

func read(folder string) (*set, error) {
	s := &set{name: filepath.Base(folder), grades: map[string]map[string]float64{}}
	err := lines(filepath.Join(folder, "docs.tsv"), func(f []string) {
		s.docs, s.docTexts = append(s.docs, f[0]), append(s.docTexts, f[1])
	})
	if err != nil {
		return nil, err
	}
	err = lines(filepath.Join(folder, "queries.tsv"), func(f []string) {
		s.queries, s.questions = append(s.queries, f[0]), append(s.questions, f[1])
	})
	if err != nil {
		return nil, err
	}
	return s, lines(filepath.Join(folder, "qrels.tsv"), func(f []string) {
		if s.grades[f[0]] == nil {
			s.grades[f[0]] = map[string]float64{}
		}
		s.grades[f[0]][f[1]], _ = strconv.ParseFloat(f[len(f)-1], 64) // a broken grade counts as 0
	})
}

func lines(name string, f func([]string)) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 8<<20)
	for in.Scan() {
		if fields := strings.Split(in.Text(), "\t"); len(fields) > 1 {
			f(fields)
		}
	}
	return in.Err()
}

func (s *set) measure(e encoder.Encoder) error {
	ctx, begun := context.Background(), time.Now()
	docs, err := e.Encode(ctx, encoder.Passage, s.docTexts)
	if err != nil {
		return err
	}
	questions, err := e.Encode(ctx, encoder.Query, s.questions)
	if err != nil {
		return err
	}
	seconds := time.Since(begun).Seconds()
	f := vector.New(e.Dim())
	for i, v := range docs {
		if err := f.Put(uint64(i), v); err != nil {
			return err
		}
	}
	var ndcg, recall float64
	n := 0
	for i, id := range s.queries {
		if g := s.grades[id]; len(g) > 0 {
			hits := f.Nearest(questions[i], 100, nil)
			ndcg, recall, n = ndcg+s.ndcg(hits, g), recall+s.recall(hits, g), n+1
		}
	}
	fmt.Printf("%s\t%.12s\t%d\t%d\t%.3f\t%.3f\t%.1f\n", s.name, e.Name(), len(docs), n, ndcg/float64(n), recall/float64(n), seconds)
	return nil
}

func (s *set) ndcg(hits []vector.Hit, grades map[string]float64) float64 {
	var got, best float64
	for i, h := range hits[:min(10, len(hits))] {
		got += (math.Exp2(grades[s.docs[h.Key]]) - 1) / math.Log2(float64(i+2))
	}
	left := make(map[string]float64, len(grades))
	for k, v := range grades {
		left[k] = v
	}
	for i := range min(10, len(grades)) {
		top := ""
		for k, v := range left {
			if top == "" || v > left[top] {
				top = k
			}
		}
		best += (math.Exp2(left[top]) - 1) / math.Log2(float64(i+2))
		delete(left, top)
	}
	if best == 0 {
		return 0
	}
	return got / best
}

func (s *set) recall(hits []vector.Hit, grades map[string]float64) float64 {
	found := 0
	for _, h := range hits {
		if grades[s.docs[h.Key]] > 0 {
			found++
		}
	}
	return float64(found) / float64(len(grades))
}
