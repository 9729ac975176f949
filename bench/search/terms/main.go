// Terms prints the texts of a file cut into the bench's terms, for peers that
// are not written in Go: terms FILE.
package main

import (
	"bufio"
	"log"
	"os"
	"strings"

	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/bench/search/cut"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: terms FILE")
	}
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	err := collection.Each(os.Args[1], func(t collection.Text) error {
		_, err := w.WriteString(t.ID + "\t" + strings.Join(cut.Terms(t.Text), " ") + "\n")
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		log.Fatal(err)
	}
}
