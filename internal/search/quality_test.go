package search

import (
	"archive/zip"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// judged is a set of queries with the documents that answer them.
type judged struct {
	docs    []Doc
	queries map[string]string
	answers map[string]map[string]bool
}

// ndcg is the mean nDCG@10 over the queries, with one grade.
func (j judged) ndcg(t testing.TB) float64 {
	t.Helper()
	x := New()
	put(t, x, j.docs...)
	sum := 0.0
	for id, text := range j.queries {
		gain, ideal := 0.0, 0.0
		for i, h := range x.Search(Query{Text: text, Whole: true, Limit: 10}).Hits {
			if j.answers[id][h.ID] {
				gain += 1 / math.Log2(float64(i+2))
			}
		}
		for i := range min(10, len(j.answers[id])) {
			ideal += 1 / math.Log2(float64(i+2))
		}
		sum += gain / ideal
	}
	return sum / float64(len(j.queries))
}

// scifact is the test split of BEIR (Thakur et al., 2021): claims against
// abstracts (Wadden et al., "Fact or Fiction", 2020).
func scifact(t testing.TB) judged {
	t.Helper()
	z, err := zip.OpenReader(shareddata.Path(t, "bench/scifact/scifact.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	rows := func(name string) [][]string {
		f, err := z.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return all[1:]
	}
	j := judged{queries: map[string]string{}, answers: map[string]map[string]bool{}}
	for _, r := range rows("corpus_train.csv") { // doc_id, title, abstract, structured
		j.docs = append(j.docs, Doc{Kind: "paper", ID: r[0], Title: i18n.Text{EN: r[1]}, Body: r[2]})
	}
	numbers := regexp.MustCompile(`\d+`)
	for _, r := range rows("claims_validation.csv") { // id, claim, …, cited_doc_ids
		for _, d := range numbers.FindAllString(r[5], -1) {
			if j.answers[r[0]] == nil {
				j.answers[r[0]] = map[string]bool{}
			}
			j.queries[r[0]] = r[1]
			j.answers[r[0]][d] = true
		}
	}
	return j
}

// csl asks for abstracts of CSL (Li et al., 2022) by their titles.
func csl(t testing.TB) judged {
	t.Helper()
	j := judged{queries: map[string]string{}, answers: map[string]map[string]bool{}}
	for _, split := range []string{"dev", "test"} {
		raw, err := os.ReadFile(shareddata.Path(t, "bench/csl/ts/"+split+".tsv"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			r := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			id := fmt.Sprint(split, len(j.docs))
			j.docs = append(j.docs, Doc{Kind: "paper", ID: id, Body: r[1]})
			if split == "test" {
				j.queries[id], j.answers[id] = r[2], map[string]bool{id: true}
			}
		}
	}
	return j
}

// TestQuality holds the ranking of whole texts at its bars. BM25 of others
// reaches .676 to .690 on SciFact.
func TestQuality(t *testing.T) {
	for _, c := range []struct {
		name                string
		set                 judged
		docs, queries, bars int
	}{
		{"scifact", scifact(t), 5183, 300, 690},
		{"csl-title", csl(t), 2000, 1000, 980},
	} {
		if len(c.set.docs) != c.docs || len(c.set.queries) != c.queries {
			t.Fatalf("%s: %d documents and %d queries", c.name, len(c.set.docs), len(c.set.queries))
		}
		got := c.set.ndcg(t)
		t.Logf("%s: nDCG@10 %.4f", c.name, got)
		if got < float64(c.bars)/1000 {
			t.Errorf("%s: nDCG@10 %.4f, want at least .%d", c.name, got, c.bars)
		}
	}
}

func put(t testing.TB, x *Index, docs ...Doc) {
	t.Helper()
	for _, d := range docs {
		if err := x.Put(d); err != nil {
			t.Fatal(err)
		}
	}
}
