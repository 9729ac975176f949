package match

import (
	"testing"
	"testing/fstest"

	"github.com/kapok-city/kapok/data/judged"
	"github.com/kapok-city/kapok/internal/errs"
)

const (
	oneRecord = `{"id":"r1","kind":"result","title_zh":"锂电池","text_zh":"正极材料","trl":6,"price_min":100,"country":"CN","division":"440106","available_until":"2027-12-31"}` + "\n"
	oneNeed   = `{"id":"n1","class":"ordinary","seeks":["result"],"title":"电池","text":"正极","constraints":{"trl_min":4,"regions":["44"],"budget_max":null},"split":"dev"}` + "\n"
	oneGrade  = "need\trecord\tpass1\tpass2\tfinal\tfails\tpool\nn1\tr1\t3\t3\t3\t\tbm25\n"
)

func setOf(records, needs, grades string) fstest.MapFS {
	return fstest.MapFS{"records.jsonl": {Data: []byte(records)}, "needs.jsonl": {Data: []byte(needs)}, "qrels.tsv": {Data: []byte(grades)}}
}

func TestReadSet(t *testing.T) {
	set, err := ReadSet(setOf(oneRecord, oneNeed, oneGrade))
	if err != nil {
		t.Fatal(err)
	}
	n := set.Needs[0]
	if len(set.Docs) != 1 || !n.Dev || n.Grades[Key{Kind: KindResult, ID: "r1"}] != 3 || n.Ask.Wants.Budget.Max != nil {
		t.Errorf("%+v", set)
	}
	c := CardOf(set.Docs[0])
	for _, check := range checks(&Card{Wants: n.Ask.Wants}, &c, dayOf(set.Today)) {
		if check.State != Met {
			t.Errorf("%+v", check)
		}
	}
	for name, bad := range map[string]fstest.MapFS{
		"no JSON":         setOf("{", oneNeed, oneGrade),
		"no id":           setOf("{}\n", oneNeed, oneGrade),
		"no such need":    setOf(oneRecord, oneNeed, oneGrade+"n2\tr1\t3\t3\t3\t\t\n"),
		"no such record":  setOf(oneRecord, oneNeed, oneGrade+"n1\tr2\t3\t3\t3\t\t\n"),
		"no such grade":   setOf(oneRecord, oneNeed, oneGrade+"n1\tr1\t3\t3\t4\t\t\n"),
		"short line":      setOf(oneRecord, oneNeed, oneGrade+"n1\tr1\n"),
		"no final column": setOf(oneRecord, oneNeed, "need\trecord\n"),
		"not compressed":  {"records.jsonl.gz": {Data: []byte(oneRecord)}},
	} {
		if _, err := ReadSet(bad); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadSet(fstest.MapFS{}); errs.KindOf(err) != errs.NotFound {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestBundledSetCanBeRead(t *testing.T) {
	set, err := ReadSet(judged.FS)
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]int{}
	for _, n := range set.Needs {
		classes[n.Class]++
		best := 0
		for _, g := range n.Grades {
			best = max(best, g)
		}
		if (best >= Good) != (n.Class != ClassNone) {
			t.Errorf("need %s of class %s has a best grade of %d", n.ID, n.Class, best)
		}
	}
	if len(set.Docs) < 1500 || classes[ClassOrdinary]+classes[ClassCross] < 120 || classes[ClassCross] < 40 || classes[ClassNone] < 18 {
		t.Errorf("%d records, needs %v", len(set.Docs), classes)
	}
}

func FuzzReadSet(f *testing.F) {
	f.Add(oneRecord, oneNeed, oneGrade)
	f.Add("{}", "{}", "need\trecord\tfinal\n\t\t\n")
	f.Fuzz(func(t *testing.T, records, needs, grades string) {
		set, err := ReadSet(setOf(records, needs, grades))
		if err != nil && errs.KindOf(err) != errs.Invalid {
			t.Fatalf("%v", err)
		}
		for _, n := range set.Needs {
			for _, g := range n.Grades {
				if g < 0 || g > 3 {
					t.Fatalf("grade %d", g)
				}
			}
		}
	})
}
