package judged

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// FS holds the set as it is published.
//
//go:embed README.md needs.jsonl records.jsonl.gz qrels.tsv
var FS embed.FS

// AsOf is the day on which windows of availability were judged.
const AsOf = "2026-11-23"

// Class says what a need tests.
type Class string

// The classes of needs; each need has one.
const (
	Ordinary      Class = "ordinary"
	CrossLanguage Class = "cross_language" // good records exist only in the other language
	NoAnswer      Class = "no_answer"      // no record of the set is graded 2 or 3
)

// Split parts the needs in two halves of equal make-up.
type Split string

// The splits.
const (
	Dev  Split = "dev"  // tune here
	Test Split = "test" // report here
)

// Constraints are hard: a record that states something else fails. The zero value
// of a field asks nothing.
type Constraints struct {
	TRLMin    int      `json:"trl_min"`
	Regions   []string `json:"regions"`    // prefixes of GB/T 2260 codes
	BudgetMax int64    `json:"budget_max"` // fen
	Rights    string   `json:"rights"`     // "granted"
	Forms     []string `json:"forms"`      // any of them
}

// TextConstraint is a hard constraint that only reading can check.
type TextConstraint struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Need is one query of the set.
type Need struct {
	ID              string           `json:"id"`
	Class           Class            `json:"class"`
	Lang            string           `json:"lang"`  // zh or en
	Seeks           []string         `json:"seeks"` // kinds of records
	Title           string           `json:"title"`
	Text            string           `json:"text"`
	Constraints     Constraints      `json:"constraints"`
	TextConstraints []TextConstraint `json:"text_constraints"`
	Split           Split            `json:"split"`
	Licence         string           `json:"licence"`
}

// Record is one document of the set. Empty and nil fields are unknown.
type Record struct {
	ID             string   `json:"id"`
	Kind           string   `json:"kind"` // result, patent, paper, project, expert, policy, fund, service
	Lang           string   `json:"lang"` // zh, en or both
	TitleZh        string   `json:"title_zh"`
	TitleEn        string   `json:"title_en"`
	TextZh         string   `json:"text_zh"`
	TextEn         string   `json:"text_en"`
	Owner          string   `json:"owner"`
	IPC            []string `json:"ipc"`
	Industry       []string `json:"industry"` // GB/T 4754-2017
	Division       string   `json:"division"` // GB/T 2260
	Country        string   `json:"country"`  // ISO 3166-1
	TRL            *int     `json:"trl"`
	Rights         string   `json:"rights"`    // granted, applied
	PriceMin       *int64   `json:"price_min"` // fen
	PriceMax       *int64   `json:"price_max"` // fen
	Forms          []string `json:"forms"`
	AvailableFrom  string   `json:"available_from"`
	AvailableUntil string   `json:"available_until"`
	Simulated      bool     `json:"simulated"`
	Source         string   `json:"source"`
	Licence        string   `json:"licence"`
}

// NotRead stands for a pass in which a pair was not read, because a structured
// constraint had failed already.
const NotRead = -1

// Grade is one judged pair.
type Grade struct {
	Need, Record  string
	First, Second int      // 0 to 3, or NotRead
	Final         int      // 0 to 3
	Fails         []string // names of the constraints that the record fails
	Pool          []string // what brought the record into the pool
}

// Set is the whole. Needs and grades are in order of their ids.
type Set struct {
	Needs   []Need
	Records []Record
	Grades  []Grade
}

// Open reads the embedded set.
func Open() (Set, error) {
	var s Set
	needs, err := FS.Open("needs.jsonl")
	if err != nil {
		return Set{}, fmt.Errorf("needs: %w", err)
	}
	defer needs.Close()
	if s.Needs, err = lines[Need](needs); err != nil {
		return Set{}, fmt.Errorf("needs: %w", err)
	}
	packed, err := FS.ReadFile("records.jsonl.gz")
	if err != nil {
		return Set{}, fmt.Errorf("records: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return Set{}, fmt.Errorf("records: %w", err)
	}
	if s.Records, err = lines[Record](z); err != nil {
		return Set{}, fmt.Errorf("records: %w", err)
	}
	rels, err := FS.ReadFile("qrels.tsv")
	if err != nil {
		return Set{}, fmt.Errorf("qrels: %w", err)
	}
	if s.Grades, err = grades(string(rels)); err != nil {
		return Set{}, fmt.Errorf("qrels: %w", err)
	}
	return s, nil
}

// Of returns the grades of one need.
func (s Set) Of(need string) []Grade {
	from, _ := slices.BinarySearchFunc(s.Grades, need, func(g Grade, id string) int { return strings.Compare(g.Need, id) })
	to := from
	for to < len(s.Grades) && s.Grades[to].Need == need {
		to++
	}
	return s.Grades[from:to]
}

func lines[T any](r io.Reader) ([]T, error) {
	var out []T
	d := json.NewDecoder(bufio.NewReader(r))
	d.DisallowUnknownFields()
	for {
		var v T
		switch err := d.Decode(&v); {
		case err == io.EOF:
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", len(out)+1, err)
		}
		out = append(out, v)
	}
}

const header = "need\trecord\tpass1\tpass2\tfinal\tfails\tpool"

func grades(text string) ([]Grade, error) {
	rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if rows[0] != header {
		return nil, fmt.Errorf("the first line is %q, not %q", rows[0], header)
	}
	out := make([]Grade, 0, len(rows)-1)
	for i, row := range rows[1:] {
		g, err := grade(row)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		out = append(out, g)
	}
	return out, nil
}

func grade(row string) (Grade, error) {
	f := strings.Split(row, "\t")
	if len(f) != 7 {
		return Grade{}, fmt.Errorf("%d columns, not 7", len(f))
	}
	g := Grade{Need: f[0], Record: f[1], Fails: list(f[5]), Pool: list(f[6])}
	for i, into := range []*int{&g.First, &g.Second, &g.Final} {
		if f[2+i] == "-" && i < 2 {
			*into = NotRead
			continue
		}
		n, err := strconv.Atoi(f[2+i])
		if err != nil || n < 0 || n > 3 {
			return Grade{}, fmt.Errorf("%q is not a grade from 0 to 3", f[2+i])
		}
		*into = n
	}
	return g, nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
