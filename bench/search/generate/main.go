// Generate makes a large set for the times, out of real text:
//
//	generate SHARED OUT N
//
// Three of four records are Chinese, of about 300 characters, the fourth is
// English; 100,000 of them are about 86 MB. A record walks through the text of
// two real ones (ChinaXiv papers; American grants) and jumps every few steps to
// another place with the same character or word, half the time within the two,
// so that characters, pairs and words are as frequent as in the real text, and
// come in clumps as there. The queries are pieces of the real text: 100 of 60
// characters (long), 100 of four to eight (short), 100 of twelve English words.
// The same N gives the same bytes.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/bench/search/collection"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: generate SHARED OUT N")
	}
	n, err := strconv.Atoi(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	zh, en := newChain(""), newChain(" ")
	if err := chinese(filepath.Join(os.Args[1], "chinaxiv", "chinaxiv_heads.jsonl.gz"), zh); err != nil {
		log.Fatal(err)
	}
	if err := english(filepath.Join(os.Args[1], "nsf_awards_fy2026", "nsf_awards_fy2026.csv.gz"), en); err != nil {
		log.Fatal(err)
	}
	if err := documents(filepath.Join(os.Args[2], "docs.tsv"), n, zh, en); err != nil {
		log.Fatal(err)
	}
	if err := queries(filepath.Join(os.Args[2], "queries.tsv"), zh, en); err != nil {
		log.Fatal(err)
	}
}

// Mean lengths of a record, in characters and in words.
const (
	zhLength = 315
	enLength = 120
)

func documents(path string, n int, zh, en *chain) error {
	w, err := collection.Create(path)
	if err != nil {
		return err
	}
	r, bytes := rand.New(rand.NewPCG(2026, 1)), 0
	for i := range n {
		c, mean := zh, zhLength
		if i%4 == 3 {
			c, mean = en, enLength
		}
		length := int(float64(mean) * math.Exp(.4*r.NormFloat64()-.08))
		text := c.walk(r, min(max(length, mean/6), mean*5))
		bytes += len(text)
		w.Line("r"+strconv.Itoa(i), text)
	}
	fmt.Printf("%d records, %.1f MB of text\n", n, float64(bytes)/1e6)
	return w.Close()
}

func queries(path string, zh, en *chain) error {
	w, err := collection.Create(path)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(2026, 2))
	for i := range 100 {
		w.Line("long-"+strconv.Itoa(i), zh.piece(r, 60, .8))
		w.Line("short-"+strconv.Itoa(i), zh.piece(r, 4+r.IntN(5), 1))
		w.Line("english-"+strconv.Itoa(i), en.piece(r, 12, 0))
	}
	return w.Close()
}

// chain is text as numbers of its characters or words.
type chain struct {
	blank  string // between two of them
	names  []string
	number map[string]int32
	text   []int32
	starts []int     // of the records in text
	places [][]int32 // of each character or word in text
}

func newChain(blank string) *chain { return &chain{blank: blank, number: map[string]int32{}} }

func (c *chain) add(parts []string) {
	c.starts = append(c.starts, len(c.text))
	for _, p := range parts {
		k, ok := c.number[p]
		if !ok {
			k = int32(len(c.names))
			c.number[p] = k
			c.names, c.places = append(c.names, p), append(c.places, nil)
		}
		c.places[k] = append(c.places[k], int32(len(c.text)))
		c.text = append(c.text, k)
	}
}

// seed returns the bounds of one record.
func (c *chain) seed(r *rand.Rand) (from, to int) {
	k := r.IntN(len(c.starts) - 1)
	return c.starts[k], c.starts[k+1]
}

// stay is the chance of the next step to follow the text.
const stay = .85

func (c *chain) walk(r *rand.Rand, n int) string {
	var b strings.Builder
	var from, to [2]int
	from[0], to[0] = c.seed(r)
	from[1], to[1] = c.seed(r)
	at := from[0] + r.IntN(to[0]-from[0])
	for i := range n {
		if i > 0 {
			b.WriteString(c.blank)
		}
		b.WriteString(c.names[c.text[at]])
		if r.Float64() >= stay {
			s := r.IntN(2)
			at = c.jump(r, at, from[s], to[s])
		}
		if at++; at == len(c.text) {
			at = 0
		}
	}
	return b.String()
}

// jump returns another place of what stands at a place: half the time within
// the bounds, if it is found near a point drawn there.
func (c *chain) jump(r *rand.Rand, at, from, to int) int {
	if r.IntN(2) == 0 {
		begin := from + r.IntN(to-from)
		for k := begin; k < min(to, begin+400); k++ {
			if c.text[k] == c.text[at] {
				return k
			}
		}
	}
	places := c.places[c.text[at]]
	return int(places[r.IntN(len(places))])
}

// piece returns a run of n from a record in which at least a share of the
// characters is Chinese.
func (c *chain) piece(r *rand.Rand, n int, share float64) string {
	for {
		from, to := c.seed(r)
		if to-from <= n {
			continue
		}
		at := from + r.IntN(to-from-n)
		var parts []string
		for _, k := range c.text[at : at+n] {
			parts = append(parts, c.names[k])
		}
		if text := strings.Join(parts, c.blank); float64(han(text)) >= share*float64(n) {
			return text
		}
	}
}

func han(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

var formula = regexp.MustCompile(`\$[^$]*\$?`)

// chinese adds the lines of each paper that are Chinese.
func chinese(path string, c *chain) error {
	r, err := unpack(path)
	if err != nil {
		return err
	}
	d := json.NewDecoder(r)
	for {
		var paper struct {
			Head string `json:"head"`
		}
		if err := d.Decode(&paper); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var text []string
		for line := range strings.Lines(formula.ReplaceAllString(paper.Head, "")) {
			line = strings.TrimSpace(line)
			if han(line)*2 > len([]rune(line)) {
				text = append(text, strings.Split(line, "")...)
			}
		}
		if len(text) > 200 {
			c.add(text)
		}
	}
}

// english adds the abstracts of the grants.
func english(path string, c *chain) error {
	r, err := unpack(path)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		if words := strings.Fields(row[len(row)-1]); len(words) > 50 {
			c.add(words)
		}
	}
	return nil
}

// unpack leaves the file open: the program is short.
func unpack(path string) (io.Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(bufio.NewReader(f))
}
