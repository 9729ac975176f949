package search

import (
	_ "embed"
	"strings"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
)

// stems are words with their stems by the Snowball project's own English
// stemmer.
//
//go:embed testdata/stems.txt
var stems string

func TestStem(t *testing.T) {
	n := 0
	for line := range strings.Lines(stems) {
		word, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		if got := stem(word); got != want {
			t.Errorf("stem(%q) = %q, want %q", word, got, want)
		}
		n++
	}
	if n < 1800 {
		t.Errorf("only %d words", n)
	}
	for _, w := range []string{"", "a", "is", "5g", "il-6", "café", "covid19"} {
		if got := stem(w); got != w {
			t.Errorf("stem(%q) = %q, want it left alone", w, got)
		}
	}
}

func TestTerms(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"。，、 —":                    "",
		"中山大學":                     "(中) 山 中山 大 山大 学 大学",
		"中山，大学":                    "(中) 山 中山 大 学 大学",
		"中山 大学":                    "(中) 山 中山 大 学 大学",
		"一":                        "一",
		"Laboratories of the Moon": "laboratori (of) (the) moon",
		"5G基站":                     "5g 基 站 基站",
		"耐压3.5kV，10 MPa":           "耐 压 耐压 3.5kv 10 mpa",
		"３．５ｋＶ":                    "3.5kv",
		"v1.2.3.":                  "v1.2.3",
		"end.Next":                 "end next",
		"Xi'an Xi’an people's":     "xian xian peopl",
		"dell'Aquila":              "dell aquila",
		"École ﬃ Ｓ":                "ecol ffi s",
		"㍿":                        "株 式 株式 会 式会 社 会社",
		"70℃":                      "70 c",
		"ガッコウ":                     "ガ ッ ガッ コ ッコ ウ コウ",
		"ｶﾞ":                       "ガ",
		"a\xffb":                   "(a) b",
		"的应用":                      "(的) 应 的应 用 应用",
		"钙钛矿solar电池":               "钙 钛 钙钛 矿 钛矿 solar 电 池 电池",
		"𠀀𠀁":                       "𠀀 𠀁 𠀀𠀁",
	} {
		var got []string
		terms(in, func(x term) {
			if x.stop {
				x.text = "(" + x.text + ")"
			}
			got = append(got, x.text)
		})
		if diff := gocmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", in, diff)
		}
	}
	if long := strings.Repeat("é", 100); len(allTerms(long)) != 1 || len(allTerms(long)[0].text) > maxWord {
		t.Error("a word without end must be cut")
	}
}

func allTerms(text string) []term {
	var out []term
	terms(text, func(x term) { out = append(out, x) })
	return out
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"中山大學 SYSU", "O'Neil’s ﬃ 3.5kV", "\xff\u0301a㍿", "ﾊﾞ\u3099№5", "½.5", "a'", "1.", "İİ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, x := range allTerms(s) {
			if x.text == "" || len(x.text) > 2*maxWord || !utf8.ValidString(x.text) || x.start < 0 || x.start >= x.end || x.end > len(s) {
				t.Fatalf("%q: bad term %+v", s, x)
			}
			if x.end < last {
				t.Fatalf("%q: %+v ends before the one before it", s, x)
			}
			last = x.end
		}
		words := 0
		scan(s, func(piece) { words++ })
		if words == 0 != (len(allTerms(s)) == 0) {
			t.Fatal("pieces without terms")
		}
	})
}
