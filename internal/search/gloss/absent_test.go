package gloss

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kapok-city/kapok/data"
)

// The dictionary's file may be taken out; one that is damaged is said to be so.
func TestDictionaryFile(t *testing.T) {
	t.Parallel()
	if words, err := dictionaryIn(fstest.MapFS{}); words != nil || err != nil {
		t.Errorf("absent: %d words, %v", len(words), err)
	}
	for name, content := range map[string][]byte{
		"no gzip": []byte("研究\tresearch\n"), "no sense": packed("研究\n"), "cut short": packed("研究\tresearch\n")[:20],
	} {
		if _, err := dictionaryIn(fstest.MapFS{data.Dictionary: {Data: content}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	words, err := dictionaryIn(fstest.MapFS{data.Dictionary: {Data: packed("研究\tresearch\ta study\n")}})
	if err != nil || len(words) != 1 || len(words[0].Senses) != 2 {
		t.Errorf("%v, %v", words, err)
	}
}

func packed(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s)) // into memory
	_ = z.Close()
	return b.Bytes()
}

func TestReadTerms(t *testing.T) {
	t.Parallel()
	head := strings.Join(Columns, ",") + "\n"
	terms, err := ReadTerms(strings.NewReader(head + "术语,term,词条 | 词目,\"entry, headword\",management,,own\n"))
	if err != nil || len(terms) != 1 || len(terms[0].AlsoZH) != 2 || terms[0].AlsoEN[0] != "entry, headword" {
		t.Errorf("%+v, %v", terms, err)
	}
	for _, bad := range []string{"", "zh,en\n", head + "术语,term\n", head + "\"术语,term,,,,,\n"} {
		if _, err := ReadTerms(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestSingular(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"cells": "cell", "Batteries": "battery", "analysis": "analysis", "class": "class", "status": "status", "ties": "tie", "Alzheimer's": "alzheimer", "gas": "gas"} {
		if got := normal(in); got != want {
			t.Errorf("%s: %s, not %s", in, got, want)
		}
	}
}
