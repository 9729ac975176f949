package i18n

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kapok-city/kapok/internal/errs"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestEveryMessageIsComplete(t *testing.T) {
	for key, m := range catalogue() {
		if m.ZH == "" || m.EN == "" {
			t.Errorf("%s: both languages are needed", key)
		}
		zh, en := placeholders(m.ZH), placeholders(m.EN)
		if !slices.Equal(zh, en) {
			t.Errorf("%s: placeholders differ: %v and %v", key, zh, en)
		}
		if strings.ContainsAny(m.ZH+m.EN, "!！") {
			t.Errorf("%s: no exclamation marks", key)
		}
		if !regexp.MustCompile(`^[a-z0-9_]+(\.[a-z0-9_]+)+$`).MatchString(key) {
			t.Errorf("%s: keys are lower case words joined by dots", key)
		}
	}
}

func placeholders(s string) []string {
	out := placeholder.FindAllString(s, -1)
	slices.Sort(out)
	return slices.Compact(out)
}

func TestKeyInTwoCataloguesIsRefused(t *testing.T) {
	one := []byte(`{"a.b": {"zh": "甲", "en": "a"}}`)
	_, err := load(fstest.MapFS{"catalog/x.json": {Data: one}, "catalog/y.json": {Data: one}})
	if err == nil {
		t.Error("a key in two catalogues must be refused")
	}
}

func TestT(t *testing.T) {
	got := T(EN, "errs.stale", errs.A{"version": 12345})
	if !strings.Contains(got, "version 12,345") {
		t.Errorf("got %q", got)
	}
	if got := T(ZH, "no.such_key"); got != "no.such_key" {
		t.Errorf("a gap must be seen, got %q", got)
	}
	if got := Error(EN, errs.List{errs.New(errs.Invalid, "errs.sign_in"), errs.New(errs.Invalid, "errs.sign_in")}); strings.Count(got, "\n") != 1 {
		t.Errorf("a list is told line by line, got %q", got)
	}
}

func TestTextFallsBack(t *testing.T) {
	if got := (Text{ZH: "广州"}).In(EN); got != "广州" {
		t.Errorf("got %q", got)
	}
	if got := (Text{EN: "Canton"}).In(ZH); got != "Canton" {
		t.Errorf("got %q", got)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Integer(0), "0"}, {Integer(999), "999"}, {Integer(1000), "1,000"}, {Integer(-1234567), "−1,234,567"},
		{Decimal(78.571, 1), "78.6"}, {Decimal(2.50, 2), "2.5"}, {Decimal(-0.25, 2), "−0.25"}, {Decimal(1234.0, 1), "1,234"},
		{Day(ZH, "2024-04-22"), "2024年4月22日"}, {Day(EN, "2024-04-22"), "22 April 2024"},
		{Day(ZH, "2024-04"), "2024年4月"}, {Day(EN, "2024"), "2024"}, {Day(EN, "?"), "?"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for tag, want := range map[string]Lang{"zh": ZH, "zh-Hant-TW": ZH, "EN-gb": EN} {
		if got, ok := Parse(tag); !ok || got != want {
			t.Errorf("Parse(%q) = %v, %v", tag, got, ok)
		}
	}
	if _, ok := Parse("fr"); ok {
		t.Error("French is not spoken")
	}
}
