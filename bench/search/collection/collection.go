// Package collection reads and writes what the peers are run on: a folder with
// docs.tsv and queries.tsv (id, tab, text on one line) and qrels.tsv (query,
// document, grade), and runs (query, document, score, best first).
package collection

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Text is a document or a query.
type Text struct{ ID, Text string }

// Grades are the judgements: query, document, grade.
type Grades map[string]map[string]float64

// Hit is a line of a run.
type Hit struct {
	Doc   string
	Score float64
}

// Each calls f for each text of the file. A text without its tab is an error.
func Each(path string, f func(Text) error) error {
	return lines(path, func(line string) error {
		id, text, ok := strings.Cut(line, "\t")
		if !ok {
			return fmt.Errorf("%s: a line without a tab: %.60s", path, line)
		}
		return f(Text{id, text})
	})
}

// All returns the texts of the file.
func All(path string) ([]Text, error) {
	var out []Text
	err := Each(path, func(t Text) error { out = append(out, t); return nil })
	return out, err
}

func lines(path string, f func(string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 1<<20)
	for {
		line, err := r.ReadString('\n')
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			if err := f(line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// ReadGrades reads qrels.tsv.
func ReadGrades(path string) (Grades, error) {
	out := Grades{}
	err := lines(path, func(line string) error {
		p := strings.Split(line, "\t")
		if len(p) != 3 {
			return fmt.Errorf("%s: %q", path, line)
		}
		grade, err := strconv.ParseFloat(p[2], 64)
		out.Add(p[0], p[1], grade)
		return err
	})
	return out, err
}

// Add notes a judgement.
func (g Grades) Add(query, doc string, grade float64) {
	if g[query] == nil {
		g[query] = map[string]float64{}
	}
	g[query][doc] = grade
}

// ReadRun reads what a peer found: the documents of each query, best first.
func ReadRun(path string) (map[string][]Hit, error) {
	out := map[string][]Hit{}
	err := lines(path, func(line string) error {
		p := strings.Split(line, "\t")
		if len(p) != 3 {
			return fmt.Errorf("%s: %q", path, line)
		}
		score, err := strconv.ParseFloat(p[2], 64)
		out[p[0]] = append(out[p[0]], Hit{p[1], score})
		return err
	})
	return out, err
}

// Writer writes lines of fields parted by tabs.
type Writer struct {
	file *os.File
	w    *bufio.Writer
}

// Create makes the file and its folder.
func Create(path string) (*Writer, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &Writer{file, bufio.NewWriterSize(file, 1<<20)}, nil
}

// Line writes the fields; blanks of any kind in them become single ones. An
// error shows at Close.
func (w *Writer) Line(fields ...string) {
	for i, f := range fields {
		if i > 0 {
			_ = w.w.WriteByte('\t')
		}
		_, _ = w.w.WriteString(strings.Join(strings.Fields(f), " "))
	}
	_ = w.w.WriteByte('\n')
}

// Close flushes and closes.
func (w *Writer) Close() error {
	err := w.w.Flush()
	if e := w.file.Close(); err == nil {
		err = e
	}
	return err
}

// Write makes the three files of a set in dir. Queries without a judgement are
// left out.
func Write(dir string, docs, queries []Text, grades Grades) error {
	write := func(name string, fill func(*Writer)) error {
		w, err := Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		fill(w)
		return w.Close()
	}
	texts := func(texts []Text, keep func(Text) bool) func(*Writer) {
		return func(w *Writer) {
			for _, t := range texts {
				if keep(t) {
					w.Line(t.ID, t.Text)
				}
			}
		}
	}
	if err := write("docs.tsv", texts(docs, func(Text) bool { return true })); err != nil {
		return err
	}
	if err := write("queries.tsv", texts(queries, func(t Text) bool { return len(grades[t.ID]) > 0 })); err != nil {
		return err
	}
	return write("qrels.tsv", func(w *Writer) {
		for _, q := range queries {
			for _, d := range docs {
				if g, ok := grades[q.ID][d.ID]; ok {
					w.Line(q.ID, d.ID, strconv.FormatFloat(g, 'g', -1, 64))
				}
			}
		}
	})
}
