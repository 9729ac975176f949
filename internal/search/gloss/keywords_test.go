package gloss_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// How much of the keywords that authors give their papers is known: the share
// of characters in terms and words of two characters and more, and of keywords
// that are nothing but those. A keyword counts once.
func TestKeywordsCovered(t *testing.T) {
	terms := bundled(t)
	none := gloss.New(terms, nil)
	words, err := gloss.BundledDictionary()
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		name      string
		keywords  []string
		character float64 // the least share of characters with the dictionary
		keyword   float64
	}{
		{"CSL", cslKeywords(t), .84, .67},
		{"ChinaXiv", chinaXivKeywords(t), .82, .58},
	} {
		for _, c := range []struct {
			name  string
			table *gloss.Table
		}{{"termbase", none}, {"dictionary", gloss.New(nil, words)}, {"both", table(t)}} {
			character, keyword := shares(c.table, set.keywords)
			t.Logf("%-8s %6d keywords, %-10s %5.1f %% of characters, %5.1f %% of keywords", set.name, len(set.keywords), c.name, 100*character, 100*keyword)
			if c.name == "both" && (character < set.character || keyword < set.keyword) {
				t.Errorf("%s: fewer than %.2f and %.2f", set.name, set.character, set.keyword)
			}
		}
	}
}

func shares(table *gloss.Table, keywords []string) (character, keyword float64) {
	all, known, full := 0, 0, 0
	for _, k := range keywords {
		c := table.Cover(k)
		all += c.Characters
		known += c.Terms + c.Words
		if c.Full() {
			full++
		}
	}
	return float64(known) / float64(all), float64(full) / float64(len(keywords))
}

func cslKeywords(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shareddata.Path(t, "bench/csl/kg"), "*.tsv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	all := keywordSet{}
	for _, name := range files {
		lines(t, name, func(line string) {
			cells := strings.Split(line, "\t")
			for _, k := range strings.Split(cells[len(cells)-1], "_") {
				all.add(k)
			}
		})
	}
	return all.list
}

var (
	headEnd = regexp.MustCompile(`引用|引文|分类号|中图|文献标识|基金|收稿|作者|doi|DOI`)
	between = regexp.MustCompile(`[;；,，、|·]+|\s{2,}`)
)

func chinaXivKeywords(t *testing.T) []string {
	t.Helper()
	all := keywordSet{}
	lines(t, shareddata.Path(t, "chinaxiv/chinaxiv_heads.jsonl.gz"), func(line string) {
		var head struct{ Keywords string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			t.Fatal(err)
		}
		text := head.Keywords
		if at := headEnd.FindStringIndex(text); at != nil {
			text = text[:at[0]]
		}
		for _, k := range between.Split(text, -1) {
			all.add(k)
		}
	})
	return all.list
}

var blank = gloss.New(nil, nil)

type keywordSet struct {
	seen map[string]bool
	list []string
}

// add keeps a word of two to twelve Chinese characters.
func (s *keywordSet) add(k string) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	k = strings.TrimSpace(k)
	if n := blank.Cover(k).Characters; n < 2 || n > 12 || s.seen[k] {
		return
	}
	s.seen[k] = true
	s.list = append(s.list, k)
}

func lines(t *testing.T, name string, do func(line string)) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<20), 1<<26)
	for s.Scan() {
		do(s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}
