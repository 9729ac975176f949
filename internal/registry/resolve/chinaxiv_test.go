package resolve

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/kapok-city/kapok/internal/fold"
)

var draw = flag.Bool("draw", false, "print a new sample of resolved ChinaXiv mentions to be judged by hand")

const sampleFile = "testdata/chinaxiv_sample.csv"

// chinaMention is one parsed affiliation. The source cut some names short and
// left the rest in the city field, so both are read as one text.
type chinaMention struct {
	paper string
	at    int
	text  string
}

func chinaMentions(t testing.TB) []chinaMention {
	t.Helper()
	var out []chinaMention
	for _, p := range readPapers(t) {
		for i, a := range p.Affiliations {
			out = append(out, chinaMention{p.ID, i, a.Org + " " + a.City})
		}
	}
	return out
}

// TestChinaXivRate compares how many mentions resolve with how many have a
// registered name, folded, as their whole organisation field.
func TestChinaXivRate(t *testing.T) {
	orgs := rorOrgs(t)
	x := buildROR(t)
	exactNames := map[string]bool{}
	for _, o := range orgs {
		for _, n := range o.Names {
			exactNames[fold.Name(n.Text)] = true
		}
	}
	all, exact, resolved := 0, 0, 0
	for _, p := range readPapers(t) {
		for _, a := range p.Affiliations {
			all++
			if exactNames[fold.Name(a.Org)] {
				exact++
			}
			if len(x.Resolve(a.Org+" "+a.City, Hint{}).Matches) > 0 {
				resolved++
			}
		}
	}
	t.Logf("%d mentions: %d resolved, %d by exact folded name: %.2f times", all, resolved, exact, float64(resolved)/float64(exact))
	if resolved < 3*exact {
		t.Errorf("resolved %d, under three times the %d exact names", resolved, exact)
	}
}

// TestChinaXivPrecision recomputes precision from the hand-judged sample. An
// answer that nobody has judged counts as wrong, and is reported, as is a
// judged answer that is no longer given.
func TestChinaXivPrecision(t *testing.T) {
	if *draw {
		drawSample(t)
		return
	}
	judged := readSample(t)
	byKey := map[string]chinaMention{}
	for _, m := range chinaMentions(t) {
		byKey[m.key()] = m
	}
	x := buildROR(t)
	right, wrong, changed := 0, 0, 0
	for key, verdicts := range judged {
		m, ok := byKey[key]
		if !ok {
			t.Errorf("the data have no mention %s", key)
			continue
		}
		given := map[string]bool{}
		for _, a := range x.Resolve(m.text, Hint{}).Matches {
			given[a.OrgID] = true
			switch verdicts[a.OrgID] {
			case "right":
				right++
			case "wrong":
				wrong++
			default:
				changed++
				t.Logf("not judged: %s %q → %s %s", key, m.text, a.OrgID, a.Name)
			}
		}
		for id, v := range verdicts {
			if !given[id] {
				t.Logf("no longer answered (judged %s): %s %q → %s", v, key, m.text, id)
			}
		}
	}
	p := share(right, right+wrong+changed)
	t.Logf("%d mentions judged: %d right, %d wrong, %d not judged: precision %.4f", len(judged), right, wrong, changed, p)
	if len(judged) < 200 || p < 0.95 {
		t.Errorf("precision %.4f on %d mentions, want 0.95 on 200", p, len(judged))
	}
}

func (m chinaMention) key() string { return fmt.Sprintf("%s %d", m.paper, m.at) }

// readSample maps a mention to the verdict on each organisation answered.
func readSample(t *testing.T) map[string]map[string]string {
	t.Helper()
	f, err := os.Open(sampleFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, row := range rows[1:] {
		if row[3] != "right" && row[3] != "wrong" {
			t.Fatalf("verdict %q", row[3])
		}
		at, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		key := chinaMention{paper: row[0], at: at}.key()
		if out[key] == nil {
			out[key] = map[string]string{}
		}
		out[key][row[2]] = row[3]
	}
	return out
}

func drawSample(t *testing.T) {
	x := buildROR(t)
	var resolved []chinaMention
	for _, m := range chinaMentions(t) {
		if len(x.Resolve(m.text, Hint{}).Matches) > 0 {
			resolved = append(resolved, m)
		}
	}
	rng := rand.New(rand.NewPCG(200, 20261123))
	rng.Shuffle(len(resolved), func(i, j int) { resolved[i], resolved[j] = resolved[j], resolved[i] })
	for _, m := range resolved[:200] {
		for _, a := range x.Resolve(m.text, Hint{}).Matches {
			label := x.text(x.orgs[x.byID[a.OrgID]].label)
			fmt.Printf("%s\t%d\t%s\t%s\t%s\t%s\t%s\n", m.paper, m.at, a.OrgID, m.text, a.Name, label, a.Reason.Code)
		}
	}
}
