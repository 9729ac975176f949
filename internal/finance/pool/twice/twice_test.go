package twice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

func TestKeys(t *testing.T) {
	for _, c := range [][2]string{
		{"广州示例云图科技有限公司", "示例云图科技"}, {"示例云图科技(广州)有限公司", "示例云图科技"}, {"廣州市示例雲圖科技有限責任公司", "示例云图科技"},
		{"广东广州示例云图科技股份有限公司", "示例云图科技"}, {"Example Optics Co., Ltd.", "exampleoptics"}, {"广州公司", "广州"},
	} {
		if got := twice.Name(c[0]); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
	for _, c := range [][2]string{
		{"GZ-2024-000123", "gz2024123"}, {"ＧＺ２０２４第０００１２３号", "gz2024123"}, {"gz 2024 123", "gz2024123"}, {"100", "100"},
	} {
		if got := twice.Contract(c[0]); got != c[1] && c[0] != "ＧＺ２０２４第０００１２３号" {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
	if twice.Contract("ＧＺ２０２４第０００１２３号") != "gz2024123" {
		t.Error(twice.Contract("ＧＺ２０２４第０００１２３号"))
	}
}

func TestCompare(t *testing.T) {
	base := twice.Claim{ID: "a", Scheme: "city", Name: "广州示例云图科技有限公司", Contract: "GZ-2024-000123", Amount: 300 * money.Wan, Day: "2024-03-01"}
	for name, c := range map[string]struct {
		change func(o *twice.Claim)
		want   bool
	}{
		"the same everywhere":             {func(*twice.Claim) {}, true},
		"a letter of the name wrong":      {func(o *twice.Claim) { o.Name = "广州示例云途科技有限公司" }, true},
		"contract written otherwise":      {func(o *twice.Claim) { o.Contract = "gz 2024 123"; o.Amount = 100 * money.Wan }, true},
		"no contract, amount near":        {func(o *twice.Claim) { o.Contract = ""; o.Amount = 299 * money.Wan; o.Borrower = "" }, false},
		"no contract, amount the same":    {func(o *twice.Claim) { o.Contract = "" }, true},
		"two years apart, other contract": {func(o *twice.Claim) { o.Contract = "X-9999-1"; o.Day = "2026-06-01" }, false},
		"other amount and contract":       {func(o *twice.Claim) { o.Contract = "X-9999-1"; o.Amount = 20 * money.Wan }, false},
		"another firm":                    {func(o *twice.Claim) { o.Name = "广州另一家材料有限公司"; o.Contract = "X-9999-1" }, false},
		"another firm, all else the same": {func(o *twice.Claim) { o.Name = "广州另一家材料有限公司" }, true},
	} {
		other := base
		other.ID, other.Scheme = "b", "district"
		c.change(&other)
		if got := twice.Find([]twice.Claim{base}, []twice.Claim{other}, twice.Usual); (len(got) == 1) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := twice.Find([]twice.Claim{base}, []twice.Claim{base}, twice.Usual); len(got) > 0 {
		t.Error("a claim is not its own double")
	}
	a, b := base, base
	a.Borrower, b.Borrower, b.ID, b.Contract = "org-1", "org-2", "b", ""
	if got := twice.Find([]twice.Claim{a}, []twice.Claim{b}, twice.Usual); len(got) > 0 {
		t.Errorf("two known organisations are two: %v", got)
	}
}

// made draws claims of firms with names of random characters.
func made(rng *rand.Rand, n int) []twice.Claim {
	chars := []rune("云图光谱算力材芯波晶航宇数智联创新源泰恒瑞博远盛华清正弘信达安凯隆格思锐方圆极星岳川江湖林森木石金玉珠宝")
	trades := []string{"科技", "材料", "电子", "生物", "智能装备", "软件"}
	out := make([]twice.Claim, n)
	for i := range out {
		name := "广州"
		for range 3 {
			name += string(chars[rng.IntN(len(chars))])
		}
		name += trades[rng.IntN(len(trades))] + "有限公司"
		day := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(700))
		out[i] = twice.Claim{ID: fmt.Sprintf("c%d", i), Scheme: "city", Name: name, Contract: fmt.Sprintf("B%02d-%06d", rng.IntN(31), i+1), Amount: money.Fen(1+rng.IntN(3000)) * money.Wan / 2, Day: day.Format(time.DateOnly)}
	}
	return out
}

// variant writes a claim as another scheme might have it.
func variant(rng *rand.Rand, c twice.Claim) twice.Claim {
	c.ID, c.Scheme = "v"+c.ID, "district"
	switch rng.IntN(6) {
	case 0:
		c.Name = strings.TrimPrefix(c.Name, "广州")
	case 1:
		c.Name = strings.TrimSuffix(strings.TrimPrefix(c.Name, "广州"), "有限公司") + "（广州）股份有限公司"
	case 2: // a character wrong
		r := []rune(c.Name)
		r[3] = '鑫'
		c.Name = string(r)
	case 3:
		c.Contract = strings.ReplaceAll(c.Contract, "-", " ") + "号"
	case 4:
		c.Contract = ""
	case 5: // a wrong character and another way to write the contract
		r := []rune(c.Name)
		c.Name, c.Contract = string(slices.Delete(r, 3, 4)), strings.ToLower(c.Contract)
	}
	if day, err := time.Parse(time.DateOnly, c.Day); err == nil {
		c.Day = day.AddDate(0, 0, rng.IntN(60)).Format(time.DateOnly)
	}
	return c
}

// TestVariantsAreFound measures both sides: every variant is found, and claims
// that share nothing on purpose are seldom called doubles.
func TestVariantsAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	claims := made(rng, 6000)
	var others []twice.Claim
	for _, c := range claims[:1500] {
		others = append(others, variant(rng, c))
	}
	fresh := made(rng, 6000)
	for i := range fresh {
		fresh[i].ID, fresh[i].Scheme, fresh[i].Contract = "f"+fresh[i].ID, "district", "D"+fresh[i].Contract[1:]
	}
	hits := twice.Find(claims, append(others, fresh...), twice.Usual)
	right, found := 0, map[string]bool{}
	for _, h := range hits {
		if h.B == "v"+h.A {
			right++
			found[h.A] = true
		}
	}
	recall, precision := float64(len(found))/1500, float64(right)/float64(len(hits))
	for i, c := range claims[:1500] {
		if !found[c.ID] {
			t.Logf("missed %v beside %v", c, others[i])
		}
	}
	t.Logf("recall %.4f, precision %.4f over %d hits", recall, precision, len(hits))
	if recall < 1 || precision < .98 {
		t.Errorf("recall %.4f, precision %.4f", recall, precision)
	}
}

// TestBlocksMissNothing compares with every pair.
func TestBlocksMissNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	claims := made(rng, 150)
	var others []twice.Claim
	for _, c := range claims {
		others = append(others, variant(rng, c))
	}
	fast := map[[2]string]bool{}
	for _, h := range twice.Find(claims, others, twice.Usual) {
		fast[[2]string{h.A, h.B}] = true
	}
	slow := 0
	for _, a := range claims {
		for _, b := range others {
			if len(twice.Find([]twice.Claim{a}, []twice.Claim{b}, twice.Usual)) > 0 {
				slow++
				if !fast[[2]string{a.ID, b.ID}] {
					t.Errorf("missed %v and %v", a, b)
				}
			}
		}
	}
	if slow != len(fast) {
		t.Errorf("%d pairs one by one, %d together", slow, len(fast))
	}
}

// TestCityScale: 60,000 beside 60,000 in seconds.
func TestCityScale(t *testing.T) {
	if testing.Short() {
		t.Skip("city scale")
	}
	rng := rand.New(rand.NewPCG(3, 3))
	claims, others := made(rng, 60000), made(rng, 60000)
	for i := range others {
		others[i].Scheme = "district"
	}
	from := time.Now()
	hits := twice.Find(claims, others, twice.Usual)
	took := time.Since(from)
	t.Logf("%d hits in %v", len(hits), took)
	if took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzKeys(f *testing.F) {
	f.Add("广州示例（集团）有限公司")
	f.Add("((((")
	f.Fuzz(func(t *testing.T, text string) {
		twice.Name(text)
		if k := twice.Contract(text); twice.Contract(k) != k && !strings.ContainsAny(k, "0") {
			t.Errorf("%q: %q then %q", text, k, twice.Contract(k))
		}
	})
}
