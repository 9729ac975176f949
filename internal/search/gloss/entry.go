package gloss

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/data"
)

// Term is one row of a termbase.
type Term struct {
	ZH     string   // the Chinese term
	EN     string   // its English
	AlsoZH []string // other Chinese forms of the same
	AlsoEN []string // other English forms and senses, the commonest first
	Area   string
	Note   string // tells senses apart: "of a process"
	Source string // where the sense is anchored: a standard, a law, "own"
}

// Word is one entry of a dictionary.
type Word struct {
	ZH     string
	Senses []string // the commonest first
}

// Columns are the columns of a termbase file, in their order. Several forms
// stand in one cell, parted by Parting.
var Columns = []string{"zh", "en", "also_zh", "also_en", "area", "note", "source"}

// Parting parts the forms in a cell of also_zh or also_en.
const Parting = " | "

// ReadTerms reads a termbase as it comes with the program: UTF-8 CSV with the
// head Columns. A table of a person's own goes through ingest, which says row
// by row what is wrong with it.
func ReadTerms(r io.Reader) ([]Term, error) {
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = len(Columns)
	head, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	if !slices.Equal(head, Columns) {
		return nil, fmt.Errorf("read terms: columns %q, not %q", head, Columns)
	}
	var out []Term
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read terms: %w", err)
		}
		out = append(out, Term{ZH: row[0], EN: row[1], AlsoZH: forms(row[2]), AlsoEN: forms(row[3]), Area: row[4], Note: row[5], Source: row[6]})
	}
}

func forms(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, Parting)
}

// BundledTerms returns the terms that come with the program, file by file.
func BundledTerms() ([]Term, error) {
	files, err := fs.Glob(data.FS, data.Terms+"/*.csv")
	if err != nil {
		return nil, err
	}
	var out []Term
	for _, name := range files {
		f, err := data.FS.Open(name)
		if err != nil {
			return nil, err
		}
		part, err := ReadTerms(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, part...)
	}
	return out, nil
}

// maxLine bounds a line of a dictionary in bytes.
const maxLine = 1 << 20

// ReadDictionary reads a dictionary: lines of a word and its senses, parted by
// tabs, gzipped.
func ReadDictionary(r io.Reader) ([]Word, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("read dictionary: %w", err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	var out []Word
	for n := 1; lines.Scan(); n++ {
		parts := strings.Split(lines.Text(), "\t")
		if len(parts) < 2 || parts[0] == "" {
			return nil, fmt.Errorf("read dictionary: line %d has no word or no sense", n)
		}
		out = append(out, Word{parts[0], parts[1:]})
	}
	if err := errors.Join(lines.Err(), z.Close()); err != nil {
		return nil, fmt.Errorf("read dictionary: %w", err)
	}
	return out, nil
}

// BundledDictionary returns the dictionary that comes with the program, nil
// when its file was taken out.
func BundledDictionary() ([]Word, error) { return dictionaryIn(data.FS) }

func dictionaryIn(files fs.FS) ([]Word, error) {
	f, err := files.Open(data.Dictionary)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := ReadDictionary(f)
	return out, errors.Join(err, f.Close())
}

// Bundled returns the table of what comes with the program.
func Bundled() (*Table, error) {
	terms, err := BundledTerms()
	if err != nil {
		return nil, err
	}
	words, err := BundledDictionary()
	if err != nil {
		return nil, err
	}
	return New(terms, words), nil
}
