package match

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/data/judged"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/search"
)

// The files of a judged set: lines of JSON, and a table of grades, as
// data/judged/README.md describes. Each may be compressed, with ".gz" after its name.
const (
	setRecords = "records.jsonl"
	setNeeds   = "needs.jsonl"
	setGrades  = "qrels.tsv"
)

// ReadSet reads a judged set from its folder. A line that is not what it should
// be is errs.Invalid with its file and number.
func ReadSet(dir fs.FS) (Set, error) {
	asOf, err := time.Parse(time.DateOnly, judged.AsOf)
	if err != nil {
		return Set{}, err
	}
	set, key := Set{Today: asOf}, map[string]Key{}
	err = eachLine(dir, setRecords, func(r judged.Record) bool {
		key[r.ID] = Key{Kind: r.Kind, ID: r.ID}
		set.Docs = append(set.Docs, documentOf(r))
		return r.ID != "" && r.Kind != ""
	})
	if err != nil {
		return set, err
	}
	at := map[string]int{}
	err = eachLine(dir, setNeeds, func(n judged.Need) bool {
		at[n.ID] = len(set.Needs)
		set.Needs = append(set.Needs, needOf(n))
		return n.ID != ""
	})
	if err != nil {
		return set, err
	}
	return set, set.grades(dir, at, key)
}

func documentOf(r judged.Record) search.Doc {
	c := Card{
		Key: Key{Kind: r.Kind, ID: r.ID}, Owner: r.Owner, Division: r.Division, Codes: CodeSet{IPC: r.IPC, Industry: r.Industry},
		Rights: one(r.Rights), Price: Span{Min: fenAt(r.PriceMin), Max: fenAt(r.PriceMax)}, Forms: r.Forms, Expires: isoDay(r.AvailableUntil),
	}
	if r.TRL != nil {
		c.TRL.Level = *r.TRL
	}
	if r.Country != "" && r.Country != "CN" {
		c.Division = r.Country // in no division of China
	}
	d := search.Doc{Kind: r.Kind, ID: r.ID, Title: i18n.Text{ZH: r.TitleZh, EN: r.TitleEn}, Body: strings.TrimSpace(r.TextZh + "\n" + r.TextEn)}
	c.Title = d.Title
	c.Describe(&d)
	return d
}

func needOf(n judged.Need) JudgedNeed {
	c := n.Constraints
	wants := Constraints{TRLMin: c.TRLMin, Regions: c.Regions, Rights: c.Rights, Forms: c.Forms}
	if c.BudgetMax > 0 {
		wants.Budget.Max = fenAt(&c.BudgetMax)
	}
	return JudgedNeed{
		ID: n.ID, Class: string(n.Class), Dev: n.Split == judged.Dev, Kinds: n.Seeks, Grades: map[Key]int{},
		Ask: Ask{Text: n.Title + "\n" + n.Text, Wants: wants},
	}
}

func fenAt(v *int64) *money.Fen {
	if v == nil {
		return nil
	}
	f := money.Fen(*v)
	return &f
}

// eachLine decodes each line of JSON of a file and stops at one that take
// refuses.
func eachLine[T any](dir fs.FS, name string, take func(T) bool) error {
	return lines(dir, name, func(line []byte) bool {
		var v T
		return json.Unmarshal(line, &v) == nil && take(v)
	})
}

// grades reads the table of grades: tab-separated, its first line names the
// columns.
func (set *Set) grades(dir fs.FS, needs map[string]int, records map[string]Key) error {
	var need, record, grade = -1, -1, -1
	return lines(dir, setGrades, func(line []byte) bool {
		cells := strings.Split(strings.TrimRight(string(line), "\r\n"), "\t")
		if need < 0 {
			need, record, grade = slices.Index(cells, "need"), slices.Index(cells, "record"), slices.Index(cells, "final")
			return min(need, record, grade) >= 0
		}
		if len(cells) <= max(need, record, grade) {
			return false
		}
		i, known := needs[cells[need]]
		key, there := records[cells[record]]
		g, err := strconv.Atoi(cells[grade])
		if !known || !there || err != nil || g < 0 || g > 3 {
			return false
		}
		set.Needs[i].Grades[key] = g
		return true
	})
}

// lines calls take with each line of a file, and stops at one that it refuses.
func lines(dir fs.FS, name string, take func(line []byte) bool) error {
	in, done, err := open(dir, name)
	if err != nil {
		return err
	}
	defer done()
	r := bufio.NewReader(in)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) || !take(line) {
			return errs.Wrap(err, errs.Invalid, "match.set_line", errs.A{"file": name, "line": n})
		}
	}
}

// open opens a file of a set, compressed or not.
func open(dir fs.FS, name string) (io.Reader, func(), error) {
	f, err := dir.Open(name + ".gz")
	if err == nil {
		in, err := gzip.NewReader(f)
		if err != nil {
			err = errs.Wrap(err, errs.Invalid, "match.set_line", errs.A{"file": name, "line": 1})
		}
		return in, func() { _ = f.Close() }, err
	}
	if f, err = dir.Open(name); err != nil {
		return nil, nil, errs.Wrap(err, errs.NotFound, "match.set_missing", errs.A{"file": name})
	}
	return f, func() { _ = f.Close() }, nil // only read
}
