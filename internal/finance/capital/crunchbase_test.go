package capital_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/shareddata"
)

const export = "crunchbase_2013_10/crunchbase-"

// plainSum is a sum made straight from the file, with nothing of this package.
type plainSum struct {
	n, unknown, bad int
	usd             int64 // or whatever the currency of the rows is
}

// plainSums adds up a column by another one, the year of a day cut out of it.
func plainSums(t *testing.T, file, by, amount string) map[string]plainSum {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, export+file))
	must(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	must(t, err)
	at, money := slices.Index(rows[0], by), slices.Index(rows[0], amount)
	out := map[string]plainSum{}
	for _, row := range rows[1:] {
		s := out[row[at]]
		s.n++
		if v, err := strconv.ParseInt(row[money], 10, 64); row[money] == "" {
			s.unknown++
		} else if err != nil {
			s.bad++
		} else {
			s.usd += v
		}
		out[row[at]] = s
	}
	return out
}

// exported keeps the rounds, which several tests read.
var exported []capital.Round

func readRounds(t testing.TB) []capital.Round {
	t.Helper()
	if exported != nil {
		return slices.Clone(exported)
	}
	f, err := os.Open(shareddata.Path(t, export+"rounds.csv"))
	must(t, err)
	defer f.Close()
	var out []capital.Round
	for r := range capital.CrunchbaseRounds(f, "crunchbase") {
		if r.Err != nil {
			t.Errorf("line %d: %v", r.Line, r.Err)
		}
		out = append(out, r.Row)
	}
	exported = slices.Clone(out)
	return out
}

// TestCrunchbaseRounds writes the 31,679 rounds and compares every sum with the
// one made straight from the file.
func TestCrunchbaseRounds(t *testing.T) {
	rows := readRounds(t)
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		start := time.Now()
		if got := put(t, d, s.Rounds, rows); got != "31679/0/0/0" {
			t.Fatal(got)
		}
		written := time.Since(start)
		for _, c := range []struct{ by, column string }{{capital.ByCompany, "company_permalink"}, {capital.ByYear, "funded_year"}, {"stage", "funding_round_type"}} {
			start = time.Now()
			totals, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, c.by)
			must(t, err)
			t.Logf("by %s: %d sums in %v", c.by, len(totals), time.Since(start).Round(time.Millisecond))
			compareSums(t, totals, plainSums(t, "rounds.csv", c.column, "raised_amount_usd"))
		}
		start = time.Now()
		if got := put(t, d, s.Rounds, rows[:2000]); got != "0/0/2000/0" {
			t.Error(got)
		}
		t.Logf("31,679 rounds written in %v; the first 2,000 again in %v", written.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	})
}

// roundTypes turns the words of the room back into those of the file.
var roundTypes = map[string]string{"a": "series-a", "b": "series-b", "c_plus": "series-c+", "private_equity": "private-equity", "post_ipo": "post-ipo"}

func compareSums(t *testing.T, totals []capital.Total, want map[string]plainSum) {
	t.Helper()
	if len(totals) != len(want) {
		t.Errorf("%d sums, want %d", len(totals), len(want))
	}
	for _, got := range totals {
		name := got.Value
		if word, ok := roundTypes[name]; ok {
			name = word
		}
		w := want[name]
		usd, bound := int64(0), quantity.Exact
		if len(got.Sums) > 0 {
			usd, bound = int64(got.Sums[0].Value), got.Sums[0].Bound
		}
		switch {
		case got.Entries != w.n, got.Unknown != w.unknown, usd != w.usd:
			t.Errorf("%s: %+v, the file has %+v", name, got, w)
		case (len(got.Sums) == 0) != (w.n == w.unknown): // unknown, not zero
			t.Errorf("%s: %+v of %d unknown", name, got, w.unknown)
		case len(got.Sums) > 0 && (bound == quantity.AtLeast) != (w.unknown > 0):
			t.Errorf("%s: bound %s with %d unknown", name, bound, w.unknown)
		}
	}
}

// TestCrunchbaseTotals compares the total that the export states of a company
// with the sum of the rounds that it lists. The disagreement is a finding about
// the export, pinned so that a change of the reader shows.
func TestCrunchbaseTotals(t *testing.T) {
	tallies := map[string]*capital.Tally{}
	for _, r := range readRounds(t) {
		if tallies[r.Company.Key] == nil {
			tallies[r.Company.Key] = &capital.Tally{}
		}
		must(t, tallies[r.Company.Key].Add(r.Amount))
	}
	f, err := os.Open(shareddata.Path(t, export+"companies.csv"))
	must(t, err)
	defer f.Close()
	companies, without, agree := 0, 0, 0
	var differ, rejected []string
	for c := range capital.CrunchbaseCompanies(f) {
		companies++
		if c.Err != nil {
			rejected = append(rejected, c.Row.Key+": "+errs.Of(c.Err).Key)
			continue
		}
		tally := tallies[c.Row.Key]
		if tally == nil {
			without++
			continue
		}
		stated, sum := int64(-1), int64(-1) // not known
		if c.Row.Total != nil {
			stated = int64(c.Row.Total.Value)
		}
		if sums := tally.Sums(); len(sums) > 0 {
			sum = int64(sums[0].Value)
		}
		if stated == sum {
			agree++
			continue
		}
		differ = append(differ, c.Row.Key+": stated "+strconv.FormatInt(stated, 10)+", listed "+strconv.FormatInt(sum, 10)+", rounds "+strconv.Itoa(c.Row.Rounds)+"/"+strconv.Itoa(tally.Entries))
	}
	t.Logf("%d companies, %d without a listed round, rejected %q; %d of %d agree (%.2f %%); the others:\n%s",
		companies, without, rejected, agree, agree+len(differ), 100*float64(agree)/float64(agree+len(differ)), strings.Join(differ, "\n"))
	if companies != 17727 || without != 105 || agree != 17582 || len(differ) != 27 || len(rejected) != 13 {
		t.Errorf("%d companies, %d without rounds, %d agree, %d differ, %d rejected", companies, without, agree, len(differ), len(rejected))
	}
}

func TestCrunchbaseAcquisitions(t *testing.T) {
	f, err := os.Open(shareddata.Path(t, export+"acquisitions.csv"))
	must(t, err)
	defer f.Close()
	var rows []capital.Acquisition
	var rejected []string
	for r := range capital.CrunchbaseAcquisitions(f, "crunchbase") {
		if r.Err != nil {
			rejected = append(rejected, strconv.Itoa(r.Line)+" "+r.Row.Company.Name+" "+errs.Of(r.Err).Key)
			continue
		}
		rows = append(rows, r.Row)
	}
	if len(rows)+len(rejected) != 4651 || len(rejected) != 1 || !strings.HasSuffix(rejected[0], "EDS capital.read_number") {
		t.Errorf("%d rows, rejected %v", len(rows), rejected)
	}
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		if got := put(t, d, s.Acquisitions, rows); got != "4650/0/0/0" {
			t.Error(got)
		}
		totals, err := s.Acquisitions.Totals(t.Context(), public, capital.Filter{}, "")
		must(t, err)
		want := plainSums(t, "acquisitions.csv", "price_currency_code", "price_amount")
		for unit, w := range want { // without a price there is no sum
			if w.n == w.unknown {
				delete(want, unit)
			}
		}
		for _, sum := range totals[0].Sums {
			if w := want[string(sum.Unit)]; int64(sum.Value) != w.usd || sum.Bound != quantity.AtLeast {
				t.Errorf("%+v, the file has %+v", sum, w)
			}
		}
		if len(totals[0].Sums) != len(want) {
			t.Errorf("%+v", totals)
		}
	})
}

const head = "company_permalink,company_name,funding_round_type,funded_at,raised_amount_usd\n"

func TestCrunchbaseRejectsWithReasons(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "1 capital.read_head",
		"a,b\n1,2\n":                            "1 capital.read_head",
		head + "/c/x,X,series-a,2012-01-02,5\n": "2 ",
		head + "/c/x,X,series-a,2012-01-02,5\n/c/x,X,series-a,2012-01-02,5\n":            "2 , 3 ",
		head + "/c/x,X,series-q,2012-01-02,5\n":                                          "2 capital.read_word",
		head + "/c/x,X,angel,2012-31-02,5\n":                                             "2 capital.day",
		head + "/c/x,X,angel,2012-01-02,1.5E+3\n":                                        "2 capital.read_number",
		head + "/c/x,X,angel,2012-01-02,-5\n":                                            "2 capital.read_number",
		head + "/c/x,X,angel\n":                                                          "2 capital.read_short",
		head + "/c/x,\"X\n/c/y,Y,angel,2012-01-02,5\n":                                   "2 capital.read_csv",
		head + "/c/x,,angel,2012-01-02,5\n":                                              "2 capital.required",
		head + "/c/x,\xff,angel,2012-01-02,5\n":                                          "2 capital.not_text",
		head + "/c/x,a\"b,angel,2012-01-02,5\n/c/y,\"#NAME?\",angel,2012-01-02,\n":       "2 capital.read_csv, 3 ",
		"\ufeff" + strings.ReplaceAll(head, "\n", ",more\n") + "/c/x,X,angel,2012,5,m\n": "2 ",
	} {
		var got []string
		keys := map[string]bool{}
		for r := range capital.CrunchbaseRounds(strings.NewReader(in), "crunchbase") {
			word := ""
			if r.Err != nil {
				word = errs.ListOf(r.Err)[0].Key
			} else if keys[r.Row.Key] {
				t.Errorf("%q: key %s twice", in, r.Row.Key)
			}
			keys[r.Row.Key] = true
			got = append(got, strconv.Itoa(r.Line)+" "+word)
		}
		if g := strings.Join(got, ", "); g != want {
			t.Errorf("%q: %q, want %q", in, g, want)
		}
	}
}

// FuzzCrunchbaseRounds holds that whatever a file holds, reading ends, every row
// has a line, and what is not rejected has a key of its own and a right amount.
func FuzzCrunchbaseRounds(f *testing.F) {
	for _, s := range []string{"", head, head + "/c/x,X,series-a,2012-01-02,5\n", head + "/c/x,\"X\n,,,", head + "\xff,a\"b,angel,2012,\n", "\ufeff" + head + "/c/x,X,angel,,0\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		keys, last := map[string]bool{}, 0
		for r := range capital.CrunchbaseRounds(strings.NewReader(in), "crunchbase") {
			if r.Line < last || r.Line == 0 {
				t.Fatalf("line %d after %d", r.Line, last)
			}
			last = r.Line
			if r.Err != nil {
				continue
			}
			if keys[r.Row.Key] || r.Row.Key == "" || r.Row.Company.Name == "" {
				t.Fatalf("%+v", r.Row)
			}
			keys[r.Row.Key] = true
			if a := r.Row.Amount; a != nil && (a.Validate() != nil || a.Value < 0 || a.Unit != "USD") {
				t.Fatalf("%+v", a)
			}
		}
	})
}

// TestCrunchbaseHistory looks at one company of the export as an organisation of
// the registry.
func TestCrunchbaseHistory(t *testing.T) {
	rows := readRounds(t)
	const key = "/company/facebook"
	rows = slices.DeleteFunc(rows, func(r capital.Round) bool { return r.Company.Key != key })
	want := plainSums(t, "rounds.csv", "company_permalink", "raised_amount_usd")[key]
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		for i := range rows {
			rows[i].Company.OrgID = "org-1"
		}
		put(t, d, s.Rounds, rows)
		h, err := s.History(t.Context(), public, "org-1")
		must(t, err)
		if len(h.Entries) != want.n || h.Totals[0].Unknown != want.unknown || int64(h.Totals[0].Sums[0].Value) != want.usd {
			t.Errorf("%+v, want %+v", h.Totals, want)
		}
		page, err := s.Rounds.List(t.Context(), public, capital.Filter{CompanyKey: key, Page: registry.Page{Limit: 3}})
		must(t, err)
		if int(page.Total) != want.n {
			t.Errorf("%d", page.Total)
		}
	})
}
