package fold

import (
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  ——、。 ", ""},
		{"Sun Yat-sen  University", "sun yat sen university"},
		{"ＨＵＡＷＥＩ　Ｔｅｃｈ．", "huawei tech"},
		{"中山大學", "中山大学"},
		{"中 山 大 学 （廣州）", "中山大学广州"},
		{"广州 ABC 公司", "广州abc公司"},
		{"École Polytechnique Fédérale", "ecole polytechnique federale"},
		{"E\u0301cole", "ecole"},
		{"Straße, Łódź, Tromsø, Đà Nẵng", "strasse lodz tromso da nang"},
		{"Xi'an Jiaotong, People’s Hospital", "xian jiaotong peoples hospital"},
		{"Università dell'Aquila", "universita dell aquila"},
		{"ガッコウ", "ガッコウ"},
		{"ｶﾞｯｺｳ", "ガッコウ"},
		{"서울대학교", "서울대학교"},
		{"soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"},
		{"bad\xffbyte", "bad byte"},
		{"ﬁnance №5 ½", "finance no5 1 2"},
		{"มหาวิทยาลัย", "มหาวิทยาลัย"},
		{"乾隆 裡 後 麼 薴", "干隆里后么苎"},
	} {
		if got := Name(c.in); got != c.want {
			t.Errorf("Name(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// Every character there is folds to something that stays as it is.
func TestNameOfEveryRune(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		once := Name("a" + string(r) + "b")
		if twice := Name(once); twice != once {
			t.Errorf("%U: %q, again %q", r, once, twice)
		}
	}
}

func TestSimplified(t *testing.T) {
	t.Parallel()
	if got := Simplified("國立臺灣大學, Taipei"); got != "国立台湾大学, Taipei" {
		t.Errorf("Simplified = %q", got)
	}
	for r, s := range tsOther {
		if simplify(s) != s {
			t.Errorf("%c → %c → %c: not closed", r, s, simplify(s))
		}
	}
	pairs := len(tsOther)
	for i, s := range tsUnified {
		if s == 0 {
			continue
		}
		pairs++
		if simplify(s) != s {
			t.Errorf("%c → %c → %c: not closed", rune(i+unifiedFirst), s, simplify(s))
		}
	}
	if pairs != 3222 {
		t.Errorf("%d pairs in the table, want 3222", pairs)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"State Key Lab", []string{"state", "key", "lab"}},
		{"中山大学", []string{"中", "中山", "山", "山大", "大", "大学", "学"}},
		{"5G 基站 chip", []string{"5g", "基", "基站", "站", "chip"}},
	} {
		if diff := cmp.Diff(c.want, Tokens(c.in)); diff != "" {
			t.Errorf("Tokens(%q): %s", c.in, diff)
		}
	}
}

func TestSortKeyOrder(t *testing.T) {
	t.Parallel()
	want := []string{"1号工厂", "Apple", "École", "Zürich", "安徽大学", "北京大学", "北京大学医学部", "广州大学", "清華大學", "中山大学"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return cmpStrings(SortKey(a), SortKey(b)) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func cmpStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// The stored keys of a register depend on these bytes: a change here means
// that every sort key must be rebuilt.
func TestSortKeyIsStable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":             "",
		"Kapok City 2": "kapok city 2",
		"中山大学":         "~969bc196665896137296847c ",
		"TCL 科技":       "tcl~963bf39630c2 ",
	} {
		if got := SortKey(in); got != want {
			t.Errorf("SortKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "中山大學 SYSU", "O'Neil’s ﬃ", "\xff\u0301a", "ﾊﾞ\u3099", "İIıß", "\u0345\u03a3", "ͅA", "각", "a'\u0301bc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Name(s)
		if !utf8.ValidString(once) {
			t.Fatalf("Name(%q) = %q is not UTF-8", s, once)
		}
		if twice := Name(once); twice != once {
			t.Fatalf("Name(%q) = %q, again %q", s, once, twice)
		}
		for _, c := range []byte(SortKey(s)) {
			if c >= utf8.RuneSelf {
				t.Fatalf("SortKey(%q) is not ASCII", s)
			}
		}
		for _, tok := range Tokens(s) {
			if tok == "" || !utf8.ValidString(tok) {
				t.Fatalf("Tokens(%q) has %q", s, tok)
			}
		}
		if x := Simplified(s); utf8.ValidString(s) && Simplified(x) != x {
			t.Fatalf("Simplified(%q) is not stable", s)
		}
	})
}

func BenchmarkName(b *testing.B) {
	const s = "Department of Physics, École Polytechnique, 中山大學 物理学院, Guangzhou 510275, China"
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		Name(s)
	}
}
