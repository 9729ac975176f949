package main

import (
	"bufio"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	from := flag.String("from", "", "folder of the full data sets")
	to := flag.String("to", "data/guangzhou", "folder of the city")
	market := flag.String("market", "", "folder of the judged set: write the simulated market from it, and nothing else")
	flag.Parse()
	work := func() error { return run(*from, *to) }
	if *market != "" {
		work = func() error { return writeMarket(*market, *to) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	if from == "" {
		return fmt.Errorf("--from is missing: the folder of the full data sets")
	}
	cities, err := trimDivisions(from, filepath.Join(to, "gb2260.csv"))
	if err != nil {
		return fmt.Errorf("divisions: %w", err)
	}
	heads, err := trimChinaXiv(from, filepath.Join(to, "chinaxiv.jsonl.gz"), cities)
	if err != nil {
		return fmt.Errorf("chinaxiv: %w", err)
	}
	if err := trimROR(from, filepath.Join(to, "ror.jsonl.gz"), heads); err != nil {
		return fmt.Errorf("ror: %w", err)
	}
	if err := trimPatents(from, filepath.Join(to, "patent_places.csv.gz")); err != nil {
		return fmt.Errorf("patents: %w", err)
	}
	return nil
}

// eachLine calls f with every line of a gzip file; f must not keep the slice.
func eachLine(path string, f func(line []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(make([]byte, 1<<20), 64<<20)
	for s.Scan() {
		if err := f(s.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return s.Err()
}

// writeLines writes lines to a gzip file without a time stamp.
func writeLines(path string, lines [][]byte) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if _, err := z.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	report(path, len(lines))
	return file.Close()
}

func report(path string, rows int) {
	info, err := os.Stat(path)
	if err != nil {
		return
	}
	fmt.Fprintf(io.Writer(os.Stdout), "%s: %d rows, %d bytes\n", filepath.Base(path), rows, info.Size())
}
