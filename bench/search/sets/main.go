// Sets makes the public sets of the bench from the outside data folder:
//
//	sets SHARED OUT
//
// SciFact as BEIR reads it (the claims of the development split with the
// documents that they cite: 5,183 documents, 300 queries, 339 judgements), and
// from CSL (2,000 Chinese abstracts) title → abstract, keywords → abstract, and
// the abstracts of one split against those of the other of the same discipline.
package main

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/bench/search/collection"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: sets SHARED OUT")
	}
	from, out := filepath.Join(os.Args[1], "bench"), os.Args[2]
	if err := scifact(filepath.Join(from, "scifact", "scifact.zip"), filepath.Join(out, "scifact")); err != nil {
		log.Fatal(err)
	}
	if err := csl(filepath.Join(from, "csl"), out); err != nil {
		log.Fatal(err)
	}
}

func scifact(path, out string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	corpus, err := table(&z.Reader, "corpus_train.csv")
	if err != nil {
		return err
	}
	claims, err := table(&z.Reader, "claims_validation.csv")
	if err != nil {
		return err
	}
	var docs, queries []collection.Text
	for _, r := range corpus {
		docs = append(docs, collection.Text{ID: r["doc_id"], Text: r["title"] + " " + sentences(r["abstract"])})
	}
	grades := collection.Grades{}
	for _, r := range claims {
		if grades[r["id"]] == nil {
			queries = append(queries, collection.Text{ID: r["id"], Text: r["claim"]})
		}
		for _, d := range regexp.MustCompile(`\d+`).FindAllString(r["cited_doc_ids"], -1) {
			grades.Add(r["id"], d, 1)
		}
	}
	return told(out, docs, queries, grades)
}

func table(z *zip.Reader, name string) ([]map[string]string, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out, nil
}

// sentences joins a list of strings as Python prints it: quoted with ' or ",
// with \' inside, \n and \xa0 written out.
func sentences(list string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0:
		case c == quote:
			quote = 0
			b.WriteByte(' ')
		case c == '\\' && i+1 < len(list):
			i += escaped(&b, list[i+1:])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escaped writes what stands behind a backslash and returns its length.
func escaped(b *strings.Builder, rest string) int {
	for mark, digits := range map[byte]int{'x': 2, 'u': 4} {
		if rest[0] == mark && len(rest) > digits {
			if r, err := strconv.ParseUint(rest[1:1+digits], 16, 32); err == nil {
				b.WriteRune(rune(r))
				return 1 + digits
			}
		}
	}
	if rest[0] == 'n' || rest[0] == 't' {
		b.WriteByte(' ')
	} else {
		b.WriteByte(rest[0])
	}
	return 1
}

func csl(from, out string) error {
	split := func(task, split string) [][]string {
		data, err := os.ReadFile(filepath.Join(from, task, split+".tsv"))
		if err != nil {
			log.Fatal(err)
		}
		var rows [][]string
		for line := range strings.Lines(string(data)) {
			rows = append(rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
		}
		return rows
	}
	var docs, titles, words []collection.Text
	grades := collection.Grades{}
	for _, s := range []string{"dev", "test"} {
		keys := split("kg", s)
		for i, r := range split("ts", s) {
			id := s + "-" + strconv.Itoa(i)
			docs = append(docs, collection.Text{ID: id, Text: r[1]})
			if s == "test" {
				titles = append(titles, collection.Text{ID: id, Text: r[2]})
				words = append(words, collection.Text{ID: id, Text: strings.ReplaceAll(keys[i][2], "_", " ")})
				grades.Add(id, id, 1)
			}
		}
	}
	if err := told(filepath.Join(out, "csl-title"), docs, titles, grades); err != nil {
		return err
	}
	if err := told(filepath.Join(out, "csl-kw"), docs, words, grades); err != nil {
		return err
	}
	return disciplines(filepath.Join(out, "csl-dcp"), split("cls_dcp", "dev"), split("cls_dcp", "test"))
}

func disciplines(out string, dev, test [][]string) error {
	var docs, queries []collection.Text
	grades := collection.Grades{}
	for i, r := range dev {
		docs = append(docs, collection.Text{ID: "d" + strconv.Itoa(i), Text: r[1]})
	}
	for i, q := range test {
		queries = append(queries, collection.Text{ID: "q" + strconv.Itoa(i), Text: q[1]})
		for j, d := range dev {
			if d[2] == q[2] {
				grades.Add("q"+strconv.Itoa(i), "d"+strconv.Itoa(j), 1)
			}
		}
	}
	return told(out, docs, queries, grades)
}

func told(out string, docs, queries []collection.Text, grades collection.Grades) error {
	n, asked := 0, 0
	for _, g := range grades {
		n += len(g)
		if len(g) > 0 {
			asked++
		}
	}
	fmt.Printf("%-10s %d documents, %d queries, %d judgements\n", filepath.Base(out), len(docs), asked, n)
	return collection.Write(out, docs, queries, grades)
}
