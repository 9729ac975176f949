package claims

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// goldRow is one claim found by hand. Offsets are bytes of the original text.
type goldRow struct {
	start, end                  int
	kind, bound, unit           string
	value                       float64
	extreme, scope, period, tok string
}

func readGold(t *testing.T, name string) []goldRow {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".gold.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []goldRow
	for _, r := range rows[1:] {
		g := goldRow{kind: r[2], bound: r[3], unit: r[5], extreme: r[6], scope: r[7], period: r[8], tok: r[9]}
		g.start, _ = strconv.Atoi(r[0])
		g.end, _ = strconv.Atoi(r[1])
		if r[4] != "" {
			if g.value, err = strconv.ParseFloat(r[4], 64); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, g)
	}
	return out
}

func (g goldRow) overlaps(s Span) bool { return g.start < s.End && s.Start < g.end }

func (g goldRow) sameQuantity(c Claim) bool {
	if g.bound == "" || c.Quantity == nil || !g.overlaps(c.Span) {
		return false
	}
	q := *c.Quantity
	return string(q.Bound) == g.bound && math.Abs(q.Value-g.value) <= 1e-9*math.Abs(g.value) && q.Unit.Base() == quantity.Unit(g.unit).Base()
}

func (g goldRow) sameExtreme(c Claim) bool {
	return g.extreme != "" && c.Extreme != nil && g.overlaps(c.Span) && string(c.Extreme.Kind) == g.extreme && c.Extreme.Scope == g.scope
}

// score is precision and recall of one aspect.
type score struct{ hit, found, gold int }

func (s score) recall() float64    { return float64(s.hit) / float64(max(s.gold, 1)) }
func (s score) precision() float64 { return float64(s.hit) / float64(max(s.found, 1)) }

func (s score) check(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: recall %.3f precision %.3f (%d right of %d found, %d in the gold)", what, s.recall(), s.precision(), s.hit, s.found, s.gold)
	if s.recall() < 0.95 || s.precision() < 0.95 {
		t.Errorf("%s: below the floor of 0.95", what)
	}
}

// measureGold pairs each gold row with at most one claim.
func measureGold(t *testing.T, gold []goldRow, claims []Claim, has func(goldRow) bool, counts func(Claim) bool, same func(goldRow, Claim) bool) score {
	t.Helper()
	var s score
	used := make([]bool, len(claims))
	for _, g := range gold {
		if !has(g) {
			continue
		}
		s.gold++
		matched := false
		for i, c := range claims {
			if !used[i] && same(g, c) {
				used[i], matched = true, true
				s.hit++
				break
			}
		}
		if !matched {
			t.Logf("  missed %d-%d %s %s %v %s %s %s", g.start, g.end, g.tok, g.bound, g.value, g.unit, g.extreme, g.scope)
		}
	}
	for i, c := range claims {
		if !counts(c) {
			continue
		}
		s.found++
		if !used[i] {
			t.Logf("  extra %d-%d %s %s %+v %+v", c.Start, c.End, c.Text, c.Kind, c.Quantity, c.Extreme)
		}
	}
	return s
}

func TestGold(t *testing.T) {
	for _, name := range []string{"guangzhou2024", "yunting", "bulletin", "english", "beiyuan", "langgang", "press", "northgate", "saltmere"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".txt")
			if name == "guangzhou2024" {
				path = shareddata.Article(t, "guangzhou-2024.txt")
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			doc := Extract(string(text), Options{})
			gold := readGold(t, name)
			measureGold(t, gold, doc.Claims,
				func(g goldRow) bool { return g.bound != "" }, func(c Claim) bool { return c.Quantity != nil },
				goldRow.sameQuantity).check(t, "quantities")
			measureGold(t, gold, doc.Claims,
				func(g goldRow) bool { return g.extreme != "" }, func(c Claim) bool { return c.Extreme != nil },
				goldRow.sameExtreme).check(t, "superlatives")
		})
	}
}
